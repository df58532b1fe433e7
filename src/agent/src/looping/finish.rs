//! Nodes `done` and `max_iterations`: the two ways the loop ends, and the output both give.

use std::fmt::Write as _;
use std::sync::LazyLock;

use model::workflow::{PlanContext, StepPlan};
use model::{Effect, EffectKind, Run, Value};
use regex::Regex;
use serde_json::json;

use super::parse::reply_text;
use super::state::{cycles, ensure, iteration, messages, say, set_temp, take_temp, task, temp, with_kind};
use super::{prompt, reason};

pub(crate) fn done(run: &mut Run, ctx: &PlanContext) -> StepPlan {
    let answer = temp(run, "final_answer").and_then(Value::as_str).unwrap_or_default().to_owned();
    StepPlan::Complete(output(run, ctx, &answer, false))
}

pub(crate) fn max_iterations(run: &mut Run, ctx: &PlanContext) -> StepPlan {
    ensure(run, &["context", "scratchpad", "_runtime", "_temp", "_limits"]);
    let Some(response) = take_temp(run, "max_iterations_llm_response") else {
        return conclude(run, false);
    };
    let text = reply_text(&response);
    let calls = response["tool_calls"].as_array().is_some_and(|c| !c.is_empty());
    if (calls || has_markup(&text)) && temp(run, "max_iterations_retried").is_none() {
        set_temp(run, "max_iterations_retried", json!(true));
        return conclude(run, true);
    }
    let stripped = without_markup(&text);
    let answer = if stripped.is_empty() { from_scratchpad(run) } else { stripped };
    set_temp(run, "final_answer", json!(answer));
    StepPlan::Complete(output(run, ctx, &answer, true))
}

fn conclude(run: &mut Run, strict: bool) -> StepPlan {
    let guidance = reason::drain_inbox(run);
    let system = prompt::conclusion(run, strict, &guidance);
    let payload = reason::request(run, &system, reason::params(run, 0.2));
    let result_key = Some("_temp.max_iterations_llm_response".to_owned());
    let effect = Effect { kind: EffectKind::LlmCall, payload, result_key };
    StepPlan::Effect { effect, next: Some("max_iterations".into()) }
}

static MARKUP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?s)<\|tool_call\|?>.*?(</\|tool_call\|>|<\|/tool_call\|>|$)|<(tool_call|function_call|tool_calls)>.*?(</(tool_call|function_call|tool_calls)>|$)|<function=[^>]*>.*?(</function>|$)|```tool_(code|call).*?(```|$)|<\|channel\|>.*?(<\|call\|>|$)",
    )
    .ok()
});

fn has_markup(text: &str) -> bool {
    MARKUP.as_ref().is_some_and(|m| m.is_match(text))
}

fn without_markup(text: &str) -> String {
    MARKUP.as_ref().map_or_else(|| text.to_owned(), |m| m.replace_all(text, "").into_owned()).trim().to_owned()
}

/// An answer without a model: what was seen last.
fn from_scratchpad(run: &Run) -> String {
    let mut out = format!("The agent used all its {} turns without reaching a final answer.", iteration(run));
    let seen = cycles(run).iter().flat_map(|c| c["observations"].as_array().into_iter().flatten()).collect::<Vec<_>>();
    if seen.is_empty() {
        out.push_str(" No tool results were collected.");
    } else {
        out.push_str(" What the last tools reported:");
    }
    for observation in &seen[seen.len().saturating_sub(5)..] {
        let text = observation["rendered"].as_str().unwrap_or_default();
        let _ = write!(out, "\n- {}: {}", observation["name"].as_str().unwrap_or("?"), prompt::one_line(text, 300));
    }
    out
}

fn output(run: &mut Run, ctx: &PlanContext, answer: &str, limit_reached: bool) -> Value {
    let said = messages(run).last().is_some_and(|m| m["role"] == "assistant" && m["content"] == json!(answer));
    if !said && !answer.is_empty() {
        say(run, ctx, "assistant", answer, with_kind("final_answer"));
    }
    let mut output = json!({
        "answer": answer, "report": report(run), "iterations": iteration(run), "messages": messages(run),
        "scratchpad": run.vars.get("scratchpad"),
    });
    if limit_reached && let Some(map) = output.as_object_mut() {
        map.insert("limit_reached".into(), json!(true));
    }
    output
}

/// The turns as plain text.
fn report(run: &Run) -> String {
    let mut out = format!("task: {}\ncycles: {}\n", task(run), cycles(run).len());
    for cycle in cycles(run) {
        let _ = write!(out, "\n[{}]", cycle["i"]);
        let thought = cycle["thought"].as_str().unwrap_or_default();
        if !thought.is_empty() {
            let _ = write!(out, "\nthought: {thought}");
        }
        for call in cycle["tool_calls"].as_array().into_iter().flatten() {
            let _ = write!(out, "\naction: {}", prompt::signature(call));
        }
        for seen in cycle["observations"].as_array().into_iter().flatten() {
            let name = seen["name"].as_str().unwrap_or("?");
            let _ = write!(out, "\nobservation: [{name}] {}", seen["rendered"].as_str().unwrap_or_default());
        }
        out.push('\n');
    }
    out
}
