//! Durable state: one [`Store`] trait, its backends, migrations, and the files that live beside the database.
//!
//! The unit of durability is one [`Commit`]: new run states, ledger records, event deliveries and applied commands are
//! stored in one transaction or not at all, and an acknowledgement means that they survive power loss.
//!
//! This crate may not know: workflows, effects, HTTP, principals. It stores what it is given and gives it back. SQL
//! stands in the backends only. The one invariant: nothing is acknowledged before it is durable, and nothing is read
//! that was not acknowledged.

pub mod artifacts;
pub mod atomic;
pub mod fail;
pub mod import;
pub mod offload;
pub mod sqlite;

mod triples;
mod types;

use async_trait::async_trait;
use model::{Command, RunId};
pub use triples::{FoundTriple, NewTriple, Triple, TripleKey, TripleQuery};
pub use types::*;

/// A store that failed. Nothing of the operation happened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk is full, read-only, or refuses to sync.
    #[error("storage is unavailable: {0}")]
    Unavailable(String),
    /// Somebody else changed the run since it was read.
    #[error("run {0} was changed by somebody else")]
    Stale(RunId),
    /// The database was written by a newer program.
    #[error("the database has schema version {found}; this program knows up to {known}")]
    Newer {
        /// The version in the file.
        found: i64,
        /// The newest version this program can read.
        known: i64,
    },
    /// A stored value cannot be read.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

/// What the engine and the services need of a database.
///
/// Writes return when they are durable. Reads see every acknowledged write.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Stores a commit as a whole, or nothing of it.
    ///
    /// # Errors
    /// [`Error::Stale`] when a run's version is not the expected one.
    async fn commit(&self, commit: Commit) -> Result<Committed, Error>;

    /// Puts a command in the inbox. A `command_id` that is there already changes nothing.
    async fn append_command(&self, command: Command) -> Result<Appended, Error>;

    /// A run with its private engine state.
    async fn run(&self, run_id: &RunId) -> Result<Option<Snapshot>, Error>;

    /// The stored summary of a run (a small read, whatever the size of its variables), and its output when it has one.
    async fn summary(&self, run_id: &RunId) -> Result<Option<model::api::runs::RunSummary>, Error>;

    /// The same, and of a running run what the engine keeps beside it (else null), both of one moment.
    async fn standing(&self, run_id: &RunId) -> Result<Option<(model::api::runs::RunSummary, model::Value)>, Error>;

    /// Summaries, most recently updated first.
    async fn list(&self, query: RunQuery) -> Result<RunPage, Error>;

    /// The direct children of a run, oldest first.
    async fn children(&self, run_id: &RunId) -> Result<Vec<RunId>, Error>;

    /// A run and the runs below it, level by level, each level oldest first; at most `limit`. Empty for an unknown run.
    async fn tree(&self, run_id: &RunId, limit: usize) -> Result<Vec<TreeRun>, Error>;

    /// Roots of a session, the newest first, from `before` (itself included) into the past.
    /// Internal workflows (`__…`) are left out.
    async fn session_roots(
        &self,
        session_id: &str,
        before: SessionPlace,
        limit: usize,
    ) -> Result<Vec<SessionPlace>, Error>;

    /// What the engine keeps beside a run, without the run: a small read.
    async fn private(&self, run_id: &RunId) -> Result<Option<model::Value>, Error>;

    /// Deletes runs with their ledgers, commands and undelivered events: all of it or nothing.
    async fn delete(&self, run_ids: Vec<RunId>) -> Result<Deleted, Error>;

    /// Every run driven by the gateway that is not terminal: what recovery starts from.
    async fn unfinished(&self) -> Result<Vec<Unfinished>, Error>;

    /// Ledger records after `after` (records consumed), as stored JSON texts.
    async fn ledger(&self, run_id: &RunId, after: u64, limit: usize) -> Result<Vec<String>, Error>;

    /// How many records a run's ledger has.
    async fn ledger_len(&self, run_id: &RunId) -> Result<u64, Error>;

    /// Whether a run's ledger is as it was written: its hash chain, from the first record to the last.
    async fn verify_ledger(&self, run_id: &RunId) -> Result<model::api::ledger::LedgerVerified, Error>;

    /// Commands not yet applied or rejected: those of one run, or all.
    async fn pending_commands(&self, run_id: Option<&str>) -> Result<Vec<Command>, Error>;

    /// A command and what became of it.
    async fn command(&self, command_id: &str) -> Result<Option<CommandState>, Error>;

    /// Events delivered to a run and not consumed yet, oldest first.
    async fn deliveries(&self, run_id: &RunId) -> Result<Vec<Delivery>, Error>;

    /// The entries of memory a run owns, in the order they were first kept. Those a Python gateway left in the run's
    /// variables are not among them, unless they were changed since.
    async fn spans(&self, owner: &RunId) -> Result<Vec<model::Value>, Error>;

    /// The states of a run that later ones can be worked out from, the first one first. Empty for runs of earlier versions.
    async fn origins(&self, run_id: &RunId) -> Result<Vec<Origin>, Error>;

    /// The run that was started under an idempotency key, and the fingerprint of the request.
    async fn start_key(&self, key: &str) -> Result<Option<StartKey>, Error>;

    /// What the database takes on the disk.
    async fn room(&self) -> Result<Room, Error>;

    /// Writes the database anew without its holes, and gives the room back to the disk. Writes wait meanwhile.
    async fn compact(&self) -> Result<(), Error>;

    /// Assertions of the knowledge graph, at most `limit` of them.
    async fn triples(&self, query: TripleQuery) -> Result<Vec<FoundTriple>, Error>;

    /// Whether an equal assertion is stored, for each key.
    async fn known_triples(&self, keys: Vec<TripleKey>) -> Result<Vec<bool>, Error>;

    /// Whether writes work now; the reason when they do not.
    async fn health(&self) -> Result<(), Error>;

    /// Writes out what is pending and closes. Further calls fail with [`Error::Closed`].
    async fn close(&self) -> Result<(), Error>;
}
