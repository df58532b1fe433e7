//! `backup restore`: a backup as a data directory again.

use std::path::PathBuf;

use service::backup::{self, Manifest};

use super::{counted, size};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::ui::Shown;

/// Restore a backup into a new or empty data directory
///
/// The whole backup is checked first. A directory that holds something is never touched: name another one with
/// --data-dir, or move the old one away.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway backup restore /backups/monday --data-dir restored")]
pub(crate) struct Args {
    /// The backup
    #[arg(value_name = "DIR")]
    backup: PathBuf,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let backup = context.settings.current_dir.join(args.backup);
    let target = context.settings.data_dir.clone();
    let place = target.display().to_string();
    let manifest = counted(context, "restoring", move |progress| backup::restore(&backup, &target, progress)).await?;
    context.ui.show(&render(&manifest, &place))?;
    Ok(Exit::Success)
}

fn render(manifest: &Manifest, place: &str) -> Shown {
    let (files, bytes) = (manifest.files.len(), size(manifest.bytes()));
    let text = format!("restored {files} files, {bytes}, as of {}, to {place}", manifest.created_at);
    Shown::new(manifest, vec![place.to_owned()], text)
}
