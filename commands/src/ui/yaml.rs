//! JSON values as YAML: block style, strings plain where every YAML reader takes them for strings, else as JSON strings,
//! which YAML reads too.
//!
//! May not know: anything but the value. Invariant: a YAML 1.1 or 1.2 reader gets the same value back.

use model::Value;
use model::json::{Layout, write as json};

/// The document, with a line end.
pub(crate) fn write(value: &Value) -> String {
    let mut out = String::new();
    block(&mut out, value, 0);
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn block(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                indent(out, depth);
                out.push('-');
                under(out, item, depth + 1, true);
            }
        }
        Value::Object(map) if !map.is_empty() => {
            for (key, item) in map {
                indent(out, depth);
                member(out, key, item, depth);
            }
        }
        other => out.push_str(&scalar(other)),
    }
}

fn member(out: &mut String, key: &str, value: &Value, depth: usize) {
    out.push_str(&text(key));
    out.push(':');
    under(out, value, depth + usize::from(value.is_object()), false);
}

/// What follows a dash or a colon: on the same line, or a block below.
fn under(out: &mut String, value: &Value, depth: usize, dash: bool) {
    match value {
        Value::Object(map) if dash && !map.is_empty() => {
            for (i, (key, item)) in map.iter().enumerate() {
                if i == 0 {
                    out.push(' ');
                } else {
                    indent(out, depth);
                }
                member(out, key, item, depth);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            block(out, value, depth);
        }
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            block(out, value, depth);
        }
        other => {
            out.push(' ');
            out.push_str(&scalar(other));
            out.push('\n');
        }
    }
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(s) => text(s),
        other => json(other, Layout::COMPACT),
    }
}

/// Plain only when the text starts with a letter, is made of harmless characters, and is no word with a meaning.
fn text(s: &str) -> String {
    const WORDS: [&str; 10] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "none"];
    let plain = s.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && s.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '+'))
        && !WORDS.contains(&s.to_ascii_lowercase().as_str());
    if plain { s.to_owned() } else { json(&Value::from(s), Layout::COMPACT) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_become_yaml() {
        let check = |value: Value, expected: &str| assert_eq!(write(&value), expected, "{value}");
        check(json!(null), "null\n");
        check(json!("plain"), "plain\n");
        check(json!([]), "[]\n");
        check(json!({}), "{}\n");
        check(json!({"a": {}, "b": []}), "a: {}\nb: []\n");
        check(json!({"a": {"b": 1}}), "a:\n  b: 1\n");
        check(json!([1, [2, 3]]), "- 1\n-\n  - 2\n  - 3\n");
        check(json!([{"a": 1, "b": {"c": 2}}]), "- a: 1\n  b:\n    c: 2\n");
        check(json!({"list": [{"a": [1], "b": 2}]}), "list:\n- a:\n  - 1\n  b: 2\n");
        check(json!({"x": 1.5, "y": true}), "x: 1.5\n\"y\": true\n");
    }

    #[test]
    fn texts_that_are_no_plain_words_are_quoted() {
        for (text, written) in [
            ("", "\"\""),
            ("true", "\"true\""),
            ("No", "\"No\""),
            ("1.0", "\"1.0\""),
            ("2026-11-22", "\"2026-11-22\""),
            ("a: b", "\"a: b\""),
            ("a\nb", "\"a\\nb\""),
            ("basic-agent@0.0.1", "basic-agent@0.0.1"),
            ("é", "\"é\""),
            ("-x", "\"-x\""),
        ] {
            assert_eq!(write(&json!(text)), format!("{written}\n"), "{text}");
        }
    }
}
