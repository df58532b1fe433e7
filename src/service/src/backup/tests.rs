use std::os::unix::fs::PermissionsExt as _;

use store::sqlite::offline::SCHEMA_VERSION;

use super::*;
use crate::Settings;

/// A data directory with a database of each kind of plane, and what lies around them.
fn settings(folder: &Path) -> Settings {
    let data = folder.join("data");
    for (path, content, mode) in [
        ("auth/users.json", "{}", 0o600),
        ("auth/.users.json.x.tmp", "{", 0o600),
        ("artifacts/blobs/ab.bin", "bytes", 0o644),
        ("flows/a b.flow", "zip", 0o644),
        ("server.json", "{}", 0o600),
        ("gateway_runner.lock", "pid=1", 0o644),
        ("workspaces/x/notes.txt", "notes", 0o644),
    ] {
        let path = data.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    std::os::unix::fs::symlink("/etc/hostname", data.join("link")).unwrap();
    for plane in ["", "users/t/r/runtime/"] {
        let path = data.join(plane).join("gateway.sqlite3");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        drop(store::sqlite::Sqlite::open(&path, store::sqlite::Options::default()).unwrap());
    }
    let data = data.display().to_string();
    Settings::from_env(&|name| (name == "ABSTRACTGATEWAY_DATA_DIR").then(|| data.clone())).unwrap()
}

fn make(settings: &Settings, target: &Path, workspaces: bool) -> Result<Manifest, Error> {
    let options = Options { workspaces, program: "test".into(), now: Timestamp::EPOCH };
    create(settings, target, &options, &mut |_, _, _| {})
}

fn paths(manifest: &Manifest) -> Vec<&str> {
    manifest.files.iter().map(|file| file.path.as_str()).collect()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn check(backup: &Path) -> Checked {
    verify(backup, &mut |_, _, _| {}).unwrap()
}

#[test]
fn a_backup_holds_all_planes_and_is_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, backup) = (settings(folder.path()), folder.path().join("backups/one"));
    let manifest = make(&settings, &backup, false).unwrap();
    let databases = ["gateway.sqlite3", "users/t/r/runtime/gateway.sqlite3"];
    let others = ["artifacts/blobs/ab.bin", "auth/users.json", "flows/a b.flow"];
    assert_eq!(paths(&manifest), [databases.as_slice(), &others].concat());
    assert_eq!(manifest.schema_version, SCHEMA_VERSION);
    assert!(manifest.left_out.iter().any(|line| line.starts_with("link: ")), "{:?}", manifest.left_out);
    for (path, expected) in [
        ("", 0o700),
        ("manifest.json", 0o600),
        ("data/auth", 0o700),
        ("data/auth/users.json", 0o600),
        ("data/gateway.sqlite3", 0o600),
    ] {
        assert_eq!(mode(&backup.join(path)), expected, "{path}");
    }
    let checked = check(&backup);
    assert_eq!((checked.ok, checked.files, checked.databases), (true, 5, 2), "{:?}", checked.damage);
    let all = make(&settings, &folder.path().join("two"), true).unwrap();
    assert!(paths(&all).contains(&"workspaces/x/notes.txt"));
    for taken in [&backup, &settings.data_dir.join("inside")] {
        assert_eq!(make(&settings, taken, false).unwrap_err().code, Code::Conflict);
    }
    assert_eq!(std::fs::read_dir(folder.path().join("backups")).unwrap().count(), 1, "nothing half made is left");
    let restored = folder.path().join("restored");
    restore(&backup, &restored, &mut |_, _, _| {}).unwrap();
    assert_eq!(std::fs::read(restored.join("flows/a b.flow")).unwrap(), b"zip");
    assert_eq!((mode(&restored.join("flows/a b.flow")), mode(&restored.join("auth/users.json"))), (0o644, 0o600));
    assert_eq!(restore(&backup, &restored, &mut |_, _, _| {}).unwrap_err().code, Code::Conflict);
}

#[test]
fn damage_is_found_and_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    type Harm = fn(&Path);
    let cases: &[(&str, &str, Harm)] = &[
        ("a changed file", "flows/a b.flow", |data| std::fs::write(data.join("flows/a b.flow"), "piz").unwrap()),
        ("a longer file", "auth/users.json", |data| std::fs::write(data.join("auth/users.json"), "{ }").unwrap()),
        ("a missing file", "artifacts/blobs/ab.bin", |data| {
            std::fs::remove_file(data.join("artifacts/blobs/ab.bin")).unwrap();
        }),
        ("one more file", "auth/more", |data| std::fs::write(data.join("auth/more"), "").unwrap()),
        ("a database", "gateway.sqlite3", |data| {
            let path = data.join("gateway.sqlite3");
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[5000] ^= 1;
            std::fs::write(&path, bytes).unwrap();
        }),
    ];
    for (i, (what, path, harm)) in cases.iter().enumerate() {
        let backup = folder.path().join(format!("b{i}"));
        make(&settings, &backup, false).unwrap();
        harm(&backup.join(DATA));
        let checked = check(&backup);
        let found: Vec<&str> = checked.damage.iter().map(|damage| damage.path.as_str()).collect();
        assert_eq!((checked.ok, found), (false, vec![*path]), "{what}");
        let target = folder.path().join("restored");
        assert_eq!(restore(&backup, &target, &mut |_, _, _| {}).unwrap_err().code, Code::Conflict, "{what}");
        assert!(!target.exists(), "{what}");
    }
}

#[test]
fn manifests_that_cannot_be_trusted_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, backup) = (settings(folder.path()), folder.path().join("b"));
    let mut manifest = make(&settings, &backup, false).unwrap();
    let path = backup.join(MANIFEST);
    let whole = std::fs::read_to_string(&path).unwrap();
    let refused = || restore(&backup, &folder.path().join("r"), &mut |_, _, _| {}).unwrap_err().code;
    for (text, code) in [
        (whole.replace("\"test\"", "\"tost\""), Code::Conflict),
        (whole.replace("backup.v1", "backup.v2"), Code::Unsupported),
        ("{".to_owned(), Code::Conflict),
    ] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(refused(), code);
    }
    let write = |manifest: &Manifest| {
        std::fs::remove_file(&path).unwrap();
        std::fs::remove_file(backup.join(MANIFEST_HASH)).unwrap();
        create::seal(&backup, manifest).unwrap();
    };
    manifest.schema_version = SCHEMA_VERSION + 1;
    write(&manifest);
    assert_eq!(refused(), Code::Unsupported);
    manifest.schema_version = SCHEMA_VERSION;
    manifest.files[0].path = "../outside".into();
    write(&manifest);
    assert_eq!(refused(), Code::Conflict);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(refused(), Code::NotFound);
}
