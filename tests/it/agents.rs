//! The main job over HTTP: the shipped agent answers, asks before it changes something, and goes on after the process was
//! killed at the worst moments.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::{Gateway, Home, Models, Reply, TOKEN, eventually, post, put};

use crate::home;

/// A home whose default model is the scripted one, set over HTTP as an operator would.
pub(crate) fn serve(models: &Models, home: &Home) -> Gateway {
    let gateway = home.serve();
    let default = json!({"provider": "openai-compatible", "model": "gpt-4o", "base_url": models.base_url()});
    gateway.check(
        &put("/api/gateway/config/capability-defaults/input/text", &default).token(TOKEN),
        200,
        &json!({"ok": true}),
    );
    gateway
}

pub(crate) fn ask(gateway: &Gateway, prompt: &str) -> String {
    let body = json!({"bundle_id": "basic-agent", "input_data": {"prompt": prompt}});
    gateway.json(&post("/api/gateway/runs/start", &body))["run_id"].as_str().unwrap().to_owned()
}

/// The run of the agent's loop.
pub(crate) fn agent(gateway: &Gateway, run: &str) -> String {
    eventually("the agent is there", || Some(gateway.run(run)["waiting"]["details"]["sub_run_id"].as_str()?.to_owned()))
}

/// The run of the agent's loop, once it waits for a person.
fn agent_of(gateway: &Gateway, run: &str) -> (String, Value) {
    eventually("the agent waits for a person", || {
        let child = gateway.run(run)["waiting"]["details"]["sub_run_id"].as_str()?.to_owned();
        let shown = gateway.run(&child);
        (shown["waiting"]["reason"] == "user").then(|| (child, shown["waiting"].clone()))
    })
}

pub(crate) fn tool(name: &str, arguments: Value) -> Reply {
    Reply::Tools(vec![("call_1".into(), name.into(), arguments)])
}

fn decide(gateway: &Gateway, run: &str, wait: &Value, decision: &Value) {
    let payload = json!({"wait_key": wait["wait_key"], "payload": decision});
    let taken = gateway.command(&format!("d-{}", wait["wait_key"]), run, "resume", &payload);
    assert_eq!(taken.status, 200, "{}", taken.text());
}

/// The files of that name in all workspaces.
fn files(home: &Home, name: &str) -> Vec<PathBuf> {
    let workspaces = std::fs::read_dir(home.data_dir().join("workspaces")).into_iter().flatten();
    workspaces.map(|folder| folder.unwrap().path().join(name)).filter(|file| file.is_file()).collect()
}

#[test]
fn an_agent_without_a_model_says_what_to_do() {
    // Without the bundle of the other tests: its flows name a model, and that would stand in.
    let gateway = Home::new(env!("CARGO_BIN_EXE_abstractgateway")).serve();
    let done = gateway.until(&ask(&gateway, "hello"), "completed");
    assert_eq!(done["output"]["success"], false);
    let told = done["output"]["response"].as_str().unwrap();
    assert!(told.contains("abstractgateway config set-default input.text"), "{told}");
}

#[test]
fn a_tool_runs_after_an_approval_though_the_process_was_killed_before_it() {
    let models = Models::start(&[
        tool("write_file", json!({"file_path": "a.txt", "content": "hi"})),
        Reply::Text("Done.".into()),
    ]);
    let home = home();
    let gateway = serve(&models, &home);
    let run = ask(&gateway, "write a file");
    let (agent, wait) = agent_of(&gateway, &run);
    assert_eq!(wait["details"]["mode"], "approval_required");
    assert_eq!(wait["details"]["tool_calls"][0]["name"], "write_file");
    let refused = gateway.command("odd", &agent, "resume", &json!({"payload": {"approved": "yes"}}));
    assert_eq!((refused.status, &refused.json()["code"]), (422, &json!("not_an_approval")));
    let before = gateway.ledger(&agent);
    gateway.kill();
    let gateway = home.serve();
    assert_eq!((gateway.ledger(&agent), &gateway.run(&agent)["waiting"]), (before, &wait));
    assert!(files(&home, "a.txt").is_empty());
    decide(&gateway, &agent, &wait, &json!({"approved": true}));
    let done = gateway.until(&run, "completed");
    assert_eq!((&done["output"]["response"], &done["output"]["success"]), (&json!("Done."), &json!(true)));
    let written = files(&home, "a.txt");
    assert_eq!((written.len(), std::fs::read_to_string(&written[0]).unwrap().as_str()), (1, "hi"));
    assert_eq!(models.requests().len(), 2);
}

#[test]
fn a_denied_tool_does_not_run_and_the_model_is_told() {
    let models = Models::start(&[
        tool("write_file", json!({"file_path": "a.txt", "content": "hi"})),
        Reply::Text("As you wish.".into()),
    ]);
    let home = home();
    let gateway = serve(&models, &home);
    let run = ask(&gateway, "write a file");
    let (agent, wait) = agent_of(&gateway, &run);
    decide(&gateway, &agent, &wait, &json!({"approved": false, "reason": "not here"}));
    assert_eq!(gateway.until(&run, "completed")["output"]["response"], "As you wish.");
    assert!(files(&home, "a.txt").is_empty());
    assert!(models.requests()[1]["messages"].to_string().contains("not here"));
}

/// A tool that notes that it began, and ends when a file appears.
pub(crate) fn slow_tool(folder: &Path) -> (Reply, PathBuf, PathBuf) {
    let (began, end) = (folder.join("began"), folder.join("end"));
    let command =
        format!("echo x >> '{}'; until [ -e '{}' ]; do sleep 0.05; done; echo over", began.display(), end.display());
    (tool("execute_command", json!({"command": command})), began, end)
}

pub(crate) fn times(began: &Path) -> usize {
    std::fs::read_to_string(began).unwrap_or_default().lines().count()
}

#[test]
fn a_tool_that_was_at_work_at_the_kill_is_not_repeated_unless_somebody_says_so() {
    for (choice, expected) in [("skip", 1), ("retry", 2), ("fail", 1)] {
        let folder = tempfile::tempdir().unwrap();
        let (call, began, end) = slow_tool(folder.path());
        let models = Models::start(&[call, Reply::Text("Done.".into())]);
        let home = home().set("TOOL_MODE", "local");
        let gateway = serve(&models, &home);
        let run = ask(&gateway, "run it");
        eventually("the tool is at work", || (times(&began) == 1).then_some(()));
        gateway.kill();
        let gateway = home.serve();
        let (agent, wait) = agent_of(&gateway, &run);
        assert_eq!(
            (&wait["details"]["mode"], &wait["choices"]),
            (&json!("interrupted"), &json!(["retry", "skip", "fail"]))
        );
        assert_eq!(times(&began), 1, "{choice}");
        std::fs::write(&end, "").unwrap();
        decide(&gateway, &agent, &wait, &json!({"choice": choice}));
        let done = gateway.until(&run, "completed");
        assert_eq!(done["output"]["success"], choice != "fail", "{choice}: {done}");
        assert_eq!(times(&began), expected, "{choice}");
    }
}
