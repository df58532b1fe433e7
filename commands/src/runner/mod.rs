//! `runner`: drives the runs of a data directory for gateways that only take requests (`serve --no-runner`).
//!
//! May not know: how runs are driven. Invariant: two runners never drive one run: the second waits until the first has
//! ended, however that ended.

use service::{Open, Services, Settings};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::migrate;
use crate::serve::{arm, signals};

/// Drive runs without listening, beside `serve --no-runner` on the same data
///
/// A second runner waits and takes over when the first ends.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example, each in a terminal of its own:\n  abstractgateway serve --no-runner\n  abstractgateway runner"
)]
pub(crate) struct Args {}

/// Waits for its turn, drives, stops at a signal.
pub(crate) async fn run(context: &Context) -> Result<Exit, Failure> {
    let mut settings = context.settings.clone();
    settings.runtime.runner = true;
    arm(&settings)?;
    let mut stop = std::pin::pin!(signals()?);
    migrate::announce(context, &settings)?;
    let services = tokio::select! {
        () = &mut stop => return Ok(Exit::Success),
        services = take_turn(context, settings) => services?,
    };
    context.ui.note(&format!("Driving the runs of {}", context.settings.data_dir.display()));
    stop.await;
    services.close().await;
    Ok(Exit::Success)
}

/// Opens the services as soon as nobody else drives the runs.
async fn take_turn(context: &Context, settings: Settings) -> Result<std::sync::Arc<Services>, Failure> {
    loop {
        match Box::pin(Services::open(settings.clone(), Open { runner: true })).await {
            Ok(services) => return Ok(services),
            Err(error) if error.code == model::Code::Conflict => {
                context.ui.note(&format!("{}; waiting to take over", holder(&error)));
                service::planes::until_free(&settings).await.map_err(not_started)?;
            }
            Err(error) => return Err(not_started(error)),
        }
    }
}

fn holder(error: &model::Error) -> String {
    let pid = error.extra.get("pid").and_then(model::Value::as_str).unwrap_or("unknown");
    format!("process {pid} drives the runs")
}

fn not_started(error: model::Error) -> Failure {
    Failure::from(error).exit(Exit::NotStarted)
}
