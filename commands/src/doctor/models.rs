//! Is a model set, and does its provider answer?

use std::time::Duration;

use model::Value;
use model::api::defaults::ShowDefaults;
use service::{Local, Settings};

use super::Check;
use crate::target::{Target, prepare_tls};

const NAME: &str = "default model";
const SET: &str = "abstractgateway config set-default input.text --provider PROVIDER --model MODEL";

/// The default model for text, and its provider.
pub(super) async fn default_model(settings: &Settings, target: &Target) -> Check {
    let defaults = match target.call(&ShowDefaults {}).await {
        Ok(defaults) => Value::Object(defaults),
        Err(failure) => {
            let fix = failure.help.unwrap_or_else(|| SET.to_owned());
            return Check::warn(NAME, format!("it cannot be told: {}", failure.what), fix);
        }
    };
    let Some(route) = route(&defaults) else { return offers(settings).await };
    let name = format!("{}/{}", route.provider, route.model);
    let Some(url) = route.base_url.clone().or_else(|| base_url(settings, &route.provider)) else {
        return Check::ok(NAME, format!("{name} is set"));
    };
    if answers(&url).await {
        return Check::ok(NAME, format!("{name} is set, and {url} answers"));
    }
    Check::warn(
        NAME,
        format!("{name} is set, and nothing answers at {url}"),
        "start the provider, or set another default model",
    )
}

/// No default is set: what this machine has to offer.
pub(super) async fn offers(settings: &Settings) -> Check {
    prepare_tls();
    offer(&service::local_servers(settings).await)
}

fn offer(found: &[Local]) -> Check {
    let with_model = found.iter().find_map(|local| {
        let model = local.models.iter().find(|model| !model.contains("embed")).or(local.models.first())?;
        Some((local, model))
    });
    let Some((local, model)) = with_model else {
        return Check::warn(NAME, "none is set: flows must name their own", SET);
    };
    let count = local.models.len();
    let models = if count == 1 { "a model".to_owned() } else { format!("{count} models") };
    let Local { provider, base_url, .. } = local;
    Check::warn(
        NAME,
        format!("none is set; {provider} answers at {base_url} and has {models}"),
        format!(
            "abstractgateway config set-default input.text --provider {provider} --model {model} --base-url {base_url}"
        ),
    )
}

#[derive(Debug, PartialEq, Eq)]
struct Route {
    provider: String,
    model: String,
    base_url: Option<String>,
}

fn route(defaults: &Value) -> Option<Route> {
    let routes = defaults["routes"].as_array()?;
    let row = routes.iter().find(|r| r["key"] == "input.text" && r["configured"] == true)?;
    let text = |key: &str| row[key].as_str().filter(|t| !t.is_empty()).map(str::to_owned);
    Some(Route { provider: text("provider")?, model: text("model").unwrap_or_default(), base_url: text("base_url") })
}

/// Where a local provider is by the settings; hosted ones are not probed without need.
fn base_url(settings: &Settings, provider: &str) -> Option<String> {
    let models = &settings.models;
    match provider {
        "lmstudio" => Some(models.lmstudio_base_url.clone()),
        "ollama" => Some(models.ollama_base_url.clone()),
        "vllm" => models.vllm_base_url.clone(),
        "openai" | "openai-compatible" => models.openai_base_url.clone(),
        _ => None,
    }
}

/// Any answer will do: what it says is the provider's business.
async fn answers(url: &str) -> bool {
    prepare_tls();
    let Ok(http) = reqwest::Client::builder().timeout(Duration::from_secs(3)).build() else { return false };
    http.get(url).send().await.is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_server_on_this_machine_is_offered() {
        let local = |provider, models: &[&str]| Local {
            provider,
            base_url: "http://h/v1".into(),
            models: models.iter().map(|m| (*m).to_owned()).collect(),
        };
        let set = |provider: &str, model: &str| {
            Some(format!(
                "abstractgateway config set-default input.text --provider {provider} --model {model} --base-url http://h/v1"
            ))
        };
        for (found, fix) in [
            (vec![], Some(SET.to_owned())),
            (vec![local("lmstudio", &[]), local("ollama", &["m"])], set("ollama", "m")),
            (vec![local("lmstudio", &["a-embed", "b"]), local("ollama", &["m"])], set("lmstudio", "b")),
            (vec![local("lmstudio", &["a-embed"])], set("lmstudio", "a-embed")),
        ] {
            assert_eq!(offer(&found).fix, fix, "{found:?}");
        }
    }

    #[test]
    fn the_route_of_text_counts_when_it_is_set() {
        let check = |row: Value, expected: Option<(&str, &str, Option<&str>)>| {
            let found = route(&json!({"routes": [{"key": "input.image", "configured": true}, row]}));
            let expected =
                expected.map(|(p, m, u)| Route { provider: p.into(), model: m.into(), base_url: u.map(str::to_owned) });
            assert_eq!(found, expected, "{row}");
        };
        check(json!({"key": "input.text", "configured": false}), None);
        check(json!({"key": "input.text", "configured": true, "provider": ""}), None);
        check(json!({"key": "input.text", "configured": true, "provider": "p", "model": "m"}), Some(("p", "m", None)));
        check(
            json!({"key": "input.text", "configured": true, "provider": "p", "base_url": "http://h"}),
            Some(("p", "", Some("http://h"))),
        );
        assert_eq!(route(&json!({})), None);
    }
}
