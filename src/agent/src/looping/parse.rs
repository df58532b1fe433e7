//! Node `parse`: decides what a model's reply means: tool calls, an answer, or a reply to be asked for again.

use std::collections::HashSet;
use std::sync::LazyLock;

use model::json::{Layout, write};
use model::workflow::{PlanContext, StepPlan};
use model::{Map, Run, Value};
use regex::Regex;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::state::{
    Call, Observation, advise, cycles, is_off, iteration, list_at, max_iterations, record, runtime, say, set_temp,
    take_temp,
};
use super::{builtins, prompt};

/// Tools that change something outside the run: an identical repetition is a mistake of the model, not a wish.
const SIDE_EFFECTS: [&str; 7] = [
    "write_file",
    "edit_file",
    "execute_command",
    "send_email",
    "send_whatsapp_message",
    "send_telegram_message",
    "send_telegram_artifact",
];

pub(crate) fn parse(run: &mut Run, ctx: &PlanContext) -> StepPlan {
    let response = take_temp(run, "llm_response").unwrap_or(Value::Null);
    let text = reply_text(&response);
    let calls = reply_calls(run, &response);
    add_cycle(run, &text, &calls);
    if !calls.is_empty() {
        return take_calls(run, ctx, calls);
    }
    let retry = |run: &mut Run, note: &str| {
        advise(run, note);
        StepPlan::Goto("reason".into())
    };
    if matches!(response["finish_reason"].as_str(), Some("length" | "max_tokens")) {
        return retry(run, prompt::CUT_OFF);
    }
    if text.is_empty() {
        return retry(run, prompt::EMPTY);
    }
    let checks = runtime(run, "check_plan").is_none_or(|v| !is_off(v));
    if checks && iteration(run) < max_iterations(run) && only_announces(&text) {
        return retry(run, prompt::ANNOUNCED);
    }
    set_temp(run, "final_answer", json!(text));
    StepPlan::Goto("done".into())
}

/// The reply's text: without a leading role label; the reasoning when there is nothing else.
pub(crate) fn reply_text(response: &Value) -> String {
    let content = match response {
        Value::String(text) => text,
        other => other["content"].as_str().unwrap_or_default(),
    };
    let bare = strip_label(content);
    if bare.is_empty() { strip_label(response["reasoning"].as_str().unwrap_or_default()) } else { bare }.to_owned()
}

fn strip_label(text: &str) -> &str {
    let text = text.trim();
    match text.get(..10) {
        Some(label) if label.eq_ignore_ascii_case("assistant:") => text[10..].trim(),
        _ => text,
    }
}

/// The reply's calls, each with an id no other call of the run has.
fn reply_calls(run: &Run, response: &Value) -> Vec<Call> {
    let mut used: HashSet<String> = cycles(run)
        .iter()
        .flat_map(|c| c["tool_calls"].as_array().into_iter().flatten())
        .filter_map(|c| Some(c["call_id"].as_str()?.to_owned()))
        .collect();
    let turn = iteration(run);
    let mut calls = Vec::new();
    for raw in response["tool_calls"].as_array().into_iter().flatten() {
        let Some((name, arguments)) = call_parts(raw) else { continue };
        let index = calls.len() + 1;
        let given = ["call_id", "id"].iter().find_map(|k| raw[*k].as_str()).map(str::trim).filter(|id| !id.is_empty());
        let mut call_id = match given {
            Some(id) if !used.contains(id) => id.to_owned(),
            Some(id) => format!("{id}_{turn}_{index}"),
            None => format!("call_{turn}_{index}"),
        };
        while !used.insert(call_id.clone()) {
            call_id.push('x');
        }
        calls.push(Call { name, arguments, call_id });
    }
    calls
}

fn call_parts(raw: &Value) -> Option<(String, Map)> {
    let body = raw.get("function").filter(|f| f.is_object()).unwrap_or(raw);
    let name = body["name"].as_str()?.trim().to_owned();
    let arguments = match &body["arguments"] {
        Value::Object(map) => map.clone(),
        Value::String(text) => model::json::parse(text).ok()?.as_object()?.clone(),
        _ => return None,
    };
    (!name.is_empty()).then_some((name, arguments))
}

fn add_cycle(run: &mut Run, thought: &str, calls: &[Call]) {
    let turn = iteration(run);
    let calls: Vec<_> = calls.iter().map(Call::to_value).collect();
    let cycle = json!({"i": turn, "thought": thought, "tool_calls": calls, "observations": []});
    list_at(run.namespace("scratchpad"), "cycles").push(cycle);
}

fn take_calls(run: &mut Run, ctx: &PlanContext, calls: Vec<Call>) -> StepPlan {
    let repeated = repeats_itself(cycles(run));
    say_calls(run, ctx, &calls);
    if repeated {
        for call in &calls {
            record(run, ctx, &Observation::failed(call, prompt::SKIPPED));
        }
        if let Some(cycle) = super::state::last_cycle(run) {
            cycle.insert("skipped".into(), json!(true));
        }
        advise(run, prompt::REPEATED);
        return StepPlan::Goto("reason".into());
    }
    run.namespace("scratchpad").insert("used_tools".into(), json!(true));
    set_temp(run, "pending_tool_calls", calls.iter().map(Call::to_value).collect());
    StepPlan::Goto("act".into())
}

/// The assistant message that carries the calls.
fn say_calls(run: &mut Run, ctx: &PlanContext, calls: &[Call]) {
    let wire: Vec<_> = calls
        .iter()
        .map(|c| {
            let arguments = write(&Value::Object(c.arguments.clone()), Layout::SPACED);
            json!({"type": "function", "id": c.call_id, "function": {"name": c.name, "arguments": arguments}})
        })
        .collect();
    let cycle = iteration(run);
    let metadata = Map::from_iter([("kind".to_owned(), json!("tool_calls")), ("cycle".to_owned(), json!(cycle))]);
    say(run, ctx, "assistant", "", metadata);
    let said = list_at(run.namespace("context"), "messages").last_mut().and_then(Value::as_object_mut);
    if let Some(message) = said {
        message.insert("tool_calls".into(), Value::Array(wire));
    }
}

/// Whether the newest turn makes exactly the calls of the tool turn before, which succeeded and changed something.
fn repeats_itself(cycles: &[Value]) -> bool {
    let Some((now, past)) = cycles.split_last() else { return false };
    let names = |c: &Value| c["tool_calls"].as_array().into_iter().flatten().cloned().collect::<Vec<_>>();
    let calls = names(now);
    if !calls.iter().any(|c| SIDE_EFFECTS.contains(&c["name"].as_str().unwrap_or_default())) {
        return false;
    }
    let has_calls = |c: &&Value| c["skipped"] != true && c["tool_calls"].as_array().is_some_and(|l| !l.is_empty());
    let Some(before) = past.iter().rev().find(has_calls) else { return false };
    let seen = before["observations"].as_array().map_or(&[][..], Vec::as_slice);
    let succeeded = !seen.is_empty() && seen.iter().all(|o| o["success"] == true);
    let prints = |calls: &[Value]| calls.iter().map(fingerprint).collect::<Vec<_>>();
    succeeded && prints(&names(before)) == prints(&calls)
}

fn fingerprint(call: &Value) -> String {
    let short = json!({"name": call["name"], "arguments": prompt::shortened(&call["arguments"])});
    hex::encode(Sha256::digest(model::json::canonical(&short).as_bytes()))[..16].to_owned()
}

static INTENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(i will|i'll|i’ll|i am going to|i'm going to|let me|let's|i need to|i should)\b").ok()
});
static ACTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(read|open|search|list|skim|inspect|explore|scan|run|execute|edit|fetch|download|create|creating)\b",
    )
    .ok()
});
static CLOSING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(final answer|in summary|in conclusion|to summarize|here is|here's|here are|is complete|are complete|is done|completed|finished|let me know|would you like|please (provide|confirm|tell|share)|do you want|waiting for)",
    )
    .ok()
});

/// A reply that promises an action and does nothing: first person, a verb of a tool, no sign of an end. A text with
/// headings is a composed answer.
fn only_announces(text: &str) -> bool {
    let finds = |pattern: &LazyLock<Option<Regex>>| pattern.as_ref().is_some_and(|p| p.is_match(text));
    let composed = text.lines().any(|l| l.trim_start().starts_with('#'));
    !composed && finds(&INTENT) && finds(&ACTION) && !finds(&CLOSING)
}

/// Whether a tool is answered by the loop itself.
pub(crate) fn is_own(call: &Call) -> bool {
    builtins::is_builtin(&call.name)
}
