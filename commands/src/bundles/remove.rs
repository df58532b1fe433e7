//! `bundles remove`.

use model::api::bundles::{BundleRemoved, RemoveBundle, ShowBundle};

use crate::context::Context;
use crate::failure::Failure;
use crate::target::Target;
use crate::ui::Shown;

/// Remove a bundle, or one version of it
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway bundles remove my-agent@1.0.0 --dry-run")]
pub(super) struct Args {
    /// The bundle; with @VERSION only that version
    bundle: String,
    /// Do not take it out of the live registry at once
    #[arg(long)]
    no_reload: bool,
    /// Show what it would remove, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Shown, Failure> {
    if args.dry_run {
        let found = target.call(&ShowBundle { bundle_id: args.bundle, bundle_version: None }).await?;
        context.ui.note("nothing was removed; without --dry-run this bundle would be:");
        return Ok(super::show::render(found));
    }
    context.ui.confirm(&format!("Remove bundle {}?", args.bundle))?;
    let input = RemoveBundle { bundle_id: args.bundle, bundle_version: None, reload: !args.no_reload };
    Ok(render(&target.call(&input).await?))
}

fn render(removed: &BundleRemoved) -> Shown {
    let files = if removed.removed == 1 { "file" } else { "files" };
    let mut text = format!("removed {} ({} {files})", removed.bundle_ref, removed.removed);
    if let Some(error) = &removed.gateway_reload_error {
        text.push_str(&format!("\nstill live: {error}"));
    }
    Shown::new(removed, vec![removed.bundle_ref.clone()], text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_counts_its_files() {
        let mut removed = BundleRemoved {
            ok: true,
            bundle_ref: "a".into(),
            removed: 1,
            gateway_reloaded: true,
            gateway_reload_error: None,
        };
        assert_eq!(render(&removed).text, "removed a (1 file)");
        removed.removed = 2;
        removed.gateway_reload_error = Some("busy".into());
        assert_eq!(render(&removed).text, "removed a (2 files)\nstill live: busy");
    }
}
