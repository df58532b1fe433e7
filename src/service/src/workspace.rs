//! Which folders the runs of a data plane may work in (contract 02, 4.1.1).
//!
//! What a client or a flow says of its workspace is a wish; [`Scope`] turns it into what is allowed. It may not know who
//! asks. The one invariant: unless the operator lets clients choose, no path that leaves [`Scope::clamp`] lies outside the
//! operator's workspace, his mounts and the plane's own workspaces.

use std::path::{Path, PathBuf};

use agent::workspace::{expand_home, path_list, real_path};
use model::{Map, RunId, Value};

use crate::Settings;

/// The keys of a run's variables that say where its tools may work, and their other spelling.
const KEYS: [(&str, &str); 4] = [
    (ROOT, "workspaceRoot"),
    (MODE, "workspaceAccessMode"),
    (ALLOWED, "workspaceAllowedPaths"),
    (IGNORED, "workspaceIgnoredPaths"),
];
const ROOT: &str = "workspace_root";
const MODE: &str = "workspace_access_mode";
const ALLOWED: &str = "workspace_allowed_paths";
const IGNORED: &str = "workspace_ignored_paths";

/// The folders of one data plane's runs.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// Where relative paths start.
    root: PathBuf,
    /// The plane's own workspaces, one folder a run.
    own: PathBuf,
    /// Further folders of the operator.
    mounts: Vec<PathBuf>,
    /// Whether clients may name any folder.
    open: bool,
    home: Option<PathBuf>,
}

impl Scope {
    /// The scope of the plane whose data lies in `data_dir`.
    pub(crate) fn of(settings: &Settings, data_dir: &Path) -> Self {
        let chosen = &settings.workflows;
        let own = real_path(&data_dir.join("workspaces"));
        Self {
            root: real_path(&settings.workspace_root(data_dir)),
            own,
            mounts: mounts(&chosen.workspace_mounts),
            open: chosen.allow_client_workspace_scope
                || chosen.trust_client_workspace_scope
                || chosen.tool_mode == "local",
            home: settings.home.clone(),
        }
    }

    /// Where relative paths start.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The plane's own workspaces.
    pub(crate) fn own(&self) -> &Path {
        &self.own
    }

    /// A folder for a run that has none.
    pub(crate) fn fresh(&self) -> PathBuf {
        self.own.join(uuid::Uuid::new_v4().simple().to_string())
    }

    /// The workspace keys a run's tools work by: its own, clamped. A run that lost its root gets a folder of its own,
    /// because tools without a root would have no bounds at all.
    pub(crate) fn of_run(&self, run_id: &RunId, vars: &Map) -> Map {
        let keys = KEYS.iter().flat_map(|(key, alias)| [*key, *alias]);
        let mut own: Map = keys.filter_map(|k| Some((k.to_owned(), vars.get(k)?.clone()))).collect();
        self.clamp(&mut own);
        own.entry(ROOT).or_insert_with(|| {
            let name = model::id::slug(&run_id.replace('-', ""));
            self.own.join(name).to_string_lossy().into_owned().into()
        });
        own
    }

    /// Cuts the workspace keys down to what is allowed, under their first spelling.
    pub(crate) fn clamp(&self, vars: &mut Map) {
        let [root, mode, allowed, ignored] = KEYS.map(|(key, alias)| {
            let (own, other) = (vars.shift_remove(key), vars.shift_remove(alias));
            own.filter(|v| !v.is_null()).or(other).filter(|v| !v.is_null())
        });
        let root = root.as_ref().and_then(Value::as_str).map(str::trim).filter(|r| !r.is_empty());
        let root = root.and_then(|r| self.permitted(&self.root, r));
        if let Some(mode) = mode {
            vars.insert(MODE.into(), self.mode(&mode).into());
        }
        if let Some(given) = allowed {
            let base = root.as_deref().unwrap_or(&self.root);
            let kept: Vec<_> = path_list(&given).iter().filter_map(|p| self.permitted(base, p)).map(shown).collect();
            if !kept.is_empty() {
                let kept = if given.is_array() { kept.into() } else { kept.join("\n").into() };
                vars.insert(ALLOWED.into(), kept);
            }
        }
        let ignored = ignored.map(|given| path_list(&given).join("\n")).filter(|lines| !lines.is_empty());
        vars.extend(ignored.map(|lines| (IGNORED.to_owned(), lines.into())));
        vars.extend(root.map(|root| (ROOT.to_owned(), shown(root).into())));
    }

    fn mode(&self, given: &Value) -> &'static str {
        match given.as_str().map(|m| m.trim().to_ascii_lowercase()).as_deref() {
            Some("workspace_or_allowed") => "workspace_or_allowed",
            Some("all_except_ignored") if self.open => "all_except_ignored",
            _ => "workspace_only",
        }
    }

    /// The folder behind a path, if it may be used.
    fn permitted(&self, base: &Path, path: &str) -> Option<PathBuf> {
        let real = real_path(&base.join(expand_home(path, self.home.as_deref())));
        let inside = [&self.root, &self.own].into_iter().chain(&self.mounts).any(|folder| real.starts_with(folder));
        (self.open || inside).then_some(real)
    }
}

fn shown(path: PathBuf) -> String {
    path.to_string_lossy().into_owned()
}

/// `name=/absolute/folder` lines; what is not of that form, or not there, does not count.
fn mounts(lines: &str) -> Vec<PathBuf> {
    let mount = |line: &str| {
        let (name, folder) = line.split_once('=')?;
        let (name, folder) = (name.trim(), Path::new(folder.trim()));
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        let usable = plain && (1..=32).contains(&name.len()) && folder.is_absolute() && folder.is_dir();
        if !usable && !line.trim().is_empty() {
            tracing::warn!(line, "not a workspace mount: name=/absolute/folder is expected");
        }
        usable.then(|| real_path(folder))
    };
    lines.lines().filter_map(mount).collect()
}

#[cfg(test)]
mod tests;
