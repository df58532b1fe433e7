//! The flow a schedule runs. Its version is that of the moment the schedule was made, for good.

use flow::registry::{StartErrorKind, pick_version, resolve_flow, split_ref};
use model::api::runs::ScheduleRun;
use model::{Code, Error};

use crate::planes::Plane;
use crate::runs::start::{Chosen, only_private, refuse_draft};

/// A flow of a bundle.
pub(super) struct Target {
    /// `bundle@version:flow`.
    pub(super) workflow_id: String,
    pub(super) bundle_id: String,
    pub(super) bundle_version: String,
    pub(super) flow_id: String,
}

/// Finds it. `draft_test` says that drafts may run.
///
/// # Errors
/// What is missing, contradictory, or broken.
pub(super) fn find(plane: &Plane, input: &ScheduleRun, draft_test: bool) -> Result<Target, Error> {
    only_private(input.registry_scope.as_deref())?;
    let bad = |text: &str| Error::new(Code::BadRequest, text);
    let (bundle, flow) = (input.bundle_id.trim(), input.flow_id.trim());
    if bundle.is_empty() || flow.is_empty() {
        return Err(bad("bundle_id and flow_id are required"));
    }
    let (bundle_id, of) = split_ref(bundle);
    let version = input.bundle_version.as_deref().map(str::trim).filter(|v| !v.is_empty());
    if bundle_id.is_empty() {
        return Err(bad("bundle_id is required"));
    }
    if of.zip(version).is_some_and(|(of, version)| of != version) {
        return Err(bad("bundle_version conflicts with bundle_id (bundle_id already includes '@version')"));
    }
    let of_flow = flow.split_once(':').and_then(|(prefix, _)| split_ref(prefix).1);
    let asked = of_flow.or(version).or(of);
    refuse_draft(asked, draft_test)?;
    let set = plane.library.set();
    let manifests = set.manifests();
    let (manifest, flow_id) = resolve_flow(&manifests, bundle, version, flow).map_err(|e| match e.kind {
        StartErrorKind::BadRequest => bad(&e.text),
        StartErrorKind::NotFound => {
            let name = flow.split_once(':').map_or(flow, |(_, name)| name);
            let newest = pick_version(&manifests, bundle_id, None).ok().map(|m| m.bundle_version.as_str());
            let text = match asked.or(newest) {
                Some(version) => format!("Target workflow '{bundle_id}@{version}:{name}' not found"),
                None => format!("Bundle '{bundle_id}' has no versions loaded"),
            };
            Error::new(Code::WorkflowNotFound, text)
        }
    })?;
    let (bundle_id, bundle_version) = (manifest.bundle_id.clone(), manifest.bundle_version.clone());
    let chosen = Chosen::of_bundle(plane, set.clone(), &bundle_id, &bundle_version, flow_id.to_owned())?;
    let workflow_id = chosen.workflow.id().to_owned();
    Ok(Target { workflow_id, bundle_id, bundle_version, flow_id: flow_id.to_owned() })
}
