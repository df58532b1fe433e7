//! Puts the chunks of a streamed answer together into the answer that would have come in one piece.
//!
//! The one invariant: what follows does not know whether an answer was streamed.

use std::time::Duration;

use model::{Map, Value};
use serde_json::json;

use crate::error::{CallError, ErrorKind};

/// A put-together answer and when its first content came.
#[derive(Debug)]
pub(crate) struct Whole {
    /// As a `chat.completion`.
    pub(crate) answer: Value,
    /// From the request to the first content.
    pub(crate) first: Option<Duration>,
}

#[derive(Default)]
struct Parts {
    head: Map,
    content: String,
    reasoning: String,
    calls: Vec<Map>,
    finish_reason: Option<String>,
    usage: Option<Value>,
    has_choice: bool,
}

/// Puts events together.
///
/// # Errors
/// An error event, or an event that is not JSON.
pub(crate) fn gather(events: Vec<(Duration, String)>, label: &str) -> Result<Whole, CallError> {
    let (mut parts, mut first) = (Parts::default(), None);
    for (at, data) in events {
        if data.trim().is_empty() {
            continue;
        }
        let bad = |text: String| CallError::new(ErrorKind::BadAnswer, format!("{label} API error: {text}"));
        let chunk = model::json::parse(&data).map_err(|_| bad("a stream event is not JSON".to_owned()))?;
        if chunk.get("error").is_some_and(|e| !e.is_null()) {
            return Err(bad(crate::http::error_text(&data)));
        }
        if parts.add(&chunk) && first.is_none() {
            first = Some(at);
        }
    }
    Ok(Whole { answer: parts.into_answer(), first })
}

impl Parts {
    /// Takes a chunk; true when it brought content.
    fn add(&mut self, chunk: &Value) -> bool {
        for key in ["id", "created", "model", "system_fingerprint"] {
            if let Some(value) = chunk.get(key).filter(|v| !v.is_null()) {
                self.head.entry(key).or_insert_with(|| value.clone());
            }
        }
        if let Some(usage) = chunk.get("usage").filter(|u| u.is_object()) {
            self.usage = Some(usage.clone());
        }
        let Some(choice) = chunk.get("choices").and_then(|c| c.get(0)) else { return false };
        self.has_choice = true;
        if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish_reason = Some(reason.to_owned());
        }
        let Some(delta) = choice.get("delta").or_else(|| choice.get("message")) else { return false };
        let text = |key: &str| delta.get(key).and_then(Value::as_str).unwrap_or_default();
        let before = self.content.len() + self.reasoning.len() + self.calls.len();
        self.content.push_str(text("content"));
        let reasoning = ["reasoning_content", "reasoning", "thinking", "thinking_content"]
            .iter()
            .map(|k| text(k))
            .find(|t| !t.is_empty());
        self.reasoning.push_str(reasoning.unwrap_or_default());
        for (position, call) in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten().enumerate() {
            self.add_call(call, position);
        }
        self.content.len() + self.reasoning.len() + self.calls.len() > before
    }

    fn add_call(&mut self, delta: &Value, position: usize) {
        let id = delta.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
        let index = match delta.get("index").and_then(Value::as_u64) {
            Some(index) => index as usize,
            // Without an index, a new id opens a call and its absence goes on with the last one.
            None if id.is_some() => self.calls.len(),
            None => self.calls.len().saturating_sub(1).max(position),
        };
        let at = match self.calls.iter().position(|c| c.get("index").and_then(Value::as_u64) == Some(index as u64)) {
            Some(at) => at,
            None => {
                self.calls.push(Map::from_iter([
                    ("index".to_owned(), json!(index)),
                    ("name".to_owned(), json!("")),
                    ("arguments".to_owned(), json!("")),
                ]));
                self.calls.len() - 1
            }
        };
        let call = &mut self.calls[at];
        if let Some(id) = id {
            call.insert("id".into(), id.into());
        }
        let Some(function) = delta.get("function") else { return };
        for key in ["name", "arguments"] {
            let piece = match function.get(key) {
                Some(Value::String(text)) => text.clone(),
                Some(object @ Value::Object(_)) => object.to_string(),
                _ => continue,
            };
            if let Some(Value::String(text)) = call.get_mut(key) {
                // Some servers repeat the name in every delta.
                if key != "name" || *text != piece {
                    text.push_str(&piece);
                }
            }
        }
    }

    fn into_answer(self) -> Value {
        let mut answer = self.head;
        answer.insert("object".into(), "chat.completion".into());
        let mut message = Map::from_iter([("role".to_owned(), json!("assistant"))]);
        let no_text = self.content.is_empty() && !self.calls.is_empty();
        message.insert("content".into(), if no_text { Value::Null } else { self.content.into() });
        if !self.reasoning.is_empty() {
            message.insert("reasoning_content".into(), self.reasoning.into());
        }
        if !self.calls.is_empty() {
            let calls = self.calls.into_iter().map(|mut call| {
                let function = json!({"name": call.remove("name"), "arguments": call.remove("arguments")});
                json!({"id": call.remove("id"), "type": "function", "function": function})
            });
            message.insert("tool_calls".into(), calls.collect());
        }
        let choices = if self.has_choice {
            json!([{"index": 0, "message": message, "finish_reason": self.finish_reason}])
        } else {
            json!([])
        };
        answer.insert("choices".into(), choices);
        answer.extend(self.usage.map(|usage| ("usage".to_owned(), usage)));
        Value::Object(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(chunks: &[Value]) -> Result<Whole, CallError> {
        gather(chunks.iter().enumerate().map(|(i, c)| (Duration::from_millis(i as u64), c.to_string())).collect(), "X")
    }

    fn delta(delta: Value) -> Value {
        json!({"id": "1", "model": "m", "choices": [{"index": 0, "delta": delta}]})
    }

    #[test]
    fn text_reasoning_and_usage_come_together() {
        let whole = gathered(&[
            delta(json!({"role": "assistant"})),
            delta(json!({"reasoning_content": "hm"})),
            delta(json!({"content": "a "})),
            delta(json!({"content": "b"})),
            json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}),
            json!({"choices": [], "usage": {"prompt_tokens": 1}}),
        ])
        .unwrap();
        assert_eq!(
            whole.answer,
            json!({"id":"1","model":"m","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"a b","reasoning_content":"hm"},
                "finish_reason":"stop"}],"usage":{"prompt_tokens":1}})
        );
        assert_eq!(whole.first, Some(Duration::from_millis(1)));
    }

    #[test]
    fn calls_come_together_by_index() {
        let call = |call: Value| delta(json!({"tool_calls": [call]}));
        let names = |whole: Whole| {
            whole.answer["choices"][0]["message"]["tool_calls"]
                .as_array()
                .unwrap()
                .iter()
                .map(|c| {
                    format!(
                        "{}:{}{}",
                        c["id"].as_str().unwrap(),
                        c["function"]["name"].as_str().unwrap(),
                        c["function"]["arguments"].as_str().unwrap()
                    )
                })
                .collect::<Vec<_>>()
        };
        let indexed = [
            call(json!({"index": 0, "id": "x", "function": {"name": "f", "arguments": ""}})),
            call(json!({"index": 1, "id": "y", "function": {"name": "g", "arguments": "{"}})),
            call(json!({"index": 0, "function": {"arguments": "{\"a\":"}})),
            call(json!({"index": 1, "function": {"name": "g", "arguments": "}"}})),
            call(json!({"index": 0, "function": {"arguments": "1}"}})),
        ];
        assert_eq!(names(gathered(&indexed).unwrap()), ["x:f{\"a\":1}", "y:g{}"]);
        let bare = [
            call(json!({"id": "x", "function": {"name": "f", "arguments": "{"}})),
            call(json!({"function": {"arguments": "}"}})),
            call(json!({"id": "y", "function": {"name": "g", "arguments": {"b": 2}}})),
        ];
        assert_eq!(names(gathered(&bare).unwrap()), ["x:f{}", "y:g{\"b\":2}"]);
    }

    #[test]
    fn error_events_and_garbage_are_errors() {
        assert_eq!(gathered(&[json!({"error": {"message": "boom"}})]).unwrap_err().message, "X API error: boom");
        assert!(gather(vec![(Duration::ZERO, "{oops".into())], "X").is_err());
        assert_eq!(gathered(&[]).unwrap().answer["choices"], json!([]));
    }
}
