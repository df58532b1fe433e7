//! Waking runs at their moment. One task sleeps until the earliest; a new earlier timer wakes it. Wall-clock jumps are
//! noticed because it never sleeps longer than a minute.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use model::{RunId, Timestamp};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::inner::Inner;

const LONGEST_SLEEP: Duration = Duration::from_mins(1);

#[derive(Default)]
struct Queue {
    order: BTreeSet<(Timestamp, RunId)>,
    due: HashMap<RunId, Timestamp>,
}

/// The timers of one engine.
#[derive(Default)]
pub(crate) struct Timers {
    queue: Mutex<Queue>,
    changed: Notify,
}

impl Timers {
    /// Sets or clears a run's moment.
    pub(crate) fn set(&self, run_id: &RunId, due: Option<Timestamp>) {
        let mut queue = self.queue.lock();
        if queue.due.get(run_id).copied() == due {
            return;
        }
        if let Some(old) = queue.due.remove(run_id) {
            queue.order.remove(&(old, run_id.clone()));
        }
        if let Some(due) = due {
            queue.due.insert(run_id.clone(), due);
            queue.order.insert((due, run_id.clone()));
            drop(queue);
            self.changed.notify_one();
        }
    }

    /// Everybody who waits for a moment.
    fn all(&self) -> Vec<RunId> {
        self.queue.lock().due.keys().cloned().collect()
    }

    /// Looks at the clock now.
    #[cfg(test)]
    pub(crate) fn look(&self) {
        self.changed.notify_one();
    }

    /// Takes what is due, and tells nobody.
    #[cfg(test)]
    pub(crate) fn due(&self, now: Timestamp) -> Vec<RunId> {
        self.take_due(now).0
    }

    /// Takes what is due, and says how long until the next.
    fn take_due(&self, now: Timestamp) -> (Vec<RunId>, Option<Duration>) {
        let mut queue = self.queue.lock();
        let mut due = Vec::new();
        while let Some((moment, run_id)) = queue.order.first().cloned() {
            if moment > now {
                let micros = u64::try_from(moment.as_micros() - now.as_micros()).unwrap_or(0);
                return (due, Some(Duration::from_micros(micros)));
            }
            queue.order.pop_first();
            queue.due.remove(&run_id);
            due.push(run_id);
        }
        (due, None)
    }
}

/// Fires timers until the engine closes.
pub(crate) async fn run(inner: Arc<Inner>) {
    let mut last = inner.outside.now();
    loop {
        let now = inner.outside.now();
        let (due, next) = inner.timers.take_due(now);
        due.iter().for_each(|run_id| inner.wake(run_id));
        // Moments that were found by a wrong clock may never come: whoever has such a one looks for another.
        if model::schedule::timetable::was_set_back(last, now) {
            inner.timers.all().iter().for_each(|run_id| inner.wake(run_id));
        }
        last = now;
        let sleep = next.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP);
        tokio::select! {
            () = inner.shutdown.cancelled() => return,
            () = inner.timers.changed.notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_runs_come_in_order_and_once() {
        let timers = Timers::default();
        let at = Timestamp::from_micros;
        timers.set(&"b".into(), Some(at(20)));
        timers.set(&"a".into(), Some(at(10)));
        timers.set(&"c".into(), Some(at(30)));
        timers.set(&"b".into(), Some(at(5)));
        timers.set(&"c".into(), None);
        let (due, next) = timers.take_due(at(7));
        assert_eq!((due, next), (vec!["b".into()], Some(Duration::from_micros(3))));
        assert_eq!(timers.take_due(at(10)), (vec!["a".into()], None));
    }
}
