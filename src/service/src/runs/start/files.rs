//! What a start needs on the disk: the workspace the run may make, the document of a schedule, taken away again when the run
//! did not come to be, and the snapshot of its flow. The snapshot belongs to no run: all runs of the same flow refer to the
//! same one, because a file a run made durable before each start would cost more than everything else a start does. The
//! workspace is made when it is first used, for the same reason.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use model::workflow::Workflow;
use model::{Error, RunId, Timestamp, Value};
use serde_json::json;
use store::artifacts::{Artifacts, NewArtifact};

use super::chosen::Chosen;
use crate::bundles::{self, Snapshot, Stored};
use crate::planes::Plane;

const FORMAT: &str = "visualflow_json";

/// The files of one start.
pub(in crate::runs) struct Files {
    /// Where the run works; none when the client named a place.
    pub(in crate::runs) workspace: Option<PathBuf>,
    /// What `_runtime.workflow_snapshot` says; none for workflows that come from no bundle.
    pub(in crate::runs) snapshot: Option<Value>,
    /// The workflow that exists for this run alone.
    flow: Option<String>,
}

impl Files {
    /// Makes those of a run of a flow.
    ///
    /// # Errors
    /// The disk's; then nothing is left.
    pub(in crate::runs) async fn of_run(
        plane: &Arc<Plane>,
        chosen: &Chosen,
        run_id: &RunId,
        own_workspace: bool,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let (artifacts, chosen) = (plane.artifacts.clone(), chosen.clone());
        let workspace = own_workspace.then(|| plane.scope.folder_of(run_id));
        let known = snapshot_of(&chosen).map(|stored| told(&chosen, &stored, now));
        if known.is_some() {
            return Ok(Self { workspace, snapshot: known, flow: None });
        }
        let made = tokio::task::spawn_blocking(move || snapshot(&artifacts, &chosen, now)).await;
        let snapshot = made.map_err(|e| Error::internal(e.to_string()))??;
        Ok(Self { workspace, snapshot, flow: None })
    }

    /// Those of a schedule: the workspace of its executions. Its flow follows with [`Files::add_flow`].
    pub(in crate::runs) fn of_schedule(plane: &Plane, run_id: &RunId, own_workspace: bool) -> Self {
        let workspace = own_workspace.then(|| plane.scope.folder_of(run_id));
        Self { workspace, snapshot: None, flow: None }
    }

    /// Stores the document of a workflow that exists for this run alone.
    ///
    /// # Errors
    /// The disk's; then nothing of the start is left.
    pub(in crate::runs) async fn add_flow(
        mut self,
        plane: &Arc<Plane>,
        document: Value,
    ) -> Result<(Self, Arc<dyn Workflow>), Error> {
        let flows = plane.flows.clone();
        let saved = tokio::task::spawn_blocking(move || flows.save(&document)).await;
        match saved.map_err(|e| Error::internal(e.to_string())).and_then(|saved| saved) {
            Ok(workflow) => {
                self.flow = Some(workflow.id().to_owned());
                plane.tell_workflows_changed();
                Ok((self, workflow))
            }
            Err(error) => {
                self.remove(plane).await;
                Err(error)
            }
        }
    }

    /// Takes them away again.
    pub(in crate::runs) async fn remove(self, plane: &Plane) {
        let (flows, Some(workflow_id)) = (plane.flows.clone(), self.flow) else { return };
        // What cannot be removed is logged by it.
        let _ = tokio::task::spawn_blocking(move || flows.remove(&workflow_id)).await;
    }
}

/// The stored snapshot of a flow, when there is one. Does not wait for one that is being made.
fn snapshot_of(chosen: &Chosen) -> Option<Arc<Stored>> {
    chosen.startable()?.snapshot.try_lock()?.clone()
}

/// What a run remembers of a snapshot.
fn told(chosen: &Chosen, stored: &Stored, now: Timestamp) -> Value {
    json!({
        "workflow_id": chosen.workflow.id(), "format": FORMAT, "sha256": stored.sha256,
        "artifact_id": stored.artifact_id, "created_at": now,
    })
}

fn snapshot(artifacts: &Artifacts, chosen: &Chosen, now: Timestamp) -> Result<Option<Value>, Error> {
    let Some((startable, (loaded, flow_id))) = chosen.startable().zip(chosen.origin()) else { return Ok(None) };
    let workflow_id = chosen.workflow.id();
    let mut known = startable.snapshot.lock();
    let stored = match &*known {
        Some(stored) => stored.clone(),
        None => {
            let Some(made) = bundles::snapshot(&loaded.bundle, &loaded.bundle_ref(), flow_id) else { return Ok(None) };
            let artifact_id = store(artifacts, workflow_id, &made, now)?;
            known.insert(Arc::new(Stored { sha256: made.sha256, artifact_id })).clone()
        }
    };
    drop(known);
    Ok(Some(told(chosen, &stored, now)))
}

fn store(artifacts: &Artifacts, workflow_id: &str, snapshot: &Snapshot, now: Timestamp) -> Result<String, Error> {
    let tags =
        [("kind", "workflow_snapshot"), ("workflow_id", workflow_id), ("format", FORMAT), ("sha256", &snapshot.sha256)];
    let tags: BTreeMap<_, _> = tags.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let new = NewArtifact { run_id: None, content: &snapshot.content, content_type: "application/json", tags, now };
    Ok(artifacts.put(&new).map_err(engine::store_error)?.artifact_id)
}
