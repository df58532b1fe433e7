//! Records that are no step of a run: what somebody who watches has to say about it (contract 02, section 6).
//!
//! The run's state, version and ordinals stay as they are: an owner at work does not notice. The place of the record is
//! given by the store, like that of any other.

use std::sync::Arc;

use model::workflow::PlanContext;
use model::{Effect, EffectKind, Error, RunId, StepRecord, StepStatus, Value};
use serde_json::json;
use store::Commit;

use crate::inner::Inner;
use crate::{offload, store_error};

/// The node such records stand under.
const NODE: &str = "observer";

/// An event about a run.
#[derive(Clone, Debug)]
pub struct Note {
    /// The run.
    pub run_id: RunId,
    /// The event's name.
    pub name: &'static str,
    /// What it says.
    pub payload: Value,
    /// What the record is known by.
    pub key: String,
}

/// Appends the note to the run's ledger and lets subscribers look. Gives the record's cursor; none for an unknown run.
pub(crate) async fn note(inner: &Arc<Inner>, note: Note) -> Result<Option<u64>, Error> {
    let Some(run) = inner.store.summary(&note.run_id).await.map_err(store_error)? else { return Ok(None) };
    let place = Place { run_id: note.run_id.clone(), actor_id: run.actor_id, session_id: run.session_id };
    let record = record(place, note.name, note.payload, note.key, &inner.context());
    let run_id = record.run_id.clone();
    let mut records = vec![record];
    offload::shrink_records(inner, &mut records).await.map_err(store_error)?;
    let committed = inner.store.commit(Commit { records, ..Commit::default() }).await.map_err(store_error)?;
    let cursor = committed.cursors.first().map(|(_, len)| *len);
    inner.watches.publish(&run_id, cursor);
    inner.told_changed(&run_id);
    Ok(cursor)
}

/// Whether a record is no step of its run.
pub(crate) fn is_note(record: &StepRecord) -> bool {
    record.node_id == NODE && record.status == StepStatus::Completed && record.idempotency_key.is_some()
}

/// What a record copies from its run.
pub(crate) struct Place {
    pub run_id: RunId,
    pub actor_id: Option<String>,
    pub session_id: Option<String>,
}

/// The record of an event about a run.
pub(crate) fn record(place: Place, name: &str, payload: Value, key: String, ctx: &PlanContext) -> StepRecord {
    let now = ctx.now;
    let event = json!({"name": name, "scope": "run", "run_id": place.run_id, "payload": payload});
    let Value::Object(event) = event else { unreachable!("an object literal") };
    StepRecord {
        run_id: place.run_id,
        step_id: crate::ids::uuid(ctx),
        node_id: NODE.to_owned(),
        status: StepStatus::Completed,
        effect: Some(Effect { kind: EffectKind::EmitEvent, payload: event, result_key: None }),
        result: Some(json!({"emitted": true, "name": name, "payload": payload})),
        error: None,
        started_at: now,
        ended_at: Some(now),
        actor_id: place.actor_id,
        session_id: place.session_id,
        attempt: 1,
        idempotency_key: Some(key),
        prev_hash: None,
        record_hash: None,
        signature: None,
    }
}
