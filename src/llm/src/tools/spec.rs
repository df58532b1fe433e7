//! A tool definition out of any of the shapes clients write: `{name, description, parameters: {p: {type, default}}}`,
//! a JSON schema in `parameters` or `input_schema`, or the protocol's own `{type: "function", function: {…}}`.
//!
//! The one invariant: `properties` hold JSON schema types, whatever names the definition used.

use model::{Map, Value};

use crate::error::CallError;

/// One offered tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// The name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// When it should be used.
    pub when_to_use: Option<String>,
    /// Its parameters as JSON schema properties; `default` may be among their keys.
    pub properties: Map,
    /// The parameters a call must give.
    pub required: Vec<String>,
    /// What a schema says beside properties and required: `$defs`, `additionalProperties`.
    pub rest: Map,
    /// Arguments of example calls.
    pub examples: Vec<Map>,
}

impl Tool {
    /// Reads the list of a payload; anything but a list is no tools.
    ///
    /// # Errors
    /// An item without a name.
    pub fn list(value: Option<&Value>) -> Result<Vec<Self>, CallError> {
        value.and_then(Value::as_array).into_iter().flatten().map(Self::read).collect()
    }

    fn read(value: &Value) -> Result<Self, CallError> {
        let outer = value.as_object().ok_or_else(|| CallError::input("a tool definition must be an object"))?;
        let tool = outer.get("function").and_then(Value::as_object).unwrap_or(outer);
        let text = |key: &str| tool.get(key).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
        let name = text("name").ok_or_else(|| CallError::input("a tool definition must have a name"))?;
        let empty = Map::new();
        let parameters =
            ["parameters", "input_schema", "inputSchema"].into_iter().find_map(|k| tool.get(k)?.as_object());
        let parameters = parameters.unwrap_or(&empty);
        let is_schema = parameters.get("properties").is_some_and(Value::is_object)
            || parameters.get("type").and_then(Value::as_str) == Some("object");
        let (raw, rest) = if is_schema { split_schema(parameters) } else { (parameters.clone(), Map::new()) };
        let names = |list: &Value| {
            list.as_array().map(|l| l.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect::<Vec<_>>())
        };
        let listed = tool
            .get("required_args")
            .and_then(names)
            .or_else(|| parameters.get("required").filter(|_| is_schema).and_then(names));
        // A schema that lists nothing as required means just that; a bare parameter list says it with defaults.
        let listed = listed.or_else(|| is_schema.then(Vec::new));
        let required =
            listed.unwrap_or_else(|| raw.iter().filter(|(_, p)| is_required(p)).map(|(n, _)| n.clone()).collect());
        let required = required.into_iter().filter(|n| raw.contains_key(n)).collect();
        let examples = tool.get("examples").and_then(Value::as_array).into_iter().flatten();
        Ok(Self {
            name: name.to_owned(),
            description: text("description").unwrap_or_default().to_owned(),
            when_to_use: text("when_to_use").map(str::to_owned),
            properties: raw.iter().map(|(name, p)| (name.clone(), property(p))).collect(),
            required,
            rest,
            examples: examples.filter_map(|e| e.get("arguments")?.as_object().cloned()).collect(),
        })
    }
}

fn split_schema(schema: &Map) -> (Map, Map) {
    let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let beside = ["properties", "required", "type", "title", "$schema"];
    (
        properties,
        schema.iter().filter(|(k, _)| !beside.contains(&k.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect(),
    )
}

fn is_required(property: &Value) -> bool {
    let flag = |key: &str| property.get(key).and_then(Value::as_bool);
    flag("required").or_else(|| flag("optional").map(|o| !o)).unwrap_or_else(|| property.get("default").is_none())
}

/// One property as JSON schema: a bare word is its type, Python's type names become JSON's.
fn property(value: &Value) -> Value {
    let mut out = match value {
        Value::Object(map) => map.clone(),
        Value::String(kind) if json_type(kind).is_some() => Map::from_iter([("type".into(), kind.as_str().into())]),
        Value::String(text) => {
            Map::from_iter([("type".into(), "string".into()), ("description".into(), text.as_str().into())])
        }
        _ => Map::new(),
    };
    out.retain(|key, item| !(matches!(key.as_str(), "required" | "optional") && item.is_boolean()));
    if let Some(Value::String(kind)) = out.get("type") {
        match json_type(kind) {
            Some("any") => drop(out.remove("type")),
            Some(kind) => drop(out.insert("type".into(), kind.into())),
            None => drop(out.insert("type".into(), "string".into())),
        }
    }
    if out.get("type").and_then(Value::as_str) == Some("array") {
        // Servers refuse an array that does not say of what.
        let items = out.get("items").map_or_else(|| Value::Object(Map::new()), property);
        out.insert("items".into(), items);
    }
    if let Some(Value::Object(inner)) = out.get("properties") {
        let inner = inner.iter().map(|(name, p)| (name.clone(), property(p))).collect();
        out.insert("properties".into(), Value::Object(inner));
    }
    Value::Object(out)
}

fn json_type(word: &str) -> Option<&'static str> {
    let word = word.trim().to_ascii_lowercase();
    let base = word.split(['[', '<']).next().unwrap_or_default();
    Some(match base {
        "string" | "str" | "text" => "string",
        "integer" | "int" => "integer",
        "number" | "float" | "double" => "number",
        "boolean" | "bool" => "boolean",
        "array" | "list" | "tuple" | "set" => "array",
        "object" | "dict" | "map" | "mapping" => "object",
        "null" | "none" => "null",
        "any" => "any",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(input: Value, properties: Value, required: &[&str]) {
        let tools = Tool::list(Some(&json!([input]))).unwrap();
        assert_eq!(Value::Object(tools[0].properties.clone()), properties);
        assert_eq!(tools[0].required, required);
    }

    #[test]
    fn every_shape_is_read() {
        let plain = json!({"name":"add","parameters":{"a":{"type":"integer","description":"first"},"b":{"type":"int","default":1}}});
        check(plain, json!({"a":{"type":"integer","description":"first"},"b":{"type":"integer","default":1}}), &["a"]);
        let schema = json!({"name":"f","parameters":{"type":"object","properties":{"x":{"type":"list"},"y":{"enum":["p","q"]}},"required":["y","ghost"]}});
        check(schema, json!({"x":{"type":"array","items":{}},"y":{"enum":["p","q"]}}), &["y"]);
        let wire = json!({"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}});
        check(wire, json!({}), &[]);
        let words = json!({"name":"f","parameters":{"a":"str","b":"the text","c":{"type":"any","optional":true}}});
        check(words, json!({"a":{"type":"string"},"b":{"type":"string","description":"the text"},"c":{}}), &["a", "b"]);
        let named = json!({"name":"f","parameters":{"a":{"type":"str"},"b":{"type":"str"}},"required_args":["b"]});
        check(named, json!({"a":{"type":"string"},"b":{"type":"string"}}), &["b"]);
    }

    #[test]
    fn a_tool_without_a_name_is_refused() {
        for bad in [json!([{}]), json!(["x"]), json!([{"name": " "}])] {
            assert!(Tool::list(Some(&bad)).is_err(), "{bad}");
        }
        assert!(Tool::list(Some(&json!([]))).unwrap().is_empty());
        assert!(Tool::list(None).unwrap().is_empty());
    }
}
