use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::*;

struct Bench {
    folder: tempfile::TempDir,
    env: ToolEnv,
}

fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let vars = json!({"workspace_root": folder.path()});
    let workspace = Workspace::from_vars(vars.as_object().unwrap(), Path::new("/"), None).unwrap();
    let env = ToolEnv {
        policy: Arc::new(ToolPolicy::default()),
        workspace: workspace.map(Arc::new),
        cancel: CancellationToken::new(),
        approved: true,
        call_key: "rtcall_k_1".into(),
    };
    Bench { folder, env }
}

impl Bench {
    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    fn file(&self, name: &str, content: &str) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn content(&self, name: &str) -> String {
        std::fs::read_to_string(self.root().join(name)).unwrap()
    }

    /// Runs a tool; `ROOT` in arguments and expectations is the workspace.
    async fn run(&self, tool: &str, arguments: Value) -> Result<String, String> {
        let root = self.root().display().to_string();
        let arguments: Map = serde_json::from_str(&arguments.to_string().replace("ROOT", &root)).unwrap();
        let shown = |text: &str| text.replace(&root, "ROOT");
        match run(find(tool).unwrap(), &arguments, self.env.clone()).await {
            Ok(value) => Ok(shown(value.as_str().unwrap_or(&value.to_string()))),
            Err(why) => Err(shown(&why)),
        }
    }

    async fn check(&self, tool: &str, arguments: Value, expected: Result<&str, &str>) {
        let outcome = self.run(tool, arguments.clone()).await;
        assert_eq!(outcome.as_deref().map_err(String::as_str), expected, "{tool} {arguments}");
    }
}

#[test]
fn definitions_are_as_discovery_shows_them() {
    let specs = specs();
    let keys: Vec<_> = specs.iter().map(|s| (s["toolset"].as_str().unwrap(), s["name"].as_str().unwrap())).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    for spec in &specs {
        assert!(spec["description"].as_str().unwrap().chars().count() <= 200, "{spec}");
        assert!(spec["when_to_use"].as_str().unwrap().chars().count() <= 240, "{spec}");
        let examples = spec["examples"].as_array().unwrap();
        assert!(!examples.is_empty() && examples.len() <= 3);
        for example in examples {
            let tool = find(spec["name"].as_str().unwrap()).unwrap();
            let arguments = example["arguments"].as_object().unwrap();
            assert!(args::checked(tool.name, tool.params, arguments).is_ok(), "{example}");
        }
    }
    let list = &specs[1];
    assert_eq!(
        list["parameters"],
        json!({
            "directory_path": {"type": "string", "default": "."}, "pattern": {"type": "string", "default": "*"},
            "recursive": {"type": "boolean", "default": false}, "include_hidden": {"type": "boolean", "default": false},
            "head_limit": {"type": "integer", "default": 10},
        })
    );
    assert!(list.get("required_args").is_none());
    assert_eq!(specs[4]["required_args"], json!(["content", "file_path"]));
    assert_eq!(specs[0]["parameters"].get("encoding"), None);
}

#[tokio::test]
async fn list_files_lists() {
    let bench = bench();
    let dir = json!({"directory_path": "ROOT"});
    bench.check("list_files", dir.clone(), Ok("Directory 'ROOT' exists but is empty")).await;
    bench.file(".hidden", "");
    bench
        .check("list_files", dir.clone(), Ok("Directory 'ROOT' contains only hidden entries (use include_hidden=True)"))
        .await;
    bench.file("b.TXT", &"x".repeat(1234));
    bench.file("sub/c.md", "");
    bench.file("node_modules/m.js", "");
    let old = std::time::SystemTime::UNIX_EPOCH;
    std::fs::File::open(bench.root().join("b.TXT")).unwrap().set_modified(old).unwrap();
    bench
        .check(
            "list_files",
            dir.clone(),
            Ok("Entries in 'ROOT' matching '*' (hidden entries excluded):\n  sub/\n  b.TXT (1,234 bytes)"),
        )
        .await;
    let matching = json!({"directory_path": "ROOT", "pattern": "*.txt|*.MD", "recursive": "true"});
    bench
        .check(
            "list_files",
            matching,
            Ok("Entries in 'ROOT' matching '*.txt|*.MD' (hidden entries excluded):\n  sub/c.md (0 bytes)\n  b.TXT (1,234 bytes)"),
        )
        .await;
    let first = bench.run("list_files", json!({"directory_path": "ROOT", "head_limit": 1})).await.unwrap();
    assert!(
        first.starts_with(
            "Entries in 'ROOT' matching '*' (hidden entries excluded) (showing 1 of 2 entries):\n  sub/\n\nNote:"
        ),
        "{first}"
    );
    bench
        .check(
            "list_files",
            json!({"directory_path": "ROOT", "pattern": "*.rs"}),
            Ok("Directory 'ROOT' exists but no entries match pattern '*.rs'"),
        )
        .await;
    bench
        .check("list_files", json!({"directory_path": "ROOT/none"}), Err("Directory 'ROOT/none' does not exist"))
        .await;
    bench.check("list_files", json!({"directory_path": "ROOT/b.TXT"}), Err("'ROOT/b.TXT' is not a directory")).await;
    bench.check("list_files", json!({"directory_path": "/etc"}), Err("Path escapes workspace_root: '/etc'")).await;
}

#[tokio::test]
async fn read_file_reads() {
    let bench = bench();
    let lines: String = (1..=12).map(|i| format!("line {i}\n")).collect();
    bench.file("a.txt", &lines);
    bench
        .check(
            "read_file",
            json!({"file_path": "ROOT/a.txt", "start_line": "9", "end_line": 10}),
            Ok("File: ROOT/a.txt (12 lines)\n\n 9: line 9\n10: line 10"),
        )
        .await;
    bench
        .check(
            "read_file",
            json!({"file_path": "ROOT/a.txt", "start_line": 13}),
            Err("start_line 13 is beyond the end of 'ROOT/a.txt' (12 lines)"),
        )
        .await;
    bench
        .check(
            "read_file",
            json!({"file_path": "ROOT/a.txt", "start_line": 0}),
            Err("start_line must be 1 or more, got 0"),
        )
        .await;
    bench.check("read_file", json!({"file_path": "ROOT/none"}), Err("File 'ROOT/none' does not exist")).await;
    bench.check("read_file", json!({"file_path": "ROOT"}), Err("'ROOT' is not a file")).await;
    bench.file("bin", "a\0b");
    bench
        .check("read_file", json!({"file_path": "ROOT/bin"}), Err("Cannot read 'ROOT/bin': it is a binary file"))
        .await;
    std::fs::write(bench.root().join("latin"), b"caf\xe9").unwrap();
    bench
        .check("read_file", json!({"file_path": "ROOT/latin"}), Err("Cannot read 'ROOT/latin': it is not UTF-8 text"))
        .await;
    bench.file("empty", "");
    bench.check("read_file", json!({"file_path": "ROOT/empty"}), Ok("File: ROOT/empty (0 lines)\n\n")).await;
    bench.file(".abstractignore", "*.key\n");
    bench.file("my.key", "k");
    bench
        .check(
            "read_file",
            json!({"file_path": "ROOT/my.key"}),
            Err("File 'ROOT/my.key' is ignored by .abstractignore policy"),
        )
        .await;
    symlink("/etc/hostname", bench.root().join("link")).unwrap();
    assert!(bench.run("read_file", json!({"file_path": "ROOT/link"})).await.unwrap_err().starts_with("Path escapes"));
}

#[tokio::test]
async fn read_file_refuses_more_than_two_thousand_lines() {
    let bench = bench();
    for (count, fits) in [(2000, true), (2001, false)] {
        bench.file("long", &"x\n".repeat(count));
        let outcome = bench.run("read_file", json!({"file_path": "ROOT/long"})).await;
        assert_eq!(outcome.is_ok(), fits, "{count}");
        if let Err(why) = outcome {
            assert!(
                why.starts_with("Refused: 2001 lines") && why.contains("\n  60: x") && !why.contains("  61: x"),
                "{why}"
            );
        }
        let part = bench.run("read_file", json!({"file_path": "ROOT/long", "end_line": 1999})).await;
        assert!(part.is_ok());
    }
}

#[tokio::test]
async fn search_files_finds() {
    let bench = bench();
    bench.file("a.py", "import os\ndef Main():\n    pass\n");
    bench.file("sub/b.txt", "the main thing\n");
    bench.file(".git/config", "main");
    bench.file("bin", "main\0");
    bench
        .check(
            "search_files",
            json!({"pattern": "MAIN", "path": "ROOT"}),
            Ok("Search results for pattern 'MAIN' under 'ROOT' in 2 files:\n\n📄 ROOT/a.py:\n    2: def Main():\n\n📄 ROOT/sub/b.txt:\n    1: the main thing"),
        )
        .await;
    bench
        .check(
            "search_files",
            json!({"query": "main", "path": "ROOT", "max_hits": 1}),
            Ok("Search results for pattern 'main' under 'ROOT' (showing 1 of 2 matching files):\n\n📄 ROOT/a.py:\n    2: def Main():"),
        )
        .await;
    let ahead = json!({"pattern": "def (?=main)", "path": "ROOT", "file_pattern": "*.PY"});
    bench.check("search_files", ahead, Ok("Search results for pattern 'def (?=main)' under 'ROOT' in 1 files:\n\n📄 ROOT/a.py:\n    2: def Main():")).await;
    let across =
        bench.run("search_files", json!({"pattern": "os.def", "path": "ROOT", "multiline": true})).await.unwrap();
    assert!(across.contains("    1: import os\ndef Main():"), "{across}");
    bench
        .check("search_files", json!({"pattern": "zzz", "path": "ROOT"}), Ok("No matches found for pattern 'zzz'"))
        .await;
    bench
        .check(
            "search_files",
            json!({"pattern": "x", "path": "ROOT/none"}),
            Err("Search path 'ROOT/none' does not exist"),
        )
        .await;
    assert!(
        bench
            .run("search_files", json!({"pattern": "(", "path": "ROOT"}))
            .await
            .unwrap_err()
            .starts_with("Invalid regex pattern '('")
    );
    bench.file("many", &"hit\n".repeat(20));
    for (limit, lines) in [(json!(10), 10), (json!(0), 20), (json!(-1), 20)] {
        let found = bench
            .run("search_files", json!({"pattern": "hit", "path": "ROOT/many", "head_limit": limit}))
            .await
            .unwrap();
        assert_eq!(found.lines().count(), 3 + lines, "{found}");
    }
    bench.file("wide", &format!("{}needle{}", "é".repeat(1000), "é".repeat(1000)));
    let wide = bench.run("search_files", json!({"pattern": "needle", "path": "ROOT/wide"})).await.unwrap();
    let line = wide.lines().last().unwrap();
    assert!(line.contains("needle") && line.trim_start().chars().count() <= 403, "{}", line.chars().count());
}

#[tokio::test]
async fn write_file_writes() {
    let bench = bench();
    bench
        .check(
            "write_file",
            json!({"file_path": "ROOT/new/deep/a.txt", "content": "one\ntwo\n"}),
            Ok("✅ Successfully written to 'ROOT/new/deep/a.txt' (8 bytes, 2 lines)"),
        )
        .await;
    bench
        .check(
            "write_file",
            json!({"file_path": "ROOT/new/deep/a.txt", "content": "é", "mode": "a"}),
            Ok("✅ Successfully appended to 'ROOT/new/deep/a.txt' (+2 bytes, +1 lines; file now 10 bytes)"),
        )
        .await;
    assert_eq!(bench.content("new/deep/a.txt"), "one\ntwo\né");
    let script = bench.root().join("run.sh");
    bench.file("run.sh", "old");
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o754)).unwrap();
    bench.run("write_file", json!({"file_path": "ROOT/run.sh", "content": "new"})).await.unwrap();
    assert_eq!(std::fs::metadata(&script).unwrap().permissions().mode() & 0o777, 0o754);
    assert_eq!(bench.content("run.sh"), "new");
    let leftovers = std::fs::read_dir(bench.root())
        .unwrap()
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().ends_with(".tmp"))
        .count();
    assert_eq!(leftovers, 0);
    bench.check("write_file", json!({"file_path": "ROOT/new", "content": ""}), Err("'ROOT/new' is a directory")).await;
    bench
        .check(
            "write_file",
            json!({"file_path": "ROOT/x", "content": "", "mode": "r"}),
            Err("Unknown mode 'r': use 'w' to replace or 'a' to append"),
        )
        .await;
    bench
        .check(
            "write_file",
            json!({"file_path": "ROOT/no/x", "content": "", "create_dirs": false}),
            Err("Folder 'ROOT/no' does not exist"),
        )
        .await;
    bench
        .check(
            "write_file",
            json!({"file_path": "ROOT/x"}),
            Err("write_file is missing its required argument 'content'"),
        )
        .await;
    bench
        .check(
            "write_file",
            json!({"file_path": "/etc/x", "content": ""}),
            Err("Path escapes workspace_root: '/etc/x'"),
        )
        .await;
    bench.file(".abstractignore", "locked/\n");
    bench
        .check(
            "write_file",
            json!({"file_path": "ROOT/locked/x", "content": ""}),
            Err("Refused: Path 'ROOT/locked/x' is ignored by .abstractignore policy"),
        )
        .await;
    symlink("/tmp", bench.root().join("out")).unwrap();
    assert!(bench.run("write_file", json!({"file_path": "ROOT/out/x", "content": ""})).await.is_err());
}

#[tokio::test]
async fn edit_file_edits() {
    let check = async |old: &str, mut arguments: Value, expected: Result<&str, &str>| {
        let bench = bench();
        bench.file("a.py", old);
        arguments["file_path"] = json!("ROOT/a.py");
        let outcome = bench.run("edit_file", arguments.clone()).await;
        match (&outcome, expected) {
            (Ok(_), Ok(new)) => assert_eq!(bench.content("a.py"), new, "{arguments}: {outcome:?}"),
            (Err(why), Err(start)) => assert!(why.starts_with(start), "{arguments}: {why}"),
            _ => panic!("{arguments}: {outcome:?}"),
        }
    };
    let edit = |pattern: &str, replacement: &str| json!({"pattern": pattern, "replacement": replacement});
    check("a b a\n", edit("a", "c"), Ok("c b c\n")).await;
    check("a b a\n", json!({"pattern": "a", "replacement": "c", "max_replacements": 1}), Ok("c b a\n")).await;
    check("a\na\na\n", json!({"pattern": "a", "replacement": "c", "start_line": 2, "end_line": 2}), Ok("a\nc\na\n"))
        .await;
    check("a\nb\n", edit("a\\nb", "x\\ny"), Ok("x\ny\n")).await;
    check("p(\"\\n\")\n", edit("\\n", "\\t"), Ok("p(\"\\t\")\n")).await;
    check("a\r\nb\r\n", edit("a\nb", "c\nd"), Ok("c\r\nd\r\n")).await;
    check(
        "def f():\n        x = 1\n        y = 2\n",
        edit("  x = 1\n  y = 2", "  x = 3\n  y = 4"),
        Ok("def f():\n        x = 3\n        y = 4\n"),
    )
    .await;
    check("a=1\n", json!({"pattern": "(\\w)=(\\d)", "replacement": "\\2=\\1$", "use_regex": true}), Ok("1=a$\n")).await;
    check("a\nb\nc\n", json!({"pattern": "", "replacement": "x", "start_line": 2, "end_line": 3}), Ok("a\nx\n")).await;
    check("a\nb\n", edit("a\n", "a\nnew\n"), Ok("a\nnew\nb\n")).await;
    check("a\nnew\nb\n", edit("a\n", "a\nnew\n"), Ok("a\nnew\nb\n")).await;
    check("a\n", json!({"pattern": "a", "replacement": "b", "preview_only": true}), Ok("a\n")).await;
    check("a\n", edit("zzz", "b"), Err("No occurrences of 'zzz' found in 'ROOT/a.py'")).await;
    check("a\n", edit("", "b"), Err("An empty pattern needs start_line and end_line")).await;
    check("a\n", json!({"pattern": "(", "replacement": "", "use_regex": true}), Err("Invalid regex pattern")).await;
    check("a\n", json!({"pattern": "a", "replacement": "b", "start_line": 5}), Err("start_line 5 is beyond the end"))
        .await;
    check(
        "a\n",
        json!({"pattern": "a", "replacement": "b", "start_line": 2, "end_line": 1}),
        Err("start_line 2 is beyond"),
    )
    .await;
    let diff = |text: &str| json!({"pattern": text});
    check("a\nb\nc\n", diff("--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"), Ok("a\nB\nc\n")).await;
    check("x\na\nb\nc\n", diff("@@ -1,3 +1,4 @@\n a\n b\n+new\n c\n"), Ok("x\na\nb\nnew\nc\n")).await;
    check("a\nb", diff("@@ -1,2 +1,2 @@\n a\n-b\n+c\n"), Ok("a\nc")).await;
    check("a\n", diff("@@ -1 +1 @@\n-b\n+c\n"), Err("Hunk 1 of the diff does not fit")).await;
    check("a\n", diff("--- a/other.py\n+++ b/other.py\n@@ -1 +1 @@\n-a\n+c\n"), Err("The diff is for 'other.py'"))
        .await;
    check("a\n", diff("just text"), Err("Without a replacement the pattern must be a unified diff")).await;
}

#[tokio::test]
async fn edit_file_shows_what_it_did() {
    let bench = bench();
    bench.file("a.txt", "1\n2\n3\n4\n5\n");
    bench
        .check(
            "edit_file",
            json!({"file_path": "ROOT/a.txt", "pattern": "3\n", "replacement": "three\nand\n"}),
            Ok("Edited ROOT/a.txt (+2 -1) replacements=1/1\n@@ -1,5 +1,6 @@\n 1 1 |  1\n 2 2 |  2\n 3   | -3\n   3 | +three\n   4 | +and\n 4 5 |  4\n 5 6 |  5\n\nLines 1-6 after the edit:\n1: 1\n2: 2\n3: three\n4: and\n5: 4\n6: 5"),
        )
        .await;
    let again = bench
        .run(
            "edit_file",
            json!({"file_path": "ROOT/a.txt", "pattern": "1\n", "replacement": "1\n2\n", "preview_only": true}),
        )
        .await
        .unwrap();
    assert!(again.starts_with("Preview ROOT/a.txt (+0 -0) replacements=0/1\nNothing to change"), "{again}");
    bench
        .check(
            "edit_file",
            json!({"file_path": "ROOT/none", "pattern": "a", "replacement": "b"}),
            Err("File 'ROOT/none' does not exist"),
        )
        .await;
}

#[tokio::test]
async fn a_cancelled_tool_changes_nothing() {
    let bench = bench();
    bench.file("a.txt", "old");
    bench.env.cancel.cancel();
    bench
        .check(
            "write_file",
            json!({"file_path": "ROOT/a.txt", "content": "new"}),
            Err("Cannot write 'ROOT/a.txt': Cancelled"),
        )
        .await;
    assert_eq!(bench.content("a.txt"), "old");
    bench.check("search_files", json!({"pattern": "old", "path": "ROOT"}), Err("Cancelled")).await;
}
