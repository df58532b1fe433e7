//! A backup made while runs go on is a gateway of its own: what was acknowledged before it is there, what waited waits,
//! what ran goes on.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tests::{Home, get};

use crate::flows;

/// A home whose flows lie in its data, so that they are in its backups; large values become artifacts.
fn home() -> Home {
    let home = Home::new(env!("CARGO_BIN_EXE_abstractgateway")).env("ABSTRACTRUNTIME_MAX_INLINE_BYTES", "1000");
    let flows = home.data_dir().join("flows").display().to_string();
    home.set("FLOWS_DIR", &flows)
}

fn home_with_flows() -> Home {
    let home = home();
    let bundle = flows::bundle();
    home.put(&format!("flows/{}", bundle.file_name()), &bundle.zip());
    home
}

/// The ids of the artifacts a JSON value names.
fn artifacts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$artifact").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| artifacts(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| artifacts(value, found)),
        _ => {}
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_backup_of_a_busy_gateway_is_served_elsewhere() {
    const TIMES: usize = 1500;
    let (home, folder) = (home_with_flows(), tempfile::tempdir().unwrap());
    let backup = folder.path().join("backup");
    let gateway = home.serve();
    let before: Vec<String> =
        (0..5).map(|i| gateway.start("echo", &json!({"text": format!("{i}").repeat(2000)}))).collect();
    before.iter().for_each(|run| drop(gateway.until(run, "completed")));
    let (asking, late) = (gateway.start("ask", &json!({})), gateway.start("timer", &json!({"seconds": 3600})));
    let (asked, late_before) = (gateway.until(&asking, "waiting"), gateway.until(&late, "waiting"));
    let talking = gateway.start("talk", &json!({"times": TIMES}));
    let over = AtomicBool::new(false);
    let made = std::thread::scope(|scope| {
        for worker in 0..2 {
            let (gateway, over) = (&gateway, &over);
            scope.spawn(move || {
                for i in (0..).take_while(|_| !over.load(Ordering::Relaxed)) {
                    gateway.start("echo", &json!({"text": format!("{worker} {i} ").repeat(500)}));
                }
            });
        }
        let made = home.run(&["backup", "create", path(&backup)]);
        over.store(true, Ordering::Relaxed);
        made
    });
    assert_eq!(made.code, Some(0), "{}", made.log);
    gateway.kill();

    let checked = home.run(&["backup", "verify", path(&backup)]);
    assert_eq!(checked.code, Some(0), "{}", checked.log);
    let elsewhere = home_elsewhere();
    let restored = elsewhere.run(&["backup", "restore", path(&backup)]);
    assert_eq!(restored.code, Some(0), "{}", restored.log);
    let again = elsewhere.run(&["backup", "restore", path(&backup)]);
    assert_eq!(again.code, Some(1), "{}", again.log);
    assert_eq!(elsewhere.run(&["ledger", "verify", "--all"]).code, Some(0));

    let gateway = elsewhere.serve();
    assert_eq!((gateway.run(&asking), gateway.run(&late)), (asked, late_before));
    gateway.answer(&asking, "alice");
    gateway.until(&asking, "completed");
    gateway.until(&talking, "completed");
    assert_eq!(gateway.follow(&talking, 0).until_done().0.len(), 2 * TIMES + 2);
    let mut named = BTreeSet::new();
    for row in gateway.json(&get("/api/gateway/runs?limit=500"))["items"].as_array().unwrap() {
        let run = row["run_id"].as_str().unwrap();
        gateway.ledger(run).iter().for_each(|record| artifacts(record, &mut named));
    }
    assert!(named.len() >= before.len(), "{named:?}");
    for id in named {
        let meta = elsewhere.json_file(&format!("artifacts/refs/{id}.meta"));
        let blob = format!("artifacts/blobs/{}.bin", meta["blob_id"].as_str().unwrap());
        assert!(elsewhere.data_dir().join(&blob).is_file(), "{blob}");
    }
    assert_eq!(gateway.stop().code, Some(0));
    assert_eq!(elsewhere.run(&["ledger", "verify", "--all"]).code, Some(0));
}

/// A home without anything in it yet.
fn home_elsewhere() -> Home {
    let home = home();
    assert!(!home.data_dir().exists());
    home
}

#[test]
fn a_damaged_backup_is_found_and_never_restored() {
    let (home, folder) = (home_with_flows(), tempfile::tempdir().unwrap());
    let backup = folder.path().join("backup");
    let gateway = home.serve();
    let run = gateway.start("ask", &json!({}));
    gateway.until(&run, "waiting");
    gateway.kill();
    assert_eq!(home.run(&["backup", "create", path(&backup)]).code, Some(0), "also where no server runs");
    assert_eq!(home.run(&["backup", "create", path(&backup)]).code, Some(1), "a backup is never written over");
    let database = backup.join("data/gateway.sqlite3");
    let mut bytes = std::fs::read(&database).unwrap();
    let place = bytes.windows(11).position(|window| window == b"who are you").unwrap();
    bytes[place] ^= 1;
    std::fs::write(&database, bytes).unwrap();
    assert_eq!(home.run(&["backup", "verify", path(&backup)]).code, Some(1));
    let elsewhere = home_elsewhere();
    let refused = elsewhere.run(&["backup", "restore", path(&backup)]);
    assert!(refused.code == Some(1) && refused.log.contains("gateway.sqlite3"), "{}", refused.log);
    assert!(!elsewhere.data_dir().exists());
    assert_eq!(home.run(&["backup", "verify", path(folder.path())]).code, Some(1), "no backup at all");
}
