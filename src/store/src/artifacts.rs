//! Artifacts: content-addressed files with a description beside them (contract 02, 11.4).
//!
//! `blobs/<sha256>.bin` holds bytes, written once and shared; `refs/<artifact id>.meta` says whose they are. May not
//! know what the bytes mean. The invariants: a description is written after its bytes are durable, and bytes are taken
//! away only while nobody stores.

mod collect;
mod index;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::artifact::{artifact_id, blob_id, is_valid_id};
use model::json::{Layout, write};
use model::{ArtifactMeta, Map, Timestamp};

use parking_lot::{Mutex, RwLock};

use crate::{Error, atomic};
pub use collect::Collected;
use index::Index;

/// The artifacts of one data plane. Blocking.
pub struct Artifacts {
    folder: PathBuf,
    /// Whose they are: read from the folder when it is first asked for.
    index: Mutex<Option<Index>>,
    /// Held together by those who store, alone by those who take away.
    gate: RwLock<()>,
    /// Held while a file is made, by its content: the same one is made once at a time.
    makers: [Mutex<()>; MAKERS],
}

/// How many different files are made side by side.
const MAKERS: usize = 16;

/// What to store.
#[derive(Clone, Debug)]
pub struct NewArtifact<'a> {
    /// The run it belongs to.
    pub run_id: Option<&'a str>,
    /// The bytes.
    pub content: &'a [u8],
    /// Their media type.
    pub content_type: &'a str,
    /// Labels.
    pub tags: BTreeMap<String, String>,
    /// When it is stored.
    pub now: Timestamp,
}

impl Artifacts {
    /// Opens the folder `artifacts` of a data plane, creating it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be created.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        for part in ["blobs", "refs"] {
            let part = folder.join(part);
            // A file that another process had named and not synced when it died counts as stored from now on.
            atomic::create_folder(&part).and_then(|()| atomic::sync_folder(&part)).map_err(unavailable)?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            index: Mutex::default(),
            gate: RwLock::default(),
            makers: Default::default(),
        })
    }

    /// Stores bytes. The same bytes of the same run are the same artifact: its age stays, its labels are merged.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; then nothing refers to anything half written.
    pub fn put(&self, new: &NewArtifact<'_>) -> Result<ArtifactMeta, Error> {
        let _gate = self.gate.read();
        let blob = blob_id(new.content);
        // Whoever finds a file of the same content relies on it: it must not be one that is only being made.
        let _same = self.makers[usize::from(blob.as_bytes().first().copied().unwrap_or(0)) % MAKERS].lock();
        let blob_path = self.folder.join("blobs").join(format!("{blob}.bin"));
        if !blob_path.exists() {
            atomic::write_file(&blob_path, new.content, 0o644).map_err(unavailable)?;
        }
        let id = artifact_id(new.run_id, new.content);
        let before = self.meta(&id)?;
        let mut tags = before.as_ref().map(|m| m.tags.clone()).unwrap_or_default();
        tags.extend(new.tags.clone());
        let meta = ArtifactMeta {
            artifact_id: id.clone(),
            blob_id: Some(blob),
            content_type: new.content_type.to_owned(),
            size_bytes: new.content.len() as u64,
            created_at: before.as_ref().map_or(new.now, |m| m.created_at),
            run_id: new.run_id.map(str::to_owned),
            tags,
            rest: before.map(|m| m.rest).unwrap_or_else(Map::new),
        };
        if self.meta(&id)?.as_ref() != Some(&meta) {
            let value = serde_json::to_value(&meta).map_err(|e| Error::Corrupt(e.to_string()))?;
            atomic::write_file(&self.ref_path(&id), write(&value, Layout::PRETTY).as_bytes(), 0o644)
                .map_err(unavailable)?;
        }
        if let Some(index) = self.index.lock().as_mut() {
            index.add(&meta);
        }
        Ok(meta)
    }

    /// The description of an artifact; none when the id is unknown or could not name one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the disk cannot be read.
    pub fn meta(&self, id: &str) -> Result<Option<ArtifactMeta>, Error> {
        if !is_valid_id(id) {
            return Ok(None);
        }
        for path in [self.ref_path(id), self.folder.join(format!("{id}.meta"))] {
            if let Some(meta) = described(&path)? {
                return Ok(Some(meta));
            }
        }
        Ok(None)
    }

    /// The artifacts of a run, oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the disk cannot be read.
    pub fn of_run(&self, run_id: &str, limit: usize) -> Result<Vec<ArtifactMeta>, Error> {
        let ids = self.indexed(|index| index.of_run(run_id).take(limit).cloned().collect::<Vec<_>>())?;
        // One that was deleted meanwhile, or cannot be read, does not hide the others.
        Ok(ids.iter().filter_map(|id| self.meta(id).ok().flatten()).collect())
    }

    /// Asks the index, read first when nobody has asked before.
    fn indexed<T>(&self, ask: impl FnOnce(&mut Index) -> T) -> Result<T, Error> {
        let mut index = self.index.lock();
        let known = match index.take() {
            Some(known) => known,
            None => Index::read(&self.folder)?,
        };
        Ok(ask(index.insert(known)))
    }

    /// The bytes of an artifact.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the disk cannot be read.
    pub fn content(&self, id: &str) -> Result<Option<Vec<u8>>, Error> {
        let Some(meta) = self.meta(id)? else { return Ok(None) };
        if let Some(blob) = meta.blob_id.filter(|b| is_valid_id(b))
            && let Some(bytes) = read(&self.folder.join("blobs").join(format!("{blob}.bin")))?
        {
            return Ok(Some(bytes));
        }
        read(&self.folder.join(format!("{id}.bin")))
    }

    fn ref_path(&self, id: &str) -> PathBuf {
        self.folder.join("refs").join(format!("{id}.meta"))
    }
}

/// The description in a file.
fn described(path: &Path) -> Result<Option<ArtifactMeta>, Error> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    let value = model::json::parse(&String::from_utf8_lossy(&bytes)).map_err(|e| Error::Corrupt(e.to_string()))?;
    serde_json::from_value(value).map(Some).map_err(|e| Error::Corrupt(e.to_string()))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unavailable(error)),
    }
}

fn unavailable(error: io::Error) -> Error {
    Error::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new<'a>(content: &'a [u8], tag: &str, micros: i64) -> NewArtifact<'a> {
        NewArtifact {
            run_id: Some("run-1"),
            content,
            content_type: "text/plain",
            tags: BTreeMap::from([(tag.to_owned(), "1".to_owned())]),
            now: Timestamp::from_micros(micros),
        }
    }

    #[test]
    fn the_same_bytes_of_a_run_are_one_artifact() {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::open(folder.path()).unwrap();
        let first = artifacts.put(&new(b"hello", "a", 1)).unwrap();
        let again = artifacts.put(&new(b"hello", "b", 2)).unwrap();
        assert_eq!(first.artifact_id, "17006668178249981c831cfb063b0735");
        assert_eq!((again.created_at, again.tags.len()), (first.created_at, 2));
        assert_eq!(artifacts.content(&first.artifact_id).unwrap().unwrap(), b"hello");
    }

    #[test]
    fn ids_cannot_leave_the_folder_and_old_layouts_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::open(folder.path()).unwrap();
        assert!(artifacts.meta("../../etc/passwd").unwrap().is_none());
        let meta = r#"{"artifact_id": "old", "content_type": "text/plain", "created_at": "2026-01-01T00:00:00+00:00"}"#;
        fs::write(folder.path().join("old.meta"), meta).unwrap();
        fs::write(folder.path().join("old.bin"), b"bytes").unwrap();
        assert_eq!(artifacts.content("old").unwrap().unwrap(), b"bytes");
    }
}
