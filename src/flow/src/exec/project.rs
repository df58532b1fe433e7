//! The outputs of a node that has run: as it left them, or projected from the result of its effect (contract 04, section
//! 15, "outputs").

use model::json::Layout;
use model::{Map, Run, Value};
use serde_json::json;

use super::{graph, keeps_outputs, memory};
use crate::compile::{EffectNode, Kind, PlanNode};

/// Where the result of a node's effect lies.
pub(super) fn result_key(id: &str) -> String {
    format!("_temp.effects.{}", slot(id))
}

/// A node id as one step of a dotted path: the engine splits paths at dots, so a dot is written otherwise.
pub(super) fn slot(id: &str) -> String {
    id.replace('%', "%25").replace('.', "%2E")
}

/// What the node itself left.
pub(super) fn remembered<'r>(run: &'r Run, node: &PlanNode) -> Option<&'r Value> {
    run.vars.get("_temp")?.get("node_outputs")?.get(&node.id)
}

/// The outputs of an effect node: what it put beside, and over it what its result shows. None when it has not run.
pub(super) fn outputs(run: &Run, node: &PlanNode) -> Option<Value> {
    let Kind::Effect(kind) = node.kind else { return remembered(run, node).cloned() };
    let result = run.vars.get("_temp").and_then(|t| t.get("effects")).and_then(|e| e.get(slot(&node.id)));
    let beside = remembered(run, node).filter(|_| keeps_outputs(kind));
    match (beside, result.map(|result| project(kind, node, result))) {
        (Some(Value::Object(beside)), Some(Value::Object(shown))) => {
            let mut outputs = beside.clone();
            outputs.extend(shown.into_iter().filter(|(k, v)| !(v.is_null() && beside.contains_key(k))));
            Some(Value::Object(outputs))
        }
        (beside, shown) => shown.or_else(|| beside.cloned()),
    }
}

fn project(kind: EffectNode, node: &PlanNode, result: &Value) -> Value {
    match kind {
        EffectNode::WaitEvent => json!({"event_data": result}),
        EffectNode::OnEvent => json!({
            "event": result, "payload": result.get("payload"), "event_id": result.get("event_id"), "name": result.get("name"),
        }),
        EffectNode::OnSchedule => json!({"timestamp": result.get("until")}),
        EffectNode::LlmCall => llm_call(node, result),
        EffectNode::ToolCalls => {
            let (results, success) = tools(result);
            json!({"results": results, "success": success, "raw": result})
        }
        EffectNode::CallTool => call_tool(result),
        EffectNode::KgAssert => graph::shown("assertion_ids", &[], result),
        EffectNode::KgQuery => graph::shown("items", &graph::PACKED, result),
        EffectNode::KgResolve => graph::shown("candidates", &["warnings"], result),
        EffectNode::ModelResidency => graph::residency_shown(node, result),
        EffectNode::Subflow => subflow(node, result),
        EffectNode::Memory(kind) => memory::project(kind, result),
        EffectNode::AskUser if !result.is_object() => json!({"response": result}),
        EffectNode::AskUser | EffectNode::AnswerUser | EffectNode::WaitUntil | EffectNode::EmitEvent => result.clone(),
    }
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
        Some(one) => one.get("error").or_else(|| one.get("output")).cloned().unwrap_or(Value::Null),
    };
    json!({"result": value, "success": success && !results.is_empty(), "raw": result})
}

fn llm_call(node: &PlanNode, result: &Value) -> Value {
    let given = |key: &str| result.get(key).filter(|v| !v.is_null());
    let data = given("data");
    let response = match data {
        Some(data) => Value::String(model::json::write(data, Layout::COMPACT)),
        None => result.get("content").cloned().unwrap_or(Value::Null),
    };
    let calls = result.get("tool_calls").and_then(Value::as_array).cloned().unwrap_or_default();
    let mode = match (data, given("outputs")) {
        (Some(_), _) => "structured",
        (None, Some(_)) => "media",
        (None, None) => "unstructured",
    };
    let mut meta = Map::from_iter([
        ("schema".to_owned(), "abstractflow.llm_call.v1.meta".into()),
        ("version".to_owned(), 1.into()),
        ("output_mode".to_owned(), mode.into()),
        ("tool_calls".to_owned(), calls.len().into()),
    ]);
    let shown = |key: &str| given(key).map(|v| (key.to_owned(), v.clone()));
    meta.extend(["provider", "model", "finish_reason", "usage"].into_iter().filter_map(shown));
    meta.extend(given("trace_id").map(|id| ("trace".to_owned(), json!({ "trace_id": id }))));
    meta.extend(["gen_time", "ttft_ms"].into_iter().filter_map(shown));
    let mut out = Map::from_iter([("response".to_owned(), response)]);
    out.extend(data.map(|data| ("data".to_owned(), data.clone())));
    out.insert("tool_calls".into(), Value::Array(calls));
    out.insert("success".into(), true.into());
    out.insert("meta".into(), Value::Object(meta));
    out.extend(["outputs", "resources", "artifact_id", "artifact_ref"].into_iter().filter_map(shown));
    // Pins of older documents, shown only where a wire asks for them.
    out.extend(["gen_time", "ttft_ms"].into_iter().filter(|key| node.wants(&[key])).filter_map(shown));
    let whole = ["result", "raw"].into_iter().filter(|key| node.wants(&[key]));
    out.extend(whole.map(|key| (key.to_owned(), result.clone())));
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
