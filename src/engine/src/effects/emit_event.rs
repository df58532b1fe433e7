//! Events: their keys and their envelopes (contract 03, section 8). Delivery is a row in each listener's mailbox, in the
//! same commit as the record that says so.

use model::workflow::PlanContext;
use model::{Map, Run, RunId, Value};
use serde_json::json;

use super::{Decided, text};

/// An event on its way.
#[derive(Clone, Debug)]
pub(crate) struct Emission {
    /// The key listeners wait on.
    pub key: String,
    /// The key of those who listen to everything in the scope.
    pub wildcard: String,
    /// What arrives.
    pub envelope: Value,
    name: String,
    scope: String,
}

impl Emission {
    /// The effect's result once it is known who gets it.
    pub(crate) fn result(&self, reached: &[RunId]) -> Value {
        let resumed: Vec<_> = reached.iter().map(|r| json!({"run_id": r, "status": "running"})).collect();
        json!({
            "wait_key": self.key, "name": self.name, "scope": self.scope,
            "delivered": reached.len(), "delivered_to": reached, "resumed": resumed,
        })
    }
}

pub(super) fn decide(run: &Run, payload: &Map, ctx: &PlanContext) -> Decided {
    let emitter = json!({"run_id": run.run_id, "workflow_id": run.workflow_id, "node_id": run.current_node});
    let own =
        Own { session: run.session_id.as_deref().unwrap_or(&run.run_id), workflow: &run.workflow_id, run: &run.run_id };
    match emission(payload, &own, emitter, Some(ctx.now.to_string())) {
        Ok(emission) => Decided::Emit(emission),
        Err(why) if why == MISSING_NAME => Decided::Fail("emit_event requires payload.name".into()),
        Err(why) => Decided::Fail(format!("emit_event invalid payload: {why}")),
    }
}

const MISSING_NAME: &str = "event name is required";

/// The scope ids of whoever emits.
pub(crate) struct Own<'a> {
    pub session: &'a str,
    pub workflow: &'a str,
    pub run: &'a str,
}

/// Builds an emission from a payload: an effect's, or a command's.
pub(crate) fn emission(
    payload: &Map,
    own: &Own<'_>,
    emitter: Value,
    emitted_at: Option<String>,
) -> Result<Emission, String> {
    let name = text(payload, &["name", "event_name"]).ok_or(MISSING_NAME)?;
    let scope = scope(payload)?;
    let session = text(payload, &["session_id", "sessionId"]);
    let target = match scope.as_str() {
        "session" => session.clone().unwrap_or_else(|| own.session.to_owned()),
        "workflow" => text(payload, &["workflow_id", "workflowId"]).unwrap_or_else(|| own.workflow.to_owned()),
        "run" => text(payload, &["run_id", "runId"]).unwrap_or_else(|| own.run.to_owned()),
        _ => "global".to_owned(),
    };
    if target.is_empty() {
        return Err(format!("missing scope id for scope='{scope}'"));
    }
    let body = match payload.get("payload") {
        None | Some(Value::Null) => json!({}),
        Some(object @ Value::Object(_)) => object.clone(),
        Some(other) => json!({ "value": other }),
    };
    let emitted_at = text(payload, &["emitted_at"]).or(emitted_at);
    let envelope = json!({
        "event_id": payload.get("event_id").cloned().unwrap_or(Value::Null),
        "name": name, "scope": scope,
        "session_id": session.unwrap_or_else(|| own.session.to_owned()),
        "payload": body, "emitted_at": emitted_at, "emitter": emitter,
    });
    Ok(Emission {
        key: format!("evt:{scope}:{target}:{name}"),
        wildcard: format!("evt:{scope}:{target}:*"),
        envelope,
        name,
        scope,
    })
}

fn scope(payload: &Map) -> Result<String, String> {
    let scope = text(payload, &["scope"]).unwrap_or_else(|| "session".into()).to_ascii_lowercase();
    match scope.as_str() {
        "session" | "workflow" | "run" | "global" => Ok(scope),
        other => Err(format!("unknown event scope: '{other}'")),
    }
}

/// The key a listener waits on.
pub(crate) fn event_key(run: &Run, payload: &Map, name: &str) -> Result<String, String> {
    let scope = scope(payload)?;
    let target = match scope.as_str() {
        "session" => text(payload, &["session_id", "sessionId"])
            .or_else(|| run.session_id.clone())
            .unwrap_or_else(|| run.run_id.to_string()),
        "workflow" => run.workflow_id.clone(),
        "run" => run.run_id.to_string(),
        _ => "global".into(),
    };
    Ok(format!("evt:{scope}:{target}:{name}"))
}
