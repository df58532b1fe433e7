//! What a model call leaves in the run besides its result: token accounting, and the turn when the call asks for it.

use model::run::object_at;
use model::workflow::PlanContext;
use model::{Map, Run, Value};
use serde_json::json;

use super::{boolean, text};

/// Accounts for a completed call.
pub(crate) fn settle(run: &mut Run, payload: &Map, result: &Value, ctx: &PlanContext) {
    let usage = result.get("usage");
    let used = ["input_tokens", "prompt_tokens", "total_tokens"]
        .iter()
        .find_map(|k| usage?.get(*k)?.as_i64().filter(|n| *n > 0));
    if let Some(used) = used {
        run.namespace("_limits").insert("estimated_tokens_used".into(), used.into());
    }
    if boolean(payload, &["include_context", "use_context"]).unwrap_or(false) {
        append_turn(run, payload, result, ctx);
    }
}

fn append_turn(run: &mut Run, payload: &Map, result: &Value, ctx: &PlanContext) {
    let asked = text(payload, &["prompt", "text"]).or_else(|| {
        let messages = payload.get("messages")?.as_array()?;
        let last = messages.iter().rev().find(|m| m.get("role").and_then(Value::as_str) == Some("user"))?;
        last.get("content")?.as_str().map(str::to_owned)
    });
    let answered = result
        .get("content")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .or_else(|| result.get("data").filter(|d| !d.is_null()).map(Value::to_string));
    let node = run.current_node.clone();
    let context = run.namespace("context");
    if !context.get("messages").is_some_and(Value::is_array) {
        context.insert("messages".into(), json!([]));
    }
    let Some(Value::Array(messages)) = context.get_mut("messages") else { return };
    for (role, content) in [("user", asked.map(|a| without_envelope(&a).to_owned())), ("assistant", answered)] {
        let Some(content) = content.filter(|c| !c.is_empty()) else { continue };
        let mut message = Map::new();
        message.insert("role".into(), role.into());
        message.insert("content".into(), content.into());
        message.insert("timestamp".into(), json!(ctx.now));
        let metadata = object_at(&mut message, "metadata");
        metadata.insert("message_id".into(), format!("msg_{}", ctx.random_hex()).into());
        metadata.insert("kind".into(), "llm_turn".into());
        metadata.insert("node_id".into(), node.clone().into());
        messages.push(Value::Object(message));
    }
}

/// The text after a leading `<runtime_metadata>` line: the envelope is for the model, not for the conversation.
fn without_envelope(text: &str) -> &str {
    match text.strip_prefix("<runtime_metadata>").and_then(|rest| rest.split_once("</runtime_metadata>")) {
        Some((_, rest)) => rest.trim_start_matches('\n'),
        None => text,
    }
}
