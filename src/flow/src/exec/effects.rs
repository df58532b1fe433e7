//! Nodes that ask the engine for an effect: their payloads (contract 04, 13.4 and 15.6 to 15.8). The payload repeats the
//! effect's type and names where the run goes on, because clients read it in the ledger.

use model::run::object_at;
use model::schedule::interval_micros;
use model::workflow::{PlanError, StepPlan};
use model::{Effect, EffectKind, Map, Run, Timestamp, Value};
use serde_json::json;

use super::inputs::{Payload, Style};
use super::{Step, control, graph, llm, memory, plan_error, project, subflow};
use crate::compile::{EffectNode, PlanNode};
use crate::python::{boolish, float_loose, non_blank, py_str};

/// What a node asks: the effect, its members, and what of its own it shows beside the result.
struct Ask {
    kind: EffectKind,
    members: Map,
    beside: Option<Value>,
}

impl Step<'_> {
    pub(super) fn effect(&mut self, run: &mut Run, kind: EffectNode) -> Result<StepPlan, PlanError> {
        // These three never fail for their inputs: what cannot be read is absent.
        if matches!(kind, EffectNode::EmitEvent | EffectNode::OnEvent | EffectNode::OnSchedule) {
            self.receive_leniently(run);
        } else {
            self.receive(run, Style::Plain).map_err(plan_error)?;
        }
        let node = self.node();
        let asked = self.asked(run, kind)?;
        if let Some(beside) = asked.beside {
            self.remember(run, beside);
        }
        let loops = kind == EffectNode::OnEvent || (kind == EffectNode::OnSchedule && recurrent(node, &self.payload));
        let next = self.after_effect(run, loops);
        let mut payload = Map::from_iter([("type".to_owned(), asked.kind.as_str().into())]);
        payload.extend(asked.members);
        payload.insert("resume_to_node".into(), json!(next));
        let result_key = Some(project::result_key(&node.id));
        Ok(StepPlan::Effect { effect: Effect { kind: asked.kind, payload, result_key }, next })
    }

    fn asked(&self, run: &mut Run, kind: EffectNode) -> Result<Ask, PlanError> {
        let (node, payload) = (self.node(), &self.payload);
        let mut beside = None;
        let (kind, mut members) = match kind {
            EffectNode::AskUser => {
                let members = ask_user(node, payload);
                beside = node.wants(&["prompt", "choices", "allow_free_text"]).then(|| Value::Object(members.clone()));
                (EffectKind::AskUser, members)
            }
            EffectNode::AnswerUser => (EffectKind::AnswerUser, answer_user(payload)),
            EffectNode::WaitUntil => (EffectKind::WaitUntil, wait_until(node, payload, self.ctx.now)?),
            EffectNode::WaitEvent => {
                let members = wait_event(payload);
                beside = node.wants(&["event_key"]).then(|| json!({"event_key": members.get("wait_key")}));
                (EffectKind::WaitEvent, members)
            }
            EffectNode::EmitEvent => (EffectKind::EmitEvent, emit_event(run, node, payload)?),
            EffectNode::OnEvent => (EffectKind::WaitEvent, on_event(node, payload)),
            EffectNode::OnSchedule => {
                let (members, interval) = on_schedule(node, payload, self.ctx.now)?;
                let again = interval && recurrent(node, payload);
                beside = Some(json!({"timestamp": members.get("until"), "recurrent": again}));
                (EffectKind::WaitUntil, members)
            }
            EffectNode::LlmCall => {
                self.warn_of_memory(run);
                let (members, error) = llm::members(run, node, payload);
                beside = error.map(|error| json!({ "error": error }));
                if beside.is_none() && project::remembered(run, node).is_some() {
                    beside = Some(json!({}));
                }
                (EffectKind::LlmCall, members)
            }
            EffectNode::ToolCalls | EffectNode::CallTool => (EffectKind::ToolCalls, tool_calls(node, payload, kind)),
            EffectNode::Memory(kind) => memory::asked(kind, node, payload),
            EffectNode::KgAssert => (EffectKind::MemoryKgAssert, graph::assert(payload)),
            EffectNode::KgQuery => (EffectKind::MemoryKgQuery, graph::query(payload)),
            EffectNode::KgResolve => (EffectKind::MemoryKgResolve, graph::resolve(payload)),
            EffectNode::ModelResidency => (EffectKind::ModelResidency, graph::residency(node, payload)),
            EffectNode::Subflow => (EffectKind::StartSubworkflow, subflow::members(run, node, payload)),
        };
        if kind == EffectKind::StartSubworkflow && members.get("workflow_id").is_none_or(Value::is_null) {
            run.warn(format!("#ERROR {}: the subflow node names no flow", node.id));
        }
        if matches!(kind, EffectKind::LlmCall | EffectKind::ToolCalls)
            && let Some(retry) = pin_or_config(node, payload, &["retry"]).filter(|retry| !retry.is_null())
        {
            members.insert("retry".into(), retry.clone());
        }
        Ok(Ask { kind, members, beside })
    }

    /// Where a run goes on after an effect: along the edge, else back into the branch's control node.
    fn after_effect(&self, run: &mut Run, loops: bool) -> Option<String> {
        let node = self.node();
        if loops {
            // The node stays open: when its branch ends, execution comes back and it waits again.
            control::open_listener(run, &node.id);
        }
        let next = node.exits.next().map(|next| self.plan.nodes[next].id.clone());
        next.or_else(|| {
            let top = control::top(run)?;
            control::return_to(run, &top);
            Some(top)
        })
    }
}

/// A pin, else a member of `effectConfig`.
pub(super) fn pin_or_config<'a>(node: &'a PlanNode, pins: &'a Payload, names: &[&str]) -> Option<&'a Value> {
    pins.any(names).or_else(|| names.iter().find_map(|n| node.config("effectConfig", n)))
}

/// The first pin or config member that holds a text.
fn named(node: &PlanNode, pins: &Payload, names: &[&str]) -> Option<String> {
    let texts = [pins.any(names), names.iter().find_map(|n| node.config("effectConfig", n))];
    texts.into_iter().flatten().map(|t| py_str(t).trim().to_owned()).find(|t| !t.is_empty())
}

fn ask_user(node: &PlanNode, pins: &Payload) -> Map {
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

fn answer_user(pins: &Payload) -> Map {
    let message = pins.get("message").filter(|m| !m.is_null()).map(py_str).unwrap_or_default();
    let level = match non_blank(pins.get("level")).to_lowercase().as_str() {
        "warn" | "warning" => "warning",
        "error" => "error",
        _ => "message",
    };
    Map::from_iter([("message".to_owned(), message.into()), ("level".to_owned(), level.into())])
}

fn wait_until(node: &PlanNode, pins: &Payload, now: Timestamp) -> Result<Map, PlanError> {
    let duration = pins.given("duration");
    let unit = node.config("effectConfig", "durationType").and_then(Value::as_str).unwrap_or("seconds");
    let factor = match unit {
        "timestamp" => {
            // Written again in UTC, so that waiting compares moments, whatever offset was given.
            let text = duration.map(py_str).unwrap_or_default();
            let moment = if text.trim().is_empty() { Some(now) } else { Timestamp::parse(&text) };
            let moment = moment.ok_or_else(|| {
                PlanError::value(format!("wait_until node '{}': '{text}' is not an ISO timestamp", node.id))
            })?;
            return Ok(Map::from_iter([("until".to_owned(), moment.to_string().into())]));
        }
        "minutes" => 60e6,
        "hours" => 3600e6,
        _ => 1e6,
    };
    let micros = duration.and_then(float_loose).unwrap_or(0.0).max(0.0) * factor;
    Ok(Map::from_iter([("until".to_owned(), now.plus_micros(micros as i64).to_string().into())]))
}

fn wait_event(pins: &Payload) -> Map {
    let key = Some(non_blank(pins.get("event_key"))).filter(|k| !k.is_empty()).unwrap_or("default");
    let mut members = Map::from_iter([("wait_key".to_owned(), key.into())]);
    let prompt = non_blank(pins.get("prompt"));
    if !prompt.is_empty() {
        members.insert("prompt".into(), prompt.into());
    }
    if let Some(choices) = pins.get("choices").and_then(Value::as_array) {
        members.insert("choices".into(), choices.iter().filter(|c| c.is_string()).cloned().collect());
    }
    let free = pins.any(&["allow_free_text", "allowFreeText"]).is_none_or(boolish);
    members.insert("allow_free_text".into(), free.into());
    members
}

fn scope_of(value: Option<&Value>) -> String {
    let scope = non_blank(value).to_lowercase();
    if matches!(scope.as_str(), "session" | "workflow" | "run" | "global") { scope } else { "session".into() }
}

fn emit_event(run: &mut Run, node: &PlanNode, pins: &Payload) -> Result<Map, PlanError> {
    let Some(name) = named(node, pins, &["name", "event_name"]) else {
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
    if let Some(session) = named(node, pins, &["session_id", "sessionId"]) {
        members.insert("session_id".into(), session.into());
    }
    Ok(members)
}

fn on_event(node: &PlanNode, pins: &Payload) -> Map {
    let config = |key: &str| node.config("eventConfig", key);
    let names = [pins.get("name"), config("name"), config("event_name")];
    let name = names.into_iter().map(non_blank).find(|n| !n.is_empty()).unwrap_or("*");
    let scope = pins.get("scope").filter(|s| !non_blank(Some(*s)).is_empty()).or_else(|| config("scope"));
    Map::from_iter([("scope".to_owned(), scope_of(scope).into()), ("name".to_owned(), name.into())])
}

/// The moment to wait for, and whether it came from an interval: only such a schedule recurs.
fn on_schedule(node: &PlanNode, pins: &Payload, now: Timestamp) -> Result<(Map, bool), PlanError> {
    let schedule = schedule(node, pins);
    let interval = interval_micros(&schedule);
    let moment = interval.map(|micros| now.plus_micros(micros)).or_else(|| Timestamp::parse(&schedule));
    let Some(moment) = moment else {
        return Err(PlanError::value(format!(
            "Invalid schedule '{schedule}': expected interval like '30s', '5m', '1h' or an ISO timestamp"
        )));
    };
    Ok((Map::from_iter([("until".to_owned(), moment.to_string().into())]), interval.is_some()))
}

fn schedule(node: &PlanNode, pins: &Payload) -> String {
    let given = pins.given("schedule").or_else(|| node.config("eventConfig", "schedule"));
    let text = given.map(|s| py_str(s).trim().to_owned()).filter(|s| !s.is_empty());
    text.unwrap_or_else(|| "15s".into())
}

/// Whether the schedule comes round again.
fn recurrent(node: &PlanNode, pins: &Payload) -> bool {
    let again = pins.given("recurrent").or_else(|| node.config("eventConfig", "recurrent")).is_none_or(boolish);
    again && interval_micros(&schedule(node, pins)).is_some()
}

fn tool_calls(node: &PlanNode, pins: &Payload, kind: EffectNode) -> Map {
    let names: &[&str] = if kind == EffectNode::CallTool { &["tool_call", "toolCall"] } else { &["tool_calls"] };
    let given = names.iter().find_map(|n| pins.get(n)).cloned().unwrap_or(Value::Null);
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
    let allowed =
        match wired.or_else(|| ["allowed_tools", "allowedTools"].into_iter().find(|p| pins.pins.contains_key(*p))) {
            Some(pin) => Some(pins.get(pin).cloned().unwrap_or(Value::Null)),
            None => node.config("effectConfig", "allowed_tools").filter(|a| a.is_array()).cloned(),
        };
    if let Some(allowed) = allowed {
        let list = allowed.as_array().cloned().unwrap_or_default();
        members.insert("allowed_tools".into(), Value::Array(list));
    }
    members
}
