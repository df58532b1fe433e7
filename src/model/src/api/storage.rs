//! What a data plane takes on the disk, and getting room back.

use serde::{Deserialize, Serialize};

use crate::api::Method::{Get, Post};
use crate::api::{Access, Operation, Row};
use crate::operation;

/// What a data plane takes on the disk, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// The database file.
    pub database_bytes: u64,
    /// Room in it that holds nothing.
    pub free_bytes: u64,
    /// Whether that room goes back to the disk by itself.
    pub gives_back: bool,
    /// What is free on the disk.
    pub disk_free_bytes: u64,
    /// Below this much free room no new run is taken; 0 is never.
    pub disk_reserve_bytes: u64,
    /// Days after which ended runs are deleted; 0 is never.
    pub retention_days: u64,
}

operation! {
    /// Says what the data plane takes on the disk.
    ShowStorage = Row::new("storage.show", Get, "/api/gateway/storage", Access::User) => Storage {}
}

operation! {
    /// Writes the database anew without its holes. Writes wait meanwhile.
    CompactStorage = Row::new("storage.compact", Post, "/api/gateway/storage/compact", Access::User) => Storage {}
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![ShowStorage::ROW, CompactStorage::ROW]
}
