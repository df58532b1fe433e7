//! From a document to a plan (contract 04, sections 12 and 14): which nodes execute, what each pin is wired to, where each
//! execution handle leads. Everything a step needs is an index away; nothing is searched at run time.
//!
//! May not know runs. The invariant: a plan that compiles has an entry, and every index in it is valid.

mod edges;
mod lower;
mod nodes;

use std::collections::{HashMap, HashSet, VecDeque};

use model::{Map, Value};

use crate::document::{Document, EXEC_IN, Edge};
pub(crate) use edges::Exits;
pub(crate) use nodes::{Control, EffectNode, Kind, Variable};

/// Why a flow does not compile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct CompileError {
    /// `unknown_node_type`, `node_type_unavailable` or `invalid_flow`.
    pub code: &'static str,
    /// What a client reads.
    pub text: String,
}

impl CompileError {
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self { code: "invalid_flow", text: text.into() }
    }
}

/// A compiled node.
pub(crate) struct PlanNode {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) exec: bool,
    pub(crate) data: Map,
    /// Declared data inputs and outputs, in order.
    pub(crate) inputs: Vec<String>,
    pub(crate) input_kinds: HashMap<String, String>,
    pub(crate) outputs: Vec<String>,
    /// Wired inputs: pin, node, pin of that node. A wire from a missing node has no index.
    pub(crate) wires: Vec<(String, Option<usize>, String)>,
    /// Where execution goes on.
    pub(crate) exits: Exits,
}

impl PlanNode {
    /// `pinDefaults`.
    pub(crate) fn defaults(&self) -> Option<&Map> {
        self.data.get("pinDefaults").and_then(Value::as_object)
    }

    /// A member of a config object of the node.
    pub(crate) fn config(&self, group: &str, key: &str) -> Option<&Value> {
        self.data.get(group)?.get(key).filter(|v| !v.is_null())
    }

    /// Whether a pin is wired.
    pub(crate) fn is_wired(&self, pin: &str) -> bool {
        self.wires.iter().any(|(p, _, _)| p == pin)
    }
}

/// A compiled flow.
pub(crate) struct Plan {
    pub(crate) nodes: Vec<PlanNode>,
    pub(crate) index: HashMap<String, usize>,
    pub(crate) entry: usize,
}

/// Compiles a document.
pub(crate) fn compile(document: &Document) -> Result<Plan, CompileError> {
    let document = lower::lower(document)?;
    let mut index = HashMap::new();
    let mut built = Vec::with_capacity(document.nodes.len());
    for node in &document.nodes {
        let compiled = nodes::compile(node)?;
        if index.insert(node.id.clone(), built.len()).is_some() {
            let text = format!("Node '{}' already exists in flow '{}'", node.id, document.id);
            return Err(CompileError::invalid(text));
        }
        built.push(compiled);
    }
    let exec_edges: Vec<&Edge> = document
        .edges
        .iter()
        .filter(|e| e.target_handle == EXEC_IN)
        .filter(|e| [&e.source, &e.target].into_iter().all(|id| index.get(id).is_some_and(|i| built[*i].exec)))
        .collect();
    let entry = entry(&document, &built, &index, &exec_edges)?;
    let reached = reachable(entry, &index, &exec_edges);
    wire(&document, &mut built, &index)?;
    for (i, node) in built.iter_mut().enumerate().filter(|(i, n)| n.exec && reached.contains(i)) {
        let out: Vec<(&str, usize)> = exec_edges
            .iter()
            .filter(|e| index.get(&e.source) == Some(&i))
            .filter_map(|e| Some((e.source_handle.as_str(), *index.get(&e.target)?)))
            .collect();
        node.exits = edges::exits(node, &out)?;
    }
    Ok(Plan { nodes: built, index, entry })
}

fn entry(
    document: &Document,
    nodes: &[PlanNode],
    index: &HashMap<String, usize>,
    exec_edges: &[&Edge],
) -> Result<usize, CompileError> {
    let named = document.entry.as_ref().and_then(|id| index.get(id)).copied().filter(|i| nodes[*i].exec);
    let targets: HashSet<&str> = exec_edges.iter().map(|e| e.target.as_str()).collect();
    let exec = || nodes.iter().enumerate().filter(|(_, n)| n.exec);
    named
        .or_else(|| exec().find(|(_, n)| !targets.contains(n.id.as_str())).map(|(i, _)| i))
        .or_else(|| exec().next().map(|(i, _)| i))
        .ok_or_else(|| CompileError::invalid("Invalid flow: Flow must have an entry node"))
}

fn reachable(entry: usize, index: &HashMap<String, usize>, exec_edges: &[&Edge]) -> HashSet<usize> {
    let mut next: HashMap<usize, Vec<usize>> = HashMap::new();
    for edge in exec_edges {
        if let (Some(from), Some(to)) = (index.get(&edge.source), index.get(&edge.target)) {
            next.entry(*from).or_default().push(*to);
        }
    }
    let (mut reached, mut queue) = (HashSet::from([entry]), VecDeque::from([entry]));
    while let Some(at) = queue.pop_front() {
        for to in next.get(&at).into_iter().flatten() {
            if reached.insert(*to) {
                queue.push_back(*to);
            }
        }
    }
    reached
}

/// Data edges: at most one a pin.
fn wire(document: &Document, nodes: &mut [PlanNode], index: &HashMap<String, usize>) -> Result<(), CompileError> {
    for edge in document.edges.iter().filter(|e| e.is_data()) {
        let Some(target) = index.get(&edge.target) else { continue };
        let node = &mut nodes[*target];
        if let Some((_, source, pin)) = node.wires.iter().find(|(p, _, _)| *p == edge.target_handle) {
            let first = source.map_or("?", |s| document.nodes[s].id.as_str());
            return Err(CompileError::invalid(format!(
                "Multiple data edges target the same input pin. Target '{}.{}' is already wired from '{first}.{pin}' and \
                 cannot also be wired from '{}.{}'. Use multi-entry route overrides for per-execution-path values instead \
                 of wiring duplicate data inputs.",
                edge.target, edge.target_handle, edge.source, edge.source_handle
            )));
        }
        let source = index.get(&edge.source).copied();
        node.wires.push((edge.target_handle.clone(), source, edge.source_handle.clone()));
    }
    Ok(())
}
