//! Models that are asked about a run.

use super::agents::gateway;
use super::model_server::Say;
use super::*;

#[tokio::test]
async fn what_a_model_says_of_a_run_becomes_a_record() {
    let (bench, server) = gateway(vec![Say::Text("all well"), Say::Text("because"), Say::Text("kept")], &[]).await;
    bench.start("r").await;
    let before = bench.json("runs.show", json!({"run_id": "r"})).await.unwrap();
    let summary = bench.json("runs.summary", json!({"run_id": "r"})).await.unwrap();
    assert_eq!(
        (&summary["ok"], &summary["summary"], &summary["model"]),
        (&json!(true), &json!("all well"), &json!("gpt-4o"))
    );
    let messages = json!([{"role": "user", "content": "why?"}]);
    let ask = |persist: bool| json!({"run_id": "r", "messages": messages, "persist": persist});
    assert_eq!(bench.json("runs.chat", ask(false)).await.unwrap()["answer"], "because");
    assert_eq!(bench.json("runs.chat", ask(true)).await.unwrap()["answer"], "kept");
    let page = bench.json("ledger.read", json!({"run_id": "r", "after": 2})).await.unwrap();
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    let (first, second) = (&page["items"][0], &page["items"][1]);
    assert_eq!(
        (&first["node_id"], &first["effect"]["payload"]["name"]),
        (&json!("observer"), &json!("abstract.summary"))
    );
    let said = &first["effect"]["payload"]["payload"];
    assert_eq!((&said["text"], &said["source"]["ledger_len_by_run"]), (&json!("all well"), &json!({"r": 2})));
    assert_eq!(first["idempotency_key"], format!("observer:summary:{}", summary["generated_at"].as_str().unwrap()));
    assert_eq!(second["effect"]["payload"]["payload"]["question"], "why?");
    assert_eq!(second["result"]["name"], "abstract.chat");
    assert_eq!(server.bodies()[1]["messages"].as_array().unwrap().last().unwrap()["content"], "why?");
    assert_eq!(bench.json("runs.show", json!({"run_id": "r"})).await.unwrap(), before);
    let answer = json!({"command_id": "c", "run_id": "r", "type": "resume", "payload": {"payload": {"response": 7}}});
    bench.json("commands.send", answer).await.unwrap();
    assert_eq!(bench.json("runs.show", json!({"run_id": "r"})).await.unwrap()["status"], "completed");
}

#[tokio::test]
async fn a_conversation_is_kept_once() {
    let bench = Bench::open().await;
    bench.start("r").await;
    let keep = |content: &str| {
        let messages = json!([{"role": "user", "content": content}, {"role": "assistant", "content": "so"}]);
        json!({"run_id": "r", "provider": "p", "model": "m", "messages": messages})
    };
    let first = bench.json("runs.chat_threads", keep("why\nnow?")).await.unwrap();
    assert_eq!(
        (&first["duplicate"], &first["title"], &first["message_count"]),
        (&json!(false), &json!("why now?"), &json!(2))
    );
    let again = bench.json("runs.chat_threads", keep("why\nnow?")).await.unwrap();
    assert_eq!(again["duplicate"], true);
    for key in ["thread_id", "created_at", "chat_artifact"] {
        assert_eq!(again[key], first[key], "{key}");
    }
    let other = bench.json("runs.chat_threads", keep("how?")).await.unwrap();
    assert_ne!(other["thread_id"], first["thread_id"]);
    let page = bench.json("ledger.read", json!({"run_id": "r", "after": 2})).await.unwrap();
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(page["items"][0]["effect"]["payload"]["payload"]["chat_artifact"], first["chat_artifact"]);
    let plane = bench.services.plane(&Principal::local_admin(String::new())).await.unwrap();
    let id = first["chat_artifact"]["$artifact"].as_str().unwrap();
    assert_eq!(plane.artifacts.meta(id).unwrap().unwrap().tags["include_subruns"], "true");
    for (input, code) in [
        (json!({"run_id": "zzz", "provider": "p", "model": "m"}), Code::RunNotFound),
        (json!({"run_id": "r", "provider": "p", "model": "m"}), Code::BadRequest),
        (json!({"run_id": "r", "provider": "p"}), Code::ModelNotConfigured),
        (keep(&"x".repeat(750_001)), Code::TooLarge),
    ] {
        assert_eq!(bench.answer("runs.chat_threads", input).await.unwrap_err().code, code);
    }
}

#[tokio::test]
async fn a_model_that_fails_is_a_refusal() {
    let bench = Bench::open().await;
    bench.start("r").await;
    for (name, provider, code, text) in [
        ("runs.summary", None, Code::ModelNotConfigured, "No provider/model is configured for run summary."),
        ("runs.chat", None, Code::ModelNotConfigured, "No provider/model is configured for run chat."),
        ("runs.summary", Some("no-such"), Code::AskFailed, "Failed to generate summary: "),
        ("runs.chat", Some("no-such"), Code::AskFailed, "Failed to generate chat answer: "),
    ] {
        let input = json!({"run_id": "r", "provider": provider, "model": provider});
        let error = bench.answer(name, input).await.unwrap_err();
        assert_eq!((error.code, error.code.status(), error.detail.starts_with(text)), (code, 400, true), "{error}");
    }
    let page = bench.json("ledger.read", json!({"run_id": "r"})).await.unwrap();
    assert_eq!(page["next_after"], 2);
}
