//! Reads what models write when they mean JSON: JSON itself, JSON with raw line breaks, trailing commas or comments'
//! worth of sloppiness, and Python literals (single quotes, `True`, `None`, tuples, bare keys).
//!
//! The one invariant: it ends, and it never reads past the value it returns.

use model::{Map, Value};

const DEPTH_MAX: usize = 64;

/// The value at the start of `text` (after white space) and how many bytes it takes.
pub(crate) fn prefix(text: &str) -> Option<(Value, usize)> {
    let start = text.len() - text.trim_start().len();
    let mut stream = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
    if let Some(Ok(value)) = stream.next() {
        return Some((value, start + stream.byte_offset()));
    }
    let mut reader = Reader { text, at: start };
    let value = reader.value(0)?;
    Some((value, reader.at))
}

/// The whole text as one value.
pub(crate) fn whole(text: &str) -> Option<Value> {
    let text = text.trim();
    let (value, end) = prefix(text)?;
    text[end..].trim().is_empty().then_some(value)
}

/// The call `name(arg, key=value)` at the start of `text`, positional and named arguments, and its length.
pub(crate) fn call(text: &str) -> Option<(String, Vec<Value>, Map, usize)> {
    let mut reader = Reader { text, at: text.len() - text.trim_start().len() };
    let name = reader.word(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))?;
    reader.expect('(')?;
    let (mut positional, mut named) = (Vec::new(), Map::new());
    loop {
        if reader.take(')') {
            return Some((name, positional, named, reader.at));
        }
        let before = reader.at;
        reader.skip_space();
        let key = reader.word(|c| c.is_alphanumeric() || c == '_');
        match key {
            Some(key) if reader.peek_is_assignment() => {
                reader.expect('=')?;
                named.insert(key, reader.value(0)?);
            }
            _ => {
                reader.at = before;
                positional.push(reader.value(0)?);
            }
        }
        if !reader.take(',') {
            reader.expect(')')?;
            return Some((name, positional, named, reader.at));
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, wanted: char) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Option<()> {
        self.take(wanted).then_some(())
    }

    fn peek_is_assignment(&mut self) -> bool {
        self.skip_space();
        self.rest().starts_with('=') && !self.rest().starts_with("==")
    }

    fn word(&mut self, fits: impl Fn(char) -> bool) -> Option<String> {
        let end = self.rest().find(|c| !fits(c)).unwrap_or(self.rest().len());
        if end == 0 {
            return None;
        }
        let word = self.rest()[..end].to_owned();
        self.at += end;
        Some(word)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH_MAX {
            return None;
        }
        self.skip_space();
        if let Some(quote) = self.opening_quote() {
            return self.string(&quote).map(Value::String);
        }
        match self.rest().chars().next()? {
            '{' => self.object(depth),
            '[' => self.list('[', ']', depth),
            '(' => self.list('(', ')', depth),
            c if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => self.number(),
            _ => self.name(),
        }
    }

    /// The quote a string starts with, its prefix letter skipped.
    fn opening_quote(&mut self) -> Option<String> {
        let rest = self.rest();
        let letters = rest.len() - rest.trim_start_matches(['r', 'b', 'f', 'u', 'R', 'B', 'F', 'U']).len();
        if letters > 2 {
            return None;
        }
        let found = ["\"\"\"", "'''", "<|\"|>", "\"", "'"].into_iter().find(|q| rest[letters..].starts_with(q))?;
        self.at += letters + found.len();
        Some(found.to_owned())
    }

    fn string(&mut self, quote: &str) -> Option<String> {
        let mut out = String::new();
        loop {
            if self.rest().starts_with(quote) {
                self.at += quote.len();
                return Some(out);
            }
            let c = self.rest().chars().next()?;
            self.at += c.len_utf8();
            if c == '\\' { self.escape(&mut out)? } else { out.push(c) }
        }
    }

    fn escape(&mut self, out: &mut String) -> Option<()> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        match c {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            '\n' => {}
            '\\' | '"' | '\'' | '/' => out.push(c),
            'x' | 'u' => match self.code(if c == 'x' { 2 } else { 4 }) {
                Some(code) => out.push(code),
                None => out.extend(['\\', c]),
            },
            _ => out.extend(['\\', c]),
        }
        Some(())
    }

    fn code(&mut self, digits: usize) -> Option<char> {
        let first = self.hex(digits)?;
        let code = if (0xd800..0xdc00).contains(&first) {
            let low = self.rest().strip_prefix("\\u").and_then(|r| u32::from_str_radix(r.get(..4)?, 16).ok());
            let low = low.filter(|low| (0xdc00..0xe000).contains(low))?;
            self.at += 6;
            0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00)
        } else {
            first
        };
        Some(char::from_u32(code).unwrap_or('\u{fffd}'))
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let number = u32::from_str_radix(self.rest().get(..digits)?, 16).ok()?;
        self.at += digits;
        Some(number)
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        self.expect('{')?;
        let mut map = Map::new();
        loop {
            if self.take('}') {
                return Some(Value::Object(map));
            }
            self.skip_space();
            let key = match self.opening_quote() {
                Some(quote) => self.string(&quote)?,
                None => self.word(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '.'))?,
            };
            self.expect(':')?;
            map.insert(key, self.value(depth + 1)?);
            if !self.take(',') {
                self.expect('}')?;
                return Some(Value::Object(map));
            }
        }
    }

    fn list(&mut self, open: char, close: char, depth: usize) -> Option<Value> {
        self.expect(open)?;
        let (mut items, mut commas) = (Vec::new(), 0);
        while !self.take(close) {
            items.push(self.value(depth + 1)?);
            if self.take(',') {
                commas += 1;
            } else {
                self.expect(close)?;
                break;
            }
        }
        // Parentheses round one value only group.
        if open == '(' && commas == 0 && items.len() == 1 {
            return items.pop();
        }
        Some(Value::Array(items))
    }

    fn number(&mut self) -> Option<Value> {
        let text = self.word(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.' | '_'))?.replace('_', "");
        let text = text.trim_start_matches('+');
        if let Ok(whole) = text.parse::<i64>() {
            return Some(whole.into());
        }
        serde_json::Number::from_f64(text.parse().ok()?).map(Value::Number)
    }

    fn name(&mut self) -> Option<Value> {
        match self.word(|c| c.is_alphanumeric() || c == '_')?.as_str() {
            "True" | "true" => Some(true.into()),
            "False" | "false" => Some(false.into()),
            "None" | "null" | "NaN" | "nan" => Some(Value::Null),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, expected: Option<Value>) {
        assert_eq!(whole(text), expected, "{text}");
    }

    #[test]
    fn sloppy_values_are_read() {
        check(r#"{"a": 1, "b": [true, null]}"#, Some(json!({"a": 1, "b": [true, null]})));
        check("{\"a\": \"line\nbreak\"}", Some(json!({"a": "line\nbreak"})));
        check(
            "{'a': True, 'b': None, 'c': (1, 2), 'd': 'it\\'s',}",
            Some(json!({"a": true, "b": null, "c": [1, 2], "d": "it's"})),
        );
        check("{a: 1.5, b_c: <|\"|>x \"y\"<|\"|>}", Some(json!({"a": 1.5, "b_c": "x \"y\""})));
        check(
            r#"{"re": "\d+", "u": "\u00e9\x41", 'p': "\ud83d\ude00"}"#,
            Some(json!({"re": "\\d+", "u": "éA", "p": "😀"})),
        );
        check("'''a\n'b' '''", Some(json!("a\n'b' ")));
        check("(1)", Some(json!(1)));
        check("-1_000", Some(json!(-1000)));
        check("{", None);
        check("{'a' 1}", None);
        check("word", None);
        check("'open", None);
        check(&"[".repeat(100_000), None);
        check(&"{'a':".repeat(500), None);
    }

    #[test]
    fn calls_are_read() {
        let (name, positional, named, end) = call("ns.f('a', [1], k = {'x': 1}, s=\"é\") rest").unwrap();
        assert_eq!(
            (name.as_str(), positional, Value::Object(named)),
            ("ns.f", vec![json!("a"), json!([1])], json!({"k": {"x": 1}, "s": "é"}))
        );
        assert_eq!(&"ns.f('a', [1], k = {'x': 1}, s=\"é\") rest"[end..], " rest");
        assert!(call("f()").is_some());
        for bad in ["f(", "f(a b)", "(1)", "f(x=)", ""] {
            assert!(call(bad).is_none(), "{bad}");
        }
    }
}
