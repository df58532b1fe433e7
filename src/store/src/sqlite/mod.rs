//! The SQLite backend: one file a data plane, one writer thread with group commit, a pool of readers.
//!
//! May not know: what a run or an effect means. The invariant: a caller is answered after the COMMIT, and every
//! connection opened later sees what was answered.

mod apply;
#[cfg(test)]
mod chain_tests;
mod encode;
pub(crate) mod import;
#[cfg(test)]
mod list_tests;
pub mod offline;
mod read;
mod reclaim;
mod schema;
#[cfg(test)]
mod tests;
mod triples;
mod verify;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use model::api::ledger::LedgerVerified;
use model::api::runs::RunSummary;
use model::{Command, RunId};
use parking_lot::Mutex;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::{
    Appended, CommandState, Commit, Committed, Deleted, Delivery, Error, FoundTriple, Origin, Room, RunPage, RunQuery,
    SessionPlace, Snapshot, StartKey, Store, TreeRun, TripleKey, TripleQuery, Unfinished,
};
use encode::{EncodedCommand, EncodedCommit};
use writer::{Request, Writer};

/// How the backend behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Requests in one transaction, at most.
    pub batch_count: usize,
    /// Bytes in one transaction, roughly at most.
    pub batch_bytes: usize,
    /// How long to wait for another process that holds the write lock.
    pub busy_timeout: Duration,
    /// Pages the file may have, for tests of a full disk.
    pub max_page_count: Option<i64>,
    /// Queries at a time; more wait. Each has a connection of its own, and a thread while it runs.
    pub readers: usize,
    /// Bytes the write-ahead log may have before the writer waits a moment for readers, so that it can begin anew.
    pub log_bytes: u64,
    /// Free pages that are not given back to the disk.
    pub free_pages_kept: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            batch_count: 512,
            batch_bytes: 16 << 20,
            busy_timeout: Duration::from_secs(5),
            max_page_count: None,
            readers: 8,
            log_bytes: 16 << 20,
            free_pages_kept: 256,
        }
    }
}

/// Waiting requests, at most: beyond, callers wait.
const QUEUE: usize = 4096;

/// A SQLite database as a [`Store`].
pub struct Sqlite {
    requests: mpsc::Sender<Request>,
    readers: Arc<Readers>,
    /// Reading a whole ledger takes long: one at a time, so that the others go on.
    verifying: Arc<Semaphore>,
}

struct Readers {
    path: PathBuf,
    options: Options,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    fn new(path: &Path, options: Options) -> Self {
        let turns = Arc::new(Semaphore::new(options.readers));
        Self { path: path.to_owned(), options, turns, idle: Mutex::default() }
    }

    /// Runs a query on an idle connection, or a new one.
    fn with<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        let idle = self.idle.lock().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => schema::open_reader(&self.path, &self.options).map_err(fault)?,
        };
        let answer = query(&conn).map_err(fault);
        if answer.is_ok() {
            self.idle.lock().push(conn);
        }
        answer
    }
}

impl Sqlite {
    /// Opens (or creates) a database and brings it up to date. Blocking.
    ///
    /// # Errors
    /// [`Error::Newer`] for a database of a newer program, [`Error::Unavailable`] when the file cannot be used.
    pub fn open(path: &Path, options: Options) -> Result<Self, Error> {
        let mut conn = schema::open_writer(path, &options)?;
        schema::migrate(&mut conn)?;
        let (requests, queue) = mpsc::channel(QUEUE);
        let writer = Writer::new(conn, path.to_owned(), options.clone(), queue);
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer.run())
            .map_err(|e| Error::Unavailable(format!("no thread for the writer: {e}")))?;
        let readers = Arc::new(Readers::new(path, options));
        Ok(Self { requests, readers, verifying: Arc::new(Semaphore::new(1)) })
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Request) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(request(reply)).await.map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)?
    }

    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let readers = self.readers.clone();
        let turn = readers.turns.clone().acquire_owned().await.map_err(|_| Error::Closed)?;
        let queried = tokio::task::spawn_blocking(move || {
            // Goes with the thread: whoever asked may be gone before it.
            let _turn = turn;
            readers.with(query)
        });
        queried.await.map_err(|_| Error::Closed)?
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn commit(&self, commit: Commit) -> Result<Committed, Error> {
        let encoded = Box::new(EncodedCommit::of(commit)?);
        self.ask(|reply| Request::Commit(encoded, reply)).await
    }

    async fn append_command(&self, command: Command) -> Result<Appended, Error> {
        let encoded = Box::new(EncodedCommand::of(command)?);
        self.ask(|reply| Request::Command(encoded, reply)).await
    }

    async fn run(&self, run_id: &RunId) -> Result<Option<Snapshot>, Error> {
        let run_id = run_id.clone();
        self.read(move |conn| read::run(conn, &run_id)).await
    }

    async fn summary(&self, run_id: &RunId) -> Result<Option<RunSummary>, Error> {
        let run_id = run_id.clone();
        self.read(move |conn| read::summary(conn, &run_id)).await
    }

    async fn standing(&self, run_id: &RunId) -> Result<Option<(RunSummary, model::Value)>, Error> {
        let run_id = run_id.clone();
        self.read(move |conn| read::standing(conn, &run_id)).await
    }

    async fn list(&self, query: RunQuery) -> Result<RunPage, Error> {
        self.read(move |conn| read::list(conn, &query)).await
    }

    async fn children(&self, run_id: &RunId) -> Result<Vec<RunId>, Error> {
        let run_id = run_id.clone();
        self.read(move |conn| read::children(conn, &run_id)).await
    }

    async fn tree(&self, run_id: &RunId, limit: usize) -> Result<Vec<TreeRun>, Error> {
        let run_id = run_id.clone();
        self.read(move |conn| read::tree(conn, &run_id, limit)).await
    }

    async fn session_roots(
        &self,
        session_id: &str,
        before: SessionPlace,
        limit: usize,
    ) -> Result<Vec<SessionPlace>, Error> {
        let session_id = session_id.to_owned();
        self.read(move |conn| read::session_roots(conn, &session_id, &before, limit)).await
    }

    async fn private(&self, run_id: &RunId) -> Result<Option<model::Value>, Error> {
        let run_id = run_id.clone();
        self.read(move |conn| read::private(conn, &run_id)).await
    }

    async fn delete(&self, run_ids: Vec<RunId>) -> Result<Deleted, Error> {
        self.ask(|reply| Request::Delete(run_ids, reply)).await
    }

    async fn unfinished(&self) -> Result<Vec<Unfinished>, Error> {
        self.read(read::unfinished).await
    }

    async fn ledger(&self, run_id: &RunId, after: u64, limit: usize) -> Result<Vec<String>, Error> {
        let run_id = run_id.clone();
        self.read(move |conn| read::ledger(conn, &run_id, after, limit)).await
    }

    async fn ledger_len(&self, run_id: &RunId) -> Result<u64, Error> {
        let run_id = run_id.clone();
        self.read(move |conn| read::ledger_len(conn, &run_id)).await
    }

    async fn verify_ledger(&self, run_id: &RunId) -> Result<LedgerVerified, Error> {
        let alone = self.verifying.clone().acquire_owned().await.map_err(|_| Error::Closed)?;
        let run_id = run_id.clone();
        self.read(move |conn| {
            let _alone = alone;
            verify::ledger(conn, &run_id)
        })
        .await
    }

    async fn pending_commands(&self, run_id: Option<&str>) -> Result<Vec<Command>, Error> {
        let run_id = run_id.map(str::to_owned);
        self.read(move |conn| read::pending_commands(conn, run_id.as_deref())).await
    }

    async fn command(&self, command_id: &str) -> Result<Option<CommandState>, Error> {
        let command_id = command_id.to_owned();
        self.read(move |conn| read::command(conn, &command_id)).await
    }

    async fn deliveries(&self, run_id: &RunId) -> Result<Vec<Delivery>, Error> {
        let run_id = run_id.clone();
        self.read(move |conn| read::deliveries(conn, &run_id)).await
    }

    async fn spans(&self, owner: &RunId) -> Result<Vec<model::Value>, Error> {
        let owner = owner.clone();
        self.read(move |conn| read::spans(conn, &owner)).await
    }

    async fn origins(&self, run_id: &RunId) -> Result<Vec<Origin>, Error> {
        let run_id = run_id.clone();
        self.read(move |conn| read::origins(conn, &run_id)).await
    }

    async fn start_key(&self, key: &str) -> Result<Option<StartKey>, Error> {
        let key = key.to_owned();
        self.read(move |conn| apply::start_key(conn, &key)).await
    }

    async fn room(&self) -> Result<Room, Error> {
        self.read(reclaim::room).await
    }

    async fn compact(&self) -> Result<(), Error> {
        self.ask(Request::Compact).await
    }

    async fn triples(&self, query: TripleQuery) -> Result<Vec<FoundTriple>, Error> {
        self.read(move |conn| triples::query(conn, &query)).await
    }

    async fn known_triples(&self, keys: Vec<TripleKey>) -> Result<Vec<bool>, Error> {
        self.read(move |conn| triples::known(conn, &keys)).await
    }

    async fn health(&self) -> Result<(), Error> {
        self.ask(Request::Probe).await
    }

    async fn close(&self) -> Result<(), Error> {
        match self.ask(Request::Close).await {
            Ok(()) | Err(Error::Closed) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A database error as callers may see it.
fn fault(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Corrupt(error.to_string()),
        Some(_) => Error::Unavailable(error.to_string()),
        None => Error::Corrupt(error.to_string()),
    }
}
