//! Where the loop keeps things in a run's variables: the transcript in `context.messages`, the record of turns in
//! `scratchpad.cycles`, notes to the model in `_runtime.inbox`, and values between two nodes in `_temp`.
//!
//! The invariant: reading tolerates anything (runs stored by older programs, values of a wrong type); writing keeps
//! the shapes of the contract.

use model::run::object_at;
use model::workflow::PlanContext;
use model::{Map, Run, Value};
use serde_json::json;

/// A tool call of the model, with an id that is unique in the run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) arguments: Map,
    pub(crate) call_id: String,
}

impl Call {
    pub(crate) fn to_value(&self) -> Value {
        json!({"name": self.name, "arguments": self.arguments, "call_id": self.call_id})
    }

    pub(crate) fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            name: value.get("name")?.as_str()?.to_owned(),
            arguments: value.get("arguments").and_then(Value::as_object).cloned().unwrap_or_default(),
            call_id: value.get("call_id").and_then(Value::as_str).unwrap_or_default().to_owned(),
        })
    }
}

/// The calls of a list value.
pub(crate) fn calls(value: Option<&Value>) -> Vec<Call> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Call::from_value).collect()
}

/// The list at `key`, made (or replaced) when there is none.
pub(crate) fn list_at<'a>(map: &'a mut Map, key: &str) -> &'a mut Vec<Value> {
    if !map.get(key).is_some_and(Value::is_array) {
        map.insert(key.to_owned(), Value::Array(Vec::new()));
    }
    match map.get_mut(key) {
        Some(Value::Array(list)) => list,
        _ => unreachable!("the key was just given a list"),
    }
}

/// A count however it was written: 3, 3.0, "3".
pub(crate) fn count(value: Option<&Value>) -> Option<u64> {
    let number = match value? {
        Value::Number(n) => n.as_f64()?,
        Value::String(s) => s.trim().parse::<f64>().ok()?,
        _ => return None,
    };
    (1.0..1e15).contains(&number).then_some(number as u64)
}

/// True for what a person means by "off".
pub(crate) fn is_off(value: &Value) -> bool {
    match value {
        Value::Bool(b) => !b,
        Value::Null => true,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(s) => matches!(s.trim().to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "off"),
        _ => false,
    }
}

pub(crate) fn runtime<'a>(run: &'a Run, key: &str) -> Option<&'a Value> {
    run.vars.get("_runtime")?.get(key).filter(|v| !v.is_null())
}

pub(crate) fn runtime_text<'a>(run: &'a Run, key: &str) -> Option<&'a str> {
    runtime(run, key)?.as_str().map(str::trim).filter(|s| !s.is_empty())
}

pub(crate) fn limit(run: &Run, key: &str) -> Option<u64> {
    count(run.vars.get("_limits")?.get(key))
}

pub(crate) fn temp<'a>(run: &'a Run, key: &str) -> Option<&'a Value> {
    run.vars.get("_temp")?.get(key).filter(|v| !v.is_null())
}

pub(crate) fn set_temp(run: &mut Run, key: &str, value: Value) {
    run.namespace("_temp").insert(key.to_owned(), value);
}

pub(crate) fn take_temp(run: &mut Run, key: &str) -> Option<Value> {
    run.namespace("_temp").shift_remove(key).filter(|v| !v.is_null())
}

pub(crate) fn task(run: &Run) -> String {
    match run.vars.get("context").and_then(|c| c.get("task")) {
        Some(Value::String(s)) => s.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

pub(crate) fn messages(run: &Run) -> &[Value] {
    run.vars.get("context").and_then(|c| c.get("messages")).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Appends a message with a fresh id and the moment of the step.
pub(crate) fn say(run: &mut Run, ctx: &PlanContext, role: &str, content: &str, metadata: Map) {
    let mut all = Map::from_iter([("message_id".to_owned(), json!(format!("msg_{}", ctx.random_hex())))]);
    all.extend(metadata);
    let message = json!({
        "role": role, "content": content, "timestamp": ctx.now.to_string(), "metadata": all,
    });
    list_at(run.namespace("context"), "messages").push(message);
}

pub(crate) fn with_kind(kind: &str) -> Map {
    Map::from_iter([("kind".to_owned(), json!(kind))])
}

/// A note the model reads once, in its next system prompt.
pub(crate) fn advise(run: &mut Run, note: &str) {
    list_at(run.namespace("_runtime"), "inbox").push(json!({"role": "system", "content": note}));
}

pub(crate) fn iteration(run: &Run) -> u64 {
    count(run.vars.get("scratchpad").and_then(|s| s.get("iteration"))).unwrap_or(0)
}

pub(crate) fn max_iterations(run: &Run) -> u64 {
    count(run.vars.get("scratchpad").and_then(|s| s.get("max_iterations")))
        .or_else(|| limit(run, "max_iterations"))
        .unwrap_or(50)
}

pub(crate) fn cycles(run: &Run) -> &[Value] {
    run.vars.get("scratchpad").and_then(|s| s.get("cycles")).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(crate) fn last_cycle(run: &mut Run) -> Option<&mut Map> {
    list_at(run.namespace("scratchpad"), "cycles").last_mut()?.as_object_mut()
}

/// The names the agent may call.
pub(crate) fn allowed(run: &Run) -> Vec<String> {
    let list = runtime(run, "allowed_tools").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|v| Some(v.as_str()?.to_owned())).collect()
}

/// What a tool did, told to the model (a tool message) and kept for the record (an observation).
pub(crate) struct Observation {
    pub(crate) name: String,
    pub(crate) call_id: String,
    pub(crate) success: bool,
    pub(crate) output: Value,
    pub(crate) error: Option<String>,
}

impl Observation {
    pub(crate) fn failed(call: &Call, why: impl Into<String>) -> Self {
        Self {
            name: call.name.clone(),
            call_id: call.call_id.clone(),
            success: false,
            output: Value::Null,
            error: Some(why.into()),
        }
    }

    /// The text the model reads.
    pub(crate) fn rendered(&self) -> String {
        if let Value::Object(output) = &self.output {
            return match output.get("rendered") {
                Some(Value::String(text)) => text.clone(),
                _ => self.output.to_string(),
            };
        }
        if !self.success {
            return self.error.clone().unwrap_or_else(|| "Tool failed without saying why".into());
        }
        match &self.output {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

/// Tells the model and the record what a tool did.
pub(crate) fn record(run: &mut Run, ctx: &PlanContext, seen: &Observation) {
    let rendered = seen.rendered();
    let content = if seen.success {
        format!("[{}]: {rendered}", seen.name)
    } else {
        format!("[{}]: Error: {rendered}", seen.name)
    };
    let metadata = Map::from_iter([
        ("name".to_owned(), json!(seen.name)),
        ("call_id".to_owned(), json!(seen.call_id)),
        ("success".to_owned(), json!(seen.success)),
    ]);
    say(run, ctx, "tool", &content, metadata);
    if let Some(cycle) = last_cycle(run) {
        list_at(cycle, "observations").push(json!({
            "call_id": seen.call_id, "name": seen.name, "success": seen.success, "output": seen.output,
            "error": seen.error, "rendered": rendered,
        }));
    }
}

/// A namespace under `_runtime`, `_limits` … seen as an object, or nothing.
pub(crate) fn ensure(run: &mut Run, namespaces: &[&str]) {
    for name in namespaces {
        object_at(&mut run.vars, name);
    }
}
