//! Runs that ended long ago are deleted: when an operator asks, or by themselves where a retention is set.
//!
//! May not know: how a tree is deleted, which is `purge`'s. The invariant: a run that is not over stays, and with it all
//! of its tree; only listeners, which would wait for ever, end with the root they belong to.

use std::sync::Arc;
use std::time::Duration;

use model::api::runs::prune::{PruneRuns, Pruned, PrunedTree};
use model::{Code, Error, Timestamp, schedule::interval_micros};
use store::RunQuery;

use super::purge::{self, What};
use crate::planes::Plane;
use crate::{Answer, Call, Handle, Services, clock};

/// How often a retention is kept.
const EVERY: Duration = Duration::from_hours(1);
/// Roots of a round.
const ROUND: usize = 200;
const DAY_MICROS: i64 = 86_400_000_000;

impl Handle<PruneRuns> for Services {
    async fn handle(&self, call: Call, input: PruneRuns) -> Result<Answer<Pruned>, Error> {
        let plane = self.plane(&call.principal).await?;
        let age = interval_micros(&input.older_than).ok_or_else(|| {
            Error::new(Code::Validation, format!("older_than: '{}' is no time like '30d' or '12h'", input.older_than))
        })?;
        let limit = usize::try_from(input.limit).unwrap_or(1);
        Ok(prune(&plane, clock::now().plus_micros(-age), limit, input.dry_run).await?.into())
    }
}

/// Deletes the trees of the longest ended roots, or says which would go.
async fn prune(plane: &Arc<Plane>, before: Timestamp, limit: usize, dry_run: bool) -> Result<Pruned, Error> {
    let query = RunQuery { limit, ended_before: Some(before), include_drafts: true, ..RunQuery::default() };
    let page = plane.store.list(query).await.map_err(engine::store_error)?;
    let mut pruned =
        Pruned { ok: true, dry_run, ended_before: Some(before), more: page.next_cursor.is_some(), ..Pruned::default() };
    for root in page.rows.into_iter().map(|row| row.summary) {
        let what = What { dry_run, include_active: false, delete_artifacts: true, delete_workspaces: true };
        purge::end_listeners(plane, &root, dry_run).await?;
        let went = purge::tree(plane, &what, &root).await?;
        if let Some(deleted) = went.as_ref().and_then(|went| went.deleted.as_ref()) {
            pruned.runs += deleted.runs;
            pruned.ledger_records += deleted.ledger_records;
            pruned.artifacts += deleted.artifacts;
            pruned.workspaces += deleted.workspaces;
        }
        pruned.items.push(PrunedTree {
            run_id: root.run_id,
            workflow_id: root.workflow_id,
            status: root.status.as_str().to_owned(),
            updated_at: root.updated_at,
            runs: went.map_or(0, |went| went.run_ids.len() as u64),
        });
    }
    if pruned.artifacts > 0 {
        purge::collect(plane).await?;
    }
    Ok(pruned)
}

/// Keeps the retention of a plane until it closes.
pub(crate) async fn keep(plane: std::sync::Weak<Plane>, days: u64, closing: tokio_util::sync::CancellationToken) {
    let age = i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(DAY_MICROS);
    let mut hours = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            _ = hours.tick() => {}
        }
        let Some(plane) = plane.upgrade() else { return };
        let before = clock::now().plus_micros(age.saturating_neg());
        if let Err(error) = round(&plane, before, &closing).await {
            tracing::error!(error = %error, context = ?error.context, "old runs could not be deleted; the next hour tries again");
        }
    }
}

/// Deletes until nothing more can go.
async fn round(
    plane: &Arc<Plane>,
    before: Timestamp,
    closing: &tokio_util::sync::CancellationToken,
) -> Result<(), Error> {
    while !closing.is_cancelled() {
        let pruned = prune(plane, before, ROUND, false).await?;
        if pruned.runs > 0 {
            tracing::info!(runs = pruned.runs, before = %before, "old runs were deleted");
        }
        // Those that stay come first again: a round without a deletion is the last.
        if !pruned.more || pruned.runs == 0 {
            break;
        }
    }
    Ok(())
}
