//! Why a run stands where it does, as `GET /runs/{run_id}` says it.

use serde_json::{Value, json};
use tests::{Bundle, Gateway, Home, Models, Reply, get};

use crate::{flows, home, retries};

fn explain(gateway: &Gateway, run: &str) -> Value {
    gateway.run(run)["explain"].clone()
}

/// Waits until the run stands so.
#[track_caller]
fn until(gateway: &Gateway, run: &str, code: &str) -> Value {
    tests::eventually(&format!("{code}: {}", explain(gateway, run)), || {
        Some(explain(gateway, run)).filter(|explain| explain["code"] == code)
    })
}

#[test]
fn waits_say_for_what() {
    let gateway = home().serve();
    let ask = gateway.start("ask", &json!({}));
    let asked = until(&gateway, &ask, "waiting_for_person");
    assert_eq!((&asked["message"], &asked["node"]), (&json!("a person is asked: who are you ?"), &json!("q")));
    assert_eq!(asked["wait_key"], gateway.run(&ask)["waiting"]["wait_key"]);
    let listen = gateway.start("listen", &json!({"key": "news"}));
    assert_eq!(until(&gateway, &listen, "waiting_for_event")["message"], "the run waits for the event news");
    let timer = gateway.start("timer", &json!({"seconds": 3600}));
    let waits = until(&gateway, &timer, "waiting_for_time");
    assert_eq!(waits["wakes_at"], gateway.run(&timer)["waiting"]["until"]);
    let parent = gateway.start("parent", &json!({}));
    let child = until(&gateway, &parent, "waiting_for_child")["child_run_id"].as_str().unwrap().to_owned();
    until(&gateway, &child, "waiting_for_person");
    assert_eq!(gateway.command("p", &timer, "pause", &json!({"reason": "tea"})).status, 200);
    let paused = explain(&gateway, &timer);
    assert_eq!((&paused["code"], &paused["message"]), (&json!("paused"), &json!("the run is paused: tea")));
    assert_eq!(paused["since"], gateway.run(&timer)["paused_at"]);
}

#[test]
fn only_a_run_that_is_shown_alone_is_explained_and_only_until_it_ends() {
    let gateway = home().serve();
    let run = gateway.start("ask", &json!({}));
    until(&gateway, &run, "waiting_for_person");
    let rows = gateway.json(&get("/api/gateway/runs"));
    assert_eq!((&rows["items"][0]["run_id"], rows["items"][0].get("explain")), (&json!(run), None));
    gateway.answer(&run, "alice");
    assert_eq!(gateway.until(&run, "completed").get("explain"), None);
}

#[test]
fn a_model_at_work_and_a_backoff_are_told_apart_before_and_after_a_restart() {
    let models = Models::start(&[Reply::Held("late".into()), Reply::Error(500, "overloaded".into())]);
    let home = retries::home(&models);
    let gateway = home.serve();
    let calling = gateway.start("plain", &json!({"prompt": "hello"}));
    models.until_asked(1);
    let at_work = explain(&gateway, &calling);
    assert_eq!(
        (&at_work["code"], &at_work["effect"], &at_work["attempt"], &at_work["node"]),
        (&json!("calling_model"), &json!("llm_call"), &json!(1), &json!("m"))
    );
    assert_eq!(gateway.command("c", &calling, "cancel", &json!({})).status, 200);
    let run = gateway.start("slow", &json!({"prompt": "hello"}));
    let before = until(&gateway, &run, "retrying");
    assert_eq!(before["attempt"], 2);
    assert!(before["error"].as_str().unwrap().contains("overloaded") && before["wakes_at"].is_string(), "{before}");
    gateway.kill();
    assert_eq!(explain(&home.serve(), &run), before);
}

#[test]
fn a_run_without_its_workflow_says_which_is_missing_and_goes_on_when_it_is_there() {
    let models = Models::start(&[Reply::Held("lost".into()), Reply::Text("found".into())]);
    let home = retries::home(&models);
    let gateway = home.serve();
    let run = gateway.start("talk", &json!({"times": 100_000}));
    gateway.kill();
    let file = home.flows_dir().join("it@1.0.0.flow");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let gateway = home.serve();
    let missing = until(&gateway, &run, "workflow_missing");
    assert_eq!(missing["workflow_id"], "it@1.0.0:talk");
    std::fs::write(&file, bytes).unwrap();
    gateway.json(&tests::post("/api/gateway/bundles/reload", &json!({})));
    tests::eventually("it goes on", || (explain(&gateway, &run)["code"] != "workflow_missing").then_some(()));
    assert_eq!(gateway.command("c", &run, "cancel", &json!({})).status, 200);
    models.let_go();
}

#[test]
fn nobody_drives_runs() {
    let home: Home = Home::new(env!("CARGO_BIN_EXE_abstractgateway")).install(&Bundle::new(
        "it",
        "1.0.0",
        &[("echo", flows::echo())],
    ));
    let gateway = home.serve_with(&["serve", "--host", "127.0.0.1", "--port", "0", "--no-runner"]);
    let run = gateway.start("echo", &json!({"text": "hello"}));
    assert_eq!(explain(&gateway, &run)["code"], "no_runner");
}
