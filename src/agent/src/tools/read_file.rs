//! `read_file`: a text file with line numbers, whole or in part.

use model::{Map, Value};

use super::args::{Absent, Kind, Param, flag, integer, text};
use super::{Run, Tool, ToolEnv, files};

pub(crate) static TOOL: Tool = Tool {
    name: "read_file",
    toolset: "files",
    description: "Read a UTF-8 text file with line numbers, whole or from start_line to end_line.",
    when_to_use: "When you know which file you need. Files over 2000 lines must be read in ranges; use search_files first to find the right place.",
    tags: &["files", "read"],
    params: &[
        Param::new("file_path", Kind::Text, Absent::Required),
        Param::new("start_line", Kind::Integer, Absent::Integer(1)),
        Param::new("end_line", Kind::Integer, Absent::Null),
        Param::new("should_read_entire_file", Kind::Boolean, Absent::Null).hidden(),
    ],
    examples: &[
        ("A whole file", r#"{"file_path": "README.md"}"#),
        ("Lines 10 to 40", r#"{"file_path": "src/main.py", "start_line": 10, "end_line": 40}"#),
    ],
    run: Run::Reading(run),
};

const LINES_MAX: usize = 2000;
const PREVIEW_LINES: usize = 60;

fn run(arguments: &Map, env: &ToolEnv) -> Result<Value, String> {
    let path = files::place(env, text(arguments, "file_path"))?;
    let shown = path.display();
    let meta = std::fs::metadata(&path).map_err(|_| format!("File '{shown}' does not exist"))?;
    if !meta.is_file() {
        return Err(format!("'{shown}' is not a file"));
    }
    if files::is_ignored(&path) {
        return Err(format!("File '{shown}' is ignored by .abstractignore policy"));
    }
    let content = files::read_text(&path).map_err(|why| format!("Cannot read '{shown}': {why}"))?;
    let lines: Vec<&str> = content.lines().collect();
    let whole = flag(arguments, "should_read_entire_file");
    let start = if whole { 1 } else { line(arguments, "start_line")?.unwrap_or(1) };
    let end = if whole { None } else { line(arguments, "end_line")? };
    if start > 1 && start > lines.len() {
        return Err(format!("start_line {start} is beyond the end of '{shown}' ({} lines)", lines.len()));
    }
    if end.is_some_and(|end| end < start) {
        return Err(format!("end_line must not be before start_line ({start})"));
    }
    let last = end.unwrap_or(lines.len()).min(lines.len());
    let count = (last + 1).saturating_sub(start);
    if count > LINES_MAX {
        let preview = files::numbered(lines[start - 1..].iter().take(PREVIEW_LINES).copied(), start, 4);
        return Err(format!(
            "Refused: {count} lines of '{shown}' were asked for and at most {LINES_MAX} can be read at once ({} lines in all). Ask for a range with start_line and end_line. The first {PREVIEW_LINES} lines are:\n\n{preview}",
            lines.len()
        ));
    }
    let body = lines.get(start - 1..last).unwrap_or_default();
    let width = last.max(1).to_string().len();
    let text = files::numbered(body.iter().copied(), start, width);
    Ok(format!("File: {shown} ({} lines)\n\n{text}", lines.len()).into())
}

fn line(arguments: &Map, name: &str) -> Result<Option<usize>, String> {
    match integer(arguments, name) {
        None => Ok(None),
        Some(n) if n >= 1 => Ok(usize::try_from(n).ok()),
        Some(n) => Err(format!("{name} must be 1 or more, got {n}")),
    }
}
