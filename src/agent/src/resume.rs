//! What the answer to a tool wait means. Two kinds of wait, and each takes its own answers only: an approval takes
//! `{"approved": true|false}` (a JSON boolean, nothing that merely looks like one), a delegated batch takes results.

use std::collections::BTreeMap;

use model::{Code, Error, Map, Value, Wait};

use crate::plan::{Batch, PlannedCall};
use crate::result::{Outcome, entry, envelope, merged};

/// What to do after the answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Resumed {
    /// Execute these calls.
    Execute(Batch),
    /// This is the result of the effect.
    Result(Value),
}

/// Reads the answer to an approval or a delegated wait.
///
/// # Errors
/// [`Code::NotAnApproval`], saying what would be accepted.
pub fn resume_tools(wait: &Wait, payload: &Value) -> Result<Resumed, Error> {
    match wait.mode() {
        Some("approval_required") => approval(&pending(wait)?, payload),
        Some("delegated") => delegated(&pending(wait)?, payload),
        _ => Err(refused("the run does not wait for a decision about tool calls")),
    }
}

fn refused(why: impl Into<String>) -> Error {
    Error::new(Code::NotAnApproval, why)
}

/// The batch a wait speaks of. Waits made by other programs are read as well.
fn pending(wait: &Wait) -> Result<Batch, Error> {
    let empty = Map::new();
    let details = wait.details.as_ref().and_then(Value::as_object).unwrap_or(&empty);
    let listed = details.get("tool_calls").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let count = details.get("original_call_count").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let mut fixed = BTreeMap::new();
    for key in ["blocked_by_index", "pre_results_by_index"] {
        for (index, result) in details.get(key).and_then(Value::as_object).into_iter().flatten() {
            let index = index.parse::<usize>().map_err(|_| refused("the stored wait is damaged: cancel the run"))?;
            fixed.insert(index, result.clone());
        }
    }
    let total = count.unwrap_or(0).max(listed.len());
    if total > listed.len() + fixed.len() + 10_000 {
        return Err(refused("the stored wait is damaged: cancel the run"));
    }
    let places = (0..total).filter(|i| !fixed.contains_key(i));
    let calls = places.zip(listed).map(|(index, call)| planned(index, call)).collect();
    Ok(Batch { total, calls, fixed, approved: true })
}

fn planned(index: usize, call: &Value) -> PlannedCall {
    let text = |key: &str| call[key].as_str().unwrap_or_default().to_owned();
    PlannedCall {
        index,
        name: text("name"),
        arguments: call["arguments"].as_object().cloned().unwrap_or_default(),
        call_id: text("call_id"),
        runtime_call_id: text("runtime_call_id"),
    }
}

const APPROVAL: &str = "this wait is an approval: it takes {\"approved\": true} or {\"approved\": false, \"reason\": \"…\"} \
     (JSON booleans), or {\"approved_call_ids\": [\"…\"]} to let some of the calls run";

fn approval(batch: &Batch, payload: &Value) -> Result<Resumed, Error> {
    let decision = match payload.get("approved") {
        None => None,
        Some(Value::Bool(decision)) => Some(*decision),
        Some(_) => return Err(refused(APPROVAL)),
    };
    let chosen = match payload.get("approved_call_ids") {
        None | Some(Value::Null) => None,
        Some(Value::Array(ids)) => Some(chosen(batch, ids)?),
        Some(_) => return Err(refused(APPROVAL)),
    };
    let reason = match payload.get("reason") {
        None | Some(Value::Null) => "",
        Some(Value::String(reason)) => reason.trim(),
        Some(_) => return Err(refused(APPROVAL)),
    };
    match (decision, chosen) {
        (Some(false), None) => Ok(deny(batch, reason, &[])),
        (Some(true), None) => Ok(Resumed::Execute(batch.clone())),
        (Some(true) | None, Some(chosen)) => Ok(deny(batch, reason, &chosen)),
        (None, None) | (Some(false), Some(_)) => Err(refused(APPROVAL)),
    }
}

/// The indices of the named calls.
fn chosen(batch: &Batch, ids: &[Value]) -> Result<Vec<usize>, Error> {
    let mut indices = Vec::new();
    for id in ids {
        let id = id.as_str().ok_or_else(|| refused(APPROVAL))?;
        let named = |c: &&PlannedCall| c.runtime_call_id == id || c.call_id == id;
        let before = indices.len();
        indices.extend(batch.calls.iter().filter(named).map(|c| c.index));
        if indices.len() == before {
            return Err(refused(format!("no waiting call has the id '{id}'")));
        }
    }
    Ok(indices)
}

/// Refuses every call but the chosen ones.
fn deny(batch: &Batch, reason: &str, chosen: &[usize]) -> Resumed {
    let reason = if reason.is_empty() { "Denied by user" } else { reason };
    let mut batch = batch.clone();
    let (kept, denied): (Vec<_>, Vec<_>) = batch.calls.into_iter().partition(|c| chosen.contains(&c.index));
    batch.fixed.extend(denied.iter().map(|c| (c.index, c.result(&Outcome::failed(reason)))));
    batch.calls = kept;
    if batch.calls.is_empty() {
        return Resumed::Result(envelope(&merged(batch.total, &batch.fixed, [])));
    }
    Resumed::Execute(batch)
}

const DELEGATED: &str = "this wait belongs to a tool worker: it takes {\"mode\": \"executed\", \"results\": […]} with one \
     result object per waiting call, in order";

fn delegated(batch: &Batch, payload: &Value) -> Result<Resumed, Error> {
    let results = payload.get("results").and_then(Value::as_array);
    let executed = payload.get("mode").and_then(Value::as_str) == Some("executed");
    let results = results.filter(|r| executed && r.iter().all(Value::is_object)).ok_or_else(|| refused(DELEGATED))?;
    if results.len() > batch.calls.len() && results.len() != batch.total {
        return Err(refused(DELEGATED));
    }
    // A worker that answers for the whole batch keeps the positions; the refused calls stay refused all the same.
    let whole = results.len() == batch.total;
    let given = |place: usize, call: &PlannedCall| if whole { results.get(call.index) } else { results.get(place) };
    let filled = batch.calls.iter().enumerate().map(|(place, call)| match given(place, call) {
        Some(result) => completed(call, result),
        None => call.result(&Outcome::failed("Missing tool result")),
    });
    Ok(Resumed::Result(envelope(&merged(batch.total, &batch.fixed, filled))))
}

/// A worker's result, with the members an agent relies on filled in.
fn completed(call: &PlannedCall, result: &Value) -> Value {
    let stated = result.get("success").and_then(Value::as_bool);
    let outcome = Outcome {
        success: stated.unwrap_or_else(|| result.get("error").is_none_or(Value::is_null)),
        output: result.get("output").cloned().unwrap_or(Value::Null),
        error: result.get("error").and_then(Value::as_str).map(str::to_owned),
    };
    let mut value = entry(&call.call_id, &call.runtime_call_id, &call.name, &outcome);
    if let (Some(value), Some(result)) = (value.as_object_mut(), result.as_object()) {
        for (key, extra) in result {
            value.entry(key.clone()).or_insert_with(|| extra.clone());
        }
    }
    value
}

#[cfg(test)]
#[path = "resume_tests.rs"]
mod tests;
