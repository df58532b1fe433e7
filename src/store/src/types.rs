//! What goes into a store and comes out of it.

use model::api::runs::RunSummary;
use model::command::CommandOutcome;
use model::{Command, Run, RunId, RunStatus, StepRecord, Value, WaitReason};

use crate::NewTriple;

/// Everything that becomes durable together.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// New states. A run is named at most once.
    pub runs: Vec<RunWrite>,
    /// Records, appended in this order; a run's cursor grows by one a record.
    pub records: Vec<StepRecord>,
    /// Events for runs that wait for them, or will.
    pub deliveries: Vec<NewDelivery>,
    /// Deliveries that were consumed.
    pub consumed: Vec<i64>,
    /// Commands that are decided now.
    pub decided: Vec<Decision>,
    /// Commands that follow from this commit, such as a cancel for each child.
    pub commands: Vec<Command>,
    /// Entries of memory, new or changed.
    pub spans: Vec<SpanWrite>,
    /// A start that must not happen twice.
    pub start_key: Option<StartKey>,
    /// Assertions for the knowledge graph.
    pub triples: Vec<NewTriple>,
    /// States that later ones of a run can be worked out from.
    pub origins: Vec<Origin>,
}

impl Commit {
    /// Whether there is nothing to store.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
            && self.records.is_empty()
            && self.deliveries.is_empty()
            && self.consumed.is_empty()
            && self.decided.is_empty()
            && self.commands.is_empty()
            && self.spans.is_empty()
            && self.start_key.is_none()
            && self.triples.is_empty()
            && self.origins.is_empty()
    }
}

/// A state of a run that later ones can be worked out from. It is written once and never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The run.
    pub run_id: RunId,
    /// How many steps the run had planned; 0 for its first state.
    pub ordinal: u64,
    /// What the engine says of the state, as JSON text.
    pub state: String,
}

/// A run's new state.
#[derive(Clone, Debug)]
pub struct RunWrite {
    /// The state.
    pub run: Run,
    /// What the engine keeps beside it; null for runs the engine does not drive.
    pub private: Value,
    /// The version the state was read at; 0 for a new run. `None` writes whatever is there.
    pub expected: Option<i64>,
    /// Do nothing when the run exists already (session owner runs).
    pub only_if_absent: bool,
}

/// An entry of memory: what a run keeps, and where it lies. One that is there under its id gives way and keeps its place.
#[derive(Clone, Debug)]
pub struct SpanWrite {
    /// The run that owns it.
    pub owner: RunId,
    /// Its id: that of the artifact it speaks of.
    pub span_id: String,
    /// The entry.
    pub span: Value,
}

/// What a commit led to.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// The length of each touched ledger.
    pub cursors: Vec<(RunId, u64)>,
    /// The new version of each written run.
    pub versions: Vec<(RunId, i64)>,
    /// The run an equal start key had created before; then nothing of the commit was stored.
    pub started_before: Option<StartKey>,
}

/// A run as it was stored.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The state.
    pub run: Run,
    /// What the engine keeps beside it.
    pub private: Value,
    /// Grows by one a write.
    pub version: i64,
}

/// Where a command stands in the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Its position.
    pub seq: i64,
    /// Whether it was there before.
    pub duplicate: bool,
}

/// A command that was decided.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Which.
    pub seq: i64,
    /// How.
    pub outcome: CommandOutcome,
    /// Why not.
    pub error: Option<String>,
}

/// A command and what became of it.
#[derive(Clone, Debug)]
pub struct CommandState {
    /// The command.
    pub command: Command,
    /// What became of it.
    pub outcome: CommandOutcome,
    /// Why not.
    pub error: Option<String>,
}

/// An event on its way to a run.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// To whom.
    pub run_id: RunId,
    /// The wait key it matched.
    pub wait_key: String,
    /// What arrives.
    pub envelope: Value,
}

/// An event that has arrived and waits to be consumed.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its position.
    pub id: i64,
    /// The wait key it matched.
    pub wait_key: String,
    /// What arrived.
    pub envelope: Value,
}

/// A start under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartKey {
    /// The client's key.
    pub key: String,
    /// A hash of the request it came with.
    pub fingerprint: String,
    /// The run it started.
    pub run_id: RunId,
}

/// A run that recovery must look at.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: String,
    /// Running or waiting.
    pub status: RunStatus,
    /// Why it waits.
    pub wait_reason: Option<WaitReason>,
    /// What it waits for.
    pub wait_key: Option<String>,
    /// Until when.
    pub wait_until: Option<String>,
    /// Whether it is paused.
    pub paused: bool,
}

/// Which runs to list.
#[derive(Clone, Debug, Default)]
pub struct RunQuery {
    /// How many.
    pub limit: usize,
    /// Only in this status.
    pub status: Option<RunStatus>,
    /// Only of this workflow; without it internal workflows (`__…`) are left out.
    pub workflow_id: Option<String>,
    /// Only of this session.
    pub session_id: Option<String>,
    /// Only without a parent.
    pub root_only: bool,
    /// Also draft tests.
    pub include_drafts: bool,
    /// Only draft tests that are nobody's child, the longest unchanged first, without cursor.
    pub only_drafts: bool,
    /// Only runs without a parent that have ended and not changed since this moment, the longest unchanged first, without
    /// cursor.
    pub ended_before: Option<model::Timestamp>,
    /// Count records.
    pub ledger_len: bool,
    /// Count steps, calls and tokens.
    pub metrics: bool,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// A run of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRun {
    /// The run.
    pub run_id: RunId,
    /// Where it stands.
    pub status: RunStatus,
}

/// Where a root stands among the runs of its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPlace {
    /// When it was admitted, as stored.
    pub created_at: String,
    /// The run.
    pub run_id: RunId,
}

/// A page of runs.
#[derive(Clone, Debug, Default)]
pub struct RunPage {
    /// The rows.
    pub rows: Vec<RunListed>,
    /// Where the next page starts.
    pub next_cursor: Option<String>,
}

/// A listed run. `summary.output` is never filled.
#[derive(Clone, Debug)]
pub struct RunListed {
    /// The summary.
    pub summary: RunSummary,
    /// Records in the ledger, when asked for.
    pub ledger_len: Option<u64>,
    /// Counts from the run's own completed records, when asked for and there are any.
    pub metrics: Option<Metrics>,
}

/// Counts over a run's completed ledger records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// All of them.
    pub steps: u64,
    /// Model calls.
    pub llm_calls: u64,
    /// Tool calls: the lengths of the batches added up.
    pub tool_calls: u64,
    /// `result.usage.total_tokens` added up.
    pub tokens_total: u64,
}

/// What a database takes on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Bytes of its file.
    pub bytes: u64,
    /// Those in it that hold nothing.
    pub free_bytes: u64,
    /// Whether free room goes back to the disk by itself.
    pub gives_back: bool,
}

/// What a deletion took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Runs.
    pub runs: u64,
    /// Their ledger records.
    pub ledger_records: u64,
    /// Commands for them.
    pub commands: u64,
}
