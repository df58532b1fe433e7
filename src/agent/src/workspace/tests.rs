use std::os::unix::fs::symlink;

use super::*;

struct Bench {
    _folder: tempfile::TempDir,
    base: PathBuf,
}

/// base/ws (root, with sub/, out -> base/other, in -> sub), base/other, base/home
fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().canonicalize().unwrap();
    for dir in ["ws/sub", "ws/secret", "other", "home", "free"] {
        std::fs::create_dir_all(base.join(dir)).unwrap();
    }
    symlink(base.join("other"), base.join("ws/out")).unwrap();
    symlink("sub", base.join("ws/in")).unwrap();
    Bench { _folder: folder, base }
}

impl Bench {
    fn workspace(&self, mode: &str) -> Workspace {
        let vars = json!({
            "workspace_root": "ws", "workspace_access_mode": mode,
            "workspace_allowed_paths": [self.base.join("other")], "workspace_ignored_paths": "secret\n",
        });
        Workspace::from_vars(vars.as_object().unwrap(), &self.base, Some(&self.base.join("home"))).unwrap().unwrap()
    }
}

#[test]
fn paths_resolve_or_are_refused() {
    let bench = bench();
    let check = |mode: &str, path: &str, expected: Result<&str, &str>| {
        let path = path.replace("BASE", bench.base.to_str().unwrap());
        let expected =
            expected.map(|p| bench.base.join(p)).map_err(|why| why.replace("BASE", bench.base.to_str().unwrap()));
        assert_eq!(bench.workspace(mode).resolve(&path), expected, "{mode} {path}");
    };
    let escapes = |p: &str| format!("Path escapes workspace_root: '{p}'");
    for mode in ["workspace_only", "workspace_or_allowed", "all_except_ignored"] {
        check(mode, "a.txt", Ok("ws/a.txt"));
        check(mode, "@sub/a.txt", Ok("ws/sub/a.txt"));
        check(mode, "./sub\\b", Ok("ws/sub/b"));
        check(mode, "in/b", Ok("ws/sub/b"));
        check(mode, "ws/a", Ok("ws/a"));
        check(mode, ".", Ok("ws"));
        check(mode, "BASE/ws/a", Ok("ws/a"));
        check(mode, "../x", Err(&escapes("../x")));
        check(mode, "sub/../../x", Err(&escapes("sub/../../x")));
        check(mode, "secret/k", Err("Path is blocked by workspace_ignored_paths: 'secret/k'"));
        check(mode, "sub/../secret", Err("Path is blocked by workspace_ignored_paths: 'sub/../secret'"));
    }
    check("workspace_only", "out/x", Err(&escapes("out/x")));
    check("workspace_only", "BASE/other/x", Err(&escapes("BASE/other/x")));
    check("workspace_only", "/etc/passwd", Err(&escapes("/etc/passwd")));
    check("workspace_only", "~/x", Err(&escapes("~/x")));
    check("workspace_or_allowed", "out/x", Ok("other/x"));
    check("workspace_or_allowed", "other/x", Ok("other/x"));
    check("workspace_or_allowed", "other/../free", Err(&escapes("other/../free")));
    check("workspace_or_allowed", "/etc/passwd", Err("Path is outside workspace roots: '/etc/passwd'"));
    check("workspace_only", "other/x", Ok("ws/other/x"));
    check("all_except_ignored", "BASE/free/x", Ok("free/x"));
    check("all_except_ignored", "~/x", Ok("home/x"));
    check("all_except_ignored", "BASE/ws/secret", Err("Path is blocked by workspace_ignored_paths: 'BASE/ws/secret'"));
}

#[test]
fn a_link_put_there_later_is_noticed() {
    let bench = bench();
    let workspace = bench.workspace("workspace_only");
    let path = workspace.resolve("new/file").unwrap();
    assert_eq!(workspace.recheck(&path), Ok(path.clone()));
    symlink(bench.base.join("other"), bench.base.join("ws/new")).unwrap();
    assert!(workspace.recheck(&path).is_err());
}

#[test]
fn arguments_are_rewritten() {
    let bench = bench();
    let check = |tool: &str, arguments: Value, expected: Result<Value, &str>| {
        let mut map = arguments.as_object().cloned().unwrap();
        let outcome = bench.workspace("workspace_only").rewrite(tool, &mut map).map(|()| Value::Object(map));
        let expected = expected
            .map(|v| model::json::parse(&v.to_string().replace("BASE", bench.base.to_str().unwrap())).unwrap())
            .map_err(str::to_owned);
        assert_eq!(outcome, expected, "{tool} {arguments}");
    };
    check("list_files", json!({}), Ok(json!({"directory_path": "BASE/ws"})));
    check("list_files", json!({"path": "sub"}), Ok(json!({"directory_path": "BASE/ws/sub"})));
    check("search_files", json!({"pattern": "x"}), Ok(json!({"pattern": "x", "path": "BASE/ws"})));
    check("execute_command", json!({"command": "ls"}), Ok(json!({"command": "ls", "working_directory": "BASE/ws"})));
    check("read_file", json!({"filename": "a"}), Ok(json!({"file_path": "BASE/ws/a"})));
    check("read_file", json!({}), Err("read_file requires file_path"));
    check("write_file", json!({"file_path": " "}), Err("write_file requires file_path"));
    check("skim_files", json!({"path": "a\nsub/b"}), Ok(json!({"paths": ["BASE/ws/a", "BASE/ws/sub/b"]})));
    check("skim_files", json!({"paths": "[\"a\"]"}), Ok(json!({"paths": ["BASE/ws/a"]})));
    check("skim_files", json!({"paths": ["../a"]}), Err("Path escapes workspace_root: '../a'"));
    check("fetch_url", json!({"url": "/x"}), Ok(json!({"url": "/x"})));
}

#[test]
fn roots_are_made_or_refused() {
    let bench = bench();
    let check = |vars: Value, expected: Result<Option<&str>, &str>| {
        let outcome = Workspace::from_vars(vars.as_object().unwrap(), &bench.base, None).map(|w| w.map(|w| w.root));
        let expected = expected
            .map(|p| p.map(|p| bench.base.join(p)))
            .map_err(|why| why.replace("BASE", bench.base.to_str().unwrap()));
        assert_eq!(outcome, expected, "{vars}");
    };
    std::fs::write(bench.base.join("file"), "").unwrap();
    check(json!({}), Ok(None));
    check(json!({"workspace_root": "  "}), Ok(None));
    check(json!({"workspace_root": 3}), Ok(None));
    check(json!({"workspace_root": "made/deep"}), Ok(Some("made/deep")));
    assert!(bench.base.join("made/deep").is_dir());
    check(json!({"workspace_root": "file"}), Err("workspace_root must be a directory (got file): BASE/file"));
    check(
        json!({"workspace_root": "ws", "workspace_access_mode": "everything"}),
        Err("Invalid workspace_access_mode: 'everything'"),
    );
}

#[test]
fn mounts_are_named_after_their_directory() {
    let check = |paths: &[&str], expected: &[&str]| {
        assert_eq!(mount_names(&paths.iter().map(PathBuf::from).collect::<Vec<_>>()), expected);
    };
    check(&["/data/My Docs", "/srv/my-docs"], &["my-docs_7d3adc97", "my-docs_33e8e2d3"]);
    check(&["/data/My Docs"], &["my-docs"]);
    check(&["/data/Überlänge & Co"], &["berl-nge-co"]);
    check(&["/"], &["mount"]);
    check(&["/x/abcdefghijklmnopqrstuvwxyz0123456789"], &["abcdefghijklmnopqrstuvwxyz012345"]);
}
