//! The trace of a child, read from its ledger: what an agent node shows as `scratchpad.node_traces`. Prompts and tool
//! specifications stay in the ledger; a trace names them only by count and name.

use std::sync::Arc;

use model::{Map, RunId, Value};
use serde_json::json;

use crate::inner::Inner;

const PAGE: usize = 500;
const STEPS_PER_NODE: usize = 100;

/// `{node: {node_id, steps, updated_at}}` of a run.
pub(crate) async fn of(inner: &Arc<Inner>, run_id: &RunId) -> Value {
    let (mut traces, mut after) = (Map::new(), 0u64);
    loop {
        let page = inner.store.ledger(run_id, after, PAGE).await.unwrap_or_default();
        after += page.len() as u64;
        for text in &page {
            if let Ok(record) = model::json::parse(text) {
                add(&mut traces, &record);
            }
        }
        if page.len() < PAGE {
            return Value::Object(traces);
        }
    }
}

fn add(traces: &mut Map, record: &Value) {
    let (Some(node), Some(effect)) = (record["node_id"].as_str(), record.get("effect").filter(|e| e.is_object()))
    else {
        return;
    };
    let status = record["status"].as_str().unwrap_or("");
    let system = record["idempotency_key"].as_str().is_none_or(|k| k.contains(':'));
    if status == "started" || effect["type"] == "resume" || system {
        return;
    }
    let at = record.get("ended_at").filter(|e| !e.is_null()).unwrap_or(&record["started_at"]).clone();
    let mut entry = json!({
        "ts": at, "node_id": node, "status": status, "idempotency_key": record["idempotency_key"],
        "reused_prior_result": false, "effect": slim_effect(effect), "duration_ms": duration(record),
    });
    match status {
        "completed" => entry["result"] = slim_result(&record["result"]),
        "failed" => {
            entry["error"] = format!(
                "Effect failed after {} attempts: {}",
                record["attempt"],
                record["error"].as_str().unwrap_or("")
            )
            .into();
        }
        _ => entry["wait"] = record["result"]["wait"].clone(),
    }
    let trace = traces.entry(node.to_owned()).or_insert_with(|| json!({"node_id": node, "steps": []}));
    trace["updated_at"] = at;
    if let Some(steps) = trace["steps"].as_array_mut() {
        // The outcome of approved tools replaces the wait it answers: one step, one entry.
        steps.retain(|s| s["idempotency_key"] != entry["idempotency_key"]);
        if steps.len() == STEPS_PER_NODE {
            steps.remove(0);
        }
        steps.push(entry);
    }
}

fn duration(record: &Value) -> f64 {
    let moment = |key: &str| record[key].as_str().and_then(model::Timestamp::parse);
    moment("ended_at").zip(moment("started_at")).map_or(0.0, |(end, start)| end.millis_since(start))
}

fn slim_effect(effect: &Value) -> Value {
    let mut slim = effect.clone();
    if let Some(payload) = slim.get_mut("payload").and_then(Value::as_object_mut)
        && effect["type"] == "llm_call"
    {
        let messages = payload.shift_remove("messages").and_then(|m| m.as_array().map(Vec::len));
        let tools = payload.shift_remove("tools");
        payload.shift_remove("system_prompt");
        if let Some(count) = messages {
            payload.insert("messages_count".into(), count.into());
        }
        if let Some(Value::Array(tools)) = tools {
            payload.insert("tool_names".into(), tools.iter().map(|t| t["name"].clone()).collect());
        }
    }
    slim
}

fn slim_result(result: &Value) -> Value {
    let mut slim = result.clone();
    if let Some(result) = slim.as_object_mut()
        && result.contains_key("raw_response")
    {
        result.shift_remove("raw_response");
        result.shift_remove("metadata");
    }
    slim
}
