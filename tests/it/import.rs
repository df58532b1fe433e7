//! Directories that the Python gateway 0.2.27 left behind, killed in the middle of its work: every run in them goes on to
//! its right end here. `tests/fixtures/reference-0.2.27` says how they came to be.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::{Gateway, Home, Models, Reply, eventually, get, post};

/// What a fixture holds, as the Python gateway counted it.
const RUNS: usize = 26;

/// A copy of a fixture, and the runs in it by name.
struct Left {
    home: Home,
    runs: BTreeMap<String, String>,
}

impl Left {
    fn copy(kind: &str) -> Self {
        let fixture = fixture(kind);
        let home = Home::new(env!("CARGO_BIN_EXE_abstractgateway"));
        copy(&fixture.join("data"), &home.data_dir(), &home.data_dir());
        copy(&fixture.join("flows"), &home.flows_dir(), &home.data_dir());
        let runs = serde_json::from_slice(&fs::read(fixture.join("runs.json")).unwrap()).unwrap();
        Self { home, runs }
    }

    fn id(&self, name: &str) -> &str {
        &self.runs[name]
    }
}

fn fixture(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/reference-0.2.27").join(kind)
}

/// Copies a folder; the data directory the files name becomes `data_dir`.
fn copy(from: &Path, to: &Path, data_dir: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to, data_dir);
            continue;
        }
        let content = fs::read(&from).unwrap();
        match String::from_utf8(content) {
            Ok(text) => fs::write(to, text.replace("/srv/gateway/data", &data_dir.display().to_string())).unwrap(),
            Err(bytes) => fs::write(to, bytes.as_bytes()).unwrap(),
        }
    }
}

/// Every file of the file store, by name.
fn sources(home: &Home) -> BTreeMap<String, Vec<u8>> {
    let ours = |name: &String| ["run_", "ledger_", "commands"].iter().any(|start| name.starts_with(start));
    let names = home.names_in("").into_iter().filter(ours);
    names.map(|name| (name.clone(), fs::read(home.data_dir().join(&name)).unwrap())).collect()
}

/// How many runs the gateway knows that are older than the test.
fn taken_over(gateway: &Gateway) -> usize {
    let known = gateway.json(&get("/api/gateway/runs?limit=500&include_drafts=true"));
    known["items"].as_array().unwrap().iter().filter(|run| run["created_at"].as_str().unwrap() < "2026-02").count()
}

/// The last words of a run: its output, after it has come to `status`.
fn ends(gateway: &Gateway, run: &str, status: &str) -> Value {
    gateway.until(run, status)["output"].clone()
}

fn messages(gateway: &Gateway, run: &str) -> Vec<Value> {
    let records = gateway.ledger(run).into_iter();
    let said = records.filter(|r| r["effect"]["type"] == "answer_user" && r["status"] == "completed");
    said.map(|r| r["result"]["message"].clone()).collect()
}

/// How many runs a schedule has started.
fn started_by(gateway: &Gateway, schedule: &str) -> usize {
    let known = gateway.json(&get("/api/gateway/runs?limit=500"));
    known["items"].as_array().unwrap().iter().filter(|run| run["parent_run_id"] == schedule).count()
}

/// Lets every run of a fixture go on to its end.
fn every_run_goes_on(left: &Left, gateway: &Gateway) {
    let id = |name| left.id(name);
    // What had ended is as it was.
    assert_eq!(ends(gateway, id("echo"), "completed"), json!({"text": "hello", "success": true}));
    assert_eq!(ends(gateway, id("answered"), "completed"), json!({"name": "alice", "success": true}));
    assert_eq!(gateway.until(id("cancelled"), "cancelled")["error"], "enough");
    // What was due, accepted or begun goes on by itself.
    ends(gateway, id("short"), "completed");
    assert_eq!(messages(gateway, id("short")), ["rang"]);
    assert_eq!(ends(gateway, id("late"), "completed")["name"], "bob");
    assert_eq!(gateway.until(id("doomed"), "cancelled")["error"], "not needed");
    assert_eq!(ends(gateway, id("fresh"), "completed")["text"], "first words");
    // What waits for a moment far away, waits.
    assert_eq!(gateway.run(id("long"))["waiting"]["reason"], "until");
    assert!(gateway.run(id("long"))["waiting"]["until"].as_str().unwrap() > "2080");
    // Answers to questions: of a run, of a child, in the middle of a loop.
    gateway.answer(id("ask"), "carol");
    assert_eq!(ends(gateway, id("ask"), "completed")["name"], "carol");
    gateway.answer(id("ask_child"), "dave");
    assert_eq!(ends(gateway, id("parent"), "completed")["name"], "dave");
    gateway.answer(id("rounds"), "erin");
    ends(gateway, id("rounds"), "completed");
    assert_eq!(messages(gateway, id("rounds")), ["alice", "erin"]);
    // An event, sent to the run that waits for it.
    let ring = json!({"wait_key": "doorbell", "payload": {"by": "postman"}});
    assert_eq!(gateway.command("ring", id("listen"), "resume", &ring).status, 200);
    assert!(ends(gateway, id("listen"), "completed").to_string().contains("postman"));
    // What is paused stays so until somebody says otherwise; a timer that was due meanwhile rings then.
    assert_eq!(gateway.run(id("held"))["pause_reason"], "lunch");
    assert_eq!(gateway.command("go-on", id("held"), "resume", &json!({})).status, 200);
    ends(gateway, id("held"), "completed");
    assert_eq!(gateway.run(id("spin"))["pause_reason"], "dizzy");
    assert_eq!(gateway.command("spin-on", id("spin"), "resume", &json!({})).status, 200);
    gateway.until(id("spin"), "running");
    assert_eq!(gateway.command("stop", id("spin"), "cancel", &json!({"reason": "enough"})).status, 200);
    assert_eq!(gateway.until(id("spin"), "cancelled")["error"], "enough");
    // Schedules: one whose interval is over starts its flow again and ends, the other waits.
    ends(gateway, id("schedule"), "completed");
    assert_eq!(started_by(gateway, id("schedule")), 2);
    let nightly = gateway.run(id("nightly"));
    assert_eq!((&nightly["current_node"], &nightly["waiting"]["reason"]), (&json!("wait_interval"), &json!("until")));
    assert_eq!(nightly["schedule"]["interval"], "20000d");
    assert_eq!(gateway.command("now", id("nightly"), "resume", &json!({})).status, 200);
    eventually("the schedule starts its flow again", || (started_by(gateway, id("nightly")) == 2).then_some(()));
    assert_eq!(gateway.command("no-more", id("nightly"), "cancel", &json!({})).status, 200);
    gateway.until(id("nightly"), "cancelled");
    // A command is applied once, whoever took it.
    let again = gateway.command("old-1", id("ask"), "resume", &json!({"payload": {"response": "again"}}));
    assert_eq!(again.json()["duplicate"], true, "{}", again.text());
}

/// Answers what a run asks about its tools.
fn decide(gateway: &Gateway, left: &Left, agent: &str, mode: &str, decision: &Value) {
    let wait = gateway.until(left.id(agent), "waiting")["waiting"].clone();
    assert_eq!(wait["details"]["mode"], mode, "{wait}");
    let payload = json!({"wait_key": wait["wait_key"], "payload": decision});
    let taken = gateway.command(&format!("decide-{agent}"), left.id(agent), "resume", &payload);
    assert_eq!(taken.status, 200, "{}", taken.text());
}

/// The model the agents of the fixture ask.
fn with_model(left: Left, models: &Models) -> Left {
    let home = left.home.env("OPENAI_BASE_URL", &models.base_url()).env("OPENAI_API_KEY", "none");
    Left { home, ..left }
}

/// The ledgers the Python gateway had written, by run.
fn ledgers_of_files() -> BTreeMap<String, Vec<Value>> {
    let data = fixture("file").join("data");
    let mut ledgers = BTreeMap::new();
    for entry in fs::read_dir(&data).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(run) = name.strip_prefix("ledger_").and_then(|n| n.strip_suffix(".jsonl")) {
            let text = fs::read_to_string(data.join(&name)).unwrap();
            let records = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            ledgers.insert(run.to_owned(), records);
        }
    }
    ledgers
}

#[test]
fn every_run_of_a_file_store_goes_on() {
    let models =
        Models::start(&["Here I am.", "Written.", "As you wish.", "Never mind."].map(|t| Reply::Text(t.into())));
    let mut left = with_model(Left::copy("file"), &models);
    // As it was when a tool was out: no tool needs an approval.
    left.home = left.home.set("TOOL_MODE", "local");
    let before = sources(&left.home);
    let gateway = left.home.serve();
    assert_eq!(taken_over(&gateway), RUNS);
    // A model that was asked when the gateway was killed is asked again, by itself.
    assert_eq!(ends(&gateway, left.id("calling"), "completed")["answer"], "Here I am.");
    every_run_goes_on(&left, &gateway);
    decide(&gateway, &left, "work_agent", "approval_required", &json!({"approved": true}));
    assert_eq!(ends(&gateway, left.id("work"), "completed")["answer"], "Written.");
    let root = gateway.json(&get(&format!("/api/gateway/runs/{}/input_data", left.id("work"))));
    let root = PathBuf::from(root["workspace"]["workspace_root"].as_str().unwrap());
    let written = left.home.data_dir().join("workspaces").join(root).join("a.txt");
    assert_eq!(fs::read_to_string(written).unwrap(), "hi");
    decide(&gateway, &left, "denied_agent", "approval_required", &json!({"approved": false, "reason": "not here"}));
    assert_eq!(ends(&gateway, left.id("denied"), "completed")["answer"], "As you wish.");
    assert!(models.requests()[2]["messages"].to_string().contains("not here"));
    // A tool that was out is not done again by itself.
    decide(&gateway, &left, "tooling_agent", "interrupted", &json!({"choice": "skip"}));
    assert_eq!(ends(&gateway, left.id("tooling"), "completed")["answer"], "Never mind.");
    // What the Python gateway wrote is the beginning of every ledger.
    for (run, old) in ledgers_of_files() {
        let data_dir = left.home.data_dir().display().to_string();
        let old: Vec<Value> = old
            .iter()
            .map(|r| serde_json::from_str(&r.to_string().replace("/srv/gateway/data", &data_dir)).unwrap())
            .collect();
        let page = gateway.json(&get(&format!("/api/gateway/runs/{run}/ledger?limit=2000")));
        assert_eq!(page["items"].as_array().unwrap()[..old.len()], old, "{run}");
    }
    let ended = gateway.stop();
    assert!(ended.log.contains("Importing 26 runs from the files of the Python gateway"), "{}", ended.log);
    assert!(ended.log.contains("Imported 26 runs, 73 ledger records, 8 commands\n"), "{}", ended.log);
    assert_eq!(sources(&left.home), before);
    let report = left.home.json_file("import-report.json");
    assert_eq!(
        (&report["runs"], &report["ledger_records"], &report["commands"], &report["problems"]),
        (&json!(RUNS), &json!(73), &json!(8), &json!([]))
    );
    // The second start imports nothing: what happened since is still there.
    let gateway = left.home.serve();
    assert_eq!(gateway.run(left.id("ask"))["status"], "completed");
    assert!(!gateway.stop().log.contains("Importing"));
}

#[test]
fn every_run_of_a_database_goes_on_in_place() {
    let models = Models::start(&["Here I am.", "As you wish.", "Never mind."].map(|t| Reply::Text(t.into())));
    let left = with_model(Left::copy("sqlite"), &models);
    let gateway = left.home.serve();
    assert_eq!(taken_over(&gateway), RUNS);
    assert_eq!(ends(&gateway, left.id("calling"), "completed")["answer"], "Here I am.");
    every_run_goes_on(&left, &gateway);
    decide(&gateway, &left, "denied_agent", "approval_required", &json!({"approved": false}));
    assert_eq!(ends(&gateway, left.id("denied"), "completed")["answer"], "As you wish.");
    // Where tools need an approval, one that was out without any asks for it.
    decide(&gateway, &left, "tooling_agent", "approval_required", &json!({"approved": false}));
    assert_eq!(ends(&gateway, left.id("tooling"), "completed")["answer"], "Never mind.");
    assert!(!gateway.stop().log.contains("Importing"));
}

#[test]
fn migrate_takes_over_and_never_replaces_by_itself() {
    let left = Left::copy("file");
    let before = sources(&left.home);
    let migrate = |more: &[&str]| left.home.run(&[&["migrate", "--from", "file", "--to", "sqlite"], more].concat());
    let taken = migrate(&[]);
    assert_eq!(taken.code, Some(0), "{}", taken.log);
    assert!(taken.log.contains("Imported 26 runs, 73 ledger records, 8 commands"), "{}", taken.log);
    let refused = migrate(&[]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.log.contains("is there already") && refused.log.contains("--overwrite"), "{}", refused.log);
    left.home.put("gateway.sqlite3-wal", b"a log of another database");
    assert_eq!(migrate(&["--overwrite"]).code, Some(0));
    assert_eq!(migrate(&["--db-path", "elsewhere.sqlite3"]).code, Some(0));
    assert!(left.home.data_dir().parent().unwrap().join("elsewhere.sqlite3").is_file());
    assert_eq!(sources(&left.home), before);
    let gateway = left.home.serve();
    assert_eq!(gateway.until(left.id("late"), "completed")["output"]["name"], "bob");
    let busy = migrate(&["--overwrite"]);
    assert_eq!(busy.code, Some(1), "{}", busy.log);
    assert!(busy.log.contains("another gateway"), "{}", busy.log);
    for (args, code) in [(["--from", "sqlite"], 2), (["--data-dir", "nowhere"], 1)] {
        assert_eq!(migrate(&args).code, Some(code), "{args:?}");
    }
}

#[test]
fn the_planes_of_users_are_taken_over_too() {
    let left = Left::copy("file");
    let home = left.home.with_users();
    let plane = home.data_dir().join("users/acme/ada");
    copy(&fixture("file").join("data"), &plane.join("runtime"), &plane.join("runtime"));
    copy(&fixture("file").join("flows"), &plane.join("flows"), &plane.join("runtime"));
    let migrated = home.run(&["migrate", "--from", "file", "--to", "sqlite", "--all-runtimes"]);
    assert_eq!(migrated.code, Some(0), "{}", migrated.log);
    assert!(plane.join("runtime/gateway.sqlite3").is_file() && home.data_dir().join("gateway.sqlite3").is_file());
    let again = home.run(&["migrate", "--from", "file", "--to", "sqlite", "--all-runtimes"]);
    assert_eq!((again.code, again.log.matches("stays as it is").count()), (Some(0), 2), "{}", again.log);
    // The first start does it, too, before anybody of them has signed in.
    for database in [plane.join("runtime/gateway.sqlite3"), home.data_dir().join("gateway.sqlite3")] {
        fs::remove_file(database).unwrap();
    }
    let gateway = home.serve();
    eventually("the timer of the user's run has rung", || {
        let log = fs::read(plane.join("runtime/gateway.sqlite3-wal")).ok()?;
        log.windows(4).any(|text| text == b"rang").then_some(())
    });
    assert_eq!(gateway.stop().log.matches("Imported 26 runs").count(), 2);
}

#[test]
fn who_does_not_want_an_import_starts_without() {
    let left = Left::copy("file");
    let gateway = left.home.serve_with(&["serve", "--host", "127.0.0.1", "--port", "0", "--no-import"]);
    assert_eq!(gateway.json(&get("/api/gateway/runs"))["items"], json!([]));
    let log = gateway.stop().log;
    assert!(log.contains("holds 26 runs in files of the Python gateway; they are not imported"), "{log}");
}

#[test]
fn odd_files_cost_themselves_and_no_start() {
    let left = Left::copy("file");
    let (ask, work) = (left.id("ask").to_owned(), left.id("work").to_owned());
    let ledger = format!("ledger_{ask}.jsonl");
    let text = fs::read_to_string(left.home.data_dir().join(&ledger)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    left.home.put(&ledger, format!("{}{}\n{}", lines[0], lines[1], &lines[0][..50]).as_bytes());
    left.home.put(&format!("run_{work}.json"), b"{\"run_id\": \"torn");
    left.home.put("run_empty.json", b"");
    left.home.put(
        "run_odd.json",
        b"{\"run_id\": \"odd\", \"workflow_id\": \"x\", \"status\": \"sleeping\", \"current_node\": \"s\"}",
    );
    left.home.put(
        "run_nan.json",
        b"{\"run_id\": \"nan\", \"workflow_id\": \"kept@1.0.0:echo\", \"status\": \"running\", \"current_node\": \"s\", \
          \"vars\": {\"text\": NaN}, \"actor_id\": \"gateway\"}",
    );
    left.home.put("commands_cursor.json", b"{\"curs");
    fs::create_dir(left.home.data_dir().join("run_x.json")).unwrap();
    let gateway = left.home.serve();
    assert_eq!(gateway.ledger(&ask).len(), 2);
    assert_eq!(gateway.until("nan", "completed")["output"]["text"], Value::Null);
    assert_eq!(gateway.send(&get(&format!("/api/gateway/runs/{work}"))).status, 404);
    assert_eq!(taken_over(&gateway), RUNS);
    // Without a cursor, what may have been applied is not applied again; what cannot have been is.
    assert_eq!(gateway.until(left.id("doomed"), "cancelled")["error"], "not needed");
    assert_eq!(gateway.run(left.id("held"))["paused"], true);
    gateway.answer(&ask, "frank");
    gateway.until(&ask, "completed");
    let named: Vec<String> = left.home.json_file("import-report.json")["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["file"].as_str().unwrap().to_owned())
        .collect();
    for file in
        [&ledger, &format!("run_{work}.json"), "run_empty.json", "run_odd.json", "run_x.json", "commands_cursor.json"]
    {
        assert!(named.iter().any(|name| name == file), "{file}: {named:?}");
    }
    let reload = gateway.send(&post("/api/gateway/bundles/reload", &json!({})));
    assert_eq!(reload.status, 200, "{}", reload.text());
}
