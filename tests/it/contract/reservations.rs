//! Data planes kept for users who are gone (contract 01, 2.7).

use serde_json::{Value, json};
use tests::{Gateway, Home, Request, delete, get, patch, post};

use super::{by_admin, detail, make_user};
use crate::home;

const KEPT: &str = "/api/gateway/admin/runtime-reservations";

#[track_caller]
fn admin(gateway: &Gateway, request: Request, status: u16, parts: &Value) -> Value {
    gateway.check(&by_admin(request), status, parts).json()
}

fn transfer(runtime: &str, to: &str) -> Request {
    post(&format!("{KEPT}/{runtime}/transfer"), &json!({"target_user_id": to, "confirm_runtime_id": runtime}))
}

fn purge(runtime: &str, confirm: &str) -> Request {
    post(&format!("{KEPT}/{runtime}/purge"), &json!({"confirm_runtime_id": confirm}))
}

fn folder(home: &Home, runtime: &str) -> std::path::PathBuf {
    home.data_dir().join("users/default").join(runtime)
}

/// Makes a user with a data plane of files, and deletes it.
fn leave(gateway: &Gateway, name: &str) {
    let token = make_user(gateway, &json!({"user_id": name}));
    gateway.check(&get("/api/gateway/runs").token(&token), 200, &json!({"items": []}));
    admin(gateway, delete(&format!("/api/gateway/admin/users/{name}")), 200, &json!({}));
}

#[test]
fn what_users_leave_is_kept_for_them() {
    let home = home().with_users();
    let gateway = home.serve();
    leave(&gateway, "bob");
    let kept = json!({"tenant_id": "default", "runtime_id": "bob", "owner_key": "default:bob", "owner_user_id": "bob",
        "reason": "deleted-user", "data_exists": true, "data_path": folder(&home, "bob").display().to_string()});
    admin(&gateway, get(KEPT), 200, &json!({"runtime_reservations": [kept]}));
    let taken = post("/api/gateway/admin/users", &json!({"user_id": "eve", "runtime_id": "bob"}));
    admin(&gateway, taken, 400, &detail("Gateway runtime already assigned or retained in tenant default: bob"));
    make_user(&gateway, &json!({"user_id": "bob"}));
    admin(&gateway, get(KEPT), 200, &json!({"runtime_reservations": []}));
    let move_away = patch("/api/gateway/admin/users/bob", &json!({"runtime_id": "other"}));
    admin(&gateway, move_away, 200, &json!({"user": {"runtime_id": "other"}}));
    let kept = json!({"runtime_id": "bob", "reason": "runtime-reassigned"});
    admin(&gateway, get(KEPT), 200, &json!({"runtime_reservations": [kept]}));
}

#[test]
fn a_kept_plane_can_be_given_to_somebody() {
    let home = home().with_users();
    let gateway = home.serve();
    leave(&gateway, "bob");
    let eve = make_user(&gateway, &json!({"user_id": "eve"}));
    for (request, status, text) in [
        (transfer("nobody", "eve"), 404, "Gateway runtime reservation not found: default/nobody"),
        (transfer("bob", "nobody"), 404, "Gateway user not found: default/nobody"),
        (
            post(&format!("{KEPT}/bob/transfer"), &json!({"target_user_id": "eve", "confirm_runtime_id": "eve"})),
            400,
            "confirm_runtime_id must match the retained runtime id",
        ),
    ] {
        admin(&gateway, request, status, &detail(text));
    }
    admin(&gateway, post(&format!("{KEPT}/bob/transfer"), &json!({"more": 1})), 422, &json!({}));
    let given = json!({"ok": true, "transferred": true, "user": {"user_id": "eve", "runtime_id": "bob"},
        "reservation": {"runtime_id": "bob", "owner_user_id": "bob"}, "previous_runtime_id": "eve"});
    admin(&gateway, transfer("bob", "eve"), 200, &given);
    let now = get("/api/gateway/me").token(&eve);
    gateway.check(&now, 200, &json!({"principal": {"user_id": "eve", "runtime_id": "bob"}}));
    let kept = json!({"runtime_id": "eve", "owner_user_id": "eve", "reason": "runtime-transferred"});
    admin(&gateway, get(KEPT), 200, &json!({"runtime_reservations": [kept]}));
}

#[test]
fn a_kept_plane_can_be_deleted_for_good() {
    let home = home().with_users();
    let gateway = home.serve();
    leave(&gateway, "bob");
    let all = json!({"confirm_runtime_id": "bob", "delete_data": false});
    for (request, status, text) in [
        (purge("nobody", "nobody"), 404, "Gateway runtime reservation not found: default/nobody"),
        (purge("bob", "b"), 400, "confirm_runtime_id must match the retained runtime id"),
        (post(&format!("{KEPT}/bob/purge"), &all), 400, "delete_data must be true to purge a retained runtime"),
    ] {
        admin(&gateway, request, status, &detail(text));
    }
    assert!(folder(&home, "bob").is_dir());
    let done = json!({"ok": true, "purged": true, "deleted_data": true, "runtime_id": "bob", "tenant_id": "default",
        "data_path": folder(&home, "bob").display().to_string()});
    admin(&gateway, purge("bob", "bob"), 200, &done);
    assert!(!folder(&home, "bob").exists());
    admin(&gateway, get(KEPT), 200, &json!({"runtime_reservations": []}));
    admin(&gateway, purge("bob", "bob"), 404, &json!({}));
    // A new user of that name begins anew.
    let token = make_user(&gateway, &json!({"user_id": "bob"}));
    gateway.check(&get("/api/gateway/runs").token(&token), 200, &json!({"items": []}));
}

#[test]
fn a_purge_that_was_interrupted_can_only_be_repeated() {
    let home = home().with_users();
    let gateway = home.serve();
    leave(&gateway, "bob");
    make_user(&gateway, &json!({"user_id": "eve"}));
    assert_eq!(gateway.stop().code, Some(0));
    let mut file = home.json_file("auth/users.json");
    file["runtime_reservations"][0]["reason"] = json!("purging");
    home.put("auth/users.json", file.to_string().as_bytes());
    let gateway = home.serve();
    let text = "Gateway runtime purge is already in progress: default/bob";
    admin(&gateway, transfer("bob", "eve"), 400, &detail(text));
    admin(&gateway, purge("bob", "bob"), 200, &json!({"purged": true, "deleted_data": true}));
}

#[test]
fn a_link_is_not_followed() {
    let home = home().with_users();
    let gateway = home.serve();
    leave(&gateway, "bob");
    let elsewhere = home.data_dir().join("elsewhere");
    home.put("elsewhere/precious", b"!");
    std::fs::remove_dir_all(folder(&home, "bob")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, folder(&home, "bob")).unwrap();
    admin(&gateway, purge("bob", "bob"), 409, &json!({}));
    assert!(elsewhere.join("precious").exists());
}
