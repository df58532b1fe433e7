//! Gives a schedule another interval (contract 02, section 8). The schedule's flow is written first, then the run is changed
//! and the command decided in one commit: after a crash between the two the command is still there and does the same again.

use model::schedule::{WAIT_INTERVAL, interval, interval_micros};
use model::{Code, Command, Error, Map, Run, RunStatus, Value, WaitReason};
use serde_json::json;

use crate::effects::{boolean, text};
use crate::live::Live;

/// The member of the payload that keeps which run of the tree the client named.
pub(super) const REQUESTED: &str = "requested_run_id";

/// What can be known before it is stored: the run is a schedule that comes round again, and the interval is one.
pub(super) fn check(run: &Run, command: &Command) -> Result<(), Error> {
    asked(&command.payload)?;
    if model::schedule::record(run).is_none() {
        let text = "update_schedule is only supported for scheduled runs (or runs inside a scheduled run tree)";
        return Err(Error::new(Code::Conflict, text));
    }
    if interval(run).is_none() {
        let text = "update_schedule requires a recurrent scheduled run (interval must be set)";
        return Err(Error::new(Code::Conflict, text));
    }
    Ok(())
}

/// The interval the payload asks for, as text and in microseconds.
pub(super) fn asked(payload: &Map) -> Result<(String, i64), Error> {
    let invalid = |text: &str| Error::new(Code::Validation, text);
    let Some(text) = text(payload, &["interval", "schedule"]) else {
        return Err(invalid("update_schedule requires payload.interval"));
    };
    let text = text.to_ascii_lowercase();
    match interval_micros(&text).filter(|micros| *micros > 0) {
        Some(micros) => Ok((text, micros)),
        None => Err(invalid("update_schedule interval must be a relative duration like '20m', '1h', '0.5s'")),
    }
}

pub(super) fn apply(live: &mut Live, command: &Command) -> Result<(), Error> {
    let (interval, micros) = asked(&command.payload)?;
    let now = live.ctx.now;
    let record = model::run::object_at(live.run.namespace("_meta"), "schedule");
    record.insert("interval".into(), interval.as_str().into());
    record.insert("updated_at".into(), json!(now));
    let run_id = live.run.run_id.clone();
    let requested = command.payload.get(REQUESTED).and_then(Value::as_str).unwrap_or(&run_id);
    let update = json!({
        "command_id": command.command_id, "interval": interval, "updated_at": now,
        "requested_run_id": requested, "scheduled_root_run_id": run_id,
    });
    live.run.namespace("_runtime").insert("last_schedule_update".into(), update);
    let at_once = boolean(&command.payload, &["apply_immediately", "applyImmediately"]).unwrap_or(true);
    let waits = live.run.status == RunStatus::Waiting && live.run.current_node == WAIT_INTERVAL;
    if let Some(wait) = live.run.waiting.as_mut().filter(|w| waits && at_once && w.reason == WaitReason::Until) {
        wait.until = Some(now.plus_micros(micros).to_string());
    }
    live.dirty = true;
    Ok(())
}
