//! What a body or a query may look like, and how its faults are listed (contract 01, 3.2).

use serde_json::{Value, json};
use tests::{Request, TOKEN, get, post, request};

use crate::home;

const USERS: &str = "/api/gateway/admin/users";

fn raw(content_type: &str, body: &[u8]) -> Request {
    request("POST", USERS).body(content_type, body).token(TOKEN)
}

fn issue(kind: &str, loc: Value, msg: &str) -> Value {
    json!({"type": kind, "loc": loc, "msg": msg})
}

fn whole(kind: &str, msg: &str) -> Value {
    json!({"detail": [issue(kind, json!(["body"]), msg)]})
}

#[test]
fn bodies_are_json_objects_or_say_why_not() {
    let gateway = home().serve();
    let not_an_object =
        whole("model_attributes_type", "Input should be a valid dictionary or object to extract fields from");
    let good = br#"{"user_id": "a"}"#;
    for (request, status, parts) in [
        (raw("application/json", b""), 422, whole("missing", "Field required")),
        (request("POST", USERS).token(TOKEN), 422, whole("missing", "Field required")),
        (raw("application/json", b"[1]"), 422, not_an_object.clone()),
        (raw("application/json", b"\"x\""), 422, not_an_object.clone()),
        (raw("text/plain", good), 422, not_an_object.clone()),
        (raw("application/x-www-form-urlencoded", b"user_id=a"), 422, not_an_object),
        (
            raw("application/json", b"{\"user_id\": \"\xff\"}"),
            400,
            json!({"detail": "There was an error parsing the body"}),
        ),
        (
            raw("application/json", b"{\"user_id\": "),
            422,
            json!({"detail": [{"type": "json_invalid", "msg": "JSON decode error", "input": {}}]}),
        ),
        (raw("application/json", b"{} {}"), 422, json!({"detail": [{"type": "json_invalid"}]})),
        (raw("application/json; charset=utf-8", good), 200, json!({"user": {"user_id": "a"}})),
        (raw("application/vnd.x+json", br#"{"user_id": "b"}"#), 200, json!({"user": {"user_id": "b"}})),
    ] {
        gateway.check(&request, status, &parts);
    }
}

#[test]
fn bodies_that_are_meant_to_hurt_are_refused() {
    let gateway = home().serve();
    let nested =
        |depth: usize| format!("{{\"user_id\": \"a\", \"roles\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
    let start = |text: &str| {
        let body = format!("{{\"bundle_id\": \"it\", \"flow_id\": \"echo\", \"input_data\": {{\"text\": {text}}}}}");
        request("POST", "/api/gateway/runs/start").body("application/json", body.as_bytes()).token(TOKEN)
    };
    for (request, status) in [
        (raw("application/json", nested(100_000).as_bytes()), 422),
        (raw("application/json", "[".repeat(200_000).as_bytes()), 422),
        (raw("application/json", "{\"a\":".repeat(40_000).as_bytes()), 422),
        (start(&format!("{}{}", "[".repeat(60_000), "]".repeat(60_000))), 422),
        (start("1e999"), 422),
        (start("-0"), 200),
        (start("123456789012345678901234567890"), 200),
        (start("\"\\ud800\""), 422),
        (start("\"\\u0000\""), 200),
    ] {
        let answer = gateway.send_as_is(&request);
        assert_eq!(answer.status, status, "{}", answer.text());
        gateway.check(&get("/api/health"), 200, &json!({}));
    }
}

#[test]
fn faults_are_listed_together_in_the_order_of_the_fields() {
    let gateway = home().serve();
    let body =
        json!({"zzz": 1, "user_id": 5, "tenant_id": "", "email": "x".repeat(255), "roles": [1], "enabled": "maybe"});
    let expected = json!({"detail": [
        issue("string_type", json!(["body", "user_id"]), "Input should be a valid string"),
        issue("string_too_short", json!(["body", "tenant_id"]), "String should have at least 1 character"),
        issue("string_too_long", json!(["body", "email"]), "String should have at most 254 characters"),
        json!({"type": "string_type"}),
        issue("bool_parsing", json!(["body", "enabled"]), "Input should be a valid boolean, unable to interpret input"),
        issue("extra_forbidden", json!(["body", "zzz"]), "Extra inputs are not permitted"),
    ]});
    let answer = gateway.check(&post(USERS, &body).token(TOKEN), 422, &expected).json();
    assert_eq!(answer["detail"][0]["input"], 5);
    assert_eq!(answer["detail"][1]["ctx"], json!({"min_length": 1}));
    assert!(answer["detail"].as_array().unwrap().iter().all(|issue| issue.get("url").is_none()));
}

#[test]
fn secrets_are_not_given_back() {
    let gateway = home().serve();
    let long = "s".repeat(5000);
    for (path, body) in [
        (USERS, json!({"user_id": "a", "token": long})),
        (USERS, json!({"user_id": "a", "token": ["ssssss"]})),
        ("/api/gateway/session/login", json!({"user_id": "", "token": "ssssss"})),
        ("/api/gateway/session/login", json!({"token": "ssssss"})),
        ("/api/gateway/session/login", json!({"user_id": "a", "token": long})),
    ] {
        let answer = gateway.check(&post(path, &body).token(TOKEN), 422, &json!({}));
        assert!(!answer.text().contains("ssssss"), "{path}: {}", answer.text());
    }
}

#[test]
fn queries_are_read_as_what_they_should_be() {
    let gateway = home().serve();
    let runs = |query: &str| get(&format!("/api/gateway/runs?{query}")).token(TOKEN);
    let fault = |kind: &str, field: &str| json!({"detail": [{"type": kind, "loc": ["query", field]}]});
    for (query, status, parts) in [
        ("limit=1", 200, json!({"items": []})),
        ("limit=500", 200, json!({})),
        ("limit=0", 422, fault("greater_than_equal", "limit")),
        ("limit=501", 422, fault("less_than_equal", "limit")),
        ("limit=ten", 422, fault("int_parsing", "limit")),
        ("limit=", 422, fault("int_parsing", "limit")),
        ("limit=1&limit=2", 200, json!({})),
        ("root_only=yes", 200, json!({})),
        ("root_only=Off", 200, json!({})),
        ("root_only=maybe", 422, fault("bool_parsing", "root_only")),
        ("status=WAITING", 200, json!({})),
        (
            "status=asleep",
            400,
            json!({"detail": "Invalid status (expected: running|waiting|completed|failed|cancelled)"}),
        ),
        ("unknown=1", 200, json!({})),
        ("%6cimit=0", 422, fault("greater_than_equal", "limit")),
    ] {
        gateway.check(&runs(query), status, &parts);
    }
}
