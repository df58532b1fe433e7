//! The `tool_calls` effect before anything is executed: each call is refused or made ready, and the batch is done,
//! executed, or put before somebody (contract 07, sections 2.6 to 2.10).
//!
//! The invariant: a refused call's arguments never reach a wait, and what a wait shows is what will be executed.

use std::collections::BTreeMap;

use model::step::runtime_call_id;
use model::{Map, Value, Wait, WaitReason};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::mode::{ToolMode, is_auto_approved};
use crate::result::{Outcome, entry, envelope, merged};
use crate::tools::{self, ToolPolicy};
use crate::workspace::Workspace;

/// What planning needs to know.
#[derive(Clone, Debug)]
pub struct PlanInput<'a> {
    /// The run's variables: the workspace keys are read.
    pub vars: &'a Map,
    /// The effect's payload.
    pub payload: &'a Map,
    /// The step's idempotency key.
    pub key: &'a str,
    /// The run.
    pub run_id: &'a str,
    /// The node.
    pub node_id: &'a str,
    /// 32 hex digits for the key of an approval wait.
    pub wait_hex: &'a str,
    /// Who may let tools run.
    pub mode: ToolMode,
    /// The operator's limits.
    pub policy: &'a ToolPolicy,
    /// Results the engine has already, by index: of tools it owns ([`engine_owned`]), or of an attachment that answers
    /// for a path the workspace refuses. They win over anything decided here.
    pub pre_results: BTreeMap<usize, Value>,
}

/// A call that is ready to be executed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedCall {
    /// Its place among the calls of the effect.
    pub index: usize,
    /// The tool.
    pub name: String,
    /// Arguments, paths resolved.
    pub arguments: Map,
    /// The caller's id for it.
    pub call_id: String,
    /// Our id for it.
    pub runtime_call_id: String,
}

impl PlannedCall {
    pub(crate) fn shown(&self) -> Value {
        json!({
            "name": self.name, "arguments": self.arguments, "call_id": self.call_id,
            "runtime_call_id": self.runtime_call_id,
        })
    }

    pub(crate) fn result(&self, outcome: &Outcome) -> Value {
        entry(&self.call_id, &self.runtime_call_id, &self.name, outcome)
    }
}

/// Calls to execute, and the results that stand already.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// How many calls the effect had.
    pub total: usize,
    /// The calls to execute.
    pub calls: Vec<PlannedCall>,
    /// Results that stand already, by index.
    pub fixed: BTreeMap<usize, Value>,
    /// Whether a person, or the operator's mode, let these calls run: they may then do what an unasked call may not.
    pub approved: bool,
}

/// What to do with the effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Nothing is left to execute: the result.
    Done(Value),
    /// Execute.
    Execute(Batch),
    /// Ask a person (`reason: user`).
    Approve(Wait),
    /// Leave it to a worker (`reason: job`).
    Delegate(Wait),
}

/// A planned effect.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolPlan {
    /// The payload as the ledger shows it: runtime ids added, the allowlist sorted, arguments as the model wrote them.
    pub payload: Map,
    /// Lines for `_flow_warnings`.
    pub warnings: Vec<String>,
    /// What to do.
    pub verdict: Verdict,
}

/// Plans a `tool_calls` effect.
///
/// # Errors
/// The text the effect fails with: no list of calls, or a workspace that cannot be used.
pub fn plan_tools(input: PlanInput<'_>) -> Result<ToolPlan, String> {
    let raw = raw_calls(input.payload)?;
    let workspace = Workspace::from_vars(input.vars, &input.policy.base_dir, input.policy.home.as_deref())?;
    let allowed = allowlist(input.payload);
    let mut calls = Vec::new();
    let mut fixed = BTreeMap::new();
    for (index, value) in raw.iter().enumerate() {
        match ready(index, value, &input, allowed.as_deref(), workspace.as_ref()) {
            _ if input.pre_results.contains_key(&index) => {}
            Ok(call) => calls.push(call),
            Err(refused) => {
                fixed.insert(index, refused);
            }
        }
    }
    let payload = shown_payload(&input, raw, allowed.as_deref());
    let warnings = id_warnings(raw, input.node_id);
    let verdict = decide(&input, raw, calls, fixed);
    Ok(ToolPlan { payload, warnings, verdict })
}

/// Calls of tools that the engine answers itself (`open_attachment`), if the allowlist lets them through: their index
/// and what they ask. Their results go into [`PlanInput::pre_results`].
#[must_use]
pub fn engine_owned(payload: &Map) -> Vec<(usize, Map)> {
    let allowed = allowlist(payload);
    let calls = payload.get("tool_calls").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let owned = |call: &Value| {
        let name = call["name"].as_str()?.trim();
        let open = allowed.as_ref().is_none_or(|a| a.iter().any(|n| n == name));
        (name == "open_attachment" && open).then(|| arguments(call).unwrap_or_default())
    };
    calls.iter().enumerate().filter_map(|(i, call)| Some((i, owned(call)?))).collect()
}

fn raw_calls(payload: &Map) -> Result<&Vec<Value>, String> {
    let list = payload.get("tool_calls").and_then(Value::as_array);
    list.ok_or_else(|| "tool_calls requires payload.tool_calls (list)".to_owned())
}

/// The enforced names; an empty list lets nothing through, no list lets everything through.
fn allowlist(payload: &Map) -> Option<Vec<String>> {
    let list = payload.get("allowed_tools")?.as_array()?;
    let mut names: Vec<_> = list.iter().filter_map(|v| Some(v.as_str()?.trim().to_owned())).collect();
    names.retain(|n| !n.is_empty());
    names.sort();
    names.dedup();
    Some(names)
}

fn arguments(call: &Value) -> Option<Map> {
    match call.get("arguments") {
        None | Some(Value::Null) => Some(Map::new()),
        Some(Value::Object(map)) => Some(map.clone()),
        Some(Value::String(text)) if text.trim().is_empty() => Some(Map::new()),
        Some(Value::String(text)) => model::json::parse(text).ok()?.as_object().cloned(),
        Some(_) => None,
    }
}

fn call_id(call: &Value) -> Option<String> {
    match call.get("call_id")? {
        Value::String(id) if !id.trim().is_empty() => Some(id.trim().to_owned()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// A call made ready, or the result of a refused one.
fn ready(
    index: usize,
    call: &Value,
    input: &PlanInput<'_>,
    allowed: Option<&[String]>,
    workspace: Option<&Workspace>,
) -> Result<PlannedCall, Value> {
    let runtime_id = runtime_call_id(input.key, index + 1);
    let id = call_id(call).unwrap_or_else(|| runtime_id.clone());
    let name = call["name"].as_str().unwrap_or_default().trim().to_owned();
    let refuse = |id: &str, why: String| Err(entry(id, &runtime_id, &name, &Outcome::failed(why)));
    if !call.is_object() {
        return refuse("", "Invalid tool call (expected an object)".into());
    }
    if name.is_empty() {
        return refuse(&id, "Tool call missing a valid name".into());
    }
    if allowed.is_some_and(|a| !a.contains(&name)) {
        return refuse(&id, format!("Tool '{name}' is not allowed for this node"));
    }
    if name == "open_attachment" {
        return refuse(&id, "Tool 'open_attachment' is not available here".into());
    }
    let Some(arguments) = arguments(call) else {
        return refuse(&id, "Invalid tool call (arguments must be a JSON object)".into());
    };
    let mut arguments = tools::canonical_arguments(&name, arguments);
    if let Some(Err(why)) = workspace.map(|w| w.rewrite(&name, &mut arguments)) {
        return refuse(&id, why);
    }
    Ok(PlannedCall { index, name, arguments, call_id: id, runtime_call_id: runtime_id })
}

fn shown_payload(input: &PlanInput<'_>, raw: &[Value], allowed: Option<&[String]>) -> Map {
    let mut payload = input.payload.clone();
    let calls = raw.iter().enumerate().map(|(i, call)| match call {
        Value::Object(call) => {
            let mut call = call.clone();
            let runtime_id = runtime_call_id(input.key, i + 1);
            if call_id(&Value::Object(call.clone())).is_none() {
                call.insert("call_id".into(), json!(runtime_id));
            }
            call.insert("runtime_call_id".into(), json!(runtime_id));
            Value::Object(call)
        }
        other => other.clone(),
    });
    payload.insert("tool_calls".into(), calls.collect());
    if let Some(names) = allowed {
        payload.insert("allowed_tools".into(), json!(names));
    }
    payload
}

fn id_warnings(raw: &[Value], node_id: &str) -> Vec<String> {
    let mut warnings = Vec::new();
    let missing = raw.iter().filter(|c| c.is_object() && call_id(c).is_none()).count();
    if missing > 0 {
        warnings.push(format!("#WARN: TOOL_CALLS missing call_id at node '{node_id}' (count={missing})"));
    }
    let ids: Vec<_> = raw.iter().filter_map(call_id).collect();
    let mut twice: Vec<&str> = Vec::new();
    for (i, id) in ids.iter().enumerate() {
        if ids[..i].contains(id) && !twice.contains(&id.as_str()) {
            twice.push(id);
        }
    }
    if !twice.is_empty() {
        let shown = twice[..twice.len().min(5)].join(", ");
        warnings.push(format!("#WARN: TOOL_CALLS duplicate call_id at node '{node_id}' (ids={shown})"));
    }
    warnings
}

fn decide(input: &PlanInput<'_>, raw: &[Value], calls: Vec<PlannedCall>, blocked: BTreeMap<usize, Value>) -> Verdict {
    let mut fixed = blocked.clone();
    fixed.extend(input.pre_results.iter().filter(|(i, _)| **i < raw.len()).map(|(i, r)| (*i, r.clone())));
    if calls.is_empty() {
        return Verdict::Done(envelope(&merged(raw.len(), &fixed, [])));
    }
    let free = calls.iter().all(|c| is_auto_approved(input.mode, &c.name, &c.arguments, input.policy));
    if free {
        let approved = input.mode == ToolMode::Local;
        return Verdict::Execute(Batch { total: raw.len(), calls, fixed, approved });
    }
    let delegated = input.mode == ToolMode::Delegated;
    let mut details = Map::new();
    details.insert("mode".into(), json!(if delegated { "delegated" } else { "approval_required" }));
    details.insert("tool_calls".into(), calls.iter().map(PlannedCall::shown).collect());
    if !delegated {
        details.insert("executor".into(), json!({"kind": "tool_approval", "policy": input.mode.policy()}));
    }
    if !fixed.is_empty() {
        add_positions(&mut details, input, raw, &calls, &blocked);
    }
    let mut wait = Wait::new(if delegated { WaitReason::Job } else { WaitReason::User });
    wait.wait_key = Some(wait_key(input, delegated));
    wait.details = Some(Value::Object(details));
    if delegated { Verdict::Delegate(wait) } else { Verdict::Approve(wait) }
}

fn wait_key(input: &PlanInput<'_>, delegated: bool) -> String {
    if !delegated {
        return format!("tool_approval:{}", input.wait_hex);
    }
    let own = input.payload.get("wait_key").and_then(Value::as_str).map(str::trim).filter(|k| !k.is_empty());
    own.map_or_else(|| format!("tool_calls:{}:{}", input.run_id, input.node_id), str::to_owned)
}

/// What the wait must remember of the calls it does not list.
fn add_positions(
    details: &mut Map,
    input: &PlanInput<'_>,
    raw: &[Value],
    calls: &[PlannedCall],
    blocked: &BTreeMap<usize, Value>,
) {
    let by_index = |results: &BTreeMap<usize, Value>| -> Value {
        results.iter().filter(|(i, _)| **i < raw.len()).map(|(i, r)| (i.to_string(), r.clone())).collect()
    };
    details.insert("original_call_count".into(), json!(raw.len()));
    if blocked.keys().any(|i| !input.pre_results.contains_key(i)) {
        details.insert("blocked_by_index".into(), by_index(blocked));
    }
    if !input.pre_results.is_empty() {
        details.insert("pre_results_by_index".into(), by_index(&input.pre_results));
    }
    let evidence = (0..raw.len()).map(|i| match calls.iter().find(|c| c.index == i) {
        Some(call) => call.shown(),
        None => json!({
            "name": raw[i]["name"].as_str().unwrap_or_default(), "arguments": {},
            "call_id": call_id(&raw[i]).unwrap_or_default(), "runtime_call_id": runtime_call_id(input.key, i + 1),
        }),
    });
    details.insert("tool_calls_for_evidence".into(), evidence.collect());
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
