//! The text default as the configuration files say it now. The files are read again when they have changed; noticing that
//! costs two looks at the folder, not a read.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use llm::{Defaults, TextDefault};
use parking_lot::Mutex;

/// When a file was written, its length, and which file it is: files are replaced whole.
type Stamp = Option<(SystemTime, u64, u64)>;

/// What was read, and the state of which files it was read from.
type Seen = ([(Option<PathBuf>, Stamp); 2], Option<TextDefault>);

/// The default last read.
#[derive(Default)]
pub(super) struct Text {
    seen: Mutex<Option<Seen>>,
}

impl Text {
    /// The default in force, by the gateway's file and perhaps the user's.
    pub(super) fn now(&self, baseline: &Path, own: Option<&Path>) -> Option<TextDefault> {
        let state = [Some(baseline), own].map(|path| (path.map(Path::to_owned), path.and_then(stamp)));
        let mut seen = self.seen.lock();
        if let Some((_, default)) = seen.as_ref().filter(|(then, _)| *then == state) {
            return default.clone();
        }
        let default = Defaults::load(baseline, own).text();
        *seen = Some((state, default.clone()));
        default
    }
}

fn stamp(path: &Path) -> Stamp {
    let meta = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    let file = std::os::unix::fs::MetadataExt::ino(&meta);
    #[cfg(not(unix))]
    let file = 0;
    Some((meta.modified().ok()?, meta.len(), file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abstractcore.json");
        let text = Text::default();
        assert_eq!(text.now(&path, None), None);
        for model in ["a", "b"] {
            let row = llm::defaults::Row {
                provider: Some("ollama".into()),
                model: Some(model.into()),
                ..llm::defaults::Row::default()
            };
            llm::defaults::set(&path, "input", "text", None, &row).unwrap();
            assert_eq!(text.now(&path, None).unwrap().model, model);
        }
    }
}
