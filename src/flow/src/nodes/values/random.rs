//! Dice. All randomness comes from the planning context.

use model::Value;
use serde_json::json;

use super::Inputs;
use crate::python::{number_value, py_float};

/// A bound as a finite float; the default for anything else.
fn bound(inputs: &Inputs<'_>, pin: &str, default: f64) -> f64 {
    inputs.get(pin).and_then(|value| py_float(value).ok()).filter(|f| f.is_finite()).unwrap_or(default)
}

pub(super) fn random_int(inputs: &Inputs<'_>) -> Result<Value, String> {
    let (a, b) = (bound(inputs, "min", 0.0) as i64, bound(inputs, "max", 100.0) as i64);
    let (low, high) = (i128::from(a.min(b)), i128::from(a.max(b)));
    let picked = low + i128::from(inputs.ctx.random()) % (high - low + 1);
    i64::try_from(picked).map(Value::from).map_err(|_| "random number out of range".into())
}

pub(super) fn random_float(inputs: &Inputs<'_>) -> Result<Value, String> {
    let (a, b) = (bound(inputs, "min", 0.0), bound(inputs, "max", 1.0));
    let (low, high) = (a.min(b), a.max(b));
    number_value(low + (high - low) * inputs.ctx.random_fraction())
}

pub(super) fn get_random_element(inputs: &Inputs<'_>) -> Result<Value, String> {
    let items = inputs.get("array").and_then(Value::as_array).filter(|items| !items.is_empty());
    let picked = items.and_then(|items| items.get((inputs.ctx.random() % items.len() as u64) as usize));
    Ok(match picked {
        Some(item) => json!({"result": item, "found": true}),
        None => json!({"result": inputs.get("default"), "found": false}),
    })
}
