//! Checking a backup: is everything there, as it was written, and sound in itself?
//!
//! May not know the directory it came from. The invariant: nothing in the backup is written or left behind.

use std::collections::BTreeSet;
use std::path::Path;

use model::{Code, Error};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::sqlite::offline::Offline;

use super::{DATA, FORMAT, File, MANIFEST, MANIFEST_HASH, Manifest, Progress, files, unusable};

/// What a check of a backup found.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// Whether all of it is as it was written.
    pub ok: bool,
    /// When the backup was begun.
    pub created_at: model::Timestamp,
    /// Files in it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Databases among them.
    pub databases: u64,
    /// Ledgers whose hash chains were followed.
    pub ledgers: u64,
    /// What is not as it was written.
    pub damage: Vec<Damage>,
}

/// A file that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Where it lies in the backup.
    pub path: String,
    /// What is wrong with it.
    pub why: String,
}

/// Checks every file of a backup, and every database and every ledger in it. Blocking.
///
/// # Errors
/// When there is no backup, or none that this program can read.
pub fn verify(backup: &Path, progress: &mut Progress<'_>) -> Result<Checked, Error> {
    let manifest = read_manifest(backup)?;
    let data = backup.join(DATA);
    let mut checked = Checked {
        ok: true,
        created_at: manifest.created_at,
        files: manifest.files.len() as u64,
        bytes: manifest.bytes(),
        databases: 0,
        ledgers: 0,
        damage: Vec::new(),
    };
    for (done, file) in (0..).zip(&manifest.files) {
        progress(&file.path, done, checked.files);
        check_file(&data, file, &mut checked);
    }
    let listed: BTreeSet<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    let found = files::list(&data, &|_| true).map_err(|e| unusable(&data, e))?;
    for path in found.files.iter().filter(|path| !listed.contains(path.as_str())) {
        checked
            .damage
            .push(Damage { path: path.clone(), why: "it was not in the backup when that was made".to_owned() });
    }
    checked.ok = checked.damage.is_empty();
    Ok(checked)
}

fn check_file(data: &Path, file: &File, checked: &mut Checked) {
    let mut damaged = |why: String| checked.damage.push(Damage { path: file.path.clone(), why });
    let Some(path) = files::below(data, &file.path) else {
        return damaged("its path leads out of the backup".to_owned());
    };
    match files::measure(&path) {
        Ok((size, _)) if size != file.size => {
            return damaged(format!("it has {size} bytes instead of {}", file.size));
        }
        Ok((_, sha256)) if sha256 != file.sha256 => return damaged("its content was changed".to_owned()),
        Ok(_) => {}
        Err(error) => return damaged(format!("it cannot be read: {error}")),
    }
    if file.database {
        checked.databases += 1;
        match check_database(&path) {
            Ok((ledgers, found)) => {
                checked.ledgers += ledgers;
                checked.damage.extend(found.into_iter().map(|why| Damage { path: file.path.clone(), why }));
            }
            Err(error) => checked.damage.push(Damage { path: file.path.clone(), why: error.to_string() }),
        }
    }
}

/// What is wrong with a database: its pages, and the ledgers in it.
fn check_database(path: &Path) -> Result<(u64, Vec<String>), store::Error> {
    let database = Offline::open_still(path)?;
    let mut found = database.damage()?;
    let runs = if database.has_ledgers()? { database.runs()? } else { Vec::new() };
    for run in &runs {
        let report = database.verify_ledger(run)?;
        let line = |p: &model::api::ledger::LedgerProblem| {
            format!("ledger of run {run}, record {}: {}: {}", p.cursor, p.kind.as_str(), p.why)
        };
        found.extend(report.problems.iter().map(line));
    }
    Ok((runs.len() as u64, found))
}

/// The manifest of a backup.
pub(super) fn read_manifest(backup: &Path) -> Result<Manifest, Error> {
    let path = backup.join(MANIFEST);
    let text = std::fs::read_to_string(&path).map_err(|e| {
        let text = format!("there is no backup at '{}': its {MANIFEST} cannot be read: {e}", backup.display());
        Error::new(Code::NotFound, text)
    })?;
    let damaged =
        |why: String| Error::new(Code::Conflict, format!("'{}' is damaged: {why}. Use another backup", path.display()));
    let value: model::Value = serde_json::from_str(&text).map_err(|e| damaged(e.to_string()))?;
    if value["format"] != FORMAT {
        let text = format!(
            "the backup has the format {}, this program reads '{FORMAT}': use the program that made it",
            value["format"]
        );
        return Err(Error::new(Code::Unsupported, text));
    }
    let kept = std::fs::read_to_string(backup.join(MANIFEST_HASH)).unwrap_or_default();
    if kept.split_whitespace().next() != Some(hex::encode(Sha256::digest(&text)).as_str()) {
        return Err(damaged("it does not fit its hash".to_owned()));
    }
    serde_json::from_value(value).map_err(|e| damaged(e.to_string()))
}
