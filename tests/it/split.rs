//! One process takes requests, another drives the runs: `serve --no-runner` and `runner` on one data directory.

use std::process::{Child, Stdio};

use serde_json::{Value, json};
use tests::{Gateway, Home, TOKEN, eventually, get, post};

use crate::home;

/// A runner; killed when the test ends.
struct Runner(Child);

impl Runner {
    fn start(home: &Home) -> Self {
        Self(home.command(&["runner"]).stderr(Stdio::null()).spawn().unwrap())
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn take_requests(home: &Home) -> Gateway {
    home.serve_with(&["serve", "--host", "127.0.0.1", "--port", "0", "--no-runner"])
}

/// Asks, answers, and sees the end over a stream that was open before: every hop crosses the processes.
#[track_caller]
fn check_a_run(gateway: &Gateway) {
    let run = gateway.start("ask", &json!({}));
    let mut events = gateway.follow(&run, 0);
    gateway.until(&run, "waiting");
    gateway.answer(&run, "alice");
    let (steps, done) = events.until_done();
    assert_eq!((steps.len(), &done["cursor"]), (7, &json!(7)));
    assert_eq!(gateway.run(&run)["output"], json!({"name": "alice", "success": true}));
}

#[test]
fn a_run_crosses_the_processes() {
    let home = home();
    let _runner = Runner::start(&home);
    let gateway = take_requests(&home);
    check_a_run(&gateway);
    let run = gateway.start("ask", &json!({}));
    gateway.until(&run, "waiting");
    // The answer to a command comes after it was applied, by whomever.
    assert_eq!(gateway.command("c", &run, "cancel", &json!({"reason": "enough"})).status, 200);
    assert_eq!(gateway.run(&run)["status"], "cancelled");
}

#[test]
fn what_was_taken_while_nobody_drove_is_done_when_somebody_does() {
    let home = home();
    let gateway = take_requests(&home);
    let runs: Vec<String> = (0..5).map(|i| gateway.start("echo", &json!({"text": i.to_string()}))).collect();
    assert!(runs.iter().all(|run| gateway.run(run)["status"] == "running"));
    let _runner = Runner::start(&home);
    for run in &runs {
        gateway.until(run, "completed");
    }
    check_a_run(&gateway);
}

#[test]
fn the_second_runner_takes_over_and_no_run_is_driven_twice() {
    let home = home();
    let mut first = Runner::start(&home);
    let gateway = take_requests(&home);
    let waiting = gateway.start("timer", &json!({"seconds": 1}));
    gateway.until(&waiting, "waiting");
    let _second = Runner::start(&home);
    check_a_run(&gateway);
    first.kill();
    check_a_run(&gateway);
    gateway.until(&waiting, "completed");
    let began = gateway.ledger(&waiting).iter().filter(|record| record["status"] == "started").count();
    assert_eq!(began, 1);
}

#[test]
fn a_user_who_comes_later_is_driven_too() {
    let home = home().with_users();
    let _runner = Runner::start(&home);
    let gateway = take_requests(&home);
    let token = std::fs::read_to_string(home.data_dir().join("auth/bootstrap-admin-token")).unwrap();
    let user = post("/api/gateway/admin/users", &json!({"user_id": "ada"})).token(token.trim());
    let created = gateway.check(&user, 200, &json!({})).json();
    let token = created["token"].as_str().unwrap();
    let body = json!({"bundle_id": "basic-agent", "input_data": {"prompt": "x"}});
    let started = gateway.check(&post("/api/gateway/runs/start", &body).token(token), 200, &json!({})).json();
    let path = format!("/api/gateway/runs/{}", started["run_id"].as_str().unwrap());
    let done: Value = eventually("the run of the user ends", || {
        let run = gateway.check(&get(&path).token(token), 200, &json!({})).json();
        (run["status"] == "completed").then_some(run)
    });
    assert_eq!(done["output"]["success"], false, "nobody has named a model: {done}");
}

#[test]
fn a_bundle_that_comes_later_reaches_the_runner() {
    let home = home();
    let _runner = Runner::start(&home);
    let gateway = take_requests(&home);
    check_a_run(&gateway);
    let bundle = tests::Bundle::new("late", "1.0.0", &[("echo", crate::flows::echo())]);
    let upload = tests::multipart("/api/gateway/bundles/upload", &[], "late.flow", &bundle.zip()).token(TOKEN);
    gateway.check(&upload, 200, &json!({"ok": true}));
    let body = json!({"bundle_id": "late", "flow_id": "echo", "input_data": {"text": "hi"}});
    let started = gateway.json(&post("/api/gateway/runs/start", &body));
    gateway.until(started["run_id"].as_str().unwrap(), "completed");
}

#[test]
fn a_schedule_that_comes_later_reaches_the_runner() {
    let home = home();
    let _runner = Runner::start(&home);
    let gateway = take_requests(&home);
    check_a_run(&gateway);
    let body = json!({"bundle_id": "it", "flow_id": "echo", "input_data": {"text": "hi"}, "interval": "0.1s", "repeat_count": 2});
    let started = gateway.json(&post("/api/gateway/runs/schedule", &body));
    gateway.until(started["run_id"].as_str().unwrap(), "completed");
}

#[test]
fn a_schedule_crosses_the_processes() {
    let home = home();
    let _runner = Runner::start(&home);
    let gateway = take_requests(&home);
    let body = json!({"bundle_id": "it", "flow_id": "echo", "input_data": {"text": "hi"}, "interval": "1h"});
    let run = gateway.json(&post("/api/gateway/runs/schedule", &body))["run_id"].as_str().unwrap().to_owned();
    let executions = || {
        let listed = gateway.json(&get("/api/gateway/runs?limit=500"));
        listed["items"].as_array().unwrap().iter().filter(|row| row["parent_run_id"] == run).count()
    };
    eventually("the first time", || (gateway.run(&run)["current_node"] == "wait_interval").then_some(()));
    assert_eq!(executions(), 1);
    assert_eq!(gateway.command("u", &run, "update_schedule", &json!({"interval": "0.1s"})).status, 200);
    eventually("three times", || (executions() >= 3).then_some(()));
    assert_eq!(gateway.command("c", &run, "cancel", &json!({})).status, 200);
    gateway.until(&run, "cancelled");
}
