//! What comes over the wire and is not what a client should send: refused, and no way round a check.

use serde_json::json;
use tests::{TOKEN, get};

use crate::home;

/// A request with the static token, in so many words.
fn post(head: &str, body: &str) -> String {
    format!(
        "POST /api/gateway/commands HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n{head}\r\n\r\n{body}"
    )
}

#[test]
fn no_spelling_of_a_path_gets_round_the_guard() {
    let gateway = home().serve();
    for (path, status) in [
        ("/api/gateway/ping", 401),
        ("/%61pi/gateway/ping", 401),
        ("/api%2Fgateway/ping", 401),
        ("/api%2fgateway%2fping", 401),
        ("/api/gateway/%70ing", 401),
        ("/api/gateway/ping%00", 401),
        ("/api/gateway/%ff", 401),
        ("/api/gateway/../gateway/ping", 401),
        ("/api/gateway", 401),
        ("/api/gateway?x", 401),
        ("http://elsewhere/api/gateway/ping", 401),
        ("//api/gateway/ping", 404),
        ("/./api/gateway/ping", 404),
        ("/docs/../api/gateway/ping", 404),
        ("/docs/%2e%2e/api/gateway/ping", 404),
        ("/api/./gateway/ping", 404),
        ("/API/gateway/ping", 404),
        ("/api/gatewa%79/ping", 401),
        ("/api/gatewa%2579/ping", 404),
        ("/api/health%2f", 404),
    ] {
        gateway.check(&get(path), status, &json!({}));
    }
    let run = gateway.start("ask", &json!({}));
    for (path, status) in [
        (format!("/api/gateway/runs/{run}"), 200),
        (format!("/api/gateway/runs/{}", run.replace('-', "%2D")), 200),
        (format!("/api/gateway/runs/x%2F..%2F{run}"), 404),
        (format!("/api/gateway/runs/{run}%00"), 404),
        (format!("/api/gateway/runs/{run}%2Fledger"), 404),
    ] {
        gateway.check(&get(&path).token(TOKEN), status, &json!({}));
    }
}

#[test]
fn what_is_no_request_is_refused() {
    let gateway = home().serve();
    let good = json!({"command_id": "", "run_id": "nobody", "type": "cancel"}).to_string();
    let length = good.len();
    for (sent, status) in [
        ("\u{16}\u{3}\u{1}\u{2}\u{0}".to_owned(), 400),
        ("GET\r\n\r\n".to_owned(), 400),
        ("GET /api/health HTTP/9.9\r\n\r\n".to_owned(), 400),
        ("GET /api/health HTTP/1.1\r\nhost x\r\n\r\n".to_owned(), 400),
        ("GET /api/health HTTP/1.0\r\n\r\n".to_owned(), 200),
        (post(&format!("content-length: {length}"), &good), 404),
        (post(&format!("content-length: {length}\r\ncontent-length: {length}"), &good), 404),
        (post(&format!("content-length: {length}\r\ncontent-length: 3"), &good), 400),
        (post("content-length: -1", ""), 400),
        (post("content-length: 99999999999999999999999", ""), 400),
        (post("transfer-encoding: chunked", &format!("{length:x}\r\n{good}\r\n0\r\n\r\n")), 404),
        (post("transfer-encoding: chunked", &format!("{length:x};note=1\r\n{good}\r\n0\r\nx: y\r\n\r\n")), 404),
        (post("transfer-encoding: chunked", "zz\r\n"), 400),
        (post("transfer-encoding: chunked", "ffffffffffffffffff\r\n"), 400),
        (post("transfer-encoding: chunked", "-5\r\n"), 400),
        (post("transfer-encoding: gzip", &good), 400),
    ] {
        let mut connection = gateway.connect();
        connection.send(sent.as_bytes());
        let answer = connection.read_head();
        assert_eq!(answer.map(|head| head.status).map_err(|error| error.kind()), Ok(status), "{sent:?}");
        gateway.check(&get("/api/health"), 200, &json!({}));
    }
}

#[test]
fn odd_headers_are_read_as_far_as_they_are_text() {
    let gateway = home().serve();
    let ping = || get("/api/gateway/ping").token(TOKEN);
    for (name, value, status) in [
        ("x-request-id", "é", 200),
        ("cookie", "é; =; ;;; a", 200),
        ("origin", "é", 403),
        ("x-forwarded-for", "é, ,", 200),
        ("user-agent", "é", 200),
        ("content-type", "é", 200),
        ("expect", "a-miracle", 200),
        ("upgrade", "websocket", 200),
    ] {
        let answer = gateway.send_as_is(&ping().header(name, value));
        assert_eq!(answer.status, status, "{name}: {value}");
    }
    let long = gateway.check(&ping().header("x-request-id", &"i".repeat(201)), 200, &json!({}));
    assert_eq!(long.header("x-request-id").unwrap().len(), 32);
}
