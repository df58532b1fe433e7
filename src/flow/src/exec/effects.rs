//! Nodes that ask the engine for an effect: their payloads (contract 04, 13.4 and 15.6 to 15.8). The payload repeats the
//! effect's type and names where the run goes on, because clients read it in the ledger.

use model::run::object_at;
use model::workflow::{PlanError, StepPlan};
use model::{Effect, EffectKind, Map, Run, Timestamp, Value};
use serde_json::json;

use super::{Step, control, project, warn};
use crate::compile::{EffectNode, PlanNode};
use crate::document::SUBFLOW_KEYS;
use crate::python::{boolish, float_loose, int_loose, non_blank, py_str, truthy};

impl Step<'_> {
    pub(super) fn effect(mut self, run: &mut Run, kind: EffectNode) -> Result<StepPlan, PlanError> {
        let node = self.node();
        // These three never fail for their inputs: what cannot be read is absent.
        let lenient = matches!(kind, EffectNode::EmitEvent | EffectNode::OnEvent | EffectNode::OnSchedule);
        let payload = match self.inputs(run, false) {
            Ok(payload) => payload,
            Err(_) if lenient => json!({}),
            Err(why) => return Err(PlanError::value(why)),
        };
        let scalar = if payload.is_object() { None } else { Some(payload.clone()) };
        let pins = payload.as_object().cloned().unwrap_or_default();
        let (effect, members) = match kind {
            EffectNode::AskUser => (EffectKind::AskUser, ask_user(node, &pins)),
            EffectNode::AnswerUser => (EffectKind::AnswerUser, answer_user(&pins)),
            EffectNode::WaitUntil => (EffectKind::WaitUntil, wait_until(node, &pins, self.ctx.now)),
            EffectNode::WaitEvent => (EffectKind::WaitEvent, wait_event(&pins)),
            EffectNode::EmitEvent => (EffectKind::EmitEvent, emit_event(run, node, &pins)?),
            EffectNode::OnEvent => (EffectKind::WaitEvent, on_event(node, &pins)),
            EffectNode::OnSchedule => (EffectKind::WaitUntil, on_schedule(node, &pins, self.ctx.now)?),
            EffectNode::LlmCall => (EffectKind::LlmCall, llm_call(run, node, &pins)),
            EffectNode::ToolCalls | EffectNode::CallTool => (EffectKind::ToolCalls, tool_calls(node, &pins, kind)),
            EffectNode::Subflow => (EffectKind::StartSubworkflow, subflow(run, node, &pins, scalar)),
        };
        let loops = kind == EffectNode::OnEvent || (kind == EffectNode::OnSchedule && project::recurrent(node));
        let next = self.after_effect(run, loops);
        Ok(self.ask(effect, members, next))
    }

    /// Where a run goes on after an effect: along the edge, else back into the branch's control node.
    fn after_effect(&self, run: &mut Run, loops: bool) -> Option<String> {
        let node = self.node();
        if loops {
            // The node stays open: when its branch ends, execution comes back and it waits again.
            control::open_listener(run, &node.id);
        }
        let next = node.exits.next().map(|next| self.id_of(next));
        next.or_else(|| {
            let top = control::top(run)?;
            control::return_to(run, &top);
            Some(top)
        })
    }

    fn ask(&self, kind: EffectKind, members: Map, next: Option<String>) -> StepPlan {
        let mut payload = Map::from_iter([("type".to_owned(), kind.as_str().into())]);
        payload.extend(members);
        payload.insert("resume_to_node".into(), json!(next));
        let result_key = Some(project::result_key(&self.node().id));
        StepPlan::Effect { effect: Effect { kind, payload, result_key }, next }
    }
}

/// A pin, else a member of `effectConfig`.
fn pin_or_config<'a>(node: &'a PlanNode, pins: &'a Map, names: &[&str]) -> Option<&'a Value> {
    let pin = names.iter().find_map(|n| pins.get(*n).filter(|v| !v.is_null()));
    pin.or_else(|| names.iter().find_map(|n| node.config("effectConfig", n)))
}

fn ask_user(node: &PlanNode, pins: &Map) -> Map {
    let choices = pins.get("choices").and_then(Value::as_array).cloned().unwrap_or_default();
    let free = node.config("effectConfig", "allowFreeText").is_none_or(boolish);
    let prompt = pins.get("prompt").cloned().unwrap_or_else(|| "Please respond:".into());
    let prompt = if prompt.is_null() || prompt.is_string() { prompt } else { py_str(&prompt).into() };
    Map::from_iter([
        ("prompt".to_owned(), prompt),
        ("choices".to_owned(), Value::Array(choices)),
        ("allow_free_text".to_owned(), free.into()),
    ])
}

fn answer_user(pins: &Map) -> Map {
    let message = pins.get("message").filter(|m| !m.is_null()).map(py_str).unwrap_or_default();
    let level = match non_blank(pins.get("level")).to_lowercase().as_str() {
        "warn" | "warning" => "warning",
        "error" => "error",
        _ => "message",
    };
    Map::from_iter([("message".to_owned(), message.into()), ("level".to_owned(), level.into())])
}

fn wait_until(node: &PlanNode, pins: &Map, now: Timestamp) -> Map {
    let duration = pins.get("duration").cloned().unwrap_or(Value::Null);
    let unit = node.config("effectConfig", "durationType").and_then(Value::as_str).unwrap_or("seconds");
    let until = if unit == "timestamp" {
        duration.as_str().unwrap_or_default().to_owned()
    } else {
        let factor = match unit {
            "minutes" => 60e6,
            "hours" => 3600e6,
            _ => 1e6,
        };
        now.plus_micros((float_loose(&duration).unwrap_or(0.0).max(0.0) * factor) as i64).to_string()
    };
    Map::from_iter([("until".to_owned(), until.into())])
}

fn wait_event(pins: &Map) -> Map {
    let key = Some(non_blank(pins.get("event_key"))).filter(|k| !k.is_empty()).unwrap_or("default");
    let mut members = Map::from_iter([("wait_key".to_owned(), key.into())]);
    let prompt = non_blank(pins.get("prompt"));
    if !prompt.is_empty() {
        members.insert("prompt".into(), prompt.into());
    }
    if let Some(choices) = pins.get("choices").and_then(Value::as_array) {
        members.insert("choices".into(), choices.iter().filter(|c| c.is_string()).cloned().collect());
    }
    members.insert("allow_free_text".into(), pins.get("allow_free_text").is_none_or(boolish).into());
    members
}

fn scope_of(value: Option<&Value>) -> String {
    let scope = non_blank(value).to_lowercase();
    if matches!(scope.as_str(), "session" | "workflow" | "run" | "global") { scope } else { "session".into() }
}

fn emit_event(run: &mut Run, node: &PlanNode, pins: &Map) -> Result<Map, PlanError> {
    let name = pin_or_config(node, pins, &["name", "event_name"]).map(|n| py_str(n).trim().to_owned());
    let Some(name) = name.filter(|n| !n.is_empty()) else {
        return Err(PlanError::value(format!("emit_event node '{}' missing event name", node.id)));
    };
    let body = match pins.get("payload") {
        None | Some(Value::Null) => json!({}),
        Some(object @ Value::Object(_)) => object.clone(),
        Some(other) => json!({ "value": other }),
    };
    let counters = object_at(run.namespace("_temp"), "event_seq");
    let seq = counters.get(&node.id).and_then(Value::as_i64).unwrap_or(0) + 1;
    counters.insert(node.id.clone(), seq.into());
    let mut members = Map::from_iter([
        ("scope".to_owned(), scope_of(pin_or_config(node, pins, &["scope"])).into()),
        ("name".to_owned(), name.into()),
        ("payload".to_owned(), body),
        ("event_id".to_owned(), format!("{}:{}:{seq}", run.run_id, node.id).into()),
        ("max_steps".to_owned(), 0.into()),
    ]);
    let session = pin_or_config(node, pins, &["session_id", "sessionId"]).map(|s| py_str(s).trim().to_owned());
    if let Some(session) = session.filter(|s| !s.is_empty()) {
        members.insert("session_id".into(), session.into());
    }
    Ok(members)
}

fn on_event(node: &PlanNode, pins: &Map) -> Map {
    let name = pins.get("name").or_else(|| node.config("eventConfig", "name"));
    let name = non_blank(name.or_else(|| node.config("eventConfig", "event_name")));
    let scope =
        pins.get("scope").filter(|s| !non_blank(Some(*s)).is_empty()).or_else(|| node.config("eventConfig", "scope"));
    let name = if name.is_empty() { "*" } else { name };
    Map::from_iter([("scope".to_owned(), scope_of(scope).into()), ("name".to_owned(), name.into())])
}

fn on_schedule(node: &PlanNode, pins: &Map, now: Timestamp) -> Result<Map, PlanError> {
    let schedule = pins.get("schedule").filter(|s| !s.is_null()).or_else(|| node.config("eventConfig", "schedule"));
    let schedule = schedule.map_or_else(|| "15s".to_owned(), |s| py_str(s).trim().to_owned());
    let moment =
        interval_micros(&schedule).map(|micros| now.plus_micros(micros)).or_else(|| Timestamp::parse(&schedule));
    let Some(moment) = moment else {
        return Err(PlanError::value(format!(
            "Invalid schedule '{schedule}': expected interval like '30s', '5m', '1h' or an ISO timestamp"
        )));
    };
    Ok(Map::from_iter([("until".to_owned(), moment.to_string().into())]))
}

/// `30s`, `1.5h`, `250ms` in microseconds.
fn interval_micros(text: &str) -> Option<i64> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(split);
    let factor = match unit {
        "ms" => 1e3,
        "s" => 1e6,
        "m" => 60e6,
        "h" => 3600e6,
        "d" => 86_400e6,
        _ => return None,
    };
    let number = number.trim();
    let plain = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.');
    plain.then(|| number.parse::<f64>().ok()).flatten().map(|n| (n * factor) as i64)
}

fn tool_calls(node: &PlanNode, pins: &Map, kind: EffectNode) -> Map {
    let names: &[&str] = if kind == EffectNode::CallTool { &["tool_call", "toolCall"] } else { &["tool_calls"] };
    let given = names.iter().find_map(|n| pins.get(*n)).cloned().unwrap_or(Value::Null);
    let given = match given {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::Null),
        other => other,
    };
    let calls: Vec<Value> = match given {
        Value::Array(items) => items.into_iter().filter(Value::is_object).collect(),
        object @ Value::Object(_) => vec![object],
        _ => Vec::new(),
    };
    let mut members = Map::from_iter([("tool_calls".to_owned(), Value::Array(calls))]);
    let wired = ["allowed_tools", "allowedTools"].into_iter().find(|pin| node.is_wired(pin));
    let allowed = match wired {
        Some(pin) => Some(pins.get(pin).cloned().unwrap_or(Value::Null)),
        None => node.config("effectConfig", "allowed_tools").filter(|a| a.is_array()).cloned(),
    };
    if let Some(allowed) = allowed {
        let list = allowed.as_array().cloned().unwrap_or_default();
        members.insert("allowed_tools".into(), Value::Array(list));
    }
    members
}

const DEFAULT_MARKERS: [&str; 4] = ["default", "__default__", "__abstractcore_default__", "abstractcore.default"];

/// A provider or model text; markers of "the gateway's default" count as blank.
pub(super) fn routed(value: Option<&Value>) -> String {
    let text = non_blank(value);
    if DEFAULT_MARKERS.contains(&text.to_lowercase().as_str()) { String::new() } else { text.to_owned() }
}

fn llm_call(run: &mut Run, node: &PlanNode, pins: &Map) -> Map {
    let get = |names: &[&str]| pin_or_config(node, pins, names);
    let text = |names: &[&str]| get(names).map(py_str).unwrap_or_default();
    let (provider, model) = (routed(get(&["provider", "provider_text"])), routed(get(&["model", "model_text"])));
    let include = get(&["use_context", "include_context"]).is_some_and(truthy);
    let mut params =
        Map::from_iter([("temperature".to_owned(), json!(get(&["temperature"]).and_then(float_loose).unwrap_or(0.7)))]);
    if let Some(seed) = get(&["seed"]).and_then(int_loose).filter(|s| *s >= 0) {
        params.insert("seed".into(), seed.into());
    }
    if let Some(thinking) = get(&["thinking"]).filter(|t| t.is_boolean() || !non_blank(Some(*t)).is_empty()) {
        params.insert("thinking".into(), thinking.clone());
    }
    let positive = |names: &[&str]| get(names).and_then(int_loose).filter(|n| *n > 0);
    if let Some(max) = positive(&["max_out_tokens", "max_output_tokens", "maxOutputTokens"]) {
        params.insert("max_output_tokens".into(), max.into());
    }
    if let Some(binding) = pins.get("prompt_cache_binding").filter(|b| !b.is_null()) {
        params.insert("prompt_cache_binding".into(), binding.clone());
    }
    let (system, prompt) = (text(&["system"]), text(&["prompt"]));
    let mut members = Map::from_iter([
        ("prompt".to_owned(), prompt.clone().into()),
        ("system_prompt".to_owned(), system.clone().into()),
        ("tools".to_owned(), get(&["tools"]).filter(|t| t.is_array()).cloned().unwrap_or_else(|| json!([]))),
        ("params".to_owned(), Value::Object(params)),
        ("include_context".to_owned(), include.into()),
    ]);
    if provider.is_empty() != model.is_empty() {
        let why = "Provider and model must both be set, or both left blank for Gateway/Core defaults";
        warn(run, format!("#FALLBACK {}: {why}", node.id));
    } else if !provider.is_empty() {
        members.insert("provider".into(), provider.to_lowercase().into());
        members.insert("model".into(), model.into());
    }
    if let Some(max) = positive(&["max_in_tokens", "max_input_tokens", "maxInputTokens"]) {
        members.insert("max_input_tokens".into(), max.into());
    }
    if let Some(schema) =
        get(&["resp_schema", "response_schema"]).filter(|s| s.as_object().is_some_and(|o| !o.is_empty()))
    {
        members.insert("response_schema".into(), schema.clone());
        members.insert("response_schema_name".into(), "LLM_StructuredOutput".into());
        if let Some(fallback) = node.config("effectConfig", "structured_output_fallback") {
            members.insert("structured_output_fallback".into(), fallback.clone());
        }
    }
    let context =
        pins.get("context").filter(|c| c.get("messages").and_then(Value::as_array).is_some_and(|m| !m.is_empty()));
    let context = context.or_else(|| run.vars.get("context").filter(|_| include));
    if let Some(messages) = context.and_then(|c| c.get("messages")).and_then(Value::as_array).filter(|m| !m.is_empty())
    {
        members.insert("messages".into(), conversation(messages, &system, &prompt));
        members.insert("prompt".into(), "".into());
        members.insert("system_prompt".into(), "".into());
    }
    if let Some(media) = context.and_then(|c| c.get("attachments")).filter(|a| a.is_array()) {
        members.insert("media".into(), media.clone());
    }
    members
}

/// History, the system text after its leading system messages, and the prompt at the end.
fn conversation(history: &[Value], system: &str, prompt: &str) -> Value {
    let lead = history.iter().take_while(|m| m.get("role").and_then(Value::as_str) == Some("system")).count();
    let mut messages = history.to_vec();
    if !system.trim().is_empty() {
        messages.insert(lead, json!({"role": "system", "content": system}));
    }
    if !prompt.trim().is_empty() {
        messages.push(json!({"role": "user", "content": prompt}));
    }
    Value::Array(messages)
}

const NEVER_PASSED: [&str; 6] =
    ["inherit_context", "inheritContext", "child_session_id", "childSessionId", "session_id", "sessionId"];

/// The child's variables (contract 04, 17.2).
fn subflow(run: &Run, node: &PlanNode, pins: &Map, scalar: Option<Value>) -> Map {
    let base = ["vars", "input"].iter().find_map(|k| pins.get(*k)?.as_object());
    let declared: Vec<&String> = node.inputs.iter().filter(|p| !NEVER_PASSED[..2].contains(&p.as_str())).collect();
    let mut vars = base.cloned().unwrap_or_default();
    if declared.is_empty() {
        if base.is_none() {
            vars = pins.clone();
        }
    } else {
        for pin in &declared {
            let consumed = matches!(pin.as_str(), "vars" | "input") && pins.get(*pin).is_some_and(Value::is_object);
            if let Some(value) = pins.get(*pin).filter(|_| !consumed) {
                vars.insert((*pin).clone(), value.clone());
            }
        }
    }
    if let Some(scalar) = scalar.filter(|s| !s.is_null()) {
        let key = if let [only] = declared.as_slice() { (*only).clone() } else { "input".to_owned() };
        vars.insert(key, scalar);
    }
    vars.retain(|key, _| !NEVER_PASSED.contains(&key.as_str()));
    let inherit = pins.get("inherit_context").or_else(|| pins.get("inheritContext"));
    if inherit.or_else(|| node.config("effectConfig", "inherit_context")).is_some_and(boolish) {
        inherit_context(run, &mut vars);
    }
    let target = SUBFLOW_KEYS.iter().map(|k| non_blank(node.data.get(*k))).find(|t| !t.is_empty());
    let mut members = Map::from_iter([
        ("workflow_id".to_owned(), json!(target)),
        ("vars".to_owned(), Value::Object(vars)),
        ("async".to_owned(), true.into()),
        ("wait".to_owned(), true.into()),
    ]);
    let session = NEVER_PASSED[2..].iter().map(|k| non_blank(pins.get(*k))).find(|s| !s.is_empty());
    if let Some(session) = session {
        members.insert("session_id".into(), session.into());
    }
    members
}

/// Child system, parent system, parent others, child others; each message id once.
fn inherit_context(run: &Run, vars: &mut Map) {
    let messages = |context: Option<&Value>| -> Vec<Value> {
        context.and_then(|c| c.get("messages")).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let is_system = |m: &Value| m.get("role").and_then(Value::as_str) == Some("system");
    let (own_system, own): (Vec<_>, Vec<_>) = messages(vars.get("context")).into_iter().partition(is_system);
    let (system, others): (Vec<_>, Vec<_>) = messages(run.vars.get("context")).into_iter().partition(is_system);
    let mut seen = std::collections::HashSet::new();
    let mut fresh = |m: &Value| {
        let id = m.get("metadata").and_then(|d| d.get("message_id")).and_then(Value::as_str);
        id.is_none_or(|id| seen.insert(id.to_owned()))
    };
    let merged: Vec<Value> =
        own_system.into_iter().chain(system).chain(others).chain(own).filter(|m| fresh(m)).collect();
    let attachments = run.vars.get("context").and_then(|c| c.get("attachments")).cloned();
    let context = object_at(vars, "context");
    context.insert("messages".into(), Value::Array(merged));
    if let Some(attachments) = attachments {
        context.entry("attachments").or_insert(attachments);
    }
}
