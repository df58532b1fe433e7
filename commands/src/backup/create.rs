//! `backup create`: the data directory as it is now, in a new folder.

use std::path::PathBuf;

use service::backup::{self, Manifest, Options};

use super::{counted, size};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::ui::Shown;

/// Back up the data directory into a new folder, while runs go on
///
/// The backup holds all users and their secrets, and is readable by its owner only. Each database is copied as it is at
/// one moment; what it refers to is copied after it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway backup create /backups/monday")]
pub(crate) struct Args {
    /// The folder to make
    #[arg(value_name = "DIR")]
    target: PathBuf,
    /// Also back up the folders runs work in
    #[arg(long)]
    workspaces: bool,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let target = args.target.display().to_string();
    let manifest = create(context, args).await?;
    for line in &manifest.left_out {
        context.ui.warn(&format!("not in the backup: {line}"));
    }
    context.ui.show(&render(&manifest, &target))?;
    Ok(Exit::Success)
}

async fn create(context: &Context, args: Args) -> Result<Manifest, Failure> {
    let settings = context.settings.clone();
    let program = concat!("abstractgateway ", env!("CARGO_PKG_VERSION")).to_owned();
    let options = Options { workspaces: args.workspaces, program, now: service::clock::now() };
    let target = settings.current_dir.join(args.target);
    counted(context, "backing up", move |progress| backup::create(&settings, &target, &options, progress)).await
}

fn render(manifest: &Manifest, target: &str) -> Shown {
    let databases = manifest.files.iter().filter(|file| file.database).count();
    let (files, bytes) = (manifest.files.len(), size(manifest.bytes()));
    let text = format!("backed up {files} files, {databases} of them databases, {bytes}, to {target}");
    Shown::new(manifest, vec![target.to_owned()], text)
}
