//! Nodes on notes and archived conversations (contract 04, 15.11): what they ask, and what they show of the answer.

use model::{EffectKind, Map, Value};
use serde_json::json;

use super::inputs::Payload;
use crate::compile::{MemoryNode, PlanNode};
use crate::python::{boolish, int_loose, non_blank};

/// Spans a recall finds when the node does not say.
const RECALLED: i64 = 10;

/// The effect of a node and its members.
pub(super) fn asked(kind: MemoryNode, node: &PlanNode, pins: &Payload) -> (EffectKind, Map) {
    match kind {
        MemoryNode::Note => (EffectKind::MemoryNote, note(node, pins)),
        MemoryNode::Query => (EffectKind::MemoryQuery, query(pins)),
        MemoryNode::Tag => (EffectKind::MemoryTag, tag(pins)),
        MemoryNode::Compact => (EffectKind::MemoryCompact, compact(pins)),
        MemoryNode::Rehydrate => (EffectKind::MemoryRehydrate, rehydrate(pins)),
    }
}

fn note(node: &PlanNode, pins: &Payload) -> Map {
    let mut members = Map::from_iter([
        ("note".to_owned(), pins.given("content").cloned().unwrap_or_else(|| "".into())),
        ("tags".to_owned(), object(pins, "tags").unwrap_or_else(|| json!({}))),
    ]);
    members.extend(object(pins, "sources").map(|sources| ("sources".to_owned(), sources)));
    texts(&mut members, pins, &["location", "scope"]);
    let names = ["keep_in_context", "keepInContext"];
    let pin = names.iter().find_map(|name| pins.get(name));
    let keep = pin.or_else(|| names.iter().find_map(|name| node.config("effectConfig", name)));
    if keep.is_some_and(boolish) {
        members.insert("keep_in_context".into(), true.into());
    }
    members
}

fn query(pins: &Payload) -> Map {
    let limit = pins.given("limit").and_then(int_loose).unwrap_or(RECALLED);
    let mut members = Map::from_iter([
        ("query".to_owned(), pins.given("query").cloned().unwrap_or_else(|| "".into())),
        ("limit_spans".to_owned(), limit.into()),
        ("return".to_owned(), "both".into()),
    ]);
    texts(&mut members, pins, &["recall_level", "tags_mode", "scope"]);
    members.extend(object(pins, "tags").map(|tags| ("tags".to_owned(), tags)));
    for name in ["usernames", "locations"] {
        if let Some(list) = pins.given(name).and_then(Value::as_array) {
            let names = list.iter().map(|item| non_blank(Some(item))).filter(|name| !name.is_empty());
            members.insert(name.into(), names.map(Value::from).collect());
        }
    }
    for name in ["since", "until"] {
        members.extend(pins.given(name).map(|moment| (name.to_owned(), moment.clone())));
    }
    members
}

fn tag(pins: &Payload) -> Map {
    let mut members = Map::from_iter([
        ("span_id".to_owned(), pins.any(&["span_id", "spanId"]).cloned().unwrap_or(Value::Null)),
        ("tags".to_owned(), object(pins, "tags").unwrap_or_else(|| json!({}))),
    ]);
    members.extend(pins.given("merge").map(|merge| ("merge".to_owned(), boolish(merge).into())));
    texts(&mut members, pins, &["scope"]);
    members
}

fn compact(pins: &Payload) -> Map {
    let mut members = Map::new();
    members.extend(pins.given("preserve_recent").map(|n| ("preserve_recent".to_owned(), n.clone())));
    texts(&mut members, pins, &["compression_mode", "focus"]);
    members
}

fn rehydrate(pins: &Payload) -> Map {
    let named = match pins.any(&["span_ids", "span_id"]) {
        Some(Value::Array(ids)) => ids.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let placement = match non_blank(pins.get("placement")) {
        known @ ("after_system" | "end") => known,
        _ => "after_summary",
    };
    let mut members =
        Map::from_iter([("span_ids".to_owned(), Value::Array(named)), ("placement".to_owned(), placement.into())]);
    members.extend(pins.given("max_messages").map(|n| ("max_messages".to_owned(), n.clone())));
    texts(&mut members, pins, &["recall_level"]);
    members
}

/// Pins that hold a text with something in it.
fn texts(members: &mut Map, pins: &Payload, names: &[&str]) {
    for name in names {
        let text = non_blank(pins.get(name));
        if !text.is_empty() {
            members.insert((*name).to_owned(), text.into());
        }
    }
}

fn object(pins: &Payload, name: &str) -> Option<Value> {
    pins.given(name).filter(|value| value.is_object()).cloned()
}

/// What a node shows of the result.
pub(super) fn project(kind: MemoryNode, result: &Value) -> Value {
    let results = result.get("results").and_then(Value::as_array).cloned().unwrap_or_default();
    let first = results.first();
    let meta = |key: &str| first.and_then(|r| r.get("meta")).and_then(|m| m.get(key)).cloned();
    let list = |key: &str| meta(key).filter(Value::is_array).unwrap_or_else(|| json!([]));
    let rendered = first.and_then(|r| r.get("output")).and_then(Value::as_str).unwrap_or_default();
    match kind {
        MemoryNode::Note => json!({"note_id": meta("span_id"), "raw": result}),
        MemoryNode::Compact => json!({"span_id": meta("span_id"), "raw": result}),
        MemoryNode::Query => json!({
            "rendered": rendered, "results": list("matches"), "span_ids": list("span_ids"), "raw": result,
        }),
        MemoryNode::Tag => {
            let success = first.and_then(|r| r.get("success")) == Some(&Value::Bool(true));
            json!({"rendered": rendered, "success": success, "results": results, "raw": result})
        }
        MemoryNode::Rehydrate => json!({
            "inserted": result.get("inserted"), "skipped": result.get("skipped"), "artifacts": result.get("artifacts"),
            "raw": result,
        }),
    }
}
