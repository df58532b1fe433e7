//! Everything about a run in one reply.

use super::*;

#[tokio::test]
async fn a_history_holds_run_records_and_session() {
    let bench = Bench::open().await;
    bench.start("r").await;
    let history = bench.json("runs.history", json!({"run_id": "r", "include_session": true})).await.unwrap();
    let run = &history["run"];
    assert_eq!(
        (&history["version"], &history["root_run_id"], &run["status"]),
        (&json!(1), &json!("r"), &json!("waiting"))
    );
    let keys: Vec<&String> = run["waiting"].as_object().unwrap().keys().collect();
    let wait = [
        "reason",
        "wait_key",
        "until",
        "resume_to_node",
        "result_key",
        "prompt",
        "choices",
        "allow_free_text",
        "details",
    ];
    assert_eq!(keys, wait);
    let ledger = &history["ledgers"]["r"];
    assert_eq!((&ledger["total"], &ledger["cursor_start"], &ledger["cursor_end"]), (&json!(2), &json!(1), &json!(2)));
    let page = bench.json("ledger.read", json!({"run_id": "r"})).await.unwrap();
    for (i, item) in ledger["items"].as_array().unwrap().iter().enumerate() {
        assert_eq!((&item["cursor"], &item["record"]), (&json!(i + 1), &page["items"][i]));
    }
    assert_eq!(history["timeline"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&history["timeline"][1]["effect_type"], &history["timeline"][1]["status"]),
        (&json!("ask_user"), &json!("waiting"))
    );
    assert_eq!((&history["session"], &history["workflow_snapshot"]), (&Value::Null, &Value::Null));
    let tail = json!({"run_id": "r", "ledger_max_items": 1});
    let tail = bench.json("runs.history", tail).await.unwrap()["ledgers"]["r"].clone();
    assert_eq!((&tail["total"], &tail["cursor_start"], &tail["items"][0]["cursor"]), (&json!(2), &json!(2), &json!(2)));
    for (input, code) in [
        (json!({"run_id": "r", "ledger_mode": "all"}), Code::BadRequest),
        (json!({"run_id": "zzz"}), Code::RunNotFound),
    ] {
        assert_eq!(bench.answer("runs.history", input).await.unwrap_err().code, code);
    }
}

#[tokio::test]
async fn turns_are_the_session_up_to_the_run() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    let mut runs = Vec::new();
    for prompt in ["one", "two", "three"] {
        let start = json!({"bundle_id": "b", "session_id": "s", "input_data": {"prompt": prompt}});
        runs.push(bench.json("runs.start", start).await.unwrap()["run_id"].as_str().unwrap().to_owned());
    }
    let turns = async |run: &str, most: i64| {
        let input = json!({"run_id": run, "include_session": true, "session_turn_limit": most});
        let history = bench.json("runs.history", input).await.unwrap();
        assert_eq!(history["session"]["session_id"], "s");
        let turns = history["session"]["turns"].as_array().unwrap().clone();
        turns.iter().map(|turn| (turn["prompt"].clone(), turn["kind"].clone())).collect::<Vec<_>>()
    };
    let run = |prompt: &str| (json!(prompt), json!("run"));
    assert_eq!(turns(&runs[1], 9).await, [run("one"), run("two")]);
    assert_eq!(turns(&runs[2], 2).await, [run("two"), run("three")]);
    let talk = json!({"prompt": "four", "context": {"messages": []}});
    let start = json!({"bundle_id": "b", "session_id": "s", "input_data": talk});
    let chat = bench.json("runs.start", start).await.unwrap()["run_id"].as_str().unwrap().to_owned();
    assert_eq!(turns(&chat, 9).await, [(json!("four"), json!("chat"))]);
}
