//! `manifest.json` (contract 04, section 2.1).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// A flow that is meant to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrypoint {
    /// The flow.
    pub flow_id: String,
    /// Its name.
    pub name: Option<String>,
    /// What it does.
    pub description: String,
    /// Free-form markers, such as `abstractcode.agent.v1`.
    pub interfaces: Vec<String>,
}

/// What a bundle says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The bundle.
    pub bundle_id: String,
    /// Its version.
    pub bundle_version: String,
    /// When it was packed, as written.
    pub created_at: String,
    /// At least one.
    pub entrypoints: Vec<Entrypoint>,
    /// One of them.
    pub default_entrypoint: Option<String>,
    /// Flow id to member path.
    pub flows: BTreeMap<String, String>,
    /// Opaque.
    pub metadata: Map<String, Value>,
}

fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

impl Manifest {
    pub(super) fn read(raw: &Value) -> Result<Self, String> {
        let root = raw.as_object().ok_or("manifest.json must be a JSON object")?;
        let get = |names: &[&str]| names.iter().find_map(|n| root.get(*n).filter(|v| !v.is_null()));
        let format = text(get(&["bundle_format_version", "bundleFormatVersion"])).unwrap_or_default();
        if format != "1" {
            return Err(format!("Unsupported WorkflowBundle bundle_format_version '{format}'. Supported: 1"));
        }
        let bundle_id = text(get(&["bundle_id", "bundleId"])).filter(|t| !t.is_empty());
        let bundle_id = bundle_id.ok_or("bundle_id must be a non-empty string")?;
        let version = get(&["bundle_version", "bundleVersion"]).map_or_else(|| Some("0.0.0".into()), |v| text(Some(v)));
        let bundle_version =
            version.filter(|t: &String| !t.is_empty()).ok_or("bundle_version must be a non-empty string")?;
        let entrypoints = entrypoints(get(&["entrypoints"]))?;
        let names =
            ["default_entrypoint", "defaultEntrypoint", "default_entrypoint_flow_id", "defaultEntrypointFlowId"];
        let default_entrypoint = text(get(&names)).filter(|t| !t.is_empty());
        if let Some(default) = &default_entrypoint
            && !entrypoints.iter().any(|e| e.flow_id == *default)
        {
            return Err(format!("default_entrypoint '{default}' must match an entrypoint.flow_id"));
        }
        let mut flows = BTreeMap::new();
        for (id, path) in get(&["flows"]).and_then(Value::as_object).into_iter().flatten() {
            let path = path.as_str().unwrap_or_default();
            if id.trim().is_empty() || !is_safe(path) {
                return Err(format!("manifest.flows entry '{id}' has unsafe path '{path}'"));
            }
            flows.insert(id.clone(), path.to_owned());
        }
        Ok(Self {
            bundle_id,
            bundle_version,
            created_at: text(get(&["created_at", "createdAt"])).unwrap_or_default(),
            entrypoints,
            default_entrypoint,
            flows,
            metadata: get(&["metadata"]).and_then(Value::as_object).cloned().unwrap_or_default(),
        })
    }

    /// As it is written: the contract's keys in the contract's order.
    pub(super) fn to_json(&self) -> Value {
        let entrypoints: Vec<Value> = self
            .entrypoints
            .iter()
            .map(|e| json!({"flow_id": e.flow_id, "name": e.name, "description": e.description, "interfaces": e.interfaces}))
            .collect();
        let mut out = json!({
            "bundle_format_version": "1", "bundle_id": self.bundle_id, "bundle_version": self.bundle_version,
            "created_at": self.created_at, "entrypoints": entrypoints, "default_entrypoint": self.default_entrypoint,
            "flows": self.flows, "artifacts": {}, "assets": {}, "metadata": self.metadata,
        });
        if let Some(map) = out.as_object_mut().filter(|_| self.default_entrypoint.is_none()) {
            map.shift_remove("default_entrypoint");
        }
        out
    }
}

fn entrypoints(raw: Option<&Value>) -> Result<Vec<Entrypoint>, String> {
    let items = raw.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut entrypoints: Vec<Entrypoint> = Vec::new();
    for item in items.iter().filter_map(Value::as_object) {
        let flow_id = text(item.get("flow_id").or_else(|| item.get("flowId"))).filter(|t| !t.is_empty());
        let flow_id = flow_id.ok_or("entrypoint.flow_id must be a non-empty string")?;
        if entrypoints.iter().any(|e| e.flow_id == flow_id) {
            return Err(format!("Duplicate entrypoint flow_id '{flow_id}'"));
        }
        let interfaces = item.get("interfaces").and_then(Value::as_array).into_iter().flatten();
        entrypoints.push(Entrypoint {
            flow_id,
            name: text(item.get("name")).filter(|t| !t.is_empty()),
            description: text(item.get("description")).unwrap_or_default(),
            interfaces: interfaces
                .filter_map(Value::as_str)
                .map(str::trim)
                .filter(|t| !t.is_empty())
                .map(str::to_owned)
                .collect(),
        });
    }
    if entrypoints.is_empty() {
        return Err("manifest.entrypoints must be a non-empty list".into());
    }
    Ok(entrypoints)
}

/// A path that stays inside the archive.
fn is_safe(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    !path.trim().is_empty()
        && !path.starts_with(['/', '\\'])
        && !first.contains(':')
        && path.replace('\\', "/").split('/').all(|part| part != "." && part != "..")
}
