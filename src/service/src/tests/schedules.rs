//! What making a schedule leaves, and what it refuses.

use super::*;

impl Bench {
    async fn schedule(&self, more: Value) -> Result<String, Error> {
        let mut input = json!({"bundle_id": "b", "flow_id": "f"});
        input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        Ok(self.json("runs.schedule", input).await?["run_id"].as_str().unwrap().to_owned())
    }

    /// How many flows and workspaces there are.
    fn leftovers(&self) -> (usize, usize) {
        let count = |name: &str| std::fs::read_dir(self.folder.path().join(name)).map_or(0, Iterator::count);
        (count("dynamic_flows"), count("workspaces"))
    }
}

#[tokio::test]
async fn a_schedule_is_a_run_of_a_stored_flow_with_clamped_input() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let input = json!({
        "prompt": " hi ", "workspace_root": "/etc", "_meta": {"forged": true}, "_runtime": {"workflow_policy": 1},
        "attachments": ["x.txt"], "_run_lifecycle": {"source": " web ", "x": 1},
    });
    let run = bench
        .schedule(json!({"input_data": input, "interval": "1h", "start_at": "2h", "share_context": false}))
        .await
        .unwrap();
    let shown = bench.json("runs.show", json!({"run_id": run})).await.unwrap();
    let id = shown["workflow_id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("scheduled:"));
    assert_eq!(
        (&shown["is_scheduled"], &shown["current_node"], &shown["waiting"]["reason"], &shown["session_id"]),
        (&json!(true), &json!("wait_start"), &json!("until"), &json!(run))
    );
    let vars = bench.vars(&run).await;
    let mut record = vars["_meta"]["schedule"].clone();
    assert!(record["created_at"].as_str().unwrap().ends_with("+00:00"));
    record.as_object_mut().unwrap().shift_remove("created_at");
    assert_eq!(
        record,
        json!({
            "kind": "scheduled_run", "target_workflow_id": "b@1:f", "target_bundle_id": "b",
            "target_bundle_version": "1", "target_bundle_ref": "b@1", "target_registry_scope": "private",
            "target_host_bundle_id": "b", "target_flow_id": "f", "start_at": "2h", "interval": "1h",
            "repeat_count": null, "repeat_until": null, "share_context": false, "session_prefix": id,
        })
    );
    assert_eq!((&vars["prompt"], &vars["session_prefix"]), (&json!("hi"), &json!(id)));
    assert_eq!(vars["_run_lifecycle"], json!({"source": "web"}));
    let own = vars["vars"].as_object().unwrap();
    let root = std::path::PathBuf::from(own["workspace_root"].as_str().unwrap());
    assert_eq!(root.parent().unwrap(), bench.folder.path().canonicalize().unwrap().join("workspaces"));
    assert!(root.is_dir() && !own.contains_key("_meta") && !own.contains_key("_run_lifecycle"));
    assert_eq!(own["_runtime"].get("workflow_policy"), None);
    assert_eq!(own["context"]["attachments"], json!(["x.txt"]));
    let flow = bench.json("workflows.flow", json!({"workflow_id": id})).await.unwrap();
    assert_eq!((&flow["source"], &flow["flow"]["entryNode"]), (&json!("dynamic"), &json!("start")));
    let input = bench.json("runs.input_data", json!({"run_id": run})).await.unwrap();
    assert_eq!((&input["bundle_id"], &input["flow_id"]), (&json!("b"), &json!("f")));
    assert!(input["workspace"]["workspace_root"].as_str().is_some(), "{input}");
}

#[tokio::test]
async fn what_cannot_be_scheduled_leaves_nothing() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    for (more, code, text) in [
        (json!({"bundle_id": " "}), Code::BadRequest, "bundle_id and flow_id are required"),
        (json!({"flow_id": ""}), Code::BadRequest, "bundle_id and flow_id are required"),
        (json!({"bundle_id": "zz"}), Code::WorkflowNotFound, "Bundle 'zz' has no versions loaded"),
        (json!({"flow_id": "zz"}), Code::WorkflowNotFound, "Target workflow 'b@1:zz' not found"),
        (json!({"bundle_id": "b@9"}), Code::WorkflowNotFound, "Target workflow 'b@9:f' not found"),
        (json!({"flow_id": "c:f"}), Code::BadRequest, "flow_id bundle prefix does not match bundle_id"),
        (
            json!({"bundle_id": "b@1", "bundle_version": "2"}),
            Code::BadRequest,
            "bundle_version conflicts with bundle_id (bundle_id already includes '@version')",
        ),
        (
            json!({"bundle_version": "draft.1"}),
            Code::BadRequest,
            "draft bundle versions require run_lifecycle.purpose='draft_test'",
        ),
        (json!({"registry_scope": "odd"}), Code::BadRequest, "Unsupported registry_scope: odd"),
        (json!({"registry_scope": "Tenant-Catalog"}), Code::Unsupported, "Unsupported registry_scope: tenant-catalog"),
        (json!({"repeat_count": 0}), Code::BadRequest, "repeat_count must be >= 1"),
        (
            json!({"input_data": {"image": {"$artifact": "no", "run_id": "r"}}}),
            Code::ArtifactNotFound,
            "Artifact 'no' not found",
        ),
    ] {
        let refused = bench.schedule(more.clone()).await.unwrap_err();
        assert_eq!((refused.code, refused.detail.as_str()), (code, text), "{more}");
    }
    bench.json("bundles.deprecate", json!({"bundle_id": "b", "reason": "old"})).await.unwrap();
    let refused = bench.schedule(json!({})).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.detail.as_str()),
        (Code::WorkflowDeprecated, "Workflow 'b:f' is deprecated: old")
    );
    bench.json("bundles.undeprecate", json!({"bundle_id": "b"})).await.unwrap();
    assert_eq!(bench.leftovers(), (0, 0));
    let keyed = json!({"interval": "1h", "idempotency-key": "k"});
    let first = bench.schedule(keyed.clone()).await.unwrap();
    assert_eq!(bench.schedule(keyed).await.unwrap(), first);
    let other = bench.schedule(json!({"interval": "2h", "idempotency-key": "k"})).await.unwrap_err();
    assert_eq!(other.code, Code::IdempotencyMismatch);
    assert_eq!(bench.leftovers(), (1, 1));
    let plane = bench.services.plane(&Principal::local_admin(String::new())).await.unwrap();
    plane.store.close().await.unwrap();
    bench.schedule(json!({"interval": "1h"})).await.unwrap_err();
    assert_eq!(bench.leftovers(), (1, 1), "the disk failed, the flow and the workspace are gone");
}
