//! One request inside an open transaction: what a commit, a command or a deletion does to the tables.
//!
//! May not know threads, channels, or when the transaction ends. The invariant: a function here either does all of its
//! request, or fails and leaves the undoing to the savepoint around it.

use rusqlite::{Connection, OptionalExtension, params};

use super::encode::{EncodedCommand, EncodedCommit, EncodedRecord, EncodedRun, EncodedWrite};
use super::triples;
use super::writer::Failure;
use crate::{Appended, Committed, Decision, Deleted, Error, Metrics, StartKey};
use model::RunId;

/// The clock of the database, in the contract's format to the millisecond.
const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')";

/// Stores a commit.
pub(crate) fn commit(conn: &Connection, commit: &EncodedCommit) -> Result<Committed, Failure> {
    if let Some(key) = &commit.start_key
        && let Some(before) = start_key(conn, &key.key)?
    {
        return Ok(Committed { started_before: Some(before), ..Committed::default() });
    }
    let mut done = Committed::default();
    for write in &commit.runs {
        if let Some(version) = write_run(conn, write)? {
            done.versions.push((write.columns.run_id.clone(), version));
        }
    }
    append_records(conn, &commit.records, &mut done.cursors)?;
    for origin in &commit.origins {
        conn.prepare_cached("INSERT OR REPLACE INTO run_origins(run_id, ordinal, state_json) VALUES (?1, ?2, ?3)")?
            .execute(params![origin.run_id.as_str(), origin.ordinal.cast_signed(), origin.state])?;
    }
    for delivery in &commit.deliveries {
        conn.prepare_cached("INSERT INTO deliveries(run_id, wait_key, envelope_json) VALUES (?1, ?2, ?3)")?
            .execute(params![delivery.run_id.as_str(), delivery.wait_key, delivery.envelope_json])?;
    }
    for id in &commit.consumed {
        conn.prepare_cached("DELETE FROM deliveries WHERE id = ?1")?.execute([id])?;
    }
    for decision in &commit.decided {
        decide(conn, decision)?;
    }
    for command in &commit.commands {
        append_command(conn, command)?;
    }
    for span in &commit.spans {
        conn.prepare_cached(
            "INSERT INTO spans(owner_run_id, span_id, span_json) VALUES (?1, ?2, ?3)
             ON CONFLICT(owner_run_id, span_id) DO UPDATE SET span_json = excluded.span_json",
        )?
        .execute(params![span.owner.as_str(), span.span_id, span.span_json])?;
    }
    for triple in &commit.triples {
        triples::append(conn, triple)?;
    }
    if let Some(key) = &commit.start_key {
        let sql = format!("INSERT INTO start_keys(key, fingerprint, run_id, created_at) VALUES (?1, ?2, ?3, {NOW})");
        conn.prepare_cached(&sql)?.execute(params![key.key, key.fingerprint, key.run_id.as_str()])?;
    }
    Ok(done)
}

/// The run started under a key.
pub(crate) fn start_key(conn: &Connection, key: &str) -> rusqlite::Result<Option<StartKey>> {
    let mut find = conn.prepare_cached("SELECT key, fingerprint, run_id FROM start_keys WHERE key = ?1")?;
    find.query_row([key], |row| {
        let run_id: String = row.get(2)?;
        Ok(StartKey { key: row.get(0)?, fingerprint: row.get(1)?, run_id: run_id.into() })
    })
    .optional()
}

/// Writes a run and returns its new version; `None` when it was to be written only if absent, and is there.
pub(crate) fn write_run(conn: &Connection, write: &EncodedWrite) -> Result<Option<i64>, Failure> {
    let run = &write.columns;
    let found: Option<i64> = conn
        .prepare_cached("SELECT version FROM runs WHERE run_id = ?1")?
        .query_row([run.run_id.as_str()], |row| row.get(0))
        .optional()?;
    if write.only_if_absent && found.is_some() {
        return Ok(None);
    }
    if write.expected.is_some_and(|expected| expected != found.unwrap_or(0)) {
        return Err(Failure::Request(Error::Stale(run.run_id.clone())));
    }
    let version = found.unwrap_or(0) + 1;
    conn.prepare_cached(
        "INSERT INTO runs(run_id, workflow_id, status, wait_reason, wait_until, parent_run_id, actor_id, session_id,
           created_at, updated_at, version, wait_key, paused, is_draft, summary_json, output_json, private_json, run_json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
         ON CONFLICT(run_id) DO UPDATE SET workflow_id = excluded.workflow_id, status = excluded.status,
           wait_reason = excluded.wait_reason, wait_until = excluded.wait_until,
           parent_run_id = excluded.parent_run_id, actor_id = excluded.actor_id, session_id = excluded.session_id,
           updated_at = excluded.updated_at, version = excluded.version, wait_key = excluded.wait_key,
           paused = excluded.paused, is_draft = excluded.is_draft, summary_json = excluded.summary_json,
           output_json = excluded.output_json, private_json = excluded.private_json, run_json = excluded.run_json",
    )?
    .execute(params![
        run.run_id.as_str(),
        run.workflow_id,
        run.status,
        run.wait_reason,
        run.wait_until,
        run.parent_run_id,
        run.actor_id,
        run.session_id,
        run.created_at,
        run.updated_at,
        version,
        run.wait_key,
        run.paused,
        run.is_draft,
        run.summary_json,
        run.output_json,
        write.private_json,
        write.run_json,
    ])?;
    index_wait(conn, run, found.is_none())?;
    Ok(Some(version))
}

/// A row in `wait_index` exactly while the run waits for a moment.
fn index_wait(conn: &Connection, run: &EncodedRun, new: bool) -> rusqlite::Result<()> {
    let due = run.wait_until.as_ref().filter(|_| run.status == "waiting");
    if let Some(due) = due {
        conn.prepare_cached(
            "INSERT INTO wait_index(run_id, next_due_iso, updated_at_iso, status) VALUES (?1, ?2, ?3, 'waiting_until')
             ON CONFLICT(run_id) DO UPDATE SET next_due_iso = excluded.next_due_iso,
               updated_at_iso = excluded.updated_at_iso, status = excluded.status",
        )?
        .execute(params![run.run_id.as_str(), due, run.updated_at])?;
    } else if !new {
        conn.prepare_cached("DELETE FROM wait_index WHERE run_id = ?1")?.execute([run.run_id.as_str()])?;
    }
    Ok(())
}

/// Appends records to the chain of their run; consecutive records of one run raise its head once.
fn append_records(
    conn: &Connection,
    records: &[EncodedRecord],
    cursors: &mut Vec<(RunId, u64)>,
) -> rusqlite::Result<()> {
    let mut insert = conn.prepare_cached("INSERT INTO ledger(run_id, seq, record_json) VALUES (?1, ?2, ?3)")?;
    for group in records.chunk_by(|a, b| a.run_id == b.run_id) {
        let Some(run_id) = group.first().map(|r| &r.run_id) else { continue };
        let (mut seq, mut prev_hash) = head(conn, run_id)?;
        for record in group {
            seq += 1;
            let linked = record.unlinked.link(prev_hash.as_deref());
            insert.execute(params![run_id.as_str(), seq, linked.text])?;
            prev_hash = Some(linked.hash);
        }
        raise_head(conn, run_id, group, prev_hash)?;
        cursors.retain(|(id, _)| id != run_id);
        cursors.push((run_id.clone(), seq.unsigned_abs()));
    }
    Ok(())
}

/// How many records a run has, and the hash of the last one.
fn head(conn: &Connection, run_id: &RunId) -> rusqlite::Result<(i64, Option<String>)> {
    conn.prepare_cached("SELECT last_seq, head_hash FROM ledger_heads WHERE run_id = ?1")?
        .query_row([run_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map(|found| found.unwrap_or((0, None)))
}

fn raise_head(
    conn: &Connection,
    run_id: &RunId,
    group: &[EncodedRecord],
    head_hash: Option<String>,
) -> rusqlite::Result<()> {
    let sum = |of: fn(&Metrics) -> u64| group.iter().map(|r| of(&r.counts)).sum::<u64>() as i64;
    conn.prepare_cached(
        "INSERT INTO ledger_heads(run_id, last_seq, steps, llm_calls, tool_calls, tokens_total, head_hash, chained_from)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)
         ON CONFLICT(run_id) DO UPDATE SET last_seq = last_seq + excluded.last_seq, steps = steps + excluded.steps,
           llm_calls = llm_calls + excluded.llm_calls, tool_calls = tool_calls + excluded.tool_calls,
           tokens_total = tokens_total + excluded.tokens_total, head_hash = excluded.head_hash,
           chained_from = COALESCE(chained_from, last_seq + 1)",
    )?
    .execute(params![
        run_id.as_str(),
        group.len() as i64,
        sum(|m| m.steps),
        sum(|m| m.llm_calls),
        sum(|m| m.tool_calls),
        sum(|m| m.tokens_total),
        head_hash
    ])?;
    Ok(())
}

/// Puts a command in the inbox.
pub(crate) fn append_command(conn: &Connection, encoded: &EncodedCommand) -> rusqlite::Result<Appended> {
    let command = &encoded.command;
    let inserted = conn
        .prepare_cached(
            "INSERT OR IGNORE INTO commands(command_id, run_id, type, payload_json, ts, client_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            command.command_id,
            command.run_id,
            command.kind.as_str(),
            encoded.payload_json,
            command.ts,
            command.client_id
        ])?;
    if inserted == 1 {
        return Ok(Appended { seq: conn.last_insert_rowid(), duplicate: false });
    }
    let seq = conn
        .prepare_cached("SELECT seq FROM commands WHERE command_id = ?1")?
        .query_row([&command.command_id], |row| row.get(0))?;
    Ok(Appended { seq, duplicate: true })
}

/// A decision is final: a second one changes nothing.
fn decide(conn: &Connection, decision: &Decision) -> rusqlite::Result<()> {
    let sql = format!(
        "UPDATE commands SET outcome = ?2, error = ?3, decided_at = {NOW} WHERE seq = ?1 AND outcome = 'pending'"
    );
    conn.prepare_cached(&sql)?.execute(params![decision.seq, decision.outcome.as_str(), decision.error])?;
    Ok(())
}

/// Deletes runs with everything that is kept for them in the database.
pub(crate) fn delete_runs(conn: &Connection, run_ids: &[RunId]) -> rusqlite::Result<Deleted> {
    let mut deleted = Deleted::default();
    for run_id in run_ids {
        let count = |sql: &str| conn.prepare_cached(sql)?.execute([run_id.as_str()]);
        deleted.commands += count("DELETE FROM commands WHERE run_id = ?1")? as u64;
        deleted.ledger_records += count("DELETE FROM ledger WHERE run_id = ?1")? as u64;
        count("DELETE FROM ledger_heads WHERE run_id = ?1")?;
        count("DELETE FROM wait_index WHERE run_id = ?1")?;
        count("DELETE FROM deliveries WHERE run_id = ?1")?;
        count("DELETE FROM start_keys WHERE run_id = ?1")?;
        count("DELETE FROM spans WHERE owner_run_id = ?1")?;
        count("DELETE FROM triples WHERE owner_id = ?1 AND scope = 'run'")?;
        count("DELETE FROM run_origins WHERE run_id = ?1")?;
        deleted.runs += count("DELETE FROM runs WHERE run_id = ?1")? as u64;
    }
    Ok(deleted)
}

/// Writes something that needs a few pages, and takes it back.
pub(crate) fn probe(conn: &Connection) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT OR REPLACE INTO probe(id, filler) VALUES (1, zeroblob(16384))")?.execute([])?;
    conn.prepare_cached("DELETE FROM probe")?.execute([])?;
    Ok(())
}
