//! One runner a data directory: an exclusive lock on `gateway_runner.lock`, the file the Python gateway locks too, so
//! the two never drive the same runs. The lock ends with the process, however it ends.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use model::{Code, Error};

const FILE: &str = "gateway_runner.lock";

/// The lock, held while it lives.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits until nobody has the lock. Blocks, perhaps for ever.
    pub(super) fn wait(data_dir: &Path) -> Result<(), Error> {
        let path = data_dir.join(FILE);
        open(&path).and_then(|file| file.lock()).map_err(|e| unusable(&path, &e))
    }

    /// Takes the lock of a data directory, or says who has it.
    pub(crate) fn take(data_dir: &Path) -> Result<Self, Error> {
        let path = data_dir.join(FILE);
        let unusable = |e: std::io::Error| unusable(&path, &e);
        let mut file = open(&path).map_err(unusable)?;
        if file.try_lock().is_err() {
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            let holder = text.lines().last().and_then(|l| l.strip_prefix("pid=")).unwrap_or("unknown").to_owned();
            return Err(Error::new(
                Code::Conflict,
                format!(
                    "another gateway (process {holder}) already works on '{}': stop it, or use another data directory",
                    data_dir.display()
                ),
            )
            .with("pid", holder));
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(unusable)?;
        writeln!(file, "pid={}", std::process::id()).map_err(unusable)?;
        Ok(Self { _file: file })
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).read(true).write(true).truncate(false).open(path)
}

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Code::StorageUnavailable, format!("'{}' cannot be used: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_the_first_is() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        let refused = Lock::take(folder.path()).err().unwrap();
        assert_eq!(refused.code, Code::Conflict);
        assert!(refused.detail.contains(&std::process::id().to_string()), "{}", refused.detail);
        drop(first);
        Lock::take(folder.path()).unwrap();
    }
}
