//! The one door to the world. `service` stands behind it with workflows, models and tools.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use model::workflow::Workflow;
use model::{Effect, Map, Run, RunId, Timestamp, Value, Wait};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;

/// What the engine needs of the world.
#[async_trait]
pub trait Outside: Send + Sync + 'static {
    /// The clock.
    fn now(&self) -> Timestamp;

    /// Minutes east of UTC and the name of the local zone.
    fn zone(&self) -> (i32, String) {
        (0, "UTC".into())
    }

    /// A loaded workflow.
    fn workflow(&self, workflow_id: &str) -> Option<Arc<dyn Workflow>>;

    /// Fills `_limits` and `_runtime` of a new run where they are absent.
    fn seed(&self, run: &mut Run);

    /// Decides how an effect that touches the world happens. Quick, no I/O.
    ///
    /// # Errors
    /// The text the effect fails with.
    fn prepare(&self, run: &Run, ids: &StepIds<'_>, effect: &Effect) -> Result<Prepared, String>;

    /// Decides what the answer to a tool wait means. Quick, no I/O.
    ///
    /// # Errors
    /// Why the answer does not fit the wait.
    fn resume_tools(&self, run: &Run, wait: &Wait, payload: &Value) -> Result<Resumed, model::Error>;

    /// Whether doing what is left of the call a second time changes nothing in the world (model calls, reading tools).
    /// `finished` are the results of single calls of the batch that are durable, by index.
    fn is_repeatable(&self, effect: &Effect, batch: Option<&Value>, finished: &BTreeMap<usize, Value>) -> bool;

    /// Writes another rhythm into the workflow of a schedule, durably. Doing it twice is doing it once.
    ///
    /// # Errors
    /// Why it cannot be; then nothing changed.
    async fn reschedule(&self, workflow_id: &str, rhythm: &NewRhythm) -> Result<(), model::Error>;

    /// Decides an effect of memory: reads what is kept, says what comes of it and what is to be stored with the step.
    /// Changes nothing that counts itself (blobs may be written ahead), for it is decided again after a crash. One at a
    /// time in an engine, until it is stored.
    ///
    /// # Errors
    /// The text the effect fails with, or the store's: then it is tried again.
    async fn remember(&self, run: &Run, ids: &StepIds<'_>, effect: &Effect) -> Result<Remembered, Unremembered>;

    /// Decides what the outcome of a call changes in memory, as [`Outside::remember`] does for effects without a call.
    ///
    /// # Errors
    /// The text the effect fails with, the store's, or that the call must be made again.
    async fn conclude(
        &self,
        run: &Run,
        ids: &StepIds<'_>,
        effect: &Effect,
        batch: Option<&Value>,
        outcome: &Value,
    ) -> Result<Remembered, Unremembered>;

    /// Does it. Must end within 100 ms of `call.cancel`.
    ///
    /// # Errors
    /// Why it failed: the class says whether it is worth another attempt, the text is what the effect fails with.
    async fn call(&self, call: Call) -> Result<Value, Failure>;
}

/// What a schedule is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewRhythm {
    /// Another interval.
    Interval(String),
    /// Another cron expression, or another zone for it.
    Cron {
        /// The expression.
        cron: String,
        /// The IANA name of the zone.
        time_zone: String,
    },
}

/// The identity of a step, for ledger, evidence and upstream systems.
#[derive(Clone, Copy, Debug)]
pub struct StepIds<'a> {
    /// The UUID its records share.
    pub step_id: &'a str,
    /// Stable over attempts: an idempotency key for tools and models.
    pub key: &'a str,
    /// 1 for the first.
    pub attempt: u32,
}

/// An effect before it happens.
#[derive(Debug)]
pub struct Prepared {
    /// The effect as it will be done and as the ledger shows it.
    pub effect: Effect,
    /// Lines for the run's `_flow_warnings`.
    pub warnings: Vec<String>,
    /// How it happens.
    pub verdict: Verdict,
}

/// How an effect happens.
#[derive(Debug)]
pub enum Verdict {
    /// A call leaves the process. For tools: the calls to execute, in the agent's own shape.
    Call(Option<Value>),
    /// It is decided already.
    Done(Value),
    /// Somebody must answer first.
    Wait(Wait),
}

/// What the answer to a tool wait means.
#[derive(Debug)]
pub enum Resumed {
    /// Execute these calls.
    Execute(Value),
    /// This is the result.
    Result(Value),
}

/// What an effect of memory comes to.
#[derive(Debug)]
pub struct Remembered {
    /// The result.
    pub result: Value,
    /// The run's variables, when they change.
    pub vars: Option<Map>,
    /// Stored with the step.
    pub commit: store::Commit,
}

/// Why an effect of memory came to nothing.
#[derive(Debug)]
pub enum Unremembered {
    /// The effect fails with this text.
    Failed(String),
    /// The store fails; the effect is tried again.
    Store(store::Error),
    /// What a call was about has changed meanwhile: it is prepared and made again.
    Outdated,
}

/// What a call needs to know of its run.
#[derive(Clone, Debug)]
pub struct CallRun {
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: String,
    /// The node.
    pub node_id: String,
    /// The session.
    pub session_id: Option<String>,
    /// The parent.
    pub parent_run_id: Option<RunId>,
    /// `_runtime`, `_limits` and the workspace keys of the variables.
    pub vars: Map,
}

impl CallRun {
    pub(crate) fn of(run: &Run) -> Self {
        let keys = [
            "_runtime",
            "_limits",
            "workspace_root",
            "workspace_access_mode",
            "workspace_allowed_paths",
            "workspace_ignored_paths",
        ];
        let vars = keys.into_iter().filter_map(|k| Some((k.to_owned(), run.vars.get(k)?.clone()))).collect();
        Self {
            run_id: run.run_id.clone(),
            workflow_id: run.workflow_id.clone(),
            node_id: run.current_node.clone(),
            session_id: run.session_id.clone(),
            parent_run_id: run.parent_run_id.clone(),
            vars,
        }
    }
}

/// The result of a single call of a batch that goes on.
#[derive(Debug)]
pub struct Finished {
    /// Its place in the batch.
    pub index: usize,
    /// What came of it.
    pub result: Value,
    /// Told when it is durable; dropped when it will not be.
    pub stored: oneshot::Sender<()>,
}

/// A call that leaves the process.
#[derive(Debug)]
pub struct Call {
    /// For whom.
    pub run: CallRun,
    /// What.
    pub effect: Effect,
    /// For tools: the calls to execute.
    pub batch: Option<Value>,
    /// The step's UUID.
    pub step_id: String,
    /// The step's idempotency key.
    pub key: String,
    /// 1 for the first.
    pub attempt: u32,
    /// Whether the engine makes the call again when it fails: then nobody below does.
    pub is_retried: bool,
    /// Results of calls of this batch that are durable already, by index.
    pub finished: BTreeMap<usize, Value>,
    /// Where to report results of single calls of a batch as they come.
    pub journal: mpsc::Sender<Finished>,
    /// Stop now.
    pub cancel: CancellationToken,
}
