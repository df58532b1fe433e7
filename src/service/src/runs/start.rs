//! Starting a run (contract 02, section 4.1): what the client sent is checked and cut down to what it may say, files are
//! made, and the engine admits run, listeners, session and first steps in one commit.
//!
//! The one invariant: nothing of a start that failed is left, and nothing is read from a bundle: what a flow needs was
//! worked out when it was loaded.

mod chosen;
mod files;
pub(super) mod lifecycle;
mod media;
mod once;
pub(super) mod references;

use model::api::runs::{RunStarted, StartRun};
use model::error::Issue;
use model::{Error, Map, Run, RunId, RunStatus, Timestamp, Value};
use serde_json::json;

use crate::planes::Plane;
use crate::storage::check_room;
use crate::{Answer, Call, Handle, Services, Settings, clock};
use chosen::choose;
pub(super) use chosen::{Chosen, only_private, refuse_draft};
pub(super) use files::{Files, MARKER};
pub(super) use once::Once;

impl Handle<StartRun> for Services {
    async fn handle(&self, call: Call, mut input: StartRun) -> Result<Answer<RunStarted>, Error> {
        let plane = self.plane(&call.principal).await?;
        let once = Once::read(&input, input.idempotency_key.as_deref())?;
        let mut vars = std::mem::take(&mut input.input_data);
        tidy_private(&mut vars, thinking(input.thinking.take())?);
        lifecycle::put(&mut vars, input.run_lifecycle.take());
        let chosen = choose(&plane, &input, lifecycle::is_draft_test(&vars))?;
        crate::bundles::refuse_deprecated(&plane, chosen.workflow.id()).await?;
        if let Some(once) = &once
            && let Some(answer) = once.before(&plane).await?
        {
            return Ok(answer);
        }
        check_room(&plane, &self.settings)?;
        let session = session(input.session_id);
        clean(&mut vars, &self.settings, &plane, session.as_deref()).await?;
        let (run_id, now) = (RunId::from(uuid::Uuid::new_v4().to_string()), clock::now());
        let files = Files::of_run(&plane, &chosen, &run_id, !vars.contains_key("workspace_root"), now).await?;
        note(&mut vars, &files);
        let mut run = Run::new(run_id.clone(), chosen.workflow.id().into(), chosen.workflow.entry().into(), vars, now);
        run.session_id = Some(session.clone().unwrap_or_else(|| run_id.to_string()));
        let session_owner = session.map(|s| session_owner(&s, now));
        let listeners = listeners(&chosen, &run);
        let admission = engine::Admission { run, listeners, session_owner, start_key: None };
        Box::pin(admit(&plane, admission, once, files)).await
    }
}

/// The session a client names.
pub(super) fn session(given: Option<String>) -> Option<String> {
    given.map(|s| s.trim().to_owned()).filter(|s| !s.is_empty())
}

/// What a client wants to run, cut down to what it may say: workspace, media, artifacts, settings.
///
/// # Errors
/// When it refers to artifacts the run may not see.
pub(super) async fn clean(
    vars: &mut Map,
    settings: &Settings,
    plane: &Plane,
    session: Option<&str>,
) -> Result<(), Error> {
    plane.scope.clamp(vars);
    media::normalize(vars);
    references::check(&plane.artifacts, vars, session).await?;
    deployment(vars, settings, plane);
    Ok(())
}

/// Admits a run whose files are there. Of a run that did not come to be they are taken away again.
///
/// # Errors
/// The engine's, or when the same key came with another request.
pub(super) async fn admit(
    plane: &Plane,
    mut admission: engine::Admission,
    once: Option<Once>,
    files: Files,
) -> Result<Answer<RunStarted>, Error> {
    admission.start_key = once.as_ref().map(|once| once.of_run(&admission.run.run_id));
    let started = plane.engine.start(admission).await;
    if !started.as_ref().is_ok_and(|started| started.before.is_none()) {
        files.remove(plane).await;
    }
    let started = started?;
    match (once, started.before) {
        (Some(once), Some(before)) => once.same(started.run_id, &before),
        _ => Ok(RunStarted { run_id: started.run_id }.into()),
    }
}

/// Clients do not write the engine's own state.
pub(super) fn tidy_private(vars: &mut Map, thinking: Option<Value>) {
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
pub(super) fn note(vars: &mut Map, files: &Files) {
    if let Some(folder) = &files.workspace {
        vars.insert("workspace_root".into(), folder.to_string_lossy().into());
    }
    if let Some(snapshot) = &files.snapshot {
        model::run::object_at(vars, "_runtime").insert("workflow_snapshot".into(), snapshot.clone());
    }
}

/// One child run an `on_event` node. It knows settings, limits and workspace of its run, not its data.
pub(super) fn listeners(chosen: &Chosen, run: &Run) -> Vec<Run> {
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
pub(crate) fn session_owner(session_id: &str, now: Timestamp) -> Run {
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
