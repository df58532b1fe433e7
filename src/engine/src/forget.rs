//! What is said to the engine about runs that somebody deleted. Nothing of them can come back: an owner that still holds
//! one fails to store it, because the version it read is gone.

use std::sync::Arc;

use model::{Run, RunId, RunStatus, Timestamp};

use crate::inner::Inner;

/// Takes deleted runs out of the indexes, lets their subscribers look, and wakes the run that waited for one of them.
pub(crate) fn forget(inner: &Arc<Inner>, run_ids: &[RunId], parent: Option<&RunId>) {
    for run_id in run_ids {
        inner.waiters.set(run_id, Vec::new());
        inner.timers.set(run_id, None);
        inner.aside.forget(run_id);
        inner.watches.publish(run_id, None);
        inner.told_changed(run_id);
    }
    if let Some(parent) = parent {
        inner.wake(parent);
    }
}

/// What a parent finds of a child that was deleted: one that somebody ended.
pub(crate) fn deleted_child(run_id: RunId, now: Timestamp) -> Run {
    let mut run = Run::new(run_id, String::new(), String::new(), model::Map::new(), now);
    run.status = RunStatus::Cancelled;
    run.error = Some("the run was deleted".into());
    run
}
