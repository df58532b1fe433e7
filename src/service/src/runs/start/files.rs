//! What a start puts on the disk before the run exists: its workspace, taken away again when the run did not come to be,
//! and the snapshot of its flow. The snapshot belongs to no run: all runs of the same flow refer to the same one, because
//! a file a run made durable before each start would cost more than everything else a start does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::workflow::Workflow;
use model::{Code, Error, RunId, Timestamp, Value};
use serde_json::json;
use store::artifacts::{Artifacts, NewArtifact};

use super::chosen::Chosen;
use crate::bundles::{self, Snapshot, Stored};
use crate::planes::Plane;

/// The file that says whose a workspace is.
pub(crate) const MARKER: &str = ".abstractgateway-workspace.json";
const FORMAT: &str = "visualflow_json";

/// The files of one start.
pub(in crate::runs) struct Files {
    /// The workspace made for the run; none when the client named one.
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
        let (artifacts, chosen, run_id) = (plane.artifacts.clone(), chosen.clone(), run_id.clone());
        let folder = own_workspace.then(|| plane.scope.fresh());
        let made = tokio::task::spawn_blocking(move || {
            let snapshot = snapshot(&artifacts, &chosen, now)?;
            if let Some(folder) = &folder {
                workspace(folder, &run_id, now)?;
            }
            Ok(Self { workspace: folder, snapshot, flow: None })
        });
        made.await.map_err(|e| Error::internal(e.to_string()))?
    }

    /// Makes those of a schedule: the workspace of its executions. Its flow follows with [`Files::add_flow`].
    ///
    /// # Errors
    /// The disk's; then nothing is left.
    pub(in crate::runs) async fn of_schedule(
        plane: &Arc<Plane>,
        run_id: &RunId,
        own_workspace: bool,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let (folder, run_id) = (own_workspace.then(|| plane.scope.fresh()), run_id.clone());
        let made = tokio::task::spawn_blocking(move || {
            if let Some(folder) = &folder {
                workspace(folder, &run_id, now)?;
            }
            Ok(Self { workspace: folder, snapshot: None, flow: None })
        });
        made.await.map_err(|e| Error::internal(e.to_string()))?
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
        let flows = plane.flows.clone();
        let removed = tokio::task::spawn_blocking(move || {
            if let Some(workflow_id) = self.flow {
                flows.remove(&workflow_id);
            }
            self.workspace.map_or(Ok(()), std::fs::remove_dir_all)
        });
        if let Ok(Err(error)) = removed.await {
            tracing::warn!(error = %error, "the workspace of a run that was not started could not be removed");
        }
    }
}

/// A folder, marked as ours so that it may be deleted with its run.
fn workspace(folder: &Path, run_id: &RunId, now: Timestamp) -> Result<(), Error> {
    let marker = json!({"owner": "abstractgateway", "kind": "run_workspace", "run_id": run_id, "created_at": now});
    let text = model::json::write(&marker, model::json::Layout::PRETTY);
    let made = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(folder.join(MARKER), text));
    made.map_err(|e| {
        let _ = std::fs::remove_dir_all(folder);
        let text = format!("the workspace '{}' cannot be made: {e}", folder.display());
        Error::new(Code::StorageUnavailable, text)
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
    Ok(Some(json!({
        "workflow_id": workflow_id, "format": FORMAT, "sha256": stored.sha256, "artifact_id": stored.artifact_id,
        "created_at": now,
    })))
}

fn store(artifacts: &Artifacts, workflow_id: &str, snapshot: &Snapshot, now: Timestamp) -> Result<String, Error> {
    let tags =
        [("kind", "workflow_snapshot"), ("workflow_id", workflow_id), ("format", FORMAT), ("sha256", &snapshot.sha256)];
    let tags: BTreeMap<_, _> = tags.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let new = NewArtifact { run_id: None, content: &snapshot.content, content_type: "application/json", tags, now };
    Ok(artifacts.put(&new).map_err(engine::store_error)?.artifact_id)
}
