//! Backups of the data directory.
//!
//! May not know how one is made. Invariant: a backup is made from the files, so it works with and without a server.

mod create;
mod restore;
mod verify;

use clap::Subcommand;
use model::Error;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Back up the data directory, check backups, and restore them
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Back up the data directory into a new folder, while runs go on
    Create(create::Args),
    /// Check that a backup is whole and sound
    Verify(verify::Args),
    /// Restore a backup into a new or empty data directory
    Restore(restore::Args),
}

/// Runs a verb.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Create(args) => create::run(context, args).await,
        Verb::Verify(args) => verify::run(context, args).await,
        Verb::Restore(args) => restore::run(context, args).await,
    }
}

/// Does work on files away from the threads of the runtime, with a bar that counts them.
async fn counted<T: Send + 'static>(
    context: &Context,
    what: &str,
    work: impl FnOnce(&mut service::backup::Progress<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Failure> {
    let bar = context.ui.counted(what);
    let done = tokio::task::spawn_blocking(move || {
        let done = work(&mut |_, done, total| {
            bar.set_length(total);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        done
    });
    Ok(done.await.map_err(|e| Failure::new("the work was not finished").why(e))??)
}

/// `1.5 GiB`
fn size(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}
