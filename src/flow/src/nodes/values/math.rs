//! Arithmetic. Everything is a float, as the contract has it; an absent operand has a default, a null one is an error.

use model::Value;

use super::Inputs;
use crate::python::{number_value, py_float, py_int, round_half_even};

fn operand(inputs: &Inputs<'_>, pin: &str, default: f64) -> Result<f64, String> {
    inputs.get(pin).map_or(Ok(default), py_float)
}

fn operands(inputs: &Inputs<'_>) -> Result<(f64, f64), String> {
    Ok((operand(inputs, "a", 0.0)?, operand(inputs, "b", 0.0)?))
}

pub(super) fn add(inputs: &Inputs<'_>) -> Result<Value, String> {
    let (a, b) = operands(inputs)?;
    number_value(a + b)
}

pub(super) fn subtract(inputs: &Inputs<'_>) -> Result<Value, String> {
    let (a, b) = operands(inputs)?;
    number_value(a - b)
}

pub(super) fn multiply(inputs: &Inputs<'_>) -> Result<Value, String> {
    let (a, b) = operands(inputs)?;
    number_value(a * b)
}

fn divisor(inputs: &Inputs<'_>, error: &str) -> Result<f64, String> {
    match operand(inputs, "b", 1.0)? {
        0.0 => Err(error.into()),
        b => Ok(b),
    }
}

pub(super) fn divide(inputs: &Inputs<'_>) -> Result<Value, String> {
    let b = divisor(inputs, "Division by zero")?;
    number_value(operand(inputs, "a", 0.0)? / b)
}

pub(super) fn modulo(inputs: &Inputs<'_>) -> Result<Value, String> {
    let b = divisor(inputs, "Modulo by zero")?;
    let rest = operand(inputs, "a", 0.0)? % b;
    number_value(match rest {
        0.0 => 0.0_f64.copysign(b),
        rest if (rest < 0.0) == (b < 0.0) => rest,
        rest => rest + b,
    })
}

pub(super) fn power(inputs: &Inputs<'_>) -> Result<Value, String> {
    let (base, exponent) = (operand(inputs, "base", 0.0)?, operand(inputs, "exp", 1.0)?);
    if base == 0.0 && exponent < 0.0 {
        return Err("0.0 cannot be raised to a negative power".into());
    }
    let result = base.powf(exponent);
    if result.is_nan() && base < 0.0 && exponent.fract() != 0.0 {
        return Err("a negative base with a fractional exponent has no real power".into());
    }
    if result.is_infinite() && base.is_finite() && exponent.is_finite() {
        return Err("(34, 'Numerical result out of range')".into());
    }
    number_value(result)
}

pub(super) fn abs(inputs: &Inputs<'_>) -> Result<Value, String> {
    number_value(operand(inputs, "value", 0.0)?.abs())
}

pub(super) fn round(inputs: &Inputs<'_>) -> Result<Value, String> {
    let value = operand(inputs, "value", 0.0)?;
    let decimals = inputs.get("decimals").map_or(Ok(0), py_int)?;
    number_value(round_half_even(value, decimals).ok_or("rounded value too large to represent")?)
}
