//! The ledger of a run: all of it, or as it grows.

pub(crate) mod line;
mod show;
mod tail;

use clap::Subcommand;

use crate::cli::Reach;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target;

/// Read the ledger of a run
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print the records of a run as they are written, until it ends
    Tail(tail::Args),
    /// Print the records of a run so far
    Show(show::Args),
}

/// Runs a verb.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    target::with(context, &args.reach, target::Work::Look, async |target| match &args.verb {
        Verb::Tail(args) => tail::run(context, target, args).await,
        Verb::Show(args) => show::run(context, target, args).await,
    })
    .await
}
