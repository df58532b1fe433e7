//! Browser sessions: login, logout, CSRF, and what survives what (contract 01, 2.6 and 2.7).

use serde_json::{Value, json};
use tests::{ADMIN_TOKEN, Gateway, PythonUser, Request, Response, TOKEN, get, patch, post, request};

use super::{by_admin, detail, make_user};
use crate::home;

const LOGIN: &str = "/api/gateway/session/login";
const LOGOUT: &str = "/api/gateway/session/logout";
const ME: &str = "/api/gateway/me";
const SESSION: &str = "abstractgateway_session";
const CSRF: &str = "abstractgateway_csrf";

/// A signed-in browser.
struct Browser {
    session: String,
    csrf: String,
}

impl Browser {
    fn sign_in(gateway: &Gateway, user_id: &str, token: &str) -> Self {
        let answer =
            gateway.check(&post(LOGIN, &json!({"user_id": user_id, "token": token})), 200, &json!({"ok": true}));
        Self { session: answer.cookie(SESSION).0, csrf: answer.cookie(CSRF).0 }
    }

    fn asks(&self, request: Request) -> Request {
        request.header("cookie", &format!("other=1; {SESSION}={}; {CSRF}={}", self.session, self.csrf))
    }

    fn writes(&self, request: Request) -> Request {
        self.asks(request).header("x-abstractgateway-csrf", &self.csrf)
    }
}

fn attributes(answer: &Response, name: &str) -> String {
    answer.cookie(name).1
}

#[test]
fn a_login_tells_the_values_in_cookies_only() {
    let gateway = home().with_users().serve();
    let token = make_user(&gateway, &json!({"user_id": "alice"}));
    let login = |remember: bool| post(LOGIN, &json!({"user_id": " alice ", "token": token, "remember": remember}));
    let forwarded = |proto: &str| login(false).header("x-forwarded-proto", proto);
    for (request, suffix) in [
        (login(false), "Path=/; SameSite=lax"),
        (login(true), "Max-Age=2592000; Path=/; SameSite=lax"),
        (forwarded("https"), "Path=/; SameSite=lax; Secure"),
        (forwarded("http"), "Path=/; SameSite=lax"),
    ] {
        let answer = gateway.check(
            &request,
            200,
            &json!({
                "ok": true,
                "principal": {"user_id": "alice", "tenant_id": "default", "source": "user-registry", "admin": false},
                "auth": {"mode": "users", "user_auth_enabled": true, "session": "gateway-browser-session"},
                "routing": {"mode": "per-principal"},
            }),
        );
        assert_eq!(attributes(&answer, SESSION), format!("HttpOnly; {suffix}"));
        assert_eq!(attributes(&answer, CSRF), suffix);
        let (session, csrf) = (answer.cookie(SESSION).0, answer.cookie(CSRF).0);
        assert!(session.starts_with("agws_") && csrf.starts_with("agcsrf_"), "{session} {csrf}");
        assert!(!answer.text().contains(&session) && !answer.text().contains(&csrf));
        let keys: Vec<_> = answer.json()["session"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["expires_at"]);
    }
}

#[test]
fn wrong_logins_are_refused() {
    let gateway = home().with_users().serve();
    let login = |body: Value| post(LOGIN, &body);
    let issue = |kind: &str, field: &str| json!({"detail": [{"type": kind, "loc": ["body", field]}]});
    for (body, status, parts) in [
        (json!({"user_id": "admin", "token": "nope"}), 401, detail("Invalid Gateway user token")),
        (
            json!({"user_id": "bob", "token": ADMIN_TOKEN}),
            401,
            detail("Gateway token resolved to user 'admin', not 'bob'."),
        ),
        (json!({"user_id": "local-admin", "token": TOKEN}), 401, detail("Invalid Gateway user token")),
        (json!({"user_id": "admin"}), 422, issue("missing", "token")),
        (json!({"user_id": "", "token": "x"}), 422, issue("string_too_short", "user_id")),
        (json!({"user_id": "a", "token": "x", "tenant_id": "t"}), 422, issue("extra_forbidden", "tenant_id")),
        (json!({"user_id": " ", "token": ADMIN_TOKEN}), 200, json!({"principal": {"user_id": "admin"}})),
    ] {
        gateway.check(&login(body), status, &parts);
    }
}

#[test]
fn a_session_reads_with_its_value_and_writes_with_its_csrf_token() {
    let gateway = home().with_users().serve();
    let token = make_user(&gateway, &json!({"user_id": "alice"}));
    let (alice, other) = (Browser::sign_in(&gateway, "alice", &token), Browser::sign_in(&gateway, "alice", &token));
    let me = || get(ME);
    let command = || post("/api/gateway/commands", &json!({"command_id": "", "run_id": "nobody", "type": "cancel"}));
    let (known, unknown) = (json!({"principal": {"user_id": "alice"}}), detail("Unauthorized"));
    let csrf =
        json!({"detail": "Gateway browser session CSRF token missing or invalid", "reason_code": "csrf_required"});
    let by_header = |request: Request| request.header("x-abstractgateway-session", &alice.session);
    let id = alice.session.trim_start_matches("agws_").split('.').next().unwrap();
    let raw = |value: &str| me().header("cookie", &format!("{SESSION}={value}"));
    let table = [
        (alice.asks(me()), 200, known.clone()),
        (by_header(me()), 200, known.clone()),
        (alice.asks(me()).header("x-abstractgateway-session", "agws_wrong.value"), 200, known.clone()),
        (alice.asks(me()).header("authorization", "Basic eDp5"), 200, known.clone()),
        (alice.asks(me()).header("authorization", "Bearer "), 200, known),
        (alice.asks(me()).token("wrong"), 401, unknown.clone()),
        (raw(id), 401, unknown.clone()),
        (raw(&format!("agws_{id}")), 401, unknown.clone()),
        (raw(&format!("agws_{id}.{}", "0".repeat(48))), 401, unknown.clone()),
        (raw(&format!("{}0", alice.session)), 401, unknown),
        (alice.asks(command()), 403, csrf.clone()),
        (by_header(command()), 403, csrf.clone()),
        (alice.asks(command()).header("x-abstractgateway-csrf", &other.csrf), 403, csrf.clone()),
        (alice.asks(post("/api/gateway/admin/users", &json!({}))), 403, csrf),
        (alice.writes(post("/api/gateway/admin/users", &json!({}))), 403, json!({"reason_code": "admin_required"})),
        (alice.writes(command()), 404, detail("Run 'nobody' not found")),
        (by_header(command()).header("x-abstractgateway-csrf", &alice.csrf), 404, json!({})),
        (alice.asks(command()).token(&token), 404, json!({})),
    ];
    for (request, status, parts) in table {
        gateway.check(&request, status, &parts);
    }
}

#[test]
fn logout_ends_the_session_it_is_told_and_takes_the_cookies() {
    let gateway = home().with_users().serve();
    let token = make_user(&gateway, &json!({"user_id": "alice"}));
    let sign_in = || Browser::sign_in(&gateway, "alice", &token);
    let out = || request("POST", LOGOUT);
    let (a, b) = (sign_in(), sign_in());
    let ended = gateway.check(&a.writes(out()), 200, &json!({"ok": true, "deleted": true}));
    for name in [SESSION, CSRF] {
        let (value, attributes) = ended.cookie(name);
        assert_eq!(value, "\"\"");
        assert!(attributes.contains("Max-Age=0") && attributes.contains("Path=/; SameSite=lax"), "{attributes}");
    }
    gateway.check(&a.asks(get(ME)), 401, &json!({}));
    gateway.check(&b.asks(get(ME)), 200, &json!({}));
    // With a token no CSRF is needed, and the session that came along ends.
    gateway.check(&b.asks(out()).token(&token), 200, &json!({"deleted": true}));
    gateway.check(&b.asks(get(ME)), 401, &json!({}));
    gateway.check(&out().token(&token), 200, &json!({"ok": true, "deleted": false}));
    gateway.check(&out(), 401, &json!({}));
    gateway.check(&sign_in().asks(out()), 403, &json!({"reason_code": "csrf_required"}));
}

#[test]
fn sessions_end_with_what_they_stand_on() {
    let gateway = home().with_users().serve();
    let user = |name: &str| format!("/api/gateway/admin/users/{name}");
    let changes: [(&str, Request, u16); 4] = [
        ("a", by_admin(patch(&user("a"), &json!({"enabled": false}))), 401),
        ("b", by_admin(patch(&user("b"), &json!({"rotate_token": true}))), 401),
        ("c", by_admin(tests::delete(&user("c"))), 401),
        ("d", by_admin(patch(&user("d"), &json!({"roles": ["user", "editor"]}))), 200),
    ];
    for (name, change, status) in changes {
        let token = make_user(&gateway, &json!({"user_id": name}));
        let browser = Browser::sign_in(&gateway, name, &token);
        gateway.check(&browser.asks(get(ME)), 200, &json!({"principal": {"roles": ["user"]}}));
        gateway.check(&change, 200, &json!({}));
        let answer = gateway.check(&browser.asks(get(ME)), status, &json!({}));
        if status == 200 {
            assert_eq!(answer.json()["principal"]["roles"], json!(["user", "editor"]));
        }
    }
}

#[test]
fn sessions_survive_a_restart_and_a_kill() {
    let home = home().with_users();
    let gateway = home.serve();
    let token = make_user(&gateway, &json!({"user_id": "alice"}));
    let (alice, gone) = (Browser::sign_in(&gateway, "alice", &token), Browser::sign_in(&gateway, "alice", &token));
    gateway.check(&gone.writes(request("POST", LOGOUT)), 200, &json!({}));
    gateway.kill();
    let gateway = home.serve();
    gateway.check(&alice.asks(get(ME)), 200, &json!({"principal": {"user_id": "alice"}}));
    gateway.check(&gone.asks(get(ME)), 401, &json!({}));
    gateway.check(&alice.writes(request("POST", LOGOUT)), 200, &json!({"deleted": true}));
    assert_eq!(gateway.stop().code, Some(0));
    let gateway = home.serve();
    gateway.check(&alice.asks(get(ME)), 401, &json!({}));
    let stored = std::fs::read_to_string(home.data_dir().join("auth/sessions.json")).unwrap();
    let id = alice.session.trim_start_matches("agws_").split('.').next().unwrap();
    assert!(!stored.contains(id), "an id that could be used is in the file");
}

#[test]
fn sessions_of_the_python_time_go_on() {
    let home = home().with_users();
    let alice = PythonUser::leave_in(&home);
    let gateway = home.serve();
    let browser = Browser { session: alice.session.clone(), csrf: alice.csrf.to_owned() };
    let known = json!({"principal": {"user_id": "alice", "runtime_id": "alice", "roles": ["user"]}});
    gateway.check(&get(ME).token(alice.token), 200, &known);
    gateway.check(&browser.asks(get(ME)), 200, &known);
    gateway.check(&browser.asks(request("POST", LOGOUT)), 403, &json!({"reason_code": "csrf_required"}));
    gateway.check(&browser.writes(request("POST", LOGOUT)), 200, &json!({"deleted": true}));
    gateway.check(&browser.asks(get(ME)), 401, &json!({}));
    let again = Browser::sign_in(&gateway, "alice", alice.token);
    gateway.check(&again.asks(get(ME)), 200, &known);
}

#[test]
fn a_session_that_is_over_is_none() {
    let home = home().with_users();
    let alice = PythonUser::leave_in(&home);
    let mut file = home.json_file("auth/sessions.json");
    file["sessions"][0]["expires_at"] = json!("2026-01-01T00:00:00+00:00");
    home.put("auth/sessions.json", file.to_string().as_bytes());
    let gateway = home.serve();
    let browser = Browser { session: alice.session.clone(), csrf: alice.csrf.to_owned() };
    gateway.check(&browser.asks(get(ME)), 401, &json!({}));
    Browser::sign_in(&gateway, "alice", alice.token);
    assert_eq!(home.json_file("auth/sessions.json")["sessions"].as_array().unwrap().len(), 1);
}

#[test]
fn there_are_never_more_sessions_than_allowed() {
    let home = home().with_users().set("MAX_SESSIONS", "10");
    let gateway = home.serve();
    let browsers: Vec<Browser> = (0..12).map(|_| Browser::sign_in(&gateway, "admin", ADMIN_TOKEN)).collect();
    let statuses: Vec<u16> = browsers.iter().map(|browser| gateway.send_as_is(&browser.asks(get(ME))).status).collect();
    assert_eq!((&statuses[..2], &statuses[2..]), (&[401; 2][..], &[200; 10][..]));
    assert_eq!(home.json_file("auth/sessions.json")["sessions"].as_array().unwrap().len(), 10);
}

#[test]
fn a_torn_sessions_file_is_no_sessions() {
    let home = home().with_users();
    home.put("auth/sessions.json", b"{\"sessions\": [");
    let gateway = home.serve();
    let browser = Browser::sign_in(&gateway, "admin", ADMIN_TOKEN);
    gateway.check(&browser.asks(get(ME)), 200, &json!({}));
}

#[test]
fn names_of_cookies_and_headers_may_be_chosen() {
    let home = home().with_users().set("SESSION_COOKIE", "sid").set("CSRF_COOKIE", "tok");
    let gateway = home.set("SESSION_HEADER", "X-Sid").set("CSRF_HEADER", "X-Tok").serve();
    let answer = gateway.check(&post(LOGIN, &json!({"user_id": "admin", "token": ADMIN_TOKEN})), 200, &json!({}));
    let (session, csrf) = (answer.cookie("sid").0, answer.cookie("tok").0);
    gateway.check(&get(ME).header("cookie", &format!("sid={session}")), 200, &json!({}));
    gateway.check(&get(ME).header("x-sid", &session), 200, &json!({}));
    let out = || request("POST", LOGOUT).header("x-sid", &session);
    gateway.check(&out().header("x-abstractgateway-csrf", &csrf), 403, &json!({}));
    gateway.check(&out().header("x-tok", &csrf), 200, &json!({"deleted": true}));
}
