//! Every kind of schedule, compiled and driven as the engine would: what it waits for, what it starts, how it ends.

use model::workflow::{PlanContext, StepPlan, Workflow};
use model::{EffectKind, Run, Timestamp};

use super::*;
use crate::{Document, Program};

fn compiled(document: &Value) -> Program {
    Program::compile(Document::read(document, None).unwrap()).unwrap()
}

/// Drives a document through at most `children` executions, one second a wait; what happened, and the output.
fn drive(document: &Value, vars: Value, children: usize) -> (Vec<String>, Option<Value>) {
    let program = compiled(document);
    let mut run = Run::new(
        "r".into(),
        program.id().into(),
        program.entry().into(),
        vars.as_object().cloned().unwrap(),
        Timestamp::EPOCH,
    );
    let (mut seen, mut left) = (Vec::new(), children);
    for step in 0..1000u32 {
        let ctx = PlanContext::new(Timestamp::EPOCH, u128::from(step));
        let (effect, next) = match program.plan(&mut run, &ctx).unwrap() {
            StepPlan::Complete(output) => return (seen, Some(output)),
            StepPlan::Goto(next) => {
                let from = std::mem::replace(&mut run.current_node, next);
                run.namespace("_temp").insert("prev_node_id".into(), from.into());
                continue;
            }
            StepPlan::Effect { effect, next } => (effect, next.unwrap()),
        };
        let result = match effect.kind {
            EffectKind::WaitUntil => {
                seen.push(format!("{} {}", run.current_node, effect.payload["until"].as_str().unwrap()));
                json!({"until": effect.payload["until"], "ready": true})
            }
            EffectKind::StartSubworkflow if left == 0 => return (seen, None),
            EffectKind::StartSubworkflow => {
                left -= 1;
                let session = effect.payload.get("session_id").and_then(Value::as_str).unwrap_or("-");
                seen.push(format!(
                    "{} {} {session}",
                    effect.payload["workflow_id"].as_str().unwrap(),
                    effect.payload["vars"]
                ));
                json!({"sub_run_id": "c", "output": {"success": false, "error": "no"}})
            }
            other => panic!("{other:?}"),
        };
        model::run::write_path(&mut run.vars, effect.result_key.as_deref().unwrap(), result);
        let from = std::mem::replace(&mut run.current_node, next);
        run.namespace("_temp").insert("prev_node_id".into(), from.into());
    }
    panic!("the schedule goes round without waiting")
}

#[test]
fn every_kind_of_schedule_waits_and_starts_as_it_should() {
    let times = |count, interval: &str| Rhythm::Times { count, interval: Some(interval.into()) };
    let (epoch, hour) = ("1970-01-01T00:00:00+00:00", "1970-01-01T01:00:00+00:00");
    let start = format!("wait_start {epoch}");
    let pause = format!("wait_interval {hour}");
    let child = |session: &str| format!("b@1:f {{\"a\":1}} {session}");
    let vars = json!({"vars": {"a": 1}, "session_prefix": "scheduled:x"});
    let whole = json!({"vars": {"a": 1}, "session_prefix": "scheduled:x", "success": true});
    let branch = |taken: bool| json!({"branch": taken.to_string(), "condition": taken, "success": true});
    for (rhythm, isolated, expected, output) in [
        (Rhythm::Once, false, vec![start.clone(), child("-")], Some(whole.clone())),
        (Rhythm::Once, true, vec![start.clone(), child("scheduled:x : 0")], Some(whole)),
        (Rhythm::Times { count: 1, interval: None }, false, vec![start.clone(), child("-")], Some(branch(true))),
        (
            times(3, "1h"),
            false,
            vec![start.clone(), child("-"), pause.clone(), child("-"), pause.clone(), child("-")],
            Some(branch(false)),
        ),
        (
            times(2, "1h"),
            true,
            vec![start.clone(), child("scheduled:x : 0"), pause.clone(), child("scheduled:x : 1")],
            Some(branch(false)),
        ),
        (
            Rhythm::Forever { interval: "1h".into() },
            false,
            vec![start.clone(), child("-"), pause.clone(), child("-"), pause.clone(), child("-"), pause.clone()],
            None,
        ),
        (
            Rhythm::Forever { interval: "1h".into() },
            true,
            vec![
                start.clone(),
                child(&format!("scheduled:x : {epoch}")),
                pause.clone(),
                child(&format!("scheduled:x : {epoch}")),
                pause.clone(),
                child(&format!("scheduled:x : {epoch}")),
                pause.clone(),
            ],
            None,
        ),
    ] {
        let wrapper = Wrapper { id: "scheduled:x", target: "b@1:f", start: "0s", rhythm, isolated };
        let (seen, ended) = drive(&wrapper.document(), vars.clone(), 3);
        assert_eq!(seen, expected, "{wrapper:?}");
        assert_eq!(ended, output, "{wrapper:?}");
    }
}

#[test]
fn the_first_time_may_be_a_moment_or_a_pause() {
    for (start, until) in [
        ("0s", "1970-01-01T00:00:00+00:00"),
        ("90m", "1970-01-01T01:30:00+00:00"),
        ("2026-11-22T09:00:00+02:00", "2026-11-22T07:00:00+00:00"),
        ("2026-11-22", "2026-11-22T00:00:00+00:00"),
    ] {
        let wrapper = Wrapper { id: "s", target: "b@1:f", start, rhythm: Rhythm::Once, isolated: false };
        assert_eq!(drive(&wrapper.document(), json!({"vars": {"a": 1}}), 1).0[0], format!("wait_start {until}"));
    }
}

#[test]
fn another_interval_counts_from_the_next_wait() {
    let rhythm = Rhythm::Forever { interval: "1h".into() };
    let wrapper = Wrapper { id: "s", target: "b@1:f", start: "0s", rhythm, isolated: false };
    let mut document = wrapper.document();
    assert!(set_interval(&mut document, "2h"));
    assert_eq!(drive(&document, json!({"vars": {"a": 1}}), 1).0[2], "wait_interval 1970-01-01T02:00:00+00:00");
    let mut without = Wrapper { rhythm: Rhythm::Once, ..wrapper }.document();
    assert!(!set_interval(&mut without, "2h") && !set_interval(&mut json!(5), "2h"));
}

/// A document as the Python gateway stores it: other labels, places and edge ids, the same nodes.
#[test]
fn nodes_and_pins_are_those_of_stored_files() {
    let ids = |rhythm: Rhythm, isolated| {
        let document = Wrapper { id: "s", target: "t", start: "0s", rhythm, isolated }.document();
        let mut ids: Vec<String> =
            document["nodes"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap().into()).collect();
        ids.sort();
        ids.join(" ")
    };
    assert_eq!(ids(Rhythm::Once, false), "end run_target start wait_start");
    assert_eq!(ids(Rhythm::Once, true), "child_sid end prefix_colon run_target set_child_sid start wait_start");
    let counted = Rhythm::Times { count: 2, interval: Some("1s".into()) };
    assert_eq!(ids(counted.clone(), false), "end is_first pick_wait repeat run_target start wait_interval wait_start");
    assert!(ids(counted, true).contains("idx_str is_first pick_wait prefix_colon repeat run_target set_child_sid"));
    let forever = Rhythm::Forever { interval: "1s".into() };
    assert_eq!(ids(forever, true), "child_sid dt prefix_colon run_target set_child_sid start wait_interval wait_start");
}
