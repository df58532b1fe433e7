//! What a gateway of the Python time has left behind: its files of users and sessions, made from the documented formats
//! (contract 01, 2.2, 2.3 and 2.6), not by our own writer.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::gateway::Home;

const THEN: &str = "2026-11-22T07:26:09.251879+00:00";
/// The gateway's clock must not have passed it.
const LATE: &str = "2999-01-01T00:00:00+00:00";
const SECRET: &str = "c2VjcmV0LW9mLXRoZS1weXRob24tdGltZS1vZi02NC1jaGFyYWN0ZXJzLWxvbmctMDA";
const SESSION_ID: &str = "ZA87eHzNzqOlXbbsqlsjAcJaYCVfmMmhUVeMZFdgq8M";

/// A user who was signed in.
#[derive(Debug)]
pub struct PythonUser {
    /// The user's token.
    pub token: &'static str,
    /// The value of the session cookie.
    pub session: String,
    /// The session's CSRF token.
    pub csrf: &'static str,
}

impl PythonUser {
    /// Leaves `default/alice`, her role and her session behind in a home.
    ///
    /// # Panics
    /// When a file cannot be written.
    #[must_use]
    pub fn leave_in(home: &Home) -> Self {
        let user = Self {
            token: "agw_alice-of-the-python-time-0123456789abcdefgh",
            session: format!("agws_{SESSION_ID}.{}", &hmac(SESSION_ID)[..48]),
            csrf: "agcsrf_of-the-python-time-0123456789abcdefghijkl",
        };
        let salt = [7; 16];
        let digest = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(user.token.as_bytes(), &salt, 260_000);
        let token_hash = format!("pbkdf2_sha256$260000${}${}", hex::encode(salt), hex::encode(digest));
        home.put("auth/users.json", pretty(&users(&user, &token_hash)).as_bytes());
        home.put("auth/sessions.json", pretty(&sessions(&user, &token_hash)).as_bytes());
        home.put("auth/session_secret", format!("{SECRET}\n").as_bytes());
        user
    }
}

fn users(user: &PythonUser, token_hash: &str) -> Value {
    json!({
        "runtime_reservations": [], "updated_at": THEN, "version": 2,
        "users": [{
            "created_at": THEN, "email": "", "enabled": true, "roles": ["user"], "runtime_id": "alice", "scopes": [],
            "tenant_id": "default", "token_fingerprint": &sha256(user.token)[..12], "token_hash": token_hash,
            "updated_at": THEN, "user_id": "alice",
        }],
    })
}

fn sessions(user: &PythonUser, token_hash: &str) -> Value {
    json!({
        "updated_at": THEN, "version": 1,
        "sessions": [{
            "created_at": THEN, "credential_fingerprint": &sha256(token_hash)[..12], "csrf_hash": sha256(user.csrf),
            "expires_at": LATE, "last_seen_at": THEN, "roles": ["user"], "runtime_id": "alice", "scopes": [],
            "session_id": SESSION_ID, "source": "user-registry", "tenant_id": "default",
            "token_fingerprint": &sha256(user.token)[..12], "user_id": "alice",
        }],
    })
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

fn hmac(text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key will do");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
