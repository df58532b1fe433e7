//! `params.thinking`: how much a model shall reason, and how each provider is told (contract 05, section 7).
//!
//! The one invariant: a level the model does not have is never sent; the metadata says what was made of the wish.

use model::{Map, Value};
use serde_json::json;

use crate::error::CallError;
use crate::providers::Reasoning;
use crate::registry::Model;
use crate::route::Route;

/// A wish for reasoning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thinking {
    /// As the server likes.
    Auto,
    /// Some, at no particular level.
    On,
    /// None.
    Off,
    /// At a level.
    Level(&'static str),
}

const LEVELS: [&str; 5] = ["minimal", "low", "medium", "high", "xhigh"];

impl Thinking {
    /// Reads the parameter.
    ///
    /// # Errors
    /// A word that is no level.
    pub fn read(value: Option<&Value>) -> Result<Self, CallError> {
        let word = match value {
            None | Some(Value::Null) => return Ok(Self::Auto),
            Some(Value::Bool(on)) => return Ok(if *on { Self::On } else { Self::Off }),
            Some(Value::String(text)) => text.trim().to_ascii_lowercase(),
            Some(other) => other.to_string(),
        };
        match word.as_str() {
            "" | "auto" => Ok(Self::Auto),
            "on" | "true" => Ok(Self::On),
            "off" | "none" | "false" => Ok(Self::Off),
            "extra high" | "extra_high" | "extra-high" => Ok(Self::Level("xhigh")),
            level => LEVELS.iter().find(|l| **l == level).map(|l| Self::Level(l)).ok_or_else(|| {
                CallError::input(
                    "thinking must be one of: auto, on, off, none, minimal, low, medium, high, xhigh, true, false",
                )
            }),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::On => "on",
            Self::Off => "off",
            Self::Level(level) => level,
        }
    }
}

/// What a wish does to a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Applied {
    /// Fields of the body.
    pub(crate) body: Map,
    /// Put before the system text.
    pub(crate) system_prefix: Option<String>,
    /// Put on a line of its own after the last user message.
    pub(crate) user_suffix: Option<String>,
    /// The model reasons at a level now, so sampling parameters are refused.
    pub(crate) no_sampling: bool,
    /// For the result's metadata.
    pub(crate) metadata: Map,
}

/// Turns a wish into what the provider understands.
pub(crate) fn apply(wish: Thinking, route: &Route, model: &Model) -> Applied {
    let mut out = Applied::default();
    if wish == Thinking::Auto {
        return out;
    }
    let levels: Vec<&str> = model.texts("reasoning_levels").collect();
    let (mut switched, mut level) = (false, None);
    if model.architecture == "gpt-oss" && route.provider.reasoning != Reasoning::Effort {
        level = nearest(wish, &["low", "medium", "high"]);
        out.system_prefix = level.map(|level| format!("Reasoning: {level}\n"));
    } else if route.provider.reasoning == Reasoning::Effort && !levels.is_empty() {
        level = nearest(wish, &levels);
        out.body.extend(level.map(|level| ("reasoning_effort".to_owned(), level.into())));
        out.no_sampling = route.provider.strict_schema && level.is_some_and(|level| level != "none");
        switched = true;
    } else if model.flag("thinking_budget") && route.provider.reasoning != Reasoning::Effort {
        out.body.insert("chat_template_kwargs".into(), json!({"thinking_budget": budget(wish)}));
        switched = true;
    } else if reads_template_switch(route, model) {
        let on = wish != Thinking::Off;
        out.body.insert("chat_template_kwargs".into(), json!({"enable_thinking": on, "enableThinking": on}));
        switched = true;
    } else if let Some(token) = model.text("thinking_control") {
        if wish == Thinking::Off {
            out.user_suffix = Some(token.to_owned());
        }
        switched = true;
    }
    let effective = if level.is_some() || switched { json!(level.unwrap_or(wish.word())) } else { Value::Null };
    out.metadata = Map::from_iter([
        ("thinking_requested".to_owned(), json!(wish.word())),
        ("thinking_effective".to_owned(), effective),
        ("thinking_level_requested".to_owned(), if let Thinking::Level(l) = wish { json!(l) } else { Value::Null }),
        ("thinking_level_effective".to_owned(), json!(level)),
        ("thinking_supported_levels".to_owned(), json!(levels)),
        ("thinking_handled_enable_disable".to_owned(), json!(switched)),
        ("thinking_handled_level".to_owned(), json!(level.is_some())),
        ("thinking_supports_control".to_owned(), json!(switched || level.is_some())),
        (
            "thinking_supports_output".to_owned(),
            json!(model.flag("thinking_support") || model.field("thinking_tags").is_some()),
        ),
    ]);
    out
}

fn reads_template_switch(route: &Route, model: &Model) -> bool {
    match route.provider.reasoning {
        Reasoning::TemplateAlways => true,
        Reasoning::Template => model.architecture.starts_with("qwen3") || model.architecture == "nemotron",
        Reasoning::Effort => false,
    }
}

const fn budget(wish: Thinking) -> i64 {
    match wish {
        Thinking::Off => 0,
        Thinking::Level(level) => match level.as_bytes() {
            b"minimal" => 256,
            b"low" => 512,
            b"high" => 4096,
            b"xhigh" => 8192,
            _ => 1024,
        },
        Thinking::On | Thinking::Auto => 1024,
    }
}

/// The level the model has that is nearest to the wish; of two as near, the lower.
fn nearest<'a>(wish: Thinking, levels: &[&'a str]) -> Option<&'a str> {
    let rank = |level: &str| LEVELS.iter().position(|l| *l == level);
    let wanted = match wish {
        Thinking::Auto => return None,
        Thinking::Off => {
            let none = levels.iter().find(|level| **level == "none");
            return none.or_else(|| levels.iter().min_by_key(|level| rank(level).unwrap_or(usize::MAX))).copied();
        }
        Thinking::On => "medium",
        Thinking::Level(level) => level,
    };
    let wanted = rank(wanted)?;
    let ranked = levels.iter().filter_map(|level| Some((rank(level)?, *level)));
    ranked.min_by_key(|(rank, _)| (rank.abs_diff(wanted), *rank)).map(|(_, level)| level)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;
    use crate::registry;
    use crate::route::{Wanted, resolve};

    fn check(provider: &str, model: &str, wish: Value, body: Value) {
        let mut env = Env::default();
        env.openai.api_key = Some(crate::Secret::new("k"));
        let wanted = Wanted { provider: Some(provider), model: Some(model), ..Wanted::default() };
        let route = resolve(wanted, None, &env).unwrap();
        let applied = apply(Thinking::read(Some(&wish)).unwrap(), &route, &registry::lookup(model));
        assert_eq!(Value::Object(applied.body), body, "{provider} {model} {wish}");
    }

    #[test]
    fn each_provider_is_told_its_way() {
        check("openai", "gpt-5", json!("high"), json!({"reasoning_effort": "high"}));
        check("openai", "gpt-5", json!("xhigh"), json!({"reasoning_effort": "high"}));
        check("openai", "gpt-5", json!(true), json!({"reasoning_effort": "medium"}));
        check("openai", "gpt-5", json!("off"), json!({"reasoning_effort": "minimal"}));
        check("openai", "gpt-5.1", json!("none"), json!({"reasoning_effort": "none"}));
        check("openai", "gpt-5.1", json!("minimal"), json!({"reasoning_effort": "low"}));
        check("openai", "gpt-4o", json!("high"), json!({}));
        check(
            "lmstudio",
            "qwen3:4b",
            json!(false),
            json!({"chat_template_kwargs": {"enable_thinking": false, "enableThinking": false}}),
        );
        check(
            "vllm",
            "anything",
            json!("on"),
            json!({"chat_template_kwargs": {"enable_thinking": true, "enableThinking": true}}),
        );
        check(
            "openai-compatible",
            "seed-oss-36b",
            json!("low"),
            json!({"chat_template_kwargs": {"thinking_budget": 512}}),
        );
        check("openai-compatible", "mock-model", json!("low"), json!({}));
        check("openai", "gpt-5", json!("auto"), json!({}));
    }

    #[test]
    fn other_words_are_refused() {
        assert!(Thinking::read(Some(&json!("lots"))).unwrap_err().message.starts_with("thinking must be one of: "));
        assert_eq!(Thinking::read(Some(&json!("Extra High"))).unwrap(), Thinking::Level("xhigh"));
    }
}
