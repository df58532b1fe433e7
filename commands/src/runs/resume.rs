//! `runs resume`: lets a held run go on, or answers what it waits for.

use model::Map;
use model::api::runs::{RunSummary, ShowRun};

use super::answer::{self, decision, is_approval, resume_payload, waits_for_person, words};
use super::show::innermost;
use super::{render_sent, send};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::value;

/// Let a held run go on, or answer what it waits for
///
/// Without an answer a paused run goes on; on a terminal a question of the run is asked.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  abstractgateway runs resume RUN --answer \"the second one\"\n  abstractgateway runs resume RUN --deny --reason \"not this file\""
)]
pub(super) struct Args {
    /// The run; a question of a run it started is found by itself
    run_id: String,
    /// Answer its question
    #[arg(long, value_name = "TEXT", group = "reply")]
    answer: Option<String>,
    /// Allow the tool calls it asks for
    #[arg(long, group = "reply")]
    approve: bool,
    /// Refuse the tool calls it asks for
    #[arg(long, group = "reply")]
    deny: bool,
    /// Say why they are refused
    #[arg(long, value_name = "TEXT", requires = "deny")]
    reason: Option<String>,
    /// Answer with a JSON object
    #[arg(long, value_name = "JSON", group = "reply", value_parser = value::object)]
    payload: Option<Map>,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let run = target.call(&ShowRun { run_id: args.run_id.clone() }).await?;
    let waiting = innermost(target, run).await?;
    let (run_id, payload) = match reply(&args) {
        Some(reply) => (waiting.run_id.to_string(), checked(&waiting, &args, reply)?),
        None => match &waiting.waiting {
            Some(wait) if waits_for_person(wait) && context.ui.interactive => {
                let reply = answer::ask(&context.ui, wait)?;
                (waiting.run_id.to_string(), resume_payload(wait.wait_key.as_deref(), reply))
            }
            _ => (args.run_id.clone(), Map::new()),
        },
    };
    let taken = send(target, &run_id, "resume", payload).await?;
    context.ui.show(&render_sent(&run_id, "resume", &taken))?;
    Ok(Exit::Success)
}

fn reply(args: &Args) -> Option<Map> {
    if args.approve {
        return Some(decision(true, None));
    }
    if args.deny {
        return Some(decision(false, args.reason.as_deref()));
    }
    args.answer.as_deref().map(words).or_else(|| args.payload.clone())
}

/// The answer for the wait the run is in now, so that it cannot reach a later one.
fn checked(run: &RunSummary, args: &Args, reply: Map) -> Result<Map, Failure> {
    let Some(wait) = &run.waiting else {
        return Err(Failure::new(format!("run {} waits for nothing", run.run_id))
            .why(format!("its status is {}", run.status.as_str()))
            .help(format!("abstractgateway runs show {}", run.run_id)));
    };
    if is_approval(wait) && args.answer.is_some() {
        return Err(Failure::new(format!("run {} waits for a yes or a no", run.run_id))
            .why(answer::question(wait))
            .help(format!("abstractgateway runs resume {} --approve, or --deny", run.run_id)));
    }
    Ok(resume_payload(wait.wait_key.as_deref(), reply))
}

#[cfg(test)]
mod tests {
    use model::Value;
    use serde_json::json;

    use super::super::show::summary;
    use super::*;

    fn args() -> Args {
        Args { run_id: "r1".into(), answer: None, approve: false, deny: false, reason: None, payload: None }
    }

    #[test]
    fn flags_become_replies() {
        let check = |args: Args, expected: Option<Value>| assert_eq!(reply(&args).map(Value::Object), expected);
        check(args(), None);
        check(Args { answer: Some("a".into()), ..args() }, Some(json!({"response": "a"})));
        check(Args { approve: true, ..args() }, Some(json!({"approved": true})));
        check(Args { deny: true, reason: Some("x".into()), ..args() }, Some(json!({"approved": false, "reason": "x"})));
        check(Args { payload: Some(Map::new()), ..args() }, Some(json!({})));
    }

    #[test]
    fn an_answer_is_bound_to_the_present_wait() {
        let waiting = summary("waiting", json!({"reason": "user", "wait_key": "k", "allow_free_text": true}));
        let payload = checked(&waiting, &args(), words("a")).unwrap();
        assert_eq!(payload["wait_key"], "k");
        let running = summary("running", Value::Null);
        assert_eq!(checked(&running, &args(), words("a")).unwrap_err().what, "run r1 waits for nothing");
        let details = json!({"mode": "approval_required", "tool_calls": []});
        let approval = summary("waiting", json!({"reason": "user", "allow_free_text": true, "details": details}));
        let said = Args { answer: Some("yes".into()), ..args() };
        assert_eq!(checked(&approval, &said, words("yes")).unwrap_err().what, "run r1 waits for a yes or a no");
    }
}
