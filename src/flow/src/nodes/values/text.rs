//! Text: joining, splitting, case, searching, `str.format`.

use model::Value;

use super::{Inputs, as_list};
use crate::python::{
    self, MAX_TEXT_BYTES, int_loose, lower, py_int, py_str, slice_text, strip, too_long, truthy, upper,
};

/// Decodes the escapes people type into a separator: `\n`, `\t`, `\r`, nothing else.
fn unescape(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r")
}

/// Joins parts unless the result would be too long.
fn joined(parts: &[String], separator: &str) -> Result<Value, String> {
    let size = parts.iter().map(String::len).sum::<usize>() + separator.len().saturating_mul(parts.len());
    if size > MAX_TEXT_BYTES {
        return Err(too_long());
    }
    Ok(parts.join(separator).into())
}

fn text_or_blank(value: &Value) -> String {
    if value.is_null() { String::new() } else { py_str(value) }
}

pub(super) fn concat(inputs: &Inputs<'_>) -> Result<Value, String> {
    let configured = inputs.data.get("concatConfig").and_then(|c| c.get("separator")).and_then(Value::as_str);
    let mut names: Vec<&str> = inputs.declared.iter().map(String::as_str).collect();
    if names.is_empty() {
        names = inputs.pins.keys().map(String::as_str).collect();
        let letter = |name: &str| name.len() == 1 && name.bytes().all(|b| b.is_ascii_lowercase());
        names.sort_by(|a, b| letter(b).cmp(&letter(a)).then_with(|| a.cmp(b)));
    }
    let parts: Vec<String> = names.into_iter().filter_map(|name| inputs.get(name)).map(text_or_blank).collect();
    joined(&parts, &unescape(configured.unwrap_or(" ")))
}

pub(super) fn split(inputs: &Inputs<'_>) -> Result<Value, String> {
    let text = inputs.text_or_empty("text");
    let delimiter = unescape(&inputs.text("delimiter", ","));
    let flag = |pin| inputs.get(pin).is_none_or(truthy);
    let (trim, drop_empty) = (flag("trim"), flag("drop_empty"));
    let cleaned = |part: &str| if trim { strip(part).to_owned() } else { part.to_owned() };
    if delimiter.is_empty() {
        let only = cleaned(&text);
        return Ok(if only.is_empty() { Value::Array(Vec::new()) } else { vec![only].into() });
    }
    let limit = inputs.get("maxsplit").and_then(int_loose).and_then(|n| usize::try_from(n).ok());
    let parts = text.splitn(limit.map_or(usize::MAX, |n| n.saturating_add(1)), &delimiter).map(cleaned);
    Ok(parts.filter(|part| !(drop_empty && part.is_empty())).map(Value::String).collect())
}

pub(super) fn join(inputs: &Inputs<'_>) -> Result<Value, String> {
    let parts: Vec<String> = as_list(inputs.get("items")).iter().map(text_or_blank).collect();
    joined(&parts, &unescape(&inputs.text("delimiter", ",")))
}

pub(super) fn format(inputs: &Inputs<'_>) -> Result<Value, String> {
    let template = inputs.text("template", "");
    match inputs.get("values") {
        Some(Value::Object(values)) => python::format(&template, values).map(Value::String),
        None => python::format(&template, &model::Map::new()).map(Value::String),
        Some(_) => Ok(template.into()),
    }
}

pub(super) fn uppercase(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok(upper(&inputs.text("text", "")).into())
}

pub(super) fn lowercase(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok(lower(&inputs.text("text", "")).into())
}

pub(super) fn trim(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok(strip(&inputs.text("text", "")).into())
}

pub(super) fn substring(inputs: &Inputs<'_>) -> Result<Value, String> {
    let text = inputs.text("text", "");
    let start = inputs.get("start").map_or(Ok(0), py_int)?;
    let end = inputs.given("end").map(py_int).transpose()?;
    Ok(slice_text(&text, start, end).into())
}

pub(super) fn length(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok(inputs.text("text", "").chars().count().into())
}

pub(super) fn is_empty_string(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok(inputs.given("text").is_none_or(|text| text == "").into())
}

pub(super) fn contains(inputs: &Inputs<'_>) -> Result<Value, String> {
    let pattern = inputs.text_or_empty("pattern");
    Ok((!pattern.is_empty() && inputs.text_or_empty("text").contains(&pattern)).into())
}

pub(super) fn replace(inputs: &Inputs<'_>) -> Result<Value, String> {
    let text = inputs.text_or_empty("text");
    let pattern = inputs.text_or_empty("pattern");
    if pattern.is_empty() {
        return Ok(text.into());
    }
    let replacement = inputs.text_or_empty("replacement");
    let count = text.matches(&pattern).count().min(inputs.given("mode").map_or(usize::MAX, times));
    if text.len().saturating_add(count.saturating_mul(replacement.len())) > MAX_TEXT_BYTES {
        return Err(too_long());
    }
    Ok(text.replacen(&pattern, &replacement, count).into())
}

/// How often a replace mode replaces.
fn times(mode: &Value) -> usize {
    let word = strip(&py_str(mode)).to_lowercase();
    if matches!(word.as_str(), "first" | "once") {
        return 1;
    }
    py_int(mode).ok().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX)
}
