//! What becomes of each kind of step that was under way when the process died. The process "dies" by being left alone with
//! its call; another one opens the same files.

use super::*;

/// Does something inside the engine, then asks a model: the process can die after the first, which is then not done again.
pub(super) fn then_asks_a_model(effect: &Value) -> Value {
    let mut effect = effect.clone();
    effect["result_key"] = "first".into();
    json!({
        "start": {"effect": effect, "next": "ask"},
        "ask": {"effect": {"type": "llm_call", "payload": {}, "result_key": "a"}, "next": "end"},
        "end": {"complete": "$a.answer"},
    })
}

/// The same tools, for which a person must be asked before.
pub(super) fn asked_first(mut flow: Value) -> Value {
    flow["start"]["effect"]["payload"]["ask"] = "approval_required".into();
    flow
}

/// Answers the interrupted step of `r` with a choice.
async fn choose(bench: &Bench, choice: &str) {
    let run = bench.status(&"r".into(), RunStatus::Waiting).await;
    let wait = run.waiting.unwrap();
    assert_eq!(wait.mode(), Some("interrupted"));
    let payload = json!({"wait_key": wait.wait_key, "payload": {"choice": choice}});
    bench.send("choice", "r", CommandKind::Resume, payload).await.unwrap();
}

fn count(ledger: &[String], line: &str) -> usize {
    ledger.iter().filter(|found| *found == line).count()
}

#[tokio::test]
async fn what_changes_nothing_is_done_again() {
    for (flow, kind) in [("llm", "llm_call"), ("reader", "tool_calls")] {
        let folder = tempfile::tempdir().unwrap();
        let bench = crash_during(flow, folder.path()).await;
        bench.status(&"r".into(), RunStatus::Completed).await;
        assert_eq!(*bench.world.calls.lock(), [(kind.to_owned(), 2)]);
        let ledger = bench.ledger(&"r".into()).await;
        assert_eq!(count(&ledger, &format!("start started {kind}")), 2);
        assert_eq!(count(&ledger, &format!("start completed {kind}")), 1);
    }
}

#[tokio::test]
async fn a_key_of_a_flow_reaches_the_call_and_never_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let bench = crash_during("llm-key", folder.path()).await;
    bench.status(&"r".into(), RunStatus::Completed).await;
    assert_eq!(*bench.world.keys.lock(), ["sk-own"], "the call that is made again has it, too");
    let records = bench.store.ledger(&"r".into(), 0, 100).await.unwrap();
    let shown = records.iter().filter(|r| r.contains("[redacted]")).count();
    assert_eq!((shown, records.iter().filter(|r| r.contains("sk-own")).count()), (3, 0), "{records:?}");
}

#[tokio::test]
async fn what_may_have_changed_something_is_for_a_person_to_decide() {
    for (choice, status, calls) in
        [("retry", RunStatus::Completed, 1), ("skip", RunStatus::Completed, 0), ("fail", RunStatus::Failed, 0)]
    {
        let folder = tempfile::tempdir().unwrap();
        let bench = crash_during("tool", folder.path()).await;
        choose(&bench, choice).await;
        let run = bench.status(&"r".into(), status).await;
        assert_eq!(bench.world.calls.lock().len(), calls, "{choice}");
        let expected = (status == RunStatus::Failed)
            .then(|| format!("Effect failed after 1 attempts: {}", crate::resume::INTERRUPTED));
        assert_eq!(run.error, expected, "{choice}");
    }
}

#[tokio::test]
async fn a_decision_outlives_another_crash() {
    let folder = tempfile::tempdir().unwrap();
    let first = bench(folder.path());
    first.start("tool", "r").await;
    first.world.arrived.acquire().await.unwrap().forget();
    let second = bench(folder.path());
    second.engine.recover().await.unwrap();
    choose(&second, "retry").await;
    second.world.arrived.acquire().await.unwrap().forget();
    let third = bench(folder.path());
    third.world.gate.add_permits(1);
    third.engine.recover().await.unwrap();
    let run = third.status(&"r".into(), RunStatus::Waiting).await;
    assert_eq!(run.waiting.unwrap().mode(), Some("interrupted"), "one decision is for one attempt");
    assert!(third.world.calls.lock().is_empty());
}

#[tokio::test]
async fn an_approved_tool_is_not_done_twice_either_and_not_asked_about_again() {
    for (choice, calls) in [("retry", 1), ("skip", 0)] {
        let folder = tempfile::tempdir().unwrap();
        let first = bench(folder.path());
        let id = first.start("approval", "r").await;
        first.status(&id, RunStatus::Waiting).await;
        let yes = json!({"wait_key": "tool_approval:1", "payload": {"approved": true}});
        first.send("yes", "r", CommandKind::Resume, yes).await.unwrap();
        first.world.arrived.acquire().await.unwrap().forget();
        let second = bench(folder.path());
        second.world.gate.add_permits(1);
        second.engine.recover().await.unwrap();
        choose(&second, choice).await;
        second.status(&id, RunStatus::Completed).await;
        assert_eq!(second.world.calls.lock().len(), calls, "{choice}");
        let ledger = second.ledger(&id).await;
        assert_eq!(count(&ledger, "start completed tool_calls"), 1, "{ledger:?}");
    }
}

#[tokio::test]
async fn a_child_is_started_once() {
    let folder = tempfile::tempdir().unwrap();
    let bench = crash_during("child-then-llm", folder.path()).await;
    bench.status(&"r".into(), RunStatus::Completed).await;
    assert_eq!(bench.store.children(&"r".into()).await.unwrap().len(), 1);
    assert_eq!(count(&bench.ledger(&"r".into()).await, "start started start_subworkflow"), 1);
}

#[tokio::test]
async fn an_event_is_emitted_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = bench(folder.path());
    let listener = first.start("listener", "l").await;
    first.status(&listener, RunStatus::Waiting).await;
    first.start("event-then-llm", "r").await;
    first.world.arrived.acquire().await.unwrap().forget();
    let second = bench(folder.path());
    second.world.gate.add_permits(1);
    second.engine.recover().await.unwrap();
    second.status(&"r".into(), RunStatus::Completed).await;
    second.status(&listener, RunStatus::Completed).await;
    assert_eq!(count(&second.ledger(&"r".into()).await, "start started emit_event"), 1);
    assert_eq!(count(&second.ledger(&listener).await, "start completed resume"), 1);
    assert!(second.store.deliveries(&listener).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_timer_that_went_off_meanwhile_goes_off_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = bench(folder.path());
    let id = first.start("until", "r").await;
    first.status(&id, RunStatus::Waiting).await;
    let second = bench(folder.path());
    *second.world.now.lock() = Timestamp::parse("1970-01-01T02:00:00Z").unwrap();
    second.engine.recover().await.unwrap();
    second.status(&id, RunStatus::Completed).await;
    assert_eq!(count(&second.ledger(&id).await, "start completed resume"), 1);
}

#[tokio::test]
async fn a_worker_brings_his_results_after_the_restart_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = bench(folder.path());
    let id = first.start("delegated", "r").await;
    let before = first.status(&id, RunStatus::Waiting).await;
    let second = bench(folder.path());
    second.engine.recover().await.unwrap();
    assert_eq!(second.store.run(&id).await.unwrap().unwrap().run, before);
    let results = json!({"wait_key": "tool_approval:1", "payload": {"approved": false}});
    second.send("w", "r", CommandKind::Resume, results.clone()).await.unwrap();
    second.status(&id, RunStatus::Completed).await;
    assert!(second.send("w", "r", CommandKind::Resume, results.clone()).await.unwrap().duplicate);
    assert_eq!(second.send("w2", "r", CommandKind::Resume, results).await.unwrap_err().code, Code::RunTerminal);
    assert!(second.world.calls.lock().is_empty());
}
