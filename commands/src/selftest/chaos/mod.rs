//! `selftest chaos`: a gateway on a scratch directory is killed again and again, while clients start runs, answer, cancel,
//! pause, send events, have tools work, and remember what they were told and shown. Afterwards everything must be there,
//! once.
//!
//! The parts: `stage` is the scratch directory and the process, `deaths` decides how each life ends, `model` is the model
//! server, `client` talks to whichever life is on, `witness` remembers and judges, `stories` are the clients.
//!
//! May not know: the inside of the gateway. It is asked over HTTP, as by everybody else. Invariant: whatever a story asserts
//! follows from an answer that was received, never from one that was only sent for.

mod client;
mod deaths;
mod model;
mod report;
mod stage;
mod stories;
mod witness;

use std::path::PathBuf;
use std::time::Instant;

use crate::context::Context;
use crate::failure::{Exit, Failure};
use report::Report;
use stage::Stage;

/// Kill a gateway again and again at the worst moments, and check that nothing is lost and nothing done twice
///
/// A gateway is started on a scratch directory and killed at named points around every commit and every call, at random
/// moments, and while a model is being asked. What its clients were told and shown is compared with what is there
/// afterwards. Your own data is not touched. Exits with 1 when anything was lost, repeated, shown and then gone, or stuck.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway selftest chaos --kills 500 --seed 7")]
pub(crate) struct Args {
    /// How often the gateway is killed
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    kills: u64,
    /// What decides where and when; the same seed makes the same choices
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How many clients there are at once
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=256))]
    clients: u64,
    /// Work in this folder, which must be new or empty, and keep it
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
}

/// Plays, kills, judges, reports.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let seed = args.seed.unwrap_or_else(fresh_seed);
    let stage = Stage::set(args.scratch.as_deref()).await?;
    context.ui.note(&format!("Killing a gateway {} times in {} (--seed {seed})", args.kills, stage.folder().display()));
    let bar = context.ui.counted("kills");
    bar.set_length(args.kills);
    let began = Instant::now();
    let lives = stage::Lives::new(&stage, seed, args.kills, bar.clone());
    let (lived, played) = tokio::join!(Box::pin(lives.live()), Box::pin(stories::play(&stage, seed, args.clients)));
    bar.finish_and_clear();
    let (deaths, mut gateway) = lived?;
    let mut report = Report::new(seed, deaths, played, stage.model.asked());
    report.violations.extend(Box::pin(stage.judge()).await);
    report.seconds = began.elapsed().as_secs_f64();
    gateway.end().await;
    let failed = !report.violations.is_empty();
    if failed {
        let kept = stage.keep();
        context.ui.warn(&format!("the scratch directory is kept: {}", kept.display()));
    }
    context.ui.show(&report.render())?;
    Ok(if failed { Exit::Error } else { Exit::Success })
}

fn fresh_seed() -> u64 {
    // A short number is easier to repeat.
    fastrand::u64(1..1_000_000_000)
}
