//! Keeps secrets out of what is stored and shown: values under telling names, however deep.
//!
//! May not know: who stores or shows it. The one invariant: redacting twice gives the same as redacting once.

use crate::{Effect, EffectKind, Map, Value};

/// What stands where a secret stood.
pub const MARK: &str = "[redacted]";

/// Whether a field of this name holds a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let parts = ["api_key", "api-key", "apikey", "authorization", "password", "secret"];
    if parts.iter().any(|part| name.contains(part)) {
        return true;
    }
    let whole = ["token", "auth_token", "access_token", "refresh_token", "bearer_token", "id_token", "session_token"];
    whole.contains(&name.replace('-', "_").as_str())
}

/// The value with every secret replaced.
#[must_use]
pub fn value(input: &Value) -> Value {
    match input {
        Value::Object(map) => Value::Object(object(map)),
        Value::Array(items) => Value::Array(items.iter().map(value).collect()),
        other => other.clone(),
    }
}

/// The object with every secret replaced.
#[must_use]
pub fn object(map: &Map) -> Map {
    map.iter()
        .map(|(name, item)| {
            let hide = is_secret_name(name) && !matches!(item, Value::Null | Value::Bool(_) | Value::Number(_));
            (name.clone(), if hide { MARK.into() } else { value(item) })
        })
        .collect()
}

/// The effect as a ledger keeps it. What a flow tells people (questions, answers, events) stays as it was said; what it
/// hands to models, servers, tools and other flows may hold keys, and is kept without them.
#[must_use]
pub fn effect(effect: &Effect) -> Effect {
    use EffectKind::{LlmCall, ModelResidency, StartSubworkflow, ToolCalls};
    if !matches!(effect.kind, LlmCall | ModelResidency | StartSubworkflow | ToolCalls) {
        return effect.clone();
    }
    Effect { kind: effect.kind, payload: object(&effect.payload), result_key: effect.result_key.clone() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_found_by_name() {
        let input = json!({"api_key": "a", "X-Api-Key": "b", "max_tokens": 5, "token": "t", "tokens": "kept",
            "deep": [{"Authorization": "Bearer x", "password": null}]});
        let expected = json!({"api_key": MARK, "X-Api-Key": MARK, "max_tokens": 5, "token": MARK, "tokens": "kept",
            "deep": [{"Authorization": MARK, "password": null}]});
        assert_eq!(value(&input), expected);
        assert_eq!(value(&value(&input)), expected);
    }

    #[test]
    fn a_ledger_keeps_what_is_said_to_people_and_no_key_for_a_server() {
        let said = |kind| {
            let payload = json!({"params": {"api_key": "sk-1", "temperature": 1}, "token": "t"});
            let payload = payload.as_object().cloned().unwrap_or_default();
            Value::Object(effect(&Effect { kind, payload, result_key: None }).payload)
        };
        let kept = json!({"params": {"api_key": MARK, "temperature": 1}, "token": MARK});
        for kind in [EffectKind::LlmCall, EffectKind::ToolCalls, EffectKind::ModelResidency] {
            assert_eq!(said(kind), kept);
        }
        assert_eq!(said(EffectKind::EmitEvent), json!({"params": {"api_key": "sk-1", "temperature": 1}, "token": "t"}));
    }
}
