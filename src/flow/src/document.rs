//! A VisualFlow document as the compiler reads it (contract 04, section 11). Storage keeps the authored JSON; this is
//! the tolerant view of it: what cannot be a node or an edge is left out, everything the engine does not read is
//! ignored. It knows no node type's meaning beyond which keys hold references to other flows.

use std::borrow::Cow;
use std::collections::BTreeSet;

use model::{Map, Value};

/// The execution pin type.
pub(crate) const EXECUTION: &str = "execution";
/// Where every execution edge ends.
pub(crate) const EXEC_IN: &str = "exec-in";
/// Where a plain execution edge starts.
pub(crate) const EXEC_OUT: &str = "exec-out";

/// The keys of a `subflow` node that may name its target, in order of precedence.
pub(crate) const SUBFLOW_KEYS: [&str; 4] = ["subflowId", "flowId", "workflowId", "workflow_id"];

/// One declared pin.
#[derive(Clone, Debug)]
pub(crate) struct Pin {
    pub(crate) id: String,
    pub(crate) kind: String,
}

/// One node. Its data is looked at where it was read: large flows are not held twice.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) data: Cow<'a, Map>,
}

/// One connection.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) source: String,
    pub(crate) source_handle: String,
    pub(crate) target: String,
    pub(crate) target_handle: String,
}

impl Edge {
    /// True for an edge that carries a value.
    pub(crate) fn is_data(&self) -> bool {
        self.source_handle != EXEC_OUT && self.target_handle != EXEC_IN
    }
}

/// A flow.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    pub(crate) id: String,
    pub(crate) entry: Option<String>,
    pub(crate) nodes: Vec<Node<'a>>,
    pub(crate) edges: Vec<Edge>,
}

impl<'a> Document<'a> {
    /// Reads a flow; `id` replaces the document's own.
    ///
    /// # Errors
    /// The text a client sees when this is no flow.
    pub fn read(raw: &'a Value, id: Option<&str>) -> Result<Self, String> {
        let root = raw.as_object().ok_or("VisualFlow JSON must be an object")?;
        let own = ["id", "flow_id", "workflow_id"].iter().find_map(|k| text(root.get(*k)));
        let id = id.map(str::to_owned).or(own).ok_or("VisualFlow missing required 'id'")?;
        Ok(Self {
            id,
            entry: text(root.get("entryNode")),
            nodes: list(root.get("nodes")).iter().filter_map(node).collect(),
            edges: list(root.get("edges")).iter().filter_map(edge).collect(),
        })
    }

    /// The flow's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Rewrites the authored JSON of a flow as the host registers it (contract 04, 17.1): own id, references to flows of the
/// same bundle and agent loop ids namespaced. What is compiled, and what a run's workflow snapshot keeps.
pub fn namespace(raw: &mut Value, bundle_ref: &str, flow_id: &str, flows: &BTreeSet<String>) {
    let workflow_id = format!("{bundle_ref}:{flow_id}");
    let Some(root) = raw.as_object_mut() else { return };
    if let Some(Value::Array(nodes)) = root.get_mut("nodes") {
        for item in nodes {
            namespace_node(item, bundle_ref, &workflow_id, flows);
        }
    }
    root.insert("id".into(), workflow_id.into());
}

fn namespace_node(item: &mut Value, bundle_ref: &str, workflow_id: &str, flows: &BTreeSet<String>) {
    let Some(object) = item.as_object_mut() else { return };
    let Some(id) = node_id(object).map(str::to_owned) else { return };
    let kind = kind_of(object.get("type"));
    let data = model::run::object_at(object, "data");
    match kind.as_str() {
        "subflow" => {
            for key in SUBFLOW_KEYS {
                let Some(target) = data.get(key).and_then(Value::as_str).map(|t| t.trim().to_owned()) else { continue };
                if flows.contains(&target) {
                    data.insert(key.to_owned(), format!("{bundle_ref}:{target}").into());
                }
            }
        }
        "agent" => {
            let id = model::id::agent_workflow_id(workflow_id, &id);
            model::run::object_at(data, "agentConfig").insert("_react_workflow_id".into(), id.into());
        }
        _ => {}
    }
}

/// The type word of a node: a text, `NodeType.X`, or `{"value": "x"}`.
pub(crate) fn kind_of(raw: Option<&Value>) -> String {
    match raw {
        Some(Value::String(word)) => match word.strip_prefix("NodeType.") {
            Some(rest) => rest.to_lowercase(),
            None => word.trim().to_owned(),
        },
        Some(Value::Object(map)) => map.get("value").and_then(Value::as_str).unwrap_or_default().trim().to_owned(),
        _ => String::new(),
    }
}

/// The pins of `data.inputs` or `data.outputs`.
pub(crate) fn pins(data: &Map, key: &str) -> Vec<Pin> {
    list(data.get(key))
        .iter()
        .filter_map(|item| {
            let id = text(item.get("id"))?;
            let kind = kind_of(item.get("type"));
            Some(Pin { id, kind })
        })
        .collect()
}

/// A non-blank text, trimmed.
pub(crate) fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
}

/// The items of an array, or none.
pub(crate) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The id of a node, when the object can be one.
fn node_id(object: &Map) -> Option<&str> {
    object.get("id")?.as_str().filter(|id| !id.trim().is_empty())
}

fn node(item: &Value) -> Option<Node<'_>> {
    let object = item.as_object()?;
    let id = node_id(object)?.to_owned();
    let data = object.get("data").and_then(Value::as_object).map(Cow::Borrowed).unwrap_or_default();
    Some(Node { id, kind: kind_of(object.get("type")), data })
}

fn edge(item: &Value) -> Option<Edge> {
    let part = |key: &str| item.get(key)?.as_str().filter(|t| !t.trim().is_empty()).map(str::to_owned);
    Some(Edge {
        source: part("source")?,
        source_handle: part("sourceHandle")?,
        target: part("target")?,
        target_handle: part("targetHandle")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_tolerantly() {
        let raw = json!({"flow_id": "f", "nodes": [
            {"id": "a", "type": "NodeType.IF", "data": 5}, {"id": " ", "type": "x"}, 7, {"id": "b", "type": {"value": "code"}}],
            "edges": [{"source": "a", "target": "b", "sourceHandle": "true", "targetHandle": "exec-in"},
                {"source": "a", "target": "b", "sourceHandle": "", "targetHandle": "exec-in"}]});
        let document = Document::read(&raw, None).unwrap();
        assert_eq!((document.id.as_str(), document.nodes.len(), document.edges.len()), ("f", 2, 1));
        assert_eq!(document.nodes[0].kind, "if");
        assert_eq!(document.nodes[1].kind, "code");
        assert_eq!(Document::read(&json!({}), None).unwrap_err(), "VisualFlow missing required 'id'");
    }

    #[test]
    fn references_inside_the_bundle_are_namespaced() {
        let mut out = json!({"id": "f", "nodes": [
            {"id": "s", "type": "subflow", "data": {"subflowId": " g ", "flowId": "other"}},
            {"id": "a", "type": "agent", "data": {}}]});
        let flows = ["f".to_owned(), "g".to_owned()].into_iter().collect();
        namespace(&mut out, "b@1", "f", &flows);
        assert_eq!(out["id"], "b@1:f");
        assert_eq!(out["nodes"][0]["data"], json!({"subflowId": "b@1:g", "flowId": "other"}));
        assert_eq!(
            out["nodes"][1]["data"]["agentConfig"]["_react_workflow_id"],
            model::id::agent_workflow_id("b@1:f", "a")
        );
        let document = Document::read(&out, None).unwrap();
        assert_eq!(document.nodes[0].data["subflowId"], "b@1:g");
    }
}
