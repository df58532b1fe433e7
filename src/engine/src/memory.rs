//! Effects of memory: what is kept is read, the outcome decided outside, and both become durable as one commit.
//!
//! May not know what is kept or how. The invariant: between reading and storing no other effect of memory happens in this
//! engine, so that none is decided from what another is about to change.

use std::sync::Arc;
use std::time::Duration;

use store::Commit;

use crate::inner::Inner;
use crate::live::{Live, Pending};
use crate::outside::{Remembered, StepIds, Unremembered};
use crate::owner::{self, Stop};
use crate::record::{self, Ending};
use crate::step::finish_effect;

/// How long a store that cannot be read is left alone.
const PAUSE: Duration = Duration::from_millis(250);

/// Does the effect of memory that is at hand. Without a stop the run goes on, or the store must be asked again.
pub(crate) async fn settle(inner: &Arc<Inner>, live: &mut Live) -> Option<Stop> {
    let pending = live.recall.take()?;
    let _one_at_a_time = inner.memory.lock().await;
    live.ctx.now = inner.outside.now();
    let ids = StepIds { step_id: &pending.step_id, key: &pending.key, attempt: pending.attempt };
    let ending = match inner.outside.remember(&live.run, &ids, &pending.effect).await {
        Ok(remembered) => Ending::Completed(keep(live, remembered)),
        Err(Unremembered::Failed(why)) => Ending::Failed(why),
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
fn keep(live: &mut Live, remembered: Remembered) -> model::Value {
    let Remembered { result, vars, commit } = remembered;
    if let Some(vars) = vars {
        live.run.vars = vars;
    }
    let Commit { runs, records, deliveries, .. } = commit;
    live.draft.runs.extend(runs);
    live.draft.records.extend(records);
    live.draft.deliveries.extend(deliveries);
    result
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
