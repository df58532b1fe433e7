//! Node types by name: what each is, and whether a node of it executes or only computes (contract 04, section 12.1).

use model::Map;

use super::{CompileError, Exits, PlanNode};
use crate::document::{EXECUTION, Node, pins};
use crate::nodes::values::{ValueNode, find_node};

/// What a node does.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Computes a value.
    Value(&'static ValueNode),
    /// Where a run starts: passes the run's inputs on.
    Start,
    /// `on_user_request`, `on_agent_message`: a start with fixed outputs.
    Entry(&'static [(&'static str, &'static str)]),
    /// Ends the run.
    End,
    /// Directs execution.
    Control(Control),
    /// Changes variables.
    Variable(Variable),
    /// Asks the engine for an effect.
    Effect(EffectNode),
    /// Puts facts of the graph into the run's active memory.
    MemAct,
    /// Runs the agent loop as a child.
    Agent,
    /// Nothing we can run: harmless until something reaches it.
    Unknown(Unknown),
}

/// Why a node's type cannot run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// The contract does not name it.
    Type,
    /// The contract names it, this version does not have it.
    Unavailable,
}

/// Nodes that direct execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the contract's words")]
pub(crate) enum Control {
    If,
    Switch,
    Loop,
    For,
    While,
    Sequence,
    Parallel,
    Join,
}

/// Nodes that change variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    Set,
    SetProperty,
    SetMany,
    AddMessage,
}

/// Nodes that ask for an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EffectNode {
    AskUser,
    AnswerUser,
    WaitUntil,
    WaitEvent,
    EmitEvent,
    OnEvent,
    OnSchedule,
    LlmCall,
    ToolCalls,
    CallTool,
    Subflow,
    Memory(MemoryNode),
    KgAssert,
    KgQuery,
    KgResolve,
    ModelResidency,
}

/// Nodes on notes and archived conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the contract's words")]
pub(crate) enum MemoryNode {
    Note,
    Query,
    Tag,
    Compact,
    Rehydrate,
}

/// Types of the contract that this version cannot run.
const UNAVAILABLE: &[&str] = &[
    "code",
    "function",
    "generate_image",
    "edit_image",
    "image_to_image",
    "upscale_image",
    "image_upscale",
    "generate_video",
    "text_to_video",
    "image_to_video",
    "generate_voice",
    "generate_music",
    "transcribe_audio",
    "listen_voice",
    "read_file",
    "write_file",
    "read_pdf",
    "write_pdf",
    "list_folder_files",
    "import_workspace_file",
    "read_artifact",
    "export_artifact",
    "provider_catalog",
    "provider_models",
    "model_catalog",
];

/// The behaviour of a type.
fn kind(name: &str) -> Option<Kind> {
    use {Control as C, EffectNode as E, MemoryNode as M, Variable as V};
    Some(match name {
        "on_flow_start" => Kind::Start,
        "on_user_request" => Kind::Entry(&[("message", "\"\""), ("context", "{}")]),
        "on_agent_message" => Kind::Entry(&[("sender", "\"unknown\""), ("message", "\"\""), ("channel", "\"\"")]),
        "on_flow_end" => Kind::End,
        "if" => Kind::Control(C::If),
        "switch" => Kind::Control(C::Switch),
        "loop" => Kind::Control(C::Loop),
        "for" => Kind::Control(C::For),
        "while" => Kind::Control(C::While),
        "sequence" => Kind::Control(C::Sequence),
        "parallel" => Kind::Control(C::Parallel),
        "join_exec" => Kind::Control(C::Join),
        "set_var" => Kind::Variable(V::Set),
        "set_var_property" => Kind::Variable(V::SetProperty),
        "set_vars" => Kind::Variable(V::SetMany),
        "ask_user" => Kind::Effect(E::AskUser),
        "answer_user" => Kind::Effect(E::AnswerUser),
        "wait_until" => Kind::Effect(E::WaitUntil),
        "wait_event" => Kind::Effect(E::WaitEvent),
        "emit_event" => Kind::Effect(E::EmitEvent),
        "on_event" => Kind::Effect(E::OnEvent),
        "on_schedule" => Kind::Effect(E::OnSchedule),
        "llm_call" => Kind::Effect(E::LlmCall),
        "tool_calls" => Kind::Effect(E::ToolCalls),
        "call_tool" => Kind::Effect(E::CallTool),
        "subflow" => Kind::Effect(E::Subflow),
        "memory_note" => Kind::Effect(E::Memory(M::Note)),
        "memory_query" => Kind::Effect(E::Memory(M::Query)),
        "memory_tag" => Kind::Effect(E::Memory(M::Tag)),
        "memory_compact" => Kind::Effect(E::Memory(M::Compact)),
        "memory_rehydrate" => Kind::Effect(E::Memory(M::Rehydrate)),
        "memory_kg_assert" => Kind::Effect(E::KgAssert),
        "memory_kg_query" => Kind::Effect(E::KgQuery),
        "memory_kg_resolve" => Kind::Effect(E::KgResolve),
        "model_residency" => Kind::Effect(E::ModelResidency),
        "memact_compose" => Kind::MemAct,
        "agent" => Kind::Agent,
        other => Kind::Value(find_node(other)?),
    })
}

/// Compiles a node by itself. An unknown type is not refused here: only a node that a run can reach matters.
pub(super) fn compile(node: &Node<'_>) -> PlanNode {
    let unknown = || if UNAVAILABLE.contains(&node.kind.as_str()) { Unknown::Unavailable } else { Unknown::Type };
    let mut kind = kind(&node.kind).unwrap_or_else(|| Kind::Unknown(unknown()));
    let (inputs, outputs) = (pins(&node.data, "inputs"), pins(&node.data, "outputs"));
    let exec = match kind {
        Kind::Control(Control::Join) => true,
        _ if !inputs.is_empty() || !outputs.is_empty() => inputs.iter().chain(&outputs).any(|p| p.kind == EXECUTION),
        Kind::Value(value) => !value.pure_without_pins,
        _ => true,
    };
    if exec && node.kind == "add_message" {
        kind = Kind::Variable(Variable::AddMessage);
    }
    let data_pins = |pins: &[crate::document::Pin]| -> Vec<String> {
        pins.iter().filter(|p| p.kind != EXECUTION).map(|p| p.id.clone()).collect()
    };
    let branches = match kind {
        Kind::Control(Control::Sequence | Control::Parallel) => {
            outputs.iter().filter(|p| p.kind == EXECUTION).map(|p| p.id.clone()).collect()
        }
        _ => Vec::new(),
    };
    let value_kind = inputs.iter().find(|p| p.id == "value").map(|p| p.kind.clone());
    PlanNode {
        id: node.id.clone(),
        unknown_type: matches!(kind, Kind::Unknown(_)).then(|| node.kind.clone()),
        kind,
        exec,
        inputs: data_pins(&inputs),
        value_kind,
        outputs: data_pins(&outputs),
        branches,
        data: read_by_steps(&node.data),
        wires: Vec::new(),
        fallbacks: Vec::new(),
        wanted: Vec::new(),
        exits: Exits::Terminal,
    }
}

/// What is in a node's data besides what is compiled from it, and what is for the editor only. Copied, not moved: what is
/// kept of a large flow would else hold on to the memory of all of it.
fn read_by_steps(data: &Map) -> Map {
    let kept = |key: &str| {
        !["inputs", "outputs", "label", "description", "icon", "headerColor", "nodeType", "position", "style"]
            .contains(&key)
    };
    let members: Vec<_> = data.iter().filter(|(key, _)| kept(key)).collect();
    let mut own = Map::with_capacity(members.len());
    own.extend(members.into_iter().map(|(key, value)| (key.clone(), value.clone())));
    own
}

/// Refuses a node that cannot run.
pub(super) fn refuse(node: &PlanNode) -> Result<(), CompileError> {
    let Kind::Unknown(why) = node.kind else { return Ok(()) };
    let (code, what) = match why {
        Unknown::Type => ("unknown_node_type", "is not a known node type"),
        Unknown::Unavailable => ("node_type_unavailable", "is not available in this version"),
    };
    let name = node.unknown_type.as_deref().unwrap_or_default();
    Err(CompileError { code, text: format!("node '{}': '{name}' {what}", node.id) })
}
