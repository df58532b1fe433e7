//! The subflow node: what a child run is started with (contract 04, 17.2).

use model::run::object_at;
use model::{Map, Run, Value};
use serde_json::json;

use super::context::{active_messages, attachments, merge_messages, messages};
use super::inputs::Payload;
use crate::compile::PlanNode;
use crate::document::SUBFLOW_KEYS;
use crate::python::{boolish, non_blank};

const INHERIT: [&str; 2] = ["inherit_context", "inheritContext"];
const SESSION: [&str; 4] = ["child_session_id", "childSessionId", "session_id", "sessionId"];

pub(super) fn members(run: &Run, node: &PlanNode, payload: &Payload) -> Map {
    let mut vars = vars(node, payload);
    vars.retain(|key, _| !INHERIT.contains(&key.as_str()) && !SESSION.contains(&key.as_str()));
    let inherit = payload.any(&INHERIT).or_else(|| node.config("effectConfig", "inherit_context"));
    if inherit.is_some_and(boolish) {
        inherit_context(run, &mut vars);
    }
    let target = SUBFLOW_KEYS.iter().map(|k| non_blank(node.data.get(*k))).find(|t| !t.is_empty());
    let mut members = Map::from_iter([
        ("workflow_id".to_owned(), json!(target)),
        ("vars".to_owned(), Value::Object(vars)),
        ("async".to_owned(), true.into()),
        ("wait".to_owned(), true.into()),
    ]);
    if let Some(session) = SESSION.iter().map(|k| non_blank(payload.get(k))).find(|s| !s.is_empty()) {
        members.insert("session_id".into(), session.into());
    }
    members
}

/// The child's variables: an object given as a whole, and over it the declared pins.
fn vars(node: &PlanNode, payload: &Payload) -> Map {
    let declared: Vec<&String> = node.inputs.iter().filter(|p| !INHERIT.contains(&p.as_str())).collect();
    if let Some(scalar) = payload.scalar().filter(|s| !s.is_null()) {
        let key = if let [only] = declared.as_slice() { (*only).clone() } else { "input".to_owned() };
        return Map::from_iter([(key, scalar.clone())]);
    }
    let base = ["vars", "input"].iter().find_map(|k| payload.get(k)?.as_object());
    if declared.is_empty() {
        return base.cloned().unwrap_or_else(|| payload.whole());
    }
    let mut vars = base.cloned().unwrap_or_default();
    for pin in declared {
        let consumed = matches!(pin.as_str(), "vars" | "input") && payload.get(pin).is_some_and(Value::is_object);
        if let Some(value) = payload.get(pin).filter(|_| !consumed) {
            vars.insert(pin.clone(), value.clone());
        }
    }
    vars
}

fn inherit_context(run: &Run, vars: &mut Map) {
    let merged = merge_messages(messages(vars.get("context")), &active_messages(run));
    let inherited = attachments(run.vars.get("context")).cloned();
    let context = object_at(vars, "context");
    context.insert("messages".into(), Value::Array(merged));
    if let Some(inherited) = inherited {
        context.entry("attachments").or_insert(inherited);
    }
}
