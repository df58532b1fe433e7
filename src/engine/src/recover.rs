//! What happens at start: every unfinished run is found and goes on, without waiting for anybody to ask.

use std::sync::Arc;

use model::{CommandKind, Error, RunId, RunStatus, Timestamp, WaitReason};
use store::Unfinished;

use crate::commands::emit_event;
use crate::inner::Inner;
use crate::tasks::Kind;
use crate::{store_error, timers};

/// Brings the indexes up and wakes what can move. Gives the number of unfinished runs.
pub(crate) async fn recover(inner: &Arc<Inner>) -> Result<usize, Error> {
    if !inner.options.runner {
        return Ok(0);
    }
    let unfinished = inner.store.unfinished().await.map_err(store_error)?;
    let commands = inner.store.pending_commands(None).await.map_err(store_error)?;
    let count = unfinished.len();
    inner.tasks.spawn(Kind::Timer, timers::run(inner.clone()));
    for run in &unfinished {
        restore(inner, run);
    }
    for run in &unfinished {
        if looks(run) {
            inner.wake(&run.run_id);
        }
    }
    let mut events = Vec::new();
    for command in commands {
        if command.kind == CommandKind::EmitEvent {
            events.push(command);
        } else {
            inner.wake(&RunId::from(command.run_id.as_str()));
        }
    }
    for command in events {
        emit_event::deliver(inner, &command).await.map_err(store_error)?;
    }
    Ok(count)
}

/// Puts a waiting run back into the indexes.
fn restore(inner: &Inner, run: &Unfinished) {
    match run.wait_reason {
        Some(WaitReason::Event) => inner.waiters.set(&run.run_id, run.wait_key.iter().cloned().collect()),
        Some(WaitReason::Until) if !run.paused => {
            inner.timers.set(&run.run_id, run.wait_until.as_deref().and_then(Timestamp::parse));
        }
        _ => {}
    }
}

/// Runs that may be able to move: running ones, and those whose child or event may have come while nobody looked.
fn looks(run: &Unfinished) -> bool {
    run.status == RunStatus::Running || matches!(run.wait_reason, Some(WaitReason::Subworkflow | WaitReason::Event))
}
