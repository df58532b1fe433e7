//! Calls that fail: made again after a backoff that outlives the process, or handed to a person, or left failed.

use std::time::Duration;

use super::*;
use crate::{OnExhausted, OnInterrupted, Partial, RetryPolicy};

fn fails(class: FailureClass, text: &str) -> Failure {
    Failure::new(class, text)
}

fn broken(text: &str) -> Failure {
    fails(FailureClass::Transport, text)
}

impl Bench {
    /// Has the next calls end so; whoever has no failure succeeds.
    fn script(&self, failures: impl IntoIterator<Item = Failure>) {
        self.world.failures.lock().extend(failures);
        self.world.gate.add_permits(1000);
    }

    /// Lets time pass and has the run look.
    fn pass(&self, run_id: &RunId, seconds: i64) {
        let mut now = self.world.now.lock();
        *now = now.plus_micros(seconds * 1_000_000);
        drop(now);
        self.engine.look(run_id.clone());
    }

    /// Waits until so many records are there.
    async fn until_records(&self, run_id: &RunId, count: u64) {
        let mut changes = self.engine.watch(run_id);
        loop {
            changes.mark_unchanged();
            if self.store.ledger_len(run_id).await.unwrap() >= count {
                return;
            }
            let change = tokio::time::timeout(Duration::from_secs(10), changes.changed()).await;
            assert!(change.is_ok(), "{:?}", self.ledger(run_id).await);
        }
    }

    /// `status attempt error` of the records of effects, and the step ids.
    async fn attempts(&self, run_id: &RunId) -> (Vec<String>, Vec<String>) {
        let records = self.store.ledger(run_id, 0, 1000).await.unwrap();
        let records = records.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
        let calls =
            records.filter(|r| ["llm_call", "tool_calls"].contains(&r["effect"]["type"].as_str().unwrap_or("")));
        calls
            .map(|r| {
                let line = format!("{} {} {}", r["status"], r["attempt"], r["error"].as_str().unwrap_or("-"));
                (line.replace('"', ""), r["step_id"].as_str().unwrap().to_owned())
            })
            .unzip()
    }

    async fn backoff(&self, run_id: &RunId) -> Value {
        self.store.private(run_id).await.unwrap().unwrap()["pending"]["backoff"].clone()
    }

    async fn choose(&self, id: &str, run: &RunId, choice: &str) -> Result<crate::Sent, model::Error> {
        let wait = self.store.run(run).await.unwrap().unwrap().run.waiting.unwrap();
        let payload = json!({"wait_key": wait.wait_key, "payload": {"choice": choice}});
        self.send(id, run, CommandKind::Resume, payload).await
    }
}

#[tokio::test]
async fn a_call_is_made_again_with_records_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.script([broken("one"), fails(FailureClass::RateLimited, "two")]);
    let id = bench.start("llm-retried", "r").await;
    bench.until_records(&id, 2).await;
    let run = bench.store.run(&id).await.unwrap().unwrap().run;
    assert_eq!((run.status, run.waiting, run.error), (RunStatus::Running, None, None), "clients see it at work");
    assert_eq!(bench.backoff(&id).await, json!({"until": "1970-01-01T00:00:01+00:00", "error": "one"}));
    bench.pass(&id, 1);
    bench.until_records(&id, 4).await;
    assert_eq!(bench.backoff(&id).await["until"], "1970-01-01T00:00:03+00:00", "twice as long");
    bench.pass(&id, 1);
    bench.pass(&id, 1);
    bench.status(&id, RunStatus::Completed).await;
    let (lines, steps) = bench.attempts(&id).await;
    let expected = ["started 1 -", "failed 1 one", "started 2 -", "failed 2 two", "started 3 -", "completed 3 -"];
    assert_eq!(lines, expected);
    assert!(steps.chunks(2).all(|pair| pair[0] == pair[1]), "{steps:?}");
    assert!(steps[1] != steps[2] && steps[3] != steps[4], "{steps:?}");
    let last: Value = serde_json::from_str(&bench.store.ledger(&id, 4, 1).await.unwrap()[0]).unwrap();
    assert_eq!(last["effect"]["payload"]["params"]["trace_metadata"], json!({"attempt": 3, "step_id": steps[4]}));
    let keys: Vec<Value> = bench
        .store
        .ledger(&id, 0, 6)
        .await
        .unwrap()
        .iter()
        .map(|t| serde_json::from_str::<Value>(t).unwrap()["idempotency_key"].clone())
        .collect();
    assert!(keys.iter().all(|key| *key == keys[0] && key.is_string()), "{keys:?}");
}

#[tokio::test]
async fn the_last_attempt_fails_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.script(["one", "two", "three", "four"].map(broken));
    let id = bench.start("llm-retried", "r").await;
    for records in [2, 4] {
        bench.until_records(&id, records).await;
        bench.pass(&id, 60);
    }
    let run = bench.status(&id, RunStatus::Failed).await;
    assert_eq!(run.error.as_deref(), Some("Effect failed after 3 attempts: three"));
    assert_eq!(bench.world.calls.lock().len(), 3);
}

#[tokio::test]
async fn only_failures_the_policy_names_are_worth_another_attempt() {
    for (class, retried) in [
        (FailureClass::Transport, true),
        (FailureClass::Timeout, true),
        (FailureClass::RateLimited, true),
        (FailureClass::ServerError, true),
        (FailureClass::InvalidResponse, false),
        (FailureClass::Refused, false),
        (FailureClass::Tool, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let bench = bench(folder.path());
        bench.script([fails(class, "no")]);
        let id = bench.start("llm-retried", "r").await;
        bench.until_records(&id, 2).await;
        let status = bench.store.run(&id).await.unwrap().unwrap().run.status;
        assert_eq!(status == RunStatus::Running, retried, "{class:?} {status:?}");
    }
}

#[tokio::test]
async fn without_a_policy_a_call_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.script([broken("down")]);
    let id = bench.start("llm", "r").await;
    let run = bench.status(&id, RunStatus::Failed).await;
    assert_eq!(run.error.as_deref(), Some("Effect failed after 1 attempts: down"));
}

#[tokio::test]
async fn the_operator_decides_where_a_flow_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let retry = RetryPolicy { max_attempts: 2, on_exhausted: OnExhausted::Pause, ..RetryPolicy::default() };
    let bench = bench_with(folder.path(), Options { retry, ..Options::default() });
    bench.script(["one", "two"].map(broken));
    let id = bench.start("llm", "r").await;
    bench.until_records(&id, 2).await;
    bench.pass(&id, 1);
    let wait = bench.status(&id, RunStatus::Waiting).await.waiting.unwrap();
    assert_eq!((wait.mode(), wait.detail("error")), (Some("exhausted"), Some("two")));
}

#[tokio::test]
async fn a_policy_nobody_can_follow_fails_the_effect_before_the_call() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("llm-misled", "r").await;
    let run = bench.status(&id, RunStatus::Failed).await;
    let why = "Effect failed after 1 attempts: retry.max_attempts must be a whole number from 1 to 100";
    assert_eq!(run.error.as_deref(), Some(why));
    assert!(bench.world.calls.lock().is_empty());
}

#[tokio::test]
async fn a_backoff_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let first = bench(folder.path());
    first.script([broken("one")]);
    let id = first.start("llm-retried", "r").await;
    first.until_records(&id, 2).await;
    let before = first.backoff(&id).await;
    drop(first);
    let second = bench(folder.path());
    second.script([]);
    second.engine.recover().await.unwrap();
    second.pass(&id, 0);
    assert_eq!((second.backoff(&id).await, second.world.calls.lock().len()), (before, 0), "not before its time");
    second.pass(&id, 1);
    second.status(&id, RunStatus::Completed).await;
    assert_eq!(*second.world.calls.lock(), [("llm_call".to_owned(), 2)]);
    let (lines, _) = second.attempts(&id).await;
    assert_eq!(lines, ["started 1 -", "failed 1 one", "started 2 -", "completed 2 -"]);
}

#[tokio::test]
async fn the_timers_end_a_backoff_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = bench(folder.path());
    first.script([broken("one")]);
    let id = first.start("llm-retried", "r").await;
    first.until_records(&id, 2).await;
    drop(first);
    let second = bench(folder.path());
    second.script([]);
    second.engine.recover().await.unwrap();
    // The owner has looked, found that it is too early, and gone: from here on there is only the timer.
    while second.engine.live() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(second.world.calls.lock().is_empty());
    *second.world.now.lock() = Timestamp::from_micros(2_000_000);
    second.status(&id, RunStatus::Completed).await;
}

#[tokio::test]
async fn a_cancel_ends_a_backoff() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.script([broken("one")]);
    let id = bench.start("llm-retried", "r").await;
    bench.until_records(&id, 2).await;
    bench.send("c", "r", CommandKind::Cancel, json!({})).await.unwrap();
    bench.pass(&id, 100);
    let run = bench.store.run(&id).await.unwrap().unwrap().run;
    assert_eq!(run.status, RunStatus::Cancelled);
    assert_eq!(
        bench.ledger(&id).await,
        ["start started llm_call", "start failed llm_call", "start completed emit_event"],
        "the failed attempt is closed once"
    );
    assert_eq!(bench.world.calls.lock().len(), 1);
}

#[tokio::test]
async fn a_paused_run_makes_no_attempt_until_it_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.script([broken("one")]);
    let id = bench.start("llm-retried", "r").await;
    bench.until_records(&id, 2).await;
    bench.send("p", "r", CommandKind::Pause, json!({})).await.unwrap();
    bench.pass(&id, 100);
    bench.send("p2", "r", CommandKind::Pause, json!({})).await.unwrap();
    assert!(bench.backoff(&id).await.is_object());
    assert_eq!(bench.world.calls.lock().len(), 1);
    bench.send("go", "r", CommandKind::Resume, json!({})).await.unwrap();
    bench.status(&id, RunStatus::Completed).await;
    assert_eq!(bench.world.calls.lock().len(), 2);
}

#[tokio::test]
async fn a_call_that_fails_while_the_run_is_paused_is_made_again_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("llm-retried", "r").await;
    bench.world.arrived.acquire().await.unwrap().forget();
    bench.send("p", "r", CommandKind::Pause, json!({})).await.unwrap();
    bench.script([broken("one")]);
    bench.until_records(&id, 2).await;
    bench.pass(&id, 100);
    let run = bench.store.run(&id).await.unwrap().unwrap().run;
    assert!(run.is_paused() && run.status == RunStatus::Waiting && run.waiting.unwrap().is_pause());
    bench.send("go", "r", CommandKind::Resume, json!({})).await.unwrap();
    bench.status(&id, RunStatus::Completed).await;
}

#[tokio::test]
async fn a_person_decides_when_no_attempt_is_left() {
    for (choice, status) in
        [("retry", RunStatus::Completed), ("skip", RunStatus::Completed), ("fail", RunStatus::Failed)]
    {
        let folder = tempfile::tempdir().unwrap();
        let bench = bench(folder.path());
        bench.script(["one", "two"].map(broken));
        let id = bench.start("llm-held", "r").await;
        bench.until_records(&id, 2).await;
        bench.pass(&id, 1);
        let wait = bench.status(&id, RunStatus::Waiting).await.waiting.unwrap();
        assert_eq!(wait.choices, Some(vec!["retry".into(), "skip".into(), "fail".into()]));
        assert_eq!(
            wait.prompt.as_deref(),
            Some("This step was tried 2 times and failed: two. Retry it, skip it, or fail the run?")
        );
        assert_eq!(bench.choose("v", &id, "maybe").await.unwrap_err().code, Code::NotAnApproval);
        bench.choose("c", &id, choice).await.unwrap();
        let run = bench.status(&id, status).await;
        let (lines, _) = bench.attempts(&id).await;
        assert_eq!(lines[..4], ["started 1 -", "failed 1 one", "started 2 -", "waiting 2 two"]);
        match choice {
            "retry" => assert_eq!(lines[4..], ["started 3 -", "completed 3 -"]),
            "skip" => assert_eq!(run.output.unwrap()["value"]["finish_reason"], "skipped"),
            _ => assert_eq!(run.error.as_deref(), Some("Effect failed after 2 attempts: two")),
        }
    }
}

#[tokio::test]
async fn an_exhausted_step_waits_across_a_restart_and_each_try_is_asked_about_anew() {
    let folder = tempfile::tempdir().unwrap();
    let first = bench(folder.path());
    first.script([fails(FailureClass::Refused, "no key")]);
    let id = first.start("llm-held", "r").await;
    let before = first.status(&id, RunStatus::Waiting).await.waiting.unwrap();
    drop(first);
    let second = bench(folder.path());
    second.engine.recover().await.unwrap();
    second.script([broken("still no")]);
    second.choose("c", &id, "retry").await.unwrap();
    let other = |run: &Run| run.waiting.as_ref().is_some_and(|wait| wait.wait_key != before.wait_key);
    let after = second.until(&id, other).await.waiting.unwrap();
    assert_eq!(after.detail("error"), Some("still no"));
    let stale = json!({"wait_key": before.wait_key, "payload": {"choice": "skip"}});
    let refused = second.send("late", "r", CommandKind::Resume, stale).await.unwrap_err();
    assert_eq!(refused.code, Code::WaitKeyMismatch, "an answer to the question before does not count");
}

/// A batch of two calls of which the second failed.
fn half_done() -> Failure {
    let (done, failed) = (json!({"success": true}), json!({"success": false}));
    let result = json!({"results": [done, failed]});
    let partial = Partial { succeeded: BTreeMap::from([(0, done)]), result };
    Failure { partial: Some(partial), ..fails(FailureClass::Tool, "t: no") }
}

#[tokio::test]
async fn tools_that_may_have_changed_something_are_repeated_only_where_the_flow_says_so() {
    for (flow, calls) in [("tool", 1), ("tool-retried", 1), ("tool-forced", 2)] {
        let folder = tempfile::tempdir().unwrap();
        let bench = bench(folder.path());
        bench.script([half_done()]);
        let id = bench.start(flow, "r").await;
        bench.until_records(&id, 2).await;
        bench.pass(&id, 1);
        let run = bench.status(&id, RunStatus::Completed).await;
        assert_eq!(bench.world.calls.lock().len(), calls, "{flow}");
        if calls == 1 {
            assert_eq!(run.output.unwrap()["value"], half_done().partial.unwrap().result, "the flow reads what failed");
        }
    }
}

#[tokio::test]
async fn a_repeated_batch_knows_what_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.script([half_done()]);
    let id = bench.start("tool-forced", "r").await;
    bench.until_records(&id, 2).await;
    let finished = bench.store.private(&id).await.unwrap().unwrap()["pending"]["finished"].clone();
    assert_eq!(finished, json!({"0": {"success": true}}));
}

#[tokio::test]
async fn a_batch_that_failed_in_part_can_wait_for_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.script([half_done()]);
    let id = bench.start("tool-held", "r").await;
    let wait = bench.status(&id, RunStatus::Waiting).await.waiting.unwrap();
    assert_eq!(wait.details.as_ref().unwrap()["finished"], json!([0]));
    assert!(wait.prompt.unwrap().starts_with("This step was tried once and failed: t: no."));
    bench.choose("c", &id, "retry").await.unwrap();
    bench.status(&id, RunStatus::Completed).await;
}

#[tokio::test]
async fn a_policy_decides_about_an_interrupted_tool() {
    for (flow, policy, calls) in [
        ("tool", OnInterrupted::Wait, 0),
        ("tool", OnInterrupted::Retry, 1),
        ("tool", OnInterrupted::Fail, 0),
        ("tool-again", OnInterrupted::Fail, 1),
        ("tool-gives-up", OnInterrupted::Retry, 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let first = bench(folder.path());
        let id = first.start(flow, "r").await;
        first.world.arrived.acquire().await.unwrap().forget();
        let retry = RetryPolicy { on_interrupted: policy, ..RetryPolicy::default() };
        let second = bench_with(folder.path(), Options { retry, ..Options::default() });
        second.script([]);
        second.engine.recover().await.unwrap();
        let run = second.until(&id, |r| r.status != RunStatus::Running).await;
        assert_eq!(second.world.calls.lock().len(), calls, "{flow} {policy:?}");
        match (flow, policy) {
            ("tool", OnInterrupted::Wait) => assert_eq!(run.waiting.unwrap().mode(), Some("interrupted")),
            _ if calls == 1 => assert_eq!(run.status, RunStatus::Completed, "{flow} {policy:?}"),
            _ => assert!(run.error.unwrap().starts_with("Effect failed after 1 attempts: interrupted: "), "{flow}"),
        }
    }
}

#[tokio::test]
async fn attempts_that_a_restart_cut_short_do_not_use_the_policy_up() {
    let folder = tempfile::tempdir().unwrap();
    let first = bench(folder.path());
    let id = first.start("llm-retried", "r").await;
    first.world.arrived.acquire().await.unwrap().forget();
    let second = bench(folder.path());
    second.script(["one", "two"].map(broken));
    second.engine.recover().await.unwrap();
    second.until_records(&id, 3).await;
    assert_eq!(second.backoff(&id).await["until"], "1970-01-01T00:00:01+00:00", "the first backoff");
    second.pass(&id, 1);
    second.until_records(&id, 5).await;
    second.pass(&id, 2);
    second.status(&id, RunStatus::Completed).await;
    let (lines, _) = second.attempts(&id).await;
    let expected =
        ["started 1 -", "started 2 -", "failed 2 one", "started 3 -", "failed 3 two", "started 4 -", "completed 4 -"];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn approved_tools_are_made_again_without_asking_again() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.script([fails(FailureClass::Tool, "one")]);
    let id = bench.start("approval-retried", "r").await;
    bench.status(&id, RunStatus::Waiting).await;
    let yes = json!({"wait_key": "tool_approval:1", "payload": {"approved": true}});
    bench.send("yes", "r", CommandKind::Resume, yes).await.unwrap();
    bench.until_records(&id, 3).await;
    bench.pass(&id, 1);
    let run = bench.status(&id, RunStatus::Completed).await;
    assert_eq!(run.output.unwrap()["value"]["batch"], json!(["batch"]));
    let (lines, _) = bench.attempts(&id).await;
    assert_eq!(lines, ["started 1 -", "waiting 1 -", "failed 1 one", "completed 2 -"]);
    let resumes = bench.ledger(&id).await.iter().filter(|line| *line == "start completed resume").count();
    assert_eq!(resumes, 1, "the approval is consumed once");
}

#[tokio::test]
async fn a_call_that_fails_for_the_last_time_while_the_run_is_paused_is_asked_about_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("llm-held", "r").await;
    bench.world.arrived.acquire().await.unwrap().forget();
    bench.send("p", "r", CommandKind::Pause, json!({})).await.unwrap();
    bench.script([fails(FailureClass::Refused, "no key")]);
    let run = bench.until(&id, |run| run.waiting.as_ref().is_some_and(|wait| !wait.is_pause())).await;
    assert!(run.is_paused());
    assert_eq!(bench.choose("early", &id, "retry").await.unwrap_err().code, Code::RunPaused);
    bench.send("go", "r", CommandKind::Resume, json!({})).await.unwrap();
    let run = bench.store.run(&id).await.unwrap().unwrap().run;
    assert_eq!((run.status, run.waiting.as_ref().and_then(Wait::mode)), (RunStatus::Waiting, Some("exhausted")));
    bench.choose("c", &id, "retry").await.unwrap();
    bench.status(&id, RunStatus::Completed).await;
}

#[tokio::test]
async fn a_call_that_fails_while_the_run_is_paused_ends_run_and_pause() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("llm", "r").await;
    bench.world.arrived.acquire().await.unwrap().forget();
    bench.send("p", "r", CommandKind::Pause, json!({})).await.unwrap();
    bench.script([broken("down")]);
    let run = bench.status(&id, RunStatus::Failed).await;
    assert!(!run.is_paused() && run.waiting.is_none());
}
