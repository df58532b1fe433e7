//! The process dies at any moment and is started again: nothing acknowledged is lost, nothing seen is different, no run
//! stays where it was (design, promise 1).

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tests::{Connection, Events, Frame, Gateway, Home, Models, Reply, TOKEN, get, post};

use crate::home;

/// A home whose flows reach a model.
fn home_with(models: &Models) -> Home {
    home().env("OPENAI_BASE_URL", &models.base_url()).env("OPENAI_API_KEY", "none")
}

fn kinds(ledger: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    ledger.iter().map(|record| (text(&record["effect"]["type"]), text(&record["status"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(kind, status)| ((*kind).to_owned(), (*status).to_owned())).collect()
}

#[test]
fn a_question_outlives_the_process() {
    let home = home();
    let gateway = home.serve();
    let run = gateway.start("ask", &json!({}));
    let before = (gateway.until(&run, "waiting"), gateway.ledger(&run));
    gateway.kill();
    let gateway = home.serve();
    assert_eq!((gateway.run(&run), gateway.ledger(&run)), before);
    gateway.answer(&run, "alice");
    gateway.until(&run, "completed");
    assert_eq!(gateway.ledger(&run)[5]["result"]["output"], json!({"name": "alice", "success": true}));
}

#[test]
fn a_model_call_that_was_out_is_made_again_and_answered_once() {
    let models = Models::start(&[Reply::Held("lost".into()), Reply::Text("found".into())]);
    let home = home_with(&models);
    let gateway = home.serve();
    let run = gateway.start("model", &json!({"prompt": "hello"}));
    models.until_asked(1);
    let before = gateway.ledger(&run);
    assert_eq!(kinds(&before), pairs(&[("llm_call", "started")]));
    gateway.kill();
    let gateway = home.serve();
    gateway.until(&run, "completed");
    let ledger = gateway.ledger(&run);
    assert_eq!(ledger[0], before[0]);
    let outcomes: Vec<&Value> =
        ledger.iter().filter(|r| r["effect"]["type"] == "llm_call" && r["status"] == "completed").collect();
    assert_eq!(outcomes.len(), 1, "{ledger:#?}");
    assert_eq!((&outcomes[0]["step_id"], outcomes[0]["attempt"].as_u64()), (&before[0]["step_id"], Some(2)));
    assert_eq!(models.requests().len(), 2);
    let end = ledger.iter().find(|record| record["result"]["completed"] == true).unwrap();
    assert_eq!(end["result"]["output"]["answer"], "found");
    models.let_go();
}

#[test]
fn a_time_that_passed_while_nobody_was_there_is_over() {
    let home = home();
    let gateway = home.serve();
    let (soon, late) =
        (gateway.start("timer", &json!({"seconds": 1})), gateway.start("timer", &json!({"seconds": 3600})));
    let before = gateway.until(&late, "waiting");
    gateway.until(&soon, "waiting");
    gateway.kill();
    let gateway = home.serve();
    gateway.until(&soon, "completed");
    assert_eq!(gateway.run(&late), before);
}

#[test]
fn parents_get_what_their_children_gave() {
    let models = Models::start(&[Reply::Held("lost".into()), Reply::Text("found".into())]);
    let home = home_with(&models);
    let gateway = home.serve();
    let (asking, calling) = (gateway.start("parent", &json!({})), gateway.start("model_parent", &json!({})));
    let child = gateway.until(&asking, "waiting")["waiting"]["details"]["sub_run_id"].as_str().unwrap().to_owned();
    gateway.until(&child, "waiting");
    models.until_asked(1);
    gateway.kill();
    let gateway = home.serve();
    gateway.until(&calling, "completed");
    gateway.answer(&child, "kid");
    gateway.until(&asking, "completed");
    for run in [&asking, &calling] {
        let resumes = gateway.ledger(run).iter().filter(|record| record["effect"]["type"] == "resume").count();
        assert_eq!(resumes, 1);
    }
    models.let_go();
}

#[test]
fn a_cancel_and_a_pause_outlive_the_process() {
    let models = Models::start(&[Reply::Held("lost".into())]);
    let home = home_with(&models);
    let gateway = home.serve();
    let calling = gateway.start("model", &json!({"prompt": "hello"}));
    let paused = gateway.start("timer", &json!({"seconds": 0.2}));
    models.until_asked(1);
    assert_eq!(gateway.command("c", &calling, "cancel", &json!({})).status, 200);
    assert_eq!(gateway.command("p", &paused, "pause", &json!({})).status, 200);
    gateway.kill();
    models.let_go();
    let gateway = home.serve();
    assert_eq!(
        (&gateway.run(&calling)["status"], &gateway.run(&paused)["paused"]),
        (&json!("cancelled"), &json!(true))
    );
    assert_eq!(gateway.command("r", &paused, "resume", &json!({})).status, 200);
    gateway.until(&paused, "completed");
    assert_eq!(models.requests().len(), 1);
}

/// Starts runs until the gateway is gone, and notes those it said it has.
fn start_until_dead(gateway: &Gateway, acknowledged: &Mutex<Vec<String>>) {
    let body = json!({"bundle_id": "it", "flow_id": "timer", "input_data": {"seconds": 0}});
    let bytes = post("/api/gateway/runs/start", &body).token(TOKEN).bytes();
    while let Ok(mut connection) = Connection::try_open(gateway.address) {
        while connection.send(&bytes) {
            let Ok(response) = connection.read_response() else { break };
            assert_eq!(response.status, 200, "{}", response.text());
            acknowledged.lock().unwrap().push(response.json()["run_id"].as_str().unwrap().to_owned());
        }
    }
}

/// Follows a run until the gateway is gone; the data of every step.
fn follow_until_dead(mut events: Events) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        match events.next_event() {
            Frame::Event(Some(_), _, data) => seen.push(data),
            Frame::Event(None, ..) | Frame::Comment(_) => {}
            Frame::Broken(_) | Frame::End => return seen,
        }
    }
}

#[test]
fn an_upload_that_was_torn_leaves_no_file() {
    let home = home();
    let gateway = home.serve();
    let whole = tests::multipart("/api/gateway/bundles/upload", &[], "b.flow", &[0; 600_000]).token(TOKEN).bytes();
    let mut client = gateway.connect();
    assert!(client.send(&whole[..500_000]));
    tests::eventually("the file is begun", || (!home.uploads().is_empty()).then_some(()));
    gateway.kill();
    assert!(!home.uploads().is_empty());
    let gateway = home.serve();
    gateway.check(&get("/api/health"), 200, &json!({}));
    tests::eventually("the file is gone", || home.uploads().is_empty().then_some(()));
}

#[test]
fn what_was_seen_of_a_long_run_is_what_is_stored() {
    const TIMES: usize = 1500;
    let home = home();
    let gateway = home.serve();
    let run = gateway.start("talk", &json!({"times": TIMES}));
    let events = gateway.follow(&run, 0);
    let seen = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| follow_until_dead(events));
        tests::eventually("the run is under way", || {
            let page = gateway.json(&get(&format!("/api/gateway/runs/{run}/ledger?after=100&limit=1")));
            (!page["items"].as_array().unwrap().is_empty()).then_some(())
        });
        gateway.signal_kill();
        watcher.join().unwrap()
    });
    drop(gateway);
    let gateway = home.serve();
    let (after, done) = gateway.follow(&run, 0).until_done();
    assert!(after.starts_with(&seen), "{} of {} differ", seen.len(), after.len());
    assert_eq!((after.len(), &done["cursor"]), (2 * TIMES + 2, &json!(2 * TIMES + 2)));
    let said: Vec<Value> = after
        .iter()
        .map(|data| serde_json::from_str::<Value>(data).unwrap()["record"].clone())
        .filter(|record| record["effect"]["type"] == "answer_user" && record["status"] == "completed")
        .map(|record| record["result"]["message"].clone())
        .collect();
    let counted: Vec<Value> = (0..TIMES).map(|i| json!(format!("{i}.0"))).collect();
    assert_eq!(said, counted);
    gateway.until(&run, "completed");
}

#[test]
fn what_was_acknowledged_or_seen_is_there_after_a_kill() {
    let home = home();
    let mut all = Vec::new();
    for _ in 0..3 {
        let gateway = home.serve();
        let watched = gateway.start("ask", &json!({}));
        let events = gateway.follow(&watched, 0);
        let acknowledged = Mutex::new(Vec::new());
        let seen = std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| start_until_dead(&gateway, &acknowledged));
            }
            let watcher = scope.spawn(|| follow_until_dead(events));
            tests::eventually("many runs are there", || (acknowledged.lock().unwrap().len() >= 40).then_some(()));
            gateway.answer(&watched, "alice");
            gateway.signal_kill();
            watcher.join().unwrap()
        });
        drop(gateway);
        all.extend(acknowledged.into_inner().unwrap());
        let gateway = home.serve();
        let after = gateway.follow(&watched, 0).until_done().0;
        assert!(seen.len() >= 2 && after.starts_with(&seen), "{seen:?} {after:?}");
        gateway.kill();
    }
    let gateway = home.serve();
    for run in &all {
        gateway.until(run, "completed");
        check_ledger(&gateway, run);
    }
}

/// A whole ledger: no gap between cursors, every step that began has one outcome, one end and nothing after it.
#[track_caller]
fn check_ledger(gateway: &Gateway, run: &str) {
    let steps = gateway.follow(run, 0).until_done().0;
    let records: Vec<Value> = steps
        .iter()
        .enumerate()
        .map(|(i, data)| {
            let data: Value = serde_json::from_str(data).unwrap();
            assert_eq!(data["cursor"], json!(i + 1));
            data["record"].clone()
        })
        .collect();
    assert_eq!(records, gateway.ledger(run));
    let ends = records.iter().filter(|record| record["result"]["completed"] == true).count();
    assert_eq!((ends, &records.last().unwrap()["idempotency_key"]), (1, &json!("system:terminal_status:completed")));
    for started in records.iter().filter(|record| record["status"] == "started" && record["attempt"] == 1) {
        let same = |record: &&Value| record["step_id"] == started["step_id"] && record["status"] != "started";
        assert_eq!(records.iter().filter(same).count(), 1, "{started}");
    }
}

#[test]
fn answers_that_were_taken_are_applied_after_a_kill() {
    let home = home();
    let gateway = home.serve();
    let runs: Vec<String> = (0..24).map(|_| gateway.start("ask", &json!({}))).collect();
    let heard = AtomicUsize::new(0);
    let answer = |run: &String| {
        let body = json!({"command_id": format!("a-{run}"), "run_id": run, "type": "resume", "payload": {"payload": {"response": "alice"}}});
        let mut connection = Connection::try_open(gateway.address).ok()?;
        connection.send(&post("/api/gateway/commands", &body).token(TOKEN).bytes());
        let response = connection.read_response().ok()?;
        assert_eq!(response.status, 200, "{}", response.text());
        heard.fetch_add(1, Ordering::SeqCst);
        Some(())
    };
    let taken: Vec<bool> = std::thread::scope(|scope| {
        let answers: Vec<_> = runs.iter().map(|run| scope.spawn(move || answer(run).is_some())).collect();
        tests::eventually("the first answer is taken", || (heard.load(Ordering::SeqCst) > 0).then_some(()));
        gateway.signal_kill();
        answers.into_iter().map(|answer| answer.join().unwrap()).collect()
    });
    drop(gateway);
    assert!(taken.contains(&true));
    let gateway = home.serve();
    for (run, taken) in runs.iter().zip(taken) {
        if taken {
            gateway.until(run, "completed");
        } else {
            // Nobody was told anything; whatever came of it, the same command is safe to send again.
            let body = json!({"payload": {"response": "alice"}});
            assert_eq!(gateway.command(&format!("a-{run}"), run, "resume", &body).status, 200);
            gateway.until(run, "completed");
        }
        check_ledger(&gateway, run);
    }
}
