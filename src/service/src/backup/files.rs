//! Files of a backup: which there are, and how one is copied.
//!
//! May not know what they mean. The invariant: a copy is on the disk, with a known hash, before it is listed.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use super::File;

/// What lies below a folder.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Plain files, with `/` between names, sorted.
    pub(super) files: Vec<String>,
    /// What is neither file nor folder, or has no readable name.
    pub(super) others: Vec<String>,
}

/// Lists a folder to its ground. `enter` says of a relative path whether it is looked at.
pub(super) fn list(root: &Path, enter: &dyn Fn(&str) -> bool) -> io::Result<Found> {
    let mut found = Found::default();
    let mut open = vec![String::new()];
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(root.join(&folder)) {
            Ok(entries) => entries,
            // It was taken away since it was seen.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.is_empty() => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            let Some(name) = name.to_str() else {
                found.others.push(format!("{}: its name is no text", path(&name.to_string_lossy())));
                continue;
            };
            let path = path(name);
            let kind = entry.file_type()?;
            match () {
                () if !enter(&path) => {}
                () if kind.is_dir() => open.push(path),
                () if kind.is_file() => found.files.push(path),
                () => found.others.push(format!("{path}: it is neither a file nor a folder")),
            }
        }
    }
    found.files.sort();
    found.others.sort();
    Ok(found)
}

/// Copies a file and makes it durable. `None` when there is none any more.
pub(super) fn copy(from: &Path, to: &Path, path: &str) -> io::Result<Option<File>> {
    let mut source = match fs::File::open(from) {
        Ok(source) => source,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mode = mode(&source.metadata()?);
    let mut target = create(to)?;
    let (size, sha256) = pump(&mut source, &mut target)?;
    target.sync_all()?;
    Ok(Some(File { path: path.to_owned(), size, sha256, mode, schema_version: None, database: false }))
}

/// Size and hash of a file.
pub(super) fn measure(path: &Path) -> io::Result<(u64, String)> {
    pump(&mut fs::File::open(path)?, &mut io::sink())
}

fn pump(source: &mut fs::File, target: &mut dyn io::Write) -> io::Result<(u64, String)> {
    let (mut hash, mut size, mut buffer) = (Sha256::new(), 0, vec![0; 256 << 10]);
    loop {
        let read = match source.read(&mut buffer) {
            Ok(0) => return Ok((size, hex::encode(hash.finalize()))),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&buffer[..read]);
        target.write_all(&buffer[..read])?;
        size += read as u64;
    }
}

/// A new file for its owner only, and the folders above it.
pub(super) fn create(path: &Path) -> io::Result<fs::File> {
    make_folder_of(path)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// The folders above a file, for their owner only.
pub(super) fn make_folder_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), store::atomic::create_private_folder)
}

/// Writes a small file that is new.
pub(super) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(unix)]
pub(super) fn mode(of: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    of.permissions().mode() & 0o777
}

#[cfg(not(unix))]
pub(super) fn mode(_: &fs::Metadata) -> u32 {
    0o600
}

/// Gives a file its permission bits; its owner may always read and write it.
pub(super) fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o777 | 0o600))
    }
    #[cfg(not(unix))]
    {
        let _ = (path, mode);
        Ok(())
    }
}

/// A path of a manifest below a folder; none when it leads out of it.
pub(super) fn below(root: &Path, path: &str) -> Option<PathBuf> {
    let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    (plain && !path.is_empty() && !path.contains('\\')).then(|| root.join(path))
}
