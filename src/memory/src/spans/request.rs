//! Reading what an effect asks, as loosely as callers write it, and the shape of its answer.

use std::collections::BTreeMap;

use model::json::{Layout, write};
use model::{Map, Timestamp, Value};
use serde_json::json;

/// The first of some members that is a text with something in it.
#[must_use]
pub fn text<'p>(payload: &'p Map, names: &[&str]) -> Option<&'p str> {
    names.iter().find_map(|name| payload.get(*name)?.as_str().map(str::trim).filter(|text| !text.is_empty()))
}

/// The first of some members that is there and not null.
#[must_use]
pub fn given<'p>(payload: &'p Map, names: &[&str]) -> Option<&'p Value> {
    names.iter().find_map(|name| payload.get(*name).filter(|value| !value.is_null()))
}

/// A word without its case; the default when there is none.
pub(crate) fn word(payload: &Map, names: &[&str], default: &str) -> String {
    let word = match given(payload, names) {
        Some(Value::String(text)) => text.trim().to_lowercase(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    if word.is_empty() { default.to_owned() } else { word }
}

/// A whole number, also one written as a text or a float.
pub(crate) fn whole(payload: &Map, name: &str) -> Option<i64> {
    match payload.get(name)? {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|n| n as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Whether a value means yes.
pub(crate) fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => matches!(text.trim().to_lowercase().as_str(), "true" | "1" | "yes" | "on" | "y"),
        _ => false,
    }
}

/// The texts of a list, or the one text, each once whatever its case.
pub(crate) fn texts(value: Option<&Value>) -> Vec<String> {
    let items: Vec<&str> = match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut texts: Vec<String> = Vec::new();
    for item in items.into_iter().map(str::trim).filter(|item| !item.is_empty()) {
        if !texts.iter().any(|known| known.eq_ignore_ascii_case(item)) {
            texts.push(item.to_owned());
        }
    }
    texts
}

/// Labels: texts by text. `kind` is not for callers to say.
pub(crate) fn tags(value: Option<&Value>) -> BTreeMap<String, String> {
    let object = value.and_then(Value::as_object);
    let pairs = object.into_iter().flatten().filter_map(|(key, value)| Some((key, value.as_str()?)));
    let kept = pairs.filter(|(key, value)| !key.is_empty() && !value.is_empty() && *key != "kind");
    kept.map(|(key, value)| (key.clone(), value.to_owned())).collect()
}

/// Labels as the answers write them.
pub(crate) fn shown(tags: &BTreeMap<String, String>) -> String {
    write(&json!(tags), Layout::SPACED.sorted())
}

/// A moment as people write it: a whole timestamp, a day, or a year.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    Timestamp::parse(text)
        .or_else(|| Timestamp::parse(&format!("{text}T00:00:00+00:00")))
        .or_else(|| Timestamp::parse(&format!("{text}-01-01T00:00:00+00:00")))
}

/// A text of at most so many characters; what is cut says so.
pub(crate) fn cut(text: &str, chars_max: usize) -> String {
    const MARK: &str = "… (truncated)";
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars_max.saturating_sub(MARK.chars().count())).collect();
    format!("{}{MARK}", kept.trim_end())
}

/// The answer of an effect that is a tool to whoever asked: one result that succeeded.
pub(crate) fn executed(payload: &Map, tool: &str, output: &str, meta: Option<Value>) -> Value {
    let mut result = one(payload, tool);
    result.extend([
        ("success".to_owned(), true.into()),
        ("output".to_owned(), output.into()),
        ("error".to_owned(), Value::Null),
    ]);
    result.extend(meta.map(|meta| ("meta".to_owned(), meta)));
    json!({"mode": "executed", "results": [result]})
}

/// The answer to a model whose call was refused: it reads why, and goes on.
#[must_use]
pub fn refused(payload: &Map, tool: &str, why: &str) -> Value {
    let mut result = one(payload, tool);
    result.extend([
        ("success".to_owned(), false.into()),
        ("output".to_owned(), Value::Null),
        ("error".to_owned(), why.into()),
    ]);
    json!({"mode": "executed", "results": [result]})
}

fn one(payload: &Map, tool: &str) -> Map {
    let call_id = text(payload, &["call_id"]).unwrap_or("memory");
    let name = text(payload, &["tool_name"]).unwrap_or(tool);
    Map::from_iter([("call_id".to_owned(), call_id.into()), ("name".to_owned(), name.into())])
}

/// The scope an effect asks for; the error names the effect.
pub(crate) fn scope(payload: &Map, effect: &str) -> Result<Scope, String> {
    let word = word(payload, &["scope"], "run");
    Scope::parse(&word).ok_or_else(|| format!("Unknown {effect} scope: {word}"))
}

/// Whose memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The run's own.
    Run,
    /// The session's.
    Session,
    /// Everybody's.
    Global,
    /// All three.
    All,
}

impl Scope {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "run" => Self::Run,
            "session" => Self::Session,
            "global" => Self::Global,
            "all" => Self::All,
            _ => return None,
        })
    }

    /// The word callers use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Session => "session",
            Self::Global => "global",
            Self::All => "all",
        }
    }
}
