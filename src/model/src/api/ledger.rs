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
    vec![ReadLedger::ROW, ReadLedgers::ROW, FollowLedger::ROW]
}
