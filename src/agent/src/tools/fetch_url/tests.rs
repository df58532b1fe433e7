use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::*;

/// Serves each connection by what its request line asks for.
async fn serve(listener: TcpListener) {
    while let Ok((mut socket, _)) = listener.accept().await {
        let mut request = Vec::new();
        let mut buffer = [0u8; 1024];
        while !request.windows(4).any(|w| w == b"\r\n\r\n") {
            match socket.read(&mut buffer).await {
                Ok(n) if n > 0 => request.extend_from_slice(&buffer[..n]),
                _ => break,
            }
        }
        let request = String::from_utf8_lossy(&request).into_owned();
        let path = request.split_whitespace().nth(1).unwrap_or("/").to_owned();
        let (status, headers, body) = answer(&path, &request);
        let reply = format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\n\r\n{body}");
        let _ = socket.write_all(reply.as_bytes()).await;
    }
}

fn answer(path: &str, request: &str) -> (&'static str, String, String) {
    let page = |kind: &str, body: &str| {
        ("200 OK", format!("content-type: {kind}\r\ncontent-length: {}\r\n", body.len()), body.to_owned())
    };
    let redirect = |to: &str| ("302 Found", format!("location: {to}\r\ncontent-length: 0\r\n"), String::new());
    match path {
        "/page" => page("text/html; charset=utf-8", "<title>T</title><h1>Hi</h1><p>Text</p>"),
        "/json" => page("application/json", "{\"a\": [1, 2]}"),
        "/moved" => redirect("/page"),
        "/loop" => redirect("/loop"),
        "/to-metadata" => redirect("http://169.254.169.254/latest"),
        "/to-file" => redirect("file:///etc/passwd"),
        "/refresh" => page("text/html", "<meta http-equiv=refresh content='0;url=/json'>"),
        "/big" => ("200 OK", String::new(), "x".repeat(1001)),
        "/fits" => ("200 OK", "content-type: text/plain\r\n".into(), "x".repeat(1000)),
        "/declared" => ("200 OK", "content-length: 99999\r\n".into(), "x".into()),
        "/image" => page("image/png", "\u{1}PNG"),
        "/echo" => page("text/plain", request),
        _ => ("404 Not Found", "content-type: text/plain\r\ncontent-length: 4\r\n".into(), "gone".into()),
    }
}

struct Bench {
    base: String,
    env: ToolEnv,
}

impl Bench {
    async fn fetch(&self, arguments: Value) -> Value {
        let text = arguments.to_string().replace("BASE", &self.base);
        let arguments: Map = serde_json::from_str(&text).unwrap();
        crate::tools::run(&TOOL, &arguments, self.env.clone()).await.unwrap()
    }
}

/// A loopback server for the time of the work.
async fn with_server(allow: bool, approved: bool, work: impl AsyncFnOnce(&Bench)) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let policy = ToolPolicy { allow_private_addresses: allow, fetch_bytes_max: 1000, ..ToolPolicy::default() };
    let env = ToolEnv {
        policy: Arc::new(policy),
        workspace: None,
        cancel: CancellationToken::new(),
        approved,
        call_key: String::new(),
    };
    let bench = Bench { base, env };
    tokio::select! {
        () = serve(listener) => panic!("the server ended"),
        () = work(&bench) => {}
    }
}

#[tokio::test]
async fn pages_are_fetched() {
    with_server(true, true, async |bench| {
        let page = bench.fetch(json!({"url": "BASE/moved"})).await;
        assert_eq!((&page["success"], &page["status_code"]), (&json!(true), &json!(200)), "{page}");
        assert!(page["final_url"].as_str().unwrap().ends_with("/page"));
        assert_eq!(page["normalized_text"], "# Hi\n\nText");
        assert!(page["rendered"].as_str().unwrap().contains("Title: T"));
        for key in ["error", "url", "timestamp", "reason", "content_type", "size_bytes", "raw_text"] {
            assert!(page.get(key).is_some(), "{key}");
        }
        let data = bench.fetch(json!({"url": "BASE/refresh"})).await;
        assert!(data["rendered"].as_str().unwrap().contains("object with 1 keys (a)"), "{data}");
        let gone = bench.fetch(json!({"url": "BASE/nowhere"})).await;
        assert_eq!((&gone["success"], &gone["error"]), (&json!(false), &json!("HTTP Error 404: Not Found")));
        let image = bench.fetch(json!({"url": "BASE/image"})).await;
        assert!(image["rendered"].as_str().unwrap().contains("An image of 4 bytes"), "{image}");
        let echo = bench
            .fetch(json!({"url": "BASE/echo", "method": "post", "data": {"a": 1}, "headers": {"X-A": "b", "Host": "evil"}}))
            .await;
        let echo = echo["raw_text"].as_str().unwrap().to_ascii_lowercase();
        assert!(echo.starts_with("post /echo") && echo.contains("x-a: b") && !echo.contains("evil"), "{echo}");
        assert!(echo.contains("content-type: application/json") && echo.contains("user-agent: abstractcore-fetchtool/1.0"));
    })
    .await;
}

#[tokio::test]
async fn limits_hold() {
    with_server(true, true, async |bench| {
        let check = async |path: &str, expected: Option<&str>| {
            let outcome = bench.fetch(json!({"url": format!("BASE{path}")})).await;
            let error = outcome["error"].as_str();
            assert!(
                error == expected || error.zip(expected).is_some_and(|(e, x)| e.starts_with(x)),
                "{path}: {outcome}"
            );
        };
        check("/fits", None).await;
        check("/big", Some("the content is larger than the limit of 1000 bytes")).await;
        check("/declared", Some("the content is larger than the limit of 1000 bytes")).await;
        check("/loop", Some("more than 10 redirects")).await;
        check("/to-metadata", Some("Refused: '169.254.169.254' leads to a link-local")).await;
        check("/to-file", Some("only http and https addresses can be fetched, not 'file'")).await;
    })
    .await;
}

#[tokio::test]
async fn private_addresses_need_the_operator_and_a_person() {
    for (allow, approved, expected) in [
        (true, true, None),
        (true, false, Some("must be approved by a person")),
        (false, true, Some("private or loopback address")),
        (false, false, Some("private or loopback address")),
    ] {
        with_server(allow, approved, async |bench| {
            for host in [bench.base.clone(), bench.base.replace("127.0.0.1", "localhost")] {
                let outcome = bench.fetch(json!({"url": format!("{host}/page")})).await;
                let error = outcome["error"].as_str();
                assert_eq!(error.is_none(), expected.is_none(), "{allow} {approved} {outcome}");
                assert!(error.is_none_or(|e| e.starts_with("Refused:") && e.contains(expected.unwrap())), "{outcome}");
            }
        })
        .await;
    }
}

#[tokio::test]
async fn bad_requests_say_what_is_wrong() {
    with_server(true, true, async |bench| {
        for (arguments, expected) in [
            (json!({"url": "not a url"}), "'not a url' is not a URL"),
            (json!({"url": "ftp://x/y"}), "only http and https"),
            (json!({"url": "BASE/page", "method": "BREW"}), "unknown method 'BREW'"),
            (json!({"url": "BASE/page", "headers": {"a b": "c"}}), "'a b' is not a header name"),
            (json!({"url": "http://127.0.0.1:1/"}), "the request failed"),
        ] {
            let outcome = bench.fetch(arguments.clone()).await;
            assert!(outcome["error"].as_str().unwrap().starts_with(expected), "{arguments}: {outcome}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let policy = ToolPolicy { allow_private_addresses: true, ..ToolPolicy::default() };
    let env = ToolEnv {
        policy: Arc::new(policy),
        workspace: None,
        cancel: CancellationToken::new(),
        approved: true,
        call_key: String::new(),
    };
    let arguments = json!({"url": url, "timeout": 0.05}).as_object().cloned().unwrap();
    let outcome = crate::tools::run(&TOOL, &arguments, env.clone()).await.unwrap();
    assert!(outcome["error"].as_str().unwrap().starts_with("The address did not answer"), "{outcome}");
    env.cancel.cancel();
    let arguments = json!({"url": url}).as_object().cloned().unwrap();
    assert_eq!(crate::tools::run(&TOOL, &arguments, env).await.unwrap()["error"], "Cancelled");
}
