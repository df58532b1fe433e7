//! Turns plans into durable steps: who owns a run, which effects happen inside, waits, timers, events, subworkflows,
//! commands, recovery.
//!
//! This crate may not know: HTTP, users, models, tools, files of the workspace. It meets the world through one trait,
//! [`Outside`], which `service` wires. Deciding is pure (`step`, `resume`, `commands`, `effects`); acting is in `owner`
//! and `flush`.
//!
//! Invariants: a live run is owned by exactly one task; everything a step leads to is one [`store::Commit`]; nothing is
//! shown to anybody before it is committed; nothing waits by polling.

mod admit;
mod adopt;
mod aside;
mod auto_compact;
mod commands;
mod effects;
mod explain;
mod failure;
mod flush;
mod forget;
mod fork;
mod ids;
mod inner;
mod live;
mod memory;
mod note;
mod offload;
mod origin;
mod outside;
mod owner;
mod record;
mod recover;
mod relay;
mod resume;
mod retry;
mod send;
mod step;
pub mod tasks;
mod timers;
mod trace;
mod waiters;
mod watch;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use admit::{Admission, Started};
pub use failure::{Failure, FailureClass, Partial};
pub use fork::{ForkCompany, ForkPoint, Forked, Upcoming};
use inner::Inner;
use model::{Command, RunId};
pub use note::Note;
pub use outside::NewRhythm;
pub use outside::{Call, CallRun, Finished, Outside, Prepared, Remembered, Resumed, StepIds, Unremembered, Verdict};
pub use relay::Relay;
pub use retry::{OnExhausted, OnInterrupted, RetryPolicy};
pub use send::Sent;
use store::Store;
use store::artifacts::Artifacts;

/// How an engine behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether runs are driven here; without it commands and starts are only stored.
    pub runner: bool,
    /// Values larger than this (bytes of JSON) leave ledger records and terminal runs for artifacts; 0 keeps all.
    pub max_inline_bytes: usize,
    /// How often calls are made whose effect does not say it itself.
    pub retry: RetryPolicy,
}

impl Default for Options {
    fn default() -> Self {
        Self { runner: true, max_inline_bytes: 262_144, retry: RetryPolicy::default() }
    }
}

/// The engine of one data plane.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

impl Engine {
    /// An engine over a store. Nothing moves before [`Engine::recover`].
    #[must_use]
    pub fn new(store: Arc<dyn Store>, artifacts: Arc<Artifacts>, outside: Arc<dyn Outside>, options: Options) -> Self {
        Self { inner: Inner::new(store, artifacts, outside, options) }
    }

    /// Finds every unfinished run and lets it go on.
    ///
    /// # Errors
    /// The store's, when it cannot be read.
    pub async fn recover(&self) -> Result<usize, model::Error> {
        recover::recover(&self.inner).await
    }

    /// Admits a run: its first steps and its existence become durable together, then the call returns.
    ///
    /// # Errors
    /// The store's; then nothing was started.
    pub async fn start(&self, admission: Admission) -> Result<Started, model::Error> {
        admit::start(&self.inner, admission).await
    }

    /// Works out the state of a run after one of its records, as the state of a run of its own. Nothing is done or stored.
    ///
    /// # Errors
    /// Unknown run or workflow, a record that is not there, a run whose first state was not kept, or one that does not take
    /// the way its ledger shows.
    pub async fn rebuild(&self, point: ForkPoint) -> Result<Forked, model::Error> {
        fork::rebuild(&self.inner, point).await
    }

    /// Admits a run that was worked out: its history, its existence and its first own steps become durable together.
    ///
    /// # Errors
    /// The store's; then nothing was started.
    pub async fn fork(&self, forked: Forked, company: ForkCompany) -> Result<Started, model::Error> {
        fork::start(&self.inner, forked, company).await
    }

    /// Checks a command against the present state, stores it, and waits a moment for it to be applied.
    ///
    /// # Errors
    /// What can be known now: unknown or finished run, wrong wait key, malformed payload.
    pub async fn send(&self, command: Command) -> Result<Sent, model::Error> {
        send::send(&self.inner, command).await
    }

    /// Tells that workflows were loaded: runs that waited for theirs look again.
    pub fn workflows_changed(&self) {
        self.inner.wake_stranded();
    }

    /// The length of the run's ledger as commits make it grow. The value is a hint to look, not the data.
    #[must_use]
    pub fn watch(&self, run_id: &RunId) -> tokio::sync::watch::Receiver<u64> {
        self.inner.watches.subscribe(run_id)
    }

    /// Connects the engine with other processes on the same store.
    pub fn connect(&self, relay: Arc<dyn Relay>) {
        self.inner.connect(relay);
    }

    /// Looks at a run another process spoke of.
    pub fn look(&self, run_id: RunId) {
        relay::look(&self.inner, run_id);
    }

    /// Looks at everything: another process may have spoken while nobody heard.
    pub fn look_everywhere(&self) {
        relay::look_everywhere(&self.inner);
    }

    /// Wakes the subscribers of a run another process has changed, or all of them.
    pub fn changed(&self, run_id: Option<&RunId>) {
        match run_id {
            Some(run_id) => self.inner.watches.publish(run_id, None),
            None => self.inner.watches.publish_all(),
        }
    }

    /// Appends a record about a run to its ledger, beside its own steps. Gives its cursor; none for an unknown run.
    ///
    /// # Errors
    /// The store's; then nothing was appended.
    pub async fn note(&self, note: Note) -> Result<Option<u64>, model::Error> {
        note::note(&self.inner, note).await
    }

    /// Why a run that has not ended is where it is: from its [`Store::standing`]. `driven` says whether some process drives
    /// the runs of the store.
    #[must_use]
    pub fn explain(
        &self,
        run: &model::api::runs::RunSummary,
        private: model::Value,
        driven: bool,
    ) -> Option<model::api::runs::explain::Explain> {
        explain::explain(&self.inner, run, private, driven)
    }

    /// Tells that runs were deleted from the store, and which run may have waited for one of them.
    pub fn forget(&self, run_ids: &[RunId], parent: Option<&RunId>) {
        forget::forget(&self.inner, run_ids, parent);
    }

    /// How many runs are owned by a task right now.
    #[must_use]
    pub fn live(&self) -> usize {
        self.inner.owned()
    }

    /// Stops every owner at its next boundary. What was committed stays; the rest is recovered at the next start.
    pub async fn close(&self) {
        self.inner.shutdown.cancel();
        self.inner.tasks.close_and_wait().await;
    }
}

/// A store error as clients see it.
#[must_use]
pub fn store_error(error: store::Error) -> model::Error {
    use model::{Code, Error};
    match error {
        store::Error::Unavailable(why) => Error::new(
            Code::StorageUnavailable,
            "the gateway cannot write to its data directory now; nothing was changed. Free disk space or mend the directory, then try again",
        )
        .context(why),
        store::Error::Closed => Error::new(Code::ShuttingDown, "the gateway is shutting down"),
        other => Error::internal(other.to_string()),
    }
}
