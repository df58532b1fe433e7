//! Looking into bundles: one of them, a flow of it, what the flow takes (contract 04, sections 4.2 to 4.4 and 5.1). Flows
//! are shown as they were authored; one that does not compile is shown too.

use flow::bundle::{Authored, Manifest};
use flow::input_schema::{input_schema, inputs, node_index};
use flow::registry::{StartError, StartErrorKind, resolve_bundle, resolve_flow, split_ref};
use model::api::bundles::{ShowBundle, ShowBundleFlow, ShowInputSchema};
use model::api::workflows::ShowWorkflowFlow;
use model::{Code, Error, Map, Value};
use serde_json::json;

use super::deprecations::Book;
use super::{Loaded, Set};
use crate::{Answer, Call, Handle, Services};

/// Bundles of the shared catalog have ids of their own, which are not for clients.
const CATALOG: &str = "__catalog__";

impl Handle<ShowBundle> for Services {
    async fn handle(&self, call: Call, input: ShowBundle) -> Result<Answer<Map>, Error> {
        let plane = self.plane(&call.principal).await?;
        let set = plane.library.set();
        let version = filled(input.bundle_version.as_deref());
        not_of_the_catalog(&input.bundle_id)?;
        let manifest = resolve_bundle(&set.manifests(), named(&input.bundle_id)?, version).map_err(refused)?;
        let book = super::deprecated(&plane).await?;
        Ok(bundle(loaded(&set, manifest)?, &book).into())
    }
}

impl Handle<ShowBundleFlow> for Services {
    async fn handle(&self, call: Call, input: ShowBundleFlow) -> Result<Answer<Map>, Error> {
        let plane = self.plane(&call.principal).await?;
        let asked = Asked { bundle: &input.bundle_id, version: input.bundle_version.as_deref(), flow: &input.flow_id };
        Ok(flow(&plane.library.set(), &asked)?.into())
    }
}

impl Handle<ShowInputSchema> for Services {
    async fn handle(&self, call: Call, input: ShowInputSchema) -> Result<Answer<Map>, Error> {
        let plane = self.plane(&call.principal).await?;
        let asked = Asked { bundle: &input.bundle_id, version: input.bundle_version.as_deref(), flow: &input.flow_id };
        let (mut shown, raw) = asked.find(&plane.library.set())?;
        shown.extend(input_schema(&raw));
        Ok(shown.into())
    }
}

impl Handle<ShowWorkflowFlow> for Services {
    async fn handle(&self, call: Call, input: ShowWorkflowFlow) -> Result<Answer<Map>, Error> {
        let plane = self.plane(&call.principal).await?;
        let id = input.workflow_id.trim();
        if id.starts_with(CATALOG) {
            let text = "Catalog workflows must be inspected through /api/gateway/workflow-catalog";
            return Err(Error::new(Code::Forbidden, text));
        }
        let (flows, workflow_id) = (plane.flows.clone(), id.to_owned());
        let stored = tokio::task::spawn_blocking(move || flows.read(&workflow_id)).await;
        if let Some(raw) = stored.map_err(|e| Error::internal(e.to_string()))?? {
            let shown = [("workflow_id", id.into()), ("flow", raw), ("source", "dynamic".into())];
            return Ok(shown.map(|(k, v)| (k.to_owned(), v)).into_iter().collect::<Map>().into());
        }
        let set = plane.library.set();
        let unknown = || Error::new(Code::WorkflowNotFound, format!("Workflow '{id}' not found"));
        let (bundle, flow_id) =
            id.split_once(':').filter(|(b, f)| !b.is_empty() && !f.is_empty()).ok_or_else(unknown)?;
        if !set.bundles.iter().any(|b| b.bundle.manifest.bundle_id == split_ref(bundle).0) {
            return Err(unknown());
        }
        Ok(flow(&set, &Asked { bundle, version: None, flow: flow_id })?.into())
    }
}

/// Which flow of which bundle a request names.
struct Asked<'a> {
    bundle: &'a str,
    version: Option<&'a str>,
    flow: &'a str,
}

impl Asked<'_> {
    /// What names the flow in a reply, and the flow as it was authored.
    fn find(&self, set: &Set) -> Result<(Map, Value), Error> {
        not_of_the_catalog(self.bundle)?;
        if self.flow.trim().is_empty() {
            return Err(Error::new(Code::BadRequest, "flow_id is required"));
        }
        let (bundle, version) = (named(self.bundle)?, filled(self.version));
        let (manifest, flow_id) = resolve_flow(&set.manifests(), bundle, version, self.flow).map_err(refused)?;
        let loaded = loaded(set, manifest)?;
        let raw = loaded.bundle.flows.get(flow_id).map(Authored::value).unwrap_or_default();
        let bundle_ref = loaded.bundle_ref();
        let shown = Map::from_iter([
            ("bundle_id".to_owned(), manifest.bundle_id.as_str().into()),
            ("bundle_version".to_owned(), manifest.bundle_version.as_str().into()),
            ("bundle_ref".to_owned(), bundle_ref.as_str().into()),
            ("flow_id".to_owned(), flow_id.into()),
            ("workflow_id".to_owned(), format!("{bundle_ref}:{flow_id}").into()),
        ]);
        Ok((shown, raw))
    }
}

/// The reply that shows a flow.
fn flow(set: &Set, asked: &Asked<'_>) -> Result<Map, Error> {
    let (mut shown, raw) = asked.find(set)?;
    shown.insert("flow".into(), raw);
    Ok(shown)
}

/// The reply that shows a bundle.
fn bundle(loaded: &Loaded, book: &Book) -> Map {
    let (manifest, bundle_ref) = (&loaded.bundle.manifest, loaded.bundle_ref());
    let entrypoints: Vec<Value> = manifest
        .entrypoints
        .iter()
        .map(|e| {
            let raw = &loaded.bundle.flows.get(&e.flow_id).map(Authored::value).unwrap_or_default();
            let record = book.record(&manifest.bundle_id, &e.flow_id);
            json!({
                "flow_id": e.flow_id, "workflow_id": format!("{bundle_ref}:{}", e.flow_id), "name": e.name,
                "description": e.description, "interfaces": e.interfaces,
                "inputs": inputs(raw), "node_index": node_index(raw),
                "deprecated": record.is_some(),
                "deprecated_at": record.as_ref().map(|r| &r.deprecated_at),
                "deprecated_reason": record.as_ref().and_then(|r| r.reason.as_ref()),
            })
        })
        .collect();
    Map::from_iter([
        ("bundle_id".to_owned(), json!(manifest.bundle_id)),
        ("bundle_version".to_owned(), json!(manifest.bundle_version)),
        ("bundle_ref".to_owned(), json!(bundle_ref)),
        ("created_at".to_owned(), json!(manifest.created_at)),
        ("default_entrypoint".to_owned(), json!(manifest.default_entrypoint)),
        ("entrypoints".to_owned(), entrypoints.into()),
        ("flows".to_owned(), manifest.flows.keys().cloned().collect()),
        ("metadata".to_owned(), json!(manifest.metadata)),
    ])
}

/// A refusal in the contract's words.
fn refused(error: StartError) -> Error {
    match error.kind {
        StartErrorKind::NotFound => Error::new(Code::WorkflowNotFound, error.text),
        StartErrorKind::BadRequest => Error::new(Code::BadRequest, error.text),
    }
}

fn not_of_the_catalog(bundle_id: &str) -> Result<(), Error> {
    if bundle_id.trim().starts_with(CATALOG) {
        let text = "Catalog bundles must be accessed through /api/gateway/workflow-catalog";
        return Err(Error::new(Code::Forbidden, text));
    }
    Ok(())
}

fn named(bundle_id: &str) -> Result<&str, Error> {
    filled(Some(bundle_id)).ok_or_else(|| Error::new(Code::BadRequest, "bundle_id is required"))
}

pub(super) fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|t| !t.is_empty())
}

fn loaded<'s>(set: &'s Set, manifest: &Manifest) -> Result<&'s Loaded, Error> {
    let found = set.get(&manifest.bundle_id, &manifest.bundle_version);
    found.ok_or_else(|| Error::internal("a manifest of a set has no bundle in it"))
}
