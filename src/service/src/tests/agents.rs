//! Agents from the start of a run to its answer: the shipped flow, a scripted model, real tools in a workspace.

use std::path::{Path, PathBuf};

use super::model_server::{ModelServer, Say};
use super::*;

/// The loop behind the agent node of the shipped flow.
const LOOP: &str = "visual_react_agent_basic-agent_0_0_1_81795ea9_node-2";

/// Sets the gateway's text default in a data directory.
fn configure(data_dir: &Path, server: &ModelServer, model: &str) {
    let row = llm::defaults::Row {
        provider: Some("openai-compatible".into()),
        model: Some(model.into()),
        base_url: Some(server.base_url.clone()),
        ..llm::defaults::Row::default()
    };
    llm::defaults::set(&data_dir.join("config/abstractcore.json"), "input", "text", None, &row).unwrap();
}

/// A gateway with the shipped flow and a model that follows a script.
pub(super) async fn gateway(script: Vec<Say>, env: &[(&str, &str)]) -> (Bench, ModelServer) {
    let server = ModelServer::start(script).await;
    let bench = Bench::open_in(tempfile::tempdir().unwrap(), env).await;
    configure(bench.folder.path(), &server, "gpt-4o");
    (bench, server)
}

impl Bench {
    async fn ask_agent(&self, input: Value) -> String {
        let start = json!({"bundle_id": "basic-agent", "input_data": input, "session_id": "s"});
        self.json("runs.start", start).await.unwrap()["run_id"].as_str().unwrap().to_owned()
    }

    /// The run of the loop, once there is one.
    async fn agent_of(&self, run_id: &str) -> String {
        let waits = |s: &Value| s["waiting"]["details"]["sub_workflow_id"] == LOOP;
        let shown = self.until(run_id, waits).await;
        shown["waiting"]["details"]["sub_run_id"].as_str().unwrap().to_owned()
    }

    async fn answer_wait(&self, run_id: &str, wait: &Value, payload: Value) {
        let payload = json!({"wait_key": wait["wait_key"], "payload": payload});
        let command = json!({"command_id": "", "run_id": run_id, "type": "resume", "payload": payload});
        self.json("commands.send", command).await.unwrap();
    }

    /// A run's ledger as `node status effect` lines.
    async fn lines(&self, run_id: &str) -> Vec<String> {
        let page = self.json("ledger.read", json!({"run_id": run_id, "limit": 1000})).await.unwrap();
        let line = |r: &Value| {
            let effect = r["effect"]["type"].as_str().unwrap_or("-");
            format!("{} {} {effect}", r["node_id"].as_str().unwrap(), r["status"].as_str().unwrap())
        };
        page["items"].as_array().unwrap().iter().map(line).collect()
    }

    fn workspaces(&self) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(self.folder.path().join("workspaces"));
        folder.into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
    }
}

fn ended(shown: &Value) -> bool {
    matches!(shown["status"].as_str(), Some("completed" | "failed" | "cancelled"))
}

fn waits_for_a_person(shown: &Value) -> bool {
    shown["waiting"]["reason"] == "user"
}

#[tokio::test]
async fn an_agent_answers_on_the_gateways_default() {
    let (bench, server) = gateway(vec![Say::Text("Good day.")], &[]).await;
    let run = bench.ask_agent(json!({"prompt": "Greet me"})).await;
    let shown = bench.until(&run, ended).await;
    let output = &shown["output"];
    assert_eq!((&output["response"], &output["success"]), (&json!("Good day."), &json!(true)), "{shown:#}");
    let meta = &output["meta"];
    assert_eq!((&meta["provider"], &meta["model"]), (&json!("openai-compatible"), &json!("gpt-4o")));
    let agent = meta["sub_run_id"].as_str().unwrap();
    assert_eq!(bench.vars(agent).await["_runtime"]["tool_support"], "native");
    assert_eq!(bench.vars(&run).await["_limits"]["max_tokens"], 128_000);
    let bodies = server.bodies();
    assert_eq!((bodies.len(), &bodies[0]["model"]), (1, &json!("gpt-4o")), "the default's URL was called");
    let lines =
        ["reason started llm_call", "reason completed llm_call", "done completed -", "done completed emit_event"];
    assert_eq!(bench.lines(agent).await, lines);
}

#[tokio::test]
async fn a_model_without_tools_of_its_own_calls_them_in_its_text() {
    let call = "<|tool_call|>{\"name\": \"list_files\", \"arguments\": {}}</|tool_call|>";
    let (bench, server) = gateway(vec![Say::Text(call), Say::Text("Nothing there.")], &[]).await;
    configure(bench.folder.path(), &server, "o1-mini");
    let run = bench.ask_agent(json!({"prompt": "Look", "tools": ["list_files"]})).await;
    let shown = bench.until(&run, ended).await;
    let meta = &shown["output"]["meta"];
    assert_eq!(shown["output"]["response"], "Nothing there.", "{shown:#}");
    assert_eq!((&meta["model"], &meta["tool_results"]), (&json!("o1-mini"), &json!(1)), "a new default counts");
    let bodies = server.bodies();
    assert!(bodies[0].get("tools").is_none() && bodies[0].to_string().contains("list_files"));
}

/// One call that asks, one that would not.
fn writes_a_file() -> Say {
    Say::Tools(vec![("write_file", json!({"file_path": "a.txt", "content": "hello\n"})), ("list_files", json!({}))])
}

#[tokio::test]
async fn an_approved_batch_runs_in_the_workspace() {
    let (bench, server) = gateway(vec![writes_a_file(), Say::Text("Written.")], &[]).await;
    let run = bench.ask_agent(json!({"prompt": "Write", "tools": ["write_file", "list_files"]})).await;
    let agent = bench.agent_of(&run).await;
    let wait = bench.until(&agent, waits_for_a_person).await["waiting"].clone();
    let workspace = bench.workspaces().remove(0);
    let key = wait["wait_key"].as_str().unwrap().strip_prefix("tool_approval:").unwrap();
    assert!(key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit()), "{key}");
    let details = &wait["details"];
    let kind = (&details["mode"], &details["executor"]["kind"]);
    assert_eq!(kind, (&json!("approval_required"), &json!("tool_approval")));
    let calls = details["tool_calls"].as_array().unwrap();
    assert_eq!(calls[0]["arguments"]["file_path"], json!(workspace.join("a.txt")), "a person sees what will be done");
    let ids = (&calls[0]["call_id"], calls[0]["runtime_call_id"].as_str().unwrap());
    assert!(ids.1.starts_with("rtcall_") && ids.1.ends_with("_1"), "{ids:?}");
    assert!(!workspace.join("a.txt").exists());
    bench.answer_wait(&agent, &wait, json!({"approved": true})).await;
    let shown = bench.until(&run, ended).await;
    assert_eq!(shown["output"]["response"], "Written.", "{shown:#}");
    assert_eq!(std::fs::read_to_string(workspace.join("a.txt")).unwrap(), "hello\n");
    let meta = &shown["output"]["meta"];
    assert_eq!((&meta["tool_calls"], &meta["tool_results"]), (&json!(2), &json!(2)));
    let lines = bench.lines(&agent).await;
    let turn = ["act started tool_calls", "act waiting tool_calls", "act completed tool_calls", "act completed resume"];
    assert_eq!(lines[2..6], turn);
    let told: Vec<Value> = server.bodies()[1]["messages"].as_array().unwrap().clone();
    let results = told.iter().filter(|m| m["role"] == "tool").count();
    assert_eq!(results, 2, "{told:#?}");
}

#[tokio::test]
async fn a_denied_batch_is_told_to_the_model() {
    let (bench, server) = gateway(vec![writes_a_file(), Say::Text("Then not.")], &[]).await;
    let run = bench.ask_agent(json!({"prompt": "Write", "tools": ["write_file", "list_files"]})).await;
    let agent = bench.agent_of(&run).await;
    let wait = bench.until(&agent, waits_for_a_person).await["waiting"].clone();
    bench.answer_wait(&agent, &wait, json!({"approved": false, "reason": "not on a Friday"})).await;
    let shown = bench.until(&run, ended).await;
    assert_eq!(shown["output"]["response"], "Then not.");
    assert!(!bench.workspaces()[0].join("a.txt").exists());
    assert!(server.bodies()[1]["messages"].to_string().contains("not on a Friday"));
}

#[tokio::test]
async fn what_may_not_be_called_is_not_called() {
    let calls = vec![
        ("execute_command", json!({"command": "true"})),
        ("read_file", json!({"file_path": "/etc/passwd"})),
        ("list_files", json!({})),
    ];
    let (bench, server) = gateway(vec![Say::Tools(calls), Say::Text("Done.")], &[]).await;
    let input = json!({"prompt": "Look", "tools": ["list_files", "read_file"], "workspace_root": "/etc"});
    let run = bench.ask_agent(input).await;
    let shown = bench.until(&run, ended).await;
    assert_eq!(shown["output"]["response"], "Done.", "what only reads asks nobody: {shown:#}");
    let told = server.bodies()[1]["messages"].to_string();
    for text in ["Tool 'execute_command' is not allowed for this node", "Path escapes workspace_root: '/etc/passwd'"] {
        assert!(told.contains(text), "{text}: {told}");
    }
}

#[tokio::test]
async fn a_cancel_hangs_up_on_the_model() {
    let (bench, server) = gateway(vec![Say::Silence], &[]).await;
    let run = bench.ask_agent(json!({"prompt": "Think for ever"})).await;
    let agent = bench.agent_of(&run).await;
    server.waiting.notified().await;
    let command = json!({"command_id": "c", "run_id": run, "type": "cancel", "payload": {"reason": "enough"}});
    bench.json("commands.send", command).await.unwrap();
    server.hung_up.notified().await;
    for id in [&run, &agent] {
        let shown = bench.until(id, ended).await;
        assert_eq!((&shown["status"], &shown["error"]), (&json!("cancelled"), &json!("enough")));
    }
}

#[tokio::test]
async fn an_approval_outlives_the_process() {
    let (bench, server) = gateway(vec![writes_a_file(), Say::Text("Written.")], &[]).await;
    let run = bench.ask_agent(json!({"prompt": "Write", "tools": ["write_file", "list_files"]})).await;
    let agent = bench.agent_of(&run).await;
    let before = bench.until(&agent, waits_for_a_person).await["waiting"].clone();
    bench.services.close().await;
    let Bench { services, folder } = bench;
    drop(services);
    let bench = Bench::open_in(folder, &[]).await;
    let wait = bench.until(&agent, waits_for_a_person).await["waiting"].clone();
    assert_eq!(wait, before);
    bench.answer_wait(&agent, &wait, json!({"approved": true})).await;
    assert_eq!(bench.until(&run, ended).await["output"]["response"], "Written.");
    assert!(bench.workspaces()[0].join("a.txt").exists());
    assert_eq!(server.bodies().len(), 2, "the model is not asked again what it had said");
}

/// The files of a data directory as a crash at this moment would leave them.
fn crash_image(data_dir: &Path) -> tempfile::TempDir {
    let image = tempfile::tempdir().unwrap();
    for part in ["gateway.sqlite3", "gateway.sqlite3-wal", "config/abstractcore.json"] {
        let to = image.path().join(part);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(data_dir.join(part), to).unwrap();
    }
    image
}

fn fifo(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

/// What comes through a pipe.
async fn through(pipe: &Path) -> String {
    let pipe = pipe.to_owned();
    let read = tokio::task::spawn_blocking(move || std::fs::read_to_string(pipe).unwrap());
    tokio::time::timeout(std::time::Duration::from_secs(20), read).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_tool_whose_end_nobody_saw_asks_a_person() {
    let pipes = tempfile::tempdir().unwrap();
    let (up, down) = (fifo(pipes.path(), "up"), fifo(pipes.path(), "down"));
    let command = format!("echo up > '{}'; cat '{}'", up.display(), down.display());
    let writes = ("write_file", json!({"file_path": "a.txt", "content": "once"}));
    let script = vec![Say::Tools(vec![writes, ("execute_command", json!({"command": command}))]), Say::Text("Well.")];
    let local = [("ABSTRACTGATEWAY_TOOL_MODE", "local")];
    let (bench, server) = gateway(script, &local).await;
    let run = bench.ask_agent(json!({"prompt": "Run", "tools": ["execute_command", "write_file"]})).await;
    let agent = bench.agent_of(&run).await;
    assert_eq!(through(&up).await, "up\n");
    let written = bench.workspaces()[0].join("a.txt");
    std::fs::remove_file(&written).unwrap();
    let images = ["retry", "skip", "fail"].map(|choice| (choice, crash_image(bench.folder.path())));
    let cancel = json!({"command_id": "c", "run_id": run, "type": "cancel"});
    bench.json("commands.send", cancel).await.unwrap();
    bench.until(&agent, ended).await;
    bench.services.close().await;
    for (choice, image) in images {
        let bench = Bench::open_in(image, &local).await;
        let wait = bench.until(&agent, waits_for_a_person).await["waiting"].clone();
        assert_eq!(wait["details"]["mode"], "interrupted");
        assert_eq!(wait["choices"], json!(["retry", "skip", "fail"]));
        assert_eq!(wait["details"]["finished"], json!([0]), "what was done is known");
        bench.answer_wait(&agent, &wait, json!({"choice": choice})).await;
        if choice == "retry" {
            assert_eq!(through(&up).await, "up\n", "it runs again, because a person said so");
            let down = down.clone();
            tokio::task::spawn_blocking(move || std::fs::write(down, "down\n").unwrap()).await.unwrap();
        }
        let shown = bench.until(&run, ended).await;
        let success = shown["output"]["success"] == true;
        assert_eq!(success, choice != "fail", "{choice}: {shown:#}");
        let told = server.bodies().last().unwrap()["messages"].to_string();
        let expected = match choice {
            "retry" => "down",
            _ => "unknown",
        };
        assert!(choice == "fail" || told.contains(expected), "{choice}: {told}");
        assert!(!written.exists(), "{choice}: what was done is not done again");
        bench.services.close().await;
    }
}

#[tokio::test]
async fn a_worker_outside_may_do_the_tools() {
    let env = [("ABSTRACTGATEWAY_TOOL_MODE", "delegated")];
    let (bench, server) = gateway(vec![writes_a_file(), Say::Text("Seen.")], &env).await;
    let run = bench.ask_agent(json!({"prompt": "Write", "tools": ["write_file"]})).await;
    let agent = bench.agent_of(&run).await;
    let wait = bench.until(&agent, |s| s["waiting"]["reason"] == "job").await["waiting"].clone();
    assert_eq!(wait["wait_key"], json!(format!("tool_calls:{agent}:act")));
    let details = &wait["details"];
    assert_eq!((&details["mode"], &details["original_call_count"]), (&json!("delegated"), &json!(2)));
    assert_eq!(details["tool_calls"].as_array().unwrap().len(), 1, "the call that is not allowed is not shown");
    let refused = json!({"wait_key": wait["wait_key"], "payload": {"approved": true}});
    let command = json!({"command_id": "", "run_id": agent, "type": "resume", "payload": refused});
    assert_eq!(bench.answer("commands.send", command).await.unwrap_err().code, Code::NotAnApproval);
    let results = json!([{"call_id": "c1", "name": "write_file", "success": true, "output": "by hand"}]);
    bench.answer_wait(&agent, &wait, json!({"mode": "executed", "results": results})).await;
    assert_eq!(bench.until(&run, ended).await["output"]["response"], "Seen.");
    let told = server.bodies()[1]["messages"].to_string();
    for text in ["by hand", "Tool 'list_files' is not allowed for this node"] {
        assert!(told.contains(text), "{text}: {told}");
    }
}

#[tokio::test]
async fn an_agent_asks_and_delegates() {
    let asks = Say::Tools(vec![("ask_user", json!({"question": "Which one?", "choices": ["a", "b"]}))]);
    let delegates = Say::Tools(vec![("delegate_agent", json!({"task": "Read it"}))]);
    let script = vec![asks, delegates, Say::Text("The helper's report."), Say::Text("All done.")];
    let (bench, server) = gateway(script, &[]).await;
    let tools = json!(["ask_user", "delegate_agent", "read_file"]);
    let run = bench.ask_agent(json!({"prompt": "Decide", "tools": tools})).await;
    let agent = bench.agent_of(&run).await;
    let wait = bench.until(&agent, waits_for_a_person).await["waiting"].clone();
    assert_eq!((&wait["prompt"], &wait["choices"]), (&json!("Which one?"), &json!(["a", "b"])));
    bench.answer_wait(&agent, &wait, json!({"response": "the second"})).await;
    let shown = bench.until(&run, ended).await;
    assert_eq!(shown["output"]["response"], "All done.", "{shown:#}");
    let bodies = server.bodies();
    assert!(bodies[1]["messages"].to_string().contains("the second"));
    assert!(bodies[3]["messages"].to_string().contains("The helper's report."));
    assert_eq!(bodies[2]["model"], "gpt-4o", "a helper works on its caller's model");
}

#[tokio::test]
async fn a_failing_model_is_told_by_the_node() {
    // Another model than the default's is asked for where the environment says; nobody listens there.
    let (bench, _) = gateway(vec![Say::Text("never read")], &[("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")]).await;
    let input = json!({"prompt": "Hi", "provider": "openai-compatible", "model": "m", "tools": []});
    let run = bench.ask_agent(input).await;
    let shown = bench.until(&run, ended).await;
    let output = &shown["output"];
    assert_eq!((&shown["status"], &output["success"]), (&json!("completed"), &json!(false)), "{shown:#}");
    assert!(output["meta"]["error"].as_str().is_some_and(|e| !e.is_empty()), "{shown:#}");
}

#[tokio::test]
async fn a_flow_calls_tools_without_an_agent() {
    let bench = Bench::open().await;
    let nodes = json!([
        {"id": "s", "type": "on_flow_start", "data": {"outputs": pins(&["calls"], "exec-out")}},
        {"id": "t", "type": "tool_calls", "data": {"inputs": pins(&["tool_calls"], "exec-in"), "outputs": pins(&["results", "success"], "exec-out")}},
        {"id": "e", "type": "on_flow_end", "data": {"inputs": pins(&["results", "success"], "exec-in")}},
    ]);
    let edge = |s: &str, sh: &str, t: &str, th: &str| json!({"source": s, "sourceHandle": sh, "target": t, "targetHandle": th});
    let edges = json!([
        edge("s", "exec-out", "t", "exec-in"),
        edge("t", "exec-out", "e", "exec-in"),
        edge("s", "calls", "t", "tool_calls"),
        edge("t", "results", "e", "results"),
        edge("t", "success", "e", "success"),
    ]);
    bench.upload(&bundle(nodes, edges)).await.unwrap();
    let calls = json!([{"name": "list_files"}, {"name": "nonsense", "call_id": "n"}]);
    let start = json!({"bundle_id": "b", "input_data": {"calls": calls}});
    let run = bench.json("runs.start", start).await.unwrap()["run_id"].as_str().unwrap().to_owned();
    let wait = bench.until(&run, waits_for_a_person).await;
    assert_eq!(wait["flow_warnings"], json!(["#WARN: TOOL_CALLS missing call_id at node 't' (count=1)"]));
    bench.answer_wait(&run, &wait["waiting"], json!({"approved": true})).await;
    let output = bench.until(&run, ended).await["output"].clone();
    assert_eq!(output["success"], false);
    let results = output["results"].as_array().unwrap();
    assert_eq!((&results[0]["success"], &results[1]["error"]), (&json!(true), &json!("Tool 'nonsense' not found")));
    let page = bench.json("ledger.read", json!({"run_id": run})).await.unwrap();
    let key = page["items"][0]["idempotency_key"].as_str().unwrap();
    let shown = &page["items"][0]["effect"]["payload"]["tool_calls"];
    assert_eq!(shown[0]["call_id"], json!(format!("rtcall_{key}_1")), "the ledger names what the model did not");
    assert_eq!(page["items"][2]["idempotency_key"], key, "the decision closes the same step");
}
