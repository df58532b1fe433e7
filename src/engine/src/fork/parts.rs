//! Reads a ledger as the steps of its run: which records belong to one step, and how it ended.
//!
//! May not know workflows or variables. The invariant: a part is whole, or there is none: a step whose end is not among the
//! records is not a part.

use model::{EffectKind, StepRecord, StepStatus, Value, Wait};

use crate::note::is_note;

/// What comes next in a ledger.
pub(crate) enum Part<'r> {
    /// Something that was said about the run, or done beside its steps.
    Beside,
    /// A step, from its start to where the run goes on.
    Step {
        start: &'r StepRecord,
        outcome: Outcome<'r>,
        /// How many records it has.
        len: usize,
    },
}

/// How a step ended.
pub(crate) enum Outcome<'r> {
    /// With the result of this record.
    Completed(&'r StepRecord),
    /// With an answer to a wait.
    Answered { wait: Box<Wait>, answer: &'r StepRecord },
}

/// The part the records begin with. None when they end in the middle of it, and where the run ended: whatever ended it is
/// no part, so that it can be done anew.
pub(crate) fn next(records: &[StepRecord]) -> Option<Part<'_>> {
    let start = records.first()?;
    if is_beside(start) {
        return Some(Part::Beside);
    }
    if start.status != StepStatus::Started {
        return None;
    }
    let mut wait: Option<Wait> = None;
    for (at, record) in records.iter().enumerate().skip(1).filter(|(_, record)| !is_beside(record)) {
        let is_answer = record.effect.as_ref().is_some_and(|e| e.kind == EffectKind::Resume);
        match (record.status, &wait) {
            (StepStatus::Completed, Some(open)) if is_answer && answers(record, open) => {
                let wait = Box::new(open.clone());
                return Some(Part::Step { start, outcome: Outcome::Answered { wait, answer: record }, len: at + 1 });
            }
            (StepStatus::Completed, None) if record.step_id == start.step_id => {
                return Some(Part::Step { start, outcome: Outcome::Completed(record), len: at + 1 });
            }
            (StepStatus::Waiting, _) => wait = wait_of(record).filter(|w| !asks_what_to_do(w)).or(wait),
            // Further tries, tools that were executed after an approval, what was decided about a step in trouble.
            _ => {}
        }
    }
    None
}

/// Whether a record is about no step of the run: a note, or what a command or the engine had done beside the steps.
fn is_beside(record: &StepRecord) -> bool {
    const BESIDE: [&str; 2] = ["command:", "runtime:"];
    let key = record.idempotency_key.as_deref().unwrap_or_default();
    is_note(record) || BESIDE.iter().any(|prefix| key.starts_with(prefix))
}

/// A person decides about a step that did not come to its end: that is not its outcome.
fn asks_what_to_do(wait: &Wait) -> bool {
    matches!(wait.mode(), Some("interrupted" | "exhausted"))
}

fn wait_of(record: &StepRecord) -> Option<Wait> {
    serde_json::from_value(record.result.as_ref()?.get("wait")?.clone()).ok()
}

fn answers(record: &StepRecord, wait: &Wait) -> bool {
    let named = record.effect.as_ref().and_then(|e| e.payload.get("wait_key")).and_then(Value::as_str);
    named == wait.wait_key.as_deref()
}

/// What an answer says.
pub(crate) fn answer(record: &StepRecord) -> Value {
    record.effect.as_ref().and_then(|e| e.payload.get("payload")).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A record from a word: `status step`, and what makes it special.
    fn record(word: &str) -> StepRecord {
        let words: Vec<&str> = word.split(' ').collect();
        let (status, step) = (words[0], words[1]);
        let wait =
            |mode: &str, key: &str| json!({"wait": {"reason": "user", "wait_key": key, "details": {"mode": mode}}});
        let (kind, key, result, node) = match (status, words.get(2)) {
            ("waiting", Some(mode)) => ("tool_calls", "0f", wait(mode, mode), "n"),
            ("waiting", None) => ("ask_user", "0f", json!({"wait": {"reason": "user", "wait_key": "k"}}), "n"),
            ("resume", Some(key)) => ("resume", "", json!(key), "n"),
            (_, Some(key)) => ("emit_event", *key, json!(null), if *key == "observer:x" { "observer" } else { "n" }),
            _ => ("tool_calls", "0f", json!(1), "n"),
        };
        let status = if status == "resume" { "completed" } else { status };
        serde_json::from_value(json!({
            "run_id": "r", "step_id": step, "node_id": node, "status": status, "result": result,
            "effect": {"type": kind, "payload": {"wait_key": result}},
            "idempotency_key": Some(key).filter(|key| !key.is_empty()), "started_at": "2026-01-01T00:00:00+00:00",
        }))
        .unwrap()
    }

    #[test]
    fn a_part_is_whole_or_there_is_none() {
        for (words, expected) in [
            ("", None),
            ("started a", None),
            ("started a, completed a", Some(2)),
            ("started a, completed b", None),
            ("started a, failed a", None),
            ("started a, failed a, started a, completed a, started b", Some(4)),
            ("started a, waiting a", None),
            ("started a, waiting a, resume x other", None),
            ("started a, waiting a, resume x k, started b", Some(3)),
            ("started a, waiting a interrupted, resume x interrupted", None),
            ("started a, waiting a interrupted, resume x interrupted, completed a", Some(4)),
            ("started a, waiting a exhausted, resume x exhausted, started a, completed a", Some(5)),
            ("started a, waiting a approval_required, completed b", None),
            ("started a, waiting a approval_required, completed b, resume x approval_required", Some(4)),
            (
                "started a, waiting a approval_required, waiting b interrupted, resume x interrupted, completed b, resume x approval_required",
                Some(6),
            ),
            ("completed n observer:x", Some(1)),
            (
                "started a, completed n observer:x, started c command:compact, completed c command:compact, completed a",
                Some(5),
            ),
            ("started c runtime:compact, started a", Some(1)),
            ("completed e system:terminal_status:completed", None),
            ("failed e system:tick_exception:r", None),
        ] {
            let records: Vec<StepRecord> = words.split(", ").filter(|word| !word.is_empty()).map(record).collect();
            let len = next(&records).map(|part| match part {
                Part::Beside => 1,
                Part::Step { len, .. } => len,
            });
            assert_eq!(len, expected, "{words}");
        }
    }
}
