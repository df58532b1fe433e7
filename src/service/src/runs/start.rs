//! Starting a run (contract 02, section 4.1): the workflow is resolved, the workspace made, and the engine admits run,
//! session and first steps in one commit.

use std::sync::Arc;

use flow::registry::{StartErrorKind, Target, resolve_start};
use model::api::runs::{RunStarted, StartRun};
use model::{Code, Error, Map, Run, RunId, RunStatus, Timestamp, Value};
use serde_json::json;
use store::StartKey;

use crate::planes::Plane;
use crate::{Answer, Call, Handle, Services, clock};

impl Handle<StartRun> for Services {
    async fn handle(&self, call: Call, input: StartRun) -> Result<Answer<RunStarted>, Error> {
        let plane = self.plane(&call.principal).await?;
        let workflow_id = resolve(&plane, &input)?;
        crate::bundles::refuse_deprecated(&plane, &workflow_id).await?;
        let start_key = start_key(&input)?;
        let now = clock::now();
        let run_id = RunId::from(uuid::Uuid::new_v4().to_string());
        let mut vars = input.input_data;
        tidy_private(&mut vars, input.thinking);
        lifecycle(&mut vars, input.run_lifecycle);
        let workspace = workspace(&plane, &run_id, now).await?;
        vars.insert("workspace_root".into(), workspace.into());
        let Some(workflow) = plane.workflows.get(&workflow_id) else {
            return Err(Error::new(Code::WorkflowNotFound, format!("Workflow '{workflow_id}' not found")));
        };
        let mut run = Run::new(run_id.clone(), workflow_id, workflow.entry().to_owned(), vars, now);
        let session = input.session_id.map(|s| s.trim().to_owned()).filter(|s| !s.is_empty());
        run.session_id = Some(session.clone().unwrap_or_else(|| run_id.to_string()));
        let start_key = start_key.map(|(key, fingerprint)| StartKey { key, fingerprint, run_id });
        let fingerprint = start_key.as_ref().map(|k| k.fingerprint.clone());
        let session_owner = session.map(|s| session_owner(&s, now));
        let admission = engine::Admission { run, listeners: Vec::new(), session_owner, start_key };
        let started = plane.engine.start(admission).await?;
        if started.before.is_some() && started.before != fingerprint {
            return Err(Error::new(
                Code::IdempotencyMismatch,
                "this Idempotency-Key came before with another request: use a new key for a new run",
            ));
        }
        Ok(RunStarted { run_id: started.run_id }.into())
    }
}

/// The workflow a request means.
fn resolve(plane: &Plane, input: &StartRun) -> Result<String, Error> {
    let scope = input.registry_scope.as_deref().map(|s| s.trim().to_lowercase()).unwrap_or_default();
    if !matches!(scope.as_str(), "" | "private") {
        return Err(Error::new(Code::Unsupported, format!("Unsupported registry_scope: {scope}")));
    }
    let filled = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let (bundle, version, flow) = (filled(&input.bundle_id), filled(&input.bundle_version), filled(&input.flow_id));
    if bundle.is_none() && flow.is_none() {
        let text = "flow_id is required (or provide bundle_id to start a bundle entrypoint)";
        return Err(Error::new(Code::BadRequest, text));
    }
    let set = plane.library.set();
    let is_plain = flow.as_ref().is_some_and(|f| !f.contains(':'));
    let bundle = bundle.or_else(|| set.default_bundle_id().filter(|_| is_plain).map(str::to_owned));
    let manifests = set.manifests();
    let target = resolve_start(&manifests, bundle.as_deref(), version.as_deref(), flow.as_deref());
    let target = target.map_err(|e| match e.kind {
        StartErrorKind::NotFound => Error::new(Code::WorkflowNotFound, e.text),
        StartErrorKind::BadRequest => Error::new(Code::BadRequest, format!("Failed to start run: {}", e.text)),
    })?;
    match target {
        Target::Dynamic(workflow_id) => Ok(workflow_id),
        Target::Flow { bundle_id, bundle_version, flow_id, workflow_id } => {
            let loaded = set.get(&bundle_id, &bundle_version);
            if let Some((code, text)) = loaded.and_then(|b| b.broken.get(&flow_id)) {
                return Err(Error::new(Code::WorkflowInvalid, text.clone()).with("reason_code", code.clone()));
            }
            Ok(workflow_id)
        }
    }
}

/// The key and a hash of the request it came with.
fn start_key(input: &StartRun) -> Result<Option<(String, String)>, Error> {
    use sha2::{Digest as _, Sha256};
    let Some(key) = input.idempotency_key.as_deref().map(str::trim).filter(|k| !k.is_empty()) else { return Ok(None) };
    let body = serde_json::to_value(input).map_err(|e| Error::internal(e.to_string()))?;
    let fingerprint = hex::encode(Sha256::digest(model::json::canonical(&body)));
    Ok(Some((key.to_owned(), fingerprint)))
}

/// Clients do not write the engine's own state.
fn tidy_private(vars: &mut Map, thinking: Option<Value>) {
    vars.retain(|key, _| {
        !matches!(key.as_str(), "_temp" | "_flow_error" | "_flow_error_node" | "_last_output" | "_meta")
    });
    let runtime = model::run::object_at(vars, "_runtime");
    runtime
        .retain(|key, _| !matches!(key.as_str(), "workflow_policy" | "control" | "node_traces" | "workflow_snapshot"));
    let thinking = thinking.map(|t| t.as_str().map_or(t.clone(), |s| s.trim().into()));
    if let Some(thinking) = thinking.filter(|t| t.is_boolean() || t.as_str().is_some_and(|s| !s.is_empty())) {
        runtime.insert("thinking".into(), thinking);
    }
}

const LIFECYCLE_TEXTS: [&str; 8] =
    ["source", "purpose", "visibility", "run_mode", "editor_session_id", "flow_id", "bundle_id", "bundle_version"];

/// `_run_lifecycle`: known keys only, trimmed and cut (contract 02, 2.5).
fn lifecycle(vars: &mut Map, given: Option<Map>) {
    let own = vars.shift_remove("_run_lifecycle").and_then(|l| l.as_object().cloned());
    let Some(given) = given.or(own) else { return };
    let text = |v: &Value| v.as_str().map(|t| t.trim().chars().take(240).collect::<String>()).filter(|t| !t.is_empty());
    let mut clean = Map::new();
    for key in LIFECYCLE_TEXTS {
        clean.extend(given.get(key).and_then(text).map(|t| (key.to_owned(), t.into())));
    }
    let mut retention = Map::new();
    for key in ["mode", "expires_at"] {
        retention
            .extend(given.get("retention").and_then(|r| r.get(key)).and_then(text).map(|t| (key.to_owned(), t.into())));
    }
    let ttl = given.get("retention").and_then(|r| r.get("ttl_s"));
    let ttl = ttl.and_then(|t| t.as_i64().or_else(|| t.as_str()?.trim().parse().ok())).filter(|t| *t > 0);
    retention.extend(ttl.map(|t| ("ttl_s".to_owned(), t.into())));
    if !retention.is_empty() {
        clean.insert("retention".into(), Value::Object(retention));
    }
    if !clean.is_empty() {
        vars.insert("_run_lifecycle".into(), Value::Object(clean));
    }
}

/// A fresh workspace of the plane, marked as ours.
async fn workspace(plane: &Arc<Plane>, run_id: &RunId, now: Timestamp) -> Result<String, Error> {
    let folder = plane.data_dir.join("workspaces").join(uuid::Uuid::new_v4().simple().to_string());
    let marker = json!({"owner": "abstractgateway", "kind": "run_workspace", "run_id": run_id, "created_at": now});
    let text = model::json::write(&marker, model::json::Layout::PRETTY);
    let made = folder.clone();
    let outcome = tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(&made)?;
        std::fs::write(made.join(".abstractgateway-workspace.json"), text)
    });
    let outcome = outcome.await.map_err(|e| Error::internal(e.to_string()))?;
    outcome.map_err(|e| {
        let text = format!("the workspace '{}' cannot be made: {e}", folder.display());
        Error::new(Code::StorageUnavailable, text)
    })?;
    Ok(folder.to_string_lossy().into_owned())
}

/// The run that owns a session's memory and attachments (contract 02, 4.1.3).
fn session_owner(session_id: &str, now: Timestamp) -> Run {
    let id = model::id::session_owner_run_id(session_id);
    let vars = json!({"context": {"task": "", "messages": []}, "scratchpad": {}, "_runtime": {"memory_spans": []}, "_temp": {}, "_limits": {}});
    let vars = vars.as_object().cloned().unwrap_or_default();
    let mut run = Run::new(RunId::from(id), "__session_memory__".into(), "done".into(), vars, now);
    run.status = RunStatus::Completed;
    run.output = Some(json!({"messages": []}));
    run.actor_id = None;
    run.session_id = Some(session_id.to_owned());
    run
}
