//! Reads tool calls out of an answer's text, in every syntax a model may fall into, and takes their markup out.
//! Differences from the reference: the GLM `<arg_key>` syntax is read, and a bare JSON call leaves the text, too.
//!
//! The one invariant: text that is no call of an offered tool stays in the content untouched.

use std::sync::LazyLock;

use model::{Map, Value};
use regex::Regex;

use super::native::arguments;
use super::{Tool, ToolCall, cleaned, deduplicated, offered_name};
use crate::loose;

/// How many bare `{` and `[` of a text are looked at.
const BARE_MAX: usize = 200;

/// What a text holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// The calls, in order, without repetitions.
    pub calls: Vec<ToolCall>,
    /// The text without their markup.
    pub content: String,
}

struct Raw {
    name: String,
    positional: Vec<Value>,
    arguments: Map,
}

type Found = (Vec<Raw>, usize);

#[expect(clippy::expect_used, reason = "the patterns are constants; a test reads each of them")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

static OPEN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:(?:<\|?)+(?:tool_calls?|function_call|tool_request)\|?>\s*)+"));
static CLOSE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*(?:```\s*)?(?:<(?:\|?/\|?(?:tool_calls?|function_call|tool_request)\|?|(?:tool_calls?|function_call)\|)>\s*)+",
    )
});
static CLOSE_BY_OPENER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*<\|tool_call\|>"));
static FENCE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^```[ \t]*([A-Za-z_]*)[ \t]*\r?\n?"));
static EMPTY_FENCE: LazyLock<Regex> = LazyLock::new(|| pattern(r"```[A-Za-z_]*\s*```"));
static HARMONY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:<\|start\|>assistant)?\s*<\|channel\|>[^<]*?\bto=([\w.\-:]+)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>",
    )
});
static HARMONY_END: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*<\|(?:call|end|return)\|>"));
static LABELLED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^tool:\s*\[?([\w.\-]+)\]?\s*:\s*"));
static FUNCTION: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^<function(?:=|\s+name=)["']?([^>"']+?)["']?\s*>"#));
static PARAMETER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^\s*<parameter(?:=|\s+name=)["']?([^>"']+?)["']?\s*>"#));
static ARG_KEY: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*<arg_key>([^<]*)</arg_key>\s*<arg_value>"));

/// Reads the calls of the offered tools.
#[must_use]
pub fn parse(text: &str, tools: &[Tool]) -> Parsed {
    if tools.is_empty() {
        return Parsed { calls: Vec::new(), content: text.to_owned() };
    }
    let (mut calls, mut content, mut at, mut bare) = (Vec::new(), String::new(), 0, 0);
    while let Some(c) = text[at..].chars().next() {
        let line_start = at == 0 || text[..at].ends_with('\n');
        let found = match c {
            '<' => {
                harmony(text, at).or_else(|| lfm(text, at)).or_else(|| tagged(text, at)).or_else(|| function(text, at))
            }
            '`' => fenced(text, at, tools),
            't' if line_start => labelled(text, at),
            '{' | '[' if bare < BARE_MAX => {
                bare += 1;
                bare_json(text, at, tools)
            }
            _ => None,
        };
        let found = found.map(|(raw, end)| (accepted(raw, tools), end)).filter(|(accepted, _)| !accepted.is_empty());
        match found {
            Some((accepted, end)) => {
                calls.extend(accepted);
                at = end;
            }
            None => {
                content.push(c);
                at += c.len_utf8();
            }
        }
    }
    if calls.is_empty() {
        return Parsed { calls, content: text.to_owned() };
    }
    Parsed { calls: deduplicated(calls), content: EMPTY_FENCE.replace_all(&content, "").trim().to_owned() }
}

fn accepted(raw: Vec<Raw>, tools: &[Tool]) -> Vec<ToolCall> {
    let one = |raw: Raw| {
        let name = offered_name(&raw.name, tools)?;
        let tool = tools.iter().find(|tool| tool.name == name)?;
        let mut arguments = raw.arguments;
        for (value, parameter) in raw.positional.into_iter().zip(tool.properties.keys()) {
            arguments.entry(parameter.clone()).or_insert(value);
        }
        Some(ToolCall { name: name.to_owned(), arguments: cleaned(name, arguments), call_id: None })
    };
    raw.into_iter().filter_map(one).collect()
}

/// The call an object describes: a name under one of its usual keys, arguments under one of theirs.
fn described(value: &Value) -> Option<Raw> {
    let map = value.as_object()?;
    if let Some(function @ Value::Object(_)) = map.get("function") {
        return described(function);
    }
    let name = ["name", "tool", "function", "action", "command"].into_iter().find_map(|key| map.get(key)?.as_str())?;
    let given =
        ["arguments", "params", "parameters", "args", "input", "action_input"].into_iter().find_map(|k| map.get(k));
    Some(Raw { name: name.to_owned(), positional: Vec::new(), arguments: arguments(given) })
}

/// One described call or a list of them.
fn described_all(value: &Value) -> Vec<Raw> {
    match value {
        Value::Array(items) => items.iter().filter_map(described).collect(),
        Value::Object(map) if map.get("tool_calls").is_some_and(Value::is_array) => described_all(&map["tool_calls"]),
        other => described(other).into_iter().collect(),
    }
}

/// After an opening tag: JSON objects, `call:NAME{…}`, `<function=…>`, `NAME` with `<arg_key>` pairs, a Python call.
fn tagged(text: &str, start: usize) -> Option<Found> {
    let mut at = start + OPEN.find(&text[start..])?.end();
    at += FENCE.find(&text[at..]).map_or(0, |m| m.end());
    let mut raw = Vec::new();
    while let Some((found, end)) = tagged_body(text, at) {
        raw.extend(found);
        at = end;
        at += text[at..].len() - text[at..].trim_start_matches([',', ';', ' ', '\n', '\r', '\t']).len();
    }
    if raw.is_empty() {
        return None;
    }
    if let Some(close) = CLOSE.find(&text[at..]) {
        return Some((raw, at + close.end()));
    }
    // Some models close with the opening token; followed by another body it opens.
    if let Some(close) = CLOSE_BY_OPENER.find(&text[at..])
        && tagged_body(text, at + close.end()).is_none()
    {
        at += close.end();
    }
    Some((raw, at))
}

fn tagged_body(text: &str, at: usize) -> Option<Found> {
    let at = at + text[at..].len() - text[at..].trim_start().len();
    let rest = &text[at..];
    if rest.starts_with(['{', '[']) {
        let (value, end) = loose::prefix(rest)?;
        let raw = described_all(&value);
        return (!raw.is_empty()).then_some((raw, at + end));
    }
    if rest.starts_with("<function") {
        return function(text, at);
    }
    let after_word = rest.strip_prefix("call:").unwrap_or(rest);
    let skipped = rest.len() - after_word.len();
    let name_len = after_word
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ':')))
        .unwrap_or(after_word.len());
    if name_len == 0 {
        return None;
    }
    let name = after_word[..name_len].to_owned();
    let tail = at + skipped + name_len;
    if text[tail..].starts_with('(') {
        return python_call(text, at + skipped);
    }
    if let Some((arguments, end)) = arg_pairs(text, tail) {
        return Some((vec![Raw { name, positional: Vec::new(), arguments }], end));
    }
    let (value, used) = loose::prefix(&text[tail..]).filter(|(value, _)| value.is_object())?;
    Some((vec![Raw { name, positional: Vec::new(), arguments: arguments(Some(&value)) }], tail + used))
}

fn arg_pairs(text: &str, start: usize) -> Option<(Map, usize)> {
    let (mut arguments, mut at) = (Map::new(), start);
    while let Some(found) = ARG_KEY.captures(&text[at..]) {
        let value_at = at + found.get(0)?.end();
        let length = text[value_at..].find("</arg_value>")?;
        let value = &text[value_at..value_at + length];
        arguments.insert(found[1].trim().to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into()));
        at = value_at + length + "</arg_value>".len();
    }
    (at > start).then_some((arguments, at))
}

/// `<function=NAME><parameter=P>v</parameter></function>`; values stay texts.
fn function(text: &str, start: usize) -> Option<Found> {
    let head = FUNCTION.captures(&text[start..])?;
    let mut at = start + head.get(0)?.end();
    let mut given = Map::new();
    if let Some((Value::Object(object), used)) =
        loose::prefix(&text[at..]).filter(|_| text[at..].trim_start().starts_with('{'))
    {
        given = arguments(Some(&Value::Object(object)));
        at += used;
    }
    while let Some(found) = PARAMETER.captures(&text[at..]) {
        let value_at = at + found.get(0)?.end();
        let rest = &text[value_at..];
        // A model that forgets the closing tag means up to the next parameter.
        let ends = ["</parameter>", "<parameter", "</function>"].map(|tag| rest.find(tag).unwrap_or(rest.len()));
        let length = ends[0].min(ends[1]).min(ends[2]);
        let value = &rest[..length];
        let value = value.strip_prefix("\r\n").or_else(|| value.strip_prefix('\n')).unwrap_or(value);
        let value = value.strip_suffix("\r\n").or_else(|| value.strip_suffix('\n')).unwrap_or(value);
        given.insert(found[1].trim().to_owned(), value.into());
        at = value_at + length + if rest[length..].starts_with("</parameter>") { "</parameter>".len() } else { 0 };
    }
    let rest = text[at..].trim_start();
    if let Some(after) = rest.strip_prefix("</function>") {
        at = text.len() - after.len();
    }
    Some((vec![Raw { name: head[1].trim().to_owned(), positional: Vec::new(), arguments: given }], at))
}

/// `<|tool_call_start|>[f(a=1), g()]<|tool_call_end|>`
fn lfm(text: &str, start: usize) -> Option<Found> {
    const END: &str = "<|tool_call_end|>";
    let inner = text[start..].strip_prefix("<|tool_call_start|>")?;
    let inner_at = text.len() - inner.len();
    let length = inner.find(END).unwrap_or(inner.len());
    let end = (inner_at + length + END.len()).min(text.len());
    let body = inner[..length].trim();
    if let Some(value) = loose::whole(body) {
        return Some((described_all(&value), end));
    }
    let body = body.strip_prefix('[').and_then(|b| b.strip_suffix(']')).unwrap_or(body);
    python_calls(body).map(|raw| (raw, end))
}

/// `<|channel|>commentary to=NAME <|message|>{…}`
fn harmony(text: &str, start: usize) -> Option<Found> {
    let head = HARMONY.captures(&text[start..])?;
    let at = start + head.get(0)?.end();
    let (value, used) = loose::prefix(&text[at..])?;
    let end = at + used;
    let end = end + HARMONY_END.find(&text[end..]).map_or(0, |m| m.end());
    let raw = Raw { name: head[1].to_owned(), positional: Vec::new(), arguments: arguments(Some(&value)) };
    Some((vec![raw], end))
}

/// `tool: [name]: {…}`
fn labelled(text: &str, start: usize) -> Option<Found> {
    let head = LABELLED.captures(&text[start..])?;
    let at = start + head.get(0)?.end();
    let (value, used) = loose::prefix(&text[at..]).filter(|(value, _)| value.is_object())?;
    let raw = Raw { name: head[1].to_owned(), positional: Vec::new(), arguments: arguments(Some(&value)) };
    Some((vec![raw], at + used))
}

/// A fence that holds nothing but calls: JSON, or Python calls of offered tools.
fn fenced(text: &str, start: usize, tools: &[Tool]) -> Option<Found> {
    let head = FENCE.captures(&text[start..])?;
    let at = start + head.get(0)?.end();
    let length = text[at..].find("```").unwrap_or(text.len() - at);
    let body = text[at..at + length].trim();
    let end = (at + length + 3).min(text.len());
    let known = |raw: &[Raw]| !raw.is_empty() && raw.iter().all(|r| offered_name(&r.name, tools).is_some());
    let language = head[1].to_ascii_lowercase();
    if !matches!(language.as_str(), "" | "json" | "tool_code" | "tool_call" | "tool" | "python" | "py") {
        return None;
    }
    let raw = match loose::whole(body) {
        Some(value) => described_all(&value),
        None => python_calls(body)?,
    };
    known(&raw).then_some((raw, end))
}

/// Nothing but calls, apart by commas, semicolons or line breaks; `print(f())` counts as `f()`.
fn python_calls(body: &str) -> Option<Vec<Raw>> {
    let (mut raw, mut at) = (Vec::new(), 0);
    loop {
        at += body[at..].len() - body[at..].trim_start_matches([',', ';', ' ', '\n', '\r', '\t']).len();
        if at >= body.len() {
            return (!raw.is_empty()).then_some(raw);
        }
        if let Some(inner) = body[at..].strip_prefix("print(")
            && let Some((found, end)) = python_call(inner, 0)
            && inner[end..].trim_start().starts_with(')')
        {
            raw.extend(found);
            at = body.len() - inner[end..].trim_start().len() + 1;
            continue;
        }
        let (found, end) = python_call(body, at)?;
        raw.extend(found);
        at = end;
    }
}

fn python_call(text: &str, at: usize) -> Option<Found> {
    let (name, positional, arguments, used) = loose::call(&text[at..])?;
    Some((vec![Raw { name, positional, arguments }], at + used))
}

/// A JSON object or list in the open: a call only if it names an offered tool exactly and has arguments.
fn bare_json(text: &str, at: usize, tools: &[Tool]) -> Option<Found> {
    let (value, used) = loose::prefix(&text[at..])?;
    let is_call = |value: &Value| {
        let inner = value.get("function").filter(|f| f.is_object()).unwrap_or(value);
        ["arguments", "params", "parameters", "args", "input"].iter().any(|key| inner.get(key).is_some())
    };
    let all = match &value {
        Value::Array(items) => !items.is_empty() && items.iter().all(is_call),
        Value::Object(map) if map.contains_key("tool_calls") => true,
        other => is_call(other),
    };
    let raw = described_all(&value);
    let exact = !raw.is_empty() && raw.iter().all(|r| tools.iter().any(|tool| tool.name == r.name));
    (all && exact).then_some((raw, at + used))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tools() -> Vec<Tool> {
        let spec = json!([
            {"name": "add", "parameters": {"a": {"type": "integer"}, "b": {"type": "integer", "default": 1}}},
            {"name": "read_file", "parameters": {"file_path": {"type": "string"}}},
            {"name": "write", "parameters": {"path": {"type": "string"}, "content": {"type": "string"}}}
        ]);
        Tool::list(Some(&spec)).unwrap()
    }

    /// The calls as `[[name, arguments], …]` and what is left of the text.
    fn check(text: &str, calls: Value, content: &str) {
        let parsed = parse(text, &tools());
        let got: Vec<Value> = parsed.calls.iter().map(|c| json!([c.name, c.arguments])).collect();
        assert_eq!((Value::from(got), parsed.content.as_str()), (calls, content), "{text}");
        assert!(parsed.calls.iter().all(|c| c.call_id.is_none()));
    }

    #[test]
    fn every_syntax_is_read() {
        let add = json!([["add", {"a": 1}]]);
        for text in [
            r#"<|tool_call|>{"name":"add","arguments":{"a":1}}</|tool_call|>"#,
            r#"<|tool_call|>{"name":"add","arguments":{"a":1}}<|tool_call|>"#,
            r#"<|tool_call|><|tool_call|>{"name":"add","arguments":{"a":1}}</|tool_call|></|tool_call|>"#,
            r#"<|<|tool_call|>{"name":"add","arguments":{"a":1}}</|tool_call|>"#,
            r#"<|tool_call|>{"name":"add","arguments":{"a":1}}"#,
            r#"<|tool_call>call:add{a:1}<tool_call|>"#,
            "<|tool_call_start|>[add(a=1)]<|tool_call_end|>",
            "<|tool_call_start|>[add(1)]",
            r#"<tool_call>{"name":"add","arguments":{"a":1}}</tool_call>"#,
            "<tool_call>\n```json\n{\"name\":\"add\",\"arguments\":{\"a\":1}}\n```\n</tool_call>",
            "```xml\n<tool_call>{\"name\":\"add\",\"arguments\":{\"a\":1}}</tool_call>\n```",
            "<tool_call>add\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n</tool_call>",
            r#"<function_call>{"name":"add","arguments":{"a":1}}</function_call>"#,
            r#"<function_call>{"name":"add","parameters":"{\"a\":1}"}</function_call>"#,
            "```tool_code\nadd(a=1)\n```",
            "```tool_code\nprint(add(1))\n```",
            "```json\n{\"tool\":\"add\",\"params\":{\"a\":1}}\n```",
            r#"{"name":"add","arguments":{"a":1}}"#,
            r#"[{"name":"add","arguments":{"a":1}}]"#,
            r#"{"tool_calls":[{"function":{"name":"add","arguments":"{\"a\":1}"}}]}"#,
            r#"tool: [add]: {"a":1}"#,
            r#"<|channel|>commentary to=functions.add <|constrain|>json<|message|>{"a":1}<|call|>"#,
            r#"<|start|>assistant<|channel|>commentary to=add <|message|>{"a":1}"#,
            r#"<tool_call>{"name":"functions.add","arguments":{"a":1}}</tool_call>"#,
            r#"<tool_call>{'name': 'add', 'arguments': {'a': 1,}}</tool_call>"#,
            r#"<tool_call>{"name":"add","arguments":{"name":"add","arguments":{"a":1},"call_id":"x"}}</tool_call>"#,
            concat!(
                r#"<tool_call>{"name":"add","arguments":{"a":1}}</tool_call>"#,
                "\n",
                r#"<tool_call>{"name":"add","arguments":{"a":1}}</tool_call>"#
            ),
        ] {
            check(text, add.clone(), "");
        }
    }

    #[test]
    fn parameters_in_tags_stay_texts() {
        check(
            "<tool_call>\n<function=write>\n<parameter=path>\na.txt\n</parameter>\n<parameter=content>\n\n1 < 2\n</parameter>\n</function>\n</tool_call>",
            json!([["write", {"path": "a.txt", "content": "\n1 < 2"}]]),
            "",
        );
        check("<function=add><parameter=a>1</parameter></function>", json!([["add", {"a": "1"}]]), "");
        check("<function=add><parameter=a>1<parameter=b>2</function> x", json!([["add", {"a": "1", "b": "2"}]]), "x");
    }

    #[test]
    fn several_calls_and_the_text_around_them() {
        check(
            "I add.\n<tool_call>{\"name\":\"add\",\"arguments\":{\"a\":1}}</tool_call>\nthen\n<tool_call>{\"name\":\"add\",\"arguments\":{\"a\":2}}</tool_call> done",
            json!([["add", {"a": 1}], ["add", {"a": 2}]]),
            "I add.\nthen\ndone",
        );
        check(
            "<|tool_call_start|>[add(a=1), read_file(file_path='x')]<|tool_call_end|>",
            json!([["add", {"a": 1}], ["read_file", {"file_path": "x"}]]),
            "",
        );
        check(
            r#"<|tool_call|>{"name":"add","arguments":{"a":1}}<|tool_call|>{"name":"add","arguments":{"a":2}}"#,
            json!([["add", {"a": 1}], ["add", {"a": 2}]]),
            "",
        );
        check(
            r#"<tool_call>{"name":"read_file","arguments":{"file_path":"x","start_line_one_indexed":3}}</tool_call>"#,
            json!([["read_file", {"file_path": "x", "start_line": 3}]]),
            "",
        );
    }

    #[test]
    fn what_is_no_call_stays() {
        for text in [
            "plain text",
            r#"{"name":"other","arguments":{}}"#,
            r#"{"name":"add"}"#,
            r#"{"title":"add","a":1}"#,
            "<tool_call>oops</tool_call>",
            "<tool_call>{\"name\":\"unknown\",\"arguments\":{}}</tool_call>",
            "```python\nadd(1)\nfor x in y: pass\n```",
            "```python\nprint('hello')\n```",
            "<|tool_call|>",
            "<function=",
            "tool: add",
            "{{{{",
            "",
        ] {
            check(text, json!([]), text);
        }
        let hostile = "{\"a\":".repeat(20_000) + &"<tool_call>".repeat(2_000);
        check(&hostile, json!([]), &hostile);
    }
}
