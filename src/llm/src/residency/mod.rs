//! Which models a server holds in memory, and holding or dropping one (contract 03, section 6.3; contract 05, section 18).
//!
//! Only what a server says of itself counts: a load is a success when the server then lists the model. A server that
//! cannot say is no failure of the flow and no success either: the result is `ok: false, degraded: true` with the reason,
//! unless the caller requires it.
//!
//! May not know flows. The invariant: doing an operation twice is doing it once.

mod servers;
#[cfg(test)]
mod tests;

use model::{Map, Value};
use serde_json::json;
use std::time::Duration;

use crate::call::CallContext;
use crate::error::{CallError, ErrorKind};
use crate::providers::PROVIDERS;
use crate::route::{self, Route, Wanted};
use servers::{Held, Server};

const TEXT: &str = "text_generation";

/// What is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    List,
    Load,
    Unload,
}

impl Operation {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "" | "list" | "loaded" | "list_loaded" | "list_models" | "loaded_models" => Self::List,
            "load" | "warm" | "preload" => Self::Load,
            "unload" | "release" | "evict" => Self::Unload,
            _ => return None,
        })
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::List => "list_loaded",
            Self::Load => "load",
            Self::Unload => "unload",
        }
    }
}

/// Why an operation did not happen.
struct Refusal {
    text: String,
    /// The model is not there: for an unload that is as good as done.
    missing: bool,
}

impl From<String> for Refusal {
    fn from(text: String) -> Self {
        Self { text, missing: false }
    }
}

impl From<CallError> for Refusal {
    fn from(error: CallError) -> Self {
        Self { missing: error.status == Some(404), text: error.message }
    }
}

/// Does what a `model_residency` payload asks for.
///
/// # Errors
/// The payload requires the operation and it did not happen, or the call was given up.
pub async fn residency(ctx: &CallContext<'_>, payload: &Map) -> Result<Value, CallError> {
    let asked = Asked::read(payload);
    let word = text(payload, "operation").to_lowercase().replace('-', "_");
    let operation = Operation::read(&word);
    let done = match operation {
        None => Err(Refusal::from(format!("Unsupported model_residency operation: '{word}'"))),
        Some(operation) => asked.perform(ctx, operation).await,
    };
    if ctx.cancel.is_cancelled() {
        return Err(CallError::cancelled());
    }
    let name = operation.map_or(word.as_str(), |operation| operation.as_str());
    match done {
        Ok(result) => Ok(result),
        Err(refusal) if asked.required => Err(CallError::new(ErrorKind::Refused, refusal.text)),
        Err(refusal) if operation == Some(Operation::Unload) && refusal.missing => Ok(json!({
            "ok": true, "success": true, "operation": name, "unloaded": false, "affected_models": [],
            "warnings": [refusal.text],
        })),
        Err(refusal) => Ok(json!({
            "ok": false, "success": false, "operation": name, "affected_models": [], "error": refusal.text,
            "warnings": [refusal.text], "status_hint": "warning", "degraded": true,
        })),
    }
}

/// The payload.
struct Asked {
    task: String,
    provider: Option<String>,
    model: Option<String>,
    base_url: Option<String>,
    api_key: Option<String>,
    timeout: Option<Duration>,
    pin: bool,
    required: bool,
}

fn text<'p>(payload: &'p Map, key: &str) -> &'p str {
    payload.get(key).and_then(Value::as_str).unwrap_or_default().trim()
}

impl Asked {
    fn read(payload: &Map) -> Self {
        let given = |key: &str| Some(text(payload, key)).filter(|t| !t.is_empty()).map(str::to_owned);
        let flag = |key: &str, default| payload.get(key).and_then(Value::as_bool).unwrap_or(default);
        // `local:<task>:<provider>:<model>` names what a list has shown.
        let id = given("runtime_id");
        let mut parts = id.as_deref().unwrap_or_default().splitn(4, ':').skip(1).map(str::to_owned);
        let (task, provider, model) = (parts.next(), parts.next(), parts.next());
        let seconds = payload.get("timeout_s").and_then(Value::as_f64);
        Self {
            task: given("task").or(task).unwrap_or_default(),
            provider: given("provider").or(provider),
            model: given("model").or(model),
            base_url: given("base_url"),
            api_key: given("provider_api_key").or_else(|| given("api_key")),
            timeout: seconds.filter(|s| *s > 0.0).and_then(|s| Duration::try_from_secs_f64(s).ok()),
            pin: flag("pin", true),
            required: flag("required", false),
        }
    }

    async fn perform(&self, ctx: &CallContext<'_>, operation: Operation) -> Result<Value, Refusal> {
        self.check_task(operation)?;
        if operation == Operation::List && self.provider.is_none() {
            return self.list_local(ctx).await;
        }
        let route = self.route(ctx, operation)?;
        let server = Server::of(ctx, &route, self.timeout).ok_or_else(|| unable(&route))?;
        match operation {
            Operation::List => {
                let held = server.held().await?;
                Ok(listed(self.records(&route, held), &[]))
            }
            Operation::Load => self.load(&server, &route).await,
            Operation::Unload => self.unload(&server, &route).await,
        }
    }

    /// Text is the only task that the servers spoken to here are asked for.
    fn check_task(&self, operation: Operation) -> Result<(), String> {
        let task = self.task.to_lowercase();
        match task.as_str() {
            "" if operation == Operation::Load => Err("model_residency load requires payload.task".into()),
            "" | "*" | "all" | TEXT | "text" | "llm" | "chat" => Ok(()),
            _ => Err(format!("Unsupported local capability residency task: '{task}'")),
        }
    }

    fn route(&self, ctx: &CallContext<'_>, operation: Operation) -> Result<Route, CallError> {
        let any_model = (operation == Operation::List).then_some("-");
        let wanted = Wanted {
            provider: self.provider.as_deref(),
            model: self.model.as_deref().or(any_model),
            base_url: self.base_url.as_deref(),
            api_key: self.api_key.as_deref(),
        };
        route::resolve(wanted, ctx.default, ctx.env)
    }

    /// Every server on this machine that is there.
    async fn list_local(&self, ctx: &CallContext<'_>) -> Result<Value, Refusal> {
        let (mut records, mut silent, mut heard) = (Vec::new(), Vec::new(), false);
        for row in PROVIDERS.iter().filter(|row| row.local) {
            let wanted = Wanted { provider: Some(row.id), model: Some("-"), ..Wanted::default() };
            let route = route::resolve(wanted, None, ctx.env)?;
            let Some(server) = Server::of(ctx, &route, self.timeout) else { continue };
            match server.held().await {
                Ok(held) => {
                    heard = true;
                    records.append(&mut self.records(&route, held));
                }
                Err(error) => silent.push(error.message),
            }
        }
        if heard { Ok(listed(records, &silent)) } else { Err(silent.join("; ").into()) }
    }

    /// What a list shows: the model that is asked for, or all.
    fn records(&self, route: &Route, held: Vec<Held>) -> Vec<Value> {
        let wanted = |held: &Held| self.model.as_deref().is_none_or(|model| held.is(model));
        held.iter().filter(|h| wanted(h)).map(|h| record(route, &h.model, Some(h), self.is_default(route))).collect()
    }

    fn is_default(&self, route: &Route) -> bool {
        route.is_default
    }

    async fn load(&self, server: &Server<'_>, route: &Route) -> Result<Value, Refusal> {
        let before = server.held().await?;
        let was_there = before.iter().any(|h| h.is(&route.model));
        // A server that pins takes the wish again; one that does not would load a second copy.
        if !was_there || server.pins() {
            server.load(self.pin).await?;
        }
        let held = server.held().await?;
        let Some(held) = held.iter().find(|h| h.is(&route.model)) else {
            return Err(format!("{} does not list '{}' after loading it", route.provider.label, route.model).into());
        };
        let mut record = record(route, &route.model, Some(held), route.is_default);
        record["pinned"] = (self.pin && server.pins()).into();
        let mut result = json!({
            "ok": true, "success": true, "operation": "load", "task": TEXT, "provider": route.provider_id,
            "model": route.model, "loaded_new": !was_there, "runtime": record,
            "affected_models": [affected(&record, "load", "loaded", !was_there)],
        });
        if self.pin && !server.pins() {
            let why = format!("{} decides by itself how long a model stays loaded", route.provider.label);
            result["warnings"] = json!([why]);
        }
        Ok(result)
    }

    async fn unload(&self, server: &Server<'_>, route: &Route) -> Result<Value, Refusal> {
        let held: Vec<Held> = server.held().await?.into_iter().filter(|h| h.is(&route.model)).collect();
        if held.is_empty() {
            let text = format!("'{}' is not loaded by {}", route.model, route.provider.label);
            return Err(Refusal { text, missing: true });
        }
        for one in &held {
            server.unload(one).await?;
        }
        if server.held().await?.iter().any(|h| h.is(&route.model)) {
            return Err(format!("{} still lists '{}' after unloading it", route.provider.label, route.model).into());
        }
        let record = record(route, &route.model, None, route.is_default);
        Ok(json!({
            "ok": true, "success": true, "operation": "unload", "task": TEXT, "provider": route.provider_id,
            "model": route.model, "unloaded": true, "runtime": record,
            "affected_models": [affected(&record, "unload", "unloaded", true)],
        }))
    }
}

fn unable(route: &Route) -> String {
    format!(
        "{} neither says which models are loaded nor loads them on demand; only Ollama and LM Studio do",
        route.provider.label
    )
}

fn listed(records: Vec<Value>, warnings: &[String]) -> Value {
    let affected: Vec<Value> = records.iter().map(|r| affected(r, "list_loaded", "listed", false)).collect();
    let mut result = json!({
        "ok": true, "success": true, "operation": "list_loaded", "models": records, "affected_models": affected,
    });
    if !warnings.is_empty() {
        result["warnings"] = json!(warnings);
    }
    result
}

fn record(route: &Route, model: &str, held: Option<&Held>, default: bool) -> Value {
    let loaded = held.is_some();
    let state = if loaded { "provider_loaded" } else { "provider_not_loaded" };
    let mut record = json!({
        "task": TEXT, "provider": route.provider_id, "model": model,
        "runtime_id": format!("local:{TEXT}:{}:{model}", route.provider_id),
        "resident": loaded, "loaded": loaded, "state": state, "pinned": held.is_some_and(|h| h.pinned),
        "default": default, "source": "provider", "isolation": "provider", "provider_residency_verified": true,
        "provider_resident": loaded, "provider_residency_source": route.provider.id, "provider_state": state,
    });
    if let Some(held) = held.filter(|h| !h.instances.is_empty()) {
        record["provider_instance_ids"] = json!(held.instances);
    }
    record
}

fn affected(record: &Value, operation: &str, action: &str, changed: bool) -> Value {
    let keys = ["task", "provider", "model", "runtime_id", "resident", "loaded", "state"];
    let mut affected: Map = keys.into_iter().map(|key| (key.to_owned(), record[key].clone())).collect();
    affected.insert("operation".into(), operation.into());
    affected.insert("action".into(), action.into());
    affected.insert("changed".into(), changed.into());
    Value::Object(affected)
}
