//! JSON the way Python reads and writes it: bare `NaN` and `Infinity` are tolerated on input, floats are printed as
//! Python prints them, and the canonical form is the one hashes of the contract are made of.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

/// Reads JSON; on failure tries once more with bare `NaN`, `Infinity` and `-Infinity` taken as null.
///
/// # Errors
/// The parser's error of the first try.
pub fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text).or_else(|first| {
        if text.contains("NaN") || text.contains("Infinity") {
            serde_json::from_str(&without_bare_numbers(text)).map_err(|_| first)
        } else {
            Err(first)
        }
    })
}

fn without_bare_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut in_string) = (text, false);
    while let Some(c) = rest.chars().next() {
        if in_string {
            if c == '\\' {
                let taken = rest.chars().take(2).map(char::len_utf8).sum();
                out.push_str(&rest[..taken]);
                rest = &rest[taken..];
                continue;
            }
            in_string = c != '"';
        } else if c == '"' {
            in_string = true;
        } else if let Some(word) = ["-Infinity", "Infinity", "NaN"].into_iter().find(|w| rest.starts_with(w)) {
            out.push_str("null");
            rest = &rest[word.len()..];
            continue;
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// A float as Python's `repr` shows it: `1.0`, `1e+20`, `1e-07`, `0.1`, `nan`, `inf`.
#[must_use]
pub fn python_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".into() } else { "-inf".into() };
    }
    if value == 0.0 {
        return if value.is_sign_negative() { "-0.0".into() } else { "0.0".into() };
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let plain = format!("{value}");
    if plain.contains('.') { plain } else { format!("{plain}.0") }
}

/// How a number is printed.
fn number(n: &Number) -> String {
    if n.is_f64() { python_float(n.as_f64().unwrap_or(f64::NAN)) } else { n.to_string() }
}

/// How [`write`] lays JSON out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Between items.
    pub item: &'static str,
    /// Between key and value.
    pub key: &'static str,
    /// Spaces per level; none means one line.
    pub indent: Option<usize>,
    /// Keys in byte order instead of their own.
    pub sorted: bool,
    /// Non-ASCII as `\uXXXX`.
    pub ascii: bool,
}

impl Layout {
    /// `{"a":1,"b":2}`
    pub const COMPACT: Self = Self { item: ",", key: ":", indent: None, sorted: false, ascii: false };
    /// `{"a": 1, "b": 2}`
    pub const SPACED: Self = Self { item: ", ", key: ": ", indent: None, sorted: false, ascii: false };
    /// Sorted keys, no spaces, ASCII only: what idempotency keys of the reference are hashed over.
    pub const CANONICAL: Self = Self { item: ",", key: ":", indent: None, sorted: true, ascii: true };
    /// Two spaces a level.
    pub const PRETTY: Self = Self { item: ",", key: ": ", indent: Some(2), sorted: false, ascii: false };

    /// The same with keys in byte order.
    #[must_use]
    pub const fn sorted(mut self) -> Self {
        self.sorted = true;
        self
    }
}

/// Prints a value as Python's `json.dumps` would in the given layout.
#[must_use]
pub fn write(value: &Value, layout: Layout) -> String {
    let mut out = String::new();
    write_into(&mut out, value, layout, 0);
    out
}

/// Appends a value, printed as by [`write`].
pub(crate) fn append(out: &mut String, value: &Value, layout: Layout) {
    write_into(out, value, layout, 0);
}

/// Appends an object, printed as by [`write`].
pub(crate) fn append_object(out: &mut String, map: &Map<String, Value>, layout: Layout) {
    write_object(out, map, layout, 0);
}

/// [`write`] in [`Layout::CANONICAL`].
#[must_use]
pub fn canonical(value: &Value) -> String {
    write(value, Layout::CANONICAL)
}

fn write_into(out: &mut String, value: &Value, layout: Layout, depth: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&number(n)),
        Value::String(s) => quote(out, s, layout.ascii),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                separate(out, layout, depth + 1, i == 0);
                write_into(out, item, layout, depth + 1);
            }
            close(out, layout, depth);
            out.push(']');
        }
        Value::Object(map) => write_object(out, map, layout, depth),
    }
}

fn write_object(out: &mut String, map: &Map<String, Value>, layout: Layout, depth: usize) {
    if map.is_empty() {
        out.push_str("{}");
        return;
    }
    out.push('{');
    let mut entries: Vec<_> = map.iter().collect();
    if layout.sorted {
        entries.sort_by(|a, b| a.0.cmp(b.0));
    }
    for (i, (key, item)) in entries.into_iter().enumerate() {
        separate(out, layout, depth + 1, i == 0);
        quote(out, key, layout.ascii);
        out.push_str(layout.key);
        write_into(out, item, layout, depth + 1);
    }
    close(out, layout, depth);
    out.push('}');
}

fn separate(out: &mut String, layout: Layout, depth: usize, first: bool) {
    if !first {
        out.push_str(layout.item);
    }
    if let Some(indent) = layout.indent {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent * depth));
    }
}

fn close(out: &mut String, layout: Layout, depth: usize) {
    if let Some(indent) = layout.indent {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent * depth));
    }
}

/// Appends a text in quotes. What needs no escape, most of any text, is copied as a whole.
pub(crate) fn quote(out: &mut String, text: &str, ascii: bool) {
    let special = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\' || (ascii && byte >= 0x80);
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(special) {
        let (plain, marked) = rest.split_at(at);
        let mut chars = marked.chars();
        out.push_str(plain);
        chars.next().into_iter().for_each(|c| escape(out, c));
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

fn escape(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        c => {
            let mut units = [0u16; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn floats_print_as_python_prints_them() {
        for (value, text) in [
            (1.0, "1.0"),
            (1e20, "1e+20"),
            (1e-7, "1e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (0.1, "0.1"),
            (-2.5, "-2.5"),
            (12300.0, "12300.0"),
            (1.5e300, "1.5e+300"),
        ] {
            assert_eq!(python_float(value), text);
        }
    }

    #[test]
    fn canonical_form_hashes_to_the_reference_key() {
        use sha2::{Digest, Sha256};
        let value = json!({
            "run_id": "run-1", "node_id": "n1", "effect_type": "llm_call",
            "effect_payload": {"prompt": "hé☃", "n": 1.0, "a": [1, "x"], "b": true, "z": null}
        });
        let key = &hex::encode(Sha256::digest(canonical(&value).as_bytes()))[..32];
        assert_eq!(key, "5547202cd3003e739330270d5a90f5a2");
    }

    #[test]
    fn bare_numbers_become_null_outside_strings_only() {
        assert_eq!(
            parse(r#"{"a": NaN, "b": -Infinity, "c": "NaN \" Infinity"}"#).unwrap(),
            json!({"a": null, "b": null, "c": "NaN \" Infinity"})
        );
        assert!(parse("{NaN").is_err());
    }

    #[test]
    fn pretty_is_pythons_indent_two() {
        assert_eq!(
            write(&json!({"b": 1, "a": ["é", []]}), Layout::PRETTY),
            "{\n  \"b\": 1,\n  \"a\": [\n    \"é\",\n    []\n  ]\n}"
        );
    }
}
