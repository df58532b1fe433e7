//! JSON in and out of text: the forgiving reader for what models write, and the printer.

use model::Value;
use model::json::{self, Layout};
use serde_json::json;

use super::{Inputs, bounded};
use crate::python::{int_loose, parse_literal, py_str, strip, truthy};

/// Places in a text where an embedded object or list is looked for.
const MAX_CANDIDATES: usize = 64;

/// Spaces of indentation one may ask for.
const MAX_INDENT: i64 = 64;

pub(super) fn parse_json(inputs: &Inputs<'_>) -> Result<Value, String> {
    let value = match inputs.get("text") {
        Some(value @ (Value::Object(_) | Value::Array(_))) => return Ok(value.clone()),
        other => parse_text(&other.filter(|value| !value.is_null()).map(py_str).unwrap_or_default())?,
    };
    let wrap = inputs.get("wrap_scalar").is_none_or(truthy);
    let scalar = !matches!(value, Value::Object(_) | Value::Array(_));
    bounded(if wrap && scalar { json!({"value": value}) } else { value })
}

/// Reads a text as JSON, else the first object or list embedded in it, else as a Python literal. A bare `null` is none
/// of these.
pub(super) fn parse_text(text: &str) -> Result<Value, String> {
    let text = strip(text);
    if text.is_empty() {
        return Err("parse_json requires a non-empty 'text' input.".into());
    }
    let body = without_fence(text);
    if let Some(value) = json::parse(body).ok().filter(|value| !value.is_null()) {
        return Ok(value);
    }
    if let Some(value) = embedded(body) {
        return Ok(value);
    }
    parse_literal(body).map_err(|error| format!("Invalid JSON: {error}"))
}

/// The inside of a text that starts with a code fence.
fn without_fence(text: &str) -> &str {
    let Some((_, inside)) = text.strip_prefix("```").and_then(|rest| rest.split_once('\n')) else { return text };
    strip(inside.rsplit_once("```").map_or(inside, |(body, _)| body))
}

fn embedded(text: &str) -> Option<Value> {
    text.match_indices(['{', '[']).take(MAX_CANDIDATES).find_map(|(at, _)| {
        serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>().next().and_then(Result::ok)
    })
}

pub(super) fn stringify_json(inputs: &Inputs<'_>) -> Result<Value, String> {
    let value = inputs.get("value").unwrap_or(&Value::Null);
    let parsed = value.as_str().and_then(|text| parse_text(text).ok()).filter(|value| !value.is_null());
    let indent = match inputs.get("indent") {
        Some(Value::Bool(b)) => Some(i64::from(*b)),
        other => other.and_then(int_loose),
    };
    let mode = inputs.text_or_empty("mode");
    let mut layout = layout(&strip(&mode).to_lowercase(), indent)?;
    if inputs.get("sort_keys") == Some(&Value::Bool(true)) {
        layout = layout.sorted();
    }
    Ok(json::write(parsed.as_ref().unwrap_or(value), layout).into())
}

/// The layout of a stringify mode. Without a mode, an indent of zero or less means minified.
fn layout(mode: &str, indent: Option<i64>) -> Result<Layout, String> {
    match (mode, indent) {
        ("none", _) => Ok(Layout::SPACED),
        ("minified", _) | ("", Some(..=0)) => Ok(Layout::COMPACT),
        (_, Some(indent)) if indent > MAX_INDENT => Err(format!("indent must be at most {MAX_INDENT}")),
        (_, Some(indent @ 1..)) => Ok(Layout { indent: usize::try_from(indent).ok(), ..Layout::PRETTY }),
        _ => Ok(Layout::PRETTY),
    }
}
