//! Bundles: list, show, upload, reload, remove, deprecate (contract 04, section 4).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Method::{Delete, Get, Post};
use super::{Access, BodyKind, Kind, Limit, Operation, Row, Upload, body, file, path, query};
use crate::{Map, operation};

/// What `bundles.list` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BundleList {
    /// One row a bundle, or a version with `all_versions`.
    pub items: Vec<Value>,
    /// The only bundle there is, when there is only one.
    pub default_bundle_id: Option<String>,
}

/// What `bundles.upload` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BundleUploaded {
    /// Always true.
    pub ok: bool,
    /// The bundle.
    pub bundle_id: String,
    /// Its version.
    pub bundle_version: String,
    /// `bundle_id@version`.
    pub bundle_ref: String,
    /// SHA-256 of the stored file.
    pub sha256: String,
    /// The flow a start without flow id runs.
    pub default_entrypoint: Option<String>,
    /// The flows meant to be started.
    pub entrypoints: Vec<Value>,
    /// Whether the bundle is live.
    pub gateway_reloaded: bool,
    /// Why not.
    pub gateway_reload_error: Option<String>,
}

/// What `bundles.reload` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BundlesReloaded {
    /// Always true.
    pub ok: bool,
    /// The ids now loaded.
    pub bundle_ids: Vec<String>,
    /// How many.
    pub count: usize,
    /// Bundles that could not be loaded: file, code, error (additive).
    #[serde(default)]
    pub errors: Vec<Value>,
}

/// What `bundles.remove` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BundleRemoved {
    /// Always true.
    pub ok: bool,
    /// What was named.
    pub bundle_ref: String,
    /// How many files went.
    pub removed: usize,
    /// Whether the registry was read again.
    pub gateway_reloaded: bool,
    /// Why not.
    pub gateway_reload_error: Option<String>,
}

/// What `bundles.deprecate` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BundleDeprecated {
    /// Always true.
    pub ok: bool,
    /// The bundle.
    pub bundle_id: String,
    /// The entrypoint, or `*` for all of them.
    pub flow_id: String,
    /// Since when.
    pub deprecated_at: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// What `bundles.undeprecate` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BundleUndeprecated {
    /// Always true.
    pub ok: bool,
    /// The bundle.
    pub bundle_id: String,
    /// The entrypoint, or `*` for all of them.
    pub flow_id: String,
    /// Whether it was deprecated.
    pub removed: bool,
}

operation! {
    /// Lists the bundles that can be run.
    ListBundles = Row::new("bundles.list", Get, "/api/gateway/bundles", Access::User) => BundleList {
        /// A row for every version.
        all_versions: bool = query(Kind::Boolean).or("false"),
        /// Also draft versions.
        include_drafts: bool = query(Kind::Boolean).or("false"),
        /// Also deprecated entrypoints.
        include_deprecated: bool = query(Kind::Boolean).or("false"),
    }
    /// Shows a bundle with its entrypoints and their inputs.
    ShowBundle = Row::new("bundles.show", Get, "/api/gateway/bundles/{bundle_id}", Access::User) => Map {
        /// The bundle, perhaps with `@version`.
        bundle_id: String = path(),
        /// Its version.
        bundle_version: Option<String> = query(Kind::Text).optional(),
    }
    /// Shows a flow as it was authored.
    ShowBundleFlow = Row::new("bundles.flow", Get, "/api/gateway/bundles/{bundle_id}/flows/{flow_id}", Access::User) => Map {
        /// The bundle, perhaps with `@version`.
        bundle_id: String = path(),
        /// The flow.
        flow_id: String = path(),
        /// The bundle's version.
        bundle_version: Option<String> = query(Kind::Text).optional(),
    }
    /// Describes the inputs of a flow as a JSON schema.
    ShowInputSchema = Row::new("bundles.input_schema", Get, "/api/gateway/bundles/{bundle_id}/flows/{flow_id}/input_schema", Access::User) => Map {
        /// The bundle, perhaps with `@version`.
        bundle_id: String = path(),
        /// The flow.
        flow_id: String = path(),
        /// The bundle's version.
        bundle_version: Option<String> = query(Kind::Text).optional(),
    }
    /// Installs a bundle file.
    UploadBundle = Row::new("bundles.upload", Post, "/api/gateway/bundles/upload", Access::User)
        .body(BodyKind::Multipart).limit(Limit::Bundle) => BundleUploaded {
        /// The `.flow` file.
        file: Upload = file(),
        /// Replace the same version.
        overwrite: bool = body(Kind::Boolean).or("false"),
        /// Make it live at once.
        reload: bool = body(Kind::Boolean).or("true"),
    }
    /// Reads the bundle folder again.
    ReloadBundles = Row::new("bundles.reload", Post, "/api/gateway/bundles/reload", Access::User).body(BodyKind::None) => BundlesReloaded {}
    /// Removes a bundle, or one version of it.
    RemoveBundle = Row::new("bundles.remove", Delete, "/api/gateway/bundles/{bundle_id}", Access::User) => BundleRemoved {
        /// The bundle, perhaps with `@version`.
        bundle_id: String = path(),
        /// Only this version.
        bundle_version: Option<String> = query(Kind::Text).optional(),
        /// Take it out of the live registry at once.
        reload: bool = query(Kind::Boolean).or("true"),
    }
    /// Hides a bundle, or one entrypoint of it, from discovery and from new runs.
    DeprecateBundle = Row::new("bundles.deprecate", Post, "/api/gateway/bundles/{bundle_id}/deprecate", Access::User) => BundleDeprecated {
        /// The bundle, without version: all versions are meant.
        bundle_id: String = path(),
        /// Only this entrypoint.
        flow_id: Option<String> = body(Kind::Text).optional(),
        /// Why; shown to whoever tries to start it.
        reason: Option<String> = body(Kind::Text).optional(),
    }
    /// Takes a deprecation back.
    UndeprecateBundle = Row::new("bundles.undeprecate", Post, "/api/gateway/bundles/{bundle_id}/undeprecate", Access::User) => BundleUndeprecated {
        /// The bundle, without version.
        bundle_id: String = path(),
        /// Only this entrypoint.
        flow_id: Option<String> = body(Kind::Text).optional(),
    }
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        ListBundles::ROW,
        ShowBundle::ROW,
        ShowBundleFlow::ROW,
        ShowInputSchema::ROW,
        UploadBundle::ROW,
        ReloadBundles::ROW,
        RemoveBundle::ROW,
        DeprecateBundle::ROW,
        UndeprecateBundle::ROW,
    ]
}
