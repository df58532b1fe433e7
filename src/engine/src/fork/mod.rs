//! A new run from the state another run had after one of its records (additive to contract 02).
//!
//! States between the steps of a run are not stored. They are worked out: the steps are planned again from the run's first
//! state, with the moments and the random values they had, and each effect is given the outcome the ledger shows. So models
//! and tools before that record are not asked again. A step whose end is not among the records is done anew by the fork, and
//! so is what ended the run: a fork goes on.
//!
//! May not know workspaces or principals. The invariants: the run that is forked is only read; the fork's history, its
//! state and its first own steps are one commit.

mod history;
mod parts;
pub(crate) mod replay;
mod upcoming;
mod variables;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::workflow::Workflow;
use model::{Code, Error, Map, Run, RunId, StepRecord, Value};
use serde_json::json;
use store::{Origin, StartKey};

use crate::admit::{Company, Started, launch};
use crate::inner::Inner;
use crate::live::{EngineState, Live};
use crate::origin::{self, State};
use crate::{note, store_error};
use replay::Replayed;
pub use upcoming::Upcoming;

/// The beginning of the key of the record that names a fork's origin.
const KEY: &str = "fork:";

/// A place in the life of a run.
#[derive(Clone, Debug)]
pub struct ForkPoint {
    /// The run.
    pub run_id: RunId,
    /// The record after which the fork begins; 0 is before the first, none is the last.
    pub at: Option<u64>,
    /// Variables that are others in the fork: dotted paths.
    pub set: Map,
    /// The id of the fork.
    pub fork_id: RunId,
    /// Its session; none is that of the run.
    pub session_id: Option<String>,
}

/// A run that was worked out and is not stored.
pub struct Forked {
    /// The run as it will be.
    pub run: Run,
    /// The record it was asked to begin after.
    pub cursor: u64,
    /// How many records of the run are its history.
    pub records: u64,
    /// Where it stands and what comes next.
    pub upcoming: Upcoming,
    state: EngineState,
    draft: Vec<StepRecord>,
    origins: Vec<Origin>,
}

/// What is stored with a fork.
#[derive(Debug, Default)]
pub struct ForkCompany {
    /// Runs that listen for events on its behalf.
    pub listeners: Vec<Run>,
    /// The session's owner run, created when it is not there.
    pub session_owner: Option<Run>,
    /// What makes a repeated request the same fork.
    pub start_key: Option<StartKey>,
}

/// Works a fork out.
pub(crate) async fn rebuild(inner: &Arc<Inner>, point: ForkPoint) -> Result<Forked, Error> {
    let source = inner.store.summary(&point.run_id).await.map_err(store_error)?;
    let source = source.ok_or_else(|| Error::new(Code::RunNotFound, format!("Run '{}' not found", point.run_id)))?;
    if source.is_scheduled {
        let text =
            format!("run '{}' is a schedule: fork one of the runs it started, or make another schedule", point.run_id);
        return Err(Error::new(Code::ForkUnavailable, text));
    }
    let len = inner.store.ledger_len(&point.run_id).await.map_err(store_error)?;
    let cursor = history::place(point.at, len)?;
    let origins = inner.store.origins(&point.run_id).await.map_err(store_error)?;
    if origins.first().is_none_or(|first| first.ordinal != 0) {
        let text = format!(
            "the first state of run '{}' was not kept, so later ones cannot be worked out: it was started by an earlier \
             version, or listens for another run. Start it again with `runs start` instead",
            point.run_id
        );
        return Err(Error::new(Code::ForkUnavailable, text));
    }
    let workflow = inner.outside.workflow(&source.workflow_id).ok_or_else(|| {
        let text = format!("Workflow '{}' of run '{}' is not loaded", source.workflow_id, point.run_id);
        Error::new(Code::WorkflowNotFound, text)
    })?;
    let records = history::read(inner, &point.run_id, cursor).await?;
    let (inner, mut point) = (inner.clone(), point);
    point.session_id = point.session_id.or(source.session_id);
    let built = tokio::task::spawn_blocking(move || build(&inner, &*workflow, &point, cursor, records, &origins));
    built.await.map_err(|e| Error::internal(e.to_string()))?
}

/// The state before the first record that has to be gone through, and what the rest of the origins say.
struct Base {
    live: Live,
    /// Records before it.
    done: usize,
    vars: BTreeMap<u64, Map>,
}

/// Steps up to the last fork among the records are known: the fork was stored with its state.
fn base(inner: &Inner, records: &[StepRecord], origins: &[Origin]) -> Result<Base, Error> {
    let is_fork = |record: &StepRecord| record.idempotency_key.as_deref().is_some_and(|key| key.starts_with(KEY));
    let last = records.iter().rposition(|record| note::is_note(record) && is_fork(record));
    let ordinal =
        last.map_or(Some(0), |at| records[at].effect.as_ref()?.payload.get("payload")?.get("ordinal")?.as_u64());
    let mut base = None;
    let mut vars = BTreeMap::new();
    for origin in origins {
        match origin::read(origin)? {
            State::Whole(whole) if Some(origin.ordinal) == ordinal => {
                base = Some(replay::begin(*whole, origin.ordinal, inner.context()));
            }
            State::Whole(_) => {}
            State::Vars(map) => drop(vars.insert(origin.ordinal, map)),
        }
    }
    let live = base.ok_or_else(|| Error::internal("the state a fork began with is not there"))?;
    Ok(Base { live, done: last.map_or(0, |at| at + 1), vars })
}

/// Does the work; blocking.
fn build(
    inner: &Inner,
    workflow: &dyn Workflow,
    point: &ForkPoint,
    cursor: u64,
    mut records: Vec<StepRecord>,
    origins: &[Origin],
) -> Result<Forked, Error> {
    history::restore(&mut records, &inner.artifacts)?;
    let Base { live, done, vars } = base(inner, &records, origins)?;
    let replayed = replay::replay(live, &vars, &records[done..], done, &*inner.outside, workflow)?;
    records.truncate(done + replayed.records);
    let Replayed { mut live, ending, .. } = replayed;
    live.ctx = inner.context();
    let known = live.state.ordinal;
    become_fork(&mut live, point, cursor)?;
    let mut kept: Vec<Origin> = origins.iter().filter(|origin| origin.ordinal <= known).cloned().collect();
    kept.iter_mut().for_each(|origin| origin.run_id.clone_from(&point.fork_id));
    let (run, state) = (live.run.clone(), live.state.clone());
    kept.push(origin::whole(
        &point.fork_id,
        state.ordinal,
        origin::Whole { run: run.clone(), seed: state.seed, planned: state.planned },
    ));
    let history = records.len() as u64;
    let event = origin_event(&live, point, cursor, history);
    let upcoming = upcoming::of(live, &*inner.outside, workflow);
    records.push(event);
    records.extend(ending);
    for record in &mut records {
        record.run_id.clone_from(&run.run_id);
        record.session_id.clone_from(&run.session_id);
    }
    Ok(Forked { run, cursor, records: history, upcoming, state, draft: records, origins: kept })
}

/// Gives the state a name and a future of its own.
fn become_fork(live: &mut Live, point: &ForkPoint, cursor: u64) -> Result<(), Error> {
    let run = &mut live.run;
    run.run_id = point.fork_id.clone();
    run.session_id.clone_from(&point.session_id);
    run.parent_run_id = None;
    (run.created_at, run.updated_at) = (live.ctx.now, live.ctx.now);
    run.namespace("_meta").insert("forked_from".into(), json!({"run_id": point.run_id, "cursor": cursor}));
    for (path, value) in &point.set {
        variables::write(&mut run.vars, path, value.clone())?;
    }
    // The fork is a step of its own: its state is not that of the step before it.
    live.state.ordinal += 1;
    live.state.seed = live.ctx.random() | 1;
    Ok(())
}

/// The record that says where the history comes from.
fn origin_event(live: &Live, point: &ForkPoint, cursor: u64, records: u64) -> StepRecord {
    let place = note::Place {
        run_id: live.run.run_id.clone(),
        actor_id: live.run.actor_id.clone(),
        session_id: live.run.session_id.clone(),
    };
    let payload: Value = json!({
        "forked_from": {"run_id": point.run_id, "cursor": cursor}, "records": records,
        "node_id": live.run.current_node, "ordinal": live.state.ordinal, "set": point.set.keys().collect::<Vec<_>>(),
    });
    note::record(place, "abstract.fork", payload, format!("{KEY}{}:{cursor}", point.run_id), &live.ctx)
}

/// Stores a fork and lets it go on.
pub(crate) async fn start(inner: &Arc<Inner>, forked: Forked, company: ForkCompany) -> Result<Started, Error> {
    let mut live = Live::fresh(forked.run, inner.context());
    live.state = forked.state;
    live.draft.records = forked.draft;
    live.draft.origins = forked.origins;
    let ForkCompany { listeners, session_owner, start_key } = company;
    Box::pin(launch(inner, live, Company { listeners, session_owner, start_key })).await
}
