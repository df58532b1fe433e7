//! Holds a run (the table of contract 02, 3.4). A call in flight is not torn down: its result is kept, and the run
//! stays held behind it.

use model::{Command, RunStatus, Wait, WaitReason};
use serde_json::json;

use crate::live::Live;

pub(super) fn apply(live: &mut Live, command: &Command) {
    if live.run.is_paused() || waits_for_a_person(live) {
        return;
    }
    let now = live.ctx.now.to_string();
    let reason = super::reason(command);
    let control = model::run::object_at(live.run.namespace("_runtime"), "control");
    control.insert("paused".into(), true.into());
    control.insert("paused_at".into(), now.into());
    if let Some(reason) = reason {
        control.insert("pause_reason".into(), reason.into());
    }
    if live.run.status == RunStatus::Running {
        let mut wait = Wait::new(WaitReason::User);
        wait.wait_key = Some(format!("pause:{}", live.run.run_id));
        wait.prompt = Some("Paused".into());
        wait.allow_free_text = false;
        wait.details = Some(json!({"kind": "pause"}));
        wait.resume_to_node = Some(live.run.current_node.clone());
        live.run.status = RunStatus::Waiting;
        live.run.waiting = Some(wait);
    }
    live.dirty = true;
}

/// A question is already a hold.
fn waits_for_a_person(live: &Live) -> bool {
    live.run.waiting.as_ref().is_some_and(|w| w.reason == WaitReason::User)
}
