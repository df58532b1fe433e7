//! `runs explain`: why a run stands where it does, down to the run that really holds it up, and the command that moves it.

use model::api::runs::explain::{Explain, ExplainCode};
use model::api::runs::{RunSummary, ShowRun};
use serde_json::json;

use super::show::how_to_answer;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::ui::{Shown, details};

/// Say why a run does not move, and what moves it
///
/// A run that waits for one it started is followed down to the run that holds it up.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  abstractgateway runs explain RUN")]
pub(super) struct Args {
    /// The run
    run_id: String,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let chain = chain(target, args.run_id).await?;
    context.ui.show(&render(&chain))?;
    Ok(Exit::Success)
}

/// The run and the runs it waits for, each for the next.
async fn chain(target: &Target, run_id: String) -> Result<Vec<RunSummary>, Failure> {
    const DEPTH_MAX: usize = 64;
    let mut chain = vec![target.call(&ShowRun { run_id }).await?];
    while let Some(child) = chain.last().and_then(next).filter(|_| chain.len() < DEPTH_MAX) {
        // A child nobody can read leaves what is known.
        let Ok(run) = target.call(&ShowRun { run_id: child }).await else { break };
        chain.push(run);
    }
    Ok(chain)
}

fn next(run: &RunSummary) -> Option<String> {
    let explain = run.explain.as_ref()?;
    explain.child_run_id.as_ref().filter(|_| explain.code == ExplainCode::WaitingForChild).map(ToString::to_string)
}

fn render(chain: &[RunSummary]) -> Shown {
    let Some(last) = chain.last() else { return Shown::new(&json!(null), Vec::new(), String::new()) };
    let blocks: Vec<String> = chain.iter().map(block).collect();
    let moves = last.explain.as_ref().map(|explain| moves(last, explain));
    let rows = [("to move it", moves.clone())];
    let text = format!("{}\n\n{}", blocks.join("\n\n"), details(&rows));
    let shown = |run: &RunSummary| {
        json!({
            "run_id": run.run_id, "workflow_id": run.workflow_id, "status": run.status.as_str(), "explain": run.explain,
        })
    };
    let value = json!({
        "chain": chain.iter().map(shown).collect::<Vec<_>>(), "blocked_by": last.run_id, "to_move_it": moves,
    });
    Shown::new(&value, vec![last.run_id.to_string()], text.trim_end().to_owned())
}

fn block(run: &RunSummary) -> String {
    let explain = run.explain.as_ref();
    let ended = run.status.is_terminal().then(|| format!("it has ended: {}", run.status.as_str()));
    details(&[
        ("run", Some(run.run_id.to_string())),
        ("workflow", Some(run.workflow_id.clone())),
        ("node", run.current_node.clone()),
        ("code", explain.map(|e| e.code.as_str().to_owned())),
        ("why", explain.map(|e| e.message.clone()).or(ended)),
        ("since", explain.and_then(|e| e.since).map(|since| since.to_whole_seconds())),
        ("goes on at", explain.and_then(|e| e.wakes_at.clone())),
    ])
}

/// What moves the run: a command, or that nothing is needed.
fn moves(run: &RunSummary, explain: &Explain) -> String {
    let id = &run.run_id;
    let resume = format!("abstractgateway runs resume {id}");
    match explain.code {
        ExplainCode::Paused => resume,
        ExplainCode::Interrupted | ExplainCode::RetriesExhausted => {
            format!("{resume} --answer retry (or skip, or fail)")
        }
        ExplainCode::WaitingForTime if run.schedule.is_some() => format!("{resume} runs it at once"),
        ExplainCode::WaitingForWorker => format!("{resume} --payload '{{\"mode\": \"executed\", \"results\": [...]}}'"),
        ExplainCode::WaitingForPerson | ExplainCode::WaitingForEvent => {
            let answered = run.waiting.as_ref().and_then(|wait| how_to_answer(id, wait));
            let key = explain.wait_key.as_deref().unwrap_or("?");
            answered.unwrap_or_else(|| format!("emit the event {key} (POST /api/gateway/commands, type emit_event)"))
        }
        ExplainCode::WaitingForTime
        | ExplainCode::CallingModel
        | ExplainCode::CallingTools
        | ExplainCode::Retrying
        | ExplainCode::Ready => format!("nothing is needed; abstractgateway runs cancel {id} ends it"),
        ExplainCode::WorkflowMissing => "abstractgateway bundles upload FILE".to_owned(),
        ExplainCode::NoRunner => "abstractgateway serve".to_owned(),
        ExplainCode::WaitingForChild => "the run it waits for cannot be read".to_owned(),
        ExplainCode::NotDriven => "the program it belongs to".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use model::Value;

    use super::super::show::summary;
    use super::*;

    fn with(code: ExplainCode, waiting: Value) -> RunSummary {
        let mut run = summary(if waiting.is_null() { "running" } else { "waiting" }, waiting);
        let explain = json!({"code": code, "message": "because", "since": "1970-01-01T00:00:00+00:00", "node": "n", "wait_key": "k"});
        run.explain = serde_json::from_value(explain).ok();
        run
    }

    #[test]
    fn every_code_says_what_moves_the_run() {
        use ExplainCode as C;
        let question = json!({"reason": "user", "wait_key": "k", "prompt": "so?", "allow_free_text": true});
        let approval = json!({"reason": "user", "allow_free_text": true, "details": {"mode": "approval_required"}});
        let event = json!({"reason": "event", "wait_key": "k", "allow_free_text": true});
        for (code, waiting, expected) in [
            (C::Paused, Value::Null, "abstractgateway runs resume r1"),
            (C::WaitingForPerson, question, "abstractgateway runs resume r1 --answer TEXT"),
            (C::WaitingForPerson, approval, "abstractgateway runs resume r1 --approve (or --deny)"),
            (C::Interrupted, Value::Null, "abstractgateway runs resume r1 --answer retry (or skip, or fail)"),
            (C::RetriesExhausted, Value::Null, "abstractgateway runs resume r1 --answer retry (or skip, or fail)"),
            (C::WaitingForEvent, event, "emit the event k (POST /api/gateway/commands, type emit_event)"),
            (C::WaitingForTime, Value::Null, "nothing is needed; abstractgateway runs cancel r1 ends it"),
            (C::Retrying, Value::Null, "nothing is needed; abstractgateway runs cancel r1 ends it"),
            (C::WorkflowMissing, Value::Null, "abstractgateway bundles upload FILE"),
            (C::NoRunner, Value::Null, "abstractgateway serve"),
        ] {
            let run = with(code, waiting);
            assert_eq!(moves(&run, run.explain.as_ref().unwrap()), expected, "{code:?}");
        }
        let mut schedule = with(C::WaitingForTime, Value::Null);
        schedule.schedule = Some(json!({}));
        assert_eq!(
            moves(&schedule, schedule.explain.as_ref().unwrap()),
            "abstractgateway runs resume r1 runs it at once"
        );
    }

    #[test]
    fn the_chain_ends_with_what_moves_it() {
        let mut parent = with(ExplainCode::WaitingForChild, Value::Null);
        parent.run_id = "r0".into();
        let child = with(ExplainCode::Paused, Value::Null);
        let shown = render(&[parent, child]);
        assert_eq!(
            shown.text,
            "run       r0\nworkflow  b@1:f\nnode      n\ncode      waiting_for_child\nwhy       because\n\
             since     1970-01-01T00:00:00+00:00\n\nrun       r1\nworkflow  b@1:f\nnode      n\ncode      paused\n\
             why       because\nsince     1970-01-01T00:00:00+00:00\n\nto move it  abstractgateway runs resume r1"
        );
        assert_eq!((&shown.value["blocked_by"], shown.names), (&json!("r1"), vec!["r1".to_owned()]));
    }

    #[test]
    fn a_run_that_has_ended_needs_nothing() {
        let shown = render(&[summary("completed", Value::Null)]);
        assert_eq!(shown.text, "run       r1\nworkflow  b@1:f\nnode      n\nwhy       it has ended: completed");
        assert_eq!(shown.value["to_move_it"], Value::Null);
    }

    #[tokio::test]
    async fn a_run_is_followed_down_to_what_holds_it_up() {
        let mut parent = with(ExplainCode::WaitingForChild, Value::Null);
        parent.run_id = "r0".into();
        parent.explain.as_mut().unwrap().child_run_id = Some("r1".into());
        let child = with(ExplainCode::Paused, Value::Null);
        let body = |run: &RunSummary| serde_json::to_string(run).unwrap();
        let known = vec![("/api/gateway/runs/r0", body(&parent)), ("/api/gateway/runs/r1", body(&child))];
        let ids = async |answers| {
            let target = crate::target::fake::gateway(answers);
            let chain = chain(&target, "r0".into()).await.unwrap();
            chain.iter().map(|run| run.run_id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(ids(known.clone()).await, ["r0", "r1"]);
        assert_eq!(ids(known[..1].to_vec()).await, ["r0"], "a child nobody can read ends the chain");
    }
}
