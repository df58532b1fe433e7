//! Forking a run (additive to the contract): a new run from the state another one had.

use serde::{Deserialize, Serialize};

use super::WaitSummary;
use crate::api::Method::Post;
use crate::api::{Access, Kind, Row, body, header, path};
use crate::{Map, RunId, operation};

/// Where a fork comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkOrigin {
    /// The run.
    pub run_id: RunId,
    /// The record of its ledger after which the fork begins; 0 is before the first.
    pub cursor: u64,
}

/// What `runs.fork` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunForked {
    /// The new run; absent when it only looked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub run_id: Option<RunId>,
    /// Where it comes from.
    pub forked_from: ForkOrigin,
    /// Where it stands; absent when the same key had forked it before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<ForkPlace>,
}

/// Where a fork stands before it goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForkPlace {
    /// How many records of the run are its history. The rest up to the cursor is about a step that is done anew.
    pub records: u64,
    /// The node of its next effect, or of its end.
    pub node_id: String,
    /// The kind of its next effect; null when it ends without another.
    pub effect: Option<String>,
    /// What it will wait for there.
    pub waiting: Option<WaitSummary>,
    /// The variables that were set.
    pub set: Vec<String>,
}

operation! {
    /// Starts a new run from the state a run had after one of its ledger records; what was done before is not done again.
    ForkRun = Row::new("runs.fork", Post, "/api/gateway/runs/{run_id}/fork", Access::User) => RunForked {
        /// The run. It is only read, whatever it is doing.
        run_id: String = path(),
        /// The record; 0 is before the first, the last one when absent.
        at: Option<i64> = body(Kind::Integer).min(0).optional(),
        /// Variables to set before it goes on: dotted paths and their values.
        set: Map = body(Kind::Object).or("{}"),
        /// The session of the new run; that of the run when absent.
        session_id: Option<String> = body(Kind::Text).optional(),
        /// Only tell where it would stand.
        dry_run: bool = body(Kind::Boolean).or("false"),
        /// The same key with the same body makes one fork.
        #[serde(rename = "idempotency-key")]
        idempotency_key: Option<String> = header("idempotency-key").max(200),
    }
}
