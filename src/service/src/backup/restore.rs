//! Putting a backup back.
//!
//! May not know what will be served from it. The invariant: a directory with data in it is never touched, and a
//! restored one appears whole.

use std::path::Path;

use model::{Code, Error};
use store::sqlite::offline::SCHEMA_VERSION;

use super::verify::read_manifest;
use super::{DATA, Manifest, Progress, beside, files, put_in_place, refuse_filled, unusable, verify};

/// Restores a backup into a data directory that is new or empty, after checking all of it. Blocking.
///
/// # Errors
/// When the target holds something, the backup is damaged or from a newer program, or the disk fails; then the target is
/// as it was.
pub fn restore(backup: &Path, target: &Path, progress: &mut Progress<'_>) -> Result<Manifest, Error> {
    let target = std::path::absolute(target).map_err(|e| unusable(target, e))?;
    refuse_filled(&target)?;
    let manifest = read_manifest(backup)?;
    if manifest.schema_version > SCHEMA_VERSION {
        let text = format!(
            "the backup has database version {}, this program knows up to {SCHEMA_VERSION}: use the program that made it ({})",
            manifest.schema_version, manifest.program
        );
        return Err(Error::new(Code::Unsupported, text));
    }
    let checked = verify(backup, progress)?;
    if let Some(first) = checked.damage.first() {
        let text = format!(
            "the backup is damaged in {} places, the first in '{}': {}; nothing was restored. `abstractgateway backup verify` lists all",
            checked.damage.len(),
            first.path,
            first.why
        );
        return Err(Error::new(Code::Conflict, text));
    }
    let folder = beside(&target)?;
    let count = manifest.files.len() as u64;
    for (done, file) in (0..).zip(&manifest.files) {
        progress(&file.path, done, count);
        let places = files::below(&backup.join(DATA), &file.path).zip(files::below(folder.path(), &file.path));
        let Some((from, to)) = places else { return Err(unusable(backup, "a path leads out of it")) };
        let copied = files::copy(&from, &to, &file.path).map_err(|e| unusable(&to, e))?;
        if copied.is_none_or(|copied| copied.sha256 != file.sha256) {
            return Err(unusable(&from, "it was changed while it was restored"));
        }
        files::set_mode(&to, file.mode).map_err(|e| unusable(&to, e))?;
    }
    put_in_place(folder, &target)?;
    Ok(manifest)
}
