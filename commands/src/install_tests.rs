//! `install.sh` puts its files under a prefix and takes exactly them away again. Nothing is built here: the programs are
//! stand-ins.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Everything below a folder, by its path from there.
fn tree(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            found.insert(path.strip_prefix(folder).unwrap().to_path_buf());
            if path.is_dir() {
                open.push(path);
            }
        }
    }
    found
}

fn program(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs the script with a cargo that has built everything already.
fn install(stand_ins: &Path, args: &[&str]) -> Output {
    program(&stand_ins.join("bin/cargo"), "exit 0");
    for name in ["abstractgateway", "abstractgateway-config"] {
        program(&stand_ins.join("target/release").join(name), "echo abstractgateway 0");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../install.sh");
    Command::new("sh")
        .args(["-c", "PATH=\"$1:$PATH\"; export PATH; shift; exec \"$@\"", "sh"])
        .arg(stand_ins.join("bin"))
        .arg(script)
        .args(args)
        .env("CARGO_TARGET_DIR", stand_ins.join("target"))
        .output()
        .unwrap()
}

#[test]
fn what_is_installed_is_taken_away_again_and_nothing_else() {
    let (stand_ins, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let prefix = folder.path().join("a prefix");
    std::fs::create_dir_all(prefix.join("bin")).unwrap();
    std::fs::write(prefix.join("bin/another"), "").unwrap();
    std::fs::create_dir_all(prefix.join("share/man")).unwrap();
    let before = tree(&prefix);
    let place = prefix.to_str().unwrap();
    // The second time it finds its own files.
    for _ in 0..2 {
        let done = install(stand_ins.path(), &["--prefix", place]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let installed = tree(&prefix);
    for file in [
        "bin/abstractgateway",
        "bin/abstractgateway-config",
        "share/man/man1/abstractgateway-serve.1",
        "share/bash-completion/completions/abstractgateway",
        "share/zsh/site-functions/_abstractgateway-config",
        "share/fish/vendor_completions.d/abstractgateway.fish",
    ] {
        assert!(installed.contains(Path::new(file)), "{file}");
    }
    assert!(!installed.iter().any(|path| path.extension().is_some_and(|e| e == "new")), "{installed:?}");
    let done = install(stand_ins.path(), &["--uninstall", "--prefix", place]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(tree(&prefix), before);
    let again = install(stand_ins.path(), &["--uninstall", "--prefix", place]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).starts_with("error: nothing is installed under "));
}

#[test]
fn a_place_that_cannot_be_written_to_is_told() {
    let stand_ins = tempfile::tempdir().unwrap();
    for (args, code, says) in [
        (&["--prefix", "/proc/nothing"][..], 1, "error: /proc/nothing cannot be made"),
        (&["--prefix"][..], 1, "error: --prefix needs a folder"),
        (&["--everywhere"][..], 2, "error: unknown option: --everywhere"),
    ] {
        let done = install(stand_ins.path(), args);
        let text = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(code), "{args:?}: {text}");
        assert!(text.contains(says), "{args:?}: {text}");
    }
}
