//! Attachments named in any of the places clients use, brought to the one place agents look (contract 02, 4.1.2).

use model::{Map, Value};

/// The members that may hold attachments, in order of precedence.
const MEMBERS: [&str; 2] = ["attachments", "media"];

/// Sets `context.attachments` when it holds none and some are named elsewhere. Nothing else is touched.
pub(super) fn normalize(vars: &mut Map) {
    let context = vars.get("context").and_then(Value::as_object);
    let messages = context.and_then(|c| c.get("messages")).and_then(Value::as_array);
    let holders = context.into_iter().chain(messages.into_iter().flatten().filter_map(Value::as_object));
    let mut found: Vec<Value> = Vec::new();
    for item in holders.chain([&*vars]).flat_map(named) {
        if !found.iter().any(|known| identity(known) == identity(item)) {
            found.push(item.clone());
        }
    }
    let filled = context.is_some_and(|c| c.get("attachments").into_iter().flat_map(items).next().is_some());
    let usable = vars.get("context").is_none_or(Value::is_object);
    if !found.is_empty() && !filled && usable {
        model::run::object_at(vars, "context").insert("attachments".into(), found.into());
    }
}

fn named(holder: &Map) -> impl Iterator<Item = &Value> {
    MEMBERS.iter().filter_map(|key| holder.get(*key)).flat_map(items)
}

/// The attachments of a list, or the one that stands alone.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter(|item| identity(item).is_some())
}

/// The path or artifact id that makes two attachments the same; none when it is no attachment.
fn identity(item: &Value) -> Option<&str> {
    let id = match item {
        Value::String(path) => Some(path.as_str()),
        Value::Object(object) => ["$artifact", "artifact_id"].iter().find_map(|key| object.get(*key)?.as_str()),
        _ => None,
    };
    id.map(str::trim).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(input: Value, expected: Value) {
        let mut vars = input.as_object().cloned().unwrap();
        normalize(&mut vars);
        assert_eq!(
            vars.get("context").and_then(|c| c.get("attachments")).cloned().unwrap_or_default(),
            expected,
            "{input}"
        );
    }

    #[test]
    fn attachments_are_gathered_once_in_order() {
        let (a, b) = (json!({"$artifact": "a"}), json!({"artifact_id": "b", "filename": "x"}));
        check(json!({"prompt": "x"}), Value::Null);
        check(json!({"attachments": [a]}), json!([a]));
        check(json!({"media": b}), json!([b]));
        check(json!({"attachments": ["p", " ", 5, a], "media": [a, "p"]}), json!(["p", a]));
        check(json!({"context": {"media": [b]}, "attachments": [a]}), json!([b, a]));
        check(json!({"context": {"messages": [{"attachments": [a]}, {"media": ["m"]}]}}), json!([a, "m"]));
        check(json!({"context": {"attachments": ["own"]}, "media": [a]}), json!(["own"]));
        check(json!({"context": {"attachments": [null]}, "media": [a]}), json!([a]));
        check(json!({"context": "text", "media": [a]}), Value::Null);
    }
}
