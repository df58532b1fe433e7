//! `write_file`: makes, replaces or extends a file, in one move.

use model::{Map, Value};

use super::args::{Absent, Kind, Param, flag, text};
use super::{Run, Tool, ToolEnv, files};

pub(crate) static TOOL: Tool = Tool {
    name: "write_file",
    toolset: "files",
    description: "Write text to a file: mode 'w' replaces the whole file, mode 'a' appends. Parent folders are made.",
    when_to_use: "To make a new file or rewrite a small one. To change part of an existing file use edit_file.",
    tags: &["files", "write"],
    params: &[
        Param::new("file_path", Kind::Text, Absent::Required),
        Param::new("content", Kind::Text, Absent::Required),
        Param::new("mode", Kind::Text, Absent::Text("w")),
        Param::new("create_dirs", Kind::Boolean, Absent::Boolean(true)).hidden(),
    ],
    examples: &[
        ("A new file", r#"{"file_path": "notes/plan.md", "content": "Plan\n"}"#),
        ("One more line", r#"{"file_path": "log.txt", "content": "done\n", "mode": "a"}"#),
    ],
    run: Run::Writing(run),
};

fn run(arguments: &Map, env: &ToolEnv) -> Result<Value, String> {
    let path = files::place(env, text(arguments, "file_path"))?;
    let shown = path.display();
    if files::is_ignored(&path) {
        return Err(format!("Refused: Path '{shown}' is ignored by .abstractignore policy"));
    }
    if path.is_dir() {
        return Err(format!("'{shown}' is a directory"));
    }
    let content = text(arguments, "content");
    let appending = match text(arguments, "mode").trim() {
        "w" | "" => false,
        "a" => true,
        "x" if path.exists() => return Err(format!("'{shown}' exists already")),
        "x" => false,
        other => return Err(format!("Unknown mode '{other}': use 'w' to replace or 'a' to append")),
    };
    if let Some(parent) = path.parent().filter(|p| !p.is_dir()) {
        if !flag(arguments, "create_dirs") {
            return Err(format!("Folder '{}' does not exist", parent.display()));
        }
        std::fs::create_dir_all(parent).map_err(|e| failed(&path, &files::describe(&e)))?;
        // Somebody may have put a link where the folder was made.
        if files::place(env, text(arguments, "file_path"))? != path {
            return Err(failed(&path, "its folder changed meanwhile"));
        }
    }
    let old = if appending && path.exists() {
        std::fs::read(&path).map_err(|e| failed(&path, &files::describe(&e)))?
    } else {
        Vec::new()
    };
    files::write_whole(env, &path, &[&old, content.as_bytes()]).map_err(|why| failed(&path, &why))?;
    let (bytes, lines) = (files::with_commas(content.len() as u64), content.lines().count());
    let told = if appending {
        let now = files::with_commas((old.len() + content.len()) as u64);
        format!("✅ Successfully appended to '{shown}' (+{bytes} bytes, +{lines} lines; file now {now} bytes)")
    } else {
        format!("✅ Successfully written to '{shown}' ({bytes} bytes, {lines} lines)")
    };
    Ok(told.into())
}

fn failed(path: &std::path::Path, why: &str) -> String {
    format!("Cannot write '{}': {why}", path.display())
}
