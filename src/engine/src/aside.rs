//! A call beside a run's own steps: a command asks that its conversation be compacted. The run waits or goes on meanwhile,
//! and takes other commands.
//!
//! The command stays in the inbox until its outcome is decided: what the call brought, the changed conversation and the
//! decision are one commit, so after a crash the call may be made again and the change happens once. Invariants: a run has
//! at most one such call; the call leaves when its `started` record is durable.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::command::CommandOutcome;
use model::run::object_at;
use model::{Command, Effect, RunId, StepRecord, Value};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Decision;
use tokio::sync::mpsc;

use crate::commands::compact_memory::Asked;
use crate::inner::Inner;
use crate::live::{Live, Pending};
use crate::memory::{ATTEMPTS_MAX, Concluded, RESTLESS, concluded, keep};
use crate::outside::{Call, CallRun, Prepared, StepIds, Verdict};
use crate::owner::{self, Stop};
use crate::record::{self, Ending};
use crate::tasks::Kind;

/// A call beside the steps, durable with the run while it is out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Aside {
    /// The command that asks for it.
    seq: i64,
    /// Its step.
    step: Pending,
}

/// The calls of this process, by run: the command, and the outcome once the call is back.
#[derive(Default)]
pub(crate) struct Calls {
    out: Mutex<HashMap<RunId, Out>>,
}

struct Out {
    seq: i64,
    outcome: Option<Result<Value, String>>,
}

impl Calls {
    fn leave(&self, run_id: &RunId, seq: i64) {
        self.out.lock().insert(run_id.clone(), Out { seq, outcome: None });
    }

    fn back(&self, run_id: &RunId, seq: i64, outcome: Result<Value, String>) {
        if let Some(out) = self.out.lock().get_mut(run_id).filter(|out| out.seq == seq) {
            out.outcome = Some(outcome);
        }
    }

    /// Takes an outcome that is there. Without one: whether the call is out.
    fn take(&self, run_id: &RunId, seq: i64) -> Result<Result<Value, String>, bool> {
        let mut calls = self.out.lock();
        match calls.get_mut(run_id).filter(|out| out.seq == seq) {
            None => Err(false),
            Some(out) => match out.outcome.take() {
                None => Err(true),
                Some(outcome) => {
                    calls.remove(run_id);
                    Ok(outcome)
                }
            },
        }
    }

    /// Forgets the call of a deleted run.
    pub(crate) fn forget(&self, run_id: &RunId) {
        self.out.lock().remove(run_id);
    }
}

/// Brings a command a step further: begins its call, makes one again whose process died, or decides what came back.
pub(crate) async fn tend(inner: &Arc<Inner>, live: &mut Live, command: &Command) -> Option<Stop> {
    live.ctx.now = inner.outside.now();
    let Some(aside) = live.state.aside.clone() else {
        if live.run.status.is_terminal() && Asked::of(command).auto {
            // Nobody goes on with its conversation.
            let error = Some("the run has ended".into());
            live.draft.decided.push(Decision { seq: command.seq, outcome: CommandOutcome::Rejected, error });
        } else {
            begin(inner, live, command);
        }
        return None;
    };
    // One at a time: the others are looked at when this one is decided.
    if aside.seq != command.seq || live.aside_leaves {
        return None;
    }
    match inner.aside.take(&live.run.run_id, aside.seq) {
        Err(true) => None,
        Err(false) => {
            let attempt = aside.step.attempt + 1;
            send_out(live, Aside { step: Pending { attempt, ..aside.step }, ..aside }, &Asked::of(command));
            None
        }
        Ok(outcome) => end(inner, live, command, aside, outcome).await,
    }
}

fn begin(inner: &Inner, live: &mut Live, command: &Command) {
    let asked = Asked::of(command);
    let step_id = crate::ids::uuid(&live.ctx);
    let effect = asked.effect();
    let step = crate::step::pending(
        &StepIds { step_id: &step_id, key: &asked.key, attempt: 1 },
        effect,
        None,
        None,
        live.ctx.now,
    );
    prepare(inner, live, command, Aside { seq: command.seq, step });
}

/// Looks what the call is about now. There may be nothing to do.
fn prepare(inner: &Inner, live: &mut Live, command: &Command, aside: Aside) {
    let asked = Asked::of(command);
    let step = &aside.step;
    let ids = StepIds { step_id: &step.step_id, key: &step.key, attempt: step.attempt };
    let ending = match inner.outside.prepare(&live.run, &ids, &step.effect) {
        Ok(Prepared { verdict: Verdict::Call(batch), .. }) => {
            return send_out(live, Aside { step: Pending { batch, ..aside.step }, ..aside }, &asked);
        }
        Ok(Prepared { verdict: Verdict::Done(result), .. }) => Ending::Completed(result),
        Ok(Prepared { verdict: Verdict::Wait(_), .. }) => Ending::Failed("it needs an answer, and nobody waits".into()),
        Err(why) => Ending::Failed(why),
    };
    let started = started(live, &aside.step, &asked);
    live.append(started);
    decide(live, command, &aside.step, &asked, ending);
}

/// The call leaves with the next commit.
fn send_out(live: &mut Live, aside: Aside, asked: &Asked) {
    let step = Pending { started_at: live.ctx.now, ..aside.step };
    let started = started(live, &step, asked);
    live.append(started);
    live.state.aside = Some(Aside { step, ..aside });
    live.aside_leaves = true;
}

/// Lets the call out. Its `started` record is durable.
pub(crate) fn leave(inner: &Arc<Inner>, live: &mut Live) {
    if !std::mem::take(&mut live.aside_leaves) {
        return;
    }
    let Some(Aside { seq, step }) = live.state.aside.clone() else { return };
    let run = CallRun { node_id: Asked::node(&step.key).to_owned(), ..CallRun::of(&live.run) };
    let run_id = run.run_id.clone();
    let effect: Effect = step.effect;
    // A call without single results: nobody listens.
    let (journal, _) = mpsc::channel(1);
    let call = Call {
        run,
        effect,
        batch: step.batch,
        step_id: step.step_id,
        key: step.key,
        attempt: step.attempt,
        is_retried: false,
        finished: BTreeMap::new(),
        journal,
        cancel: inner.shutdown.child_token(),
    };
    inner.aside.leave(&run_id, seq);
    let owned = inner.clone();
    inner.tasks.spawn(Kind::Aside, async move {
        let outcome = tokio::select! {
            () = owned.shutdown.cancelled() => return,
            outcome = owned.outside.call(call) => outcome.map_err(|failure| failure.text),
        };
        owned.aside.back(&run_id, seq, outcome);
        owned.wake(&run_id);
    });
}

async fn end(
    inner: &Arc<Inner>,
    live: &mut Live,
    command: &Command,
    aside: Aside,
    outcome: Result<Value, String>,
) -> Option<Stop> {
    let asked = Asked::of(command);
    let brought = match outcome {
        Ok(brought) => brought,
        Err(why) => {
            decide(live, command, &aside.step, &asked, Ending::Failed(why));
            return None;
        }
    };
    let _one_at_a_time = inner.memory.lock().await;
    let ending = match concluded(inner, live, &aside.step, &brought).await {
        Concluded::Stopped(stop) => return Some(stop),
        Concluded::Remembered(remembered) => Ending::Completed(keep(live, *remembered)),
        Concluded::Outdated if aside.step.attempt < ATTEMPTS_MAX => {
            let attempt = aside.step.attempt + 1;
            live.state.aside = None;
            prepare(inner, live, command, Aside { step: Pending { attempt, ..aside.step }, ..aside });
            return None;
        }
        Concluded::Outdated => Ending::Failed(RESTLESS.into()),
        Concluded::Failed(why) => Ending::Failed(why),
    };
    decide(live, command, &aside.step, &asked, ending);
    owner::store(inner, live).await
}

/// Closes the step and decides the command, both in the next commit.
fn decide(live: &mut Live, command: &Command, step: &Pending, asked: &Asked, ending: Ending) {
    live.state.aside = None;
    let closing = record::ended(started(live, step, asked), &ending, live.ctx.now);
    live.append(closing);
    let (outcome, error) = match ending {
        Ending::Failed(why) => (CommandOutcome::Rejected, Some(why)),
        _ => (CommandOutcome::Applied, None),
    };
    mark(live, command, asked, error.as_deref());
    if let Some(why) = &error {
        tracing::warn!(run_id = %live.run.run_id, error = %why, "a conversation was not compacted");
    }
    live.draft.decided.push(Decision { seq: command.seq, outcome, error });
}

/// What the run shows of it afterwards.
fn mark(live: &mut Live, command: &Command, asked: &Asked, error: Option<&str>) {
    let now = live.ctx.now;
    match (asked.auto, error) {
        (true, Some(why)) => {
            let guard = object_at(live.run.namespace("_runtime"), "auto_compact");
            guard.insert("last_error".into(), why.into());
            guard.insert("last_error_at".into(), json!(now));
        }
        (false, None) => {
            let done = json!({
                "command_id": command.command_id, "updated_at": now, "requested_run_id": asked.requested,
                "scheduled_root_run_id": asked.root, "target_run_id": live.run.run_id,
            });
            live.run.namespace("_runtime").insert("last_compact_memory".into(), done);
        }
        _ => {}
    }
}

fn started(live: &Live, step: &Pending, asked: &Asked) -> StepRecord {
    let ids = StepIds { step_id: &step.step_id, key: &step.key, attempt: step.attempt };
    let record = record::started(&live.run, &ids, &step.effect, step.started_at);
    StepRecord { node_id: Asked::node(&asked.key).to_owned(), ..record }
}
