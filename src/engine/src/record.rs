//! The ledger records of the contract (02, sections 2.3 and 3.1).

use model::{Effect, EffectKind, Map, Run, StepRecord, StepStatus, Timestamp, Value, Wait, redact};
use serde_json::json;

use crate::live::{Live, Pending};
use crate::outside::StepIds;

/// An empty record of a run at its current node.
fn blank(run: &Run, step_id: String, status: StepStatus, started: Timestamp) -> StepRecord {
    StepRecord {
        run_id: run.run_id.clone(),
        step_id,
        node_id: run.current_node.clone(),
        status,
        effect: None,
        result: None,
        error: None,
        started_at: started,
        ended_at: None,
        actor_id: run.actor_id.clone(),
        session_id: run.session_id.clone(),
        attempt: 1,
        idempotency_key: None,
        prev_hash: None,
        record_hash: None,
        signature: None,
    }
}

/// `started`: the effect is about to happen. A ledger keeps no key that the effect hands on.
pub(crate) fn started(run: &Run, ids: &StepIds<'_>, effect: &Effect, now: Timestamp) -> StepRecord {
    StepRecord {
        effect: Some(redact::effect(effect)),
        attempt: ids.attempt,
        idempotency_key: Some(ids.key.to_owned()),
        ..blank(run, ids.step_id.to_owned(), StepStatus::Started, now)
    }
}

/// How an effect ended.
pub(crate) enum Ending {
    Completed(Value),
    Waiting(Wait),
    Failed(String),
}

/// The record that closes a started one.
pub(crate) fn ended(start: StepRecord, ending: &Ending, now: Timestamp) -> StepRecord {
    let mut record = StepRecord { ended_at: Some(now), ..start };
    match ending {
        Ending::Completed(result) => {
            record.status = StepStatus::Completed;
            record.result = Some(result.clone());
        }
        Ending::Waiting(wait) => {
            record.status = StepStatus::Waiting;
            record.result = Some(json!({ "wait": wait }));
        }
        Ending::Failed(error) => {
            record.status = StepStatus::Failed;
            record.error = Some(error.clone());
        }
    }
    record
}

/// The closing record of a call that was in flight.
pub(crate) fn call_ended(run: &Run, pending: &Pending, ending: &Ending, now: Timestamp) -> StepRecord {
    let ids = StepIds { step_id: &pending.step_id, key: &pending.key, attempt: pending.attempt };
    ended(started(run, &ids, &pending.effect, pending.started_at), ending, now)
}

/// The answer to a wait.
pub(crate) fn resumed(live: &Live, wait: &Wait, payload: &Value) -> StepRecord {
    let mut members = Map::new();
    members.insert("wait_reason".into(), wait.reason.as_str().into());
    members.insert("wait_key".into(), json!(wait.wait_key));
    members.insert("resume_to_node".into(), json!(wait.resume_to_node));
    members.insert("result_key".into(), json!(wait.result_key));
    members.insert("payload".into(), payload.clone());
    let now = live.ctx.now;
    StepRecord {
        effect: Some(Effect { kind: EffectKind::Resume, payload: members, result_key: None }),
        result: Some(json!({ "resumed": true })),
        ended_at: Some(now),
        ..blank(&live.run, crate::ids::uuid(&live.ctx), StepStatus::Completed, now)
    }
}

/// The run's output.
pub(crate) fn completion(live: &Live, result: Value) -> StepRecord {
    let now = live.ctx.now;
    StepRecord {
        result: Some(result),
        ended_at: Some(now),
        ..blank(&live.run, crate::ids::uuid(&live.ctx), StepStatus::Completed, now)
    }
}

/// The last record of a run that ended by its own steps: an event for whoever watches the session.
pub(crate) fn terminal_status(live: &Live) -> StepRecord {
    let text = live.run.status.as_str();
    let event = json!({"name": "abstract.status", "scope": "session", "payload": {"text": text}});
    let Value::Object(payload) = event else { unreachable!("an object literal") };
    let now = live.ctx.now;
    StepRecord {
        effect: Some(Effect { kind: EffectKind::EmitEvent, payload, result_key: None }),
        result: Some(json!({"emitted": true, "name": "abstract.status", "payload": {"text": text}})),
        ended_at: Some(now),
        idempotency_key: Some(format!("system:terminal_status:{text}")),
        ..blank(&live.run, crate::ids::uuid(&live.ctx), StepStatus::Completed, now)
    }
}

/// A step that could not be planned.
pub(crate) fn plan_failure(live: &Live, error: &str) -> StepRecord {
    let now = live.ctx.now;
    StepRecord {
        error: Some(error.to_owned()),
        ended_at: Some(now),
        idempotency_key: Some(format!("system:tick_exception:{}", live.run.run_id)),
        ..blank(&live.run, crate::ids::uuid(&live.ctx), StepStatus::Failed, now)
    }
}
