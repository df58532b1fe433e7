//! Browser sessions and who I am (contract 01, section 2.7).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Method::{Get, Post};
use super::{Access, BodyKind, Kind, Operation, Row, body};
use crate::{Principal, operation};

/// What `/me` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Me {
    /// Always true.
    pub ok: bool,
    /// The caller.
    pub principal: Principal,
    /// `mode`, `user_auth_enabled`, and `session` after login.
    pub auth: Value,
    /// `mode`, `one_user_one_runtime`.
    pub routing: Value,
    /// `expires_at`, after login.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<Value>,
}

/// What logout answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoggedOut {
    /// Always true.
    pub ok: bool,
    /// Whether there was a session.
    pub deleted: bool,
}

operation! {
    /// Says who the caller is.
    WhoAmI = Row::new("sessions.me", Get, "/api/gateway/me", Access::User) => Me {}
    /// Exchanges a user token for a browser session; the session and CSRF values travel in cookies.
    Login = Row::new("sessions.login", Post, "/api/gateway/session/login", Access::Public).body(BodyKind::StrictJson) => Me {
        /// The user the token must belong to.
        user_id: String = body(Kind::Text).min(1).max(500),
        /// The token.
        token: String = body(Kind::Text).min(1).max(4096).secret(),
        /// Keep the session after the browser closes.
        remember: bool = body(Kind::Boolean).or("false"),
    }
    /// Ends the browser session that accompanies the request.
    Logout = Row::new("sessions.logout", Post, "/api/gateway/session/logout", Access::User).body(BodyKind::None) => LoggedOut {}
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![WhoAmI::ROW, Login::ROW, Logout::ROW]
}
