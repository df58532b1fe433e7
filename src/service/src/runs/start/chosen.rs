//! The workflow a start request means (contract 02, 4.1; the rules are `flow::registry`'s).

use std::sync::Arc;

use flow::registry::{StartErrorKind, Target, is_draft, resolve_start, split_ref};
use model::api::runs::StartRun;
use model::workflow::Workflow;
use model::{Code, Error};

use crate::bundles::{Loaded, Set, Startable};
use crate::planes::Plane;

/// Words that mean a catalog. This version has none; any other word is the client's mistake.
const CATALOG_SCOPES: [&str; 6] = ["catalog", "tenant", "tenant_catalog", "framework", "framework_catalog", "global"];

/// A workflow to start.
#[derive(Clone)]
pub(in crate::runs) struct Chosen {
    /// Its program.
    pub(in crate::runs) workflow: Arc<dyn Workflow>,
    set: Arc<Set>,
    /// The bundle's place in the set, and the flow.
    place: Option<(usize, String)>,
}

impl Chosen {
    /// What starting it needs; none for workflows that come from no bundle.
    pub(super) fn startable(&self) -> Option<&Startable> {
        let (loaded, flow_id) = self.origin()?;
        loaded.startable.get(flow_id)
    }

    /// The bundle it comes from, and the flow.
    pub(super) fn origin(&self) -> Option<(&Loaded, &str)> {
        let (at, flow_id) = self.place.as_ref()?;
        Some((self.set.bundles.get(*at)?, flow_id))
    }
}

/// Finds the workflow of a request. `draft_test` says that the run is a test of a draft.
///
/// # Errors
/// What is missing, contradictory, or broken.
pub(super) fn choose(plane: &Plane, input: &StartRun, draft_test: bool) -> Result<Chosen, Error> {
    only_private(input.registry_scope.as_deref())?;
    let filled = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let (bundle, version, flow) = (filled(&input.bundle_id), filled(&input.bundle_version), filled(&input.flow_id));
    if bundle.is_none() && flow.is_none() {
        let text = "flow_id is required (or provide bundle_id to start a bundle entrypoint)";
        return Err(Error::new(Code::BadRequest, text));
    }
    let of = |text: &Option<String>| text.as_deref().and_then(|t| split_ref(t.split(':').next()?).1.map(str::to_owned));
    let asked = version.clone().or_else(|| of(&bundle)).or_else(|| of(&flow));
    refuse_draft(asked.as_deref(), draft_test)?;
    let set = plane.library.set();
    let is_plain = flow.as_ref().is_some_and(|f| !f.contains(':'));
    let bundle = bundle.or_else(|| set.default_bundle_id().filter(|_| is_plain).map(str::to_owned));
    let manifests = set.manifests();
    let target = resolve_start(&manifests, bundle.as_deref(), version.as_deref(), flow.as_deref());
    let target = target.map_err(|e| match e.kind {
        StartErrorKind::NotFound => Error::new(Code::WorkflowNotFound, e.text),
        StartErrorKind::BadRequest => Error::new(Code::BadRequest, format!("Failed to start run: {}", e.text)),
    })?;
    match target {
        Target::Dynamic(workflow_id) => Ok(Chosen { workflow: program(plane, &workflow_id)?, set, place: None }),
        Target::Flow { bundle_id, bundle_version, flow_id, .. } => {
            Chosen::of_bundle(plane, set.clone(), &bundle_id, &bundle_version, flow_id)
        }
    }
}

impl Chosen {
    /// A flow of a bundle of the set.
    ///
    /// # Errors
    /// When it does not compile, or is not there.
    pub(in crate::runs) fn of_bundle(
        plane: &Plane,
        set: Arc<Set>,
        bundle_id: &str,
        version: &str,
        flow_id: String,
    ) -> Result<Self, Error> {
        let at = set.manifests().iter().position(|m| m.bundle_id == bundle_id && m.bundle_version == version);
        if let Some((code, text)) = at.and_then(|at| set.bundles[at].broken.get(&flow_id)) {
            return Err(Error::new(Code::WorkflowInvalid, text.clone()).with("reason_code", code.clone()));
        }
        let workflow = program(plane, &format!("{bundle_id}@{version}:{flow_id}"))?;
        Ok(Self { workflow, set, place: at.map(|at| (at, flow_id)) })
    }
}

fn program(plane: &Plane, workflow_id: &str) -> Result<Arc<dyn Workflow>, Error> {
    let unknown = || Error::new(Code::WorkflowNotFound, format!("Workflow '{workflow_id}' not found"));
    plane.workflows.get(workflow_id).ok_or_else(unknown)
}

/// Refuses every registry but the caller's own.
pub(in crate::runs) fn only_private(scope: Option<&str>) -> Result<(), Error> {
    let scope = scope.map(|s| s.trim().to_lowercase()).unwrap_or_default();
    if matches!(scope.as_str(), "" | "private") {
        return Ok(());
    }
    let known = CATALOG_SCOPES.contains(&scope.replace('-', "_").as_str());
    let code = if known { Code::Unsupported } else { Code::BadRequest };
    Err(Error::new(code, format!("Unsupported registry_scope: {scope}")))
}

/// Refuses a draft version for anything but a test of it.
pub(in crate::runs) fn refuse_draft(version: Option<&str>, draft_test: bool) -> Result<(), Error> {
    if version.is_some_and(is_draft) && !draft_test {
        let text = "draft bundle versions require run_lifecycle.purpose='draft_test'";
        return Err(Error::new(Code::BadRequest, text));
    }
    Ok(())
}
