//! The power fails at any moment: what was acknowledged before was synced before.
//!
//! The program runs under `strace`; what it wrote is replayed onto a disk that forgets what was not synced, up to the
//! moment an answer left, and a gateway is started on what is left.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tests::{CALLS, Disk, Gateway, Home};

use crate::{flows, home};

/// How many power cuts.
const CUTS: usize = 12;
/// How many clients there are, each with one request at a time.
const CLIENTS: usize = 4;

/// What a client was told, by the bytes that told it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    /// The run is started.
    Started(String),
    /// The answer for the run is taken.
    Answered(String),
}

/// Whether processes may be traced here.
fn is_traceable() -> bool {
    let mut probe = Command::new("strace");
    probe.args(["-f", "-o", "/dev/null", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    if !is_traceable() {
        eprintln!("skipped: strace is not installed, or may not trace here");
        return;
    }
    let home = Home::new("strace").install(&flows::bundle()).env("ABSTRACTRUNTIME_MAX_INLINE_BYTES", "1000");
    std::fs::create_dir(home.data_dir()).unwrap();
    let trace = home.flows_dir().join("trace");
    let acknowledged = work(&home, &trace);
    let (mut disk, mut told) = (Disk::new(&home.data_dir()), Vec::new());
    let every = acknowledged.len() / (CUTS + 1);
    let mut cuts = 0;
    for line in std::fs::read_to_string(trace).unwrap().lines() {
        disk.replay(line);
        for (bytes, what) in heard(&std::mem::take(&mut disk.sent), &acknowledged) {
            assert!(!told.contains(&what), "{bytes} was sent twice");
            told.push(what);
            if told.len() % every == 0 {
                check(&disk, &told);
                cuts += 1;
            }
        }
    }
    // What a client was told last may have left in a call that strace did not see end.
    assert!(told.len() + CLIENTS >= acknowledged.len());
    assert!(cuts >= CUTS);
}

/// Starts runs and answers them, from four clients; gives what they were told.
fn work(home: &Home, trace: &Path) -> HashMap<String, Told> {
    let select = format!("trace={CALLS}");
    let program = env!("CARGO_BIN_EXE_abstractgateway");
    let gateway = home.serve_with(&[
        "-f",
        "-xx",
        "-s",
        "16777216",
        "-e",
        &select,
        "-o",
        trace.to_str().unwrap(),
        program,
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
    ]);
    let acknowledged = Mutex::new(HashMap::new());
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (gateway, acknowledged) = (&gateway, &acknowledged);
            scope.spawn(move || {
                for i in 0..8 {
                    let asked = gateway.start("ask", &json!({}));
                    let large = gateway.start("echo", &json!({"text": format!("{client}{i}").repeat(2000)}));
                    gateway.until(&asked, "waiting");
                    let answer = json!({"payload": {"response": "alice"}});
                    let taken = gateway.command(&format!("c{client}-{i}"), &asked, "resume", &answer);
                    let mut acknowledged = acknowledged.lock().unwrap();
                    for run in [&asked, &large] {
                        acknowledged.insert(format!("{{\"run_id\":\"{run}\"}}"), Told::Started(run.clone()));
                    }
                    acknowledged.insert(taken.text(), Told::Answered(asked));
                }
            });
        }
    });
    let pid = home.json_file("server.json")["pid"].as_i64().unwrap();
    // Not a signal to strace, which would leave its child alone.
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), Signal::KILL).unwrap();
    let _ = gateway.wait();
    acknowledged.into_inner().unwrap()
}

/// What these bytes told.
fn heard(sent: &[u8], acknowledged: &HashMap<String, Told>) -> Vec<(String, Told)> {
    let text = String::from_utf8_lossy(sent);
    // An answer ends with its body, and a body stands alone in its answer.
    let bodies = text.split("\r\n\r\n").skip(1).filter_map(|part| part.split("HTTP/1.1 ").next());
    bodies.filter_map(|body| Some((body.to_owned(), acknowledged.get(body)?.clone()))).collect()
}

/// Everything that was told is there after the cut.
#[track_caller]
fn check(disk: &Disk, told: &[Told]) {
    let home = home();
    disk.restore(&home.data_dir());
    let gateway = home.serve();
    for what in told {
        match what {
            Told::Started(run) => {
                let run = gateway.run(run);
                assert_ne!(run["status"], "failed", "{run}");
                check_artifacts(&gateway, &home, run["run_id"].as_str().unwrap());
            }
            Told::Answered(run) => {
                assert_eq!(gateway.until(run, "completed")["output"]["name"], "alice");
            }
        }
    }
}

/// Values that were taken out of the ledger are on the disk.
#[track_caller]
fn check_artifacts(gateway: &Gateway, home: &Home, run: &str) {
    let mut ids = Vec::new();
    gateway.ledger(run).iter().for_each(|record| artifacts(record, &mut ids));
    for id in ids {
        let meta = home.json_file(&format!("artifacts/refs/{id}.meta"));
        let blob = meta["blob_id"].as_str().unwrap();
        let blob = home.data_dir().join("artifacts/blobs").join(format!("{blob}.bin"));
        assert!(std::fs::metadata(blob).unwrap().len() > 0);
    }
}

fn artifacts(value: &Value, ids: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            ids.extend(members.get("$artifact").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|v| artifacts(v, ids));
        }
        Value::Array(items) => items.iter().for_each(|v| artifacts(v, ids)),
        _ => {}
    }
}
