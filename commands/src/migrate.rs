//! `migrate`: takes over the runs that the Python gateway kept in files (contract 02, section 12). The first start of a
//! server does the same by itself.
//!
//! May not know: how files are read, what is in a database. Invariant: a database that is there is replaced only when
//! that was asked for.

use std::path::PathBuf;

use service::Settings;
use service::import::{self, Found, Imported};
use service::planes::Key;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Take over the runs that the Python gateway kept in files
///
/// The files stay as they are; what cannot be read is named in import-report.json. A migration that was interrupted
/// goes on where it stopped.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway migrate --from file --to sqlite --data-dir ./runtime")]
pub(crate) struct Args {
    /// Where the runs are
    #[arg(long, value_parser = ["file"])]
    from: String,
    /// Where they go
    #[arg(long, value_parser = ["sqlite"])]
    to: String,
    /// The database to write (default: gateway.sqlite3 in the data directory)
    #[arg(long, value_name = "FILE", conflicts_with = "all_runtimes")]
    db_path: Option<PathBuf>,
    /// Replace a database that is there
    #[arg(long)]
    overwrite: bool,
    /// Also those of all users
    #[arg(long)]
    all_runtimes: bool,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    if !context.settings.data_dir.is_dir() {
        return Err(Failure::new(format!("there is no folder {}", context.settings.data_dir.display()))
            .help("name the data directory of the gateway: abstractgateway migrate --data-dir DIR"));
    }
    for found in chosen(&context.settings, &args)? {
        if found.imported && !args.overwrite {
            if args.all_runtimes {
                context.ui.note(&format!("{} is there already and stays as it is", found.database.display()));
                continue;
            }
            return Err(exists(&found));
        }
        let line = migrated(&found);
        let told = take(context, found).await?;
        context.ui.note(&told);
        context.ui.data(&line)?;
    }
    Ok(Exit::Success)
}

/// The data planes to take over.
fn chosen(settings: &Settings, args: &Args) -> Result<Vec<Found>, Failure> {
    if args.all_runtimes {
        return Ok(import::found(settings)?);
    }
    let default = match &args.db_path {
        Some(path) => Found::at(settings.data_dir.clone(), settings.current_dir.join(path))?,
        None => Found::of(&Key::Default, settings)?,
    };
    Ok(vec![default])
}

/// Says what a start is about to import.
pub(crate) fn announce(context: &Context, settings: &Settings) -> Result<(), Failure> {
    for found in import::found(settings)?.iter().filter(|found| settings.runtime.import && found.is_due()) {
        context.ui.note(&importing(found));
    }
    Ok(())
}

/// What is said before an import.
pub(crate) fn importing(found: &Found) -> String {
    let Found { runs, data_dir, .. } = found;
    format!("Importing {runs} runs from the files of the Python gateway in {}", data_dir.display())
}

/// Imports a data plane under a progress bar; what to say of it.
pub(crate) async fn take(context: &Context, found: Found) -> Result<String, Failure> {
    let report = found.report().display().to_string();
    let bar = context.ui.counted("Importing");
    let shown = bar.clone();
    let imported = found.import(move |progress| {
        shown.set_length(progress.total as u64);
        shown.set_position(progress.done as u64);
    });
    let imported = imported.await;
    bar.finish_and_clear();
    Ok(told(&imported?, &report))
}

fn told(imported: &Imported, report: &str) -> String {
    let Imported { runs, records, commands, problems } = imported;
    let taken = format!("Imported {runs} runs, {records} ledger records, {commands} commands");
    match problems {
        0 => taken,
        _ => format!("{taken}; {problems} things could not be read and are named in {report}"),
    }
}

fn migrated(found: &Found) -> String {
    format!("Migrated file stores from {} to sqlite DB {}", found.data_dir.display(), found.database.display())
}

fn exists(found: &Found) -> Failure {
    Failure::new(format!("the database {} is there already", found.database.display()))
        .why("a migration would replace the runs in it")
        .help("look at it first; then: abstractgateway migrate --from file --to sqlite --overwrite")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_an_import() {
        let imported = Imported { runs: 2, records: 30, commands: 4, problems: 0 };
        assert_eq!(told(&imported, "/d/r.json"), "Imported 2 runs, 30 ledger records, 4 commands");
        let some = Imported { problems: 1, ..imported };
        assert!(told(&some, "/d/r.json").ends_with("; 1 things could not be read and are named in /d/r.json"));
        let found = Found { data_dir: "/d".into(), database: "/d/gateway.sqlite3".into(), imported: true, runs: 2 };
        assert_eq!(migrated(&found), "Migrated file stores from /d to sqlite DB /d/gateway.sqlite3");
        assert!(exists(&found).help.is_some_and(|help| help.contains("--overwrite")));
    }
}
