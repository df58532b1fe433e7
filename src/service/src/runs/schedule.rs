//! Schedules (contract 02, section 10): a run of a flow of its own that waits and starts the flow a client asked for, once or
//! again and again. What that flow may see and where it may work is decided here, by the rules of a start, and stays so.
//!
//! The one invariant: the schedule's flow is on the disk before its run is acknowledged, and gone when the run did not come
//! to be.

mod plan;
mod preview;
mod target;
mod times;

use flow::schedule::{Rhythm, Wrapper};
use model::api::runs::{RunStarted, ScheduleRun};
use model::{Error, Map, Run, RunId, Timestamp, Value};
use serde_json::json;

use super::start::{Files, Once, admit, clean, lifecycle, note, session, session_owner, tidy_private};
use crate::storage::check_room;
use crate::{Answer, Call, Handle, Services, clock};
use plan::{Asked, Plan};
use target::Target;

impl Handle<ScheduleRun> for Services {
    async fn handle(&self, call: Call, mut input: ScheduleRun) -> Result<Answer<RunStarted>, Error> {
        let plane = self.plane(&call.principal).await?;
        let once = Once::read(&input, input.idempotency_key.as_deref())?;
        let mut vars = std::mem::take(&mut input.input_data);
        tidy_private(&mut vars, None);
        lifecycle::put(&mut vars, None);
        let target = target::find(&plane, &input, lifecycle::is_draft_test(&vars))?;
        crate::bundles::refuse_deprecated(&plane, &target.workflow_id).await?;
        let now = clock::now();
        let plan = plan::read(Asked::of(&input), now)?;
        if let Some(once) = &once
            && let Some(answer) = once.before(&plane).await?
        {
            return Ok(answer);
        }
        check_room(&plane, &self.settings)?;
        let session = session(input.session_id);
        // What the schedule is for concerns the schedule: executions are told apart by their parent.
        let lifecycle = vars.shift_remove("_run_lifecycle");
        clean(&mut vars, &self.settings, &plane, session.as_deref()).await?;
        let run_id = RunId::from(uuid::Uuid::new_v4().to_string());
        let id = format!("{}{}", model::schedule::PREFIX, uuid::Uuid::new_v4());
        let files = Files::of_schedule(&plane, &run_id, !vars.contains_key("workspace_root"), now).await?;
        note(&mut vars, &files);
        let isolated = !input.share_context;
        let wrapper =
            Wrapper { id: &id, target: &target.workflow_id, start: &plan.start, rhythm: plan.rhythm.clone(), isolated };
        let (files, workflow) = files.add_flow(&plane, wrapper.document()).await?;
        let prefix = isolated.then_some(id.as_str());
        let mut vars = parent(vars, &target, &plan, prefix, now);
        vars.extend(lifecycle.map(|l| ("_run_lifecycle".to_owned(), l)));
        let mut run = Run::new(run_id.clone(), id.clone(), workflow.entry().into(), vars, now);
        run.session_id = Some(session.clone().unwrap_or_else(|| run_id.to_string()));
        let session_owner = session.map(|s| session_owner(&s, now));
        let admission = engine::Admission { run, listeners: Vec::new(), session_owner, start_key: None };
        Box::pin(admit(&plane, admission, once, files)).await
    }
}

/// The variables of the schedule's own run.
fn parent(input: Map, target: &Target, plan: &Plan, prefix: Option<&str>, now: Timestamp) -> Map {
    let prompt = input.get("prompt").and_then(Value::as_str).map(str::trim).filter(|p| !p.is_empty());
    let prompt = prompt.map(|p| ("prompt".to_owned(), p.into()));
    let mut vars = Map::from_iter([("vars".to_owned(), Value::Object(input))]);
    vars.extend(prefix.map(|p| ("session_prefix".to_owned(), p.into())));
    vars.insert("_meta".into(), json!({ "schedule": record(target, plan, prefix, now) }));
    vars.extend(prompt);
    vars
}

/// The record clients know a schedule by.
fn record(target: &Target, plan: &Plan, prefix: Option<&str>, now: Timestamp) -> Value {
    let (count, interval) = match &plan.rhythm {
        Rhythm::Once | Rhythm::Cron { .. } => (None, None),
        Rhythm::Times { count, interval } => (Some(count), interval.as_ref()),
        Rhythm::Forever { interval } => (None, Some(interval)),
    };
    let mut record = json!({
        "kind": model::schedule::KIND,
        "target_workflow_id": target.workflow_id,
        "target_bundle_id": target.bundle_id,
        "target_bundle_version": target.bundle_version,
        "target_bundle_ref": format!("{}@{}", target.bundle_id, target.bundle_version),
        "target_registry_scope": "private",
        "target_host_bundle_id": target.bundle_id,
        "target_flow_id": target.flow_id,
        "start_at": plan.start_at,
        "interval": interval,
        "repeat_count": count,
        "repeat_until": plan.repeat_until,
        "share_context": prefix.is_none(),
        "session_prefix": prefix,
        "created_at": now.to_whole_seconds(),
    });
    if let (Some(timetable), Some(record)) = (&plan.timetable, record.as_object_mut()) {
        timetable.store(record);
    }
    record
}
