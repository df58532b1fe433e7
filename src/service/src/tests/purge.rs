//! Drafts that go, and what goes with them.

use super::*;

impl Bench {
    async fn start_draft(&self, retention: Value) -> String {
        let lifecycle = json!({"purpose": "draft_test", "retention": retention});
        let input = json!({"prompt": "?"});
        let start = json!({"bundle_id": "b", "run_lifecycle": lifecycle, "input_data": input});
        self.json("runs.start", start).await.unwrap()["run_id"].as_str().unwrap().to_owned()
    }

    async fn purge(&self, input: Value) -> Value {
        self.json("runs.purge_drafts", input).await.unwrap()
    }

    async fn cancel(&self, run_id: &str) {
        let command = json!({"command_id": "", "run_id": run_id, "type": "cancel"});
        self.json("commands.send", command).await.unwrap();
    }
}

#[tokio::test]
async fn a_draft_goes_with_all_that_belongs_to_it() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let draft = bench.start_draft(json!({"mode": "ephemeral", "expires_at": "2020-01-01"})).await;
    let kept = bench.start_draft(json!({"mode": "keep"})).await;
    let workspace = std::path::PathBuf::from(bench.vars(&draft).await["workspace_root"].as_str().unwrap());
    bench.until(&draft, |shown| shown["status"] == "waiting").await;
    let looked = bench.purge(json!({})).await;
    assert_eq!((&looked["scanned"], &looked["items"][0]["reason"]), (&json!(2), &json!("active_run")));
    bench.cancel(&draft).await;
    let looked = bench.purge(json!({})).await;
    let would = json!({"runs": 1, "workspaces": 1, "artifacts": null, "ledger_records": null, "commands": null});
    assert_eq!((&looked["dry_run"], &looked["eligible"], &looked["purged"]), (&json!(true), &json!(1), &json!(0)));
    assert_eq!(looked["items"][0]["purge"]["would_delete"], would);
    assert!(workspace.is_dir());
    let plane = bench.services.plane(&Principal::local_admin(String::new())).await.unwrap();
    let own = store::artifacts::NewArtifact {
        run_id: Some(&draft),
        content: b"own",
        content_type: "text/plain",
        tags: Default::default(),
        now: Timestamp::EPOCH,
    };
    let artifact = plane.artifacts.put(&own).unwrap().artifact_id;
    let purged = bench.purge(json!({"dry_run": false})).await;
    let deleted = &purged["items"][0]["purge"]["deleted"];
    assert_eq!((&deleted["runs"], &deleted["artifacts"], &deleted["workspaces"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!(purged["items"][0]["purge"]["artifact_gc"]["blobs_deleted"], 1);
    assert_eq!(
        (purged["purged"].clone(), workspace.exists(), plane.artifacts.meta(&artifact).unwrap()),
        (json!(1), false, None)
    );
    assert_eq!(bench.answer("runs.show", json!({"run_id": draft})).await.unwrap_err().code, Code::RunNotFound);
    assert_eq!(bench.answer("ledger.read", json!({"run_id": draft})).await.unwrap_err().code, Code::RunNotFound);
    let named = bench.purge(json!({"dry_run": false, "force": true, "run_ids": [draft, kept]})).await;
    let reasons: Vec<&Value> = named["items"].as_array().unwrap().iter().map(|item| &item["reason"]).collect();
    assert_eq!(reasons, [&json!("missing"), &json!("not_ephemeral_draft")]);
    bench.json("runs.show", json!({"run_id": kept})).await.unwrap();
}

#[tokio::test]
async fn an_active_draft_is_ended_before_it_goes() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let draft = bench.start_draft(json!({"mode": "ephemeral"})).await;
    bench.until(&draft, |shown| shown["status"] == "waiting").await;
    let input = json!({"dry_run": false, "force": true, "include_active": true});
    let Body::Stream { mut chunks, .. } = bench.answer("ledger.follow", json!({"run_id": draft})).await.unwrap().body
    else {
        panic!("a stream was expected")
    };
    let purged = bench.purge(input).await;
    assert_eq!((&purged["purged"], &purged["items"][0]["run_id"]), (&json!(1), &json!(draft)));
    while chunks.recv().await.is_some() {}
    assert_eq!(bench.json("runs.list", json!({"include_drafts": true})).await.unwrap()["items"], json!([]));
    let plane = bench.services.plane(&Principal::local_admin(String::new())).await.unwrap();
    assert_eq!(plane.store.ledger_len(&RunId::from(draft.as_str())).await.unwrap(), 0);
}

#[tokio::test]
async fn the_flow_of_a_schedule_goes_with_it_unless_something_names_it() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let folder = bench.folder.path().join("dynamic_flows");
    let files = || std::fs::read_dir(&folder).map_or(0, Iterator::count);
    let draft = async |more: Value| {
        let lifecycle = json!({"purpose": "draft_test", "retention": {"mode": "ephemeral"}});
        let mut input = json!({"bundle_id": "b", "flow_id": "f", "input_data": {"_run_lifecycle": lifecycle}});
        input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        let run = bench.json("runs.schedule", input).await.unwrap()["run_id"].as_str().unwrap().to_owned();
        let workflow = bench.json("runs.show", json!({"run_id": run})).await.unwrap()["workflow_id"].clone();
        bench.cancel(&run).await;
        (run, workflow.as_str().unwrap().to_owned())
    };
    let (first, _) = draft(json!({"start_at": "1h"})).await;
    let (named, named_flow) = draft(json!({"cron": "@yearly", "time_zone": "UTC"})).await;
    let (started, started_flow) = draft(json!({"start_at": "1h", "interval": "1h"})).await;
    assert_eq!(files(), 3);
    let looked = bench.purge(json!({"force": true, "run_ids": [first]})).await;
    assert_eq!((looked["items"][0]["purge"]["would_delete"]["flows"].clone(), files()), (json!(1), 3));
    let purge = |run: &str| bench.purge(json!({"force": true, "dry_run": false, "run_ids": [run]}));
    let gone = purge(&first).await;
    assert_eq!((gone["items"][0]["purge"]["deleted"]["flows"].clone(), files()), (json!(1), 2));
    // Another stored flow has it as a part.
    let user = folder.join("mine.json");
    std::fs::write(&user, json!({"id": "mine", "nodes": [{"data": {"subflowId": named_flow}}]}).to_string()).unwrap();
    let stays = purge(&named).await;
    assert_eq!((stays["purged"].clone(), stays["items"][0]["purge"]["deleted"].get("flows")), (json!(1), None));
    // Somebody started it by its name.
    let again = bench.json("runs.start", json!({"flow_id": started_flow})).await.unwrap()["run_id"].clone();
    assert_eq!(purge(&started).await["items"][0]["purge"]["deleted"].get("flows"), None);
    assert_eq!(files(), 3);
    assert_eq!(bench.json("runs.show", json!({"run_id": again})).await.unwrap()["status"], "waiting");
}
