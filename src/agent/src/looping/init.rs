//! Node `init`: makes the run's variables ready for the first turn. Limits that the starter set are kept.

use model::json::{Layout, write};
use model::workflow::{PlanContext, StepPlan};
use model::{Map, Run, Value};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::AgentLoop;
use super::state::{ensure, limit, list_at, max_iterations, messages, runtime, say, task};

pub(crate) fn init(agent: &AgentLoop, run: &mut Run, ctx: &PlanContext) -> StepPlan {
    ensure(run, &["context", "scratchpad", "_runtime", "_temp", "_limits"]);
    let max = max_iterations(run);
    let scratchpad = run.namespace("scratchpad");
    scratchpad.insert("iteration".into(), json!(0));
    scratchpad.insert("max_iterations".into(), json!(max));
    scratchpad.insert("used_tools".into(), json!(false));
    scratchpad.insert("cycles".into(), json!([]));
    limits(run, max);
    // Trimming stays off unless somebody asked for an input budget: then it is what makes the budget real.
    let trims = limit(run, "max_input_tokens").is_some();
    run.namespace("_runtime").entry("disable_input_trimming").or_insert(json!(!trims));
    list_at(run.namespace("_runtime"), "inbox");
    ask(run, ctx);
    offer(agent, run);
    StepPlan::Goto("reason".into())
}

fn limits(run: &mut Run, max: u64) {
    let limits = run.namespace("_limits");
    limits.insert("max_iterations".into(), json!(max));
    limits.insert("current_iteration".into(), json!(0));
    for key in ["max_output_tokens", "max_input_tokens"] {
        limits.entry(key).or_insert(Value::Null);
    }
    for key in ["max_history_messages", "max_message_chars", "max_tool_message_chars"] {
        limits.insert(key.into(), json!(-1));
    }
}

/// Puts the task into the transcript, once.
fn ask(run: &mut Run, ctx: &PlanContext) {
    let task = task(run);
    list_at(run.namespace("context"), "messages");
    let already = messages(run).last().is_some_and(|m| m["role"] == "user" && m["content"] == json!(task));
    if !already && !task.trim().is_empty() {
        say(run, ctx, "user", &task, Map::new());
    }
}

/// Writes down which tools the agent may use, what they look like, and the identity of that set. Called again at
/// every turn, so that a gateway restarted with other tools offers those.
pub(crate) fn offer(agent: &AgentLoop, run: &mut Run) {
    let wanted: Vec<String> = match runtime(run, "allowed_tools").and_then(Value::as_array) {
        Some(list) => list.iter().filter_map(|v| Some(v.as_str()?.trim().to_owned())).collect(),
        None => agent.default_tools.clone().unwrap_or_default(),
    };
    let mut specs: Vec<&Value> = Vec::new();
    for name in &wanted {
        let spec = agent.specs.iter().find(|s| s["name"].as_str() == Some(name));
        specs.extend(spec.filter(|s| !specs.contains(s)));
    }
    let id = toolset_id(&specs);
    if runtime(run, "toolset_id").and_then(Value::as_str) == Some(&id) {
        return;
    }
    let names: Vec<_> = specs.iter().map(|s| s["name"].clone()).collect();
    let specs: Vec<_> = specs.into_iter().cloned().collect();
    let runtime = run.namespace("_runtime");
    runtime.insert("tool_specs".into(), json!(specs));
    runtime.insert("toolset_id".into(), json!(id));
    runtime.insert("allowed_tools".into(), json!(names));
}

fn toolset_id(specs: &[&Value]) -> String {
    let mut sorted = specs.to_vec();
    sorted.sort_by_key(|s| s["name"].as_str().unwrap_or_default());
    let text = write(&json!(sorted), Layout::COMPACT.sorted());
    format!("ts_{}", hex::encode(Sha256::digest(text.as_bytes())))
}
