//! The defaults as a face shows and sets them, in both layouts of files.

use model::{Code, Principal, Value};
use serde_json::json;

use crate::Body;
use crate::tests::{Bench, bundle, pins};

fn user(id: &str, admin: bool) -> Principal {
    let of = Principal::reader();
    Principal { user_id: id.into(), tenant_id: "default".into(), runtime_id: id.into(), admin, ..of }
}

fn text(provider: &str) -> Value {
    json!({"kind": "in", "modality": "text", "provider": provider, "model": "m"})
}

fn row<'l>(listing: &'l Value, key: &str) -> &'l Value {
    listing["routes"].as_array().unwrap().iter().find(|r| r["key"] == key).unwrap()
}

fn stored(path: &std::path::Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[tokio::test]
async fn a_single_user_has_the_file_other_tools_read() {
    let home = tempfile::tempdir().unwrap();
    let bench = Bench::with(&[("HOME", home.path().to_str().unwrap())]).await;
    let shown = bench.json("defaults.show", json!({})).await.unwrap();
    assert_eq!((shown["routes"].as_array().unwrap().len(), &shown["authority"]), (22, &json!("abstractcore.local")));
    let file = home.path().join(".abstractcore/config/abstractcore.json");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, r#"{"timeouts": {"default_timeout": 5.0}}"#).unwrap();
    let set = bench.json("defaults.set", text("lmstudio")).await.unwrap();
    assert_eq!((&set["config_file"], &row(&set, "input.text")["provider"]), (&json!(file), &json!("lmstudio")));
    assert_eq!(row(&set, "output.text")["derived_from"], "input.text");
    let document = stored(&file);
    assert_eq!(document["timeouts"], json!({"default_timeout": 5.0}));
    assert_eq!(
        document["capability_defaults"]["routes"],
        json!({"input.text": {"provider": "lmstudio", "model": "m"}})
    );
    let clear = json!({"kind": "input", "modality": "text"});
    for _ in 0..2 {
        let cleared = bench.json("defaults.clear", clear.clone()).await.unwrap();
        assert_eq!(row(&cleared, "input.text")["configured"], false);
    }
}

#[tokio::test]
async fn users_have_a_layer_of_their_own_over_the_gateways() {
    let bench = Bench::with(&[("ABSTRACTGATEWAY_USER_AUTH", "1")]).await;
    let (admin, alice) = (user("admin", true), user("alice", false));
    let set = bench.json_to(admin.clone(), "defaults.set", text("gateways")).await.unwrap();
    assert_eq!(
        (&set["authority"], &set["principal_defaults"]),
        (&json!("abstractcore.gateway_runtime"), &json!(false))
    );
    let shown = bench.json_to(alice.clone(), "defaults.show", json!({})).await.unwrap();
    assert_eq!(row(&shown, "input.text")["provider"], "gateways");
    let set = bench.json_to(alice.clone(), "defaults.set", text("alices")).await.unwrap();
    assert_eq!(
        (&row(&set, "input.text")["provider"], &set["authority"]),
        (&json!("alices"), &json!("abstractcore.runtime"))
    );
    let data_dir = &bench.services.settings.data_dir;
    let of =
        |path: &str| stored(&data_dir.join(path))["capability_defaults"]["routes"]["input.text"]["provider"].clone();
    assert_eq!(of("config/abstractcore.json"), "gateways");
    assert_eq!(of("users/default/alice/runtime/config/abstractcore.json"), "alices");
    let shown = bench.json_to(admin, "defaults.show", json!({})).await.unwrap();
    assert_eq!(row(&shown, "input.text")["provider"], "gateways");
    let clear = json!({"kind": "input", "modality": "text"});
    let cleared = bench.json_to(alice, "defaults.clear", clear).await.unwrap();
    assert_eq!(row(&cleared, "input.text")["provider"], "gateways");
}

#[tokio::test]
async fn tasks_have_defaults_and_unknown_routes_are_refused() {
    let bench = Bench::open().await;
    let task = |modality: &str, task: &str| json!({"kind": "output", "modality": modality, "task": task});
    let mut set = task("image", "t2i");
    set["options"] = json!({"steps": 9});
    let shown = bench.json("defaults.set_task", set).await.unwrap();
    assert_eq!(row(&shown, "output.image.text_to_image")["options"], json!({"steps": 9}));
    let shown = bench.json("defaults.set_task", task("image", "t2i")).await.unwrap();
    assert_eq!(row(&shown, "output.image.text_to_image")["configured"], false, "a body that says nothing clears");
    bench.json("defaults.clear_task", task("image", "t2i")).await.unwrap();
    for (name, input, route) in [
        ("defaults.set", json!({"kind": "foo", "modality": "text", "provider": "p"}), "foo.text"),
        ("defaults.clear", json!({"kind": "input", "modality": "smell"}), "input.smell"),
        ("defaults.set_task", task("image", "text_to_video"), "output.image.text_to_video"),
    ] {
        let error = bench.json(name, input).await.unwrap_err();
        let expected = format!("Failed to set capability default {route}");
        assert_eq!((error.code, error.detail), (Code::BadRequest, expected));
    }
}

#[tokio::test]
async fn writers_at_the_same_time_lose_nothing() {
    let bench = Bench::open().await;
    let modalities = ["image", "video", "voice", "sound", "music", "scene3d"];
    let writes = modalities.map(|modality| {
        bench.json("defaults.set", json!({"kind": "output", "modality": modality, "provider": modality, "model": "m"}))
    });
    for outcome in futures_util::future::join_all(writes).await {
        outcome.unwrap();
    }
    let shown = bench.json("defaults.show", json!({})).await.unwrap();
    for modality in modalities {
        assert_eq!(row(&shown, &format!("output.{modality}"))["provider"], modality);
    }
}

#[tokio::test]
async fn a_file_that_is_no_configuration_is_not_overwritten() {
    let bench = Bench::open().await;
    let file = bench.services.settings.data_dir.join("config/abstractcore.json");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "{nope").unwrap();
    assert_eq!(bench.json("defaults.set", text("p")).await.unwrap_err().code, Code::Conflict);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{nope");
}

/// A model endpoint for one call: its address, and in the end the request it saw.
async fn model_endpoint() -> (String, tokio::task::JoinHandle<String>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let serve = async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
        while !seen.ends_with(b"}") {
            let read = socket.read(&mut buffer).await.unwrap();
            assert!(read > 0, "the caller hung up");
            seen.extend_from_slice(&buffer[..read]);
        }
        let reply =
            json!({"choices": [{"message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}]});
        let body = reply.to_string();
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        socket.write_all((head + &body).as_bytes()).await.unwrap();
        String::from_utf8(seen).unwrap()
    };
    #[expect(clippy::disallowed_methods, reason = "the endpoint is another program")]
    (url, tokio::spawn(serve))
}

#[tokio::test]
async fn the_text_default_counts_at_the_next_model_call() {
    let bench = Bench::open().await;
    let nodes = json!([
        {"id": "s", "type": "on_flow_start", "data": {"outputs": pins(&["prompt"], "exec-out")}},
        {"id": "m", "type": "llm_call", "data": {"inputs": pins(&["prompt"], "exec-in"), "outputs": pins(&["response"], "exec-out")}},
        {"id": "e", "type": "on_flow_end", "data": {"inputs": pins(&["response"], "exec-in")}},
    ]);
    let edge = |s: &str, sh: &str, t: &str, th: &str| json!({"source": s, "sourceHandle": sh, "target": t, "targetHandle": th});
    let edges = json!([
        edge("s", "exec-out", "m", "exec-in"),
        edge("m", "exec-out", "e", "exec-in"),
        edge("s", "prompt", "m", "prompt"),
        edge("m", "response", "e", "response"),
    ]);
    bench.upload(&bundle(nodes, edges)).await.unwrap();
    let (url, endpoint) = model_endpoint().await;
    let default =
        json!({"kind": "input", "modality": "text", "provider": "openai-compatible", "model": "tiny", "base_url": url});
    bench.json("defaults.set", default).await.unwrap();
    let start = json!({"bundle_id": "b", "input_data": {"prompt": "say hello"}});
    let run_id = bench.json("runs.start", start).await.unwrap()["run_id"].clone();
    let Body::Stream { mut chunks, .. } = bench.answer("ledger.follow", json!({"run_id": run_id})).await.unwrap().body
    else {
        panic!("a stream was expected")
    };
    while chunks.recv().await.is_some() {}
    let shown = bench.json("runs.show", json!({"run_id": run_id})).await.unwrap();
    assert_eq!(shown["output"], json!({"response": "hello", "success": true}), "{shown}");
    assert!(endpoint.await.unwrap().contains("\"model\":\"tiny\""));
}
