//! `float()`, `int()`, `round()` and their forgiving cousins.

use model::Value;
use serde_json::Number;

use super::{py_type_name, repr_text, strip};

/// `float(value)`.
pub(crate) fn py_float(value: &Value) -> Result<f64, String> {
    match value {
        Value::Bool(b) => Ok(f64::from(u8::from(*b))),
        Value::Number(n) => Ok(n.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => parse_float(text).ok_or_else(|| {
            let mut message = String::from("could not convert string to float: ");
            repr_text(&mut message, text);
            message
        }),
        other => Err(format!("float() argument must be a string or a real number, not '{}'", py_type_name(other))),
    }
}

fn parse_float(text: &str) -> Option<f64> {
    without_underscores(strip(text))?.parse().ok()
}

/// The text without its digit separators; none if one of them does not stand between two digits.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    for (i, _) in text.match_indices('_') {
        if i == 0 || !digit(i - 1) || !digit(i + 1) {
            return None;
        }
    }
    Some(text.replace('_', ""))
}

/// `int(value)`; what does not fit 64 bits becomes the nearest that does.
pub(crate) fn py_int(value: &Value) -> Result<i64, String> {
    match value {
        Value::Bool(b) => Ok(i64::from(*b)),
        Value::Number(n) => match n.as_f64() {
            _ if n.is_i64() => Ok(n.as_i64().unwrap_or(0)),
            _ if n.is_u64() => Ok(i64::MAX),
            Some(f) if f.is_infinite() => Err("cannot convert float infinity to integer".into()),
            Some(f) if !f.is_nan() => Ok(f as i64),
            _ => Err("cannot convert float NaN to integer".into()),
        },
        Value::String(text) => parse_int(text).ok_or_else(|| {
            let mut message = String::from("invalid literal for int() with base 10: ");
            repr_text(&mut message, text);
            message
        }),
        other => Err(format!(
            "int() argument must be a string, a bytes-like object or a real number, not '{}'",
            py_type_name(other)
        )),
    }
}

fn parse_int(text: &str) -> Option<i64> {
    let plain = without_underscores(strip(text))?;
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let limit = if negative { i64::MIN } else { i64::MAX };
    Some(plain.parse().unwrap_or(limit))
}

/// `int(float(value))`; none for null, booleans and whatever is no finite number.
pub(crate) fn int_loose(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) if n.is_i64() => n.as_i64(),
        other => float_loose(other).filter(|f| f.is_finite()).map(|f| f as i64),
    }
}

/// `float(value)`; none for null, booleans, NaN and whatever is no number.
pub(crate) fn float_loose(value: &Value) -> Option<f64> {
    match value {
        Value::Null | Value::Bool(_) => None,
        other => py_float(other).ok().filter(|f| !f.is_nan()),
    }
}

/// A float as a JSON number. JSON has none for infinity and NaN, which clients could not read either.
pub(crate) fn number_value(value: f64) -> Result<Value, String> {
    Number::from_f64(value).map(Value::Number).ok_or_else(|| "result is not a finite number".to_owned())
}

/// `round(value, decimals)`: half to even on the exact binary value. None if the result is too large for a float.
pub(crate) fn round_half_even(value: f64, decimals: i64) -> Option<f64> {
    if !value.is_finite() || decimals > 330 {
        return Some(value);
    }
    if decimals >= 0 {
        // The standard library prints the exact decimal expansion, rounded half to even.
        let places = usize::try_from(decimals).unwrap_or(0);
        return format!("{value:.places$}").parse().ok();
    }
    let cut = usize::try_from(decimals.unsigned_abs()).unwrap_or(usize::MAX);
    let rounded = round_digits(&format!("{:.0}", value.abs().trunc()), cut, value.fract() != 0.0);
    let magnitude: f64 = rounded.parse().ok()?;
    magnitude.is_finite().then(|| magnitude.copysign(value))
}

/// Rounds the last `cut` digits of a decimal integer away; `more` says whether anything non-zero follows it.
fn round_digits(digits: &str, cut: usize, more: bool) -> String {
    let digits = digits.as_bytes();
    if cut > digits.len() {
        return "0".into();
    }
    let (kept, gone) = digits.split_at(digits.len() - cut);
    let mut kept = kept.to_vec();
    let half = gone.first().copied().unwrap_or(b'0');
    let rest = more || gone.iter().skip(1).any(|d| *d != b'0');
    let odd = kept.last().is_some_and(|d| d % 2 == 1);
    if half > b'5' || (half == b'5' && (rest || odd)) {
        increment(&mut kept);
    }
    let mut text: String = kept.into_iter().map(char::from).collect();
    text.extend(std::iter::repeat_n('0', cut));
    text
}

fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return;
        }
        *digit = b'0';
    }
    digits.insert(0, b'1');
}
