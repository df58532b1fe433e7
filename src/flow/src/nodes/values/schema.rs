//! `edit_json_schema`: a schema with more properties.

use model::{Map, Value};
use serde_json::json;

use super::{Inputs, bounded};
use crate::python::strip;

pub(super) fn edit_json_schema(inputs: &Inputs<'_>) -> Result<Value, String> {
    let object = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let (base, additions) = (object(inputs.get("schema")), object(inputs.literal()));
    let schema = match (base.is_empty(), additions.is_empty()) {
        (true, _) => additions,
        (_, true) => base,
        _ => extended(base, &additions),
    };
    bounded(json!({"schema": schema}))
}

/// Adds the properties the base does not have; what it has already stays as it is.
fn extended(mut base: Map, additions: &Map) -> Map {
    base.entry("type").or_insert_with(|| "object".into());
    let mut properties = base.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut required = names(base.get("required"));
    let mut added = Vec::new();
    for (name, property) in additions.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if !properties.contains_key(name) {
            properties.insert(name.clone(), property.clone());
            added.push(name.clone());
        }
    }
    base.insert("properties".into(), properties.into());
    required.extend(names(additions.get("required")).into_iter().filter(|name| added.contains(name)));
    if required.is_empty() {
        base.shift_remove("required");
    } else {
        base.insert("required".into(), required.into());
    }
    for place in ["$defs", "definitions"] {
        let Some(more) = additions.get(place).and_then(Value::as_object) else { continue };
        let mut merged = base.get(place).and_then(Value::as_object).cloned().unwrap_or_default();
        for (name, definition) in more {
            merged.entry(name.clone()).or_insert_with(|| definition.clone());
        }
        base.insert(place.into(), merged.into());
    }
    base
}

/// The non-blank strings of a list, each once.
fn names(list: Option<&Value>) -> Vec<String> {
    let mut names = Vec::new();
    for name in list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !strip(name).is_empty() && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}
