//! An upstream answer as one shape: text, reasoning, calls, usage (contract 05, section 4). Difference from the
//! reference: reasoning at the very start of an unknown model's answer is moved out, too.
//!
//! The one invariant: markup of reasoning and calls is in the fields, not in the text.

use model::{Map, Value};
use serde_json::json;

use crate::registry::Model;
use crate::tools::{self, Tool, ToolCall};

/// A normalised answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) content: Option<String>,
    pub(crate) reasoning: Option<String>,
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) usage: Option<Map>,
    pub(crate) model: Option<String>,
    pub(crate) finish_reason: Option<String>,
    pub(crate) raw: Value,
    pub(crate) ttft_ms: Option<f64>,
}

impl Reply {
    /// Whether the token budget cut it off.
    pub(crate) fn is_truncated(&self) -> bool {
        matches!(self.finish_reason.as_deref(), Some("length" | "max_tokens" | "max_output_tokens"))
    }
}

/// Normalises an answer.
pub(crate) fn read(answer: &Value, model: &Model, tools: &[Tool]) -> Reply {
    let upstream_model = answer.get("model").and_then(Value::as_str).map(str::to_owned);
    let Some(choice) = answer.get("choices").and_then(|c| c.get(0)) else {
        let zero = json!({"input_tokens":0,"output_tokens":0,"total_tokens":0,"prompt_tokens":0,"completion_tokens":0});
        return Reply {
            content: Some("No response generated".into()),
            finish_reason: Some("error".into()),
            usage: zero.as_object().cloned(),
            model: upstream_model,
            raw: shortened(answer),
            ..Reply::default()
        };
    };
    let empty = Value::Null;
    let message = choice.get("message").unwrap_or(&empty);
    let text = message.get("content").filter(|c| !c.is_null()).or_else(|| choice.get("text"));
    let mut content = text.filter(|c| !c.is_null()).map(|c| crate::messages::content_text(Some(c)));
    let keys = ["reasoning", "reasoning_content", "thinking", "thinking_content"];
    let mut reasoning =
        keys.iter().find_map(|k| message.get(k)?.as_str()).filter(|r| !r.trim().is_empty()).map(str::to_owned);
    if let Some(text) = &mut content {
        let inline = take_reasoning(text, model);
        reasoning = reasoning.or(inline);
        strip_wrappers(text, model);
    }
    let mut calls = tools::native_calls(message.get("tool_calls"), tools);
    if let Some(text) = content.as_mut().filter(|_| calls.is_empty()) {
        let parsed = tools::parse(text, tools);
        calls = parsed.calls;
        *text = parsed.content;
    }
    Reply {
        content,
        reasoning,
        calls: tools::deduplicated(calls),
        usage: answer.get("usage").and_then(usage),
        model: upstream_model,
        finish_reason: choice.get("finish_reason").and_then(Value::as_str).map(str::to_owned),
        raw: shortened(answer),
        ttft_ms: None,
    }
}

/// Moves inline reasoning out of a text.
fn take_reasoning(text: &mut String, model: &Model) -> Option<String> {
    let tags: Vec<&str> = model.texts("thinking_tags").collect();
    let declared = tags.len() == 2;
    let (open, close) = if declared { (tags[0], tags[1]) } else { ("<think>", "</think>") };
    let trimmed = text.trim_start();
    if !declared && (model.known() || !trimmed.starts_with(open)) {
        return None;
    }
    let end = trimmed.find(close)?;
    // The opening tag may have been part of the prompt.
    let (before, inner) = match trimmed[..end].find(open) {
        Some(at) => (trimmed[..at].to_owned(), trimmed[at + open.len()..end].to_owned()),
        None => (String::new(), trimmed[..end].to_owned()),
    };
    let after = trimmed[end + close.len()..].trim_start();
    *text = format!("{before}{after}");
    Some(inner.trim().to_owned()).filter(|inner| !inner.is_empty())
}

fn strip_wrappers(text: &mut String, model: &Model) {
    let wrappers: Vec<&str> = model.texts("output_wrappers").collect();
    if let [open, close] = wrappers[..] {
        let inner = text.trim();
        if let Some(inner) = inner.strip_prefix(open) {
            *text = inner.strip_suffix(close).unwrap_or(inner).trim().to_owned();
        }
    }
    if let Some(shorter) = text.trim_end().strip_suffix("<|im_end|>") {
        *text = shorter.trim_end().to_owned();
    }
}

/// The token counts under both their names.
fn usage(given: &Value) -> Option<Map> {
    let given = given.as_object()?;
    let count = |keys: [&str; 2]| keys.iter().find_map(|key| given.get(*key)?.as_u64());
    let input = count(["prompt_tokens", "input_tokens"]).unwrap_or(0);
    let output = count(["completion_tokens", "output_tokens"]).unwrap_or(0);
    let total = given.get("total_tokens").and_then(Value::as_u64).unwrap_or(input + output);
    let mut out = Map::new();
    for (key, value) in [
        ("input_tokens", input),
        ("output_tokens", output),
        ("total_tokens", total),
        ("prompt_tokens", input),
        ("completion_tokens", output),
    ] {
        out.insert(key.into(), value.into());
    }
    for key in
        ["completion_tokens_details", "prompt_tokens_details", "cache_read_input_tokens", "cache_creation_input_tokens"]
    {
        if let Some(details) = given.get(key).filter(|d| !d.is_null()) {
            out.insert(key.into(), details.clone());
        }
    }
    Some(out)
}

/// The answer with long texts cut: the ledger does not say everything twice.
fn shortened(value: &Value) -> Value {
    const CHARS_MAX: usize = 4000;
    match value {
        Value::String(text) if text.len() > CHARS_MAX => {
            let cut: String = text.chars().take(CHARS_MAX).collect();
            format!("{cut}… [{} bytes in all]", text.len()).into()
        }
        Value::Array(items) => items.iter().map(shortened).collect(),
        Value::Object(map) => Value::Object(map.iter().map(|(k, v)| (k.clone(), shortened(v))).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::lookup;

    fn check(model: &str, message: Value, content: Option<&str>, reasoning: Option<&str>) {
        let reply = read(&json!({"choices": [{"message": message, "finish_reason": "stop"}]}), &lookup(model), &[]);
        assert_eq!((reply.content.as_deref(), reply.reasoning.as_deref()), (content, reasoning), "{model}");
    }

    #[test]
    fn reasoning_is_found_in_fields_and_tags() {
        check("x", json!({"content": "a", "reasoning_content": "r"}), Some("a"), Some("r"));
        check("x", json!({"content": "a", "reasoning": "r"}), Some("a"), Some("r"));
        check("x", json!({"content": [{"type": "text", "text": "a"}]}), Some("a"), None);
        check("qwen3-4b", json!({"content": "<think>\nr\n</think>\n\na"}), Some("a"), Some("r"));
        check("qwen3-4b", json!({"content": "r</think>a"}), Some("a"), Some("r"));
        check("qwen3-4b", json!({"content": "<think></think>a"}), Some("a"), None);
        check("x", json!({"content": "<think>r</think>a"}), Some("a"), Some("r"));
        check("x", json!({"content": "b <think>r</think>a"}), Some("b <think>r</think>a"), None);
        check("gpt-4o", json!({"content": "<think>r</think>a"}), Some("<think>r</think>a"), None);
        check("glm-4.6v", json!({"content": "<|begin_of_box|>a<|end_of_box|>"}), Some("a"), None);
        check("x", json!({"content": null}), None, None);
    }

    #[test]
    fn no_choices_is_an_answer_of_its_own() {
        let reply = read(&json!({"choices": []}), &lookup("x"), &[]);
        assert_eq!(
            (reply.content.as_deref(), reply.finish_reason.as_deref()),
            (Some("No response generated"), Some("error"))
        );
        assert_eq!(reply.usage.unwrap()["total_tokens"], 0);
    }

    #[test]
    fn usage_has_both_names() {
        let got = usage(&json!({"prompt_tokens": 10, "completion_tokens": 5})).unwrap();
        assert_eq!(
            Value::Object(got),
            json!({"input_tokens":10,"output_tokens":5,"total_tokens":15,"prompt_tokens":10,"completion_tokens":5})
        );
    }
}
