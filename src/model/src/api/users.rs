//! Users of the registry (contract 01, section 2.7). Everything here is for admins.

use serde::{Deserialize, Serialize};

use super::Method::{Delete, Get, Patch, Post};
use super::{Access, BodyKind, Kind, Operation, Row, body, path, query};
use crate::{Timestamp, operation};

/// A user as admins see it: never a hash, never a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The user.
    pub user_id: String,
    /// The tenant.
    pub tenant_id: String,
    /// Empty, or an address.
    pub email: String,
    /// Roles.
    pub roles: Vec<String>,
    /// Scopes, without effect.
    pub scopes: Vec<String>,
    /// Whether the token works.
    pub enabled: bool,
    /// The data plane.
    pub runtime_id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// All users.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserList {
    /// By tenant, then user.
    pub users: Vec<User>,
}

/// One user, with the token when one was issued just now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserReply {
    /// The user.
    pub user: User,
    /// Shown once.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
}

/// What a removal answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserDeleted {
    /// Always true.
    pub ok: bool,
    /// Always true.
    pub deleted: bool,
    /// As sent.
    pub user_id: String,
    /// As sent.
    pub tenant_id: String,
}

const ADMIN: Access = Access::Admin("admin");

operation! {
    /// Lists all users.
    ListUsers = Row::new("users.list", Get, "/api/gateway/admin/users", ADMIN) => UserList {}
    /// Creates a user and shows its token, once.
    CreateUser = Row::new("users.create", Post, "/api/gateway/admin/users", ADMIN).body(BodyKind::StrictJson) => UserReply {
        /// The user.
        user_id: String = body(Kind::Text).min(1).max(500),
        /// The tenant.
        tenant_id: String = body(Kind::Text).or("\"default\"").min(1).max(500),
        /// Empty, or an address.
        email: Option<String> = body(Kind::Text).optional().max(254),
        /// Roles; `admin` is the one with meaning.
        roles: Vec<String> = body(Kind::TextList).or("[\"user\"]").max(100),
        /// Scopes, without effect.
        scopes: Vec<String> = body(Kind::TextList).or("[]").max(100),
        /// Whether the token works.
        enabled: bool = body(Kind::Boolean).or("true"),
        /// The data plane; the user id when absent.
        runtime_id: Option<String> = body(Kind::Text).optional().max(500),
        /// A token of the caller's choice, at least 15 characters; generated when absent.
        token: Option<String> = body(Kind::Text).optional().max(4096).secret(),
    }
    /// Shows a user.
    ShowUser = Row::new("users.show", Get, "/api/gateway/admin/users/{user_id}", ADMIN) => UserReply {
        /// The user.
        user_id: String = path(),
        /// The tenant.
        tenant_id: String = query(Kind::Text).or("\"default\""),
    }
    /// Changes a user; what is absent stays.
    UpdateUser = Row::new("users.update", Patch, "/api/gateway/admin/users/{user_id}", ADMIN).body(BodyKind::StrictJson) => UserReply {
        /// The user.
        user_id: String = path(),
        /// The tenant.
        tenant_id: String = query(Kind::Text).or("\"default\""),
        /// Empty clears it.
        email: Option<String> = body(Kind::Text).optional().max(254),
        /// Roles.
        roles: Option<Vec<String>> = body(Kind::TextList).optional().max(100),
        /// Scopes.
        scopes: Option<Vec<String>> = body(Kind::TextList).optional().max(100),
        /// Whether the token works.
        enabled: Option<bool> = body(Kind::Boolean).optional(),
        /// Another data plane.
        runtime_id: Option<String> = body(Kind::Text).optional().max(500),
        /// A new token; empty generates one.
        token: Option<String> = body(Kind::Text).optional().max(4096).secret(),
        /// Generate a new token.
        rotate_token: bool = body(Kind::Boolean).or("false"),
    }
    /// Deletes a user; its data plane stays reserved for it.
    DeleteUser = Row::new("users.delete", Delete, "/api/gateway/admin/users/{user_id}", ADMIN) => UserDeleted {
        /// The user.
        user_id: String = path(),
        /// The tenant.
        tenant_id: String = query(Kind::Text).or("\"default\""),
    }
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![ListUsers::ROW, CreateUser::ROW, ShowUser::ROW, UpdateUser::ROW, DeleteUser::ROW]
}
