//! `list_files`: names in a directory, newest first.

use std::path::Path;
use std::time::SystemTime;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::WalkBuilder;
use model::{Map, Value};

use super::args::{Absent, Kind, Param, flag, limit, text};
use super::ignored::IgnoreRules;
use super::{Run, Tool, ToolEnv, files};

pub(crate) static TOOL: Tool = Tool {
    name: "list_files",
    toolset: "files",
    description: "List files and folders whose names match a pattern, newest first.",
    when_to_use: "To find out what is there. Use '|' between several patterns, recursive for whole trees, and head_limit 0 to see everything.",
    tags: &["files", "read"],
    params: &[
        Param::new("directory_path", Kind::Text, Absent::Text(".")),
        Param::new("pattern", Kind::Text, Absent::Text("*")),
        Param::new("recursive", Kind::Boolean, Absent::Boolean(false)),
        Param::new("include_hidden", Kind::Boolean, Absent::Boolean(false)),
        Param::new("head_limit", Kind::Integer, Absent::Integer(10)),
    ],
    examples: &[
        ("What is in the current folder", r#"{"directory_path": "."}"#),
        ("All Python and Markdown files", r#"{"pattern": "*.py|*.md", "recursive": true, "head_limit": 50}"#),
    ],
    run: Run::Reading(run),
};

/// More entries than this are not collected: the rest of the tree is left out, and said so.
const ENTRIES_MAX: usize = 200_000;

struct Entry {
    name: String,
    size: Option<u64>,
    modified: SystemTime,
}

fn run(arguments: &Map, env: &ToolEnv) -> Result<Value, String> {
    let shown = text(arguments, "directory_path");
    let dir = files::place(env, shown)?;
    let meta = std::fs::metadata(&dir).map_err(|_| format!("Directory '{}' does not exist", dir.display()))?;
    if !meta.is_dir() {
        return Err(format!("'{}' is not a directory", dir.display()));
    }
    let rules = IgnoreRules::near(&dir);
    if rules.covers(&dir, true) {
        return Err(format!("Directory '{}' is ignored by .abstractignore policy", dir.display()));
    }
    let pattern = match text(arguments, "pattern").trim() {
        "" => "*",
        pattern => pattern,
    };
    let wanted = globs(pattern)?;
    let hidden = flag(arguments, "include_hidden");
    let depth = if flag(arguments, "recursive") { None } else { Some(1) };
    let (mut entries, mut cut) = (Vec::new(), false);
    let walk = WalkBuilder::new(&dir)
        .standard_filters(false)
        .hidden(!hidden)
        .follow_links(false)
        .max_depth(depth)
        .filter_entry(move |e| e.depth() == 0 || !rules.covers(e.path(), e.file_type().is_some_and(|t| t.is_dir())))
        .build();
    for found in walk.flatten().filter(|e| e.depth() > 0) {
        env.check()?;
        if entries.len() >= ENTRIES_MAX {
            cut = true;
            break;
        }
        let relative = found.path().strip_prefix(&dir).unwrap_or(found.path());
        if wanted.is_match(Path::new(found.file_name())) || wanted.is_match(relative) {
            entries.extend(entry(&found, relative));
        }
    }
    if entries.is_empty() {
        return Ok(nothing(&dir, pattern, hidden).into());
    }
    entries.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| a.name.cmp(&b.name)));
    Ok(rendered(&dir, pattern, hidden, &entries, limit(arguments, "head_limit"), cut).into())
}

fn globs(pattern: &str) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for one in pattern.split('|').map(str::trim).filter(|p| !p.is_empty()) {
        let glob = GlobBuilder::new(one).case_insensitive(true).literal_separator(false).build();
        set.add(glob.map_err(|e| format!("Invalid pattern '{one}': {e}"))?);
    }
    set.build().map_err(|e| format!("Invalid pattern '{pattern}': {e}"))
}

fn entry(found: &ignore::DirEntry, relative: &Path) -> Option<Entry> {
    let meta = found.metadata().ok()?;
    let name = relative.to_string_lossy();
    Some(Entry {
        name: if meta.is_dir() { format!("{name}/") } else { name.into_owned() },
        size: (!meta.is_dir()).then_some(meta.len()),
        modified: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
    })
}

fn nothing(dir: &Path, pattern: &str, hidden: bool) -> String {
    let dir_text = dir.display();
    let mut names = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.file_name()).peekable();
    if names.peek().is_none() {
        return format!("Directory '{dir_text}' exists but is empty");
    }
    if !hidden && names.all(|n| n.to_string_lossy().starts_with('.')) {
        return format!("Directory '{dir_text}' contains only hidden entries (use include_hidden=True)");
    }
    format!("Directory '{dir_text}' exists but no entries match pattern '{pattern}'")
}

fn rendered(dir: &Path, pattern: &str, hidden: bool, entries: &[Entry], limit: usize, cut: bool) -> String {
    let shown = &entries[..entries.len().min(limit)];
    let mut out = format!("Entries in '{}' matching '{pattern}'", dir.display());
    if !hidden {
        out.push_str(" (hidden entries excluded)");
    }
    if shown.len() < entries.len() {
        out.push_str(&format!(" (showing {} of {} entries)", shown.len(), entries.len()));
    }
    out.push(':');
    for entry in shown {
        out.push_str("\n  ");
        out.push_str(&entry.name);
        if let Some(size) = entry.size {
            out.push_str(&format!(" ({} bytes)", files::with_commas(size)));
        }
    }
    if shown.len() < entries.len() {
        let left = entries.len() - shown.len();
        out.push_str(&format!(
            "\n\nNote: {left} more entries are not shown. To see all of them call list_files again with the same arguments and head_limit={}.",
            entries.len()
        ));
    }
    if cut {
        out.push_str(&format!(
            "\n\nNote: only the first {} entries of the tree were looked at.",
            files::with_commas(ENTRIES_MAX as u64)
        ));
    }
    out
}
