//! The `llm_call` node's payload (contract 04, 15.7), and what it shares with the agent: routes, schemas, histories.

use model::{Map, Run, Value};
use serde_json::json;

use super::context::{active_messages, attachments, is_system, memory_key, messages};
use super::effects::pin_or_config;
use super::inputs::Payload;
use crate::compile::PlanNode;
use crate::input_schema::is_default_marker;
use crate::python::{boolish, float_loose, int_loose, non_blank, py_str, truthy};

/// A provider or model text; markers of "the gateway's default" count as blank.
pub(super) fn routed(value: Option<&Value>) -> &str {
    let text = non_blank(value);
    if is_default_marker(text) { "" } else { text }
}

/// A JSON schema out of what wrappers it may come in; none for what is no schema.
pub(super) fn schema(value: Option<&Value>) -> Option<Value> {
    let object = value?.as_object().filter(|o| !o.is_empty())?;
    if object.get("type").and_then(Value::as_str) == Some("json_schema") {
        let inner = object.get("json_schema").map_or(value?, |wrapped| wrapped);
        return inner.get("schema").filter(|s| s.is_object()).cloned();
    }
    Some(Value::Object(object.clone()))
}

/// `thinking` when it says something.
pub(super) fn thinking(value: Option<&Value>) -> Option<Value> {
    value.filter(|t| t.is_boolean() || !non_blank(Some(*t)).is_empty()).cloned()
}

/// The payload's members, and what is wrong with the node's route.
pub(super) fn members(run: &Run, node: &PlanNode, payload: &Payload) -> (Map, Option<&'static str>) {
    let get = |names: &[&str]| pin_or_config(node, payload, names);
    let text = |names: &[&str]| get(names).map(py_str).unwrap_or_default();
    let positive = |names: &[&str]| get(names).and_then(int_loose).filter(|n| *n > 0);
    let (provider, model) = (routed(get(&["provider", "provider_text"])), routed(get(&["model", "model_text"])));
    let include = get(&["use_context", "include_context"]).is_some_and(truthy);
    let (system, prompt) = (text(&["system"]), text(&["prompt"]));
    let talk = talk(run, payload, include, &system, &prompt);
    let (system, prompt) = if talk.is_some() { (String::new(), String::new()) } else { (system, prompt) };
    let mut members = Map::from_iter([
        ("prompt".to_owned(), prompt.into()),
        ("system_prompt".to_owned(), system.into()),
        ("tools".to_owned(), tools(get(&["tools"]))),
        ("params".to_owned(), Value::Object(params(node, payload))),
        ("include_context".to_owned(), include.into()),
    ]);
    let mut error = None;
    if provider.is_empty() != model.is_empty() {
        error = Some("Provider and model must both be set, or both left blank for Gateway/Core defaults");
    } else if !provider.is_empty() {
        members.insert("provider".into(), provider.to_lowercase().into());
        members.insert("model".into(), model.into());
    }
    if let Some(max) = positive(&["max_in_tokens", "max_input_tokens", "maxInputTokens"]) {
        members.insert("max_input_tokens".into(), max.into());
    }
    if let Some(output) = get(&["output", "outputs"]).filter(|o| o.is_object() || o.is_array()) {
        members.insert("output".into(), output.clone());
    }
    if let Some(schema) = schema(get(&["resp_schema", "response_schema"])) {
        members.insert("response_schema".into(), schema);
        members.insert("response_schema_name".into(), "LLM_StructuredOutput".into());
        if let Some(fallback) = node.config("effectConfig", "structured_output_fallback") {
            members.insert("structured_output_fallback".into(), fallback.clone());
        }
    }
    if let Some(talk) = talk {
        members.insert("messages".into(), Value::Array(talk));
    }
    let media = attachments(payload.given("context"));
    if let Some(media) = media.or_else(|| attachments(run.vars.get("context")).filter(|_| include)) {
        members.insert("media".into(), media.clone());
    }
    (members, error)
}

fn params(node: &PlanNode, payload: &Payload) -> Map {
    let get = |names: &[&str]| pin_or_config(node, payload, names);
    let temperature = get(&["temperature"]).and_then(float_loose).unwrap_or(0.7);
    let max = get(&["max_out_tokens", "max_output_tokens", "maxOutputTokens"]).and_then(int_loose).filter(|n| *n > 0);
    let index = memory_key(payload, "use_session_attachments").map(|v| Value::Bool(boolish(v)));
    super::context::object([
        ("temperature", Some(json!(temperature))),
        ("seed", get(&["seed"]).and_then(int_loose).filter(|s| *s >= 0).map(Value::from)),
        ("thinking", thinking(get(&["thinking"]))),
        ("max_output_tokens", max.map(Value::from)),
        ("prompt_cache_binding", get(&["prompt_cache_binding"]).cloned()),
        ("include_session_attachments_index", index),
    ])
}

/// Tool specs reduced to what a model reads; names stay names, for the call layer to look up.
fn tools(given: Option<&Value>) -> Value {
    let one = |item: &Value| match item {
        Value::String(name) if !name.trim().is_empty() => Some(Value::String(name.trim().to_owned())),
        Value::Object(spec) => {
            let kept = ["name", "description", "parameters"].into_iter();
            Some(kept.filter_map(|key| Some((key.to_owned(), spec.get(key)?.clone()))).collect::<Map>().into())
        }
        _ => None,
    };
    match given {
        Some(Value::Array(items)) => items.iter().filter_map(one).collect(),
        Some(name @ Value::String(_)) => one(name).into_iter().collect(),
        _ => json!([]),
    }
}

/// The messages to send when there is a history: it, the system text after its leading system messages, the prompt.
fn talk(run: &Run, payload: &Payload, include: bool, system: &str, prompt: &str) -> Option<Vec<Value>> {
    let given = messages(payload.given("context"));
    let mut history = match (given.is_empty(), include) {
        (false, _) => given.iter().filter(|m| m.is_object()).cloned().collect(),
        (true, true) => active_messages(run),
        (true, false) => return None,
    };
    if history.is_empty() {
        return None;
    }
    if !system.trim().is_empty() {
        let lead = history.iter().take_while(|m| is_system(m)).count();
        history.insert(lead, json!({"role": "system", "content": system}));
    }
    if !prompt.trim().is_empty() {
        history.push(json!({"role": "user", "content": prompt}));
    }
    Some(history)
}
