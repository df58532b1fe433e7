//! Everything about a run in one reply (contract 02, section 4.6; 03, section 14).

use serde::de::Error as _;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::api::Method::Get;
use crate::api::ledger::Record;
use crate::api::{Access, Kind, Row, path, query};
use crate::{Map, RunId, RunStatus, Timestamp, Wait, operation};

/// What `runs.history` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct History {
    /// 1.
    pub version: u32,
    /// When it was put together.
    pub generated_at: Timestamp,
    /// The run that was asked for.
    pub root_run_id: RunId,
    /// The run.
    pub run: HistoryRun,
    /// Which flow it ran, and where its copy lies.
    pub workflow_snapshot: Option<Map>,
    /// Its public variables.
    pub input_data: Map,
    /// The ledger of the run, then those of the runs below it, level by level.
    pub ledgers: Ledgers,
    /// One line a record, run by run.
    pub timeline: Vec<TimelineEntry>,
    /// The session's turns up to this run, when they were asked for.
    pub session: Option<HistorySession>,
}

/// The run as the bundle shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HistoryRun {
    /// The id.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: String,
    /// Where it stands.
    pub status: RunStatus,
    /// At which node.
    pub current_node: String,
    /// When it was admitted.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// `gateway`.
    pub actor_id: Option<String>,
    /// The session.
    pub session_id: Option<String>,
    /// The run that started it.
    pub parent_run_id: Option<RunId>,
    /// Failure text or cancel reason.
    pub error: Option<String>,
    /// What it waits for.
    pub waiting: Option<Wait>,
}

/// Ledgers by run; the order counts.
#[derive(Clone, Debug, Default)]
pub struct Ledgers(pub Vec<RunLedger>);

/// A window of a run's ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunLedger {
    /// The run.
    pub run_id: RunId,
    /// Records there are.
    pub total: u64,
    /// The cursor of the first record shown.
    pub cursor_start: u64,
    /// That of the last one; one less when none is shown.
    pub cursor_end: u64,
    /// The records.
    pub items: Vec<RecordAt>,
    /// What the run has stored, oldest first, cut to a bounded size.
    pub artifacts: Vec<Map>,
}

/// A record and its place: usable as `after` of the ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordAt {
    /// Its 1-based position.
    pub cursor: u64,
    /// The stored record, verbatim.
    pub record: Record,
}

/// One line of the timeline.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// The run.
    pub run_id: RunId,
    /// The record's place.
    pub cursor: u64,
    /// The node.
    pub node_id: Option<String>,
    /// What happened.
    pub status: Option<String>,
    /// The kind of effect.
    pub effect_type: Option<String>,
    /// When it began.
    pub started_at: Option<String>,
    /// When it ended; when it began, for records that end nothing.
    pub ended_at: Option<String>,
    /// Between the two, in milliseconds.
    pub duration_ms: Option<f64>,
}

/// The turns of a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HistorySession {
    /// The session.
    pub session_id: String,
    /// Oldest first.
    pub turns: Vec<Turn>,
}

/// A root run of a session as a question and an answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Turn {
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: String,
    /// `chat`, `scheduled` or `run`.
    pub kind: TurnKind,
    /// Where it stands.
    pub status: RunStatus,
    /// When it was admitted.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// What was asked.
    pub prompt: Option<String>,
    /// What the client had put in front of the question.
    pub prompt_metadata: Option<Map>,
    /// Files that came with it.
    pub attachments: Vec<Value>,
    /// What was answered.
    pub answer: Option<String>,
    /// What the flow says of its answer.
    pub answer_meta: Option<Map>,
    /// What it took, the runs below it included.
    pub stats: TurnStats,
    /// What those runs have stored.
    pub artifacts: Vec<Map>,
}

/// What kind of turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TurnKind {
    /// A conversation.
    Chat,
    /// A schedule.
    Scheduled,
    /// Anything else.
    Run,
}

/// What a turn took; completed records only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TurnStats {
    /// From the first record to the last, in milliseconds.
    pub duration_ms: u64,
    /// Model calls.
    pub llm_calls: u64,
    /// Tool calls.
    pub tool_calls: u64,
    /// Tokens of the model calls.
    pub usage: Usage,
    /// Tokens a second over the whole duration.
    pub tok_s: Option<f64>,
}

/// Tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Read by models.
    pub input_tokens: u64,
    /// Written by models.
    pub output_tokens: u64,
    /// Both.
    pub total_tokens: u64,
}

impl Serialize for Ledgers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for ledger in &self.0 {
            map.serialize_entry(&*ledger.run_id, ledger)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Ledgers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Map::deserialize(deserializer)?;
        let ledgers = map.into_iter().map(|(_, ledger)| serde_json::from_value(ledger));
        ledgers.collect::<Result<_, _>>().map(Self).map_err(D::Error::custom)
    }
}

operation! {
    /// Shows everything about a run at once: itself, its flow, its inputs, its records and those of the runs below it.
    ShowHistory = Row::new("runs.history", Get, "/api/gateway/runs/{run_id}/history_bundle", Access::User) => History {
        /// The run.
        run_id: String = path(),
        /// Also the runs below it.
        include_subruns: bool = query(Kind::Boolean).or("true"),
        /// Also the session's turns up to this run.
        include_session: bool = query(Kind::Boolean).or("false"),
        /// How many turns.
        session_turn_limit: i64 = query(Kind::Integer).or("200").min(1).max(500),
        /// `tail` for the last records of each ledger, `full` for all.
        ledger_mode: String = query(Kind::Text).or("\"tail\""),
        /// How many records a run in `tail`; 0 is all.
        ledger_max_items: i64 = query(Kind::Integer).or("2000").min(0).max(20000),
    }
}
