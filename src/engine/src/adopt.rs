//! A run that another program was driving when it was killed. The Python gateway writes its ledger before its run, so the
//! last record may be about a step the run does not know of: done, waiting, or out in the world.
//!
//! May not know: how the run came here. The invariant: a step whose outcome stands in the ledger is not done again, and
//! one that was out and may have changed the world is not repeated without asking.

use model::workflow::StepPlan;
use model::{EffectKind, RunStatus, StepRecord, StepStatus, Wait};

use crate::inner::Inner;
use crate::live::{Live, Pending};
use crate::outside::{StepIds, Verdict};
use crate::record::Ending;
use crate::step::{World, finish_effect, pending};

/// Looks at the end of the ledger of a run that was never in our hands.
pub(crate) async fn look(inner: &Inner, live: &mut Live) {
    if live.run.status != RunStatus::Running {
        return;
    }
    let Ok(len) = inner.store.ledger_len(&live.run.run_id).await else { return };
    let last = inner.store.ledger(&live.run.run_id, len.saturating_sub(1), 1).await.unwrap_or_default();
    let last = last.first().and_then(|text| serde_json::from_str::<StepRecord>(text).ok());
    if let Some(last) = last.filter(|last| is_ahead(live, last)) {
        take_over(live, &inner.world(), &last);
    }
}

/// Whether a record is about the step the run is about to do, and not about an earlier visit of the same node.
fn is_ahead(live: &Live, last: &StepRecord) -> bool {
    last.node_id == live.run.current_node && last.effect.is_some() && last.started_at >= live.run.updated_at
}

/// Takes the run on from the record, when that is about what the run would do now.
fn take_over(live: &mut Live, world: &World<'_>, last: &StepRecord) {
    let Some(workflow) = world.outside.workflow(&live.run.workflow_id) else { return };
    let mut run = live.run.clone();
    let Ok(StepPlan::Effect { effect, next }) = workflow.plan(&mut run, &live.ctx) else { return };
    if last.effect.as_ref().is_none_or(|recorded| recorded.kind != effect.kind) {
        return;
    }
    live.state.ordinal += 1;
    let own_key = model::step::idempotency_key(&run.run_id, live.state.ordinal);
    let key = last.idempotency_key.clone().unwrap_or(own_key);
    match last.status {
        StepStatus::Completed => {
            live.run = run;
            let result = last.result.clone().unwrap_or_default();
            finish_effect(live, &effect, next, last.attempt, Ending::Completed(result));
        }
        StepStatus::Waiting => {
            let wait = last.result.as_ref().and_then(|result| result.get("wait"));
            let Some(wait) = wait.and_then(|wait| serde_json::from_value::<Wait>(wait.clone()).ok()) else { return };
            live.run = run;
            finish_effect(live, &effect, next, last.attempt, Ending::Waiting(wait));
        }
        StepStatus::Started if matches!(effect.kind, EffectKind::LlmCall | EffectKind::ToolCalls) => {
            let ids = StepIds { step_id: &last.step_id, key: &key, attempt: last.attempt };
            let Ok(prepared) = world.outside.prepare(&run, &ids, &effect) else { return };
            let Verdict::Call(batch) = prepared.verdict else { return };
            live.run = run;
            live.dirty = true;
            let pending = pending(&ids, prepared.effect, batch, next, last.started_at);
            live.state.pending = Some(Pending { vetted: false, ..pending });
        }
        StepStatus::Started | StepStatus::Failed => {}
    }
}
