//! Against scripted servers: which requests leave, and what the answers come to.

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::env::{Connection, Env};
use crate::testing::{Say, Server, client};

/// What a payload comes to with `provider` at a scripted server; `path body` of every request.
async fn ask(provider: &str, script: Vec<Say>, payload: Value) -> (Result<Value, String>, Vec<String>) {
    let server = Server::start(script).await;
    let here = Connection::new(Some(&server.base_url), None);
    let nowhere = Connection::new(Some("http://127.0.0.1:1/v1"), None);
    let mut env = Env { ollama: nowhere.clone(), lmstudio: nowhere, ..Env::default() };
    match provider {
        "ollama" => env.ollama = here,
        "lmstudio" => env.lmstudio = here,
        _ => env.vllm = here,
    }
    let http = client(&Default::default());
    let cancel = CancellationToken::new();
    let ctx = CallContext {
        http: &http,
        env: &env,
        default: None,
        limits: None,
        media: &[],
        cancel,
        idempotency_key: None,
        retried: false,
    };
    let result = residency(&ctx, payload.as_object().unwrap()).await.map_err(|e| e.message);
    let seen = server.seen.lock().iter().map(|s| format!("{} {}", s.path, s.body)).collect();
    (result, seen)
}

fn ps(models: &[&str]) -> Say {
    let entries: Vec<_> = models.iter().map(|m| json!({"model": m, "expires_at": "2318-01-01T00:00:00Z"})).collect();
    Say::json(&json!({ "models": entries }))
}

/// LM Studio's newer list: models with the ids of what is loaded of them.
fn studio(models: &[(&str, &[&str])]) -> Say {
    let instances = |ids: &[&str]| ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>();
    let entries: Vec<_> =
        models.iter().map(|(key, ids)| json!({"key": key, "loaded_instances": instances(ids)})).collect();
    Say::json(&json!({ "models": entries }))
}

fn load(provider: &str) -> Value {
    json!({"operation": "warm", "task": "chat", "provider": provider, "model": "m"})
}

#[tokio::test]
async fn ollama_lists_loads_and_unloads() {
    let list = json!({"provider": "ollama"});
    let (listed, seen) = ask("ollama", vec![ps(&["m:latest", "n"])], list).await;
    let listed = listed.unwrap();
    assert_eq!(seen, ["/api/ps null"]);
    assert_eq!((&listed["ok"], &listed["operation"]), (&json!(true), &json!("list_loaded")));
    let first = &listed["models"][0];
    assert_eq!(first["runtime_id"], "local:text_generation:ollama:m:latest");
    assert_eq!((&first["loaded"], &first["pinned"]), (&json!(true), &json!(true)));
    let loaded = Say::json(&json!({"done": true, "done_reason": "load"}));
    let (result, seen) = ask("ollama", vec![ps(&[]), loaded, ps(&["m:latest"])], load("ollama")).await;
    let result = result.unwrap();
    assert_eq!(seen[1], r#"/api/generate {"model":"m","stream":false,"keep_alive":-1}"#);
    assert_eq!((&result["ok"], &result["loaded_new"]), (&json!(true), &json!(true)));
    assert_eq!(result["affected_models"][0]["action"], "loaded");
    let gone = Say::json(&json!({"done": true, "done_reason": "unload"}));
    let unload = json!({"operation": "evict", "runtime_id": "local:text_generation:ollama:m:latest"});
    let (result, seen) = ask("ollama", vec![ps(&["m:latest"]), gone, ps(&[])], unload).await;
    assert_eq!(result.unwrap()["unloaded"], true);
    assert_eq!(seen[1], r#"/api/generate {"model":"m:latest","stream":false,"keep_alive":0}"#);
}

#[tokio::test]
async fn a_load_counts_only_when_the_server_lists_the_model() {
    let done = Say::json(&json!({"done": true}));
    let (result, _) = ask("ollama", vec![ps(&[]), done.clone(), ps(&["other"])], load("ollama")).await;
    let result = result.unwrap();
    assert_eq!((&result["ok"], &result["degraded"]), (&json!(false), &json!(true)));
    assert_eq!(result["error"], "Ollama does not list 'm' after loading it");
    assert_eq!(result["warnings"][0], result["error"]);
    let mut required = load("ollama");
    required["required"] = true.into();
    let (result, _) = ask("ollama", vec![ps(&[]), done, ps(&["other"])], required).await;
    assert_eq!(result.unwrap_err(), "Ollama does not list 'm' after loading it");
}

#[tokio::test]
async fn unloading_what_is_not_loaded_is_done_unless_required() {
    let mut unload = json!({"operation": "unload", "provider": "ollama", "model": "m"});
    let (result, seen) = ask("ollama", vec![ps(&["n"])], unload.clone()).await;
    let result = result.unwrap();
    assert_eq!((&result["ok"], &result["unloaded"], seen.len()), (&json!(true), &json!(false), 1));
    unload["required"] = true.into();
    let (result, _) = ask("ollama", vec![ps(&["n"])], unload).await;
    assert_eq!(result.unwrap_err(), "'m' is not loaded by Ollama");
}

#[tokio::test]
async fn lm_studio_names_instances() {
    let done = Say::json(&json!({"status": "loaded", "instance_id": "m"}));
    let (result, seen) =
        ask("lmstudio", vec![studio(&[("m", &[])]), done.clone(), studio(&[("m", &["m"])])], load("lmstudio")).await;
    let result = result.unwrap();
    assert_eq!(seen[1], r#"/api/v1/models/load {"model":"m"}"#);
    assert_eq!(result["runtime"]["provider_instance_ids"], json!(["m"]));
    assert!(result["warnings"][0].as_str().unwrap().contains("decides by itself"));
    let (result, seen) = ask("lmstudio", vec![studio(&[("m", &["m"])])], load("lmstudio")).await;
    assert_eq!((result.unwrap()["loaded_new"].clone(), seen.len()), (json!(false), 2));
    let unload = json!({"operation": "release", "provider": "lmstudio", "model": "m"});
    let script = vec![studio(&[("m", &["m", "m:2"])]), done.clone(), done, studio(&[("m", &[])])];
    let (result, seen) = ask("lmstudio", script, unload).await;
    assert_eq!(result.unwrap()["unloaded"], true);
    assert_eq!(seen[2], r#"/api/v1/models/unload {"instance_id":"m:2"}"#);
}

#[tokio::test]
async fn an_older_lm_studio_only_lists() {
    let unknown = || Say::error(404, "unknown endpoint");
    let v0 = || Say::json(&json!({"data": [{"id": "m", "state": "loaded"}, {"id": "n", "state": "not-loaded"}]}));
    let (result, seen) = ask("lmstudio", vec![unknown(), v0()], json!({"provider": "lmstudio"})).await;
    assert_eq!(result.unwrap()["models"].as_array().unwrap().len(), 1);
    assert_eq!(seen, ["/api/v1/models null", "/api/v0/models null"]);
    let unload = json!({"operation": "unload", "provider": "lmstudio", "model": "m"});
    let (result, _) = ask("lmstudio", vec![unknown(), v0()], unload).await;
    let result = result.unwrap();
    assert_eq!((&result["ok"], &result["degraded"]), (&json!(false), &json!(true)));
    assert!(result["error"].as_str().unwrap().contains("LM Studio 0.4"));
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    for (payload, expected) in [
        (load("vllm"), "vLLM neither says"),
        (json!({"operation": "list", "provider": "openai-compatible"}), "OpenAI-compatible server neither says"),
        (json!({"operation": "bake"}), "Unsupported model_residency operation: 'bake'"),
        (
            json!({"operation": "load", "provider": "ollama", "model": "m"}),
            "model_residency load requires payload.task",
        ),
        (json!({"task": "tts"}), "Unsupported local capability residency task: 'tts'"),
        (json!({"operation": "load", "task": "text", "provider": "ollama"}), route::HALF_CONFIGURED),
        (json!({"operation": "load", "task": "text"}), route::NOTHING_CONFIGURED),
        (json!({"provider": "nope"}), "Unknown provider: nope"),
    ] {
        let (result, seen) = ask("vllm", vec![], payload.clone()).await;
        let result = result.unwrap();
        assert!(seen.is_empty());
        assert_eq!(
            (&result["ok"], &result["success"], &result["degraded"]),
            (&json!(false), &json!(false), &json!(true))
        );
        assert!(result["error"].as_str().unwrap().starts_with(expected), "{payload}: {result}");
        let mut required = payload;
        required["required"] = true.into();
        let (refused, _) = ask("vllm", vec![], required).await;
        assert!(refused.unwrap_err().starts_with(expected));
    }
}

#[tokio::test]
async fn without_a_provider_every_local_server_is_asked() {
    let (result, _) = ask("ollama", vec![ps(&["m"])], json!({})).await;
    let result = result.unwrap();
    assert_eq!((&result["ok"], result["models"].as_array().unwrap().len()), (&json!(true), 1));
    assert_eq!(result["warnings"].as_array().unwrap().len(), 1, "LM Studio is not there: {result}");
    let (result, _) = ask("vllm", vec![], json!({})).await;
    assert_eq!(result.unwrap()["ok"], false);
}
