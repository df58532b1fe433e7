//! A schedule with a cron expression under the engine: every ten minutes, with a clock the tests set.

use model::schedule::timetable::{CatchUp, Overlap, Timetable, Turn};

use super::*;

/// The workflow of such a schedule as `flow` builds it, in short: it follows the timetable in its run's record.
pub(super) struct Follower;

impl Workflow for Follower {
    fn id(&self) -> &'static str {
        "scheduled:cron"
    }

    fn entry(&self) -> &'static str {
        "wait_interval"
    }

    fn plan(&self, run: &mut Run, ctx: &PlanContext) -> Result<StepPlan, PlanError> {
        let mut timetable = Timetable::of(run).unwrap();
        let wait = Some("wait_interval".to_owned());
        if run.current_node == "run_target" {
            let effect = json!({"type": "start_subworkflow", "result_key": "_temp.execution", "payload": {
                "workflow_id": "ask", "async": true, "wait": timetable.overlap != Overlap::Allow, "report_end": true,
                "cancel_at": timetable.next_run_at.filter(|_| timetable.overlap == Overlap::Cancel),
            }});
            return Ok(StepPlan::Effect { effect: serde_json::from_value(effect).unwrap(), next: wait });
        }
        let calendar = timetable.calendar().map_err(PlanError::value)?;
        let outcome = run.namespace("_temp").shift_remove("execution");
        let ended = outcome.and_then(|o| Timestamp::parse(o["ended_at"].as_str()?));
        let turn = timetable.turn(&calendar, ctx.now, ended);
        timetable.store(model::run::object_at(run.namespace("_meta"), "schedule"));
        Ok(match turn {
            Turn::Run(_) => StepPlan::Goto("run_target".into()),
            Turn::Over => StepPlan::Complete(json!({"executions": timetable.run_count})),
            Turn::Wait(moment) => {
                let effect = json!({"type": "wait_until", "payload": {"until": moment}});
                StepPlan::Effect { effect: serde_json::from_value(effect).unwrap(), next: wait }
            }
        })
    }
}

fn minute(minutes: i64) -> Timestamp {
    Timestamp::from_micros(minutes * 60_000_000)
}

impl Bench {
    /// Starts the schedule `r` at minute 5.
    async fn cron(&self, overlap: Overlap, catch_up: CatchUp) -> RunId {
        self.set_clock(5);
        let mut timetable = Timetable::new("*/10 * * * *".into(), "UTC".into(), minute(5), minute(5));
        (timetable.overlap, timetable.catch_up) = (overlap, catch_up);
        let mut vars = json!({"_meta": {"schedule": {"kind": "scheduled_run"}}}).as_object().cloned().unwrap();
        timetable.store(vars["_meta"]["schedule"].as_object_mut().unwrap());
        let run = Run::new("r".into(), "scheduled:cron".into(), "wait_interval".into(), vars, minute(5));
        let admission = Admission { run, listeners: vec![], session_owner: None, start_key: None };
        self.engine.start(admission).await.unwrap().run_id
    }

    fn set_clock(&self, minutes: i64) {
        *self.world.now.lock() = minute(minutes);
    }

    /// Sets the clock and lets the engine notice, as it does within a minute by itself.
    fn clock(&self, minutes: i64) {
        self.set_clock(minutes);
        self.engine.inner.timers.look();
    }

    /// The executions so far, in the order of their times, each with its status.
    async fn executions(&self) -> Vec<RunStatus> {
        let mut runs = Vec::new();
        for child in self.store.children(&"r".into()).await.unwrap() {
            runs.push(self.store.run(&child).await.unwrap().unwrap().run);
        }
        runs.sort_by_key(|run| run.created_at);
        runs.iter().map(|run| run.status).collect()
    }

    /// Waits until so many executions were started, and gives the last one as soon as it asks its question.
    async fn started(&self, count: u64) -> RunId {
        self.until(&"r".into(), |run| Timetable::of(run).unwrap().run_count == count).await;
        for child in self.store.children(&"r".into()).await.unwrap() {
            let asks = self.until(&child, |run| run.status != RunStatus::Running).await;
            if asks.created_at == *self.world.now.lock() {
                return child;
            }
        }
        panic!("no execution was started now");
    }

    async fn end(&self, execution: &RunId) {
        let payload = json!({"payload": {"response": "done"}});
        self.send(&format!("end {execution}"), execution, CommandKind::Resume, payload).await.unwrap();
        self.status(execution, RunStatus::Completed).await;
    }

    /// Waits until the schedule waits for a moment.
    async fn waits_for(&self, minutes: i64) -> Run {
        let until = minute(minutes).to_string();
        let waits = |run: &Run| {
            run.waiting.as_ref().is_some_and(|w| w.reason == WaitReason::Until && w.until.as_ref() == Some(&until))
        };
        self.until(&"r".into(), waits).await
    }
}

async fn engine(folder: &Path) -> Bench {
    let bench = bench(folder);
    bench.engine.recover().await.unwrap();
    bench
}

#[tokio::test]
async fn an_execution_is_started_at_its_time_and_skips_what_it_overlaps() {
    let folder = tempfile::tempdir().unwrap();
    let bench = engine(folder.path()).await;
    bench.cron(Overlap::Skip, CatchUp::One).await;
    bench.waits_for(10).await;
    bench.clock(10);
    let first = bench.started(1).await;
    bench.set_clock(35);
    bench.end(&first).await;
    bench.waits_for(40).await;
    bench.clock(40);
    bench.started(2).await;
    assert_eq!(bench.executions().await, [RunStatus::Completed, RunStatus::Waiting]);
}

#[tokio::test]
async fn executions_may_go_on_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let bench = engine(folder.path()).await;
    bench.cron(Overlap::Allow, CatchUp::One).await;
    for (minutes, count) in [(10, 1), (20, 2), (30, 3)] {
        bench.waits_for(minutes).await;
        bench.clock(minutes);
        bench.started(count).await;
    }
    assert_eq!(bench.executions().await, [RunStatus::Waiting; 3]);
}

#[tokio::test]
async fn an_overlapped_time_is_kept_for_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let bench = engine(folder.path()).await;
    bench.cron(Overlap::Queue, CatchUp::None).await;
    bench.waits_for(10).await;
    bench.clock(10);
    let first = bench.started(1).await;
    bench.clock(35);
    assert_eq!(bench.executions().await, [RunStatus::Waiting]);
    bench.end(&first).await;
    let second = bench.started(2).await;
    bench.set_clock(36);
    bench.end(&second).await;
    bench.waits_for(40).await;
}

#[tokio::test]
async fn an_execution_is_cancelled_when_the_next_one_is_due_also_across_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = engine(folder.path()).await;
    first.cron(Overlap::Cancel, CatchUp::None).await;
    first.waits_for(10).await;
    first.clock(10);
    let running = first.started(1).await;
    first.clock(19);
    first.clock(20);
    first.started(2).await;
    let ended = first.store.run(&running).await.unwrap().unwrap().run;
    assert_eq!(ended.status, RunStatus::Cancelled);
    assert_eq!(ended.error.as_deref(), Some("Cancelled: the next execution of its schedule is due"));
    let second = bench(folder.path());
    second.set_clock(29);
    second.engine.recover().await.unwrap();
    assert_eq!(second.executions().await, [RunStatus::Cancelled, RunStatus::Waiting]);
    let waits = second.until(&"r".into(), |run| run.waiting.is_some()).await.waiting.unwrap();
    assert_eq!((waits.reason, waits.until), (WaitReason::Subworkflow, Some(minute(30).to_string())));
    while second.engine.live() > 0 {
        tokio::task::yield_now().await;
    }
    second.clock(30);
    second.started(3).await;
    assert_eq!(second.executions().await, [RunStatus::Cancelled, RunStatus::Cancelled, RunStatus::Waiting]);
}

#[tokio::test]
async fn times_missed_while_the_engine_was_down_or_held_are_made_up_for_as_asked() {
    for (catch_up, expected) in [(CatchUp::None, 0), (CatchUp::One, 1), (CatchUp::All, 3)] {
        for held in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let mut bench = engine(folder.path()).await;
            bench.cron(Overlap::Allow, catch_up).await;
            bench.waits_for(10).await;
            if held {
                bench.send("p", "r", CommandKind::Pause, json!({})).await.unwrap();
                bench.clock(35);
                assert!(bench.executions().await.is_empty());
                bench.send("c", "r", CommandKind::Resume, json!({})).await.unwrap();
            } else {
                bench = super::bench(folder.path());
                bench.set_clock(35);
                bench.engine.recover().await.unwrap();
            }
            bench.waits_for(40).await;
            assert_eq!(bench.executions().await.len(), expected, "{catch_up:?} held {held}");
        }
    }
}

/// The process dies at every commit in turn: another one takes over from what is stored then.
#[tokio::test]
async fn a_restart_at_any_moment_neither_loses_nor_doubles_an_execution() {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = engine(folder.path()).await;
    bench.cron(Overlap::Skip, CatchUp::All).await;
    for time in 1..=6u64 {
        let minutes = i64::try_from(time).unwrap() * 10;
        bench.waits_for(minutes).await;
        // Not closed: it is dropped where it stands, and the next one finds the time due.
        bench = super::bench(folder.path());
        bench.set_clock(minutes);
        bench.engine.recover().await.unwrap();
        let execution = bench.started(time).await;
        bench = super::bench(folder.path());
        bench.set_clock(minutes);
        bench.engine.recover().await.unwrap();
        bench.end(&execution).await;
    }
    bench.waits_for(70).await;
    assert_eq!(bench.executions().await, [RunStatus::Completed; 6]);
    let run = bench.store.run(&"r".into()).await.unwrap().unwrap().run;
    assert_eq!(Timetable::of(&run).unwrap().last_run_at, Some(minute(60)));
}

#[tokio::test]
async fn a_clock_that_jumps_fires_nothing_twice_and_stalls_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bench = engine(folder.path()).await;
    bench.cron(Overlap::Allow, CatchUp::One).await;
    bench.waits_for(10).await;
    bench.clock(10);
    bench.started(1).await;
    bench.waits_for(20).await;
    // A little back: the time that was is not again.
    bench.clock(2);
    bench.clock(10);
    bench.clock(15);
    assert_eq!(bench.waits_for(20).await.waiting.unwrap().reason, WaitReason::Until);
    assert_eq!(bench.executions().await.len(), 1);
    // A month forward: one execution, by the policy.
    bench.clock(43_205);
    bench.waits_for(43_210).await;
    assert_eq!(bench.executions().await.len(), 2);
    // It was wrong. What waits for next month looks again.
    bench.clock(25);
    bench.waits_for(30).await;
    bench.clock(30);
    bench.started(3).await;
}

#[tokio::test]
async fn a_clock_that_was_mended_while_the_engine_was_down_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let first = engine(folder.path()).await;
    first.cron(Overlap::Skip, CatchUp::None).await;
    first.clock(43_205);
    first.waits_for(43_210).await;
    let second = bench(folder.path());
    second.set_clock(25);
    second.engine.recover().await.unwrap();
    second.waits_for(30).await;
}

/// The clock goes back between a timer's noticing and its run's look.
#[tokio::test]
async fn a_timer_that_went_off_too_early_is_set_again() {
    let folder = tempfile::tempdir().unwrap();
    let bench = engine(folder.path()).await;
    bench.cron(Overlap::Skip, CatchUp::None).await;
    bench.waits_for(10).await;
    while bench.engine.live() > 0 {
        tokio::task::yield_now().await;
    }
    let due = bench.engine.inner.timers.due(minute(10));
    assert_eq!(due, ["r".into()]);
    bench.set_clock(9);
    bench.engine.look("r".into());
    while bench.engine.live() > 0 {
        tokio::task::yield_now().await;
    }
    bench.clock(10);
    bench.started(1).await;
}

#[tokio::test]
async fn a_resume_starts_an_execution_now_and_keeps_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let bench = engine(folder.path()).await;
    bench.cron(Overlap::Skip, CatchUp::One).await;
    bench.waits_for(10).await;
    bench.set_clock(7);
    bench.send("now", "r", CommandKind::Resume, json!({})).await.unwrap();
    let asked = bench.started(1).await;
    bench.end(&asked).await;
    bench.waits_for(10).await;
    // A schedule that was held is only let go on.
    bench.send("p", "r", CommandKind::Pause, json!({})).await.unwrap();
    bench.send("c", "r", CommandKind::Resume, json!({})).await.unwrap();
    let run = bench.waits_for(10).await;
    assert!(!run.is_paused());
    assert_eq!(bench.executions().await.len(), 1);
}

#[tokio::test]
async fn another_expression_moves_the_present_wait() {
    let folder = tempfile::tempdir().unwrap();
    let bench = engine(folder.path()).await;
    bench.cron(Overlap::Skip, CatchUp::One).await;
    bench.waits_for(10).await;
    for (id, payload, until) in [
        ("a", json!({"cron": "*/4 * * * *"}), 8),
        ("b", json!({"cron": "0 3 * * *", "time_zone": "Europe/Paris"}), 120),
        ("c", json!({"time_zone": "UTC"}), 180),
        ("d", json!({"cron": "*/7 * * * *", "apply_immediately": false}), 180),
    ] {
        bench.send(id, "r", CommandKind::UpdateSchedule, payload).await.unwrap();
        let run = bench.waits_for(until).await;
        assert_eq!(run.vars["_runtime"]["last_schedule_update"]["command_id"], id);
        assert_eq!(run.vars["_meta"]["schedule"]["next_run_at"], json!(minute(until)));
    }
    let written = bench.world.rescheduled.lock().clone();
    assert_eq!(written[2..], ["scheduled:cron 0 3 * * * in UTC", "scheduled:cron */7 * * * * in UTC"]);
    bench.clock(180);
    let kept = bench.started(1).await;
    bench.end(&kept).await;
    bench.waits_for(187).await;
    for (payload, code) in [
        (json!({"cron": "often"}), Code::Validation),
        (json!({"cron": "0 0 30 2 *"}), Code::Validation),
        (json!({"time_zone": "Mars/Olympus"}), Code::Validation),
        (json!({"cron": "@daily", "interval": "1h"}), Code::Validation),
        (json!({}), Code::Validation),
        (json!({"interval": "1h"}), Code::Conflict),
    ] {
        let refused = bench.send("", "r", CommandKind::UpdateSchedule, payload.clone()).await.unwrap_err();
        assert_eq!(refused.code, code, "{payload}");
    }
}
