//! What an import left aside, as a file an operator can read.
//!
//! May not know: how the source is read. The invariant: the text of what was left aside is in it, or its beginning.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Imported;
use crate::atomic;

/// The name of the report in the data directory.
pub const REPORT_FILE: &str = "import-report.json";

/// Bytes of a text that the report repeats.
const TEXT_MAX: usize = 16 << 10;

/// Something that was left aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The file, below the data directory.
    pub file: String,
    /// The line, from 1, where it is one.
    pub line: Option<u64>,
    /// Why.
    pub why: String,
    /// What was left aside, or its beginning.
    pub text: String,
}

impl Problem {
    /// A problem with a file, or with a line of it.
    pub(super) fn new(file: &str, line: Option<u64>, why: impl Into<String>, text: &str) -> Self {
        let end = (0..=text.len().min(TEXT_MAX)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        Self { file: file.to_owned(), line, why: why.into(), text: text[..end].to_owned() }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    source: String,
    database: String,
    runs: u64,
    ledger_records: u64,
    commands: u64,
    problems: &'a [Problem],
}

/// Writes the report into the data directory.
pub(super) fn write(data_dir: &Path, database: &Path, imported: Imported, problems: Vec<Problem>) -> io::Result<()> {
    let report = Report {
        source: data_dir.display().to_string(),
        database: database.display().to_string(),
        runs: imported.runs,
        ledger_records: imported.records,
        commands: imported.commands,
        problems: &problems,
    };
    let text = serde_json::to_vec_pretty(&report)?;
    atomic::write_file(&data_dir.join(REPORT_FILE), &text, 0o600)
}
