//! The audit log: who changed what, one JSON line each (contract 01, 1.11).
//!
//! A thread of its own appends; callers hand entries over a bounded channel and go on. This module may not know: HTTP
//! types. The one invariant: no value of a query, header outside the allowlist, body or token ever reaches the file.

mod file;
mod line;
mod operations;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use model::Timestamp;

pub use file::Log;

/// One request, as it is remembered.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When it ended.
    pub ts: Timestamp,
    /// Its id.
    pub request_id: String,
    /// The client's address.
    pub ip: String,
    /// The method.
    pub method: String,
    /// The decoded path.
    pub path: String,
    /// The raw query; only the names of its parameters are written.
    pub query: String,
    /// The status answered; 0 when the handler failed without an answer.
    pub status: u16,
    /// How long it took.
    pub duration_ms: u64,
    /// Whether a credential was needed.
    pub auth_required: bool,
    /// The fingerprint of the bearer token, when one was sent: see [`crate::auth::fingerprint`].
    pub auth_token_fp: Option<String>,
    /// The user, when known.
    pub principal_user_id: Option<String>,
    /// The tenant, when known.
    pub principal_tenant_id: Option<String>,
    /// The `Origin` header.
    pub origin: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The `Content-Length`, when it is a number.
    pub bytes_in: Option<u64>,
    /// Request headers by lower-case name; only those of the allowlist are written.
    pub headers: BTreeMap<String, String>,
    /// What failed.
    pub error: Option<String>,
}
