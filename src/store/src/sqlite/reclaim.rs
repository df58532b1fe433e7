//! Giving room back to the disk: a few free pages at a time after a deletion, or the whole database written anew.
//!
//! May not know: what was deleted, and why. The invariant: it is done only while nobody waits for the writer, and a slice
//! is short.

use rusqlite::Connection;

use super::Options;
use crate::Room;

/// Pages of a slice: 2 MiB.
const SLICE: u32 = 512;

/// What the database takes.
pub(super) fn room(conn: &Connection) -> rusqlite::Result<Room> {
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
    let page = number("page_size")?;
    Ok(Room {
        bytes: number("page_count")? * page,
        free_bytes: number("freelist_count")? * page,
        gives_back: number("auto_vacuum")? == u64::from(INCREMENTAL),
    })
}

/// Gives a slice back; whether it was worth it. Some free pages are kept, so that a busy database need not grow again at
/// once. A database that was made without the means for it keeps all.
pub(super) fn slice(conn: &Connection, options: &Options) -> rusqlite::Result<bool> {
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
    let (mode, free) = (number("auto_vacuum")?, number("freelist_count")?);
    if mode != INCREMENTAL || free <= options.free_pages_kept {
        return Ok(false);
    }
    let mut give =
        conn.prepare(&format!("PRAGMA incremental_vacuum({})", SLICE.min(free - options.free_pages_kept)))?;
    let mut pages = give.query([])?;
    while pages.next()?.is_some() {}
    Ok(true)
}

/// Writes the database anew, and has it give pages back from now on.
pub(super) fn whole(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    conn.execute_batch("VACUUM")
}

/// SQLite's number for it.
const INCREMENTAL: u32 = 2;
