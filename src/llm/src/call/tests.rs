//! Whole calls against a scripted server.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::*;
use crate::env::Connection;
use crate::testing::{Say, Server, client};

fn tools() -> Value {
    json!([{"name": "add", "description": "Add numbers", "parameters": {"a": {"type": "integer"}, "b": {"type": "integer", "default": 1}}}])
}

fn tool_call() -> Value {
    json!({"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{\"a\": 2}"}}]})
}

#[tokio::test]
async fn a_plain_call() {
    let server = Server::start(vec![Say::text("hello")]).await;
    let payload = json!({"prompt": "hi", "system_prompt": "SYS", "params": {"temperature": 0.3, "stop": ["X"], "seed": -1, "api_key": "sk-secret"}});
    let result = server.call(&payload).await.unwrap();
    assert_eq!(
        server.bodies(),
        [
            json!({"model":"mock-model","messages":[{"role":"system","content":"SYS"},{"role":"user","content":"hi"}],"stream":false,
            "temperature":0.3,"top_p":0.9,"stop":["X"]})
        ]
    );
    let seen = server.seen.lock()[0].clone();
    assert_eq!(seen.path, "/v1/chat/completions");
    assert!(seen.headers.contains("authorization: bearer sk-secret"));
    assert!(!result.to_string().contains("sk-secret"));
    for (key, value) in [
        ("content", json!("hello")),
        ("reasoning", Value::Null),
        ("data", Value::Null),
        ("tool_calls", Value::Null),
        ("model", json!("upstream")),
        ("finish_reason", json!("stop")),
        (
            "usage",
            json!({"input_tokens":10,"output_tokens":5,"total_tokens":15,"prompt_tokens":10,"completion_tokens":5}),
        ),
    ] {
        assert_eq!(result[key], value, "{key}");
    }
    assert_eq!(result["trace_id"], result["metadata"]["trace_id"]);
    assert!(result["gen_time"].is_f64() && result["raw_response"]["choices"].is_array());
    let request = &result["metadata"]["_provider_request"];
    assert_eq!(request["url"], format!("{}/chat/completions", server.base_url));
    assert_eq!(request["payload"]["messages"]["count"], 2);
    assert!(!result["metadata"].to_string().contains("SYS"), "the prompt is not repeated");
}

#[tokio::test]
async fn tool_calls_travel_natively_even_to_an_unknown_model() {
    let server = Server::start(vec![Say::message(&tool_call(), "tool_calls")]).await;
    let result = server.call(&json!({"prompt": "go", "tools": tools()})).await.unwrap();
    assert_eq!(result["tool_calls"], json!([{"name": "add", "arguments": {"a": 2}, "call_id": "c1"}]));
    let body = &server.bodies()[0];
    assert_eq!(body["tool_choice"], "auto");
    assert_eq!(body["tools"][0]["function"]["parameters"]["required"], json!(["a"]));
    assert_eq!(body["messages"].as_array().unwrap().len(), 1, "no prompted section");
}

#[tokio::test]
async fn a_server_that_refuses_tools_gets_them_in_the_prompt_from_then_on() {
    let prompted = r#"Sure. {"name": "add", "arguments": {"a": 2}}"#;
    let server =
        Server::start(vec![Say::error(400, "mock does not support tools"), Say::text(prompted), Say::text(prompted)])
            .await;
    let http = client(&Arc::default());
    let payload = json!({"prompt": "go", "tools": tools()});
    for _ in 0..2 {
        let result = server.call_as(&http, "mock-model", &payload).await.unwrap();
        assert_eq!(result["tool_calls"], json!([{"name": "add", "arguments": {"a": 2}, "call_id": null}]));
        assert_eq!(result["content"], "Sure.");
    }
    let bodies = server.bodies();
    let has_tools: Vec<bool> = bodies.iter().map(|b| b.get("tools").is_some()).collect();
    assert_eq!(has_tools, [true, false, false]);
    assert!(
        bodies[1]["messages"][0]["content"]
            .as_str()
            .unwrap()
            .contains("- add: Add numbers\n  args: a: integer (required), b: integer (default 1)")
    );
    let server = Server::start(vec![Say::error(400, "tools are broken")]).await;
    assert_eq!(
        server.call_as(&http, "gpt-4o", &payload).await.unwrap_err().status,
        Some(400),
        "a model known to take tools"
    );
}

#[tokio::test]
async fn a_stream_gives_the_same_result() {
    let chunk = |delta: Value, reason: Value| json!({"id": "1", "model": "up", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
    let server = Server::start(vec![Say::chunks(&[
        chunk(json!({"role": "assistant", "content": ""}), Value::Null),
        chunk(json!({"content": "hé"}), Value::Null),
        chunk(json!({"content": "llo☃"}), Value::Null),
        chunk(
            json!({"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "add", "arguments": "{\"a\""}}]}),
            Value::Null,
        ),
        chunk(json!({"tool_calls": [{"index": 0, "function": {"arguments": ": 2}"}}]}), Value::Null),
        chunk(json!({}), json!("tool_calls")),
        json!({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}),
    ])])
    .await;
    let result = server.call(&json!({"prompt": "go", "tools": tools(), "params": {"stream": "yes"}})).await.unwrap();
    assert_eq!(result["content"], "héllo☃");
    assert_eq!(result["tool_calls"], json!([{"name": "add", "arguments": {"a": 2}, "call_id": "c1"}]));
    assert_eq!(result["usage"]["total_tokens"], 3);
    assert_eq!(result["finish_reason"], "tool_calls");
    assert_eq!(result["metadata"]["_timing"]["source"], "client_wall");
    assert!(result["ttft_ms"].is_f64() && result["raw_response"].is_null());
    assert_eq!(server.bodies()[0]["stream_options"], json!({"include_usage": true}));
}

#[tokio::test]
async fn an_own_field_that_is_refused_is_left_out() {
    let server = Server::start(vec![
        Say::error(400, "Unknown parameter: 'stream_options'"),
        Say::error(400, "Unsupported value: 'temperature' does not support 0.7"),
        Say::error(400, "Use 'max_completion_tokens' instead of 'max_tokens'"),
        Say::text("ok"),
    ])
    .await;
    let result = server.call(&json!({"prompt": "x", "params": {"stream": true, "max_tokens": 9}})).await.unwrap();
    assert_eq!(result["content"], "ok");
    let last = server.bodies()[3].clone();
    assert_eq!(
        (last.get("temperature"), last.get("stream_options"), last.get("max_completion_tokens")),
        (None, None, Some(&json!(9)))
    );
    let server = Server::start(vec![Say::error(400, "temperature is refused")]).await;
    let error = server.call(&json!({"prompt": "x", "params": {"temperature": 1.5}})).await.unwrap_err();
    assert_eq!(error.message, "OpenAI-compatible server API error (400): temperature is refused");
}

/// Runs a script and checks the waits, the number of requests, and the content or the error.
async fn check_retries(script: Vec<Say>, requests: usize, waits: Option<&[u64]>, expected: Result<&str, &str>) {
    let server = Server::start(script).await;
    let waited: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let got = server.call_as(&client(&waited), "mock-model", &json!({"prompt": "x"})).await;
    let got =
        got.map(|r| r["content"].as_str().unwrap().to_owned()).map_err(|e| e.message.replace(&server.base_url, "URL"));
    assert_eq!(got.as_deref().map_err(String::as_str), expected);
    assert_eq!(server.bodies().len(), requests);
    match waits {
        Some(waits) => assert_eq!(*waited.lock(), waits.iter().map(|s| Duration::from_secs(*s)).collect::<Vec<_>>()),
        None => assert!(waited.lock().iter().all(|w| *w <= Duration::from_secs(2))),
    }
}

#[tokio::test]
async fn failures_are_retried_by_one_policy() {
    let slow = || Say::Raw(429, "Retry-After: 7\r\n", json!({"error": {"message": "slow down"}}).to_string());
    check_retries(vec![slow(), slow(), Say::text("ok")], 3, Some(&[7, 7]), Ok("ok")).await;
    check_retries(vec![slow()], 3, Some(&[7, 7]), Err("OpenAI-compatible server API error (429): slow down")).await;
    let later = Say::Raw(429, "Retry-After: 9999\r\n", json!({"error": {"message": "slow down"}}).to_string());
    check_retries(
        vec![later],
        1,
        Some(&[]),
        Err("OpenAI-compatible server API error (429): slow down (the server asks to come back in 9999 s)"),
    )
    .await;
    check_retries(vec![Say::error(500, "boom"), Say::text("ok")], 2, None, Ok("ok")).await;
    check_retries(
        vec![Say::error(500, "upstream boom")],
        2,
        None,
        Err("OpenAI-compatible server API error (500): upstream boom [URL/chat/completions]"),
    )
    .await;
    check_retries(vec![Say::error(400, "bad")], 1, Some(&[]), Err("OpenAI-compatible server API error (400): bad"))
        .await;
    check_retries(
        vec![Say::error(401, "bad key")],
        1,
        Some(&[]),
        Err("OpenAI-compatible server API error (401): bad key (no key is stored for this URL)"),
    )
    .await;
    check_retries(
        vec![Say::Raw(200, "", "<html>".into())],
        3,
        None,
        Err("OpenAI-compatible server API error: the answer is not JSON: <html>"),
    )
    .await;
    check_retries(
        vec![Say::Raw(302, "Location: http://evil/\r\n", String::new())],
        1,
        Some(&[]),
        Err("OpenAI-compatible server API error (302): no details given"),
    )
    .await;
}

#[tokio::test]
async fn a_key_does_not_show_in_an_error() {
    let server = Server::start(vec![Say::error(401, "Incorrect API key provided: sk-verysecret")]).await;
    let error = server.call(&json!({"prompt": "x", "params": {"api_key": "sk-verysecret"}})).await.unwrap_err();
    assert_eq!(error.message, "OpenAI-compatible server API error (401): Incorrect API key provided: [redacted]");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let (waits, env): (Arc<Mutex<Vec<Duration>>>, _) = (Arc::default(), Env::default());
    let http = client(&waits);
    let ctx = CallContext {
        http: &http,
        env: &env,
        default: None,
        limits: None,
        media: &[],
        cancel: CancellationToken::new(),
        retried: true,
        idempotency_key: None,
    };
    let payload = json!({"prompt": "x", "provider": "openai-compatible", "model": "m", "params": {"base_url": url}});
    let error = llm_call(&ctx, payload.as_object().unwrap()).await.unwrap_err();
    assert!(
        error.message.starts_with(
            "OpenAI-compatible server API error: connection refused: nothing listens at http://127.0.0.1:"
        ),
        "{error}"
    );
    assert_eq!((error.kind, waits.lock().len()), (ErrorKind::Unreachable, 1));
}

#[tokio::test]
async fn giving_up_drops_the_request_at_once() {
    for kind in ["application/json", "text/event-stream"] {
        let server = Server::start(vec![Say::Hang(kind)]).await;
        let (http, env, default, cancel) =
            (client(&Arc::default()), Env::default(), server.default("m"), CancellationToken::new());
        let ctx = CallContext {
            http: &http,
            env: &env,
            default: Some(&default),
            limits: None,
            media: &[],
            cancel: cancel.clone(),
            retried: true,
            idempotency_key: None,
        };
        let payload = json!({"prompt": "x"});
        let call = llm_call(&ctx, payload.as_object().unwrap());
        let (outcome, ()) = tokio::join!(call, async {
            server.hanging.notified().await;
            cancel.cancel();
        });
        assert_eq!(outcome.unwrap_err().kind, ErrorKind::Cancelled);
        server.hung_up.notified().await;
    }
}

#[tokio::test]
async fn slow_answers_time_out() {
    let server = Server::start(vec![Say::Hang("application/json")]).await;
    let error = server.call(&json!({"prompt": "x", "params": {"timeout_s": 0.05}})).await.unwrap_err();
    assert_eq!(
        error.message,
        "OpenAI-compatible server API error: timed out after 0.05s (configured timeout; set timeout=None or default_timeout=0 for unlimited)"
    );
    let server = Server::start(vec![Say::Hang("text/event-stream")]).await;
    let (http, default) = (client(&Arc::default()), server.default("m"));
    let env = Env { stream_idle_timeout: Some(Duration::from_millis(50)), ..Env::default() };
    let ctx = CallContext {
        http: &http,
        env: &env,
        default: Some(&default),
        limits: None,
        media: &[],
        cancel: CancellationToken::new(),
        retried: true,
        idempotency_key: None,
    };
    let error = llm_call(&ctx, json!({"prompt": "x"}).as_object().unwrap()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout);
}

#[tokio::test]
async fn an_answer_has_a_largest_size() {
    for (limit, fits) in [(400, true), (100, false)] {
        let server = Server::start(vec![Say::text("hello")]).await;
        let (http, default) = (client(&Arc::default()), server.default("m"));
        let env = Env { response_bytes_max: limit, ..Env::default() };
        let ctx = CallContext {
            http: &http,
            env: &env,
            default: Some(&default),
            limits: None,
            media: &[],
            cancel: CancellationToken::new(),
            retried: true,
            idempotency_key: None,
        };
        assert_eq!(llm_call(&ctx, json!({"prompt": "x"}).as_object().unwrap()).await.is_ok(), fits, "{limit}");
    }
}

#[tokio::test]
async fn a_cut_off_answer_is_asked_for_again_with_more() {
    let cut = || Say::message(&json!({"content": "half"}), "length");
    let budgets = |server: &Server| server.bodies().iter().map(|b| b["max_tokens"].as_u64()).collect::<Vec<_>>();
    let server = Server::start(vec![cut()]).await;
    let error = server.call(&json!({"prompt": "x", "max_output_tokens": 100})).await.unwrap_err();
    assert_eq!(
        error.message,
        "LLM_CALL output was truncated (finish_reason=length). Attempted max_output_tokens: 100, 600, 1200. Increase \
         max_output_tokens/max_out_tokens (or set allow_truncation=true)."
    );
    assert_eq!(budgets(&server), [Some(100), Some(600), Some(1200)]);
    let server = Server::start(vec![cut(), Say::text("whole")]).await;
    let result = server.call(&json!({"prompt": "x", "max_output_tokens": 100})).await.unwrap();
    assert_eq!(result["content"], "whole");
    assert_eq!(
        result["metadata"]["_truncation"],
        json!({"attempts": [{"attempt":1,"finish_reason":"length","max_output_tokens":100,"structured_fallback":false},
            {"attempt":2,"finish_reason":"stop","max_output_tokens":600,"structured_fallback":false}], "resolved": true})
    );
    for extra in [json!({"allow_truncation": true}), json!({"retry_on_truncation": false})] {
        let server = Server::start(vec![cut()]).await;
        let mut payload = json!({"prompt": "x"});
        payload.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        assert_eq!(server.call(&payload).await.unwrap()["content"], "half");
        assert_eq!(budgets(&server), [None]);
    }
    let server = Server::start(vec![cut()]).await;
    assert!(
        server.call(&json!({"prompt": "x", "max_output_tokens": 100, "max_output_tokens_cap": 600})).await.is_err()
    );
    assert_eq!(budgets(&server), [Some(100), Some(600)], "the cap ends it");
}

#[tokio::test]
async fn structured_answers() {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let payload = json!({"prompt": "x", "response_schema": schema, "response_schema_name": "N"});
    let server = Server::start(vec![Say::text(r#"{"n": 1}"#)]).await;
    let result = server.call(&payload).await.unwrap();
    assert_eq!((&result["data"], &result["content"]), (&json!({"n": 1}), &Value::Null));
    assert_eq!(
        (&result["usage"]["total_tokens"], &result["model"], &result["finish_reason"]),
        (&json!(15), &json!("upstream"), &json!("stop"))
    );
    assert_eq!(
        server.bodies()[0]["response_format"],
        json!({"type":"json_schema","json_schema":{"name":"N","schema":schema}})
    );

    let server =
        Server::start(vec![Say::text("no"), Say::text(r#"{"n": "one"}"#), Say::text("```json\n{\"n\": 2}\n```")]).await;
    assert_eq!(server.call(&payload).await.unwrap()["data"], json!({"n": 2}));
    let bodies = server.bodies();
    assert!(bodies[1].get("response_format").is_none());
    let last = bodies[2]["messages"].as_array().unwrap().last().unwrap().clone();
    assert!(last["content"].as_str().unwrap().contains("- n: expected integer, found string"));

    let server =
        Server::start(vec![Say::error(400, "response_format is not supported"), Say::text(r#"{"n": 3}"#)]).await;
    assert_eq!(server.call(&payload).await.unwrap()["data"], json!({"n": 3}));

    let server = Server::start(vec![Say::error(500, "boom"), Say::text(r#"{"n": 4}"#)]).await;
    assert_eq!(server.call(&payload).await.unwrap()["data"], json!({"n": 4}), "transport errors are retried here, too");

    let server = Server::start(vec![Say::text("never")]).await;
    let error = server.call(&payload).await.unwrap_err();
    assert_eq!((error.kind, server.bodies().len()), (ErrorKind::Schema, 4));
    assert!(error.message.starts_with("structured output generation failed after 3 attempts"));
    let mut loose = payload.clone();
    loose["structured_output_fallback"] = json!(true);
    let result = server.call(&loose).await.unwrap();
    assert_eq!((&result["content"], &result["data"]), (&json!("never"), &Value::Null));
    assert_eq!(result["metadata"]["_structured_output_fallback"]["used"], true);
    assert!(result["metadata"]["_structured_output_parse_error"].is_string());
}

#[tokio::test]
async fn tools_run_before_the_schema_is_asked_for() {
    let payload = json!({"prompt": "x", "tools": tools(), "response_schema": {"n": "integer"}});
    let server = Server::start(vec![Say::message(&tool_call(), "tool_calls")]).await;
    let result = server.call(&payload).await.unwrap();
    assert_eq!((result["tool_calls"].as_array().unwrap().len(), &result["data"]), (1, &Value::Null));
    assert!(server.bodies()[0].get("response_format").is_none());
    let server = Server::start(vec![Say::text("it is three"), Say::text(r#"{"n": 3}"#)]).await;
    assert_eq!(server.call(&payload).await.unwrap()["data"], json!({"n": 3}));
    let bodies = server.bodies();
    assert!(bodies[1].get("tools").is_none() && bodies[1].get("response_format").is_some());
    assert_eq!(bodies[1]["messages"][1], json!({"role": "assistant", "content": "it is three"}));
}

#[tokio::test]
async fn known_models_are_clamped_and_named_as_they_want() {
    let server = Server::start(vec![Say::text("ok")]).await;
    let http = client(&Arc::default());
    for (model, asked, key, sent) in [
        ("gpt-4o", Some(100), "max_tokens", Some(100)),
        ("gpt-4o", Some(99_999_999), "max_tokens", Some(16384)),
        ("gpt-5", None, "max_completion_tokens", Some(128_000)),
        ("mock-model", Some(99_999_999), "max_tokens", Some(99_999_999)),
        ("mock-model", None, "max_tokens", None),
    ] {
        server.call_as(&http, model, &json!({"prompt": "x", "max_output_tokens": asked})).await.unwrap();
        let body = server.bodies().pop().unwrap();
        assert_eq!(body.get(key).and_then(Value::as_u64), sent, "{model} {asked:?}");
        assert_eq!(body.get("temperature").is_some(), model != "gpt-5");
    }
}

#[tokio::test]
async fn a_stored_key_stays_with_its_url() {
    let server = Server::start(vec![Say::text("ok")]).await;
    let http = client(&Arc::default());
    let mut env = Env { openai: Connection::new(None, Some("sk-openai")), ..Env::default() };
    env.vllm = Connection::new(Some(&server.base_url), Some("vllm-key"));
    let default = server.default("m");
    let ctx = CallContext {
        http: &http,
        env: &env,
        default: Some(&default),
        limits: None,
        media: &[],
        cancel: CancellationToken::new(),
        retried: true,
        idempotency_key: None,
    };
    for (payload, key) in [
        (json!({"prompt": "x"}), None),
        (
            json!({"prompt": "x", "provider": "openai", "model": "gpt-4o", "params": {"base_url": server.base_url}}),
            None,
        ),
        (json!({"prompt": "x", "provider": "vllm", "model": "m"}), Some("vllm-key")),
        (
            json!({"prompt": "x", "provider": "openai-compatible", "model": "m", "params": {"api_key": "own"}}),
            Some("own"),
        ),
    ] {
        llm_call(&ctx, payload.as_object().unwrap()).await.unwrap();
        let headers = server.seen.lock().last().unwrap().headers.clone();
        let sent = headers.lines().find_map(|l| l.strip_prefix("authorization: bearer ")).map(str::to_owned);
        assert_eq!(sent.as_deref(), key, "{payload}");
    }
}

#[tokio::test]
async fn without_a_default_the_error_offers_what_runs_nearby() {
    let list = Say::json(&json!({"data": [{"id": "b-embed"}, {"id": "m1"}]}));
    let server = Server::start(vec![list]).await;
    let http = client(&Arc::default());
    let env = Env {
        lmstudio: Connection::new(Some(&server.base_url), None),
        ollama: Connection::new(Some("http://127.0.0.1:1"), None),
        ..Env::default()
    };
    let ctx = CallContext {
        http: &http,
        env: &env,
        default: None,
        limits: None,
        media: &[],
        cancel: CancellationToken::new(),
        retried: true,
        idempotency_key: None,
    };
    let error = llm_call(&ctx, json!({"prompt": "x"}).as_object().unwrap()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotConfigured);
    let command = format!(
        "abstractgateway config set-default input.text --provider lmstudio --model m1 --base-url {}",
        server.base_url
    );
    assert!(error.message.ends_with(&command), "{error}");
    assert!(error.message.contains("with b-embed, m1."));
}

#[tokio::test]
async fn a_missing_model_is_explained() {
    let server =
        Server::start(vec![Say::error(404, "no such model"), Say::json(&json!({"data": [{"id": "a"}, {"id": "b"}]}))])
            .await;
    let error = server.call(&json!({"prompt": "x"})).await.unwrap_err();
    assert_eq!(
        error.message,
        "❌ Model 'mock-model' not found for OpenAI-compatible server provider.\n\n✅ Available models (2):\n  • a\n  • b"
    );
    assert_eq!(error.status, Some(404));
}

#[tokio::test]
async fn grounding_is_reported_and_its_echo_removed() {
    let line = "<runtime_metadata>{\"display\":\"[d]\",\"local_datetime\":\"t\"}</runtime_metadata>\n";
    let server = Server::start(vec![Say::text(&format!("{line}answer"))]).await;
    let result = server.call(&json!({"prompt": format!("{line}hi")})).await.unwrap();
    assert_eq!(result["content"], "answer");
    assert_eq!(result["metadata"]["runtime_grounding"]["display"], "[d]");
    assert_eq!(result["metadata"]["runtime_grounding"]["prompt_injected"], true);
}

#[tokio::test]
async fn who_makes_the_call_again_gets_one_request_an_attempt_and_what_the_server_asked_for() {
    let server = Server::start(vec![Say::Raw(429, "retry-after: 7\r\n", "{}".into())]).await;
    for (retried, requests) in [(true, 3), (false, 1)] {
        server.seen.lock().clear();
        let (http, env, default) = (client(&Arc::default()), Env::default(), server.default("m"));
        let cancel = CancellationToken::new();
        let ctx = CallContext {
            http: &http,
            env: &env,
            default: Some(&default),
            limits: None,
            media: &[],
            cancel,
            retried,
            idempotency_key: None,
        };
        let error = llm_call(&ctx, json!({"prompt": "x"}).as_object().unwrap()).await.unwrap_err();
        assert_eq!((error.status, error.retry_after), (Some(429), Some(Duration::from_secs(7))));
        assert_eq!(server.seen.lock().len(), requests, "{retried}");
    }
}

#[tokio::test]
async fn the_same_request_has_the_same_key_and_another_has_another() {
    let server = Server::start(vec![Say::text("hello")]).await;
    let (http, env, default) = (client(&Arc::default()), Env::default(), server.default("m"));
    for (key, prompt) in [(Some("k"), "x"), (Some("k"), "x"), (Some("k"), "y"), (None, "x")] {
        let cancel = CancellationToken::new();
        let ctx = CallContext {
            http: &http,
            env: &env,
            default: Some(&default),
            limits: None,
            media: &[],
            cancel,
            retried: true,
            idempotency_key: key,
        };
        llm_call(&ctx, json!({ "prompt": prompt }).as_object().unwrap()).await.unwrap();
    }
    let key = |seen: &crate::testing::Seen| {
        let line = seen.headers.lines().find_map(|line| line.strip_prefix("idempotency-key: "));
        line.map(str::to_owned)
    };
    let keys: Vec<_> = server.seen.lock().iter().map(key).collect();
    assert!(keys[0].as_ref().unwrap().starts_with("k-") && keys[0] == keys[1] && keys[1] != keys[2], "{keys:?}");
    assert_eq!(keys[3], None);
}
