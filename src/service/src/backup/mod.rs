//! Backups of a data directory: made while runs go on, checked, and put back.
//!
//! A backup is a folder: `data/` with the files as they lay, every database as it was at one moment, and `manifest.json`
//! with size and hash of each. May not know who asked, or what the files mean beyond "database" and "other". The
//! invariants: databases are copied before the files they refer to, and such files are written once and never changed,
//! so a backed-up database finds all it names; a backup or a restored directory appears under its name only when it is
//! whole; nothing in it may be read by others than its owner.

mod create;
mod files;
mod restore;
#[cfg(test)]
mod tests;
mod verify;

use std::path::{Path, PathBuf};

use model::{Code, Error, Timestamp};
use serde::{Deserialize, Serialize};

pub use create::{Options, create};
pub use restore::restore;
pub use verify::{Checked, Damage, verify};

const FORMAT: &str = "abstractgateway.backup.v1";
const MANIFEST: &str = "manifest.json";
const MANIFEST_HASH: &str = "manifest.sha256";
const DATA: &str = "data";

/// What is in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The word by which a backup is known.
    pub format: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// The program that made it.
    pub program: String,
    /// The newest database schema in it.
    pub schema_version: i64,
    /// Every file, databases first.
    pub files: Vec<File>,
    /// What was left out, and why.
    pub left_out: Vec<String>,
}

impl Manifest {
    /// How many bytes the files have.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Where it lies below the data directory, with `/` between names.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The hash of the bytes, in hex.
    pub sha256: String,
    /// The permission bits it had.
    pub mode: u32,
    /// The schema version, when it is a database of a data plane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<i64>,
    /// Whether it is a database.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub database: bool,
}

/// Told before each file: what is done, how many are done, and how many there are.
pub type Progress<'a> = dyn FnMut(&str, u64, u64) + 'a;

/// The error for a file that cannot be used.
fn unusable(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::new(Code::StorageUnavailable, format!("'{}' cannot be used: {why}", path.display()))
}

/// The folder a new folder is made in, so that it can be renamed to its name.
fn parent(target: &Path) -> PathBuf {
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// Refuses a target that holds something already.
fn refuse_filled(target: &Path) -> Result<(), Error> {
    let filled = match std::fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(unusable(target, error)),
    };
    if !filled {
        return Ok(());
    }
    let text = format!("'{}' is not empty; nothing was changed. Name a folder that is new or empty", target.display());
    Err(Error::new(Code::Conflict, text))
}

/// A new folder beside the target, for its owner only; it is gone again unless it is put in place.
fn beside(target: &Path) -> Result<tempfile::TempDir, Error> {
    let parent = parent(target);
    store::atomic::create_private_folder(&parent).map_err(|e| unusable(&parent, e))?;
    let name = target.file_name().and_then(|name| name.to_str()).unwrap_or("backup");
    let (prefix, mut builder) = (format!(".{name}."), tempfile::Builder::new());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    let made = builder.prefix(&prefix).suffix(".tmp").tempdir_in(&parent);
    made.map_err(|e| unusable(&parent, e))
}

/// Gives a whole folder its name.
fn put_in_place(folder: tempfile::TempDir, target: &Path) -> Result<(), Error> {
    std::fs::rename(folder.path(), target).map_err(|e| unusable(target, e))?;
    // Its old name is free: nothing is to be taken away.
    drop(folder.keep());
    store::atomic::sync_folder(&parent(target)).map_err(|e| unusable(target, e))
}
