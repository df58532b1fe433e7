//! Is the process alive, does it take new work (design, section 5).
//!
//! The state is set by whoever starts and stops the process; storage is tried when somebody asks. The one invariant:
//! liveness never depends on anything but the process itself.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use model::Error;
use model::api::health::{Health, Healthy, Ping, Pong, Readiness, Ready};
use parking_lot::Mutex;

use crate::planes::Key;
use crate::{Answer, Call, Handle, Services, clock};

/// Anybody may ask for readiness, and trying storage costs a write.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// A disk that takes longer takes no writes.
const TRY_TIMEOUT: Duration = Duration::from_secs(5);

/// How far the process has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It recovers its runs.
    Starting,
    /// It takes work.
    Serving,
    /// It has been told to stop.
    Stopping,
}

/// What readiness is told from. Set from anywhere.
#[derive(Debug, Default)]
pub struct State {
    phase: AtomicU8,
    storage: Mutex<Option<String>>,
    tried: Mutex<Option<Instant>>,
}

impl State {
    /// Moves on.
    pub fn set(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Release);
    }

    /// How far the process has come.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Starting,
            1 => Phase::Serving,
            _ => Phase::Stopping,
        }
    }

    /// Says that storage does not take writes, and why; none when it does again.
    pub fn storage_problem(&self, problem: Option<String>) {
        *self.storage.lock() = problem;
    }

    /// Whether storage is to be tried again; whoever is told so tries it.
    fn is_due(&self, now: Instant) -> bool {
        let mut tried = self.tried.lock();
        let is_due = tried.is_none_or(|at| now.duration_since(at) >= TRY_EVERY);
        if is_due {
            *tried = Some(now);
        }
        is_due
    }

    /// What readiness answers.
    #[must_use]
    pub fn ready(&self) -> Ready {
        let storage = self.storage.lock().clone();
        let (status, problem) = match (self.phase(), storage) {
            (Phase::Stopping, _) => ("shutting_down", Some("the gateway is shutting down".to_owned())),
            (Phase::Starting, _) => ("starting", Some("the gateway is still starting".to_owned())),
            (Phase::Serving, Some(problem)) => ("storage_unavailable", Some(problem)),
            (Phase::Serving, None) => ("ready", None),
        };
        Ready { ready: problem.is_none(), status: status.into(), problems: problem.into_iter().collect() }
    }
}

impl Handle<Health> for Services {
    async fn handle(&self, _: Call, _: Health) -> Result<Answer<Healthy>, Error> {
        Ok(Healthy { status: "healthy".into(), service: "abstractgateway".into() }.into())
    }
}

impl Handle<Readiness> for Services {
    async fn handle(&self, _: Call, _: Readiness) -> Result<Answer<Ready>, Error> {
        self.try_storage().await;
        let ready = self.health.ready();
        let status = if ready.ready { 200 } else { 503 };
        Ok(Answer::from(ready).status(status))
    }
}

impl Services {
    /// Tries whether the default plane takes writes.
    async fn try_storage(&self) {
        let Some(plane) = self.planes.opened(&Key::Default) else { return };
        if self.health.phase() != Phase::Serving || !self.health.is_due(Instant::now()) {
            return;
        }
        let problem = match tokio::time::timeout(TRY_TIMEOUT, plane.store.health()).await {
            Ok(Ok(())) => crate::storage::check_room(&plane, &self.settings).err().map(|e| e.detail),
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!("storage took no write within {} seconds", TRY_TIMEOUT.as_secs())),
        };
        if let Some(problem) = &problem {
            tracing::warn!(problem, "storage takes no writes");
        }
        self.health.storage_problem(problem);
    }
}

impl Handle<Ping> for Services {
    async fn handle(&self, _: Call, _: Ping) -> Result<Answer<Pong>, Error> {
        Ok(Pong { ok: true, status: "healthy".into(), service: "abstractgateway".into(), time: clock::now() }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_is_tried_once_a_second() {
        let (state, start) = (State::default(), Instant::now());
        for (after_ms, expected) in [(0, true), (999, false), (1000, true), (1999, false), (2000, true)] {
            assert_eq!(state.is_due(start + Duration::from_millis(after_ms)), expected, "{after_ms}");
        }
    }

    #[tokio::test]
    async fn a_store_that_takes_no_writes_is_not_ready() {
        let bench = crate::tests::Bench::open().await;
        let ready = bench.json("health.ready", serde_json::json!({})).await.unwrap();
        assert_eq!(ready["status"], "ready");
        bench.services.planes.opened(&Key::Default).unwrap().store.close().await.unwrap();
        *bench.services.health.tried.lock() = None;
        let ready = bench.json("health.ready", serde_json::json!({})).await.unwrap();
        assert_eq!((&ready["ready"], &ready["status"]), (&false.into(), &"storage_unavailable".into()));
    }

    #[test]
    fn readiness_follows_phase_and_storage() {
        let state = State::default();
        let check = |phase: Phase, storage: Option<&str>, status: &str, ready: bool| {
            state.set(phase);
            state.storage_problem(storage.map(str::to_owned));
            let answer = state.ready();
            assert_eq!((answer.status.as_str(), answer.ready), (status, ready));
            assert_eq!(answer.problems.is_empty(), ready);
        };
        check(Phase::Starting, None, "starting", false);
        check(Phase::Serving, None, "ready", true);
        check(Phase::Serving, Some("the disk is full"), "storage_unavailable", false);
        check(Phase::Serving, None, "ready", true);
        check(Phase::Stopping, Some("the disk is full"), "shutting_down", false);
    }
}
