//! Lets a held run go on, or answers its wait.

use model::schedule::timetable::Timetable;
use model::{Code, Command, Error, Run, RunStatus, Value, WaitReason};

use crate::live::Live;
use crate::outside::Outside;

/// What can be known of an answer now.
pub(super) fn check(run: &Run, command: &Command) -> Result<(), Error> {
    if !command.payload.get("payload").is_some_and(Value::is_object) {
        return Err(Error::new(
            Code::Validation,
            "a resume with an answer needs payload.payload to be an object, such as {\"response\": \"yes\"}",
        ));
    }
    if run.is_paused() {
        return Err(Error::new(
            Code::RunPaused,
            format!("run '{}' is paused: send resume without a payload first", run.run_id),
        ));
    }
    let Some(wait) = run.waiting.as_ref().filter(|_| run.status == RunStatus::Waiting) else {
        return Err(Error::new(Code::RunNotWaiting, format!("run '{}' is not waiting for an answer", run.run_id)));
    };
    if wait.reason == WaitReason::Subworkflow {
        return Err(Error::new(
            Code::WaitKeyMismatch,
            format!(
                "run '{}' waits for its child run '{}': send the answer to the run that asks",
                run.run_id,
                wait.detail("sub_run_id").unwrap_or("?")
            ),
        )
        .with("sub_run_id", wait.detail("sub_run_id").unwrap_or_default()));
    }
    let named = crate::effects::text(&command.payload, &["wait_key", "waitKey"]);
    match (&named, &wait.wait_key) {
        (Some(named), Some(expected)) if named != expected => {
            Err(Error::new(Code::WaitKeyMismatch, format!("wait_key mismatch: expected '{expected}', got '{named}'"))
                .with("expected", expected.as_str()))
        }
        _ => Ok(()),
    }
}

pub(super) fn apply(live: &mut Live, outside: &dyn Outside, command: &Command) -> Result<(), Error> {
    match command.payload.get("payload") {
        Some(payload) => crate::resume::answer(live, outside, payload.clone()),
        None => {
            let held = live.run.is_paused();
            unpause(live);
            run_at_once(live, held);
            Ok(())
        }
    }
}

/// A schedule that waits for its next time does not wait longer: who resumes it wants it to go on. One with a cron
/// expression that was held keeps its times; what it missed is a matter of its `catch_up`.
fn run_at_once(live: &mut Live, held: bool) {
    if live.run.waiting.as_ref().is_none_or(|w| w.reason != WaitReason::Until) {
        return;
    }
    match Timetable::of(&live.run) {
        Some(_) if held => return,
        Some(mut timetable) => {
            timetable.requested = true;
            timetable.store(model::run::object_at(live.run.namespace("_meta"), "schedule"));
        }
        None if model::schedule::interval(&live.run).is_none() => return,
        None => {}
    }
    if let Some(wait) = live.run.waiting.as_mut().filter(|w| w.reason == WaitReason::Until) {
        wait.until = Some(live.ctx.now.to_string());
        live.dirty = true;
    }
}

fn unpause(live: &mut Live) {
    if !live.run.is_paused() {
        return;
    }
    let now = live.ctx.now.to_string();
    let control = model::run::object_at(live.run.namespace("_runtime"), "control");
    control.shift_remove("paused");
    control.shift_remove("pause_reason");
    control.insert("resumed_at".into(), now.into());
    if let Some(wait) = live.run.waiting.take_if(|w| w.is_pause()) {
        live.run.status = RunStatus::Running;
        if let Some(node) = wait.resume_to_node {
            live.run.current_node = node;
        }
    }
    live.dirty = true;
}
