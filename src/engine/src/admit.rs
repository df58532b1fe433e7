//! Admitting a run: its existence, its listeners and its first steps are one commit, so a trivial run costs one.

use std::sync::Arc;

use model::{Error, Run, RunId};
use serde_json::json;
use store::{RunWrite, StartKey};

use crate::flush::flush;
use crate::inner::Inner;
use crate::live::Live;
use crate::{owner, store_error};

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
    let Admission { mut run, mut listeners, session_owner, start_key } = admission;
    inner.outside.seed(&mut run);
    let run_id = run.run_id.clone();
    let mut live = Live::fresh(run, inner.context());
    for listener in &mut listeners {
        inner.outside.seed(listener);
        live.wake.push(listener.run_id.clone());
    }
    let others = listeners.into_iter().map(|run| (run, false)).chain(session_owner.map(|run| (run, true)));
    for (run, only_if_absent) in others {
        let expected = (!only_if_absent).then_some(0);
        live.draft.runs.push(RunWrite { run, private: json!({}), expected, only_if_absent });
    }
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
            return Err(store_error(error));
        }
    };
    if let Some(before) = before {
        inner.release(&run_id, &handle);
        return Ok(Started { run_id: before.run_id, before: Some(before.fingerprint) });
    }
    if inner.options.runner {
        inner.spawn_owner(run_id.clone(), handle, Some(live));
    } else {
        inner.release(&run_id, &handle);
    }
    Ok(Started { run_id, before: None })
}
