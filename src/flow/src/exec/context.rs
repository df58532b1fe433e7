//! The run's conversation as nodes hand it on: `vars.context` (contract 03, section 2), and the keys of a node that ask for
//! memory.

use std::collections::HashSet;

use model::{Map, Run, Value};

use super::Step;
use super::inputs::Payload;
use crate::python::boolish;

/// Whether a message is a system message.
pub(super) fn is_system(message: &Value) -> bool {
    message.get("role").and_then(Value::as_str) == Some("system")
}

/// The messages of a context object.
pub(super) fn messages(context: Option<&Value>) -> &[Value] {
    context.and_then(|c| c.get("messages")).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The run's conversation as a model sees it: system messages first, then the last `_limits.max_history_messages` others.
pub(super) fn active_messages(run: &Run) -> Vec<Value> {
    let (mut active, others): (Vec<Value>, Vec<Value>) =
        messages(run.vars.get("context")).iter().filter(|m| m.is_object()).cloned().partition(is_system);
    let limit = run.vars.get("_limits").and_then(|l| l.get("max_history_messages")).and_then(Value::as_i64);
    let keep = limit.and_then(|n| usize::try_from(n).ok()).unwrap_or(others.len());
    active.extend(others.iter().skip(others.len().saturating_sub(keep)).cloned());
    active
}

/// Child system, parent system, parent others, child others; each message id once.
pub(super) fn merge_messages(child: &[Value], parent: &[Value]) -> Vec<Value> {
    let mut seen = HashSet::new();
    let system = child.iter().filter(|m| is_system(m)).chain(parent.iter().filter(|m| is_system(m)));
    let others = parent.iter().filter(|m| !is_system(m)).chain(child.iter().filter(|m| !is_system(m)));
    let id = |m: &Value| m.get("metadata").and_then(|d| d.get("message_id")).and_then(Value::as_str).map(str::to_owned);
    system.chain(others).filter(|m| id(m).is_none_or(|id| seen.insert(id))).cloned().collect()
}

/// A memory key of a node: its own pin, or a member of the `memory` object.
pub(super) fn memory_key<'p>(payload: &'p Payload, key: &str) -> Option<&'p Value> {
    payload.given(key).or_else(|| payload.given("memory")?.get(key)).filter(|v| !v.is_null())
}

impl Step<'_> {
    /// Says what the node asks of memory that is not read in this version.
    pub(super) fn warn_of_memory(&self, run: &mut Run) {
        let asked: Vec<&str> = ["use_span_memory", "use_kg_memory", "use_semantic_search"]
            .into_iter()
            .filter(|key| memory_key(&self.payload, key).is_some_and(boolish))
            .collect();
        if !asked.is_empty() {
            let node = &self.node().id;
            let asked = asked.join(", ");
            run.warn(format!("#FALLBACK {node}: {asked} is not available in this version; going on without it"));
        }
    }
}

/// Attachments of a context object.
pub(super) fn attachments(context: Option<&Value>) -> Option<&Value> {
    context.and_then(|c| c.get("attachments")).filter(|a| a.is_array())
}

/// An object of named members; absent ones are left out.
pub(super) fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Map {
    members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}
