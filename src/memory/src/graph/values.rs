//! Members of a payload as the contract reads them: what cannot be read is absent.

use model::{Map, Value};

/// The first of some names that is neither absent nor null.
pub(super) fn given<'v>(payload: &'v Map, names: &[&str]) -> Option<&'v Value> {
    names.iter().find_map(|name| payload.get(*name).filter(|value| !value.is_null()))
}

/// A text that is not blank, trimmed.
pub(super) fn text(payload: &Map, names: &[&str]) -> Option<String> {
    let text = given(payload, names)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A number, or a text that is one. Never NaN.
pub(super) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|n: &f64| !n.is_nan())
}

/// The whole part of a number, kept within bounds.
pub(super) fn whole(value: &Value, min: usize, max: usize) -> Option<usize> {
    // The cast saturates: infinities and negative numbers meet the bounds.
    Some((number(value)? as usize).clamp(min, max))
}

/// A boolean, or a word for one.
pub(super) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => Some(number.as_f64() != Some(0.0)),
        Value::String(word) => match word.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a value counts as true where any value may stand.
pub(super) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// The scope of a payload: in lower case, `run` when it says none.
pub(super) fn scope(payload: &Map) -> String {
    text(payload, &["scope"]).map_or_else(|| "run".to_owned(), |scope| scope.to_lowercase())
}
