//! Objects: reading, setting, merging, building, taking apart.

use model::{Map, Value};
use serde_json::json;

use super::json_text::parse_text;
use super::{Inputs, MAX_LEVELS, bounded};
use crate::python::{dot_path, py_str, py_type_name, strip, tok_path};

pub(super) fn get(inputs: &Inputs<'_>) -> Result<Value, String> {
    let key = inputs.text_or_empty("key");
    let found = inputs.get("object").and_then(|object| tok_path(object, strip(&key)));
    Ok(json!({"value": found.filter(|value| !value.is_null()).or_else(|| inputs.get("default"))}))
}

pub(super) fn set(inputs: &Inputs<'_>) -> Result<Value, String> {
    let mut object = as_dict(inputs.get("object"))?;
    let key = inputs.text("key", "");
    let parts: Vec<&str> = key.split('.').collect();
    if parts.len() > MAX_LEVELS {
        return Err(format!("key has more than {MAX_LEVELS} parts"));
    }
    put(&mut object, &parts, inputs.get("value").cloned().unwrap_or_default());
    bounded(object.into())
}

/// Sets a value at a path, with objects in place of whatever stands in the way.
fn put(object: &mut Map, path: &[&str], value: Value) {
    match path {
        [] => {}
        [last] => {
            object.insert((*last).to_owned(), value);
        }
        [first, rest @ ..] => {
            let inner = object.entry((*first).to_owned()).or_insert_with(|| Map::new().into());
            if !inner.is_object() {
                *inner = Map::new().into();
            }
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

pub(super) fn merge(inputs: &Inputs<'_>) -> Result<Value, String> {
    let mut merged = as_dict(inputs.get("a"))?;
    merged.extend(as_dict(inputs.get("b"))?);
    bounded(merged.into())
}

pub(super) fn make_object(inputs: &Inputs<'_>) -> Result<Value, String> {
    let shown = inputs.pins.iter().filter(|(key, _)| !key.is_empty() && !key.starts_with('_'));
    bounded(shown.map(|(key, value)| (key.clone(), value.clone())).collect::<Map>().into())
}

/// `dict(value)`: an object, or a sequence of pairs.
fn as_dict(value: Option<&Value>) -> Result<Map, String> {
    match value {
        None => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map.clone()),
        Some(Value::String(text)) if text.is_empty() => Ok(Map::new()),
        Some(Value::String(_)) => Err("dictionary update sequence element #0 has length 1; 2 is required".into()),
        Some(Value::Array(items)) => items.iter().enumerate().map(|(i, item)| pair(i, item)).collect(),
        Some(other) => Err(format!("'{}' object is not iterable", py_type_name(other))),
    }
}

fn pair(position: usize, item: &Value) -> Result<(String, Value), String> {
    let wrong = |length| format!("dictionary update sequence element #{position} has length {length}; 2 is required");
    match item {
        Value::Array(parts) => match parts.as_slice() {
            [key @ (Value::Array(_) | Value::Object(_)), _] => Err(format!("unhashable type: '{}'", py_type_name(key))),
            [key, value] => Ok((py_str(key), value.clone())),
            other => Err(wrong(other.len())),
        },
        Value::Object(map) => match map.keys().collect::<Vec<_>>().as_slice() {
            [key, value] => Ok(((*key).clone(), Value::String((*value).clone()))),
            other => Err(wrong(other.len())),
        },
        Value::String(text) => match text.chars().collect::<Vec<_>>().as_slice() {
            [key, value] => Ok((key.to_string(), value.to_string().into())),
            other => Err(wrong(other.len())),
        },
        _ => Err(format!("cannot convert dictionary update sequence element #{position} to a sequence")),
    }
}

/// One output per selected path, named by the path.
pub(super) fn break_object(inputs: &Inputs<'_>) -> Result<Value, String> {
    let paths = match inputs.data.get("breakConfig").and_then(|config| config.get("selectedPaths")) {
        Some(Value::Array(paths)) => paths.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(path)) => vec![path.as_str()],
        _ => Vec::new(),
    };
    let parsed;
    let object = match inputs.get("object") {
        Some(Value::String(text)) => {
            parsed = parse_text(text).unwrap_or_default();
            &parsed
        }
        other => other.unwrap_or(&Value::Null),
    };
    let paths = paths.into_iter().map(strip).filter(|path| !path.is_empty());
    let parts = paths.map(|path| (path.to_owned(), dot_path(object, path).cloned().unwrap_or_default()));
    Ok(parts.collect::<Map>().into())
}
