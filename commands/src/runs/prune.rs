//! `runs prune`: deletes runs that ended long ago.

use model::api::runs::prune::{PruneRuns, Pruned};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::ui::{Shown, table};

/// Delete runs that ended long ago, with their records, artifacts and workspaces
///
/// A run goes with all runs below it, and only when all of them are over. To have it done by itself:
/// ABSTRACTGATEWAY_RUN_RETENTION_DAYS.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway runs prune --older-than 30d --dry-run")]
pub(super) struct Args {
    /// How long ago they must have ended, such as 30d or 12h
    #[arg(long, value_name = "TIME")]
    older_than: String,
    /// Only say what would go
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Look at so many runs, the longest ended first (default: 200)
    #[arg(long, value_name = "N", default_value_t = 200, hide_default_value = true)]
    limit: u16,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let mut input = PruneRuns { older_than: args.older_than, dry_run: true, limit: args.limit.into() };
    let looked = target.call(&input).await?;
    let eligible = looked.items.iter().filter(|item| item.runs > 0).count();
    if args.dry_run || eligible == 0 {
        context.ui.show(&render(&looked))?;
        return Ok(Exit::Success);
    }
    context.ui.confirm(&format!("Delete {eligible} ended runs with all that belongs to them?"))?;
    input.dry_run = false;
    context.ui.show(&render(&target.call(&input).await?))?;
    Ok(Exit::Success)
}

fn render(pruned: &Pruned) -> Shown {
    let outcome = |runs: u64| match (runs, pruned.dry_run) {
        (0, _) => "stays: a run below it is not over".to_owned(),
        (n, true) => format!("would go, {n} runs"),
        (n, false) => format!("gone, {n} runs"),
    };
    let rows = pruned.items.iter().map(|item| {
        vec![item.run_id.to_string(), item.workflow_id.clone(), item.updated_at.to_string(), outcome(item.runs)]
    });
    let text = table(&["run", "workflow", "ended", "outcome"], rows.collect(), "no run ended that long ago");
    let names = pruned.items.iter().filter(|item| item.runs > 0).map(|item| item.run_id.to_string()).collect();
    let more = if pruned.more { "; there may be more" } else { "" };
    let sum = if pruned.dry_run {
        let runs: u64 = pruned.items.iter().map(|item| item.runs).sum();
        format!("{runs} runs would go{more}")
    } else {
        format!(
            "{} runs, {} ledger records, {} artifacts and {} workspaces gone{more}",
            pruned.runs, pruned.ledger_records, pruned.artifacts, pruned.workspaces
        )
    };
    Shown::new(pruned, names, format!("{text}\n{sum}"))
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use model::api::runs::prune::PrunedTree;

    use super::*;

    #[test]
    fn every_root_says_what_became_of_it() {
        let tree = |id: &str, runs| PrunedTree {
            run_id: id.into(),
            workflow_id: "b@1:f".into(),
            status: "completed".into(),
            updated_at: Timestamp::EPOCH,
            runs,
        };
        let mut pruned =
            Pruned { dry_run: true, more: true, items: vec![tree("r1", 2), tree("r2", 0)], ..Pruned::default() };
        let shown = render(&pruned);
        assert!(shown.text.contains("would go, 2 runs") && shown.text.contains("stays: a run below it is not over"));
        assert!(shown.text.ends_with("\n2 runs would go; there may be more"), "{}", shown.text);
        assert_eq!(shown.names, ["r1"]);
        (pruned.dry_run, pruned.more, pruned.runs, pruned.ledger_records) = (false, false, 2, 7);
        let text = render(&pruned).text;
        assert!(text.ends_with("\n2 runs, 7 ledger records, 0 artifacts and 0 workspaces gone"), "{text}");
    }
}
