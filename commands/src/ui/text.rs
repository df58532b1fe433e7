//! Text for people: tables, details, one-line digests.
//!
//! May not know: what is shown. Invariant: nothing a run, a model or a server wrote can move the cursor or colour the
//! terminal: control characters are replaced before they are printed.

use comfy_table::{ContentArrangement, Table, presets};
use model::Value;
use model::json::{Layout, write};

/// Columns under upper-case headers, two spaces apart; a sentence when there are no rows.
pub(crate) fn table(headers: &[&str], rows: Vec<Vec<String>>, when_empty: &str) -> String {
    if rows.is_empty() {
        return when_empty.to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headers.iter().map(|h| h.to_uppercase()));
    for row in rows {
        table.add_row(row.iter().map(|cell| one_line(cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// `name  value` lines, the names padded; absent values are left out.
pub(crate) fn details(rows: &[(&str, Option<String>)]) -> String {
    let width = rows.iter().filter(|r| r.1.is_some()).map(|r| r.0.len()).max().unwrap_or(0);
    let lines: Vec<String> = rows
        .iter()
        .filter_map(|(name, value)| Some(format!("{name:width$}  {}", sentence(value.as_ref()?))))
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// The text without control characters, line ends kept.
pub(crate) fn sentence(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// The text on one line, without control characters.
pub(crate) fn one_line(text: &str) -> String {
    sentence(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The text on one line, cut to `max` characters with an ellipsis.
pub(crate) fn clip(text: &str, max: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= max {
        return line;
    }
    line.chars().take(max.saturating_sub(1)).chain(['…']).collect()
}

/// A value for people: text as it is, everything else as indented JSON.
pub(crate) fn pretty(value: &Value) -> String {
    sentence(&value.as_str().map_or_else(|| write(value, Layout::PRETTY), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_no_borders_and_no_trailing_spaces() {
        let rows = vec![vec!["a".into(), "long value".into()], vec!["bbb".into(), String::new()]];
        assert_eq!(table(&["id", "what"], rows, "none"), "ID   WHAT\na    long value\nbbb");
        assert_eq!(table(&["id"], Vec::new(), "no runs"), "no runs");
    }

    #[test]
    fn details_leave_out_what_is_absent() {
        let rows = [("run", Some("r1".to_owned())), ("error", None), ("status", Some("failed".to_owned()))];
        assert_eq!(details(&rows), "run     r1\nstatus  failed");
    }

    #[test]
    fn texts_are_cut_on_characters() {
        for (text, max, expected) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("é é\n é", 9, "é é é"),
            ("", 3, ""),
            ("\x1b[31mred", 20, "\u{fffd}[31mred"),
        ] {
            assert_eq!(clip(text, max), expected);
        }
    }
}
