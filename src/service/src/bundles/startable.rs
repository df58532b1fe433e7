//! What is worked out of a flow when it is loaded, so that starting it reads and compiles nothing: the loops of its agent
//! nodes, its listeners, and the snapshot its runs keep (contract 02, 11.4; 04, 17.4; 07, 1.1).
//!
//! May not know: runs. The one invariant: a flow is startable with everything it starts, or not at all.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use agent::AgentLoop;
use flow::{Document, Program, namespace};
use model::json::{Layout, write};
use model::workflow::Workflow;
use model::{Map, Value};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// Workflows by id.
pub(super) type Programs = HashMap<String, Arc<dyn Workflow>>;

/// What a start of a flow needs besides its program.
pub(crate) struct Startable {
    /// The workflows that listen for events on behalf of its runs.
    pub(crate) listeners: Vec<Arc<dyn Workflow>>,
    /// What a run remembers of the flow it was started with.
    pub(crate) snapshot: Snapshot,
}

/// A flow as it was when a run started.
pub(crate) struct Snapshot {
    /// The document.
    pub(crate) content: Vec<u8>,
    /// A hash of it that does not depend on the order of keys.
    pub(crate) sha256: String,
    /// Where it is stored, once a run was started.
    pub(crate) artifact_id: OnceLock<String>,
}

/// A flow of a bundle on its way in.
pub(super) struct Source<'a> {
    /// As it was authored.
    pub(super) raw: Value,
    pub(super) bundle_ref: &'a str,
    pub(super) flow_id: &'a str,
    pub(super) flows: &'a BTreeSet<String>,
}

/// Compiles a flow under its full id, works the rest out, and puts program, loops and listeners among the workflows.
///
/// # Errors
/// Code and text of what is wrong with the flow or a listener of it; then nothing was put anywhere.
pub(super) fn register(mut source: Source<'_>, into: &mut Programs) -> Result<Startable, (String, String)> {
    namespace(&mut source.raw, source.bundle_ref, source.flow_id, source.flows);
    let (snapshot, raw) = snapshot(source);
    let programs = compile(raw)?;
    for (workflow_id, tools) in programs.iter().flat_map(agents) {
        let agent = AgentLoop::new(workflow_id.clone(), agent::specs(), tools);
        into.insert(workflow_id, Arc::new(agent));
    }
    let shared: Vec<Arc<dyn Workflow>> = programs.into_iter().map(|p| Arc::new(p) as Arc<dyn Workflow>).collect();
    into.extend(shared.iter().map(|w| (w.id().to_owned(), w.clone())));
    Ok(Startable { listeners: shared.into_iter().skip(1).collect(), snapshot })
}

/// The program of a flow, then those of its listeners.
fn compile(raw: Value) -> Result<Vec<Program>, (String, String)> {
    let refused = |e: flow::CompileError| (e.code.to_owned(), e.text);
    let document = Document::read(raw, None).map_err(|text| ("invalid_flow".to_owned(), text))?;
    let listeners = Program::listeners(&document);
    let program = Program::compile(document).map_err(refused)?;
    let listeners = listeners.map_err(refused)?;
    Ok(std::iter::once(program).chain(listeners.into_iter().map(|(_, listener)| listener)).collect())
}

/// The loops of a program's agent nodes: workflow id, and the tools used when the starter names none.
fn agents(program: &Program) -> Vec<(String, Option<Vec<String>>)> {
    let tools = |config: &Map| -> Option<Vec<String>> {
        let list = config.get("tools")?.as_array()?;
        Some(
            list.iter()
                .filter_map(|t| t.as_str().map(str::trim))
                .filter(|t| !t.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    };
    program.agents().map(|(node, id)| (id, program.agent_config(node).and_then(tools))).collect()
}

/// The snapshot of a flow whose names are full, and the flow itself again.
fn snapshot(source: Source<'_>) -> (Snapshot, Value) {
    let mut document = json!({
        "kind": "visualflow_json", "bundle_ref": source.bundle_ref, "flow_id": source.flow_id, "visualflow": null,
    });
    // Not by the macro, which would copy it.
    document["visualflow"] = source.raw;
    let sorted = write(&document, Layout::COMPACT.sorted());
    let snapshot = Snapshot {
        content: write(&document, Layout::COMPACT).into_bytes(),
        sha256: hex::encode(Sha256::digest(sorted.as_bytes())),
        artifact_id: OnceLock::new(),
    };
    (snapshot, document["visualflow"].take())
}
