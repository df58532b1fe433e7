//! The configuration: shown, prepared, changed. Also the program `abstractgateway-config`.

mod bootstrap_admin;
mod defaults;
mod init;
mod route;
mod status;

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
    /// Show the configuration in force
    Status(status::Args),
    /// Write an env file to start a gateway with
    Init(init::Args),
    /// Make sure there is an administrator, and leave its token in a file
    BootstrapAdmin(bootstrap_admin::Args),
    /// Show which model does what
    Defaults(defaults::ShowArgs),
    /// Set the model of a route
    SetDefault(defaults::SetArgs),
    /// Clear the model of a route
    ClearDefault(defaults::ClearArgs),
}

/// Runs a verb.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    match args.verb {
        None => status::run(context, &status::Args::default()).await,
        Some(Verb::Status(args)) => status::run(context, &args).await,
        Some(Verb::Init(args)) => init::run(context, &args),
        Some(Verb::BootstrapAdmin(args)) => bootstrap_admin::run(context, &args).await,
        Some(Verb::Defaults(args)) => defaults::show(context, &args).await,
        Some(Verb::SetDefault(args)) => defaults::set(context, args).await,
        Some(Verb::ClearDefault(args)) => defaults::clear(context, args).await,
    }
}
