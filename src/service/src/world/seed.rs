//! What a new run knows of models before its first step (contract 02, 2.2; 03, 2.3): the default provider and model, what
//! that model can do, and its limits. What the run brings along stays.

use llm::registry::{self, Model};
use model::{Map, Run, Value};
use serde_json::json;

/// Context window of a run no model is named for.
const MAX_TOKENS: u64 = 32_768;

/// Fills `_runtime` and `_limits` of a run on a plane whose flows call models. `default` is the provider and model of
/// nodes that name none.
pub(super) fn seed(run: &mut Run, default: Option<(String, String)>) {
    if let Some((provider, model)) = default {
        name_model(run.namespace("_runtime"), provider, model);
    }
    let runtime = run.namespace("_runtime");
    let named = runtime.get("model").and_then(Value::as_str).map(str::trim).filter(|m| !m.is_empty());
    let believed = named.map(registry::lookup);
    if let Some(believed) = &believed {
        let support = believed.capabilities().get("tool_support").cloned().unwrap_or_else(|| json!("prompted"));
        let native = support == "native";
        runtime.entry("tool_support").or_insert(support);
        runtime.entry("supports_native_tools").or_insert(native.into());
    }
    limit(run, believed.as_ref());
}

/// Fills `_limits` of a run that brings none.
pub(super) fn limit(run: &mut Run, believed: Option<&Model>) {
    if !run.vars.get("_limits").is_some_and(Value::is_object) {
        run.vars.insert("_limits".into(), Value::Object(limits(believed)));
    }
}

/// The pair is one choice: half of the default is not put beside half of the run's.
fn name_model(runtime: &mut Map, provider: String, model: String) {
    let text = |key: &str| runtime.get(key).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    let (own_provider, own_model) = (text("provider"), text("model"));
    let same_provider = own_provider.is_empty() || own_provider.eq_ignore_ascii_case(&provider);
    if !own_model.is_empty() || !same_provider {
        return;
    }
    runtime.insert("provider".into(), provider.to_lowercase().into());
    runtime.insert("model".into(), model.into());
}

/// `_limits` of a run nobody gave limits. Of a model that is not known no bound on answers is assumed.
fn limits(believed: Option<&Model>) -> Map {
    let max_tokens = believed.and_then(|m| m.capabilities().get("max_tokens")?.as_u64()).unwrap_or(MAX_TOKENS);
    let max_output = believed.filter(|m| m.known()).and_then(Model::max_output_tokens);
    let limits = json!({
        "max_iterations": 50, "current_iteration": 0, "max_tokens": max_tokens, "max_output_tokens": max_output,
        "max_input_tokens": null, "estimated_tokens_used": 0, "max_history_messages": -1,
        "warn_iterations_pct": 80, "warn_tokens_pct": 80,
    });
    limits.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeded(vars: Value, default: Option<(&str, &str)>) -> Map {
        let vars = vars.as_object().cloned().unwrap();
        let mut run = Run::new("r".into(), "w".into(), "n".into(), vars, model::Timestamp::EPOCH);
        seed(&mut run, default.map(|(p, m)| (p.to_owned(), m.to_owned())));
        run.vars
    }

    #[test]
    fn the_default_is_named_where_the_run_names_nothing() {
        for (runtime, expected) in [
            (json!({}), ("openai", "gpt-4")),
            (json!({"provider": "openai"}), ("openai", "gpt-4")),
            (json!({"provider": "ollama"}), ("ollama", "-")),
            (json!({"provider": "ollama", "model": "x"}), ("ollama", "x")),
            (json!({"model": "x"}), ("-", "x")),
        ] {
            let vars = seeded(json!({"_runtime": runtime}), Some(("OpenAI", "gpt-4")));
            let text = |key: &str| vars["_runtime"].get(key).and_then(Value::as_str).unwrap_or("-").to_owned();
            assert_eq!((text("provider").as_str(), text("model").as_str()), expected, "{runtime}");
        }
    }

    #[test]
    fn limits_are_those_of_the_model() {
        for (default, max_tokens, max_output, support) in [
            (None, json!(32768), Value::Null, Value::Null),
            (Some(("openai", "gpt-4")), json!(128_000), json!(4096), json!("native")),
            (Some(("openai-compatible", "mock-model")), json!(16384), Value::Null, json!("prompted")),
        ] {
            let vars = seeded(json!({}), default);
            let limits = &vars["_limits"];
            assert_eq!((&limits["max_tokens"], &limits["max_output_tokens"]), (&max_tokens, &max_output));
            assert_eq!(vars["_runtime"].get("tool_support").cloned().unwrap_or_default(), support);
        }
        let own = seeded(json!({"_limits": {"max_tokens": 5}}), Some(("openai", "gpt-4")));
        assert_eq!(own["_limits"], json!({"max_tokens": 5}));
    }
}
