//! The file by which a command finds the server of its data directory: `<data_dir>/server.json`.
//!
//! May not know: how to talk to the server. Invariant: the file is written whole or not at all, and holds no secret.

use std::io::Write;
use std::path::{Path, PathBuf};

use model::Timestamp;
use serde::{Deserialize, Serialize};

/// What a running server says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RuntimeFile {
    /// The process.
    pub(crate) pid: i32,
    /// Where it listens, as a client on this machine reaches it.
    pub(crate) url: String,
    /// When it began to serve.
    pub(crate) started_at: Timestamp,
}

/// Where the file lies.
pub(crate) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("server.json")
}

/// The server of a data directory, when its process is alive. A file left behind by a killed server is none.
pub(crate) fn read(data_dir: &Path) -> Option<RuntimeFile> {
    let text = std::fs::read(path(data_dir)).ok()?;
    let file: RuntimeFile = serde_json::from_slice(&text).ok()?;
    is_alive(file.pid).then_some(file)
}

fn is_alive(pid: i32) -> bool {
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};
    // A process of somebody else refuses the signal, and is alive.
    Some(pid)
        .filter(|pid| *pid > 0)
        .and_then(Pid::from_raw)
        .is_some_and(|pid| matches!(test_kill_process(pid), Ok(()) | Err(Errno::PERM)))
}

impl RuntimeFile {
    /// Writes the file of this process.
    pub(crate) fn write(&self, data_dir: &Path) -> std::io::Result<()> {
        let place = path(data_dir);
        let draft = place.with_extension(format!("json.{}", self.pid));
        let mut file = std::fs::File::create(&draft)?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, &place)
    }

    /// Takes the file away, unless another server has replaced it.
    pub(crate) fn remove(&self, data_dir: &Path) {
        let ours = std::fs::read(path(data_dir))
            .is_ok_and(|text| serde_json::from_slice(&text).is_ok_and(|f: Self| f == *self));
        if ours {
            // Left behind, the file does no harm: its process is gone.
            let _ = std::fs::remove_file(path(data_dir));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(pid: i32) -> RuntimeFile {
        RuntimeFile { pid, url: "http://127.0.0.1:1".into(), started_at: Timestamp::EPOCH }
    }

    #[test]
    fn only_the_file_of_a_living_process_counts() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()), None);
        let ours = file(std::process::id().cast_signed());
        ours.write(dir.path()).unwrap();
        assert_eq!(read(dir.path()), Some(ours));
        for pid in [0, -1, i32::MAX] {
            file(pid).write(dir.path()).unwrap();
            assert_eq!(read(dir.path()), None, "{pid}");
        }
        std::fs::write(path(dir.path()), "{").unwrap();
        assert_eq!(read(dir.path()), None);
    }

    #[test]
    fn only_our_own_file_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        file(1).write(dir.path()).unwrap();
        file(2).remove(dir.path());
        assert!(path(dir.path()).exists());
        file(1).remove(dir.path());
        assert!(!path(dir.path()).exists());
    }
}
