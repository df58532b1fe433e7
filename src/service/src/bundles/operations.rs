//! The bundles as a whole: listed, uploaded, read again, removed.

use flow::bundle::Bundle;
use flow::registry::{is_draft, latest, split_ref};
use model::api::bundles::{
    BundleList, BundleRemoved, BundleUploaded, BundlesReloaded, ListBundles, ReloadBundles, RemoveBundle, UploadBundle,
};
use model::{Code, Error, Value};
use serde_json::json;

use super::deprecations::Book;
use super::library::{Loaded, Origin, Set};
use super::show::filled;
use crate::{Answer, Call, Handle, Services};

impl Handle<ListBundles> for Services {
    async fn handle(&self, call: Call, input: ListBundles) -> Result<Answer<BundleList>, Error> {
        let plane = self.plane(&call.principal).await?;
        let book = super::deprecated(&plane).await?;
        let set = plane.library.set();
        let mut ids: Vec<&str> = set.bundles.iter().map(|b| b.bundle.manifest.bundle_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let items: Vec<Value> = ids.iter().flat_map(|id| rows(&set, &book, id, &input)).collect();
        let is_shown = |id: &&str| items.iter().any(|item| item["bundle_id"] == **id);
        let default_bundle_id = set.default_bundle_id().filter(is_shown).map(str::to_owned);
        Ok(BundleList { items, default_bundle_id }.into())
    }
}

/// The rows of one bundle id: its latest published version, or all of them.
fn rows(set: &Set, book: &Book, id: &str, input: &ListBundles) -> Vec<Value> {
    let versions: Vec<&Loaded> = set.bundles.iter().filter(|b| b.bundle.manifest.bundle_id == id).collect();
    let dated = |keep: &dyn Fn(&str) -> bool| -> Option<String> {
        let dated: Vec<(&str, &str)> = versions
            .iter()
            .map(|b| (b.bundle.manifest.bundle_version.as_str(), b.bundle.manifest.created_at.as_str()))
            .filter(|(version, _)| keep(version))
            .collect();
        latest(&dated).map(str::to_owned)
    };
    let published = dated(&|v| !is_draft(v));
    let any = dated(&|_| true);
    let shown = |loaded: &Loaded| {
        let version = &loaded.bundle.manifest.bundle_version;
        let wanted = published.as_ref().or(any.as_ref().filter(|_| input.include_drafts));
        if input.all_versions { input.include_drafts || !is_draft(version) } else { wanted == Some(version) }
    };
    let shown = versions.iter().filter(|b| shown(b)).filter_map(|b| {
        let entrypoints = entrypoints(b, book, input.include_deprecated);
        (!entrypoints.is_empty()).then(|| row(b, entrypoints, published.as_deref(), any.as_deref()))
    });
    shown.collect()
}

/// The entrypoints of a row; deprecated ones only when they are wanted.
fn entrypoints(loaded: &Loaded, book: &Book, include_deprecated: bool) -> Vec<Value> {
    let (manifest, bundle_ref) = (&loaded.bundle.manifest, loaded.bundle_ref());
    let shown = manifest.entrypoints.iter().filter_map(|e| {
        let record = book.record(&manifest.bundle_id, &e.flow_id);
        (include_deprecated || record.is_none()).then(|| {
            json!({
                "flow_id": e.flow_id, "name": e.name, "description": e.description, "interfaces": e.interfaces,
                "workflow_id": format!("{bundle_ref}:{}", e.flow_id),
                "deprecated": record.is_some(),
                "deprecated_at": record.as_ref().map(|r| &r.deprecated_at),
                "deprecated_reason": record.as_ref().and_then(|r| r.reason.as_ref()),
            })
        })
    });
    shown.collect()
}

fn row(loaded: &Loaded, entrypoints: Vec<Value>, published: Option<&str>, any: Option<&str>) -> Value {
    let (manifest, bundle_ref) = (&loaded.bundle.manifest, loaded.bundle_ref());
    let draft = is_draft(&manifest.bundle_version);
    json!({
        "bundle_id": manifest.bundle_id, "bundle_version": manifest.bundle_version, "bundle_ref": bundle_ref,
        "registry_scope": "private", "version_channel": if draft { "draft" } else { "published" },
        "is_draft": draft, "is_published": !draft, "latest_published_version": published, "latest_any_version": any,
        "created_at": manifest.created_at, "metadata": manifest.metadata,
        "default_entrypoint": manifest.default_entrypoint, "entrypoints": entrypoints,
        "actions": {"can_run": loaded.broken.is_empty(), "can_upload": true,
            "can_remove": loaded.origin == Origin::Folder, "can_deprecate": true,
            "catalog_promote_endpoint": "/api/gateway/admin/workflow-catalog/promote"},
        "errors": loaded.broken.iter().map(|(flow, (code, text))| json!({"flow_id": flow, "code": code, "error": text})).collect::<Vec<_>>(),
    })
}

impl Handle<ReloadBundles> for Services {
    async fn handle(&self, call: Call, _: ReloadBundles) -> Result<Answer<BundlesReloaded>, Error> {
        let plane = self.plane(&call.principal).await?;
        let set = plane.reload_bundles().await?;
        let mut bundle_ids: Vec<String> = set.bundles.iter().map(|b| b.bundle.manifest.bundle_id.clone()).collect();
        bundle_ids.sort();
        bundle_ids.dedup();
        Ok(BundlesReloaded { ok: true, count: bundle_ids.len(), bundle_ids, errors: set.errors.clone() }.into())
    }
}

impl Handle<UploadBundle> for Services {
    async fn handle(&self, call: Call, input: UploadBundle) -> Result<Answer<BundleUploaded>, Error> {
        use sha2::{Digest as _, Sha256};
        let plane = self.plane(&call.principal).await?;
        let limit = self.settings.http.max_bundle_bytes;
        if input.file.size_bytes > limit {
            let text = format!("Bundle too large ({} bytes > {limit} bytes)", input.file.size_bytes);
            return Err(Error::new(Code::TooLarge, text));
        }
        let (library, path, overwrite) = (plane.clone(), input.file.path.clone(), input.overwrite);
        let installed = tokio::task::spawn_blocking(move || {
            let bytes = std::fs::read(&path).map_err(|e| Error::internal(e.to_string()))?;
            if bytes.is_empty() {
                return Err(Error::new(Code::BadRequest, "Bundle content is empty"));
            }
            let refused = |text: String| Error::new(Code::BundleInvalid, text);
            let bundle = Bundle::read(&bytes)
                .map_err(|e| refused(format!("Failed installing bundle: {}", e.text)).with("reason_code", e.code))?;
            flow::bundle::check_id(&bundle.manifest.bundle_id).map_err(refused)?;
            flow::bundle::check_version(&bundle.manifest.bundle_version).map_err(refused)?;
            library.library.install(&bundle, &bytes, overwrite)?;
            Ok((bundle.manifest, hex::encode(Sha256::digest(&bytes))))
        });
        let (manifest, sha256) = installed.await.map_err(|e| Error::internal(e.to_string()))??;
        let reload_error = if input.reload { plane.reload_bundles().await.err().map(|e| e.detail) } else { None };
        let bundle_ref = format!("{}@{}", manifest.bundle_id, manifest.bundle_version);
        let entrypoints = manifest.entrypoints.iter().map(
            |e| json!({"flow_id": e.flow_id, "name": e.name, "description": e.description, "interfaces": e.interfaces}),
        );
        Ok(BundleUploaded {
            ok: true,
            bundle_ref,
            sha256,
            default_entrypoint: manifest.default_entrypoint.clone(),
            entrypoints: entrypoints.collect(),
            bundle_id: manifest.bundle_id,
            bundle_version: manifest.bundle_version,
            gateway_reloaded: input.reload && reload_error.is_none(),
            gateway_reload_error: reload_error,
        }
        .into())
    }
}

impl Handle<RemoveBundle> for Services {
    async fn handle(&self, call: Call, input: RemoveBundle) -> Result<Answer<BundleRemoved>, Error> {
        let plane = self.plane(&call.principal).await?;
        let named = input.bundle_id.trim();
        let (bundle_id, of) = split_ref(named.strip_suffix(".flow").unwrap_or(named));
        let asked = filled(input.bundle_version.as_deref());
        if bundle_id.is_empty() {
            return Err(Error::new(Code::BadRequest, "bundle_id is required"));
        }
        if of.zip(asked).is_some_and(|(of, asked)| of != asked) {
            return Err(Error::new(Code::BadRequest, "bundle_id version does not match bundle_version"));
        }
        let version = asked.or(of).map(str::to_owned);
        let bundle_ref = version.as_ref().map_or_else(|| bundle_id.to_owned(), |v| format!("{bundle_id}@{v}"));
        let (library, id) = (plane.library.clone(), bundle_id.to_owned());
        let removed = tokio::task::spawn_blocking(move || library.remove(&id, version.as_deref())).await;
        let removed = removed.map_err(|e| Error::internal(e.to_string()))??;
        let error = if input.reload { plane.reload_bundles().await.err().map(|e| e.detail) } else { None };
        let gateway_reloaded = input.reload && error.is_none();
        Ok(BundleRemoved { ok: true, bundle_ref, removed, gateway_reloaded, gateway_reload_error: error }.into())
    }
}
