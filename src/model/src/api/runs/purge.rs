//! Purging draft runs (contract 02, section 7).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::Method::Post;
use crate::api::{Access, BodyKind, Kind, Row, body};
use crate::{RunId, Timestamp, operation};

/// What `runs.purge_drafts` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Purge {
    /// True.
    pub ok: bool,
    /// Whether it only looked.
    pub dry_run: bool,
    /// What is purged.
    pub policy: PurgePolicy,
    /// Runs looked at.
    pub scanned: usize,
    /// Those that may go.
    pub eligible: usize,
    /// Those that went.
    pub purged: usize,
    /// Those that stay.
    pub skipped: usize,
    /// One a run.
    pub items: Vec<PurgeItem>,
}

/// What is purged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PurgePolicy {
    /// `draft_test`.
    pub purpose: String,
    /// `ephemeral`.
    pub retention_mode: String,
    /// Seconds after which a draft without a date of its own may go; 0 is never.
    pub default_ttl_s: u64,
    /// Runs in these are over.
    pub terminal_statuses: Vec<String>,
}

/// What became of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PurgeItem {
    /// The run.
    pub run_id: RunId,
    /// Where it stands.
    pub status: Option<String>,
    /// Its workflow.
    pub workflow_id: Option<String>,
    /// Its session.
    pub session_id: Option<String>,
    /// What the client said of its purpose.
    pub run_lifecycle: Option<Value>,
    /// From when on it may go.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effective_expires_at: Option<Timestamp>,
    /// Whether it may go.
    pub eligible: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<PurgeReason>,
    /// What went, or would go.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purge: Option<PurgedTree>,
}

/// Why a run stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurgeReason {
    /// There is no such run.
    Missing,
    /// It is no draft test, or is to be kept.
    NotEphemeralDraft,
    /// It is not over.
    ActiveRun,
    /// It never expires.
    NoEffectiveExpiration,
    /// Its time has not come.
    NotExpired,
    /// A run below it is not over, or could not be ended.
    ActiveRunTree,
}

impl PurgeReason {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotEphemeralDraft => "not_ephemeral_draft",
            Self::ActiveRun => "active_run",
            Self::NoEffectiveExpiration => "no_effective_expiration",
            Self::NotExpired => "not_expired",
            Self::ActiveRunTree => "active_run_tree",
        }
    }
}

/// What went with a run, or would go.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PurgedTree {
    /// True.
    pub ok: bool,
    /// Whether it only looked.
    pub dry_run: bool,
    /// The run and those below it.
    pub run_ids: Vec<RunId>,
    /// What would go.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub would_delete: Option<WouldDelete>,
    /// What went.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deleted: Option<DeletedTree>,
    /// What became of stored bytes nobody refers to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub artifact_gc: Option<Value>,
}

/// What would go. Nulls were not counted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct WouldDelete {
    /// Runs.
    pub runs: u64,
    /// Workspaces.
    pub workspaces: u64,
    /// Artifacts.
    pub artifacts: Option<u64>,
    /// Ledger records.
    pub ledger_records: Option<u64>,
    /// Commands.
    pub commands: Option<u64>,
    /// Stored flows of schedules (additive).
    #[serde(skip_serializing_if = "is_zero", default)]
    pub flows: u64,
}

/// What went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedTree {
    /// Runs.
    pub runs: u64,
    /// Ledger records.
    pub ledger_records: u64,
    /// Commands.
    pub commands: u64,
    /// Artifacts.
    pub artifacts: u64,
    /// Workspaces.
    pub workspaces: u64,
    /// Stored flows of schedules (additive).
    #[serde(skip_serializing_if = "is_zero", default)]
    pub flows: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

operation! {
    /// Deletes draft runs whose time is over, with everything that belongs to them.
    PurgeDrafts = Row::new("runs.purge_drafts", Post, "/api/gateway/runs/purge_drafts", Access::User)
        .body(BodyKind::StrictJson) => Purge
    {
        /// Only say what would go.
        dry_run: bool = body(Kind::Boolean).or("true"),
        /// How many runs to look at.
        limit: i64 = body(Kind::Integer).or("200").min(1).max(5000),
        /// Only runs of this session.
        session_id: Option<String> = body(Kind::Text).optional(),
        /// Only runs of exactly this workflow.
        workflow_id: Option<String> = body(Kind::Text).optional(),
        /// Only these runs.
        run_ids: Option<Vec<String>> = body(Kind::TextList).optional(),
        /// Also those whose time has not come.
        force: bool = body(Kind::Boolean).or("false"),
        /// Also those that are not over: they are cancelled first.
        include_active: bool = body(Kind::Boolean).or("false"),
        /// Their artifacts, too.
        delete_artifacts: bool = body(Kind::Boolean).or("true"),
        /// Their workspaces, too.
        delete_workspaces: bool = body(Kind::Boolean).or("true"),
    }
}
