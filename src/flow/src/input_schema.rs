//! What a flow takes: the pins of its start node as a list and as a JSON schema (contract 04, section 9), and what its
//! nodes are called (4.2). Reads the authored JSON, not the compiled flow: a flow that does not compile has inputs too.

use model::{Map, Value};
use serde_json::json;

use crate::document::{EXECUTION, kind_of, list, text};

/// The `inputs` list of a bundle's entrypoint: `{id, label, type[, schema][, default]}` a pin.
#[must_use]
pub fn inputs(flow: &Value) -> Vec<Value> {
    pins(flow)
        .map(|(pin, id, default)| {
            let mut item = Map::from_iter([
                ("id".to_owned(), id.clone().into()),
                ("label".to_owned(), label(pin, &id).into()),
                ("type".to_owned(), pin_type(pin).into()),
            ]);
            item.extend(pin.get("schema").filter(|s| s.is_object()).map(|s| ("schema".to_owned(), s.clone())));
            item.extend(default.map(|d| ("default".to_owned(), d.clone())));
            Value::Object(item)
        })
        .collect()
}

/// `{version, inputs, defaults, input_data_schema}`.
#[must_use]
pub fn input_schema(flow: &Value) -> Map {
    let (mut items, mut defaults, mut properties, mut required) = (Vec::new(), Map::new(), Map::new(), Vec::new());
    for (pin, id, default) in pins(flow) {
        let schema = property(pin, &id, default);
        let mut item = Map::from_iter([
            ("id".to_owned(), id.clone().into()),
            ("label".to_owned(), label(pin, &id).into()),
            ("type".to_owned(), pin_type(pin).into()),
        ]);
        match default {
            Some(default) => {
                item.insert("default".into(), default.clone());
                defaults.insert(id.clone(), default.clone());
            }
            None => required.push(Value::String(id.clone())),
        }
        item.insert("required".into(), default.is_none().into());
        item.insert("schema".into(), schema.clone());
        items.push(Value::Object(item));
        properties.insert(id, schema);
    }
    let mut schema = json!({"type": "object", "additionalProperties": true, "properties": properties});
    if !required.is_empty() {
        schema["required"] = Value::Array(required);
    }
    Map::from_iter([
        ("version".to_owned(), 1.into()),
        ("inputs".to_owned(), Value::Array(items)),
        ("defaults".to_owned(), Value::Object(defaults)),
        ("input_data_schema".to_owned(), schema),
    ])
}

/// `{node_id: {type, label[, headerColor]}}`.
#[must_use]
pub fn node_index(flow: &Value) -> Map {
    let mut index = Map::new();
    for node in list(flow.get("nodes")) {
        let Some(id) = text(node.get("id")) else { continue };
        let data = node.get("data");
        let member = |key: &str| data.and_then(|d| d.get(key));
        let label = text(member("label")).or_else(|| text(node.get("label"))).unwrap_or_else(|| id.clone());
        let kind = Some(node_type(node)).filter(|k| !k.is_empty()).unwrap_or_else(|| "unknown".into());
        let mut entry = json!({"type": kind, "label": label});
        if let Some(colour) = text(member("headerColor")).or_else(|| text(node.get("headerColor"))) {
            entry["headerColor"] = colour.into();
        }
        index.insert(id, entry);
    }
    index
}

/// Provider and model of the first node that names both: what a gateway without own defaults may fall back to
/// (contract 04, 3.3, step 4).
#[must_use]
pub fn default_model(flow: &Value) -> Option<(String, String)> {
    list(flow.get("nodes")).iter().find_map(|node| {
        let config = match node_type(node).as_str() {
            "llm_call" => "effectConfig",
            "agent" => "agentConfig",
            _ => return None,
        };
        [config, "pinDefaults"].into_iter().find_map(|group| {
            let group = node.get("data")?.get(group)?;
            let named = |key: &str| text(group.get(key)).filter(|name| !is_default_marker(name));
            named("provider").zip(named("model"))
        })
    })
}

/// Whether a provider or model name means "the gateway's default".
pub(crate) fn is_default_marker(name: &str) -> bool {
    matches!(
        name.to_lowercase().as_str(),
        "default" | "__default__" | "__abstractcore_default__" | "abstractcore.default"
    )
}

/// Whether the flow has nodes that call a model.
#[must_use]
pub fn calls_models(flow: &Value) -> bool {
    list(flow.get("nodes")).iter().any(|node| matches!(node_type(node).as_str(), "llm_call" | "agent"))
}

fn node_type(node: &Value) -> String {
    let own = kind_of(node.get("data").and_then(|d| d.get("nodeType")));
    if own.is_empty() { kind_of(node.get("type")) } else { own }
}

/// The data pins of the first start node: pin, id, default.
fn pins(flow: &Value) -> impl Iterator<Item = (&Value, String, Option<&Value>)> {
    let is_start = |n: &&Value| {
        [n.get("data").and_then(|d| d.get("nodeType")), n.get("type")]
            .into_iter()
            .any(|k| kind_of(k) == "on_flow_start")
    };
    let data = list(flow.get("nodes")).iter().find(is_start).and_then(|n| n.get("data"));
    let defaults = data.and_then(|d| d.get("pinDefaults"));
    list(data.and_then(|d| d.get("outputs"))).iter().filter_map(move |pin| {
        let id = text(pin.get("id"))?;
        let exec = kind_of(pin.get("type")) == EXECUTION || id == "exec-out" || id == "exec";
        (!exec).then(|| {
            let default = defaults.and_then(|d| d.get(&id));
            (pin, id, default)
        })
    })
}

fn label(pin: &Value, id: &str) -> String {
    text(pin.get("label")).unwrap_or_else(|| id.to_owned())
}

fn pin_type(pin: &Value) -> String {
    Some(kind_of(pin.get("type"))).filter(|kind| !kind.is_empty()).unwrap_or_else(|| "unknown".into())
}

fn property(pin: &Value, id: &str, default: Option<&Value>) -> Value {
    let kind = pin_type(pin);
    let mut schema = schema_of(&kind.to_lowercase());
    schema.insert("x-abstract-type".into(), kind.into());
    if let Some(own) = pin.get("schema").and_then(Value::as_object) {
        schema.extend(own.iter().map(|(k, v)| (k.clone(), v.clone())));
    }
    let label = label(pin, id);
    if label != id {
        schema.insert("title".into(), label.into());
    }
    schema.extend(default.map(|d| ("default".to_owned(), d.clone())));
    Value::Object(schema)
}

fn schema_of(kind: &str) -> Map {
    let plain = |name: &str| Map::from_iter([("type".to_owned(), name.into())]);
    let routed = kind.strip_prefix("provider_").or_else(|| kind.strip_prefix("model_"));
    if matches!(routed, Some("text" | "image" | "video" | "voice" | "music")) {
        return plain("string");
    }
    match kind {
        "string" | "str" | "text" | "markdown" | "path" | "file" | "directory" | "workspace_file"
        | "workspace_folder" | "provider" | "model" => plain("string"),
        "number" | "float" | "double" => plain("number"),
        "integer" | "int" => plain("integer"),
        "boolean" | "bool" => plain("boolean"),
        "array" | "list" => plain("array"),
        "object" | "dict" | "map" | "json" => plain("object"),
        _ => artifact_schema(kind).unwrap_or_default(),
    }
}

/// `artifact`, `artifacts`, and both with a modality.
fn artifact_schema(kind: &str) -> Option<Map> {
    let (many, rest) = match kind.strip_prefix("artifacts") {
        Some(rest) => (true, rest),
        None => (false, kind.strip_prefix("artifact")?),
    };
    let modality = match rest {
        "" => None,
        "_image" | "_audio" | "_text" | "_video" => rest.strip_prefix('_'),
        _ => return None,
    };
    let mut properties = json!({"$artifact": {"type": "string", "minLength": 1}});
    for key in ["artifact_id", "run_id", "artifact_run_id", "content_type", "filename", "source_path", "modality"] {
        properties[key] = json!({"type": "string"});
    }
    let mut one = Map::from_iter([
        ("type".to_owned(), "object".into()),
        ("additionalProperties".to_owned(), true.into()),
        ("required".to_owned(), json!(["$artifact"])),
        ("properties".to_owned(), properties),
    ]);
    one.extend(modality.map(|m| ("x-abstract-artifact-modality".to_owned(), m.into())));
    if !many {
        return Some(one);
    }
    let mut list = Map::from_iter([("type".to_owned(), "array".into()), ("items".to_owned(), Value::Object(one))]);
    list.extend(modality.map(|m| ("x-abstract-artifact-modality".to_owned(), m.into())));
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(outputs: &Value, defaults: &Value) -> Value {
        json!({"nodes": [{"id": "x", "type": "agent", "data": {"agentConfig": {"provider": "p", "model": "m"}}},
            {"id": "s", "type": "on_flow_start", "data": {"outputs": outputs, "pinDefaults": defaults, "label": "Go"}}]})
    }

    #[test]
    fn pins_become_a_schema() {
        let pins = json!([{"id": "exec-out", "type": "execution"}, {"id": "msg", "label": "Message", "type": "string"},
            {"id": "n", "type": "number"}, {"id": "k"}]);
        let schema = Value::Object(input_schema(&flow(&pins, &json!({"n": null}))));
        assert_eq!(
            schema["inputs"][0],
            json!({"id": "msg", "label": "Message", "type": "string", "required": true,
                "schema": {"type": "string", "x-abstract-type": "string", "title": "Message"}})
        );
        assert_eq!(
            schema["input_data_schema"],
            json!({"type": "object", "additionalProperties": true, "properties": {
                "msg": {"type": "string", "x-abstract-type": "string", "title": "Message"},
                "n": {"type": "number", "x-abstract-type": "number", "default": null},
                "k": {"x-abstract-type": "unknown"}}, "required": ["msg", "k"]})
        );
        assert_eq!(schema["defaults"], json!({"n": null}));
        assert_eq!(inputs(&flow(&pins, &json!({})))[0], json!({"id": "msg", "label": "Message", "type": "string"}));
    }

    #[test]
    fn every_pin_type_has_its_schema() {
        for (kind, expected) in [
            ("Markdown", Some("string")),
            ("provider_voice", Some("string")),
            ("provider_smell", None),
            ("int", Some("integer")),
            ("dict", Some("object")),
            ("artifact_image", Some("object")),
            ("artifacts", Some("array")),
            ("tools", None),
        ] {
            let schema = input_schema(&flow(&json!([{"id": "p", "type": kind}]), &json!({})));
            let own = &schema["input_data_schema"]["properties"]["p"];
            assert_eq!(own.get("type").and_then(Value::as_str), expected, "{kind}");
        }
        let list = artifact_schema("artifacts_audio").unwrap();
        assert_eq!(list["x-abstract-artifact-modality"], "audio");
        assert_eq!(list["items"]["x-abstract-artifact-modality"], "audio");
    }

    #[test]
    fn nodes_are_indexed_and_a_model_is_found() {
        let flow = flow(&json!([]), &json!({}));
        assert_eq!(node_index(&flow)["s"], json!({"type": "on_flow_start", "label": "Go"}));
        assert_eq!(node_index(&flow)["x"], json!({"type": "agent", "label": "x"}));
        assert_eq!(default_model(&flow), Some(("p".into(), "m".into())));
        assert_eq!(default_model(&json!({})), None);
        assert_eq!(
            Value::Object(input_schema(&json!({}))),
            json!({"version": 1, "inputs": [], "defaults": {},
            "input_data_schema": {"type": "object", "additionalProperties": true, "properties": {}}})
        );
    }
}
