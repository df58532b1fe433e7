//! A database that is being filled by an import: the same rows the writer would have written, in large transactions.
//!
//! May not know: where the rows come from. The invariant: the mark of a unit and its rows are one transaction.

use std::path::Path;

use model::{Command, Run, RunId};
use rusqlite::{Connection, OptionalExtension, params};

use super::encode::{EncodedCommand, EncodedRun, EncodedWrite, counts_of_text, text};
use super::writer::Failure;
use super::{Options, apply, fault, schema};
use crate::Error;
use crate::import::{INBOX, Imported, Problem};

pub(crate) use super::encode::decode_run;

/// What is to become of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It was applied.
    Applied,
    /// It is to be applied.
    Pending,
    /// It may have been applied.
    Unknown,
}

/// What an unknown command is told.
const UNKNOWN: &str = "imported without knowing whether it was applied; it was not applied again. Send it again under another command_id if its effect is missing";

/// The database.
pub(crate) struct Target {
    conn: Connection,
}

impl Target {
    /// Opens the database that grows at `path`; one that cannot be used any more is begun afresh.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let open = || {
            let mut conn = schema::open_writer(path, &Options::default())?;
            schema::migrate(&mut conn)?;
            Ok::<_, Error>(conn)
        };
        let conn = match open() {
            Err(Error::Corrupt(why)) => {
                tracing::warn!(path = %path.display(), why, "an interrupted import is begun afresh");
                std::fs::remove_file(path).map_err(|e| Error::Unavailable(e.to_string()))?;
                open()?
            }
            conn => conn?,
        };
        conn.execute_batch("BEGIN IMMEDIATE").map_err(fault)?;
        Ok(Self { conn })
    }

    /// Makes durable what was stored until now.
    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        self.conn.execute_batch("COMMIT; BEGIN IMMEDIATE").map_err(fault)
    }

    /// Whether a unit is stored as it is.
    pub(crate) fn has(&self, name: &str, stamp: &str) -> Result<bool, Error> {
        let mut find = self.conn.prepare_cached("SELECT stamp = ?2 FROM imports WHERE name = ?1").map_err(fault)?;
        Ok(find.query_row([name, stamp], |row| row.get(0)).optional().map_err(fault)?.unwrap_or(false))
    }

    /// Takes away what is stored of a unit: of a run, or the inbox.
    pub(crate) fn forget(&self, name: &str, run_id: Option<RunId>) -> Result<(), Error> {
        if !self.unmark(name)? {
            return Ok(());
        }
        if let Some(run_id) = run_id {
            apply::delete_runs(&self.conn, &[run_id]).map_err(fault)?;
            // What becomes of a command may depend on its run.
            self.unmark(INBOX)?;
        }
        self.conn.execute("DELETE FROM commands", []).map(drop).map_err(fault)
    }

    /// Takes away that a unit was stored, and what was left aside of it. Whether there was anything.
    pub(crate) fn unmark(&self, name: &str) -> Result<bool, Error> {
        let delete = |sql: &str| self.conn.prepare_cached(sql)?.execute([name]);
        let marks = delete("DELETE FROM imports WHERE name = ?1").map_err(fault)?;
        Ok(marks + delete("DELETE FROM import_problems WHERE name = ?1").map_err(fault)? > 0)
    }

    /// Marks a unit as stored.
    pub(crate) fn done(&self, name: &str, stamp: &str, counts: &Imported) -> Result<(), Error> {
        let sql = "INSERT INTO imports(name, stamp, runs, records, commands) VALUES (?1, ?2, ?3, ?4, ?5)";
        let row = params![name, stamp, counts.runs as i64, counts.records as i64, counts.commands as i64];
        self.conn.prepare_cached(sql).and_then(|mut s| s.execute(row)).map(drop).map_err(fault)
    }

    /// Keeps what was left aside of a unit.
    pub(crate) fn problems(&self, unit: &str, problems: &[Problem]) -> Result<(), Error> {
        let sql = "INSERT INTO import_problems(name, line, why, text) VALUES (?1, ?2, ?3, ?4)";
        for problem in problems {
            let told = serde_json::to_string(problem).unwrap_or_default();
            let row = params![unit, problem.line.map(u64::cast_signed), problem.why, told];
            self.conn.prepare_cached(sql).and_then(|mut s| s.execute(row)).map_err(fault)?;
        }
        Ok(())
    }

    /// Everything that was left aside.
    pub(crate) fn all_problems(&self) -> Result<Vec<Problem>, Error> {
        let mut find = self.conn.prepare("SELECT text FROM import_problems ORDER BY rowid").map_err(fault)?;
        let rows = find.query_map([], |row| row.get::<_, String>(0)).map_err(fault)?;
        rows.map(|row| serde_json::from_str(&row.map_err(fault)?).map_err(|e| Error::Corrupt(e.to_string()))).collect()
    }

    /// Stores a run.
    pub(crate) fn run(&self, run: &Run) -> Result<(), Error> {
        let write = EncodedWrite {
            columns: EncodedRun::of(run),
            run_json: text(run)?,
            private_json: None,
            expected: Some(0),
            only_if_absent: false,
        };
        apply::write_run(&self.conn, &write).map(drop).map_err(|failure| match failure {
            Failure::Request(error) => error,
            Failure::Batch(error) => fault(error),
        })
    }

    /// Appends records to a run's ledger as they were written. They are no part of the hash chain, which begins with
    /// the next record.
    pub(crate) fn records(&self, run_id: &RunId, records: Vec<String>) -> Result<(), Error> {
        records.iter().try_for_each(|record| self.record(run_id, record)).map_err(fault)
    }

    fn record(&self, run_id: &RunId, record: &str) -> rusqlite::Result<()> {
        let counts = counts_of_text(record);
        let raised = [counts.steps, counts.llm_calls, counts.tool_calls, counts.tokens_total].map(u64::cast_signed);
        let [steps, llm_calls, tool_calls, tokens_total] = raised;
        let seq: i64 = self
            .conn
            .prepare_cached(
                "INSERT INTO ledger_heads(run_id, last_seq, steps, llm_calls, tool_calls, tokens_total)
                 VALUES (?1, 1, ?2, ?3, ?4, ?5)
                 ON CONFLICT(run_id) DO UPDATE SET last_seq = last_seq + 1, steps = steps + excluded.steps,
                   llm_calls = llm_calls + excluded.llm_calls, tool_calls = tool_calls + excluded.tool_calls,
                   tokens_total = tokens_total + excluded.tokens_total
                 RETURNING last_seq",
            )?
            .query_row(params![run_id.as_str(), steps, llm_calls, tool_calls, tokens_total], |row| row.get(0))?;
        self.conn
            .prepare_cached("INSERT INTO ledger(run_id, seq, record_json) VALUES (?1, ?2, ?3)")?
            .execute(params![run_id.as_str(), seq, record])
            .map(drop)
    }

    /// When a stored run changed last.
    pub(crate) fn updated_at(&self, run_id: &str) -> Result<Option<String>, Error> {
        let mut find = self.conn.prepare_cached("SELECT updated_at FROM runs WHERE run_id = ?1").map_err(fault)?;
        find.query_row([run_id], |row| row.get(0)).optional().map_err(fault)
    }

    /// Stores a command in its place.
    pub(crate) fn command(&self, command: Command, fate: Fate) -> Result<(), Error> {
        let encoded = EncodedCommand::of(command)?;
        let (outcome, error) = match fate {
            Fate::Applied => ("applied", None),
            Fate::Pending => ("pending", None),
            Fate::Unknown => ("rejected", Some(UNKNOWN)),
        };
        let sql = "INSERT INTO commands(seq, command_id, run_id, type, payload_json, ts, client_id, outcome, error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let command = &encoded.command;
        let row = params![
            command.seq,
            command.command_id,
            command.run_id,
            command.kind.as_str(),
            encoded.payload_json,
            command.ts,
            command.client_id,
            outcome,
            error
        ];
        self.conn.prepare_cached(sql).and_then(|mut s| s.execute(row)).map(drop).map_err(fault)
    }

    /// No later command gets a place up to `seq`.
    pub(crate) fn reserve_seq(&self, seq: i64) -> Result<(), Error> {
        let raise = |sql: &str| self.conn.execute(sql, [seq]);
        let raised = raise("UPDATE sqlite_sequence SET seq = MAX(seq, ?1) WHERE name = 'commands'");
        if raised.map_err(fault)? == 0 {
            raise("INSERT INTO sqlite_sequence(name, seq) VALUES ('commands', ?1)").map_err(fault)?;
        }
        Ok(())
    }

    /// Counts what is stored against what was read, and gives it.
    pub(crate) fn finish(&mut self) -> Result<Imported, Error> {
        let counted = |sql: &str| {
            self.conn.query_row(sql, [], |row| {
                let count = |i| row.get::<_, i64>(i).map(i64::cast_unsigned);
                Ok(Imported { runs: count(0)?, records: count(1)?, commands: count(2)?, problems: count(3)? })
            })
        };
        let problems = "(SELECT COUNT(*) FROM import_problems)";
        let read = counted(&format!(
            "SELECT COALESCE(SUM(runs), 0), COALESCE(SUM(records), 0), COALESCE(SUM(commands), 0), {problems} FROM imports"
        ));
        let stored = counted(&format!(
            "SELECT (SELECT COUNT(*) FROM runs), (SELECT COUNT(*) FROM ledger), (SELECT COUNT(*) FROM commands), {problems}"
        ));
        let (read, stored) = (read.map_err(fault)?, stored.map_err(fault)?);
        if read != stored {
            return Err(Error::Corrupt(format!("the import read {read:?} and stored {stored:?}")));
        }
        self.commit()?;
        Ok(stored)
    }

    /// Writes everything into the one file.
    pub(crate) fn close(self) -> Result<(), Error> {
        let ended = self.conn.execute_batch("COMMIT; PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)");
        ended.map_err(fault)?;
        self.conn.close().map_err(|(_, error)| fault(error))
    }
}
