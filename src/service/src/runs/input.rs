//! What a run was started with, ready to start it again (contract 02, section 4.4): present values, not a snapshot of the
//! request.
//!
//! The one invariant: of a flow with input pins nothing but their values is shown; the engine's own variables never are.

use std::path::Path;

use flow::input_schema::inputs;
use flow::registry::{pick_version, split_ref};
use model::api::runs::{RunInput, ShowRunInput};
use model::{Error, Map, Run, RunId, Value};

use super::not_found;
use crate::bundles::Set;
use crate::{Answer, Call, Handle, Services};

impl Handle<ShowRunInput> for Services {
    async fn handle(&self, call: Call, input: ShowRunInput) -> Result<Answer<RunInput>, Error> {
        let plane = self.plane(&call.principal).await?;
        let found = plane.store.run(&RunId::from(input.run_id.as_str())).await.map_err(engine::store_error)?;
        let run = found.ok_or_else(|| not_found(&input.run_id))?.run;
        let mut shown = shown(&run, &plane.library.set());
        // A schedule's executions work in the workspace it keeps for them.
        let of_executions = model::schedule::record(&run).and_then(|_| run.vars.get("vars")?.as_object().cloned());
        let (vars, root) = (of_executions.unwrap_or(run.vars), self.settings.workspace_root(&plane.data_dir));
        let workspace = tokio::task::spawn_blocking(move || workspace(&vars, &root)).await;
        shown.workspace = workspace.map_err(|e| Error::internal(e.to_string()))?;
        Ok(shown.into())
    }
}

/// The flow somebody asked for, and what they gave it.
struct Subject<'r> {
    bundle_ref: &'r str,
    flow_id: &'r str,
    vars: Option<&'r Map>,
}

/// A schedule stands for the flow it starts.
fn schedule_of(run: &Run) -> Option<Subject<'_>> {
    let schedule = run.vars.get("_meta")?.get("schedule")?;
    let text = |key: &str| schedule.get(key)?.as_str().map(str::trim).filter(|t| !t.is_empty());
    let bundle_ref = text("target_bundle_ref").or_else(|| text("target_bundle_id"))?;
    Some(Subject {
        bundle_ref,
        flow_id: text("target_flow_id")?,
        vars: run.vars.get("vars").and_then(Value::as_object),
    })
}

/// All but the workspace.
fn shown(run: &Run, set: &Set) -> RunInput {
    let schedule = schedule_of(run);
    let is_schedule = schedule.is_some();
    let own = || {
        let (bundle_ref, flow_id) = run.workflow_id.split_once(':').filter(|(b, _)| *b != "scheduled")?;
        Some(Subject { bundle_ref, flow_id, vars: Some(&run.vars) })
    };
    let subject = schedule.or_else(own);
    let mut shown = RunInput {
        run_id: run.run_id.clone(),
        workflow_id: run.workflow_id.clone(),
        bundle_id: None,
        bundle_version: None,
        flow_id: subject.as_ref().map(|s| s.flow_id.to_owned()),
        pin_ids: Vec::new(),
        input_data: Map::new(),
        workspace: Map::new(),
    };
    let vars = subject.as_ref().map_or(Some(&run.vars), |s| s.vars).into_iter().flatten();
    let Some(subject) = subject else {
        shown.input_data = public(vars);
        return shown;
    };
    match pins(set, &subject) {
        Some((version, pins)) => {
            shown.bundle_id = Some(split_ref(subject.bundle_ref).0.to_owned());
            shown.bundle_version = Some(version);
            let of_pins = vars.filter(|(key, _)| pins.contains(key));
            shown.input_data = of_pins.map(|(k, v)| (k.clone(), v.clone())).collect();
            shown.pin_ids = pins;
        }
        None => {
            let id = if is_schedule { split_ref(subject.bundle_ref).0 } else { subject.bundle_ref };
            shown.bundle_id = Some(id.to_owned());
            shown.input_data = public(vars);
        }
    }
    shown
}

fn public<'v>(vars: impl Iterator<Item = (&'v String, &'v Value)>) -> Map {
    vars.filter(|(key, _)| !key.starts_with('_')).map(|(k, v)| (k.clone(), v.clone())).collect()
}

/// The version and the input pins of the flow, when it is there and has some.
fn pins(set: &Set, subject: &Subject<'_>) -> Option<(String, Vec<String>)> {
    let (bundle_id, version) = split_ref(subject.bundle_ref);
    let manifest = pick_version(&set.manifests(), bundle_id, version).ok()?;
    let raw = set.get(bundle_id, &manifest.bundle_version)?.bundle.flows.get(subject.flow_id)?;
    let ids: Vec<String> =
        inputs(&raw.value()).iter().filter_map(|pin| Some(pin.get("id")?.as_str()?.to_owned())).collect();
    (!ids.is_empty()).then(|| (manifest.bundle_version.clone(), ids))
}

/// The workspace keys of a run; paths below the root are shown relative to it, as a start takes them. Follows links: blocking.
fn workspace(vars: &Map, root: &Path) -> Map {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let path = |text: &str| relative(text.trim(), &root);
    let keys = ["workspace_root", "workspace_access_mode", "workspace_allowed_paths", "workspace_ignored_paths"];
    let shown = keys.iter().filter_map(|key| {
        let value = match (*key, vars.get(*key)?) {
            (_, Value::Null) => return None,
            ("workspace_access_mode", Value::String(mode)) => mode.trim().into(),
            ("workspace_root", Value::String(text)) => path(text).into(),
            (_, Value::String(lines)) => {
                lines.lines().map(path).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n").into()
            }
            (_, Value::Array(items)) => {
                items.iter().filter_map(Value::as_str).map(path).filter(|p| !p.is_empty()).collect()
            }
            (_, other) => other.clone(),
        };
        let is_empty = value.as_str().is_some_and(str::is_empty) || value.as_array().is_some_and(Vec::is_empty);
        (!is_empty).then(|| ((*key).to_owned(), value))
    });
    shown.collect()
}

fn relative(text: &str, root: &Path) -> String {
    let path = Path::new(text);
    if !path.is_absolute() {
        return text.to_owned();
    }
    let resolved = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match resolved.strip_prefix(root) {
        Ok(rest) if rest.as_os_str().is_empty() => ".".into(),
        Ok(rest) => rest.to_string_lossy().into_owned(),
        Err(_) => resolved.to_string_lossy().into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use serde_json::json;

    use super::*;

    fn run(workflow_id: &str, vars: Value) -> Run {
        let vars = vars.as_object().cloned().unwrap_or_default();
        Run::new("r".into(), workflow_id.into(), "start".into(), vars, Timestamp::EPOCH)
    }

    #[test]
    fn runs_without_a_known_flow_show_their_own_variables() {
        let vars = json!({"a": 1, "_runtime": {}, "vars": {"b": 2, "_c": 3}});
        let scheduled = json!({"vars": {"b": 2, "_c": 3}, "_meta": {"schedule": {
            "target_bundle_id": "x", "target_bundle_ref": "x@1", "target_flow_id": "f"}}});
        for (workflow, vars, bundle, flow, data) in [
            ("gone@1:f", vars.clone(), json!("gone@1"), json!("f"), json!({"a": 1, "vars": {"b": 2, "_c": 3}})),
            ("__session_memory__", json!({"a": 1}), json!(null), json!(null), json!({"a": 1})),
            ("scheduled:1", json!({"a": 1}), json!(null), json!(null), json!({"a": 1})),
            ("scheduled:1", scheduled, json!("x"), json!("f"), json!({"b": 2})),
        ] {
            let shown = serde_json::to_value(shown(&run(workflow, vars), &Set::default())).unwrap();
            assert_eq!((&shown["bundle_id"], &shown["flow_id"], &shown["input_data"]), (&bundle, &flow, &data));
            assert_eq!(shown.get("bundle_version"), None);
        }
    }

    #[test]
    fn paths_below_the_root_are_relative() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("a")).unwrap();
        let below = root.join("a").to_string_lossy().into_owned();
        let top = root.to_string_lossy().into_owned();
        let vars = json!({
            "workspace_root": top, "workspace_access_mode": " workspace_only ",
            "workspace_allowed_paths": [below, "/etc", " "], "workspace_ignored_paths": format!("{below}/x\n\nrel"),
        });
        let shown = Value::Object(workspace(vars.as_object().unwrap(), &root));
        assert_eq!(
            shown,
            json!({"workspace_root": ".", "workspace_access_mode": "workspace_only",
                "workspace_allowed_paths": ["a", "/etc"], "workspace_ignored_paths": "a/x\nrel"})
        );
        assert!(workspace(json!({"workspace_root": ""}).as_object().unwrap(), &root).is_empty());
    }
}
