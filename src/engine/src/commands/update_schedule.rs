//! Gives a schedule another interval or cron expression (contract 02, section 8). The schedule's flow is written first, then
//! the run is changed and the command decided in one commit: after a crash between the two the command is still there and
//! does the same again.

use model::schedule::calendar::Calendar;
use model::schedule::timetable::Timetable;
use model::schedule::{WAIT_INTERVAL, interval, interval_micros};
use model::{Code, Command, Error, Map, Run, RunStatus, Timestamp, Value, WaitReason};
use serde_json::json;

use crate::effects::{boolean, text};
use crate::live::Live;
use crate::outside::NewRhythm;

/// The member of the payload that keeps which run of the tree the client named.
pub(super) const REQUESTED: &str = "requested_run_id";

/// What the payload asks for.
pub(super) enum Asked {
    /// An interval, as text and in microseconds.
    Interval(String, i64),
    /// An expression and a zone, of which one may be the old one.
    Cron { cron: String, time_zone: String, calendar: Box<Calendar> },
}

impl Asked {
    pub(super) fn rhythm(&self) -> NewRhythm {
        match self {
            Self::Interval(interval, _) => NewRhythm::Interval(interval.clone()),
            Self::Cron { cron, time_zone, .. } => NewRhythm::Cron { cron: cron.clone(), time_zone: time_zone.clone() },
        }
    }

    /// Its members in the marks that the command leaves.
    fn members(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Interval(interval, _) => vec![("interval", interval.as_str().into())],
            Self::Cron { cron, time_zone, .. } => {
                vec![("cron", cron.as_str().into()), ("time_zone", time_zone.as_str().into())]
            }
        }
    }
}

/// What can be known before it is stored: the run is a schedule that comes round again, and what is asked fits it.
pub(super) fn check(run: &Run, command: &Command) -> Result<(), Error> {
    asked(run, &command.payload)?;
    if model::schedule::record(run).is_none() {
        let text = "update_schedule is only supported for scheduled runs (or runs inside a scheduled run tree)";
        return Err(Error::new(Code::Conflict, text));
    }
    if interval(run).is_none() && Timetable::of(run).is_none() {
        let text = "update_schedule requires a recurrent scheduled run (interval or cron must be set)";
        return Err(Error::new(Code::Conflict, text));
    }
    Ok(())
}

/// What the payload asks of a run.
pub(super) fn asked(run: &Run, payload: &Map) -> Result<Asked, Error> {
    let invalid = |text: String| Error::new(Code::Validation, text);
    let (every, cron, zone) =
        (text(payload, &["interval", "schedule"]), text(payload, &["cron"]), text(payload, &["time_zone", "timeZone"]));
    match (every, Timetable::of(run)) {
        (Some(_), _) if cron.is_some() || zone.is_some() => {
            Err(invalid("update_schedule takes either an interval, or cron and time_zone".into()))
        }
        (Some(_), Some(timetable)) => {
            let text = format!("this schedule follows the cron expression '{}': give it another cron", timetable.cron);
            Err(Error::new(Code::Conflict, text))
        }
        (Some(every), None) => {
            let every = every.to_ascii_lowercase();
            let micros = interval_micros(&every).filter(|micros| *micros > 0).ok_or_else(|| {
                invalid("update_schedule interval must be a relative duration like '20m', '1h', '0.5s'".into())
            })?;
            Ok(Asked::Interval(every, micros))
        }
        (None, _) if cron.is_none() && zone.is_none() => {
            Err(invalid("update_schedule requires payload.interval, or payload.cron or payload.time_zone".into()))
        }
        (None, Some(old)) => {
            let (cron, time_zone) = (cron.unwrap_or(old.cron), zone.unwrap_or(old.time_zone));
            let calendar = Box::new(Calendar::read(&cron, &time_zone).map_err(invalid)?);
            if calendar.next(run.created_at).is_none() {
                return Err(invalid(format!("update_schedule cron '{cron}' never comes")));
            }
            Ok(Asked::Cron { cron, time_zone, calendar })
        }
        (None, None) => {
            let text = "update_schedule: only a schedule that was made with cron takes cron or time_zone";
            Err(Error::new(Code::Conflict, text))
        }
    }
}

pub(super) fn apply(live: &mut Live, command: &Command) -> Result<(), Error> {
    let asked = asked(&live.run, &command.payload)?;
    let now = live.ctx.now;
    let at_once = boolean(&command.payload, &["apply_immediately", "applyImmediately"]).unwrap_or(true);
    let next = match &asked {
        Asked::Interval(_, micros) => Some(now.plus_micros(*micros)),
        Asked::Cron { cron, time_zone, calendar } => {
            let timetable = Timetable::of(&live.run);
            timetable.and_then(|mut timetable| {
                timetable.change(cron.clone(), time_zone.clone(), calendar, now, !at_once);
                timetable.store(model::run::object_at(live.run.namespace("_meta"), "schedule"));
                timetable.next_run_at
            })
        }
    };
    mark(live, command, &asked, now);
    if at_once {
        move_wait(live, &asked, next);
    }
    live.dirty = true;
    Ok(())
}

/// Writes down what was asked, for clients.
fn mark(live: &mut Live, command: &Command, asked: &Asked, now: Timestamp) {
    let members = asked.members();
    let record = model::run::object_at(live.run.namespace("_meta"), "schedule");
    members.iter().for_each(|(key, value)| drop(record.insert((*key).into(), value.clone())));
    record.insert("updated_at".into(), json!(now));
    let run_id = live.run.run_id.clone();
    let requested = command.payload.get(REQUESTED).and_then(Value::as_str).unwrap_or(&run_id);
    let mut update = Map::from_iter([("command_id".to_owned(), command.command_id.as_str().into())]);
    update.extend(members.into_iter().map(|(key, value)| (key.to_owned(), value)));
    update.insert("updated_at".into(), json!(now));
    update.insert("requested_run_id".into(), requested.into());
    update.insert("scheduled_root_run_id".into(), json!(run_id));
    live.run.namespace("_runtime").insert("last_schedule_update".into(), update.into());
}

/// Moves the present wait. A schedule without a next time looks at once, and ends.
fn move_wait(live: &mut Live, asked: &Asked, next: Option<Timestamp>) {
    let between = live.run.status == RunStatus::Waiting && live.run.current_node == WAIT_INTERVAL;
    let Some(wait) = live.run.waiting.as_mut() else { return };
    match wait.reason {
        WaitReason::Until if between => wait.until = Some(next.unwrap_or(live.ctx.now).to_string()),
        // An execution that is cancelled when the next one is due.
        WaitReason::Subworkflow if matches!(asked, Asked::Cron { .. }) && wait.until.is_some() => {
            wait.until = next.map(|next| next.to_string());
        }
        _ => {}
    }
}
