//! A run under random commands, calls that end, time and restarts, against what must hold whatever their order:
//! never moving after a cancel, no new call while paused, each accepted answer consumed exactly once, no command pending
//! for ever, no record without its one end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use model::command::CommandOutcome;
use proptest::prelude::*;
use tokio::sync::oneshot;

use super::*;

/// Asks a model, then a person, then waits for an event; again and again.
pub(super) fn script() -> Value {
    let effect = |kind: &str, payload: Value| json!({"type": kind, "payload": payload, "result_key": "a"});
    let retry = json!({"max_attempts": 3, "initial_backoff_s": 1});
    json!({
        "start": {"effect": effect("llm_call", json!({ "retry": retry })), "next": "ask"},
        "ask": {"effect": effect("ask_user", json!({"prompt": "ok?"})), "next": "listen"},
        "listen": {"effect": effect("wait_event", json!({"name": "go"})), "next": "start"},
    })
}

/// Calls that wait for a word of the test.
#[derive(Clone, Default)]
pub(super) struct Hands(Arc<Held>);

#[derive(Default)]
struct Held {
    waiting: Mutex<Vec<oneshot::Sender<Result<Value, Failure>>>>,
    at_work: AtomicUsize,
}

impl Hands {
    pub(super) async fn hold(&self, call: &Call) -> Result<Value, Failure> {
        let (sender, outcome) = oneshot::channel();
        self.0.waiting.lock().push(sender);
        self.0.at_work.fetch_add(1, Ordering::SeqCst);
        let outcome = tokio::select! {
            () = call.cancel.cancelled() => Err(Failure::new(FailureClass::Cancelled, "cancelled")),
            outcome = outcome => outcome.unwrap(),
        };
        self.0.at_work.fetch_sub(1, Ordering::SeqCst);
        outcome
    }

    /// Ends the call that is held, if there is one.
    fn end(&self, outcome: Result<Value, Failure>) {
        if let Some(sender) = self.0.waiting.lock().pop() {
            // A call that was just cancelled does not hear it.
            let _ = sender.send(outcome);
        }
    }

    /// Whether exactly one call is out, and nobody has told it anything yet.
    fn holds_one(&self) -> bool {
        let mut waiting = self.0.waiting.lock();
        waiting.retain(|sender| !sender.is_closed());
        waiting.len() == 1 && self.0.at_work.load(Ordering::SeqCst) == 1
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Pause,
    Resume,
    Answer,
    Cancel,
    Emit,
    Succeed,
    Break,
    Pass,
}

/// What happens before the next look: things side by side, or a restart.
#[derive(Clone, Debug)]
enum Turn {
    Together(Vec<Op>),
    Restart,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let op = prop_oneof![
        4 => Just(Op::Pause),
        4 => Just(Op::Resume),
        5 => Just(Op::Answer),
        1 => Just(Op::Cancel),
        5 => Just(Op::Emit),
        6 => Just(Op::Succeed),
        2 => Just(Op::Break),
        3 => Just(Op::Pass),
    ];
    let together = prop::collection::vec(op, 1..4).prop_map(Turn::Together);
    prop::collection::vec(prop_oneof![9 => together, 1 => Just(Turn::Restart)], 1..24)
}

/// What the test knows of the run.
#[derive(Default)]
struct Known {
    /// Commands that were taken: their ids and what they ask.
    taken: Vec<(String, Op, usize)>,
    sent: usize,
    /// Calls made until the run was seen paused, when it was.
    calls_when_paused: Option<usize>,
    /// The ledger when the run was seen ended.
    final_len: Option<u64>,
}

struct Life {
    folder: tempfile::TempDir,
    bench: Bench,
    hands: Hands,
    known: Known,
    calls_before: usize,
}

const RUN: &str = "r";

impl Life {
    async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hands = Hands::default();
        let bench = bench_in(folder.path(), Options::default(), Some(hands.clone()));
        bench.start("life", RUN).await;
        Self { folder, bench, hands, known: Known::default(), calls_before: 0 }
    }

    async fn restart(&mut self) {
        self.bench.engine.close().await;
        self.bench.store.close().await.unwrap();
        self.calls_before = self.calls();
        let now = self.bench.world.now();
        self.hands = Hands::default();
        self.bench = bench_in(self.folder.path(), Options::default(), Some(self.hands.clone()));
        *self.bench.world.now.lock() = now;
        self.bench.engine.recover().await.unwrap();
    }

    fn calls(&self) -> usize {
        self.calls_before + self.bench.world.calls.lock().len()
    }

    async fn run(&self) -> Run {
        self.bench.store.run(&RUN.into()).await.unwrap().unwrap().run
    }

    /// Does one thing. Gives the id of a command that was taken.
    async fn act(&self, op: Op, number: usize) -> Option<(String, Op, usize)> {
        let id = format!("c{number}");
        let (run, kind, payload) = match op {
            Op::Pause => (RUN, CommandKind::Pause, json!({})),
            Op::Resume => (RUN, CommandKind::Resume, json!({})),
            Op::Answer => (RUN, CommandKind::Resume, json!({"payload": {"response": number}})),
            Op::Cancel => (RUN, CommandKind::Cancel, json!({})),
            Op::Emit => ("s", CommandKind::EmitEvent, json!({"name": "go", "payload": {"number": number}})),
            Op::Succeed => {
                self.hands.end(Ok(json!({"answer": number})));
                return None;
            }
            Op::Break => {
                self.hands.end(Err(Failure::new(FailureClass::Transport, "down")));
                return None;
            }
            Op::Pass => {
                let mut now = self.bench.world.now.lock();
                *now = now.plus_micros(1_000_000);
                drop(now);
                self.bench.engine.look(RUN.into());
                return None;
            }
        };
        self.bench.send(&id, run, kind, payload).await.ok().map(|_| (id, op, number))
    }

    /// Waits until nothing moves: nobody owns the run, or its owner waits for the call it holds.
    async fn settle(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let still = |life: &Self| life.bench.engine.live() == 0 || life.hands.holds_one();
            let is_still = still(self) && self.bench.store.pending_commands(None).await.unwrap().is_empty();
            if is_still && still(self) {
                return;
            }
            assert!(Instant::now() < deadline, "the run does not come to rest: {:?}", self.run().await);
            tokio::task::yield_now().await;
        }
    }

    async fn take(&mut self, turn: &Turn) {
        let ops = match turn {
            Turn::Restart => {
                self.restart().await;
                &[][..]
            }
            Turn::Together(ops) => ops,
        };
        let before = self.run().await;
        let first = self.known.sent;
        self.known.sent += ops.len();
        let acting = ops.iter().enumerate().map(|(i, op)| self.act(*op, first + i));
        let taken: Vec<_> = join_all(acting).await.into_iter().flatten().collect();
        self.known.taken.extend(taken);
        self.settle().await;
        self.check(ops, &before).await;
    }

    async fn check(&mut self, ops: &[Op], before: &Run) {
        let run = self.run().await;
        let applied = self.check_commands(&run).await;
        let len = self.check_ledger(&run, &applied).await;
        if let Some(final_len) = self.known.final_len {
            assert_eq!((len, run.status), (final_len, before.status), "nothing moves after the end");
        }
        self.known.final_len = run.status.is_terminal().then_some(len);
        if let Some(calls) = self.known.calls_when_paused.filter(|_| !ops.contains(&Op::Resume)) {
            assert!(run.is_paused() || run.status.is_terminal(), "only a resume ends a pause: {run:?}");
            assert_eq!(self.calls(), calls, "a paused run makes no call");
        }
        self.known.calls_when_paused = run.is_paused().then(|| self.calls());
        let asked = before.waiting.as_ref().is_some_and(|wait| wait.reason == WaitReason::User && !wait.is_pause());
        if ops == [Op::Pause] && !before.status.is_terminal() && !asked {
            assert!(run.is_paused(), "{run:?}");
        }
    }

    /// Every command that was taken is decided, and a cancel that was applied is the end. Gives the applied ones.
    async fn check_commands(&self, run: &Run) -> Vec<(Op, usize)> {
        let mut applied = Vec::new();
        for (id, op, number) in &self.known.taken {
            let state = self.bench.store.command(id).await.unwrap().unwrap();
            match state.outcome {
                CommandOutcome::Pending => panic!("{id} ({op:?}) is pending"),
                CommandOutcome::Rejected => {
                    assert!(*op != Op::Cancel || run.status.is_terminal(), "a cancel is refused only after the end");
                }
                CommandOutcome::Applied => applied.push((*op, *number)),
            }
        }
        if applied.iter().any(|(op, _)| *op == Op::Cancel) {
            assert_eq!(run.status, RunStatus::Cancelled);
        }
        assert!(!run.status.is_terminal() || !run.is_paused(), "what has ended is not paused");
        applied
    }

    /// Answers are in the ledger once, events at most once, every step has one end, and so has the run.
    async fn check_ledger(&self, run: &Run, applied: &[(Op, usize)]) -> u64 {
        let texts = self.bench.store.ledger(&RUN.into(), 0, 10_000).await.unwrap();
        let records: Vec<Value> = texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        let resumed: Vec<&Value> = records
            .iter()
            .filter(|r| r["effect"]["type"] == "resume")
            .map(|r| &r["effect"]["payload"]["payload"])
            .collect();
        for (_, op, number) in &self.known.taken {
            let answers = resumed.iter().filter(|payload| payload["response"] == json!(number)).count();
            let events = resumed.iter().filter(|payload| payload["payload"]["number"] == json!(number)).count();
            let is_applied = applied.contains(&(*op, *number));
            assert_eq!(answers, usize::from(*op == Op::Answer && is_applied), "{op:?} {number}");
            assert!(events <= usize::from(*op == Op::Emit && is_applied), "{op:?} {number}");
        }
        let open = records.iter().filter(|r| r["status"] == "started").filter(|started| {
            let ends =
                records.iter().filter(|r| r["step_id"] == started["step_id"] && r["status"] != "started").count();
            assert!(ends <= 1, "{started} has {ends} ends");
            ends == 0
        });
        // A call made again after a restart has two beginnings and one end.
        let open: std::collections::BTreeSet<String> = open.map(|r| r["step_id"].to_string()).collect();
        assert!(open.len() <= usize::from(!run.status.is_terminal()), "{open:?} {:?}", run.status);
        let ends = records
            .iter()
            .filter(|r| r["idempotency_key"].as_str().is_some_and(|key| key.starts_with("system:terminal_status:")))
            .count();
        assert_eq!(ends, usize::from(run.status.is_terminal()));
        records.len() as u64
    }
}

async fn live(turns: &[Turn]) {
    let mut life = Life::begin().await;
    life.settle().await;
    for turn in turns {
        life.take(turn).await;
    }
    life.bench.engine.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_in_whatever_order_a_run_stays_true_to_its_commands(turns in turns()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(live(&turns));
    }
}

/// What the random turns must be able to come to, so that they prove something.
#[tokio::test]
async fn a_life_has_every_phase() {
    let mut life = Life::begin().await;
    life.settle().await;
    let phases = [
        (Op::Break, RunStatus::Running, "start"),
        (Op::Pass, RunStatus::Running, "start"),
        (Op::Pause, RunStatus::Waiting, "start"),
        (Op::Resume, RunStatus::Running, "start"),
        (Op::Succeed, RunStatus::Waiting, "ask"),
        (Op::Answer, RunStatus::Waiting, "listen"),
        (Op::Emit, RunStatus::Running, "start"),
        (Op::Cancel, RunStatus::Cancelled, "start"),
    ];
    for (op, status, node) in phases {
        life.take(&Turn::Together(vec![op])).await;
        let run = life.run().await;
        assert_eq!((run.status, run.current_node.as_str()), (status, node), "{op:?}");
    }
    assert_eq!(life.calls(), 3);
}
