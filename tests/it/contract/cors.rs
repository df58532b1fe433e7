//! What pages of other places may do (contract 01, 3.1, tied to the allowlist as 6.3 asks).

use serde_json::{Value, json};
use tests::{Request, TOKEN, get, request};

use crate::home;

const PAGE: &str = "http://localhost:3000";
const PING: &str = "/api/gateway/ping";

#[test]
fn preflights_of_allowed_pages_are_answered() {
    let gateway = home().serve();
    let preflight = |origin: &str, path: &str| {
        request("OPTIONS", path).header("origin", origin).header("access-control-request-method", "POST")
    };
    for path in [PING, "/api/gateway/runs/start", "/api/health", "/nothing"] {
        let asked = preflight(PAGE, path).header("access-control-request-headers", "authorization, x-own");
        let answer = gateway.check(&asked, 200, &Value::Null);
        assert_eq!(answer.text(), "OK", "{path}");
        for (name, value) in [
            ("access-control-allow-origin", PAGE),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
            ("access-control-allow-headers", "authorization, x-own"),
            ("access-control-max-age", "600"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}: {name}");
        }
        let refused = gateway.check(&preflight("https://evil.example", path), 403, &json!({}));
        assert_eq!(refused.header("access-control-allow-origin"), None, "{path}");
    }
}

#[test]
fn every_answer_to_an_allowed_page_may_be_read_by_it() {
    let gateway = home().set("MAX_BODY_BYTES", "10").serve();
    let table: [(Request, u16); 6] = [
        (get(PING).token(TOKEN), 200),
        (get(PING), 401),
        (get("/api/gateway/nothing").token(TOKEN), 404),
        (request("POST", PING).token(TOKEN), 405),
        (request("POST", PING).token(TOKEN).body("text/plain", &[0; 11]), 413),
        (get("/api/health"), 200),
    ];
    for (asked, status) in table {
        let seen = gateway.check(&asked.clone().header("origin", PAGE), status, &json!({}));
        assert_eq!(seen.header("access-control-allow-origin"), Some(PAGE), "{asked}");
        assert_eq!(seen.header("access-control-allow-credentials"), Some("true"), "{asked}");
        assert_eq!(seen.header("access-control-expose-headers"), Some("x-request-id"), "{asked}");
        assert_eq!(seen.header("vary"), Some("Origin"), "{asked}");
        let alone = gateway.check(&asked, status, &json!({}));
        assert_eq!(alone.header("access-control-allow-origin"), None, "{asked}");
    }
    let foreign = gateway.check(&get(PING).header("origin", "https://evil.example"), 403, &json!({}));
    assert_eq!(foreign.header("access-control-allow-origin"), None);
}
