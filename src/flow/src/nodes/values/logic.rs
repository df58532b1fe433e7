//! Comparison, boolean logic and choice.

use std::cmp::Ordering;

use model::Value;
use serde_json::json;

use super::Inputs;
use crate::python::{float_loose, py_eq, py_ordering, truthy};

pub(super) fn compare(inputs: &Inputs<'_>) -> Result<Value, String> {
    let (a, b) = (inputs.get("a").unwrap_or(&Value::Null), inputs.get("b").unwrap_or(&Value::Null));
    let ordered = |wanted: fn(Ordering) -> bool| py_ordering(a, b).is_some_and(wanted);
    Ok(match inputs.text("op", "==").as_str() {
        "==" => py_eq(a, b),
        "!=" => !py_eq(a, b),
        "<" => ordered(Ordering::is_lt),
        "<=" => ordered(Ordering::is_le),
        ">" => ordered(Ordering::is_gt),
        ">=" => ordered(Ordering::is_ge),
        other => return Err(format!("Unknown comparison operator: {other}")),
    }
    .into())
}

fn truth(inputs: &Inputs<'_>, pin: &str) -> bool {
    inputs.get(pin).is_some_and(truthy)
}

pub(super) fn not(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok((!truth(inputs, "value")).into())
}

pub(super) fn and(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok((truth(inputs, "a") && truth(inputs, "b")).into())
}

pub(super) fn or(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok((truth(inputs, "a") || truth(inputs, "b")).into())
}

pub(super) fn coalesce(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok(inputs.in_order().find(|value| !value.is_null()).cloned().unwrap_or_default())
}

/// The input of the entry route that was taken; a present null counts.
pub(super) fn path_mux(inputs: &Inputs<'_>) -> Result<Value, String> {
    let route = match inputs.get("select") {
        Some(Value::Bool(b)) => i64::from(*b),
        other => other.and_then(float_loose).filter(|f| f.is_finite()).map_or(0, |f| f as i64),
    };
    let chosen = inputs.get(&format!("in{route}")).or_else(|| inputs.get("fallback"));
    Ok(json!({"out": chosen}))
}
