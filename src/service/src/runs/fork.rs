//! Forking a run (additive to contract 02): who may, what a fork may be told, and who goes with it.
//!
//! May not know how the state is worked out: that is the engine's. The one invariant: a fork may do what a start of the same
//! flow may do now, in the workspace of its run, and nothing more.

use engine::{ForkCompany, ForkPoint, Forked};
use flow::registry::split_ref;
use model::api::runs::WaitSummary;
use model::api::runs::fork::{ForkOrigin, ForkPlace, ForkRun, RunForked};
use model::{Code, Error, Map, Run, RunId};

use super::not_found;
use super::start::{Chosen, Once, lifecycle, listeners, references, refuse_draft, session, session_owner};
use crate::planes::Plane;
use crate::{Answer, Call, Handle, Services, clock};

impl Handle<ForkRun> for Services {
    async fn handle(&self, call: Call, mut input: ForkRun) -> Result<Answer<RunForked>, Error> {
        let plane = self.plane(&call.principal).await?;
        let key = input.idempotency_key.take().filter(|_| !input.dry_run);
        let once = Once::read(&input, key.as_deref())?;
        if let Some(once) = &once
            && let Some(run_id) = once.run_before(&plane).await?
        {
            return before(&plane, run_id).await;
        }
        let session_id = session(input.session_id);
        refuse_workspace(&input.set)?;
        references::check(&plane.artifacts, &input.set, session_id.as_deref()).await?;
        let fork_id = RunId::from(uuid::Uuid::new_v4().to_string());
        let forked_from = RunId::from(input.run_id.as_str());
        let set = input.set.keys().cloned().collect();
        let point = ForkPoint {
            run_id: forked_from.clone(),
            at: input.at.map(i64::unsigned_abs),
            set: input.set,
            fork_id: fork_id.clone(),
            session_id: session_id.clone(),
        };
        let forked = plane.engine.rebuild(point).await?;
        crate::bundles::refuse_deprecated(&plane, &forked.run.workflow_id).await?;
        let listeners =
            startable(&plane, &forked.run)?.map(|chosen| listeners(&chosen, &forked.run)).unwrap_or_default();
        let mut reply = RunForked {
            run_id: None,
            forked_from: ForkOrigin { run_id: forked_from, cursor: forked.cursor },
            place: Some(place(&forked, set)),
        };
        if input.dry_run {
            return Ok(reply.into());
        }
        let company = ForkCompany {
            listeners,
            session_owner: session_id.map(|s| session_owner(&s, clock::now())),
            start_key: once.as_ref().map(|once| once.of_run(&fork_id)),
        };
        let started = plane.engine.fork(forked, company).await?;
        if let (Some(once), Some(fingerprint)) = (once, started.before) {
            return before(&plane, once.same_run(started.run_id, &fingerprint)?).await;
        }
        reply.run_id = Some(started.run_id);
        Ok(reply.into())
    }
}

/// The answer for a fork that an equal request had made. It may have gone far since: its place is not told.
async fn before(plane: &Plane, run_id: RunId) -> Result<Answer<RunForked>, Error> {
    let shown = plane.store.summary(&run_id).await.map_err(engine::store_error)?;
    let shown = shown.ok_or_else(|| not_found(&run_id))?;
    let forked_from = shown.forked_from.ok_or_else(|| {
        let text = "this Idempotency-Key came before with another request: use a new key for a new run";
        Error::new(Code::IdempotencyMismatch, text)
    })?;
    Ok(RunForked { run_id: Some(run_id), forked_from, place: None }.into())
}

/// The flow of the run, when it comes from a bundle that may be started.
///
/// # Errors
/// When it is a draft and the run no test of one, or does not compile any more.
fn startable(plane: &Plane, run: &Run) -> Result<Option<Chosen>, Error> {
    let Some((bundle_ref, flow_id)) = run.workflow_id.split_once(':') else { return Ok(None) };
    let (bundle_id, Some(version)) = split_ref(bundle_ref) else { return Ok(None) };
    refuse_draft(Some(version), lifecycle::is_draft_test(&run.vars))?;
    Chosen::of_bundle(plane, plane.library.set(), bundle_id, version, flow_id.to_owned()).map(Some)
}

/// Where the tools of a fork work is not told by who forks it: files made before the record are there already.
fn refuse_workspace(set: &Map) -> Result<(), Error> {
    match set.keys().find(|path| path.starts_with("workspace_")) {
        None => Ok(()),
        Some(path) => {
            let text = format!("the variable '{path}' cannot be set: a fork works in the workspace of its run");
            Err(Error::new(Code::Validation, text).with("path", path.as_str()))
        }
    }
}

fn place(forked: &Forked, set: Vec<String>) -> ForkPlace {
    ForkPlace {
        records: forked.records,
        node_id: forked.upcoming.node_id.clone(),
        effect: forked.upcoming.effect.map(|kind| kind.as_str().to_owned()),
        waiting: forked.upcoming.wait.as_ref().map(WaitSummary::of),
        set,
    }
}
