//! `workflow_deprecations.json` of a data plane: which bundles, or entrypoints of them, are not to be started any more
//! (contract 04, sections 4.8 and 7). Read when asked, so that a change by another process counts at once.
//!
//! May not know: which bundles are loaded. The one invariant: a file that cannot be read is put aside, never overwritten.

use std::io;
use std::path::{Path, PathBuf};

use model::json::{Layout, parse, write};
use model::{Code, Error, Map, Value};
use serde_json::json;

use crate::{clock, private_file};

/// Stands for every entrypoint of a bundle.
pub(crate) const ALL: &str = "*";

/// Since when, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) deprecated_at: String,
    pub(crate) reason: Option<String>,
}

/// What was deprecated when the file was read: bundle id, then entrypoint, then record.
#[derive(Debug, Default)]
pub(crate) struct Book {
    bundles: Map,
}

impl Book {
    /// Reads the book of a data plane; one that cannot be read says nothing. Blocking.
    pub(crate) fn read(data_dir: &Path) -> Self {
        let path = path(data_dir);
        match load(&path) {
            Ok(book) => book.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the deprecations cannot be read, taken as none");
                Self::default()
            }
        }
    }

    /// The record that counts for an entrypoint: its own, else that of the whole bundle.
    pub(crate) fn record(&self, bundle_id: &str, flow_id: &str) -> Option<Record> {
        let flows = self.bundles.get(bundle_id)?;
        [flow_id, ALL].iter().find_map(|key| Record::read(flows.get(key)?))
    }

    fn set(&mut self, bundle_id: &str, flow_id: &str, record: &Record) {
        let mut row = json!({"deprecated_at": record.deprecated_at});
        if let Some(reason) = &record.reason {
            row["reason"] = reason.as_str().into();
        }
        model::run::object_at(&mut self.bundles, bundle_id).insert(flow_id.to_owned(), row);
    }

    fn clear(&mut self, bundle_id: &str, flow_id: &str) -> bool {
        let Some(flows) = self.bundles.get_mut(bundle_id).and_then(Value::as_object_mut) else { return false };
        let removed = flows.shift_remove(flow_id).is_some();
        if flows.is_empty() {
            self.bundles.shift_remove(bundle_id);
        }
        removed
    }
}

impl Record {
    fn read(raw: &Value) -> Option<Self> {
        let text = |key: &str| raw.get(key)?.as_str().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        Some(Self { deprecated_at: text("deprecated_at")?, reason: text("reason") })
    }
}

/// Whether a data plane has a book. Quick, unlike reading it.
pub(crate) fn exist(data_dir: &Path) -> bool {
    path(data_dir).symlink_metadata().is_ok()
}

/// Deprecates an entrypoint, or all of a bundle. Blocking.
pub(crate) fn set(data_dir: &Path, bundle_id: &str, flow_id: &str, reason: Option<String>) -> Result<Record, Error> {
    let deprecated_at = clock::now().to_string().replace("+00:00", "Z");
    let record = Record { deprecated_at, reason };
    edit(data_dir, |book| {
        book.set(bundle_id, flow_id, &record);
        true
    })?;
    Ok(record)
}

/// Takes a deprecation back; says whether there was one. Blocking.
pub(crate) fn clear(data_dir: &Path, bundle_id: &str, flow_id: &str) -> Result<bool, Error> {
    edit(data_dir, |book| book.clear(bundle_id, flow_id))
}

/// Changes the book under its lock, on what the file holds now; `change` says whether there is something to write.
fn edit(data_dir: &Path, change: impl FnOnce(&mut Book) -> bool) -> Result<bool, Error> {
    let path = path(data_dir);
    let unusable = |e: io::Error| {
        Error::new(Code::StorageUnavailable, format!("the deprecations '{}' cannot be written: {e}", path.display()))
    };
    let _one_at_a_time = private_file::lock(&path).map_err(unusable)?;
    let mut book = match load(&path) {
        Ok(book) => book.unwrap_or_default(),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            put_aside(&path).map_err(unusable)?;
            Book::default()
        }
        Err(error) => return Err(unusable(error)),
    };
    let changed = change(&mut book);
    if changed {
        let document = json!({"version": 1, "bundles": book.bundles});
        private_file::write(&path, &write(&document, Layout::PRETTY)).map_err(unusable)?;
    }
    Ok(changed)
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("workflow_deprecations.json")
}

fn load(path: &Path) -> io::Result<Option<Book>> {
    let Some(text) = private_file::read(path)? else { return Ok(None) };
    let document = parse(&text).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e.to_string()))?;
    let bundles = document.get("bundles").and_then(Value::as_object).cloned().unwrap_or_default();
    Ok(Some(Book { bundles }))
}

fn put_aside(path: &Path) -> io::Result<()> {
    let stamp: String = clock::now().to_string().chars().filter(char::is_ascii_alphanumeric).collect();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".corrupt.{stamp}"));
    std::fs::rename(path, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_record_counts() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        assert_eq!(Book::read(dir).record("b", "f"), None);
        set(dir, "b", ALL, Some("old".into())).unwrap();
        set(dir, "b", "f", None).unwrap();
        let reason = |flow| Book::read(dir).record("b", flow).map(|r| r.reason);
        assert_eq!((reason("f"), reason("g")), (Some(None), Some(Some("old".into()))));
        for (flow, expected) in [("f", true), ("f", false), (ALL, true), ("zz", false)] {
            assert_eq!(clear(dir, "b", flow).unwrap(), expected, "{flow}");
        }
        assert_eq!(std::fs::read_to_string(path(dir)).unwrap(), "{\n  \"version\": 1,\n  \"bundles\": {}\n}");
    }

    #[test]
    fn a_broken_file_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(path(folder.path()), "{nope").unwrap();
        assert_eq!(Book::read(folder.path()).record("b", ALL), None);
        set(folder.path(), "b", ALL, None).unwrap();
        let kept = std::fs::read_dir(folder.path()).unwrap().flatten();
        let kept: Vec<_> = kept.filter(|e| e.file_name().to_string_lossy().contains(".json.corrupt.")).collect();
        assert_eq!(std::fs::read_to_string(kept[0].path()).unwrap(), "{nope");
    }
}
