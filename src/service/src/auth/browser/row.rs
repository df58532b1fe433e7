//! How a browser session stands in `sessions.json`, and what its cookie holds (contract 01, 2.6). Pure.
//!
//! The one invariant: a new row holds no value that could be sent as a credential.

use model::principal::Source;
use model::{Map, Timestamp, Value};
use serde_json::json;

use super::super::token;

const HASHED: &str = "sha256:";
const PREFIX: &str = "agws_";
const SIGNATURE_LENGTH: usize = 48;

/// A browser session.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SessionRow {
    /// As the file has it: `sha256:<hex>`, or the id itself in rows of older programs.
    pub(crate) session_id: String,
    pub(crate) user_id: String,
    pub(crate) tenant_id: String,
    pub(crate) runtime_id: String,
    pub(crate) roles: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) source: Source,
    /// Of the token it was opened with.
    pub(crate) token_fingerprint: String,
    /// Of the user's stored hash: changes when the token does.
    pub(crate) credential_fingerprint: String,
    pub(crate) csrf_hash: String,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
}

impl SessionRow {
    /// The key of the session in memory: the hash of its id, whichever way the row holds it.
    pub(super) fn hash(&self) -> String {
        match self.session_id.strip_prefix(HASHED) {
            Some(hash) => hash.to_owned(),
            None => token::sha256_hex(&self.session_id),
        }
    }

    pub(super) fn read(row: &Value) -> Option<Self> {
        let row = row.as_object()?;
        let session_id = text(row, "session_id");
        let source = row.get("source").and_then(|source| serde_json::from_value(source.clone()).ok());
        (!session_id.is_empty()).then(|| {
            Some(Self {
                user_id: text(row, "user_id"),
                tenant_id: text(row, "tenant_id"),
                runtime_id: text(row, "runtime_id"),
                roles: texts(row, "roles"),
                scopes: texts(row, "scopes"),
                source: source.unwrap_or(Source::UserRegistry),
                token_fingerprint: text(row, "token_fingerprint"),
                credential_fingerprint: text(row, "credential_fingerprint"),
                csrf_hash: text(row, "csrf_hash"),
                created_at: moment(row, "created_at")?,
                expires_at: moment(row, "expires_at")?,
                last_seen_at: moment(row, "last_seen_at").or_else(|| moment(row, "created_at"))?,
                session_id,
            })
        })?
    }

    pub(super) fn write(&self) -> Value {
        json!({
            "created_at": self.created_at,
            "credential_fingerprint": self.credential_fingerprint,
            "csrf_hash": self.csrf_hash,
            "expires_at": self.expires_at,
            "last_seen_at": self.last_seen_at,
            "roles": self.roles,
            "runtime_id": self.runtime_id,
            "scopes": self.scopes,
            "session_id": self.session_id,
            "source": self.source,
            "tenant_id": self.tenant_id,
            "token_fingerprint": self.token_fingerprint,
            "user_id": self.user_id,
        })
    }
}

/// What a new row holds instead of the id.
pub(super) fn stored_id(sid: &str) -> String {
    format!("{HASHED}{}", token::sha256_hex(sid))
}

/// The cookie value of a session id.
pub(super) fn sign(secret: &[u8], sid: &str) -> String {
    format!("{PREFIX}{sid}.{}", signature(secret, sid))
}

/// The session id in a cookie value, when the signature is ours. A bare id is not enough.
pub(super) fn open<'a>(secret: &[u8], value: &'a str) -> Option<&'a str> {
    let (sid, sent) = value.trim().strip_prefix(PREFIX)?.split_once('.')?;
    (!sid.is_empty() && token::same(sent, &signature(secret, sid))).then_some(sid)
}

fn signature(secret: &[u8], sid: &str) -> String {
    let mut hex = hex::encode(token::keyed(secret, sid));
    hex.truncate(SIGNATURE_LENGTH);
    hex
}

fn text(row: &Map, key: &str) -> String {
    row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(row: &Map, key: &str) -> Vec<String> {
    let items = row.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn moment(row: &Map, key: &str) -> Option<Timestamp> {
    row.get(key).and_then(Value::as_str).and_then(Timestamp::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_signed_values_open() {
        let signed = sign(b"secret", "ZA87eHzNzqOlXbbsqlsjAcJaYCVfmMmhUVeMZFdgq8M");
        assert_eq!(signed.len(), 5 + 43 + 1 + 48);
        for (value, expected) in [
            (signed.clone(), true),
            (format!(" {signed} "), true),
            ("ZA87eHzNzqOlXbbsqlsjAcJaYCVfmMmhUVeMZFdgq8M".into(), false),
            ("agws_ZA87eHzNzqOlXbbsqlsjAcJaYCVfmMmhUVeMZFdgq8M".into(), false),
            (sign(b"other", "ZA87eHzNzqOlXbbsqlsjAcJaYCVfmMmhUVeMZFdgq8M"), false),
            (signed[..signed.len() - 1].to_owned(), false),
            (format!("{signed}0"), false),
            (sign(b"secret", ""), false),
            (String::new(), false),
        ] {
            assert_eq!(open(b"secret", &value).is_some(), expected, "{value}");
        }
    }

    #[test]
    fn rows_of_both_kinds_have_the_same_key() {
        let old = json!({
            "created_at": "2026-11-22T07:27:52.360710+00:00", "credential_fingerprint": "c981fd7ae8a1", "csrf_hash": "f7",
            "expires_at": "2026-11-22T15:27:52.360710+00:00", "last_seen_at": "2026-11-22T07:27:52.360710+00:00",
            "roles": ["user"], "runtime_id": "alice", "scopes": [], "session_id": "plain-id", "source": "user-registry",
            "tenant_id": "default", "token_fingerprint": "92f6de658676", "user_id": "alice",
        });
        let row = SessionRow::read(&old).unwrap();
        assert_eq!(row.write(), old);
        let new = SessionRow { session_id: stored_id("plain-id"), ..row.clone() };
        assert_eq!(new.hash(), row.hash());
        assert_eq!(SessionRow::read(&new.write()), Some(new));
        assert_eq!(SessionRow::read(&json!({"session_id": "x"})), None);
        assert_eq!(SessionRow::read(&json!(1)), None);
    }
}
