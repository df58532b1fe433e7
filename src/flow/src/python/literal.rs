//! Python literals: what `ast.literal_eval` reads, as JSON. Tuples become lists, sets and bytes their `repr` text,
//! keys of dicts strings.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use model::{Map, Value};

use super::number::py_float;
use super::{is_space, py_repr, py_str};

/// Levels of nesting a literal may have.
const MAX_NESTING: usize = 100;

/// Reads a text that is one Python literal.
pub(crate) fn parse_literal(text: &str) -> Result<Value, String> {
    let mut reader = Reader { text, at: 0, nesting: 0 };
    reader.skip_space(true);
    let value = reader.expression()?;
    reader.skip_space(true);
    if reader.at < text.len() {
        return Err(reader.unexpected());
    }
    Ok(value.into_json())
}

/// A literal before it is made JSON: only here tuples, sets and bytes still differ.
enum Literal {
    Plain(Value),
    List(Vec<Self>),
    Tuple(Vec<Self>),
    Set(Vec<Self>),
    Dict(Vec<(Self, Self)>),
    /// Its `repr`.
    Other(String),
}

impl Literal {
    fn into_json(self) -> Value {
        match self {
            Self::Plain(value) => value,
            Self::List(items) | Self::Tuple(items) => items.into_iter().map(Self::into_json).collect(),
            Self::Dict(pairs) => {
                // Equal keys such as `1` and `True` are one key: the first keeps its text, the last its value.
                let mut spellings = HashMap::new();
                let mut map = Map::new();
                for (key, value) in pairs {
                    let spelling = spellings.entry(key.identity()).or_insert_with(|| key.key());
                    map.insert(spelling.clone(), value.into_json());
                }
                map.into()
            }
            other => Value::String(other.repr()),
        }
    }

    fn key(&self) -> String {
        match self {
            Self::Plain(value) => py_str(value),
            other => other.repr(),
        }
    }

    /// A text that equal hashable values share.
    fn identity(&self) -> String {
        match self {
            Self::Plain(Value::Bool(b)) => u8::from(*b).to_string(),
            Self::Plain(Value::Number(n)) if n.is_f64() => {
                let text = py_repr(&Value::Number(n.clone()));
                text.strip_suffix(".0")
                    .map_or(text.clone(), |whole| if whole == "-0" { "0".into() } else { whole.into() })
            }
            Self::Tuple(items) => format!("({})", items.iter().map(Self::identity).collect::<Vec<_>>().join(",")),
            other => other.repr(),
        }
    }

    fn repr(&self) -> String {
        let joined = |items: &[Self]| items.iter().map(Self::repr).collect::<Vec<_>>().join(", ");
        match self {
            Self::Plain(value) => py_repr(value),
            Self::List(items) => format!("[{}]", joined(items)),
            Self::Tuple(items) if items.len() == 1 => format!("({},)", joined(items)),
            Self::Tuple(items) => format!("({})", joined(items)),
            Self::Set(items) if items.is_empty() => "set()".into(),
            Self::Set(items) => format!("{{{}}}", joined(items)),
            Self::Dict(pairs) => {
                let pairs: Vec<_> = pairs.iter().map(|(k, v)| format!("{}: {}", k.repr(), v.repr())).collect();
                format!("{{{}}}", pairs.join(", "))
            }
            Self::Other(text) => text.clone(),
        }
    }

    fn hashable(&self) -> Result<(), String> {
        let name = match self {
            Self::List(_) => "list",
            Self::Dict(_) => "dict",
            Self::Set(_) => "set",
            Self::Tuple(items) => return items.iter().try_for_each(Self::hashable),
            Self::Plain(_) | Self::Other(_) => return Ok(()),
        };
        Err(format!("unhashable type: '{name}'"))
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    nesting: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn unexpected(&self) -> String {
        match self.peek() {
            Some(c) => format!("invalid syntax at character {}: {c:?}", self.text[..self.at].chars().count() + 1),
            None => "unexpected end of the literal".into(),
        }
    }

    /// Skips blanks and, inside brackets or round the whole literal, line ends and comments.
    fn skip_space(&mut self, lines: bool) {
        loop {
            let rest = self.rest();
            let blank = rest.find(|c: char| !(matches!(c, ' ' | '\t' | '\u{c}') || (lines && is_space(c))));
            self.at += blank.unwrap_or(rest.len());
            if !self.rest().starts_with('#') {
                return;
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            if !lines {
                return;
            }
        }
    }

    /// One value, or a bare tuple `1, 2`.
    fn expression(&mut self) -> Result<Literal, String> {
        let first = self.value()?;
        self.skip_space(false);
        if !self.rest().starts_with(',') {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take(",") {
            self.skip_space(false);
            if self.rest().is_empty() {
                break;
            }
            items.push(self.value()?);
            self.skip_space(false);
        }
        Ok(Literal::Tuple(items))
    }

    fn value(&mut self) -> Result<Literal, String> {
        let nested = |reader: &mut Self, read: fn(&mut Self) -> Result<Literal, String>| {
            if reader.nesting >= MAX_NESTING {
                return Err(format!("literal is nested deeper than {MAX_NESTING} levels"));
            }
            (reader.nesting, reader.at) = (reader.nesting + 1, reader.at + 1);
            let value = read(reader);
            reader.nesting -= 1;
            value
        };
        match self.peek() {
            Some('[') => nested(self, |r| Ok(Literal::List(r.items("]")?.0))),
            Some('(') => nested(self, Self::parenthesis),
            Some('{') => nested(self, Self::brace),
            Some('+' | '-') => self.signed(),
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(false).map(Literal::Plain),
            Some('\'' | '"') => self.strings(),
            Some(c) if c.is_alphabetic() || c == '_' => self.word(),
            _ => Err(self.unexpected()),
        }
    }

    /// The items up to `close`, and whether a comma was among them.
    fn items(&mut self, close: &str) -> Result<(Vec<Literal>, bool), String> {
        let (mut items, mut comma) = (Vec::new(), false);
        loop {
            self.skip_space(true);
            if self.take(close) {
                return Ok((items, comma));
            }
            if !items.is_empty() && !comma {
                return Err(self.unexpected());
            }
            items.push(self.value()?);
            self.skip_space(true);
            if self.take(",") {
                comma = true;
            } else if self.take(close) {
                return Ok((items, comma));
            } else {
                return Err(self.unexpected());
            }
        }
    }

    fn parenthesis(&mut self) -> Result<Literal, String> {
        let (mut items, comma) = self.items(")")?;
        match items.pop() {
            Some(only) if items.is_empty() && !comma => Ok(only),
            last => {
                items.extend(last);
                Ok(Literal::Tuple(items))
            }
        }
    }

    fn brace(&mut self) -> Result<Literal, String> {
        self.skip_space(true);
        if self.take("}") {
            return Ok(Literal::Dict(Vec::new()));
        }
        let first = self.value()?;
        self.skip_space(true);
        if self.take(":") { self.dict(first) } else { self.set(first) }
    }

    fn dict(&mut self, first: Literal) -> Result<Literal, String> {
        let (mut pairs, mut key) = (Vec::new(), first);
        loop {
            key.hashable()?;
            self.skip_space(true);
            pairs.push((key, self.value()?));
            self.skip_space(true);
            let comma = self.take(",");
            self.skip_space(true);
            if self.take("}") {
                return Ok(Literal::Dict(pairs));
            }
            if !comma {
                return Err(self.unexpected());
            }
            key = self.value()?;
            self.skip_space(true);
            if !self.take(":") {
                return Err(self.unexpected());
            }
        }
    }

    fn set(&mut self, first: Literal) -> Result<Literal, String> {
        let mut items = vec![first];
        if self.take(",") {
            items.extend(self.items("}")?.0);
        } else if !self.take("}") {
            return Err(self.unexpected());
        }
        items.iter().try_for_each(Literal::hashable)?;
        let mut seen = HashSet::new();
        items.retain(|item| seen.insert(item.identity()));
        // Small integers come out of a Python set in their own order; for anything else there is no order to keep.
        let int = |item: &Literal| if let Literal::Plain(v) = item { v.as_i64() } else { None };
        if items.iter().all(|item| int(item).is_some()) {
            items.sort_by_key(int);
        }
        Ok(Literal::Set(items))
    }

    fn signed(&mut self) -> Result<Literal, String> {
        let negative = self.take("-") || !self.take("+");
        self.skip_space(false);
        match self.peek() {
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(negative).map(Literal::Plain),
            _ => Err(self.unexpected()),
        }
    }

    fn number(&mut self, negative: bool) -> Result<Value, String> {
        let rest = self.rest();
        let radix = match rest.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("0x") => Some(16),
            Some("0o") => Some(8),
            Some("0b") => Some(2),
            _ => None,
        };
        let end = number_end(rest, radix.is_some());
        let token = &rest[..end];
        let digits = token.replace('_', "");
        let well_separated = !token.contains("__") && !token.ends_with('_');
        let value = match radix {
            _ if !well_separated => None,
            Some(radix) => u64::from_str_radix(&digits[2..], radix).ok().map(Value::from),
            None if digits.bytes().all(|b| b.is_ascii_digit()) => whole(&digits),
            None => digits.parse::<f64>().ok().map(Value::from),
        };
        let value = value.ok_or_else(|| format!("invalid number {token:?}"))?;
        self.at += end;
        Ok(if negative { negated(&value) } else { value })
    }

    fn word(&mut self) -> Result<Literal, String> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let word = &rest[..end];
        if rest[end..].starts_with(['\'', '"']) {
            return self.strings();
        }
        self.at += end;
        match word {
            "None" => Ok(Literal::Plain(Value::Null)),
            "True" => Ok(Literal::Plain(true.into())),
            "False" => Ok(Literal::Plain(false.into())),
            "set" if self.take("()") => Ok(Literal::Set(Vec::new())),
            _ => Err(format!("malformed node or string: the name {word:?} is not a literal")),
        }
    }

    /// One or more string literals in a row.
    fn strings(&mut self) -> Result<Literal, String> {
        let (mut text, mut bytes) = (String::new(), false);
        loop {
            let rest = self.rest();
            let Some(quote) = rest.find(['\'', '"']) else { break };
            if quote > 2 || !rest[..quote].bytes().all(|b| b.is_ascii_alphabetic()) {
                break;
            }
            let prefix = rest[..quote].to_ascii_lowercase();
            let raw = match prefix.as_str() {
                "" | "u" => false,
                "r" => true,
                "b" | "br" | "rb" => {
                    bytes = true;
                    prefix.len() == 2
                }
                _ => return Err(self.unexpected()),
            };
            self.at += quote;
            self.string(raw, &mut text)?;
            self.skip_space(self.nesting > 0);
        }
        if !bytes {
            return Ok(Literal::Plain(text.into()));
        }
        let mut repr = String::from("b");
        super::repr_text(&mut repr, &text);
        Ok(Literal::Other(repr))
    }

    fn string(&mut self, raw: bool, out: &mut String) -> Result<(), String> {
        let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|q| self.rest().starts_with(q)).unwrap_or("'");
        self.at += quote.len();
        loop {
            if self.take(quote) {
                return Ok(());
            }
            let c = self.peek().ok_or("unterminated string literal")?;
            self.at += c.len_utf8();
            match c {
                '\n' if quote.len() == 1 => return Err("unterminated string literal".into()),
                '\\' if raw => {
                    out.push('\\');
                    if let Some(next) = self.peek() {
                        self.at += next.len_utf8();
                        out.push(next);
                    }
                }
                '\\' => self.escape(out)?,
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), String> {
        let c = self.peek().ok_or("unterminated string literal")?;
        self.at += c.len_utf8();
        match c {
            '\n' => {}
            '\\' | '\'' | '"' => out.push(c),
            'a' => out.push('\u{7}'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'v' => out.push('\u{b}'),
            'x' => out.push(self.code(2)?),
            'u' => out.push(self.code(4)?),
            'U' => out.push(self.code(8)?),
            '0'..='7' => {
                self.at -= 1;
                let rest = self.rest();
                let end = rest.bytes().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
                self.at += end;
                out.extend(u32::from_str_radix(&rest[..end], 8).ok().and_then(char::from_u32));
            }
            'N' => return Err("character names are not supported".into()),
            other => {
                let _ = write!(out, "\\{other}");
            }
        }
        Ok(())
    }

    fn code(&mut self, digits: usize) -> Result<char, String> {
        let hex = self.rest().get(..digits).filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = hex.and_then(|t| u32::from_str_radix(t, 16).ok()).ok_or("truncated escape in string literal")?;
        self.at += digits;
        char::from_u32(code).ok_or_else(|| format!("U+{code:04X} is not a character"))
    }
}

/// Where a number token ends.
fn number_end(text: &str, radix: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let part = if radix {
            byte.is_ascii_alphanumeric() || *byte == b'_'
        } else {
            let sign = matches!(byte, b'+' | b'-') && at > 0 && matches!(bytes[at - 1], b'e' | b'E');
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.') || sign
        };
        if !part {
            break;
        }
        at += 1;
    }
    at
}

/// An integer in decimal digits; beyond 64 bits it is a float, as everywhere in JSON here.
fn whole(digits: &str) -> Option<Value> {
    if digits.len() > 1 && digits.starts_with('0') && digits.bytes().any(|b| b != b'0') {
        return None;
    }
    match digits.parse::<u64>() {
        Ok(int) => Some(int.into()),
        Err(_) => py_float(&Value::String(digits.into())).ok().filter(|f| f.is_finite()).map(Value::from),
    }
}

fn negated(value: &Value) -> Value {
    match value.as_u64() {
        Some(int) => i64::try_from(-i128::from(int)).map_or_else(|_| Value::from(-(int as f64)), Value::from),
        None => Value::from(-value.as_f64().unwrap_or(0.0)),
    }
}
