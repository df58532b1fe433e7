//! The file `config/abstractcore.json`: its capability routes are read and written, all else in it is kept as it is.
//! The file is small and written seldom; this crate may not know the store, so the write is done here.
//!
//! The one invariant: a reader sees the old file or the new one, never half of one, and only the owner may read it.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use model::json::{Layout, write};
use model::run::object_at;
use model::{Map, Value};
use serde_json::json;

use super::Row;

/// The whole document; empty when there is no file, or one that is no JSON object.
pub(super) fn read(path: &Path) -> Map {
    match fs::read_to_string(path) {
        Ok(text) => match model::json::parse(&text) {
            Ok(Value::Object(map)) => map,
            _ => {
                tracing::warn!(path = %path.display(), "not a JSON object, taken as empty");
                Map::new()
            }
        },
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(path = %path.display(), %error, "cannot read, taken as empty");
            }
            Map::new()
        }
    }
}

/// The routes of a document, under their canonical keys.
pub(super) fn routes(document: &Map) -> BTreeMap<&'static str, Row> {
    let routes = document.get("capability_defaults").and_then(|c| c.get("routes")).and_then(Value::as_object);
    let mut out = BTreeMap::new();
    for (key, value) in routes.into_iter().flatten() {
        let row = value.as_object().map(Row::read).filter(|row| !row.is_empty());
        if let (Some(spec), Some(row)) = (super::table::parse(key), row) {
            out.insert(spec.key, row);
        }
    }
    out
}

/// Puts a row in place of the ones stored under `keys`, or takes them away.
///
/// # Errors
/// The file cannot be written; nothing has changed then.
pub(super) fn update(path: &Path, keys: &[&str], row: Option<&Row>) -> io::Result<()> {
    // An unreadable document must not be replaced by an empty one.
    if let Ok(text) = fs::read_to_string(path)
        && !text.trim().is_empty()
        && !matches!(model::json::parse(&text), Ok(Value::Object(_)))
    {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} is not a JSON object: repair or remove it first", path.display()),
        ));
    }
    let mut document = read(path);
    let section = object_at(&mut document, "capability_defaults");
    section.entry("version").or_insert(json!(1));
    let routes = object_at(section, "routes");
    let meant = |key: &str| super::table::parse(key).map_or(key.to_owned(), |spec| spec.key.to_owned());
    routes.retain(|key, _| !keys.contains(&meant(key).as_str()));
    if let (Some(row), Some(key)) = (row, keys.first()) {
        routes.insert((*key).to_owned(), row.to_value());
    }
    let text = write(&Value::Object(document), Layout::PRETTY) + "\n";
    replace(path, text.as_bytes())
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let draft = folder.join(name);
    // A draft left by a crash may have other permissions; a new one is made.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(folder)?.sync_all()?;
    // The folder may be new.
    folder.parent().filter(|p| !p.as_os_str().is_empty()).map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}
