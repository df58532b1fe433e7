//! What is checked before a server listens (contract 01, section 4.1): nobody could come in, or anybody could.
//!
//! May not know: how a server is started. Invariant: a refusal here happens before anything is opened or written.

use std::net::IpAddr;

use service::Settings;
use service::settings::UserAuth;

use crate::failure::{Exit, Failure};

/// A token of fewer characters is weak.
const TOKEN_CHARS_MIN: usize = 15;
/// Tokens everybody tries first.
const TOKENS_KNOWN: [&str; 10] =
    ["dev-token", "devtoken", "token", "changeme", "password", "admin", "god", "zeus", "root", "superuser"];

/// Checks the settings for a server on `host`: what to warn of, or why it may not start.
pub(crate) fn check(settings: &Settings, host: &str) -> Result<Vec<String>, Failure> {
    credential(settings)?;
    supported(settings)?;
    let mut warnings = Vec::new();
    let weak = settings.auth.static_tokens.iter().any(|token| is_weak(token.expose()));
    if !is_loopback(host) {
        warnings.push(format!(
            "the gateway listens on {host}: every machine that reaches this one can try to come in; \
             use strong tokens, and HTTPS in front"
        ));
        if weak {
            return Err(refuse("Refusing to start: weak auth token detected while binding to a non-loopback host."));
        }
    }
    let broad: Vec<&str> = settings.http.allowed_origins.iter().map(String::as_str).filter(|o| is_broad(o)).collect();
    if !broad.is_empty() {
        warnings.push(format!("pages of many places may use the gateway: {}", broad.join(", ")));
    }
    Ok(warnings)
}

/// Whether users of the registry may come in.
pub(crate) fn users_on(settings: &Settings) -> bool {
    match settings.user_auth() {
        UserAuth::On => true,
        UserAuth::Off => false,
        UserAuth::WhenRegistryExists => settings.users_file().is_file(),
    }
}

fn credential(settings: &Settings) -> Result<(), Failure> {
    let guarded = settings.http.security && settings.http.protect_write;
    if guarded && settings.auth.static_tokens.is_empty() && !users_on(settings) {
        return Err(Failure::new("Missing gateway auth token.")
            .why("writing is protected, no token is set, and users are off: nobody could come in")
            .help("set ABSTRACTGATEWAY_USER_AUTH=1 or ABSTRACTGATEWAY_AUTH_TOKEN, or: abstractgateway config init"));
    }
    Ok(())
}

/// A word nobody knows may not fall back to something else: the operator believes the data to be elsewhere.
fn supported(settings: &Settings) -> Result<(), Failure> {
    let runtime = &settings.runtime;
    for (what, variable, value, known) in [
        ("store backend", "ABSTRACTGATEWAY_STORE_BACKEND", &runtime.store_backend, &["file", "sqlite"][..]),
        ("workflow source", "ABSTRACTGATEWAY_WORKFLOW_SOURCE", &runtime.workflow_source, &["bundle"]),
    ] {
        if !known.contains(&value.as_str()) {
            let failure = Failure::new(format!("Unsupported {what}: {value}. Supported: {}", known.join(", ")));
            return Err(failure.help(format!("unset {variable}")).exit(Exit::NotStarted));
        }
    }
    Ok(())
}

fn refuse(what: &str) -> Failure {
    Failure::new(what)
        .why(format!("a token needs at least {TOKEN_CHARS_MIN} characters and may not be one everybody tries"))
        .help("abstractgateway config init makes a strong one; or listen on --host 127.0.0.1")
}

fn is_weak(token: &str) -> bool {
    token.chars().count() < TOKEN_CHARS_MIN || TOKENS_KNOWN.contains(&token.to_ascii_lowercase().as_str())
}

/// Whether only this machine reaches `host`.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether a pattern lets in pages of many places.
fn is_broad(origin: &str) -> bool {
    let origin = origin.trim();
    let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let local = ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|name| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')));
    origin.contains('*') && !local
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(rows: &[(&str, &str)], host: &str) -> Result<usize, String> {
        let settings = Settings::from_env(&|name| {
            let name = name.strip_prefix("ABSTRACTGATEWAY_")?;
            rows.iter().find(|row| row.0 == name).map(|row| row.1.to_owned())
        });
        check(&settings.unwrap(), host).map(|warnings| warnings.len()).map_err(|f| f.what)
    }

    const STRONG: (&str, &str) = ("AUTH_TOKEN", "fifteen-chars-x");
    const WEAK: (&str, &str) = ("AUTH_TOKEN", "fourteen-chars");

    #[test]
    fn somebody_must_be_able_to_come_in() {
        let missing = Err("Missing gateway auth token.".to_owned());
        assert_eq!(checked(&[], "127.0.0.1"), missing);
        assert_eq!(checked(&[("SECURITY", "0")], "127.0.0.1"), Ok(0));
        assert_eq!(checked(&[("PROTECT_WRITE", "0")], "127.0.0.1"), Ok(0));
        assert_eq!(checked(&[("USER_AUTH", "1")], "127.0.0.1"), Ok(0));
        assert_eq!(checked(&[("USER_AUTH_AUTO", "1"), ("DATA_DIR", "/nonexistent")], "127.0.0.1"), missing);
        assert_eq!(checked(&[STRONG], "localhost"), Ok(0));
    }

    #[test]
    fn unknown_words_are_refused() {
        for (variable, value, expected) in [
            ("STORE_BACKEND", "file", Ok(0)),
            ("STORE_BACKEND", " SQLite ", Ok(0)),
            ("STORE_BACKEND", "paper", Err("Unsupported store backend: paper. Supported: file, sqlite".to_owned())),
            ("WORKFLOW_SOURCE", "bundle", Ok(0)),
            ("WORKFLOW_SOURCE", "x", Err("Unsupported workflow source: x. Supported: bundle".to_owned())),
        ] {
            assert_eq!(checked(&[STRONG, (variable, value)], "127.0.0.1"), expected, "{variable}={value}");
        }
    }

    #[test]
    fn weak_tokens_stay_at_home() {
        let refused =
            Err("Refusing to start: weak auth token detected while binding to a non-loopback host.".to_owned());
        for (host, expected) in [
            ("127.0.0.1", Ok(0)),
            ("127.0.0.2", Ok(0)),
            ("::1", Ok(0)),
            ("0.0.0.0", refused.clone()),
            ("::", refused.clone()),
            ("192.168.1.5", refused),
        ] {
            assert_eq!(checked(&[WEAK], host), expected, "{host}");
        }
        assert_eq!(checked(&[STRONG], "0.0.0.0"), Ok(1));
    }

    #[test]
    fn broad_origins_are_named() {
        for (origin, broad) in [
            ("*", true),
            ("https://*.ngrok-free.app", true),
            ("https://*.example.com", true),
            ("http://localhost:*", false),
            ("http://127.0.0.1:*", false),
            ("http://localhost.evil.com:*", true),
            ("https://app.example.com", false),
        ] {
            assert_eq!(is_broad(origin), broad, "{origin}");
            let warnings = checked(&[STRONG, ("ALLOWED_ORIGINS", origin)], "127.0.0.1");
            assert_eq!(warnings, Ok(usize::from(broad)), "{origin}");
        }
    }
}
