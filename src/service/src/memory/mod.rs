//! The memory of a data plane: what effects on it read, keep and answer. What they mean is said in the `memory` crate.
//!
//! May not know: HTTP, workflows, tools. The invariant: nothing that counts is written here. Bodies are written ahead; the
//! entries that make them known, and every change of a run, go into the commit of the step.

mod compact;
pub(crate) mod graph;
mod owners;
mod spans;

use std::collections::BTreeMap;
use std::sync::Arc;

use ::memory::spans::Archive;
use engine::Unremembered;
use model::json::{Layout, write};
use model::{ArtifactMeta, Map, Run, RunId, Timestamp, Value};
use store::artifacts::{Artifacts, NewArtifact};
use store::{Commit, RunWrite, Snapshot, Store};

use crate::models::Models;
pub(crate) use compact::prepare as prepare_compaction;

/// What memory of a plane needs.
pub(crate) struct Memory {
    store: Arc<dyn Store>,
    artifacts: Arc<Artifacts>,
    models: Arc<Models>,
    /// The run that owns what everybody remembers.
    global_run_id: String,
}

impl Memory {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        artifacts: Arc<Artifacts>,
        models: Arc<Models>,
        global_run_id: &str,
    ) -> Self {
        let global_run_id = owners::global_run_id(global_run_id).to_owned();
        Self { store, artifacts, models, global_run_id }
    }

    /// Writes a body ahead; gives its id.
    async fn put(
        &self,
        owner: &str,
        body: &Value,
        tags: BTreeMap<String, String>,
        now: Timestamp,
    ) -> Result<String, Unremembered> {
        let (owner, content) = (owner.to_owned(), write(body, Layout::COMPACT).into_bytes());
        self.on_disk(move |artifacts| {
            let content_type = "application/json";
            let new = NewArtifact { run_id: Some(&owner), content: &content, content_type, tags, now };
            artifacts.put(&new).map(|meta| meta.artifact_id)
        })
        .await?
        .map_err(Unremembered::Store)
    }

    /// Does what waits for the disk off the async threads.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Artifacts) -> T + Send + 'static,
    ) -> Result<T, Unremembered> {
        let artifacts = self.artifacts.clone();
        let done = tokio::task::spawn_blocking(move || work(&artifacts)).await;
        done.map_err(|e| Unremembered::Store(store::Error::Unavailable(e.to_string())))
    }

    /// The other run a payload names; none when it names none, or the asking run.
    async fn other(&self, run: &Run, payload: &Map) -> Result<Option<Snapshot>, Unremembered> {
        let Some(id) = other_id(run.run_id.as_str(), payload) else { return Ok(None) };
        let found = self.store.run(&RunId::from(id)).await.map_err(Unremembered::Store)?;
        found.map(Some).ok_or_else(|| Unremembered::Failed(format!("Unknown target_run_id: {id}")))
    }
}

/// `target_run_id`, when it is not the run that asks.
fn other_id<'p>(run_id: &str, payload: &'p Map) -> Option<&'p str> {
    let id = ::memory::spans::request::text(payload, &["target_run_id", "targetRunId"])?;
    (id != run_id).then_some(id)
}

/// The change of a run nobody drives: it counts when the run is still as it was read.
fn changed(snapshot: Snapshot) -> Commit {
    let Snapshot { run, private, version } = snapshot;
    let write = RunWrite { run, private, expected: Some(version), only_if_absent: false };
    Commit { runs: vec![write], ..Commit::default() }
}

/// Bodies in the artifacts of a plane.
struct Files<'a>(&'a Artifacts);

impl Archive for Files<'_> {
    fn body(&self, id: &str) -> Option<Value> {
        let bytes = self.0.content(id).unwrap_or_else(|error| {
            tracing::warn!(artifact_id = id, error = %error, "a body of memory cannot be read");
            None
        })?;
        model::json::parse(std::str::from_utf8(&bytes).ok()?).ok()
    }

    fn meta(&self, id: &str) -> Option<ArtifactMeta> {
        self.0.meta(id).ok().flatten()
    }
}
