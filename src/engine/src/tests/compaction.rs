//! Conversations that are compacted: by a step, by a command beside the steps, and unasked.

use model::command::CommandOutcome;

use super::*;

const COMPACT: CommandKind = CommandKind::CompactMemory;

/// A schedule that comes round every hour.
async fn schedule(bench: &Bench, id: &str) {
    let vars = json!({"_meta": {"schedule": {"kind": "scheduled_run", "interval": "1h"}}});
    let run = Run::new(id.into(), "scheduled:1".into(), "start".into(), map(vars), Timestamp::EPOCH);
    bench.engine.start(Admission { run, listeners: vec![], session_owner: None, start_key: None }).await.unwrap();
}

fn map(value: Value) -> Map {
    value.as_object().cloned().unwrap()
}

/// A run below another, with variables.
async fn child(bench: &Bench, workflow: &str, id: &str, parent: Option<&str>, vars: Value) -> RunId {
    let mut run = Run::new(id.into(), workflow.into(), "start".into(), map(vars), Timestamp::EPOCH);
    run.parent_run_id = parent.map(RunId::from);
    let admission = Admission { run, listeners: vec![], session_owner: None, start_key: None };
    bench.engine.start(admission).await.unwrap().run_id
}

fn talk() -> Value {
    json!({"context": {"messages": ["a", "b"]}})
}

impl Bench {
    /// Sends a command that is not decided at once.
    fn send_along(
        &self,
        id: &str,
        run: &str,
        payload: Value,
    ) -> tokio::task::JoinHandle<Result<crate::Sent, model::Error>> {
        let payload = map(payload);
        let (command_id, run_id) = (id.to_owned(), run.to_owned());
        let command =
            Command { command_id, run_id, kind: COMPACT, payload, ts: String::new(), client_id: None, seq: 0 };
        let engine = self.engine.clone();
        #[expect(clippy::disallowed_methods, reason = "the test looks while the command is out")]
        tokio::spawn(async move { engine.send(command).await })
    }

    async fn out(&self) {
        self.world.arrived.acquire().await.unwrap().forget();
    }

    async fn decided(&self, id: &str) -> (CommandOutcome, Option<String>) {
        let known = self.store.command(id).await.unwrap().unwrap();
        (known.outcome, known.error)
    }

    async fn spans(&self, run_id: &RunId) -> Vec<Value> {
        self.store.spans(run_id).await.unwrap()
    }

    /// The ledger as `node status attempt key` lines, of compactions only.
    async fn compactions(&self, run_id: &RunId) -> Vec<String> {
        let records = self.store.ledger(run_id, 0, 1000).await.unwrap();
        let records = records.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
        let records = records.filter(|record| record["effect"]["type"] == "memory_compact");
        let line = |r: Value| {
            format!("{} {} {} {}", r["node_id"], r["status"], r["attempt"], r["idempotency_key"]).replace('"', "")
        };
        records.map(line).collect()
    }
}

#[tokio::test]
async fn a_step_compacts_its_own_conversation_and_survives_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let first = bench(folder.path());
    let id = child(&first, "compact", "r", None, talk()).await;
    first.out().await;
    let bench = bench(folder.path());
    bench.world.gate.add_permits(1);
    bench.engine.recover().await.unwrap();
    let run = bench.status(&id, RunStatus::Completed).await;
    assert_eq!(run.output, Some(json!({"value": 42})));
    assert_eq!(run.vars["context"]["messages"], json!(["summary"]));
    assert_eq!(bench.spans(&id).await, [json!({"of": ["a", "b"]})]);
    assert_eq!(*bench.world.calls.lock(), [("memory_compact".to_owned(), 2)]);
    let lines = bench.ledger(&id).await;
    assert_eq!(
        lines[..3],
        ["start started memory_compact", "start started memory_compact", "start completed memory_compact"]
    );
}

#[tokio::test]
async fn a_step_without_a_conversation_asks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = child(&bench, "compact", "r", None, json!({})).await;
    bench.status(&id, RunStatus::Completed).await;
    assert!(bench.world.calls.lock().is_empty() && bench.spans(&id).await.is_empty());
}

#[tokio::test]
async fn a_command_compacts_beside_a_wait_and_holds_no_other_command_up() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    schedule(&bench, "s").await;
    let id = child(&bench, "ask", "r", Some("s"), talk()).await;
    let waiting = bench.status(&id, RunStatus::Waiting).await;
    let sent = bench.send_along("c", "s", json!({"preserve_recent": 0}));
    bench.out().await;
    bench.send("p", "r", CommandKind::Pause, json!({})).await.unwrap();
    bench.send("u", "r", CommandKind::Resume, json!({})).await.unwrap();
    assert_eq!(bench.decided("c").await.0, CommandOutcome::Pending);
    let held = bench.store.run(&id).await.unwrap().unwrap().run;
    assert_eq!((&held.waiting, &held.vars["context"]), (&waiting.waiting, &talk()["context"]));
    bench.world.gate.add_permits(1);
    sent.await.unwrap().unwrap();
    let run = bench.until(&id, |r| r.vars["context"]["messages"] == json!(["summary"])).await;
    assert_eq!((run.status, &run.waiting), (RunStatus::Waiting, &waiting.waiting));
    assert_eq!(bench.decided("c").await, (CommandOutcome::Applied, None));
    let done = &run.vars["_runtime"]["last_compact_memory"];
    assert_eq!(
        (&done["command_id"], &done["requested_run_id"], &done["scheduled_root_run_id"], &done["target_run_id"]),
        (&json!("c"), &json!("s"), &json!("s"), &json!("r"))
    );
    let key = "command:compact_memory:c";
    let expected = [format!("compact_memory started 1 {key}"), format!("compact_memory completed 1 {key}")];
    assert_eq!(bench.compactions(&id).await, expected);
    assert_eq!(bench.spans(&id).await.len(), 1);
    bench.send("a", "r", CommandKind::Resume, json!({"payload": {"response": "yes"}})).await.unwrap();
    assert_eq!(bench.status(&id, RunStatus::Completed).await.output, Some(json!({"value": "yes"})));
}

#[tokio::test]
async fn a_command_that_was_out_at_a_crash_is_done_once_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = bench(folder.path());
    schedule(&first, "s").await;
    let id = child(&first, "ask", "r", Some("s"), talk()).await;
    let lost = first.send_along("c", "r", json!({}));
    first.out().await;
    lost.abort();
    let bench = bench(folder.path());
    bench.engine.recover().await.unwrap();
    bench.out().await;
    bench.world.gate.add_permits(1);
    bench.until(&id, |r| r.vars["context"]["messages"] == json!(["summary"])).await;
    assert_eq!(bench.decided("c").await.0, CommandOutcome::Applied);
    assert!(bench.send("c", "r", COMPACT, json!({})).await.unwrap().duplicate);
    assert_eq!(*bench.world.calls.lock(), [("memory_compact".to_owned(), 2)]);
    assert_eq!(bench.spans(&id).await.len(), 1);
    assert_eq!(bench.compactions(&id).await.len(), 3);
}

#[tokio::test]
async fn a_run_that_has_ended_is_compacted_and_commands_come_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    schedule(&bench, "s").await;
    let id = child(&bench, "echo", "r", Some("s"), talk()).await;
    bench.status(&id, RunStatus::Completed).await;
    bench.world.gate.add_permits(9);
    let payload = json!({"target_run_id": "r"});
    for command in [bench.send_along("c1", "s", payload.clone()), bench.send_along("c2", "s", payload)] {
        command.await.unwrap().unwrap();
    }
    for command in ["c1", "c2"] {
        assert_eq!(bench.decided(command).await, (CommandOutcome::Applied, None));
    }
    assert_eq!(bench.compactions(&id).await.len(), 4);
    let run = bench.store.run(&id).await.unwrap().unwrap().run;
    assert_eq!((run.status, run.output), (RunStatus::Completed, Some(json!({"value": "done"}))));
}

#[tokio::test]
async fn a_model_that_fails_leaves_the_conversation_alone_and_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    schedule(&bench, "s").await;
    let id = child(&bench, "ask", "r", Some("s"), talk()).await;
    bench.world.gate.add_permits(1);
    bench.send("c", "r", COMPACT, json!({"focus": "boom"})).await.unwrap();
    assert_eq!(bench.decided("c").await, (CommandOutcome::Rejected, Some("\"boom\"".into())));
    let run = bench.store.run(&id).await.unwrap().unwrap().run;
    assert_eq!((run.status, &run.vars["context"]), (RunStatus::Waiting, &talk()["context"]));
    assert!(bench.spans(&id).await.is_empty() && !run.vars.contains_key("_runtime"));
    assert_eq!(bench.compactions(&id).await[1], "compact_memory failed 1 command:compact_memory:c");
}

#[tokio::test]
async fn a_conversation_that_changes_meanwhile_is_summarised_again() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    schedule(&bench, "s").await;
    let id = child(&bench, "say", "r", Some("s"), talk()).await;
    let sent = bench.send_along("c", "r", json!({}));
    bench.out().await;
    bench.send("a", "r", CommandKind::Resume, json!({"payload": {"response": "new"}})).await.unwrap();
    bench.world.gate.add_permits(1);
    bench.out().await;
    bench.world.gate.add_permits(1);
    sent.await.unwrap().unwrap();
    bench.until(&id, |r| r.vars["context"]["messages"] == json!(["summary"])).await;
    assert_eq!(bench.spans(&id).await, [json!({"of": {"response": "new"}})]);
    assert_eq!(*bench.world.calls.lock(), [("memory_compact".to_owned(), 1), ("memory_compact".to_owned(), 2)]);
}

#[tokio::test]
async fn what_cannot_be_compacted_is_refused_when_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    schedule(&bench, "s").await;
    schedule(&bench, "empty").await;
    child(&bench, "ask", "r", Some("s"), talk()).await;
    child(&bench, "ask", "plain", None, talk()).await;
    for (run, payload, code) in [
        ("s", json!({"preserve_recent": -1}), Code::Validation),
        ("s", json!({"compressionMode": "fierce"}), Code::Validation),
        ("s", json!({"target_run_id": "nobody"}), Code::RunNotFound),
        ("s", json!({"targetRunId": "plain"}), Code::Conflict),
        ("empty", json!({}), Code::Conflict),
        ("empty", json!({"target_run_id": "r"}), Code::Conflict),
        ("plain", json!({}), Code::Conflict),
        ("nobody", json!({}), Code::RunNotFound),
    ] {
        let refused = bench.send("x", run, COMPACT, payload.clone()).await.unwrap_err();
        assert_eq!(refused.code, code, "{run} {payload}");
    }
    assert!(bench.store.pending_commands(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_scheduled_run_near_its_window_is_compacted_unasked_and_once() {
    let messages: Vec<Value> = (0..12).map(|i| json!(i)).collect();
    let vars = json!({"context": {"messages": messages}, "_limits": {"estimated_tokens_used": 90, "max_tokens": 100}});
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    schedule(&bench, "s").await;
    bench.world.gate.add_permits(9);
    let alone = child(&bench, "ask", "alone", None, vars.clone()).await;
    bench.status(&alone, RunStatus::Waiting).await;
    let id = child(&bench, "ask", "r", Some("s"), vars).await;
    let run = bench.until(&id, |r| r.vars["context"]["messages"] == json!(["summary"])).await;
    let guard = json!({"last_trigger_tokens_used": 90, "last_triggered_at": Timestamp::EPOCH});
    assert_eq!((&run.vars["_runtime"]["auto_compact"], run.status), (&guard, RunStatus::Waiting));
    let key = "runtime:auto_compact:1970-01-01T00:00:00+00:00:90";
    let expected = [format!("auto_compact started 1 {key}"), format!("auto_compact completed 1 {key}")];
    assert_eq!(bench.compactions(&id).await, expected);
    bench.send("p", "r", CommandKind::Pause, json!({})).await.unwrap();
    bench.send("u", "r", CommandKind::Resume, json!({})).await.unwrap();
    assert_eq!(bench.compactions(&id).await.len(), 2, "once at that number of tokens");
    assert!(bench.compactions(&alone).await.is_empty(), "nobody's schedule");
}

#[tokio::test]
async fn a_compaction_nobody_asked_for_that_fails_disturbs_nothing() {
    let messages: Vec<Value> = (0..12).map(|i| json!(i)).collect();
    let vars = json!({"context": {"messages": messages}, "_limits": {"estimated_tokens_used": 90, "max_tokens": 100}});
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    schedule(&bench, "s").await;
    bench.world.gate.close();
    let id = child(&bench, "ask", "r", Some("s"), vars).await;
    let run =
        bench.until(&id, |r| r.vars.get("_runtime").is_some_and(|r| r["auto_compact"]["last_error"].is_string())).await;
    assert_eq!((run.status, &run.vars["context"]["messages"]), (RunStatus::Waiting, &json!(messages)));
    assert_eq!(run.vars["_runtime"]["auto_compact"]["last_error_at"], json!(Timestamp::EPOCH));
    assert!(bench.compactions(&id).await[1].starts_with("auto_compact failed 1 "));
}
