//! Room on the disk: new work is refused while little is left, and old runs go.

use super::*;

/// Far more than any disk has free.
const ALL: &str = "4611686018427387904";

#[tokio::test]
async fn new_runs_are_refused_while_the_reserve_is_touched_and_the_rest_goes_on() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let start = json!({"bundle_id": "b", "input_data": {"prompt": "?"}, "idempotency-key": "once"});
    let run = bench.json("runs.start", start.clone()).await.unwrap()["run_id"].as_str().unwrap().to_owned();
    bench.until(&run, |shown| shown["status"] == "waiting").await;
    bench.services.close().await;
    let full = Bench::open_in(bench.folder, &[("ABSTRACTGATEWAY_DISK_RESERVE_BYTES", ALL)]).await;
    for operation in ["runs.start", "runs.schedule"] {
        let refused = full.json(operation, json!({"bundle_id": "b", "flow_id": "f"})).await.unwrap_err();
        assert_eq!(refused.code, Code::StorageUnavailable);
        assert!(refused.detail.contains("abstractgateway runs prune"), "{}", refused.detail);
    }
    assert_eq!(full.json("runs.list", json!({})).await.unwrap()["items"].as_array().unwrap().len(), 1);
    let ready = full.json("health.ready", json!({})).await.unwrap();
    assert_eq!((&ready["ready"], &ready["status"]), (&json!(false), &json!("storage_unavailable")));
    assert_eq!(full.json("runs.start", start).await.unwrap()["run_id"], run.as_str(), "it was taken before");
    let answer =
        json!({"command_id": "c", "run_id": run, "type": "resume", "payload": {"payload": {"response": "yes"}}});
    full.json("commands.send", answer).await.unwrap();
    full.until(&run, |shown| shown["status"] == "completed").await;
    full.services.close().await;
    let unbounded = Bench::open_in(full.folder, &[("ABSTRACTGATEWAY_DISK_RESERVE_BYTES", "0")]).await;
    unbounded.json("runs.start", json!({"bundle_id": "b", "input_data": {}})).await.unwrap();
    let storage = unbounded.json("storage.show", json!({})).await.unwrap();
    assert!(storage["database_bytes"].as_u64() > Some(0) && storage["disk_free_bytes"].as_u64() > Some(0), "{storage}");
    assert_eq!(unbounded.json("storage.compact", json!({})).await.unwrap()["free_bytes"], 0);
}

#[tokio::test]
async fn runs_that_ended_long_enough_ago_go_and_others_stay() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let start = async || {
        let reply = bench.json("runs.start", json!({"bundle_id": "b", "input_data": {"prompt": "?"}})).await.unwrap();
        reply["run_id"].as_str().unwrap().to_owned()
    };
    let (ended, open) = (start().await, start().await);
    let workspace = std::path::PathBuf::from(bench.vars(&ended).await["workspace_root"].as_str().unwrap());
    bench.json("commands.send", json!({"command_id": "", "run_id": ended, "type": "cancel"})).await.unwrap();
    let prune =
        async |age: &str, dry_run: bool| bench.json("runs.prune", json!({"older_than": age, "dry_run": dry_run})).await;
    assert_eq!(prune("soon", true).await.unwrap_err().code, Code::Validation);
    assert_eq!(prune("1h", false).await.unwrap()["items"], json!([]));
    let looked = prune("0s", true).await.unwrap();
    assert_eq!((&looked["items"][0]["run_id"], &looked["items"][0]["runs"]), (&json!(ended), &json!(1)));
    assert!(workspace.is_dir());
    let gone = prune("0s", false).await.unwrap();
    assert_eq!((&gone["runs"], &gone["workspaces"]), (&json!(1), &json!(1)));
    assert!(!workspace.exists());
    assert_eq!(bench.answer("runs.show", json!({"run_id": ended})).await.unwrap_err().code, Code::RunNotFound);
    bench.answer("runs.show", json!({"run_id": open})).await.unwrap();
}

#[tokio::test]
async fn a_tree_stays_until_all_of_it_is_over_and_listeners_end_with_their_root() {
    let bench = Bench::open().await;
    let plane = bench.services.plane(&Principal::local_admin(String::new())).await.unwrap();
    let run = |id: &str, workflow: &str, parent: Option<&str>, status| {
        let mut run = Run::new(id.into(), workflow.into(), "n".into(), Map::new(), Timestamp::EPOCH);
        (run.parent_run_id, run.status) = (parent.map(Into::into), status);
        run.actor_id = Some("gateway".into());
        store::RunWrite { run, private: json!({}), expected: Some(0), only_if_absent: false }
    };
    let (over, open) = (model::RunStatus::Completed, model::RunStatus::Waiting);
    let runs = vec![
        run("busy", "b@1:f", None, over),
        run("busy-child", "b@1:f", Some("busy"), open),
        run("heard", "b@1:f", None, over),
        run("ear", "visual_event_listener_b_n", Some("heard"), open),
    ];
    plane.store.commit(store::Commit { runs, ..store::Commit::default() }).await.unwrap();
    let pruned = bench.json("runs.prune", json!({"older_than": "1h", "dry_run": false})).await.unwrap();
    let went: Vec<_> = pruned["items"].as_array().unwrap().iter().map(|i| (&i["run_id"], &i["runs"])).collect();
    assert_eq!(went, [(&json!("busy"), &json!(0)), (&json!("heard"), &json!(2))], "{pruned:#}");
}

#[tokio::test]
async fn a_retention_is_kept_from_the_start_on() {
    let bench = Bench::open().await;
    bench.services.plane(&Principal::local_admin(String::new())).await.unwrap();
    let plane = bench.services.plane(&Principal::local_admin(String::new())).await.unwrap();
    let old = Run {
        status: model::RunStatus::Completed,
        ..Run::new("old".into(), "b@1:f".into(), "n".into(), Map::new(), Timestamp::EPOCH)
    };
    let write = store::RunWrite { run: old, private: json!({}), expected: Some(0), only_if_absent: false };
    plane.store.commit(store::Commit { runs: vec![write], ..store::Commit::default() }).await.unwrap();
    drop(plane);
    bench.services.close().await;
    let bench = Bench::open_in(bench.folder, &[("ABSTRACTGATEWAY_RUN_RETENTION_DAYS", "1")]).await;
    let gone = async {
        while bench.answer("runs.show", json!({"run_id": "old"})).await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), gone).await.unwrap();
}
