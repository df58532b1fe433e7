//! A schedule that is told another interval, woken, held and ended.

use super::*;

/// Starts a schedule and lets it come to its wait for the next time.
async fn schedule(bench: &Bench, interval: Value) -> (RunId, RunId) {
    let vars = json!({"_meta": {"schedule": {"kind": "scheduled_run", "interval": interval}}});
    let vars = vars.as_object().cloned().unwrap();
    let run = Run::new("r".into(), "scheduled:1".into(), "start".into(), vars, Timestamp::EPOCH);
    let admission = Admission { run, listeners: vec![], session_owner: None, start_key: None };
    let run_id = bench.engine.start(admission).await.unwrap().run_id;
    bench.until(&run_id, at_interval).await;
    let child = bench.store.children(&run_id).await.unwrap().remove(0);
    (run_id, child)
}

fn at_interval(run: &Run) -> bool {
    run.status == RunStatus::Waiting && run.current_node == "wait_interval"
}

fn until(run: &Run) -> &str {
    run.waiting.as_ref().and_then(|w| w.until.as_deref()).unwrap()
}

#[tokio::test]
async fn another_interval_is_written_first_and_moves_the_present_wait() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let (run_id, child) = schedule(&bench, json!("1h")).await;
    for (id, named, payload, expected) in [
        ("c1", "r", json!({"interval": "2h"}), "1970-01-01T02:00:00+00:00"),
        ("c2", "r", json!({"schedule": " 20M ", "apply_immediately": false}), "1970-01-01T02:00:00+00:00"),
        (
            "c3",
            child.as_str(),
            json!({"interval": "0.5s", "applyImmediately": true}),
            "1970-01-01T00:00:00.500000+00:00",
        ),
    ] {
        bench.send(id, named, CommandKind::UpdateSchedule, payload.clone()).await.unwrap();
        let run = bench.until(&run_id, |r| r.vars["_runtime"]["last_schedule_update"]["command_id"] == id).await;
        assert_eq!(until(&run), expected, "{payload}");
        assert_eq!(run.vars["_runtime"]["last_schedule_update"]["requested_run_id"], named);
        assert_eq!(run.vars["_runtime"]["last_schedule_update"]["scheduled_root_run_id"], "r");
        assert_eq!(run.vars["_meta"]["schedule"]["updated_at"], json!(Timestamp::EPOCH));
    }
    assert_eq!(*bench.world.rescheduled.lock(), ["scheduled:1 2h", "scheduled:1 20m", "scheduled:1 0.5s"]);
    bench.send("c4", "r", CommandKind::UpdateSchedule, json!({"interval": "13h"})).await.unwrap();
    let known = bench.store.command("c4").await.unwrap().unwrap();
    assert_eq!(known.outcome, model::command::CommandOutcome::Rejected);
    let run = bench.store.run(&run_id).await.unwrap().unwrap().run;
    assert_eq!(run.vars["_meta"]["schedule"]["interval"], "0.5s", "what could not be written did not happen");
}

#[tokio::test]
async fn what_is_no_interval_or_no_schedule_is_refused_when_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.start("ask", "plain").await;
    schedule(&bench, json!("1h")).await;
    for (run, payload, code) in [
        ("r", json!({}), Code::Validation),
        ("r", json!({"interval": "0s"}), Code::Validation),
        ("r", json!({"interval": "often"}), Code::Validation),
        ("r", json!({"interval": "2026-11-22T00:00:00Z"}), Code::Validation),
        ("plain", json!({"interval": "1h"}), Code::Conflict),
        ("nobody", json!({"interval": "1h"}), Code::RunNotFound),
    ] {
        let refused = bench.send("", run, CommandKind::UpdateSchedule, payload.clone()).await.unwrap_err();
        assert_eq!(refused.code, code, "{run} {payload}");
    }
    bench.send("c", "r", CommandKind::Cancel, json!({})).await.unwrap();
    let refused = bench.send("d", "r", CommandKind::UpdateSchedule, json!({"interval": "1h"})).await.unwrap_err();
    assert_eq!(refused.code, Code::RunTerminal);
}

#[tokio::test]
async fn a_schedule_that_does_not_come_round_has_no_interval() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let (run_id, _) = schedule(&bench, Value::Null).await;
    let refused = bench.send("c", "r", CommandKind::UpdateSchedule, json!({"interval": "1h"})).await.unwrap_err();
    assert_eq!(refused.code, Code::Conflict);
    bench.send("d", "r", CommandKind::Resume, json!({})).await.unwrap();
    let run = bench.store.run(&run_id).await.unwrap().unwrap().run;
    assert_eq!((until(&run), bench.store.children(&run_id).await.unwrap().len()), ("1970-01-01T01:00:00+00:00", 1));
}

#[tokio::test]
async fn a_resume_lets_the_next_time_come_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let (run_id, child) = schedule(&bench, json!("1h")).await;
    bench.send("p", "r", CommandKind::Pause, json!({})).await.unwrap();
    assert_eq!(bench.store.children(&run_id).await.unwrap().len(), 1);
    // A pause, then a wish to run now without one, then the same by way of a run that has ended.
    for (id, named, children) in [("a", "r", 2), ("b", "r", 3), ("c", child.as_str(), 4)] {
        bench.send(id, named, CommandKind::Resume, json!({})).await.unwrap();
        bench.until(&run_id, at_interval).await;
        let mut changes = bench.engine.watch(&run_id);
        while bench.store.children(&run_id).await.unwrap().len() < children {
            tokio::time::timeout(std::time::Duration::from_secs(10), changes.changed())
                .await
                .expect("another execution")
                .unwrap();
        }
        let run = bench.until(&run_id, at_interval).await;
        assert!(!run.is_paused());
    }
}

#[tokio::test]
async fn an_interval_that_was_asked_before_a_crash_counts_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = bench(folder.path());
    let (run_id, _) = schedule(&first, json!("1h")).await;
    let payload = json!({"interval": "2h"}).as_object().cloned().unwrap();
    let command = Command {
        command_id: "c".into(),
        run_id: "r".into(),
        kind: CommandKind::UpdateSchedule,
        payload,
        ts: String::new(),
        client_id: None,
        seq: 0,
    };
    first.store.append_command(command).await.unwrap();
    let second = bench(folder.path());
    second.engine.recover().await.unwrap();
    let run = second.store.run(&run_id).await.unwrap().unwrap().run;
    assert_eq!((until(&run), &run.vars["_meta"]["schedule"]["interval"]), ("1970-01-01T02:00:00+00:00", &json!("2h")));
    assert_eq!(*second.world.rescheduled.lock(), ["scheduled:1 2h"]);
}
