//! `backup verify`: is a backup whole and sound?

use std::path::PathBuf;

use service::backup::{self, Checked};

use super::{counted, size};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::ui::{Shown, one_line};

/// Check that a backup is whole and sound
///
/// Compares every file with its hash, checks every database, and follows the hash chain of every ledger. Exits with 1
/// when something is found.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway backup verify /backups/monday")]
pub(crate) struct Args {
    /// The backup
    #[arg(value_name = "DIR")]
    backup: PathBuf,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let backup = context.settings.current_dir.join(args.backup);
    let checked = counted(context, "checking", move |progress| backup::verify(&backup, progress)).await?;
    context.ui.show(&render(&checked))?;
    Ok(if checked.ok { Exit::Success } else { Exit::Error })
}

fn render(checked: &Checked) -> Shown {
    let mut lines: Vec<String> =
        checked.damage.iter().map(|d| format!("{}  {}", one_line(&d.path), one_line(&d.why))).collect();
    let what = format!(
        "the backup of {}: {} files, {}, {} databases, {} ledgers",
        checked.created_at,
        checked.files,
        size(checked.bytes),
        checked.databases,
        checked.ledgers
    );
    lines.push(match checked.damage.len() {
        0 => format!("{what}; all as they were written"),
        n => format!("{what}; damaged in {n} places"),
    });
    let names = checked.damage.iter().map(|damage| damage.path.clone()).collect();
    Shown::new(checked, names, lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use service::backup::Damage;

    use super::*;

    #[test]
    fn damage_stands_before_the_sum() {
        let mut checked = Checked {
            ok: true,
            created_at: Timestamp::EPOCH,
            files: 3,
            bytes: 2048,
            databases: 1,
            ledgers: 2,
            damage: Vec::new(),
        };
        let sum = format!("the backup of {}: 3 files, 2.00 KiB, 1 databases, 2 ledgers; ", Timestamp::EPOCH);
        assert_eq!(render(&checked).text, format!("{sum}all as they were written"));
        checked.damage.push(Damage { path: "a\nb".into(), why: "its content was changed".into() });
        let shown = render(&checked);
        assert!(shown.text.ends_with(&format!("its content was changed\n{sum}damaged in 1 places")), "{}", shown.text);
        assert_eq!(shown.names, ["a\nb"]);
    }
}
