//! Starting a run (contract 02, section 4.1): what the client sent is checked and cut down to what it may say, files are
//! made, and the engine admits run, listeners, session and first steps in one commit.
//!
//! The one invariant: nothing of a start that failed is left, and nothing is read from a bundle: what a flow needs was
//! worked out when it was loaded.

mod chosen;
mod files;
mod lifecycle;
mod media;
mod references;

use model::api::runs::{RunStarted, StartRun};
use model::error::Issue;
use model::{Code, Error, Map, Run, RunId, RunStatus, Timestamp, Value};
use serde_json::json;
use store::StartKey;

use crate::planes::Plane;
use crate::{Answer, Call, Handle, Services, Settings, clock};
use chosen::{Chosen, choose};
use files::Files;

impl Handle<StartRun> for Services {
    async fn handle(&self, call: Call, mut input: StartRun) -> Result<Answer<RunStarted>, Error> {
        let plane = self.plane(&call.principal).await?;
        let start_key = start_key(&input)?;
        let mut vars = std::mem::take(&mut input.input_data);
        tidy_private(&mut vars, thinking(input.thinking.take())?);
        lifecycle::put(&mut vars, input.run_lifecycle.take());
        let chosen = choose(&plane, &input, lifecycle::is_draft_test(&vars))?;
        crate::bundles::refuse_deprecated(&plane, chosen.workflow.id()).await?;
        if let Some((key, fingerprint)) = &start_key
            && let Some(before) = plane.store.start_key(key).await.map_err(engine::store_error)?
        {
            return same(before.run_id, &before.fingerprint, fingerprint);
        }
        plane.scope.clamp(&mut vars);
        media::normalize(&mut vars);
        let session = input.session_id.map(|s| s.trim().to_owned()).filter(|s| !s.is_empty());
        references::check(&plane.artifacts, &vars, session.as_deref()).await?;
        deployment(&mut vars, &self.settings, &plane);
        let (run_id, now) = (RunId::from(uuid::Uuid::new_v4().to_string()), clock::now());
        let files = Files::make(&plane, &chosen, &run_id, !vars.contains_key("workspace_root"), now).await?;
        note(&mut vars, &files);
        let mut run = Run::new(run_id.clone(), chosen.workflow.id().into(), chosen.workflow.entry().into(), vars, now);
        run.session_id = Some(session.clone().unwrap_or_else(|| run_id.to_string()));
        let fingerprint = start_key.as_ref().map(|(_, fingerprint)| fingerprint.clone()).unwrap_or_default();
        let start_key = start_key.map(|(key, fingerprint)| StartKey { key, fingerprint, run_id });
        let session_owner = session.map(|s| session_owner(&s, now));
        let listeners = listeners(&chosen, &run);
        let admission = engine::Admission { run, listeners, session_owner, start_key };
        match plane.engine.start(admission).await {
            Ok(started) => match started.before {
                None => Ok(RunStarted { run_id: started.run_id }.into()),
                Some(before) => {
                    files.remove().await;
                    same(started.run_id, &before, &fingerprint)
                }
            },
            Err(error) => {
                files.remove().await;
                Err(error)
            }
        }
    }
}

/// The run an equal key had started, if the request is the same.
fn same(run_id: RunId, before: &str, fingerprint: &str) -> Result<Answer<RunStarted>, Error> {
    if before == fingerprint {
        return Ok(RunStarted { run_id }.into());
    }
    Err(Error::new(
        Code::IdempotencyMismatch,
        "this Idempotency-Key came before with another request: use a new key for a new run",
    ))
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
        !matches!(
            key.as_str(),
            "_temp" | "_flow_error" | "_flow_error_node" | "_flow_warnings" | "_last_output" | "_meta"
        )
    });
    let runtime = model::run::object_at(vars, "_runtime");
    runtime
        .retain(|key, _| !matches!(key.as_str(), "workflow_policy" | "control" | "node_traces" | "workflow_snapshot"));
    runtime.extend(thinking.map(|t| ("thinking".to_owned(), t)));
}

/// How hard models should think: a boolean or a word.
fn thinking(given: Option<Value>) -> Result<Option<Value>, Error> {
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) => Ok(Some(word.trim()).filter(|w| !w.is_empty()).map(Value::from)),
        Some(decision @ Value::Bool(_)) => Ok(Some(decision)),
        Some(other) => Err(Error::validation(vec![Issue {
            kind: "string_type",
            loc: vec!["body".into(), "thinking".into()],
            msg: "Input should be a valid boolean or string".into(),
            input: Some(other),
            ctx: None,
        }])),
    }
}

/// Settings a run carries along (contract 04, 3.3). A client may ask for smaller attachments, not for larger ones.
fn deployment(vars: &mut Map, settings: &Settings, plane: &Plane) {
    let runtime = model::run::object_at(vars, "_runtime");
    let folder = plane.key.bundle_dir(settings);
    runtime.insert("workflow_bundles_dir".into(), folder.to_string_lossy().into());
    let most = settings.http.max_attachment_bytes;
    let asked = runtime.get("max_attachment_bytes").and_then(Value::as_u64).filter(|n| *n > 0);
    runtime.insert("max_attachment_bytes".into(), asked.map_or(most, |n| n.min(most)).into());
    if let Some(enabled) = settings.workflows.prompt_cache {
        runtime.entry("prompt_cache").or_insert_with(|| json!({"enabled": enabled, "version": 1}));
    }
}

/// Where the files of a start stand in the run's variables.
fn note(vars: &mut Map, files: &Files) {
    if let Some(folder) = &files.workspace {
        vars.insert("workspace_root".into(), folder.to_string_lossy().into());
    }
    if let Some(snapshot) = &files.snapshot {
        model::run::object_at(vars, "_runtime").insert("workflow_snapshot".into(), snapshot.clone());
    }
}

/// One child run an `on_event` node. It knows settings, limits and workspace of its run, not its data.
fn listeners(chosen: &Chosen, run: &Run) -> Vec<Run> {
    let shared = |key: &String| matches!(key.as_str(), "_runtime" | "_limits") || key.starts_with("workspace_");
    let programs = chosen.startable().map(|s| s.listeners.as_slice()).unwrap_or_default();
    let listener = |program: &std::sync::Arc<dyn model::workflow::Workflow>| {
        let vars = run.vars.iter().filter(|(key, _)| shared(key)).map(|(k, v)| (k.clone(), v.clone())).collect();
        let run_id = RunId::from(uuid::Uuid::new_v4().to_string());
        let mut child = Run::new(run_id, program.id().into(), program.entry().into(), vars, run.created_at);
        child.session_id.clone_from(&run.session_id);
        child.parent_run_id = Some(run.run_id.clone());
        child
    };
    programs.iter().map(listener).collect()
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
