//! What a start does besides running the flow: files, listeners, rules on drafts and workspaces.

use super::*;

fn entries(folder: std::path::PathBuf) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_start_leaves_a_workspace_and_a_snapshot() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let input = json!({
        "workspace_root": "/etc", "workspaceAccessMode": "all_except_ignored", "workspace_allowed_paths": ["/usr"],
        "attachments": ["x.txt"], "_runtime": {"max_attachment_bytes": 10, "workflow_snapshot": {"forged": true}},
    });
    let start = json!({"bundle_id": "b", "input_data": input});
    let run = bench.json("runs.start", start).await.unwrap()["run_id"].as_str().unwrap().to_owned();
    let vars = bench.vars(&run).await;
    let root = std::path::PathBuf::from(vars["workspace_root"].as_str().unwrap());
    assert_eq!(root.parent().unwrap(), bench.folder.path().canonicalize().unwrap().join("workspaces"));
    let marker = std::fs::read_to_string(root.join(".abstractgateway-workspace.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&marker).unwrap()["run_id"], run);
    assert_eq!(vars["workspace_access_mode"], "workspace_only");
    assert!(!vars.contains_key("workspace_allowed_paths") && !vars.contains_key("workspaceAccessMode"));
    assert_eq!(vars["context"]["attachments"], json!(["x.txt"]));
    let runtime = &vars["_runtime"];
    assert_eq!((&runtime["max_attachment_bytes"], &runtime["model"]), (&json!(10), &Value::Null));
    let snapshot = &runtime["workflow_snapshot"];
    assert_eq!((&snapshot["workflow_id"], &snapshot["format"]), (&json!("b@1:f"), &json!("visualflow_json")));
    let plane = bench.services.plane(&Principal::local_admin(String::new())).await.unwrap();
    let id = snapshot["artifact_id"].as_str().unwrap();
    let (meta, content) = (plane.artifacts.meta(id).unwrap().unwrap(), plane.artifacts.content(id).unwrap().unwrap());
    assert_eq!((meta.run_id.as_deref(), meta.tags["kind"].as_str()), (None, "workflow_snapshot"));
    let content: Value = serde_json::from_slice(&content).unwrap();
    assert_eq!((&content["bundle_ref"], &content["visualflow"]["id"]), (&json!("b@1"), &json!("b@1:f")));
}

#[tokio::test]
async fn a_start_that_fails_or_repeats_leaves_nothing() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    for (start, code) in [
        (json!({"bundle_id": "zz"}), Code::WorkflowNotFound),
        (json!({"bundle_id": "b", "bundle_version": "draft.1"}), Code::BadRequest),
        (json!({"bundle_id": "b@draft.1"}), Code::BadRequest),
        (json!({"flow_id": "b@draft.1:f"}), Code::BadRequest),
        (json!({"bundle_id": "b@draft.1", "run_lifecycle": {"purpose": "draft_test"}}), Code::WorkflowNotFound),
        (json!({"bundle_id": "b", "thinking": 3}), Code::Validation),
        (json!({"bundle_id": "b", "input_data": {"image": {"$artifact": "no"}}}), Code::ArtifactNotFound),
    ] {
        assert_eq!(bench.answer("runs.start", start.clone()).await.unwrap_err().code, code, "{start}");
    }
    assert_eq!(entries(bench.folder.path().join("workspaces")), 0);
    let keyed = json!({"bundle_id": "b", "idempotency-key": "k"});
    let other = json!({"bundle_id": "b", "idempotency-key": "k", "session_id": "x"});
    let first = bench.json("runs.start", keyed.clone()).await.unwrap();
    assert_eq!(bench.json("runs.start", keyed).await.unwrap(), first);
    assert_eq!(bench.answer("runs.start", other).await.unwrap_err().code, Code::IdempotencyMismatch);
    assert_eq!(entries(bench.folder.path().join("workspaces")), 1);
    let plane = bench.services.plane(&Principal::local_admin(String::new())).await.unwrap();
    plane.store.close().await.unwrap();
    bench.answer("runs.start", json!({"bundle_id": "b"})).await.unwrap_err();
    assert_eq!(entries(bench.folder.path().join("workspaces")), 1, "the disk failed, the workspace is gone");
}

#[tokio::test]
async fn listeners_of_a_flow_hear_its_first_event() {
    let bench = Bench::open().await;
    let nodes = json!([
        {"id": "s", "type": "on_flow_start", "data": {"outputs": pins(&[], "exec-out")}},
        {"id": "x", "type": "emit_event", "data": {"inputs": pins(&["name"], "exec-in"), "outputs": pins(&[], "exec-out"),
            "pinDefaults": {"name": "go"}}},
        {"id": "e", "type": "on_flow_end", "data": {"inputs": pins(&[], "exec-in")}},
        {"id": "l", "type": "on_event", "data": {"outputs": pins(&[], "exec-out"), "eventConfig": {"name": "go", "scope": "session"}}},
        {"id": "a", "type": "answer_user", "data": {"inputs": pins(&["message"], "exec-in"), "pinDefaults": {"message": "heard"}}},
    ]);
    let edge =
        |s: &str, t: &str| json!({"source": s, "sourceHandle": "exec-out", "target": t, "targetHandle": "exec-in"});
    bench.upload(&bundle(nodes, json!([edge("s", "x"), edge("x", "e"), edge("l", "a")]))).await.unwrap();
    let run = bench.json("runs.start", json!({"bundle_id": "b"})).await.unwrap()["run_id"].clone();
    let listed = bench.json("runs.list", json!({"workflow_id": "visual_event_listener_b_1_f_l"})).await.unwrap();
    let listener = &listed["items"][0];
    assert_eq!((&listener["parent_run_id"], &listener["session_id"]), (&run, &run));
    let id = listener["run_id"].as_str().unwrap();
    let plane = bench.services.plane(&Principal::local_admin(String::new())).await.unwrap();
    let mut changes = plane.engine.watch(&RunId::from(id));
    loop {
        let page = bench.json("ledger.read", json!({"run_id": id})).await.unwrap();
        if page["items"].to_string().contains("heard") {
            break;
        }
        tokio::time::timeout(std::time::Duration::from_secs(20), changes.changed()).await.unwrap().unwrap();
    }
    assert_eq!(bench.vars(id).await["workspace_root"], bench.vars(run.as_str().unwrap()).await["workspace_root"]);
}
