//! `ledger tail`: records as they are written.

use futures_util::StreamExt;
use model::Value;
use model::api::runs::ShowRun;
use model::json::{Layout, write};

use super::line::line;
use super::show::read_all;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::{Item, Target, follow};
use crate::ui::Format;

/// Print the records of a run as they are written, until it ends
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway ledger tail RUN -o json")]
pub(crate) struct Args {
    /// The run
    run_id: String,
    /// Leave out so many records (default: none)
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    after: u64,
}

/// Prints a line a record; JSON and YAML as one document a record.
pub(super) async fn run(context: &Context, target: &Target, args: &Args) -> Result<Exit, Failure> {
    if !target.outlives_us() {
        return stored(context, target, args).await;
    }
    let mut items = follow(target, &args.run_id, args.after);
    while let Some(item) = items.next().await {
        if let Item::Step(record) = item? {
            context.ui.data(&render(&record, context.ui.format))?;
        }
    }
    Ok(Exit::Success)
}

/// Prints what is there: where no server runs, nobody writes more.
async fn stored(context: &Context, target: &Target, args: &Args) -> Result<Exit, Failure> {
    for record in read_all(target, &args.run_id, args.after, usize::MAX).await?.items {
        context.ui.data(&render(&record.value(), context.ui.format))?;
    }
    let run = target.call(&ShowRun { run_id: args.run_id.clone() }).await?;
    if !run.status.is_terminal() {
        let run_id = &args.run_id;
        context.ui.note(&format!("no server runs here: nothing more is written before `abstractgateway serve` or `abstractgateway runs follow {run_id}`"));
    }
    Ok(Exit::Success)
}

fn render(record: &Value, format: Format) -> String {
    match format {
        Format::Table => line(record, 0),
        Format::Json => write(record, Layout::COMPACT),
        Format::Yaml => format!("---\n{}", crate::ui::yaml(record)),
        Format::Name => record["step_id"].as_str().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_is_one_document() {
        let record =
            json!({"step_id": "s", "node_id": "n", "status": "completed", "started_at": "2026-11-22T07:28:54Z"});
        for (format, written) in [
            (Format::Name, "s"),
            (Format::Table, "07:28:54  n  -  completed"),
            (
                Format::Yaml,
                "---\nstep_id: s\nnode_id: \"n\"\nstatus: completed\nstarted_at: \"2026-11-22T07:28:54Z\"\n",
            ),
        ] {
            assert_eq!(render(&record, format), written);
        }
        assert!(!render(&record, Format::Json).contains('\n'));
    }
}
