//! The ledger: pages, batches, the stream (contract 02, section 5).

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Method::{Get, Post};
use super::{Access, Kind, Operation, Row, body, header, path, query};
use crate::operation;

/// A stored record, verbatim: it is passed on as the text it was stored as.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Record(Box<RawValue>);

impl Record {
    /// A record from its stored text; none when that is not JSON.
    #[must_use]
    pub fn stored(text: String) -> Option<Self> {
        RawValue::from_string(text).ok().map(Self)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// What it says.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_str(self.0.get()).unwrap_or(Value::Null)
    }
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        serde_json::value::to_raw_value(&value).map(Self).map_err(D::Error::custom)
    }
}

/// A page of records.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LedgerPage {
    /// Stored records, verbatim.
    pub items: Vec<Record>,
    /// How many records are consumed after this page: the next `after`.
    pub next_after: u64,
}

/// One run of a batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LedgerCursor {
    /// The run.
    pub run_id: String,
    /// Records already consumed.
    #[serde(default)]
    pub after: u64,
}

/// What `ledger.batch` answers: unknown runs are left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LedgerPages {
    /// A page a run.
    pub runs: BTreeMap<String, LedgerPage>,
}

/// What is wrong with a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProblemKind {
    /// A record says something else than when it was written.
    Changed,
    /// A record is not there.
    Missing,
    /// A record stands where it was not written.
    Misplaced,
    /// A record has no hash though the chain had begun.
    Unchained,
    /// A record of the chain cannot be read.
    Unreadable,
    /// Records at the end are not there.
    Truncated,
    /// There are more records than were written.
    Unexpected,
    /// The end of the ledger is not the one that was written.
    Head,
}

impl ProblemKind {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Misplaced => "misplaced",
            Self::Unchained => "unchained",
            Self::Unreadable => "unreadable",
            Self::Truncated => "truncated",
            Self::Unexpected => "unexpected",
            Self::Head => "head",
        }
    }
}

/// One thing that is wrong with a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerProblem {
    /// The place of the record, counted from 1.
    pub cursor: u64,
    /// What is wrong.
    pub kind: ProblemKind,
    /// In words.
    pub why: String,
}

/// What the verification of a ledger found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerVerified {
    /// The run.
    pub run_id: String,
    /// Whether the ledger is as it was written, as far as it is chained.
    pub ok: bool,
    /// Records that are there.
    pub records: u64,
    /// Records from before the chain began: nothing can be said about them.
    pub unchained: u64,
    /// The place of the first record of the chain.
    pub chained_from: Option<u64>,
    /// The hash of the last record. Kept elsewhere, it proves later that nothing before it was changed.
    pub head_hash: Option<String>,
    /// The problems, the first hundred of them.
    pub problems: Vec<LedgerProblem>,
    /// How many there are.
    pub problem_count: u64,
}

operation! {
    /// Reads a page of a run's ledger.
    ReadLedger = Row::new("ledger.read", Get, "/api/gateway/runs/{run_id}/ledger", Access::User) => LedgerPage {
        /// The run.
        run_id: String = path(),
        /// Records already consumed.
        after: i64 = query(Kind::Integer).or("0").min(0),
        /// How many records.
        limit: i64 = query(Kind::Integer).or("200").min(1).max(2000),
    }
    /// Reads pages of several ledgers at once.
    ReadLedgers = Row::new("ledger.batch", Post, "/api/gateway/runs/ledger/batch", Access::User) => LedgerPages {
        /// Which runs, from where.
        runs: Vec<Value> = body(Kind::List).or("[]"),
        /// How many records a run.
        limit: i64 = body(Kind::Integer).or("200").min(1).max(2000),
    }
    /// Verifies the hash chain of a run's ledger: finds records that were changed, taken out, put in or moved.
    VerifyLedger = Row::new("ledger.verify", Get, "/api/gateway/runs/{run_id}/ledger/verify", Access::User) => LedgerVerified {
        /// The run.
        run_id: String = path(),
    }
    /// Follows a run's ledger as server-sent events: replay first, then live, `done` at the end.
    FollowLedger = Row::new("ledger.follow", Get, "/api/gateway/runs/{run_id}/ledger/stream", Access::User).stream() => () {
        /// The run.
        run_id: String = path(),
        /// Records already consumed.
        after: i64 = query(Kind::Integer).or("0").min(0),
        /// Seconds of silence before a comment line.
        heartbeat_s: f64 = query(Kind::Number).or("5.0").max(60),
        /// What a reconnecting `EventSource` saw last; it wins over `after` when larger.
        #[serde(rename = "last-event-id")]
        last_event_id: Option<String> = header("last-event-id"),
    }
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![ReadLedger::ROW, ReadLedgers::ROW, VerifyLedger::ROW, FollowLedger::ROW]
}
