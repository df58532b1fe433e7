//! The workflow of a schedule with a cron expression. Its stored document is one that clients can draw, but what it does is
//! decided by `model::schedule::timetable` from the run's own record: a graph of nodes cannot say "unless one is running".
//!
//! May not know: clocks, where documents are stored. The one invariant: the decision to start an execution and the start are
//! consecutive steps of the engine, and a crash between them leaves the run standing on the start.

use std::sync::Arc;

use model::run::object_at;
use model::schedule::WAIT_INTERVAL;
use model::schedule::timetable::{Overlap, Timetable, Turn};
use model::workflow::{PlanContext, PlanError, StepPlan, Workflow};
use model::{Effect, EffectKind, Map, Run, Timestamp, Value};
use serde_json::json;

use super::Wrapper;
use crate::{Document, Program};

/// The member of a document that says its run follows a timetable.
const MEMBER: &str = "timetable";
const RUN_TARGET: &str = "run_target";
const END: &str = "end";
/// Where the engine puts what came of an execution.
const RESULT: &str = "_temp.execution";

/// The workflow of a stored document: of a schedule with a cron expression, or of any other flow.
///
/// # Errors
/// When the document is none, or does not compile.
pub fn compile(document: &Value) -> Result<Arc<dyn Workflow>, String> {
    if document.get(MEMBER).is_some_and(Value::is_object) {
        let id = document.get("id").and_then(Value::as_str).ok_or("VisualFlow missing required 'id'")?;
        return Ok(Arc::new(Follower { id: id.to_owned() }));
    }
    let document = Document::read(document, None)?;
    Ok(Arc::new(Program::compile(document).map_err(|e| e.text)?))
}

/// The document of a schedule, as far as clients draw it.
pub(super) fn document(wrapper: &Wrapper<'_>, cron: &str, time_zone: &str) -> Value {
    let mut drawing = super::Drawing::default();
    drawing.node(0, "start", "on_flow_start", "Start", &[], &["exec-out"], json!({}));
    let config = json!({"eventConfig": {"schedule": cron, "time_zone": time_zone, "recurrent": true}});
    drawing.node(1, WAIT_INTERVAL, "on_schedule", "Wait for the next time", &["exec-in"], &["exec-out"], config);
    wrapper.target(&mut drawing, &["exec-out"]);
    drawing.node(7, END, "on_flow_end", "End", &["exec-in"], &[], json!({}));
    drawing.then("start", "exec-out", WAIT_INTERVAL);
    drawing.then(WAIT_INTERVAL, "exec-out", RUN_TARGET);
    drawing.then(RUN_TARGET, "exec-out", WAIT_INTERVAL);
    drawing.wire("start.vars", "run_target.vars");
    json!({
        "id": wrapper.id, "name": "scheduled", "nodes": drawing.nodes, "edges": drawing.edges, "entryNode": "start",
        MEMBER: {"cron": cron, "time_zone": time_zone},
    })
}

/// Puts another expression into the document of a schedule; false when it follows none.
pub fn set_cron(document: &mut Value, cron: &str, time_zone: &str) -> bool {
    let Some(document) = document.as_object_mut().filter(|d| d.get(MEMBER).is_some_and(Value::is_object)) else {
        return false;
    };
    document.insert(MEMBER.into(), json!({"cron": cron, "time_zone": time_zone}));
    let nodes = document.get_mut("nodes").and_then(Value::as_array_mut);
    let wait = nodes.and_then(|nodes| nodes.iter_mut().find(|n| n["id"] == WAIT_INTERVAL));
    if let Some(wait) = wait.and_then(Value::as_object_mut) {
        let config = object_at(object_at(wait, "data"), "eventConfig");
        config.insert("schedule".into(), cron.into());
        config.insert("time_zone".into(), time_zone.into());
    }
    true
}

/// Follows the timetable of its run.
struct Follower {
    id: String,
}

impl Workflow for Follower {
    fn id(&self) -> &str {
        &self.id
    }

    fn entry(&self) -> &'static str {
        "start"
    }

    fn plan(&self, run: &mut Run, ctx: &PlanContext) -> Result<StepPlan, PlanError> {
        match run.current_node.as_str() {
            "start" => Ok(StepPlan::Goto(WAIT_INTERVAL.into())),
            WAIT_INTERVAL => turn(run, ctx.now),
            RUN_TARGET => execution(run),
            END => {
                let count = timetable(run)?.run_count;
                Ok(StepPlan::Complete(json!({"success": true, "executions": count})))
            }
            other => Err(PlanError { class: "KeyError", message: format!("'{other}'") }),
        }
    }
}

fn timetable(run: &Run) -> Result<Timetable, PlanError> {
    Timetable::of(run).ok_or_else(|| PlanError::value("the run has no timetable in _meta.schedule: a schedule with a cron expression is made by runs.schedule, not started by its id"))
}

/// Decides what comes next, and writes it down.
fn turn(run: &mut Run, now: Timestamp) -> Result<StepPlan, PlanError> {
    let mut timetable = timetable(run)?;
    let calendar = timetable.calendar().map_err(PlanError::value)?;
    // What an execution gave back is in its own run.
    let outcome = run.namespace("_temp").shift_remove("execution");
    let ended = outcome.as_ref().and_then(|o| o.get("ended_at")?.as_str()).and_then(Timestamp::parse);
    let turn = timetable.turn(&calendar, now, ended);
    timetable.store(object_at(run.namespace("_meta"), "schedule"));
    Ok(match turn {
        Turn::Run(_) => StepPlan::Goto(RUN_TARGET.into()),
        Turn::Over => StepPlan::Goto(END.into()),
        Turn::Wait(moment) => {
            let until = ("until".to_owned(), moment.to_string().into());
            effect(EffectKind::WaitUntil, Map::from_iter([until]), None)
        }
    })
}

/// Starts an execution for the time that was decided.
fn execution(run: &Run) -> Result<StepPlan, PlanError> {
    let timetable = timetable(run)?;
    let record = model::schedule::record(run);
    let text = |key: &str| record.and_then(|r| r.get(key)?.as_str());
    let time = timetable.last_run_at.unwrap_or(run.created_at).to_string();
    let mut vars = run.vars.get("vars").and_then(Value::as_object).cloned().unwrap_or_default();
    object_at(&mut vars, "_meta").insert("scheduled_at".into(), time.as_str().into());
    let mut members = Map::from_iter([
        ("workflow_id".to_owned(), json!(text("target_workflow_id"))),
        ("vars".to_owned(), vars.into()),
        ("async".to_owned(), true.into()),
        ("wait".to_owned(), (timetable.overlap != Overlap::Allow).into()),
        ("report_end".to_owned(), true.into()),
    ]);
    if let Some(prefix) = text("session_prefix") {
        members.insert("session_id".into(), format!("{prefix} : {time}").into());
    }
    if let Some(next) = timetable.next_run_at.filter(|_| timetable.overlap == Overlap::Cancel) {
        members.insert("cancel_at".into(), json!(next));
    }
    Ok(effect(EffectKind::StartSubworkflow, members, Some(RESULT)))
}

/// An effect after which the schedule looks at its timetable.
fn effect(kind: EffectKind, members: Map, result_key: Option<&str>) -> StepPlan {
    let mut payload = Map::from_iter([("type".to_owned(), kind.as_str().into())]);
    payload.extend(members);
    payload.insert("resume_to_node".into(), WAIT_INTERVAL.into());
    let result_key = result_key.map(str::to_owned);
    StepPlan::Effect { effect: Effect { kind, payload, result_key }, next: Some(WAIT_INTERVAL.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Rhythm;

    fn wrapper(isolated: bool) -> Value {
        let rhythm = Rhythm::Cron { cron: "0 9 * * *".into(), time_zone: "Europe/Paris".into() };
        Wrapper { id: "scheduled:x", target: "b@1:f", start: "0s", rhythm, isolated }.document()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// Plans at a moment until something is asked of the engine, and tells what.
    fn next(workflow: &dyn Workflow, run: &mut Run, now: &str) -> Value {
        loop {
            match workflow.plan(run, &PlanContext::new(at(now), 1)).unwrap() {
                StepPlan::Goto(node) => run.current_node = node,
                StepPlan::Complete(output) => return output,
                StepPlan::Effect { effect, next } => {
                    assert_eq!(next.as_deref(), Some(WAIT_INTERVAL));
                    run.current_node = WAIT_INTERVAL.into();
                    return effect.payload.into();
                }
            }
        }
    }

    #[test]
    fn it_waits_starts_and_ends_by_its_record() {
        let workflow = compile(&wrapper(true)).unwrap();
        let mut timetable =
            Timetable::new("0 9 * * *".into(), "Europe/Paris".into(), at("2026-11-22"), at("2026-11-22"));
        (timetable.overlap, timetable.repeat_count) = (Overlap::Cancel, Some(2));
        let mut record =
            json!({"kind": "scheduled_run", "target_workflow_id": "b@1:f", "session_prefix": "scheduled:x"});
        timetable.store(record.as_object_mut().unwrap());
        let vars = json!({"vars": {"a": 1}, "_meta": {"schedule": record}}).as_object().cloned().unwrap();
        let mut run = Run::new("r".into(), workflow.id().into(), workflow.entry().into(), vars, Timestamp::EPOCH);
        let until = |moment: &str| json!({"type": "wait_until", "until": moment, "resume_to_node": WAIT_INTERVAL});
        assert_eq!(next(&*workflow, &mut run, "2026-11-22T01:00:00Z"), until("2026-11-22T08:00:00+00:00"));
        assert_eq!(
            next(&*workflow, &mut run, "2026-11-22T08:00:00Z"),
            json!({
                "type": "start_subworkflow", "workflow_id": "b@1:f", "async": true, "wait": true, "report_end": true,
                "vars": {"a": 1, "_meta": {"scheduled_at": "2026-11-22T08:00:00+00:00"}},
                "session_id": "scheduled:x : 2026-11-22T08:00:00+00:00",
                "cancel_at": "2026-11-23T08:00:00+00:00", "resume_to_node": WAIT_INTERVAL,
            })
        );
        let ended = json!({"sub_run_id": "c", "output": {}, "ended_at": "2026-11-22T08:05:00+00:00"});
        model::run::write_path(&mut run.vars, RESULT, ended);
        assert_eq!(next(&*workflow, &mut run, "2026-11-22T08:05:00Z"), until("2026-11-23T08:00:00+00:00"));
        let last = next(&*workflow, &mut run, "2026-11-23T08:00:01Z");
        assert!(last.get("cancel_at").is_none(), "nothing comes after the last one: {last}");
        assert_eq!(next(&*workflow, &mut run, "2026-11-23T08:10:00Z"), json!({"success": true, "executions": 2}));
    }

    #[test]
    fn its_document_can_be_drawn_and_changed() {
        let mut document = wrapper(false);
        let ids: Vec<&str> = document["nodes"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["start", WAIT_INTERVAL, RUN_TARGET, END]);
        Document::read(&document, None).unwrap();
        assert!(set_cron(&mut document, "@daily", "UTC"));
        assert_eq!(document["timetable"], json!({"cron": "@daily", "time_zone": "UTC"}));
        assert_eq!(
            document["nodes"][1]["data"]["eventConfig"],
            json!({"schedule": "@daily", "time_zone": "UTC", "recurrent": true})
        );
        let rhythm = Rhythm::Forever { interval: "1h".into() };
        let mut other = Wrapper { id: "s", target: "t", start: "0s", rhythm, isolated: false }.document();
        assert!(!set_cron(&mut other, "@daily", "UTC") && !set_cron(&mut json!(5), "@daily", "UTC"));
    }
}
