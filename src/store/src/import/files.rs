//! The files of the layout, and how a run with its ledger is read from them.
//!
//! May not know: tables. The invariant: a name in the folder is either part of a unit, or named as a problem, or none of
//! this layout's business.

use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use model::{Run, RunId};

use super::lines::{self, Line};
use super::{Imported, Limits, Problem, unreadable};
use crate::Error;
use crate::sqlite::import::{Target, decode_run};

/// The layout as it lies in a folder.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// Ids of the runs, by file name.
    pub(super) runs: BTreeSet<String>,
    ledgers: BTreeSet<String>,
    commands: bool,
    folder: PathBuf,
    /// What is in the folder and cannot be used.
    pub(super) problems: Vec<Problem>,
}

/// What is stored together.
#[derive(Debug)]
pub(super) enum Unit {
    /// A run and its ledger.
    Run {
        /// The name of the run's file.
        name: String,
        /// The run's file.
        run: PathBuf,
        /// Its ledger.
        ledger: Option<PathBuf>,
    },
    /// The inbox and how far it was applied.
    Commands {
        /// The inbox.
        file: PathBuf,
        /// The cursor.
        cursor: Option<PathBuf>,
    },
}

/// The name of the inbox.
pub(crate) const INBOX: &str = "commands.jsonl";

impl Source {
    /// Lists a folder; one that is not there has nothing.
    pub(super) fn list(folder: &Path) -> io::Result<Self> {
        let mut source = Self { folder: folder.to_owned(), ..Self::default() };
        let entries = match std::fs::read_dir(folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(source),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let run = name.strip_prefix("run_").and_then(|n| n.strip_suffix(".json"));
            let ledger = name.strip_prefix("ledger_").and_then(|n| n.strip_suffix(".jsonl"));
            if run.or(ledger).is_none() && name != INBOX {
                continue;
            }
            // The metadata of what a link points to: people move large folders and leave links.
            if !std::fs::metadata(entry.path()).is_ok_and(|m| m.is_file()) {
                source.problems.push(Problem::new(&name, None, "it is not a file", ""));
                continue;
            }
            match (run, ledger) {
                (Some(id), _) => drop(source.runs.insert(id.to_owned())),
                (_, Some(id)) => drop(source.ledgers.insert(id.to_owned())),
                _ => source.commands = true,
            }
        }
        let ownerless = source.ledgers.difference(&source.runs);
        let ownerless = ownerless.map(|id| Problem::new(&ledger_name(id), None, "there is no run for this ledger", ""));
        source.problems.extend(ownerless.collect::<Vec<_>>());
        source.problems.sort_by(|a, b| a.file.cmp(&b.file));
        Ok(source)
    }

    /// The units, runs first: how a command is taken may depend on its run.
    pub(super) fn units(&self) -> Vec<Unit> {
        let runs = self.runs.iter().map(|id| {
            let name = format!("run_{id}.json");
            let ledger = self.ledgers.contains(id).then(|| self.folder.join(ledger_name(id)));
            Unit::Run { run: self.folder.join(&name), name, ledger }
        });
        let cursor = self.folder.join("commands_cursor.json");
        let cursor = cursor.exists().then_some(cursor);
        let commands = self.commands.then(|| Unit::Commands { file: self.folder.join(INBOX), cursor });
        runs.chain(commands).collect()
    }
}

fn ledger_name(run_id: &str) -> String {
    format!("ledger_{run_id}.jsonl")
}

impl Unit {
    /// What it is known by.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Run { name, .. } => name,
            Self::Commands { .. } => INBOX,
        }
    }

    /// The run it holds.
    pub(super) fn run_id(&self) -> Option<RunId> {
        match self {
            Self::Run { name, .. } => name.strip_prefix("run_")?.strip_suffix(".json").map(RunId::from),
            Self::Commands { .. } => None,
        }
    }

    fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let (first, second) = match self {
            Self::Run { run, ledger, .. } => (run, ledger),
            Self::Commands { file, cursor } => (file, cursor),
        };
        std::iter::once(first).chain(second)
    }

    /// Changes when a file of it does: the Python gateway may have gone on between two tries.
    pub(super) fn stamp(&self) -> String {
        let stamp = |metadata: Metadata| {
            let moment = metadata.modified().ok().and_then(|m| m.duration_since(UNIX_EPOCH).ok());
            format!("{}:{}", metadata.len(), moment.unwrap_or_default().as_nanos())
        };
        let stamps = self.files().map(|file| std::fs::metadata(file).map(stamp).unwrap_or_default());
        stamps.collect::<Vec<_>>().join(" ")
    }

    /// How much there is to read.
    pub(super) fn bytes(&self) -> u64 {
        self.files().filter_map(|file| std::fs::metadata(file).ok()).map(|m| m.len()).sum()
    }
}

/// Reads a run with its ledger and stores both. What cannot be read is added to `problems`.
pub(super) fn take_run(
    target: &mut Target,
    file: &Path,
    ledger: Option<&Path>,
    limits: Limits,
    problems: &mut Vec<Problem>,
) -> Result<Imported, Error> {
    let run = match read_run(file, limits) {
        Ok(run) => run,
        Err((why, text)) => {
            problems.push(Problem::new(&name(file), None, why, &text));
            let left = |ledger| Problem::new(&name(ledger), None, "its run cannot be read", "");
            problems.extend(ledger.map(left));
            return Ok(Imported::default());
        }
    };
    target.run(&run)?;
    let records = ledger.map_or(Ok(0), |file| take_ledger(target, &run.run_id, file, limits, problems))?;
    Ok(Imported { runs: 1, records, ..Imported::default() })
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A run, or why there is none and what is there instead.
fn read_run(file: &Path, limits: Limits) -> Result<Run, (String, String)> {
    let text = read(file, limits.file_bytes).map_err(|why| (why, String::new()))?;
    let Some(run) = decode_run(&text) else {
        let why = match model::json::parse(&text) {
            Err(e) => format!("it is no JSON: {e}"),
            Ok(_) => "it is no run: a member that every run has is missing or means nothing".to_owned(),
        };
        return Err((why, text));
    };
    if name(file) != format!("run_{}.json", run.run_id) {
        return Err((format!("it is named for another run than '{}', which it holds", run.run_id), text));
    }
    Ok(run)
}

/// A small file as text.
pub(super) fn read(file: &Path, bytes_max: u64) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|f| f.take(bytes_max + 1).read_to_end(&mut bytes));
    read.map_err(|e| format!("it cannot be read: {e}"))?;
    if bytes.len() as u64 > bytes_max {
        return Err(format!("it is larger than {bytes_max} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "it is no UTF-8 text".to_owned())
}

/// Every line of a file that is none too long; the others are added to `problems`.
pub(super) fn each_line(
    file: &Path,
    limits: Limits,
    problems: &mut Vec<Problem>,
    mut each: impl FnMut(u64, &str, &mut Vec<Problem>) -> Result<(), Error>,
) -> Result<(), Error> {
    let opened = match File::open(file) {
        Ok(opened) => opened,
        Err(e) => {
            problems.push(Problem::new(&name(file), None, format!("it cannot be read: {e}"), ""));
            return Ok(());
        }
    };
    let read = lines::each(BufReader::with_capacity(1 << 16, opened), limits.line_bytes, |number, line| match line {
        Line::Text(text) => each(number, &text, problems).map_err(Stop::Store),
        Line::TooLong(bytes) => {
            let why = format!("the line has {bytes} bytes; {} are the limit", limits.line_bytes);
            problems.push(Problem::new(&name(file), Some(number), why, ""));
            Ok(())
        }
    });
    match read {
        Ok(()) => Ok(()),
        Err(Stop::Store(error)) => Err(error),
        Err(Stop::Read(error)) => Err(unreadable(file, &error)),
    }
}

enum Stop {
    Read(io::Error),
    Store(Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

fn take_ledger(
    target: &mut Target,
    run_id: &RunId,
    file: &Path,
    limits: Limits,
    problems: &mut Vec<Problem>,
) -> Result<u64, Error> {
    let mut records = 0;
    each_line(file, limits, problems, |number, text, problems| {
        let (found, left) = lines::objects(text);
        records += found.len() as u64;
        target.records(run_id, found)?;
        let torn = left.into_iter().map(|text| Problem::new(&name(file), Some(number), "it is no JSON object", text));
        problems.extend(torn);
        Ok(())
    })?;
    Ok(records)
}
