//! The one writer: a thread that owns the only writing connection.
//!
//! It takes every request that waits, does each inside its own savepoint of one transaction, commits, and only then
//! answers. So a hundred callers share one sync of the disk, and a request that is refused does not harm its
//! neighbours. It may not know what a request means: that is `apply`.
//!
//! The invariant: an answer other than an error leaves this thread after the COMMIT that made it durable. When the
//! COMMIT or the disk fails, every request of the batch is told so and nothing of the batch is stored; the next batch
//! tries afresh, on a new connection if the old one is stuck.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot};

use super::encode::{EncodedCommand, EncodedCommit};
use super::{Options, apply, fault, reclaim, schema};
use crate::fail::{self, Point};
use crate::{Appended, Committed, Deleted, Error};
use model::RunId;

/// What callers ask for.
pub(crate) enum Request {
    Commit(Box<EncodedCommit>, oneshot::Sender<Result<Committed, Error>>),
    Command(Box<EncodedCommand>, oneshot::Sender<Result<Appended, Error>>),
    Delete(Vec<RunId>, oneshot::Sender<Result<Deleted, Error>>),
    Probe(oneshot::Sender<Result<(), Error>>),
    Compact(oneshot::Sender<Result<(), Error>>),
    Close(oneshot::Sender<Result<(), Error>>),
}

impl Request {
    fn bytes(&self) -> usize {
        match self {
            Self::Commit(commit, _) => commit.bytes(),
            Self::Command(command, _) => command.payload_json.len(),
            Self::Delete(..) | Self::Probe(_) | Self::Compact(_) | Self::Close(_) => 0,
        }
    }
}

/// Why a request was not done.
pub(crate) enum Failure {
    /// This request is refused; its neighbours are not concerned.
    Request(Error),
    /// The database itself fails; the whole batch does.
    Batch(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        let own = matches!(code, Some(ErrorCode::TooBig | ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch));
        if own { Self::Request(fault(error)) } else { Self::Batch(error) }
    }
}

/// An answer that waits for its COMMIT.
enum Answer {
    Committed(oneshot::Sender<Result<Committed, Error>>, Result<Committed, Error>),
    Appended(oneshot::Sender<Result<Appended, Error>>, Result<Appended, Error>),
    Deleted(oneshot::Sender<Result<Deleted, Error>>, Result<Deleted, Error>),
    Done(oneshot::Sender<Result<(), Error>>, Result<(), Error>),
}

impl Answer {
    /// Sends it; `failed` replaces what was going to be said. A caller that went away is no concern of ours.
    fn send(self, failed: Option<&str>) {
        fn give<T>(to: oneshot::Sender<Result<T, Error>>, answer: Result<T, Error>, failed: Option<&str>) {
            let _ = to.send(failed.map_or(answer, |why| Err(Error::Unavailable(why.to_owned()))));
        }
        match self {
            Self::Committed(to, answer) => give(to, answer, failed),
            Self::Appended(to, answer) => give(to, answer, failed),
            Self::Deleted(to, answer) => give(to, answer, failed),
            Self::Done(to, answer) => give(to, answer, failed),
        }
    }
}

/// The thread's state.
pub(crate) struct Writer {
    conn: Option<Connection>,
    path: PathBuf,
    options: Options,
    requests: mpsc::Receiver<Request>,
    /// The write-ahead log, and the size at which it is looked after.
    log: PathBuf,
    log_bytes_next: u64,
    /// Whether pages may be free that the disk can have back.
    reclaims: bool,
    /// Whether some were given back.
    reclaimed: bool,
    /// Those who wait for the database to be written anew.
    compacts: Vec<oneshot::Sender<Result<(), Error>>>,
}

/// How long the writer waits for readers when the log has grown large.
const LOG_PATIENCE: Duration = Duration::from_millis(100);

impl Writer {
    pub(crate) fn new(conn: Connection, path: PathBuf, options: Options, requests: mpsc::Receiver<Request>) -> Self {
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        let log_bytes_next = options.log_bytes;
        Self {
            conn: Some(conn),
            path,
            options,
            requests,
            log: log.into(),
            log_bytes_next,
            reclaims: true,
            reclaimed: false,
            compacts: Vec::new(),
        }
    }

    /// Serves until it is closed or nobody can ask any more.
    pub(crate) fn run(mut self) {
        let mut closing = None;
        while let Some(first) = self.next() {
            let batch = self.gather(first, &mut closing);
            fail::pass(Point::StoreGathered);
            self.serve(batch);
            self.bound_log();
            for reply in std::mem::take(&mut self.compacts) {
                // Whoever asked may have gone; it is done all the same.
                let _ = reply.send(self.compact());
            }
            if closing.is_some() {
                self.requests.close();
            }
        }
        self.finish();
        if let Some(reply) = closing {
            let _ = reply.send(Ok(()));
        }
    }

    /// The next request. While nobody asks, free pages are given back to the disk, a few at a time.
    fn next(&mut self) -> Option<Request> {
        while self.reclaims {
            match self.requests.try_recv() {
                Ok(request) => return Some(request),
                Err(mpsc::error::TryRecvError::Disconnected) => return None,
                Err(mpsc::error::TryRecvError::Empty) => self.reclaims = self.reclaim(),
            }
        }
        self.requests.blocking_recv()
    }

    /// Everything that waits now, within bounds.
    fn gather(&mut self, first: Request, closing: &mut Option<oneshot::Sender<Result<(), Error>>>) -> Vec<Request> {
        let (mut batch, mut bytes, mut next) = (Vec::new(), 0, Some(first));
        while let Some(request) = next {
            bytes += request.bytes();
            match request {
                Request::Close(reply) => {
                    *closing = Some(reply);
                    break;
                }
                Request::Compact(reply) => {
                    self.compacts.push(reply);
                    break;
                }
                request => batch.push(request),
            }
            let room = batch.len() < self.options.batch_count && bytes < self.options.batch_bytes;
            next = if room { self.requests.try_recv().ok() } else { None };
        }
        batch
    }

    fn serve(&mut self, batch: Vec<Request>) {
        if batch.is_empty() {
            return;
        }
        let mut answers = Vec::with_capacity(batch.len());
        match self.store(batch, &mut answers) {
            Ok(()) => {
                fail::pass(Point::StoreCommitted);
                answers.into_iter().for_each(|answer| answer.send(None));
            }
            Err(error) => {
                let why = error.to_string();
                tracing::error!(error = why, requests = answers.len(), "a batch of writes failed");
                self.recover();
                answers.into_iter().for_each(|answer| answer.send(Some(&why)));
            }
        }
    }

    /// Gives a slice of free pages back; whether there may be more.
    fn reclaim(&mut self) -> bool {
        let Some(conn) = &self.conn else { return false };
        match reclaim::slice(conn, &self.options) {
            Ok(true) => {
                self.reclaimed = true;
                true
            }
            Ok(false) => {
                // The file gets shorter when the log goes into it.
                if std::mem::take(&mut self.reclaimed) {
                    self.empty_log(0);
                }
                false
            }
            Err(error) => {
                tracing::warn!(%error, "free pages could not be given back to the disk; the next deletion tries again");
                false
            }
        }
    }

    /// Writes the whole database anew, without holes.
    fn compact(&mut self) -> Result<(), Error> {
        let compacted = self.connection().and_then(reclaim::whole);
        self.empty_log(0);
        compacted.map_err(|error| Error::Unavailable(error.to_string()))
    }

    /// Does the batch in one transaction. Every request has its answer in `answers`, whatever happens.
    fn store(&mut self, batch: Vec<Request>, answers: &mut Vec<Answer>) -> Result<(), rusqlite::Error> {
        let opened = self.connection().and_then(|conn| conn.execute_batch("BEGIN IMMEDIATE"));
        let mut failed = opened.err();
        self.reclaims |= batch.iter().any(|request| matches!(request, Request::Delete(..)));
        for request in batch {
            let conn = self.conn.as_ref().filter(|_| failed.is_none());
            let (answer, failure) = serve_one(conn, request);
            answers.push(answer);
            failed = failed.or(failure);
        }
        match (failed, &self.conn) {
            (Some(error), _) => Err(error),
            (None, Some(conn)) => {
                fail::pass(Point::StoreWritten);
                conn.execute_batch("COMMIT")
            }
            (None, None) => Ok(()),
        }
    }

    fn connection(&mut self) -> rusqlite::Result<&Connection> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => schema::reopen_writer(&self.path, &self.options)?,
        };
        Ok(self.conn.insert(conn))
    }

    /// Ends the failed transaction; a connection that cannot even do that is given up.
    fn recover(&mut self) {
        let Some(conn) = &self.conn else { return };
        if !conn.is_autocommit() && conn.execute_batch("ROLLBACK").is_err() {
            self.conn = None;
        }
    }

    /// Empties a log that has grown large. SQLite does so by itself only at a moment without any reader, and under
    /// constant readers there is none. A reader that takes its time, such as a backup, is not waited for: then the next
    /// try comes when the log has grown as much again.
    fn bound_log(&mut self) {
        let len = std::fs::metadata(&self.log).map_or(0, |log| log.len());
        if len >= self.log_bytes_next {
            self.empty_log(len);
        }
    }

    fn empty_log(&mut self, len: u64) {
        let Some(conn) = self.conn.as_ref() else { return };
        let emptied = conn
            .busy_timeout(LOG_PATIENCE)
            .and_then(|()| conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)));
        let kept = if matches!(emptied, Ok(0)) { 0 } else { len };
        self.log_bytes_next = kept + self.options.log_bytes;
        if let Err(error) = conn.busy_timeout(self.options.busy_timeout).and(emptied) {
            tracing::warn!(%error, "the write-ahead log could not be emptied");
        }
    }

    fn finish(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        if let Err(error) = conn.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)") {
            tracing::warn!(%error, "the write-ahead log stays for the next start");
        }
    }
}

/// Does one request in its savepoint. Without a connection the answer is a placeholder: the batch has failed.
fn serve_one(conn: Option<&Connection>, request: Request) -> (Answer, Option<rusqlite::Error>) {
    match request {
        Request::Commit(commit, to) => {
            let (answer, failure) = guarded(conn, |conn| apply::commit(conn, &commit));
            (Answer::Committed(to, answer), failure)
        }
        Request::Command(command, to) => {
            let (answer, failure) = guarded(conn, |conn| Ok(apply::append_command(conn, &command)?));
            (Answer::Appended(to, answer), failure)
        }
        Request::Delete(run_ids, to) => {
            let (answer, failure) = guarded(conn, |conn| Ok(apply::delete_runs(conn, &run_ids)?));
            (Answer::Deleted(to, answer), failure)
        }
        Request::Probe(to) => {
            let (answer, failure) = guarded(conn, |conn| Ok(apply::probe(conn)?));
            (Answer::Done(to, answer), failure)
        }
        // Neither of them comes in a batch.
        Request::Close(to) | Request::Compact(to) => (Answer::Done(to, Ok(())), None),
    }
}

fn guarded<T>(
    conn: Option<&Connection>,
    work: impl FnOnce(&Connection) -> Result<T, Failure>,
) -> (Result<T, Error>, Option<rusqlite::Error>) {
    let not_done = || Err(Error::Unavailable("the batch failed".to_owned()));
    let Some(conn) = conn else { return (not_done(), None) };
    match in_savepoint(conn, work) {
        Ok(done) => (Ok(done), None),
        Err(Failure::Request(error)) => (Err(error), None),
        Err(Failure::Batch(error)) => (not_done(), Some(error)),
    }
}

fn in_savepoint<T>(conn: &Connection, work: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
    let run = |sql: &str| conn.prepare_cached(sql).and_then(|mut s| s.execute([])).map_err(Failure::Batch);
    run("SAVEPOINT request")?;
    match work(conn) {
        Ok(done) => {
            run("RELEASE request")?;
            Ok(done)
        }
        Err(Failure::Request(error)) => {
            run("ROLLBACK TO request")?;
            run("RELEASE request")?;
            Err(Failure::Request(error))
        }
        Err(batch) => Err(batch),
    }
}
