//! Starting, looking at and listing runs (contract 02, sections 2.4, 4 and 14).

use serde_json::{Value, json};
use tests::{Gateway, Request, TOKEN, get, post};

use super::detail;
use crate::home;

const START: &str = "/api/gateway/runs/start";

fn start(body: &Value) -> Request {
    post(START, body).token(TOKEN)
}

#[test]
fn a_small_run_leaves_what_the_reference_leaves() {
    let home = home();
    let gateway = home.serve();
    let run = gateway.start("echo", &json!({"text": "hello"}));
    let summary = gateway.until(&run, "completed");
    let expected = json!({"run_id": run, "workflow_id": "it@1.0.0:echo", "status": "completed", "current_node": "e",
        "actor_id": "gateway", "session_id": run, "parent_run_id": null, "error": null, "flow_warnings": null,
        "paused": false, "pause_reason": null, "paused_at": null, "resumed_at": null, "waiting": null,
        "is_scheduled": false, "schedule": null, "run_lifecycle": null, "is_draft": false,
        "limits": {"tokens": {"estimated_used": 0, "max_input_tokens": null, "pct": 0.0, "warn_tokens_pct": 80}}});
    tests::includes(&summary, &expected).unwrap_or_else(|difference| panic!("{difference}"));
    assert!(summary.get("vars").is_none());
    let ended = json!({"run_id": run, "node_id": "e", "status": "completed", "effect": null,
        "result": {"completed": true, "output": {"text": "hello", "success": true}}, "error": null,
        "actor_id": "gateway", "session_id": run, "attempt": 1, "idempotency_key": null});
    let said = json!({"node_id": "e", "status": "completed", "idempotency_key": "system:terminal_status:completed",
        "effect": {"type": "emit_event", "payload": {"name": "abstract.status", "scope": "session", "payload": {"text": "completed"}}},
        "result": {"emitted": true, "name": "abstract.status", "payload": {"text": "completed"}}});
    let ledger = Value::Array(gateway.ledger(&run));
    tests::includes(&ledger, &json!([ended, said])).unwrap_or_else(|difference| panic!("{difference}"));
    let keys: Vec<&String> = ledger[0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "run_id",
            "step_id",
            "node_id",
            "status",
            "effect",
            "result",
            "error",
            "started_at",
            "ended_at",
            "actor_id",
            "session_id",
            "attempt",
            "idempotency_key",
            "prev_hash",
            "record_hash",
            "signature",
        ]
    );
    let workspaces = home.names_in("workspaces");
    assert_eq!(workspaces.len(), 1);
    let marker = home.json_file(&format!("workspaces/{}/.abstractgateway-workspace.json", workspaces[0]));
    assert_eq!((&marker["kind"], &marker["run_id"]), (&json!("run_workspace"), &json!(run)));
}

#[test]
fn a_start_names_its_workflow_in_several_ways() {
    let gateway = home().serve();
    for body in [
        json!({"bundle_id": "it"}),
        json!({"bundle_id": "it", "flow_id": "echo"}),
        json!({"bundle_id": "it@1.0.0", "flow_id": "echo"}),
        json!({"bundle_id": "it", "bundle_version": "1.0.0", "flow_id": "echo"}),
        json!({"flow_id": "it:echo"}),
        json!({"flow_id": "it@1.0.0:echo"}),
        json!({"flow_id": "echo", "bundle_id": "it", "unknown": 1, "session_id": " ", "registry_scope": "private"}),
    ] {
        let run = gateway.check(&start(&body), 200, &json!({})).json()["run_id"].as_str().unwrap().to_owned();
        assert_eq!(gateway.run(&run)["workflow_id"], "it@1.0.0:echo", "{body}");
    }
}

#[test]
fn a_start_that_cannot_be_is_refused() {
    let gateway = home().serve();
    let failed = |text: &str| detail(&format!("Failed to start run: {text}"));
    for (body, status, parts) in [
        (json!({}), 400, detail("flow_id is required (or provide bundle_id to start a bundle entrypoint)")),
        (json!({"bundle_id": "no"}), 404, detail("Bundle 'no' not found")),
        (json!({"bundle_id": "it", "bundle_version": "9"}), 404, detail("Bundle 'it@9' not found")),
        (json!({"bundle_id": "it", "flow_id": "no"}), 404, detail("Workflow 'it@1.0.0:no' not found")),
        (
            json!({"bundle_id": "it@1.0.0", "bundle_version": "2"}),
            400,
            failed("bundle_version conflicts with bundle_id (bundle_id already includes '@version')"),
        ),
        (
            json!({"bundle_id": "it", "flow_id": "basic-agent:echo"}),
            400,
            failed("flow_id bundle prefix does not match bundle_id"),
        ),
        (
            json!({"bundle_id": "it", "registry_scope": "elsewhere"}),
            400,
            detail("Unsupported registry_scope: elsewhere"),
        ),
        (json!({"bundle_id": "it", "registry_scope": "Tenant-Catalog"}), 501, json!({})),
        (json!({"bundle_id": "it", "input_data": null}), 422, json!({"detail": [{"loc": ["body", "input_data"]}]})),
        (json!({"bundle_id": "it", "input_data": []}), 422, json!({"detail": [{"loc": ["body", "input_data"]}]})),
    ] {
        gateway.check(&start(&body), status, &parts);
    }
    assert_eq!(gateway.json(&get("/api/gateway/runs"))["items"], json!([]));
}

#[test]
fn a_key_starts_one_run() {
    let home = home();
    let gateway = home.serve();
    let body = json!({"bundle_id": "it", "flow_id": "ask", "input_data": {"a": 1, "b": 2}});
    let keyed = |body: &Value, key: &str| start(body).header("idempotency-key", key);
    let run_id =
        |gateway: &Gateway, request: &Request| gateway.check(request, 200, &json!({})).json()["run_id"].clone();
    let first = run_id(&gateway, &keyed(&body, "k1"));
    assert_eq!(run_id(&gateway, &keyed(&body, "k1")), first);
    let reordered = json!({"input_data": {"b": 2, "a": 1}, "flow_id": "ask", "bundle_id": "it"});
    assert_eq!(run_id(&gateway, &keyed(&reordered, "k1")), first);
    let other = json!({"bundle_id": "it", "flow_id": "ask", "input_data": {"a": 2}});
    gateway.check(&keyed(&other, "k1"), 409, &json!({}));
    assert_ne!(run_id(&gateway, &keyed(&other, "k2")), first);
    assert_ne!(run_id(&gateway, &start(&body)), first);
    gateway.check(&keyed(&body, &"k".repeat(201)), 422, &json!({"detail": [{"loc": ["header", "idempotency-key"]}]}));
    gateway.kill();
    let gateway = home.serve();
    assert_eq!(run_id(&gateway, &keyed(&body, "k1")), first);
    gateway.check(&keyed(&other, "k1"), 409, &json!({}));
    assert_eq!(gateway.json(&get("/api/gateway/runs"))["items"].as_array().unwrap().len(), 3);
}

#[test]
fn many_starts_with_one_key_are_one_run() {
    let gateway = home().serve();
    let body = json!({"bundle_id": "it", "flow_id": "ask"});
    let runs: Vec<Value> = std::thread::scope(|scope| {
        let ask =
            || gateway.check(&start(&body).header("idempotency-key", "same"), 200, &json!({})).json()["run_id"].clone();
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(runs.iter().all(|run| *run == runs[0]), "{runs:?}");
    assert_eq!(gateway.json(&get("/api/gateway/runs"))["items"].as_array().unwrap().len(), 1);
}

#[test]
fn runs_are_listed_by_what_they_are() {
    let gateway = home().serve();
    let started = |flow: &str, session: &str| {
        let body = json!({"bundle_id": "it", "flow_id": flow, "session_id": session});
        gateway.json(&post(START, &body))["run_id"].as_str().unwrap().to_owned()
    };
    let (echo, ask, parent) = (started("echo", "s-1"), started("ask", "s-1"), started("parent", "s 2"));
    gateway.until(&echo, "completed");
    gateway.until(&parent, "waiting");
    let list = |query: &str| -> Vec<Value> {
        let page = gateway.json(&get(&format!("/api/gateway/runs?{query}")));
        page["items"].as_array().unwrap().clone()
    };
    let ids = |query: &str| -> Vec<String> {
        let mut ids: Vec<String> = list(query).iter().map(|row| row["run_id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let sorted = |mut ids: Vec<&str>| -> Vec<String> {
        ids.sort_unstable();
        ids.into_iter().map(str::to_owned).collect()
    };
    assert_eq!(ids("").len(), 4);
    assert_eq!(ids("root_only=true"), sorted(vec![&echo, &ask, &parent]));
    assert_eq!(ids("root_only=true&status=waiting"), sorted(vec![&ask, &parent]));
    assert_eq!(ids("status=completed"), sorted(vec![&echo]));
    assert_eq!(ids("session_id=s-1"), sorted(vec![&echo, &ask]));
    assert_eq!(ids("workflow_id=it@1.0.0:echo"), sorted(vec![&echo]));
    assert!(ids("workflow_id=it:echo").is_empty());
    let newest_first: Vec<Value> = list("").iter().map(|row| row["updated_at"].clone()).collect();
    assert!(newest_first.windows(2).all(|two| two[0].as_str() >= two[1].as_str()), "{newest_first:?}");
    let row = &list("status=completed&include_metrics=true")[0];
    let expected = json!({"run_id": echo, "status": "completed", "parent_run_id": null, "ledger_len": 2, "steps": 2,
        "llm_calls": 0, "tool_calls": 0, "tokens_total": 0});
    tests::includes(row, &expected).unwrap_or_else(|difference| panic!("{difference}"));
    assert!(list("include_ledger_len=false").iter().all(|row| row.get("ledger_len").is_none()));
    let waiting = list("status=waiting&session_id=s-1");
    assert_eq!(waiting[0]["waiting"]["reason"], "user");
}

#[test]
fn drafts_are_listed_when_asked_for() {
    let gateway = home().serve();
    let lifecycle = json!({"purpose": "draft_test", "source": " editor ", "secret": "x", "retention": {"ttl_s": "60"}});
    let body = json!({"bundle_id": "it", "flow_id": "echo", "run_lifecycle": lifecycle});
    let run = gateway.json(&post(START, &body))["run_id"].as_str().unwrap().to_owned();
    let kept = json!({"source": "editor", "purpose": "draft_test", "retention": {"ttl_s": 60}});
    let summary = gateway.until(&run, "completed");
    assert_eq!((&summary["is_draft"], &summary["run_lifecycle"]), (&json!(true), &kept));
    let count =
        |query: &str| gateway.json(&get(&format!("/api/gateway/runs{query}")))["items"].as_array().unwrap().len();
    assert_eq!((count(""), count("?include_drafts=true")), (0, 1));
}

#[test]
fn a_page_says_where_the_next_begins() {
    let gateway = home().serve();
    let mut started: Vec<String> = (0..5).map(|_| gateway.start("ask", &json!({}))).collect();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = gateway.json(&get(&format!("/api/gateway/runs?limit=2{cursor}")));
        seen.extend(page["items"].as_array().unwrap().iter().map(|row| row["run_id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    started.sort();
    seen.sort();
    assert_eq!(seen, started);
}

#[test]
fn an_unknown_run_is_not_found_everywhere() {
    let gateway = home().serve();
    for path in ["", "/ledger", "/ledger/stream"] {
        let answer = gateway.check(
            &get(&format!("/api/gateway/runs/nobody{path}")).token(TOKEN),
            404,
            &detail("Run 'nobody' not found"),
        );
        assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    }
}

#[test]
fn numbers_and_texts_come_back_as_they_went() {
    let gateway = home().serve();
    for value in [
        json!("é \u{1f600} \u{0} \"'<>&"),
        json!(1.0),
        json!(9_007_199_254_740_993_i64),
        json!({"z": 1, "a": [null, true, 1.5e300]}),
        json!("x".repeat(100_000)),
    ] {
        let run = gateway.start("echo", &json!({"text": value}));
        gateway.until(&run, "completed");
        assert_eq!(gateway.ledger(&run)[0]["result"]["output"]["text"], value);
    }
}
