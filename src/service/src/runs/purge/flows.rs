//! The stored flow that goes with a schedule: nobody can start or draw it any more when its run is gone.
//!
//! The invariant: a flow that another run stands on, or that another flow names, stays.

use model::api::runs::RunSummary;
use model::{Error, RunId};
use store::RunQuery;

use crate::planes::Plane;

/// The id of the flow that only a schedule uses; none for runs that are no schedules.
pub(super) async fn of(plane: &Plane, root: &RunSummary, tree: &[RunId]) -> Result<Option<String>, Error> {
    let id = &root.workflow_id;
    if !id.starts_with(model::schedule::PREFIX) {
        return Ok(None);
    }
    // Somebody may have started it by its id, too: what is not of the tree needs one more place on the page.
    let (limit, include_drafts) = (tree.len() + 1, true);
    let query = RunQuery { limit, workflow_id: Some(id.clone()), include_drafts, ..RunQuery::default() };
    let page = plane.store.list(query).await.map_err(engine::store_error)?;
    if page.rows.iter().any(|row| !tree.contains(&row.summary.run_id)) {
        return Ok(None);
    }
    let (flows, library, searched) = (plane.flows.clone(), plane.library.clone(), id.clone());
    let named = tokio::task::spawn_blocking(move || library.set().names(&searched) || flows.others_name(&searched));
    let named = named.await.map_err(|e| Error::internal(e.to_string()))?;
    Ok((!named).then(|| id.clone()))
}

/// Deletes it.
pub(super) async fn delete(plane: &Plane, id: String) -> Result<u64, Error> {
    let flows = plane.flows.clone();
    let deleted = tokio::task::spawn_blocking(move || flows.delete(&id)).await;
    Ok(u64::from(deleted.map_err(|e| Error::internal(e.to_string()))?))
}
