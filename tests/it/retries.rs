//! Calls that fail and are made again: what clients see of it, across the deaths of the process.

use serde_json::{Value, json};
use tests::{Bundle, Gateway, Home, Models, Reply, flow, node};

use crate::agents::{ask, serve, slow_tool, times};

/// Asks the model under a retry policy, and ends with the answer as `answer`.
fn model(retry: &Value) -> Value {
    let config =
        json!({"pinDefaults": {"provider": "openai-compatible", "model": "m"}, "effectConfig": {"retry": retry}});
    let nodes = [
        node("s", "on_flow_start", &[], &["prompt"], json!({})),
        node("m", "llm_call", &["prompt", "provider", "model"], &["response"], config),
        node("e", "on_flow_end", &["answer"], &[], json!({})),
    ];
    flow("model", &nodes, &["s>m", "m>e", "s.prompt>m.prompt", "m.response>e.answer"])
}

/// Calls tools and makes those that fail again; ends with their results.
fn tools() -> Value {
    let retry = json!({"max_attempts": 100, "initial_backoff_s": 0.05, "max_backoff_s": 0.05, "retry_on": ["tool"]});
    let config = json!({"effectConfig": {"retry": retry}});
    let nodes = [
        node("s", "on_flow_start", &[], &["calls"], json!({})),
        node("t", "tool_calls", &["tool_calls"], &["results"], config),
        node("e", "on_flow_end", &["results"], &[], json!({})),
    ];
    flow("tools", &nodes, &["s>t", "t>e", "s.calls>t.tool_calls", "t.results>e.results"])
}

/// A home whose flows ask the model under several policies, and one that talks for long.
pub(crate) fn home(models: &Models) -> Home {
    let flows = [
        ("quick", model(&json!({"max_attempts": 3, "initial_backoff_s": 0.01}))),
        ("patient", model(&json!({"max_attempts": 3, "initial_backoff_s": 1}))),
        ("slow", model(&json!({"max_attempts": 3, "initial_backoff_s": 3600}))),
        ("asking", model(&json!({"max_attempts": 1, "on_exhausted": "pause"}))),
        ("plain", model(&Value::Null)),
        ("tools", tools()),
        ("talk", crate::flows::talk()),
    ];
    let home = Home::new(env!("CARGO_BIN_EXE_abstractgateway")).install(&Bundle::new("it", "1.0.0", &flows));
    home.env("OPENAI_BASE_URL", &models.base_url()).env("OPENAI_API_KEY", "none")
}

fn start(gateway: &Gateway, flow: &str) -> String {
    gateway.start(flow, &json!({"prompt": "hello"}))
}

/// `status attempt` of every record of a model call.
fn attempts(gateway: &Gateway, run: &str) -> Vec<String> {
    let ledger = gateway.ledger(run);
    let calls = ledger.iter().filter(|record| record["effect"]["type"] == "llm_call");
    calls.map(|record| format!("{} {}", record["status"].as_str().unwrap(), record["attempt"])).collect()
}

fn overloaded() -> Reply {
    Reply::Error(500, "overloaded".into())
}

#[test]
fn a_model_that_fails_twice_is_asked_three_times() {
    let models = Models::start(&[overloaded(), Reply::Error(429, "slower".into()), Reply::Text("found".into())]);
    let gateway = home(&models).serve();
    let run = start(&gateway, "quick");
    assert_eq!(gateway.until(&run, "completed")["output"]["answer"], "found");
    let expected = ["started 1", "failed 1", "started 2", "failed 2", "started 3", "completed 3"];
    assert_eq!(attempts(&gateway, &run), expected);
    assert_eq!(models.requests().len(), 3, "one request an attempt: no retries hide below");
    let keys = models.keys();
    assert!(!keys[0].is_empty() && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

#[test]
fn an_operator_has_every_model_call_made_again() {
    let models = Models::start(&[overloaded(), Reply::Text("found".into())]);
    let home = home(&models).set("RETRY_MAX_ATTEMPTS", "2").set("RETRY_INITIAL_BACKOFF_S", "0.01");
    let gateway = home.serve();
    let run = start(&gateway, "plain");
    gateway.until(&run, "completed");
    assert_eq!(attempts(&gateway, &run), ["started 1", "failed 1", "started 2", "completed 2"]);
}

#[test]
fn a_backoff_outlives_the_process() {
    let models = Models::start(&[overloaded(), Reply::Text("found".into())]);
    let home = home(&models);
    let gateway = home.serve();
    let run = start(&gateway, "patient");
    tests::eventually("the first attempt failed", || (attempts(&gateway, &run).len() > 1).then_some(()));
    gateway.kill();
    let gateway = home.serve();
    gateway.until(&run, "completed");
    assert_eq!(attempts(&gateway, &run), ["started 1", "failed 1", "started 2", "completed 2"]);
    assert_eq!(models.requests().len(), 2);
}

#[test]
fn a_cancel_ends_a_backoff() {
    let models = Models::start(&[overloaded()]);
    let gateway = home(&models).serve();
    let run = start(&gateway, "slow");
    tests::eventually("the first attempt failed", || (attempts(&gateway, &run).len() > 1).then_some(()));
    assert_eq!(gateway.run(&run)["status"], "running");
    assert_eq!(gateway.command("c", &run, "cancel", &json!({})).status, 200);
    assert_eq!(gateway.run(&run)["status"], "cancelled");
    assert_eq!(models.requests().len(), 1);
}

#[test]
fn a_person_decides_about_a_call_that_cannot_succeed() {
    let models = Models::start(&[Reply::Error(401, "no such key".into()), Reply::Text("found".into())]);
    let gateway = home(&models).serve();
    let run = start(&gateway, "asking");
    let wait = gateway.until(&run, "waiting")["waiting"].clone();
    assert_eq!(wait["details"]["mode"], "exhausted");
    assert!(wait["prompt"].as_str().unwrap().contains("no such key"), "{wait}");
    let answer = json!({"wait_key": wait["wait_key"], "payload": {"choice": "retry"}});
    assert_eq!(gateway.command("again", &run, "resume", &answer).status, 200);
    gateway.until(&run, "completed");
    assert_eq!(attempts(&gateway, &run), ["started 1", "waiting 1", "started 2", "completed 2"]);
}

#[test]
fn an_operator_decides_about_tools_that_were_at_work_at_the_kill() {
    for (policy, expected) in [("retry", 2), ("fail", 1)] {
        let folder = tempfile::tempdir().unwrap();
        let (call, began, end) = slow_tool(folder.path());
        let models = Models::start(&[call, Reply::Text("Done.".into())]);
        let home = crate::home().set("TOOL_MODE", "local").set("INTERRUPTED", policy);
        let gateway = serve(&models, &home);
        let run = ask(&gateway, "run it");
        tests::eventually("the tool is at work", || (times(&began) == 1).then_some(()));
        gateway.kill();
        std::fs::write(&end, "").unwrap();
        let done = home.serve().until(&run, "completed");
        assert_eq!((done["output"]["success"].as_bool(), times(&began)), (Some(policy == "retry"), expected), "{done}");
    }
}

#[test]
fn a_reading_tool_is_used_again_until_it_finds_what_it_reads() {
    let models = Models::start(&[]);
    let home = home(&models).set("TOOL_MODE", "local");
    let gateway = home.serve();
    let call = |name: &str, path: &str| json!({"name": name, "arguments": {"file_path": path}, "call_id": path});
    let run = gateway.start("tools", &json!({"calls": [call("read_file", "late.txt")]}));
    let failed = |run: &str| gateway.ledger(run).iter().filter(|r| r["status"] == "failed").count();
    tests::eventually("it failed", || (failed(&run) > 0).then_some(()));
    let workspace = home.data_dir().join("workspaces").join(&home.names_in("workspaces")[0]);
    std::fs::write(workspace.join("late.txt"), "here").unwrap();
    let done = gateway.until(&run, "completed");
    assert_eq!(done["output"]["results"][0]["success"], true, "{done}");
    let changing = json!([call("read_file", "no.txt"), call("edit_file", "no.txt")]);
    let run = gateway.start("tools", &json!({"calls": changing}));
    let done = gateway.until(&run, "completed");
    assert_eq!(
        (done["output"]["results"][0]["success"].as_bool(), failed(&run)),
        (Some(false), 0),
        "one may change something"
    );
}
