//! Forks of a run that does everything a run can do, at every one of its records.

use store::{Commit, Origin};

use super::*;
use crate::{ForkCompany, ForkPoint, Forked};

/// Throws a die and looks at the clock, calls a model, a tool, a tool that needs an approval, asks, goes round, starts a
/// child, takes a note, waits.
pub(super) struct Story;

impl Workflow for Story {
    fn id(&self) -> &'static str {
        "story"
    }

    fn entry(&self) -> &'static str {
        "start"
    }

    fn plan(&self, run: &mut Run, ctx: &PlanContext) -> Result<StepPlan, PlanError> {
        let effect = |kind: &str, payload: Value, key: &str, next: &str| {
            let effect = json!({"type": kind, "payload": payload, "result_key": key});
            let effect = serde_json::from_value(effect).map_err(|e| PlanError::value(e.to_string()))?;
            Ok(StepPlan::Effect { effect, next: Some(next.to_owned()) })
        };
        match run.current_node.as_str() {
            "start" => {
                run.vars.insert("die".into(), ctx.random().into());
                run.vars.insert("third".into(), json!(ctx.random_fraction() / 3.0));
                run.vars.insert("at".into(), json!(ctx.now));
                Ok(StepPlan::Goto("think".into()))
            }
            "think" => effect("llm_call", json!({"include_context": true, "prompt": "p"}), "thought", "tool"),
            "tool" => effect("tool_calls", json!({}), "done", "approve"),
            "approve" => effect("tool_calls", json!({"ask": "approval_required"}), "approved", "ask"),
            "ask" => {
                let known = json!([run.vars["die"], run.vars["third"], run.vars["at"], run.vars["context"]]);
                run.vars.insert("die".into(), ctx.random().into());
                effect("ask_user", json!({"prompt": known.to_string(), "known": known}), "reply", "round")
            }
            "round" => {
                let rounds = run.vars.get("rounds").and_then(Value::as_u64).unwrap_or(0) + 1;
                run.vars.insert("rounds".into(), rounds.into());
                Ok(StepPlan::Goto(if rounds < 3 { "say" } else { "child" }.into()))
            }
            "say" => effect("answer_user", json!({"message": run.vars["rounds"].to_string()}), "", "round"),
            "child" => effect(
                "start_subworkflow",
                json!({"workflow_id": "ask", "vars": {"at": ctx.now}, "async": true, "wait": true}),
                "child",
                "note",
            ),
            "note" => effect("memory_note", json!({"note": run.vars["rounds"]}), "kept", "wait"),
            "wait" => effect("wait_until", json!({"until": ctx.now.plus_micros(1)}), "", "end"),
            _ => {
                Ok(StepPlan::Complete(json!([run.vars["die"], run.vars["reply"], run.vars["note"], run.vars["child"]])))
            }
        }
    }
}

impl Bench {
    fn point(run_id: &RunId, at: Option<u64>, fork_id: &str) -> ForkPoint {
        ForkPoint { run_id: run_id.clone(), at, set: Map::new(), fork_id: fork_id.into(), session_id: None }
    }

    async fn rebuild(&self, run_id: &RunId, at: u64) -> Result<Forked, model::Error> {
        self.engine.rebuild(Self::point(run_id, Some(at), &format!("{run_id}-{at}"))).await
    }

    /// Answers whatever the run and its child wait for until the run has ended.
    async fn drive(&self, run_id: &RunId) -> Run {
        loop {
            let at_rest = |run: &Run| run.status.is_terminal() || run.status == RunStatus::Waiting;
            let run = self.until(run_id, at_rest).await;
            let Some(wait) = run.waiting else { return run };
            let asked = match wait.reason {
                WaitReason::Subworkflow => {
                    let child = RunId::from(wait.detail("sub_run_id").unwrap());
                    let asks = |child: &Run| child.status != RunStatus::Running;
                    self.until(&child, asks).await;
                    child
                }
                WaitReason::Until => {
                    let later = self.world.now().plus_micros(1_000_000);
                    *self.world.now.lock() = later;
                    self.engine.look(run_id.clone());
                    self.until(run_id, |run| run.waiting.as_ref() != Some(&wait)).await;
                    continue;
                }
                _ => run_id.clone(),
            };
            let id = uuid::Uuid::from_u128(u128::from(crate::ids::seed() as u64)).to_string();
            let answer = json!({"payload": {"response": "yes", "approved": true}});
            // The child may have been answered, and its parent not yet told.
            let _ = self.send(&id, &asked, CommandKind::Resume, answer).await;
            self.until(run_id, |run| run.waiting.as_ref() != Some(&wait)).await;
        }
    }

    async fn records(&self, run_id: &RunId) -> Vec<Value> {
        let texts = self.store.ledger(run_id, 0, 1000).await.unwrap();
        texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }
}

/// A story that was told to its end.
async fn told(folder: &Path) -> (Bench, RunId, Run) {
    let bench = bench(folder);
    bench.world.gate.add_permits(10_000);
    let id = bench.start("story", "r").await;
    let run = bench.drive(&id).await;
    assert_eq!(run.status, RunStatus::Completed, "{:?}", run.error);
    (bench, id, run)
}

/// A record without what is its run's own.
fn bare(mut record: Value) -> Value {
    for key in ["run_id", "session_id", "prev_hash", "record_hash"] {
        record.as_object_mut().unwrap().shift_remove(key);
    }
    record
}

#[tokio::test]
async fn a_fork_at_any_record_goes_on_from_there_and_pays_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, id, told) = told(folder.path()).await;
    let source = bench.records(&id).await;
    let before = bench.store.run(&id).await.unwrap().unwrap();
    let is_call = |r: &Value| matches!(r["effect"]["type"].as_str(), Some("llm_call" | "tool_calls"));
    for at in 0..=source.len() {
        let calls = bench.world.calls.lock().len();
        let forked = bench.rebuild(&id, at as u64).await.unwrap_or_else(|e| panic!("{at}: {e:?}"));
        let history = usize::try_from(forked.records).unwrap();
        assert!(history <= at);
        let done = source[..at].iter().filter(|r| is_call(r) && r["status"] == "completed").count();
        // An approved batch is known by the answer that follows its outcome.
        let answered = |r: &Value| r["effect"]["payload"]["wait_key"] == "tool_approval:1";
        let unanswered = at > 0 && source[at - 1]["node_id"] == "approve" && !answered(&source[at - 1]) && done == 3;
        let fork = bench.engine.fork(forked, ForkCompany::default()).await.unwrap().run_id;
        let ended = bench.drive(&fork).await;
        assert_eq!(ended.status, RunStatus::Completed, "{at}: {:?}", ended.error);
        let made = bench.world.calls.lock().len() - calls;
        assert_eq!(made, 3 - done + usize::from(unanswered), "at record {at}");
        let records = bench.records(&fork).await;
        for (own, theirs) in records.iter().zip(&source).take(history) {
            assert_eq!(bare(own.clone()), bare(theirs.clone()), "{at}");
        }
        let event = &records[history]["effect"]["payload"];
        assert_eq!(event["name"], "abstract.fork", "{at}");
        assert_eq!(event["payload"]["forked_from"], json!({"run_id": "r", "cursor": at}));
        assert!(bench.store.verify_ledger(&fork).await.unwrap().ok, "{at}");
        let (mine, theirs) = (ended.output.unwrap(), told.output.clone().unwrap());
        let thrown = source.iter().position(|r| r["node_id"] == "ask" && r["effect"]["type"] == "resume").unwrap();
        assert_eq!(mine[0] == theirs[0], at > thrown, "{at}: the die was thrown at record {thrown}");
        assert_eq!((&mine[1], &mine[2]), (&theirs[1], &theirs[2]), "{at}");
    }
    let after = bench.store.run(&id).await.unwrap().unwrap();
    assert_eq!((before.run, before.version), (after.run, after.version), "the source is only read");
    assert_eq!(bench.records(&id).await, source);
}

#[tokio::test]
async fn a_fork_of_a_fork_knows_both_lives() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, id, _) = told(folder.path()).await;
    let source = bench.records(&id).await;
    let asked = source.iter().position(|r| r["node_id"] == "ask").unwrap() as u64;
    let mut point = Bench::point(&id, Some(asked), "f");
    point.set.insert("extra.deep".into(), json!(7));
    let forked = bench.engine.rebuild(point).await.unwrap();
    let fork = bench.engine.fork(forked, ForkCompany::default()).await.unwrap().run_id;
    let ended = bench.drive(&fork).await;
    assert_eq!(ended.vars["extra"], json!({"deep": 7}));
    let records = bench.records(&fork).await;
    for at in 0..=records.len() as u64 {
        let calls = bench.world.calls.lock().len();
        let again = bench.rebuild(&fork, at).await.unwrap_or_else(|e| panic!("{at}: {e:?}"));
        assert_eq!(again.run.vars.contains_key("extra"), at > asked, "{at}");
        assert_eq!(again.run.vars["_meta"]["forked_from"], json!({"run_id": "f", "cursor": at}));
        let again = bench.engine.fork(again, ForkCompany::default()).await.unwrap().run_id;
        assert_eq!(bench.drive(&again).await.status, RunStatus::Completed, "{at}");
        assert!(bench.store.verify_ledger(&again).await.unwrap().ok, "{at}");
        if at >= asked {
            assert_eq!(bench.world.calls.lock().len(), calls, "{at}");
        }
    }
}

#[tokio::test]
async fn a_running_and_a_waiting_run_are_forked_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("story", "r").await;
    bench.world.arrived.acquire().await.unwrap().forget();
    let forked = bench.engine.rebuild(Bench::point(&id, None, "f1")).await.unwrap();
    assert_eq!((forked.cursor, forked.records), (1, 0), "the call is out: it is done anew");
    assert_eq!((forked.upcoming.node_id.as_str(), forked.upcoming.effect), ("think", Some(EffectKind::LlmCall)));
    bench.world.gate.add_permits(2);
    let waiting = bench.status(&id, RunStatus::Waiting).await;
    let forked = bench.engine.rebuild(Bench::point(&id, None, "f2")).await.unwrap();
    assert_eq!(forked.upcoming.wait.as_ref().and_then(|w| w.mode()), Some("approval_required"));
    let fork = bench.engine.fork(forked, ForkCompany::default()).await.unwrap().run_id;
    let own = bench.status(&fork, RunStatus::Waiting).await;
    assert_eq!(own.current_node, waiting.current_node);
    assert_eq!(bench.world.calls.lock().len(), 2);
    assert_eq!(bench.store.run(&id).await.unwrap().unwrap().run, waiting);
}

#[tokio::test]
async fn a_failed_step_is_done_anew() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.world.gate.add_permits(10);
    let id = bench.start("llm-fails", "r").await;
    bench.status(&id, RunStatus::Failed).await;
    let forked = bench.engine.rebuild(Bench::point(&id, None, "f")).await.unwrap();
    assert_eq!((forked.cursor, forked.records), (3, 0));
    let fork = bench.engine.fork(forked, ForkCompany::default()).await.unwrap().run_id;
    bench.status(&fork, RunStatus::Failed).await;
    assert_eq!(bench.world.calls.lock().len(), 2);
    assert_eq!(
        bench.ledger(&fork).await,
        [
            "observer completed emit_event",
            "start started llm_call",
            "start failed llm_call",
            "start completed emit_event"
        ]
    );
}

/// What was stored of a run, put differently.
async fn tamper(bench: &Bench, id: &RunId, what: impl Fn(&mut Value)) {
    let first = bench.store.origins(id).await.unwrap().swap_remove(0);
    let mut state: Value = serde_json::from_str(&first.state).unwrap();
    what(&mut state);
    let origins = vec![Origin { state: state.to_string(), ..first }];
    bench.store.commit(Commit { origins, ..Commit::default() }).await.unwrap();
}

#[tokio::test]
async fn a_run_that_takes_another_way_is_refused_and_the_record_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, id, _) = told(folder.path()).await;
    let source = bench.records(&id).await;
    let asked = source.iter().position(|r| r["node_id"] == "ask").unwrap() as u64;
    // Another seed throws another die, and the question shows it.
    tamper(&bench, &id, |state| state["whole"]["seed"] = 77.into()).await;
    assert!(bench.rebuild(&id, asked).await.is_ok(), "before the question nothing shows it");
    let refused = bench.rebuild(&id, source.len() as u64).await.err().unwrap();
    assert_eq!((refused.code, &refused.extra["cursor"]), (Code::ForkDiverged, &json!(asked + 1)));
    tamper(&bench, &id, |state| state["whole"]["run"]["current_node"] = "tool".into()).await;
    let refused = bench.rebuild(&id, 2).await.err().unwrap();
    assert_eq!((refused.code, &refused.extra["cursor"]), (Code::ForkDiverged, &json!(1)));
}

#[tokio::test]
async fn what_cannot_be_forked_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("echo", "r").await;
    let code = |point| async { bench.engine.rebuild(point).await.err().map(|e| e.code) };
    assert_eq!(code(Bench::point(&id, Some(2), "f")).await, None);
    assert_eq!(code(Bench::point(&id, Some(3), "f")).await, Some(Code::Validation));
    assert_eq!(code(Bench::point(&"zzz".into(), None, "f")).await, Some(Code::RunNotFound));
    let mut set = Bench::point(&id, None, "f");
    set.set.insert("_temp.x".into(), json!(1));
    assert_eq!(code(set).await, Some(Code::Validation));
    let schedule = bench.start("scheduled:1", "s").await;
    assert_eq!(code(Bench::point(&schedule, Some(0), "f")).await, Some(Code::ForkUnavailable));
    // A run of an earlier version.
    let run = Run::new("old".into(), "ask".into(), "start".into(), Map::new(), bench.world.now());
    let write = store::RunWrite { run, private: json!({}), expected: Some(0), only_if_absent: false };
    bench.store.commit(Commit { runs: vec![write], ..Commit::default() }).await.unwrap();
    assert_eq!(code(Bench::point(&"old".into(), Some(0), "f")).await, Some(Code::ForkUnavailable));
}

#[tokio::test]
async fn a_step_that_was_planned_again_after_a_crash_counts_as_often() {
    let folder = tempfile::tempdir().unwrap();
    let (bench, id, _) = told(folder.path()).await;
    let texts = bench.store.ledger(&id, 0, 1000).await.unwrap();
    let mut records: Vec<model::StepRecord> = texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let noted = records.iter().position(|r| r.node_id == "note").unwrap();
    let key = |ordinal| model::step::idempotency_key("r", ordinal);
    let ordinal = (1..100).find(|n| records[noted].idempotency_key.as_deref() == Some(&key(*n))).unwrap();
    let first = bench.store.origins(&id).await.unwrap().swap_remove(0);
    let replay = |records: &[model::StepRecord]| {
        let crate::origin::State::Whole(whole) = crate::origin::read(&first).unwrap() else { unreachable!() };
        let live = crate::fork::replay::begin(*whole, 0, PlanContext::new(Timestamp::EPOCH, 1));
        crate::fork::replay::replay(live, &BTreeMap::new(), records, 0, &*bench.world, &Story)
            .map(|replayed| (replayed.records, replayed.live.state.planned))
            .map_err(|e| (e.detail, e.extra["cursor"].clone()))
    };
    let (all, planned) = replay(&records).unwrap();
    let move_on = |records: &mut [model::StepRecord], by: u64| {
        for (record, step) in records[noted..].iter_mut().zip([0, 0, 1, 1, 1]) {
            record.idempotency_key = record.idempotency_key.take().map(|_| key(ordinal + step + by));
        }
    };
    move_on(&mut records, 2);
    assert_eq!(replay(&records), Ok((all, planned + 2)));
    move_on(&mut records, 1000);
    assert_eq!(replay(&records).map_err(|e| e.1), Err(json!(noted + 1)));
}

#[tokio::test]
async fn values_that_left_the_ledger_are_back_in_a_fork() {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> =
        Arc::new(Sqlite::open(&folder.path().join("g.sqlite3"), store::sqlite::Options::default()).unwrap());
    let beside = tempfile::tempdir().unwrap();
    let mut bench = bench(beside.path());
    let artifacts = Arc::new(Artifacts::open(&folder.path().join("artifacts")).unwrap());
    let options = Options { max_inline_bytes: 60, ..Options::default() };
    bench.engine = Engine::new(store.clone(), artifacts.clone(), bench.world.clone(), options);
    bench.store = store;
    bench.world.gate.add_permits(100);
    let id = bench.start("ask", "r").await;
    bench.status(&id, RunStatus::Waiting).await;
    let long =
        json!({"wait_key": "user:r:start", "payload": {"response": "x".repeat(500), "l": vec!["y".repeat(40); 9]}});
    bench.send("c", "r", CommandKind::Resume, long.clone()).await.unwrap();
    bench.status(&id, RunStatus::Completed).await;
    let source = bench.records(&id).await;
    let answer = &source[2]["effect"]["payload"]["payload"];
    assert!(answer["$artifact"].is_string() || answer["response"]["$artifact"].is_string(), "{answer}");
    let forked = bench.engine.rebuild(Bench::point(&id, Some(3), "f")).await.unwrap();
    assert_eq!(forked.run.vars["a"], long["payload"]);
    let fork = bench.engine.fork(forked, ForkCompany::default()).await.unwrap().run_id;
    bench.status(&fork, RunStatus::Completed).await;
    // The fork keeps its own: those of the run may go with it.
    let own = bench.records(&fork).await[2]["effect"]["payload"]["payload"].to_string();
    assert!(own.contains("$artifact") && !own.contains(answer["$artifact"].as_str().unwrap_or("?")), "{own}");
    assert!(bench.store.verify_ledger(&fork).await.unwrap().ok);
    std::fs::remove_dir_all(folder.path().join("artifacts/blobs")).unwrap();
    let refused = bench.engine.rebuild(Bench::point(&id, Some(3), "g")).await.err().unwrap();
    assert_eq!((refused.code, &refused.extra["cursor"]), (Code::ForkUnavailable, &json!(2)));
    assert!(bench.engine.rebuild(Bench::point(&id, Some(1), "g")).await.is_ok());
}
