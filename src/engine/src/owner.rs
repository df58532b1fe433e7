//! The owner of a run: one task that applies commands between steps, does the steps, holds the call that is out, and
//! gives the run up when there is nothing to do. Waiting runs have no owner and cost no task.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use model::{RunId, RunStatus, Value, WaitReason};
use store::fail::{self, Point};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::flush::{flush, index};
use crate::inner::{Handle, Inner};
use crate::live::{Live, Pending};
use crate::outside::{Call, CallRun, Finished};
use crate::retry::{self, OnInterrupted, RetryPolicy};
use crate::step::{Next, advance};
use crate::{adopt, aside, auto_compact, commands, forget, memory, resume, trace};

/// Steps that share a commit, at most: of a short run, and of a long one.
const STEPS_PER_COMMIT: (u64, u64) = (256, 1024);
/// How long a cancelled call may take to clean up before it is dropped.
const CANCEL_GRACE: Duration = Duration::from_secs(1);
/// How long a call that must not be repeated may go on after the engine is told to stop.
const STOP_GRACE: Duration = Duration::from_secs(5);

type Running = Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send>>;

/// A call that is out.
struct InFlight {
    future: Running,
    cancel: CancellationToken,
    journal: mpsc::Receiver<Finished>,
}

/// Why an owner stops.
pub(crate) enum Stop {
    /// Nothing to do.
    Idle,
    /// The engine closes.
    Shutdown,
    /// The stored run is not what we hold: read it again.
    Reload,
}

/// Owns a run until there is nothing to do.
pub(crate) async fn own(inner: Arc<Inner>, run_id: RunId, handle: Arc<Handle>, first: Option<Live>) {
    let mut live = first;
    loop {
        if live.is_none() {
            live = load(&inner, &run_id).await;
        }
        let stop = match live.as_mut() {
            Some(live) => drive(&inner, live, &handle).await,
            None => Stop::Idle,
        };
        match stop {
            Stop::Reload => {
                live = None;
                // What was read of the inbox is forgotten with the rest.
                inner.wake(&run_id);
            }
            Stop::Shutdown => {
                inner.release(&run_id, &handle);
                return;
            }
            Stop::Idle if inner.release(&run_id, &handle) => return,
            Stop::Idle => {
                if live.is_none() && !handle.take() {
                    inner.release(&run_id, &handle);
                    return;
                }
            }
        }
    }
}

async fn load(inner: &Arc<Inner>, run_id: &RunId) -> Option<Live> {
    match inner.store.run(run_id).await {
        Ok(Some(snapshot)) if snapshot.run.actor_id.as_deref() == Some("gateway") => {
            let foreign = snapshot.private.is_null();
            let mut live = Live::stored(snapshot, inner.context());
            if foreign {
                adopt::look(inner, &mut live).await;
            }
            Some(live)
        }
        Ok(_) => None,
        Err(error) => {
            tracing::error!(run_id = %run_id, error = %error, "a run could not be read");
            None
        }
    }
}

/// Does steps that stay inside the engine, up to the bound of one commit.
pub(crate) fn inner_steps(inner: &Inner, live: &mut Live) -> Next {
    live.renew = true;
    loop {
        match advance(live, &inner.world()) {
            Next::More if live.steps < steps_per_commit(live.state.ordinal) => {}
            next => return next,
        }
    }
}

/// A commit writes the whole run, which grows with its steps. So a long run is written when it has grown by a quarter, and
/// its steps cost what those of a short one do.
fn steps_per_commit(done: u64) -> usize {
    let (least, most) = STEPS_PER_COMMIT;
    usize::try_from((done / 4).clamp(least, most)).unwrap_or(usize::MAX)
}

async fn drive(inner: &Arc<Inner>, live: &mut Live, handle: &Handle) -> Stop {
    loop {
        if inner.shutdown.is_cancelled() {
            return Stop::Shutdown;
        }
        let (asked, deferred) = (handle.take(), std::mem::take(&mut live.deferred));
        if (asked || deferred)
            && let Some(stop) = apply_commands(inner, live).await
        {
            return stop;
        }
        satisfy_wait(inner, live).await;
        if live.run.status == RunStatus::Running && live.has_orphaned_call() {
            recover_call(inner, live);
        }
        let next = inner_steps(inner, live);
        auto_compact::consider(inner, live).await;
        if let Some(stop) = store(inner, live).await {
            return stop;
        }
        match next {
            Next::More => tokio::task::yield_now().await,
            Next::Call => {
                if let Some(stop) = hold_call(inner, live, handle).await {
                    return stop;
                }
            }
            Next::Memory => {
                if let Some(stop) = memory::settle(inner, live).await {
                    return stop;
                }
            }
            Next::Stranded => {
                inner.strand(&live.run.run_id);
                // It may have been loaded between our look and this note, and then nobody wakes us.
                if inner.outside.workflow(&live.run.workflow_id).is_none() {
                    tracing::warn!(run_id = %live.run.run_id, workflow_id = %live.run.workflow_id, "the run's workflow is not loaded");
                    return Stop::Idle;
                }
            }
            Next::Backoff => {
                // After a restart nothing was stored that would have set the timer.
                index(inner, live);
                return Stop::Idle;
            }
            Next::Idle if live.run.status == RunStatus::Running => {}
            Next::Idle => {
                satisfy_wait(inner, live).await;
                if live.run.status != RunStatus::Running && !live.dirty {
                    // A timer that woke us is spent; when the clock went back meanwhile, its moment is still to come. A child
                    // with a deadline has its timer from here after a restart.
                    index(inner, live);
                    return Stop::Idle;
                }
            }
        }
    }
}

/// Commits, trying again for as long as the disk refuses: what was decided is not forgotten, and nothing is shown.
pub(crate) async fn store(inner: &Arc<Inner>, live: &mut Live) -> Option<Stop> {
    let mut pause = Duration::from_millis(250);
    loop {
        match flush(inner, live).await {
            Ok(_) => return None,
            Err(store::Error::Stale(_)) => {
                tracing::warn!(run_id = %live.run.run_id, "the run was changed by somebody else; reading it again");
                return Some(Stop::Reload);
            }
            Err(store::Error::Closed) => return Some(Stop::Shutdown),
            Err(error) => {
                tracing::error!(run_id = %live.run.run_id, error = %error, "a commit failed; it will be tried again");
                tokio::select! {
                    () = inner.shutdown.cancelled() => return Some(Stop::Shutdown),
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(30)),
                }
            }
        }
    }
}

async fn apply_commands(inner: &Arc<Inner>, live: &mut Live) -> Option<Stop> {
    let pending = match inner.store.pending_commands(Some(&live.run.run_id)).await {
        Ok(pending) => pending,
        Err(error) => {
            tracing::error!(run_id = %live.run.run_id, error = %error, "commands could not be read");
            return None;
        }
    };
    let decided: Vec<i64> = live.draft.decided.iter().map(|d| d.seq).collect();
    for command in pending.into_iter().filter(|c| !decided.contains(&c.seq)) {
        if command.kind == model::CommandKind::EmitEvent {
            continue;
        }
        if command.kind == model::CommandKind::CompactMemory {
            // A step that compacts the same conversation ends first.
            live.deferred |= is_compacting(live);
            if !live.deferred
                && let Some(stop) = aside::tend(inner, live, &command).await
            {
                return Some(stop);
            }
            continue;
        }
        let children = if commands::reaches_descendants(&command) {
            unfinished_children(inner, &live.run.run_id).await
        } else {
            Vec::new()
        };
        match commands::ahead(&live.run, &*inner.outside, &command).await {
            Ok(()) => commands::apply(live, &*inner.outside, &command, &children),
            Err(error) => commands::reject(live, &command, error),
        }
    }
    None
}

fn is_compacting(live: &Live) -> bool {
    live.state.pending.as_ref().is_some_and(|p| p.effect.kind == model::EffectKind::MemoryCompact)
}

async fn unfinished_children(inner: &Inner, run_id: &RunId) -> Vec<RunId> {
    let mut unfinished = Vec::new();
    for child in inner.store.children(run_id).await.unwrap_or_default() {
        if inner.store.summary(&child).await.ok().flatten().is_some_and(|s| !s.status.is_terminal()) {
            unfinished.push(child);
        }
    }
    unfinished
}

/// Looks whether what the run waits for is there.
async fn satisfy_wait(inner: &Arc<Inner>, live: &mut Live) {
    if live.run.status != RunStatus::Waiting || live.run.is_paused() {
        return;
    }
    let Some(wait) = live.run.waiting.clone() else { return };
    live.ctx.now = inner.outside.now();
    match wait.reason {
        WaitReason::User | WaitReason::Job => {}
        WaitReason::Until => {
            let due = wait.until.as_deref().and_then(model::Timestamp::parse);
            let ready = due.is_none_or(|due| due <= live.ctx.now);
            if ready || model::schedule::timetable::must_look_again(&live.run, live.ctx.now) {
                resume::settle(live, &wait, serde_json::json!({"until": wait.until, "ready": ready}));
            }
        }
        WaitReason::Event => {
            let deliveries = inner.store.deliveries(&live.run.run_id).await.unwrap_or_default();
            let consumed = &live.draft.consumed;
            let fits =
                |d: &&store::Delivery| wait.wait_key.as_deref() == Some(&d.wait_key) && !consumed.contains(&d.id);
            if let Some(delivery) = deliveries.iter().find(fits) {
                live.draft.consumed.push(delivery.id);
                resume::settle(live, &wait, delivery.envelope.clone());
            }
        }
        WaitReason::Subworkflow => {
            let Some(child_id) = wait.detail("sub_run_id").map(RunId::from) else { return };
            let Ok(found) = inner.store.run(&child_id).await else { return };
            // A child is stored together with the wait for it: one that is not there was deleted.
            let child = found.map_or_else(|| forget::deleted_child(child_id.clone(), live.ctx.now), |found| found.run);
            if child.status.is_terminal() {
                let traced =
                    wait.details.as_ref().and_then(|d| d.get("include_traces")).and_then(Value::as_bool) == Some(true);
                let traces = if traced { Some(trace::of(inner, &child_id).await) } else { None };
                let payload = crate::effects::start_subworkflow::outcome(&child, &wait, traces);
                resume::settle(live, &wait, payload);
            } else if wait.until.as_deref().and_then(model::Timestamp::parse).is_some_and(|due| due <= live.ctx.now) {
                commands::end_child(live, &child_id);
            }
        }
    }
}

/// A call that was out when the process died: done again when that changes nothing, else the policy decides, and without
/// one a person.
fn recover_call(inner: &Inner, live: &mut Live) {
    live.ctx.now = inner.outside.now();
    let Some(pending) = live.state.pending.as_ref() else { return };
    let policy = RetryPolicy::in_force(&pending.effect.payload, &inner.options.retry);
    if inner.outside.is_repeatable(&pending.effect, pending.batch.as_ref(), &pending.finished) {
        return retry::repeat(live);
    }
    match policy.on_interrupted {
        OnInterrupted::Wait => resume::interrupt(live),
        OnInterrupted::Retry => retry::repeat(live),
        OnInterrupted::Fail => resume::call_ended(live, Err(resume::INTERRUPTED.into())),
    }
}

/// Lets the pending call out and waits for it, for commands and for the end of the engine. The `started` record is
/// durable already.
async fn hold_call(inner: &Arc<Inner>, live: &mut Live, handle: &Handle) -> Option<Stop> {
    let mut call = launch(inner, live)?;
    loop {
        tokio::select! {
            outcome = &mut call.future => {
                fail::pass(Point::CallBack);
                return memory::call_ended(inner, live, outcome).await;
            }
            Some(finished) = call.journal.recv() => {
                fail::pass(Point::ResultBack);
                let stored = take_down(live, finished);
                if let Some(stop) = store(inner, live).await { return Some(stop); }
                fail::pass(Point::ResultStored);
                let _ = stored.send(());
            }
            () = handle.woken() => {
                if handle.take()
                    && let Some(stop) = apply_commands(inner, live).await
                {
                    return Some(stop);
                }
                if live.run.status.is_terminal() {
                    call.cancel.cancel();
                    // The cancellation is durable before the call has cleaned up; its results are of no interest.
                    drop(call.journal);
                    let stop = store(inner, live).await;
                    let _ = tokio::time::timeout(CANCEL_GRACE, call.future).await;
                    return stop;
                }
                if let Some(stop) = store(inner, live).await { return Some(stop); }
            }
            () = inner.shutdown.cancelled() => return Some(stop_call(inner, live, call).await),
        }
    }
}

/// The engine closes while a call is out: what can be repeated is dropped, the rest gets a moment to finish. Results of
/// single calls that come in that moment are kept either way: they need not be asked about after the next start.
async fn stop_call(inner: &Arc<Inner>, live: &mut Live, mut call: InFlight) -> Stop {
    let repeats = |p: &Pending| inner.outside.is_repeatable(&p.effect, p.batch.as_ref(), &p.finished);
    if !live.state.pending.as_ref().is_some_and(repeats) {
        let finished = tokio::time::timeout(STOP_GRACE, last_words(inner, live, &mut call)).await;
        if let Ok(outcome) = finished {
            live.ctx.now = inner.outside.now();
            retry::call_ended(live, &*inner.outside, &inner.options.retry, outcome);
        }
        if let Err(error) = flush(inner, live).await {
            tracing::error!(run_id = %live.run.run_id, error = %error, "the last outcome could not be stored");
        }
    }
    call.cancel.cancel();
    // What a cancelled call still reports is not an outcome.
    drop(call.journal);
    let _ = tokio::time::timeout(CANCEL_GRACE, call.future).await;
    Stop::Shutdown
}

/// Stores single results until the call has ended.
async fn last_words(inner: &Arc<Inner>, live: &mut Live, call: &mut InFlight) -> Result<Value, Failure> {
    loop {
        tokio::select! {
            outcome = &mut call.future => return outcome,
            Some(finished) = call.journal.recv() => {
                let stored = take_down(live, finished);
                if flush(inner, live).await.is_ok() {
                    let _ = stored.send(());
                }
            }
        }
    }
}

/// Puts the result of a single call into the run's state; gives whom to tell when that is durable.
fn take_down(live: &mut Live, finished: Finished) -> oneshot::Sender<()> {
    if let Some(pending) = live.state.pending.as_mut() {
        pending.finished.insert(finished.index, finished.result);
        live.dirty = true;
    }
    finished.stored
}

fn launch(inner: &Arc<Inner>, live: &mut Live) -> Option<InFlight> {
    let run = CallRun::of(&live.run);
    let pending = live.state.pending.as_mut()?;
    pending.in_flight = true;
    let (sender, journal) = mpsc::channel(1);
    let cancel = CancellationToken::new();
    let call = Call {
        run,
        effect: pending.effect.clone(),
        batch: pending.batch.clone(),
        step_id: pending.step_id.clone(),
        key: pending.key.clone(),
        attempt: pending.attempt,
        is_retried: RetryPolicy::in_force(&pending.effect.payload, &inner.options.retry).covers_requests(),
        finished: pending.finished.clone(),
        journal: sender,
        cancel: cancel.clone(),
    };
    let outside = inner.outside.clone();
    fail::pass(Point::CallStarted);
    Some(InFlight { future: Box::pin(async move { outside.call(call).await }), cancel, journal })
}

#[cfg(test)]
mod tests {
    use super::steps_per_commit;

    #[test]
    fn a_long_run_is_written_less_often_within_bounds() {
        for (done, steps) in [(0, 256), (1024, 256), (1028, 257), (4095, 1023), (4096, 1024), (u64::MAX, 1024)] {
            assert_eq!(steps_per_commit(done), steps, "{done}");
        }
    }
}
