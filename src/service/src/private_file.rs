//! Files with secrets: written whole or not at all, readable by their owner only, locked against other processes, and
//! watched for changes by others.
//!
//! The one invariant: at every instant the path holds a complete file, the old one or the new one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// What changes when somebody replaces or edits a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of a file; none when it is not there.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let meta = fs::metadata(path).ok()?;
        Some(Self {
            inode: meta.ino(),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        })
    }
}

/// A lock between processes, held until dropped.
pub(crate) struct Held {
    _file: File,
}

/// Waits for the lock that belongs to `path`. Blocks: not for the async threads.
pub(crate) fn lock(path: &Path) -> io::Result<Held> {
    make_folder(path)?;
    let file = File::options().create(true).append(true).mode(0o600).open(beside(path, ".lock"))?;
    file.lock()?;
    Ok(Held { _file: file })
}

/// Reads a text; none when the file is not there.
pub(crate) fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts `text` in the place of the file, durably. Through a symbolic link, the file it points to is replaced.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    make_folder(&target)?;
    let folder = target.parent().unwrap_or(Path::new("."));
    // `tempfile` makes it 0600 and removes it when anything below fails.
    let mut file = tempfile::Builder::new().prefix(".").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|e| e.error)?;
    File::open(folder)?.sync_all()
}

/// Keeps what `path` holds now as `<path>.bak`.
pub(crate) fn keep_previous(path: &Path) -> io::Result<()> {
    match read(path)? {
        Some(text) => write(&beside(path, ".bak"), &text),
        None => Ok(()),
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => store::atomic::create_private_folder(folder),
        None => Ok(()),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn writes_are_private_whole_and_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/users.json");
        assert_eq!((read(&path).unwrap(), Stamp::of(&path)), (None, None));
        write(&path, "one").unwrap();
        let before = Stamp::of(&path);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        keep_previous(&path).unwrap();
        write(&path, "two").unwrap();
        assert_ne!(Stamp::of(&path), before);
        assert_eq!(read(&path).unwrap().as_deref(), Some("two"));
        assert_eq!(read(&beside(&path, ".bak")).unwrap().as_deref(), Some("one"));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 2);
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::create_dir(&path).unwrap();
        assert!(write(&path, "x").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_keeps_pointing() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        write(&real, "one").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write(&link, "two").unwrap();
        assert_eq!(read(&real).unwrap().as_deref(), Some("two"));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn the_lock_excludes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let held = lock(&path).unwrap();
        let other = File::options().append(true).open(beside(&path, ".lock")).unwrap();
        assert!(other.try_lock().is_err());
        drop(held);
        assert!(other.try_lock().is_ok());
    }
}
