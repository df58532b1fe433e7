//! Making a backup.
//!
//! May not know whether a server runs: nothing here takes a lock or writes to the data directory.

use std::path::{Path, PathBuf};

use model::json::{Layout, write};
use model::{Code, Error, Timestamp};
use sha2::{Digest, Sha256};
use store::sqlite::offline::{Offline, is_database};

use super::{DATA, FORMAT, File, MANIFEST, MANIFEST_HASH, Manifest, Progress, beside, files, put_in_place};
use super::{refuse_filled, unusable};
use crate::Settings;

/// What goes into a backup.
#[derive(Clone, Debug)]
pub struct Options {
    /// Also the folders runs work in.
    pub workspaces: bool,
    /// The program that makes it, with its version.
    pub program: String,
    /// When it is begun.
    pub now: Timestamp,
}

/// Backs the data directory up into a new folder. Blocking.
///
/// # Errors
/// When there is no data, the target holds something or lies inside the data, or the disk fails; then there is no backup
/// and nothing of it.
pub fn create(
    settings: &Settings,
    target: &Path,
    options: &Options,
    progress: &mut Progress<'_>,
) -> Result<Manifest, Error> {
    let data_dir = std::path::absolute(&settings.data_dir).map_err(|e| unusable(&settings.data_dir, e))?;
    let target = std::path::absolute(target).map_err(|e| unusable(target, e))?;
    if !data_dir.is_dir() {
        let text = format!("there is no data directory at '{}': name it with --data-dir", data_dir.display());
        return Err(Error::new(Code::NotFound, text));
    }
    if real(&target).starts_with(real(&data_dir)) {
        let text = format!("'{}' lies inside the data directory: name a place outside", target.display());
        return Err(Error::new(Code::Conflict, text));
    }
    refuse_filled(&target)?;
    let folder = beside(&target)?;
    let mut manifest = Manifest {
        format: FORMAT.to_owned(),
        created_at: options.now,
        program: options.program.clone(),
        schema_version: 0,
        files: Vec::new(),
        left_out: left_out(settings, &data_dir),
    };
    copy_all(&data_dir, &folder.path().join(DATA), options, &mut manifest, progress)?;
    seal(folder.path(), &manifest)?;
    put_in_place(folder, &target)?;
    Ok(manifest)
}

/// Copies databases, then all other files.
fn copy_all(
    data_dir: &Path,
    copy: &Path,
    options: &Options,
    manifest: &mut Manifest,
    progress: &mut Progress<'_>,
) -> Result<(), Error> {
    store::atomic::create_private_folder(copy).map_err(|e| unusable(copy, e))?;
    let enter = |path: &str| belongs(path, options.workspaces);
    let databases = list(data_dir, &enter)?.files.into_iter().filter(|path| holds_database(data_dir, path));
    let databases: Vec<String> = databases.collect();
    let count = databases.len() as u64;
    for (done, path) in (0..).zip(&databases) {
        progress(path, done, count);
        let (from, to) = (data_dir.join(path), copy.join(path));
        let file = copy_database(&from, &to, path)?;
        manifest.schema_version = manifest.schema_version.max(file.schema_version.unwrap_or(0));
        manifest.files.push(file);
    }
    // Listed only now: what the databases refer to was written before they were copied.
    let found = list(data_dir, &enter)?;
    let count = found.files.len() as u64;
    for (done, path) in (0..).zip(&found.files) {
        // A database that came into being meanwhile belongs to the next backup.
        if databases.contains(path) || holds_database(data_dir, path) {
            continue;
        }
        progress(path, done, count);
        let (from, to) = (data_dir.join(path), copy.join(path));
        manifest.files.extend(files::copy(&from, &to, path).map_err(|e| unusable(&from, e))?);
    }
    manifest.left_out.extend(found.others);
    Ok(())
}

fn list(data_dir: &Path, enter: &dyn Fn(&str) -> bool) -> Result<files::Found, Error> {
    files::list(data_dir, enter).map_err(|e| unusable(data_dir, e))
}

fn copy_database(from: &Path, to: &Path, path: &str) -> Result<File, Error> {
    let failed = |error: store::Error| unusable(from, error);
    files::make_folder_of(to).map_err(|e| unusable(to, e))?;
    Offline::open(from).map_err(failed)?.copy_to(to).map_err(failed)?;
    let copied = Offline::open_still(to).map_err(failed)?;
    let plane = copied.has_ledgers().map_err(failed)?;
    let schema_version = if plane { Some(copied.schema_version().map_err(failed)?) } else { None };
    drop(copied);
    let mode = std::fs::metadata(from).map(|meta| files::mode(&meta)).unwrap_or(0o600);
    let finish = || {
        files::set_mode(to, 0o600)?;
        std::fs::File::open(to)?.sync_all()?;
        files::measure(to)
    };
    let (size, sha256) = finish().map_err(|e| unusable(to, e))?;
    Ok(File { path: path.to_owned(), size, sha256, mode, schema_version, database: true })
}

/// Writes what is in the backup, and a hash of that.
pub(super) fn seal(folder: &Path, manifest: &Manifest) -> Result<(), Error> {
    let value = serde_json::to_value(manifest).map_err(|e| Error::internal(e.to_string()))?;
    let text = write(&value, Layout::PRETTY);
    let hash = format!("{}  {MANIFEST}\n", hex::encode(Sha256::digest(&text)));
    for (name, content) in [(MANIFEST, &text), (MANIFEST_HASH, &hash)] {
        files::write(&folder.join(name), content.as_bytes()).map_err(|e| unusable(&folder.join(name), e))?;
    }
    store::atomic::sync_folder(folder).map_err(|e| unusable(folder, e))
}

/// Whether a path below the data directory belongs into a backup: not what only a running process needs, nor what is
/// half written.
fn belongs(path: &str, workspaces: bool) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let of_a_process =
        matches!(path, "server.json" | "uploads") || matches!(name, "gateway_runner.lock" | "runner.sock");
    let beside_a_database = ["-wal", "-shm", "-journal"].iter().any(|suffix| name.ends_with(suffix));
    let workspace = name == "workspaces" && (path == name || is_plane(path.trim_end_matches("/workspaces")));
    !of_a_process && !beside_a_database && !name.ends_with(".tmp") && (workspaces || !workspace)
}

/// `users/<tenant>/<runtime>/runtime`
fn is_plane(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts.as_slice(), ["users", _, _, "runtime"])
}

fn holds_database(data_dir: &Path, path: &str) -> bool {
    // A database that has just been created may still have nothing but its log.
    path.ends_with(".sqlite3") || is_database(&data_dir.join(path)).unwrap_or(false)
}

/// Files of this gateway that lie elsewhere.
fn left_out(settings: &Settings, data_dir: &Path) -> Vec<String> {
    let flows = settings.runtime.flows_dir.clone().unwrap_or_else(|| data_dir.join("flows"));
    let places = [
        flows,
        settings.users_file(),
        settings.sessions_file(),
        settings.session_secret_file(),
        settings.core_config(data_dir).baseline,
    ];
    let places = places.into_iter().map(|path| settings.current_dir.join(path));
    let outside = places.filter(|path| !real(path).starts_with(real(data_dir)) && path.exists());
    outside.map(|path| format!("{}: it lies outside the data directory", path.display())).collect()
}

/// A path with the links of its existing part followed.
fn real(path: &Path) -> PathBuf {
    let existing = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    existing.map_or_else(
        || path.to_owned(),
        |(above, real)| match path.strip_prefix(above) {
            Ok(rest) if rest.as_os_str().is_empty() => real,
            Ok(rest) => real.join(rest),
            Err(_) => path.to_owned(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_into_a_backup() {
        for (path, always, with_workspaces) in [
            ("gateway.sqlite3", true, true),
            ("gateway.sqlite3-wal", false, false),
            ("gateway.sqlite3-shm", false, false),
            ("gateway_runner.lock", false, false),
            ("users/t/r/runtime/gateway_runner.lock", false, false),
            ("server.json", false, false),
            ("runner.sock", false, false),
            ("flows/server.json", true, true),
            ("uploads", false, false),
            ("auth/.users.json.abc.tmp", false, false),
            ("auth/users.json", true, true),
            ("artifacts/blobs/00.bin", true, true),
            ("workspaces", false, true),
            ("users/t/r/runtime/workspaces", false, true),
            ("users/t/workspaces", true, true),
        ] {
            assert_eq!((belongs(path, false), belongs(path, true)), (always, with_workspaces), "{path}");
        }
    }
}
