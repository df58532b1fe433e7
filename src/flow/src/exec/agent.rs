//! The agent node (contract 07, sections 1.2 to 1.5, 1.13, 1.18): starts the agent loop as a child run and shows what came
//! of it. Its state lies in `_temp.agent.<node>`.

use model::run::object_at;
use model::workflow::{PlanError, StepPlan};
use model::{Effect, EffectKind, Map, Run, Value};
use serde_json::json;

use super::effects::routed;
use super::{Step, warn};
use crate::compile::PlanNode;
use crate::python::{float_loose, int_loose, non_blank, py_str, truthy};

fn slot(id: &str) -> String {
    id.replace('.', "%2E")
}

impl Step<'_> {
    pub(super) fn agent(mut self, run: &mut Run) -> Result<StepPlan, PlanError> {
        let node = self.node();
        let id = slot(&node.id);
        let bucket = object_at(object_at(run.namespace("_temp"), "agent"), &id);
        match bucket.get("phase").and_then(Value::as_str).unwrap_or("init") {
            "subworkflow" if bucket.contains_key("sub") => {
                let bucket = bucket.clone();
                object_at(run.namespace("_temp"), "agent").shift_remove(&id);
                Ok(self.agent_done(run, &bucket))
            }
            _ => {
                let pins = self.inputs(run, false).ok().and_then(|p| p.as_object().cloned()).unwrap_or_default();
                Ok(self.agent_start(run, &pins))
            }
        }
    }

    fn agent_start(self, run: &mut Run, pins: &Map) -> StepPlan {
        let node = self.node();
        let get = |names: &[&str]| value(node, pins, names);
        let (provider, model, fallback) = route(run, node, pins);
        if provider.is_empty() || model.is_empty() {
            return self.agent_unconfigured(run, &provider, &model);
        }
        if fallback {
            warn(run, "#FALLBACK: missing provider/model; using runtime defaults".into());
        }
        let mut runtime = Map::from_iter([
            ("inbox".to_owned(), json!([])),
            ("provider".to_owned(), provider.to_lowercase().into()),
            ("model".to_owned(), model.into()),
            ("allowed_tools".to_owned(), tools(node, pins)),
        ]);
        if let Some(t) = get(&["temperature"]).and_then(float_loose).filter(|t| (t - 0.7).abs() > 1e-9) {
            runtime.insert("temperature".into(), json!(t));
        }
        if let Some(seed) = get(&["seed"]).and_then(int_loose).filter(|s| *s >= 0) {
            runtime.insert("seed".into(), seed.into());
        }
        let thinking = get(&["thinking"]).or_else(|| run.vars.get("_runtime").and_then(|r| r.get("thinking")));
        if let Some(thinking) = thinking.filter(|t| t.is_boolean() || !non_blank(Some(*t)).is_empty()) {
            runtime.insert("thinking".into(), thinking.clone());
        }
        let system = non_blank(pins.get("system"));
        if !system.is_empty() {
            runtime.insert("system_prompt_extra".into(), system.into());
        }
        if let Some(binding) = get(&["prompt_cache_binding"]) {
            runtime.insert("prompt_cache_binding".into(), binding.clone());
        }
        let limits = limits(run, node, pins);
        let task = pins.get("prompt").filter(|p| !p.is_null()).map(py_str).unwrap_or_default();
        let context = context(run, pins, &task, get(&["use_context", "include_context"]).is_some_and(truthy));
        let vars = json!({
            "context": context,
            "scratchpad": {"iteration": 0, "max_iterations": limits["max_iterations"]},
            "_runtime": runtime, "_temp": {}, "_limits": limits,
        });
        let configured = non_blank(node.config("agentConfig", "_react_workflow_id")).to_owned();
        let workflow_id =
            if configured.is_empty() { model::id::agent_workflow_id(self.workflow_id, &node.id) } else { configured };
        let bucket = object_at(object_at(run.namespace("_temp"), "agent"), &slot(&node.id));
        bucket.insert("phase".into(), "subworkflow".into());
        bucket.insert(
            "resolved_inputs".into(),
            json!({"provider": vars["_runtime"]["provider"], "model": vars["_runtime"]["model"], "prompt": task}),
        );
        bucket.insert("workflow_id".into(), workflow_id.clone().into());
        let payload =
            json!({"workflow_id": workflow_id, "vars": vars, "async": true, "wait": true, "include_traces": true});
        let Value::Object(payload) = payload else { unreachable!("an object literal") };
        let result_key = Some(format!("_temp.agent.{}.sub", slot(&node.id)));
        StepPlan::Effect {
            effect: Effect { kind: EffectKind::StartSubworkflow, payload, result_key },
            next: Some(node.id.clone()),
        }
    }

    fn agent_unconfigured(self, run: &mut Run, provider: &str, model: &str) -> StepPlan {
        run.vars.insert("_flow_error".into(), "Agent node missing provider/model configuration".into());
        run.vars.insert("_flow_error_node".into(), self.node().id.as_str().into());
        let meta = json!({"schema": "abstractcode.agent.v1.meta", "version": 1, "provider": provider, "model": model});
        self.made(
            run,
            json!({
                "response": "Agent configuration error: missing provider/model", "success": false, "meta": meta,
                "scratchpad": {"messages": [], "node_traces": {}, "steps": []}, "tool_calls": [], "tool_results": [],
            }),
        )
    }

    fn agent_done(self, run: &mut Run, bucket: &Map) -> StepPlan {
        let sub = bucket.get("sub").cloned().unwrap_or(Value::Null);
        let output = sub.get("output").cloned().unwrap_or(Value::Null);
        let inputs = bucket.get("resolved_inputs").cloned().unwrap_or(Value::Null);
        let success = output.get("success") != Some(&Value::Bool(false));
        let error = output.get("error").and_then(Value::as_str).map(str::to_owned);
        let answer = match output.get("answer").and_then(Value::as_str) {
            Some(answer) => answer.to_owned(),
            None => error.clone().unwrap_or_default(),
        };
        let traces = sub.get("node_traces").cloned().unwrap_or_else(|| json!({}));
        let steps = steps(&traces);
        let (calls, results) = tool_history(&steps);
        let mut meta = json!({
            "schema": "abstractcode.agent.v1.meta", "version": 1, "output_mode": "unstructured",
            "provider": inputs["provider"], "model": inputs["model"], "sub_run_id": sub["sub_run_id"],
            "iterations": output["iterations"], "tool_calls": calls.len(), "tool_results": results.len(),
        });
        if !success {
            meta["error"] = json!(error);
        }
        let scratchpad = json!({
            "sub_run_id": sub["sub_run_id"], "workflow_id": bucket["workflow_id"], "task": inputs["prompt"],
            "messages": output.get("messages").cloned().unwrap_or_else(|| json!([])),
            "node_traces": traces, "steps": steps, "tool_calls": calls, "tool_results": results,
        });
        let made = json!({
            "response": answer, "success": success, "meta": meta, "scratchpad": scratchpad,
            "tool_calls": calls, "tool_results": results,
        });
        let terminal = json!({"response": made["response"], "success": success, "meta": made["meta"], "scratchpad": made["scratchpad"]});
        let next = self.node().exits.next();
        self.remember(run, made.clone());
        run.vars.insert("_last_output".into(), made);
        match next {
            Some(next) => StepPlan::Goto(self.id_of(next)),
            None => self.finish(run, terminal),
        }
    }
}

/// A pin, else a member of `agentConfig`.
fn value<'a>(node: &'a PlanNode, pins: &'a Map, names: &[&str]) -> Option<&'a Value> {
    let pin = names.iter().find_map(|n| pins.get(*n).filter(|v| !v.is_null()));
    pin.or_else(|| names.iter().find_map(|n| node.config("agentConfig", n)))
}

/// Provider, model, and whether they are the runtime's because nobody named any.
fn route(run: &Run, node: &PlanNode, pins: &Map) -> (String, String, bool) {
    let named = |name: &str| value(node, pins, &[name]);
    let (provider, model) = (routed(named("provider")), routed(named("model")));
    if !provider.is_empty() && !model.is_empty() {
        return (provider, model, false);
    }
    let marked = ["provider", "model"].iter().any(|n| !non_blank(named(n)).is_empty() && routed(named(n)).is_empty());
    let runtime = |key: &str| non_blank(run.vars.get("_runtime").and_then(|r| r.get(key))).to_owned();
    let own_provider = runtime("provider");
    if provider.is_empty() || provider.eq_ignore_ascii_case(&own_provider) {
        let model = if model.is_empty() { runtime("model") } else { model };
        return (own_provider, model, !marked);
    }
    (provider, model, false)
}

/// The tool names the agent may use: a present pin wins, also when it is empty.
fn tools(node: &PlanNode, pins: &Map) -> Value {
    let given = if pins.contains_key("tools") { pins.get("tools") } else { node.config("agentConfig", "tools") };
    let names: Vec<String> = match given {
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(|i| i.as_str().or_else(|| i.get("name").and_then(Value::as_str)))
            .map(|n| n.trim().to_owned())
            .collect(),
        Some(Value::String(one)) => vec![one.trim().to_owned()],
        _ => Vec::new(),
    };
    let mut unique: Vec<String> = Vec::new();
    for name in names {
        if !name.is_empty() && !unique.contains(&name) {
            unique.push(name);
        }
    }
    json!(unique)
}

fn limits(run: &Run, node: &PlanNode, pins: &Map) -> Value {
    let mut limits = run.vars.get("_limits").and_then(Value::as_object).cloned().unwrap_or_default();
    let positive = |names: &[&str]| value(node, pins, names).and_then(int_loose).filter(|n| *n > 0);
    let inherited = limits.get("max_iterations").and_then(Value::as_i64).filter(|n| *n > 0).unwrap_or(50);
    limits.insert("max_iterations".into(), positive(&["max_iterations"]).unwrap_or(inherited).into());
    limits.insert("current_iteration".into(), 0.into());
    limits.insert("estimated_tokens_used".into(), 0.into());
    if let Some(max) = positive(&["max_in_tokens", "max_input_tokens", "maxInputTokens"]) {
        limits.insert("max_input_tokens".into(), max.into());
    }
    if let Some(max) = positive(&["max_out_tokens", "max_output_tokens", "maxOutputTokens"]) {
        limits.insert("max_output_tokens".into(), max.into());
    }
    Value::Object(limits)
}

fn context(run: &Run, pins: &Map, task: &str, inherit: bool) -> Value {
    let given = pins.get("context").and_then(Value::as_object).cloned().unwrap_or_default();
    let own = given.get("messages").and_then(Value::as_array).filter(|m| !m.is_empty()).cloned();
    let parent = run.vars.get("context").filter(|_| inherit);
    let inherited = || parent.and_then(|c| c.get("messages")).and_then(Value::as_array).cloned();
    let mut context = Map::from_iter([
        ("task".to_owned(), task.into()),
        ("messages".to_owned(), Value::Array(own.or_else(inherited).unwrap_or_default())),
    ]);
    if let Some(attachments) = parent.and_then(|c| c.get("attachments")) {
        context.insert("attachments".into(), attachments.clone());
    }
    context.extend(given.into_iter().filter(|(k, _)| k != "task" && k != "messages"));
    Value::Object(context)
}

/// All trace steps in the order of their moments.
fn steps(traces: &Value) -> Vec<Value> {
    let mut steps: Vec<Value> = traces
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, trace)| trace.get("steps").and_then(Value::as_array).cloned().unwrap_or_default())
        .collect();
    steps.sort_by(|a, b| a["ts"].as_str().cmp(&b["ts"].as_str()));
    steps
}

fn tool_history(steps: &[Value]) -> (Vec<Value>, Vec<Value>) {
    let (mut calls, mut results) = (Vec::new(), Vec::new());
    for step in steps.iter().filter(|s| s["effect"]["type"] == "tool_calls") {
        calls.extend(step["effect"]["payload"]["tool_calls"].as_array().cloned().unwrap_or_default());
        results.extend(step["result"]["results"].as_array().cloned().unwrap_or_default());
    }
    (calls, results)
}
