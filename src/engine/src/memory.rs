//! Effects of memory: what is kept is read, the outcome decided outside, and both become durable as one commit. An effect
//! that needs a call first (a summary) is decided when the call is back.
//!
//! May not know what is kept or how. The invariant: between reading and storing no other effect of memory happens in this
//! engine, so that none is decided from what another is about to change.

use std::sync::Arc;
use std::time::Duration;

use model::{EffectKind, Value};
use store::Commit;

use crate::failure::Failure;
use crate::inner::Inner;
use crate::live::{Live, Pending};
use crate::origin;
use crate::outside::{Prepared, Remembered, StepIds, Unremembered, Verdict};
use crate::owner::{self, Stop};
use crate::record::{self, Ending};
use crate::step::finish_effect;
use crate::{resume, retry};

/// How long a store that cannot be read is left alone.
const PAUSE: Duration = Duration::from_millis(250);
/// How often a call is made whose subject changes while it is out.
pub(crate) const ATTEMPTS_MAX: u32 = 5;
/// Why it is not made again.
pub(crate) const RESTLESS: &str =
    "the conversation changed each time before its summary was there; compact it when less is going on in the run";

/// Does the effect of memory that is at hand. Without a stop the run goes on, or the store must be asked again.
pub(crate) async fn settle(inner: &Arc<Inner>, live: &mut Live) -> Option<Stop> {
    let pending = live.recall.take()?;
    let _one_at_a_time = inner.memory.lock().await;
    live.ctx.now = inner.outside.now();
    let ids = StepIds { step_id: &pending.step_id, key: &pending.key, attempt: pending.attempt };
    let ending = match inner.outside.remember(&live.run, &ids, &pending.effect).await {
        Ok(remembered) => Ending::Completed(keep(live, remembered)),
        Err(Unremembered::Failed(why)) => Ending::Failed(why),
        Err(Unremembered::Outdated) => Ending::Failed(RESTLESS.into()),
        Err(Unremembered::Store(error)) => {
            tracing::error!(run_id = %live.run.run_id, error = %error, "memory could not be read; it will be tried again");
            live.recall = Some(pending);
            return rest(inner).await;
        }
    };
    close(live, pending, ending);
    owner::store(inner, live).await
}

/// Puts what is to be stored into the run's draft; gives the result.
pub(crate) fn keep(live: &mut Live, remembered: Remembered) -> Value {
    let Remembered { result, vars, commit } = remembered;
    if let Some(vars) = vars {
        live.draft.origins.push(origin::vars(&live.run.run_id, live.state.ordinal, &vars));
        live.run.vars = vars;
    }
    let Commit { runs, records, deliveries, spans, triples, .. } = commit;
    live.draft.runs.extend(runs);
    live.draft.records.extend(records);
    live.draft.deliveries.extend(deliveries);
    live.draft.spans.extend(spans);
    live.draft.triples.extend(triples);
    result
}

/// A call of the run's step that came back: one whose outcome changes memory is decided first, and stored at once.
pub(crate) async fn call_ended(inner: &Arc<Inner>, live: &mut Live, outcome: Result<Value, Failure>) -> Option<Stop> {
    live.ctx.now = inner.outside.now();
    let pending = live.state.pending.clone().filter(|p| p.effect.kind == EffectKind::MemoryCompact);
    let (Some(pending), Ok(brought)) = (pending, &outcome) else {
        retry::call_ended(live, &*inner.outside, &inner.options.retry, outcome);
        return None;
    };
    let _one_at_a_time = inner.memory.lock().await;
    match concluded(inner, live, &pending, brought).await {
        Concluded::Stopped(stop) => return Some(stop),
        Concluded::Remembered(remembered) => {
            let result = keep(live, *remembered);
            resume::call_ended(live, Ok(result));
        }
        Concluded::Outdated if pending.attempt < ATTEMPTS_MAX => call_again(inner, live, pending),
        Concluded::Outdated => resume::call_ended(live, Err(RESTLESS.into())),
        Concluded::Failed(why) => resume::call_ended(live, Err(why)),
    }
    owner::store(inner, live).await
}

/// What the outcome of a call comes to.
pub(crate) enum Concluded {
    /// This is to be stored.
    Remembered(Box<Remembered>),
    /// It fails.
    Failed(String),
    /// The call is to be made again.
    Outdated,
    /// The engine stops before the store could be asked.
    Stopped(Stop),
}

/// Decides what the outcome of a call comes to. The caller holds the memory until that is stored.
pub(crate) async fn concluded(inner: &Arc<Inner>, live: &Live, pending: &Pending, brought: &Value) -> Concluded {
    let ids = StepIds { step_id: &pending.step_id, key: &pending.key, attempt: pending.attempt };
    loop {
        match inner.outside.conclude(&live.run, &ids, &pending.effect, pending.batch.as_ref(), brought).await {
            Ok(remembered) => return Concluded::Remembered(Box::new(remembered)),
            Err(Unremembered::Failed(why)) => return Concluded::Failed(why),
            Err(Unremembered::Outdated) => return Concluded::Outdated,
            Err(Unremembered::Store(error)) => {
                tracing::error!(run_id = %live.run.run_id, error = %error, "memory could not be read; it will be tried again");
                if let Some(stop) = rest(inner).await {
                    return Concluded::Stopped(stop);
                }
            }
        }
    }
}

/// The step's call goes out once more, about what is there now.
fn call_again(inner: &Inner, live: &mut Live, pending: Pending) {
    let attempt = pending.attempt + 1;
    let ids = StepIds { step_id: &pending.step_id, key: &pending.key, attempt };
    let batch = match inner.outside.prepare(&live.run, &ids, &pending.effect) {
        Ok(Prepared { verdict: Verdict::Call(batch), .. }) => batch,
        Ok(Prepared { verdict: Verdict::Done(result), .. }) => return resume::call_ended(live, Ok(result)),
        Ok(Prepared { verdict: Verdict::Wait(_), .. }) => return resume::call_ended(live, Err(RESTLESS.into())),
        Err(why) => return resume::call_ended(live, Err(why)),
    };
    let again = record::started(&live.run, &ids, &pending.effect, live.ctx.now);
    live.append(again);
    live.state.pending = Some(Pending { attempt, batch, started_at: live.ctx.now, in_flight: false, ..pending });
}

fn close(live: &mut Live, pending: Pending, ending: Ending) {
    let ids = StepIds { step_id: &pending.step_id, key: &pending.key, attempt: pending.attempt };
    let start = record::started(&live.run, &ids, &pending.effect, pending.started_at);
    live.append(start.clone());
    let closing = record::ended(start, &ending, live.ctx.now);
    live.append(closing);
    finish_effect(live, &pending.effect, pending.next, pending.attempt, ending);
}

async fn rest(inner: &Inner) -> Option<Stop> {
    tokio::select! {
        () = inner.shutdown.cancelled() => Some(Stop::Shutdown),
        () = tokio::time::sleep(PAUSE) => None,
    }
}
