//! Tasks with a kind. The kind says what a task is for and so what its end means; nothing is spawned and forgotten.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tokio_util::task::TaskTracker;

/// What a task is for.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Owns a run. Cancelled at its next boundary; a failure is logged and the run is recovered at the next start.
    Owner,
    /// Makes a call beside a run's steps. Ends with the engine; the command that asked for it is still in the inbox.
    Aside,
    /// Fires timers. Ends with the engine.
    Timer,
    /// Looks at unfinished runs after a start. Ends by itself.
    Recovery,
    /// Delivers events from outside. Ends by itself.
    Delivery,
    /// Talks to another process on the same store. Ends when it is told to; a lost line is connected again.
    Relay,
    /// Deletes what is older than it is to be kept. Ends with its data plane.
    Retention,
    /// Gives memory back to the system. Ends with the process.
    Memory,
    /// Feeds one subscriber of a ledger. Ends when the run has, or the subscriber is gone.
    Subscriber,
}

/// The tasks of one engine.
#[derive(Default)]
pub struct Tasks {
    tracker: TaskTracker,
}

impl Tasks {
    /// Runs a task to its end, unless the process ends first. A panic in it is logged, not passed on.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
    pub fn spawn(&self, kind: Kind, work: impl Future<Output = ()> + Send + 'static) {
        let guarded = AssertUnwindSafe(work).catch_unwind();
        let task = self.tracker.track_future(async move {
            if guarded.await.is_err() {
                tracing::error!(kind = ?kind, "a task panicked");
            }
        });
        drop(tokio::spawn(task));
    }

    /// Waits for every task to end.
    pub async fn close_and_wait(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}
