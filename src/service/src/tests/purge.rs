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
