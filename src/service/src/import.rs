//! Taking over data directories of the Python gateway that kept its runs in files.
//!
//! May not know: how the files are read, how progress is shown. The invariants: a directory is imported once, before
//! anything else is written to its database, by one process at a time, and only while no gateway drives its runs.

use std::path::{Path, PathBuf};

use model::{Code, Error};
pub use store::import::{Imported, Progress};
use store::import::{Limits, REPORT_FILE, runs_in};

use crate::Settings;
use crate::planes::{Key, Lock, Planes};

/// A data plane whose runs lie in files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The folder.
    pub data_dir: PathBuf,
    /// The database they go to.
    pub database: PathBuf,
    /// Whether it is there.
    pub imported: bool,
    /// How many runs lie in files.
    pub runs: usize,
}

impl Found {
    /// What lies in a data plane.
    ///
    /// # Errors
    /// When its folder cannot be listed, or its database may not be where the settings say.
    pub fn of(key: &Key, settings: &Settings) -> Result<Self, Error> {
        Self::at(key.data_dir(settings), key.database(settings)?)
    }

    /// What lies in a folder.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub fn at(data_dir: PathBuf, database: PathBuf) -> Result<Self, Error> {
        let runs = runs_in(&data_dir).map_err(|e| {
            let text = format!("the data directory '{}' cannot be listed: {e}", data_dir.display());
            Error::new(Code::StorageUnavailable, text)
        })?;
        Ok(Self { imported: database.exists(), data_dir, database, runs })
    }

    /// Whether the first start has something to do here.
    #[must_use]
    pub const fn is_due(&self) -> bool {
        self.runs > 0 && !self.imported
    }

    /// Where what was left aside is named.
    #[must_use]
    pub fn report(&self) -> PathBuf {
        self.data_dir.join(REPORT_FILE)
    }

    /// Imports it, replacing a database that is there. Blocking; `held` is the lock of the data directory, when this
    /// process has it already.
    ///
    /// # Errors
    /// When another gateway works there, or the disk's; then no database is there that was not there before.
    pub(crate) fn take(&self, held: Option<&Lock>, progress: &mut dyn FnMut(Progress)) -> Result<Imported, Error> {
        let _lock = if held.is_none() { Some(Lock::take(&self.data_dir)?) } else { None };
        let Self { data_dir, database, runs, .. } = self;
        tracing::info!(data_dir = %data_dir.display(), runs, "importing the files of the Python gateway");
        let imported = store::import::run(data_dir, database, Limits::default(), progress).map_err(|e| {
            let text =
                format!("the runs in '{}' could not be imported: {e}. The files are as they were", data_dir.display());
            Error::new(Code::StorageUnavailable, text)
        })?;
        let Imported { runs, records, commands, problems } = imported;
        tracing::info!(runs, records, commands, problems, report = %self.report().display(), "imported");
        Ok(imported)
    }

    /// The same, without blocking the caller.
    ///
    /// # Errors
    /// As [`Found::take`].
    pub async fn import(self, mut progress: impl FnMut(Progress) + Send + 'static) -> Result<Imported, Error> {
        let taken = tokio::task::spawn_blocking(move || self.take(None, &mut progress)).await;
        taken.map_err(|e| Error::internal(e.to_string()))?
    }
}

/// Every data plane with runs in files: the default one, and those of users.
///
/// # Errors
/// When a folder cannot be listed.
pub fn found(settings: &Settings) -> Result<Vec<Found>, Error> {
    let keys = Planes::folders(settings).map_err(|e| {
        let folder = settings.data_dir.display();
        Error::new(Code::StorageUnavailable, format!("the data planes in '{folder}' cannot be listed: {e}"))
    })?;
    let found: Result<Vec<_>, _> = keys.iter().map(|key| Found::of(key, settings)).collect();
    Ok(found?.into_iter().filter(|found| found.runs > 0).collect())
}

/// Whether a folder has runs in files that a start would import.
pub(crate) fn is_due(data_dir: &Path, database: &Path) -> bool {
    Found::at(data_dir.to_owned(), database.to_owned()).is_ok_and(|found| found.is_due())
}
