//! Node `act`: sends out the turn's calls, in the model's order: runs of host tools as one batch, the loop's own
//! tools one by one.

use model::workflow::{PlanContext, StepPlan};
use model::{Effect, EffectKind, Map, Run, Value};
use serde_json::json;

use super::parse::is_own;
use super::state::{
    Call, Observation, allowed, calls, limit, record, runtime, say, set_temp, take_temp, temp, with_kind,
};
use super::{AgentLoop, builtins, prompt};

/// How deep delegates may delegate.
const DEPTH_MAX: u64 = 3;

pub(crate) fn act(agent: &AgentLoop, run: &mut Run, ctx: &PlanContext) -> StepPlan {
    let mut pending = calls(temp(run, "pending_tool_calls"));
    while let Some(first) = pending.first().cloned() {
        if !is_own(&first) {
            let batch: Vec<_> = pending.iter().take_while(|c| !is_own(c)).cloned().collect();
            pending.drain(..batch.len());
            return send(run, &batch, &pending, batch_effect(run, &batch), "observe");
        }
        pending.remove(0);
        match own_effect(agent, run, ctx, &first) {
            Ok(effect) => {
                let next = if effect.kind == EffectKind::AskUser { "handle_user_response" } else { "observe" };
                return send(run, std::slice::from_ref(&first), &pending, effect, next);
            }
            Err(why) => record(run, ctx, &Observation::failed(&first, why)),
        }
    }
    take_temp(run, "pending_tool_calls");
    StepPlan::Goto("reason".into())
}

fn send(run: &mut Run, active: &[Call], pending: &[Call], effect: Effect, next: &str) -> StepPlan {
    set_temp(run, "active_tool_calls", active.iter().map(Call::to_value).collect());
    set_temp(run, "pending_tool_calls", pending.iter().map(Call::to_value).collect());
    take_temp(run, "tool_results");
    take_temp(run, "user_response");
    StepPlan::Effect { effect, next: Some(next.into()) }
}

fn batch_effect(run: &Run, batch: &[Call]) -> Effect {
    let mut names = allowed(run);
    names.sort();
    let calls: Vec<_> = batch.iter().map(Call::to_value).collect();
    let payload = Map::from_iter([("tool_calls".into(), json!(calls)), ("allowed_tools".into(), json!(names))]);
    Effect { kind: EffectKind::ToolCalls, payload, result_key: Some("_temp.tool_results".into()) }
}

/// The effect behind one of the loop's own tools, or why there is none.
fn own_effect(agent: &AgentLoop, run: &mut Run, ctx: &PlanContext, call: &Call) -> Result<Effect, String> {
    if !allowed(run).contains(&call.name) {
        return Err(format!("Tool '{}' is not allowed for this agent", call.name));
    }
    let kind = match call.name.as_str() {
        "ask_user" => return ask_user(run, ctx, call),
        "delegate_agent" => return delegate(agent, run, call),
        "recall_memory" => EffectKind::MemoryQuery,
        "inspect_vars" => EffectKind::VarsQuery,
        "remember" => EffectKind::MemoryTag,
        _ => EffectKind::MemoryCompact,
    };
    let mut payload = builtins::known_arguments(&call.name, &call.arguments);
    payload.insert("tool_name".into(), json!(call.name));
    payload.insert("call_id".into(), json!(call.call_id));
    Ok(Effect { kind, payload, result_key: Some("_temp.tool_results".into()) })
}

fn ask_user(run: &mut Run, ctx: &PlanContext, call: &Call) -> Result<Effect, String> {
    let question = ["question", "prompt", "message"].iter().find_map(|k| call.arguments.get(*k)?.as_str());
    let question = question.map(str::trim).filter(|q| !q.is_empty()).ok_or("ask_user needs a question")?.to_owned();
    let choices: Vec<Value> = match call.arguments.get("choices") {
        Some(Value::Array(list)) => list.iter().filter(|c| !c.is_null()).cloned().collect(),
        _ => Vec::new(),
    };
    say(run, ctx, "assistant", &format!("[Agent question]: {question}"), with_kind("ask_user_prompt"));
    let payload = Map::from_iter([
        ("prompt".into(), json!(question)),
        ("choices".into(), if choices.is_empty() { Value::Null } else { json!(choices) }),
        ("allow_free_text".into(), json!(true)),
    ]);
    Ok(Effect { kind: EffectKind::AskUser, payload, result_key: Some("_temp.user_response".into()) })
}

/// A child of the same workflow, with the parent's model and at most the parent's tools.
fn delegate(agent: &AgentLoop, run: &Run, call: &Call) -> Result<Effect, String> {
    let text = |key: &str| call.arguments.get(key).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let (task, context) = (text("task"), text("context"));
    if task.is_empty() {
        return Err("delegate_agent needs a task".into());
    }
    let depth = runtime(run, "delegate_depth").and_then(Value::as_u64).unwrap_or(0) + 1;
    if depth > DEPTH_MAX {
        return Err(format!("delegates may not delegate further than {DEPTH_MAX} levels"));
    }
    let task = if context.is_empty() { task } else { format!("{task}\n\nContext:\n{context}") };
    let mut runtime_vars = Map::from_iter([
        ("inbox".to_owned(), json!([])),
        ("allowed_tools".into(), json!(delegated_tools(run, call))),
        ("system_prompt_extra".into(), json!(prompt::DELEGATE)),
        ("delegate_depth".into(), json!(depth)),
    ]);
    for key in ["provider", "model", "temperature", "seed", "thinking", "check_plan"] {
        if let Some(value) = runtime(run, key) {
            runtime_vars.insert(key.into(), value.clone());
        }
    }
    let mut limits = Map::from_iter([("max_iterations".to_owned(), json!(10))]);
    for key in ["max_input_tokens", "max_output_tokens"] {
        if let Some(tokens) = limit(run, key) {
            limits.insert(key.into(), json!(tokens));
        }
    }
    let vars = json!({
        "context": {"task": task, "messages": []},
        "scratchpad": {"iteration": 0, "max_iterations": 10},
        "_runtime": runtime_vars, "_temp": {}, "_limits": limits,
    });
    let payload = json!({
        "workflow_id": agent.id, "vars": vars, "async": false, "wait": true, "include_traces": false,
        "wrap_as_tool_result": true, "tool_name": "delegate_agent", "call_id": call.call_id,
    });
    Ok(Effect {
        kind: EffectKind::StartSubworkflow,
        payload: payload.as_object().cloned().unwrap_or_default(),
        result_key: Some("_temp.tool_results".into()),
    })
}

fn delegated_tools(run: &Run, call: &Call) -> Vec<String> {
    let own = allowed(run);
    match call.arguments.get("tools").and_then(Value::as_array) {
        Some(wanted) => own.into_iter().filter(|n| wanted.iter().any(|w| w.as_str() == Some(n))).collect(),
        None => own.into_iter().filter(|n| n != "delegate_agent" && n != "ask_user").collect(),
    }
}
