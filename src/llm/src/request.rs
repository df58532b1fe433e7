//! The body of a chat request: one map for all providers, and what is learned when a server refuses a field.
//! Differences from the reference: an unknown model is not clamped, `stop` and other known parameters pass through,
//! `extra_body` is flattened; an unknown model is offered native tools and a native schema first, and only a server
//! that refuses them (remembered per URL and model) gets the prompted forms.
//!
//! The one invariant: a field the caller set is never dropped silently.

use std::collections::BTreeSet;

use model::{Map, Value};

use crate::messages::{self, Form};
use crate::payload::positive;
use crate::registry::{Model, Support};
use crate::route::Route;
use crate::structured::Schema;
use crate::thinking::Applied;
use crate::tools::{self, Tool};

/// What was learned of a model on a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quirks {
    /// It refuses `tools`.
    pub(crate) prompted_tools: bool,
    /// It refuses `response_format`.
    pub(crate) prompted_schema: bool,
    /// It wants `max_completion_tokens`.
    pub(crate) completion_tokens: bool,
    /// Fields of our own it refuses.
    pub(crate) dropped: BTreeSet<&'static str>,
}

/// Parameters that travel as they are when the caller sets them.
const PASSED: &[&str] = &[
    "stop",
    "frequency_penalty",
    "presence_penalty",
    "repetition_penalty",
    "min_p",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "user",
    "parallel_tool_calls",
    "service_tier",
    "verbosity",
    "prompt_cache_retention",
];

/// Fields this side adds unasked and can do without.
const OWN: &[&str] =
    &["temperature", "top_p", "stream_options", "chat_template_kwargs", "reasoning_effort", "prompt_cache_key"];

/// One turn to be put into a body.
pub(crate) struct Turn<'a> {
    pub(crate) route: &'a Route,
    pub(crate) model: &'a Model,
    pub(crate) params: &'a Map,
    pub(crate) system: &'a str,
    pub(crate) messages: &'a [Map],
    /// The tools offered in this turn.
    pub(crate) tools: &'a [Tool],
    /// The schema asked for natively in this turn.
    pub(crate) schema: Option<&'a Schema>,
    pub(crate) thinking: &'a Applied,
    pub(crate) max_output: Option<u64>,
    pub(crate) stream: bool,
}

/// Whether tools go into the protocol's fields for this model on this server.
pub(crate) fn native_tools(model: &Model, params: &Map, quirks: &Quirks) -> bool {
    let wished = params.get("tool_support").and_then(Value::as_str).map(str::to_ascii_lowercase);
    match wished.as_deref() {
        Some("native") => true,
        Some("prompted" | "none") => false,
        _ if quirks.prompted_tools => false,
        _ => model.support("tool_support").is_none_or(|support| support == Support::Native),
    }
}

/// Whether a schema goes into `response_format`.
pub(crate) fn native_schema(model: &Model, quirks: &Quirks) -> bool {
    !quirks.prompted_schema && model.support("structured_output").is_none_or(|support| support == Support::Native)
}

/// The body.
pub(crate) fn body(turn: &Turn<'_>, quirks: &Quirks) -> Value {
    let native = native_tools(turn.model, turn.params, quirks);
    let mut system = turn.thinking.system_prefix.clone().unwrap_or_default() + turn.system;
    let form = if native { Form::Native } else { Form::Prompted(&turn.model.tool_format) };
    if !turn.tools.is_empty() && !native {
        let section = tools::section(turn.tools, &turn.model.tool_format, &system);
        system = if system.is_empty() { section } else { format!("{system}\n\n{section}") };
    }
    let mut wired = messages::wire(&system, turn.messages, turn.tools, form);
    if let Some(token) = &turn.thinking.user_suffix {
        append_to_user(&mut wired, token);
    }
    let mut body = Map::new();
    body.insert("model".into(), turn.route.model.as_str().into());
    body.insert("messages".into(), wired.into());
    body.insert("stream".into(), turn.stream.into());
    if turn.stream {
        body.insert("stream_options".into(), serde_json::json!({"include_usage": true}));
    }
    sampling(&mut body, turn);
    if let Some(tokens) = turn.max_output {
        let newer = quirks.completion_tokens || turn.model.text("token_param_name") == Some("max_completion_tokens");
        body.insert(if newer { "max_completion_tokens" } else { "max_tokens" }.into(), tokens.into());
    }
    if native && !turn.tools.is_empty() {
        body.insert("tools".into(), tools::wire_tools(turn.tools));
        let choice = turn.params.get("tool_choice").filter(|c| !c.is_null()).cloned();
        body.insert("tool_choice".into(), choice.unwrap_or_else(|| "auto".into()));
    }
    if let Some(schema) = turn.schema {
        body.insert("response_format".into(), schema.response_format(turn.route.provider.strict_schema));
    }
    body.extend(turn.thinking.body.clone());
    if let Some(Value::Object(extra)) = turn.params.get("extra_body") {
        body.extend(extra.clone());
    }
    body.retain(|key, _| !quirks.dropped.contains(key.as_str()) || turn.params.contains_key(key));
    let unsupported: Vec<&str> = turn.model.texts("unsupported_parameters").collect();
    body.retain(|key, _| !unsupported.contains(&key.as_str()));
    Value::Object(body)
}

fn sampling(body: &mut Map, turn: &Turn<'_>) {
    let params = turn.params;
    let row = turn.route.provider;
    if !turn.thinking.no_sampling {
        let number = |key: &str| params.get(key).filter(|v| v.is_number()).cloned();
        let default = |value: Option<f64>| value.map(Value::from);
        body.extend(
            number("temperature").or_else(|| default(row.top_p.map(|_| 0.7))).map(|v| ("temperature".to_owned(), v)),
        );
        body.extend(number("top_p").or_else(|| default(row.top_p)).map(|v| ("top_p".to_owned(), v)));
        if row.top_k {
            body.extend(number("top_k").map(|v| ("top_k".to_owned(), v)));
        }
    }
    if let Some(seed) = params.get("seed").and_then(Value::as_i64).filter(|seed| *seed >= 0) {
        body.insert("seed".into(), seed.into());
    }
    for key in PASSED {
        if let Some(value) = params.get(*key) {
            body.insert((*key).into(), value.clone());
        }
    }
    if row.cache_key
        && let Some(key) = params.get("prompt_cache_key").filter(|k| k.as_str().is_some_and(|k| !k.is_empty()))
    {
        body.insert("prompt_cache_key".into(), key.clone());
    }
}

fn append_to_user(wired: &mut [Value], token: &str) {
    let last = wired.iter_mut().rev().find(|m| m.get("role").and_then(Value::as_str) == Some("user"));
    if let Some(content) = last.and_then(|m| m.get_mut("content"))
        && !messages::content_text(Some(content)).contains(token)
    {
        messages::edit_text(content, |text| format!("{text}\n{token}"));
    }
}

/// The budget sent: what is asked for, held to what the model is known to give.
pub(crate) fn output_budget(asked: Option<u64>, model: &Model) -> Option<u64> {
    match (asked, model.max_output_tokens()) {
        (Some(asked), Some(most)) => Some(asked.min(most)),
        (asked, most) => asked.or(most),
    }
}

/// What a refusal of `body` teaches; none when it teaches nothing that could help.
pub(crate) fn learn(quirks: &Quirks, body: &Value, params: &Map, model: &Model, said: &str) -> Option<Quirks> {
    let said = said.to_ascii_lowercase();
    let has = |key: &str| body.get(key).is_some();
    let forced = params.get("tool_support").and_then(Value::as_str) == Some("native");
    let mut learned = quirks.clone();
    if has("max_tokens") && said.contains("max_completion_tokens") {
        learned.completion_tokens = true;
    } else if has("response_format")
        && !model.known()
        && ["response_format", "json_schema", "grammar", "structured"].iter().any(|w| said.contains(w))
    {
        learned.prompted_schema = true;
    } else if let Some(key) = OWN.iter().find(|key| has(key) && !params.contains_key(**key) && names(&said, key)) {
        learned.dropped.insert(key);
    } else if has("tools") && !model.known() && !forced && said.contains("tool") {
        learned.prompted_tools = true;
    } else {
        return None;
    }
    (learned != *quirks).then_some(learned)
}

fn names(said: &str, key: &str) -> bool {
    said.match_indices(key).any(|(at, _)| {
        let edge = |c: Option<char>| !c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        edge(said[..at].chars().next_back()) && edge(said[at + key.len()..].chars().next())
    })
}

/// The body as the ledger shows it: the prompts left out, their number and size in their place.
pub(crate) fn outline(body: &Value) -> Value {
    let mut out = body.as_object().cloned().unwrap_or_default();
    for key in ["messages", "tools"] {
        if let Some(Value::Array(items)) = out.get(key) {
            let text = Value::Array(items.clone()).to_string();
            let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(text.as_bytes()));
            let shape = serde_json::json!({"count": items.len(), "bytes": text.len(), "sha256": digest});
            out.insert(key.into(), shape);
        }
    }
    Value::Object(model::redact::object(&out))
}

/// The next budget after a cut-off answer; none when it cannot grow.
pub(crate) fn grown(current: Option<u64>, cap: Option<u64>, model: &Model) -> Option<u64> {
    let most =
        cap.or_else(|| model.max_output_tokens()).or_else(|| positive(model.field("max_tokens"))).unwrap_or(1_000_000);
    let current_or_start = current.unwrap_or(2048);
    let next = current_or_start.saturating_mul(2).max(current_or_start.saturating_add(500)).min(most);
    (current.is_none() || next > current_or_start).then_some(next)
}
