use serde_json::json;

use super::super::show::summary;
use super::*;
use crate::target::fake::{events, gateway};

fn context() -> Context {
    let ui = crate::ui::Ui { format: Format::Name, quiet: true, interactive: false, yes: false };
    Context { ui, settings: service::Settings::from_env(&|_| None).unwrap(), data_dir: None }
}

fn step(status: &str, result: Value) -> Value {
    json!({"node_id": "n", "status": status, "effect": {"type": "x"}, "result": result, "started_at": "2026-11-22T07:28:54Z"})
}

fn shown(status: &str, waiting: Value) -> String {
    serde_json::to_string(&summary(status, waiting)).unwrap()
}

const LEDGER: &str = "/api/gateway/runs/r1/ledger/stream";
const RUN: &str = "/api/gateway/runs/r1";

#[tokio::test]
async fn the_end_of_a_run_is_the_exit_code() {
    for (status, exit) in
        [("completed", Ok(Exit::Success)), ("failed", Err(Exit::RunFailed)), ("cancelled", Err(Exit::RunCancelled))]
    {
        let target = gateway(vec![(LEDGER, events(&[], true)), (RUN, shown(status, Value::Null))]);
        assert_eq!(run(&context(), &target, "r1", 0).await.map_err(|f| f.exit), exit, "{status}");
    }
}

#[tokio::test]
async fn a_question_of_a_child_ends_the_watch_where_nobody_can_answer() {
    let wait = json!({"reason": "user", "wait_key": "k", "prompt": "who?", "allow_free_text": true});
    let parent = step("waiting", json!({"wait": {"reason": "subworkflow", "details": {"sub_run_id": "r2"}}}));
    let child = step("waiting", json!({ "wait": wait }));
    let answers = |now: Value| {
        vec![
            (LEDGER, events(std::slice::from_ref(&parent), now.is_null())),
            ("/api/gateway/runs/r2/ledger/stream", events(std::slice::from_ref(&child), true)),
            ("/api/gateway/runs/r2", shown("waiting", now)),
            (RUN, shown("completed", Value::Null)),
        ]
    };
    let target = gateway(answers(wait.clone()));
    assert_eq!(run(&context(), &target, "r1", 0).await, Ok(Exit::RunWaits));
    // A wait that was answered since is no question any more.
    let target = gateway(answers(Value::Null));
    assert_eq!(run(&context(), &target, "r1", 0).await, Ok(Exit::Success));
}

#[tokio::test]
async fn an_unknown_run_is_a_failure() {
    let failure = run(&context(), &gateway(vec![]), "r1", 0).await.unwrap_err();
    assert_eq!(failure.code.as_deref(), Some("run_not_found"));
    assert_eq!(failure.help.as_deref(), Some("abstractgateway runs list"));
}

#[test]
fn outputs_read_well() {
    for (output, text) in [
        (json!({"response": "hello", "success": true}), "hello"),
        (json!({"response": {"a": 1}, "success": true}), "{\n  \"a\": 1\n}"),
        (json!({"a": 1, "b": 2}), "{\n  \"a\": 1,\n  \"b\": 2\n}"),
        (json!({"error": "x", "success": false}), "{\n  \"error\": \"x\",\n  \"success\": false\n}"),
        (json!({"response": "hi", "success": true, "meta": {}, "scratchpad": {"messages": []}}), "hi"),
        (json!({"a": 1, "b": 2, "success": true}), "{\n  \"a\": 1,\n  \"b\": 2\n}"),
        (json!({"response": null, "success": true}), ""),
        (json!({"success": true}), "{\n  \"success\": true\n}"),
        (json!("text"), "text"),
    ] {
        assert_eq!(output_text(&output), text);
    }
}

#[test]
fn an_unanswered_run_names_the_command() {
    let wait = serde_json::from_value(json!({"reason": "user", "prompt": "who?", "allow_free_text": true})).unwrap();
    assert_eq!(unanswered("r1", &wait), "the run waits for who?\n  help: abstractgateway runs resume r1 --answer TEXT");
}
