//! Bundles as files: flows drawn in a few words, zipped as the editor does it.

use std::io::{Cursor, Write};

use serde_json::{Map, Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A `.flow` file.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its flows by id; each is an entrypoint.
    pub flows: Vec<(String, Value)>,
}

impl Bundle {
    /// A bundle of flows.
    #[must_use]
    pub fn new(id: &str, version: &str, flows: &[(&str, Value)]) -> Self {
        let flows = flows.iter().map(|(id, flow)| ((*id).to_owned(), flow.clone())).collect();
        Self { id: id.to_owned(), version: version.to_owned(), flows }
    }

    /// The name the gateway gives its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}@{}.flow", self.id, self.version)
    }

    fn manifest(&self) -> Value {
        let entrypoints: Vec<Value> =
            self.flows.iter().map(|(id, _)| json!({"flow_id": id, "name": id, "interfaces": []})).collect();
        let files: Map<String, Value> =
            self.flows.iter().map(|(id, _)| (id.clone(), format!("flows/{id}.json").into())).collect();
        json!({"bundle_format_version": "1", "bundle_id": self.id, "bundle_version": self.version,
            "created_at": "2026-11-22T00:00:00+00:00", "entrypoints": entrypoints, "flows": files,
            "default_entrypoint": self.flows[0].0})
    }

    /// Its bytes.
    ///
    /// # Panics
    /// Never: it is written to memory.
    #[must_use]
    pub fn zip(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut add = |name: &str, content: &Value| {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.to_string().as_bytes()).unwrap();
        };
        add("manifest.json", &self.manifest());
        for (id, flow) in &self.flows {
            add(&format!("flows/{id}.json"), flow);
        }
        zip.finish().unwrap().into_inner()
    }
}

/// A node with its data pins; execution pins are added.
#[must_use]
pub fn node(id: &str, kind: &str, inputs: &[&str], outputs: &[&str], data: Value) -> Value {
    let pins = |names: &[&str], exec: Option<&str>| -> Value {
        let exec = exec.map(|id| json!({"id": id, "type": "execution"}));
        exec.into_iter().chain(names.iter().map(|name| json!({"id": name, "type": "string"}))).collect()
    };
    let mut data = data;
    data["nodeType"] = kind.into();
    data["inputs"] = pins(inputs, (kind != "on_flow_start").then_some("exec-in"));
    data["outputs"] = pins(outputs, (kind != "on_flow_end").then_some("exec-out"));
    json!({"id": id, "type": kind, "position": {"x": 0, "y": 0}, "data": data})
}

/// A flow. Edges are `a.pin>b.pin`, or `a>b` from one step to the next.
///
/// # Panics
/// When an edge is not written so.
#[must_use]
pub fn flow(id: &str, nodes: &[Value], edges: &[&str]) -> Value {
    let end = |text: &str, default: &str| -> (String, String) {
        text.split_once('.').map_or_else(|| (text.into(), default.into()), |(node, pin)| (node.into(), pin.into()))
    };
    let edge = |text: &&str| {
        let (from, to) = text.split_once('>').expect("an edge has two ends");
        let ((source, out), (target, into)) = (end(from, "exec-out"), end(to, "exec-in"));
        json!({"id": text, "source": source, "sourceHandle": out, "target": target, "targetHandle": into})
    };
    let edges: Vec<Value> = edges.iter().map(edge).collect();
    json!({"id": id, "name": id, "description": "", "interfaces": [], "nodes": nodes, "edges": edges, "entryNode": "s"})
}
