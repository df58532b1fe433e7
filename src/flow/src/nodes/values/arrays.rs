//! Lists: building, mapping, filtering, picking.

use std::collections::HashSet;

use model::{Value, json};
use serde_json::json;

use super::{Inputs, as_list, bounded};
use crate::python::{float_loose, py_eq, py_str, py_type_name, strip, tok_path};

pub(super) fn make_array(inputs: &Inputs<'_>) -> Result<Value, String> {
    bounded(inputs.in_order().filter(|value| !value.is_null()).cloned().collect())
}

pub(super) fn array_concat(inputs: &Inputs<'_>) -> Result<Value, String> {
    bounded(inputs.in_order().flat_map(|value| as_list(Some(value))).collect())
}

/// What a `for` over the value would see.
fn iterate(value: Option<&Value>) -> Result<Vec<Value>, String> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => Ok(items.clone()),
        Some(Value::String(text)) => Ok(text.chars().map(|c| Value::String(c.into())).collect()),
        Some(Value::Object(map)) => Ok(map.keys().cloned().map(Value::String).collect()),
        Some(other) => Err(format!("'{}' object is not iterable", py_type_name(other))),
    }
}

pub(super) fn array_map(inputs: &Inputs<'_>) -> Result<Value, String> {
    let key = inputs.text("key", "");
    let mapped = iterate(inputs.get("items"))?.into_iter().map(|item| match item {
        Value::Object(map) => map.get(&key).cloned().unwrap_or_default(),
        other => other,
    });
    Ok(mapped.collect())
}

pub(super) fn array_filter(inputs: &Inputs<'_>) -> Result<Value, String> {
    let key = inputs.text("key", "");
    let wanted = inputs.get("value").unwrap_or(&Value::Null);
    let mut items = iterate(inputs.get("items"))?;
    items.retain(|item| match item {
        Value::Object(map) => py_eq(map.get(&key).unwrap_or(&Value::Null), wanted),
        other => py_eq(other, wanted),
    });
    Ok(items.into())
}

fn count(inputs: &Inputs<'_>) -> usize {
    inputs.get("array").and_then(Value::as_array).map_or(0, Vec::len)
}

pub(super) fn array_length(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok(count(inputs).into())
}

pub(super) fn has_tools(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok((count(inputs) > 0).into())
}

pub(super) fn array_append(inputs: &Inputs<'_>) -> Result<Value, String> {
    let mut items = as_list(inputs.get("array"));
    items.push(inputs.get("item").cloned().unwrap_or_default());
    bounded(items.into())
}

pub(super) fn array_dedup(inputs: &Inputs<'_>) -> Result<Value, String> {
    let key = inputs.text_or_empty("key");
    let key = strip(&key);
    let mut seen = HashSet::new();
    let items = inputs.get("array").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let kept = items.iter().filter(|item| {
        let by_key = if key.is_empty() { None } else { tok_path(item, key).filter(|value| !value.is_null()) };
        seen.insert(fingerprint(by_key.unwrap_or(item)))
    });
    Ok(kept.cloned().collect())
}

/// Tells `1`, `1.0`, `"1"` and `true` apart; objects are the same in any order of keys.
fn fingerprint(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => json::canonical(value),
        scalar => format!("{}:{}", py_type_name(scalar), py_str(scalar)),
    }
}

pub(super) fn get_element(inputs: &Inputs<'_>) -> Result<Value, String> {
    let items = inputs.get("array").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let index = inputs.get("index").and_then(float_loose).filter(|f| f.is_finite()).map_or(0, |f| f as i64);
    let offset = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    let position = if index < 0 { items.len().checked_sub(offset) } else { Some(offset) };
    Ok(match position.and_then(|at| items.get(at)) {
        Some(item) => json!({"result": item, "found": true}),
        None => json!({"result": inputs.get("default"), "found": false}),
    })
}
