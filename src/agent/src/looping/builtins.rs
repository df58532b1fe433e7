//! The loop's own tools: what a model is told about them. They have no executor; `act` turns them into effects.

use model::{Map, Value};
use serde_json::json;

/// Names of the loop's own tools.
pub(crate) const NAMES: [&str; 6] =
    ["ask_user", "recall_memory", "inspect_vars", "remember", "compact_memory", "delegate_agent"];

/// Whether the loop answers this tool itself.
pub(crate) fn is_builtin(name: &str) -> bool {
    NAMES.contains(&name)
}

/// The arguments a tool declares, without those it does not.
pub(crate) fn known_arguments(name: &str, arguments: &Map) -> Map {
    let spec = specs().into_iter().find(|s| s["name"] == name).unwrap_or_default();
    let known = spec["parameters"].as_object().cloned().unwrap_or_default();
    arguments
        .iter()
        .filter(|(k, v)| known.contains_key(*k) && !v.is_null())
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

/// The definitions of the loop's own tools.
#[must_use]
pub fn specs() -> Vec<Value> {
    let array = |default: Value| json!({"type": "array", "items": {"type": "string"}, "default": default});
    let text = |default: Value| json!({"type": "string", "default": default});
    vec![
        json!({
            "name": "ask_user",
            "description": "Ask the user one question and wait for the answer.",
            "when_to_use": "Only when you cannot go on without a decision or a fact that the user alone has.",
            "parameters": {"question": {"type": "string"}, "choices": array(json!([]))},
            "required_args": ["question"],
        }),
        json!({
            "name": "recall_memory",
            "description": "Search memory: archived conversation, notes and their tags.",
            "when_to_use": "When something said or noted earlier matters and is not in the conversation any more.",
            "parameters": {
                "span_id": text(Value::Null), "query": text(Value::Null), "since": text(Value::Null),
                "until": text(Value::Null), "tags": {"type": "object", "default": null},
                "tags_mode": text(json!("all")), "usernames": array(Value::Null), "locations": array(Value::Null),
                "limit_spans": {"type": "integer", "default": 5}, "connected": {"type": "boolean", "default": false},
                "neighbor_hops": {"type": "integer", "default": 1}, "max_messages": {"type": "integer", "default": -1},
                "scope": text(json!("run")),
                "recall_level": {"type": "string", "enum": ["urgent", "standard", "deep"], "default": null},
            },
            "required_args": [],
        }),
        json!({
            "name": "inspect_vars",
            "description": "Look at a variable of the run by path.",
            "when_to_use": "When you need stored state, such as earlier turns under scratchpad.cycles.",
            "parameters": {
                "path": text(json!("scratchpad")), "keys_only": {"type": "boolean", "default": false},
                "target_run_id": text(Value::Null),
            },
            "required_args": [],
        }),
        json!({
            "name": "remember",
            "description": "Put tags on a memory span so that it can be found again.",
            "when_to_use": "After recalling or archiving something worth finding by topic later.",
            "parameters": {
                "span_id": {"type": "string"}, "tags": {"type": "object"},
                "merge": {"type": "boolean", "default": true},
            },
            "required_args": ["span_id", "tags"],
        }),
        json!({
            "name": "compact_memory",
            "description": "Archive the older part of this conversation and keep a summary of it.",
            "when_to_use": "When the conversation has become long and its older part is no longer needed word for word.",
            "parameters": {
                "preserve_recent": {"type": "integer", "default": 6}, "compression_mode": text(json!("standard")),
                "focus": text(Value::Null),
            },
            "required_args": [],
        }),
        json!({
            "name": "delegate_agent",
            "description": "Give a self-contained part of the work to a helper agent and get its report.",
            "when_to_use": "When a part of the task needs much reading whose details you do not need yourself.",
            "parameters": {"task": {"type": "string"}, "context": text(json!("")), "tools": array(Value::Null)},
            "required_args": ["task"],
        }),
    ]
}
