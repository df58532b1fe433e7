//! Keeps secrets out of what is stored and shown: values under telling names, known keys inside texts, credentials
//! and queries inside URLs.
//!
//! The one invariant: redacting twice gives the same as redacting once.

use model::{Map, Value};

use crate::env::Secret;

/// What stands where a secret stood.
pub const MARK: &str = "[redacted]";

/// Whether a field of this name holds a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let parts = ["api_key", "api-key", "apikey", "authorization", "password", "secret"];
    if parts.iter().any(|part| name.contains(part)) {
        return true;
    }
    let whole = ["token", "auth_token", "access_token", "refresh_token", "bearer_token", "id_token", "session_token"];
    whole.contains(&name.replace('-', "_").as_str())
}

/// The value with every secret replaced, however deep.
#[must_use]
pub fn value(input: &Value) -> Value {
    match input {
        Value::Object(map) => Value::Object(object(map)),
        Value::Array(items) => Value::Array(items.iter().map(value).collect()),
        other => other.clone(),
    }
}

/// The object with every secret replaced, however deep.
#[must_use]
pub fn object(map: &Map) -> Map {
    map.iter()
        .map(|(name, item)| {
            let hide = is_secret_name(name) && !matches!(item, Value::Null | Value::Bool(_) | Value::Number(_));
            (name.clone(), if hide { MARK.into() } else { value(item) })
        })
        .collect()
}

/// The text without the given keys.
#[must_use]
pub fn text<'a>(text: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let mut out = text.to_owned();
    for secret in secrets {
        // A key shorter than this would blank out ordinary words.
        if secret.reveal().len() >= 4 {
            out = out.replace(secret.reveal(), MARK);
        }
    }
    out
}

/// The URL without user, password, query and fragment.
#[must_use]
pub fn url(text: &str) -> String {
    let Ok(mut parsed) = url::Url::parse(text) else { return text.split('?').next().unwrap_or_default().to_owned() };
    if parsed.username().is_empty()
        && parsed.password().is_none()
        && parsed.query().is_none()
        && parsed.fragment().is_none()
    {
        return text.to_owned();
    }
    let _ = parsed.set_username("");
    let _ = parsed.set_password(None);
    parsed.set_query(None);
    parsed.set_fragment(None);
    parsed.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_found_by_name() {
        let input = json!({"api_key": "a", "X-Api-Key": "b", "max_tokens": 5, "token": "t", "tokens": "kept",
            "deep": [{"Authorization": "Bearer x", "password": null}]});
        let expected = json!({"api_key": MARK, "X-Api-Key": MARK, "max_tokens": 5, "token": MARK, "tokens": "kept",
            "deep": [{"Authorization": MARK, "password": null}]});
        assert_eq!(value(&input), expected);
        assert_eq!(value(&value(&input)), expected);
    }

    #[test]
    fn keys_leave_texts_and_urls() {
        assert_eq!(text("bad key sk-123456!", &[Secret::new("sk-123456")]), "bad key [redacted]!");
        assert_eq!(text("a bc", &[Secret::new("b")]), "a bc");
        for (input, expected) in [
            ("http://u:p@h:1/v1?key=1", "http://h:1/v1"),
            ("http://h:1/v1", "http://h:1/v1"),
            ("nonsense?x", "nonsense"),
        ] {
            assert_eq!(url(input), expected);
        }
    }
}
