//! From a document to a plan (contract 04, sections 12 and 14): which nodes execute, what each pin is wired to, where each
//! execution handle leads. Everything a step needs is an index away; nothing is searched at run time.
//!
//! May not know runs. The invariant: a plan that compiles has an entry, and every index in it is valid.

mod edges;
mod lower;
mod nodes;

use std::collections::{HashMap, HashSet};

use model::{Map, Value};

use crate::document::{Document, EXEC_IN, Edge, text};
pub(crate) use edges::Exits;
pub(crate) use nodes::{Control, EffectNode, Kind, MemoryNode, Variable};

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

/// A wired input.
pub(crate) struct Wire {
    /// The pin.
    pub(crate) pin: String,
    /// The node it comes from; none when the document has no such node: such a wire never resolves.
    pub(crate) source: Option<usize>,
    /// The pin of that node.
    pub(crate) handle: String,
}

/// The authored value of an input that no wire leads to.
pub(crate) struct Fallback {
    /// The pin.
    pub(crate) pin: String,
    /// Its value.
    pub(crate) value: Value,
    /// A declared pin's value beats the ambient payload, an undeclared one's does not.
    pub(crate) declared: bool,
}

/// A compiled node.
pub(crate) struct PlanNode {
    pub(crate) id: String,
    /// The name of its type, when that is none we can run.
    pub(crate) unknown_type: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) exec: bool,
    /// What steps read of its data.
    pub(crate) data: Map,
    /// Declared data inputs and outputs, in order.
    pub(crate) inputs: Vec<String>,
    /// The declared type of the input `value`.
    pub(crate) value_kind: Option<String>,
    pub(crate) outputs: Vec<String>,
    /// Declared execution outputs of nodes with branches.
    pub(crate) branches: Vec<String>,
    pub(crate) wires: Vec<Wire>,
    pub(crate) fallbacks: Vec<Fallback>,
    /// The pins of this node that wires start at.
    pub(crate) wanted: Vec<String>,
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
        self.wires.iter().any(|w| w.pin == pin)
    }

    /// Whether some wire starts at one of these pins. Wires at `result` and `output` may mean the whole.
    pub(crate) fn wants(&self, pins: &[&str]) -> bool {
        self.wanted.iter().any(|w| pins.contains(&w.as_str()))
    }
}

/// A compiled flow.
pub(crate) struct Plan {
    pub(crate) nodes: Vec<PlanNode>,
    /// The nodes a run can stand on.
    pub(crate) index: HashMap<String, usize>,
    pub(crate) entry: usize,
    /// Effect nodes that copy their outputs to a variable, and the variable's path.
    pub(crate) copies: Vec<(usize, String)>,
}

/// Compiles a document.
pub(crate) fn compile(mut document: Document<'_>) -> Result<Plan, CompileError> {
    lower::lower(&mut document)?;
    let mut nodes: Vec<PlanNode> = document.nodes.iter().map(nodes::compile).collect();
    let ids = ids(&document, &nodes)?;
    let exec: Vec<(&Edge, usize, usize)> = document
        .edges
        .iter()
        .filter(|e| e.target_handle == EXEC_IN)
        .filter_map(|e| Some((e, *ids.get(&e.source)?, *ids.get(&e.target)?)))
        .filter(|(_, from, to)| nodes[*from].exec && nodes[*to].exec)
        .collect();
    let entry = entry(&document, &nodes, &ids, &exec)?;
    let mut leaving: Vec<Vec<(&str, usize)>> = vec![Vec::new(); nodes.len()];
    for (edge, from, to) in &exec {
        leaving[*from].push((edge.source_handle.as_str(), *to));
    }
    let reached = reachable(&[entry], |at| leaving[at].iter().map(|(_, to)| *to).collect());
    wire(&document, &mut nodes, &ids)?;
    let feeding = |at: usize| {
        let sources = nodes[at].wires.iter().filter_map(|w| w.source);
        sources.filter(|s| !nodes[*s].exec).collect()
    };
    let mut used: Vec<usize> = reachable(&reached, feeding);
    used.sort_unstable();
    used.iter().try_for_each(|at| nodes::refuse(&nodes[*at]))?;
    for at in &reached {
        nodes[*at].exits = edges::exits(&nodes[*at], &leaving[*at])?;
    }
    let copies = reached
        .iter()
        .filter(|at| matches!(nodes[**at].kind, Kind::Effect(_)))
        .filter_map(|at| Some((*at, text(nodes[*at].data.get("outputKey")).filter(|key| !key.starts_with('_'))?)))
        .collect();
    let index = reached.iter().map(|at| (nodes[*at].id.clone(), *at)).collect();
    Ok(Plan { nodes, index, entry, copies })
}

/// Where each node is: the first, of several that only compute.
fn ids(document: &Document<'_>, nodes: &[PlanNode]) -> Result<HashMap<String, usize>, CompileError> {
    let mut ids: HashMap<String, usize> = HashMap::with_capacity(nodes.len());
    for (at, node) in nodes.iter().enumerate() {
        let earlier = ids.entry(node.id.clone()).or_insert(at);
        if *earlier != at && (nodes[at].exec || nodes[*earlier].exec) {
            let text = format!("Node '{}' already exists in flow '{}'", node.id, document.id);
            return Err(CompileError::invalid(text));
        }
    }
    Ok(ids)
}

fn entry(
    document: &Document<'_>,
    nodes: &[PlanNode],
    ids: &HashMap<String, usize>,
    exec: &[(&Edge, usize, usize)],
) -> Result<usize, CompileError> {
    let named = document.entry.as_ref().and_then(|id| ids.get(id)).copied().filter(|at| nodes[*at].exec);
    let targets: HashSet<usize> = exec.iter().map(|(_, _, to)| *to).collect();
    let all = || (0..nodes.len()).filter(|at| nodes[*at].exec);
    named
        .or_else(|| all().find(|at| !targets.contains(at)))
        .or_else(|| all().next())
        .ok_or_else(|| CompileError::invalid("Invalid flow: Flow must have an entry node"))
}

/// Everything `next` leads to, the roots included.
fn reachable(roots: &[usize], next: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    let mut seen: HashSet<usize> = roots.iter().copied().collect();
    let mut found = roots.to_vec();
    let mut at = 0;
    while let Some(from) = found.get(at).copied() {
        found.extend(next(from).into_iter().filter(|to| seen.insert(*to)));
        at += 1;
    }
    found
}

/// Data edges, at most one a pin, and the authored values of the pins without one.
fn wire(document: &Document<'_>, nodes: &mut [PlanNode], ids: &HashMap<String, usize>) -> Result<(), CompileError> {
    let mut taken: HashMap<(usize, &str), &Edge> = HashMap::new();
    for edge in document.edges.iter().filter(|e| e.is_data()) {
        let Some(target) = ids.get(&edge.target).copied() else { continue };
        if let Some(first) = taken.insert((target, &edge.target_handle), edge) {
            return Err(CompileError::invalid(format!(
                "Multiple data edges target the same input pin. Target '{}.{}' is already wired from '{}.{}' and cannot \
                 also be wired from '{}.{}'. Use multi-entry route overrides for per-execution-path values instead of \
                 wiring duplicate data inputs.",
                edge.target, edge.target_handle, first.source, first.source_handle, edge.source, edge.source_handle
            )));
        }
        let source = ids.get(&edge.source).copied();
        if let Some(source) = source.filter(|s| !nodes[*s].wanted.contains(&edge.source_handle)) {
            nodes[source].wanted.push(edge.source_handle.clone());
        }
        let (pin, handle) = (edge.target_handle.clone(), edge.source_handle.clone());
        nodes[target].wires.push(Wire { pin, source, handle });
    }
    for (at, node) in nodes.iter_mut().enumerate() {
        let free = node.defaults().into_iter().flatten().filter(|(pin, _)| !taken.contains_key(&(at, pin.as_str())));
        let fallback = |(pin, value): (&String, &Value)| Fallback {
            pin: pin.clone(),
            value: value.clone(),
            declared: node.inputs.contains(pin),
        };
        node.fallbacks = free.map(fallback).collect();
    }
    Ok(())
}
