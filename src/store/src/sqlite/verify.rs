//! Verification of stored ledgers against their hash chains.
//!
//! May not know how hashes are made: that is `model::chain`. The invariant: head and records of a ledger are read in one
//! transaction, so that a run that goes on meanwhile does not look torn; and the texts are those that are stored.

use model::api::ledger::LedgerVerified;
use model::chain::{Head, Verifier};
use rusqlite::{Connection, OptionalExtension};

/// Verifies the ledger of a run, as it is now.
pub(crate) fn ledger(conn: &Connection, run_id: &str) -> rusqlite::Result<LedgerVerified> {
    let tx = conn.unchecked_transaction()?;
    let mut verifier = Verifier::new(run_id, head(&tx, run_id)?);
    let mut records = tx.prepare_cached("SELECT seq, record_json FROM ledger WHERE run_id = ?1 ORDER BY seq")?;
    let mut rows = records.query([run_id])?;
    while let Some(row) = rows.next()? {
        let place = row.get::<_, i64>(0)?.unsigned_abs();
        // What is no text at all is no record either; the verifier says so.
        verifier.record(place, row.get_ref(1)?.as_str().unwrap_or_default());
    }
    Ok(verifier.finish())
}

/// Every run that has a ledger, or should have one.
pub(crate) fn runs(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut find = conn.prepare("SELECT run_id FROM ledger_heads UNION SELECT run_id FROM ledger ORDER BY run_id")?;
    find.query_map([], |row| row.get(0))?.collect()
}

fn head(conn: &Connection, run_id: &str) -> rusqlite::Result<Option<Head>> {
    // A database that was not opened for writing yet may be older than the chain.
    let columns = if has_chain(conn)? { "head_hash, chained_from" } else { "NULL, NULL" };
    let sql = format!("SELECT last_seq, {columns} FROM ledger_heads WHERE run_id = ?1");
    let read = |row: &rusqlite::Row<'_>| {
        let chained_from: Option<i64> = row.get(2)?;
        Ok(Head {
            len: row.get::<_, i64>(0)?.unsigned_abs(),
            hash: row.get(1)?,
            chained_from: chained_from.map(i64::unsigned_abs),
        })
    };
    conn.prepare_cached(&sql)?.query_row([run_id], read).optional()
}

fn has_chain(conn: &Connection) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM pragma_table_info('ledger_heads') WHERE name = 'head_hash'")?.exists([])
}
