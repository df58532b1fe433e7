//! The inbox: what a command does, and what it refuses (contract 02, sections 3.4, 8 and 14).

use serde_json::{Value, json};
use tests::{Gateway, TOKEN, get, post};

use super::detail;
use crate::home;

const COMMANDS: &str = "/api/gateway/commands";

#[track_caller]
fn taken(gateway: &Gateway, id: &str, run: &str, kind: &str, payload: &Value) -> Value {
    let answer = gateway.command(id, run, kind, payload);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn a_question_is_answered_once() {
    let home = home();
    let gateway = home.serve();
    let run = gateway.start("ask", &json!({}));
    let key = format!("user:{run}:q");
    let waiting = json!({"status": "waiting", "current_node": "q", "waiting": {"reason": "user", "wait_key": key,
        "until": null, "prompt": "who are you ?", "choices": ["alice", "bob"], "allow_free_text": true, "details": null}});
    tests::includes(&gateway.until(&run, "waiting"), &waiting).unwrap_or_else(|difference| panic!("{difference}"));
    let answer = |wait_key: &str, who: &str| json!({"wait_key": wait_key, "payload": {"response": who}});
    let refused = gateway.command("c-wrong", &run, "resume", &answer("wrong", "alice"));
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!(gateway.ledger(&run).len(), 2);
    let first = taken(&gateway, "c-1", &run, "resume", &answer(&key, "alice"));
    assert_eq!((&first["accepted"], &first["duplicate"]), (&json!(true), &json!(false)));
    // Who looks now sees it.
    assert_eq!(gateway.run(&run)["status"], "completed");
    let again = json!({"accepted": false, "duplicate": true, "seq": first["seq"]});
    assert_eq!(taken(&gateway, "c-1", &run, "resume", &answer(&key, "bob")), again);
    let resumed =
        json!({"wait_reason": "user", "wait_key": key, "resume_to_node": "a", "payload": {"response": "alice"}});
    let statuses = json!([
        {"node_id": "q", "status": "started", "effect": {"type": "ask_user"}},
        {"node_id": "q", "status": "waiting", "result": {"wait": {"wait_key": key, "resume_to_node": "a"}}},
        {"node_id": "q", "status": "completed", "effect": {"type": "resume", "payload": resumed}, "result": {"resumed": true}},
        {"node_id": "a", "status": "started", "effect": {"type": "answer_user", "payload": {"message": "alice"}}},
        {"node_id": "a", "status": "completed", "result": {"message": "alice", "level": "message"}},
        {"node_id": "e", "result": {"completed": true, "output": {"name": "alice", "success": true}}},
        {"idempotency_key": "system:terminal_status:completed"},
    ]);
    let ledger = Value::Array(gateway.ledger(&run));
    tests::includes(&ledger, &statuses).unwrap_or_else(|difference| panic!("{difference}"));
    assert_eq!((&ledger[0]["step_id"], &ledger[3]["step_id"]), (&ledger[1]["step_id"], &ledger[4]["step_id"]));
    gateway.kill();
    let gateway = home.serve();
    assert_eq!(taken(&gateway, "c-1", &run, "resume", &answer(&key, "bob")), again);
}

#[test]
fn a_paused_run_goes_on_where_it_was() {
    let gateway = home().serve();
    let run = gateway.start("timer", &json!({"seconds": 0.3}));
    taken(&gateway, "p", &run, "pause", &json!({"reason": "coffee"}));
    let paused = gateway.run(&run);
    let expected = json!({"status": "waiting", "paused": true, "pause_reason": "coffee", "resumed_at": null, "waiting": {"reason": "until"}});
    tests::includes(&paused, &expected).unwrap_or_else(|difference| panic!("{difference}"));
    let until = paused["waiting"]["until"].as_str().unwrap().to_owned();
    tests::eventually("the time is over", || {
        // Another run that waits as long, started later, comes to its end before.
        let other = gateway.start("timer", &json!({"seconds": 0.4}));
        gateway.until(&other, "completed");
        (gateway.run(&other)["updated_at"].as_str().unwrap() > until.as_str()).then_some(())
    });
    assert_eq!(gateway.run(&run)["paused"], true);
    taken(&gateway, "p2", &run, "pause", &json!({}));
    taken(&gateway, "r", &run, "resume", &json!({}));
    let done = gateway.until(&run, "completed");
    assert_eq!((&done["paused"], done["resumed_at"].is_string()), (&json!(false), true));
    let kinds: Vec<Value> = gateway.ledger(&run).iter().map(|record| record["effect"]["type"].clone()).collect();
    assert_eq!(kinds, [json!("wait_until"), json!("wait_until"), json!("resume"), Value::Null, json!("emit_event")]);
}

#[test]
fn a_cancelled_run_has_ended() {
    let gateway = home().serve();
    for (payload, error) in [(json!({"reason": "enough"}), "enough"), (json!({}), "Cancelled")] {
        let run = gateway.start("ask", &json!({}));
        taken(&gateway, &format!("cancel-{run}"), &run, "cancel", &payload);
        let ended = json!({"status": "cancelled", "error": error, "waiting": null, "paused": false});
        tests::includes(&gateway.run(&run), &ended).unwrap_or_else(|difference| panic!("{difference}"));
        let ledger = gateway.ledger(&run);
        assert_eq!(ledger.last().unwrap()["idempotency_key"], "system:terminal_status:cancelled");
        let (steps, _) = gateway.follow(&run, 0).until_done();
        assert_eq!(steps.len(), ledger.len());
    }
}

#[test]
fn a_busy_run_stops_where_it_is_and_goes_on() {
    let gateway = home().serve();
    let run = gateway.start("talk", &json!({"times": 1_000_000}));
    taken(&gateway, "p", &run, "pause", &json!({"reason": "coffee"}));
    let held = json!({"status": "waiting", "paused": true, "pause_reason": "coffee", "waiting": {"reason": "user",
        "wait_key": format!("pause:{run}"), "until": null, "prompt": "Paused", "choices": null,
        "allow_free_text": false, "details": {"kind": "pause"}}});
    let before = gateway.run(&run);
    tests::includes(&before, &held).unwrap_or_else(|difference| panic!("{difference}"));
    let length = |run: &str| {
        let page = gateway.json(&get("/api/gateway/runs"));
        let rows = page["items"].as_array().unwrap();
        rows.iter().find(|row| row["run_id"] == run).unwrap()["ledger_len"].as_u64().unwrap()
    };
    let paused_at = length(&run);
    // Somebody else's work does not move it.
    let other = gateway.start("talk", &json!({"times": 50}));
    gateway.until(&other, "completed");
    assert_eq!((length(&run), &gateway.run(&run)), (paused_at, &before));
    let answer = gateway.command("a", &run, "resume", &json!({"payload": {"response": "x"}}));
    assert_eq!(answer.status, 409, "{}", answer.text());
    taken(&gateway, "r", &run, "resume", &json!({}));
    tests::eventually("the run goes on", || (length(&run) > paused_at).then_some(()));
    let running = json!({"status": "running", "paused": false, "pause_reason": null, "waiting": null});
    tests::includes(&gateway.run(&run), &running).unwrap_or_else(|difference| panic!("{difference}"));
    taken(&gateway, "c", &run, "cancel", &json!({"reason": "enough"}));
    let ended = json!({"status": "cancelled", "error": "enough", "waiting": null, "paused": false});
    tests::includes(&gateway.run(&run), &ended).unwrap_or_else(|difference| panic!("{difference}"));
    let end = length(&run);
    let last = gateway.json(&get(&format!("/api/gateway/runs/{run}/ledger?after={}", end - 1)));
    assert_eq!(last["items"][0]["idempotency_key"], "system:terminal_status:cancelled");
    assert_eq!(gateway.run(&run)["updated_at"], gateway.run(&run)["updated_at"]);
}

#[test]
fn runs_that_go_round_for_ever_hold_up_nobody() {
    let gateway = home().serve();
    let spinning: Vec<String> = (0..8).map(|_| gateway.start("spin", &json!({}))).collect();
    let quick = gateway.start("ask", &json!({}));
    gateway.answer(&quick, "alice");
    gateway.until(&quick, "completed");
    for run in &spinning {
        assert_eq!(gateway.run(run)["status"], "running");
        taken(&gateway, &format!("c-{run}"), run, "cancel", &json!({}));
        gateway.until(run, "cancelled");
    }
    assert_eq!(gateway.stop().code, Some(0));
}

#[test]
fn an_event_reaches_who_waits_for_it() {
    let gateway = home().serve();
    let listener = |key: &str| {
        let run = gateway.start("listen", &json!({"key": key}));
        gateway.until(&run, "waiting");
        run
    };
    let (mine, same, foreign) =
        (listener("evt:session:s-1:ping"), listener("evt:session:s-1:ping"), listener("evt:session:s-2:ping"));
    let event = json!({"name": "ping", "session_id": "s-1", "payload": {"a": 1}, "event_id": "e-1"});
    taken(&gateway, "e-1", "s-1", "emit_event", &event);
    for run in [&mine, &same] {
        gateway.until(run, "completed");
        let ledger = gateway.ledger(run);
        let resumed = ledger.iter().find(|record| record["effect"]["type"] == "resume").unwrap();
        let envelope = json!({"event_id": "e-1", "name": "ping", "scope": "session", "session_id": "s-1",
            "payload": {"a": 1}, "emitter": {"source": "external"}});
        tests::includes(&resumed["effect"]["payload"]["payload"], &envelope)
            .unwrap_or_else(|difference| panic!("{difference}"));
    }
    assert_eq!(gateway.run(&foreign)["status"], "waiting");
    let twice = taken(&gateway, "e-1", "s-1", "emit_event", &event);
    assert_eq!(twice["duplicate"], true);
    taken(&gateway, "e-2", "s-1", "emit_event", &json!({"name": "nobody listens"}));
}

#[test]
fn an_ended_run_takes_no_command() {
    let gateway = home().serve();
    let run = gateway.start("echo", &json!({"text": "x"}));
    gateway.until(&run, "completed");
    let before = gateway.ledger(&run);
    for kind in ["pause", "resume", "cancel"] {
        let refused = gateway.command(kind, &run, kind, &json!({}));
        assert_eq!(refused.status, 409, "{kind}: {}", refused.text());
    }
    let refused = gateway.command("answer", &run, "resume", &json!({"payload": {"response": "x"}}));
    assert_eq!(refused.status, 409);
    assert_eq!(gateway.ledger(&run), before);
    assert_eq!(gateway.run(&run)["status"], "completed");
}

#[test]
fn a_command_nobody_understands_is_refused() {
    let gateway = home().serve();
    let run = gateway.start("ask", &json!({}));
    let words = "type must be one of pause|resume|cancel|emit_event|update_schedule|compact_memory";
    let with = |change: &Value| {
        let mut body = json!({"command_id": "c", "run_id": run, "type": "cancel", "payload": {}});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        post(COMMANDS, &body).token(TOKEN)
    };
    for (change, status, parts) in [
        (json!({"type": "explode"}), 400, detail(words)),
        (json!({"type": "Cancel"}), 400, detail(words)),
        (json!({"run_id": " "}), 400, json!({})),
        (json!({"run_id": "nobody"}), 404, detail("Run 'nobody' not found")),
        (json!({"payload": null}), 422, json!({"detail": [{"loc": ["body", "payload"]}]})),
        (json!({"payload": []}), 422, json!({"detail": [{"loc": ["body", "payload"]}]})),
        (json!({"type": 5}), 422, json!({"detail": [{"loc": ["body", "type"], "type": "string_type"}]})),
        (json!({"type": "resume", "payload": {"payload": "yes"}}), 422, json!({})),
        (json!({"type": "emit_event"}), 422, json!({})),
        (json!({"command_id": "x".repeat(501)}), 422, json!({})),
    ] {
        gateway.check(&with(&change), status, &parts);
    }
    assert_eq!(gateway.run(&run)["status"], "waiting");
    // Nothing of all that took the id.
    gateway.check(&with(&json!({})), 200, &json!({"accepted": true, "duplicate": false}));
}

#[test]
fn commands_without_an_id_are_all_new() {
    let gateway = home().serve();
    let run = gateway.start("ask", &json!({}));
    let first = taken(&gateway, "", &run, "pause", &json!({}));
    let second = taken(&gateway, "", &run, "resume", &json!({}));
    assert!(second["seq"].as_i64() > first["seq"].as_i64() && second["duplicate"] == false, "{first} {second}");
}

#[test]
fn a_cancel_reaches_the_children_and_an_answer_the_child() {
    let gateway = home().serve();
    let family = || {
        let parent = gateway.start("parent", &json!({}));
        let child = gateway.until(&parent, "waiting")["waiting"]["details"]["sub_run_id"].as_str().unwrap().to_owned();
        gateway.until(&child, "waiting");
        (parent, child)
    };
    let (parent, child) = family();
    taken(&gateway, "c", &parent, "cancel", &json!({"reason": "enough"}));
    gateway.until(&parent, "cancelled");
    gateway.until(&child, "cancelled");
    let (parent, child) = family();
    gateway.answer(&child, "kid");
    gateway.until(&parent, "completed");
    let ledger = gateway.ledger(&parent);
    let resumed = ledger.iter().find(|record| record["effect"]["type"] == "resume").unwrap();
    let expected = json!({"sub_run_id": child, "output": {"name": "kid", "success": true}});
    let payload = &resumed["effect"]["payload"]["payload"];
    tests::includes(payload, &expected).unwrap_or_else(|difference| panic!("{difference}"));
    assert_eq!(gateway.run(&child)["parent_run_id"], json!(parent));
    let page = gateway.json(&get("/api/gateway/runs?root_only=true"));
    assert!(page["items"].as_array().unwrap().iter().all(|row| row["run_id"] != child.as_str()));
}
