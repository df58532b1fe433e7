//! Making a run's draft durable, and only then telling anybody.

use std::sync::Arc;

use model::{RunId, RunStatus, Timestamp, WaitReason};
use store::fail::{self, Point};
use store::{Committed, Error, RunWrite, StartKey};

use crate::inner::Inner;
use crate::live::Live;
use crate::{aside, offload};

/// Stores what the run has become. Without changes it does nothing. A run another start key had created before is given
/// back and nothing was stored.
///
/// On an error the draft is kept: the same call can be made again.
pub(crate) async fn flush(inner: &Arc<Inner>, live: &mut Live) -> Result<Option<StartKey>, Error> {
    if !live.dirty && live.draft.is_empty() {
        return Ok(None);
    }
    live.run.updated_at = inner.outside.now();
    let commit = assemble(inner, live).await?;
    let touched: Vec<RunId> = commit.runs.iter().map(|w| w.run.run_id.clone()).collect();
    let decided: Vec<i64> = commit.decided.iter().map(|d| d.seq).collect();
    fail::pass(Point::RunDecided);
    let committed = inner.store.commit(commit).await?;
    fail::pass(Point::RunStored);
    if committed.started_before.is_some() {
        return Ok(committed.started_before);
    }
    live.draft = store::Commit::default();
    (live.dirty, live.steps) = (false, 0);
    publish(inner, live, &committed, &touched, &decided);
    Ok(None)
}

async fn assemble(inner: &Arc<Inner>, live: &Live) -> Result<store::Commit, Error> {
    let mut commit = live.draft.clone();
    let mut run = live.run.clone();
    offload::shrink(inner, &mut commit.records, &mut run).await?;
    let private = serde_json::to_value(&live.state).map_err(|e| Error::Corrupt(e.to_string()))?;
    commit.runs.insert(0, RunWrite { run, private, expected: Some(live.version), only_if_absent: false });
    Ok(commit)
}

fn publish(inner: &Arc<Inner>, live: &mut Live, committed: &Committed, touched: &[RunId], decided: &[i64]) {
    if let Some((_, version)) = committed.versions.iter().find(|(run, _)| *run == live.run.run_id) {
        live.version = *version;
    }
    index(inner, live);
    aside::leave(inner, live);
    for run_id in touched {
        let len = committed.cursors.iter().find(|(run, _)| run == run_id).map(|(_, len)| *len);
        inner.watches.publish(run_id, len);
        inner.told_changed(run_id);
    }
    for seq in decided {
        inner.settled(*seq);
    }
    for run_id in std::mem::take(&mut live.wake) {
        inner.wake(&run_id);
    }
    if live.run.status.is_terminal()
        && let Some(parent) = &live.run.parent_run_id
    {
        inner.wake(parent);
    }
}

/// Keeps the indexes of waits in step with the run.
pub(crate) fn index(inner: &Inner, live: &Live) {
    let wait = live.run.waiting.as_ref();
    let mut keys = live.state.subscribed.clone();
    if let Some(key) = wait.filter(|w| w.reason == WaitReason::Event).and_then(|w| w.wait_key.clone())
        && !keys.contains(&key)
    {
        keys.push(key);
    }
    inner.waiters.set(&live.run.run_id, keys);
    let timed = |wait: &&model::Wait| matches!(wait.reason, WaitReason::Until | WaitReason::Subworkflow);
    let due = wait.filter(timed).and_then(|w| Timestamp::parse(w.until.as_deref()?));
    let backoff = live.state.pending.as_ref().and_then(|p| p.backoff.as_ref());
    let backoff = backoff.filter(|_| live.run.status == RunStatus::Running).map(|b| b.until);
    inner.timers.set(&live.run.run_id, due.or(backoff).filter(|_| !live.run.is_paused()));
}
