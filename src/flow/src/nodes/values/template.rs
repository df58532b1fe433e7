//! `string_template`: `{{ path | filter }}` with a handful of filters.

use std::sync::OnceLock;

use model::Value;
use model::json::{self, Layout};
use regex::Regex;

use super::Inputs;
use crate::python::{MAX_TEXT_BYTES, lower, py_str, strip, tok_path, too_long, upper};

pub(super) fn string_template(inputs: &Inputs<'_>) -> Result<Value, String> {
    static PLACE: OnceLock<Option<Regex>> = OnceLock::new();
    let place = PLACE.get_or_init(|| Regex::new(r"(?s)\{\{(.*?)\}\}").ok());
    let template = inputs.text_or_empty("template");
    let vars = inputs.get("vars").filter(|vars| vars.is_object()).unwrap_or(&Value::Null);
    let Some(place) = place else { return Ok(template.into()) };
    let (mut out, mut last) = (String::new(), 0);
    for found in place.captures_iter(&template) {
        let (Some(whole), Some(inside)) = (found.get(0), found.get(1)) else { continue };
        out.push_str(&template[last..whole.start()]);
        out.push_str(&render(inside.as_str(), vars));
        if out.len() > MAX_TEXT_BYTES {
            return Err(too_long());
        }
        last = whole.end();
    }
    out.push_str(&template[last..]);
    Ok(out.into())
}

fn render(expression: &str, vars: &Value) -> String {
    let mut parts = expression.split('|').map(strip);
    let Some(value) = parts.next().and_then(|path| tok_path(vars, path)).filter(|value| !value.is_null()) else {
        return String::new();
    };
    py_str(&parts.fold(value.clone(), |value, filter| apply(&value, filter)))
}

/// Applies one filter; an unknown one changes nothing.
fn apply(value: &Value, filter: &str) -> Value {
    let (name, argument) = filter.split_once('(').map_or((filter, None), |(name, rest)| (name, Some(rest)));
    match strip(name) {
        "json" => json::write(value, Layout::SPACED.sorted()).into(),
        "join" => {
            let separator = argument.and_then(|rest| rest.strip_suffix(')')).map_or(", ", |rest| unquoted(strip(rest)));
            match value {
                Value::Array(items) => {
                    let parts: Vec<_> =
                        items.iter().map(|item| if item.is_null() { String::new() } else { py_str(item) }).collect();
                    parts.join(separator).into()
                }
                other => other.clone(),
            }
        }
        "trim" => strip(&py_str(value)).into(),
        "lower" => lower(&py_str(value)).into(),
        "upper" => upper(&py_str(value)).into(),
        _ => value.clone(),
    }
}

/// The text without the pair of quotes round it.
fn unquoted(text: &str) -> &str {
    let pair = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    pair('"').or_else(|| pair('\'')).unwrap_or(text)
}
