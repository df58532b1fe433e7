//! Node `reason`: one model call per turn.

use model::workflow::StepPlan;
use model::{Effect, EffectKind, Map, Run, Value};
use serde_json::json;

use super::state::{self, is_off, iteration, limit, max_iterations, runtime, runtime_text, task};
use super::{AgentLoop, init, prompt, wire};

pub(crate) fn reason(agent: &AgentLoop, run: &mut Run) -> StepPlan {
    state::ensure(run, &["context", "scratchpad", "_runtime", "_temp", "_limits"]);
    init::offer(agent, run);
    let (turn, max) = (iteration(run) + 1, max_iterations(run));
    if turn > max {
        return StepPlan::Goto("max_iterations".into());
    }
    run.namespace("scratchpad").insert("iteration".into(), json!(turn));
    run.namespace("_limits").insert("current_iteration".into(), json!(turn));
    let tools = tools(run);
    let guidance = drain_inbox(run);
    let system = prompt::system(run, turn, max, !tools.is_empty(), &guidance);
    let mut params = params(run, if tools.is_empty() { 0.7 } else { 0.2 });
    if let Some(temperature) = runtime(run, "temperature").and_then(Value::as_f64) {
        params.insert("temperature".into(), json!(temperature));
    }
    let mut payload = request(run, &system, params);
    if !tools.is_empty() {
        payload.insert("tools".into(), Value::Array(tools));
    }
    let effect = Effect { kind: EffectKind::LlmCall, payload, result_key: Some("_temp.llm_response".into()) };
    StepPlan::Effect { effect, next: Some("parse".into()) }
}

/// Empties the inbox into the text of a guidance block.
pub(crate) fn drain_inbox(run: &mut Run) -> String {
    let inbox = std::mem::take(state::list_at(run.namespace("_runtime"), "inbox"));
    let notes = inbox.iter().filter_map(|n| n.get("content").or(Some(n))?.as_str());
    notes.map(str::trim).filter(|n| !n.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Sampling parameters of a call, without those only `reason` sets.
pub(crate) fn params(run: &Run, temperature: f64) -> Map {
    let mut params = Map::from_iter([("temperature".to_owned(), json!(temperature))]);
    if let Some(seed) = runtime(run, "seed").and_then(Value::as_i64).filter(|s| *s >= 0) {
        params.insert("seed".into(), json!(seed));
    }
    for key in ["thinking", "audio_policy", "stt_language", "prompt_cache_binding"] {
        if let Some(value) = runtime(run, key) {
            params.insert(key.into(), value.clone());
        }
    }
    if let Some(tokens) = limit(run, "max_output_tokens") {
        params.insert("max_output_tokens".into(), json!(tokens));
    }
    params
}

/// An `llm_call` payload without tools.
pub(crate) fn request(run: &Run, system: &str, params: Map) -> Map {
    let messages = wire::messages(run);
    let prompt = if messages.is_empty() { task(run) } else { String::new() };
    let mut payload = Map::from_iter([("prompt".to_owned(), json!(prompt))]);
    if !messages.is_empty() {
        payload.insert("messages".into(), Value::Array(messages));
    }
    payload.insert("system_prompt".into(), json!(system));
    for key in ["provider", "model"] {
        if let Some(value) = runtime_text(run, key) {
            payload.insert(key.into(), json!(value));
        }
    }
    payload.insert("params".into(), Value::Object(params));
    if let Some(tokens) = limit(run, "max_input_tokens") {
        payload.insert("max_input_tokens".into(), json!(tokens));
    }
    let media = wire::media(run);
    if !media.is_empty() {
        payload.insert("media".into(), Value::Array(media));
    }
    payload
}

/// The tool definitions of the call: only what a model is told.
fn tools(run: &Run) -> Vec<Value> {
    let examples = runtime(run, "tool_prompt_examples").is_none_or(|v| !is_off(v));
    let specs = runtime(run, "tool_specs").and_then(Value::as_array);
    specs.into_iter().flatten().filter_map(Value::as_object).map(|spec| told(spec, examples)).collect()
}

fn told(spec: &Map, examples: bool) -> Value {
    let own = super::builtins::is_builtin(spec.get("name").and_then(Value::as_str).unwrap_or_default());
    let shown = |key: &str| match key {
        "name" | "description" | "parameters" | "when_to_use" | "tags" => true,
        "examples" => examples,
        "required_args" => own,
        _ => false,
    };
    spec.iter().filter(|(k, v)| shown(k) && !v.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect()
}
