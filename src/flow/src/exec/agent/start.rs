//! What the agent loop is started with (contract 07, 1.2, 1.3 and 1.5).

use model::workflow::StepPlan;
use model::{EffectKind, Map, Run, Value};
use serde_json::json;

use super::super::Step;
use super::super::context::{active_messages, attachments, memory_key, messages, object};
use super::super::inputs::Payload;
use super::super::llm::{routed, thinking};
use super::response_schema;
use crate::compile::PlanNode;
use crate::python::{boolish, float_loose, int_loose, non_blank, py_str, truthy};

/// Turns of the loop when nobody says otherwise.
const MAX_ITERATIONS: i64 = 50;

impl Step<'_> {
    pub(super) fn start_child(&mut self, run: &mut Run) -> StepPlan {
        let node = self.node();
        let route = route(run, node, &self.payload);
        if route.provider.is_empty() || route.model.is_empty() {
            return self.agent_unconfigured(run, &route.provider, &route.model);
        }
        if route.fallback {
            run.warn("#FALLBACK: missing provider/model; using runtime defaults".into());
        }
        self.warn_of_memory(run);
        let (node, payload) = (self.node(), &self.payload);
        let get = |names: &[&str]| value(node, payload, names);
        let task = payload.given("prompt").map(py_str).unwrap_or_default();
        let use_context = get(&["use_context", "include_context"]).is_some_and(truthy);
        let limits = limits(run, node, payload);
        let context = context(run, payload, &task, use_context);
        let runtime = runtime(run, node, payload, &route);
        let params = object([
            ("temperature", Some(json!(get(&["temperature"]).and_then(float_loose).unwrap_or(0.7)))),
            ("seed", runtime.get("seed").cloned()),
            ("thinking", runtime.get("thinking").cloned()),
            ("prompt_cache_binding", runtime.get("prompt_cache_binding").cloned()),
        ]);
        let inputs = object([
            ("provider", runtime.get("provider").cloned()),
            ("model", runtime.get("model").cloned()),
            ("prompt", Some(task.into())),
            ("system", Some(payload.given("system").map(py_str).unwrap_or_default().into())),
            ("use_context", Some(use_context.into())),
            ("response_schema", response_schema(node, payload)),
            ("params", Some(Value::Object(params))),
            ("context_extra", context_extra(&context)),
        ]);
        let workflow_id = model::id::agent_workflow_id(self.flow_id, &node.id);
        let members = [
            ("workflow_id", Value::String(workflow_id.clone())),
            (
                "vars",
                json!({
                    "context": context,
                    "scratchpad": {"iteration": 0, "max_iterations": limits.get("max_iterations")},
                    "_runtime": runtime, "_temp": {}, "_limits": limits,
                }),
            ),
            ("async", true.into()),
            ("wait", true.into()),
            ("include_traces", true.into()),
        ];
        let bucket = self.bucket(run);
        bucket.insert("phase".into(), "subworkflow".into());
        bucket.insert("workflow_id".into(), workflow_id.into());
        bucket.insert("resolved_inputs".into(), Value::Object(inputs));
        let payload = members.map(|(k, v)| (k.to_owned(), v)).into_iter().collect();
        self.ask(EffectKind::StartSubworkflow, payload, "sub")
    }
}

/// A pin, else a member of `agentConfig`.
fn value<'a>(node: &'a PlanNode, payload: &'a Payload, names: &[&str]) -> Option<&'a Value> {
    payload.any(names).or_else(|| names.iter().find_map(|n| node.config("agentConfig", n)))
}

struct Route {
    provider: String,
    model: String,
    /// Nobody named them, and nobody said "the default" either.
    fallback: bool,
}

fn route(run: &Run, node: &PlanNode, payload: &Payload) -> Route {
    let named = |name: &str| value(node, payload, &[name]);
    let (provider, model) = (routed(named("provider")).to_lowercase(), routed(named("model")).to_owned());
    if !provider.is_empty() && !model.is_empty() {
        return Route { provider, model, fallback: false };
    }
    let marked = ["provider", "model"].iter().any(|n| !non_blank(named(n)).is_empty() && routed(named(n)).is_empty());
    let runtime = |key: &str| non_blank(run.vars.get("_runtime").and_then(|r| r.get(key))).to_owned();
    let default = runtime("provider").to_lowercase();
    if !provider.is_empty() && provider != default {
        return Route { provider, model, fallback: false };
    }
    let model = if model.is_empty() { runtime("model") } else { model };
    Route { provider: default, model, fallback: !marked }
}

fn runtime(run: &Run, node: &PlanNode, payload: &Payload, route: &Route) -> Map {
    let get = |names: &[&str]| value(node, payload, names);
    let parent = |key: &str| run.vars.get("_runtime").and_then(|r| r.get(key)).filter(|v| !v.is_null());
    let system = payload.given("system").map(py_str).unwrap_or_default().trim().to_owned();
    let index = memory_key(payload, "use_session_attachments").map(boolish);
    object([
        ("inbox", Some(json!([]))),
        ("provider", Some(route.provider.as_str().into())),
        ("model", Some(route.model.as_str().into())),
        ("allowed_tools", Some(tools(node, payload))),
        ("audio_policy", parent("audio_policy").cloned()),
        ("stt_language", parent("stt_language").or_else(|| parent("audio_language")).cloned()),
        (
            "temperature",
            get(&["temperature"]).and_then(float_loose).filter(|t| (t - 0.7).abs() > 1e-9).map(|t| json!(t)),
        ),
        ("seed", get(&["seed"]).and_then(int_loose).filter(|s| *s >= 0).map(Value::from)),
        ("thinking", thinking(node.config("agentConfig", "thinking").or_else(|| parent("thinking")))),
        ("control", index.map(|index| json!({ "include_session_attachments_index": index }))),
        ("system_prompt_extra", Some(system).filter(|s| !s.is_empty()).map(Value::from)),
        ("prompt_cache_binding", get(&["prompt_cache_binding"]).cloned()),
    ])
}

/// The tool names the agent may use: a present pin wins, also when it is null or empty.
fn tools(node: &PlanNode, payload: &Payload) -> Value {
    let given = payload.get("tools").or_else(|| node.config("agentConfig", "tools"));
    let items = match given {
        Some(Value::Array(items)) => items.as_slice(),
        Some(one @ (Value::String(_) | Value::Object(_))) => std::slice::from_ref(one),
        _ => &[],
    };
    let mut names: Vec<&str> = Vec::new();
    for item in items {
        let name = non_blank(Some(item.get("name").unwrap_or(item)));
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    json!(names)
}

fn limits(run: &Run, node: &PlanNode, payload: &Payload) -> Map {
    let parent = run.vars.get("_limits").and_then(Value::as_object);
    let positive = |names: &[&str]| value(node, payload, names).and_then(int_loose).filter(|n| *n > 0);
    let inherited = parent.and_then(|l| l.get("max_iterations")).and_then(int_loose).filter(|n| *n > 0);
    let defaults = [
        ("max_iterations", json!(MAX_ITERATIONS)),
        ("current_iteration", json!(0)),
        ("max_tokens", json!(32_768)),
        ("max_output_tokens", Value::Null),
        ("max_input_tokens", Value::Null),
        ("estimated_tokens_used", json!(0)),
        ("max_history_messages", json!(-1)),
        ("warn_iterations_pct", json!(80)),
        ("warn_tokens_pct", json!(80)),
    ];
    let mut limits: Map = defaults.map(|(k, v)| (k.to_owned(), v)).into_iter().collect();
    limits.extend(parent.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    limits
        .insert("max_iterations".into(), positive(&["max_iterations"]).or(inherited).unwrap_or(MAX_ITERATIONS).into());
    limits.insert("current_iteration".into(), 0.into());
    limits.insert("estimated_tokens_used".into(), 0.into());
    if let Some(max) = positive(&["max_in_tokens", "max_input_tokens", "maxInputTokens"]) {
        limits.insert("max_input_tokens".into(), max.into());
    }
    if let Some(max) = positive(&["max_out_tokens", "max_output_tokens", "maxOutputTokens"]) {
        limits.insert("max_output_tokens".into(), max.into());
    }
    limits
}

/// The child's context: messages of the pin, else the run's when asked for, and every other key of the pin.
fn context(run: &Run, payload: &Payload, task: &str, inherit: bool) -> Map {
    let given = payload.given("context");
    let own: Vec<Value> = messages(given).iter().filter(|m| m.is_object()).cloned().collect();
    let messages = match (own.is_empty(), inherit) {
        (false, _) => own,
        (true, true) => active_messages(run),
        (true, false) => Vec::new(),
    };
    let mut context =
        Map::from_iter([("task".to_owned(), task.into()), ("messages".to_owned(), Value::Array(messages))]);
    let inherited = attachments(run.vars.get("context")).filter(|_| inherit);
    context.extend(inherited.map(|a| ("attachments".to_owned(), a.clone())));
    let extra = given.and_then(Value::as_object).into_iter().flatten();
    let extra = extra.filter(|(k, _)| !matches!(k.as_str(), "task" | "messages"));
    context.extend(extra.map(|(k, v)| (k.clone(), v.clone())));
    context
}

/// What a context holds beyond task, messages and attachments: the scratchpad shows it again.
fn context_extra(context: &Map) -> Option<Value> {
    let extra: Map = context
        .iter()
        .filter(|(k, _)| !matches!(k.as_str(), "task" | "messages" | "attachments"))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    (!extra.is_empty()).then_some(Value::Object(extra))
}
