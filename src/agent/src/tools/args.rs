//! Arguments as models write them, made into arguments as tools declare them (contract 07, section 2.2): other
//! spellings, texts instead of numbers, one wrapping too many.
//!
//! The invariant: repairing twice is repairing once, because a call is repaired when it is planned (so that path rules
//! see the real names) and again when it runs.

use model::{Map, Value};
use serde_json::json;

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Integer,
    Number,
    Boolean,
    Object,
    /// Text or object: the body of a request.
    Body,
}

/// What holds when an argument is absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Absent {
    Required,
    Null,
    Text(&'static str),
    Integer(i64),
    Boolean(bool),
}

/// One declared argument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) absent: Absent,
    /// Taken but not advertised.
    pub(crate) hidden: bool,
}

impl Param {
    pub(crate) const fn new(name: &'static str, kind: Kind, absent: Absent) -> Self {
        Self { name, kind, absent, hidden: false }
    }

    pub(crate) const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    pub(crate) const fn is_required(&self) -> bool {
        matches!(self.absent, Absent::Required)
    }

    fn default(&self) -> Value {
        match self.absent {
            Absent::Required | Absent::Null => Value::Null,
            Absent::Text(text) => json!(text),
            Absent::Integer(n) => json!(n),
            Absent::Boolean(b) => json!(b),
        }
    }

    /// `{"type": …, "default": …}`: no default means required.
    pub(crate) fn schema(&self) -> Value {
        let kind = match self.kind {
            Kind::Text | Kind::Body => "string",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Boolean => "boolean",
            Kind::Object => "object",
        };
        let mut schema = Map::from_iter([("type".to_owned(), json!(kind))]);
        if !self.is_required() {
            schema.insert("default".into(), self.default());
        }
        Value::Object(schema)
    }
}

/// Other names for arguments, in plain spelling, with what they may stand for; the first one a tool has is meant.
const SYNONYMS: [(&str, &[&str]); 22] = [
    ("path", &["file_path", "directory_path", "path"]),
    ("filename", &["file_path"]),
    ("filepath", &["file_path"]),
    ("file", &["file_path"]),
    ("dir", &["directory_path", "path", "working_directory"]),
    ("directory", &["directory_path", "path", "working_directory"]),
    ("folder", &["directory_path", "path", "working_directory"]),
    ("directorypath", &["path"]),
    ("cwd", &["working_directory"]),
    ("workdir", &["working_directory"]),
    ("query", &["pattern", "query"]),
    ("regex", &["pattern"]),
    ("cmd", &["command"]),
    ("text", &["content"]),
    ("contents", &["content"]),
    ("uri", &["url"]),
    ("start", &["start_line"]),
    ("end", &["end_line"]),
    ("startlineoneindexed", &["start_line"]),
    ("endlineoneindexed", &["end_line"]),
    ("endlineoneindexedinclusive", &["end_line"]),
    ("startlineoneindexedinclusive", &["start_line"]),
];

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Arguments under their declared names and of their declared kinds; unknown ones are dropped. What cannot be read as
/// its kind is left for [`checked`] to complain about.
pub(crate) fn repaired(params: &[Param], arguments: Map) -> Map {
    let arguments = unwrapped(params, arguments);
    let mut out = Map::new();
    let mut others = Vec::new();
    for (name, value) in arguments {
        match params.iter().find(|p| p.name == name) {
            Some(param) => {
                out.insert(param.name.to_owned(), coerced(param, value));
            }
            None => others.push((plain(&name), value)),
        }
    }
    let free = |out: &Map, name: &str| !out.contains_key(name);
    let mut synonyms = Vec::new();
    for (name, value) in others {
        match params.iter().find(|p| plain(p.name) == name) {
            Some(param) if free(&out, param.name) => {
                out.insert(param.name.to_owned(), coerced(param, value));
            }
            Some(_) => {}
            None => synonyms.push((name, value)),
        }
    }
    for (name, value) in synonyms {
        let meant = SYNONYMS.iter().find(|(other, _)| *other == name).map_or(&[][..], |(_, meant)| meant);
        let param = meant.iter().find_map(|m| params.iter().find(|p| p.name == *m)).filter(|p| free(&out, p.name));
        if let Some(param) = param {
            out.insert(param.name.to_owned(), coerced(param, value));
        }
    }
    out
}

/// Takes up to four wrappings `{"arguments": …}` away. Members beside the inner ones stay unless the inner ones
/// have the same name.
fn unwrapped(params: &[Param], mut arguments: Map) -> Map {
    for _ in 0..4 {
        if params.iter().any(|p| p.name == "arguments") {
            return arguments;
        }
        let inner = match arguments.get("arguments") {
            Some(Value::Object(inner)) => inner.clone(),
            Some(Value::String(text)) => match model::json::parse(text) {
                Ok(Value::Object(inner)) => inner,
                _ => return arguments,
            },
            _ => return arguments,
        };
        for wrapper in ["arguments", "name", "call_id", "id"] {
            arguments.shift_remove(wrapper);
        }
        arguments.extend(inner);
    }
    arguments
}

fn coerced(param: &Param, value: Value) -> Value {
    let nothing = |text: &str| matches!(text.trim().to_ascii_lowercase().as_str(), "" | "null" | "none");
    match (param.kind, value) {
        (Kind::Text | Kind::Body, Value::Number(n)) => json!(n.to_string()),
        (Kind::Text | Kind::Body, Value::Bool(b)) => json!(b.to_string()),
        (Kind::Text, value) => value,
        (Kind::Body, value @ (Value::Object(_) | Value::Array(_))) => json!(value.to_string()),
        (_, Value::String(text)) if param.kind != Kind::Body && nothing(&text) => Value::Null,
        (Kind::Boolean, Value::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "y" | "on" => json!(true),
            "false" | "0" | "no" | "n" | "off" => json!(false),
            _ => Value::String(text),
        },
        (Kind::Boolean, Value::Number(n)) => json!(n.as_f64() != Some(0.0)),
        (Kind::Integer, Value::Number(n)) if !n.is_i64() => whole(n.as_f64()).unwrap_or(Value::Number(n)),
        (Kind::Integer, Value::String(text)) => whole(text.trim().parse().ok()).unwrap_or(Value::String(text)),
        (Kind::Number, Value::String(text)) => match text.trim().parse::<f64>() {
            Ok(n) if n.is_finite() => json!(n),
            _ => Value::String(text),
        },
        (Kind::Object, Value::String(text)) => match model::json::parse(&text) {
            Ok(object @ Value::Object(_)) => object,
            _ => Value::String(text),
        },
        (_, value) => value,
    }
}

fn whole(number: Option<f64>) -> Option<Value> {
    let number = number.filter(|n| n.fract() == 0.0 && n.abs() < 9e15)?;
    Some(json!(number as i64))
}

/// Repaired arguments with all defaults filled in.
pub(crate) fn checked(tool: &str, params: &[Param], arguments: &Map) -> Result<Map, String> {
    let mut out = repaired(params, arguments.clone());
    for param in params {
        let value = out.get(param.name).unwrap_or(&Value::Null);
        let fits = match param.kind {
            Kind::Text | Kind::Body => value.is_string(),
            Kind::Integer => value.is_i64(),
            Kind::Number => value.is_number(),
            Kind::Boolean => value.is_boolean(),
            Kind::Object => value.is_object(),
        };
        if fits {
            continue;
        }
        if !value.is_null() {
            let kind = param.schema()["type"].as_str().unwrap_or_default().to_owned();
            return Err(format!("{tool}: argument '{}' must be of type {kind}, got: {value}", param.name));
        }
        if param.is_required() {
            return Err(format!("{tool} is missing its required argument '{}'", param.name));
        }
        out.insert(param.name.to_owned(), param.default());
    }
    Ok(out)
}

/// A text argument; empty when it is null.
pub(crate) fn text<'a>(arguments: &'a Map, name: &str) -> &'a str {
    arguments.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// An integer argument, if it is one.
pub(crate) fn integer(arguments: &Map, name: &str) -> Option<i64> {
    arguments.get(name).and_then(Value::as_i64)
}

/// A boolean argument; false when it is null.
pub(crate) fn flag(arguments: &Map, name: &str) -> bool {
    arguments.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// A limit argument: zero or less means none.
pub(crate) fn limit(arguments: &Map, name: &str) -> usize {
    integer(arguments, name).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: [Param; 6] = [
        Param::new("file_path", Kind::Text, Absent::Required),
        Param::new("start_line", Kind::Integer, Absent::Integer(1)),
        Param::new("recursive", Kind::Boolean, Absent::Boolean(false)),
        Param::new("headers", Kind::Object, Absent::Null),
        Param::new("ratio", Kind::Number, Absent::Null),
        Param::new("pattern", Kind::Text, Absent::Text("*")),
    ];

    fn map(value: &Value) -> Map {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn arguments_are_repaired() {
        let check = |given: Value, expected: Value| {
            let once = repaired(&PARAMS, map(&given));
            assert_eq!(Value::Object(once.clone()), expected, "{given}");
            assert_eq!(repaired(&PARAMS, once.clone()), once, "twice: {given}");
        };
        check(json!({"file_path": "a"}), json!({"file_path": "a"}));
        check(json!({"File-Path": "a"}), json!({"file_path": "a"}));
        check(json!({"filePath": "a", "nonsense": 1}), json!({"file_path": "a"}));
        check(json!({"path": "a", "regex": "b"}), json!({"file_path": "a", "pattern": "b"}));
        check(json!({"path": "/etc", "file_path": "a"}), json!({"file_path": "a"}));
        check(json!({"filename": "a", "query": 3}), json!({"file_path": "a", "pattern": "3"}));
        check(json!({"start": "7"}), json!({"start_line": 7}));
        check(json!({"startLineOneIndexed": 7.0}), json!({"start_line": 7}));
        check(json!({"start_line": "7.5"}), json!({"start_line": "7.5"}));
        check(json!({"recursive": "false"}), json!({"recursive": false}));
        check(json!({"recursive": "Yes"}), json!({"recursive": true}));
        check(json!({"recursive": 1}), json!({"recursive": true}));
        check(json!({"start_line": "none"}), json!({"start_line": null}));
        check(json!({"headers": "{\"a\": 1}"}), json!({"headers": {"a": 1}}));
        check(json!({"ratio": "0.5"}), json!({"ratio": 0.5}));
        check(json!({"arguments": {"path": "a"}}), json!({"file_path": "a"}));
        check(json!({"name": "x", "arguments": "{\"arguments\": {\"path\": \"a\"}}"}), json!({"file_path": "a"}));
        check(json!({"file_path": "outer", "arguments": {"file_path": "a"}}), json!({"file_path": "a"}));
        check(
            json!({"arguments": {"arguments": {"arguments": {"arguments": {"path": "a"}}}}}),
            json!({"file_path": "a"}),
        );
        check(
            json!({"arguments": {"arguments": {"arguments": {"arguments": {"arguments": {"path": "a"}}}}}}),
            json!({}),
        );
    }

    #[test]
    fn arguments_are_checked() {
        let check = |given: Value, expected: Result<Value, &str>| {
            let outcome = checked("t", &PARAMS, &map(&given)).map(Value::Object);
            assert_eq!(outcome, expected.map_err(str::to_owned), "{given}");
        };
        check(json!({}), Err("t is missing its required argument 'file_path'"));
        check(json!({"file_path": null}), Err("t is missing its required argument 'file_path'"));
        check(json!({"file_path": ["a"]}), Err("t: argument 'file_path' must be of type string, got: [\"a\"]"));
        check(
            json!({"file_path": "a", "start_line": "x"}),
            Err("t: argument 'start_line' must be of type integer, got: \"x\""),
        );
        check(
            json!({"file_path": "a"}),
            Ok(json!({
                "file_path": "a", "start_line": 1, "recursive": false, "headers": null, "ratio": null, "pattern": "*",
            })),
        );
    }
}
