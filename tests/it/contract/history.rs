//! Everything about a run in one reply (contract 02, section 4.6; 03, section 14).

use serde_json::{Value, json};
use tests::{TOKEN, eventually, get};

use crate::home;

fn path(run: &str, query: &str) -> String {
    format!("/api/gateway/runs/{run}/history_bundle?{query}")
}

#[test]
fn a_tree_is_shown_with_its_records_and_its_files() {
    let home = home();
    let gateway = home.serve();
    let run = gateway.start("parent", &json!({"prompt": "hi"}));
    gateway.until(&run, "waiting");
    let child = gateway.run(&run)["waiting"]["details"]["sub_run_id"].as_str().unwrap().to_owned();
    eventually("the child asks", || (gateway.run(&child)["status"] == "waiting").then_some(()));
    gateway.answer(&child, "bob");
    gateway.until(&run, "completed");
    let shown = gateway.json(&get(&path(&run, "include_session=true")));
    let keys: Vec<&String> = shown.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "version",
            "generated_at",
            "root_run_id",
            "run",
            "workflow_snapshot",
            "input_data",
            "ledgers",
            "timeline",
            "session"
        ]
    );
    let ids: Vec<&String> = shown["ledgers"].as_object().unwrap().keys().collect();
    assert_eq!(ids, [&run, &child]);
    let mut lines = 0;
    for id in [&run, &child] {
        let ledger = gateway.ledger(id);
        let of_run = &shown["ledgers"][id.as_str()];
        let records: Vec<Value> =
            of_run["items"].as_array().unwrap().iter().map(|item| item["record"].clone()).collect();
        assert_eq!((records, of_run["total"].as_u64().unwrap()), (ledger.clone(), ledger.len() as u64));
        lines += ledger.len();
    }
    assert_eq!(shown["timeline"].as_array().unwrap().len(), lines);
    assert_eq!(shown["input_data"]["prompt"], "hi");
    let snapshot = shown["workflow_snapshot"].as_object().unwrap();
    assert_eq!((snapshot.len(), &snapshot["format"]), (5, &json!("visualflow_json")));
    let turn = &shown["session"]["turns"][0];
    let expected = json!({"run_id": run, "kind": "run", "status": "completed", "prompt": "hi", "answer": null,
        "stats": {"llm_calls": 0, "tool_calls": 0, "tok_s": null}});
    tests::includes(turn, &expected).unwrap_or_else(|difference| panic!("{difference}"));
    let alone = gateway.json(&get(&path(&run, "include_subruns=false&ledger_mode=full")));
    assert_eq!(alone["ledgers"].as_object().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_shown_is_refused() {
    let gateway = home().serve();
    let run = gateway.start("echo", &json!({"text": "x"}));
    for (path, status, place) in [
        (path("no", ""), 404, json!({"detail": "Run 'no' not found"})),
        (path(&run, "ledger_mode=all"), 400, json!({"detail": "ledger_mode must be 'tail' or 'full'"})),
        (path(&run, "ledger_max_items=20001"), 422, json!({"detail": [{"loc": ["query", "ledger_max_items"]}]})),
        (path(&run, "session_turn_limit=0"), 422, json!({"detail": [{"loc": ["query", "session_turn_limit"]}]})),
        (path(&run, "session_turn_limit=501"), 422, json!({"detail": [{"loc": ["query", "session_turn_limit"]}]})),
    ] {
        gateway.check(&get(&path).token(TOKEN), status, &place);
    }
    gateway.json(&get(&path(&run, "ledger_max_items=20000&session_turn_limit=500")));
}
