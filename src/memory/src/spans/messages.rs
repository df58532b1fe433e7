//! Messages of a conversation (`context.messages`), whoever wrote them.

use model::run::object_at;
use model::{Map, Timestamp, Value};
use serde_json::json;

/// The conversation of a run.
#[must_use]
pub fn active(vars: &Map) -> &[Value] {
    let messages = vars.get("context").and_then(|c| c.get("messages")).and_then(Value::as_array);
    messages.map_or(&[], Vec::as_slice)
}

/// Puts a conversation in place of the present one.
pub fn replace(vars: &mut Map, messages: Vec<Value>) {
    object_at(vars, "context").insert("messages".into(), Value::Array(messages));
}

/// Who speaks; `user` when it is not said.
#[must_use]
pub fn role(message: &Value) -> &str {
    message.get("role").and_then(Value::as_str).filter(|role| !role.is_empty()).unwrap_or("user")
}

/// What is said.
#[must_use]
pub fn content(message: &Value) -> String {
    match message.get("content") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The id of a message.
#[must_use]
pub fn id(message: &Value) -> Option<&str> {
    message.get("metadata")?.get("message_id")?.as_str().filter(|id| !id.is_empty())
}

/// A copy with role, content as text, id and time. What is no object is no message.
pub(crate) fn normal(message: &Value, now: Timestamp, new_id: &mut dyn FnMut() -> String) -> Option<Value> {
    let mut map = message.as_object()?.clone();
    map.insert("role".into(), role(message).into());
    map.insert("content".into(), content(message).into());
    if id(message).is_none() {
        object_at(&mut map, "metadata").insert("message_id".into(), new_id().into());
    }
    let timed = map.get("timestamp").and_then(Value::as_str).is_some_and(|t| !t.trim().is_empty());
    if !timed {
        map.insert("timestamp".into(), json!(now));
    }
    Some(Value::Object(map))
}
