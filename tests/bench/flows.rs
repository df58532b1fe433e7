//! The workflows that are run: small bundles, written as an editor would write them.
//!
//! May not know: what is measured with them. Invariant: no flow needs a model or a network.

use std::io::{Cursor, Write};

use anyhow::Result;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Nothing but start and end.
pub(crate) const TRIVIAL: &str = "bench-trivial";
/// Asks a person.
pub(crate) const ASK: &str = "bench-ask";
/// 500 events.
pub(crate) const SHORT: &str = "bench-500";
/// 5000 events.
pub(crate) const LONG: &str = "bench-5000";
/// Asks a person, then 500 events: everybody can be there before it begins.
pub(crate) const GATE: &str = "bench-gate";

/// A bundle file as an editor would send it.
pub(crate) struct Bundle {
    pub(crate) file_name: String,
    pub(crate) bytes: Vec<u8>,
}

/// All bundles.
pub(crate) fn bundles() -> Result<Vec<Bundle>> {
    [(TRIVIAL, false, 0), (ASK, true, 0), (SHORT, false, 500), (LONG, false, 5000), (GATE, true, 500)]
        .into_iter()
        .map(|(id, asks, events)| bundle(id, &flow(id, asks, events)))
        .collect()
}

fn bundle(id: &str, flow: &Value) -> Result<Bundle> {
    let manifest = json!({
        "bundle_format_version": "1", "bundle_id": id, "bundle_version": "1.0.0", "created_at": "2026-01-01T00:00:00+00:00",
        "entrypoints": [{"flow_id": id, "name": id, "description": "", "interfaces": []}],
        "default_entrypoint": id, "flows": {id: format!("flows/{id}.json")}, "artifacts": {}, "assets": {}, "metadata": {},
    });
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [("manifest.json".to_owned(), &manifest), (format!("flows/{id}.json"), flow)] {
        archive.start_file(name, SimpleFileOptions::default())?;
        archive.write_all(content.to_string().as_bytes())?;
    }
    Ok(Bundle { file_name: format!("{id}@1.0.0.flow"), bytes: archive.finish()?.into_inner() })
}

/// start, perhaps a question, some events, end: one after the other.
fn flow(id: &str, asks: bool, events: usize) -> Value {
    let mut nodes = vec![node("start", "on_flow_start", &[], &["exec-out", "prompt"], Value::Null)];
    if asks {
        let pins = ["exec-in", "prompt", "choices"];
        nodes.push(node("ask", "ask_user", &pins, &["exec-out", "response"], json!({"allowFreeText": true})));
    }
    for i in 0..events {
        let config = json!({"name": format!("tick.{i}"), "scope": "run", "sessionId": ""});
        nodes.push(node(&format!("event{i}"), "emit_event", &["exec-in", "name", "payload"], &["exec-out"], config));
    }
    nodes.push(node("end", "on_flow_end", &["exec-in", "response"], &[], Value::Null));
    let names: Vec<&str> = nodes.iter().filter_map(|n| n["id"].as_str()).collect();
    let mut edges: Vec<Value> = names.windows(2).map(|pair| edge(pair[0], "exec-out", pair[1], "exec-in")).collect();
    edges.push(edge("start", "prompt", "end", "response"));
    if asks {
        edges.push(edge("start", "prompt", "ask", "prompt"));
    }
    json!({
        "id": id, "name": id, "description": "", "interfaces": [], "nodes": nodes, "edges": edges, "entryNode": "start",
        "created_at": "2026-01-01T00:00:00", "updated_at": "2026-01-01T00:00:00",
    })
}

fn node(id: &str, kind: &str, inputs: &[&str], outputs: &[&str], config: Value) -> Value {
    let pins = |names: &[&str]| names.iter().map(|name| pin(name)).collect::<Vec<_>>();
    let data = json!({
        "nodeType": kind, "label": id, "inputs": pins(inputs), "outputs": pins(outputs), "effectConfig": config,
    });
    json!({"id": id, "type": kind, "position": {"x": 0, "y": 0}, "data": data})
}

fn pin(name: &str) -> Value {
    let kind = match name {
        "exec-in" | "exec-out" => "execution",
        "choices" => "array",
        "payload" => "any",
        _ => "string",
    };
    json!({"id": name, "label": name, "type": kind})
}

fn edge(source: &str, from: &str, target: &str, to: &str) -> Value {
    json!({
        "id": format!("{source}.{from}-{target}.{to}"), "source": source, "sourceHandle": from,
        "target": target, "targetHandle": to,
    })
}
