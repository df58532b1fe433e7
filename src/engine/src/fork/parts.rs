//! Reads a ledger as the steps of its run: which records belong to one step, and how it ended.
//!
//! May not know workflows or variables. The invariant: a part is whole, or there is none: a step whose end is not among the
//! records is not a part.

use model::{EffectKind, StepRecord, StepStatus, Value, Wait};

use crate::note::is_note;

/// What comes next in a ledger.
pub(crate) enum Part<'r> {
    /// Something that was said about the run.
    Note,
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
    if is_note(start) {
        return Some(Part::Note);
    }
    if start.status != StepStatus::Started {
        return None;
    }
    let mut wait: Option<Wait> = None;
    for (at, record) in records.iter().enumerate().skip(1).filter(|(_, record)| !is_note(record)) {
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
