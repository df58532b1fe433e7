//! A run in the hands of its owner: the state, what the engine keeps beside it, and the commit under construction.

use std::collections::BTreeMap;

use model::workflow::PlanContext;
use model::{Effect, Run, RunId, StepRecord, Timestamp, Value, Wait};
use serde::{Deserialize, Serialize};
use store::{Commit, Snapshot};

use crate::aside::Aside;

/// What the engine keeps beside a run, durable with it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EngineState {
    /// Steps planned so far: the identity of the next one.
    pub ordinal: u64,
    /// A call that left the process and has not come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// The step whose tools wait for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Pending>,
    /// A call beside its steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aside: Option<Aside>,
    /// Wait keys under which this run keeps a mailbox while it is busy (event listeners).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subscribed: Vec<String>,
    /// Decides, with `planned`, every random value of the run, so that its steps can be planned again alike. 0: a run of
    /// an earlier version, whose values nobody can know.
    #[serde(skip_serializing_if = "is_zero")]
    pub seed: u64,
    /// Nodes planned so far, also those that led to no effect.
    #[serde(skip_serializing_if = "is_zero")]
    pub planned: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A call in flight.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// The UUID its records share.
    pub step_id: String,
    /// The step's idempotency key.
    pub key: String,
    /// 1 for the first.
    pub attempt: u32,
    /// What was asked.
    pub effect: Effect,
    /// For tools: the calls to execute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Value>,
    /// Where the run goes on.
    pub next: Option<String>,
    /// When it left.
    pub started_at: Timestamp,
    /// The wait whose answer led to this call; its resume record is written with the outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Wait>,
    /// Results of single calls of a batch, by index.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub finished: BTreeMap<usize, Value>,
    /// Attempts that failed. Those a restart cut short are none: they do not use the policy up.
    #[serde(default)]
    pub failures: u32,
    /// The last attempt failed and the next is due later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff: Option<Backoff>,
    /// Not durable: the call is running in this process.
    #[serde(skip)]
    pub in_flight: bool,
    /// Not durable: this process decided the call, or decided to make it again. A pending call without it was out when
    /// another process died.
    #[serde(skip)]
    pub vetted: bool,
}

/// The time between two attempts of a call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Backoff {
    /// When the next begins.
    pub until: Timestamp,
    /// Why the last one failed.
    pub error: String,
}

/// A run and its draft.
pub(crate) struct Live {
    pub run: Run,
    pub state: EngineState,
    /// The version the store has; 0 before the first commit.
    pub version: i64,
    /// What the next commit will store besides the run itself.
    pub draft: Commit,
    /// Steps since the last commit.
    pub steps: usize,
    /// Whether the run changed since the last commit.
    pub dirty: bool,
    /// Runs to wake after the commit: children, followers of commands.
    pub wake: Vec<RunId>,
    /// An effect of memory that is planned. It is not durable before it is done: after a crash it is planned again.
    pub recall: Option<Pending>,
    /// The call beside its steps leaves with the next commit.
    pub aside_leaves: bool,
    /// A command waits for the run's own call to end.
    pub deferred: bool,
    /// Whether it belongs to a schedule that comes round; none before somebody has looked.
    pub in_schedule: Option<bool>,
    /// Time and randomness.
    pub ctx: PlanContext,
    /// The next node is planned at a moment of its own. Nodes that lead to no record share that of the record they lead
    /// to: so it is known later at which moment they were planned.
    pub renew: bool,
}

impl Live {
    /// A run that is not stored yet.
    pub(crate) fn fresh(run: Run, ctx: PlanContext) -> Self {
        Self {
            run,
            state: EngineState::default(),
            version: 0,
            draft: Commit::default(),
            steps: 0,
            dirty: true,
            wake: Vec::new(),
            recall: None,
            aside_leaves: false,
            deferred: false,
            in_schedule: None,
            ctx,
            renew: true,
        }
    }

    /// A run as it was stored. Private state of another shape (an older program's) counts as none.
    pub(crate) fn stored(snapshot: Snapshot, ctx: PlanContext) -> Self {
        let state = serde_json::from_value(snapshot.private).unwrap_or_default();
        Self { state, version: snapshot.version, dirty: false, ..Self::fresh(snapshot.run, ctx) }
    }

    /// Random values from here on are those of this place in the run: of the node that is planned (0), or of the settling
    /// of its effect (1).
    pub(crate) fn reseed(&mut self, place: u64) {
        if self.state.seed != 0 {
            self.ctx.reseed(crate::ids::mix(self.state.seed, self.state.planned * 2 + place));
        }
    }

    /// Appends a record.
    pub(crate) fn append(&mut self, record: StepRecord) {
        self.draft.records.push(record);
        self.dirty = true;
        self.renew = true;
    }

    /// Whether a call was out when another process died, and nobody has decided yet what that means.
    pub(crate) fn has_orphaned_call(&self) -> bool {
        self.state.pending.as_ref().is_some_and(|p| !p.vetted && p.backoff.is_none())
    }
}
