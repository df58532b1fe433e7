//! Tools seen as data: lists of names, calls to make, results to show.

use model::json::{self, Layout};
use model::{Map, Value};
use serde_json::json;

use super::{Inputs, bounded};
use crate::python::{MAX_TEXT_BYTES, non_blank, py_str, strip, too_long};

/// Characters of a result's primary argument.
const PRIMARY_CHARS: usize = 160;
/// Characters of a result's output.
const OUTPUT_CHARS: usize = 420;

/// Which arguments say best what a stock tool was asked to do.
const PRIMARY: [(&str, &[&str]); 11] = [
    ("analyze_code", &["file_path"]),
    ("edit_file", &["file_path", "pattern"]),
    ("execute_command", &["command"]),
    ("fetch_url", &["url"]),
    ("list_files", &["directory_path", "pattern", "recursive", "include_hidden", "head_limit"]),
    ("read_file", &["file_path"]),
    ("search_files", &["pattern"]),
    ("skim_files", &["paths"]),
    ("skim_folders", &["paths"]),
    ("web_search", &["query"]),
    ("write_file", &["file_path", "content"]),
];

pub(super) fn tools_allowlist(inputs: &Inputs<'_>) -> Result<Value, String> {
    let mut tools: Vec<&str> = Vec::new();
    for name in inputs.literal().and_then(Value::as_array).into_iter().flatten().map(|item| non_blank(Some(item))) {
        if !name.is_empty() && !tools.contains(&name) {
            tools.push(name);
        }
    }
    Ok(json!({"tools": tools}))
}

pub(super) fn tool_parameters(inputs: &Inputs<'_>) -> Result<Value, String> {
    let config = inputs.data.get("toolParametersConfig");
    let name = ["tool", "name"].map(|key| non_blank(config.and_then(|c| c.get(key))));
    let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let (mut outputs, mut arguments) = (Map::new(), Map::new());
    for pin in inputs.declared {
        let value = inputs.get(pin).cloned().unwrap_or_default();
        if !value.is_null() {
            arguments.insert(pin.clone(), value.clone());
        }
        outputs.insert(pin.clone(), value);
    }
    outputs.insert("tool_call".into(), json!({"name": name, "arguments": arguments}));
    bounded(outputs.into())
}

pub(super) fn format_tool_results(inputs: &Inputs<'_>) -> Result<Value, String> {
    let results = match inputs.given("tool_results").or_else(|| inputs.get("results")) {
        Some(Value::Array(items)) => items.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    let lines: Vec<String> = results.iter().filter_map(Value::as_object).map(line).collect();
    if lines.iter().map(String::len).sum::<usize>() > MAX_TEXT_BYTES {
        return Err(too_long());
    }
    Ok(lines.join("\n").into())
}

fn line(result: &Map) -> String {
    let names = ["name", "tool"].map(|key| result.get(key).filter(|v| !v.is_null()).map(py_str).unwrap_or_default());
    let name = names.iter().map(|name| strip(name)).find(|name| !name.is_empty()).unwrap_or("tool");
    let status = match result.get("success") {
        Some(Value::Bool(true)) => "SUCCESS",
        Some(Value::Bool(false)) => "FAILURE",
        _ => "DONE",
    };
    let error = non_blank(result.get("error"));
    let text = if status == "FAILURE" && !error.is_empty() { error.to_owned() } else { output(result.get("output")) };
    let text = if text.is_empty() { "(no output)" } else { &text };
    format!("- {name}({}) [{status}] : {text}", primary(name, result))
}

fn output(output: Option<&Value>) -> String {
    match output {
        None | Some(Value::Null) => String::new(),
        Some(value @ Value::Object(_)) => {
            let rendered = non_blank(value.get("rendered"));
            if rendered.is_empty() { clamp(&compact(value), OUTPUT_CHARS) } else { rendered.to_owned() }
        }
        Some(other) => clamp(&one_line(&py_str(other)), OUTPUT_CHARS),
    }
}

/// The first argument that says something, else the same from the output.
fn primary(name: &str, result: &Map) -> String {
    let object = |key| result.get(key).and_then(Value::as_object);
    let places = [object("arguments"), object("output")];
    let known = PRIMARY.iter().find(|(tool, _)| *tool == name).map(|(_, keys)| *keys);
    let value = match known {
        Some(keys) => keys.iter().find_map(|key| places.iter().flatten().find_map(|map| present(map, key))),
        None => places.iter().flatten().find_map(|map| map.values().find(|value| !value.is_null())),
    };
    match value {
        None => String::new(),
        Some(Value::String(text)) => clamp(&one_line(text), PRIMARY_CHARS),
        Some(other) => clamp(&compact(other), PRIMARY_CHARS),
    }
}

fn present<'a>(map: &'a Map, key: &str) -> Option<&'a Value> {
    map.get(key).filter(|value| !value.is_null())
}

fn compact(value: &Value) -> String {
    json::write(value, Layout::COMPACT.sorted())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn clamp(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    text.chars().take(limit - 1).chain(['…']).collect()
}
