//! Schedules as clients see them: made, steered, killed in the middle and started again.

use serde_json::{Value, json};
use tests::{Gateway, Request, TOKEN, eventually, get, post};

use crate::home;

fn schedule(gateway: &Gateway, more: &Value) -> String {
    let mut body = json!({"bundle_id": "it", "flow_id": "echo", "input_data": {"text": "hi"}});
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    gateway.json(&post("/api/gateway/runs/schedule", &body))["run_id"].as_str().unwrap().to_owned()
}

/// The executions of a schedule, the first one first.
fn executions(gateway: &Gateway, run: &str) -> Vec<Value> {
    let listed = gateway.json(&get("/api/gateway/runs?limit=500"));
    let mut children: Vec<Value> =
        listed["items"].as_array().unwrap().iter().filter(|row| row["parent_run_id"] == run).cloned().collect();
    children.sort_by_key(|row| row["created_at"].as_str().unwrap().to_owned());
    children
}

/// The executions, once there are so many.
fn until_executed(gateway: &Gateway, run: &str, count: usize) -> Vec<Value> {
    eventually(&format!("{count} executions"), || {
        let children = executions(gateway, run);
        (children.len() >= count).then_some(children)
    })
}

/// The summary of a schedule that waits for its next time.
fn until_between(gateway: &Gateway, run: &str) -> Value {
    eventually("the schedule waits for its next time", || {
        let shown = gateway.run(run);
        (shown["current_node"] == "wait_interval" && shown["waiting"]["reason"] == "until").then_some(shown)
    })
}

#[test]
fn a_counted_schedule_outlives_a_kill_in_its_interval() {
    let home = home();
    let gateway = home.serve();
    let run = schedule(&gateway, &json!({"interval": "0.2s", "repeat_count": 3, "session_id": "mine"}));
    until_executed(&gateway, &run, 1);
    gateway.kill();
    let gateway = home.serve();
    let done = gateway.until(&run, "completed");
    assert_eq!(done["output"], json!({"branch": "false", "condition": false, "success": true}));
    let children = executions(&gateway, &run);
    assert_eq!(children.len(), 3, "{children:#?}");
    for child in &children {
        let output = &gateway.run(child["run_id"].as_str().unwrap())["output"];
        assert_eq!((&child["session_id"], &output["text"]), (&json!("mine"), &json!("hi")));
        assert_eq!(child["workflow_id"], "it@1.0.0:echo");
    }
}

#[test]
fn a_long_interval_stands_where_it_was_after_a_kill() {
    let home = home();
    let gateway = home.serve();
    let run = schedule(&gateway, &json!({"interval": "1h"}));
    let before = until_between(&gateway, &run);
    gateway.kill();
    let gateway = home.serve();
    assert_eq!(gateway.run(&run), before);
    assert_eq!(executions(&gateway, &run).len(), 1);
    let command = json!({"interval": "0.3s"});
    assert_eq!(gateway.command("u", &run, "update_schedule", &command).status, 200);
    let children = until_executed(&gateway, &run, 3);
    let shown = gateway.run(&run);
    assert_eq!((&shown["schedule"]["interval"], &shown["is_scheduled"]), (&json!("0.3s"), &json!(true)));
    let path = format!("/api/gateway/workflows/{}/flow", shown["workflow_id"].as_str().unwrap().replace(':', "%3A"));
    let interval = |gateway: &Gateway| {
        let flow = gateway.json(&get(&path));
        let nodes = flow["flow"]["nodes"].as_array().unwrap().clone();
        nodes.into_iter().find(|n| n["id"] == "wait_interval").unwrap()["data"]["eventConfig"].clone()
    };
    assert_eq!(interval(&gateway), json!({"schedule": "0.3s", "recurrent": false}));
    // A run of the schedule's tree will do as its name.
    let child = children[0]["run_id"].as_str().unwrap();
    assert_eq!(gateway.command("v", child, "update_schedule", &json!({"interval": "2h"})).status, 200);
    gateway.kill();
    let gateway = home.serve();
    assert_eq!(interval(&gateway)["schedule"], "2h");
    until_between(&gateway, &run);
    assert_eq!(gateway.command("c", &run, "cancel", &json!({})).status, 200);
    gateway.until(&run, "cancelled");
}

#[test]
fn once_is_once_now_later_or_in_the_past() {
    let gateway = home().serve();
    for start_at in [json!(null), json!("now"), json!("2020-01-01T00:00:00Z"), json!("0.1s")] {
        let run = schedule(&gateway, &json!({"start_at": start_at, "share_context": false}));
        assert_eq!(gateway.until(&run, "completed")["output"]["success"], true, "{start_at}");
        let children = executions(&gateway, &run);
        let session = format!("{} : 0", gateway.run(&run)["workflow_id"].as_str().unwrap());
        assert_eq!((children.len(), children[0]["session_id"].as_str()), (1, Some(session.as_str())), "{start_at}");
    }
    let run = schedule(&gateway, &json!({"start_at": "2999-01-01T00:00:00+02:00"}));
    let shown = gateway.until(&run, "waiting");
    assert_eq!(shown["waiting"]["until"], "2998-12-31T22:00:00+00:00");
    assert!(executions(&gateway, &run).is_empty());
}

#[test]
fn isolated_executions_have_sessions_of_their_own() {
    let gateway = home().serve();
    let run = schedule(&gateway, &json!({"interval": "0.1s", "repeat_count": 2, "share_context": false}));
    gateway.until(&run, "completed");
    let prefix = gateway.run(&run)["workflow_id"].as_str().unwrap().to_owned();
    let sessions: Vec<Value> = executions(&gateway, &run).iter().map(|row| row["session_id"].clone()).collect();
    assert_eq!(sessions, [format!("{prefix} : 0"), format!("{prefix} : 1")]);
}

#[test]
fn a_failing_execution_does_not_stop_the_schedule() {
    let gateway = home().serve();
    // A time that is none: the flow's first step fails.
    let bad = json!({"flow_id": "broken", "input_data": {}, "interval": "0.1s", "repeat_count": 3});
    let run = schedule(&gateway, &bad);
    gateway.until(&run, "completed");
    let states: Vec<Value> = executions(&gateway, &run).iter().map(|row| row["status"].clone()).collect();
    assert_eq!(states, ["failed", "failed", "failed"]);
}

#[test]
fn pause_resume_and_cancel_reach_schedule_and_execution() {
    let gateway = home().serve();
    let run = schedule(&gateway, &json!({"flow_id": "ask", "input_data": {}, "interval": "1h"}));
    let asking = until_executed(&gateway, &run, 1)[0]["run_id"].as_str().unwrap().to_owned();
    gateway.until(&asking, "waiting");
    gateway.answer(&asking, "alice");
    until_between(&gateway, &run);
    assert_eq!(gateway.command("p", &run, "pause", &json!({})).status, 200);
    assert_eq!(gateway.run(&run)["paused"], true);
    assert_eq!(gateway.command("r", &run, "resume", &json!({})).status, 200);
    let children = until_executed(&gateway, &run, 2);
    let asking = children[1]["run_id"].as_str().unwrap();
    gateway.until(asking, "waiting");
    assert_eq!(gateway.command("c", &run, "cancel", &json!({})).status, 200);
    gateway.until(&run, "cancelled");
    gateway.until(asking, "cancelled");
}

#[test]
fn what_is_no_schedule_is_refused() {
    let gateway = home().serve();
    let check = |more: Value, status: u16, detail: &str| {
        let mut body = json!({"bundle_id": "it", "flow_id": "echo"});
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        let request = post("/api/gateway/runs/schedule", &body).token(TOKEN);
        let parts = if detail.is_empty() { Value::Null } else { json!({ "detail": detail }) };
        gateway.check(&request, status, &parts);
    };
    check(json!({"repeat_count": 0}), 400, "repeat_count must be >= 1");
    check(json!({"repeat_count": 5}), 400, "repeat_count > 1 requires interval");
    check(json!({"repeat_until": "2999-01-01"}), 400, "repeat_until requires interval");
    check(
        json!({"interval": "1s", "repeat_until": "2999-01-01"}),
        400,
        "repeat_until implies too many executions (max 10000)",
    );
    check(json!({"interval": "1h", "repeat_until": "2020-01-01"}), 400, "repeat_until must be >= start_at");
    check(json!({"interval": "often"}), 400, "Invalid interval: invalid interval (expected like '15m', '1h', '2d')");
    check(json!({"start_at": "soon"}), 400, "");
    check(json!({"cron": "@daily", "interval": "1h"}), 400, "interval cannot be combined with cron");
    check(
        json!({"cron": "@daily", "overlap": "perhaps"}),
        400,
        "Invalid overlap: 'perhaps' (expected: skip|allow|queue|cancel)",
    );
    check(
        json!({"cron": "@daily", "catch_up": "perhaps"}),
        400,
        "Invalid catch_up: 'perhaps' (expected: one|none|all)",
    );
    check(json!({"cron": "0 0 30 2 *"}), 400, "Invalid cron: '0 0 30 2 *' has no time after start_at");
    check(json!({"cron": "61 * * * *"}), 400, "");
    check(json!({"cron": "@daily", "time_zone": "Mars/Olympus"}), 400, "");
    check(json!({"interval": "1h", "overlap": "skip"}), 400, "");
    check(json!({"bundle_id": ""}), 400, "bundle_id and flow_id are required");
    check(json!({"bundle_id": "zz"}), 404, "Bundle 'zz' has no versions loaded");
    check(json!({"flow_id": "zz"}), 404, "Target workflow 'it@1.0.0:zz' not found");
    check(json!({"input_data": null}), 422, "");
    check(json!({"repeat_count": "many"}), 422, "");
    check(json!({"share_context": "perhaps"}), 422, "");
    gateway.check(&post("/api/gateway/runs/schedule", &json!({"bundle_id": "it"})).token(TOKEN), 422, &Value::Null);
    let plain = gateway.start("ask", &json!({}));
    assert_eq!(gateway.command("u", &plain, "update_schedule", &json!({"interval": "1h"})).status, 409);
}

fn preview(gateway: &Gateway, body: &Value) -> Value {
    gateway.json(&post("/api/gateway/runs/schedule/preview", body))
}

#[test]
fn a_cron_schedule_shows_its_times_and_takes_others() {
    let gateway = home().serve();
    let cron = json!({"cron": "0 9 1 1 *", "time_zone": "Europe/Paris", "overlap": "queue", "catch_up": "none"});
    let run = schedule(&gateway, &cron);
    let shown = until_between(&gateway, &run);
    let mut expected = cron.clone();
    let next = preview(&gateway, &json!({"cron": "0 9 1 1 *", "time_zone": "Europe/Paris", "count": 1}));
    expected["next_run_at"] = next["items"][0]["at"].clone();
    expected["interval"] = Value::Null;
    expected["run_count"] = 0.into();
    tests::includes(&shown["schedule"], &expected).unwrap_or_else(|difference| panic!("{difference}"));
    assert_eq!(shown["waiting"]["until"], expected["next_run_at"]);
    assert!(shown["waiting"]["until"].as_str().unwrap().ends_with("-01-01T08:00:00+00:00"), "{shown}");
    let listed = gateway.json(&get("/api/gateway/runs?root_only=true"));
    assert_eq!(listed["items"][0]["schedule"], shown["schedule"]);
    let update = json!({"cron": "30 9 1 1 *", "time_zone": "America/New_York"});
    assert_eq!(gateway.command("u", &run, "update_schedule", &update).status, 200);
    let shown = until_between(&gateway, &run);
    assert!(shown["waiting"]["until"].as_str().unwrap().ends_with("-01-01T14:30:00+00:00"), "{shown}");
    assert_eq!(gateway.command("v", &run, "update_schedule", &json!({"interval": "1h"})).status, 409);
    assert_eq!(gateway.command("w", &run, "update_schedule", &json!({"cron": "often"})).status, 422);
    let path = format!("/api/gateway/workflows/{}/flow", shown["workflow_id"].as_str().unwrap().replace(':', "%3A"));
    let flow = gateway.json(&get(&path));
    assert_eq!(flow["flow"]["timetable"], update);
    // Now, beside its times.
    assert_eq!(gateway.command("r", &run, "resume", &json!({})).status, 200);
    until_executed(&gateway, &run, 1);
    assert_eq!(until_between(&gateway, &run)["waiting"]["until"], shown["waiting"]["until"]);
    assert_eq!(gateway.command("c", &run, "cancel", &json!({})).status, 200);
    gateway.until(&run, "cancelled");
}

/// Makes a schedule that makes up for so many missed times, one after the other; asked twice it is made once.
fn missed(count: usize) -> Request {
    let missed = json!({"cron": "* * * * *", "start_at": "2020-01-01T00:00:00Z", "catch_up": "all", "time_zone": "UTC",
        "repeat_count": count, "share_context": false, "bundle_id": "it", "flow_id": "echo", "input_data": {"text": "hi"}});
    post("/api/gateway/runs/schedule", &missed).header("idempotency-key", "missed").token(TOKEN)
}

fn made(gateway: &Gateway, request: &Request) -> String {
    gateway.json(request)["run_id"].as_str().unwrap().to_owned()
}

/// Checks that each of its times had its execution: none is missing, none came twice.
fn check_missed(gateway: &Gateway, run: &str, count: usize) {
    let done = gateway.until(run, "completed");
    assert_eq!(done["output"], json!({"success": true, "executions": count}));
    let children = executions(gateway, run);
    let statuses: Vec<&Value> = children.iter().map(|row| &row["status"]).collect();
    assert_eq!(statuses, vec!["completed"; count]);
    // The session of an execution is named by its time: they are a minute apart.
    let prefix = format!("{} : ", done["workflow_id"].as_str().unwrap());
    let minute = |session: &str| {
        let time = session.strip_prefix(&prefix).unwrap();
        let number = |range: std::ops::Range<usize>| time[range].parse::<u32>().unwrap();
        number(11..13) * 60 + number(14..16)
    };
    let minutes: Vec<u32> = children.iter().map(|row| minute(row["session_id"].as_str().unwrap())).collect();
    let steps: Vec<u32> = minutes.windows(2).map(|pair| (pair[1] + 1440 - pair[0]) % 1440).collect();
    assert_eq!(steps, vec![1; count - 1], "{minutes:?}");
}

#[test]
fn no_execution_is_lost_or_doubled_by_a_kill() {
    const COUNT: usize = 40;
    let home = home();
    let mut gateway = home.serve();
    let run = made(&gateway, &missed(COUNT));
    for count in [1, 6, 13, 21, 30] {
        until_executed(&gateway, &run, count);
        gateway.kill();
        gateway = home.serve();
    }
    check_missed(&gateway, &run, COUNT);
}

/// The process dies around the commits that decide about an execution, start it and take its end.
#[test]
fn no_execution_is_lost_or_doubled_by_a_death_around_a_commit() {
    const COUNT: usize = 12;
    let points = ["store.gathered", "store.written", "store.committed", "run.decided", "run.stored"];
    for (point, passage) in points.iter().flat_map(|point| [6, 7, 8].map(|passage| (point, passage))) {
        let home = home().set("FAIL_POINT", &format!("{point}:{passage}"));
        let gateway = home.serve();
        let mut connection = gateway.connect();
        connection.send(&missed(COUNT).bytes());
        // It may die before it has answered.
        drop(connection.read_response());
        assert_eq!(gateway.wait().code, None, "{point}:{passage} is not reached");
        let gateway = home.unset("FAIL_POINT").serve();
        let run = made(&gateway, &missed(COUNT));
        check_missed(&gateway, &run, COUNT);
    }
}

#[test]
fn a_preview_makes_nothing() {
    let gateway = home().serve();
    let shown = preview(&gateway, &json!({"cron": "@daily", "time_zone": "Asia/Kolkata", "count": 3}));
    let items = shown["items"].as_array().unwrap();
    assert_eq!((items.len(), &shown["time_zone"], &shown["exact"]), (3, &json!("Asia/Kolkata"), &json!(true)));
    for item in items {
        assert!(item["at"].as_str().unwrap().ends_with("T18:30:00+00:00"), "{item}");
        assert!(item["local"].as_str().unwrap().ends_with("T00:00:00+05:30"), "{item}");
    }
    assert_eq!(preview(&gateway, &json!({"interval": "1h"}))["items"].as_array().unwrap().len(), 5);
    assert_eq!(gateway.json(&get("/api/gateway/runs"))["items"], json!([]));
    let check = |body: Value, status: u16| {
        let request = post("/api/gateway/runs/schedule/preview", &body);
        gateway.check(&request.clone().token(TOKEN), status, &Value::Null);
        gateway.check(&request, 401, &Value::Null);
    };
    check(json!({"cron": "@daily", "count": 0}), 422);
    check(json!({"cron": "@daily", "count": 101}), 422);
    check(json!({"cron": "@daily", "count": 100}), 200);
    check(json!({"cron": "nonsense"}), 400);
}
