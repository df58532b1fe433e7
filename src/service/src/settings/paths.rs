//! Where things lie below the data directory (contract 01, 2.2, 2.5, 2.6 and 2.8), and what follows from two settings
//! together. Computed when asked, so that a changed `data_dir` changes all of it.

use std::path::{Path, PathBuf};

use super::Settings;

/// How it is decided whether users of the registry may come in (contract 01, 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserAuth {
    /// They may.
    On,
    /// Only static tokens.
    Off,
    /// They may as soon as the registry file exists.
    WhenRegistryExists,
}

/// The provider configuration a data plane reads, nearest last (contract 01, 4.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreConfig {
    /// What counts for everybody.
    pub baseline: PathBuf,
    /// What counts for the plane only; the baseline again for the default plane. None for a single user.
    pub own: Option<PathBuf>,
}

impl CoreConfig {
    /// The file that is written for the plane.
    #[must_use]
    pub fn written(&self) -> &Path {
        self.own.as_ref().unwrap_or(&self.baseline)
    }
}

impl Settings {
    /// `users.json`.
    #[must_use]
    pub fn users_file(&self) -> PathBuf {
        self.or_auth(self.auth.users_file.as_ref(), "users.json")
    }

    /// `sessions.json`.
    #[must_use]
    pub fn sessions_file(&self) -> PathBuf {
        self.or_auth(self.auth.sessions_file.as_ref(), "sessions.json")
    }

    /// The file with the key browser sessions are signed with.
    #[must_use]
    pub fn session_secret_file(&self) -> PathBuf {
        self.or_auth(self.auth.session_secret_file.as_ref(), "session_secret")
    }

    /// The file with the first admin's token.
    #[must_use]
    pub fn bootstrap_token_file(&self) -> PathBuf {
        self.or_auth(self.auth.bootstrap_admin_token_file.as_ref(), "bootstrap-admin-token")
    }

    /// The audit log. Always at the root, never below a user.
    #[must_use]
    pub fn audit_file(&self) -> PathBuf {
        self.data_dir.join("audit_log.jsonl")
    }

    /// Whether the audit log is written: as set, else whenever the security layer is on.
    #[must_use]
    pub fn audit_enabled(&self) -> bool {
        self.audit.enabled.unwrap_or(self.http.security)
    }

    /// The folder of a data plane that is not the default one.
    #[must_use]
    pub fn plane_dir(&self, tenant_id: &str, runtime_id: &str) -> PathBuf {
        self.data_dir.join("users").join(tenant_id).join(runtime_id)
    }

    /// The provider configuration of a single user outside the data directory.
    #[must_use]
    pub fn core_config_file(&self) -> Option<PathBuf> {
        let file = "abstractcore.json";
        self.models
            .core_config_file
            .clone()
            .or_else(|| self.models.core_config_dir.as_ref().map(|dir| dir.join(file)))
            .or_else(|| self.home.as_ref().map(|home| home.join(".abstractcore/config").join(file)))
    }

    /// The store of knowledge-graph memory by its usual name; none for a word nobody knows.
    #[must_use]
    pub fn memory_backend(&self) -> Option<&'static str> {
        match self.memory.backend.as_str() {
            "lance" | "lancedb" | "vector" => Some("lancedb"),
            "sqlite" | "sqlite3" => Some("sqlite"),
            "memory" | "in_memory" | "inmemory" => Some("memory"),
            _ => None,
        }
    }

    /// Where knowledge-graph memory of the default data plane lies.
    #[must_use]
    pub fn memory_path(&self) -> PathBuf {
        let name = if self.memory_backend() == Some("sqlite") { "kg.sqlite3" } else { "kg" };
        let set = self.memory.path.as_ref().map(|path| self.current_dir.join(path));
        set.unwrap_or_else(|| self.data_dir.join("abstractmemory").join(name))
    }

    /// The provider configuration of the data plane in `plane_dir`: of a single user the one outside the data directory,
    /// where other tools find it too; else the gateway's, and the plane's before it.
    #[must_use]
    pub fn core_config(&self, plane_dir: &Path) -> CoreConfig {
        let file = "config/abstractcore.json";
        let gateway = self.data_dir.join(file);
        if self.has_users() {
            return CoreConfig { baseline: gateway, own: Some(plane_dir.join(file)) };
        }
        CoreConfig { baseline: self.core_config_file().unwrap_or(gateway), own: None }
    }

    /// Where relative workspaces of the data plane in `plane_dir` begin: where the operator says, else in the plane.
    #[must_use]
    pub fn workspace_root(&self, plane_dir: &Path) -> PathBuf {
        let set = self.workflows.workspace_dir.as_ref().or(self.workflows.workspace_base_dir.as_ref());
        set.map_or_else(|| plane_dir.join("workspaces"), |dir| self.current_dir.join(dir))
    }

    /// Whether users of the registry may come in now: looks for the registry where that decides.
    #[must_use]
    pub fn has_users(&self) -> bool {
        match self.user_auth() {
            UserAuth::On => true,
            UserAuth::Off => false,
            UserAuth::WhenRegistryExists => self.users_file().is_file(),
        }
    }

    /// Whether users of the registry may come in.
    #[must_use]
    pub fn user_auth(&self) -> UserAuth {
        if let Some(word) = &self.auth.user_auth {
            return if super::Words::B1.read(word) == Some(true) { UserAuth::On } else { UserAuth::Off };
        }
        match self.auth.auth_mode.as_deref() {
            Some("user" | "users" | "multi-user" | "multi_user" | "hosted") => UserAuth::On,
            Some("legacy" | "single" | "single-user" | "single_user" | "local") => UserAuth::Off,
            _ if self.auth.user_auth_auto => UserAuth::WhenRegistryExists,
            _ => UserAuth::Off,
        }
    }

    fn or_auth(&self, set: Option<&PathBuf>, name: &str) -> PathBuf {
        set.map_or_else(|| self.data_dir.join("auth").join(name), |path| self.current_dir.join(path))
    }
}
