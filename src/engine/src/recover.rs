//! What happens at start: every unfinished run is found and goes on, without waiting for anybody to ask.
//!
//! The invariant: recovery has ended when the inbox it found is decided, so that whoever looks next sees the effect of
//! every command that was acknowledged before.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use model::command::CommandOutcome;
use model::{Command, CommandKind, Error, RunId, RunStatus, Timestamp, WaitReason};
use store::fail::{self, Point};
use store::{Commit, Decision, Unfinished};
use tokio::time::Instant;

use crate::inner::Inner;
use crate::live::EngineState;
use crate::tasks::Kind;
use crate::{relay, store_error, timers};

/// How long recovery waits for commands to be applied. A disk that refuses writes must not keep the gateway from
/// answering that it is unwell.
const PATIENCE: Duration = Duration::from_secs(10);

/// Brings the indexes up and wakes what can move. Gives the number of unfinished runs.
pub(crate) async fn recover(inner: &Arc<Inner>) -> Result<usize, Error> {
    if !inner.options.runner {
        return Ok(0);
    }
    inner.tasks.spawn(Kind::Timer, timers::run(inner.clone()));
    let unfinished = inner.store.unfinished().await.map_err(store_error)?;
    for run in &unfinished {
        restore(inner, run).await.map_err(store_error)?;
    }
    fail::pass(Point::RecoveryFound);
    wake(inner, &unfinished);
    fail::pass(Point::RecoveryWoken);
    empty_inbox(inner).await?;
    Ok(unfinished.len())
}

/// Looks again at every run that may move and at the whole inbox. The indexes stay: they are the owners' by now.
pub(crate) async fn look_again(inner: &Arc<Inner>) -> Result<(), Error> {
    let unfinished = inner.store.unfinished().await.map_err(store_error)?;
    wake(inner, &unfinished);
    empty_inbox(inner).await
}

fn wake(inner: &Arc<Inner>, unfinished: &[Unfinished]) {
    for run in unfinished.iter().filter(|run| looks(run)) {
        inner.wake(&run.run_id);
    }
}

/// Has every waiting command decided, and those that follow from them.
async fn empty_inbox(inner: &Arc<Inner>) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        relay::deliver_events(inner).await.map_err(store_error)?;
        let mut commands = inner.store.pending_commands(None).await.map_err(store_error)?;
        // These are decided when a model has answered, not now; their runs are told to begin.
        let slow = commands.extract_if(.., |command| command.kind == CommandKind::CompactMemory);
        for command in slow.collect::<Vec<_>>() {
            begin(inner, &command).await?;
        }
        if commands.is_empty() {
            return Ok(());
        }
        let mut decisions: HashMap<i64, _> = HashMap::new();
        for command in commands.iter().filter(|command| command.kind != CommandKind::EmitEvent) {
            if is_driven(inner, command).await? {
                decisions.insert(command.seq, inner.decision(command.seq));
                inner.wake(&RunId::from(command.run_id.as_str()));
            } else {
                reject(inner, command).await?;
            }
        }
        // An owner may have decided before we began to listen: such a command is not in the inbox any more.
        let left = inner.store.pending_commands(None).await.map_err(store_error)?;
        for command in left {
            let Some(decided) = decisions.remove(&command.seq) else { continue };
            if tokio::time::timeout_at(deadline, decided).await.is_err() {
                tracing::error!(seq = command.seq, run_id = %command.run_id, "a stored command is not applied yet");
                return Ok(());
            }
        }
        decisions.keys().for_each(|seq| inner.settled(*seq));
    }
}

async fn begin(inner: &Arc<Inner>, command: &Command) -> Result<(), Error> {
    if is_driven(inner, command).await? {
        inner.wake(&RunId::from(command.run_id.as_str()));
        return Ok(());
    }
    reject(inner, command).await
}

/// Whether the command's run is there and driven by this engine.
async fn is_driven(inner: &Inner, command: &Command) -> Result<bool, Error> {
    let summary = inner.store.summary(&RunId::from(command.run_id.as_str())).await.map_err(store_error)?;
    Ok(summary.is_some_and(|s| s.actor_id.as_deref() == Some("gateway")))
}

/// Decides a command nobody could ever apply.
async fn reject(inner: &Inner, command: &Command) -> Result<(), Error> {
    let error = Some(format!("Run '{}' not found", command.run_id));
    let decided = vec![Decision { seq: command.seq, outcome: CommandOutcome::Rejected, error }];
    inner.store.commit(Commit { decided, ..Commit::default() }).await.map_err(store_error)?;
    inner.settled(command.seq);
    Ok(())
}

/// Puts a run back into the indexes.
async fn restore(inner: &Inner, run: &Unfinished) -> Result<(), store::Error> {
    match run.wait_reason {
        Some(WaitReason::Event) => inner.waiters.set(&run.run_id, run.wait_key.iter().cloned().collect()),
        Some(WaitReason::Until) if !run.paused => {
            inner.timers.set(&run.run_id, run.wait_until.as_deref().and_then(Timestamp::parse));
        }
        // A listener that was busy keeps its mailbox open: what comes before its owner looks is for it, too.
        _ if model::id::is_listener(&run.workflow_id) => {
            let private = inner.store.private(&run.run_id).await?.unwrap_or_default();
            let state: EngineState = serde_json::from_value(private).unwrap_or_default();
            inner.waiters.set(&run.run_id, state.subscribed);
        }
        _ => {}
    }
    Ok(())
}

/// Runs that may be able to move: running ones, those whose child or event may have come while nobody looked, and schedules
/// whose next time was found by a clock that was wrong.
fn looks(run: &Unfinished) -> bool {
    run.status == RunStatus::Running
        || matches!(run.wait_reason, Some(WaitReason::Subworkflow | WaitReason::Event))
        || run.workflow_id.starts_with(model::schedule::PREFIX)
}
