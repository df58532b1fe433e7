//! What the documents say of the workspace holds: a dependency that is declared is used, and the table says why.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The names before `=` or `.` in the lines of a manifest's tables whose title ends in `dependencies`.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines() {
        if let Some(title) = line.strip_prefix('[') {
            inside = title.trim_end_matches(']').ends_with("dependencies");
            continue;
        }
        let name: String = line.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
        if inside && !name.is_empty() {
            names.insert(name);
        }
    }
    names
}

/// The manifests of all members.
fn members() -> Vec<PathBuf> {
    let rooms = std::fs::read_dir(root().join("src")).unwrap().map(|entry| entry.unwrap().path());
    rooms.chain(["commands", "tests"].map(|name| root().join(name))).map(|room| room.join("Cargo.toml")).collect()
}

/// What the workspace declares, without its own rooms.
fn declared() -> BTreeSet<String> {
    let manifest = read("Cargo.toml");
    let rooms: BTreeSet<String> = manifest
        .lines()
        .filter(|line| line.contains("{ path = "))
        .filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()))
        .collect();
    dependencies(&manifest).difference(&rooms).cloned().collect()
}

#[test]
fn every_dependency_is_explained() {
    let document = read("docs/dependencies.md");
    let missing: Vec<String> = declared().into_iter().filter(|name| !document.contains(&format!("`{name}`"))).collect();
    assert_eq!(missing, Vec::<String>::new(), "docs/dependencies.md must say why these are here");
}

#[test]
fn every_declared_dependency_is_used() {
    let used: BTreeSet<String> = members().iter().flat_map(|manifest| dependencies(&read(manifest))).collect();
    let idle: Vec<String> = declared().difference(&used).cloned().collect();
    assert_eq!(idle, Vec::<String>::new(), "no member uses these: take them out of Cargo.toml");
}

#[test]
fn every_reason_why_a_run_stands_still_is_explained() {
    let page = read("docs/explain.md");
    let rows: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let codes = model::api::runs::explain::ExplainCode::ALL.iter().map(|code| code.as_str());
    let rows = rows.into_iter().filter(|row| *row != "code");
    assert_eq!(rows.collect::<Vec<_>>(), codes.collect::<Vec<_>>());
}
