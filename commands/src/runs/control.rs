//! `runs cancel` and `runs pause`: a command with a reason, for a run and everything it started.

use model::Map;
use model::api::runs::{RunSummary, ShowRun};

use super::answer::waits_for_person;
use super::{render_sent, send};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;

/// Ask it of a run and the runs it started
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The run
    run_id: String,
    /// Why, for the ledger
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

pub(super) async fn run(context: &Context, target: &Target, kind: &str, args: Args) -> Result<Exit, Failure> {
    let mut payload = Map::new();
    if let Some(reason) = args.reason {
        payload.insert("reason".into(), reason.into());
    }
    let taken = send(target, &args.run_id, kind, payload).await?;
    context.ui.show(&render_sent(&args.run_id, kind, &taken))?;
    if kind == "pause" {
        let run = target.call(&ShowRun { run_id: args.run_id }).await?;
        if let Some(note) = not_held(&run) {
            context.ui.note(note);
        }
    }
    Ok(Exit::Success)
}

/// A pause does not touch a question: that would surprise who asked for it.
fn not_held(run: &RunSummary) -> Option<&'static str> {
    let asks = !run.paused && run.waiting.as_ref().is_some_and(waits_for_person);
    asks.then_some("the run waits for an answer and is not held: it goes on when it is answered")
}

#[cfg(test)]
mod tests {
    use model::Value;
    use serde_json::json;

    use super::super::show::summary;
    use super::*;

    #[test]
    fn a_question_is_not_held() {
        let check = |waiting: Value, noted: bool| {
            assert_eq!(not_held(&summary("waiting", waiting.clone())).is_some(), noted, "{waiting}");
        };
        check(json!({"reason": "user", "wait_key": "k", "prompt": "who?", "allow_free_text": true}), true);
        check(json!({"reason": "user", "allow_free_text": false, "details": {"kind": "pause"}}), false);
        check(json!({"reason": "until", "until": "2026-11-22T07:28:20Z", "allow_free_text": true}), false);
        check(Value::Null, false);
    }
}
