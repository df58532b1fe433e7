//! Finds the places a pattern names: as written; then with `\n`-like escapes read; then with any indentation.

use std::ops::Range;
use std::path::Path;

use super::{Edit, Edits};

/// A replacement to be made.
pub(crate) struct Search<'a> {
    pub(crate) pattern: &'a str,
    pub(crate) replacement: &'a str,
    pub(crate) regex: bool,
    pub(crate) flexible: bool,
    pub(crate) max: usize,
}

impl Search<'_> {
    /// The edits inside the window, or nothing when the pattern does not occur there.
    pub(crate) fn edits(&self, old: &str, window: Range<usize>) -> Result<Option<Edits>, String> {
        if self.regex {
            return self.regex_edits(old, window);
        }
        let crlf = old.contains("\r\n") && !self.pattern.contains('\r');
        let adapted = |text: &str| if crlf { text.replace('\n', "\r\n") } else { text.to_owned() };
        let (pattern, replacement) = (adapted(self.pattern), adapted(self.replacement));
        if let Some(found) = self.literal_edits(old, window.clone(), &pattern, &replacement) {
            return Ok(Some(found));
        }
        let (pattern, replacement) = (adapted(&unescaped(self.pattern)), adapted(&unescaped(self.replacement)));
        if pattern != self.pattern
            && !pattern.is_empty()
            && let Some(found) = self.literal_edits(old, window.clone(), &pattern, &replacement)
        {
            return Ok(Some(found));
        }
        if self.flexible { self.flexible_edits(old, window) } else { Ok(None) }
    }

    fn literal_edits(&self, old: &str, window: Range<usize>, pattern: &str, replacement: &str) -> Option<Edits> {
        let starts: Vec<_> = old[window.clone()].match_indices(pattern).map(|(at, _)| window.start + at).collect();
        let places = starts.len();
        // An insertion keeps what it found; where it stands already, nothing is left to do.
        let before = replacement.find(pattern);
        let stands = |at: usize| {
            let start = before.and_then(|b| at.checked_sub(b));
            pattern != replacement && start.and_then(|s| old.get(s..)).is_some_and(|rest| rest.starts_with(replacement))
        };
        let todo = starts.into_iter().take(self.max).filter(|at| !stands(*at));
        let list = todo.map(|at| Edit { range: at..at + pattern.len(), text: replacement.to_owned() }).collect();
        (places > 0).then_some(Edits { list, places })
    }

    fn regex_edits(&self, old: &str, window: Range<usize>) -> Result<Option<Edits>, String> {
        let regex = fancy_regex::Regex::new(&format!("(?ms){}", self.pattern));
        let regex = regex.map_err(|e| format!("Invalid regex pattern '{}': {e}", self.pattern))?;
        let template = template(self.replacement);
        let (mut list, mut places) = (Vec::new(), 0);
        for found in regex.captures_iter(&old[window.clone()]) {
            let found = found.map_err(|e| format!("The regex is too costly for this file: {e}"))?;
            let Some(whole) = found.get(0) else { continue };
            places += 1;
            if places <= self.max {
                let mut text = String::new();
                found.expand(&template, &mut text);
                list.push(Edit { range: window.start + whole.start()..window.start + whole.end(), text });
            }
        }
        Ok((places > 0).then_some(Edits { list, places }))
    }

    /// Whole lines whose texts agree, whatever their indentation and inner spacing; the replacement is shifted to the
    /// indentation that was found.
    fn flexible_edits(&self, old: &str, window: Range<usize>) -> Result<Option<Edits>, String> {
        let pattern = self.pattern.trim_matches('\n');
        let indented = pattern.starts_with([' ', '\t']);
        if pattern.trim().is_empty() || !(indented || pattern.contains('\n')) {
            return Ok(None);
        }
        let lines: Vec<_> = pattern.lines().map(line_pattern).collect();
        let regex = regex::Regex::new(&format!("(?m)^{}[ \t]*\r?$", lines.join("[ \t]*\r?\n")));
        let regex = regex.map_err(|e| format!("The pattern is too long to be searched loosely: {e}"))?;
        let indentation = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
        let (mut list, mut places) = (Vec::new(), 0);
        for found in regex.find_iter(&old[window.clone()]) {
            places += 1;
            if places > self.max {
                continue;
            }
            let range = window.start + found.start()..window.start + found.end();
            let here = &found.as_str()[..indentation(found.as_str())];
            let text = reindented(self.replacement.trim_matches('\n'), &pattern[..indentation(pattern)], here);
            list.push(Edit { range, text });
        }
        Ok((places > 0).then_some(Edits { list, places }))
    }
}

fn line_pattern(line: &str) -> String {
    let words: Vec<_> = line.split_whitespace().map(regex::escape).collect();
    format!("[ \t]*{}", words.join("[ \t]+"))
}

/// The text with the indentation `from` of its lines replaced by `to`.
fn reindented(text: &str, from: &str, to: &str) -> String {
    let shift = |line: &str| match line.strip_prefix(from) {
        Some(rest) if !line.trim().is_empty() => format!("{to}{rest}"),
        _ => line.to_owned(),
    };
    text.split('\n').map(shift).collect::<Vec<_>>().join("\n")
}

/// `\n`, `\t`, `\r`, `\\`, `\"` and `\'` read as what they stand for.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let meant = match (c, chars.peek()) {
            ('\\', Some('n')) => '\n',
            ('\\', Some('t')) => '\t',
            ('\\', Some('r')) => '\r',
            ('\\', Some(other @ ('\\' | '"' | '\''))) => *other,
            _ => {
                out.push(c);
                continue;
            }
        };
        chars.next();
        out.push(meant);
    }
    out
}

/// A Python replacement (`\1`, `\g<name>`) as a Rust one.
fn template(replacement: &str) -> String {
    let mut out = String::new();
    let mut rest = replacement;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = after;
        if c == '$' {
            out.push_str("$$");
        } else if c != '\\' {
            out.push(c);
        } else if let Some(named) = after.strip_prefix("g<")
            && let Some((name, tail)) = named.split_once('>')
        {
            out.push_str(&format!("${{{name}}}"));
            rest = tail;
        } else if let Some(digit) = after.chars().next().filter(char::is_ascii_digit) {
            out.push_str(&format!("${{{digit}}}"));
            rest = &after[1..];
        } else if let Some(next) = after.chars().next() {
            out.push_str(&unescaped(&format!("\\{next}")));
            rest = &after[next.len_utf8()..];
        } else {
            out.push('\\');
        }
    }
    out
}

/// Tells a model that its pattern does not occur, and what comes closest.
pub(crate) fn nothing_found(path: &Path, old: &str, pattern: &str) -> String {
    let mut out = format!("No occurrences of '{pattern}' found in '{}'", path.display());
    let wanted = pattern.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default().to_lowercase();
    let lines = old.lines().enumerate().filter(|(_, l)| !wanted.is_empty() && l.to_lowercase().contains(&wanted));
    let near: Vec<_> = lines.take(3).map(|(i, l)| format!("  {}: {}", i + 1, l.trim_end())).collect();
    if near.is_empty() {
        out.push_str("\nHint: read the file, then copy the exact text that is to be replaced, or give start_line and end_line with an empty pattern.");
    } else {
        out.push_str(&format!(
            "\nHint: its first line resembles these lines; compare case, spacing and what follows:\n{}",
            near.join("\n")
        ));
    }
    out
}
