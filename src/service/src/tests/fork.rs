//! Who may fork what, and who goes with a fork.

use super::*;

impl Bench {
    async fn fork(&self, input: Value) -> Result<Value, Error> {
        self.json("runs.fork", input).await
    }

    async fn start_flow(&self, input: Value) -> String {
        let start = json!({"bundle_id": "b", "input_data": input});
        self.json("runs.start", start).await.unwrap()["run_id"].as_str().unwrap().to_owned()
    }
}

/// Asks, and tells its listener what was answered.
fn heard_flow() -> Vec<u8> {
    let nodes = json!([
        {"id": "s", "type": "on_flow_start", "data": {"outputs": pins(&[], "exec-out")}},
        {"id": "q", "type": "ask_user", "data": {"inputs": pins(&["prompt"], "exec-in"), "outputs": pins(&["response"], "exec-out"),
            "pinDefaults": {"prompt": "?"}}},
        {"id": "x", "type": "emit_event", "data": {"inputs": pins(&["name"], "exec-in"), "outputs": pins(&[], "exec-out"),
            "pinDefaults": {"name": "go"}}},
        {"id": "e", "type": "on_flow_end", "data": {"inputs": pins(&[], "exec-in")}},
        {"id": "l", "type": "on_event", "data": {"outputs": pins(&[], "exec-out"), "eventConfig": {"name": "go", "scope": "session"}}},
        {"id": "a", "type": "answer_user", "data": {"inputs": pins(&["message"], "exec-in"), "pinDefaults": {"message": "heard"}}},
    ]);
    let edge =
        |s: &str, t: &str| json!({"source": s, "sourceHandle": "exec-out", "target": t, "targetHandle": "exec-in"});
    bundle(nodes, json!([edge("s", "q"), edge("q", "x"), edge("x", "e"), edge("l", "a")]))
}

#[tokio::test]
async fn a_fork_has_listeners_of_its_own() {
    let bench = Bench::open().await;
    bench.upload(&heard_flow()).await.unwrap();
    let run = bench.start_flow(json!({})).await;
    bench.until(&run, |shown| shown["status"] == "waiting").await;
    let forked = bench.fork(json!({"run_id": run, "session_id": " other "})).await.unwrap();
    assert_eq!((&forked["place"]["node_id"], &forked["place"]["waiting"]["prompt"]), (&json!("q"), &json!("?")));
    let fork = forked["run_id"].as_str().unwrap();
    let listeners = bench.json("runs.list", json!({"workflow_id": "visual_event_listener_b_1_f_l"})).await.unwrap();
    let of = |parent: &str| {
        let found = listeners["items"].as_array().unwrap().iter().find(|item| item["parent_run_id"] == parent);
        found.unwrap()["run_id"].as_str().unwrap().to_owned()
    };
    let (own, theirs) = (of(fork), of(&run));
    let payload = json!({"payload": {"response": "yes"}});
    let answer = json!({"command_id": "", "run_id": fork, "type": "resume", "payload": payload});
    bench.json("commands.send", answer).await.unwrap();
    bench.until(fork, |shown| shown["status"] == "completed").await;
    let plane = bench.services.plane(&Principal::local_admin(String::new())).await.unwrap();
    let said = async |id: &str| bench.json("ledger.read", json!({"run_id": id})).await.unwrap()["items"].to_string();
    let mut changes = plane.engine.watch(&RunId::from(own.as_str()));
    while !said(&own).await.contains("heard") {
        tokio::time::timeout(std::time::Duration::from_secs(20), changes.changed()).await.unwrap().unwrap();
    }
    assert!(!said(&theirs).await.contains("heard"), "the fork speaks in its own session");
    assert_eq!(bench.vars(fork).await["workspace_root"], bench.vars(&run).await["workspace_root"]);
    assert_eq!(bench.json("runs.show", json!({"run_id": run})).await.unwrap()["status"], "waiting");
}

#[tokio::test]
async fn what_may_not_be_started_may_not_be_forked() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let run = bench.start_flow(json!({"prompt": "?", "_meta": {"forked_from": {"run_id": "x", "cursor": 1}}})).await;
    let shown = bench.json("runs.show", json!({"run_id": run})).await.unwrap();
    assert_eq!(shown.get("forked_from"), None, "nobody says that of a run but a fork");
    let workspaces = || std::fs::read_dir(bench.folder.path().join("workspaces")).unwrap().count();
    let before = workspaces();
    let code = async |input: Value| bench.fork(input).await.err().map(|e| e.code);
    assert_eq!(code(json!({"run_id": run, "at": 3})).await, Some(Code::Validation));
    assert_eq!(code(json!({"run_id": run, "set": {"workspace_allowed_paths": ["/"]}})).await, Some(Code::Validation));
    let schedule = json!({"bundle_id": "b", "flow_id": "f", "start_at": "2h"});
    let schedule = bench.json("runs.schedule", schedule).await.unwrap()["run_id"].clone();
    assert_eq!(code(json!({"run_id": schedule})).await, Some(Code::ForkUnavailable));
    let made = workspaces();
    assert_eq!(code(json!({"run_id": run, "dry_run": true})).await, None);
    assert_eq!(code(json!({"run_id": run})).await, None);
    assert_eq!((before + 1, workspaces()), (made, made), "a fork makes no workspace");
    bench.json("bundles.deprecate", json!({"bundle_id": "b", "flow_id": "f"})).await.unwrap();
    assert_eq!(code(json!({"run_id": run})).await, Some(Code::WorkflowDeprecated));
}

#[tokio::test]
async fn a_flow_that_was_changed_takes_another_way() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let run = bench.start_flow(json!({"prompt": "who?"})).await;
    let payload = json!({"payload": {"response": "me"}});
    let answer = json!({"command_id": "", "run_id": run, "type": "resume", "payload": payload});
    bench.json("commands.send", answer).await.unwrap();
    bench.until(&run, |shown| shown["status"] == "completed").await;
    assert_eq!(bench.fork(json!({"run_id": run, "dry_run": true})).await.unwrap()["place"]["records"], 3);
    bench.upload(&heard_flow()).await.unwrap();
    let refused = bench.fork(json!({"run_id": run})).await.unwrap_err();
    assert_eq!(
        (refused.code, &refused.extra["cursor"], &refused.extra["node_id"]),
        (Code::ForkDiverged, &json!(1), &json!("q"))
    );
    // Nothing was done before the first record: the changed flow starts with the same input.
    let fork = bench.fork(json!({"run_id": run, "at": 0})).await.unwrap()["run_id"].as_str().unwrap().to_owned();
    assert_eq!(bench.vars(&fork).await["prompt"], "who?");
    let waits = bench.until(&fork, |shown| shown["status"] == "waiting").await;
    assert_eq!(waits["waiting"]["prompt"], "?");
}
