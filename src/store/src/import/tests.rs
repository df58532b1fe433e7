use std::path::Path;

use model::command::CommandOutcome;
use model::{RunStatus, WaitReason};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::sqlite::{Options, Sqlite};
use crate::{RunQuery, Store};

const SMALL: Limits = Limits { file_bytes: 4000, line_bytes: 1000, batch_bytes: 1 };

/// A folder with files, imported.
struct Case {
    folder: TempDir,
}

impl Case {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self { folder }
    }

    fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("gateway.sqlite3")
    }

    fn import(&self) -> Imported {
        run(self.data_dir(), &self.database(), SMALL, &mut |_| {}).unwrap()
    }

    fn store(&self) -> Sqlite {
        Sqlite::open(&self.database(), Options::default()).unwrap()
    }

    /// `file:line why` of every problem, without what is said after a colon.
    fn problems(&self) -> Vec<String> {
        let report: Value = serde_json::from_slice(&std::fs::read(self.data_dir().join(REPORT_FILE)).unwrap()).unwrap();
        let problems = report["problems"].as_array().unwrap().iter();
        let told = problems.map(|p| {
            let why = p["why"].as_str().unwrap();
            let line = p["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
            format!("{}{line} {}", p["file"].as_str().unwrap(), why.split(':').next().unwrap())
        });
        told.collect()
    }
}

fn run_json(id: &str, more: &Value) -> String {
    let mut run = json!({
        "run_id": id, "workflow_id": "b@1:f", "status": "running", "current_node": "s", "vars": {"n": 1},
        "waiting": null, "output": null, "error": null, "created_at": "2026-01-05T10:00:00.5+00:00",
        "updated_at": "2026-01-05T10:00:01+00:00", "actor_id": "gateway", "session_id": id, "parent_run_id": null
    });
    for (key, value) in more.as_object().unwrap() {
        match value {
            Value::String(word) if word == "(gone)" => drop(run.as_object_mut().unwrap().shift_remove(key)),
            value => run[key] = value.clone(),
        }
    }
    serde_json::to_string_pretty(&run).unwrap()
}

fn record(run_id: &str, node: &str) -> String {
    format!(
        r#"{{"run_id": "{run_id}", "step_id": "x", "node_id": "{node}", "status": "completed", "result": null, "started_at": "2026-01-05T10:00:00+00:00"}}"#
    )
}

fn command_line(seq: i64, id: &str, run_id: &str, kind: &str, ts: &str) -> String {
    json!({"command_id": id, "run_id": run_id, "type": kind, "payload": {}, "ts": ts, "client_id": null, "seq": seq})
        .to_string()
}

#[tokio::test]
async fn a_folder_becomes_a_database_and_stays_as_it_is() {
    let wait = json!({"status": "waiting", "waiting": {"reason": "until", "until": "2026-01-06T00:00:00+00:00"}});
    let ledger = format!("{}\n{}\n", record("r1", "a"), record("r1", "b"));
    let commands = [command_line(3, "c3", "r1", "pause", "t"), command_line(7, "c7", "r1", "resume", "t")].join("\n");
    let files = [
        ("run_r1.json", run_json("r1", &wait)),
        ("run_r2.json", run_json("r2", &json!({"status": "completed", "output": {"ok": true}, "parent_run_id": "r1"}))),
        ("ledger_r1.jsonl", ledger),
        ("commands.jsonl", commands),
        ("commands_cursor.json", r#"{"cursor": 5, "updated_at": "x"}"#.to_owned()),
        ("run_r1.json.0123456789abcdef0123456789abcdef.tmp", "{".to_owned()),
        ("notes.txt", "mine".to_owned()),
    ];
    let case = Case::new(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
    assert_eq!(runs_in(case.data_dir()).unwrap(), 2);
    let mut steps = Vec::new();
    let imported = run(case.data_dir(), &case.database(), SMALL, &mut |p| steps.push((p.done, p.total))).unwrap();
    assert_eq!(imported, Imported { runs: 2, records: 2, commands: 2, problems: 0 });
    assert_eq!(steps, [(0, 3), (1, 3), (2, 3), (3, 3)]);
    assert_eq!(case.problems(), [""; 0]);
    for (name, text) in &files {
        assert_eq!(&std::fs::read_to_string(case.data_dir().join(name)).unwrap(), text, "{name}");
    }
    let store = case.store();
    let snapshot = store.run(&"r1".into()).await.unwrap().unwrap();
    assert_eq!((snapshot.version, snapshot.private, snapshot.run.status), (1, Value::Null, RunStatus::Waiting));
    assert_eq!(serde_json::to_string_pretty(&snapshot.run).unwrap().len(), {
        let read: model::Run = serde_json::from_str(&files[0].1).unwrap();
        serde_json::to_string_pretty(&read).unwrap().len()
    });
    let unfinished = store.unfinished().await.unwrap();
    assert_eq!((unfinished.len(), unfinished[0].wait_reason), (1, Some(WaitReason::Until)));
    assert_eq!(unfinished[0].wait_until.as_deref(), Some("2026-01-06T00:00:00+00:00"));
    assert_eq!(store.ledger(&"r1".into(), 0, 9).await.unwrap(), [record("r1", "a"), record("r1", "b")]);
    assert_eq!(store.children(&"r1".into()).await.unwrap(), ["r2".into()]);
    let pending = store.pending_commands(None).await.unwrap();
    assert_eq!(pending.iter().map(|c| (c.seq, c.command_id.as_str())).collect::<Vec<_>>(), [(7, "c7")]);
    let page = store.list(RunQuery { limit: 9, metrics: true, ..RunQuery::default() }).await.unwrap();
    let steps: Vec<_> = page.rows.iter().map(|row| row.metrics.map(|m| m.steps)).collect();
    assert_eq!(steps.iter().flatten().collect::<Vec<_>>(), [&2]);
    let next = store.append_command(model::Command { command_id: "new".into(), ..pending[0].clone() }).await.unwrap();
    assert_eq!((next.seq, next.duplicate), (8, false));
    store.close().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_costs_nothing_else() {
    let long = format!("{{\"run_id\": \"r\", \"fill\": \"{}\"}}", "x".repeat(2000));
    let big = run_json("big", &json!({"vars": {"fill": "x".repeat(5000)}}));
    let bare = record("r", "nan").replace("\"result\": null", "\"result\": {\"a\": NaN, \"b\": [-Infinity]}");
    let ledger = [
        record("r", "first"),
        String::new(),
        format!("{}{}", record("r", "glued"), record("r", "on")),
        format!("{{\"run_id\": \"r\", \"step_id\": \"to{}", record("r", "after-torn")),
        "not JSON".to_owned(),
        bare,
        long,
        "[1, 2]".to_owned(),
        record("r", "last")[..60].to_owned(),
    ];
    let ledger = ledger.join("\n");
    let files = [
        ("run_r.json", run_json("r", &json!({}))),
        ("ledger_r.jsonl", ledger),
        ("run_novars.json", run_json("novars", &json!({"vars": "(gone)", "actor_id": "(gone)"}))),
        ("run_nan.json", run_json("nan", &json!({"vars": {"x": "NAN"}})).replace("\"NAN\"", "NaN")),
        ("run_oddtime.json", run_json("oddtime", &json!({"updated_at": "yesterday"}))),
        ("run_badstatus.json", run_json("badstatus", &json!({"status": "sleeping"}))),
        ("ledger_badstatus.jsonl", record("badstatus", "a")),
        ("run_badwait.json", run_json("badwait", &json!({"status": "waiting", "waiting": {"wait_key": "k"}}))),
        ("run_torn.json", run_json("torn", &json!({}))[..80].to_owned()),
        ("run_empty.json", String::new()),
        ("run_list.json", "[]".to_owned()),
        ("run_copy of r.json", run_json("r", &json!({"current_node": "other"}))),
        ("run_big.json", big),
        ("ledger_alone.jsonl", record("alone", "a")),
        ("ledger_novars.jsonl", String::new()),
    ];
    let case = Case::new(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
    std::fs::create_dir(case.data_dir().join("run_x.json")).unwrap();
    assert_eq!(case.import(), Imported { runs: 4, records: 5, commands: 0, problems: 15 });
    let mut problems = case.problems();
    problems.sort();
    assert_eq!(
        problems,
        [
            "ledger_alone.jsonl there is no run for this ledger",
            "ledger_badstatus.jsonl its run cannot be read",
            "ledger_r.jsonl:4 it is no JSON object",
            "ledger_r.jsonl:5 it is no JSON object",
            "ledger_r.jsonl:7 the line has 2027 bytes; 1000 are the limit",
            "ledger_r.jsonl:8 it is no JSON object",
            "ledger_r.jsonl:9 it is no JSON object",
            "run_badstatus.json it is no run",
            "run_badwait.json it is no run",
            "run_big.json it is larger than 4000 bytes",
            "run_copy of r.json it is named for another run than 'r', which it holds",
            "run_empty.json it is no JSON",
            "run_list.json it is no run",
            "run_torn.json it is no JSON",
            "run_x.json it is not a file",
        ]
    );
    let store = case.store();
    let read = |id: &str| {
        let (id, store) = (id.into(), &store);
        async move { store.run(&id).await.unwrap().unwrap().run }
    };
    assert_eq!(read("r").await.current_node, "s");
    assert!(read("novars").await.vars.is_empty());
    assert_eq!(read("nan").await.vars["x"], Value::Null);
    assert_eq!(read("oddtime").await.updated_at, model::Timestamp::EPOCH);
    let records = store.ledger(&"r".into(), 0, 99).await.unwrap();
    let records: Vec<Value> = records.iter().map(|r| serde_json::from_str(r).unwrap()).collect();
    let nodes: Vec<_> = records.iter().map(|r| r["node_id"].as_str().unwrap()).collect();
    assert_eq!(nodes, ["first", "glued", "on", "after-torn", "nan"]);
    assert_eq!(records[4]["result"], json!({"a": null, "b": [null]}));
    store.close().await.unwrap();
}

#[tokio::test]
async fn commands_are_never_applied_twice() {
    use CommandOutcome::{Applied, Pending, Rejected};
    let early = "2026-01-05T09:00:00+00:00";
    let late = "2026-01-05T11:00:00+00:00";
    let lines = [
        command_line(1, "early", "r", "pause", early),
        command_line(2, "late", "r", "cancel", late),
        command_line(3, "event", "r", "emit_event", late),
        command_line(4, "stranger", "gone", "cancel", late),
        command_line(5, "timeless", "r", "cancel", "soon"),
    ];
    for (cursor, expected) in [
        (None, [Pending; 5]),
        (Some(r#"{"cursor": 2}"#), [Applied, Applied, Pending, Pending, Pending]),
        (Some(""), [Rejected, Pending, Rejected, Rejected, Rejected]),
        (Some("{}"), [Rejected, Pending, Rejected, Rejected, Rejected]),
        (Some(r#"{"cursor": -1}"#), [Rejected, Pending, Rejected, Rejected, Rejected]),
        (Some(r#"{"cursor": NaN}"#), [Rejected, Pending, Rejected, Rejected, Rejected]),
    ] {
        let run = run_json("r", &json!({}));
        let text = lines.join("\n");
        let mut files = vec![("run_r.json", run.as_str()), ("commands.jsonl", text.as_str())];
        files.extend(cursor.map(|cursor| ("commands_cursor.json", cursor)));
        let case = Case::new(&files);
        let unknown = expected.iter().filter(|outcome| **outcome == Rejected).count();
        assert_eq!(case.import().problems as usize, unknown + usize::from(unknown > 0), "{cursor:?}");
        let store = case.store();
        let mut outcomes = Vec::new();
        for id in ["early", "late", "event", "stranger", "timeless"] {
            outcomes.push(store.command(id).await.unwrap().unwrap().outcome);
        }
        assert_eq!(outcomes, expected, "{cursor:?}");
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn odd_commands_are_left_aside() {
    let lines = [
        command_line(1, "a", "r", "cancel", "t"),
        command_line(2, "a", "r", "pause", "t"),
        command_line(1, "b", "r", "pause", "t"),
        command_line(0, "c", "r", "pause", "t"),
        command_line(3, "", "r", "pause", "t"),
        command_line(4, "d", "", "pause", "t"),
        command_line(5, "e", "r", "dance", "t"),
        "{\"command_id\": \"torn".to_owned() + &command_line(6, "f", "r", "pause", "t"),
        "{}".to_owned(),
    ];
    let text = lines.join("\n");
    let case = Case::new(&[("commands.jsonl", &text), ("commands_cursor.json", r#"{"cursor": 40}"#)]);
    assert_eq!(case.import(), Imported { runs: 0, records: 0, commands: 2, problems: 8 });
    let store = case.store();
    assert_eq!(store.pending_commands(None).await.unwrap(), []);
    assert_eq!(store.command("a").await.unwrap().unwrap().command.kind, model::CommandKind::Cancel);
    let next = model::Command { command_id: "g".into(), ..store.command("f").await.unwrap().unwrap().command };
    assert_eq!(store.append_command(next).await.unwrap().seq, 41, "no seq at or below the cursor is used again");
    store.close().await.unwrap();
}

#[test]
fn an_import_goes_on_where_it_was_killed_and_sees_what_changed_since() {
    let case = Case::new(&[
        ("run_a.json", &run_json("a", &json!({}))),
        ("ledger_a.jsonl", &record("a", "x")),
        ("run_b.json", "{"),
        ("run_c.json", &run_json("c", &json!({}))),
        ("commands.jsonl", &command_line(1, "k", "a", "pause", "t")),
    ]);
    // As a kill leaves it: the first files are committed, the rest of the transaction is not.
    let growing = growing(&case.database());
    let units = Source::list(case.data_dir()).unwrap().units();
    let mut target = Target::open(&growing).unwrap();
    take(&mut target, &units[0], SMALL).unwrap();
    take(&mut target, &units[1], SMALL).unwrap();
    take(&mut target, &units[3], SMALL).unwrap();
    target.commit().unwrap();
    take(&mut target, &units[2], SMALL).unwrap();
    drop(target);
    assert!(!case.database().exists());
    let ledger = format!("{}\n{}", record("a", "x"), record("a", "y"));
    std::fs::write(case.data_dir().join("ledger_a.jsonl"), ledger).unwrap();
    assert_eq!(case.import(), Imported { runs: 2, records: 2, commands: 1, problems: 1 });
    assert!(!growing.exists());
    // Once more changes nothing.
    assert_eq!(case.import(), Imported { runs: 2, records: 2, commands: 1, problems: 1 });
}

#[test]
fn what_is_no_database_is_begun_afresh_and_old_logs_go() {
    let case = Case::new(&[
        ("run_a.json", &run_json("a", &json!({}))),
        (
            "gateway.sqlite3.importing",
            "this is no database, and longer than a header of one would be: it fails to open",
        ),
        ("gateway.sqlite3", "an old one"),
        ("gateway.sqlite3-wal", "its log"),
        ("gateway.sqlite3-shm", "its index"),
    ]);
    assert_eq!(case.import().runs, 1);
    let mut names: Vec<_> = std::fs::read_dir(case.data_dir()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["gateway.sqlite3", REPORT_FILE, "run_a.json"]);
}

#[test]
fn a_folder_that_is_not_there_has_no_runs() {
    assert_eq!(runs_in(Path::new("/nonexistent/folder")).unwrap(), 0);
}
