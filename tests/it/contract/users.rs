//! The users of the registry (contract 01, 2.2 to 2.7).

use serde_json::{Value, json};
use tests::{ADMIN_TOKEN, Gateway, Home, Request, TOKEN, delete, get, patch, post};

use super::{by_admin, detail, make_user};
use crate::home;

const USERS: &str = "/api/gateway/admin/users";

fn user(name: &str) -> String {
    format!("{USERS}/{name}")
}

#[track_caller]
fn admin(gateway: &Gateway, request: Request, status: u16, parts: &Value) -> Value {
    gateway.check(&by_admin(request), status, parts).json()
}

fn me(token: &str) -> Request {
    get("/api/gateway/me").token(token)
}

#[test]
fn users_are_made_shown_changed_and_deleted() {
    let gateway = home().with_users().serve();
    let full = json!({"user_id": "b o/b!!", "tenant_id": "t1", "email": "b@x.org", "roles": ["user", "editor"],
        "scopes": ["a"], "enabled": true, "runtime_id": "r 1", "token": "a-token-of-his-own-0123456789"});
    let stored = json!({"user_id": "b_o_b", "tenant_id": "t1", "email": "b@x.org", "roles": ["user", "editor"],
        "scopes": ["a"], "enabled": true, "runtime_id": "r_1"});
    let made = admin(&gateway, post(USERS, &full), 200, &json!({"user": stored, "token": full["token"]}));
    let keys: Vec<&String> = made["user"].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["user_id", "tenant_id", "email", "roles", "scopes", "enabled", "runtime_id", "created_at", "updated_at"]
    );
    gateway.check(&me("a-token-of-his-own-0123456789"), 200, &json!({"principal": {"user_id": "b_o_b"}}));
    let path = "/api/gateway/admin/users/b_o_b?tenant_id=t1";
    let shown = admin(&gateway, get(path), 200, &json!({"user": stored}));
    assert_eq!(shown["token"], Value::Null, "a token is shown once");
    let change = json!({"email": "", "roles": ["user"]});
    let changed = admin(
        &gateway,
        patch(path, &change),
        200,
        &json!({"user": {"email": "", "roles": ["user"], "scopes": ["a"]}, "token": null}),
    );
    assert!(changed["user"]["updated_at"].as_str() > shown["user"]["updated_at"].as_str(), "{changed}");
    for (body, given) in [
        (json!({"token": "another-of-his-own-0123456789"}), true),
        (json!({"token": ""}), false),
        (json!({"rotate_token": true}), false),
    ] {
        let token = admin(&gateway, patch(path, &body), 200, &json!({}))["token"].as_str().unwrap().to_owned();
        assert_eq!(given, token == "another-of-his-own-0123456789");
        assert!(given || token.starts_with("agw_") && token.len() == 47, "{token}");
        gateway.check(&me(&token), 200, &json!({"principal": {"user_id": "b_o_b"}}));
        gateway.check(&me("a-token-of-his-own-0123456789"), 401, &json!({}));
    }
    admin(&gateway, delete(path), 200, &json!({"ok": true, "deleted": true, "user_id": "b_o_b", "tenant_id": "t1"}));
    admin(&gateway, get(path), 404, &detail("Gateway user not found"));
}

#[test]
fn the_list_is_in_order_and_tells_no_secret() {
    let gateway = home().with_users().serve();
    for body in [json!({"user_id": "zoe"}), json!({"user_id": "bob", "tenant_id": "a"}), json!({"user_id": "ann"})] {
        make_user(&gateway, &body);
    }
    let shown = admin(&gateway, get(USERS), 200, &json!({}));
    let names: Vec<&str> = shown["users"].as_array().unwrap().iter().map(|u| u["user_id"].as_str().unwrap()).collect();
    assert_eq!(names, ["bob", "admin", "ann", "zoe"]);
    for word in ["hash", "fingerprint", ADMIN_TOKEN] {
        assert!(!shown.to_string().contains(word), "{word}");
    }
}

#[test]
fn what_cannot_be_a_user_is_refused() {
    let gateway = home().with_users().serve();
    make_user(&gateway, &json!({"user_id": "bob", "token": "the-token-of-bob-0123456789"}));
    let mail = detail("email must be empty or a valid email address");
    let issue = |kind: &str, field: &str| json!({"detail": [{"type": kind, "loc": ["body", field]}]});
    for (body, status, parts) in [
        (json!({"user_id": "bob"}), 400, detail("Gateway user already exists: default/bob")),
        (json!({"user_id": "..."}), 400, detail("user_id is required")),
        (json!({"user_id": "x", "email": "x"}), 400, mail.clone()),
        (json!({"user_id": "x", "email": "@x.org"}), 400, mail.clone()),
        (json!({"user_id": "x", "email": "x@org"}), 400, mail),
        (
            json!({"user_id": "x", "runtime_id": "bob"}),
            400,
            detail("Gateway runtime already assigned in tenant default: bob"),
        ),
        (json!({"user_id": "x", "token": "abc"}), 400, json!({})),
        (json!({"user_id": "x", "token": "the-token-of-bob-0123456789"}), 400, json!({})),
        (json!({}), 422, issue("missing", "user_id")),
        (json!({"user_id": ""}), 422, issue("string_too_short", "user_id")),
        (json!({"user_id": "x", "roles": "user"}), 422, issue("list_type", "roles")),
        (json!({"user_id": "x", "enabled": "perhaps"}), 422, issue("bool_parsing", "enabled")),
        (json!({"user_id": "x", "email": "x".repeat(255)}), 422, issue("string_too_long", "email")),
        (json!({"user_id": "x", "admin": true}), 422, issue("extra_forbidden", "admin")),
        (
            json!({"user_id": "x", "tenant_id": "other", "runtime_id": "bob"}),
            200,
            json!({"user": {"runtime_id": "bob"}}),
        ),
    ] {
        let answer = admin(&gateway, post(USERS, &body), status, &parts);
        assert!(!answer["detail"].to_string().contains("the-token-of-bob"), "{answer}");
    }
    for (request, status) in [
        (get(&user("nobody")), 404),
        (patch(&user("nobody"), &json!({})), 404),
        (delete(&user("nobody")), 404),
        (patch(&user("bob"), &json!({"user_id": "rob"})), 422),
        (patch(&user("bob"), &json!({"email": "x"})), 400),
        (patch(&user("bob"), &json!({})), 200),
    ] {
        admin(&gateway, request, status, &json!({}));
    }
}

#[test]
fn the_last_admin_stays() {
    // With a static token there is always somebody else.
    let gateway = home().with_users().unset("AUTH_TOKEN").serve();
    let last = json!({"reason_code": "last_admin"});
    for request in [
        delete(&user("admin")),
        patch(&user("admin"), &json!({"enabled": false})),
        patch(&user("admin"), &json!({"roles": ["user"]})),
    ] {
        admin(&gateway, request, 409, &last);
    }
    let second = make_user(&gateway, &json!({"user_id": "second", "roles": ["admin"]}));
    gateway.check(&delete(&user("admin")).token(&second), 200, &json!({}));
    gateway.check(&me(ADMIN_TOKEN), 401, &json!({}));
    gateway.check(&delete(&user("second")).token(&second), 409, &last);
}

#[test]
fn what_an_admin_decided_survives_a_restart() {
    let home = home().with_users();
    let gateway = home.serve();
    let second = make_user(&gateway, &json!({"user_id": "second", "roles": ["admin"]}));
    let bob = make_user(&gateway, &json!({"user_id": "bob"}));
    gateway.check(&patch(&user("admin"), &json!({"enabled": false})).token(&second), 200, &json!({}));
    gateway.kill();
    let gateway = home.serve();
    // The reference would have let the disabled admin in again.
    gateway.check(&me(ADMIN_TOKEN), 401, &json!({}));
    gateway.check(&me(&second), 200, &json!({}));
    gateway.check(&me(&bob), 200, &json!({}));
    let file = home.json_file("auth/users.json");
    assert_eq!((&file["version"], file["users"].as_array().unwrap().len()), (&json!(2), 3));
    assert!(!file.to_string().contains(&bob));
}

#[test]
fn a_row_nobody_understands_shuts_nobody_out() {
    let home = home().with_users();
    let alice = tests::PythonUser::leave_in(&home);
    let mut file = home.json_file("auth/users.json");
    file["users"].as_array_mut().unwrap().push(json!({"email": "nobody"}));
    file["own"] = json!("kept");
    home.put("auth/users.json", file.to_string().as_bytes());
    let gateway = home.serve();
    gateway.check(&me(alice.token), 200, &json!({"principal": {"user_id": "alice"}}));
    gateway.check(&me(ADMIN_TOKEN), 200, &json!({"principal": {"user_id": "admin"}}));
    make_user(&gateway, &json!({"user_id": "bob"}));
    let written = home.json_file("auth/users.json");
    assert_eq!((&written["own"], written["users"].as_array().unwrap().len()), (&json!("kept"), 4));
}

#[test]
fn the_first_token_is_in_its_file_and_said_once() {
    let home = Home::new(env!("CARGO_BIN_EXE_abstractgateway")).unset("AUTH_TOKEN").set("USER_AUTH", "1");
    let file = home.data_dir().join("auth/bootstrap-admin-token");
    let first = home.serve().stop();
    let token = std::fs::read_to_string(&file).unwrap().trim_end().to_owned();
    assert!(first.log.contains(&format!("Gateway admin token: {token}\n")), "{}", first.log);
    let gateway = home.serve();
    gateway.check(
        &me(&token),
        200,
        &json!({"principal": {"user_id": "admin", "runtime_id": "default", "admin": true}}),
    );
    gateway.check(&me(TOKEN), 401, &json!({}));
    let second = gateway.stop();
    assert!(!second.log.contains(&token), "{}", second.log);
}

#[test]
fn runs_of_one_user_are_not_there_for_another() {
    let gateway = home().with_users().serve();
    let bob = make_user(&gateway, &json!({"user_id": "bob"}));
    let start = post("/api/gateway/runs/start", &json!({"bundle_id": "it", "flow_id": "ask"}));
    let run = admin(&gateway, start.clone(), 200, &json!({}))["run_id"].as_str().unwrap().to_owned();
    let missing = detail(&format!("Run '{run}' not found"));
    let command = post("/api/gateway/commands", &json!({"command_id": "", "run_id": run, "type": "cancel"}));
    for request in [
        get(&format!("/api/gateway/runs/{run}")),
        get(&format!("/api/gateway/runs/{run}/ledger")),
        get(&format!("/api/gateway/runs/{run}/ledger/stream")),
        command,
    ] {
        gateway.check(&request.clone().token(&bob), 404, &missing);
        gateway.check(&request.token(TOKEN), 404, &missing);
    }
    gateway.check(&get("/api/gateway/runs").token(&bob), 200, &json!({"items": []}));
    admin(&gateway, get(&format!("/api/gateway/runs/{run}")), 200, &json!({"status": "waiting"}));
}
