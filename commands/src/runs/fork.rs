//! `runs fork`: a new run from the state another one had.

use model::api::runs::fork::{ForkPlace, ForkRun, RunForked};
use model::{Map, Value};

use super::follow;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::{Target, Work};
use crate::ui::{Shown, clip, details};
use crate::value;

/// Start a new run from the state a run had after one of its ledger records
///
/// Models and tools before that record are not asked again: their answers are taken from the ledger. The run itself is not
/// changed. A step whose end is not among the records is done anew, and so is what ended the run: without --at a failed run
/// is forked before the step that failed.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  abstractgateway runs fork RUN --at 12 --set tone=formal --follow\n  abstractgateway runs fork RUN --dry-run"
)]
pub(super) struct Args {
    /// The run
    run_id: String,
    /// The ledger record after which it begins; 0 is before the first (default: the last)
    #[arg(long, value_name = "N")]
    at: Option<u32>,
    /// Set a variable, as JSON or text, before it goes on (can be repeated)
    #[arg(long, value_name = "PATH=VALUE", value_parser = value::pair)]
    set: Vec<(String, Value)>,
    /// Start it in this session (default: that of the run)
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Fork the run once, however often this is asked with the same key
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Only say where it would stand
    #[arg(long, conflicts_with = "follow")]
    dry_run: bool,
    /// Watch the new run until it ends
    #[arg(short, long)]
    pub(super) follow: bool,
}

impl Args {
    pub(super) const fn work(&self) -> Work {
        match (self.dry_run, self.follow) {
            (true, _) => Work::Look,
            (false, true) => Work::Run,
            (false, false) => Work::Change,
        }
    }

    fn operation(self) -> ForkRun {
        ForkRun {
            run_id: self.run_id,
            at: self.at.map(i64::from),
            set: self.set.into_iter().collect::<Map>(),
            session_id: self.session,
            dry_run: self.dry_run,
            idempotency_key: self.idempotency_key,
        }
    }
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let follows = args.follow;
    let reply = target.call(&args.operation()).await?;
    let Some(run_id) = &reply.run_id else {
        context.ui.show(&render(&reply))?;
        return Ok(Exit::Success);
    };
    if follows {
        context.ui.note(&format!("run {run_id}"));
        let known = reply.place.as_ref().map_or(0, |place| place.records);
        return follow::run(context, target, run_id, known).await;
    }
    context.ui.show(&render(&reply))?;
    if target.outlives_us() {
        context.ui.note(&format!("watch it with: abstractgateway runs follow {run_id}"));
    } else {
        context.ui.note("no server runs here: the run goes on with `abstractgateway serve` or `runs follow`");
    }
    Ok(Exit::Success)
}

fn render(reply: &RunForked) -> Shown {
    let Some(run_id) = &reply.run_id else { return would_stand(reply) };
    Shown::new(reply, vec![run_id.to_string()], run_id.to_string())
}

fn would_stand(reply: &RunForked) -> Shown {
    let place = reply.place.as_ref();
    let text = details(&[
        ("fork of", Some(format!("{} after record {}", reply.forked_from.run_id, reply.forked_from.cursor))),
        ("history", place.map(history)),
        ("node", place.map(|p| p.node_id.clone())),
        ("does next", place.map(|p| p.effect.clone().unwrap_or_else(|| "it ends".to_owned()))),
        ("waits for", place.and_then(waits_for)),
        ("sets", place.map(|p| p.set.join(", ")).filter(|set| !set.is_empty())),
    ]);
    Shown::new(reply, Vec::new(), text)
}

fn history(place: &ForkPlace) -> String {
    if place.records == 1 { "1 record".to_owned() } else { format!("{} records", place.records) }
}

fn waits_for(place: &ForkPlace) -> Option<String> {
    const PROMPT_MAX: usize = 100;
    let wait = place.waiting.as_ref()?;
    Some(match &wait.prompt {
        Some(prompt) => format!("{}: {}", wait.reason, clip(prompt, PROMPT_MAX)),
        None => wait.reason.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fork_is_its_id_and_a_dry_run_says_where_it_would_stand() {
        let shown = |value: Value| render(&serde_json::from_value(value).unwrap()).text;
        let origin = json!({"run_id": "r1", "cursor": 5});
        assert_eq!(shown(json!({"run_id": "r2", "forked_from": origin})), "r2");
        let wait = json!({"reason": "user", "wait_key": "k", "until": null, "prompt": "who?", "choices": null,
            "allow_free_text": true, "details": null});
        let place = json!({"records": 4, "node_id": "q", "effect": "ask_user", "waiting": wait, "set": ["a", "b.c"]});
        let expected = [
            "fork of    r1 after record 5",
            "history    4 records",
            "node       q",
            "does next  ask_user",
            "waits for  user: who?",
            "sets       a, b.c",
        ];
        assert_eq!(shown(json!({"forked_from": origin, "place": place})), expected.join("\n"));
        let place = json!({"records": 1, "node_id": "e", "effect": null, "waiting": null, "set": []});
        let expected =
            ["fork of    r1 after record 5", "history    1 record", "node       e", "does next  it ends"].join("\n");
        assert_eq!(shown(json!({"forked_from": origin, "place": place})), expected);
    }
}
