//! Forks of runs (additive): what was done before the record is not done again, and what was acknowledged is there.

use serde_json::{Value, json};
use tests::{Gateway, Home, Models, Reply, TOKEN, eventually, get, post, put};

use crate::home;

/// A home whose flows reach a model.
fn home_with(models: &Models) -> Home {
    home().env("OPENAI_BASE_URL", &models.base_url()).env("OPENAI_API_KEY", "none")
}

fn replies(count: usize) -> Vec<Reply> {
    (0..count).map(|n| Reply::Text(format!("reply {n}"))).collect()
}

fn ask_fork(gateway: &Gateway, run: &str, body: &Value) -> Value {
    gateway.json(&post(&format!("/api/gateway/runs/{run}/fork"), body))
}

fn fork(gateway: &Gateway, run: &str, body: &Value) -> String {
    ask_fork(gateway, run, body)["run_id"].as_str().unwrap().to_owned()
}

/// Answers the run's questions, and those of its child, until it has ended.
fn drive(gateway: &Gateway, run: &str) -> Value {
    eventually("the run ends", || {
        let shown = gateway.run(run);
        if shown["status"] == "waiting" {
            let child = shown["waiting"]["details"]["sub_run_id"].as_str();
            let asks = child.map_or_else(|| shown.clone(), |child| gateway.run(child));
            if let (Some(key), Some(id)) = (asks["waiting"]["wait_key"].as_str(), asks["run_id"].as_str()) {
                let payload = json!({"wait_key": key, "payload": {"response": "alice"}});
                let _ = gateway.command(&format!("a-{key}"), id, "resume", &payload);
            }
        }
        ["completed", "failed", "cancelled"].contains(&shown["status"].as_str().unwrap()).then_some(shown)
    })
}

fn verified(gateway: &Gateway, run: &str) {
    let seen = gateway.json(&get(&format!("/api/gateway/runs/{run}/ledger/verify")));
    assert_eq!(seen["ok"], true, "{seen}");
}

fn bare(record: &Value) -> Value {
    let mut record = record.clone();
    for key in ["run_id", "session_id", "prev_hash", "record_hash"] {
        record.as_object_mut().unwrap().shift_remove(key);
    }
    record
}

#[test]
fn a_fork_pays_for_nothing_that_was_done_before_its_record() {
    let models = Models::start(&replies(100));
    let home = home_with(&models);
    let gateway = home.serve();
    let run = gateway.start("tale", &json!({"prompt": "hello"}));
    let told = drive(&gateway, &run);
    assert_eq!((&told["status"], &told["output"]["answer"]), (&json!("completed"), &json!("reply 0")), "{told}");
    let source = gateway.ledger(&run);
    let answered =
        1 + source.iter().position(|r| r["effect"]["type"] == "llm_call" && r["status"] == "completed").unwrap();
    let asked = 1 + source.iter().position(|r| r["effect"]["type"] == "resume").unwrap();
    assert!(answered > asked && source.len() > answered + 8, "{source:#?}");
    for at in 0..=source.len() {
        let paid = models.requests().len();
        let reply = ask_fork(&gateway, &run, &json!({"at": at}));
        let (fork, history) = (reply["run_id"].as_str().unwrap(), reply["place"]["records"].as_u64().unwrap());
        assert_eq!(reply["forked_from"], json!({"run_id": run, "cursor": at}));
        let ended = drive(&gateway, fork);
        assert_eq!((&ended["status"], &ended["forked_from"]), (&json!("completed"), &reply["forked_from"]), "{ended}");
        assert_eq!(models.requests().len() - paid, usize::from(at < answered), "at record {at}");
        assert_eq!(ended["output"]["answer"] == "reply 0", at >= answered, "at record {at}: {ended}");
        assert_eq!(ended["output"]["name"], "alice");
        let records = gateway.ledger(fork);
        let history = usize::try_from(history).unwrap();
        let same = records.iter().zip(&source).take(history).all(|(own, theirs)| bare(own) == bare(theirs));
        assert!(same && history <= at, "at record {at}");
        assert_eq!(records[history]["effect"]["payload"]["name"], "abstract.fork");
        assert!(records.iter().all(|record| record["run_id"] == fork), "at record {at}");
        verified(&gateway, fork);
        let shown = gateway.json(&get(&format!("/api/gateway/runs/{fork}/history_bundle")));
        assert_eq!(shown["run"]["run_id"], fork, "{shown}");
    }
    assert_eq!((gateway.run(&run), gateway.ledger(&run)), (told, source));
}

#[test]
fn an_acknowledged_fork_outlives_the_process() {
    let models = Models::start(&[Reply::Text("one".into()), Reply::Held("lost".into()), Reply::Text("two".into())]);
    let home = home_with(&models);
    let gateway = home.serve();
    let run = gateway.start("tale", &json!({"prompt": "hello"}));
    drive(&gateway, &run);
    let source = gateway.ledger(&run);
    let asked = source.iter().position(|r| r["effect"]["type"] == "resume").unwrap();
    let (waits, calls) = (fork(&gateway, &run, &json!({"at": asked})), fork(&gateway, &run, &json!({"at": asked + 1})));
    gateway.kill();
    // Whether the call was out already at the kill is not known: it is answered either way.
    models.let_go();
    let gateway = home.serve();
    for id in [&waits, &calls] {
        verified(&gateway, id);
        assert_eq!(gateway.run(id)["forked_from"]["run_id"], json!(run));
    }
    assert_eq!(gateway.until(&waits, "waiting")["waiting"]["wait_key"], format!("user:{waits}:q"));
    assert_eq!(drive(&gateway, &calls)["status"], "completed");
    let history = gateway.ledger(&calls);
    assert_eq!(history.iter().filter(|r| r["effect"]["payload"]["name"] == "abstract.fork").count(), 1);
    assert!(models.requests().len() <= 3);
}

#[test]
fn variables_can_be_others_and_the_same_key_forks_once() {
    let home = home();
    let gateway = home.serve();
    let run = gateway.start("echo", &json!({"text": "hello"}));
    gateway.until(&run, "completed");
    let path = format!("/api/gateway/runs/{run}/fork");
    let looked = gateway.json(&post(&path, &json!({"dry_run": true, "set": {"text": "bye"}})));
    let place = json!({"records": 0, "node_id": "e", "effect": null, "waiting": null, "set": ["text"]});
    assert_eq!((&looked["place"], looked.get("run_id")), (&place, None));
    let count = || gateway.json(&get("/api/gateway/runs"))["items"].as_array().unwrap().len();
    assert_eq!(count(), 1, "a dry run leaves nothing");
    let keyed = |key: &str, body: &Value| post(&path, body).token(TOKEN).header("idempotency-key", key);
    let body = json!({"set": {"text": "bye"}, "session_id": "s2"});
    let first = gateway.check(&keyed("k", &body), 200, &Value::Null).json();
    let fork = first["run_id"].as_str().unwrap();
    let ended = gateway.until(fork, "completed");
    assert_eq!((&ended["output"]["text"], &ended["session_id"]), (&json!("bye"), &json!("s2")));
    assert!(gateway.ledger(fork).iter().all(|record| record["session_id"] == "s2"));
    let again = gateway.check(&keyed("k", &body), 200, &Value::Null).json();
    assert_eq!((&again["run_id"], &again["forked_from"]), (&first["run_id"], &first["forked_from"]));
    gateway.check(&keyed("k", &json!({})), 409, &json!({"code": "idempotency_mismatch"}));
    for (body, status, code) in [
        (json!({"at": 3}), 422, "validation"),
        (json!({"at": -1}), 422, "validation"),
        (json!({"set": {"_runtime.x": 1}}), 422, "validation"),
        (json!({"set": {"text.deep": 1}}), 422, "validation"),
        (json!({"set": {"workspace_root": "/"}}), 422, "validation"),
        (json!({"set": {"image": {"$artifact": "no"}}}), 404, "artifact_not_found"),
    ] {
        let refused = gateway.check(&post(&path, &body).token(TOKEN), status, &Value::Null).json();
        assert!(refused["code"] == code || code == "validation", "{body}: {refused}");
    }
    let runs = count();
    for (args, code, made) in [
        (["runs", "fork", run.as_str(), "--dry-run"].as_slice(), 0, 0),
        (&["runs", "fork", &run, "--at", "0", "--set", "text=ciao"], 0, 1),
        (&["runs", "fork", &run, "--at", "9"], 1, 1),
    ] {
        let ended = home.run(&[args, &["--token", TOKEN]].concat());
        assert_eq!((ended.code, count() - runs), (Some(code), made), "{args:?}: {}", ended.log);
    }
    let unknown = post("/api/gateway/runs/zzz/fork", &json!({})).token(TOKEN);
    gateway.check(&unknown, 404, &json!({"code": "run_not_found"}));
    gateway.check(&post(&path, &json!({})), 401, &Value::Null);
}

#[test]
fn an_agent_goes_on_from_a_tool_it_has_used_and_uses_it_no_second_time() {
    let folder = tempfile::tempdir().unwrap();
    let used = folder.path().join("used");
    let command = json!({"command": format!("echo x >> '{}'", used.display())});
    let tool = || Reply::Tools(vec![("call_1".into(), "execute_command".into(), command.clone())]);
    let text = |text: &str| Reply::Text(text.into());
    let models = Models::start(&[tool(), text("First."), text("Second."), tool(), text("Third.")]);
    let home = home().set("TOOL_MODE", "local");
    let gateway = home.serve();
    let default = json!({"provider": "openai-compatible", "model": "gpt-4o", "base_url": models.base_url()});
    let set = put("/api/gateway/config/capability-defaults/input/text", &default).token(TOKEN);
    gateway.check(&set, 200, &json!({"ok": true}));
    let body = json!({"bundle_id": "basic-agent", "input_data": {"prompt": "use it"}});
    let run = gateway.json(&post("/api/gateway/runs/start", &body))["run_id"].as_str().unwrap().to_owned();
    assert_eq!(gateway.until(&run, "completed")["output"]["response"], "First.");
    let times = || std::fs::read_to_string(&used).unwrap().lines().count();
    assert_eq!((models.requests().len(), times()), (2, 1));
    let parent = gateway.ledger(&run);
    let waits = parent.iter().map(|record| &record["result"]["wait"]["details"]);
    let is_agent =
        |wait: &&Value| wait["sub_workflow_id"].as_str().is_some_and(|id| id.starts_with("visual_react_agent"));
    let child = waits.into_iter().find(is_agent).unwrap()["sub_run_id"].as_str().unwrap().to_owned();
    // The child's answer stands in the parent's ledger.
    let paid = fork(&gateway, &run, &json!({}));
    assert_eq!(gateway.until(&paid, "completed")["output"]["response"], "First.");
    assert_eq!((models.requests().len(), times()), (2, 1));
    // The agent itself, from behind its tool.
    let records = gateway.ledger(&child);
    let done = |r: &Value| r["effect"]["type"] == "tool_calls" && r["status"] == "completed";
    let after = 1 + records.iter().position(done).unwrap();
    let agent = fork(&gateway, &child, &json!({"at": after}));
    let ended = gateway.until(&agent, "completed");
    assert!(ended["output"].to_string().contains("Second.") && ended["parent_run_id"].is_null(), "{ended}");
    assert_eq!((models.requests().len(), times()), (3, 1));
    assert!(models.requests()[2]["messages"].to_string().contains("call_1"), "the model sees what the tool gave");
    // Before the child: another agent does it all again.
    let whole = fork(&gateway, &run, &json!({"at": 0}));
    assert_eq!(gateway.until(&whole, "completed")["output"]["response"], "Third.");
    assert_eq!((models.requests().len(), times()), (5, 2));
    for id in [&paid, &agent, &whole] {
        verified(&gateway, id);
    }
}
