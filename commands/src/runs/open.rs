//! `runs open`: the folder a run works in, on a desktop.

use model::api::runs::workspace::{OpenWorkspace, WorkspaceOpened};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::ui::{Shown, sentence};

/// Open the folder a run works in, on the desktop of the gateway's machine
///
/// Only admins may: the desktop is that of whoever runs the gateway.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The run
    run_id: String,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let opened = target.call(&OpenWorkspace { run_id: args.run_id }).await?;
    context.ui.show(&render(&opened))?;
    Ok(Exit::Success)
}

fn render(opened: &WorkspaceOpened) -> Shown {
    let text = format!("{} opened with {}", sentence(&opened.workspace_root), opened.opener);
    Shown::new(opened, vec![opened.run_id.to_string()], text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_says_what_was_opened_and_with_what() {
        let opened = json!({"ok": true, "opened": true, "run_id": "r", "workspace_root": "/w/a", "opener": "gio"});
        assert_eq!(render(&serde_json::from_value(opened).unwrap()).text, "/w/a opened with gio");
    }
}
