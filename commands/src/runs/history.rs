//! `runs history`: everything about a run, for people as a timeline.

use model::api::runs::history::{History, ShowHistory, TimelineEntry};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::ui::{Shown, details, table};

/// Show what a run did, record by record
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The run
    run_id: String,
    /// Leave out the runs it started
    #[arg(long)]
    no_subruns: bool,
    /// Also the earlier turns of its session
    #[arg(long)]
    session: bool,
    /// Show at most so many of the last records of each run; 0 is all
    #[arg(long, value_name = "N", default_value_t = 2000)]
    records: u32,
}

const TURNS: i64 = 200;

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let input = ShowHistory {
        run_id: args.run_id,
        include_subruns: !args.no_subruns,
        include_session: args.session,
        session_turn_limit: TURNS,
        ledger_mode: "tail".to_owned(),
        ledger_max_items: args.records.into(),
    };
    let history = target.call(&input).await?;
    context.ui.show(&render(&history))?;
    Ok(Exit::Success)
}

fn render(history: &History) -> Shown {
    let run = &history.run;
    let head = details(&[
        ("run", Some(run.run_id.to_string())),
        ("workflow", Some(run.workflow_id.clone())),
        ("status", Some(run.status.as_str().to_owned())),
        ("error", run.error.clone()),
    ]);
    let mut parts = vec![head];
    for ledger in &history.ledgers.0 {
        let lines = history.timeline.iter().filter(|line| line.run_id == ledger.run_id);
        let rows = lines.map(row).collect();
        let shown = ledger.items.len();
        let more = if shown as u64 == ledger.total { String::new() } else { format!(", {} in all", ledger.total) };
        let text = table(&["#", "time", "node", "effect", "status", "ms"], rows, "no records");
        parts.push(format!("run {} ({shown} records{more})\n{text}", ledger.run_id));
    }
    for turn in history.session.iter().flat_map(|session| &session.turns) {
        parts.push(details(&[
            ("turn", Some(turn.run_id.to_string())),
            ("asked", turn.prompt.clone()),
            ("answered", turn.answer.clone()),
            ("tokens", Some(turn.stats.usage.total_tokens.to_string())),
        ]));
    }
    let names = history.ledgers.0.iter().map(|ledger| ledger.run_id.to_string()).collect();
    Shown::new(history, names, parts.join("\n\n"))
}

fn row(line: &TimelineEntry) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let time = line.started_at.as_deref().and_then(|at| at.get(11..19)).unwrap_or("-").to_owned();
    let took = line.duration_ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms:.0}"));
    vec![line.cursor.to_string(), time, text(&line.node_id), text(&line.effect_type), text(&line.status), took]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_history_is_a_table_a_run() {
        let line = json!({"run_id": "r1", "cursor": 2, "node_id": "q", "status": "waiting", "effect_type": "ask_user",
            "started_at": "2026-11-22T07:28:54+00:00", "ended_at": "2026-11-22T07:28:54+00:00", "duration_ms": 0.4});
        let history: History = serde_json::from_value(json!({
            "version": 1, "generated_at": "2026-11-22T07:28:54+00:00", "root_run_id": "r1",
            "run": {"run_id": "r1", "workflow_id": "b@1:f", "status": "waiting", "current_node": "q",
                "created_at": "2026-11-22T07:28:54+00:00", "updated_at": "2026-11-22T07:28:54+00:00"},
            "workflow_snapshot": null, "input_data": {}, "timeline": [line], "session": null,
            "ledgers": {"r1": {"run_id": "r1", "total": 2, "cursor_start": 2, "cursor_end": 2, "artifacts": [],
                "items": [{"cursor": 2, "record": {}}]}},
        }))
        .unwrap();
        assert_eq!(
            render(&history).text,
            "run       r1\nworkflow  b@1:f\nstatus    waiting\n\nrun r1 (1 records, 2 in all)\n\
             #  TIME      NODE  EFFECT    STATUS   MS\n2  07:28:54  q     ask_user  waiting  0"
        );
    }
}
