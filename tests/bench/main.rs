//! The benchmark: starts a real gateway process on an empty data directory, measures it over HTTP, and prints a table
//! and one line of JSON. With `--reference` it does the same to another gateway and puts its figures beside ours.
//!
//! May not know: how a gateway works inside: it sees the HTTP interface and the process. Invariants: both gateways are
//! started, loaded and read by the same code; nothing here fails because a figure is bad.

mod client;
mod figures;
mod flows;
mod gateway;
mod load;
mod scale;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use crate::figures::Figures;
use crate::gateway::Gateway;

/// Measure a gateway from the outside
#[derive(Clone, Debug, Parser)]
#[command(name = "gateway-bench")]
struct Options {
    /// The program to measure
    #[arg(long, value_name = "FILE", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/release/abstractgateway"))]
    binary: PathBuf,
    /// Another gateway, started as `CMD serve --host HOST --port PORT` with the same environment
    #[arg(long, value_name = "CMD")]
    reference: Option<PathBuf>,
    /// How long each rate is measured
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
    seconds: f64,
    /// Connections of the load generator
    #[arg(long, value_name = "N", default_value_t = 64)]
    connections: usize,
    /// Subscribers of the followed run
    #[arg(long, value_name = "N", default_value_t = 200)]
    subscribers: usize,
    /// In the end, have a hundred thousand finished and ten thousand waiting runs, list them, and start again on them
    #[arg(long)]
    scale: bool,
    /// Give a measurement up after so long
    #[arg(long, value_name = "SECONDS", default_value_t = 120.0)]
    patience: f64,
    /// What cargo adds to the command line of a benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when even this cannot be written.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    // One thread of load leaves the other processors to the gateway.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut columns = vec![("gateway", runtime.block_on(measure(options, &std::path::absolute(&options.binary)?))?)];
    if let Some(reference) = &options.reference {
        columns.push(("reference", runtime.block_on(measure(options, &std::path::absolute(reference)?))?));
    }
    let mut stdout = std::io::stdout().lock();
    write!(stdout, "{}\n{}\n", figures::table(&columns), figures::json(&columns))?;
    Ok(())
}

/// Everything there is to measure about one gateway.
async fn measure(options: &Options, program: &std::path::Path) -> Result<Figures> {
    let mut figures = Figures::default();
    figures.add("start_ms", "start to healthy, median of 3", "ms", gateway::start_ms(program, options).await);
    let mut gateway = Gateway::start(program, options).await.context("the gateway could not be started")?;
    load::all(&gateway, options, &mut figures).await?;
    if options.scale {
        drop(gateway);
        // A gateway of its own: it is about runs, not about what their flows took in memory.
        gateway = Gateway::start(program, options).await.context("the gateway could not be started")?;
        scale::all(&mut gateway, options, &mut figures).await?;
    }
    Ok(figures)
}
