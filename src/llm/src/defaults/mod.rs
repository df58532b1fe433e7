//! The capability defaults: which provider and model serve what when nobody says otherwise (contract 05, section 12).
//! Two layers, the gateway's baseline and the user's own; a user's row replaces the baseline's as a whole. Differences
//! from the reference: rows stay in table order, coverage is computed after merging, pairs that are not listed cannot
//! be stored.
//!
//! The one invariant: `output.text` is `input.text` under another name; it is stored only there.

mod file;
mod listing;
pub mod table;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use model::{Map, Value};
use serde_json::json;

/// What serves text.
#[derive(Clone, Debug, PartialEq)]
pub struct TextDefault {
    /// Provider id or `endpoint:<id>`.
    pub provider: String,
    /// The model.
    pub model: String,
    /// Where; the provider's own URL when absent.
    pub base_url: Option<String>,
    /// Parameters of calls that set none.
    pub options: Map,
}

/// One stored row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Provider id or `endpoint:<id>`.
    pub provider: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Where.
    pub base_url: Option<String>,
    /// Further settings.
    pub options: Map,
}

impl Row {
    /// Reads a row; unknown scalar keys are options.
    fn read(map: &Map) -> Self {
        let text = |keys: [&str; 2]| {
            let found = keys.iter().find_map(|key| map.get(*key)?.as_str());
            found.map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
        };
        let known = ["provider", "provider_id", "model", "model_id", "base_url", "options"];
        let mut options: Map = map
            .iter()
            .filter(|(key, value)| {
                !(known.contains(&key.as_str()) || value.is_object() || value.is_array() || value.is_null())
            })
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        options.extend(map.get("options").and_then(Value::as_object).cloned().unwrap_or_default());
        Self {
            provider: text(["provider", "provider_id"]),
            model: text(["model", "model_id"]),
            base_url: text(["base_url", "base_url"]),
            options,
        }
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.provider.is_none() && self.model.is_none() && self.base_url.is_none() && self.options.is_empty()
    }

    fn to_value(&self) -> Value {
        let mut out = Map::new();
        for (key, value) in [("provider", &self.provider), ("model", &self.model), ("base_url", &self.base_url)] {
            out.extend(value.as_ref().map(|v| (key.to_owned(), json!(v))));
        }
        if !self.options.is_empty() {
            out.insert("options".into(), Value::Object(self.options.clone()));
        }
        Value::Object(out)
    }

    fn trimmed(&self) -> Self {
        let map = self.to_value();
        map.as_object().map(Self::read).unwrap_or_default()
    }
}

/// Where an answer says the defaults come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// `abstractcore.gateway_runtime`: per-user defaults over a baseline.
    Gateway,
    /// `abstractcore.local`: no user authentication.
    Local,
}

/// Why a default could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// The route is not listed.
    #[error("Failed to set capability default {0}")]
    UnknownRoute(String),
    /// The file cannot be written.
    #[error("cannot write the capability defaults: {0}")]
    Io(#[from] io::Error),
}

/// Both layers, as they are on disk at the moment of loading.
#[derive(Clone, Debug)]
pub struct Defaults {
    baseline_path: PathBuf,
    user_path: Option<PathBuf>,
    baseline: BTreeMap<&'static str, Row>,
    user: BTreeMap<&'static str, Row>,
}

impl Defaults {
    /// Reads the gateway's file and the user's; a missing or broken file contributes nothing.
    #[must_use]
    pub fn load(baseline: &Path, user: Option<&Path>) -> Self {
        let user = user.filter(|path| *path != baseline);
        Self {
            baseline_path: baseline.to_owned(),
            user_path: user.map(Path::to_owned),
            baseline: file::routes(&file::read(baseline)),
            user: user.map(|path| file::routes(&file::read(path))).unwrap_or_default(),
        }
    }

    /// The row in force for a route, stored or derived from the text row's alias.
    #[must_use]
    pub fn row(&self, key: &str) -> Option<&Row> {
        let key = table::parse(key)?.key;
        if matches!(key, "input.text" | "output.text") {
            self.text_row().map(|(row, _)| row)
        } else {
            self.stored(key).map(|(row, _)| row)
        }
    }

    /// The row a kind of generation uses: of its precise task, else of its modality (contract 05, section 12.4).
    #[must_use]
    pub fn for_task(&self, modality: &str, task: Option<&str>) -> Option<&Row> {
        let fallback = match modality {
            "image" => Some("text_to_image"),
            "video" => Some("text_to_video"),
            _ => None,
        };
        let precise = task.or(fallback).and_then(|task| table::find("output", modality, Some(task)));
        precise.and_then(|spec| self.row(spec.key)).or_else(|| self.row(table::find("output", modality, None)?.key))
    }

    /// What serves text, when both provider and model are known.
    #[must_use]
    pub fn text(&self) -> Option<TextDefault> {
        let (row, _) = self.text_row()?;
        Some(TextDefault {
            provider: row.provider.clone()?,
            model: row.model.clone()?,
            base_url: row.base_url.clone(),
            options: row.options.clone(),
        })
    }

    /// The payload of the listing; `authority` is what an answer without a user layer names.
    #[must_use]
    pub fn listing(&self, authority: Authority) -> Map {
        listing::payload(self, authority)
    }

    /// A stored row and whether the user's layer gave it.
    fn stored(&self, key: &str) -> Option<(&Row, bool)> {
        self.user.get(key).map(|row| (row, true)).or_else(|| self.baseline.get(key).map(|row| (row, false)))
    }

    /// The text row of the nearer layer: an old file may hold it as `output.text`.
    fn text_row(&self) -> Option<(&Row, bool)> {
        let of = |layer: &'_ BTreeMap<&'static str, Row>| {
            layer.contains_key("input.text") || layer.contains_key("output.text")
        };
        let (layer, is_user) = if of(&self.user) { (&self.user, true) } else { (&self.baseline, false) };
        layer.get("input.text").or_else(|| layer.get("output.text")).map(|row| (row, is_user))
    }
}

/// Stores a default in a layer's file; a row that says nothing clears it. `task` is empty for the broad route.
///
/// # Errors
/// A route that is not listed, or a file that cannot be written.
pub fn set(path: &Path, kind: &str, modality: &str, task: Option<&str>, row: &Row) -> Result<(), SetError> {
    let keys = keys(kind, modality, task)?;
    let row = row.trimmed();
    Ok(file::update(path, keys, Some(&row).filter(|row| !row.is_empty()))?)
}

/// Takes a default out of a layer's file; fine when there is none.
///
/// # Errors
/// A route that is not listed, or a file that cannot be written.
pub fn clear(path: &Path, kind: &str, modality: &str, task: Option<&str>) -> Result<(), SetError> {
    let keys = keys(kind, modality, task)?;
    if !path.exists() {
        return Ok(());
    }
    Ok(file::update(path, keys, None)?)
}

/// The keys of a route, the one written first.
fn keys(kind: &str, modality: &str, task: Option<&str>) -> Result<&'static [&'static str], SetError> {
    let spec = table::find(kind, modality, task).ok_or_else(|| {
        let route =
            [Some(kind), Some(modality), task].into_iter().flatten().filter(|p| !p.is_empty()).collect::<Vec<_>>();
        SetError::UnknownRoute(route.join("."))
    })?;
    Ok(match spec.key {
        "input.text" | "output.text" => &["input.text", "output.text"],
        _ => std::slice::from_ref(&spec.key),
    })
}

#[cfg(test)]
mod tests;
