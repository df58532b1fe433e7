//! `search_files`: lines that match a regular expression, over a tree.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use grep_matcher::Matcher;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::sinks::Lossy;
use grep_searcher::{BinaryDetection, SearcherBuilder};
use ignore::WalkBuilder;
use model::{Map, Value};

use super::args::{Absent, Kind, Param, flag, limit, text};
use super::ignored::IgnoreRules;
use super::{Run, Tool, ToolEnv, files};

pub(crate) static TOOL: Tool = Tool {
    name: "search_files",
    toolset: "files",
    description: "Search the text of files with a regular expression (case-insensitive) and show the matching lines.",
    when_to_use: "To find where something is before reading whole files. head_limit counts lines per file and max_hits counts files; 0 means no limit.",
    tags: &["files", "read", "search"],
    params: &[
        Param::new("pattern", Kind::Text, Absent::Required),
        Param::new("path", Kind::Text, Absent::Text(".")),
        Param::new("file_pattern", Kind::Text, Absent::Text("*")),
        Param::new("head_limit", Kind::Integer, Absent::Integer(10)),
        Param::new("max_hits", Kind::Integer, Absent::Integer(8)),
        Param::new("multiline", Kind::Boolean, Absent::Boolean(false)),
        Param::new("include_hidden", Kind::Boolean, Absent::Boolean(false)),
    ],
    examples: &[
        ("Where a function is defined", r#"{"pattern": "def main", "path": ".", "file_pattern": "*.py"}"#),
        ("Every mention in one file", r#"{"pattern": "timeout", "path": "config.toml", "head_limit": 0}"#),
    ],
    run: Run::Reading(run),
};

/// Directories not worth a search, besides those of the ignore rules.
const SKIPPED: [&str; 12] = [
    ".cache",
    ".git",
    ".hg",
    ".svn",
    "__pycache__",
    "node_modules",
    "Library",
    "Applications",
    "System",
    "Volumes",
    "proc",
    "sys",
];
/// The part of a line that is shown.
const EXCERPT_CHARS: usize = 400;
/// Matching files that are collected to be counted; beyond it the search ends.
const FILES_MAX: usize = 10_000;

struct Hit {
    path: PathBuf,
    lines: Vec<(u64, String)>,
}

fn run(arguments: &Map, env: &ToolEnv) -> Result<Value, String> {
    let root = files::place(env, text(arguments, "path"))?;
    if !root.exists() {
        return Err(format!("Search path '{}' does not exist", root.display()));
    }
    if files::is_ignored(&root) {
        return Err(format!("Search path '{}' is ignored by .abstractignore policy", root.display()));
    }
    let pattern = text(arguments, "pattern");
    if pattern.is_empty() {
        return Err("search_files needs a pattern that is not empty".into());
    }
    let finder = Finder::new(pattern, flag(arguments, "multiline"))?;
    let per_file = limit(arguments, "head_limit");
    let max_files = limit(arguments, "max_hits");
    let names = name_filter(text(arguments, "file_pattern"))?;
    let (mut hits, mut matching) = (Vec::new(), 0);
    for path in candidates(&root, &names, flag(arguments, "include_hidden")) {
        env.check()?;
        // Files past the shown ones are only counted, and for that one line is enough.
        let wanted = if hits.len() < max_files { per_file } else { 1 };
        let lines = finder.search(&path, wanted, env);
        if lines.is_empty() {
            continue;
        }
        matching += 1;
        if hits.len() < max_files {
            hits.push(Hit { path, lines });
        }
        if matching >= FILES_MAX {
            break;
        }
    }
    if matching == 0 {
        return Ok(format!("No matches found for pattern '{pattern}'").into());
    }
    Ok(rendered(pattern, &root, &hits, matching).into())
}

fn rendered(pattern: &str, root: &Path, hits: &[Hit], matching: usize) -> String {
    let mut out = format!("Search results for pattern '{pattern}' under '{}' ", root.display());
    if hits.len() == matching {
        out.push_str(&format!("in {matching} files:"));
    } else {
        out.push_str(&format!("(showing {} of {matching} matching files):", hits.len()));
    }
    for hit in hits {
        out.push_str(&format!("\n\n📄 {}:", hit.path.display()));
        for (number, line) in &hit.lines {
            out.push_str(&format!("\n    {number}: {line}"));
        }
    }
    out
}

fn name_filter(pattern: &str) -> Result<Vec<GlobMatcher>, String> {
    let parts = pattern.split('|').map(str::trim).filter(|p| !p.is_empty() && *p != "*");
    let compile = |p: &str| {
        let glob = GlobBuilder::new(p).case_insensitive(true).literal_separator(false).build();
        glob.map(|g| g.compile_matcher()).map_err(|e| format!("Invalid file_pattern '{p}': {e}"))
    };
    parts.map(compile).collect()
}

/// Files to look into, in a stable order.
fn candidates<'a>(root: &'a Path, names: &'a [GlobMatcher], hidden: bool) -> impl Iterator<Item = PathBuf> + 'a {
    let rules = IgnoreRules::near(root);
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(!hidden)
        .follow_links(false)
        .sort_by_file_name(Ord::cmp)
        .filter_entry(move |e| {
            let is_dir = e.file_type().is_some_and(|t| t.is_dir());
            let skipped = is_dir && SKIPPED.iter().any(|s| e.file_name() == *s);
            e.depth() == 0 || !(skipped || rules.covers(e.path(), is_dir))
        })
        .build();
    walk.flatten().filter(|e| e.file_type().is_some_and(|t| t.is_file())).map(ignore::DirEntry::into_path).filter(
        move |path| {
            let relative = path.strip_prefix(root).unwrap_or(path);
            let named = |m: &GlobMatcher| path.file_name().is_some_and(|n| m.is_match(n)) || m.is_match(relative);
            (names.is_empty() || names.iter().any(named)) && looks_like_text(path)
        },
    )
}

/// Whether the first kilobyte is UTF-8 without zeros; a character cut at its end does not count.
fn looks_like_text(path: &Path) -> bool {
    let mut head = [0u8; 1024];
    let Ok(mut file) = files::open(path) else { return false };
    let mut filled = 0;
    while filled < head.len() {
        match file.read(&mut head[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(_) => return false,
        }
    }
    let head = &head[..filled];
    let text = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none() && e.valid_up_to() + 4 > head.len(),
    };
    text && !head.contains(&0)
}

/// The fast engine; or, for look-around and back-references, the one that knows them.
enum Finder {
    Plain(RegexMatcher, bool),
    Fancy(Box<fancy_regex::Regex>),
}

impl Finder {
    fn new(pattern: &str, multiline: bool) -> Result<Self, String> {
        let mut builder = RegexMatcherBuilder::new();
        builder.case_insensitive(true).multi_line(true).dot_matches_new_line(multiline);
        if !multiline {
            builder.line_terminator(Some(b'\n'));
        }
        if let Ok(matcher) = builder.build(pattern) {
            return Ok(Self::Plain(matcher, multiline));
        }
        let fancy = fancy_regex::Regex::new(&format!("(?i){pattern}"));
        let fancy = fancy.map_err(|e| format!("Invalid regex pattern '{pattern}': {e}"))?;
        if multiline {
            return Err(format!("Pattern '{pattern}' cannot be searched across lines; leave multiline off"));
        }
        Ok(Self::Fancy(Box::new(fancy)))
    }

    fn search(&self, path: &Path, max: usize, env: &ToolEnv) -> Vec<(u64, String)> {
        // A file that cannot be read is like one without matches: a search goes on.
        let Ok(file) = files::open(path) else { return Vec::new() };
        match self {
            Self::Plain(matcher, multiline) => plain_lines(matcher, *multiline, &file, max, env),
            Self::Fancy(pattern) => fancy_lines(pattern, file, max, env),
        }
    }
}

fn plain_lines(
    matcher: &RegexMatcher,
    multiline: bool,
    file: &std::fs::File,
    max: usize,
    env: &ToolEnv,
) -> Vec<(u64, String)> {
    let mut lines = Vec::new();
    let mut searcher = SearcherBuilder::new()
        .line_number(true)
        .multi_line(multiline)
        .binary_detection(BinaryDetection::quit(0))
        .heap_limit(Some(16 * 1024 * 1024))
        .build();
    let sink = Lossy(|number, found| {
        lines.push((number, around(matcher, found.trim_end_matches(['\n', '\r']))));
        Ok(lines.len() < max && !env.cancel.is_cancelled())
    });
    // What was found before an error (a line longer than the limit) stays.
    let _ = searcher.search_file(matcher, file, sink);
    lines
}

fn around(matcher: &RegexMatcher, line: &str) -> String {
    let found = matcher.find(line.as_bytes()).ok().flatten();
    excerpt(line, found.map_or(0, |m| m.start()))
}

fn fancy_lines(pattern: &fancy_regex::Regex, file: std::fs::File, max: usize, env: &ToolEnv) -> Vec<(u64, String)> {
    let mut lines = Vec::new();
    let mut reader = BufReader::new(file.take(files::FILE_BYTES_MAX));
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        if !matches!(reader.read_until(b'\n', &mut line), Ok(n) if n > 0)
            || env.cancel.is_cancelled()
            || lines.len() >= max
        {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        if let Ok(Some(found)) = pattern.find(text) {
            lines.push((number, excerpt(text, found.start())));
        }
    }
    lines
}

/// At most 400 characters of a line, around the match.
fn excerpt(line: &str, at: usize) -> String {
    if line.chars().count() <= EXCERPT_CHARS {
        return line.to_owned();
    }
    let before = line.get(..at).unwrap_or_default().chars().count();
    let skip = before.saturating_sub(EXCERPT_CHARS / 4);
    let body: String = line.chars().skip(skip).take(EXCERPT_CHARS - 2).collect();
    let tail = if skip + EXCERPT_CHARS - 2 < line.chars().count() { "…" } else { "" };
    format!("{}{body}{tail}", if skip > 0 { "…" } else { "" })
}
