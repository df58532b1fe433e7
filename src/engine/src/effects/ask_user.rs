//! A question to a person (contract 03, section 6.1).

use model::{Map, Run, Value, Wait, WaitReason};

use super::{Decided, boolean, text};

pub(super) fn decide(run: &Run, payload: &Map) -> Decided {
    let Some(prompt) = text(payload, &["prompt"]) else {
        return Decided::Fail("ask_user requires payload.prompt".into());
    };
    let mut wait = Wait::new(WaitReason::User);
    wait.wait_key =
        Some(text(payload, &["wait_key"]).unwrap_or_else(|| format!("user:{}:{}", run.run_id, run.current_node)));
    wait.prompt = Some(prompt);
    wait.choices = payload.get("choices").and_then(Value::as_array).cloned();
    wait.allow_free_text = boolean(payload, &["allow_free_text", "allowFreeText"]).unwrap_or(true);
    Decided::Wait(wait)
}
