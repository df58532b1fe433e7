//! Admitting a run: its existence, its listeners and its first steps are one commit, so a trivial run costs one.

use std::sync::Arc;

use model::{Error, Run, RunId};
use serde_json::json;
use store::{RunWrite, StartKey};

use crate::flush::{self, flush};
use crate::inner::Inner;
use crate::live::Live;
use crate::step::Next;
use crate::{origin, owner, store_error};

/// A run to be started.
#[derive(Debug)]
pub struct Admission {
    /// The run, at its entry node.
    pub run: Run,
    /// Runs that listen for events on its behalf.
    pub listeners: Vec<Run>,
    /// The session's owner run, created when it is not there.
    pub session_owner: Option<Run>,
    /// What makes a repeated request the same start.
    pub start_key: Option<StartKey>,
}

/// What came of an admission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The run.
    pub run_id: RunId,
    /// Set when an equal start key had started it before: the fingerprint of that request.
    pub before: Option<String>,
}

/// Starts a run.
pub(crate) async fn start(inner: &Arc<Inner>, admission: Admission) -> Result<Started, Error> {
    let Admission { mut run, listeners, session_owner, start_key } = admission;
    inner.outside.seed(&mut run);
    let mut live = Live::fresh(run, inner.context());
    live.state.seed = live.ctx.random() | 1;
    live.draft.origins.push(origin::first(&live.run, live.state.seed));
    launch(inner, live, Company { listeners, session_owner, start_key }).await
}

/// What is stored with a new run.
#[derive(Debug, Default)]
pub(crate) struct Company {
    pub listeners: Vec<Run>,
    pub session_owner: Option<Run>,
    pub start_key: Option<StartKey>,
}

/// Does the first steps of a run nobody knows yet, stores it and lets it go on.
pub(crate) async fn launch(inner: &Arc<Inner>, mut live: Live, company: Company) -> Result<Started, Error> {
    let Company { listeners, session_owner, start_key } = company;
    let run_id = live.run.run_id.clone();
    let seated: Vec<RunId> = listeners.iter().map(|listener| listener.run_id.clone()).collect();
    for listener in listeners {
        seat(inner, listener, &mut live)?;
    }
    let owner = |run| RunWrite { run, private: json!({}), expected: None, only_if_absent: true };
    live.draft.runs.extend(session_owner.map(owner));
    live.draft.start_key = start_key;
    let handle = inner.claim(&run_id);
    if inner.options.runner {
        owner::inner_steps(inner, &mut live);
    }
    let flushed = flush(inner, &mut live).await;
    let before = match flushed {
        Ok(before) => before,
        Err(error) => {
            inner.release(&run_id, &handle);
            unseat(inner, &seated);
            return Err(store_error(error));
        }
    };
    if let Some(before) = before {
        inner.release(&run_id, &handle);
        unseat(inner, &seated);
        return Ok(Started { run_id: before.run_id, before: Some(before.fingerprint) });
    }
    if inner.options.runner {
        inner.spawn_owner(run_id.clone(), handle, Some(live));
    } else {
        inner.release(&run_id, &handle);
        inner.relay_look(&run_id);
    }
    Ok(Started { run_id, before: None })
}

/// Brings a listener to its first wait, so that the run's own first steps already reach it. One that does not get there
/// by itself is left at its entry for an owner.
fn seat(inner: &Arc<Inner>, mut run: Run, live: &mut Live) -> Result<(), Error> {
    inner.outside.seed(&mut run);
    let mut listener = Live::fresh(run.clone(), inner.context());
    if !inner.options.runner || owner::inner_steps(inner, &mut listener) != Next::Idle {
        listener = Live::fresh(run, inner.context());
    }
    flush::index(inner, &listener);
    let private = serde_json::to_value(&listener.state).map_err(|e| Error::internal(e.to_string()))?;
    live.wake.push(listener.run.run_id.clone());
    live.wake.append(&mut listener.wake);
    let Live { run, draft, .. } = listener;
    live.draft.runs.push(RunWrite { run, private, expected: Some(0), only_if_absent: false });
    live.draft.runs.extend(draft.runs);
    live.draft.records.extend(draft.records);
    live.draft.deliveries.extend(draft.deliveries);
    Ok(())
}

/// The listeners of a run that did not come to be hear nothing.
fn unseat(inner: &Inner, listeners: &[RunId]) {
    for run_id in listeners {
        inner.waiters.set(run_id, Vec::new());
        inner.timers.set(run_id, None);
    }
}
