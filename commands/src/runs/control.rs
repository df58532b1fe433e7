//! `runs cancel` and `runs pause`: a command with a reason, for a run and everything it started.

use model::Map;

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
    Ok(Exit::Success)
}
