//! `runs schedule`, and its preview.

use std::path::PathBuf;

use model::Value;
use model::api::runs::{PreviewSchedule, SchedulePreview, ScheduleRun, ShowRun};

use super::{inputs, render_started};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::{Target, Work};
use crate::ui::{Shown, table};
use crate::value;

/// Start a flow later, or again and again
///
/// Every execution is a run of its own; a failing one does not stop the schedule. With --every the next one starts when the
/// interval has passed since the end of the last, with --cron at the times of a cron expression: minute, hour, day of month,
/// month and day of week. A time that a change of the clocks leaves out comes right after it, one that the clocks show twice
/// comes once; an expression that leaves the hour open means real hours.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  abstractgateway runs schedule my-bundle:report -i day=today --start 10m --every 24h\n  abstractgateway runs schedule my-bundle:report --cron \"0 9 * * MON-FRI\" --time-zone Europe/Paris\n  abstractgateway runs schedule --cron \"30 2 * * *\" --preview 10"
)]
pub(super) struct Args {
    /// The bundle and its flow: BUNDLE[@VERSION]:FLOW
    #[arg(value_name = "BUNDLE:FLOW", required_unless_present = "preview")]
    flow: Option<String>,
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
    /// Run it at the times of a cron expression, such as '0 9 * * MON-FRI' or @daily
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "every")]
    cron: Option<String>,
    /// Zone the expression is read in, such as Europe/Paris (default: the gateway's)
    #[arg(long, value_name = "ZONE", requires = "cron")]
    time_zone: Option<String>,
    /// What to do at a time when the execution before goes on: drop the time, start another one, start one at its end, or
    /// cancel it (default: skip)
    #[arg(long, requires = "cron", value_parser = ["skip", "allow", "queue", "cancel"])]
    overlap: Option<String>,
    /// What to do about times missed while the gateway was down or the schedule was held: one execution for all of them,
    /// none, or one for each of the last 100 (default: one)
    #[arg(long, requires = "cron", value_parser = ["one", "none", "all"])]
    catch_up: Option<String>,
    /// How often, at most 10000 (default with --every and --cron: until it is cancelled)
    #[arg(long, value_name = "COUNT", conflicts_with = "until")]
    times: Option<i64>,
    /// Start no execution after this moment
    #[arg(long, value_name = "MOMENT")]
    until: Option<String>,
    /// Only show the next N times (default: 5)
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "5", value_parser = clap::value_parser!(i64).range(1..=100))]
    preview: Option<i64>,
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

impl Args {
    /// A preview makes nothing.
    pub(super) const fn work(&self) -> Work {
        if self.preview.is_some() { Work::Look } else { Work::Change }
    }
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    if let Some(count) = args.preview {
        let times = target.call(&preview(args, count)).await?;
        context.ui.show(&render_times(&times))?;
        return Ok(Exit::Success);
    }
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

/// When the schedule the words mean would run.
fn preview(args: Args, count: i64) -> PreviewSchedule {
    PreviewSchedule {
        count,
        start_at: Some(args.start),
        interval: args.every,
        cron: args.cron,
        time_zone: args.time_zone,
        repeat_count: args.times,
        repeat_until: args.until,
    }
}

fn render_times(preview: &SchedulePreview) -> Shown {
    let plain = |moment: &str| moment.replace('T', " ");
    let rows = preview.items.iter().map(|time| vec![plain(&time.at.to_string()), plain(&time.local)]).collect();
    let mut text = table(&["UTC", &preview.time_zone], rows, "no times");
    if !preview.exact {
        text.push_str("\n\nearliest times: an interval counts from the end of an execution");
    }
    let names = preview.items.iter().map(|time| time.at.to_string()).collect();
    Shown::new(preview, names, text)
}

/// The schedule the words mean; single inputs win over the file.
fn operation(args: Args) -> Result<ScheduleRun, Failure> {
    let named = args.flow.unwrap_or_default();
    let (bundle, flow) = named.split_once(':').unwrap_or((&named, ""));
    if bundle.is_empty() || flow.is_empty() {
        let help =
            "name bundle and flow as BUNDLE[@VERSION]:FLOW; `abstractgateway bundles show BUNDLE` lists its flows";
        return Err(Failure::new(format!("'{named}' names no flow")).help(help).exit(Exit::Usage));
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
        cron: args.cron,
        time_zone: args.time_zone,
        overlap: args.overlap,
        catch_up: args.catch_up,
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
            flow: Some(flow.into()),
            input: vec![("a".to_owned(), 2.into())],
            input_file: None,
            start: "10m".into(),
            every: Some("1h".into()),
            cron: None,
            time_zone: None,
            overlap: None,
            catch_up: None,
            preview: None,
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

    #[test]
    fn a_preview_shows_utc_and_the_clocks() {
        use serde_json::json;
        let shown = |exact: bool, items: Value| {
            let preview = json!({"time_zone": "Europe/Paris", "exact": exact, "items": items});
            render_times(&serde_json::from_value(preview).unwrap())
        };
        let times = json!([{"at": "2026-03-29T01:00:00+00:00", "local": "2026-03-29T03:00:00+02:00"}]);
        let exact = shown(true, times.clone());
        assert_eq!(
            exact.text,
            "UTC                        EUROPE/PARIS\n2026-03-29 01:00:00+00:00  2026-03-29 03:00:00+02:00"
        );
        assert_eq!(exact.names, ["2026-03-29T01:00:00+00:00"]);
        assert!(shown(false, times).text.ends_with("earliest times: an interval counts from the end of an execution"));
        assert_eq!(shown(true, json!([])).text, "no times");
    }
}
