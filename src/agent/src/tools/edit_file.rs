//! `edit_file`: changes part of a text file, by replacement or by a unified diff.
//!
//! Both ways come down to the same thing: a list of byte ranges of the old text with their new text, in order and
//! without overlap. Applying and showing them is one piece of code for both.

mod diff;
mod find;
mod show;

use std::ops::Range;
use std::path::Path;

use model::{Map, Value};

use super::args::{Absent, Kind, Param, flag, integer, text};
use super::{Run, Tool, ToolEnv, files};

pub(crate) static TOOL: Tool = Tool {
    name: "edit_file",
    toolset: "files",
    description: "Change part of a text file: replace pattern by replacement, or give a unified diff as pattern and no replacement.",
    when_to_use: "To change an existing file. Use a pattern that occurs once, or start_line and end_line to say where; preview_only shows the change without making it.",
    tags: &["files", "write"],
    params: &[
        Param::new("file_path", Kind::Text, Absent::Required),
        Param::new("pattern", Kind::Text, Absent::Required),
        Param::new("replacement", Kind::Text, Absent::Null),
        Param::new("use_regex", Kind::Boolean, Absent::Boolean(false)),
        Param::new("max_replacements", Kind::Integer, Absent::Integer(-1)),
        Param::new("start_line", Kind::Integer, Absent::Null),
        Param::new("end_line", Kind::Integer, Absent::Null),
        Param::new("preview_only", Kind::Boolean, Absent::Boolean(false)),
        Param::new("encoding", Kind::Text, Absent::Text("utf-8")).hidden(),
        Param::new("flexible_whitespace", Kind::Boolean, Absent::Boolean(true)).hidden(),
    ],
    examples: &[
        ("Replace a text", r#"{"file_path": "a.py", "pattern": "retries = 3", "replacement": "retries = 5"}"#),
        (
            "Replace lines 4 to 6",
            r#"{"file_path": "a.py", "pattern": "", "replacement": "x = 1\n", "start_line": 4, "end_line": 6}"#,
        ),
        (
            "Apply a diff",
            r#"{"file_path": "a.py", "pattern": "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"}"#,
        ),
    ],
    run: Run::Writing(run),
};

/// A piece of the old text and what stands there afterwards.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Edit {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

/// What is to be changed, and how many places there would have been.
pub(crate) struct Edits {
    pub(crate) list: Vec<Edit>,
    pub(crate) places: usize,
}

fn run(arguments: &Map, env: &ToolEnv) -> Result<Value, String> {
    let path = files::place(env, text(arguments, "file_path"))?;
    let shown = path.display();
    if !path.exists() {
        return Err(format!("File '{shown}' does not exist"));
    }
    if files::is_ignored(&path) {
        return Err(format!("Refused: Path '{shown}' is ignored by .abstractignore policy"));
    }
    if !matches!(text(arguments, "encoding").to_ascii_lowercase().as_str(), "utf-8" | "utf8" | "") {
        return Err("Only UTF-8 files can be edited".into());
    }
    let old = files::read_text(&path).map_err(|why| format!("Cannot edit '{shown}': {why}"))?;
    let edits = edits(&path, &old, arguments)?;
    let new = applied(&old, &edits.list);
    let preview = flag(arguments, "preview_only");
    if !preview && new != old {
        files::write_whole(env, &path, &[new.as_bytes()]).map_err(|why| format!("Cannot write '{shown}': {why}"))?;
    }
    Ok(show::summary(&path, &old, &new, &edits, preview).into())
}

fn edits(path: &Path, old: &str, arguments: &Map) -> Result<Edits, String> {
    let pattern = text(arguments, "pattern");
    let Some(replacement) = arguments.get("replacement").and_then(Value::as_str) else {
        let list = diff::edits(path, old, pattern)?;
        return Ok(Edits { places: list.len(), list });
    };
    let window = window(old, integer(arguments, "start_line"), integer(arguments, "end_line"))?;
    if pattern.is_empty() {
        let ranged = integer(arguments, "start_line").is_some() && integer(arguments, "end_line").is_some();
        if !ranged {
            return Err("An empty pattern needs start_line and end_line: it replaces those lines".into());
        }
        return Ok(Edits { list: vec![lines_replaced(old, window, replacement)], places: 1 });
    }
    let search = find::Search {
        pattern,
        replacement,
        regex: flag(arguments, "use_regex"),
        flexible: flag(arguments, "flexible_whitespace"),
        max: integer(arguments, "max_replacements").and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX),
    };
    let found = search.edits(old, window)?;
    found.ok_or_else(|| find::nothing_found(path, old, pattern))
}

fn lines_replaced(old: &str, window: Range<usize>, replacement: &str) -> Edit {
    let mut text = replacement.to_owned();
    if !text.is_empty() && !text.ends_with('\n') && old[window.clone()].ends_with('\n') {
        text.push('\n');
    }
    Edit { range: window, text }
}

/// The bytes of the lines `start..=end`, counted from 1.
fn window(old: &str, start: Option<i64>, end: Option<i64>) -> Result<Range<usize>, String> {
    let lines = old.split_inclusive('\n').count();
    let number = |n: Option<i64>, name: &str, default: usize| match n {
        None => Ok(default),
        Some(n) => usize::try_from(n).ok().filter(|n| *n >= 1).ok_or(format!("{name} must be 1 or more, got {n}")),
    };
    let (start, end) = (number(start, "start_line", 1)?, number(end, "end_line", lines)?);
    if start > lines.max(1) {
        return Err(format!("start_line {start} is beyond the end of the file ({lines} lines)"));
    }
    if end < start && lines > 0 {
        return Err(format!("end_line {end} is before start_line {start}"));
    }
    let at = |line: usize| old.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    Ok(at(start - 1)..at(end))
}

/// The text after the edits.
pub(crate) fn applied(old: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(old.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(&old[at..edit.range.start]);
        out.push_str(&edit.text);
        at = edit.range.end;
    }
    out.push_str(&old[at..]);
    out
}
