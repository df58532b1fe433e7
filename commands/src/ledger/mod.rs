//! The ledger of a run: all of it, or as it grows, or whether it is as it was written.

pub(crate) mod line;
mod show;
mod tail;
mod verify;

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
    /// Verify the hash chain of ledgers
    Verify(verify::Args),
}

/// Runs a verb.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    if let Verb::Verify(verify) = &args.verb
        && args.reach.url().is_none()
    {
        return verify::run_offline(context, verify).await;
    }
    target::with(context, &args.reach, target::Work::Look, async |target| match &args.verb {
        Verb::Tail(args) => tail::run(context, target, args).await,
        Verb::Show(args) => show::run(context, target, args).await,
        Verb::Verify(args) => verify::run(context, target, args).await,
    })
    .await
}
