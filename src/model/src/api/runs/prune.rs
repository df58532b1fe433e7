//! Deleting runs that ended long ago, to get their room back.

use serde::{Deserialize, Serialize};

use crate::api::Method::Post;
use crate::api::{Access, BodyKind, Kind, Row, body};
use crate::{RunId, Timestamp, operation};

/// What `runs.prune` answers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pruned {
    /// True.
    pub ok: bool,
    /// Whether it only looked.
    pub dry_run: bool,
    /// Runs that have not changed since this moment were looked at.
    pub ended_before: Option<Timestamp>,
    /// Whether there may be more than were looked at.
    pub more: bool,
    /// Roots that went, or would go, and those that stay.
    pub items: Vec<PrunedTree>,
    /// Runs that went, those below the roots included.
    pub runs: u64,
    /// Their ledger records.
    pub ledger_records: u64,
    /// Their artifacts.
    pub artifacts: u64,
    /// Their workspaces.
    pub workspaces: u64,
}

/// What became of a root and the runs below it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PrunedTree {
    /// The root.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: String,
    /// How it ended.
    pub status: String,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// Runs of the tree; 0 when it stays because a run below it is not over.
    pub runs: u64,
}

operation! {
    /// Deletes runs that ended long ago, with everything that belongs to them.
    PruneRuns = Row::new("runs.prune", Post, "/api/gateway/runs/prune", Access::User)
        .body(BodyKind::StrictJson) => Pruned
    {
        /// How long ago they must have ended, such as `30d` or `12h`.
        older_than: String = body(Kind::Text),
        /// Only say what would go.
        dry_run: bool = body(Kind::Boolean).or("true"),
        /// How many roots to look at.
        limit: i64 = body(Kind::Integer).or("200").min(1).max(5000),
    }
}
