//! `runs show`.

use model::Value;
use model::api::runs::explain::ExplainCode;
use model::api::runs::{RunSummary, ShowRun, WaitSummary};

use super::answer::{question, waits_for_person};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::ui::{Shown, details, pretty};

/// Show a run
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The run
    run_id: String,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let run = target.call(&ShowRun { run_id: args.run_id }).await?;
    // A run that cannot say what its child waits for is shown as it is.
    let asking = innermost(target, run.clone()).await.ok().and_then(|asking| asking.waiting);
    context.ui.show(&render_asking(&run, asking.as_ref()))?;
    Ok(Exit::Success)
}

/// The run that really waits: a run that waits for one it started passes the question on.
pub(super) async fn innermost(target: &Target, mut run: RunSummary) -> Result<RunSummary, Failure> {
    const DEPTH_MAX: usize = 64;
    for _ in 0..DEPTH_MAX {
        let Some(child) = run.waiting.as_ref().and_then(|w| w.details.as_ref()?.get("sub_run_id")?.as_str()) else {
            break;
        };
        run = target.call(&ShowRun { run_id: child.to_owned() }).await?;
    }
    Ok(run)
}

/// A run for people; for programs the reply.
pub(super) fn render(run: &RunSummary) -> Shown {
    render_asking(run, run.waiting.as_ref())
}

/// The same with the wait of the run that asks, when that is one it started.
fn render_asking(run: &RunSummary, asking: Option<&WaitSummary>) -> Shown {
    let wait = asking.filter(|wait| waits_for_person(wait)).or(run.waiting.as_ref());
    let paused = run.paused.then(|| match &run.pause_reason {
        Some(reason) => format!("yes: {reason}"),
        None => "yes".to_owned(),
    });
    let next = next_time(run);
    let text = details(&[
        ("run", Some(run.run_id.to_string())),
        ("workflow", Some(run.workflow_id.clone())),
        ("status", Some(run.status.as_str().to_owned())),
        ("node", run.current_node.clone()),
        ("schedule", schedule_text(run)),
        ("next time", next.clone()),
        ("paused", paused),
        ("stands still", run.explain.as_ref().filter(|why| stands_still(why.code)).map(|why| why.message.clone())),
        ("waits for", wait.filter(|_| next.is_none()).map(wait_text)),
        ("answer with", wait.and_then(|wait| how_to_answer(&run.run_id, wait))),
        ("error", run.error.clone()),
        ("warnings", run.flow_warnings.as_ref().map(|w| w.join("; "))),
        ("session", run.session_id.clone()),
        ("forked from", run.forked_from.as_ref().map(|from| format!("{} after record {}", from.run_id, from.cursor))),
        ("parent", run.parent_run_id.as_ref().map(ToString::to_string)),
        ("created", Some(run.created_at.to_whole_seconds())),
        ("updated", Some(run.updated_at.to_whole_seconds())),
        ("output", run.output.as_ref().map(pretty)),
    ]);
    Shown::new(run, vec![run.run_id.to_string()], text)
}

/// Whether the status of the run does not say that it does not move.
fn stands_still(code: ExplainCode) -> bool {
    matches!(
        code,
        ExplainCode::Retrying | ExplainCode::WorkflowMissing | ExplainCode::NoRunner | ExplainCode::NotDriven
    )
}

/// What a schedule does, in a line.
fn schedule_text(run: &RunSummary) -> Option<String> {
    let schedule = run.schedule.as_ref()?;
    let text = |key: &str| schedule.get(key).and_then(Value::as_str);
    let mut line = text("target_workflow_id").unwrap_or("?").to_owned();
    let count = schedule.get("repeat_count").and_then(Value::as_u64);
    if let (Some(cron), Some(zone)) = (text("cron"), text("time_zone")) {
        let times = count.map(|count| format!(", {count} times")).unwrap_or_default();
        let word = |key: &str| text(key).unwrap_or("?").to_owned();
        let policies = format!("overlap {}, catch-up {}", word("overlap"), word("catch_up"));
        line.push_str(&format!("{times}, at {cron} ({zone}), {policies}"));
    } else {
        match (text("interval"), count) {
            (Some(interval), Some(count)) => line.push_str(&format!(", {count} times, every {interval}")),
            (Some(interval), None) => line.push_str(&format!(", every {interval}")),
            (None, _) => line.push_str(", once"),
        }
    }
    if let Some(until) = text("repeat_until") {
        line.push_str(&format!(", until {until}"));
    }
    Some(line)
}

/// When a schedule runs its flow next, when it waits for that.
pub(super) fn next_time(run: &RunSummary) -> Option<String> {
    let waits = run.waiting.as_ref().filter(|w| w.reason == "until").and_then(|w| w.until.clone());
    let next = run.schedule.as_ref()?.get("next_run_at").and_then(Value::as_str).map(str::to_owned);
    let until = waits.or(next)?;
    Some(if run.paused { format!("{until}, when it is resumed") } else { until })
}

fn wait_text(wait: &WaitSummary) -> String {
    if waits_for_person(wait) {
        return question(wait);
    }
    let what = wait.until.as_ref().or(wait.wait_key.as_ref());
    what.map_or_else(|| wait.reason.clone(), |what| format!("{} {what}", wait.reason))
}

/// The command that answers what a run waits for.
pub(super) fn how_to_answer(run_id: &str, wait: &WaitSummary) -> Option<String> {
    if !waits_for_person(wait) {
        return None;
    }
    let flag = if super::answer::is_approval(wait) { "--approve (or --deny)" } else { "--answer TEXT" };
    Some(format!("abstractgateway runs resume {run_id} {flag}"))
}

#[cfg(test)]
pub(super) fn summary(status: &str, waiting: Value) -> RunSummary {
    let mut run = serde_json::to_value(RunSummary::of(&model::Run::new(
        "r1".into(),
        "b@1:f".into(),
        "n".into(),
        model::Map::new(),
        model::Timestamp::EPOCH,
    )))
    .unwrap();
    run["status"] = status.into();
    run["waiting"] = waiting;
    serde_json::from_value(run).unwrap()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schedule_says_when_it_runs_next() {
        let check = |schedule: Value, paused: bool, expected: &str| {
            let wait = json!({"reason": "until", "until": "2026-11-22T07:28:20+00:00", "allow_free_text": true});
            let run = RunSummary { schedule: Some(schedule), paused, ..summary("waiting", wait) };
            assert!(render(&run).text.contains(expected), "{}", render(&run).text);
        };
        let every = json!({"target_workflow_id": "b@1:f", "interval": "1h"});
        check(every.clone(), false, "schedule   b@1:f, every 1h\nnext time  2026-11-22T07:28:20+00:00\n");
        check(every, true, "next time  2026-11-22T07:28:20+00:00, when it is resumed\n");
        let counted =
            json!({"target_workflow_id": "b@1:f", "interval": "1h", "repeat_count": 3, "repeat_until": "2027"});
        check(counted, false, "schedule   b@1:f, 3 times, every 1h, until 2027\n");
        check(json!({"target_workflow_id": "b@1:f", "repeat_count": 1}), false, "schedule   b@1:f, once\n");
        let cron = json!({"target_workflow_id": "b@1:f", "cron": "@daily", "time_zone": "UTC", "overlap": "skip",
            "catch_up": "one", "repeat_count": 3, "next_run_at": "2026-11-23T00:00:00+00:00"});
        check(cron.clone(), false, "schedule   b@1:f, 3 times, at @daily (UTC), overlap skip, catch-up one\n");
        // While an execution goes on the schedule waits for that.
        let busy = json!({"reason": "subworkflow", "wait_key": "w", "allow_free_text": true});
        let run = RunSummary { schedule: Some(cron), ..summary("waiting", busy) };
        assert!(render(&run).text.contains("next time  2026-11-23T00:00:00+00:00\n"), "{}", render(&run).text);
    }

    #[test]
    fn a_run_that_only_seems_to_run_says_so() {
        for (code, told) in [("retrying", true), ("workflow_missing", true), ("no_runner", true), ("ready", false)] {
            let explain = json!({"code": code, "message": "because", "since": null, "node": "n"});
            let run =
                RunSummary { explain: serde_json::from_value(explain).unwrap(), ..summary("running", Value::Null) };
            assert_eq!(render(&run).text.contains("stands still  because"), told, "{code}");
        }
    }

    #[test]
    fn a_waiting_run_says_how_to_answer() {
        let wait = json!({"reason": "user", "wait_key": "k", "prompt": "who are you ?", "choices": ["a", "b"], "allow_free_text": true});
        assert_eq!(
            render(&summary("waiting", wait)).text,
            "run          r1\nworkflow     b@1:f\nstatus       waiting\nnode         n\n\
             waits for    who are you ? (a, b)\nanswer with  abstractgateway runs resume r1 --answer TEXT\n\
             created      1970-01-01T00:00:00+00:00\nupdated      1970-01-01T00:00:00+00:00"
        );
        let child = serde_json::from_value(json!({"reason": "user", "prompt": "which?", "allow_free_text": true}));
        let wait =
            json!({"reason": "subworkflow", "wait_key": "w", "allow_free_text": true, "details": {"sub_run_id": "r2"}});
        let shown = render_asking(&summary("waiting", wait), Some(&child.unwrap())).text;
        let expected = "waits for    which?\nanswer with  abstractgateway runs resume r1 --answer TEXT\n";
        assert!(shown.contains(expected), "{shown}");
        let wait = json!({"reason": "until", "until": "2026-11-22T07:28:20Z", "allow_free_text": true});
        let shown = render(&summary("waiting", wait)).text;
        assert!(shown.contains("waits for  until 2026-11-22T07:28:20Z\n") && !shown.contains("answer with"), "{shown}");
    }
}
