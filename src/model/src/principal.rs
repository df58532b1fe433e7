//! Who is asking (contract 01, section 1.4).

use serde::{Deserialize, Serialize};

/// Where a principal's identity came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A user of `users.json`, by token or by browser session.
    UserRegistry,
    /// A static token, or nobody where policy asks for nobody.
    LegacyToken,
    /// An unauthenticated reader on the loopback interface.
    LoopbackDevRead,
}

/// An authenticated caller. Serialised, it is the principal JSON of `/me` and login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// The user.
    pub user_id: String,
    /// The tenant.
    pub tenant_id: String,
    /// `admin` is the one role the gateway itself knows.
    pub roles: Vec<String>,
    /// Shown, without effect.
    pub scopes: Vec<String>,
    /// The first 12 hex digits of the token's SHA-256.
    pub token_fingerprint: String,
    /// The data plane.
    pub runtime_id: String,
    /// Where the identity came from.
    pub source: Source,
    /// Whether `roles` has `admin`.
    pub admin: bool,
}

impl Principal {
    /// The holder of a static token: the local admin.
    #[must_use]
    pub fn local_admin(token_fingerprint: String) -> Self {
        Self {
            user_id: "local-admin".into(),
            tenant_id: "local".into(),
            roles: vec!["admin".into(), "user".into()],
            scopes: vec!["*".into()],
            token_fingerprint,
            runtime_id: "local-admin".into(),
            source: Source::LegacyToken,
            admin: true,
        }
    }

    /// Somebody without a credential where reading needs none.
    #[must_use]
    pub fn reader() -> Self {
        Self {
            user_id: "loopback-readonly".into(),
            tenant_id: "local".into(),
            roles: vec!["readonly".into()],
            scopes: vec!["gateway:read".into()],
            token_fingerprint: String::new(),
            runtime_id: "loopback-readonly".into(),
            source: Source::LoopbackDevRead,
            admin: false,
        }
    }

    /// `tenant:user`, the key of a user in registries and reservations.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}", self.tenant_id, self.user_id)
    }
}
