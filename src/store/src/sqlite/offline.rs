//! A database as a file: looked at and copied without a store, also beside a program that works on it.
//!
//! May not know what lies beside the database. The invariant: nothing here writes to the file that is read.

use std::path::Path;

use model::api::ledger::LedgerVerified;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{fault, schema, verify};
use crate::Error;

/// The newest schema version this program can read.
pub const SCHEMA_VERSION: i64 = schema::VERSION;

/// Whether a file begins as SQLite databases do.
///
/// # Errors
/// The disk's.
pub fn is_database(path: &Path) -> std::io::Result<bool> {
    use std::io::Read as _;
    const MAGIC: &[u8; 16] = b"SQLite format 3\0";
    let mut begin = Vec::with_capacity(MAGIC.len());
    std::fs::File::open(path)?.take(MAGIC.len() as u64).read_to_end(&mut begin)?;
    Ok(begin == MAGIC)
}

/// A database that is only read. Blocking.
pub struct Offline {
    conn: Connection,
}

impl Offline {
    /// Opens a database that others may be writing.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when there is none or it cannot be opened, [`Error::Corrupt`] when it is none.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let opened = Self::with(&uri(path, "mode=ro"));
        match opened {
            // In a folder that is read-only the log beside a closed database cannot be set up: it is not needed then.
            Err(error) if is_cannot_open(&error) && !beside(path, "-wal").exists() => Self::open_still(path),
            other => other.map_err(fault),
        }
    }

    /// Opens a database that nobody writes, such as one in a backup. No file appears beside it.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_still(path: &Path) -> Result<Self, Error> {
        Self::with(&uri(path, "mode=ro&immutable=1")).map_err(fault)
    }

    fn with(uri: &str) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let conn = Connection::open_with_flags(uri, flags)?;
        conn.busy_timeout(std::time::Duration::from_secs(5))?;
        // Opening alone reads nothing.
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(Self { conn })
    }

    /// Its schema version: 0 of a database of the Python gateway.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn schema_version(&self) -> Result<i64, Error> {
        self.conn.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(fault)
    }

    /// Whether it holds ledgers.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn has_ledgers(&self) -> Result<bool, Error> {
        let sql = "SELECT count(*) = 2 FROM sqlite_schema WHERE type = 'table' AND name IN ('ledger', 'ledger_heads')";
        self.conn.query_row(sql, [], |row| row.get(0)).map_err(fault)
    }

    /// Every run that has a ledger, or should have one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn runs(&self) -> Result<Vec<String>, Error> {
        verify::runs(&self.conn).map_err(fault)
    }

    /// Verifies the hash chain of a run's ledger.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn verify_ledger(&self, run_id: &str) -> Result<LedgerVerified, Error> {
        verify::ledger(&self.conn, run_id).map_err(fault)
    }

    /// What SQLite itself finds wrong with the file; nothing when it is sound.
    ///
    /// # Errors
    /// When the file cannot be read at all.
    pub fn damage(&self) -> Result<Vec<String>, Error> {
        let read = || {
            let mut check = self.conn.prepare("PRAGMA integrity_check")?;
            check.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
        };
        let mut found = read().map_err(fault)?;
        found.retain(|line| line != "ok");
        Ok(found)
    }

    /// Writes the database, as it is at one moment, to a new file. Others go on writing meanwhile.
    ///
    /// # Errors
    /// When the target exists or there is no room for it.
    pub fn copy_to(&self, target: &Path) -> Result<(), Error> {
        let target = target.to_str().ok_or_else(|| Error::Unavailable("the path is no text".to_owned()))?;
        self.conn.execute("VACUUM INTO ?1", [target]).map(drop).map_err(fault)
    }
}

fn is_cannot_open(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

fn beside(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A path as SQLite takes it with options.
fn uri(path: &Path, options: &str) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(char::from(*byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push('?');
    uri.push_str(options);
    uri
}
