//! `runs list`.

use model::Value;
use model::api::runs::{ListRuns, RunList};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::ui::{Shown, table};

/// List runs, the most recently changed first
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  abstractgateway runs list --status waiting\n  abstractgateway runs list --limit 500 -o name"
)]
pub(super) struct Args {
    /// Show only runs in this status
    #[arg(long, value_parser = ["running", "waiting", "completed", "failed", "cancelled"])]
    status: Option<String>,
    /// Show only runs of exactly this workflow, such as basic-agent@0.0.1:main
    #[arg(long, value_name = "ID")]
    workflow: Option<String>,
    /// Show only runs of this session
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Show runs that other runs started, too
    #[arg(long)]
    all: bool,
    /// Show draft tests too
    #[arg(long)]
    include_drafts: bool,
    /// Show at most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=500))]
    limit: i64,
    /// Go on where the last page ended
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let input = ListRuns {
        limit: args.limit,
        status: args.status,
        workflow_id: args.workflow,
        session_id: args.session,
        root_only: !args.all,
        include_ledger_len: true,
        include_metrics: false,
        include_drafts: args.include_drafts,
        cursor: args.cursor,
    };
    let list = target.call(&input).await?;
    context.ui.show(&render(&list))?;
    if let Some(cursor) = &list.next_cursor {
        context.ui.note(&format!("there are more; go on with --cursor {cursor}"));
    }
    Ok(Exit::Success)
}

fn render(list: &RunList) -> Shown {
    let rows = list.items.iter().map(|row| cells(&Value::Object(row.summary.clone()))).collect();
    let text = table(&["run", "workflow", "status", "updated", "records"], rows, "no runs");
    let names = list.items.iter().filter_map(|row| Some(row.summary.get("run_id")?.as_str()?.to_owned())).collect();
    Shown::new(list, names, text)
}

fn cells(row: &Value) -> Vec<String> {
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    let status = match row["waiting"]["reason"].as_str() {
        Some(reason) => format!("{} ({reason})", text("status")),
        None => text("status").to_owned(),
    };
    let records = row["ledger_len"].as_u64().map(|n| n.to_string()).unwrap_or_default();
    let updated = text("updated_at").get(..19).unwrap_or_default().replace('T', " ");
    vec![text("run_id").to_owned(), text("workflow_id").to_owned(), status, updated, records]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn runs_are_rows() {
        let list: RunList = serde_json::from_value(json!({"items": [
            {"run_id": "r1", "workflow_id": "b@1:f", "status": "waiting", "waiting": {"reason": "user"},
             "updated_at": "2026-11-22T07:28:20.963093+00:00", "ledger_len": 12},
            {"run_id": "r2"}
        ]}))
        .unwrap();
        let shown = render(&list);
        assert_eq!(
            shown.text,
            "RUN  WORKFLOW  STATUS          UPDATED              RECORDS\n\
             r1   b@1:f     waiting (user)  2026-11-22 07:28:20  12\n\
             r2"
        );
        assert_eq!(shown.names, ["r1", "r2"]);
    }
}
