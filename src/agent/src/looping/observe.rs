//! Nodes `observe` and `handle_user_response`: what came back from a turn's calls enters transcript and record.

use model::workflow::{PlanContext, StepPlan};
use model::{Map, Run, Value};
use serde_json::json;

use super::state::{Call, Observation, calls, record, say, take_temp, temp};

pub(crate) fn observe(run: &mut Run, ctx: &PlanContext) -> StepPlan {
    let active = calls(take_temp(run, "active_tool_calls").as_ref());
    let envelope = take_temp(run, "tool_results").unwrap_or(Value::Null);
    let results = envelope["results"].as_array().cloned().unwrap_or_default();
    if active.is_empty() {
        // A run stored by a program that did not note the calls it sent.
        for result in &results {
            record(run, ctx, &seen(&named(result), Some(result)));
        }
        return onwards(run);
    }
    let mut left: Vec<Option<&Value>> = results.iter().map(Some).collect();
    for (index, call) in active.iter().enumerate() {
        let by_id = left.iter().position(|r| r.is_some_and(|r| r["call_id"].as_str() == Some(&call.call_id)));
        let nameless = |r: &&Value| r["call_id"].as_str().unwrap_or_default().is_empty();
        let by_index = || left.get(index).copied().flatten().filter(nameless).map(|_| index);
        let result = by_id.or_else(by_index).and_then(|at| left[at].take());
        record(run, ctx, &seen(call, result));
    }
    onwards(run)
}

fn onwards(run: &mut Run) -> StepPlan {
    let more = temp(run, "pending_tool_calls").and_then(Value::as_array).is_some_and(|p| !p.is_empty());
    StepPlan::Goto(if more { "act" } else { "reason" }.into())
}

fn named(result: &Value) -> Call {
    Call {
        name: result["name"].as_str().unwrap_or("tool").to_owned(),
        arguments: Map::new(),
        call_id: result["call_id"].as_str().unwrap_or_default().to_owned(),
    }
}

fn seen(call: &Call, result: Option<&Value>) -> Observation {
    let Some(result) = result else { return Observation::failed(call, "Missing tool result") };
    let success = result["success"] == true;
    let error = match &result["error"] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    Observation {
        name: call.name.clone(),
        call_id: call.call_id.clone(),
        success,
        output: result["output"].clone(),
        error,
    }
}

pub(crate) fn user_response(run: &mut Run, ctx: &PlanContext) -> StepPlan {
    let answer = take_temp(run, "user_response").unwrap_or(Value::Null);
    let text = match &answer {
        Value::String(text) => text.clone(),
        Value::Object(map) => {
            let named = ["response", "text", "answer", "value"].iter().find_map(|k| map.get(*k));
            match named {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Null) | None if map.len() <= 1 => String::new(),
                Some(other) if !other.is_null() => other.to_string(),
                _ => answer.to_string(),
            }
        }
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let text = if text.trim().is_empty() { "(no answer)".to_owned() } else { text.trim().to_owned() };
    for call in calls(take_temp(run, "active_tool_calls").as_ref()) {
        let told =
            Observation { name: call.name, call_id: call.call_id, success: true, output: json!(text), error: None };
        record(run, ctx, &told);
    }
    say(run, ctx, "user", &format!("[User response]: {text}"), Map::new());
    onwards(run)
}
