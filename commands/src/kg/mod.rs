//! The knowledge graph.

mod query;

use clap::Subcommand;

use crate::cli::Reach;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target;

/// Look into the knowledge graph that flows write
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List assertions, the newest first
    Query(query::Args),
}

/// Runs a verb.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let Verb::Query(query) = args.verb;
    target::with(context, &args.reach, target::Work::Look, async |target| query::run(context, target, query).await)
        .await
}
