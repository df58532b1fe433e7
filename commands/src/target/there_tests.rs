use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use model::api::bundles::UploadBundle;
use model::api::ledger::FollowLedger;
use model::api::runs::ShowRun;
use model::api::{Operation, Upload};
use serde_json::json;

use super::super::plan::input_of;
use super::*;

/// A server that answers one request with the given text, and gives back what it was sent.
fn once(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    (format!("http://{}", listener.local_addr().unwrap()), serve(listener, answer))
}

fn serve(listener: TcpListener, answer: &'static str) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = Vec::new();
        let mut buffer = [0; 65536];
        while !is_whole(&seen) {
            let n = stream.read(&mut buffer).unwrap();
            seen.extend_from_slice(&buffer[..n]);
            if n == 0 {
                break;
            }
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&seen).into_owned()
    })
}

fn is_whole(seen: &[u8]) -> bool {
    let text = String::from_utf8_lossy(seen).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    length.map_or_else(|| !head.contains("chunked") || body.ends_with("0\r\n\r\n"), |n| body.len() >= n)
}

fn answer(status: &str, body: &str) -> &'static str {
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    Box::leak(text.into_boxed_str())
}

fn show(id: &str) -> Map {
    input_of(&ShowRun { run_id: id.into() }).unwrap()
}

#[tokio::test]
async fn a_patient_client_waits_for_a_gateway_that_comes_back() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let there = There::new(&format!("http://{address}"), None).unwrap();
    assert!(there.call(&ShowRun::ROW, show("r")).await.is_err());
    // The first connection is refused before the listener is there: the futures are polled in this order.
    let comes_back = async { serve(TcpListener::bind(address).unwrap(), answer("200 OK", "{}")) };
    let patient = there.patient();
    let (answered, _) = tokio::join!(patient.call(&ShowRun::ROW, show("r")), comes_back);
    assert_eq!(answered.unwrap(), json!({}));
}

#[tokio::test]
async fn an_operation_is_sent_with_its_token() {
    let (url, served) = once(answer("200 OK", "{\"n\": NaN}"));
    let there = There::new(&format!("{url}/"), Some(" secret\n".into())).unwrap();
    assert_eq!(there.call(&ShowRun::ROW, show("a/b")).await.unwrap(), json!({"n": null}));
    let seen = served.join().unwrap();
    assert!(seen.starts_with("GET /api/gateway/runs/a%2Fb HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("authorization: Bearer secret\r\n"), "{seen}");
}

#[tokio::test]
async fn refusals_become_failures() {
    for (status, body, what, code) in [
        (
            "404 Not Found",
            r#"{"detail":"Run 'x' not found","code":"run_not_found"}"#,
            "Run 'x' not found",
            Some("run_not_found"),
        ),
        ("404 Not Found", r#"{"detail":"Not Found"}"#, "", Some(UNKNOWN_OPERATION)),
        ("502 Bad Gateway", "<html>", "the gateway answered with status 502", None),
        ("302 Found", "", "the gateway answered with status 302", None),
    ] {
        let (url, served) = once(answer(status, body));
        let failure = There::new(&url, None).unwrap().call(&ShowRun::ROW, show("x")).await.unwrap_err();
        let unknown = format!("the gateway at {url} does not know runs.show");
        let what = if what.is_empty() { &unknown } else { what };
        assert_eq!((failure.what.as_str(), failure.code.as_deref()), (what, code), "{status}");
        assert!(!served.join().unwrap().contains("authorization"));
    }
}

#[tokio::test]
async fn a_redirection_is_told_and_not_followed() {
    let (url, _served) = once("HTTP/1.1 301 Moved\r\nlocation: https://h/\r\ncontent-length: 0\r\n\r\n");
    let failure = There::new(&url, Some("secret".into())).unwrap().call(&ShowRun::ROW, show("x")).await.unwrap_err();
    assert_eq!(failure.what, format!("the gateway is not at {url}"));
    assert!(failure.why[0].starts_with("it sends to https://h/, "), "{:?}", failure.why);
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_a_failure() {
    let (url, _served) = once(answer("200 OK", "<html>"));
    let failure = There::new(&url, None).unwrap().call(&ShowRun::ROW, show("x")).await.unwrap_err();
    assert!(failure.what.ends_with("did not answer with JSON"), "{}", failure.what);
}

#[tokio::test]
async fn nobody_there_names_the_command_that_helps() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let there = There::new(&url, None).unwrap();
    assert!(!there.is_alive().await);
    let failure = there.call(&ShowRun::ROW, show("x")).await.unwrap_err();
    assert_eq!(failure.what, format!("no gateway answers at {url}"));
    assert_eq!(failure.help.as_deref(), Some("abstractgateway serve, or check --url"));
}

#[tokio::test]
async fn files_are_uploaded_as_forms() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "PK-bytes").unwrap();
    let (url, served) = once(answer("200 OK", "{}"));
    let upload = Upload { file_name: "a b.flow".into(), content_type: None, path: file.path().into(), size_bytes: 8 };
    let input = input_of(&UploadBundle { file: upload, overwrite: true, reload: false }).unwrap();
    There::new(&url, None).unwrap().call(&UploadBundle::ROW, input).await.unwrap();
    let seen = served.join().unwrap();
    assert!(seen.contains("content-type: multipart/form-data; boundary="), "{seen}");
    assert!(seen.contains("name=\"file\"; filename=\"a b.flow\"") && seen.contains("PK-bytes"), "{seen}");
    assert!(seen.contains("name=\"overwrite\"\r\n\r\ntrue\r\n") && seen.contains("name=\"reload\"\r\n\r\nfalse\r\n"));
}

#[tokio::test]
async fn streams_come_as_they_are_sent() {
    let (url, served) = once(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\nevent: done\ndata: {}\n\n",
    );
    let input =
        input_of(&FollowLedger { run_id: "r".into(), after: 3, heartbeat_s: 5.0, last_event_id: None }).unwrap();
    let mut chunks = There::new(&url, None).unwrap().stream(&FollowLedger::ROW, input).await.unwrap();
    let mut text = Vec::new();
    while let Some(chunk) = chunks.next().await {
        text.extend_from_slice(&chunk.unwrap());
    }
    assert_eq!(String::from_utf8_lossy(&text), "event: done\ndata: {}\n\n");
    assert!(served.join().unwrap().contains("GET /api/gateway/runs/r/ledger/stream?after=3&heartbeat_s=5.0 "));
}

#[test]
fn only_addresses_of_servers_are_taken() {
    for (url, expected) in [
        ("http://127.0.0.1:8080/", Some("http://127.0.0.1:8080")),
        ("localhost:1", Some("http://localhost:1")),
        (" https://h/gw/ ", Some("https://h/gw")),
        ("ftp://h", None),
        ("", None),
    ] {
        assert_eq!(There::new(url, None).ok().map(|t| t.url().to_owned()).as_deref(), expected, "{url}");
    }
}
