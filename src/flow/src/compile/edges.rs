//! Where execution goes on after a node (contract 04, section 12.4).

use std::collections::HashMap;

use super::nodes::{Control, Kind};
use super::{CompileError, PlanNode};

/// The outgoing execution edges of a node.
#[derive(Debug, Default)]
pub(crate) enum Exits {
    /// None.
    #[default]
    Terminal,
    /// One plain edge.
    Linear(usize),
    /// By handle.
    Handles(HashMap<String, usize>),
    /// `then:<n>` in order, and `completed`.
    Branches {
        /// Handle and target, in order of their number.
        then: Vec<(String, usize)>,
        /// After the last.
        completed: Option<usize>,
    },
}

impl Exits {
    /// The plain successor.
    pub(crate) fn next(&self) -> Option<usize> {
        match self {
            Self::Linear(next) => Some(*next),
            _ => None,
        }
    }

    /// The successor at a handle.
    pub(crate) fn at(&self, handle: &str) -> Option<usize> {
        match self {
            Self::Handles(map) => map.get(handle).copied(),
            Self::Linear(next) if handle == "exec-out" => Some(*next),
            _ => None,
        }
    }
}

pub(super) fn exits(node: &PlanNode, out: &[(&str, usize)]) -> Result<Exits, CompileError> {
    match &node.kind {
        Kind::Control(Control::Sequence | Control::Parallel) => branches(node, out),
        Kind::Control(Control::Loop | Control::For | Control::While) => {
            allowed(node, out, &|h| matches!(h, "loop" | "done"))?;
            Ok(Exits::Handles(collect(out)))
        }
        Kind::Control(Control::Join) if out.is_empty() => {
            Err(CompileError::invalid(format!("Join Exec node '{}' must have an outgoing exec edge.", node.id)))
        }
        _ => plain(node, out),
    }
}

fn collect(out: &[(&str, usize)]) -> HashMap<String, usize> {
    out.iter().map(|(handle, to)| ((*handle).to_owned(), *to)).collect()
}

fn allowed(node: &PlanNode, out: &[(&str, usize)], is: &dyn Fn(&str) -> bool) -> Result<(), CompileError> {
    let bad: Vec<_> = out.iter().map(|(h, _)| *h).filter(|h| !is(h)).map(|h| format!("'{h}'")).collect();
    if bad.is_empty() {
        return Ok(());
    }
    let text = format!("Control node '{}' has unsupported execution outputs: [{}]", node.id, bad.join(", "));
    Err(CompileError::invalid(text))
}

fn branches(node: &PlanNode, out: &[(&str, usize)]) -> Result<Exits, CompileError> {
    let parallel = matches!(node.kind, Kind::Control(Control::Parallel));
    let declared = |handle: &str| node.branches.iter().any(|o| o == handle);
    allowed(node, out, &|h| (h.starts_with("then:") && declared(h)) || (parallel && h == "completed"))?;
    let map = collect(out);
    let mut then: Vec<(i64, &String, usize)> =
        map.iter().filter_map(|(h, to)| Some((h.strip_prefix("then:")?.parse().unwrap_or(i64::MAX), h, *to))).collect();
    then.sort();
    let then = then.into_iter().map(|(_, handle, to)| (handle.clone(), to)).collect();
    Ok(Exits::Branches { then, completed: map.get("completed").copied() })
}

fn plain(node: &PlanNode, out: &[(&str, usize)]) -> Result<Exits, CompileError> {
    let branch = |h: &str| matches!(h, "true" | "false" | "default") || h.starts_with("case:");
    let unsupported = || {
        let text = format!("Node '{}' has multiple outgoing edges. Branching is not yet supported.", node.id);
        CompileError::invalid(text)
    };
    match out {
        [] => Ok(Exits::Terminal),
        [("exec-out", to)] => Ok(Exits::Linear(*to)),
        [(handle, _)] if branch(handle) => Ok(Exits::Handles(collect(out))),
        [(handle, _)] => Err(CompileError::invalid(format!(
            "Node '{}' has unsupported branching output '{handle}'. Branching is not yet supported.",
            node.id
        ))),
        many => {
            let map = collect(many);
            let pair = many.iter().all(|(h, _)| matches!(*h, "true" | "false"));
            let cases = many.iter().all(|(h, _)| *h == "default" || h.starts_with("case:"));
            if map.len() == many.len() && (pair || cases) { Ok(Exits::Handles(map)) } else { Err(unsupported()) }
        }
    }
}
