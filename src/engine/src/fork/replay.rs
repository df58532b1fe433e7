//! Plans the steps of a run again and gives each the outcome its ledger shows, instead of doing it.
//!
//! May not know the store; nothing is asked of the world but workflows. The invariant: every effect that is planned is the
//! one the ledger shows at that place, or the run is refused: a state is never guessed.

use std::collections::BTreeMap;

use model::workflow::{StepPlan, Workflow};
use model::{Code, Effect, EffectKind, Error, Map, RunStatus, StepRecord, redact};

use super::parts::{self, Outcome, Part};
use crate::live::Live;
use crate::outside::{Outside, StepIds};
use crate::record::Ending;
use crate::step::{finish_effect, go_to, plan};
use crate::{origin, resume};

/// Nodes between two records, at most.
const PURE_MAX: usize = 1_000_000;
/// Times a step may have been planned before it was recorded: once, and again after each crash in between.
const PLANNED_AGAIN_MAX: u64 = 64;

/// A run after its last whole step.
pub(crate) struct Replayed {
    pub live: Live,
    /// How many of the records led there.
    pub records: usize,
    /// The records of its end, when the last step ended the run.
    pub ending: Vec<StepRecord>,
}

/// Takes the run from `whole` through the records. `vars` are what effects made of the variables, by ordinal; `done` is how
/// many records of the ledger came before.
pub(crate) fn replay(
    mut live: Live,
    vars: &BTreeMap<u64, Map>,
    records: &[StepRecord],
    done: usize,
    outside: &dyn Outside,
    workflow: &dyn Workflow,
) -> Result<Replayed, Error> {
    let mut at = 0;
    while let Some(part) = parts::next(&records[at..]) {
        let Part::Step { start, outcome, len } = part else {
            at += 1;
            continue;
        };
        let diverged = |what: String| diverged(done + at + 1, start, &what);
        live.ctx.now = start.started_at;
        let (effect, next) = effect_at(&mut live, start, workflow).map_err(diverged)?;
        agree(&live, start, &effect).map_err(diverged)?;
        let recorded = prepared(&mut live, start, &effect, outside);
        if let Some(vars) = vars.get(&live.state.ordinal) {
            live.run.vars.clone_from(vars);
        }
        live.draft.records.clear();
        settle(&mut live, &recorded, next, start, outcome);
        at += len;
        if live.run.status != RunStatus::Running {
            break;
        }
    }
    let is_end = |record: &StepRecord| record.effect.as_ref().is_none_or(|e| e.kind == EffectKind::EmitEvent);
    let mut ending = std::mem::take(&mut live.draft.records);
    ending.retain(|record| live.run.status.is_terminal() && is_end(record));
    Ok(Replayed { live, records: at, ending })
}

/// The first state of a run in our hands.
pub(crate) fn begin(whole: origin::Whole, ordinal: u64, ctx: model::workflow::PlanContext) -> Live {
    let mut live = Live::fresh(whole.run, ctx);
    (live.state.seed, live.state.planned, live.state.ordinal) = (whole.seed, whole.planned, ordinal);
    live
}

/// Goes from node to node up to the effect the record is about.
fn effect_at(live: &mut Live, start: &StepRecord, workflow: &dyn Workflow) -> Result<(Effect, Option<String>), String> {
    for _ in 0..PURE_MAX {
        match plan(live, workflow).map_err(|e| format!("node '{}' cannot be planned: {e}", live.run.current_node))? {
            StepPlan::Goto(next) => go_to(live, next),
            StepPlan::Complete(_) => return Err(format!("the run ends at node '{}'", live.run.current_node)),
            StepPlan::Effect { effect, next } => return counted(live, start, workflow, (effect, next)),
        }
    }
    Err(format!("the run is still on its way after {PURE_MAX} nodes"))
}

/// Finds the step's ordinal. A step that was planned, and planned again after a crash before anything was recorded of it,
/// is planned as often here: it counts as often.
fn counted(
    live: &mut Live,
    start: &StepRecord,
    workflow: &dyn Workflow,
    mut planned: (Effect, Option<String>),
) -> Result<(Effect, Option<String>), String> {
    for _ in 0..PLANNED_AGAIN_MAX {
        live.state.ordinal += 1;
        let key = model::step::idempotency_key(&live.run.run_id, live.state.ordinal);
        if start.idempotency_key.as_deref() == Some(&key) {
            return Ok(planned);
        }
        match plan(live, workflow) {
            Ok(StepPlan::Effect { effect, next }) => planned = (effect, next),
            _ => break,
        }
    }
    Err("it is another step of the run".into())
}

/// Whether the planned effect is the recorded one.
fn agree(live: &Live, start: &StepRecord, planned: &Effect) -> Result<(), String> {
    let Some(recorded) = &start.effect else { return Err("the record has no effect".into()) };
    if live.run.current_node != start.node_id || planned.kind != recorded.kind {
        let (node, kind) = (&live.run.current_node, planned.kind.as_str());
        return Err(format!("node '{node}' asks for {kind}"));
    }
    if planned.result_key != recorded.result_key {
        return Err("its result goes to another variable".into());
    }
    if is_recorded_as_planned(planned.kind) && written(&redact::effect(planned).payload) != written(&recorded.payload) {
        return Err("it asks for something else".into());
    }
    Ok(())
}

/// Effects that leave the process are recorded as the settings of that day made them; the others as the flow wants them.
const fn is_recorded_as_planned(kind: EffectKind) -> bool {
    use EffectKind::{AnswerUser, AskUser, EmitEvent, StartSubworkflow, VarsQuery, WaitEvent, WaitUntil};
    matches!(kind, AnswerUser | AskUser | EmitEvent | StartSubworkflow | VarsQuery | WaitEvent | WaitUntil)
}

/// A payload as the ledger gives it back: a fraction is what its text says, not all of its digits in memory.
fn written(payload: &Map) -> Option<Map> {
    serde_json::from_str(&serde_json::to_string(payload).ok()?).ok()
}

/// The effect as it was done. What its preparation said goes into the run's warnings again.
fn prepared(live: &mut Live, start: &StepRecord, planned: &Effect, outside: &dyn Outside) -> Effect {
    let key = start.idempotency_key.as_deref().unwrap_or_default();
    let ids = StepIds { step_id: &start.step_id, key, attempt: start.attempt };
    if matches!(planned.kind, EffectKind::LlmCall | EffectKind::ToolCalls)
        && let Ok(prepared) = outside.prepare(&live.run, &ids, planned)
    {
        prepared.warnings.into_iter().for_each(|line| live.run.warn(line));
    }
    start.effect.clone().unwrap_or_else(|| planned.clone())
}

/// Gives the effect its outcome.
fn settle(live: &mut Live, effect: &Effect, next: Option<String>, start: &StepRecord, outcome: Outcome<'_>) {
    match outcome {
        Outcome::Completed(closing) => {
            live.ctx.now = closing.ended_at.unwrap_or(closing.started_at);
            let result = closing.result.clone().unwrap_or_default();
            finish_effect(live, effect, next, closing.attempt, Ending::Completed(result));
        }
        Outcome::Answered { wait, answer } => {
            finish_effect(live, effect, next, start.attempt, Ending::Waiting((*wait).clone()));
            live.ctx.now = answer.started_at;
            resume::settle(live, &wait, parts::answer(answer));
        }
    }
}

fn diverged(cursor: usize, start: &StepRecord, what: &str) -> Error {
    let kind = start.effect.as_ref().map_or("nothing", |e| e.kind.as_str());
    let text = format!(
        "the flow does not take the way of this run any more: record {cursor} is {kind} at node '{}', but {what}. \
         Fork at a record before {cursor}",
        start.node_id
    );
    Error::new(Code::ForkDiverged, text).with("cursor", cursor as u64).with("node_id", start.node_id.as_str())
}
