//! Workflow bundles.

mod list;
mod reload;
mod remove;
mod show;
mod upload;

use clap::Subcommand;

use crate::cli::Reach;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::{self, Work};

/// Install, show and remove workflow bundles
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the bundles that can be run
    List(list::Args),
    /// Show a bundle, its flows and their inputs
    Show(show::Args),
    /// Install a bundle file
    Upload(upload::Args),
    /// Remove a bundle, or one version of it
    Remove(remove::Args),
    /// Read the bundle folder again
    Reload,
}

/// Runs a verb.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let work = if matches!(args.verb, Verb::Upload(_)) { Work::Change } else { Work::Look };
    target::with(context, &args.reach, work, async |target| {
        let shown = match args.verb {
            Verb::List(args) => list::render(&list::fetch(target, &args).await?),
            Verb::Show(args) => show::render(show::fetch(target, args).await?),
            Verb::Upload(args) => upload::render(&upload::fetch(context, target, args).await?),
            Verb::Remove(args) => remove::run(context, target, args).await?,
            Verb::Reload => reload::render(&reload::fetch(target).await?),
        };
        context.ui.show(&shown)?;
        Ok(Exit::Success)
    })
    .await
}
