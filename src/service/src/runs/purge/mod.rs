//! Purging draft runs (contract 02, section 7): what may go, and how a tree goes.
//!
//! The invariants: a tree goes only when all of it is over, and its runs go last, in one transaction. So a purge that was
//! cut off is found and finished by the next one, and no owner can bring a run back.

mod due;
mod flows;
mod workspaces;

use std::sync::Arc;

use model::api::runs::RunSummary;
use model::api::runs::purge::{
    DeletedTree, Purge, PurgeDrafts, PurgeItem, PurgePolicy, PurgeReason, PurgedTree, WouldDelete,
};
use model::{Code, Command, CommandKind, Error, Map, RunId, RunStatus};
use store::RunQuery;

use crate::planes::Plane;
use crate::{Answer, Call, Handle, Services, clock};

/// Runs of a tree, at most: a larger one is left alone.
const TREE_MAX: usize = 2000;
/// Roots looked at for each that is asked for: those that are to be kept are passed over.
const LOOKS_PER_RUN: usize = 5;
const LOOKS_MAX: usize = 5000;

impl Handle<PurgeDrafts> for Services {
    async fn handle(&self, call: Call, input: PurgeDrafts) -> Result<Answer<Purge>, Error> {
        let plane = self.plane(&call.principal).await?;
        let ttl_s = self.settings.workflows.draft_run_ttl_s;
        let (candidates, scanned) = candidates(&plane, &input).await?;
        let mut items = Vec::with_capacity(candidates.len());
        for (run_id, summary) in candidates {
            items.push(consider(&plane, &input, ttl_s, run_id, summary).await?);
        }
        let eligible = items.iter().filter(|item| item.eligible).count();
        let terminal = RunStatus::ALL.into_iter().filter(|s| s.is_terminal()).map(|s| s.as_str().to_owned());
        let mut terminal_statuses: Vec<String> = terminal.collect();
        terminal_statuses.sort_unstable();
        Ok(Purge {
            ok: true,
            dry_run: input.dry_run,
            policy: PurgePolicy {
                purpose: due::PURPOSE.to_owned(),
                retention_mode: due::MODE.to_owned(),
                default_ttl_s: ttl_s,
                terminal_statuses,
            },
            scanned,
            eligible,
            purged: if input.dry_run { 0 } else { eligible },
            skipped: items.len() - eligible,
            items,
        }
        .into())
    }
}

type Candidate = (RunId, Option<RunSummary>);

/// The runs to decide about, and how many were looked at to find them.
async fn candidates(plane: &Plane, input: &PurgeDrafts) -> Result<(Vec<Candidate>, usize), Error> {
    let limit = usize::try_from(input.limit).unwrap_or(1);
    if let Some(named) = &input.run_ids {
        let mut found = Vec::new();
        for run_id in named.iter().map(|id| RunId::from(id.trim())).take(limit) {
            let summary = plane.store.summary(&run_id).await.map_err(engine::store_error)?;
            found.push((run_id, summary));
        }
        let scanned = found.len();
        return Ok((found, scanned));
    }
    let filled = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let query = RunQuery {
        limit: (limit * LOOKS_PER_RUN).min(LOOKS_MAX).max(limit),
        workflow_id: filled(&input.workflow_id),
        session_id: filled(&input.session_id),
        only_drafts: true,
        ..RunQuery::default()
    };
    let page = plane.store.list(query).await.map_err(engine::store_error)?;
    let scanned = page.rows.len();
    let ephemeral = page.rows.into_iter().map(|row| row.summary).filter(due::is_ephemeral_draft);
    Ok((ephemeral.take(limit).map(|run| (run.run_id.clone(), Some(run))).collect(), scanned))
}

/// Decides about one run, and deletes its tree if that is what was asked for.
async fn consider(
    plane: &Arc<Plane>,
    input: &PurgeDrafts,
    ttl_s: u64,
    run_id: RunId,
    summary: Option<RunSummary>,
) -> Result<PurgeItem, Error> {
    let mut item = PurgeItem {
        run_id: run_id.clone(),
        status: summary.as_ref().map(|run| run.status.as_str().to_owned()),
        workflow_id: summary.as_ref().map(|run| run.workflow_id.clone()),
        session_id: summary.as_ref().and_then(|run| run.session_id.clone()),
        run_lifecycle: summary.as_ref().and_then(|run| run.run_lifecycle.clone()),
        effective_expires_at: None,
        eligible: false,
        reason: None,
        purge: None,
    };
    let Some(run) = summary else {
        item.reason = Some(PurgeReason::Missing);
        return Ok(item);
    };
    let asked = due::Asked { now: clock::now(), ttl_s, force: input.force, include_active: input.include_active };
    let (expires_at, stays) = due::decide(&run, &asked);
    item.effective_expires_at = expires_at;
    item.reason = stays;
    if stays.is_none() {
        match purge(plane, input, &run).await? {
            Some(purged) => (item.eligible, item.purge) = (true, Some(purged)),
            None => item.reason = Some(PurgeReason::ActiveRunTree),
        }
    }
    Ok(item)
}

/// Deletes the tree of a draft, and what no artifact needs any more.
async fn purge(plane: &Arc<Plane>, input: &PurgeDrafts, root: &RunSummary) -> Result<Option<PurgedTree>, Error> {
    let what = What {
        dry_run: input.dry_run,
        include_active: input.include_active,
        delete_artifacts: input.delete_artifacts,
        delete_workspaces: input.delete_workspaces,
    };
    let mut purged = tree(plane, &what, root).await?;
    if let Some(purged) = purged.as_mut().filter(|_| input.delete_artifacts && !input.dry_run) {
        purged.artifact_gc = Some(collect(plane).await?);
    }
    Ok(purged)
}

/// How a tree goes.
pub(super) struct What {
    /// Only say what would go.
    pub(super) dry_run: bool,
    /// End what is not over.
    pub(super) include_active: bool,
    /// Its artifacts, too. Their bytes go with the next [`collect`].
    pub(super) delete_artifacts: bool,
    /// Its workspaces, too.
    pub(super) delete_workspaces: bool,
}

/// Deletes a run and those below it, or says what would go; none when not all of them are over.
pub(super) async fn tree(plane: &Arc<Plane>, input: &What, root: &RunSummary) -> Result<Option<PurgedTree>, Error> {
    let Some(run_ids) = ended_tree(plane, input, &root.run_id).await? else { return Ok(None) };
    let folders = if input.delete_workspaces { workspaces::of(plane, &run_ids).await? } else { Vec::new() };
    let flow = flows::of(plane, root, &run_ids).await?;
    let mut purged = PurgedTree { ok: true, dry_run: input.dry_run, run_ids, ..PurgedTree::default() };
    if input.dry_run {
        let (runs, workspaces) = (purged.run_ids.len() as u64, folders.len() as u64);
        let flows = u64::from(flow.is_some());
        purged.would_delete = Some(WouldDelete { runs, workspaces, flows, ..WouldDelete::default() });
        return Ok(Some(purged));
    }
    let artifacts = if input.delete_artifacts { delete_artifacts(plane, purged.run_ids.clone()).await? } else { 0 };
    let workspaces = workspaces::delete(folders).await?;
    let flows = match flow {
        Some(id) => flows::delete(plane, id).await?,
        None => 0,
    };
    // Children first, so that nobody who looks meanwhile finds a run whose parent is not there.
    let last_first = purged.run_ids.iter().rev().cloned().collect();
    let deleted = plane.store.delete(last_first).await.map_err(engine::store_error)?;
    plane.engine.forget(&purged.run_ids, root.parent_run_id.as_ref());
    purged.deleted = Some(DeletedTree {
        runs: deleted.runs,
        ledger_records: deleted.ledger_records,
        commands: deleted.commands,
        artifacts,
        workspaces,
        flows,
    });
    Ok(Some(purged))
}

/// Ends the listeners below a root that has ended: nobody will ever speak to them on its behalf.
pub(super) async fn end_listeners(plane: &Plane, root: &RunSummary, dry_run: bool) -> Result<(), Error> {
    for run in read_tree(plane, &root.run_id).await?.iter().filter(|run| !dry_run && !run.status.is_terminal()) {
        let summary = plane.store.summary(&run.run_id).await.map_err(engine::store_error)?;
        if summary.is_some_and(|s| model::id::is_listener(&s.workflow_id)) {
            cancel(plane, &run.run_id).await?;
        }
    }
    Ok(())
}

/// The runs of a tree once all are over. Active ones are cancelled when that was asked for.
async fn ended_tree(plane: &Plane, input: &What, root: &RunId) -> Result<Option<Vec<RunId>>, Error> {
    let mut tree = read_tree(plane, root).await?;
    let ends = input.include_active && !input.dry_run;
    if ends && tree.iter().any(|run| !run.status.is_terminal()) {
        for run in tree.iter().filter(|run| !run.status.is_terminal()) {
            cancel(plane, &run.run_id).await?;
        }
        // A run that started another one before it was cancelled has a larger tree now.
        tree = read_tree(plane, root).await?;
    }
    let active = tree.iter().any(|run| !run.status.is_terminal());
    let stays = active && !(input.dry_run && input.include_active) || tree.len() > TREE_MAX;
    Ok((!stays).then(|| tree.into_iter().map(|run| run.run_id).collect()))
}

async fn read_tree(plane: &Plane, root: &RunId) -> Result<Vec<store::TreeRun>, Error> {
    plane.store.tree(root, TREE_MAX + 1).await.map_err(engine::store_error)
}

/// Ends a run, whatever it is doing; one that has ended meanwhile is fine.
async fn cancel(plane: &Plane, run_id: &RunId) -> Result<(), Error> {
    let command = Command {
        command_id: format!("purge:{run_id}:{}", uuid::Uuid::new_v4().simple()),
        run_id: run_id.to_string(),
        kind: CommandKind::Cancel,
        payload: Map::from_iter([("reason".to_owned(), "Purged".into())]),
        ts: clock::now().to_string(),
        client_id: None,
        seq: 0,
    };
    match plane.engine.send(command).await {
        Err(error) if !matches!(error.code, Code::RunTerminal | Code::RunNotFound) => Err(error),
        _ => Ok(()),
    }
}

async fn delete_artifacts(plane: &Plane, run_ids: Vec<RunId>) -> Result<u64, Error> {
    let artifacts = plane.artifacts.clone();
    let deleted = tokio::task::spawn_blocking(move || {
        let mut deleted = 0;
        for run_id in run_ids {
            deleted += artifacts.delete_of_run(&run_id)?;
        }
        Ok(deleted)
    });
    deleted.await.map_err(|e| Error::internal(e.to_string()))?.map_err(engine::store_error)
}

pub(super) async fn collect(plane: &Plane) -> Result<model::Value, Error> {
    let artifacts = plane.artifacts.clone();
    let collected = tokio::task::spawn_blocking(move || artifacts.collect()).await;
    let collected = collected.map_err(|e| Error::internal(e.to_string()))?.map_err(engine::store_error)?;
    serde_json::to_value(collected).map_err(|e| Error::internal(e.to_string()))
}
