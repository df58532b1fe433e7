//! What is worked out of a flow when it is loaded, so that starting it compiles nothing: the loops of its agent nodes and
//! its listeners. And what is worked out at its first start: the snapshot its runs keep (contract 02, 11.4; 04, 17.4;
//! 07, 1.1).
//!
//! May not know: runs. The one invariant: a flow is startable with everything it starts, or not at all.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use agent::AgentLoop;
use flow::bundle::Bundle;
use flow::{Document, Program, namespace};
use model::json::{Layout, write};
use model::workflow::Workflow;
use model::{Map, Value};
use parking_lot::Mutex;
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// Workflows by id.
pub(super) type Programs = HashMap<String, Arc<dyn Workflow>>;

/// What a start of a flow needs besides its program.
pub(crate) struct Startable {
    /// The workflows that listen for events on behalf of its runs.
    pub(crate) listeners: Vec<Arc<dyn Workflow>>,
    /// What a run remembers of the flow it was started with, once one was. Held while it is made: that is done once.
    pub(crate) snapshot: Mutex<Option<Arc<Stored>>>,
}

/// A stored snapshot.
pub(crate) struct Stored {
    /// The hash of the snapshot.
    pub(crate) sha256: String,
    /// Where it is.
    pub(crate) artifact_id: String,
}

/// A flow as it was when a run started.
pub(crate) struct Snapshot {
    /// The document.
    pub(crate) content: Vec<u8>,
    /// A hash of it that does not depend on the order of keys.
    pub(crate) sha256: String,
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
    let programs = compile(&source.raw)?;
    for (workflow_id, tools) in programs.iter().flat_map(agents) {
        let agent = AgentLoop::new(workflow_id.clone(), agent::specs(), tools);
        into.insert(workflow_id, Arc::new(agent));
    }
    let shared: Vec<Arc<dyn Workflow>> = programs.into_iter().map(|p| Arc::new(p) as Arc<dyn Workflow>).collect();
    into.extend(shared.iter().map(|w| (w.id().to_owned(), w.clone())));
    Ok(Startable { listeners: shared.into_iter().skip(1).collect(), snapshot: Mutex::default() })
}

/// The program of a flow, then those of its listeners.
fn compile(raw: &Value) -> Result<Vec<Program>, (String, String)> {
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

/// The snapshot of a flow of a bundle.
pub(crate) fn snapshot(bundle: &Bundle, bundle_ref: &str, flow_id: &str) -> Option<Snapshot> {
    let mut visualflow = bundle.flows.get(flow_id)?.value();
    namespace(&mut visualflow, bundle_ref, flow_id, &bundle.flows.keys().cloned().collect());
    let mut document = json!({
        "kind": "visualflow_json", "bundle_ref": bundle_ref, "flow_id": flow_id, "visualflow": null,
    });
    // Not by the macro, which would copy it.
    document["visualflow"] = visualflow;
    let sorted = write(&document, Layout::COMPACT.sorted());
    let sha256 = hex::encode(Sha256::digest(sorted.as_bytes()));
    Some(Snapshot { content: write(&document, Layout::COMPACT).into_bytes(), sha256 })
}
