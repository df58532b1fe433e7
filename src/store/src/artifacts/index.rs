//! Which artifacts belong to which run, and how many descriptions share a blob.
//!
//! Read once from the descriptions, when it is first needed; kept up by every store and deletion after that. It may not
//! know contents. The invariant: adding what is there already changes nothing, so that a store which runs beside the
//! first reading is counted once.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use model::{ArtifactMeta, Timestamp};

use super::{described, unavailable};
use crate::Error;

/// The index.
#[derive(Default)]
pub(super) struct Index {
    /// By run; those of no run under the empty text.
    by_run: HashMap<String, BTreeSet<(Timestamp, String)>>,
    /// How many descriptions refer to a blob.
    blobs: HashMap<String, usize>,
    /// Descriptions that cannot be read: what they refer to is not known.
    pub(super) unreadable: Vec<String>,
}

impl Index {
    /// Reads every description below `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self, Error> {
        let mut index = Self::default();
        for place in [folder.join("refs"), folder.to_owned()] {
            for entry in fs::read_dir(&place).map_err(unavailable)? {
                let path = entry.map_err(unavailable)?.path();
                if path.extension().is_none_or(|e| e != "meta") {
                    continue;
                }
                match described(&path) {
                    Ok(Some(meta)) => index.add(&meta),
                    Ok(None) => {}
                    Err(error) => index.unreadable.push(format!("{}: {error}", path.display())),
                }
            }
        }
        Ok(index)
    }

    /// Counts an artifact, once.
    pub(super) fn add(&mut self, meta: &ArtifactMeta) {
        let of_run = self.by_run.entry(meta.run_id.clone().unwrap_or_default()).or_default();
        if of_run.insert((meta.created_at, meta.artifact_id.clone()))
            && let Some(blob) = &meta.blob_id
        {
            *self.blobs.entry(blob.clone()).or_default() += 1;
        }
    }

    /// Forgets an artifact.
    pub(super) fn remove(&mut self, meta: &ArtifactMeta) {
        let run_id = meta.run_id.clone().unwrap_or_default();
        let Some(of_run) = self.by_run.get_mut(&run_id) else { return };
        if !of_run.remove(&(meta.created_at, meta.artifact_id.clone())) {
            return;
        }
        if of_run.is_empty() {
            self.by_run.remove(&run_id);
        }
        if let Some(blob) = &meta.blob_id
            && let Some(count) = self.blobs.get_mut(blob)
        {
            *count -= 1;
            if *count == 0 {
                self.blobs.remove(blob);
            }
        }
    }

    /// The ids of a run's artifacts, oldest first.
    pub(super) fn of_run(&self, run_id: &str) -> impl Iterator<Item = &String> {
        self.by_run.get(run_id).into_iter().flatten().map(|(_, id)| id)
    }

    /// Whether a description refers to a blob.
    pub(super) fn has_blob(&self, blob: &str) -> bool {
        self.blobs.contains_key(blob)
    }
}
