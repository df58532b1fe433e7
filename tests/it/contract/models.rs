//! Model calls of runs, against a scripted model server (contract 02, 14.6; contract 05).

use serde_json::{Value, json};
use tests::{Gateway, Models, Reply};

use crate::home;

fn serve(models: &Models) -> Gateway {
    home().env("OPENAI_BASE_URL", &models.base_url()).env("OPENAI_API_KEY", "none").serve()
}

fn outcomes(gateway: &Gateway, run: &str) -> Vec<(Value, Value)> {
    gateway.ledger(run).iter().map(|record| (record["effect"]["type"].clone(), record["status"].clone())).collect()
}

#[test]
fn an_answer_is_what_the_model_said() {
    let models = Models::start(&[Reply::Text("hello yourself".into())]);
    let gateway = serve(&models);
    let run = gateway.start("model", &json!({"prompt": "hello"}));
    gateway.until(&run, "completed");
    let ledger = gateway.ledger(&run);
    let call = |status: &str| json!({"node_id": "m", "status": status, "effect": {"type": "llm_call", "payload": {"provider": "openai-compatible", "model": "m"}}});
    let expected = json!([
        call("started"),
        call("completed"),
        {"node_id": "e", "result": {"completed": true, "output": {"answer": "hello yourself", "success": true}}},
        {"idempotency_key": "system:terminal_status:completed"},
    ]);
    tests::includes(&Value::Array(ledger.clone()), &expected).unwrap_or_else(|difference| panic!("{difference}"));
    assert_eq!(ledger[1]["result"]["usage"]["total_tokens"], 15);
    let prompt = ledger[0]["effect"]["payload"]["prompt"].as_str().unwrap();
    assert!(prompt.starts_with("<runtime_metadata>{") && prompt.ends_with("}</runtime_metadata>\nhello"), "{prompt}");
    let asked = &models.requests()[0];
    assert_eq!(asked["model"], "m");
    let last = asked["messages"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["role"], &last["content"]), (&json!("user"), &json!(prompt)));
    assert!(!gateway.stop().log.contains("hello"), "what people ask is in no log");
}

#[test]
fn a_model_that_refuses_fails_the_run() {
    let models = Models::start(&[Reply::Error(400, "no such model".into())]);
    let gateway = serve(&models);
    let run = gateway.start("model", &json!({"prompt": "hello"}));
    let failed = gateway.until(&run, "failed");
    let ledger = gateway.ledger(&run);
    assert_eq!(
        outcomes(&gateway, &run),
        [
            (json!("llm_call"), json!("started")),
            (json!("llm_call"), json!("failed")),
            (json!("emit_event"), json!("completed")),
        ]
    );
    let bare = ledger[1]["error"].as_str().unwrap();
    assert!(bare.contains("no such model"), "{bare}");
    assert_eq!(failed["error"], format!("Effect failed after 1 attempts: {bare}"));
    assert_eq!(ledger[2]["idempotency_key"], "system:terminal_status:failed");
}

#[test]
fn a_cancel_does_not_wait_for_the_model() {
    let models = Models::start(&[Reply::Held("too late".into())]);
    let gateway = serve(&models);
    let run = gateway.start("model", &json!({"prompt": "hello"}));
    models.until_asked(1);
    assert_eq!(gateway.command("c", &run, "cancel", &json!({"reason": "enough"})).status, 200);
    assert_eq!(gateway.run(&run)["status"], "cancelled");
    let before = gateway.ledger(&run);
    models.let_go();
    // Another run has gone through the same model server since: what was held is over.
    let other = gateway.start("echo", &json!({"text": "x"}));
    gateway.until(&other, "completed");
    assert_eq!((gateway.ledger(&run), &gateway.run(&run)["error"]), (before, &json!("enough")));
}

#[test]
fn slow_models_hold_up_nobody() {
    let models = Models::start(&vec![Reply::Held("at last".into()); 40]);
    let gateway = serve(&models);
    let slow: Vec<String> = (0..40).map(|_| gateway.start("model", &json!({"prompt": "x"}))).collect();
    models.until_asked(40);
    let quick = gateway.start("echo", &json!({"text": "x"}));
    gateway.until(&quick, "completed");
    assert!(slow.iter().all(|run| gateway.run(run)["status"] == "running"));
    models.let_go();
    for run in &slow {
        gateway.until(run, "completed");
    }
}

#[test]
fn a_stop_leaves_a_call_to_the_next_start() {
    let models = Models::start(&[Reply::Held("lost".into()), Reply::Text("found".into())]);
    let home = home().env("OPENAI_BASE_URL", &models.base_url()).env("OPENAI_API_KEY", "none");
    let gateway = home.serve();
    let run = gateway.start("model", &json!({"prompt": "hello"}));
    models.until_asked(1);
    assert_eq!(gateway.stop().code, Some(0));
    let gateway = home.serve();
    gateway.until(&run, "completed");
    let completed =
        outcomes(&gateway, &run).iter().filter(|(kind, status)| kind == "llm_call" && status == "completed").count();
    assert_eq!((completed, models.requests().len()), (1, 2));
    models.let_go();
}
