//! Taking a command: checked now, stored, applied by the owner. The answer waits a moment for the application, so that
//! a client that looks next sees its effect.

use std::sync::Arc;
use std::time::Duration;

use model::command::CommandOutcome;
use model::{Code, Command, CommandKind, Error, RunId};
use store::fail::{self, Point};

use crate::inner::Inner;
use crate::tasks::Kind;
use crate::{commands, relay, store_error};

/// How long an answer waits for its command to be applied.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its position in the inbox.
    pub seq: i64,
    /// Whether its id was there before; then nothing was done.
    pub duplicate: bool,
}

/// Checks, stores, wakes, waits a moment.
pub(crate) async fn send(inner: &Arc<Inner>, mut command: Command) -> Result<Sent, Error> {
    if let Some(known) = inner.store.command(&command.command_id).await.map_err(store_error)? {
        return Ok(Sent { seq: known.command.seq, duplicate: true });
    }
    if command.kind == CommandKind::EmitEvent {
        commands::emit_event::read(&command)?;
    } else {
        let named = inner.store.run(&RunId::from(command.run_id.as_str())).await.map_err(store_error)?;
        let Some(named) = named else {
            return Err(Error::new(Code::RunNotFound, format!("Run '{}' not found", command.run_id)));
        };
        let run = if command.kind == CommandKind::CompactMemory {
            commands::compact_memory::address(&*inner.store, named.run, &mut command).await?
        } else {
            commands::addressee(&*inner.store, named.run, &mut command).await.map_err(store_error)?
        };
        commands::check(&run, &command)?;
        commands::check_answer(&run, &*inner.outside, &command)?;
    }
    let run_id = RunId::from(command.run_id.as_str());
    let appended = inner.store.append_command(command.clone()).await.map_err(store_error)?;
    let sent = Sent { seq: appended.seq, duplicate: appended.duplicate };
    if sent.duplicate {
        return Ok(sent);
    }
    fail::pass(Point::CommandStored);
    if !inner.options.runner {
        relay::hand_over(inner, &run_id, &command.command_id, PATIENCE).await?;
        return Ok(sent);
    }
    let decided = inner.decision(sent.seq);
    let command_id = command.command_id.clone();
    if command.kind == CommandKind::EmitEvent {
        let inner = inner.clone();
        inner.clone().tasks.spawn(Kind::Delivery, async move {
            if let Err(error) = relay::deliver_events(&inner).await {
                tracing::error!(error = %error, "an event could not be delivered; it will be at the next start");
            }
        });
    } else {
        inner.wake(&run_id);
    }
    // An owner that was looking anyway may have decided it before anybody listened.
    let known = inner.store.command(&command_id).await.map_err(store_error)?;
    if known.is_none_or(|known| known.outcome == CommandOutcome::Pending) {
        let _ = tokio::time::timeout(PATIENCE, decided).await;
    }
    inner.settled(sent.seq);
    Ok(sent)
}
