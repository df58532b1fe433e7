//! `runs purge-drafts`: deletes draft runs whose time is over.

use model::api::runs::purge::{Purge, PurgeDrafts, PurgeItem};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::{Target, Work};
use crate::ui::{Shown, table};

/// Delete draft runs whose time is over, with their records, artifacts and workspaces
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Only these runs (default: every draft that need not be kept)
    run_ids: Vec<String>,
    /// Only say what would go
    #[arg(long)]
    dry_run: bool,
    /// Also those whose time has not come
    #[arg(long)]
    force: bool,
    /// Also those that are not over: they are cancelled first
    #[arg(long)]
    include_active: bool,
    /// Look at so many runs (default: 200)
    #[arg(long, value_name = "N", default_value_t = 200, hide_default_value = true)]
    limit: u16,
    /// Only runs of this session
    #[arg(long, value_name = "SESSION")]
    session: Option<String>,
    /// Only runs of exactly this workflow
    #[arg(long, value_name = "WORKFLOW")]
    workflow: Option<String>,
    /// Leave their artifacts
    #[arg(long)]
    keep_artifacts: bool,
    /// Leave their workspaces
    #[arg(long)]
    keep_workspaces: bool,
}

impl Args {
    /// Runs that are not over are ended by whoever drives them.
    pub(super) const fn work(&self) -> Work {
        match (self.dry_run, self.include_active) {
            (true, _) => Work::Look,
            (false, true) => Work::Run,
            (false, false) => Work::Change,
        }
    }

    fn operation(self) -> PurgeDrafts {
        PurgeDrafts {
            dry_run: true,
            limit: self.limit.into(),
            session_id: self.session,
            workflow_id: self.workflow,
            run_ids: Some(self.run_ids).filter(|ids| !ids.is_empty()),
            force: self.force,
            include_active: self.include_active,
            delete_artifacts: !self.keep_artifacts,
            delete_workspaces: !self.keep_workspaces,
        }
    }
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let only_looks = args.dry_run;
    let mut input = args.operation();
    let looked = target.call(&input).await?;
    if only_looks || looked.eligible == 0 {
        context.ui.show(&render(&looked))?;
        return Ok(Exit::Success);
    }
    context.ui.confirm(&format!("Delete {} with all that belongs to them?", runs(looked.eligible)))?;
    // What was shown goes, and nothing that has become due since.
    input.run_ids = Some(looked.items.iter().filter(|i| i.eligible).map(|i| i.run_id.to_string()).collect());
    input.dry_run = false;
    context.ui.show(&render(&target.call(&input).await?))?;
    Ok(Exit::Success)
}

fn runs(count: usize) -> String {
    if count == 1 { "1 run".to_owned() } else { format!("{count} runs") }
}

fn render(purge: &Purge) -> Shown {
    let rows = purge.items.iter().map(|item| row(item, purge.dry_run)).collect();
    let names = purge.items.iter().filter(|i| i.eligible).map(|i| i.run_id.to_string()).collect();
    let said = if purge.dry_run {
        format!("{} would go, {} stay", runs(purge.eligible), purge.skipped)
    } else {
        format!("{} gone, {} stay", runs(purge.purged), purge.skipped)
    };
    let text = table(&["run", "workflow", "status", "outcome"], rows, "no draft runs");
    Shown::new(purge, names, format!("{text}\n{said}"))
}

fn row(item: &PurgeItem, dry_run: bool) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let outcome = match item.reason {
        Some(reason) => format!("stays: {}", reason.as_str()),
        None if dry_run => "would go".to_owned(),
        None => "gone".to_owned(),
    };
    vec![item.run_id.to_string(), text(&item.workflow_id), text(&item.status), outcome]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_run_says_what_became_of_it() {
        let item = |id: &str, reason| {
            json!({"run_id": id, "status": "failed", "workflow_id": "b@1:f", "session_id": null,
                "run_lifecycle": null, "eligible": reason == json!(null), "reason": reason})
        };
        let purge = |dry_run: bool| {
            let policy = json!({"purpose": "draft_test", "retention_mode": "ephemeral", "default_ttl_s": 1, "terminal_statuses": []});
            let items = [item("r1", json!(null)), item("r2", json!("not_expired"))];
            let value = json!({"ok": true, "dry_run": dry_run, "policy": policy, "scanned": 2, "eligible": 1,
                "purged": if dry_run { 0 } else { 1 }, "skipped": 1, "items": items});
            render(&serde_json::from_value(value).unwrap()).text
        };
        let head = "RUN  WORKFLOW  STATUS  OUTCOME\n";
        let stays = "r2   b@1:f     failed  stays: not_expired\n";
        assert_eq!(purge(true), format!("{head}r1   b@1:f     failed  would go\n{stays}1 run would go, 1 stay"));
        assert_eq!(purge(false), format!("{head}r1   b@1:f     failed  gone\n{stays}1 run gone, 1 stay"));
    }
}
