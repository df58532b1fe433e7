//! Deleting draft runs over HTTP (contract 02, section 7).

use serde_json::{Value, json};
use tests::{Gateway, Request, TOKEN, get, post};

use crate::home;

fn purge(body: &Value) -> Request {
    post("/api/gateway/runs/purge_drafts", body).token(TOKEN)
}

fn draft(gateway: &Gateway, flow: &str, retention: &Value) -> String {
    let body = json!({"bundle_id": "it", "flow_id": flow, "input_data": {"text": "x"},
        "run_lifecycle": {"purpose": "draft_test", "retention": retention}});
    gateway.json(&post("/api/gateway/runs/start", &body))["run_id"].as_str().unwrap().to_owned()
}

fn reasons(reply: &Value) -> Vec<(&str, Option<&str>)> {
    let items = reply["items"].as_array().unwrap();
    items.iter().map(|item| (item["run_id"].as_str().unwrap(), item["reason"].as_str())).collect()
}

#[test]
fn what_would_go_is_told_and_then_it_goes_for_good() {
    let home = home();
    let gateway = home.serve();
    let over = json!({"mode": "ephemeral", "expires_at": "2020-01-01T00:00:00Z"});
    let gone = draft(&gateway, "echo", &over);
    gateway.until(&gone, "completed");
    let fresh = draft(&gateway, "echo", &json!({"mode": "ephemeral", "ttl_s": 3600}));
    gateway.until(&fresh, "completed");
    let active = draft(&gateway, "ask", &over);
    gateway.until(&active, "waiting");
    let kept = draft(&gateway, "echo", &json!({"mode": "keep"}));
    let plain = gateway.start("echo", &json!({"text": "x"}));
    let policy = json!({"purpose": "draft_test", "retention_mode": "ephemeral", "default_ttl_s": 604_800,
        "terminal_statuses": ["cancelled", "completed", "failed"]});
    let totals =
        |purged: u32| json!({"ok": true, "dry_run": purged == 0, "policy": policy, "eligible": 1, "purged": purged});
    let looked = gateway.check(&purge(&json!({})), 200, &totals(0)).json();
    let mut told = reasons(&looked);
    told.sort_unstable();
    let mut expected =
        [(gone.as_str(), None), (fresh.as_str(), Some("not_expired")), (active.as_str(), Some("active_run"))];
    expected.sort_unstable();
    assert_eq!(told, expected);
    let before = home.names_in("workspaces").len();
    let purged = gateway.check(&purge(&json!({"dry_run": false})), 200, &totals(1)).json();
    let item = purged["items"].as_array().unwrap().iter().find(|item| item["run_id"] == *gone).unwrap();
    let deleted = json!({"ok": true, "dry_run": false, "run_ids": [gone], "deleted": {"runs": 1, "workspaces": 1}});
    tests::includes(&item["purge"], &deleted).unwrap_or_else(|difference| panic!("{difference}"));
    assert_eq!(home.names_in("workspaces").len(), before - 1);
    let path = |id: &str| format!("/api/gateway/runs/{id}");
    let unknown = |path: &str| drop(gateway.check(&get(path).token(TOKEN), 404, &Value::Null));
    unknown(&path(&gone));
    unknown(&format!("{}/ledger", path(&gone)));
    for stays in [&fresh, &active, &kept, &plain] {
        gateway.run(stays);
    }
    gateway.kill();
    let gateway = home.serve();
    gateway.check(&get(&path(&gone)).token(TOKEN), 404, &Value::Null);
    assert_eq!(gateway.run(&active)["status"], "waiting");
}

#[test]
fn named_and_active_ones_go_when_that_is_said() {
    let gateway = home().serve();
    let ephemeral = json!({"mode": "ephemeral", "ttl_s": 3600});
    let fresh = draft(&gateway, "echo", &ephemeral);
    gateway.until(&fresh, "completed");
    let active = draft(&gateway, "ask", &ephemeral);
    gateway.until(&active, "waiting");
    let plain = gateway.start("echo", &json!({"text": "x"}));
    let named = json!({"run_ids": [fresh, plain, "zzz"], "force": true, "dry_run": false});
    let reply = gateway.check(&purge(&named), 200, &json!({"purged": 1, "skipped": 2})).json();
    let expected = [(fresh.as_str(), None), (plain.as_str(), Some("not_ephemeral_draft")), ("zzz", Some("missing"))];
    assert_eq!(reasons(&reply), expected);
    let force = json!({"force": true, "dry_run": false});
    gateway.check(&purge(&force), 200, &json!({"purged": 0}));
    let all = json!({"force": true, "dry_run": false, "include_active": true});
    gateway.check(&purge(&all), 200, &json!({"purged": 1}));
    gateway.check(&get(&format!("/api/gateway/runs/{active}")).token(TOKEN), 404, &Value::Null);
    gateway.run(&plain);
}

#[test]
fn odd_bodies_and_strangers_are_refused() {
    let gateway = home().serve();
    for (body, status) in [
        (json!({"limit": 0}), 422),
        (json!({"limit": 5001}), 422),
        (json!({"limit": 5000}), 200),
        (json!({"limit": 1}), 200),
        (json!({"everything": true}), 422),
        (json!({"dry_run": "perhaps"}), 422),
        (json!({}), 200),
    ] {
        gateway.check(&purge(&body), status, &Value::Null);
    }
    gateway.check(&post("/api/gateway/runs/purge_drafts", &json!({})), 401, &Value::Null);
}
