//! The providers the contract knows, one row each. All that are served here speak the OpenAI protocol; a row says how
//! they differ. Difference from the reference: Ollama is reached through its OpenAI surface (`/v1`), which gives it
//! native tools and structured output.
//!
//! The one invariant: a provider is a row; nothing elsewhere asks for a provider by name but [`find`] and the
//! connection lookup of `route`.

use crate::error::{CallError, ErrorKind};

/// How a provider treats keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A call without one cannot work.
    Required,
    /// Sent when there is one.
    Optional,
}

/// How a provider switches reasoning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reasoning {
    /// `reasoning_effort` for models with known levels.
    Effort,
    /// `chat_template_kwargs.enable_thinking`, for model families whose template reads it.
    Template,
    /// `chat_template_kwargs.enable_thinking`, for every model.
    TemplateAlways,
}

/// One provider.
#[derive(Debug)]
pub struct Provider {
    /// The id in requests.
    pub id: &'static str,
    /// How error texts name it.
    pub label: &'static str,
    /// The base URL when nothing else is said.
    pub base_url: &'static str,
    /// Keys.
    pub key: Key,
    /// A base URL without a path gets `/v1`.
    pub adds_v1: bool,
    /// The `top_p` of a call that sets none; none leaves sampling to the server.
    pub top_p: Option<f64>,
    /// Takes `top_k`.
    pub top_k: bool,
    /// Takes `prompt_cache_key`.
    pub cache_key: bool,
    /// Its schemas are strict: every property required, nothing else allowed.
    pub strict_schema: bool,
    /// Reasoning.
    pub reasoning: Reasoning,
    /// Runs on the user's machine by default.
    pub local: bool,
}

const COMPATIBLE: Provider = Provider {
    id: "openai-compatible",
    label: "OpenAI-compatible server",
    base_url: "http://localhost:1234/v1",
    key: Key::Optional,
    adds_v1: false,
    top_p: Some(0.9),
    top_k: false,
    cache_key: true,
    strict_schema: false,
    reasoning: Reasoning::Template,
    local: false,
};

/// The providers served here.
pub const PROVIDERS: &[Provider] = &[
    Provider {
        id: "openai",
        label: "OpenAI",
        base_url: "https://api.openai.com/v1",
        key: Key::Required,
        top_p: Some(1.0),
        strict_schema: true,
        reasoning: Reasoning::Effort,
        ..COMPATIBLE
    },
    Provider {
        id: "ollama",
        label: "Ollama",
        base_url: "http://localhost:11434",
        adds_v1: true,
        cache_key: false,
        reasoning: Reasoning::Effort,
        local: true,
        ..COMPATIBLE
    },
    Provider {
        id: "lmstudio",
        label: "LM Studio",
        adds_v1: true,
        top_k: true,
        cache_key: false,
        local: true,
        ..COMPATIBLE
    },
    Provider {
        id: "vllm",
        label: "vLLM",
        base_url: "http://localhost:8000/v1",
        adds_v1: true,
        cache_key: false,
        reasoning: Reasoning::TemplateAlways,
        ..COMPATIBLE
    },
    COMPATIBLE,
    Provider {
        id: "openrouter",
        label: "OpenRouter",
        base_url: "https://openrouter.ai/api/v1",
        key: Key::Required,
        cache_key: false,
        reasoning: Reasoning::Effort,
        ..COMPATIBLE
    },
    Provider {
        id: "portkey",
        label: "Portkey",
        base_url: "https://api.portkey.ai/v1",
        key: Key::Required,
        top_p: None,
        cache_key: false,
        reasoning: Reasoning::Effort,
        ..COMPATIBLE
    },
];

/// Every id of the contract, in the order its error text lists them.
pub const ALL_IDS: [&str; 10] = [
    "openai",
    "anthropic",
    "ollama",
    "lmstudio",
    "mlx",
    "huggingface",
    "vllm",
    "openai-compatible",
    "openrouter",
    "portkey",
];

/// The row of a provider id, whatever its case.
///
/// # Errors
/// An unknown id, or one that is known and not served here.
pub fn find(id: &str) -> Result<&'static Provider, CallError> {
    let wanted = id.trim().to_ascii_lowercase().replace('_', "-");
    if let Some(row) = PROVIDERS.iter().find(|row| row.id == wanted) {
        return Ok(row);
    }
    if ALL_IDS.contains(&wanted.as_str()) {
        let instead = match wanted.as_str() {
            "anthropic" => "reach its models through openrouter, portkey or any OpenAI-compatible proxy",
            _ => "run the model in lmstudio, ollama or vllm, or behind any openai-compatible server",
        };
        let message = format!("provider {wanted} is not available yet: {instead}");
        return Err(CallError::new(ErrorKind::Unsupported, message));
    }
    let message = format!("Unknown provider: {id}. Available providers: {}", ALL_IDS.join(", "));
    Err(CallError::new(ErrorKind::Input, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_refused_or_explained() {
        for row in PROVIDERS {
            assert_eq!(find(row.id).unwrap().id, row.id);
        }
        assert_eq!(find(" OpenAI_Compatible ").unwrap().id, "openai-compatible");
        assert_eq!(
            find("nope").unwrap_err().message,
            "Unknown provider: nope. Available providers: openai, anthropic, ollama, lmstudio, mlx, huggingface, vllm, \
             openai-compatible, openrouter, portkey"
        );
        for id in ["anthropic", "mlx", "huggingface"] {
            assert_eq!(find(id).unwrap_err().kind, ErrorKind::Unsupported, "{id}");
        }
    }
}
