//! The settings of a process: the one place that reads the environment.
//!
//! Every variable is a row of a table in `table.rs`; the reference page is printed from the same rows. The environment
//! comes in as a lookup, so that tests hand in maps. Flags of the command line change the fields afterwards.
//!
//! This module may not know: who uses a setting, and for what. The one invariant: nothing else reads the environment.

mod paths;
mod retry;
mod secret;
mod spec;
mod table;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use paths::{CoreConfig, UserAuth};
pub use secret::Secret;
pub use spec::{Holds, Spec, Words};
pub use table::{
    AuditSettings, AuthSettings, HttpSettings, LimitSettings, LogSettings, MemorySettings, ModelEnv, RuntimeSettings,
    WorkflowSettings,
};

use spec::{Env, expand};

/// The environment names of the data directory, newest first.
pub const DATA_DIR_NAMES: &[&str] =
    &["ABSTRACTGATEWAY_DATA_DIR", "ABSTRACTFLOW_RUNTIME_DIR", "ABSTRACTFLOW_GATEWAY_DATA_DIR"];

/// Everything the environment says.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The root of all data, absolute.
    pub data_dir: PathBuf,
    /// The base of relative workspaces and of relative paths: where the process was started.
    pub current_dir: PathBuf,
    /// The home directory.
    pub home: Option<PathBuf>,
    /// The HTTP face.
    pub http: HttpSettings,
    /// Who may come in.
    pub auth: AuthSettings,
    /// The audit log.
    pub audit: AuditSettings,
    /// Storage, runner, engine.
    pub runtime: RuntimeSettings,
    /// Workflows, workspaces, tools.
    pub workflows: WorkflowSettings,
    /// Knowledge-graph memory.
    pub memory: MemorySettings,
    /// Sizes that are not the HTTP face's.
    pub limits: LimitSettings,
    /// Model endpoints and keys.
    pub models: ModelEnv,
    /// Logging.
    pub log: LogSettings,
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The data directory cannot be made absolute.
    #[error("the data directory {path} cannot be resolved: {source}")]
    DataDir {
        /// As configured.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Settings {
    /// Reads the environment of this process.
    ///
    /// # Errors
    /// When the data directory cannot be resolved.
    #[expect(clippy::disallowed_methods, reason = "this is the one reader of the environment")]
    pub fn from_process() -> Result<Self, SettingsError> {
        Self::from_env(&|name| std::env::var(name).ok())
    }

    /// Reads an environment given as a lookup.
    ///
    /// # Errors
    /// When the data directory cannot be resolved.
    pub fn from_env(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let env = Env::new(lookup);
        let home = env.home();
        let data_dir = env.first(DATA_DIR_NAMES).unwrap_or_else(|| "./runtime".into());
        let mut settings = Self {
            data_dir: absolute(&expand(&data_dir, home.clone()))?,
            current_dir: absolute(Path::new("."))?,
            home,
            http: HttpSettings::read(&env),
            auth: AuthSettings::read(&env),
            audit: AuditSettings::read(&env),
            runtime: RuntimeSettings::read(&env),
            workflows: WorkflowSettings::read(&env),
            memory: MemorySettings::read(&env),
            limits: LimitSettings::read(&env),
            models: ModelEnv::read(&env),
            log: LogSettings::read(&env),
        };
        settings.http.session_header.make_ascii_lowercase();
        settings.http.csrf_header.make_ascii_lowercase();
        for header in &mut settings.audit.headers {
            header.make_ascii_lowercase();
        }
        Ok(settings)
    }

    /// Every variable, in the order of the reference page.
    #[must_use]
    pub fn describe() -> Vec<Spec> {
        let data_dir = Spec { names: DATA_DIR_NAMES, holds: Holds::Path, default: "./runtime", doc: "", field: "" }
            .named("data_dir", "The root of all data; `~` is the home directory.");
        std::iter::once(data_dir).chain(table::rows()).collect()
    }
}

fn absolute(path: &Path) -> Result<PathBuf, SettingsError> {
    std::path::absolute(path).map_err(|source| SettingsError::DataDir { path: path.to_owned(), source })
}
