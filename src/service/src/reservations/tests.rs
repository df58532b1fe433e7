use std::fs;

use serde_json::json;

use crate::users::tests::{Bench, USERS};

async fn with_kept_plane() -> Bench {
    let bench = Bench::open(USERS).await;
    for user in ["alice", "bob"] {
        bench.json("users.create", json!({"user_id": user})).await;
    }
    fs::create_dir_all(bench.folder.path().join("users/default/alice/runtime")).unwrap();
    bench.json("users.delete", json!({"user_id": "alice"})).await;
    bench
}

#[tokio::test]
async fn kept_planes_are_listed_with_their_data() {
    let bench = with_kept_plane().await;
    let rows = bench.json("reservations.list", json!({})).await["runtime_reservations"].clone();
    let path = bench.folder.path().join("users/default/alice");
    assert_eq!(rows.as_array().unwrap().len(), 1);
    let row = &rows[0];
    assert_eq!((&row["data_exists"], &row["data_path"]), (&json!(true), &json!(path)));
    assert_eq!((&row["owner_key"], &row["reason"]), (&json!("default:alice"), &json!("deleted-user")));
}

#[tokio::test]
async fn a_kept_plane_is_given_to_somebody_else() {
    let bench = with_kept_plane().await;
    let input = |confirm: &str, target: &str| json!({"runtime_id": "alice", "target_user_id": target, "confirm_runtime_id": confirm});
    let mismatch = (400, "confirm_runtime_id must match the retained runtime id".to_owned());
    assert_eq!(bench.refused("reservations.transfer", input("bob", "bob")).await, mismatch);
    let unknown = (404, "Gateway user not found: default/eve".to_owned());
    assert_eq!(bench.refused("reservations.transfer", input("alice", "eve")).await, unknown);
    let done = bench.json("reservations.transfer", input(" alice ", "bob")).await;
    assert_eq!(
        (&done["ok"], &done["transferred"], &done["previous_runtime_id"]),
        (&json!(true), &json!(true), &json!("bob"))
    );
    assert_eq!((&done["user"]["runtime_id"], &done["reservation"]["runtime_id"]), (&json!("alice"), &json!("alice")));
    let gone = (404, "Gateway runtime reservation not found: default/alice".to_owned());
    assert_eq!(bench.refused("reservations.transfer", input("alice", "bob")).await, gone);
}

#[tokio::test]
async fn a_purge_deletes_the_folder_and_nothing_else() {
    let bench = with_kept_plane().await;
    let root = bench.folder.path();
    fs::create_dir_all(root.join("users/default/bob/runtime")).unwrap();
    let input = |confirm: &str, delete: bool| json!({"runtime_id": "alice", "confirm_runtime_id": confirm, "delete_data": delete});
    assert_eq!(bench.refused("reservations.purge", input("x", true)).await.0, 400);
    assert_eq!(
        bench.refused("reservations.purge", input("alice", false)).await,
        (400, "delete_data must be true to purge a retained runtime".into())
    );
    let done = bench.json("reservations.purge", input("alice", true)).await;
    let path = root.join("users/default/alice");
    assert_eq!(
        done,
        json!({"ok": true, "purged": true, "deleted_data": true, "runtime_id": "alice", "tenant_id": "default", "data_path": path})
    );
    assert!(!path.exists() && root.join("users/default/bob/runtime").is_dir());
    assert_eq!(bench.refused("reservations.purge", input("alice", true)).await.0, 404);
    assert_eq!(bench.json("reservations.list", json!({})).await, json!({"runtime_reservations": []}));
}

#[tokio::test]
async fn a_link_is_never_followed() {
    for linked in ["users/default/alice", "users/default"] {
        let bench = with_kept_plane().await;
        let elsewhere = tempfile::tempdir().unwrap();
        fs::create_dir_all(elsewhere.path().join("alice")).unwrap();
        let link = bench.folder.path().join(linked);
        fs::remove_dir_all(&link).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), &link).unwrap();
        let purge = json!({"runtime_id": "alice", "confirm_runtime_id": "alice"});
        let (status, text) = bench.refused("reservations.purge", purge).await;
        assert_eq!((status, text.starts_with("Retained runtime path is not a directory: ")), (409, true), "{linked}");
        assert!(elsewhere.path().join("alice").is_dir());
        let kept = bench.json("reservations.list", json!({})).await;
        assert_eq!(kept["runtime_reservations"][0]["reason"], "deleted-user", "nothing was begun");
    }
}
