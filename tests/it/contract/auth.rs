//! Who may do what, and which check answers first (contract 01, 1.2 to 1.8).

use serde_json::{Value, json};
use tests::{ADMIN_TOKEN, Gateway, Request, TOKEN, delete, get, post, put, request};

use super::{by_admin, detail, make_user};
use crate::home;

const PING: &str = "/api/gateway/ping";
const UNAUTHORIZED: &str = "Unauthorized";
const FOREIGN: (&str, &str) = ("origin", "https://evil.example");

/// A request, the status it gets, and parts of the body.
type Case = (Request, u16, Value);
type Headers = &'static [(&'static str, &'static str)];
/// The resource class of a family, and what is done to it.
type Class = Option<(&'static str, &'static str)>;

#[track_caller]
fn check(gateway: &Gateway, request: &Request, status: u16, parts: &Value, headers: Headers) {
    let response = gateway.check(request, status, parts);
    for (name, value) in headers {
        assert_eq!(response.header(name), Some(*value), "{request}: {name}");
    }
}

fn foreign(request: Request) -> Request {
    request.header(FOREIGN.0, FOREIGN.1)
}

#[test]
fn the_first_check_that_fails_answers() {
    let gateway = home().set("MAX_BODY_BYTES", "100").serve();
    let large = json!("x".repeat(200));
    let challenge: Headers = &[("www-authenticate", "Bearer"), ("content-type", "application/json; charset=utf-8")];
    let origin = detail("Forbidden (origin not allowed)");
    let too_large = detail("Payload Too Large (202 bytes > 100 bytes)");
    let table: Vec<(Request, u16, Value, Headers)> = vec![
        // The origin comes before everything else.
        (foreign(get(PING)), 403, origin.clone(), &[]),
        (foreign(get(PING)).token(TOKEN), 403, origin.clone(), &[]),
        (foreign(post("/api/gateway/session/login", &json!({}))), 403, origin.clone(), &[]),
        (foreign(get("/api/gateway/nothing")), 403, origin, &[]),
        // Then who asks, also for what is not there.
        (get(PING), 401, detail(UNAUTHORIZED), challenge),
        (get("/api/gateway/nothing"), 401, detail(UNAUTHORIZED), challenge),
        (get("/api/gatewayextra"), 401, detail(UNAUTHORIZED), challenge),
        (get("/api/gateway/ping/"), 401, detail(UNAUTHORIZED), challenge),
        (post(PING, &json!({})), 401, detail(UNAUTHORIZED), challenge),
        (post("/api/gateway/commands", &large), 401, detail(UNAUTHORIZED), challenge),
        (request("HEAD", PING), 401, Value::Null, challenge),
        (request("BREW", PING), 401, detail(UNAUTHORIZED), challenge),
        // Then the size, before what is not there.
        (post("/api/gateway/commands", &large).token(TOKEN), 413, too_large.clone(), &[]),
        (post("/api/gateway/nothing", &large).token(TOKEN), 413, too_large.clone(), &[]),
        (post(PING, &large).token(TOKEN), 413, too_large, &[]),
        // Then path and method.
        (get("/api/gateway/nothing").token(TOKEN), 404, detail("Not Found"), &[]),
        (get("/api/gateway//ping").token(TOKEN), 404, detail("Not Found"), &[]),
        (get("/api/gateway//admin/users").token(TOKEN), 404, detail("Not Found"), &[]),
        (post(PING, &json!({})).token(TOKEN), 405, detail("Method Not Allowed"), &[("allow", "GET")]),
        (request("HEAD", PING).token(TOKEN), 405, Value::Null, &[("allow", "GET")]),
        (request("OPTIONS", PING), 405, detail("Method Not Allowed"), &[("allow", "GET")]),
        (get("/api/gateway/ping/").token(TOKEN), 307, Value::Null, &[("location", "/api/gateway/ping")]),
        (get("/api/gateway/ping/?a=1&b").token(TOKEN), 307, Value::Null, &[("location", "/api/gateway/ping?a=1&b")]),
        (get(PING).token(TOKEN), 200, json!({"ok": true, "status": "healthy", "service": "abstractgateway"}), &[]),
        (get("/api/gateway/%70ing").token(TOKEN), 200, json!({"ok": true}), &[]),
    ];
    for (request, status, parts, headers) in table {
        if status == 307 || parts.is_null() {
            // A redirect has no body, and nor has the answer to HEAD.
            let mut connection = gateway.connect();
            connection.send(&request.bytes());
            let head = connection.read_head().unwrap();
            assert_eq!(head.status, status, "{request}");
            for (name, value) in headers {
                assert_eq!(head.header(name), Some(*value), "{request}: {name}");
            }
            continue;
        }
        check(&gateway, &request, status, &parts, headers);
    }
}

#[test]
fn a_token_comes_in_its_scheme_only() {
    let gateway = home().serve();
    let with = |value: &str| get(PING).header("authorization", value);
    for (request, status) in [
        (with(&format!("Bearer {TOKEN}")), 200),
        (with(&format!("bearer {TOKEN}")), 200),
        (with(&format!("BEARER   {TOKEN}  ")), 200),
        (with(&format!("Basic {TOKEN}")), 401),
        (with(TOKEN), 401),
        (with("Bearer"), 401),
        (with("Bearer "), 401),
        (with(&format!("Bearer {TOKEN}x")), 401),
        (with(&format!("Bearer {}", &TOKEN[1..])), 401),
        (with(""), 401),
    ] {
        gateway.check(&request, status, &json!({}));
    }
}

#[test]
fn static_tokens_are_the_local_admin() {
    let gateway = home().set("AUTH_TOKENS", "second-token-0123456789, third-token-0123456789").serve();
    for token in [TOKEN, "second-token-0123456789", "third-token-0123456789"] {
        let me = gateway.check(&get("/api/gateway/me").token(token), 200, &json!({
            "ok": true,
            "principal": {"user_id": "local-admin", "tenant_id": "local", "roles": ["admin", "user"], "scopes": ["*"],
                "runtime_id": "local-admin", "source": "legacy-token", "admin": true},
            "auth": {"mode": "legacy-token", "user_auth_enabled": false},
            "routing": {"mode": "single-user", "one_user_one_runtime": false},
        }));
        assert_eq!(me.json()["principal"]["token_fingerprint"].as_str().unwrap().len(), 12);
    }
}

#[test]
fn every_answer_names_its_request() {
    let gateway = home().serve();
    for (request, status) in [
        (get(PING), 401),
        (foreign(get(PING)), 403),
        (get(PING).token(TOKEN), 200),
        (get("/api/gateway/nothing").token(TOKEN), 404),
        (request("DELETE", PING).token(TOKEN), 405),
    ] {
        let given = gateway.check(&request.clone().header("x-request-id", "  mine-1 "), status, &json!({}));
        assert_eq!(given.header("x-request-id"), Some("mine-1"), "{request}");
        let made = gateway.check(&request, status, &json!({}));
        let id = made.header("x-request-id").unwrap();
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{request}: {id}");
    }
}

#[test]
fn origins_are_matched_as_the_contract_says() {
    let configured = "https://*.a.com,http://x[12],http://one";
    let table: [(&str, &[(&str, u16)]); 3] = [
        (
            configured,
            &[
                ("https://b.a.com", 200),
                ("https://a.com", 403),
                ("https://B.A.COM", 403),
                ("http://x1", 200),
                ("http://x3", 403),
                ("http://one", 200),
                ("http://one:80", 403),
                ("https://evil.com/.a.com", 200),
                ("  ", 200),
            ],
        ),
        (
            "http://localhost:*,http://127.0.0.1:*",
            &[
                ("http://localhost:3000", 200),
                ("http://localhost", 403),
                ("http://127.0.0.1:1", 200),
                ("null", 403),
                // A page of our own, under whatever name it is reached.
                ("http://gateway.test", 200),
                ("http://gateway.test:81", 403),
                ("http://gateway.test.evil", 403),
            ],
        ),
        (",", &[("http://localhost:3000", 403), ("http://other", 403)]),
    ];
    for (allowed, origins) in table {
        let gateway = home().set("ALLOWED_ORIGINS", allowed).serve();
        for (origin, status) in origins {
            gateway.check(&get(PING).token(TOKEN).header("origin", origin), *status, &json!({}));
        }
    }
}

#[test]
fn the_families_are_for_admins() {
    let gateway = home().with_users().set("MAX_BODY_BYTES", "1000").serve();
    let token = make_user(&gateway, &json!({"user_id": "bob"}));
    let families: [(&str, &str, Class); 31] = [
        ("GET", "/admin/users", Some(("admin", "read"))),
        ("GET", "/admin", Some(("admin", "read"))),
        ("GET", "/admin/", Some(("admin", "read"))),
        ("GET", "/%61dmin/users", Some(("admin", "read"))),
        ("GET", "/admin%2Fusers", Some(("admin", "read"))),
        ("BREW", "/admin/users", Some(("admin", "read"))),
        ("POST", "/admin/users", Some(("admin", "write"))),
        ("PATCH", "/admin/users/x", Some(("admin", "write"))),
        ("DELETE", "/admin/users/x", Some(("admin", "write"))),
        ("GET", "/administrator", None),
        ("GET", "/audit/tail", Some(("audit", "read"))),
        ("POST", "/processes", Some(("processes", "write"))),
        ("GET", "/backlog/planned", Some(("backlog", "read"))),
        ("GET", "/triage/decisions", Some(("triage", "read"))),
        ("GET", "/reports/bugs", Some(("reports", "read"))),
        ("GET", "/email/accounts", Some(("email", "read"))),
        ("GET", "/host/metrics/gpu", Some(("host", "read"))),
        ("GET", "/models/loaded", Some(("models", "read"))),
        ("POST", "/models/load", Some(("models", "write"))),
        ("POST", "/models/unload/", Some(("models", "write"))),
        ("POST", "/models/load/more", None),
        ("GET", "/files/search", Some(("workspace", "read"))),
        ("POST", "/artifacts/import", Some(("workspace", "write"))),
        ("POST", "/attachments/ingest", Some(("workspace", "write"))),
        ("POST", "/runs/r/artifacts/a/export", Some(("workspace", "write"))),
        ("GET", "/blocs/b", None),
        ("PUT", "/blocs/b", Some(("blocs", "write"))),
        ("GET", "/prompt_cache/stats", None),
        ("DELETE", "/prompt_cache/x", Some(("prompt_cache", "write"))),
        ("GET", "/me", None),
        ("GET", "/runs", None),
    ];
    for (method, path, class) in families {
        let asked = request(method, &format!("/api/gateway{path}")).token(&token);
        match class {
            Some((class, action)) => drop(gateway.check(
                &asked,
                403,
                &json!({
                    "detail": "Admin principal required", "reason_code": "admin_required", "required_role": "admin",
                    "resource_class": class, "action": action,
                }),
            )),
            None => assert_ne!(gateway.send_as_is(&asked).status, 403, "{asked}"),
        }
        let by_admin = by_admin(request(method, &format!("/api/gateway{path}")));
        assert_ne!(gateway.send_as_is(&by_admin).status, 403, "{by_admin}");
    }
    // Before the size is looked at.
    let large = post("/api/gateway/admin/users", &json!("x".repeat(2000)));
    gateway.check(&large.clone().token(&token), 403, &json!({"reason_code": "admin_required"}));
    gateway.check(&by_admin(large), 413, &json!({}));
}

#[test]
fn no_operation_is_open_by_omission() {
    let gateway = home().with_users().serve();
    let token = make_user(&gateway, &json!({"user_id": "bob"}));
    let document = gateway.check(&get("/openapi.json"), 200, &json!({})).json();
    let (mut operations, mut admin) = (0, 0);
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if !path.starts_with("/api/gateway/") || path == "/api/gateway/session/login" {
                continue;
            }
            let asked = request(&method.to_uppercase(), &path.replace(['{', '}'], ""));
            gateway.check(&asked, 401, &detail(UNAUTHORIZED));
            operations += 1;
            if operation["description"].as_str().is_some_and(|text| text.starts_with("For admins only")) {
                gateway.check(&asked.token(&token), 403, &json!({"reason_code": "admin_required"}));
                admin += 1;
            }
        }
    }
    assert!(operations > 20 && admin > 8, "{operations} operations, {admin} for admins");
}

#[test]
fn modes_open_what_they_say_and_no_more() {
    let (reader, admin) =
        (json!({"admin": false, "roles": ["readonly"]}), json!({"user_id": "local-admin", "admin": true}));
    let me = || get("/api/gateway/me");
    let make = || post("/api/gateway/admin/users", &json!({"user_id": "made"}));
    let table: Vec<(&str, &str, Vec<Case>)> = vec![
        (
            "DEV_READ_NO_AUTH",
            "1",
            vec![
                (
                    me(),
                    200,
                    json!({"principal": {"user_id": "loopback-readonly", "tenant_id": "local", "scopes": ["gateway:read"], "source": "loopback-dev-read"}}),
                ),
                (me(), 200, json!({"principal": reader})),
                (me().token(TOKEN), 200, json!({"principal": admin})),
                (me().token("wrong"), 200, json!({"principal": reader})),
                (get("/api/gateway/admin/users"), 403, json!({"reason_code": "admin_required"})),
                (get("/api/gateway/admin/users").token(TOKEN), 200, json!({"users": []})),
                (make(), 401, detail(UNAUTHORIZED)),
            ],
        ),
        (
            "PROTECT_READ",
            "0",
            vec![
                (me(), 200, json!({"principal": reader})),
                (me().token("wrong"), 200, json!({"principal": reader})),
                (me().token(TOKEN), 200, json!({"principal": admin})),
                (get("/api/gateway/admin/users"), 403, json!({"reason_code": "admin_required"})),
                (make(), 401, detail(UNAUTHORIZED)),
            ],
        ),
        (
            "PROTECT_WRITE",
            "0",
            vec![
                (me(), 401, detail(UNAUTHORIZED)),
                (make(), 200, json!({"user": {"user_id": "made"}})),
                (delete("/api/gateway/admin/users/made"), 200, json!({"deleted": true})),
            ],
        ),
        (
            "SECURITY",
            "0",
            vec![
                (me(), 200, json!({"principal": admin})),
                (foreign(me()), 200, json!({"principal": admin})),
                (me().token("wrong"), 200, json!({"principal": admin})),
                (make(), 200, json!({"user": {"user_id": "made"}})),
                (get("/api/gateway/nothing"), 404, detail("Not Found")),
            ],
        ),
    ];
    for (variable, value, requests) in table {
        let gateway = home().set(variable, value).serve();
        for (request, status, parts) in requests {
            gateway.check(&request, status, &parts);
        }
    }
}

#[test]
fn a_gateway_nobody_can_enter_says_so() {
    let gateway = home().unset("AUTH_TOKEN").set("PROTECT_WRITE", "0").serve();
    let refusal = detail("Gateway auth required but no token configured");
    gateway.check(&get(PING), 503, &refusal);
    gateway.check(&get(PING).token(TOKEN), 503, &refusal);
    gateway.check(&put("/api/gateway/nothing", &json!({})), 404, &json!({}));
}

#[test]
fn users_and_static_tokens_live_together() {
    let gateway = home().with_users().serve();
    let bob = make_user(&gateway, &json!({"user_id": "bob", "roles": ["user", "editor"], "scopes": ["a"]}));
    let me = |token: &str| get("/api/gateway/me").token(token);
    let users = json!({"mode": "users", "user_auth_enabled": true});
    let routing = json!({"mode": "per-principal", "one_user_one_runtime": true});
    for (token, principal) in [
        (ADMIN_TOKEN, json!({"user_id": "admin", "tenant_id": "default", "runtime_id": "default", "admin": true})),
        (
            bob.as_str(),
            json!({"user_id": "bob", "roles": ["user", "editor"], "scopes": ["a"], "runtime_id": "bob",
            "source": "user-registry", "admin": false}),
        ),
        (TOKEN, json!({"user_id": "local-admin", "tenant_id": "local", "source": "legacy-token", "admin": true})),
    ] {
        gateway.check(&me(token), 200, &json!({"principal": principal, "auth": users, "routing": routing}));
    }
    gateway.check(&me("agw_wrong"), 401, &detail(UNAUTHORIZED));
}
