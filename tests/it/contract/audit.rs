//! Who did what (contract 01, 1.11).

use serde_json::{Value, json};
use tests::{ADMIN_TOKEN, Gateway, Home, TOKEN, get, post, request};

use super::{by_admin, make_user};
use crate::home;

const KEYS: [&str; 17] = [
    "ts",
    "request_id",
    "ip",
    "method",
    "path",
    "query",
    "status",
    "duration_ms",
    "auth_required",
    "auth_token_fp",
    "principal_user_id",
    "principal_tenant_id",
    "origin",
    "user_agent",
    "bytes_in",
    "headers",
    "error",
];

/// The lines of a gateway that has ended, and so has written everything.
fn lines(home: &Home, gateway: Gateway) -> Vec<Value> {
    assert_eq!(gateway.stop().code, Some(0));
    let text = std::fs::read_to_string(home.data_dir().join("audit_log.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn writes_and_looks_at_users_leave_a_line_and_other_reads_leave_none() {
    let home = home().with_users();
    let gateway = home.serve();
    let user = json!({"user_id": "bob"});
    let full = by_admin(post("/api/gateway/admin/users?secret=1&flag", &user))
        .header("x-request-id", "the-first")
        .header("origin", "http://localhost:5")
        .header("user-agent", "it/1")
        .header("x-client-id", "c1")
        .header("cookie", "private=1");
    gateway.check(&full, 200, &json!({}));
    gateway.check(&by_admin(get("/api/gateway/admin/users")), 200, &json!({}));
    gateway.check(&by_admin(get("/api/gateway/me")), 200, &json!({}));
    gateway.check(&post("/api/gateway/commands", &json!({})).token("wrong"), 401, &json!({}));
    gateway.check(&by_admin(post("/api/gateway/nothing", &json!({}))), 404, &json!({}));
    gateway.check(&post("/api/gateway/commands", &json!({})).header("origin", "https://evil.example"), 403, &json!({}));
    let login = json!({"user_id": "admin", "token": ADMIN_TOKEN});
    gateway.check(&post("/api/gateway/session/login", &login), 200, &json!({}));
    let lines = lines(&home, gateway);
    let expected = [
        json!({"request_id": "the-first", "ip": "127.0.0.1", "method": "POST", "path": "/api/gateway/admin/users",
            "query": "secret=<redacted>&flag=<redacted>", "status": 200, "auth_required": true,
            "principal_user_id": "admin", "principal_tenant_id": "default", "origin": "http://localhost:5",
            "user_agent": "it/1", "bytes_in": user.to_string().len(), "headers": {"x-client-id": "c1"}}),
        json!({"method": "GET", "path": "/api/gateway/admin/users", "principal_user_id": "admin", "bytes_in": null}),
        json!({"path": "/api/gateway/commands", "status": 401, "auth_required": true, "principal_user_id": null}),
        json!({"path": "/api/gateway/nothing", "status": 404, "principal_user_id": "admin"}),
        json!({"status": 403, "origin": "https://evil.example", "auth_token_fp": null}),
        json!({"path": "/api/gateway/session/login", "status": 200, "auth_required": false}),
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, expected) in lines.iter().zip(&expected) {
        tests::includes(line, expected).unwrap_or_else(|difference| panic!("{difference}"));
        let keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        let known: Vec<&str> = KEYS.into_iter().filter(|key| keys.contains(key)).collect();
        assert_eq!(keys, known, "in the contract's order, and no others");
    }
    assert_eq!(lines[0]["headers"].as_object().unwrap().len(), 1);
    assert_eq!(lines[2]["auth_token_fp"].as_str().unwrap().len(), 12);
}

#[test]
fn secrets_are_in_no_line() {
    let home = home().with_users();
    let gateway = home.serve();
    let token = make_user(&gateway, &json!({"user_id": "bob"}));
    let login = post("/api/gateway/session/login", &json!({"user_id": "bob", "token": token}));
    let session = gateway.check(&login, 200, &json!({})).cookie("abstractgateway_session").0;
    let out = request("POST", "/api/gateway/session/logout")
        .token(&token)
        .header("cookie", &format!("abstractgateway_session={session}"));
    gateway.check(&out, 200, &json!({"deleted": true}));
    let written: String = lines(&home, gateway).iter().map(Value::to_string).collect();
    for secret in [ADMIN_TOKEN, &token, &session] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
}

#[test]
fn the_end_of_the_log_is_shown_to_every_admin() {
    let gateway = home().with_users().serve();
    let tail = |query: &str| get(&format!("/api/gateway/audit/tail{query}"));
    gateway.check(&by_admin(tail("")), 200, &json!({"ok": true, "bytes": 0, "truncated": false, "content": ""}));
    let bob = make_user(&gateway, &json!({"user_id": "bob", "roles": ["admin"]}));
    for token in [ADMIN_TOKEN, TOKEN, &bob] {
        let shown = gateway.check(&tail("").token(token), 200, &json!({"ok": true, "truncated": false})).json();
        let content = shown["content"].as_str().unwrap();
        assert_eq!(shown["bytes"], content.len());
        let paths: Vec<Value> =
            content.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["path"].clone()).collect();
        assert!(paths.contains(&json!("/api/gateway/admin/users")), "{content}");
    }
    for _ in 0..8 {
        gateway.check(&by_admin(post("/api/gateway/nothing", &json!({}))), 404, &json!({}));
    }
    let cut = gateway.check(&by_admin(tail("?max_bytes=1024")), 200, &json!({"bytes": 1024, "truncated": true}));
    assert_eq!(cut.json()["content"].as_str().unwrap().len(), 1024);
    for (max_bytes, status) in [("1024", 200), ("400000", 200), ("1023", 422), ("400001", 422), ("many", 422)] {
        gateway.check(&by_admin(tail(&format!("?max_bytes={max_bytes}"))), status, &json!({}));
    }
}

#[test]
fn the_log_is_turned_over_and_off() {
    let home = home().set("AUDIT_LOG_MAX_BYTES", "1").set("AUDIT_LOG_ROTATIONS", "2");
    let gateway = home.serve();
    for _ in 0..6 {
        gateway.check(&post("/api/gateway/nothing", &json!({})), 401, &json!({}));
    }
    assert_eq!(lines(&home, gateway).len(), 1);
    let old = home.names_in("").into_iter().filter(|n| n.starts_with("audit_log.") && n != "audit_log.jsonl").count();
    assert_eq!(old, 2);
    let silent = crate::home().set("AUDIT_LOG", "0");
    let gateway = silent.serve();
    gateway.check(&post("/api/gateway/nothing", &json!({})), 401, &json!({}));
    assert_eq!(gateway.stop().code, Some(0));
    assert!(!silent.data_dir().join("audit_log.jsonl").exists());
}
