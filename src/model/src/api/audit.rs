//! The audit log (contract 01, section 1.11).

use serde::{Deserialize, Serialize};

use super::Method::Get;
use super::{Access, Kind, Operation, Row, query};
use crate::operation;

/// The end of the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditTail {
    /// Always true.
    pub ok: bool,
    /// Bytes shown.
    pub bytes: u64,
    /// Whether there is more before.
    pub truncated: bool,
    /// JSON lines; the first may be cut.
    pub content: String,
}

operation! {
    /// Shows the end of the audit log.
    TailAudit = Row::new("audit.tail", Get, "/api/gateway/audit/tail", Access::Admin("audit")) => AuditTail {
        /// At most so many bytes.
        max_bytes: i64 = query(Kind::Integer).or("80000").min(1024).max(400_000),
    }
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![TailAudit::ROW]
}
