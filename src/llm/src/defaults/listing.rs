//! The defaults as clients see them: one row per listed route, derived rows included (contract 05, sections 12.3, 12.4).
//!
//! The one invariant: a derived row says what it is derived from.

use model::{Map, Value};
use serde_json::json;

use super::table::{SPECS, Spec};
use super::{Authority, Defaults, Row};
use crate::registry;

const GATEWAY: &str = "abstractcore.gateway_runtime";
const USER: &str = "abstractcore.runtime";
const LOCAL: &str = "abstractcore.local";
const DERIVED: &str = "abstractcore.capability_defaults";

pub(super) fn payload(defaults: &Defaults, authority: Authority) -> Map {
    let has_user = !defaults.user.is_empty();
    let base = match authority {
        Authority::Gateway => GATEWAY,
        Authority::Local => LOCAL,
    };
    let source = if has_user { USER } else { base };
    let routes: Vec<Value> = SPECS.iter().map(|spec| Value::Object(row(defaults, spec, base))).collect();
    let principal = defaults.user_path.as_ref().unwrap_or(&defaults.baseline_path);
    Map::from_iter([
        ("ok".to_owned(), json!(true)),
        ("version".to_owned(), json!(1)),
        ("authority".to_owned(), json!(source)),
        ("writable".to_owned(), json!(true)),
        ("source".to_owned(), json!(source)),
        ("config_file".to_owned(), json!(defaults.baseline_path)),
        ("routes".to_owned(), routes.into()),
        ("errors".to_owned(), json!([])),
        ("gateway_config_file".to_owned(), json!(defaults.baseline_path)),
        ("gateway_defaults".to_owned(), json!(!defaults.baseline.is_empty())),
        ("principal_config_file".to_owned(), json!(principal)),
        ("principal_defaults".to_owned(), json!(has_user)),
    ])
}

fn row(defaults: &Defaults, spec: &Spec, base: &str) -> Map {
    let mut out = Map::new();
    for (key, value) in [
        ("key", spec.key),
        ("kind", spec.kind()),
        ("modality", spec.modality()),
        ("label", spec.label),
        ("task", spec.task),
    ] {
        out.insert(key.into(), value.into());
    }
    out.extend(spec.package_hint.map(|hint| ("package_hint".to_owned(), json!(hint))));
    out.extend(spec.option_examples().map(|examples| ("option_examples".to_owned(), examples)));
    let text = defaults.text_row();
    let explicit = if spec.key == "input.text" { text } else { defaults.stored(spec.key) };
    let layer = |is_user: bool| if is_user { USER } else { base };
    if spec.key == "output.text" {
        if let Some((row, is_user)) = text {
            fill(&mut out, row, layer(is_user));
            out.insert("derived_from".into(), "input.text".into());
        } else {
            unset(&mut out);
        }
        out.insert("read_only".into(), true.into());
        return out;
    }
    match (coverage(spec, text.map(|(row, _)| row), explicit.is_some()), explicit) {
        (Some(covered), _) => out.extend(covered),
        (None, Some((row, is_user))) => fill(&mut out, row, layer(is_user)),
        (None, None) => unset(&mut out),
    }
    out
}

fn unset(out: &mut Map) {
    out.insert("source".into(), "not_configured".into());
    out.insert("configured".into(), false.into());
}

fn fill(out: &mut Map, row: &Row, source: &str) {
    if let Value::Object(fields) = row.to_value() {
        out.extend(fields);
    }
    out.insert("source".into(), source.into());
    out.insert("configured".into(), true.into());
}

/// The fields of an input that the text model takes by itself.
fn coverage(spec: &Spec, text: Option<&Row>, is_explicit: bool) -> Option<Map> {
    let modality = spec.key.strip_prefix("input.").filter(|m| matches!(*m, "image" | "video" | "sound" | "music"))?;
    // A picture goes to the text model even when a row says otherwise; the others yield to an explicit row.
    if is_explicit && modality != "image" {
        return None;
    }
    let row = text?;
    let mode = registry::lookup(row.model.as_deref()?).takes(modality)?;
    let mut out = Map::new();
    out.insert("provider".into(), json!(row.provider));
    out.insert("model".into(), json!(row.model));
    out.insert("base_url".into(), json!(row.base_url));
    if !row.options.is_empty() {
        out.insert("options".into(), Value::Object(row.options.clone()));
    }
    out.insert("source".into(), DERIVED.into());
    out.insert("configured".into(), true.into());
    out.insert("covered_by".into(), "input.text".into());
    if modality == "image" {
        out.insert("read_only".into(), true.into());
    } else {
        out.insert("coverage_mode".into(), mode.into());
        out.insert("overrideable".into(), true.into());
        out.insert("read_only".into(), false.into());
    }
    Some(out)
}
