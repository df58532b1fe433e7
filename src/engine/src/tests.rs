//! The engine over a real SQLite store, with scripted workflows and a scripted world.

mod adopt;
mod compaction;
mod cron;
mod fork;
mod lifecycle;
mod memory;
mod recovery;
mod retries;
mod schedules;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use model::workflow::{PlanContext, PlanError, StepPlan, Workflow};
use model::{
    Code, Command, CommandKind, Effect, EffectKind, Map, Run, RunId, RunStatus, Timestamp, Value, Wait, WaitReason,
};
use parking_lot::Mutex;
use serde_json::json;
use store::Store;
use store::artifacts::Artifacts;
use store::sqlite::Sqlite;
use tokio::sync::Semaphore;

use crate::{
    Admission, Call, Engine, Failure, FailureClass, NewRhythm, Options, Outside, Prepared, Remembered, Resumed,
    StepIds, Unremembered, Verdict,
};

/// A workflow as data: node → `{"goto"}`, `{"complete"}` (a text `$path` is read from the variables), `{"panic"}`, or
/// `{"effect", "next"}`.
struct Script {
    id: String,
    nodes: HashMap<String, Value>,
}

impl Workflow for Script {
    fn id(&self) -> &str {
        &self.id
    }

    fn entry(&self) -> &'static str {
        "start"
    }

    fn plan(&self, run: &mut Run, _: &PlanContext) -> Result<StepPlan, PlanError> {
        let node = self.nodes.get(&run.current_node).ok_or_else(|| PlanError::value("unknown node"))?;
        if let Some(next) = node["goto"].as_str() {
            return Ok(StepPlan::Goto(next.into()));
        }
        if let Some(text) = node["panic"].as_str() {
            panic!("{text}");
        }
        if let Some(output) = node.get("complete") {
            let path = output.as_str().and_then(|t| t.strip_prefix('$'));
            let value = path.map_or_else(|| output.clone(), |p| model::run::read_path(&run.vars, p).cloned().into());
            return Ok(StepPlan::Complete(json!({"value": value})));
        }
        let effect: Effect =
            serde_json::from_value(node["effect"].clone()).map_err(|e| PlanError::value(e.to_string()))?;
        Ok(StepPlan::Effect { effect, next: node["next"].as_str().map(str::to_owned) })
    }
}

/// A world whose calls end when the test lets them.
struct World {
    workflows: HashMap<String, Arc<dyn Workflow>>,
    calls: Mutex<Vec<(String, u32)>>,
    /// The keys that calls were given.
    keys: Mutex<Vec<Value>>,
    gate: Semaphore,
    arrived: Semaphore,
    now: Mutex<Timestamp>,
    /// Where calls wait for a word of the test, one by one, in place of the gate.
    by_hand: Option<lifecycle::Hands>,
    /// How the next calls fail.
    failures: Mutex<VecDeque<Failure>>,
    /// Intervals that were written into workflows.
    rescheduled: Mutex<Vec<String>>,
}

#[async_trait]
impl Outside for World {
    fn now(&self) -> Timestamp {
        *self.now.lock()
    }

    fn workflow(&self, id: &str) -> Option<Arc<dyn Workflow>> {
        self.workflows.get(id).cloned()
    }

    fn seed(&self, run: &mut Run) {
        run.namespace("_limits");
    }

    fn prepare(&self, run: &Run, _: &StepIds<'_>, effect: &Effect) -> Result<Prepared, String> {
        let mut effect = effect.clone();
        if effect.kind == EffectKind::MemoryCompact {
            let messages = run.vars.get("context").and_then(|c| c.get("messages")).cloned();
            let idle = || Verdict::Done(json!({"idle": true}));
            let verdict = messages.map_or_else(idle, |messages| Verdict::Call(Some(messages)));
            return Ok(Prepared { effect, warnings: vec![], verdict });
        }
        effect.payload.insert("prepared".into(), true.into());
        let verdict = if effect.payload.contains_key("ask") {
            let is_delegated = effect.payload["ask"] == "delegated";
            let mut wait = Wait::new(if is_delegated { WaitReason::Job } else { WaitReason::User });
            wait.wait_key = Some("tool_approval:1".into());
            wait.details = Some(json!({"mode": effect.payload["ask"], "tool_calls": []}));
            Verdict::Wait(wait)
        } else {
            Verdict::Call(None)
        };
        Ok(Prepared { effect, warnings: vec!["#WARN: prepared".into()], verdict })
    }

    fn resume_tools(&self, _: &Run, _: &Wait, payload: &Value) -> Result<Resumed, model::Error> {
        match payload["approved"].as_bool() {
            Some(true) => Ok(Resumed::Execute(json!(["batch"]))),
            Some(false) => Ok(Resumed::Result(json!({"denied": true}))),
            None => Err(model::Error::new(Code::NotAnApproval, "say approved true or false")),
        }
    }

    fn is_repeatable(&self, effect: &Effect, _: Option<&Value>, _: &BTreeMap<usize, Value>) -> bool {
        matches!(effect.kind, EffectKind::LlmCall | EffectKind::MemoryCompact) || effect.payload.contains_key("reads")
    }

    async fn reschedule(&self, workflow_id: &str, rhythm: &NewRhythm) -> Result<(), model::Error> {
        let interval = match rhythm {
            NewRhythm::Interval(interval) if interval == "13h" => {
                return Err(model::Error::internal("the disk is full"));
            }
            NewRhythm::Interval(interval) => interval.clone(),
            NewRhythm::Cron { cron, time_zone } => format!("{cron} in {time_zone}"),
        };
        self.rescheduled.lock().push(format!("{workflow_id} {interval}"));
        Ok(())
    }

    async fn remember(&self, run: &Run, ids: &StepIds<'_>, effect: &Effect) -> Result<Remembered, Unremembered> {
        if effect.payload.contains_key("refused") {
            return Err(Unremembered::Failed("there is no such note".into()));
        }
        let mut vars = run.vars.clone();
        vars.insert("note".into(), effect.payload["note"].clone());
        Ok(Remembered { result: json!({"kept_as": ids.key}), vars: Some(vars), commit: store::Commit::default() })
    }

    async fn conclude(
        &self,
        run: &Run,
        _: &StepIds<'_>,
        _: &Effect,
        batch: Option<&Value>,
        outcome: &Value,
    ) -> Result<Remembered, Unremembered> {
        if batch != Some(&run.vars["context"]["messages"]) {
            return Err(Unremembered::Outdated);
        }
        let mut vars = run.vars.clone();
        vars["context"]["messages"] = json!(["summary"]);
        let span = store::SpanWrite { owner: run.run_id.clone(), span_id: "arc".into(), span: json!({"of": batch}) };
        let commit = store::Commit { spans: vec![span], ..store::Commit::default() };
        Ok(Remembered { result: json!({"by": outcome["answer"]}), vars: Some(vars), commit })
    }

    async fn call(&self, call: Call) -> Result<Value, Failure> {
        self.calls.lock().push((call.effect.kind.as_str().to_owned(), call.attempt));
        self.keys.lock().extend(call.effect.payload.get("api_key").cloned());
        self.arrived.add_permits(1);
        if let Some(hands) = &self.by_hand {
            return hands.hold(&call).await;
        }
        tokio::select! {
            () = call.cancel.cancelled() => Err(Failure::new(FailureClass::Cancelled, "cancelled")),
            permit = self.gate.acquire() => {
                permit.map_err(|e| Failure::refused(e.to_string()))?.forget();
                if let Some(failure) = self.failures.lock().pop_front() {
                    return Err(failure);
                }
                match call.effect.payload.get("fail").or_else(|| call.effect.payload.get("focus")) {
                    Some(why) => Err(Failure::refused(why.to_string())),
                    None => Ok(json!({"answer": 42, "batch": call.batch})),
                }
            }
        }
    }
}

fn workflow(id: &str, nodes: Value) -> (String, Arc<dyn Workflow>) {
    let nodes = nodes.as_object().unwrap().clone().into_iter().collect();
    (id.to_owned(), Arc::new(Script { id: id.to_owned(), nodes }))
}

fn ask(next: &str) -> Value {
    json!({"effect": {"type": "ask_user", "payload": {"prompt": "ok?"}, "result_key": "a"}, "next": next})
}

/// A call with a retry policy, and an end with what came of it.
fn retried(kind: &str, retry: Value) -> Value {
    let effect = json!({"type": kind, "payload": {"retry": retry, "params": {"trace_metadata": {"attempt": 1}}}, "result_key": "a"});
    json!({"start": {"effect": effect, "next": "end"}, "end": {"complete": "$a"}})
}

fn scripts() -> HashMap<String, Arc<dyn Workflow>> {
    let tools = |payload: Value| json!({"effect": {"type": "tool_calls", "payload": payload, "result_key": "a"}, "next": "end"});
    let end = json!({"complete": "$a"});
    HashMap::from([
        ("scheduled:cron".to_owned(), Arc::new(cron::Follower) as Arc<dyn Workflow>),
        ("story".to_owned(), Arc::new(fork::Story) as Arc<dyn Workflow>),
        workflow(
            "notes",
            json!({
                "start": {"effect": {"type": "memory_note", "payload": {"note": "n"}, "result_key": "a"}, "next": "more"},
                "more": {"effect": {"type": "memory_query", "payload": {"refused": 1}}, "next": "end"}, "end": {"complete": 1}
            }),
        ),
        workflow(
            "compact",
            json!({
                "start": {"effect": {"type": "memory_compact", "payload": {}, "result_key": "a"}, "next": "end"}, "end": {"complete": "$a.by"}
            }),
        ),
        workflow(
            "say",
            json!({
                "start": {"effect": {"type": "ask_user", "payload": {"prompt": "?"}, "result_key": "context.messages"}, "next": "more"},
                "more": ask("end"), "end": {"complete": "$a.response"}
            }),
        ),
        workflow("echo", json!({"start": {"goto": "end"}, "end": {"complete": "done"}})),
        workflow("panic", json!({"start": {"panic": "oops"}})),
        workflow("ask", json!({"start": ask("end"), "end": {"complete": "$a.response"}})),
        workflow(
            "llm",
            json!({
                "start": {"effect": {"type": "llm_call", "payload": {}, "result_key": "a"}, "next": "end"}, "end": {"complete": "$a.answer"}
            }),
        ),
        workflow(
            "llm-fails",
            json!({"start": {"effect": {"type": "llm_call", "payload": {"fail": "boom"}}, "next": "end"}}),
        ),
        workflow(
            "llm-key",
            json!({
                "start": {"effect": {"type": "llm_call", "payload": {"api_key": "sk-own"}, "result_key": "a"}, "next": "end"}, "end": {"complete": "$a.answer"}
            }),
        ),
        workflow("tool", json!({"start": tools(json!({})), "end": end.clone()})),
        workflow("llm-retried", retried("llm_call", json!({"max_attempts": 3}))),
        workflow("llm-held", retried("llm_call", json!({"max_attempts": 2, "on_exhausted": "pause"}))),
        workflow("llm-misled", retried("llm_call", json!({"max_attempts": 0}))),
        workflow("tool-retried", retried("tool_calls", json!({"max_attempts": 3, "retry_on": ["tool"]}))),
        workflow(
            "tool-forced",
            retried("tool_calls", json!({"max_attempts": 3, "retry_on": ["tool"], "non_idempotent": true})),
        ),
        workflow("tool-held", retried("tool_calls", json!({"retry_on": ["tool"], "on_exhausted": "pause"}))),
        workflow(
            "approval-retried",
            recovery::asked_first(retried(
                "tool_calls",
                json!({"max_attempts": 2, "retry_on": ["tool"], "non_idempotent": true, "on_exhausted": "pause"}),
            )),
        ),
        workflow("tool-again", retried("tool_calls", json!({"on_interrupted": "retry"}))),
        workflow("tool-gives-up", retried("tool_calls", json!({"on_interrupted": "fail"}))),
        workflow("approval", json!({"start": tools(json!({"ask": "approval_required"})), "end": end.clone()})),
        workflow("delegated", json!({"start": tools(json!({"ask": "delegated"})), "end": end.clone()})),
        workflow("reader", json!({"start": tools(json!({"reads": true})), "end": end.clone()})),
        workflow(
            "child-then-llm",
            recovery::then_asks_a_model(&json!({
                "type": "start_subworkflow", "payload": {"workflow_id": "ask", "async": true}
            })),
        ),
        workflow(
            "event-then-llm",
            recovery::then_asks_a_model(&json!({
                "type": "emit_event", "payload": {"name": "go", "payload": {"x": 1}}
            })),
        ),
        workflow(
            "timer",
            json!({
                "start": {"effect": {"type": "wait_until", "payload": {"until": "1970-01-01T00:01:00+02:00"}}, "next": "end"}, "end": {"complete": 1}
            }),
        ),
        workflow(
            "until",
            json!({
                "start": {"effect": {"type": "wait_until", "payload": {"until": "1970-01-01T01:00:00Z"}}, "next": "end"}, "end": {"complete": 1}
            }),
        ),
        workflow(
            "listener",
            json!({
                "start": {"effect": {"type": "wait_event", "payload": {"name": "go"}, "result_key": "a"}, "next": "end"}, "end": {"complete": "$a.payload"}
            }),
        ),
        workflow(
            "emitter",
            json!({
                "start": {"effect": {"type": "emit_event", "payload": {"name": "go", "payload": {"x": 1}}, "result_key": "a"}, "next": "end"},
                "end": {"complete": "$a.delivered"}
            }),
        ),
        workflow(
            "parent",
            json!({
                "start": {"effect": {"type": "start_subworkflow", "payload": {"workflow_id": "ask", "async": true, "wait": true}, "result_key": "a"}, "next": "end"},
                "end": {"complete": "$a.output"}
            }),
        ),
        workflow(
            "scheduled:1",
            json!({
                "start": {"effect": {"type": "start_subworkflow", "payload": {"workflow_id": "echo", "async": true, "wait": true}}, "next": "wait_interval"},
                "wait_interval": {"effect": {"type": "wait_until", "payload": {"until": "1970-01-01T01:00:00Z"}}, "next": "start"}
            }),
        ),
        workflow("life", lifecycle::script()),
        workflow(
            "loop",
            json!({
                "start": {"effect": {"type": "answer_user", "payload": {"message": "m"}}, "next": "start"}
            }),
        ),
    ])
}

struct Bench {
    engine: Engine,
    store: Arc<dyn Store>,
    world: Arc<World>,
}

fn bench(folder: &Path) -> Bench {
    bench_with(folder, Options::default())
}

fn bench_with(folder: &Path, options: Options) -> Bench {
    bench_in(folder, options, None)
}

fn bench_in(folder: &Path, options: Options, by_hand: Option<lifecycle::Hands>) -> Bench {
    let store: Arc<dyn Store> =
        Arc::new(Sqlite::open(&folder.join("g.sqlite3"), store::sqlite::Options::default()).unwrap());
    let artifacts = Arc::new(Artifacts::open(&folder.join("artifacts")).unwrap());
    let world = Arc::new(World {
        workflows: scripts(),
        calls: Mutex::default(),
        keys: Mutex::default(),
        gate: Semaphore::new(0),
        arrived: Semaphore::new(0),
        now: Mutex::new(Timestamp::EPOCH),
        by_hand,
        failures: Mutex::default(),
        rescheduled: Mutex::default(),
    });
    let engine = Engine::new(store.clone(), artifacts, world.clone(), options);
    Bench { engine, store, world }
}

impl Bench {
    async fn start(&self, workflow: &str, id: &str) -> RunId {
        let mut run = Run::new(id.into(), workflow.into(), "start".into(), Map::new(), self.world.now());
        run.session_id = Some("s".into());
        let admission = Admission { run, listeners: vec![], session_owner: None, start_key: None };
        self.engine.start(admission).await.unwrap().run_id
    }

    /// Waits for commits until the run is as wanted.
    async fn until(&self, run_id: &RunId, wanted: impl Fn(&Run) -> bool) -> Run {
        let mut changes = self.engine.watch(run_id);
        loop {
            changes.mark_unchanged();
            let run = self.store.run(run_id).await.unwrap().unwrap().run;
            if wanted(&run) {
                return run;
            }
            let change = tokio::time::timeout(std::time::Duration::from_secs(10), changes.changed()).await;
            assert!(change.is_ok(), "the run stays {:?} at {}: {:?}", run.status, run.current_node, run.error);
        }
    }

    async fn status(&self, run_id: &RunId, status: RunStatus) -> Run {
        self.until(run_id, |r| r.status == status).await
    }

    async fn send(&self, id: &str, run: &str, kind: CommandKind, payload: Value) -> Result<crate::Sent, model::Error> {
        let Value::Object(payload) = payload else { unreachable!() };
        let command_id = id.to_owned();
        let command =
            Command { command_id, run_id: run.into(), kind, payload, ts: String::new(), client_id: None, seq: 0 };
        self.engine.send(command).await
    }

    /// The ledger as `node status effect` lines.
    async fn ledger(&self, run_id: &RunId) -> Vec<String> {
        let records = self.store.ledger(run_id, 0, 1000).await.unwrap();
        records
            .iter()
            .map(|text| {
                let record: Value = serde_json::from_str(text).unwrap();
                let effect = record["effect"]["type"].as_str().unwrap_or("-");
                format!("{} {} {effect}", record["node_id"].as_str().unwrap(), record["status"].as_str().unwrap())
            })
            .collect()
    }
}

#[tokio::test]
async fn a_trivial_run_is_one_commit() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("echo", "r").await;
    let snapshot = bench.store.run(&id).await.unwrap().unwrap();
    assert_eq!((snapshot.run.status, snapshot.version), (RunStatus::Completed, 1));
    assert_eq!(snapshot.run.output, Some(json!({"value": "done"})));
    assert_eq!(bench.ledger(&id).await, ["end completed -", "end completed emit_event"]);
}

#[tokio::test]
async fn a_panicking_node_fails_its_run_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("panic", "r").await;
    let run = bench.status(&id, RunStatus::Failed).await;
    assert!(run.error.unwrap().starts_with("RuntimeError: "));
    assert_eq!(bench.ledger(&id).await, ["start failed -"]);
    bench.start("echo", "q").await;
}

#[tokio::test]
async fn a_question_is_answered_once_and_only_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("ask", "r").await;
    bench.status(&id, RunStatus::Waiting).await;
    let answer = |key: &str| json!({"wait_key": key, "payload": {"response": "yes"}});
    let wrong = bench.send("c0", "r", CommandKind::Resume, answer("wrong")).await.unwrap_err();
    assert_eq!(wrong.code, Code::WaitKeyMismatch);
    let unknown = bench.send("c0", "zzz", CommandKind::Resume, answer("x")).await.unwrap_err();
    assert_eq!(unknown.code, Code::RunNotFound);
    let malformed = bench.send("c0", "r", CommandKind::Resume, json!({"payload": 5})).await.unwrap_err();
    assert_eq!(malformed.code, Code::Validation);
    let sent = bench.send("c1", "r", CommandKind::Resume, answer("user:r:start")).await.unwrap();
    assert!(!sent.duplicate);
    let run = bench.store.run(&id).await.unwrap().unwrap().run;
    assert_eq!(
        (run.status, run.output),
        (RunStatus::Completed, Some(json!({"value": "yes"}))),
        "applied when answered"
    );
    assert!(bench.send("c1", "r", CommandKind::Cancel, json!({})).await.unwrap().duplicate);
    let late = bench.send("c2", "r", CommandKind::Cancel, json!({})).await.unwrap_err();
    assert_eq!(late.code, Code::RunTerminal);
    assert_eq!(
        bench.ledger(&id).await,
        [
            "start started ask_user",
            "start waiting ask_user",
            "start completed resume",
            "end completed -",
            "end completed emit_event"
        ]
    );
}

#[tokio::test]
async fn a_cancel_stops_a_call_in_flight_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("llm", "r").await;
    bench.world.arrived.acquire().await.unwrap().forget();
    bench.send("c", "r", CommandKind::Cancel, json!({"reason": "enough"})).await.unwrap();
    let run = bench.store.run(&id).await.unwrap().unwrap().run;
    assert_eq!((run.status, run.error.as_deref()), (RunStatus::Cancelled, Some("enough")));
    assert_eq!(
        bench.ledger(&id).await,
        ["start started llm_call", "start failed llm_call", "start completed emit_event"]
    );
}

#[tokio::test]
async fn a_pause_keeps_the_result_of_a_call_in_flight() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("llm", "r").await;
    bench.world.arrived.acquire().await.unwrap().forget();
    bench.send("p", "r", CommandKind::Pause, json!({"reason": "coffee"})).await.unwrap();
    let paused = bench.store.run(&id).await.unwrap().unwrap().run;
    assert!(paused.is_paused() && paused.waiting.as_ref().unwrap().is_pause());
    bench.world.gate.add_permits(1);
    let held = bench.until(&id, |r| r.current_node == "end").await;
    assert_eq!(held.status, RunStatus::Waiting);
    bench.send("r", "r", CommandKind::Resume, json!({})).await.unwrap();
    assert_eq!(bench.status(&id, RunStatus::Completed).await.output, Some(json!({"value": 42})));
    assert_eq!(*bench.world.calls.lock(), [("llm_call".to_owned(), 1)]);
}

#[tokio::test]
async fn a_busy_loop_can_be_paused_and_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("loop", "r").await;
    bench.send("p", "r", CommandKind::Pause, json!({})).await.unwrap();
    let before = bench.store.ledger_len(&id).await.unwrap();
    bench.send("r", "r", CommandKind::Resume, json!({})).await.unwrap();
    bench.until(&id, |r| !r.is_paused()).await;
    bench.send("c", "r", CommandKind::Cancel, json!({})).await.unwrap();
    let run = bench.store.run(&id).await.unwrap().unwrap().run;
    assert_eq!(run.status, RunStatus::Cancelled);
    assert!(bench.store.ledger_len(&id).await.unwrap() > before);
}

#[tokio::test]
async fn a_failing_effect_fails_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.world.gate.add_permits(1);
    let id = bench.start("llm-fails", "r").await;
    let run = bench.status(&id, RunStatus::Failed).await;
    assert_eq!(run.error.as_deref(), Some("Effect failed after 1 attempts: \"boom\""));
    assert_eq!(
        bench.ledger(&id).await,
        ["start started llm_call", "start failed llm_call", "start completed emit_event"]
    );
}

#[tokio::test]
async fn approvals_take_a_boolean_and_execute_once() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.world.gate.add_permits(1);
    let id = bench.start("approval", "r").await;
    bench.status(&id, RunStatus::Waiting).await;
    let answer = |approved: Value| json!({"wait_key": "tool_approval:1", "payload": {"approved": approved}});
    let refused = bench.send("bad", "r", CommandKind::Resume, answer(json!("false"))).await.unwrap_err();
    assert_eq!(refused.code, Code::NotAnApproval);
    assert!(bench.world.calls.lock().is_empty());
    bench.send("ok", "r", CommandKind::Resume, answer(json!(true))).await.unwrap();
    let run = bench.status(&id, RunStatus::Completed).await;
    assert_eq!(run.output, Some(json!({"value": {"answer": 42, "batch": ["batch"]}})));
    assert_eq!(run.vars["_flow_warnings"], json!(["#WARN: prepared"]));
    for text in bench.store.ledger(&id, 0, 3).await.unwrap() {
        let effect: Value = serde_json::from_str::<Value>(&text).unwrap()["effect"].clone();
        assert_eq!(effect["payload"]["prepared"], true, "the ledger shows the effect as it is done");
    }
    assert_eq!(
        bench.ledger(&id).await,
        [
            "start started tool_calls",
            "start waiting tool_calls",
            "start completed tool_calls",
            "start completed resume",
            "end completed -",
            "end completed emit_event"
        ]
    );
}

#[tokio::test]
async fn moments_are_compared_as_moments() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    bench.engine.recover().await.unwrap();
    let id = bench.start("timer", "past").await;
    assert_eq!(bench.status(&id, RunStatus::Completed).await.output, Some(json!({"value": 1})));
    let id = bench.start("until", "future").await;
    bench.status(&id, RunStatus::Waiting).await;
    *bench.world.now.lock() = Timestamp::parse("1970-01-01T01:00:00Z").unwrap();
    let other = bench.start("until", "nudge").await;
    bench.status(&other, RunStatus::Completed).await;
}

#[tokio::test]
async fn events_reach_their_listeners_from_inside_and_outside() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let (a, b) = (bench.start("listener", "a").await, bench.start("listener", "b").await);
    bench.status(&a, RunStatus::Waiting).await;
    bench.status(&b, RunStatus::Waiting).await;
    let emitter = bench.start("emitter", "e").await;
    assert_eq!(bench.status(&emitter, RunStatus::Completed).await.output, Some(json!({"value": 2})));
    for id in [&a, &b] {
        assert_eq!(bench.status(id, RunStatus::Completed).await.output, Some(json!({"value": {"x": 1}})));
    }
    let c = bench.start("listener", "c").await;
    bench.send("ev", "s", CommandKind::EmitEvent, json!({"name": "go", "payload": {"y": 2}})).await.unwrap();
    assert_eq!(bench.status(&c, RunStatus::Completed).await.output, Some(json!({"value": {"y": 2}})));
}

#[tokio::test]
async fn a_runs_first_steps_reach_its_listeners() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let mut run = Run::new("e".into(), "emitter".into(), "start".into(), Map::new(), bench.world.now());
    run.session_id = Some("s".into());
    let listeners = ["l1", "l2"].map(|id| Run {
        parent_run_id: Some(run.run_id.clone()),
        ..Run { run_id: id.into(), workflow_id: "listener".into(), ..run.clone() }
    });
    let admission = Admission { run, listeners: listeners.into(), session_owner: None, start_key: None };
    bench.engine.start(admission).await.unwrap();
    let run = bench.store.run(&"e".into()).await.unwrap().unwrap();
    assert_eq!((run.run.output, run.version), (Some(json!({"value": 2})), 1), "one commit, both reached");
    for id in ["l1", "l2"] {
        let listener = bench.status(&id.into(), RunStatus::Completed).await;
        assert_eq!(listener.output, Some(json!({"value": {"x": 1}})));
    }
}

#[tokio::test]
async fn a_parent_goes_on_with_what_its_child_became() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let parent = bench.start("parent", "p").await;
    let waiting = bench.status(&parent, RunStatus::Waiting).await;
    let child: RunId = waiting.waiting.unwrap().detail("sub_run_id").unwrap().into();
    bench.status(&child, RunStatus::Waiting).await;
    let answer = json!({"payload": {"response": "kid"}});
    let astray = bench.send("c0", "p", CommandKind::Resume, answer.clone()).await.unwrap_err();
    assert_eq!(astray.code, Code::WaitKeyMismatch);
    bench.send("c1", &child, CommandKind::Resume, answer).await.unwrap();
    assert_eq!(bench.status(&parent, RunStatus::Completed).await.output, Some(json!({"value": {"value": "kid"}})));
}

#[tokio::test]
async fn a_cancel_goes_down_the_tree() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let parent = bench.start("parent", "p").await;
    let waiting = bench.status(&parent, RunStatus::Waiting).await;
    let child: RunId = waiting.waiting.unwrap().detail("sub_run_id").unwrap().into();
    bench.status(&child, RunStatus::Waiting).await;
    bench.send("c", "p", CommandKind::Cancel, json!({})).await.unwrap();
    bench.status(&child, RunStatus::Cancelled).await;
    bench.status(&parent, RunStatus::Cancelled).await;
}

/// The process "dies": the engine is dropped without being closed, and another opens the same files.
async fn crash_during(workflow: &str, folder: &Path) -> Bench {
    let first = bench(folder);
    first.start(workflow, "r").await;
    first.world.arrived.acquire().await.unwrap().forget();
    let second = bench(folder);
    second.world.gate.add_permits(1);
    second.engine.recover().await.unwrap();
    second
}

#[tokio::test]
async fn a_model_call_is_tried_again_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let bench = crash_during("llm", folder.path()).await;
    bench.status(&"r".into(), RunStatus::Completed).await;
    assert_eq!(*bench.world.calls.lock(), [("llm_call".to_owned(), 2)]);
}

#[tokio::test]
async fn a_tool_is_never_repeated_silently() {
    let folder = tempfile::tempdir().unwrap();
    let bench = crash_during("tool", folder.path()).await;
    let run = bench.status(&"r".into(), RunStatus::Waiting).await;
    let wait = run.waiting.unwrap();
    assert_eq!(wait.mode(), Some("interrupted"));
    assert!(bench.world.calls.lock().is_empty());
    let key = wait.wait_key.unwrap();
    let choose = |choice: &str| json!({"wait_key": key, "payload": {"choice": choice}});
    let vague = bench.send("c0", "r", CommandKind::Resume, choose("maybe")).await.unwrap_err();
    assert_eq!(vague.code, Code::NotAnApproval);
    bench.send("c1", "r", CommandKind::Resume, choose("retry")).await.unwrap();
    bench.status(&"r".into(), RunStatus::Completed).await;
    assert_eq!(*bench.world.calls.lock(), [("tool_calls".to_owned(), 2)]);
}

#[tokio::test]
async fn commands_that_were_taken_before_a_crash_are_applied_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = bench(folder.path());
    let id = first.start("ask", "r").await;
    first.status(&id, RunStatus::Waiting).await;
    let parent = first.start("parent", "p").await;
    let waiting = first.status(&parent, RunStatus::Waiting).await;
    let child: RunId = waiting.waiting.unwrap().detail("sub_run_id").unwrap().into();
    let listener = first.start("listener", "l").await;
    first.status(&listener, RunStatus::Waiting).await;
    let kept = [
        ("c1", "r", CommandKind::Resume, json!({"payload": {"response": "yes"}})),
        ("c2", "p", CommandKind::Cancel, json!({})),
        ("c3", "s", CommandKind::EmitEvent, json!({"name": "go", "payload": {"z": 3}})),
        ("c4", "gone", CommandKind::Cancel, json!({})),
    ];
    for (id, run, kind, payload) in kept {
        let Value::Object(payload) = payload else { unreachable!() };
        let (command_id, run_id) = (id.to_owned(), run.to_owned());
        let command = Command { command_id, run_id, kind, payload, ts: String::new(), client_id: None, seq: 0 };
        first.store.append_command(command).await.unwrap();
    }
    first.engine.close().await;
    let second = bench(folder.path());
    assert_eq!(second.engine.recover().await.unwrap(), 4);
    assert!(second.store.pending_commands(None).await.unwrap().is_empty(), "recovery ends with an empty inbox");
    let now = async |id: &RunId| second.store.run(id).await.unwrap().unwrap().run;
    assert_eq!(now(&id).await.output, Some(json!({"value": "yes"})));
    assert_eq!((now(&parent).await.status, now(&child).await.status), (RunStatus::Cancelled, RunStatus::Cancelled));
    assert_eq!(second.status(&listener, RunStatus::Completed).await.output, Some(json!({"value": {"z": 3}})));
    let lost = second.store.command("c4").await.unwrap().unwrap();
    assert_eq!(lost.outcome, model::command::CommandOutcome::Rejected);
}
