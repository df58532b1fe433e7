//! How a user and a reservation stand in `users.json` (contract 01, 2.2). Pure.
//!
//! The one invariant: members nobody here knows survive a rewrite.

use model::api::reservations::Reservation;
use model::api::users::User;
use model::{Map, Timestamp, Value};
use serde_json::json;

/// A user of the registry, with what proves its token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct UserRow {
    /// As admins see it.
    pub(crate) user: User,
    /// The hash of its token; empty means no token works.
    pub(crate) token_hash: String,
    /// The token's fingerprint; empty in old rows.
    pub(crate) token_fingerprint: String,
    /// What else the row holds.
    pub(crate) rest: Map,
}

const KNOWN: [&str; 11] = [
    "created_at",
    "email",
    "enabled",
    "roles",
    "runtime_id",
    "scopes",
    "tenant_id",
    "token_fingerprint",
    "token_hash",
    "updated_at",
    "user_id",
];

impl UserRow {
    /// Whether it is an admin whose token works.
    pub(crate) fn is_working_admin(&self) -> bool {
        self.user.enabled && !self.token_hash.is_empty() && self.user.roles.iter().any(|role| role == "admin")
    }

    /// Reads a row.
    pub(super) fn read(row: &Map) -> Result<Self, &'static str> {
        let user_id = safe(&text(row, "user_id"), "");
        if user_id.is_empty() {
            return Err("user_id is required");
        }
        let roles = words(row.get("roles"));
        let user = User {
            tenant_id: safe(&text(row, "tenant_id"), "default"),
            email: email(&text(row, "email"))?,
            roles: if roles.is_empty() { vec!["user".into()] } else { roles },
            scopes: words(row.get("scopes")),
            enabled: row.get("enabled").is_none_or(truthy),
            runtime_id: safe(&text(row, "runtime_id"), &user_id),
            created_at: moment(row, "created_at"),
            updated_at: moment(row, "updated_at"),
            user_id,
        };
        let rest = row.iter().filter(|(key, _)| !KNOWN.contains(&key.as_str()));
        Ok(Self {
            user,
            token_hash: text(row, "token_hash"),
            token_fingerprint: text(row, "token_fingerprint"),
            rest: rest.map(|(key, value)| (key.clone(), value.clone())).collect(),
        })
    }

    /// Writes a row.
    pub(super) fn write(&self) -> Value {
        let user = &self.user;
        let mut row = self.rest.clone();
        let known = [
            ("created_at", json!(user.created_at)),
            ("email", json!(user.email)),
            ("enabled", json!(user.enabled)),
            ("roles", json!(user.roles)),
            ("runtime_id", json!(user.runtime_id)),
            ("scopes", json!(user.scopes)),
            ("tenant_id", json!(user.tenant_id)),
            ("token_fingerprint", json!(self.token_fingerprint)),
            ("token_hash", json!(self.token_hash)),
            ("updated_at", json!(user.updated_at)),
            ("user_id", json!(user.user_id)),
        ];
        row.extend(known.map(|(key, value)| (key.to_owned(), value)));
        Value::Object(row)
    }
}

/// Reads a reservation; none when it names no runtime or no owner.
pub(super) fn read_reservation(row: &Map) -> Option<Reservation> {
    let tenant_id = safe(&text(row, "tenant_id"), "default");
    let runtime_id = safe(&text(row, "runtime_id"), "");
    let owner_user_id = text(row, "owner_user_id");
    let owner_key = text(row, "owner_key");
    let owner_user_id = match owner_user_id.is_empty() {
        true => owner_key.split_once(':').map(|(_, user)| user.to_owned()).unwrap_or_default(),
        false => owner_user_id,
    };
    let owner_key = if owner_key.is_empty() { format!("{tenant_id}:{owner_user_id}") } else { owner_key };
    let complete = !runtime_id.is_empty() && !owner_user_id.is_empty();
    complete.then(|| Reservation {
        tenant_id,
        runtime_id,
        owner_key,
        owner_user_id,
        reason: text(row, "reason"),
        created_at: moment(row, "created_at"),
        updated_at: moment(row, "updated_at"),
    })
}

/// An identifier as it may stand in a path: runs of other characters become `_`, dots and underscores at the ends go.
#[must_use]
pub fn safe(text: &str, default: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.trim().chars() {
        let plain = c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '@' | '-');
        if plain {
            out.push(c);
        } else if !gap {
            out.push('_');
        }
        gap = !plain;
    }
    let kept = out.trim_matches(['.', '_']);
    if kept.is_empty() { default.to_owned() } else { kept.to_owned() }
}

/// An address as it is stored: empty, or something that can be one.
pub(super) fn email(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "email must be empty or a valid email address";
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let Some((local, domain)) = text.split_once('@') else { return Err(WRONG) };
    let valid = text.chars().count() <= 254 && !local.trim().is_empty() && domain.contains('.');
    if valid { Ok(text.to_owned()) } else { Err(WRONG) }
}

fn text(row: &Map, key: &str) -> String {
    match row.get(key) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn words(value: Option<&Value>) -> Vec<String> {
    let words: Vec<String> = match value {
        Some(Value::String(list)) => list.split(',').map(str::to_owned).collect(),
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(|item| match item {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    words.into_iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

fn moment(row: &Map, key: &str) -> Timestamp {
    row.get(key).and_then(Value::as_str).and_then(Timestamp::parse).unwrap_or(Timestamp::EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_made_safe() {
        for (input, default, expected) in [
            ("b o/b!!", "", "b_o_b"),
            ("...", "", ""),
            ("...", "default", "default"),
            ("  ", "default", "default"),
            ("a.b@c-d_e", "", "a.b@c-d_e"),
            ("../../etc", "", "etc"),
            ("..", "x", "x"),
            ("Ünder", "", "nder"),
            ("_a_", "", "a"),
            ("Case", "", "Case"),
        ] {
            assert_eq!(safe(input, default), expected, "{input}");
        }
    }

    #[test]
    fn addresses_are_checked_loosely() {
        let long = format!("{}@b.cc", "a".repeat(254 - 5));
        for (input, expected) in [
            ("", Some("")),
            ("  ", Some("")),
            (" a@b.c ", Some("a@b.c")),
            ("a@b", None),
            ("@b.c", None),
            ("a", None),
            (long.as_str(), Some(long.as_str())),
            (&format!("a{long}"), None),
        ] {
            assert_eq!(email(input).ok().as_deref(), expected, "{input}");
        }
    }

    #[test]
    fn rows_are_read_leniently_and_written_whole() {
        let read = |row: Value| UserRow::read(row.as_object().unwrap());
        let bare = read(json!({"user_id": " a b "})).unwrap();
        assert_eq!((bare.user.user_id.as_str(), bare.user.tenant_id.as_str()), ("a_b", "default"));
        assert_eq!((bare.user.runtime_id.as_str(), bare.user.enabled), ("a_b", true));
        assert_eq!((bare.user.roles.as_slice(), bare.user.scopes.len()), (&["user".to_owned()][..], 0));
        let listed =
            read(json!({"user_id": "u", "roles": "admin, ,user", "scopes": ["x", " "], "enabled": 0})).unwrap();
        assert_eq!((listed.user.roles.join("|"), listed.user.scopes.join("|")), ("admin|user".into(), "x".into()));
        assert!(!listed.user.enabled);
        assert!(read(json!({"user_id": ""})).is_err());
        assert!(read(json!({"user_id": "u", "email": "nonsense"})).is_err());
        let kept = read(json!({"user_id": "u", "future": {"a": 1}})).unwrap().write();
        assert_eq!(kept["future"], json!({"a": 1}));
        assert_eq!(UserRow::read(kept.as_object().unwrap()).unwrap().write(), kept);
    }
}
