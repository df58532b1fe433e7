//! The schema of an answer: taken in from the shapes clients write, shown to the model, and held against what comes
//! back (contract 05, section 6). Difference from the reference: the schema travels as it was written.
//!
//! The one invariant: what is handed on as structured data fits the schema.

mod validate;

use model::json::{Layout, write};
use model::{Map, Value};
use serde_json::json;
pub use validate::violations;

use crate::error::CallError;
use crate::loose;

/// A place in the prompt for the schema.
const MARKER: &str = "<<STRUCTURED_OUTPUT_SCHEMA>>";
const DEPTH_MAX: usize = 32;

/// The schema of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// The name shown upstream.
    pub name: String,
    /// The JSON schema of an object.
    pub value: Value,
}

impl Schema {
    /// Reads a schema: JSON schema, a text of it, one of the protocol's wrappers, or a map of fields.
    ///
    /// # Errors
    /// No object with properties, or a property name that is no identifier.
    pub fn read(value: &Value, name: Option<&str>) -> Result<Self, CallError> {
        let parsed;
        let mut value = value;
        if let Value::String(text) = value {
            parsed = serde_json::from_str(text).map_err(|_| CallError::input("response_schema is not valid JSON"))?;
            value = &parsed;
        }
        let mut inner_name = None;
        for _ in 0..4 {
            let Some(map) = value.as_object() else { break };
            if is_schema(map) {
                break;
            }
            inner_name = map.get("name").and_then(Value::as_str).filter(|_| map.contains_key("schema")).or(inner_name);
            match ["response_format", "json_schema", "schema"]
                .iter()
                .find_map(|k| map.get(*k).filter(|v| v.is_object()))
            {
                Some(inner) => value = inner,
                None => break,
            }
        }
        let map = value.as_object().ok_or_else(|| CallError::input("response_schema must be a JSON schema object"))?;
        let schema = if is_schema(map) { value.clone() } else { from_fields(map) };
        let properties = schema.get("properties").and_then(Value::as_object).filter(|p| !p.is_empty());
        let Some(properties) = properties else {
            return Err(CallError::input("response_schema must be an object with properties"));
        };
        if let Some(bad) = properties.keys().find(|name| !is_identifier(name)) {
            return Err(CallError::input(format!(
                "Invalid property name '{bad}'. Use identifier-style names (letters, digits, underscore)."
            )));
        }
        let name = name.or(inner_name).unwrap_or("StructuredOutput");
        let name: String =
            name.trim().chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).take(64).collect();
        Ok(Self { name, value: schema })
    }

    /// `response_format`; strict servers want every property required and nothing else allowed.
    #[must_use]
    pub fn response_format(&self, strict: bool) -> Value {
        if strict {
            let schema = strict_form(&self.value, 0);
            return json!({"type": "json_schema", "json_schema": {"name": self.name, "strict": true, "schema": schema}});
        }
        let schema = inlined(&self.value, &self.value, 0);
        json!({"type": "json_schema", "json_schema": {"name": self.name, "schema": schema}})
    }

    /// The prompt with the schema and the wish for nothing but JSON.
    #[must_use]
    pub fn prompt(&self, prompt: &str) -> String {
        let instruction = format!(
            "Answer with one JSON object for the schema \"{}\" and nothing else: no explanation, no code fence.\n\nSchema:\n{}\n\nAn answer \
             of this shape, with your own values:\n{}",
            self.name,
            write(&self.value, Layout::PRETTY),
            example(&self.value, &self.value, 0),
        );
        if prompt.contains(MARKER) {
            prompt.replace(MARKER, &instruction)
        } else {
            format!("{prompt}\n\n{instruction}")
        }
    }

    /// Reads an answer: JSON, perhaps in a fence or among words.
    ///
    /// # Errors
    /// What is wrong with it, for the model to read.
    pub fn parse(&self, text: &str) -> Result<Value, Vec<String>> {
        let Some(value) = json_in(text) else { return Err(vec!["the answer is not JSON".to_owned()]) };
        let value = self.wrapped(value);
        let problems = violations(&self.value, &value);
        if problems.is_empty() { Ok(value) } else { Err(problems) }
    }

    /// A bare list where the schema has exactly one list property is that property.
    fn wrapped(&self, value: Value) -> Value {
        if !value.is_array() {
            return value;
        }
        let properties = self.value.get("properties").and_then(Value::as_object).into_iter().flatten();
        let lists: Vec<&String> =
            properties.filter(|(_, p)| p.get("type") == Some(&json!("array"))).map(|(n, _)| n).collect();
        match lists[..] {
            [name] => Value::Object(Map::from_iter([(name.clone(), value)])),
            _ => value,
        }
    }
}

/// The JSON in a text: all of it, a fence's content, or the first object or list that can be read.
#[must_use]
pub fn json_in(text: &str) -> Option<Value> {
    let text = text.trim();
    let fenced = text.split("```").nth(1).map(|inner| inner.strip_prefix("json").unwrap_or(inner));
    let container = |v: &Value| v.is_object() || v.is_array();
    loose::whole(text).or_else(|| fenced.and_then(loose::whole)).filter(container).or_else(|| {
        let starts = text.match_indices(['{', '[']).take(50);
        starts.filter_map(|(at, _)| loose::prefix(&text[at..])).map(|(value, _)| value).find(container)
    })
}

fn is_schema(map: &Map) -> bool {
    map.get("properties").is_some_and(Value::is_object)
        || map.get("type").is_some_and(|t| t == "object" || t == "array")
        || ["$ref", "anyOf", "allOf", "oneOf"].iter().any(|key| map.contains_key(*key))
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_')
}

/// `{"title": "its description", "n": {"type": "integer"}}`: every field required.
fn from_fields(map: &Map) -> Value {
    let field = |value: &Value| match value {
        Value::String(text) => match text.as_str() {
            "string" | "integer" | "number" | "boolean" | "object" => json!({"type": text}),
            "array" => json!({"type": "array", "items": {}}),
            _ => json!({"type": "string", "description": text}),
        },
        Value::Object(_) => value.clone(),
        Value::Array(items) => json!({"type": "array", "items": items.first().map_or_else(|| json!({}), example_type)}),
        other => example_type(other),
    };
    let properties: Map = map.iter().map(|(name, value)| (name.clone(), field(value))).collect();
    let required: Vec<&String> = map.keys().collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn example_type(value: &Value) -> Value {
    match value {
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(n) => json!({"type": if n.is_f64() { "number" } else { "integer" }}),
        Value::String(_) => json!({"type": "string"}),
        Value::Object(_) => value.clone(),
        _ => json!({}),
    }
}

/// The target of a `$ref` within the document.
pub(crate) fn resolve_ref<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    root.pointer(reference.strip_prefix('#')?)
}

/// `$ref`s replaced by what they name; one that leads back to itself ends as "anything".
fn inlined(root: &Value, value: &Value, depth: usize) -> Value {
    if depth > DEPTH_MAX {
        return json!({});
    }
    match value {
        Value::Object(map) => {
            let target = map.get("$ref").and_then(Value::as_str).and_then(|r| resolve_ref(root, r));
            if let Some(target) = target {
                return inlined(root, target, depth + 4);
            }
            let kept =
                map.iter().filter(|(k, _)| depth > 0 || !matches!(k.as_str(), "$defs" | "definitions" | "$schema"));
            Value::Object(kept.map(|(k, v)| (k.clone(), inlined(root, v, depth + 1))).collect())
        }
        Value::Array(items) => items.iter().map(|item| inlined(root, item, depth + 1)).collect(),
        other => other.clone(),
    }
}

/// Every property required, optional ones nullable, nothing further allowed.
fn strict_form(value: &Value, depth: usize) -> Value {
    let Value::Object(map) = value else {
        return match value {
            Value::Array(items) if depth <= DEPTH_MAX => items.iter().map(|i| strict_form(i, depth + 1)).collect(),
            other => other.clone(),
        };
    };
    if depth > DEPTH_MAX {
        return value.clone();
    }
    let mut out: Map =
        map.iter().filter(|(k, _)| *k != "default").map(|(k, v)| (k.clone(), strict_form(v, depth + 1))).collect();
    let Some(Value::Object(properties)) =
        map.get("properties").filter(|_| map.get("type").is_none_or(|t| t == "object"))
    else {
        return Value::Object(out);
    };
    let required: Vec<&str> =
        map.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let strict = properties.iter().map(|(name, property)| {
        let inner = strict_form(property, depth + 1);
        let shown = if required.contains(&name.as_str()) { inner } else { json!({"anyOf": [inner, {"type": "null"}]}) };
        (name.clone(), shown)
    });
    out.insert("properties".into(), Value::Object(strict.collect()));
    out.insert("required".into(), properties.keys().cloned().collect());
    out.insert("additionalProperties".into(), false.into());
    Value::Object(out)
}

/// A value of a schema's shape, on one line.
fn example(root: &Value, schema: &Value, depth: usize) -> Value {
    if depth > 6 {
        return Value::Null;
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|r| resolve_ref(root, r)) {
        return example(root, target, depth + 1);
    }
    if let Some(first) = schema.get("enum").and_then(|e| e.get(0)).or_else(|| schema.get("const")) {
        return first.clone();
    }
    if let Some(branch) = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.get(0)) {
        return example(root, branch, depth + 1);
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        other => other.and_then(Value::as_str),
    };
    match kind {
        Some("integer") => json!(1),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        Some("array") => json!([schema.get("items").map_or(Value::Null, |items| example(root, items, depth + 1))]),
        Some("object") | None if schema.get("properties").is_some() => {
            let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            Value::Object(properties.map(|(n, p)| (n.clone(), example(root, p, depth + 1))).collect())
        }
        Some("object") => json!({}),
        _ => json!("text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_intake_shape() {
        let plain = json!({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]});
        for input in [
            plain.clone(),
            plain.to_string().into(),
            json!({"schema": plain}),
            json!({"json_schema": {"schema": plain}}),
            json!({"response_format": {"type": "json_schema", "json_schema": {"schema": plain}}}),
            json!({"a": {"type": "integer"}}),
            json!({"a": "integer"}),
            json!({"a": 3}),
        ] {
            let schema = Schema::read(&input, None).unwrap();
            assert_eq!((schema.value, schema.name.as_str()), (plain.clone(), "StructuredOutput"), "{input}");
        }
        let described = Schema::read(&json!({"title": "the title"}), Some("My Name")).unwrap();
        assert_eq!(described.value["properties"]["title"], json!({"type":"string","description":"the title"}));
        assert_eq!(described.name, "My_Name");
        for (bad, text) in [
            (
                json!({"type":"object","properties":{"a-b":{}}}),
                "Invalid property name 'a-b'. Use identifier-style names (letters, digits, underscore).",
            ),
            (json!({"type":"object","properties":{}}), "response_schema must be an object with properties"),
            (json!({"type":"array"}), "response_schema must be an object with properties"),
            (json!("{oops"), "response_schema is not valid JSON"),
            (json!([1]), "response_schema must be a JSON schema object"),
        ] {
            assert_eq!(Schema::read(&bad, None).unwrap_err().message, text);
        }
    }

    #[test]
    fn strict_and_lenient_forms() {
        let schema = Schema::read(
            &json!({"type":"object","properties":{"a":{"type":"integer"},"b":{"$ref":"#/$defs/B"}},"required":["a"],
            "$defs":{"B":{"type":"object","properties":{"c":{"type":"string"}},"required":["c"]}}}),
            Some("N"),
        )
        .unwrap();
        let strict = schema.response_format(true);
        assert_eq!(strict["json_schema"]["strict"], true);
        let inner = &strict["json_schema"]["schema"];
        assert_eq!(inner["required"], json!(["a", "b"]));
        assert_eq!(inner["properties"]["b"]["anyOf"][1], json!({"type": "null"}));
        assert_eq!(inner["$defs"]["B"]["additionalProperties"], false);
        let lenient = &schema.response_format(false)["json_schema"]["schema"];
        assert_eq!(lenient["properties"]["b"]["properties"]["c"], json!({"type": "string"}));
        assert!(lenient.get("$defs").is_none());
    }

    #[test]
    fn a_schema_that_holds_itself_ends() {
        let schema = Schema::read(&json!({"type":"object","properties":{"next":{"$ref":"#"}}}), None).unwrap();
        let _ = schema.response_format(false);
        assert!(schema.prompt("p").starts_with("p\n\nAnswer with one JSON object"));
        assert!(!schema.prompt(&format!("a {MARKER} b")).contains(MARKER));
        assert!(schema.parse(r#"{"next": {"next": {}}}"#).is_ok());
    }

    #[test]
    fn answers_are_read_from_fences_words_and_lists() {
        let schema = Schema::read(
            &json!({"type":"object","properties":{"xs":{"type":"array","items":{"type":"integer"}}},"required":["xs"]}),
            None,
        )
        .unwrap();
        for text in [
            r#"{"xs": [1, 2]}"#,
            "```json\n{\"xs\": [1, 2]}\n```",
            "Sure! {\"xs\": [1, 2]} Anything else?",
            "[1, 2]",
            "{'xs': [1, 2]}",
        ] {
            assert_eq!(schema.parse(text), Ok(json!({"xs": [1, 2]})), "{text}");
        }
        assert_eq!(schema.parse("no"), Err(vec!["the answer is not JSON".to_owned()]));
        assert_eq!(schema.parse(r#"{"xs": ["a"]}"#), Err(vec!["xs[0]: expected integer, found string".to_owned()]));
    }
}
