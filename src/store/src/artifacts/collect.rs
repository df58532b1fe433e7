//! Taking artifacts away: those of a run, and then the bytes nobody refers to any more.
//!
//! The invariant: while one description cannot be read no bytes are taken away, because they may be what it refers to.

use std::fs;
use std::io;

use serde::Serialize;

use super::{Artifacts, unavailable};
use crate::Error;

/// What a collection of unused bytes found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Collected {
    /// Whether it only looked.
    pub dry_run: bool,
    /// Blobs there were.
    pub blobs_total: u64,
    /// Those a description refers to.
    pub blobs_referenced: u64,
    /// Those taken away.
    pub blobs_deleted: u64,
    /// Their bytes.
    pub bytes_reclaimed: u64,
    /// What could not be done.
    pub errors: Vec<String>,
}

impl Artifacts {
    /// Deletes the artifacts of a run, not their bytes: another run may share them. Gives their number.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when one cannot be deleted; those before it are.
    pub fn delete_of_run(&self, run_id: &str) -> Result<u64, Error> {
        let _gate = self.gate.write();
        let ids: Vec<String> = self.indexed(|index| index.of_run(run_id).cloned().collect())?;
        let mut deleted = 0;
        for id in ids {
            let Some(meta) = self.meta(&id)? else { continue };
            let old = ["meta", "bin"].map(|end| self.folder.join(format!("{id}.{end}")));
            for path in old.iter().chain([&self.ref_path(&id)]) {
                match fs::remove_file(path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unavailable(error)),
                    _ => {}
                }
            }
            self.indexed(|index| index.remove(&meta))?;
            deleted += 1;
        }
        Ok(deleted)
    }

    /// Deletes the bytes no description refers to.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the folder cannot be read. A blob that cannot be deleted is reported, not an error.
    pub fn collect(&self) -> Result<Collected, Error> {
        let _gate = self.gate.write();
        let mut done = Collected { errors: self.indexed(|index| index.unreadable.clone())?, ..Collected::default() };
        let knows_all = done.errors.is_empty();
        for entry in fs::read_dir(self.folder.join("blobs")).map_err(unavailable)? {
            let entry = entry.map_err(unavailable)?;
            let name = entry.file_name();
            let Some(blob) = name.to_str().and_then(|n| n.strip_suffix(".bin")).filter(|b| !b.starts_with('.')) else {
                continue;
            };
            done.blobs_total += 1;
            if self.indexed(|index| index.has_blob(blob))? {
                done.blobs_referenced += 1;
            } else if knows_all {
                let size = entry.metadata().map_or(0, |m| m.len());
                match fs::remove_file(entry.path()) {
                    Ok(()) => {
                        done.blobs_deleted += 1;
                        done.bytes_reclaimed += size;
                    }
                    Err(error) => done.errors.push(format!("{}: {error}", entry.path().display())),
                }
            }
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::Timestamp;

    use super::super::NewArtifact;
    use super::*;

    fn put(artifacts: &Artifacts, run_id: Option<&str>, content: &str, micros: i64) -> String {
        let now = Timestamp::from_micros(micros);
        let new =
            NewArtifact { run_id, content: content.as_bytes(), content_type: "text/plain", tags: BTreeMap::new(), now };
        artifacts.put(&new).unwrap().artifact_id
    }

    #[test]
    fn bytes_go_when_the_last_who_refers_to_them_goes() {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::open(folder.path()).unwrap();
        let first = put(&artifacts, Some("a"), "shared", 2);
        put(&artifacts, Some("b"), "shared", 1);
        assert_eq!(artifacts.of_run("a", 9).unwrap().len(), 1);
        let older = put(&artifacts, Some("a"), "own", 1);
        put(&artifacts, None, "nobody's", 1);
        put(&artifacts, Some("a"), "shared", 7);
        let ids = |limit| artifacts.of_run("a", limit).unwrap().into_iter().map(|m| m.artifact_id).collect::<Vec<_>>();
        assert_eq!((ids(9), ids(1)), (vec![older.clone(), first], vec![older]));
        assert_eq!(artifacts.delete_of_run("a").unwrap(), 2);
        let expected = Collected {
            blobs_total: 3,
            blobs_referenced: 2,
            blobs_deleted: 1,
            bytes_reclaimed: 3,
            ..Collected::default()
        };
        assert_eq!(artifacts.collect().unwrap(), expected);
        assert_eq!((artifacts.delete_of_run("a").unwrap(), artifacts.delete_of_run("b").unwrap()), (0, 1));
        assert_eq!(artifacts.collect().unwrap().blobs_deleted, 1);
        assert_eq!(Artifacts::open(folder.path()).unwrap().collect().unwrap().blobs_total, 1);
    }

    #[test]
    fn a_description_that_cannot_be_read_protects_all_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::open(folder.path()).unwrap();
        let id = put(&artifacts, Some("a"), "x", 1);
        fs::write(folder.path().join("refs").join(format!("{id}.meta")), "{").unwrap();
        let done = artifacts.collect().unwrap();
        assert_eq!((done.blobs_total, done.blobs_deleted, done.errors.len()), (1, 0, 1));
    }
}
