//! `runs reschedule`.

use model::Map;

use super::{render_sent, send};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;

/// Give a schedule another interval or cron expression
///
/// A schedule that waits for its next time waits anew, from now; `runs resume` lets it run at once.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  abstractgateway runs reschedule RUN --every 20m\n  abstractgateway runs reschedule RUN --cron \"0 9 * * *\" --time-zone Europe/Paris"
)]
pub(super) struct Args {
    /// The schedule, or a run it started
    run_id: String,
    /// Pause between two executions, such as 30s, 20m, 1.5h or 1d
    #[arg(long, value_name = "INTERVAL", required_unless_present_any = ["cron", "time_zone"], conflicts_with_all = ["cron", "time_zone"])]
    every: Option<String>,
    /// Cron expression, such as '0 9 * * MON-FRI', for a schedule that was made with one
    #[arg(long, value_name = "EXPRESSION")]
    cron: Option<String>,
    /// Zone the expression is read in, such as Europe/Paris
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Leave the next time as it is
    #[arg(long)]
    keep_next: bool,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let run_id = args.run_id.clone();
    let what = if args.every.is_some() { "another interval" } else { "other times" };
    let taken = send(target, &run_id, "update_schedule", payload(args)).await?;
    context.ui.show(&render_sent(&run_id, what, &taken))?;
    Ok(Exit::Success)
}

fn payload(args: Args) -> Map {
    let words = [("interval", args.every), ("cron", args.cron), ("time_zone", args.time_zone)];
    let mut payload: Map = words.into_iter().filter_map(|(key, word)| Some((key.to_owned(), word?.into()))).collect();
    payload.insert("apply_immediately".into(), (!args.keep_next).into());
    payload
}

#[cfg(test)]
mod tests {
    use model::Value;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_next_time_moves_unless_it_is_kept() {
        let args = |every: Option<&str>, cron: Option<&str>, keep_next| Args {
            run_id: "r".into(),
            every: every.map(str::to_owned),
            cron: cron.map(str::to_owned),
            time_zone: None,
            keep_next,
        };
        for (args, expected) in [
            (args(Some("2h"), None, false), json!({"interval": "2h", "apply_immediately": true})),
            (args(Some("2h"), None, true), json!({"interval": "2h", "apply_immediately": false})),
            (args(None, Some("@daily"), false), json!({"cron": "@daily", "apply_immediately": true})),
        ] {
            assert_eq!(Value::Object(payload(args)), expected);
        }
    }
}
