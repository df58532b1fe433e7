//! Truth, equality and order of values.

use std::cmp::Ordering;

use model::Value;
use serde_json::Number;

use super::{MAX_DEPTH, strip};

/// `bool(value)`: the string `"false"` is true.
pub(crate) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// A switch as people write it: `"true"`, `"1"`, `"yes"` and `"on"` are the only strings that count.
pub(crate) fn boolish(value: &Value) -> bool {
    match value {
        Value::String(text) => matches!(strip(text).to_lowercase().as_str(), "true" | "1" | "yes" | "on"),
        other => truthy(other),
    }
}

/// A number, booleans included.
enum Num {
    Int(i128),
    Float(f64),
}

impl Num {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(b) => Some(Self::Int(i128::from(*b))),
            Value::Number(n) => Some(Self::from(n)),
            _ => None,
        }
    }

    /// Exact, as in Python: no integer is rounded to a float first.
    fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(b),
            (Self::Int(a), Self::Float(b)) => int_to_float(*a, *b),
            (Self::Float(a), Self::Int(b)) => int_to_float(*b, *a).map(Ordering::reverse),
        }
    }
}

impl From<&Number> for Num {
    fn from(n: &Number) -> Self {
        n.as_i128().map_or_else(|| Self::Float(n.as_f64().unwrap_or(f64::NAN)), Self::Int)
    }
}

fn int_to_float(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // Our integers have 64 bits; a float beyond 128 saturates and still compares right.
    let whole = float.trunc() as i128;
    Some(int.cmp(&whole).then_with(|| 0.0_f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal)))
}

/// `a == b`: `1 == 1.0 == True`, deep, and never between numbers and strings.
pub(crate) fn py_eq(a: &Value, b: &Value) -> bool {
    eq_at(a, b, 0)
}

fn eq_at(a: &Value, b: &Value, depth: usize) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Array(a), Value::Array(b)) => {
            depth < MAX_DEPTH && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| eq_at(a, b, depth + 1))
        }
        (Value::Object(a), Value::Object(b)) => {
            depth < MAX_DEPTH
                && a.len() == b.len()
                && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| eq_at(a, b, depth + 1)))
        }
        (a, b) => match (Num::of(a), Num::of(b)) {
            (Some(a), Some(b)) => a.compare(&b) == Some(Ordering::Equal),
            _ => false,
        },
    }
}

/// The order `<` and `>` see; none where Python would refuse to compare.
pub(crate) fn py_ordering(a: &Value, b: &Value) -> Option<Ordering> {
    ordering_at(a, b, 0)
}

fn ordering_at(a: &Value, b: &Value, depth: usize) -> Option<Ordering> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Array(a), Value::Array(b)) if depth < MAX_DEPTH => {
            match a.iter().zip(b).find(|(a, b)| !eq_at(a, b, depth + 1)) {
                Some((a, b)) => ordering_at(a, b, depth + 1),
                None => Some(a.len().cmp(&b.len())),
            }
        }
        (a, b) => Num::of(a)?.compare(&Num::of(b)?),
    }
}
