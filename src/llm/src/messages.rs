//! The conversation as it is sent: leading system messages joined, the oldest left out to fit, calls and results in
//! the form the model understands. Difference from the reference: keys the protocol does not know (`metadata`,
//! `timestamp` …) stay at home, since strict servers refuse them.
//!
//! The one invariant: no tool message is sent that no assistant call answers to.

use model::{Map, Value};
use serde_json::json;

use crate::tools::{Tool, ToolCall, assistant_text, native_calls};

/// How calls and results travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form<'a> {
    /// In the protocol's fields.
    Native,
    /// As text, calls in this syntax.
    Prompted(&'a str),
}

fn role(message: &Map) -> &str {
    message.get("role").and_then(Value::as_str).unwrap_or_default()
}

/// The text of a message's content, parts joined.
pub(crate) fn content_text(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let texts: Vec<&str> = parts.iter().filter_map(|p| p.get("text")?.as_str()).collect();
            texts.join("\n")
        }
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

/// Changes the text of a content, of its first text part if it has parts.
pub(crate) fn edit_text(content: &mut Value, edit: impl FnOnce(&str) -> String) {
    match content {
        Value::Array(parts) => {
            let text = parts.iter_mut().find_map(|part| part.get_mut("text").filter(|t| t.is_string()));
            match text {
                Some(text) => *text = edit(text.as_str().unwrap_or_default()).into(),
                None => parts.insert(0, json!({"type": "text", "text": edit("")})),
            }
        }
        other => *other = edit(&content_text(Some(other))).into(),
    }
}

/// Takes the leading system messages out and joins them with the system text.
pub(crate) fn split_system(system: &str, messages: &[Map]) -> (String, Vec<Map>) {
    let leading = messages.iter().take_while(|m| role(m) == "system").count();
    let texts = messages[..leading].iter().map(|m| content_text(m.get("content")));
    let texts =
        std::iter::once(system.to_owned()).chain(texts.filter(|t| !t.trim_start().starts_with("Recent tool activity")));
    let parts: Vec<String> = texts.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect();
    (parts.join("\n\n"), messages[leading..].to_vec())
}

/// A token estimate: characters over density and family, at least 1 for a text.
pub(crate) fn estimate(text: &str, model: &str) -> u64 {
    const FAMILIES: [(&str, f64); 6] =
        [("gpt", 1.0), ("claude", 1.05), ("gemini", 0.95), ("llama", 1.1), ("mistral", 1.05), ("qwen", 1.15)];
    let model = model.to_ascii_lowercase();
    let factor = FAMILIES.iter().find(|(name, _)| model.contains(name)).map_or(1.2, |(_, factor)| *factor);
    let density = match text.trim_start().chars().next() {
        Some('{' | '[') => 3.0,
        Some('<') => 3.2,
        _ if text.contains("```") => 3.5,
        _ => 4.0,
    };
    (text.chars().count() as f64 / density * factor).round().max(1.0) as u64
}

/// Leaves out the oldest messages until the estimate fits; system messages and the last other one stay.
pub(crate) fn trimmed(system: &str, messages: Vec<Map>, input_max: Option<u64>, model: &str) -> Vec<Map> {
    let Some(limit) = input_max else { return messages };
    let cost = |m: &Map| {
        let calls = m.get("tool_calls").filter(|c| !c.is_null()).map(ToString::to_string).unwrap_or_default();
        estimate(&(content_text(m.get("content")) + &calls), model)
    };
    let mut total =
        messages.iter().map(&cost).sum::<u64>() + if system.is_empty() { 0 } else { estimate(system, model) };
    let last = messages.iter().rposition(|m| role(m) != "system");
    let mut kept = Vec::with_capacity(messages.len());
    for (index, message) in messages.into_iter().enumerate() {
        if total > limit && role(&message) != "system" && Some(index) != last {
            total -= cost(&message);
        } else {
            kept.push(message);
        }
    }
    kept
}

/// The messages of a request.
pub(crate) fn wire(system: &str, messages: &[Map], tools: &[Tool], form: Form<'_>) -> Vec<Value> {
    let mut out = Vec::with_capacity(messages.len() + 2);
    if !system.is_empty() {
        out.push(json!({"role": "system", "content": system}));
    }
    let mut open_calls: Vec<String> = Vec::new();
    for message in messages {
        match role(message) {
            "assistant" => out.push(assistant(message, tools, form, &mut open_calls)),
            "tool" => out.push(tool_result(message, form, &mut open_calls)),
            _ => out.push(plain(message)),
        }
    }
    if !messages.iter().any(|m| role(m) == "user") {
        out.push(json!({"role": "user", "content": "Continue."}));
    }
    out
}

fn plain(message: &Map) -> Value {
    let keep = ["role", "content", "name"];
    message
        .iter()
        .filter(|(k, v)| keep.contains(&k.as_str()) && !(v.is_null() && *k == "name"))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect::<Map>()
        .into()
}

fn assistant(message: &Map, tools: &[Tool], form: Form<'_>, open_calls: &mut Vec<String>) -> Value {
    let calls = stored_calls(message, tools);
    if calls.is_empty() {
        return plain(message);
    }
    if let Form::Prompted(format) = form {
        let text = assistant_text(&content_text(message.get("content")), &calls, format);
        return json!({"role": "assistant", "content": text});
    }
    let mut wired = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let id = call.call_id.clone().unwrap_or_else(|| format!("call_{}_{}", open_calls.len(), index + 1));
        let arguments = Value::Object(call.arguments.clone()).to_string();
        wired.push(json!({"id": id, "type": "function", "function": {"name": call.name, "arguments": arguments}}));
        open_calls.push(id);
    }
    let content = message.get("content").filter(|c| c.as_str() != Some("")).cloned().unwrap_or_default();
    json!({"role": "assistant", "content": content, "tool_calls": wired})
}

/// Calls of a stored message, in the protocol's shape or in ours (`{name, arguments, call_id}`).
fn stored_calls(message: &Map, tools: &[Tool]) -> Vec<ToolCall> {
    let mut calls = native_calls(message.get("tool_calls"), tools);
    let raw = message.get("tool_calls").and_then(Value::as_array).into_iter().flatten();
    for (call, raw) in calls.iter_mut().zip(raw) {
        if call.call_id.is_none() {
            call.call_id = raw.get("call_id").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned);
        }
    }
    calls
}

fn tool_result(message: &Map, form: Form<'_>, open_calls: &mut Vec<String>) -> Value {
    let named = message.get("tool_call_id").or_else(|| message.get("metadata")?.get("call_id")).and_then(Value::as_str);
    let text = content_text(message.get("content"));
    // A result whose id nobody asked under is shown as text: servers refuse an orphan.
    let open = named.and_then(|id| open_calls.iter().position(|call| call == id));
    match (form, open) {
        (Form::Native, Some(at)) => {
            let id = open_calls.remove(at);
            json!({"role": "tool", "tool_call_id": id, "content": text})
        }
        _ => json!({"role": "user", "content": format!("[TOOL RESULT {}]: {text}", named.unwrap_or("unknown"))}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maps(value: Value) -> Vec<Map> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn leading_system_messages_join_the_system_text() {
        let input = maps(json!([{"role":"system","content":"A"},{"role":"system","content":"Recent tool activity: x"},
            {"role":"user","content":"u"},{"role":"system","content":"mid"}]));
        let (system, rest) = split_system("SYS", &input);
        assert_eq!((system.as_str(), rest.len()), ("SYS\n\nA", 2));
    }

    #[test]
    fn the_oldest_go_first_and_the_last_stays() {
        let input = maps(json!([{"role":"user","content":"x".repeat(400)},{"role":"system","content":"keep"},
            {"role":"assistant","content":"y".repeat(400)},{"role":"user","content":"z".repeat(400)}]));
        let check = |limit: Option<u64>, left: &[&str]| {
            let kept = trimmed("", input.clone(), limit, "gpt-4o");
            let first: Vec<_> = kept.iter().map(|m| content_text(m.get("content"))[..1].to_owned()).collect();
            assert_eq!(first, left, "{limit:?}");
        };
        check(None, &["x", "k", "y", "z"]);
        check(Some(301), &["x", "k", "y", "z"]);
        check(Some(300), &["k", "y", "z"]);
        check(Some(1), &["k", "z"]);
    }

    #[test]
    fn calls_and_results_in_both_forms() {
        let input = maps(json!([{"role":"user","content":"q","metadata":{"x":1}},
            {"role":"assistant","content":"","tool_calls":[{"name":"add","arguments":{"a":1},"call_id":"c1"}]},
            {"role":"tool","content":"2","metadata":{"call_id":"c1"}},
            {"role":"tool","content":"3"}]));
        assert_eq!(
            Value::from(wire("S", &input, &[], Form::Native)),
            json!([{"role":"system","content":"S"},{"role":"user","content":"q"},
                {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"add","arguments":"{\"a\":1}"}}]},
                {"role":"tool","tool_call_id":"c1","content":"2"},{"role":"user","content":"[TOOL RESULT unknown]: 3"}])
        );
        assert_eq!(
            Value::from(wire("", &input[1..3], &[], Form::Prompted("xml"))),
            json!([{"role":"assistant","content":"<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1}}</tool_call>"},
                {"role":"user","content":"[TOOL RESULT c1]: 2"},{"role":"user","content":"Continue."}])
        );
    }
}
