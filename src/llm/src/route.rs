//! Where a call goes: provider, model, base URL, key and headers, decided at the moment of the call.
//!
//! The one invariant: the key of a route is the key stored with its URL, or one the caller brought along. Differences
//! from the reference: a default's `base_url` is honoured; no key travels to another provider or another URL.

use model::{Map, Value};
use url::Url;

use crate::defaults::TextDefault;
use crate::env::{Connection, Env, Secret};
use crate::error::{CallError, ErrorKind};
use crate::providers::{self, Key, Provider};

/// A resolved destination.
#[derive(Clone, Debug)]
pub struct Route {
    /// What the caller named: a provider id or `endpoint:<id>`.
    pub provider_id: String,
    /// The row that says how to talk.
    pub provider: &'static Provider,
    /// The model.
    pub model: String,
    /// Without a trailing slash.
    pub base_url: String,
    /// What goes into every request.
    pub headers: Vec<(&'static str, Secret)>,
    /// Whether the configured default chose provider and model.
    pub is_default: bool,
}

impl Route {
    /// The base URL plus a path such as `/chat/completions`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}

/// What the caller says of the destination.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Provider id or `endpoint:<id>`.
    pub provider: Option<&'a str>,
    /// The model.
    pub model: Option<&'a str>,
    /// A base URL of the caller's own.
    pub base_url: Option<&'a str>,
    /// A key of the caller's own.
    pub api_key: Option<&'a str>,
}

/// The text of a call for which nothing is configured, with the command that helps.
pub const NOTHING_CONFIGURED: &str = "No provider/model is configured for text generation. Provide provider and model in \
the request, supply workflow defaults, or configure the execution-host output.text capability default: \
abstractgateway config set-default input.text --provider openai-compatible --model MODEL --base-url http://localhost:1234/v1";

/// The text of a call that names one of provider and model.
pub const HALF_CONFIGURED: &str = "Provider and model must both be set, or both left blank for Gateway/Core defaults";

/// A word that means "the default".
fn marker(text: Option<&str>) -> Option<&str> {
    let text = text?.trim();
    let lower = text.to_ascii_lowercase();
    let blank = [
        "",
        "default",
        "auto",
        "gateway",
        "gateway-default",
        "gateway_default",
        "core-default",
        "core_default",
        "none",
        "null",
    ];
    (!blank.contains(&lower.as_str())).then_some(text)
}

/// Decides the destination.
///
/// # Errors
/// Nothing configured, half of it configured, an unknown provider or connection, or a URL that may not be called.
pub fn resolve(wanted: Wanted<'_>, default: Option<&TextDefault>, env: &Env) -> Result<Route, CallError> {
    let (provider, model) = match (marker(wanted.provider), marker(wanted.model), default) {
        (Some(provider), Some(model), _) => (provider, model),
        (None, None, Some(default)) => (default.provider.as_str(), default.model.as_str()),
        (None, None, None) => return Err(CallError::new(ErrorKind::NotConfigured, NOTHING_CONFIGURED)),
        _ => return Err(CallError::input(HALF_CONFIGURED)),
    };
    let same = default.filter(|d| d.provider.eq_ignore_ascii_case(provider) && d.model == model);
    let own_url = wanted.base_url.map(str::trim).filter(|u| !u.is_empty());
    let wished = own_url.or_else(|| same.and_then(|d| d.base_url.as_deref()));
    let (row, stored) = connection(provider, env)?;
    let stored_url = normalized(row, stored.base_url.as_deref().unwrap_or(row.base_url))?;
    let base_url = match wished {
        Some(url) => allowed(normalized(row, url)?)?,
        None => stored_url.clone(),
    };
    let key = match wanted.api_key.map(str::trim) {
        Some("EMPTY" | "") => None,
        Some(own) => Some(Secret::new(own)),
        None => stored.api_key.filter(|k| base_url == stored_url && !matches!(k.reveal().trim(), "" | "EMPTY")),
    };
    if row.key == Key::Required && key.is_none() && base_url == stored_url {
        let message = format!(
            "no API key is stored for {provider}: set {}_API_KEY or save a provider connection with its key",
            row.id.to_uppercase()
        );
        return Err(CallError::new(ErrorKind::NotConfigured, message));
    }
    Ok(Route {
        provider_id: provider.to_owned(),
        provider: row,
        model: model.to_owned(),
        headers: headers(row, key.as_ref(), base_url == stored_url, env),
        base_url: base_url.to_string().trim_end_matches('/').to_owned(),
        is_default: same.is_some(),
    })
}

/// The row of a provider and the URL and key stored for it.
fn connection(provider: &str, env: &Env) -> Result<(&'static Provider, Connection), CallError> {
    if let Some(id) = provider.strip_prefix("endpoint:") {
        let found = env.endpoints.iter().find(|e| e.id.eq_ignore_ascii_case(id.trim()));
        let endpoint = found.ok_or_else(|| {
            CallError::new(ErrorKind::NotConfigured, format!("provider connection '{id}' is not known or not enabled"))
        })?;
        let row = providers::find(&endpoint.provider_family)?;
        let mut connection = endpoint.connection.clone();
        if connection.base_url.is_none() {
            connection.base_url = self::connection(row.id, env)?.1.base_url;
        }
        return Ok((row, connection));
    }
    let row = providers::find(provider)?;
    let stored = match row.id {
        "openai" => &env.openai,
        "ollama" => &env.ollama,
        "lmstudio" => &env.lmstudio,
        "vllm" => &env.vllm,
        "openrouter" => &env.openrouter,
        "portkey" => &env.portkey,
        _ => return Ok((row, compatible(env))),
    };
    Ok((row, stored.clone()))
}

/// `OPENAI_BASE_URL` names a compatible server as often as the vendor; its key goes with it, and only with it.
fn compatible(env: &Env) -> Connection {
    let own = &env.openai_compatible;
    if own.base_url.is_some() || env.openai.base_url.is_none() {
        return own.clone();
    }
    let api_key = own.api_key.clone().or_else(|| env.openai.api_key.clone());
    Connection { base_url: env.openai.base_url.clone(), api_key }
}

/// The base URL in one form, so that two spellings of a place compare equal.
fn normalized(row: &Provider, text: &str) -> Result<Url, CallError> {
    let text = text.trim().trim_end_matches('/');
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let bad = || CallError::input(format!("Base URL must be an http(s) URL: {}", crate::redact::url(text)));
    let mut url = Url::parse(&with_scheme).map_err(|_| bad())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(bad());
    }
    // What a server binds to is not where it is called.
    if url.host_str() == Some("0.0.0.0") {
        let _ = url.set_host(Some("127.0.0.1"));
    }
    if row.id == "ollama" && !text.contains("://") && url.port().is_none() {
        let _ = url.set_port(Some(11434));
    }
    if row.adds_v1 && url.path().trim_matches('/').is_empty() {
        url.set_path("/v1");
    }
    Ok(url)
}

/// Refuses addresses that serve credentials to whoever asks from this machine.
fn allowed(url: Url) -> Result<Url, CallError> {
    let refused = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_link_local(),
        Some(url::Host::Ipv6(ip)) => {
            ip.is_unicast_link_local() || ip.to_ipv4_mapped().is_some_and(|v4| v4.is_link_local())
        }
        Some(url::Host::Domain(name)) => matches!(name.trim_end_matches('.'), "metadata.google.internal" | "metadata"),
        None => true,
    };
    if refused {
        return Err(CallError::input("the base URL names a link-local or metadata address, which may not be called"));
    }
    Ok(url)
}

fn headers(row: &Provider, key: Option<&Secret>, own_place: bool, env: &Env) -> Vec<(&'static str, Secret)> {
    let mut out = Vec::new();
    let bearer = |key: &Secret| ("authorization", Secret::new(format!("Bearer {}", key.reveal())));
    out.extend(key.map(bearer));
    match row.id {
        "openrouter" => {
            out.extend(env.openrouter_site_url.as_ref().map(|url| ("http-referer", Secret::new(url))));
            out.extend(env.openrouter_app_name.as_ref().map(|name| ("x-title", Secret::new(name))));
        }
        "portkey" => {
            out.extend(key.map(|key| ("x-portkey-api-key", key.clone())));
            if own_place {
                portkey_routing(&mut out, env);
            }
        }
        _ => {}
    }
    out
}

fn portkey_routing(out: &mut Vec<(&'static str, Secret)>, env: &Env) {
    if let Some(config) = &env.portkey_config {
        out.push(("x-portkey-config", Secret::new(config)));
    } else if let Some(key) = &env.portkey_virtual_key {
        out.push(("x-portkey-virtual-key", key.clone()));
    } else if let Some(provider) = &env.portkey_provider {
        out.push(("x-portkey-provider", Secret::new(provider)));
        if let Some(key) = &env.portkey_provider_api_key {
            out.retain(|(name, _)| *name != "authorization");
            out.push(("authorization", Secret::new(format!("Bearer {}", key.reveal()))));
        }
    }
}

/// What a payload says of the destination.
#[must_use]
pub fn wanted<'a>(payload: &'a Map, params: &'a Map) -> Wanted<'a> {
    let text = |map: &'a Map, key: &str| map.get(key).and_then(Value::as_str);
    Wanted {
        provider: text(payload, "provider"),
        model: text(payload, "model"),
        base_url: text(params, "base_url"),
        api_key: text(params, "api_key"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env() -> Env {
        let mut env = Env {
            openai: Connection::new(None, Some("sk-openai")),
            vllm: Connection::new(Some("http://gpu:8000"), Some("vllm-key")),
            ollama: Connection::new(Some("0.0.0.0"), None),
            ..Env::default()
        };
        env.endpoints.push(crate::Endpoint {
            id: "G1".into(),
            provider_family: "openai-compatible".into(),
            connection: Connection::new(Some("http://g1/v1/"), Some("gkey-123")),
        });
        env
    }

    fn default() -> TextDefault {
        TextDefault {
            provider: "openai-compatible".into(),
            model: "m".into(),
            base_url: Some("http://127.0.0.1:9/v1".into()),
            options: Map::new(),
        }
    }

    /// provider, model, base_url, api_key → base URL and the `authorization` header, or the error's kind.
    fn check(wanted: (&str, &str, &str, &str), expected: Result<(&str, Option<&str>), ErrorKind>) {
        let some = |text: &'static str| (!text.is_empty()).then_some(text);
        let leak = |text: &str| some(Box::leak(text.to_owned().into_boxed_str()));
        let wanted_parts = Wanted {
            provider: leak(wanted.0),
            model: leak(wanted.1),
            base_url: leak(wanted.2),
            api_key: leak(wanted.3),
        };
        let got = resolve(wanted_parts, Some(&default()), &env()).map(|route| {
            let auth = route.headers.iter().find(|(n, _)| *n == "authorization").map(|(_, v)| v.reveal().to_owned());
            (route.base_url, auth)
        });
        let expected = expected.map(|(url, auth)| (url.to_owned(), auth.map(str::to_owned)));
        assert_eq!(got.map_err(|e| e.kind), expected, "{wanted:?}");
    }

    #[test]
    fn a_key_goes_only_to_the_url_it_is_stored_with() {
        check(("openai", "gpt-4o", "", ""), Ok(("https://api.openai.com/v1", Some("Bearer sk-openai"))));
        check(
            ("openai", "gpt-4o", "https://API.openai.com/v1/", ""),
            Ok(("https://api.openai.com/v1", Some("Bearer sk-openai"))),
        );
        check(("openai", "gpt-4o", "http://evil/v1", ""), Ok(("http://evil/v1", None)));
        check(("openai", "gpt-4o", "http://evil/v1", "own"), Ok(("http://evil/v1", Some("Bearer own"))));
        check(("openai-compatible", "x", "", ""), Ok(("http://localhost:1234/v1", None)));
        check(("lmstudio", "x", "", ""), Ok(("http://localhost:1234/v1", None)));
        check(("vllm", "x", "", ""), Ok(("http://gpu:8000/v1", Some("Bearer vllm-key"))));
        check(("vllm", "x", "", "EMPTY"), Ok(("http://gpu:8000/v1", None)));
        check(("endpoint:g1", "x", "", ""), Ok(("http://g1/v1", Some("Bearer gkey-123"))));
        check(("endpoint:g1", "x", "http://other/v1", ""), Ok(("http://other/v1", None)));
        check(("ollama", "x", "", ""), Ok(("http://127.0.0.1:11434/v1", None)));
    }

    #[test]
    fn the_default_serves_what_names_nothing_or_the_same() {
        check(("", "", "", ""), Ok(("http://127.0.0.1:9/v1", None)));
        check(("default", "auto", "", ""), Ok(("http://127.0.0.1:9/v1", None)));
        check(("openai-compatible", "m", "", ""), Ok(("http://127.0.0.1:9/v1", None)));
        check(("openai-compatible", "m", "http://x/v1", ""), Ok(("http://x/v1", None)));
        check(("openai-compatible", "", "", ""), Err(ErrorKind::Input));
        check(("", "m", "", ""), Err(ErrorKind::Input));
        check(("openrouter", "m", "", ""), Err(ErrorKind::NotConfigured));
        check(("endpoint:nope", "m", "", ""), Err(ErrorKind::NotConfigured));
        let error = resolve(Wanted::default(), None, &env()).unwrap_err();
        assert!(error.message.contains("abstractgateway config set-default input.text --provider"));
    }

    #[test]
    fn a_compatible_server_may_be_named_by_the_vendors_variable() {
        let mut env = Env { openai: Connection::new(Some("http://box/v1"), Some("k-vendor")), ..Env::default() };
        assert_eq!(compatible(&env), env.openai);
        env.openai_compatible = Connection::new(None, Some("k-own"));
        assert_eq!(compatible(&env), Connection::new(Some("http://box/v1"), Some("k-own")));
        env.openai_compatible = Connection::new(Some("http://own/v1"), None);
        assert_eq!(compatible(&env), env.openai_compatible);
        assert_eq!(
            compatible(&Env { openai: Connection::new(None, Some("k")), ..Env::default() }),
            Connection::default()
        );
    }

    #[test]
    fn dangerous_urls_are_refused() {
        for url in ["http://169.254.169.254/latest", "ftp://x", "http://[fe80::1]/", "http://metadata.google.internal/"]
        {
            check(("openai-compatible", "x", url, ""), Err(ErrorKind::Input));
        }
    }
}
