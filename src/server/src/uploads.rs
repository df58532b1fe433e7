//! Where files lie while they arrive: a folder a process, locked as long as the process lives, so that what a killed
//! process has left can be told from what another one still writes.
//!
//! May not know: forms, operations. The invariant: a folder is removed by its own process, or by one that holds its lock.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use tempfile::TempDir;

const LOCK: &str = ".lock";

/// The folder of this process. Dropped, it is gone with everything in it.
pub(crate) struct Uploads {
    folder: TempDir,
    _lock: File,
}

impl Uploads {
    /// Makes the folder of this process below `root`, and takes away those of processes that are gone. Blocking.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(root)?;
        // Nobody looks while a folder is there and its lock is not taken yet.
        let looking = File::create(root.join(LOCK))?;
        looking.lock()?;
        for entry in std::fs::read_dir(root)? {
            let path = entry?.path();
            if path.is_dir()
                && let Err(error) = remove_abandoned(&path)
            {
                tracing::warn!(path = %path.display(), error = %error, "uploads a killed process left stay behind");
            }
        }
        let folder = tempfile::Builder::new().prefix("process-").tempdir_in(root)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    /// Where to write.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn remove_abandoned(folder: &Path) -> io::Result<()> {
    let lock = File::create(folder.join(LOCK))?;
    match lock.try_lock() {
        Ok(()) => std::fs::remove_dir_all(folder),
        Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_holds_is_taken_away() {
        let root = tempfile::tempdir().unwrap();
        let living = Uploads::open(root.path()).unwrap();
        std::fs::write(living.folder().join("upload-1"), b"x").unwrap();
        let dead = root.path().join("process-dead");
        std::fs::create_dir(&dead).unwrap();
        std::fs::write(dead.join("upload-2"), b"x").unwrap();
        let second = Uploads::open(root.path()).unwrap();
        assert!(living.folder().join("upload-1").exists() && !dead.exists());
        let left = living.folder().to_owned();
        drop(living);
        assert!(!left.exists() && second.folder().exists());
    }
}
