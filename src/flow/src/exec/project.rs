//! The outputs of a node that has run: as it left them, or projected from the result of its effect (contract 04, section
//! 15, "outputs").

use model::{Map, Run, Value};
use serde_json::json;

use crate::compile::{EffectNode, Kind, PlanNode};

/// Where the result of a node's effect lies. The engine splits paths at dots, so a dot in an id is written otherwise.
pub(super) fn result_key(id: &str) -> String {
    format!("_temp.effects.{}", effect_slot(id))
}

fn effect_slot(id: &str) -> String {
    id.replace('.', "%2E")
}

/// The result of a node's effect.
pub(super) fn effect_result<'a>(run: &'a Run, id: &str) -> Option<&'a Value> {
    run.vars.get("_temp")?.get("effects")?.get(effect_slot(id).as_str())
}

/// The node's outputs; none when it has not run.
pub(super) fn outputs(run: &Run, node: &PlanNode) -> Option<Value> {
    if let Kind::Effect(kind) = node.kind {
        return effect_result(run, &node.id).map(|result| project(kind, node, result));
    }
    run.vars.get("_temp")?.get("node_outputs")?.get(&node.id).cloned()
}

fn project(kind: EffectNode, node: &PlanNode, result: &Value) -> Value {
    match kind {
        EffectNode::WaitEvent => json!({"event_data": result, "event_key": result.get("wait_key")}),
        EffectNode::OnEvent => json!({
            "event": result, "payload": result.get("payload"), "event_id": result.get("event_id"), "name": result.get("name"),
        }),
        EffectNode::OnSchedule => json!({"timestamp": result.get("until"), "recurrent": recurrent(node)}),
        EffectNode::LlmCall => llm_call(result),
        EffectNode::ToolCalls => {
            let (results, success) = tools(result);
            json!({"results": results, "success": success, "raw": result})
        }
        EffectNode::CallTool => call_tool(result),
        EffectNode::Subflow => subflow(node, result),
        EffectNode::AskUser | EffectNode::AnswerUser | EffectNode::WaitUntil | EffectNode::EmitEvent => result.clone(),
    }
}

pub(super) fn recurrent(node: &PlanNode) -> bool {
    node.config("eventConfig", "recurrent").and_then(Value::as_bool).unwrap_or(true)
}

/// `results`, and whether all of them succeeded.
fn tools(result: &Value) -> (Vec<Value>, bool) {
    let results = result.get("results").and_then(Value::as_array).cloned().unwrap_or_default();
    let executed = result.get("mode").and_then(Value::as_str) == Some("executed");
    let success = executed && results.iter().all(|r| r.get("success") == Some(&Value::Bool(true)));
    (results, success)
}

fn call_tool(result: &Value) -> Value {
    let (results, success) = tools(result);
    let mode = result.get("mode").and_then(Value::as_str).unwrap_or("unknown");
    let value = match results.first() {
        _ if mode != "executed" => format!("Tool execution not completed (mode={mode})").into(),
        None => "Missing tool result".into(),
        Some(one) if success => one.get("output").cloned().unwrap_or(Value::Null),
        Some(one) => one.get("error").cloned().unwrap_or(Value::Null),
    };
    json!({"result": value, "success": success && !results.is_empty(), "raw": result})
}

fn llm_call(result: &Value) -> Value {
    let data = result.get("data").filter(|d| !d.is_null());
    let response = match data {
        Some(data) => Value::String(data.to_string()),
        None => result.get("content").cloned().unwrap_or(Value::Null),
    };
    let calls = result.get("tool_calls").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut meta = Map::new();
    meta.insert("schema".into(), "abstractflow.llm_call.v1.meta".into());
    meta.insert("version".into(), 1.into());
    meta.insert("output_mode".into(), if data.is_some() { "structured" } else { "unstructured" }.into());
    meta.insert("tool_calls".into(), calls.len().into());
    for key in ["provider", "model", "finish_reason", "usage", "gen_time", "ttft_ms"] {
        if let Some(value) = result.get(key).filter(|v| !v.is_null()) {
            meta.insert(key.into(), value.clone());
        }
    }
    if let Some(trace) = result.get("trace_id").filter(|t| t.is_string()) {
        meta.insert("trace".into(), json!({"trace_id": trace}));
    }
    let mut out = Map::from_iter([("response".to_owned(), response)]);
    if let Some(data) = data {
        out.insert("data".into(), data.clone());
    }
    out.insert("tool_calls".into(), Value::Array(calls));
    out.insert("success".into(), true.into());
    out.insert("meta".into(), Value::Object(meta));
    for key in ["result", "raw"] {
        out.insert(key.into(), result.clone());
    }
    for key in ["gen_time", "ttft_ms"] {
        out.extend(result.get(key).map(|v| (key.to_owned(), v.clone())));
    }
    Value::Object(out)
}

fn subflow(node: &PlanNode, result: &Value) -> Value {
    let child = result.get("output").cloned().unwrap_or(Value::Null);
    let output = child.get("result").cloned().unwrap_or_else(|| child.clone());
    let mut out = Map::new();
    let declared: Vec<_> = node.outputs.iter().filter(|p| *p != "output").collect();
    for pin in &declared {
        let value = match &output {
            Value::Object(map) => map.get(*pin).cloned(),
            scalar if declared.len() == 1 => Some(scalar.clone()),
            _ => None,
        };
        out.extend(value.map(|v| ((*pin).clone(), v)));
    }
    out.insert("output".into(), output);
    out.insert("child_output".into(), child);
    out.insert("sub_run_id".into(), result.get("sub_run_id").cloned().unwrap_or(Value::Null));
    Value::Object(out)
}
