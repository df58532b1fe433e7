//! Nodes of the knowledge graph and of model residency: what they ask for, and what they show of the result (contract 04,
//! sections 15.9 and 15.11).

use model::{Map, Value};
use serde_json::json;

use super::effects::pin_or_config;
use super::inputs::Payload;
use crate::compile::PlanNode;
use crate::python::{boolish, float_loose, non_blank};

/// Texts of pins that are not blank, under their own names.
fn texts(pins: &Payload, names: &[&str]) -> Map {
    let text = |name: &&str| {
        let text = pins.get(name)?.as_str()?.trim();
        (!text.is_empty()).then(|| ((*name).to_owned(), text.into()))
    };
    names.iter().filter_map(text).collect()
}

/// A number of the first of some pins that has one.
fn number(pins: &Payload, names: &[&str]) -> Option<f64> {
    pins.any(names).filter(|value| !value.is_boolean()).and_then(float_loose).filter(|number| number.is_finite())
}

fn whole(pins: &Payload, names: &[&str]) -> Option<Value> {
    number(pins, names).map(|number| (number as i64).into())
}

pub(super) fn assert(pins: &Payload) -> Map {
    let assertions: Vec<Value> = match pins.any(&["assertions", "triples", "items"]) {
        Some(Value::Array(items)) => items.iter().filter(|item| item.is_object()).cloned().collect(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => Vec::new(),
    };
    let mut members = Map::from_iter([("assertions".to_owned(), Value::Array(assertions))]);
    members.extend(texts(pins, &["scope", "owner_id", "span_id"]));
    let defaults = pins.get("attributes_defaults").filter(|d| d.as_object().is_some_and(|d| !d.is_empty()));
    members.extend(defaults.map(|d| ("attributes_defaults".to_owned(), d.clone())));
    let custom = pins.get("allow_custom_predicates").filter(|flag| flag.is_boolean());
    members.extend(custom.map(|flag| ("allow_custom_predicates".to_owned(), flag.clone())));
    members
}

pub(super) fn query(pins: &Payload) -> Map {
    let names = [
        "subject",
        "predicate",
        "object",
        "recall_level",
        "scope",
        "owner_id",
        "since",
        "until",
        "active_at",
        "query_text",
        "order",
        "model",
    ];
    let mut members = texts(pins, &names);
    let budget = whole(pins, &["max_input_tokens", "max_in_tokens"]);
    members.extend(budget.map(|n| ("max_input_tokens".to_owned(), n)));
    members.extend(number(pins, &["min_score"]).map(|n| ("min_score".to_owned(), json!(n))));
    members.extend(whole(pins, &["limit"]).map(|n| ("limit".to_owned(), n)));
    members
}

pub(super) fn resolve(pins: &Payload) -> Map {
    let mut members = texts(pins, &["label", "expected_type", "recall_level", "scope", "owner_id"]);
    let semantic = pins.any(&["include_semantic", "includeSemantic"]).filter(|flag| flag.is_boolean());
    members.extend(semantic.map(|flag| ("include_semantic".to_owned(), flag.clone())));
    members.extend(number(pins, &["min_score", "minScore"]).map(|n| ("min_score".to_owned(), json!(n))));
    let most = whole(pins, &["max_candidates", "maxCandidates", "limit"]);
    members.extend(most.map(|n| ("max_candidates".to_owned(), n)));
    members
}

pub(super) fn residency(node: &PlanNode, pins: &Payload) -> Map {
    let of = |names: &[&str]| pin_or_config(node, pins, names);
    let mut members = Map::new();
    for names in [
        ["operation"].as_slice(),
        &["task"],
        &["provider"],
        &["model"],
        &["runtime_id", "runtimeId"],
        &["base_url", "baseUrl"],
        &["provider_api_key", "api_key", "apiKey"],
        &["cache_policy", "cachePolicy"],
    ] {
        let text = non_blank(of(names));
        let name = names.first().copied().unwrap_or_default();
        if !text.is_empty() {
            members.insert(name.to_owned(), text.into());
        }
    }
    members.entry("operation").or_insert_with(|| "list_loaded".into());
    let timeout = of(&["timeout_s", "timeout", "timeoutS"]).and_then(float_loose);
    members.extend(timeout.map(|seconds| ("timeout_s".to_owned(), json!(seconds))));
    members.extend(of(&["options"]).filter(|o| o.is_object()).map(|o| ("options".to_owned(), o.clone())));
    for flag in ["pin", "required"] {
        members.extend(of(&[flag]).map(|value| (flag.to_owned(), boolish(value).into())));
    }
    members
}

/// What a node of the graph shows: its list, `count`, `ok` and the whole; where there are, further members.
pub(super) fn shown(list: &str, further: &[&str], result: &Value) -> Value {
    let items = result.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut shown = Map::from_iter([
        (list.to_owned(), Value::Array(items)),
        ("count".to_owned(), result.get("count").cloned().unwrap_or_else(|| 0.into())),
        ("ok".to_owned(), result.get("ok").cloned().unwrap_or(Value::Bool(false))),
    ]);
    shown.extend(further.iter().filter_map(|key| Some(((*key).to_owned(), result.get(*key)?.clone()))));
    shown.insert("raw".into(), result.clone());
    Value::Object(shown)
}

/// What a query may show besides its items.
pub(super) const PACKED: [&str; 7] =
    ["packets_version", "packets", "packed_count", "active_memory_text", "estimated_tokens", "dropped", "warnings"];

pub(super) fn residency_shown(node: &PlanNode, result: &Value) -> Value {
    let list = |key: &str| result.get(key).filter(|list| list.is_array()).cloned();
    let flag = |key: &str| result.get(key).and_then(Value::as_bool);
    let runtime = result.get("runtime").filter(|runtime| runtime.is_object());
    let affected = list("affected_models").or_else(|| runtime.map(|runtime| json!([runtime])));
    let affected = affected.or_else(|| list("models")).unwrap_or_else(|| json!([]));
    let error = non_blank(result.get("error"));
    let success = flag("success").or_else(|| flag("ok")).unwrap_or(error.is_empty());
    let mut shown = json!({
        "success": success, "models": list("models").unwrap_or_else(|| affected.clone()), "affected_models": affected,
        "error": error, "warnings": list("warnings").unwrap_or_else(|| json!([])), "result": result,
    });
    // Pins of older documents, shown only where a wire asks for them.
    for key in ["runtime", "loaded_new", "unloaded"].into_iter().filter(|key| node.wants(&[key])) {
        shown[key] = result.get(key).cloned().unwrap_or(Value::Null);
    }
    shown
}
