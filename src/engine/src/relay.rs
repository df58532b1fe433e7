//! Several processes on one store: one drives the runs, the others take requests. What they tell each other carries no
//! data; it says "look". A word that is lost costs time, never truth: whoever connects again looks at everything.
//!
//! May not know: how words travel. Invariant: telling never blocks.

use std::sync::Arc;
use std::time::Duration;

use model::command::CommandOutcome;
use model::{CommandKind, Error, RunId};
use tokio::time::Instant;

use crate::commands::emit_event;
use crate::inner::Inner;
use crate::tasks::Kind;
use crate::{recover, store_error};

/// The way to the other processes.
pub trait Relay: Send + Sync + 'static {
    /// Asks whoever drives runs to look at one; false when nobody hears it.
    fn look(&self, run_id: &str) -> bool;

    /// Tells that a run has changed.
    fn changed(&self, run_id: &RunId);
}

/// Looks at a run another process spoke of: its inbox, and whether it can go on.
pub(crate) fn look(inner: &Arc<Inner>, run_id: RunId) {
    let owned = inner.clone();
    inner.tasks.spawn(Kind::Delivery, async move {
        if let Err(error) = deliver_events(&owned).await {
            tracing::error!(error = %error, "events could not be delivered; they will be at the next look");
        }
        owned.wake(&run_id);
        owned.told_changed(&run_id);
    });
}

/// Looks at every unfinished run, and at the whole inbox.
pub(crate) fn look_everywhere(inner: &Arc<Inner>) {
    let owned = inner.clone();
    inner.tasks.spawn(Kind::Delivery, async move {
        if let Err(error) = recover::look_again(&owned).await {
            tracing::error!(error = %error, context = ?error.context, "unfinished runs could not be looked at");
        }
    });
}

/// Delivers the events that wait in the inbox, each once: looks may come side by side.
pub(crate) async fn deliver_events(inner: &Arc<Inner>) -> Result<(), store::Error> {
    let _one_at_a_time = inner.events.lock().await;
    for command in inner.store.pending_commands(None).await? {
        if command.kind == CommandKind::EmitEvent {
            emit_event::deliver(inner, &command).await?;
        }
    }
    Ok(())
}

/// Has another process apply a stored command, and waits a moment for it.
pub(crate) async fn hand_over(
    inner: &Arc<Inner>,
    run_id: &RunId,
    command_id: &str,
    patience: Duration,
) -> Result<(), Error> {
    let mut changes = inner.watches.subscribe(run_id);
    let deadline = Instant::now() + patience;
    if !inner.relay_look(run_id) {
        return Ok(());
    }
    loop {
        changes.mark_unchanged();
        let known = inner.store.command(command_id).await.map_err(store_error)?;
        if known.is_none_or(|known| known.outcome != CommandOutcome::Pending) {
            return Ok(());
        }
        if !matches!(tokio::time::timeout_at(deadline, changes.changed()).await, Ok(Ok(()))) {
            return Ok(());
        }
    }
}
