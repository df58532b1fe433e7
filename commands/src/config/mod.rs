//! The configuration: shown, prepared, changed. Also the program `abstractgateway-config`.

mod init;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Show and prepare the configuration
///
/// Without a command it shows the status.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Write an env file to start a gateway with
    Init(init::Args),
}

/// Runs a verb.
#[expect(clippy::unused_async, reason = "the other verbs wait for operations")]
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    match args.verb {
        Some(Verb::Init(args)) => init::run(context, &args),
        None => Ok(Exit::Success),
    }
}
