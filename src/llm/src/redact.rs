//! Keeps secrets out of texts that are stored and shown: known keys, credentials and queries inside URLs. Values under
//! telling names are for [`model::redact`].
//!
//! The one invariant: redacting twice gives the same as redacting once.

use model::redact::MARK;

use crate::env::Secret;

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
    use super::*;

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
