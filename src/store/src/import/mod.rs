//! From the file layout of the Python gateway (contract 02, section 11.2) to a database of ours.
//!
//! May not know: what a run means, who asked for the import, how progress is shown. The invariants: the source is only
//! read; nothing in it is fatal, what cannot be read is named in a report; the database appears under its name when
//! everything is in it and counted, so a killed import leaves none and the next one goes on where it stopped.

mod commands;
mod files;
mod lines;
mod report;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::sqlite::import::Target;
pub(crate) use files::INBOX;
use files::{Source, Unit};
pub use report::{Problem, REPORT_FILE};

/// How much of a source is read at most. What is larger is left aside and named in the report.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a file that is read whole.
    pub file_bytes: u64,
    /// Bytes of a line.
    pub line_bytes: usize,
    /// Bytes of sources in one transaction, roughly.
    pub batch_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 256 << 20, line_bytes: 64 << 20, batch_bytes: 16 << 20 }
    }
}

/// How far an import is: files done, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Files that are stored.
    pub done: usize,
    /// All of them.
    pub total: usize,
}

/// What an import brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Runs.
    pub runs: u64,
    /// Ledger records.
    pub records: u64,
    /// Commands.
    pub commands: u64,
    /// Things left aside, as the report names them.
    pub problems: u64,
}

/// How many runs of the file layout lie in a data directory; none when it has no such layout.
///
/// # Errors
/// When the folder is there and cannot be listed.
pub fn runs_in(data_dir: &Path) -> io::Result<usize> {
    Source::list(data_dir).map(|source| source.runs.len())
}

/// Imports the file layout of `data_dir` into `database`, replacing a database there, and writes the report into
/// `data_dir`. Blocking.
///
/// # Errors
/// The disk's, or when what was stored is not what was read; then there is no new database and an old one is as it was.
pub fn run(
    data_dir: &Path,
    database: &Path,
    limits: Limits,
    progress: &mut dyn FnMut(Progress),
) -> Result<Imported, Error> {
    let source = Source::list(data_dir).map_err(|e| unreadable(data_dir, &e))?;
    let growing = growing(database);
    let mut target = Target::open(&growing)?;
    let units = source.units();
    let mut say = |done| progress(Progress { done, total: units.len() });
    say(0);
    let mut held = 0;
    for (done, unit) in (1..).zip(&units) {
        held += take(&mut target, unit, limits)?;
        if held >= limits.batch_bytes {
            target.commit()?;
            held = 0;
        }
        say(done);
    }
    target.unmark("")?;
    target.problems("", &source.problems)?;
    let imported = target.finish()?;
    report::write(data_dir, database, imported.clone(), target.all_problems()?)
        .map_err(|e| Error::Unavailable(format!("the report of the import cannot be written: {e}")))?;
    target.close()?;
    put_in_place(&growing, database)?;
    Ok(imported)
}

/// Stores one unit unless it is stored already; gives how many bytes were read for it.
fn take(target: &mut Target, unit: &Unit, limits: Limits) -> Result<u64, Error> {
    let stamp = unit.stamp();
    if target.has(unit.name(), &stamp)? {
        return Ok(0);
    }
    target.forget(unit.name(), unit.run_id())?;
    let mut problems = Vec::new();
    let counts = match unit {
        Unit::Run { run, ledger, .. } => files::take_run(target, run, ledger.as_deref(), limits, &mut problems)?,
        Unit::Commands { file, cursor } => commands::take(target, file, cursor.as_deref(), limits, &mut problems)?,
    };
    target.problems(unit.name(), &problems)?;
    target.done(unit.name(), &stamp, &counts)?;
    Ok(unit.bytes())
}

/// Where a database grows until it is whole.
fn growing(database: &Path) -> PathBuf {
    beside(database, ".importing")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Gives the whole database its name. The log of a database that was there before must not be replayed into it.
fn put_in_place(growing: &Path, database: &Path) -> Result<(), Error> {
    let moved = || -> io::Result<()> {
        for old in [database.to_owned(), beside(database, "-wal"), beside(database, "-shm")] {
            match std::fs::remove_file(old) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        std::fs::rename(growing, database)?;
        database.parent().map_or(Ok(()), crate::atomic::sync_folder)
    };
    moved().map_err(|e| Error::Unavailable(format!("the new database cannot be put in its place: {e}")))
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::Unavailable(format!("'{}' cannot be read: {error}", path.display()))
}
