//! Reading the run's variables and its context.

use model::{Map, Value};
use serde_json::json;

use super::{Inputs, as_list};
use crate::python::{dot_path, non_blank, py_str, strip};

/// A variable by dotted path.
fn variable<'a>(vars: &'a Map, path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        None => vars.get(path),
        Some((first, rest)) => dot_path(vars.get(first)?, rest),
    }
}

pub(super) fn get_var(inputs: &Inputs<'_>) -> Result<Value, String> {
    let name = inputs.text_or_empty("name");
    let name = strip(&name);
    Ok(json!({"value": if name.is_empty() { None } else { variable(inputs.vars, name) }}))
}

pub(super) fn bool_var(inputs: &Inputs<'_>) -> Result<Value, String> {
    let (name, default) = match inputs.literal() {
        Some(Value::Object(declared)) => {
            (non_blank(declared.get("name")), declared.get("default").and_then(Value::as_bool).unwrap_or(false))
        }
        name => (non_blank(name), false),
    };
    let stored = if name.is_empty() { None } else { variable(inputs.vars, name).and_then(Value::as_bool) };
    Ok(json!({"name": name, "value": stored.unwrap_or(default)}))
}

pub(super) fn var_decl(inputs: &Inputs<'_>) -> Result<Value, String> {
    let Some(Value::Object(declared)) = inputs.literal() else { return Ok(json!({"name": "", "value": null})) };
    let name = non_blank(declared.get("name"));
    if name.is_empty() {
        return Ok(json!({"name": "", "value": null}));
    }
    let kind = non_blank(declared.get("type")).to_lowercase();
    let fits = |value: &&Value| is_of(value, &kind);
    let stored = variable(inputs.vars, name).filter(fits);
    let value = match (stored, zero(&kind)) {
        (Some(value), _) => value.clone(),
        // A variable of any type has no default: absent is null.
        (None, None) => Value::Null,
        (None, Some(zero)) => declared.get("default").filter(fits).cloned().unwrap_or(zero),
    };
    Ok(json!({"name": name, "value": value}))
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        _ => true,
    }
}

/// What a variable of the type is before it is set; none for `any`.
fn zero(kind: &str) -> Option<Value> {
    match kind {
        "boolean" => Some(false.into()),
        "number" => Some(0.into()),
        "string" => Some("".into()),
        "object" => Some(Map::new().into()),
        "array" => Some(Value::Array(Vec::new())),
        _ => None,
    }
}

pub(super) fn get_context(inputs: &Inputs<'_>) -> Result<Value, String> {
    let context = inputs.vars.get("context").filter(|context| context.is_object());
    let field = |key: &str| context.and_then(|context| context.get(key));
    let task = field("task").filter(|task| !task.is_null()).map(py_str).unwrap_or_default();
    Ok(json!({
        "context": context.cloned().unwrap_or_else(|| Map::new().into()),
        "task": task,
        "messages": as_list(field("messages")),
    }))
}
