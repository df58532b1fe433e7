//! The payload of an `llm_call` effect, read once into types (contract 05, section 1.1).
//!
//! The one invariant: what is malformed is refused here with a sentence, never guessed later.

use model::{Map, Value};

use crate::error::CallError;
use crate::structured::Schema;
use crate::tools::Tool;

/// What one model call is to do.
#[derive(Clone, Debug)]
pub struct Payload {
    /// The system text.
    pub system: String,
    /// The conversation, the prompt appended as its last user message.
    pub messages: Vec<Map>,
    /// The offered tools.
    pub tools: Vec<Tool>,
    /// The schema of the answer.
    pub schema: Option<Schema>,
    /// On an answer that does not fit the schema, take plain text.
    pub structured_fallback: bool,
    /// Parameters for the provider, without what is internal.
    pub params: Map,
    /// Answer in a stream (still one result).
    pub stream: bool,
    /// Token budgets.
    pub budget: Budget,
}

/// Token budgets of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Oldest messages are left out beyond this estimate.
    pub input_max: Option<u64>,
    /// The answer's tokens asked for.
    pub output_max: Option<u64>,
    /// How far the answer's budget may grow.
    pub output_cap: Option<u64>,
    /// Ask again with more when the answer was cut off.
    pub retry: bool,
    /// Take a cut-off answer.
    pub allow_truncation: bool,
    /// How often to ask.
    pub attempts_max: u32,
}

/// `true`, 1, "1", "true", "yes", "y", "on" are true; null and absent are none.
#[must_use]
pub fn boolish(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Null => None,
        Value::Bool(b) => Some(*b),
        Value::Number(n) => Some(n.as_f64().is_some_and(|n| n != 0.0)),
        Value::String(s) => Some(matches!(s.trim().to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "y" | "on")),
        Value::Array(items) => Some(!items.is_empty()),
        Value::Object(map) => Some(!map.is_empty()),
    }
}

/// A whole number greater than zero, also written as text or with a fraction of zero.
pub(crate) fn positive(value: Option<&Value>) -> Option<u64> {
    let number = match value? {
        Value::Number(n) => n.as_f64()?,
        Value::String(s) => s.trim().parse().ok()?,
        _ => return None,
    };
    // Rust's cast saturates, so an absurd budget is merely a large one.
    (number >= 1.0).then_some(number as u64)
}

fn text(map: &Map, key: &str) -> String {
    map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl Payload {
    /// Reads a payload; `limits` are the run's `_limits`, `options` those of the default it is routed by.
    ///
    /// # Errors
    /// Nothing to say to the model, a malformed message, tool or schema.
    pub fn read(payload: &Map, limits: Option<&Map>, options: Option<&Map>) -> Result<Self, CallError> {
        let given = payload.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut budget = Budget::read(payload, &given, limits);
        if budget.output_max.is_none() {
            let default = ["max_output_tokens", "max_tokens"].iter().find_map(|key| positive(options?.get(*key)));
            budget.output_max = default;
        }
        let mut params = options.cloned().unwrap_or_default();
        params.extend(given.into_iter().filter(|(key, value)| !key.starts_with('_') && !value.is_null()));
        let mut messages = messages(payload.get("messages"))?;
        let prompt = Some(text(payload, "prompt")).filter(|p| !p.is_empty()).unwrap_or_else(|| text(payload, "text"));
        if !prompt.is_empty() {
            messages.push(Map::from_iter([("role".into(), "user".into()), ("content".into(), prompt.into())]));
        }
        if messages.is_empty() {
            let has_media = payload.get("media").is_some_and(|m| !m.is_null());
            return Err(CallError::input(if has_media {
                "llm_call requires payload.prompt, payload.messages, payload.text, or media with payload.output"
            } else {
                "llm_call requires payload.prompt or payload.messages"
            }));
        }
        let name = Some(text(payload, "response_schema_name")).filter(|n| !n.trim().is_empty());
        let schema = payload.get("response_schema").filter(|s| boolish(Some(s)) == Some(true) || s.is_string());
        let schema = schema.filter(|s| s.as_str().is_none_or(|text| !text.trim().is_empty()));
        Ok(Self {
            system: text(payload, "system_prompt"),
            messages,
            tools: Tool::list(payload.get("tools"))?,
            schema: schema.map(|s| Schema::read(s, name.as_deref())).transpose()?,
            structured_fallback: boolish(payload.get("structured_output_fallback")).unwrap_or(false),
            stream: boolish(params.get("stream").or_else(|| params.get("streaming"))).unwrap_or(false),
            params,
            budget,
        })
    }
}

impl Budget {
    fn read(payload: &Map, params: &Map, limits: Option<&Map>) -> Self {
        let first = |map: &Map, keys: &[&str]| keys.iter().find_map(|key| positive(map.get(*key)));
        let limit = |key: &str| positive(limits.and_then(|l| l.get(key)));
        let flag = |keys: [&str; 2]| keys.iter().find_map(|key| boolish(payload.get(*key)));
        Self {
            input_max: first(payload, &["max_input_tokens"]).or_else(|| limit("max_input_tokens")),
            output_max: first(params, &["max_output_tokens", "max_tokens"])
                .or_else(|| first(payload, &["max_output_tokens", "max_out_tokens"]))
                .or_else(|| limit("max_output_tokens")),
            output_cap: first(payload, &["max_output_tokens_cap", "max_truncation_max_output_tokens"])
                .map(|cap| cap.max(256))
                .or_else(|| limit("max_output_tokens")),
            retry: flag(["retry_on_truncation", "no_truncation"]).unwrap_or(true),
            allow_truncation: flag(["allow_truncation", "allow_truncated"]).unwrap_or(false),
            attempts_max: first(payload, &["max_truncation_attempts", "truncation_max_attempts"])
                .map_or(3, |n| n.min(20) as u32),
        }
    }
}

fn messages(value: Option<&Value>) -> Result<Vec<Map>, CallError> {
    let list = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(CallError::input("payload.messages must be a list of {role, content}")),
    };
    let one = |message: &Value| {
        let map = message.as_object().filter(|m| m.get("role").is_some_and(Value::is_string));
        map.cloned().ok_or_else(|| CallError::input("every message must be an object with a role"))
    };
    list.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(payload: Value) -> Result<Payload, CallError> {
        Payload::read(
            payload.as_object().unwrap(),
            json!({"max_output_tokens": 900}).as_object(),
            json!({"temperature": 0.1, "seed": 3}).as_object(),
        )
    }

    #[test]
    fn malformed_payloads_are_refused() {
        for (payload, text) in [
            (json!({}), "llm_call requires payload.prompt or payload.messages"),
            (json!({"messages": []}), "llm_call requires payload.prompt or payload.messages"),
            (json!({"messages": "x"}), "payload.messages must be a list of {role, content}"),
            (json!({"messages": [{"content": "x"}]}), "every message must be an object with a role"),
            (json!({"prompt": "x", "tools": [1]}), "a tool definition must be an object"),
        ] {
            assert_eq!(read(payload).unwrap_err().message, text);
        }
        assert!(
            read(json!({"media": "a.png"})).unwrap_err().message.contains("payload.text, or media with payload.output")
        );
    }

    #[test]
    fn fields_and_their_older_names() {
        let payload = read(json!({"text": "hi", "params": {"temperature": 0.9, "stream": "yes", "_provider": "x", "top_p": null},
            "max_out_tokens": "100", "no_truncation": false, "truncation_max_attempts": 2, "max_output_tokens_cap": 10}))
        .unwrap();
        assert_eq!(Value::Object(payload.params), json!({"temperature": 0.9, "seed": 3, "stream": "yes"}));
        assert_eq!(payload.messages.len(), 1);
        assert!(payload.stream);
        assert_eq!(
            payload.budget,
            Budget {
                input_max: None,
                output_max: Some(100),
                output_cap: Some(256),
                retry: false,
                allow_truncation: false,
                attempts_max: 2
            }
        );
        assert_eq!(read(json!({"prompt": "x", "max_output_tokens": 0})).unwrap().budget.output_max, Some(900));
        assert_eq!(
            read(json!({"prompt": "x", "params": {"max_tokens": 5}, "max_output_tokens": 7}))
                .unwrap()
                .budget
                .output_max,
            Some(5)
        );
    }
}
