//! The house keeps its order: which crate may know which (docs/architecture.md), and that no test is forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The crates a crate of ours names, without those of its tests.
fn named() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let asked = Command::new(cargo)
        .args(["metadata", "--offline", "--locked", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let names = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap();
        (text(&package["name"]), all.iter().filter(|d| d["kind"].is_null()).map(|d| text(&d["name"])).collect())
    };
    metadata["packages"].as_array().unwrap().iter().map(names).collect()
}

/// Everything a crate of ours reaches through ours.
fn reached(named: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(name) = open.pop() {
        for next in named.get(&name).into_iter().flatten() {
            if found.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    found
}

#[test]
fn arrows_point_down() {
    let rows: [(&str, &[&str]); 12] = [
        ("model", &[]),
        ("store", &["model"]),
        ("flow", &["model"]),
        ("llm", &["model"]),
        ("agent", &["model"]),
        ("engine", &["model", "store"]),
        ("memory", &["model", "store", "llm"]),
        ("service", &["model", "store", "flow", "llm", "agent", "engine", "memory"]),
        ("server", &["model", "service"]),
        ("ops", &["model", "service"]),
        ("abstractgateway", &["model", "service", "server", "ops"]),
        ("tests", &[]),
    ];
    let named = named();
    let ours: BTreeSet<&str> = rows.iter().map(|(name, _)| *name).collect();
    assert_eq!(ours, named.keys().map(String::as_str).collect(), "every crate has a row");
    for (name, allowed) in rows {
        let other =
            named[name].iter().find(|known| ours.contains(known.as_str()) && !allowed.contains(&known.as_str()));
        assert_eq!(other, None, "{name} may not know it");
    }
}

#[test]
fn what_is_foreign_has_one_door() {
    let named = named();
    let doors: [(&str, &[&str]); 10] = [
        ("rusqlite", &["store"]),
        ("tokio-postgres", &["store"]),
        ("warp", &["server"]),
        ("hyper", &["server"]),
        ("clap", &["abstractgateway"]),
        ("dialoguer", &["abstractgateway"]),
        ("comfy-table", &["abstractgateway"]),
        ("anstream", &["abstractgateway"]),
        ("monty", &["flow"]),
        ("lettre", &["ops"]),
    ];
    for (foreign, rooms) in doors {
        let knowing = named.iter().filter(|(_, known)| known.contains(foreign)).map(|(name, _)| name.as_str());
        let wrong: Vec<&str> = knowing.filter(|name| !rooms.contains(name)).collect();
        assert!(wrong.is_empty(), "{wrong:?} may not know {foreign}");
    }
    for pure in ["model", "flow"] {
        let reached = reached(&named, pure);
        for foreign in ["tokio", "reqwest", "rusqlite", "warp", "hyper"] {
            assert!(!reached.contains(foreign), "{pure} is pure and may not know {foreign}");
        }
    }
    let reached = reached(&named, "server");
    assert!(
        reached.contains("store") && !named["server"].contains("store"),
        "the server meets the store only behind services"
    );
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn printing_is_for_the_command_line() {
    for file in sources(&root().join("src")) {
        if file.ends_with("build.rs") {
            // It talks to cargo, in no other way.
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in ["println!", "print!", "eprint!", "io::stdout", "io::stderr"] {
            let found = code.lines().find(|line| line.contains(word) && !line.trim_start().starts_with("//"));
            assert_eq!(found, None, "{}", file.display());
        }
    }
}

/// The file of a module declared in `file`, as cargo looks for it.
fn declared(file: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(file).unwrap();
    let folder = file.parent().unwrap();
    let stem = file.file_stem().unwrap();
    let folder = if stem == "main" || stem == "mod" { folder.to_owned() } else { folder.join(stem) };
    let names = text.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let places = names.flat_map(|name| [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")]);
    places.filter(|place| place.exists()).collect()
}

#[test]
fn every_file_of_tests_is_a_module() {
    let folder = root().join("tests/it");
    let mut known = BTreeSet::from([folder.join("main.rs")]);
    let mut open: Vec<PathBuf> = known.iter().cloned().collect();
    while let Some(file) = open.pop() {
        let new = declared(&file).into_iter().filter(|place| !known.contains(place));
        let new: Vec<PathBuf> = new.collect();
        known.extend(new.iter().cloned());
        open.extend(new);
    }
    let forgotten: Vec<PathBuf> = sources(&folder).into_iter().filter(|file| !known.contains(file)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}
