//! The effects that happen inside the engine, one file each. Each decides from the run and the payload; none acts.

mod answer_user;
mod ask_user;
pub(crate) mod emit_event;
pub(crate) mod llm_call;
pub(crate) mod start_subworkflow;
mod vars_query;
mod wait_event;
mod wait_until;

use model::workflow::PlanContext;
use model::{Effect, EffectKind, Map, Run, Value, Wait};

/// What an effect comes to.
pub(crate) enum Decided {
    /// It is done.
    Done(Value),
    /// The run waits.
    Wait(Wait),
    /// It fails.
    Fail(String),
    /// An event leaves for its listeners.
    Emit(emit_event::Emission),
    /// A child starts.
    Child(Box<start_subworkflow::Child>),
    /// What is kept in memory is needed, or changes.
    Memory,
    /// The world is needed.
    Outside,
}

/// Decides an effect.
pub(crate) fn decide(run: &Run, effect: &Effect, next: Option<&str>, ctx: &PlanContext) -> Decided {
    let payload = &effect.payload;
    let wait = |mut wait: Wait| {
        wait.resume_to_node = text(payload, &["resume_to_node"]).or_else(|| next.map(str::to_owned));
        wait.result_key.clone_from(&effect.result_key);
        wait
    };
    let decided = match effect.kind {
        EffectKind::AskUser => ask_user::decide(run, payload),
        EffectKind::AnswerUser => answer_user::decide(payload),
        EffectKind::WaitEvent => wait_event::decide(run, payload),
        EffectKind::WaitUntil => wait_until::decide(payload, ctx),
        EffectKind::EmitEvent => emit_event::decide(run, payload, ctx),
        EffectKind::VarsQuery => vars_query::decide(run, payload),
        EffectKind::StartSubworkflow => start_subworkflow::decide(run, payload, ctx),
        EffectKind::LlmCall | EffectKind::ToolCalls | EffectKind::MemoryCompact | EffectKind::ModelResidency => {
            Decided::Outside
        }
        EffectKind::MemoryNote
        | EffectKind::MemoryQuery
        | EffectKind::MemoryTag
        | EffectKind::MemoryRehydrate
        | EffectKind::MemoryKgAssert
        | EffectKind::MemoryKgQuery
        | EffectKind::MemoryKgResolve => Decided::Memory,
        other => Decided::Fail(format!("No effect handler registered for {}", other.as_str())),
    };
    match decided {
        Decided::Wait(w) => Decided::Wait(wait(w)),
        Decided::Child(mut child) => {
            child.wait = child.wait.map(wait);
            Decided::Child(child)
        }
        other => other,
    }
}

/// The first non-blank text under one of several names.
pub(crate) fn text(payload: &Map, names: &[&str]) -> Option<String> {
    names.iter().find_map(|n| payload.get(*n)?.as_str().map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned))
}

/// A boolean that may come as `true`, `1`, `"yes"` …
pub(crate) fn boolean(payload: &Map, names: &[&str]) -> Option<bool> {
    names.iter().find_map(|n| match payload.get(*n)? {
        Value::Bool(b) => Some(*b),
        Value::Number(n) => Some(n.as_f64() != Some(0.0)),
        Value::String(s) => Some(matches!(s.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on" | "y")),
        _ => None,
    })
}

/// One entry of a tool-result envelope.
pub(crate) fn envelope(payload: &Map, default_tool: &str, default_call: &str, outcome: Result<Value, String>) -> Value {
    let name = text(payload, &["tool_name", "toolName"]).unwrap_or_else(|| default_tool.to_owned());
    let call_id = text(payload, &["call_id", "callId"]).unwrap_or_else(|| default_call.to_owned());
    let (success, output, error) = match outcome {
        Ok(output) => (true, output, Value::Null),
        Err(error) => (false, Value::Null, Value::String(error)),
    };
    serde_json::json!({"mode": "executed", "results": [
        {"call_id": call_id, "name": name, "success": success, "output": output, "error": error}
    ]})
}
