//! The schema: numbered migrations that are never edited, and the opening of a connection.
//!
//! May not know requests or queries. The invariant: a database is at exactly one numbered version, because every step
//! and its number are one transaction; a file from the Python gateway (version 0) goes the same way as an empty one.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

use super::encode::{EncodedRun, decode_run};
use super::fault;
use crate::Error;

type Step = fn(&rusqlite::Transaction<'_>) -> rusqlite::Result<()>;

/// Each step: its SQL and what the program adds to it.
const MIGRATIONS: &[(&str, Option<Step>)] = &[
    (include_str!("migrations/0001_reference.sql"), None),
    (include_str!("migrations/0002_runs.sql"), Some(copy_runs)),
    (include_str!("migrations/0003_run_indexes.sql"), None),
    (include_str!("migrations/0004_ledger.sql"), None),
    (include_str!("migrations/0005_inbox.sql"), None),
    (include_str!("migrations/0006_children.sql"), None),
    (include_str!("migrations/0007_chain.sql"), None),
    (include_str!("migrations/0008_imports.sql"), None),
    (include_str!("migrations/0009_trees.sql"), None),
    (include_str!("migrations/0010_spans.sql"), None),
    (include_str!("migrations/0011_triples.sql"), None),
    (include_str!("migrations/0012_origins_and_roots.sql"), None),
];

/// Between two tries for the write-ahead log.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

/// The newest schema version this program can read.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Opens a connection that may write.
pub(crate) fn open_writer(path: &Path, options: &super::Options) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(fault)?;
    returns_pages(&conn, options.busy_timeout).map_err(fault)?;
    prepare(&conn, options.busy_timeout).map_err(fault)?;
    if let Some(pages) = options.max_page_count {
        conn.pragma_update(None, "max_page_count", pages).map_err(fault)?;
    }
    Ok(conn)
}

/// Has a new database give pages back to the disk. Only one without any page takes this.
fn returns_pages(conn: &Connection, busy_timeout: Duration) -> rusqlite::Result<()> {
    conn.busy_timeout(busy_timeout)?;
    let pages: i64 = conn.pragma_query_value(None, "page_count", |row| row.get(0))?;
    if pages == 0 { conn.pragma_update(None, "auto_vacuum", "INCREMENTAL") } else { Ok(()) }
}

/// Opens a connection that only reads. The database must exist.
pub(crate) fn open_reader(path: &Path, options: &super::Options) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    prepare(&conn, options.busy_timeout)?;
    conn.pragma_update(None, "query_only", true)?;
    Ok(conn)
}

fn prepare(conn: &Connection, busy_timeout: Duration) -> rusqlite::Result<()> {
    conn.busy_timeout(busy_timeout)?;
    write_ahead(conn, Instant::now() + busy_timeout)?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Chooses the write-ahead log. That needs the database for itself for a moment, and SQLite does not wait for it: two
/// processes that open a new database together would refuse each other.
fn write_ahead(conn: &Connection, until: Instant) -> rusqlite::Result<()> {
    loop {
        let tried = conn.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0)).and_then(|mode| {
            if mode.eq_ignore_ascii_case("wal") { Ok(()) } else { conn.pragma_update(None, "journal_mode", "WAL") }
        });
        match tried {
            Err(error) if is_busy(&error) && Instant::now() < until => std::thread::sleep(BUSY_PAUSE),
            tried => return tried,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked))
}

/// Brings the database to [`VERSION`].
pub(crate) fn migrate(conn: &mut Connection) -> Result<(), Error> {
    if version(conn)? == VERSION {
        return Ok(());
    }
    // The version is read again under the write lock: another process may have migrated meanwhile.
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    let found = version(&tx)?;
    if !(0..=VERSION).contains(&found) {
        return Err(Error::Newer { found, known: VERSION });
    }
    for (number, (sql, step)) in (1i64..).zip(MIGRATIONS).filter(|(number, _)| *number > found) {
        tracing::info!(version = number, "migrating the database");
        tx.execute_batch(sql).map_err(fault)?;
        if let Some(step) = step {
            step(&tx).map_err(fault)?;
        }
    }
    tx.pragma_update(None, "user_version", VERSION).map_err(fault)?;
    tx.commit().map_err(fault)
}

fn version(conn: &Connection) -> Result<i64, Error> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(fault)
}

/// Copies the Python gateway's rows. A row that cannot be read is kept as it is, without a summary: it is shown to
/// nobody and lost to nobody.
fn copy_runs(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> {
    let mut keep = tx.prepare(
        "INSERT INTO runs(run_id, workflow_id, status, wait_reason, wait_until, parent_run_id, actor_id, session_id,
           created_at, updated_at, run_json) SELECT * FROM (SELECT run_id, workflow_id, status, wait_reason, wait_until,
           parent_run_id, actor_id, session_id, created_at, updated_at, run_json FROM runs_before WHERE run_id = ?1)",
    )?;
    let mut fill = tx.prepare(
        "UPDATE runs SET wait_key = ?2, paused = ?3, is_draft = ?4, summary_json = ?5, output_json = ?6,
           created_at = COALESCE(created_at, ?7), updated_at = COALESCE(updated_at, ?8) WHERE run_id = ?1",
    )?;
    let mut rows = tx.prepare("SELECT run_id, run_json FROM runs_before")?;
    let mut rows = rows.query([])?;
    let (mut copied, mut unreadable) = (0u64, 0u64);
    while let Some(row) = rows.next()? {
        let Ok(run_id) = row.get_ref(0)?.as_str().map(str::to_owned) else { continue };
        keep.execute([&run_id])?;
        let Some(run) = row.get_ref(1)?.as_str().ok().and_then(decode_run) else {
            unreadable += 1;
            tracing::warn!(run_id, "a stored run cannot be read and is left aside");
            continue;
        };
        let run = EncodedRun::of(&run);
        fill.execute(params![
            run_id,
            run.wait_key,
            run.paused,
            run.is_draft,
            run.summary_json,
            run.output_json,
            run.created_at,
            run.updated_at
        ])?;
        copied += 1;
    }
    if copied + unreadable > 0 {
        tracing::info!(copied, unreadable, "took over the runs of an older database");
    }
    Ok(())
}

/// Opens the writer's connection again after the old one was given up.
pub(crate) fn reopen_writer(path: &Path, options: &super::Options) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    prepare(&conn, options.busy_timeout)?;
    if let Some(pages) = options.max_page_count {
        conn.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(conn)
}
