//! From a request to an operation's input: path, query, headers and body checked against the row's fields. All
//! problems are reported together, in field order, in the 422 shape clients of the contract read (contract 01, 3.2).

use serde_json::{Number, Value, json};

use super::{BodyKind, Field, Kind, Place, Row};
use crate::Map;
use crate::error::{Code, Error, Issue};

/// The body of a request as the server read it.
#[derive(Clone, Debug)]
pub enum Body {
    /// No body, or none wanted.
    None,
    /// The bytes of a JSON body.
    Json(Vec<u8>),
    /// Bytes that claim to be something else than JSON.
    Other,
    /// Text and file parts of a form: file parts are serialised [`super::Upload`]s.
    Form(Map),
}

/// Checks a request against `row` and gives the input as an object of wire names.
///
/// # Errors
/// [`Code::Validation`] with one issue a problem; [`Code::BadBody`] for bodies that are not UTF-8.
pub fn read_input(
    row: &Row,
    path: &[(String, String)],
    query: &str,
    header: &dyn Fn(&str) -> Option<String>,
    body: Body,
) -> Result<Map, Error> {
    let mut issues = Vec::new();
    let wants_body = !matches!(row.body, BodyKind::None);
    let mut members = if wants_body { read_body(row, body, &mut issues)? } else { Some(Map::new()) };
    let query = parse_query(query);
    let mut input = Map::new();
    for field in row.fields {
        let (value, textual) = match field.place {
            Place::Path => (path.iter().find(|(n, _)| n == field.name).map(|(_, v)| json!(v)), true),
            Place::Query => (query.iter().rev().find(|(n, _)| n == field.name).map(|(_, v)| json!(v)), true),
            Place::Header => (header(field.name).map(Value::from), true),
            Place::Body | Place::File => match &mut members {
                Some(members) => (members.shift_remove(field.name), row.body == BodyKind::Multipart),
                None => continue,
            },
        };
        if let Some(value) = check(field, value, textual, &input, &mut issues) {
            input.insert(field.name.to_owned(), value);
        }
    }
    if row.body == BodyKind::StrictJson {
        for (name, value) in members.unwrap_or_default() {
            issues.push(Issue {
                kind: "extra_forbidden",
                loc: vec![json!("body"), json!(name)],
                msg: "Extra inputs are not permitted".into(),
                input: Some(value),
                ctx: None,
            });
        }
    }
    if issues.is_empty() { Ok(input) } else { Err(Error::validation(issues)) }
}

/// The members of the body; `None` when the body as a whole is unusable (and an issue says so).
fn read_body(row: &Row, body: Body, issues: &mut Vec<Issue>) -> Result<Option<Map>, Error> {
    let needs = row.fields.iter().any(|f| f.place == Place::Body && f.required);
    let whole = |kind: &'static str, msg: &str, input: Value| Issue {
        kind,
        loc: vec![json!("body")],
        msg: msg.into(),
        input: Some(input),
        ctx: None,
    };
    let not_an_object = "Input should be a valid dictionary or object to extract fields from";
    match body {
        Body::Form(members) => Ok(Some(members)),
        Body::Json(bytes) if !bytes.is_empty() => {
            let text = std::str::from_utf8(&bytes)
                .map_err(|_| Error::new(Code::BadBody, "There was an error parsing the body"))?;
            match crate::json::parse(text) {
                Ok(Value::Object(members)) => Ok(Some(members)),
                Ok(Value::Null) if !needs => Ok(Some(Map::new())),
                Ok(other) => {
                    issues.push(whole("model_attributes_type", not_an_object, other));
                    Ok(None)
                }
                Err(error) => {
                    issues.push(Issue {
                        kind: "json_invalid",
                        loc: vec![json!("body"), json!(offset(text, &error))],
                        msg: "JSON decode error".into(),
                        input: Some(json!({})),
                        ctx: Some(json!({ "error": error.to_string() })),
                    });
                    Ok(None)
                }
            }
        }
        Body::Other => {
            issues.push(whole("model_attributes_type", not_an_object, Value::Null));
            Ok(None)
        }
        Body::None | Body::Json(_) if needs && row.body != BodyKind::Multipart => {
            issues.push(whole("missing", "Field required", Value::Null));
            Ok(None)
        }
        Body::None | Body::Json(_) => Ok(Some(Map::new())),
    }
}

fn offset(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split('\n').take(error.line().saturating_sub(1)).map(|l| l.chars().count() + 1).sum();
    before + error.column().saturating_sub(1)
}

fn parse_query(query: &str) -> Vec<(String, String)> {
    let decode = |part: &str| {
        let spaced = part.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// One field: its value in the input, or nothing (an issue says why unless it is simply absent).
fn check(field: &Field, value: Option<Value>, textual: bool, rest: &Map, issues: &mut Vec<Issue>) -> Option<Value> {
    let place = match field.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Body | Place::File => "body",
    };
    let mut fail = |kind, msg: String, input: Value, ctx| {
        issues.push(Issue {
            kind,
            loc: vec![json!(place), json!(field.name)],
            msg,
            input: (!field.secret).then_some(input),
            ctx,
        });
        None
    };
    let Some(value) = value else {
        if let Some(default) = field.default {
            return serde_json::from_str(default).ok();
        }
        if field.required {
            let input = if textual || field.secret { Value::Null } else { Value::Object(rest.clone()) };
            return fail("missing", "Field required".into(), input, None);
        }
        return None;
    };
    if value.is_null() && field.nullable {
        return None;
    }
    match convert(field.kind, value, textual) {
        Err((kind, msg, input)) => fail(kind, msg.into(), input, None),
        Ok(value) => match out_of_bounds(field, &value) {
            None => Some(value),
            Some((kind, msg, ctx)) => fail(kind, msg, value, Some(ctx)),
        },
    }
}

type Misfit = (&'static str, &'static str, Value);

/// The value as its kind. Values that travel as text (path, query, form) are read from text; members of a JSON body
/// must have the right JSON type already, except that whole floats are integers and numbers may come as text.
fn convert(kind: Kind, value: Value, textual: bool) -> Result<Value, Misfit> {
    let misfit = |kind, msg, value: Value| Err((kind, msg, value));
    match (kind, value) {
        (Kind::Any, value) => Ok(value),
        (Kind::Text, value @ Value::String(_)) | (Kind::File, value @ Value::Object(_)) => Ok(value),
        (Kind::Text, value) => misfit("string_type", "Input should be a valid string", value),
        (Kind::File, value) => misfit("value_error", "Value error, Expected UploadFile", value),
        (Kind::Integer, value) => match integer(&value) {
            Some(n) => Ok(json!(n)),
            None if value.is_string() => {
                misfit("int_parsing", "Input should be a valid integer, unable to parse string as an integer", value)
            }
            None if value.is_f64() => {
                misfit("int_from_float", "Input should be a valid integer, got a number with a fractional part", value)
            }
            None => misfit("int_type", "Input should be a valid integer", value),
        },
        (Kind::Number, Value::Number(n)) => Ok(Value::Number(n)),
        (Kind::Number, value) => match value.as_str().and_then(|s| s.trim().parse().ok()).and_then(Number::from_f64) {
            Some(n) => Ok(Value::Number(n)),
            None if value.is_string() => {
                misfit("float_parsing", "Input should be a valid number, unable to parse string as a number", value)
            }
            None => misfit("float_type", "Input should be a valid number", value),
        },
        (Kind::Boolean, value) => match boolean(&value) {
            Some(b) => Ok(Value::Bool(b)),
            None => misfit("bool_parsing", "Input should be a valid boolean, unable to interpret input", value),
        },
        (Kind::Object, value @ Value::Object(_)) => Ok(value),
        (Kind::Object, value) => misfit("dict_type", "Input should be a valid dictionary", value),
        (Kind::List | Kind::TextList, Value::String(text)) if textual => Ok(json!([text])),
        (Kind::List, value @ Value::Array(_)) => Ok(value),
        (Kind::TextList, Value::Array(items)) => match items.iter().find(|i| !i.is_string()) {
            None => Ok(Value::Array(items)),
            Some(other) => misfit("string_type", "Input should be a valid string", other.clone()),
        },
        (Kind::List | Kind::TextList, value) => misfit("list_type", "Input should be a valid list", value),
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64().or_else(|| n.as_f64().filter(|f| f.fract() == 0.0).map(|f| f as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        Value::Number(n) if n.as_f64() == Some(1.0) => Some(true),
        Value::Number(n) if n.as_f64() == Some(0.0) => Some(false),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "yes" | "t" | "y" => Some(true),
            "false" | "0" | "off" | "no" | "f" | "n" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn out_of_bounds(field: &Field, value: &Value) -> Option<(&'static str, String, Value)> {
    let plural = |n: i64| if n == 1 { "" } else { "s" };
    match value {
        Value::Number(n) => {
            let n = n.as_f64()?;
            if let Some(min) = field.min.filter(|min| n < *min as f64) {
                let ctx = json!({ "ge": min });
                return Some(("greater_than_equal", format!("Input should be greater than or equal to {min}"), ctx));
            }
            let max = field.max.filter(|max| n > *max as f64)?;
            Some(("less_than_equal", format!("Input should be less than or equal to {max}"), json!({ "le": max })))
        }
        Value::String(text) => {
            let length = text.chars().count() as i64;
            if let Some(min) = field.min.filter(|min| length < *min) {
                let msg = format!("String should have at least {min} character{}", plural(min));
                return Some(("string_too_short", msg, json!({ "min_length": min })));
            }
            let max = field.max.filter(|max| length > *max)?;
            let msg = format!("String should have at most {max} character{}", plural(max));
            Some(("string_too_long", msg, json!({ "max_length": max })))
        }
        Value::Array(items) => {
            let max = field.max.filter(|max| items.len() as i64 > *max)?;
            let msg =
                format!("List should have at most {max} item{} after validation, not {}", plural(max), items.len());
            Some(("too_long", msg, json!({ "max_length": max, "actual_length": items.len() })))
        }
        _ => None,
    }
}
