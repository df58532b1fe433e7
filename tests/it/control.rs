//! Cancel and pause while something is out in the world: what is out ends at once, and what it would have said is not heard.

use serde_json::{Value, json};
use tests::{Gateway, Models, Reply, eventually};

use crate::agents::{agent, ask, serve, slow_tool, times, tool};
use crate::{home, retries};

fn statuses(gateway: &Gateway, run: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    gateway.ledger(run).iter().map(|r| format!("{} {}", text(&r["effect"]["type"]), text(&r["status"]))).collect()
}

#[test]
fn a_cancel_hangs_up_on_a_model_that_still_holds_its_answer() {
    let models = Models::start(&[Reply::Held("too late".into())]);
    let gateway = retries::home(&models).serve();
    let run = gateway.start("plain", &json!({"prompt": "hello"}));
    models.until_asked(1);
    assert_eq!(gateway.command("c", &run, "cancel", &json!({"reason": "enough"})).status, 200);
    let ended = gateway.run(&run);
    assert_eq!((&ended["status"], &ended["error"]), (&json!("cancelled"), &json!("enough")));
    // Nobody has let the model go: only hanging up ends the connection.
    models.until_hung_up(1);
    let ledger = gateway.ledger(&run);
    models.let_go();
    let other = gateway.start("talk", &json!({"times": 3}));
    gateway.until(&other, "completed");
    assert_eq!((gateway.run(&run), gateway.ledger(&run)), (ended, ledger), "the answer changes nothing");
    assert_eq!(statuses(&gateway, &run), ["llm_call started", "llm_call failed", "emit_event completed"]);
}

#[test]
fn a_pause_keeps_the_answer_of_a_model_and_goes_no_further() {
    let models = Models::start(&[Reply::Held("kept".into())]);
    let gateway = retries::home(&models).serve();
    let run = gateway.start("plain", &json!({"prompt": "hello"}));
    models.until_asked(1);
    assert_eq!(gateway.command("p", &run, "pause", &json!({})).status, 200);
    models.let_go();
    eventually("the answer is kept", || (gateway.ledger(&run).len() == 2).then_some(()));
    assert_eq!(statuses(&gateway, &run), ["llm_call started", "llm_call completed"]);
    let held = gateway.run(&run);
    assert_eq!((&held["status"], &held["paused"]), (&json!("waiting"), &json!(true)));
    assert_eq!(gateway.command("r", &run, "resume", &json!({})).status, 200);
    assert_eq!(gateway.until(&run, "completed")["output"]["answer"], "kept");
    assert_eq!(models.requests().len(), 1);
}

/// Whether a process is there and not just waiting to be buried.
fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

#[test]
fn a_cancel_ends_a_command_and_whatever_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    // The shell and a child of it, both for ever: only being killed ends them.
    let command = format!(
        "(while :; do sleep 1; done) & echo $! > '{0}.part'; echo $$ >> '{0}.part'; mv '{0}.part' '{0}'; wait",
        pids.display()
    );
    let call = tool("execute_command", json!({"command": command, "timeout": 100_000}));
    let models = Models::start(&[call, Reply::Text("never asked".into())]);
    let home = home().set("TOOL_MODE", "local");
    let gateway = serve(&models, &home);
    let run = ask(&gateway, "run it");
    let pids = eventually("the command is at work", || std::fs::read_to_string(&pids).ok());
    let pids: Vec<&str> = pids.lines().collect();
    assert!(pids.len() == 2 && pids.iter().all(|pid| is_alive(pid)), "{pids:?}");
    assert_eq!(gateway.command("c", &run, "cancel", &json!({})).status, 200);
    assert_eq!(gateway.run(&run)["status"], "cancelled");
    for pid in pids {
        eventually("the group is gone", || (!is_alive(pid)).then_some(()));
    }
    assert_eq!(models.requests().len(), 1);
}

#[test]
fn a_pause_lets_a_command_end_and_goes_no_further() {
    let folder = tempfile::tempdir().unwrap();
    let (call, began, end) = slow_tool(folder.path());
    let models = Models::start(&[call, Reply::Text("Done.".into())]);
    let home = home().set("TOOL_MODE", "local");
    let gateway = serve(&models, &home);
    let run = ask(&gateway, "run it");
    eventually("the tool is at work", || (times(&began) == 1).then_some(()));
    assert_eq!(gateway.command("p", &run, "pause", &json!({})).status, 200);
    let agent = agent(&gateway, &run);
    eventually("the agent is held", || (gateway.run(&agent)["paused"] == true).then_some(()));
    std::fs::write(&end, "").unwrap();
    eventually("the result is kept", || {
        statuses(&gateway, &agent).contains(&"tool_calls completed".to_owned()).then_some(())
    });
    assert_eq!((models.requests().len(), &gateway.run(&agent)["status"]), (1, &json!("waiting")));
    assert_eq!(gateway.command("r", &run, "resume", &json!({})).status, 200);
    assert_eq!(gateway.until(&run, "completed")["output"]["response"], "Done.");
    assert_eq!(times(&began), 1);
}

#[test]
fn a_cancel_ends_the_wait_for_a_worker_and_his_results_are_refused() {
    let models = Models::start(&[tool("write_file", json!({"file_path": "a.txt", "content": "x"}))]);
    let home = home().set("TOOL_MODE", "delegated");
    let gateway = serve(&models, &home);
    let run = ask(&gateway, "write it");
    let (agent, wait) = eventually("a worker is waited for", || {
        let agent = agent(&gateway, &run);
        let wait = gateway.run(&agent)["waiting"].clone();
        (wait["reason"] == "job").then_some((agent, wait))
    });
    assert_eq!(gateway.run(&agent)["explain"]["code"], "waiting_for_worker");
    assert_eq!(gateway.command("c", &run, "cancel", &json!({})).status, 200);
    gateway.until(&agent, "cancelled");
    let results = json!({"mode": "executed", "results": [{"call_id": "call_1", "success": true, "output": "x"}]});
    let late = gateway.command("w", &agent, "resume", &json!({"wait_key": wait["wait_key"], "payload": results}));
    assert_eq!((late.status, &late.json()["code"]), (409, &json!("run_terminal")));
    assert_eq!(models.requests().len(), 1);
}
