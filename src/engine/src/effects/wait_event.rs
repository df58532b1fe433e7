//! Waiting for a named event.

use model::{Map, Run, Value, Wait, WaitReason};

use super::emit_event::event_key;
use super::{Decided, boolean, text};

pub(super) fn decide(run: &Run, payload: &Map) -> Decided {
    let key = match text(payload, &["wait_key"]) {
        Some(key) => key,
        None => match text(payload, &["name", "event_name"]) {
            None => return Decided::Fail("wait_event requires payload.wait_key or payload.name".into()),
            Some(name) => match event_key(run, payload, &name) {
                Ok(key) => key,
                Err(why) => return Decided::Fail(format!("wait_event invalid payload: {why}")),
            },
        },
    };
    let mut wait = Wait::new(WaitReason::Event);
    wait.wait_key = Some(key);
    wait.prompt = text(payload, &["prompt"]);
    wait.choices = payload.get("choices").and_then(Value::as_array).map(|choices| {
        choices.iter().filter_map(Value::as_str).map(str::trim).filter(|c| !c.is_empty()).map(Value::from).collect()
    });
    wait.allow_free_text = boolean(payload, &["allow_free_text", "allowFreeText"]).unwrap_or(true);
    wait.details = payload.get("details").filter(|d| d.is_object()).cloned();
    Decided::Wait(wait)
}
