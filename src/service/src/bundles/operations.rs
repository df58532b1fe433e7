//! The bundle operations.

use flow::bundle::Bundle;
use flow::registry::{is_draft, latest};
use model::api::bundles::{BundleList, BundleUploaded, BundlesReloaded, ListBundles, ReloadBundles, UploadBundle};
use model::{Code, Error, Value};
use serde_json::json;

use super::library::{Loaded, Set};
use crate::{Answer, Call, Handle, Services};

impl Handle<ListBundles> for Services {
    async fn handle(&self, call: Call, input: ListBundles) -> Result<Answer<BundleList>, Error> {
        let plane = self.plane(&call.principal).await?;
        let set = plane.library.set();
        let mut ids: Vec<&str> = set.bundles.iter().map(|b| b.bundle.manifest.bundle_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let items: Vec<Value> = ids.iter().flat_map(|id| rows(&set, id, &input)).collect();
        let default_bundle_id = if let [only] = ids.as_slice() { Some((*only).to_owned()) } else { None };
        Ok(BundleList { items, default_bundle_id }.into())
    }
}

/// The rows of one bundle id: its latest published version, or all of them.
fn rows(set: &Set, id: &str, input: &ListBundles) -> Vec<Value> {
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
    versions.iter().filter(|b| shown(b)).map(|b| row(b, published.as_deref(), any.as_deref())).collect()
}

fn row(loaded: &Loaded, published: Option<&str>, any: Option<&str>) -> Value {
    let (manifest, bundle_ref) = (&loaded.bundle.manifest, loaded.bundle_ref());
    let draft = is_draft(&manifest.bundle_version);
    let entrypoints: Vec<Value> = manifest
        .entrypoints
        .iter()
        .map(|e| {
            json!({
                "flow_id": e.flow_id, "name": e.name, "description": e.description, "interfaces": e.interfaces,
                "workflow_id": format!("{bundle_ref}:{}", e.flow_id),
                "deprecated": false, "deprecated_at": null, "deprecated_reason": null,
            })
        })
        .collect();
    json!({
        "bundle_id": manifest.bundle_id, "bundle_version": manifest.bundle_version, "bundle_ref": bundle_ref,
        "registry_scope": "private", "version_channel": if draft { "draft" } else { "published" },
        "is_draft": draft, "is_published": !draft, "latest_published_version": published, "latest_any_version": any,
        "created_at": manifest.created_at, "metadata": manifest.metadata,
        "default_entrypoint": manifest.default_entrypoint, "entrypoints": entrypoints,
        "actions": {"can_run": loaded.broken.is_empty(), "can_upload": true, "can_remove": true, "can_deprecate": true,
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
