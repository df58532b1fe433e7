//! What is believed of models by name: budgets, tools, structured output, senses, reasoning. The beliefs are the table
//! `registry.json`, kept apart so that it can be updated without reading code.
//!
//! It may not know a server. The one invariant: of an unknown model nothing is assumed that would limit a call; its
//! capabilities as shown to clients are the reference's cautious ones, and `known` is false.

use std::collections::HashMap;
use std::sync::LazyLock;

use model::{Map, Value};
use serde::Deserialize;
use serde_json::json;

/// How a model is offered something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Support {
    /// By the protocol.
    Native,
    /// In the prompt.
    Prompted,
    /// Not at all, as far as is known.
    None,
}

#[derive(Deserialize)]
struct Table {
    models: HashMap<String, Map>,
    architectures: Vec<Architecture>,
}

#[derive(Clone, Debug, Deserialize)]
struct Architecture {
    name: String,
    patterns: Vec<String>,
    tool_format: String,
    #[serde(flatten)]
    rest: Map,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // The file is part of the binary and read by a test; an unreadable one would know no model.
    serde_json::from_str(include_str!("registry.json"))
        .unwrap_or(Table { models: HashMap::new(), architectures: Vec::new() })
});

/// The beliefs about one model.
#[derive(Clone, Debug)]
pub struct Model {
    /// The row's name; none when the table has no row for it.
    pub canonical_name: Option<String>,
    /// The name of its architecture, `generic` when none matches.
    pub architecture: String,
    /// How it writes tool calls when asked to in the prompt.
    pub tool_format: String,
    fields: Map,
}

impl Model {
    /// Whether the table has a row for it.
    #[must_use]
    pub const fn known(&self) -> bool {
        self.canonical_name.is_some()
    }

    /// A field of the row or of the architecture.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// True when the field is true.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.field(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The field as text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.field(name).and_then(Value::as_str)
    }

    /// The texts of a list field.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.field(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// The largest answer it is believed to give; none when unknown.
    #[must_use]
    pub fn max_output_tokens(&self) -> Option<u64> {
        self.field("max_output_tokens").and_then(Value::as_u64).filter(|n| *n > 0)
    }

    /// How a capability is offered; none when nothing is known.
    #[must_use]
    pub fn support(&self, name: &str) -> Option<Support> {
        serde_json::from_value(self.field(name)?.clone()).ok()
    }

    /// Whether it takes images, videos, voice, sound or music by itself, and how: `native`, `video_frames`.
    #[must_use]
    pub fn takes(&self, modality: &str) -> Option<&'static str> {
        match modality {
            "image" => self.flag("vision_support").then_some("native"),
            "video" => match self.text("video_input_mode") {
                Some("native") => Some("native"),
                Some("frames") => Some("video_frames"),
                _ => self.flag("vision_support").then_some("video_frames"),
            },
            _ => self.texts("audio_input_capabilities").any(|m| m == modality).then_some("native"),
        }
    }

    /// The capabilities as clients see them.
    #[must_use]
    pub fn capabilities(&self) -> Map {
        let Value::Object(mut out) = json!({
            "max_output_tokens": 4096, "tool_support": "prompted", "structured_output": "none", "parallel_tools": false,
            "vision_support": false, "audio_support": false, "thinking_support": false, "thinking_budget": false,
            "video_support": false, "fim_support": false, "max_tokens": 16384, "max_tools": 0,
            "video_input_mode": "none", "architecture": self.architecture,
        }) else {
            return Map::new();
        };
        for (name, value) in &self.fields {
            out.insert(name.clone(), value.clone());
        }
        if let Some(name) = &self.canonical_name {
            out.insert("canonical_name".into(), name.as_str().into());
            let native = self.support("tool_support") == Some(Support::Native);
            out.insert("parallel_tools".into(), native.into());
            out.insert("max_tools".into(), if native { json!(-1) } else { json!(0) });
            out.insert("source".into(), "registry".into());
        }
        out
    }
}

/// What is believed of a model name.
#[must_use]
pub fn lookup(name: &str) -> Model {
    let row = canonical(name);
    let architecture = row
        .and_then(|r| TABLE.models[r].get("architecture").and_then(Value::as_str))
        .and_then(|wanted| TABLE.architectures.iter().find(|a| a.name == wanted))
        .or_else(|| architecture(name));
    let mut fields = architecture.map(|a| a.rest.clone()).unwrap_or_default();
    fields.remove("message_format");
    if let Some(row) = row {
        fields.extend(TABLE.models[row].clone());
    }
    fields.remove("aliases");
    fields.remove("architecture");
    Model {
        canonical_name: row.map(str::to_owned),
        architecture: architecture.map_or("generic", |a| &a.name).to_owned(),
        tool_format: architecture.map_or("json", |a| &a.tool_format).to_owned(),
        fields,
    }
}

/// The names of all rows.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.models.keys().map(String::as_str)
}

fn architecture(name: &str) -> Option<&'static Architecture> {
    let name = name.to_ascii_lowercase();
    TABLE.architectures.iter().find(|a| a.patterns.iter().any(|p| has_word(&name, p)))
}

/// Whether `word` stands in `name` with nothing alphanumeric right before it.
fn has_word(name: &str, word: &str) -> bool {
    name.match_indices(word).any(|(at, _)| !name[..at].ends_with(|c: char| c.is_ascii_alphanumeric()))
}

/// The row a name means: exact, then one spelling after the other.
fn canonical(name: &str) -> Option<&'static str> {
    let name = name.trim().to_ascii_lowercase();
    let name = strip_provider(&name).replace("--", "/");
    let tail = name.rsplit('/').next().unwrap_or_default().to_owned();
    let without_tag = tail.split(':').next().unwrap_or_default().to_owned();
    let bare = strip_suffixes(&without_tag);
    let mut spellings = vec![name.clone()];
    for spelling in
        [dotted(&tail), undated(&tail), tail.clone(), tail.replace(':', "-"), without_tag.clone(), bare.clone()]
    {
        spellings.push(spelling);
    }
    spellings
        .iter()
        .find_map(|s| exact(s))
        .or_else(|| spellings.iter().find_map(|s| alias(s)))
        .or_else(|| partial(&bare))
}

fn strip_provider(name: &str) -> &str {
    let found = crate::providers::ALL_IDS.iter().find_map(|id| name.strip_prefix(id)?.strip_prefix('/'));
    found.unwrap_or(name)
}

/// The name without a date such as `-20241022`.
fn undated(name: &str) -> String {
    let parts = name.split('-').filter(|p| !(p.len() == 8 && p.bytes().all(|b| b.is_ascii_digit())));
    parts.collect::<Vec<_>>().join("-")
}

/// `claude-3-5-sonnet-20241022` as `claude-3.5-sonnet`.
fn dotted(name: &str) -> String {
    let name = undated(name);
    let parts: Vec<&str> = name.split('-').collect();
    if parts.first() != Some(&"claude") {
        return name;
    }
    let is_digit = |p: &str| p.len() == 1 && p.as_bytes()[0].is_ascii_digit();
    let mut out: Vec<String> = Vec::new();
    for part in parts {
        match out.last_mut() {
            Some(last) if is_digit(part) && is_digit(last) => *last = format!("{last}.{part}"),
            _ => out.push(part.to_owned()),
        }
    }
    out.join("-")
}

fn strip_suffixes(name: &str) -> String {
    const ENDS: &[&str] = &[
        "-gguf", "-mlx", "-fp8", "-fp16", "-bf16", "-awq", "-gptq", "-int4", "-int8", "-4bit", "-5bit", "-6bit",
        "-8bit", "-q4_k_m", "-q8_0", "-q4_0", "-latest", "-dwq", "-mxfp4",
    ];
    let mut name = name;
    while let Some(shorter) = ENDS.iter().find_map(|end| name.strip_suffix(end)) {
        name = shorter;
    }
    name.to_owned()
}

fn exact(name: &str) -> Option<&'static str> {
    TABLE.models.get_key_value(name).map(|(key, _)| key.as_str())
}

fn alias(name: &str) -> Option<&'static str> {
    let has = |row: &Map| row.get("aliases").and_then(Value::as_array).is_some_and(|a| a.iter().any(|x| x == name));
    TABLE.models.iter().find(|(_, row)| has(row)).map(|(key, _)| key.as_str())
}

/// The row whose name holds this one with the fewest further characters, else the longest row name inside this one.
fn partial(name: &str) -> Option<&'static str> {
    let keys = || TABLE.models.keys().map(String::as_str);
    let wider = keys().filter(|key| name.len() >= 5 && has_word(key, name)).min_by_key(|key| (key.len(), *key));
    let dotted_name = dotted(name);
    let inside = |key: &str| {
        [name, dotted_name.as_str()].iter().any(|name| {
            name.match_indices(key).any(|(at, _)| {
                let before = name[..at].chars().next_back();
                let after = name[at + key.len()..].chars().next();
                !before.is_some_and(|c| c.is_ascii_alphanumeric())
                    && !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.')
            })
        })
    };
    wider.or_else(|| keys().filter(|key| inside(key)).max_by_key(|key| (key.len(), *key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_resolve_to_their_row() {
        assert!(TABLE.models.len() > 50, "the table is read");
        for (name, row, architecture) in [
            ("gpt-4o", Some("gpt-4o"), "gpt"),
            ("GPT-4o", Some("gpt-4o"), "gpt"),
            ("openai/gpt-4o-mini", Some("gpt-4o-mini"), "gpt"),
            ("gpt-4o-2024-08-06", Some("gpt-4o"), "gpt"),
            ("gpt-5.4-nano", Some("gpt-5.4-nano"), "gpt"),
            ("claude-3-5-sonnet-20241022", Some("claude-3.5-sonnet"), "claude"),
            ("anthropic/claude-sonnet-4-6", Some("claude-sonnet-4-6"), "claude"),
            ("claude-sonnet-4-5-20250929", Some("claude-4.5-sonnet"), "claude"),
            ("gpt-oss:20b", Some("gpt-oss-20b"), "gpt-oss"),
            ("openai/gpt-oss-120b-GGUF", Some("gpt-oss-120b"), "gpt-oss"),
            ("mlx-community--gpt-oss-20b-MLX-8bit", Some("gpt-oss-20b"), "gpt-oss"),
            ("qwen/qwen3-next-80b", None, "qwen3-next"),
            ("qwen3:4b", None, "qwen3"),
            ("meta-llama/Llama-3.3-70B", None, "llama3"),
            ("mock-model", None, "generic"),
            ("foo1bar", None, "generic"),
            ("", None, "generic"),
        ] {
            let model = lookup(name);
            assert_eq!(model.canonical_name.as_deref(), row, "{name}");
            assert_eq!(model.architecture, architecture, "{name}");
        }
    }

    #[test]
    fn an_unknown_model_is_shown_cautiously_and_not_limited() {
        let model = lookup("mock-model");
        assert_eq!(model.max_output_tokens(), None);
        assert_eq!(model.support("tool_support"), None);
        assert_eq!(
            Value::Object(model.capabilities()),
            json!({"max_output_tokens":4096,"tool_support":"prompted","structured_output":"none","parallel_tools":false,
                "vision_support":false,"audio_support":false,"thinking_support":false,"thinking_budget":false,
                "video_support":false,"fim_support":false,"max_tokens":16384,"max_tools":0,"video_input_mode":"none",
                "architecture":"generic"})
        );
        assert_eq!(lookup("gpt-4o").takes("image"), Some("native"));
        assert_eq!(lookup("gpt-4").takes("image"), None);
        assert_eq!(lookup("gemini-2.5-pro").takes("music"), Some("native"));
    }
}
