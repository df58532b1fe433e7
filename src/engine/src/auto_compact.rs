//! Compaction nobody asks for: a run of a schedule that comes round whose conversation nears what its model can take sends
//! itself the command (contract 02, section 9.6).
//!
//! The invariant: it is tried once at a number of tokens, whatever comes of it, so that a model that fails is not asked
//! again at every step.

use model::run::object_at;
use model::{Command, CommandKind, Map, Run, Value};
use serde_json::json;

use crate::commands;
use crate::inner::Inner;
use crate::live::Live;

/// Messages a conversation has at least.
const MESSAGES_MIN: usize = 12;
/// Of the window, in percent, that is used at least.
const USED_PERCENT_MIN: u64 = 90;

/// Puts the command into the run's next commit when it is due.
pub(crate) async fn consider(inner: &Inner, live: &mut Live) {
    let Some(used) = due(&live.run).filter(|_| live.state.aside.is_none()) else { return };
    let in_schedule = match live.in_schedule {
        Some(known) => known,
        None => {
            let Ok(schedule) = commands::schedule_of(&*inner.store, &live.run).await else { return };
            schedule.is_some_and(|root| model::schedule::interval(&root).is_some())
        }
    };
    live.in_schedule = Some(in_schedule);
    if in_schedule {
        order(live, used);
    }
}

fn order(live: &mut Live, used: u64) {
    let (now, run_id) = (live.ctx.now, live.run.run_id.clone());
    let guard = object_at(live.run.namespace("_runtime"), "auto_compact");
    guard.insert("last_trigger_tokens_used".into(), used.into());
    guard.insert("last_triggered_at".into(), json!(now));
    let payload = json!({
        "preserve_recent": 6, "compression_mode": "standard", "focus": null, "auto": format!("{now}:{used}"),
    });
    let Value::Object(payload) = payload else { unreachable!("an object literal") };
    live.draft.commands.push(Command {
        command_id: format!("auto_compact:{run_id}:{used}"),
        run_id: run_id.to_string(),
        kind: CommandKind::CompactMemory,
        payload,
        ts: now.to_string(),
        client_id: None,
        seq: 0,
    });
    live.wake.push(run_id);
    live.dirty = true;
}

/// The tokens in use, when there are too many, and more than at the last time.
fn due(run: &Run) -> Option<u64> {
    let messages = run.vars.get("context")?.get("messages")?.as_array()?;
    if run.status.is_terminal() || messages.len() < MESSAGES_MIN {
        return None;
    }
    let limits = run.vars.get("_limits")?.as_object()?;
    let used = number(limits, "estimated_tokens_used")?;
    let window = match limits.get("max_input_tokens").filter(|tokens| !tokens.is_null()) {
        Some(_) => number(limits, "max_input_tokens")?,
        None => number(limits, "max_tokens")?,
    };
    let guard = run.vars.get("_runtime").and_then(|r| r.get("auto_compact")).and_then(Value::as_object);
    let last = guard.and_then(|guard| number(guard, "last_trigger_tokens_used"));
    let many = used.saturating_mul(100) >= window.saturating_mul(USED_PERCENT_MIN);
    (many && last.is_none_or(|last| used > last)).then_some(used)
}

fn number(map: &Map, key: &str) -> Option<u64> {
    let value = map.get(key)?;
    value.as_u64().or_else(|| value.as_f64().map(|n| n as u64)).filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;

    #[test]
    fn it_is_due_from_the_limits_on_and_once_a_number_of_tokens() {
        for (count, limits, guard, expected) in [
            (12, json!({"estimated_tokens_used": 90, "max_tokens": 100}), json!({}), Some(90)),
            (11, json!({"estimated_tokens_used": 90, "max_tokens": 100}), json!({}), None),
            (12, json!({"estimated_tokens_used": 89, "max_tokens": 100}), json!({}), None),
            (12, json!({"estimated_tokens_used": 90, "max_tokens": 10, "max_input_tokens": 101}), json!({}), None),
            (12, json!({"estimated_tokens_used": 90, "max_tokens": 900, "max_input_tokens": 100}), json!({}), Some(90)),
            (12, json!({"estimated_tokens_used": 90, "max_tokens": null}), json!({}), None),
            (12, json!({"estimated_tokens_used": 0, "max_tokens": 0}), json!({}), None),
            (
                12,
                json!({"estimated_tokens_used": 90, "max_tokens": 100}),
                json!({"last_trigger_tokens_used": 90}),
                None,
            ),
            (
                12,
                json!({"estimated_tokens_used": 91, "max_tokens": 100}),
                json!({"last_trigger_tokens_used": 90}),
                Some(91),
            ),
        ] {
            let messages: Vec<Value> = (0..count).map(|i| json!({"content": i})).collect();
            let vars = json!({
                "context": {"messages": messages}, "_limits": limits, "_runtime": {"auto_compact": guard},
            });
            let vars = vars.as_object().cloned().unwrap();
            let run = Run::new("r".into(), "w".into(), "n".into(), vars, Timestamp::EPOCH);
            assert_eq!(due(&run), expected, "{count} {limits} {guard}");
        }
    }
}
