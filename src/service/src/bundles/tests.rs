//! The bundle operations as a face calls them.

use model::{Code, Principal, Value};
use serde_json::json;

use crate::tests::{Bench, ask_flow};

const SHIPPED: &str = "basic-agent@0.0.1";

async fn refused(bench: &Bench, name: &str, input: Value) -> (Code, String) {
    let error = bench.json(name, input.clone()).await.expect_err(&format!("{name} {input}"));
    (error.code, error.detail)
}

async fn listed(bench: &Bench, input: Value) -> Vec<String> {
    let list = bench.json("bundles.list", input).await.unwrap();
    list["items"].as_array().unwrap().iter().map(|i| i["bundle_ref"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_shipped_bundle_is_there_for_everybody() {
    let bench = Bench::with(&[("ABSTRACTGATEWAY_USER_AUTH", "1")]).await;
    let alice = Principal { user_id: "alice".into(), runtime_id: "alice".into(), ..Principal::reader() };
    for principal in [Principal::local_admin(String::new()), alice] {
        let list = bench.json_to(principal.clone(), "bundles.list", json!({})).await.unwrap();
        assert_eq!(
            (&list["items"][0]["bundle_ref"], &list["default_bundle_id"]),
            (&json!(SHIPPED), &json!("basic-agent"))
        );
        let actions = &list["items"][0]["actions"];
        assert_eq!((&actions["can_run"], &actions["can_remove"]), (&json!(true), &json!(false)));
        let start = json!({"flow_id": "81795ea9", "input_data": {"prompt": "hi"}});
        let run = bench.json_to(principal.clone(), "runs.start", start).await.unwrap();
        let shown = bench.json_to(principal, "runs.show", json!({"run_id": run["run_id"]})).await.unwrap();
        assert_eq!(shown["workflow_id"], "basic-agent@0.0.1:81795ea9");
    }
}

#[tokio::test]
async fn the_shipped_bundle_is_read_only_and_yields_to_the_folder() {
    let bench = Bench::open().await;
    for id in ["basic-agent", SHIPPED, "basic-agent@0.0.1.flow"] {
        let (code, text) = refused(&bench, "bundles.remove", json!({"bundle_id": id})).await;
        assert_eq!(code, Code::Conflict, "{text}");
    }
    let mut own = flow::shipped::basic_agent().unwrap().bundle;
    own.manifest.metadata.insert("mine".into(), json!(true));
    let bytes = own.pack().unwrap();
    assert_eq!(bench.upload(&bytes).await.unwrap_err().code, Code::Conflict);
    let file = bench.services.settings.data_dir.join("flows/basic-agent@0.0.1.flow");
    std::fs::write(&file, &bytes).unwrap();
    let reloaded = bench.json("bundles.reload", json!({})).await.unwrap();
    assert_eq!((&reloaded["errors"], &reloaded["count"]), (&json!([]), &json!(1)));
    let shown = bench.json("bundles.show", json!({"bundle_id": "basic-agent"})).await.unwrap();
    assert_eq!(shown["metadata"], json!({"mine": true}));
    bench.upload(&bytes).await.unwrap();
    let removed = bench.json("bundles.remove", json!({"bundle_id": "basic-agent"})).await.unwrap();
    assert_eq!((&removed["bundle_ref"], &removed["removed"]), (&json!("basic-agent"), &json!(1)));
    let shown = bench.json("bundles.show", json!({"bundle_id": "basic-agent"})).await.unwrap();
    assert_eq!(shown["metadata"], json!({}), "the shipped one is back");
}

#[tokio::test]
async fn the_only_bundle_of_the_folder_is_the_default() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let list = bench.json("bundles.list", json!({})).await.unwrap();
    assert_eq!(list["default_bundle_id"], "b");
    let run = bench.json("runs.start", json!({"flow_id": "f"})).await.unwrap();
    let shown = bench.json("runs.show", json!({"run_id": run["run_id"]})).await.unwrap();
    assert_eq!(shown["workflow_id"], "b@1:f");
}

#[tokio::test]
async fn a_bundle_is_shown() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let shown = bench.json("bundles.show", json!({"bundle_id": "b"})).await.unwrap();
    let inputs = json!([{"id": "prompt", "label": "prompt", "type": "string"}]);
    let node = |kind: &str, label: &str| json!({"type": kind, "label": label});
    let index = json!({"s": node("on_flow_start", "s"), "q": node("ask_user", "q"), "e": node("on_flow_end", "e")});
    assert_eq!(
        shown,
        json!({
            "bundle_id": "b", "bundle_version": "1", "bundle_ref": "b@1", "created_at": "", "default_entrypoint": null,
            "entrypoints": [{"flow_id": "f", "workflow_id": "b@1:f", "name": null, "description": "", "interfaces": [],
                "inputs": inputs, "node_index": index,
                "deprecated": false, "deprecated_at": null, "deprecated_reason": null}],
            "flows": ["f"], "metadata": {},
        })
    );
    let flow = bench.json("bundles.flow", json!({"bundle_id": "b@1", "flow_id": "b:f"})).await.unwrap();
    let keys: Vec<_> = flow.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["bundle_id", "bundle_version", "bundle_ref", "flow_id", "workflow_id", "flow"]);
    assert_eq!((&flow["workflow_id"], &flow["flow"]["nodes"][1]["id"]), (&json!("b@1:f"), &json!("q")));
    for id in ["b:f", "b@1:f"] {
        assert_eq!(bench.json("workflows.flow", json!({"workflow_id": id})).await.unwrap(), flow);
    }
    let schema = bench.json("bundles.input_schema", json!({"bundle_id": "b", "flow_id": "f"})).await.unwrap();
    assert_eq!((&schema["bundle_ref"], &schema["version"]), (&json!("b@1"), &json!(1)));
    assert_eq!(schema["input_data_schema"]["required"], json!(["prompt"]));
}

#[tokio::test]
async fn what_is_not_there_is_refused_in_the_words_of_the_contract() {
    let bench = Bench::open().await;
    let shown = |bundle: &str, version: Value| json!({"bundle_id": bundle, "bundle_version": version});
    let flow = |bundle: &str, flow: &str| json!({"bundle_id": bundle, "flow_id": flow});
    let workflow = |id: &str| json!({"workflow_id": id});
    let catalog = "Catalog bundles must be accessed through /api/gateway/workflow-catalog";
    for (name, input, code, text) in [
        ("bundles.show", shown("x", json!(null)), Code::WorkflowNotFound, "Bundle 'x' not found"),
        ("bundles.show", shown("basic-agent@9", json!("")), Code::WorkflowNotFound, "Bundle 'basic-agent@9' not found"),
        (
            "bundles.show",
            shown(SHIPPED, json!("2")),
            Code::BadRequest,
            "bundle_version conflicts with bundle_id (bundle_id already includes '@version')",
        ),
        ("bundles.show", shown("__catalog__v2__x", json!(null)), Code::Forbidden, catalog),
        (
            "bundles.flow",
            flow("basic-agent", "zz"),
            Code::WorkflowNotFound,
            "Flow 'zz' not found in bundle 'basic-agent@0.0.1'",
        ),
        (
            "bundles.input_schema",
            flow("basic-agent", "b:f"),
            Code::BadRequest,
            "flow_id bundle prefix does not match bundle_id",
        ),
        ("bundles.flow", flow("__catalog__v2__x", "f"), Code::Forbidden, catalog),
        ("workflows.flow", workflow("zz"), Code::WorkflowNotFound, "Workflow 'zz' not found"),
        ("workflows.flow", workflow("scheduled:1"), Code::WorkflowNotFound, "Workflow 'scheduled:1' not found"),
        (
            "workflows.flow",
            workflow("__catalog__v2__x@1:f"),
            Code::Forbidden,
            "Catalog workflows must be inspected through /api/gateway/workflow-catalog",
        ),
        ("bundles.remove", shown("x", json!(null)), Code::WorkflowNotFound, "Bundle 'x' not found"),
        ("bundles.remove", shown("x", json!("1")), Code::WorkflowNotFound, "Bundle 'x@1' not found"),
        (
            "bundles.remove",
            shown("x@1", json!("2")),
            Code::BadRequest,
            "bundle_id version does not match bundle_version",
        ),
        ("bundles.deprecate", flow("x", "f"), Code::WorkflowNotFound, "Bundle 'x' not found"),
        ("bundles.deprecate", flow(SHIPPED, ""), Code::WorkflowNotFound, "Bundle 'basic-agent@0.0.1' not found"),
        (
            "bundles.deprecate",
            flow("basic-agent", "15f19f7f"),
            Code::WorkflowNotFound,
            "Entrypoint 'basic-agent:15f19f7f' not found",
        ),
    ] {
        assert_eq!(refused(&bench, name, input.clone()).await, (code, text.to_owned()), "{name} {input}");
    }
}

#[tokio::test]
async fn a_bundle_is_removed_whatever_its_state() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let flows = bench.services.settings.data_dir.join("flows");
    std::fs::write(flows.join("torn@2.flow"), b"PK").unwrap();
    for (input, bundle_ref) in
        [(json!({"bundle_id": "torn", "bundle_version": "2"}), "torn@2"), (json!({"bundle_id": "b@1.flow"}), "b@1")]
    {
        let removed = bench.json("bundles.remove", input).await.unwrap();
        assert_eq!(
            removed,
            json!({"ok": true, "bundle_ref": bundle_ref, "removed": 1, "gateway_reloaded": true,
                "gateway_reload_error": null})
        );
    }
    assert_eq!(listed(&bench, json!({})).await, [SHIPPED]);
    assert_eq!(std::fs::read_dir(flows).unwrap().count(), 0);
}

#[tokio::test]
async fn what_is_removed_without_reload_stays_live() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let removed = bench.json("bundles.remove", json!({"bundle_id": "b", "reload": false})).await.unwrap();
    assert_eq!(removed["gateway_reloaded"], false);
    assert_eq!(listed(&bench, json!({})).await, ["b@1", SHIPPED]);
}

#[tokio::test]
async fn a_deprecated_bundle_is_hidden_and_not_started() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let set = bench.json("bundles.deprecate", json!({"bundle_id": "b", "reason": " old "})).await.unwrap();
    assert_eq!((&set["flow_id"], &set["reason"]), (&json!("*"), &json!("old")));
    assert_eq!(listed(&bench, json!({})).await, [SHIPPED]);
    assert_eq!(listed(&bench, json!({"include_deprecated": true})).await, ["b@1", SHIPPED]);
    let list = bench.json("bundles.list", json!({})).await.unwrap();
    assert_eq!(list["default_bundle_id"], Value::Null);
    let shown = bench.json("bundles.show", json!({"bundle_id": "b"})).await.unwrap();
    let entrypoint = &shown["entrypoints"][0];
    assert_eq!((&entrypoint["deprecated"], &entrypoint["deprecated_reason"]), (&json!(true), &json!("old")));
    assert_eq!(entrypoint["deprecated_at"], set["deprecated_at"]);
    let text = "Workflow 'b:f' is deprecated: old".to_owned();
    assert_eq!(refused(&bench, "runs.start", json!({"bundle_id": "b"})).await, (Code::WorkflowDeprecated, text));
    for removed in [true, false] {
        let cleared = bench.json("bundles.undeprecate", json!({"bundle_id": "b"})).await.unwrap();
        assert_eq!(cleared, json!({"ok": true, "bundle_id": "b", "flow_id": "*", "removed": removed}));
    }
    bench.json("runs.start", json!({"bundle_id": "b"})).await.unwrap();
}

#[tokio::test]
async fn a_stored_dynamic_flow_is_shown() {
    let bench = Bench::open().await;
    let folder = bench.services.settings.data_dir.join("dynamic_flows");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("scheduled_1.json"), r#"{"id": "x"}"#).unwrap();
    std::fs::write(folder.join("scheduled_2.json"), "[]").unwrap();
    let shown = bench.json("workflows.flow", json!({"workflow_id": "scheduled:1"})).await.unwrap();
    assert_eq!(shown, json!({"workflow_id": "scheduled:1", "flow": {"id": "x"}, "source": "dynamic"}));
    let text = "Dynamic flow JSON is invalid".to_owned();
    assert_eq!(refused(&bench, "workflows.flow", json!({"workflow_id": "scheduled:2"})).await, (Code::Internal, text));
}

#[tokio::test]
async fn a_run_shows_what_it_was_started_with() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let start = json!({"bundle_id": "b", "input_data": {"prompt": "who?", "other": 1}});
    let run_id = bench.json("runs.start", start).await.unwrap()["run_id"].clone();
    let mut shown = bench.json("runs.input_data", json!({"run_id": run_id})).await.unwrap();
    let workspace = shown["workspace"].take();
    assert_eq!(workspace["workspace_root"].as_str().map(str::len), Some(32), "{workspace}");
    assert_eq!(
        shown,
        json!({"run_id": run_id, "workflow_id": "b@1:f", "bundle_id": "b", "bundle_version": "1", "flow_id": "f",
            "pin_ids": ["prompt"], "input_data": {"prompt": "who?"}, "workspace": null})
    );
    assert_eq!(refused(&bench, "runs.input_data", json!({"run_id": "zz"})).await.0, Code::RunNotFound);
}
