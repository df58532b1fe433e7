//! Which paths a run's tools may touch (contract 07, section 2.6; 03, section 9.5).
//!
//! It looks at directories to resolve links and makes a missing root; it reads and writes no file. The invariant: a
//! path that leaves [`Workspace::resolve`] is absolute, free of links as of that moment, and permitted; tools ask
//! again ([`Workspace::recheck`]) when they open it, because a link may have been put there since.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use model::{Map, Value};
use serde_json::json;
use sha2::{Digest, Sha256};

/// How far a run's tools may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessMode {
    /// Under the root only.
    WorkspaceOnly,
    /// Under the root or one of the allowed directories.
    WorkspaceOrAllowed,
    /// Anywhere but the ignored paths.
    AllExceptIgnored,
}

/// The path policy of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The directory relative paths start at.
    pub root: PathBuf,
    /// How far tools may look.
    pub mode: AccessMode,
    /// Directories allowed besides the root.
    pub allowed: Vec<PathBuf>,
    /// Paths nobody may touch.
    pub ignored: Vec<PathBuf>,
    home: Option<PathBuf>,
    mounts: Vec<(String, PathBuf)>,
}

impl Workspace {
    /// The policy in a run's variables; none when `workspace_root` is not a non-empty text. `base` is where relative
    /// roots start, `home` what `~` means. A missing root is made.
    ///
    /// # Errors
    /// The text the effect fails with.
    pub fn from_vars(vars: &Map, base: &Path, home: Option<&Path>) -> Result<Option<Self>, String> {
        let Some(root) = text(vars, "workspace_root", "workspaceRoot") else { return Ok(None) };
        let root = real_path(&base.join(expand_home(root, home)));
        if root.is_file() {
            return Err(format!("workspace_root must be a directory (got file): {}", root.display()));
        }
        std::fs::create_dir_all(&root)
            .map_err(|e| format!("workspace_root cannot be made: {}: {e}", root.display()))?;
        let root = real_path(&root);
        let mode = match text(vars, "workspace_access_mode", "workspaceAccessMode").map(str::to_ascii_lowercase) {
            None => AccessMode::WorkspaceOnly,
            Some(word) => match word.as_str() {
                "workspace_only" => AccessMode::WorkspaceOnly,
                "workspace_or_allowed" => AccessMode::WorkspaceOrAllowed,
                "all_except_ignored" => AccessMode::AllExceptIgnored,
                _ => return Err(format!("Invalid workspace_access_mode: '{word}'")),
            },
        };
        let paths = |key: &str, camel: &str| -> Vec<PathBuf> {
            let list = vars.get(key).or_else(|| vars.get(camel)).map(path_list).unwrap_or_default();
            list.iter().map(|p| real_path(&root.join(expand_home(p, home)))).collect()
        };
        let allowed = paths("workspace_allowed_paths", "workspaceAllowedPaths");
        let ignored = paths("workspace_ignored_paths", "workspaceIgnoredPaths");
        let outside: Vec<_> = allowed.iter().filter(|p| !p.starts_with(&root)).cloned().collect();
        let mounts = mount_names(&outside).into_iter().zip(outside).collect();
        Ok(Some(Self { root, mode, allowed, ignored, home: home.map(Path::to_owned), mounts }))
    }

    /// The absolute, permitted path behind what a model wrote.
    ///
    /// # Errors
    /// Why the path may not be touched, in the contract's words.
    pub fn resolve(&self, path: &str) -> Result<PathBuf, String> {
        let bare = path.trim().strip_prefix('@').unwrap_or(path.trim());
        let expanded = expand_home(bare, self.home.as_deref());
        let resolved = if expanded.is_absolute() { real_path(&expanded) } else { self.resolve_relative(bare) };
        let absolute = expanded.is_absolute();
        self.check(&resolved, path, absolute)?;
        Ok(resolved)
    }

    fn resolve_relative(&self, path: &str) -> PathBuf {
        let slashed = path.replace('\\', "/");
        let mut rest = slashed.as_str();
        while let Some(shorter) = rest.strip_prefix("./") {
            rest = shorter.trim_start_matches('/');
        }
        let (first, tail) = rest.split_once('/').unwrap_or((rest, ""));
        if self.mode == AccessMode::WorkspaceOrAllowed
            && let Some((_, mount)) = self.mounts.iter().find(|(name, _)| name == first)
        {
            return real_path(&mount.join(tail));
        }
        let redundant = self.root.file_name().is_some_and(|n| n.to_str() == Some(first));
        if redundant && !self.root.join(first).exists() {
            return real_path(&self.root.join(tail));
        }
        real_path(&self.root.join(rest))
    }

    fn check(&self, resolved: &Path, shown: &str, absolute: bool) -> Result<(), String> {
        let in_root = resolved.starts_with(&self.root);
        let in_allowed = self.allowed.iter().any(|a| resolved.starts_with(a));
        match self.mode {
            AccessMode::WorkspaceOnly if !in_root => Err(format!("Path escapes workspace_root: '{shown}'")),
            AccessMode::WorkspaceOrAllowed if !in_root && !in_allowed => {
                let what = if absolute { "is outside workspace roots" } else { "escapes workspace_root" };
                Err(format!("Path {what}: '{shown}'"))
            }
            AccessMode::AllExceptIgnored if !absolute && !in_root => {
                Err(format!("Path escapes workspace_root: '{shown}'"))
            }
            _ if self.ignored.iter().any(|i| resolved.starts_with(i)) => {
                Err(format!("Path is blocked by workspace_ignored_paths: '{shown}'"))
            }
            _ => Ok(()),
        }
    }

    /// Whether a path that was permitted before still leads to a permitted place; the place it leads to.
    ///
    /// # Errors
    /// Why the path may not be touched.
    pub fn recheck(&self, path: &Path) -> Result<PathBuf, String> {
        let resolved = real_path(path);
        self.check(&resolved, &path.display().to_string(), true)?;
        Ok(resolved)
    }

    /// Replaces the path arguments of a tool by the paths they mean.
    ///
    /// # Errors
    /// Why the call may not be made.
    pub fn rewrite(&self, tool: &str, arguments: &mut Map) -> Result<(), String> {
        match tool {
            "list_files" => self.rewrite_one(arguments, "directory_path", &["path", "directory", "folder"]),
            "search_files" => self.rewrite_one(arguments, "path", &["directory_path", "directory", "folder"]),
            "execute_command" => self.rewrite_one(arguments, "working_directory", &["cwd"]),
            "read_file" | "write_file" | "edit_file" | "analyze_code" => {
                let key = ["file_path", "path", "filename", "file"].into_iter().find(|k| has_text(arguments, k));
                if key.is_none() {
                    return Err(format!("{tool} requires file_path"));
                }
                self.rewrite_one(arguments, "file_path", &["path", "filename", "file"])
            }
            "skim_files" => self.rewrite_list(tool, arguments, &["path", "file_path", "filename", "file"]),
            "skim_folders" => self.rewrite_list(tool, arguments, &["path", "directory_path", "folder"]),
            _ => Ok(()),
        }
    }

    fn rewrite_one(&self, arguments: &mut Map, key: &str, aliases: &[&str]) -> Result<(), String> {
        let named = std::iter::once(&key).chain(aliases).find(|k| has_text(arguments, k)).copied();
        let given = named.and_then(|k| arguments.get(k)?.as_str()).unwrap_or(".").to_owned();
        let resolved = self.resolve(&given)?;
        for alias in aliases {
            arguments.shift_remove(*alias);
        }
        arguments.insert(key.to_owned(), json!(resolved.to_string_lossy()));
        Ok(())
    }

    fn rewrite_list(&self, tool: &str, arguments: &mut Map, aliases: &[&str]) -> Result<(), String> {
        let given = std::iter::once(&"paths").chain(aliases).find_map(|k| arguments.get(*k).filter(|v| !v.is_null()));
        let list = given.map(path_list).unwrap_or_default();
        if list.is_empty() {
            return Err(format!("{tool} requires paths"));
        }
        let resolved: Result<Vec<_>, _> = list.iter().map(|p| self.resolve(p)).collect();
        let resolved: Vec<_> = resolved?.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        for alias in aliases {
            arguments.shift_remove(*alias);
        }
        arguments.insert("paths".into(), json!(resolved));
        Ok(())
    }
}

fn text<'a>(vars: &'a Map, key: &str, camel: &str) -> Option<&'a str> {
    let value = vars.get(key).or_else(|| vars.get(camel))?;
    value.as_str().map(str::trim).filter(|s| !s.is_empty())
}

fn has_text(arguments: &Map, key: &str) -> bool {
    arguments.get(key).and_then(Value::as_str).is_some_and(|s| !s.trim().is_empty())
}

/// Paths from a JSON list, the text of one, or lines.
#[must_use]
pub fn path_list(value: &Value) -> Vec<String> {
    let texts = |list: &[Value]| -> Vec<String> {
        list.iter().filter_map(|v| Some(v.as_str()?.trim().to_owned())).filter(|s| !s.is_empty()).collect()
    };
    match value {
        Value::Array(list) => texts(list),
        Value::String(text) => match model::json::parse(text.trim()) {
            Ok(Value::Array(list)) => texts(&list),
            _ => text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect(),
        },
        _ => Vec::new(),
    }
}

/// The path with `~` at its beginning replaced by the home directory.
#[must_use]
pub fn expand_home(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(path),
    }
}

/// The path without links, `.` and `..`. What does not exist is taken as written.
#[must_use]
pub fn real_path(path: &Path) -> PathBuf {
    let mut todo: Vec<_> = path.components().rev().map(|c| c.as_os_str().to_owned()).collect();
    let (mut out, mut links) = (PathBuf::new(), 0);
    while let Some(part) = todo.pop() {
        match Path::new(&part).components().next() {
            Some(Component::ParentDir) => {
                out.pop();
            }
            Some(Component::CurDir) | None => {}
            Some(Component::RootDir | Component::Prefix(_)) => out.push(&part),
            Some(Component::Normal(_)) => {
                out.push(&part);
                if links < 40
                    && let Ok(target) = std::fs::read_link(&out)
                {
                    links += 1;
                    out.pop();
                    if target.is_absolute() {
                        out = PathBuf::new();
                    }
                    todo.extend(target.components().rev().map(|c| c.as_os_str().to_owned()));
                }
            }
        }
    }
    out
}

/// The names under which allowed directories appear as first path segment: the directory's own name in plain letters,
/// with a piece of a hash of the path where names collide.
#[must_use]
pub fn mount_names(paths: &[PathBuf]) -> Vec<String> {
    let slugs: Vec<_> = paths.iter().map(|p| slug(p)).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for slug in &slugs {
        *counts.entry(slug).or_default() += 1;
    }
    let mut names: Vec<String> = Vec::new();
    for (path, slug) in paths.iter().zip(&slugs) {
        if counts[slug.as_str()] == 1 {
            names.push(slug.clone());
            continue;
        }
        let hash = hex::encode(Sha256::digest(path.to_string_lossy().as_bytes()));
        let named = (8..=32).step_by(4).map(|n| format!("{slug}_{}", &hash[..n])).find(|n| !names.contains(n));
        names.push(named.unwrap_or_else(|| format!("{slug}_{hash}")));
    }
    names
}

fn slug(path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-' {
            out.push(c);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    let short: String = out.trim_matches('-').chars().take(32).collect();
    if short.is_empty() { "mount".into() } else { short }
}

#[cfg(test)]
mod tests;
