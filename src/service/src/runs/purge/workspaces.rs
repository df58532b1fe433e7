//! The workspaces that go with a tree: folders we made for its runs, and no others.
//!
//! The invariant: what is deleted is a real folder right below the plane's own workspaces, and either says itself that it
//! belongs to a run of the tree, or has the name only we give. A link is never followed, and never deleted.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use model::{Error, RunId, Value};

use crate::planes::Plane;
use crate::runs::start::MARKER;

/// The folders of a tree that may go.
pub(super) async fn of(plane: &Plane, run_ids: &[RunId]) -> Result<Vec<PathBuf>, Error> {
    let mut named = BTreeSet::new();
    for run_id in run_ids {
        let Some(found) = plane.store.run(run_id).await.map_err(engine::store_error)? else { continue };
        // Where its tools worked counts, not what a client wished for.
        let root = plane.scope.of_run(run_id, &found.run.vars).get("workspace_root").cloned();
        named.extend(root.as_ref().and_then(Value::as_str).map(PathBuf::from));
    }
    let (own, run_ids) = (plane.scope.own().to_owned(), run_ids.to_vec());
    let owned = tokio::task::spawn_blocking(move || {
        named.into_iter().filter(|folder| is_owned(folder, &own, &run_ids)).collect()
    });
    owned.await.map_err(|e| Error::internal(e.to_string()))
}

/// Deletes them; gives how many went. One that cannot be deleted is logged and left.
pub(super) async fn delete(folders: Vec<PathBuf>) -> Result<u64, Error> {
    let deleted = tokio::task::spawn_blocking(move || {
        let gone = folders.iter().filter(|folder| match std::fs::remove_dir_all(folder) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "a workspace of a purged run could not be deleted");
                false
            }
        });
        gone.count() as u64
    });
    deleted.await.map_err(|e| Error::internal(e.to_string()))
}

/// Whether a folder was made for a run of the tree. Looks at the disk.
fn is_owned(folder: &Path, own: &Path, run_ids: &[RunId]) -> bool {
    let real_folder = |path: &Path| path.symlink_metadata().is_ok_and(|meta| meta.is_dir());
    let (Ok(own), Ok(real)) = (own.canonicalize(), folder.canonicalize()) else { return false };
    if !real_folder(folder) || real.parent() != Some(&own) {
        return false;
    }
    match marker(&folder.join(MARKER)) {
        Marker::Absent => {
            let name = real.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.len() == 32 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        }
        Marker::Says(run_id) => run_ids.iter().any(|known| **known == *run_id),
        Marker::Foreign => false,
    }
}

enum Marker {
    Absent,
    /// It is ours, made for this run.
    Says(String),
    /// Somebody else's, or not to be read.
    Foreign,
}

fn marker(path: &Path) -> Marker {
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Marker::Absent,
        Ok(meta) if meta.is_file() => {}
        _ => return Marker::Foreign,
    }
    let value = std::fs::read_to_string(path).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let text = |key: &str| value.as_ref()?.get(key)?.as_str();
    match (text("owner"), text("run_id")) {
        (Some("abstractgateway"), Some(run_id)) => Marker::Says(run_id.to_owned()),
        _ => Marker::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_was_made_for_the_tree_is_owned() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("workspaces");
        let hex = "0123456789abcdef0123456789abcdef";
        let outside = folder.path().join(hex);
        std::fs::create_dir_all(own.join(hex)).unwrap();
        std::fs::create_dir_all(own.join(hex).join(hex)).unwrap();
        std::fs::create_dir_all(&outside).unwrap();
        std::fs::create_dir_all(own.join("named")).unwrap();
        let other_hex = "f".repeat(32);
        std::os::unix::fs::symlink(&outside, own.join(&other_hex)).unwrap();
        let run_ids = [RunId::from("r")];
        let owned = |path: PathBuf| is_owned(&path, &own, &run_ids);
        for (path, expected) in [
            (own.join(hex), true),
            (own.join(hex).join(hex), false),
            (own.join("named"), false),
            (own.join(&other_hex), false),
            (outside.clone(), false),
            (own.join("..").join(hex), false),
            (own.join("no-such"), false),
            (own.clone(), false),
        ] {
            assert_eq!(owned(path.clone()), expected, "{}", path.display());
        }
        for (marker, expected) in [
            (json!({"owner": "abstractgateway", "run_id": "r"}), true),
            (json!({"owner": "abstractgateway", "run_id": "other"}), false),
            (json!({"owner": "somebody", "run_id": "r"}), false),
            (json!([]), false),
        ] {
            for name in [hex, "named"] {
                std::fs::write(own.join(name).join(MARKER), marker.to_string()).unwrap();
                assert_eq!(owned(own.join(name)), expected, "{name} {marker}");
            }
        }
    }
}
