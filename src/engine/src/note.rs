//! Records that are no step of a run: what somebody who watches has to say about it (contract 02, section 6).
//!
//! The run's state, version and ordinals stay as they are: an owner at work does not notice. The place of the record is
//! given by the store, like that of any other.

use std::sync::Arc;

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
    let now = inner.outside.now();
    let event = json!({"name": note.name, "scope": "run", "run_id": note.run_id, "payload": note.payload});
    let Value::Object(payload) = event else { unreachable!("an object literal") };
    let record = StepRecord {
        run_id: note.run_id.clone(),
        step_id: crate::ids::uuid(&inner.context()),
        node_id: NODE.to_owned(),
        status: StepStatus::Completed,
        effect: Some(Effect { kind: EffectKind::EmitEvent, payload, result_key: None }),
        result: Some(json!({"emitted": true, "name": note.name, "payload": note.payload})),
        error: None,
        started_at: now,
        ended_at: Some(now),
        actor_id: run.actor_id,
        session_id: run.session_id,
        attempt: 1,
        idempotency_key: Some(note.key),
        prev_hash: None,
        record_hash: None,
        signature: None,
    };
    let mut records = vec![record];
    offload::shrink_records(inner, &mut records).await.map_err(store_error)?;
    let committed = inner.store.commit(Commit { records, ..Commit::default() }).await.map_err(store_error)?;
    let cursor = committed.cursors.first().map(|(_, len)| *len);
    inner.watches.publish(&note.run_id, cursor);
    inner.told_changed(&note.run_id);
    Ok(cursor)
}
