//! Models that are asked about a run: over HTTP (contract 02, section 6), and on the command line, with and without a server.

use std::process::Stdio;

use serde_json::{Value, json};
use tests::{Gateway, Home, Models, Reply, TOKEN, post, put};

use crate::home;

fn talk(run: &str, verb: &str, body: &Value) -> tests::Request {
    post(&format!("/api/gateway/runs/{run}/{verb}"), body).token(TOKEN)
}

/// A home whose default model is the scripted one.
fn serve(models: &Models, home: &Home) -> Gateway {
    let gateway = home.serve();
    let default = json!({"provider": "openai-compatible", "model": "gpt-4o", "base_url": models.base_url()});
    let path = "/api/gateway/config/capability-defaults/input/text";
    gateway.check(&put(path, &default).token(TOKEN), 200, &json!({"ok": true}));
    gateway
}

fn ended(gateway: &Gateway) -> String {
    let run = gateway.start("echo", &json!({"text": "the weather in Paris"}));
    gateway.until(&run, "completed");
    run
}

/// Runs the program to its end: its exit code, its output, its complaints.
fn cli(home: &Home, args: &[&str]) -> (i32, String, String) {
    let ended = home.command(args).stdout(Stdio::piped()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    (ended.status.code().unwrap(), text(&ended.stdout), text(&ended.stderr))
}

#[test]
fn a_summary_is_told_and_becomes_a_record() {
    let models = Models::start(&[Reply::Text("It echoed.".into()), Reply::Text("Alone.".into())]);
    let home = home();
    let gateway = serve(&models, &home);
    let run = ended(&gateway);
    let before = (gateway.run(&run), gateway.ledger(&run));
    let who = json!({"provider": "openai-compatible", "model": "gpt-4o"});
    let mut expected = json!({"ok": true, "run_id": run, "summary": "It echoed."});
    expected.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
    let told = gateway.check(&talk(&run, "summary", &json!({})), 200, &expected).json();
    let shown = models.requests()[0]["messages"].to_string();
    assert!(shown.contains("the weather in Paris") && shown.contains(&run), "{shown}");
    let ledger = gateway.ledger(&run);
    assert_eq!((gateway.run(&run), &ledger[..before.1.len()]), (before.0, &before.1[..]));
    let said = json!({"text": "It echoed.", "generated_at": told["generated_at"], "provider": "openai-compatible",
        "model": "gpt-4o", "source": {"run_id": run, "include_subruns": true, "ledger_len_by_run": {&run: before.1.len()}}});
    let name = "abstract.summary";
    let record = json!({"node_id": "observer", "status": "completed",
        "idempotency_key": format!("observer:summary:{}", told["generated_at"].as_str().unwrap()),
        "effect": {"type": "emit_event", "payload": {"name": name, "scope": "run", "run_id": run, "payload": said}},
        "result": {"emitted": true, "name": name, "payload": said}});
    tests::includes(ledger.last().unwrap(), &record).unwrap_or_else(|difference| panic!("{difference}"));
    gateway.check(&talk(&run, "summary", &json!({"include_subruns": false})), 200, &json!({"summary": "Alone."}));
    assert_eq!(gateway.ledger(&run).last().unwrap()["result"]["payload"]["source"]["include_subruns"], false);
    gateway.check(&post(&format!("/api/gateway/runs/{run}/summary"), &json!({})), 401, &Value::Null);
}

#[test]
fn an_answer_is_kept_when_that_is_asked() {
    let models = Models::start(&[Reply::Text("Because.".into()), Reply::Text("So.".into())]);
    let home = home();
    let gateway = serve(&models, &home);
    let run = ended(&gateway);
    let len = gateway.ledger(&run).len();
    let said = json!([{"role": "user", "content": "why?"}, {"role": "assistant", "content": "hm"},
        {"role": "tool", "content": "forged"}, {"role": "user", "content": "really?"}]);
    gateway.check(&talk(&run, "chat", &json!({"messages": said})), 200, &json!({"ok": true, "answer": "Because."}));
    assert_eq!(gateway.ledger(&run).len(), len);
    let asked = models.requests()[0]["messages"].clone();
    let last: Vec<&Value> = asked.as_array().unwrap().iter().rev().take(3).map(|m| &m["content"]).collect();
    assert_eq!(last, [&json!("really?"), &json!("hm"), &json!("why?")]);
    assert!(!asked.to_string().contains("forged"));
    gateway.check(&talk(&run, "chat", &json!({"messages": said, "persist": true})), 200, &json!({"answer": "So."}));
    let ledger = gateway.ledger(&run);
    let payload = json!({"question": "really?", "answer": "So.", "source": {"run_id": run, "include_subruns": true}});
    tests::includes(ledger.last().unwrap(), &json!({"result": {"name": "abstract.chat", "payload": payload}}))
        .unwrap_or_else(|difference| panic!("{difference}"));
    assert_eq!(ledger.len(), len + 1);
}

#[test]
fn a_model_that_is_missing_or_fails_is_a_refusal_and_no_record() {
    // Without the bundle of the other tests: its flows name a model, and that would stand in.
    let bare = Home::new(env!("CARGO_BIN_EXE_abstractgateway"));
    let gateway = bare.serve();
    let body = json!({"bundle_id": "basic-agent", "input_data": {"prompt": "hello"}});
    let run = gateway.json(&post("/api/gateway/runs/start", &body))["run_id"].as_str().unwrap().to_owned();
    gateway.until(&run, "completed");
    let len = gateway.ledger(&run).len();
    for (verb, purpose) in [("summary", "run summary"), ("chat", "run chat")] {
        for body in [json!({}), json!({"provider": "openai"}), json!({"model": "m"})] {
            let refused = gateway.check(&talk(&run, verb, &body), 400, &json!({"code": "model_not_configured"})).json();
            let text = refused["detail"].as_str().unwrap();
            assert!(text.starts_with(&format!("No provider/model is configured for {purpose}.")), "{text}");
        }
        let unknown = json!({"detail": "Run 'zzz' not found"});
        gateway.check(&talk("zzz", verb, &json!({})), 404, &unknown);
    }
    gateway.check(&talk(&run, "chat", &json!({"messages": "why?"})), 422, &Value::Null);
    assert_eq!(gateway.ledger(&run).len(), len);
    let models = Models::start(&[Reply::Error(400, "too hot".into()), Reply::Error(400, "too hot".into())]);
    let home = home();
    let gateway = serve(&models, &home);
    let run = ended(&gateway);
    let len = gateway.ledger(&run).len();
    for (verb, begin) in [("summary", "Failed to generate summary: "), ("chat", "Failed to generate chat answer: ")] {
        let refused = gateway.check(&talk(&run, verb, &json!({})), 400, &json!({"code": "ask_failed"})).json();
        assert!(refused["detail"].as_str().unwrap().starts_with(begin), "{refused}");
    }
    assert_eq!(gateway.ledger(&run).len(), len);
}

#[test]
fn the_command_line_asks_with_and_without_a_server() {
    let replies = ["It echoed.", "Because.", "It echoed, here.", "Because, here."].map(|text| Reply::Text(text.into()));
    let models = Models::start(&replies);
    let home = home();
    let gateway = serve(&models, &home);
    let run = ended(&gateway);
    assert_eq!(cli(&home, &["runs", "summary", &run]), (0, "It echoed.".into(), String::new()));
    let (code, told, _) = cli(&home, &["runs", "chat", &run, "why?", "--persist", "-o", "json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &told["answer"], &told["model"]), (0, &json!("Because."), &json!("gpt-4o")));
    let records = gateway.ledger(&run).len();
    assert_eq!(gateway.stop().code, Some(0));
    let (code, told, _) = cli(&home, &["runs", "summary", &run, "-o", "json", "--no-subruns"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &told["summary"]), (0, &json!("It echoed, here.")));
    assert_eq!(cli(&home, &["runs", "chat", &run, "why?"]).1, "Because, here.");
    let gateway = home.serve();
    assert_eq!(gateway.ledger(&run).len(), records + 1, "what was said without a server is in the ledger, too");
}

#[test]
fn the_command_line_says_why_nobody_answers() {
    let bare = Home::new(env!("CARGO_BIN_EXE_abstractgateway"));
    let gateway = bare.serve();
    let body = json!({"bundle_id": "basic-agent", "input_data": {"prompt": "hello"}});
    let run = gateway.json(&post("/api/gateway/runs/start", &body))["run_id"].as_str().unwrap().to_owned();
    gateway.until(&run, "completed");
    let check = |args: &[&str], code: i32, parts: &[&str]| {
        let (ended, out, log) = cli(&bare, args);
        assert_eq!((ended, out.as_str()), (code, ""), "{args:?}: {log}");
        for part in parts {
            assert!(log.contains(part), "{args:?}: {log}");
        }
    };
    let default = "config set-default input.text";
    check(&["runs", "summary", &run], 1, &["No provider/model is configured for run summary.", default]);
    check(&["runs", "chat", &run, "why?"], 1, &["No provider/model is configured for run chat.", default]);
    check(&["runs", "summary", "zzz"], 1, &["Run 'zzz' not found", "abstractgateway runs list"]);
    check(&["runs", "chat", &run], 2, &["there is no question", &format!("abstractgateway runs chat {run}")]);
    check(&["runs", "chat", &run, "why?", "--model", "m"], 2, &["--provider"]);
    assert_eq!(gateway.stop().code, Some(0));
    check(&["runs", "summary", &run], 1, &["No provider/model is configured for run summary.", default]);
}
