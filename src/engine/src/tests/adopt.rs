//! Runs as the Python gateway leaves them when it is killed between a ledger record and the run it belongs to.

use model::StepRecord;
use store::{Commit, RunWrite};

use super::*;

/// Stores a running run at `start`, unknown to the engine, whose ledger ends with `last`.
async fn left(bench: &Bench, workflow: &str, last: &[Value]) -> RunId {
    let run = Run::new("left".into(), workflow.into(), "start".into(), Map::new(), Timestamp::from_micros(1_000_000));
    let record = |last: &Value| {
        let mut record = json!({
            "run_id": "left", "step_id": "old-step", "node_id": "start", "idempotency_key": "old-key",
            "started_at": "1970-01-01T00:00:01.5+00:00", "actor_id": "gateway"
        });
        record.as_object_mut().unwrap().extend(last.as_object().unwrap().clone());
        serde_json::from_value::<StepRecord>(record).unwrap()
    };
    let write = RunWrite { run, private: Value::Null, expected: Some(0), only_if_absent: false };
    let commit = Commit { runs: vec![write], records: last.iter().map(record).collect(), ..Commit::default() };
    bench.store.commit(commit).await.unwrap();
    bench.engine.recover().await.unwrap();
    "left".into()
}

fn done(kind: &str, result: Value) -> Value {
    json!({"status": "completed", "effect": {"type": kind, "payload": {}}, "result": result})
}

fn begun(kind: &str) -> Value {
    json!({"status": "started", "effect": {"type": kind, "payload": {}}})
}

#[tokio::test]
async fn a_step_that_is_done_is_not_done_again() {
    for (workflow, kind, result, output) in [
        ("tool", "tool_calls", json!({"results": [1]}), json!({"results": [1]})),
        ("llm", "llm_call", json!({"answer": "old"}), json!("old")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let bench = bench(folder.path());
        let id = left(&bench, workflow, &[begun(kind), done(kind, result)]).await;
        let run = bench.status(&id, RunStatus::Completed).await;
        assert_eq!(run.output, Some(json!({"value": output})), "{workflow}");
        assert_eq!(bench.world.calls.lock().len(), 0, "{workflow}");
        let known = [format!("start started {kind}"), format!("start completed {kind}")];
        assert_eq!(bench.ledger(&id).await[..2], known, "{workflow}");
        assert_eq!(bench.ledger(&id).await[2..], ["end completed -", "end completed emit_event"], "{workflow}");
    }
}

#[tokio::test]
async fn an_older_or_another_record_says_nothing() {
    let other_node = json!({"node_id": "before"});
    let older = json!({"started_at": "1970-01-01T00:00:00.5+00:00"});
    for change in
        [other_node, older, json!({"effect": {"type": "tool_calls", "payload": {}}}), json!({"status": "failed"})]
    {
        let folder = tempfile::tempdir().unwrap();
        let bench = bench(folder.path());
        let mut record = done("llm_call", json!({"answer": "old"}));
        record.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let id = left(&bench, "llm", &[record]).await;
        bench.world.gate.add_permits(1);
        let run = bench.status(&id, RunStatus::Completed).await;
        assert_eq!(run.output, Some(json!({"value": 42})), "{change}");
    }
}

#[tokio::test]
async fn a_call_that_was_out_is_repeated_or_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = left(&bench, "tool", &[begun("tool_calls")]).await;
    let run = bench.status(&id, RunStatus::Waiting).await;
    assert_eq!(run.waiting.as_ref().and_then(Wait::mode), Some("interrupted"));
    assert_eq!(bench.world.calls.lock().len(), 0);
    bench.send("c", "left", CommandKind::Resume, json!({"payload": {"choice": "retry"}})).await.unwrap();
    bench.world.gate.add_permits(1);
    bench.status(&id, RunStatus::Completed).await;
    assert_eq!(*bench.world.calls.lock(), [("tool_calls".to_owned(), 2)]);

    let folder = tempfile::tempdir().unwrap();
    let bench = super::bench(folder.path());
    let id = left(&bench, "llm", &[begun("llm_call")]).await;
    bench.world.gate.add_permits(1);
    bench.status(&id, RunStatus::Completed).await;
    assert_eq!(*bench.world.calls.lock(), [("llm_call".to_owned(), 2)]);
}

#[tokio::test]
async fn a_wait_that_is_recorded_is_waited_for_once() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let wait = json!({"reason": "user", "wait_key": "user:left:start", "resume_to_node": "end", "result_key": "a"});
    let effect = json!({"type": "ask_user", "payload": {"prompt": "ok?"}, "result_key": "a"});
    let record = json!({"status": "waiting", "effect": effect, "result": {"wait": wait}});
    let id = left(&bench, "ask", &[record]).await;
    let run = bench.status(&id, RunStatus::Waiting).await;
    assert_eq!(run.waiting.and_then(|w| w.wait_key).as_deref(), Some("user:left:start"));
    assert_eq!(bench.ledger(&id).await, ["start waiting ask_user"]);
    bench.send("c", "left", CommandKind::Resume, json!({"payload": {"response": "yes"}})).await.unwrap();
    let run = bench.status(&id, RunStatus::Completed).await;
    assert_eq!(run.output, Some(json!({"value": "yes"})));
}
