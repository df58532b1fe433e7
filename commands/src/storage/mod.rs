//! Room on the disk.
//!
//! May not know: where data lies. Invariant: nothing is deleted here; that is `runs prune`.

use clap::Subcommand;
use model::api::storage::{CompactStorage, ShowStorage, Storage};

use crate::cli::Reach;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::{self, Work};
use crate::ui::{Shown, details};

/// Show what the data takes on the disk, and get room back
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what the database takes, and what is free on the disk
    Show,
    /// Write the database anew without its holes; writes wait meanwhile
    Compact,
}

/// Runs a verb.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let work = if matches!(args.verb, Verb::Compact) { Work::Change } else { Work::Look };
    target::with(context, &args.reach, work, async |target| {
        let storage = match args.verb {
            Verb::Show => target.call(&ShowStorage {}).await?,
            Verb::Compact => target.call(&CompactStorage {}).await?,
        };
        context.ui.show(&render(&storage))?;
        Ok(Exit::Success)
    })
    .await
}

fn render(storage: &Storage) -> Shown {
    let size = |bytes: u64| indicatif::HumanBytes(bytes).to_string();
    let returns = if storage.gives_back {
        "goes back to the disk by itself"
    } else {
        "abstractgateway storage compact gives it back"
    };
    let never = |n: u64, text: String| if n == 0 { "off".to_owned() } else { text };
    let text = details(&[
        ("database", Some(size(storage.database_bytes))),
        ("free in it", Some(format!("{}; {returns}", size(storage.free_bytes)))),
        ("free on the disk", Some(size(storage.disk_free_bytes))),
        ("disk reserve", Some(never(storage.disk_reserve_bytes, size(storage.disk_reserve_bytes)))),
        ("retention", Some(never(storage.retention_days, format!("{} days", storage.retention_days)))),
    ]);
    Shown::new(storage, Vec::new(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_off_says_so() {
        let storage = Storage { database_bytes: 2048, ..Storage::default() };
        let text = render(&storage).text;
        assert!(text.starts_with("database          2.00 KiB\n") && text.ends_with("retention         off"), "{text}");
        assert!(text.contains("abstractgateway storage compact"));
        let kept = Storage { gives_back: true, retention_days: 30, ..Storage::default() };
        assert!(render(&kept).text.ends_with("retention         30 days"));
    }
}
