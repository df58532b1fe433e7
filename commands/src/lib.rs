//! The command line of the gateway: the clap tree, one file a verb. A verb builds an operation's input, gives it to a
//! target (this process on a local data directory, or a server over HTTP) and shows the reply.
//!
//! May not know: how an operation works, what may be done and what not: a rule here would be missing from HTTP.
//! Invariant: data goes to stdout, everything else to stderr, both through `ui`.

mod backup;
mod bundles;
mod cli;
mod config;
mod context;
#[cfg(test)]
mod docs_tests;
mod doctor;
mod failure;
mod generate;
#[cfg(test)]
mod install_tests;
mod kg;
mod ledger;
mod log;
mod migrate;
mod reference;
mod runner;
mod runs;
mod selftest;
mod serve;
mod storage;
mod target;
mod ui;
mod users;
mod value;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{ConfigRoot, Globals, Noun, Root};
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// The program `abstractgateway`.
#[must_use]
pub fn gateway() -> ExitCode {
    let root = Root::parse();
    finish(start(&root.globals, root.noun))
}

/// The program `abstractgateway-config`.
#[must_use]
pub fn config() -> ExitCode {
    let root = ConfigRoot::parse();
    finish(start(&root.globals, Noun::Config(config::Args { verb: root.verb })))
}

fn start(globals: &Globals, noun: Noun) -> Result<Exit, Failure> {
    let context = Context::new(globals)?;
    log::start(&context.settings.log.level, globals.verbose);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::new("the threads of the program could not be started").why(e))?;
    let ended = runtime.block_on(until_interrupted(&context, noun));
    // A thread that still blocks on a model or a disk must not keep a finished command.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    ended
}

/// Ends a command at Ctrl-C, unless it has its own way to end. The signal is caught and not left to kill the process: a
/// question in progress has changed the terminal and must put it back.
async fn until_interrupted(context: &Context, noun: Noun) -> Result<Exit, Failure> {
    if noun.ends_itself() {
        return dispatch(context, noun).await;
    }
    tokio::select! {
        biased;
        ended = dispatch(context, noun) => ended,
        _ = tokio::signal::ctrl_c() => Err(Failure::interrupted()),
    }
}

async fn dispatch(context: &Context, noun: Noun) -> Result<Exit, Failure> {
    match noun {
        Noun::Serve(args) => serve::run(context, args).await,
        Noun::Runner(_) => runner::run(context).await,
        Noun::Runs(args) => runs::run(context, args).await,
        Noun::Kg(args) => kg::run(context, args).await,
        Noun::Ledger(args) => ledger::run(context, args).await,
        Noun::Bundles(args) => bundles::run(context, args).await,
        Noun::Users(args) => users::run(context, args).await,
        Noun::Backup(args) => backup::run(context, args).await,
        Noun::Storage(args) => storage::run(context, args).await,
        Noun::Config(args) => config::run(context, args).await,
        Noun::Migrate(args) => migrate::run(context, args).await,
        Noun::Selftest(args) => selftest::run(context, args).await,
        Noun::Doctor(args) => doctor::run(context, args).await,
        Noun::Completions(args) => generate::completions(context, &args),
        Noun::Man(args) => generate::man(context, &args),
        Noun::Reference(args) => reference::run(context, &args),
    }
}

fn finish(ended: Result<Exit, Failure>) -> ExitCode {
    let exit = ended.unwrap_or_else(|failure| {
        ui::tell(&failure);
        failure.exit
    });
    ExitCode::from(exit as u8)
}
