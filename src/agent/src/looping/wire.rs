//! The transcript as a model endpoint takes it. The invariant: after an assistant message with tool calls comes one
//! tool message for each of its ids, and a tool message never stands anywhere else. Strict servers refuse anything
//! else, and a transcript may well be out of order: a question to a person is answered later than the other calls of
//! its turn, and compaction may take one half of a pair away.

use std::collections::HashMap;

use model::{Run, Value};
use serde_json::json;

use super::state;

/// Messages reduced to what endpoints know; blank ones are left out.
pub(crate) fn messages(run: &Run) -> Vec<Value> {
    let all = state::messages(run);
    let mut answers: HashMap<&str, &Value> = HashMap::new();
    for message in all.iter().filter(|m| m["role"] == "tool") {
        if let Some(id) = call_id(message) {
            answers.entry(id).or_insert(message);
        }
    }
    let asked: Vec<&str> = all.iter().flat_map(asked_ids).collect();
    let mut out = Vec::new();
    for message in all {
        let content = content(message);
        match message["role"].as_str().unwrap_or_default() {
            "tool" => match call_id(message) {
                Some(id) if asked.contains(&id) => {}
                _ if content.trim().is_empty() => {}
                _ => out.push(json!({"role": "user", "content": content})),
            },
            "assistant" if asked_ids(message).next().is_some() => {
                out.push(json!({"role": "assistant", "content": content, "tool_calls": tool_calls(message)}));
                for id in asked_ids(message) {
                    let text = answers.get(id).map_or_else(|| "No result was recorded.".into(), |m| self::content(m));
                    out.push(json!({"role": "tool", "tool_call_id": id, "content": text}));
                }
            }
            "" => {}
            _ if content.trim().is_empty() => {}
            role => out.push(json!({"role": role, "content": content})),
        }
    }
    out
}

fn content(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

fn call_id(message: &Value) -> Option<&str> {
    message.get("metadata").and_then(|m| m.get("call_id")).or_else(|| message.get("tool_call_id"))?.as_str()
}

fn asked_ids(message: &Value) -> impl Iterator<Item = &str> {
    message.get("tool_calls").and_then(Value::as_array).into_iter().flatten().filter_map(|c| c.get("id")?.as_str())
}

fn tool_calls(message: &Value) -> Vec<Value> {
    let calls = message.get("tool_calls").and_then(Value::as_array);
    calls
        .into_iter()
        .flatten()
        .filter(|c| c.get("id").is_some_and(Value::is_string))
        .map(|c| {
            let function = c.get("function");
            let arguments = match function.and_then(|f| f.get("arguments")) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => "{}".into(),
            };
            json!({"type": "function", "id": c["id"], "function": {
                "name": function.and_then(|f| f.get("name")), "arguments": arguments,
            }})
        })
        .collect()
}

/// Attachments of the context: paths, and objects that name an artifact.
pub(crate) fn media(run: &Run) -> Vec<Value> {
    let context = run.vars.get("context");
    let list = ["attachments", "media"].iter().find_map(|key| context?.get(*key)?.as_array());
    let usable = |item: &&Value| match item {
        Value::String(path) => !path.trim().is_empty(),
        Value::Object(object) => object.contains_key("$artifact") || object.contains_key("artifact_id"),
        _ => false,
    };
    list.into_iter().flatten().filter(usable).cloned().collect()
}
