//! Reading and following ledgers (contract 02, section 5; contract 09).

use std::io::ErrorKind;

use serde_json::{Value, json};
use tests::{Frame, Gateway, TOKEN, get, post};

use crate::home;

fn stream(run: &str, query: &str) -> tests::Request {
    get(&format!("/api/gateway/runs/{run}/ledger/stream{query}"))
}

/// A finished run of five records.
fn answered(gateway: &Gateway) -> String {
    let run = gateway.start("ask", &json!({}));
    gateway.answer(&run, "alice");
    gateway.until(&run, "completed");
    assert_eq!(gateway.ledger(&run).len(), 7);
    run
}

#[test]
fn pages_count_what_was_consumed() {
    let gateway = home().serve();
    let run = answered(&gateway);
    let all = gateway.ledger(&run);
    let page = |query: &str| gateway.json(&get(&format!("/api/gateway/runs/{run}/ledger{query}")));
    for (query, range, next) in [
        ("", 0..7, 7),
        ("?after=0&limit=2", 0..2, 2),
        ("?after=2&limit=2", 2..4, 4),
        ("?after=6&limit=2000", 6..7, 7),
        ("?after=7", 7..7, 7),
        ("?after=99", 7..7, 99),
    ] {
        assert_eq!(page(query), json!({"items": all[range], "next_after": next}), "{query}");
    }
    for (query, status) in
        [("?limit=0", 422), ("?limit=2001", 422), ("?after=-1", 422), ("?after=x", 422), ("?limit=2000", 200)]
    {
        gateway.check(&get(&format!("/api/gateway/runs/{run}/ledger{query}")).token(TOKEN), status, &json!({}));
    }
}

#[test]
fn many_ledgers_are_read_at_once() {
    let gateway = home().serve();
    let (run, other) = (answered(&gateway), gateway.start("ask", &json!({})));
    let batch = |body: &Value| gateway.json(&post("/api/gateway/runs/ledger/batch", body));
    let asked = json!({"runs": [{"run_id": run, "after": 3}, {"run_id": other}, {"run_id": "nobody"}], "limit": 2});
    let all = gateway.ledger(&run);
    assert_eq!(
        batch(&asked),
        json!({"runs": {
            run.as_str(): {"items": all[3..5], "next_after": 5},
            other.as_str(): {"items": gateway.ledger(&other), "next_after": 2},
        }})
    );
    assert_eq!(batch(&json!({})), json!({"runs": {}}));
    for body in [
        json!({"runs": 5}),
        json!({"runs": [5]}),
        json!({"runs": [{"after": 1}]}),
        json!({"runs": [{"run_id": "r", "after": -1}]}),
        json!({"limit": 0}),
    ] {
        gateway.check(&post("/api/gateway/runs/ledger/batch", &body).token(TOKEN), 422, &json!({}));
    }
}

#[test]
fn a_stream_replays_follows_and_ends_with_done() {
    let gateway = home().serve();
    let run = gateway.start("ask", &json!({}));
    let mut events = gateway.events(&stream(&run, "?after=0"));
    // A byte at once, or proxies show nothing.
    assert!(matches!(events.next_frame(), Frame::Comment(_)));
    for id in 1..=2 {
        let Frame::Event(seen, name, data) = events.next_frame() else { panic!("a step was expected") };
        let data: Value = serde_json::from_str(&data).unwrap();
        assert_eq!((seen, name.as_str(), &data["cursor"]), (Some(id), "step", &json!(id)));
    }
    gateway.answer(&run, "alice");
    let (steps, done) = events.until_done();
    assert_eq!((steps.len(), &done), (5, &json!({"run_id": run, "cursor": 7, "status": "terminal"})));
    let replayed = gateway.events(&stream(&run, "")).until_done().0;
    let records: Vec<Value> =
        replayed.iter().map(|data| serde_json::from_str::<Value>(data).unwrap()["record"].clone()).collect();
    assert_eq!(records, gateway.ledger(&run));
}

#[test]
fn a_stream_begins_after_what_was_seen() {
    let gateway = home().serve();
    let run = answered(&gateway);
    for (query, last_event_id, count) in [
        ("", "", 7),
        ("?after=0", "3", 4),
        ("?after=5", "3", 2),
        ("?after=5", "", 2),
        ("", "nonsense", 7),
        ("?after=7", "", 0),
        ("?after=99", "", 0),
    ] {
        let mut request = stream(&run, query);
        if !last_event_id.is_empty() {
            request = request.header("last-event-id", last_event_id);
        }
        let (steps, done) = gateway.events(&request).until_done();
        assert_eq!(steps.len(), count, "{query} {last_event_id}");
        assert_eq!(done["status"], "terminal");
    }
}

#[test]
fn a_stream_is_told_not_to_be_kept() {
    let gateway = home().serve();
    let run = answered(&gateway);
    let mut connection = gateway.connect();
    connection.send(&stream(&run, "").token(TOKEN).bytes());
    let head = connection.read_head().unwrap();
    for (name, value) in [
        ("content-type", "text/event-stream; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("x-accel-buffering", "no"),
        ("transfer-encoding", "chunked"),
    ] {
        assert_eq!(head.header(name), Some(value));
    }
    assert!(head.header("x-request-id").is_some());
}

#[test]
fn a_silent_stream_is_kept_alive() {
    let gateway = home().serve();
    let run = gateway.start("ask", &json!({}));
    let mut events = gateway.events(&stream(&run, "?after=2&heartbeat_s=0.2"));
    assert!((0..3).all(|_| matches!(events.next_frame(), Frame::Comment(_))));
    for (heartbeat, status) in [("61", 422), ("x", 422)] {
        let request = stream(&run, &format!("?heartbeat_s={heartbeat}")).token(TOKEN);
        gateway.check(&request, status, &json!({}));
    }
}

#[test]
fn many_watch_one_run() {
    let gateway = home().serve();
    let run = gateway.start("ask", &json!({}));
    let mut watchers: Vec<_> = (0..16).map(|_| gateway.events(&stream(&run, ""))).collect();
    let early: Vec<_> = watchers.iter_mut().map(|events| events.steps(2)).collect();
    drop(watchers.split_off(8));
    gateway.answer(&run, "bob");
    for (events, early) in watchers.iter_mut().zip(early) {
        let late = events.until_done().0;
        assert_eq!([early, late].concat().len(), 7);
        assert_eq!(events.next_frame(), Frame::Broken(ErrorKind::UnexpectedEof));
    }
}

#[test]
fn a_ledger_is_verified_with_and_without_a_server() {
    let home = home();
    let gateway = home.serve();
    let (run, other) = (gateway.start("ask", &json!({})), gateway.start("ask", &json!({})));
    gateway.answer(&run, "quetzal");
    gateway.until(&run, "completed");
    let verify = |run: &str| get(&format!("/api/gateway/runs/{run}/ledger/verify")).token(TOKEN);
    let head = gateway.ledger(&run)[6]["record_hash"].clone();
    let sound = json!({"run_id": run, "ok": true, "records": 7, "unchained": 0, "chained_from": 1, "problems": []});
    gateway.check(&verify(&run), 200, &sound);
    gateway.check(&verify(&run), 200, &json!({"head_hash": head}));
    gateway.check(&verify("nobody"), 404, &json!({"code": "run_not_found"}));
    let code = |args: &[&str]| home.run(&[&["ledger", "verify"], args].concat()).code;
    // Beside the running server, then after it.
    assert_eq!((code(&["--all"]), code(&[&other]), code(&["nobody"])), (Some(0), Some(0), Some(1)));
    gateway.kill();
    assert_eq!(code(&["--all"]), Some(0));
    gateway_stopped_cleanly(&home);
    let file = home.data_dir().join("gateway.sqlite3");
    let mut bytes = std::fs::read(&file).unwrap();
    let places: Vec<usize> = (0..bytes.len() - 7).filter(|&i| &bytes[i..i + 7] == b"quetzal").collect();
    places.iter().for_each(|&i| bytes[i] = b'k');
    std::fs::write(&file, bytes).unwrap();
    assert_eq!((code(&["--all"]), code(&[&run]), code(&[&other])), (Some(1), Some(1), Some(0)));
    let gateway = home.serve();
    let found = gateway.check(&verify(&run), 200, &json!({"ok": false})).json();
    assert_eq!(found["problems"][0]["kind"], "changed", "{found}");
}

/// Everything is in the database itself, nothing in the log beside it.
fn gateway_stopped_cleanly(home: &tests::Home) {
    assert_eq!(home.serve().stop().code, Some(0));
}
