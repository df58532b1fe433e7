//! Which files tools pass over: the rules of the nearest `.abstractignore`, after a list of directories nobody wants
//! searched (contract 07, section 2.5).

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

const DEFAULTS: [&str; 16] = [
    ".git/",
    ".hg/",
    ".svn/",
    "__pycache__/",
    ".pytest_cache/",
    ".mypy_cache/",
    ".ruff_cache/",
    "node_modules/",
    "dist/",
    "build/",
    ".venv/",
    "venv/",
    "env/",
    ".env/",
    ".cursor/",
    "*.d/",
];

struct Rule {
    pattern: GlobMatcher,
    negated: bool,
    directories_only: bool,
    whole_path: bool,
}

impl Rule {
    fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (negated, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest.trim()));
        let (directories_only, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        let whole_path = line.contains('/');
        let glob = GlobBuilder::new(line.trim_start_matches('/')).literal_separator(false).build().ok()?;
        Some(Self { pattern: glob.compile_matcher(), negated, directories_only, whole_path })
    }
}

/// The rules that hold for a target.
pub(crate) struct IgnoreRules {
    root: PathBuf,
    rules: Vec<Rule>,
}

impl IgnoreRules {
    /// The rules for a file or directory: those of the nearest `.abstractignore` at or above it, else the defaults
    /// from its own directory on.
    pub(crate) fn near(target: &Path) -> Self {
        let start = if target.is_dir() { target } else { target.parent().unwrap_or(target) };
        let found = start.ancestors().find(|dir| dir.join(".abstractignore").is_file());
        let text = found.and_then(|dir| std::fs::read_to_string(dir.join(".abstractignore")).ok()).unwrap_or_default();
        let rules = DEFAULTS.into_iter().chain(text.lines()).filter_map(Rule::parse).collect();
        Self { root: found.unwrap_or(start).to_owned(), rules }
    }

    /// Whether the path is passed over, by itself or by one of the directories it is in.
    pub(crate) fn covers(&self, path: &Path, is_dir: bool) -> bool {
        let Ok(relative) = path.strip_prefix(&self.root) else { return false };
        let parents = relative.ancestors().skip(1).filter(|p| !p.as_os_str().is_empty());
        (!relative.as_os_str().is_empty() && self.names(relative, is_dir))
            || parents.into_iter().any(|p| self.names(p, true))
    }

    /// What the last matching rule says of this very path.
    fn names(&self, relative: &Path, is_dir: bool) -> bool {
        let matching = |rule: &&Rule| {
            let matched = if rule.whole_path {
                rule.pattern.is_match(relative)
            } else {
                relative.file_name().is_some_and(|name| rule.pattern.is_match(name))
            };
            matched && (is_dir || !rule.directories_only)
        };
        self.rules.iter().rev().find(matching).is_some_and(|rule| !rule.negated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_matching_rule_decides() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::write(root.join(".abstractignore"), "# notes\n*.log\n!keep.log\n/top.txt\nsub/x*\nprivate/\n")
            .unwrap();
        let rules = IgnoreRules::near(&root.join("sub"));
        let check = |path: &str, is_dir: bool, expected: bool| {
            assert_eq!(rules.covers(&root.join(path), is_dir), expected, "{path}");
        };
        check("a.txt", false, false);
        check("a.log", false, true);
        check("sub/deep/a.log", false, true);
        check("keep.log", false, false);
        check("top.txt", false, true);
        check("sub/top.txt", false, false);
        check("sub/xy", false, true);
        check("private", true, true);
        check("private", false, false);
        check("private/a", false, true);
        check("node_modules/m/index.js", false, true);
        check("A.LOG", false, false);
        check("conf.d", true, true);
        check("", true, false);
    }

    #[test]
    fn without_a_file_the_defaults_start_at_the_target() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("build/out");
        std::fs::create_dir_all(&inside).unwrap();
        let rules = IgnoreRules::near(&inside);
        assert!(!rules.covers(&inside.join("a"), false));
        assert!(rules.covers(&inside.join(".git/config"), false));
    }
}
