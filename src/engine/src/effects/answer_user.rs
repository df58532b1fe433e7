//! A message to a person; it is the record itself that clients show.

use model::{Map, Value};
use serde_json::json;

use super::Decided;

pub(super) fn decide(payload: &Map) -> Decided {
    let message = ["message", "text", "content"].iter().find_map(|k| payload.get(*k).filter(|v| !v.is_null()));
    let Some(message) = message else {
        return Decided::Fail("answer_user requires payload.message".into());
    };
    let message = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
    let level = payload.get("level").and_then(Value::as_str).unwrap_or("").trim().to_ascii_lowercase();
    let level = match level.as_str() {
        "warn" | "warning" => "warning",
        "error" => "error",
        _ => "message",
    };
    Decided::Done(json!({ "message": message, "level": level }))
}
