//! `str()`, `repr()`, type names, and the string methods whose notion of white space and case is Python's.

use std::fmt::Write as _;

use model::Value;
use model::json::python_float;

use super::MAX_DEPTH;

/// `str(value)`.
pub(crate) fn py_str(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => py_repr(other),
    }
}

/// `repr(value)`. What lies deeper than [`MAX_DEPTH`] is shown as `...`.
pub(crate) fn py_repr(value: &Value) -> String {
    let mut out = String::new();
    repr_into(&mut out, value, 0);
    out
}

fn repr_into(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(n) if n.is_f64() => out.push_str(&python_float(n.as_f64().unwrap_or(f64::NAN))),
        Value::Number(n) => {
            let _ = write!(out, "{n}");
        }
        Value::String(text) => repr_text(out, text),
        Value::Array(_) | Value::Object(_) if depth >= MAX_DEPTH => out.push_str("..."),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                repr_into(out, item, depth + 1);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (i, (key, item)) in map.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                repr_text(out, key);
                out.push_str(": ");
                repr_into(out, item, depth + 1);
            }
            out.push('}');
        }
    }
}

/// A string literal of `text`: single quotes, or double ones when that saves escaping.
pub(crate) fn repr_text(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if is_printable(c) => out.push(c),
            c => escape_code(out, c),
        }
    }
    out.push(quote);
}

/// `\xNN`, `\uNNNN` or `\UNNNNNNNN`, the shortest that fits.
pub(super) fn escape_code(out: &mut String, c: char) {
    let _ = match c as u32 {
        code @ ..=0xff => write!(out, "\\x{code:02x}"),
        code @ ..=0xffff => write!(out, "\\u{code:04x}"),
        code => write!(out, "\\U{code:08x}"),
    };
}

/// Whether `repr` shows the character as it is. The standard library asks the same question of every character of a
/// text but the first, where it also escapes combining marks; hence the `a` before it.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let mut pair = String::from("a");
    pair.push(c);
    pair.escape_debug().nth(1) == Some(c)
}

/// The name of the value's Python type.
pub(crate) fn py_type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// White space in Python's sense: Unicode's, and the four ASCII separators.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// `text.strip()`.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// `text.upper()`.
pub(crate) fn upper(text: &str) -> String {
    text.to_uppercase()
}

/// `text.lower()`.
pub(crate) fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// The trimmed text of a non-blank string, else `""`.
pub(crate) fn non_blank(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).map_or("", strip)
}
