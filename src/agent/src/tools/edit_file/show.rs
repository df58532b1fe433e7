//! Shows edits: how much, where, and what the place looks like afterwards.

use std::path::Path;

use super::{Edit, Edits, applied};
use crate::tools::files::numbered;

const CONTEXT: usize = 3;
const EXCERPT_LINES_MAX: usize = 220;
const HUNK_LINES_MAX: usize = 400;

/// Whole lines of the old text and what stands there afterwards.
struct Change<'a> {
    old_start: usize,
    old: Vec<&'a str>,
    new_start: usize,
    new: Vec<String>,
}

pub(crate) fn summary(path: &Path, old: &str, new: &str, edits: &Edits, preview: bool) -> String {
    let changes = changes(old, &edits.list);
    let (added, removed) = changes.iter().fold((0, 0), |(a, r), c| (a + c.new.len(), r + c.old.len()));
    let verb = if preview { "Preview" } else { "Edited" };
    let mut out =
        format!("{verb} {} (+{added} -{removed}) replacements={}/{}", path.display(), edits.list.len(), edits.places);
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else {
        out.push_str("\nNothing to change: the text stands there already.");
        return out;
    };
    let old_lines: Vec<&str> = old.lines().collect();
    let mut shown = 0;
    for change in &changes {
        let hunk = hunk(&old_lines, change);
        shown += hunk.len();
        if shown > HUNK_LINES_MAX {
            out.push_str("\n… (more changes not shown)");
            break;
        }
        out.push('\n');
        out.push_str(&hunk.join("\n"));
    }
    let lines: Vec<&str> = new.lines().collect();
    let from = first.new_start.saturating_sub(CONTEXT);
    let to = (last.new_start + last.new.len() + CONTEXT).min(lines.len()).min(from + EXCERPT_LINES_MAX);
    let excerpt = lines.get(from..to).unwrap_or_default();
    let title = if preview { "would be" } else { "after the edit" };
    out.push_str(&format!("\n\nLines {}-{to} {title}:\n", from + 1));
    out.push_str(&numbered(excerpt.iter().copied(), from + 1, to.max(1).to_string().len()));
    out
}

/// Edits as whole lines; edits that touch the same line become one change.
fn changes<'a>(old: &'a str, edits: &[Edit]) -> Vec<Change<'a>> {
    let line_start = |at: usize| old[..at].rfind('\n').map_or(0, |n| n + 1);
    let line_end = |range: &std::ops::Range<usize>| {
        let whole = range.end > range.start && old[..range.end].ends_with('\n');
        if whole { range.end } else { old[range.end..].find('\n').map_or(old.len(), |n| range.end + n + 1) }
    };
    let mut groups: Vec<(usize, usize, Vec<Edit>)> = Vec::new();
    for edit in edits {
        let (start, end) = (line_start(edit.range.start), line_end(&edit.range));
        match groups.last_mut() {
            Some(group) if start < group.1 => {
                group.1 = group.1.max(end);
                group.2.push(edit.clone());
            }
            _ => groups.push((start, end, vec![edit.clone()])),
        }
    }
    let (mut out, mut shift) = (Vec::new(), 0isize);
    for (start, end, edits) in groups {
        let inner: Vec<_> = edits
            .iter()
            .map(|e| Edit { range: e.range.start - start..e.range.end - start, text: e.text.clone() })
            .collect();
        let after = applied(&old[start..end], &inner);
        let old_lines: Vec<&str> = old[start..end].lines().collect();
        let new_lines: Vec<String> = after.lines().map(str::to_owned).collect();
        let same = |a: &&str, b: &String| *a == b.as_str();
        let head = old_lines.iter().zip(&new_lines).take_while(|(a, b)| same(a, b)).count();
        let most = old_lines.len().min(new_lines.len()) - head;
        let tail =
            old_lines.iter().rev().zip(new_lines.iter().rev()).take(most).take_while(|(a, b)| same(a, b)).count();
        let old_start = old[..start].lines().count() + head;
        let new_start = usize::try_from(isize::try_from(old_start).unwrap_or(0) + shift).unwrap_or(0);
        shift += isize::try_from(new_lines.len()).unwrap_or(0) - isize::try_from(old_lines.len()).unwrap_or(0);
        out.push(Change {
            old_start,
            old: old_lines[head..old_lines.len() - tail].to_vec(),
            new_start,
            new: new_lines[head..new_lines.len() - tail].to_vec(),
        });
    }
    out.retain(|c| !c.old.is_empty() || !c.new.is_empty());
    out
}

/// A change with the lines around it, in columns `old new | text`.
fn hunk(old_lines: &[&str], change: &Change<'_>) -> Vec<String> {
    let before = change.old_start.saturating_sub(CONTEXT)..change.old_start;
    let end = change.old_start + change.old.len();
    let after = end..(end + CONTEXT).min(old_lines.len());
    let width = (old_lines.len() + change.new.len()).max(1).to_string().len();
    let number = |n: Option<usize>| n.map_or_else(|| " ".repeat(width), |n| format!("{:>width$}", n + 1));
    let line = |o: Option<usize>, n: Option<usize>, sign: char, text: &str| {
        format!(" {} {} | {sign}{text}", number(o), number(n))
    };
    let new_end = change.new_start + change.new.len();
    let start = |at: usize, count: usize| if count == 0 { at } else { at + 1 };
    let span = before.len() + after.len();
    let (old_count, new_count) = (span + change.old.len(), span + change.new.len());
    let lead = before.len();
    let mut out = vec![format!(
        "@@ -{},{old_count} +{},{new_count} @@",
        start(change.old_start - lead, old_count),
        start(change.new_start.saturating_sub(lead), new_count),
    )];
    for i in before {
        let back = change.old_start - i;
        out.push(line(Some(i), change.new_start.checked_sub(back), ' ', old_lines[i]));
    }
    out.extend(change.old.iter().enumerate().map(|(i, text)| line(Some(change.old_start + i), None, '-', text)));
    out.extend(change.new.iter().enumerate().map(|(i, text)| line(None, Some(change.new_start + i), '+', text)));
    for i in after {
        out.push(line(Some(i), Some(new_end + (i - end)), ' ', old_lines[i]));
    }
    out
}
