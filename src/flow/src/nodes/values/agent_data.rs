//! The objects agents hand around: context, message, meta, scratchpad.

use model::{Map, Value};
use serde_json::json;

use super::{Inputs, as_list, bounded};
use crate::python::{int_loose, non_blank, py_str, strip};

/// The name of the meta objects' layout.
const META_SCHEMA: &str = "abstractcode.agent.v1.meta";

fn object<'a>(inputs: &Inputs<'a>, pin: &str) -> Option<&'a Map> {
    inputs.get(pin).and_then(Value::as_object)
}

pub(super) fn make_context(inputs: &Inputs<'_>) -> Result<Value, String> {
    let mut context = object(inputs, "context_extra").cloned().unwrap_or_default();
    context.insert("task".into(), inputs.text_or_empty("task").into());
    context.insert("messages".into(), as_list(inputs.get("messages")).into());
    bounded(json!({"context": context}))
}

/// The message alone; appending it to the run's context is the exec node's business.
pub(super) fn add_message(inputs: &Inputs<'_>) -> Result<Value, String> {
    let role = inputs.given("role").map_or_else(|| "user".to_owned(), py_str);
    Ok(json!({"message": {
        "role": role,
        "content": inputs.text_or_empty("content"),
        "timestamp": inputs.ctx.now.to_string(),
        "metadata": {"message_id": format!("msg_{}", inputs.ctx.random_hex())},
    }}))
}

pub(super) fn make_meta(inputs: &Inputs<'_>) -> Result<Value, String> {
    let mut meta = object(inputs, "extra").cloned().unwrap_or_default();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            meta.insert(key.into(), value);
        }
    };
    let some_text = |text: &str| (!text.is_empty()).then(|| Value::from(text));
    let schema = non_blank(inputs.get("schema"));
    put("schema", some_text(if schema.is_empty() { META_SCHEMA } else { schema }));
    put("version", Some(inputs.get("version").and_then(int_loose).unwrap_or(1).into()));
    put("output_mode", some_text(non_blank(inputs.get("output_mode"))));
    for pin in ["provider", "model"] {
        put(pin, some_text(strip(&inputs.text_or_empty(pin))));
    }
    put("sub_run_id", some_text(non_blank(inputs.get("sub_run_id"))));
    for pin in ["iterations", "tool_calls", "tool_results"] {
        put(pin, inputs.get(pin).and_then(int_loose).map(Value::from));
    }
    put("finish_reason", some_text(non_blank(inputs.get("finish_reason"))));
    for pin in ["gen_time", "ttft_ms"] {
        put(pin, inputs.given(pin).filter(|value| !value.is_boolean()).cloned());
    }
    put("usage", object(inputs, "usage").cloned().map(Value::Object));
    put("trace", trace(inputs));
    put("warnings", warnings(inputs.get("warnings")));
    put("debug", inputs.given("debug").cloned());
    bounded(json!({"meta": meta}))
}

fn trace(inputs: &Inputs<'_>) -> Option<Value> {
    let mut trace = object(inputs, "trace").cloned();
    for id in [non_blank(inputs.get("trace")), non_blank(inputs.get("trace_id"))] {
        if !id.is_empty() {
            trace.get_or_insert_default().insert("trace_id".into(), id.into());
        }
    }
    trace.map(Value::Object)
}

fn warnings(value: Option<&Value>) -> Option<Value> {
    let items = match value? {
        Value::Array(items) => items.as_slice(),
        text @ Value::String(_) => std::slice::from_ref(text),
        _ => return None,
    };
    let texts = items.iter().filter(|item| !item.is_null()).map(py_str);
    Some(texts.map(|text| strip(&text).to_owned()).filter(|text| !text.is_empty()).collect())
}

pub(super) fn make_scratchpad(inputs: &Inputs<'_>) -> Result<Value, String> {
    let mut pad = Map::new();
    for pin in ["sub_run_id", "workflow_id"] {
        let id = non_blank(inputs.get(pin));
        if !id.is_empty() {
            pad.insert(pin.into(), id.into());
        }
    }
    pad.insert("task".into(), inputs.text_or_empty("task").into());
    pad.insert("messages".into(), as_list(inputs.get("messages")).into());
    if let Some(extra) = object(inputs, "context_extra") {
        pad.insert("context_extra".into(), extra.clone().into());
    }
    pad.insert("node_traces".into(), object(inputs, "node_traces").cloned().unwrap_or_default().into());
    for pin in ["steps", "tool_calls", "tool_results"] {
        pad.insert(pin.into(), as_list(inputs.get(pin)).into());
    }
    bounded(json!({"scratchpad": pad}))
}
