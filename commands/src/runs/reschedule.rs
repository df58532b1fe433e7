//! `runs reschedule`.

use model::Map;

use super::{render_sent, send};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;

/// Give a schedule another interval
///
/// A schedule that waits for its next time waits anew, from now; `runs resume` lets it run at once.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The schedule, or a run it started
    run_id: String,
    /// Pause between two executions, such as 30s, 20m, 1.5h or 1d
    #[arg(long, value_name = "INTERVAL")]
    every: String,
    /// Leave the next time as it is
    #[arg(long)]
    keep_next: bool,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let taken = send(target, &args.run_id, "update_schedule", payload(args.every, args.keep_next)).await?;
    context.ui.show(&render_sent(&args.run_id, "another interval", &taken))?;
    Ok(Exit::Success)
}

fn payload(every: String, keep_next: bool) -> Map {
    Map::from_iter([("interval".to_owned(), every.into()), ("apply_immediately".to_owned(), (!keep_next).into())])
}

#[cfg(test)]
mod tests {
    use model::Value;
    use serde_json::json;

    #[test]
    fn the_next_time_moves_unless_it_is_kept() {
        for (keep_next, at_once) in [(false, true), (true, false)] {
            let payload = super::payload("2h".into(), keep_next);
            assert_eq!(Value::Object(payload), json!({"interval": "2h", "apply_immediately": at_once}));
        }
    }
}
