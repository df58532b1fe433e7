//! Proofs an operator can run on the machine the gateway is to work on.
//!
//! May not know: the data of the operator. Invariant: a proof works in a folder of its own and talks to processes it has
//! started itself.

mod chaos;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Prove on this machine that the gateway keeps its promises
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Kill a gateway again and again at the worst moments, and check that nothing is lost and nothing done twice
    Chaos(chaos::Args),
}

/// Runs a verb.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Chaos(args) => chaos::run(context, args).await,
    }
}
