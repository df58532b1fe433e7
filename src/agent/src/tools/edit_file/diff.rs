//! Reads a unified diff of one file and finds where its hunks fit.

use std::path::Path;

use super::Edit;

struct Hunk {
    /// Where the diff says it starts, counted from 1.
    start: usize,
    old: Vec<String>,
    new: Vec<String>,
}

/// The edits a diff asks for.
pub(crate) fn edits(path: &Path, old: &str, diff: &str) -> Result<Vec<Edit>, String> {
    let hunks = hunks(path, diff)?;
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let bare: Vec<&str> = lines.iter().map(|l| l.trim_end_matches(['\n', '\r'])).collect();
    let ending = if old.contains("\r\n") { "\r\n" } else { "\n" };
    let starts: Vec<usize> = std::iter::once(0)
        .chain(lines.iter().scan(0, |at, l| {
            *at += l.len();
            Some(*at)
        }))
        .collect();
    let (mut edits, mut from) = (Vec::new(), 0);
    for (number, hunk) in hunks.iter().enumerate() {
        let wanted = if hunk.old.is_empty() { hunk.start } else { hunk.start.saturating_sub(1) };
        let at = place(&bare, &hunk.old, wanted, from).ok_or_else(|| {
            format!("Hunk {} of the diff does not fit '{}': its context was not found. Read the file again and make a new diff.", number + 1, path.display())
        })?;
        let end = at + hunk.old.len();
        let mut text: String = hunk.new.iter().map(|l| format!("{l}{ending}")).collect();
        let last_without_end = end == lines.len() && lines.last().is_some_and(|l| !l.ends_with('\n'));
        if last_without_end && !hunk.old.is_empty() {
            text.truncate(text.len() - if text.is_empty() { 0 } else { ending.len() });
        } else if last_without_end && at == lines.len() {
            text = format!("{ending}{}", text.trim_end_matches(ending));
        }
        edits.push(Edit { range: starts[at]..starts[end], text });
        from = end;
    }
    Ok(edits)
}

/// Where the old lines stand, nearest to where they are expected.
fn place(lines: &[&str], old: &[String], wanted: usize, from: usize) -> Option<usize> {
    let last = lines.len().checked_sub(old.len())?;
    let fits = |at: usize| old.iter().zip(&lines[at..]).all(|(a, b)| a.trim_end() == b.trim_end());
    (from..=last).filter(|at| fits(*at)).min_by_key(|at| at.abs_diff(wanted))
}

fn hunks(path: &Path, diff: &str) -> Result<Vec<Hunk>, String> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut targets = 0;
    let mut lines = diff.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("--- ") && lines.peek().is_some_and(|l| l.starts_with("+++ ")) {
            targets += 1;
            let named = lines.next().unwrap_or_default();
            same_file(path, line, named)?;
        } else if let Some(header) = line.strip_prefix("@@") {
            hunks.push(Hunk { start: start(header)?, old: Vec::new(), new: Vec::new() });
        } else if let Some(hunk) = hunks.last_mut() {
            match line.split_at_checked(1) {
                Some((" ", text)) => {
                    hunk.old.push(text.to_owned());
                    hunk.new.push(text.to_owned());
                }
                Some(("-", text)) => hunk.old.push(text.to_owned()),
                Some(("+", text)) => hunk.new.push(text.to_owned()),
                Some(("\\", _)) => {}
                None => {
                    hunk.old.push(String::new());
                    hunk.new.push(String::new());
                }
                Some(_) => return Err(format!("The diff has a line that is neither context nor change: '{line}'")),
            }
        }
    }
    if targets > 1 {
        return Err("The diff changes several files; edit_file takes one file at a time".into());
    }
    if hunks.is_empty() {
        return Err("Without a replacement the pattern must be a unified diff (with @@ headers)".into());
    }
    Ok(hunks)
}

fn same_file(path: &Path, old: &str, new: &str) -> Result<(), String> {
    let bare = |line: &str| {
        let name = line[4..].split('\t').next().unwrap_or_default().trim().to_owned();
        name.strip_prefix("a/").or_else(|| name.strip_prefix("b/")).unwrap_or(&name).to_owned()
    };
    let fits =
        |name: &str| name == "/dev/null" || path.ends_with(name.trim_start_matches("./")) || Path::new(name) == path;
    match [bare(old), bare(new)].iter().find(|name| !fits(name)) {
        Some(name) => Err(format!("The diff is for '{name}', not for '{}'", path.display())),
        None => Ok(()),
    }
}

/// The old start line of ` -a,b +c,d @@`; 1 when the header has no numbers.
fn start(header: &str) -> Result<usize, String> {
    let Some(old) = header.split_whitespace().find_map(|part| part.strip_prefix('-')) else { return Ok(1) };
    let number = old.split(',').next().unwrap_or_default();
    number.parse().map_err(|_| format!("The diff has a broken header: '@@{header}'"))
}
