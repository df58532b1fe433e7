//! Verification of the ledgers of a data directory without a server, or beside one.
//!
//! May not know who asked. The invariant: no database is opened for writing, so what is looked at stays as it was found.

use model::api::ledger::LedgerVerified;
use model::{Code, Error};
use store::sqlite::offline::Offline;

use crate::Settings;
use crate::planes::{Key, Planes};

/// Verifies the ledger of one run, or of every run of every data plane. Tells `progress` how many of how many are done.
/// Blocking.
///
/// # Errors
/// When the run is not there, or a database cannot be read at all.
pub fn verify(
    settings: &Settings,
    run_id: Option<&str>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Vec<LedgerVerified>, Error> {
    let databases = databases(settings, run_id)?;
    let total = databases.iter().map(|(_, runs)| runs.len() as u64).sum();
    let mut found = Vec::new();
    for (database, runs) in databases {
        for run in runs {
            found.push(database.verify_ledger(&run).map_err(|e| Error::internal(e.to_string()))?);
            progress(found.len() as u64, total);
        }
    }
    match run_id {
        Some(run_id) if found.is_empty() => Err(crate::runs::not_found(run_id)),
        _ => Ok(found),
    }
}

/// The databases of the data directory, each with the runs to look at.
fn databases(settings: &Settings, run_id: Option<&str>) -> Result<Vec<(Offline, Vec<String>)>, Error> {
    let unreadable = |what: &std::path::Path, why: String| {
        Error::new(Code::StorageUnavailable, format!("'{}' cannot be read: {why}", what.display()))
    };
    let keys = Planes::known(settings).map_err(|e| unreadable(&settings.data_dir, e.to_string()))?;
    let mut databases = Vec::new();
    for key in keys {
        let path = key.database(settings)?;
        if key == Key::Default && !path.is_file() {
            continue;
        }
        let database = Offline::open(&path).map_err(|e| unreadable(&path, e.to_string()))?;
        let mut runs = database.runs().map_err(|e| unreadable(&path, e.to_string()))?;
        runs.retain(|run| run_id.is_none_or(|wanted| wanted == run));
        databases.push((database, runs));
    }
    Ok(databases)
}
