//! `runs compact`.

use clap::ValueEnum;
use model::Map;

use super::{render_sent, send};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;

/// Archive the older part of a schedule's conversation and leave a summary in its place
///
/// A model writes the summary while the run waits or goes on; what came of it stands in the run's ledger under the node
/// `compact_memory`. Nothing is lost: the messages are kept as an artifact that the run's memory finds. Without a running
/// server the next one that starts does what is left.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The schedule, or a run it started
    run_id: String,
    /// How many of the latest messages stay
    #[arg(long, value_name = "COUNT", default_value_t = 6)]
    keep: u32,
    /// How short the summary is
    #[arg(long, value_enum, default_value = "standard")]
    mode: Mode,
    /// What the summary keeps in view above all
    #[arg(long, value_name = "TEXT")]
    focus: Option<String>,
    /// The run of the schedule whose conversation is meant; found when it is not named
    #[arg(long, value_name = "RUN_ID")]
    target: Option<String>,
}

/// How short a summary is.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// Leaves little out
    Light,
    /// Keeps what is needed to go on
    Standard,
    /// Keeps the essence
    Heavy,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let run_id = args.run_id.clone();
    let taken = send(target, &run_id, "compact_memory", payload(args)).await?;
    context.ui.show(&render_sent(&run_id, "a shorter conversation", &taken))?;
    Ok(Exit::Success)
}

fn payload(args: Args) -> Map {
    let mode = match args.mode {
        Mode::Light => "light",
        Mode::Standard => "standard",
        Mode::Heavy => "heavy",
    };
    let mut payload = Map::from_iter([
        ("preserve_recent".to_owned(), args.keep.into()),
        ("compression_mode".to_owned(), mode.into()),
    ]);
    let named = [("focus", args.focus), ("target_run_id", args.target)];
    payload.extend(named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into()))));
    payload
}

#[cfg(test)]
mod tests {
    use model::Value;
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_said_is_sent() {
        for (focus, target, mode, expected) in [
            (None, None, Mode::Light, json!({"preserve_recent": 0, "compression_mode": "light"})),
            (
                Some("sea"),
                Some("r2"),
                Mode::Heavy,
                json!({"preserve_recent": 0, "compression_mode": "heavy", "focus": "sea", "target_run_id": "r2"}),
            ),
        ] {
            let (focus, target) = (focus.map(str::to_owned), target.map(str::to_owned));
            let sent = payload(Args { run_id: "r".into(), keep: 0, mode, focus, target });
            assert_eq!(Value::Object(sent), expected);
        }
    }
}
