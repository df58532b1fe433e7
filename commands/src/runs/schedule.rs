//! `runs schedule`.

use std::path::PathBuf;

use model::Value;
use model::api::runs::{ScheduleRun, ShowRun};

use super::{inputs, render_started};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::value;

/// Start a flow later, or again and again
///
/// Every execution is a run of its own; a failing one does not stop the schedule. The next one starts when the interval has
/// passed since the end of the last.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  abstractgateway runs schedule my-bundle:report -i day=today --start 10m --every 24h"
)]
pub(super) struct Args {
    /// The bundle and its flow: BUNDLE[@VERSION]:FLOW
    #[arg(value_name = "BUNDLE:FLOW")]
    flow: String,
    /// An input, as JSON or text (can be repeated)
    #[arg(short, long = "input", value_name = "KEY=VALUE", value_parser = value::pair)]
    input: Vec<(String, Value)>,
    /// Read inputs from a file with a JSON object; - is stdin
    #[arg(long, value_name = "FILE")]
    input_file: Option<PathBuf>,
    /// The first time: now, a time from now such as 10m, or a moment such as 2026-11-22T09:00:00Z
    #[arg(long, value_name = "WHEN", default_value = "now")]
    start: String,
    /// Pause between two executions, such as 30s, 20m, 1.5h or 1d (default: run it once)
    #[arg(long, value_name = "INTERVAL")]
    every: Option<String>,
    /// How often, at most 10000 (default with --every: until it is cancelled)
    #[arg(long, value_name = "COUNT", conflicts_with = "until")]
    times: Option<i64>,
    /// Start no execution after this moment
    #[arg(long, value_name = "MOMENT", requires = "every")]
    until: Option<String>,
    /// Give every execution a session of its own
    #[arg(long)]
    isolated: bool,
    /// Make it part of this session (default: its own)
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Make the schedule once, however often this is asked with the same key
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let started = target.call(&operation(args)?).await?;
    context.ui.show(&render_started(&started))?;
    if target.outlives_us() {
        let run = target.call(&ShowRun { run_id: started.run_id.to_string() }).await?;
        if let Some(next) = super::show::next_time(&run) {
            context.ui.note(&format!("next time: {next}"));
        }
    } else {
        context.ui.note("no server runs here: the schedule goes on with `abstractgateway serve`");
    }
    Ok(Exit::Success)
}

/// The schedule the words mean; single inputs win over the file.
fn operation(args: Args) -> Result<ScheduleRun, Failure> {
    let (bundle, flow) = args.flow.split_once(':').unwrap_or((&args.flow, ""));
    if bundle.is_empty() || flow.is_empty() {
        let help =
            "name bundle and flow as BUNDLE[@VERSION]:FLOW; `abstractgateway bundles show BUNDLE` lists its flows";
        return Err(Failure::new(format!("'{}' names no flow", args.flow)).help(help).exit(Exit::Usage));
    }
    let input_data = inputs(args.input_file.as_deref(), args.input)?;
    Ok(ScheduleRun {
        registry_scope: None,
        bundle_id: bundle.to_owned(),
        bundle_version: None,
        flow_id: flow.to_owned(),
        input_data,
        start_at: Some(args.start),
        interval: args.every,
        repeat_count: args.times,
        repeat_until: args.until,
        share_context: !args.isolated,
        session_id: args.session,
        idempotency_key: args.idempotency_key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(flow: &str) -> Args {
        Args {
            flow: flow.into(),
            input: vec![("a".to_owned(), 2.into())],
            input_file: None,
            start: "10m".into(),
            every: Some("1h".into()),
            times: Some(3),
            until: None,
            isolated: true,
            session: None,
            idempotency_key: None,
        }
    }

    #[test]
    fn a_schedule_names_bundle_and_flow() {
        for (word, bundle, flow) in [("b:f", "b", "f"), ("b@1:f", "b@1", "f")] {
            let asked = operation(args(word)).unwrap();
            assert_eq!((asked.bundle_id.as_str(), asked.flow_id.as_str()), (bundle, flow));
            assert_eq!((asked.start_at.as_deref(), asked.interval.as_deref()), (Some("10m"), Some("1h")));
            assert_eq!((asked.repeat_count, asked.share_context), (Some(3), false));
        }
        for word in ["b", "b:", ":f"] {
            assert!(operation(args(word)).is_err(), "{word}");
        }
    }
}
