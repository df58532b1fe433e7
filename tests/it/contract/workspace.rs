//! Opening a run's folder (contract 02, section 4.5).

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use tests::{Request, eventually, post};

use super::{by_admin, detail, make_user};
use crate::home;

fn open(run: &str) -> Request {
    post(&format!("/api/gateway/runs/{run}/workspace/open"), &json!({}))
}

#[test]
fn an_admin_opens_the_folder_of_a_run_and_nobody_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let (opener, told) = (folder.path().join("xdg-open"), folder.path().join("told"));
    std::fs::write(
        &opener,
        format!(
            "#!/bin/sh\nprintf '%s %s' \"$*\" \"$ABSTRACTGATEWAY_DATA_DIR\" > '{}.part'\nmv '{0}.part' '{0}'\n",
            told.display()
        ),
    )
    .unwrap();
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var_os("PATH").unwrap().display());
    let gateway = home().with_users().env("PATH", &path).serve();
    let start =
        post("/api/gateway/runs/start", &json!({"bundle_id": "it", "flow_id": "echo", "input_data": {"text": "x"}}));
    let started = gateway.check(&by_admin(start), 200, &Value::Null).json();
    let run = started["run_id"].as_str().unwrap();
    let opened = gateway
        .check(&by_admin(open(run)), 200, &json!({"ok": true, "opened": true, "run_id": run, "opener": "xdg-open"}))
        .json();
    let root = opened["workspace_root"].as_str().unwrap();
    assert!(std::path::Path::new(root).is_dir(), "{root}");
    // The path, and nothing of the gateway's environment.
    let seen = eventually("the opener was started", || std::fs::read_to_string(&told).ok());
    assert_eq!(seen, format!("{root} "));
    let user = make_user(&gateway, &json!({"user_id": "ann"}));
    gateway.check(&open(run).token(&user), 403, &detail("Admin principal required"));
    gateway.check(&open(run), 401, &Value::Null);
    gateway.check(&by_admin(open("zzz")), 404, &detail("Run 'zzz' not found"));
    let owner = "session_memory_s1";
    let in_session = post(
        "/api/gateway/runs/start",
        &json!({"bundle_id": "it", "flow_id": "echo", "input_data": {"text": "x"}, "session_id": "s1"}),
    );
    gateway.check(&by_admin(in_session), 200, &Value::Null);
    gateway.check(&by_admin(open(owner)), 409, &detail("Run does not have a workspace_root"));
    std::fs::remove_dir_all(root).unwrap();
    gateway.check(&by_admin(open(run)), 404, &detail(&format!("Run workspace does not exist: {root}")));
    std::fs::write(root, "").unwrap();
    gateway.check(&by_admin(open(run)), 409, &Value::Null);
}

#[test]
fn a_machine_without_a_desktop_says_so() {
    let empty = tempfile::tempdir().unwrap();
    let gateway = home().env("PATH", &empty.path().display().to_string()).serve();
    let run = gateway.start("echo", &json!({"text": "x"}));
    gateway.check(&open(&run).token(tests::TOKEN), 501, &json!({"code": "unsupported"}));
}
