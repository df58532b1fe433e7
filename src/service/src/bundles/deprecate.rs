//! Deprecating bundles and entrypoints, and what it means for new runs (contract 04, section 4.8). A deprecation counts for
//! all versions; runs that are there already, their children and schedules go on.

use flow::registry::{pick_version, split_ref};
use model::api::bundles::{BundleDeprecated, BundleUndeprecated, DeprecateBundle, UndeprecateBundle};
use model::{Code, Error};

use super::deprecations::{self, ALL};
use super::show::filled;
use crate::planes::Plane;
use crate::{Answer, Call, Handle, Services};

impl Handle<DeprecateBundle> for Services {
    async fn handle(&self, call: Call, input: DeprecateBundle) -> Result<Answer<BundleDeprecated>, Error> {
        let plane = self.plane(&call.principal).await?;
        let bundle_id = input.bundle_id.trim().to_owned();
        let set = plane.library.set();
        let unknown = |text: String| Error::new(Code::WorkflowNotFound, text);
        let latest = pick_version(&set.manifests(), &bundle_id, None).map_err(|e| unknown(e.text))?;
        let flow_id = filled(input.flow_id.as_deref()).unwrap_or(ALL).to_owned();
        if flow_id != ALL && !latest.entrypoints.iter().any(|e| e.flow_id == flow_id) {
            return Err(unknown(format!("Entrypoint '{bundle_id}:{flow_id}' not found")));
        }
        let reason = filled(input.reason.as_deref()).map(str::to_owned);
        let (data_dir, bundle, flow) = (plane.data_dir.clone(), bundle_id.clone(), flow_id.clone());
        let set = tokio::task::spawn_blocking(move || deprecations::set(&data_dir, &bundle, &flow, reason)).await;
        let record = set.map_err(|e| Error::internal(e.to_string()))??;
        let (deprecated_at, reason) = (record.deprecated_at, record.reason);
        Ok(BundleDeprecated { ok: true, bundle_id, flow_id, deprecated_at, reason }.into())
    }
}

impl Handle<UndeprecateBundle> for Services {
    async fn handle(&self, call: Call, input: UndeprecateBundle) -> Result<Answer<BundleUndeprecated>, Error> {
        let plane = self.plane(&call.principal).await?;
        let bundle_id = input.bundle_id.trim().to_owned();
        let flow_id = filled(input.flow_id.as_deref()).unwrap_or(ALL).to_owned();
        let (data_dir, bundle, flow) = (plane.data_dir.clone(), bundle_id.clone(), flow_id.clone());
        let cleared = tokio::task::spawn_blocking(move || deprecations::clear(&data_dir, &bundle, &flow)).await;
        let removed = cleared.map_err(|e| Error::internal(e.to_string()))??;
        Ok(BundleUndeprecated { ok: true, bundle_id, flow_id, removed }.into())
    }
}

/// Refuses a new run of a workflow that is deprecated.
pub(crate) async fn refuse_deprecated(plane: &Plane, workflow_id: &str) -> Result<(), Error> {
    let Some((bundle_ref, flow_id)) = workflow_id.split_once(':') else { return Ok(()) };
    let bundle_id = split_ref(bundle_ref).0;
    let Some(record) = super::deprecated(plane).await?.record(bundle_id, flow_id) else { return Ok(()) };
    let reason = record.reason.map(|r| format!(": {r}")).unwrap_or_default();
    Err(Error::new(Code::WorkflowDeprecated, format!("Workflow '{bundle_id}:{flow_id}' is deprecated{reason}")))
}
