use std::collections::HashMap;
use std::sync::Arc;

use model::Value;
use serde_json::{Map, json};

use crate::{Answer, Body, Call, Open, Settings, operations};

use super::*;

/// Services on an empty data directory, called as a face calls them.
pub(crate) struct Bench {
    pub(crate) services: Arc<Services>,
    pub(crate) folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn open(set: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut map: HashMap<String, String> =
            set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        map.insert("ABSTRACTGATEWAY_DATA_DIR".into(), folder.path().to_str().unwrap().into());
        let settings = Settings::from_env(&|name| map.get(name).cloned()).unwrap();
        let services = Services::open(settings, Open { runner: false }).await.unwrap();
        Self { services, folder }
    }

    /// The answer of an operation to a call.
    pub(crate) async fn answer(&self, name: &str, call: Call, input: Value) -> Result<Answer<crate::Json>, Error> {
        let bound = operations().into_iter().find(|bound| bound.row.name == name).unwrap();
        let Value::Object(input) = input else { panic!("the input is an object") };
        let defaults =
            bound.row.fields.iter().filter_map(|field| {
                Some((field.name.to_owned(), serde_json::from_str::<Value>(field.default?).unwrap()))
            });
        let full: Map<String, Value> = defaults.chain(input).collect();
        (bound.run)(self.services.clone(), call, full).await
    }

    /// The body of an operation's answer to the local admin.
    pub(crate) async fn json(&self, name: &str, input: Value) -> Value {
        let call = Call::local(Principal::local_admin(String::new()));
        match self.answer(name, call, input).await.unwrap().body {
            Body::Json(json) => json.value().unwrap(),
            _ => panic!("JSON was expected"),
        }
    }

    /// Status and text of an operation's refusal.
    pub(crate) async fn refused(&self, name: &str, input: Value) -> (u16, String) {
        let call = Call::local(Principal::local_admin(String::new()));
        let error = self.answer(name, call, input).await.unwrap_err();
        (error.code.status(), error.detail)
    }
}

pub(crate) const USERS: &[(&str, &str)] =
    &[("ABSTRACTGATEWAY_USER_AUTH", "1"), ("ABSTRACTGATEWAY_AUTH_TOKEN", "a-static-token-1")];

#[tokio::test]
async fn a_user_is_made_shown_changed_and_removed() {
    let bench = Bench::open(USERS).await;
    let made = bench.json("users.create", json!({"user_id": "alice", "email": "a@b.c"})).await;
    let token = made["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("agw_"));
    let mut keys: Vec<&String> = made["user"].as_object().unwrap().keys().collect();
    keys.sort();
    let known =
        ["created_at", "email", "enabled", "roles", "runtime_id", "scopes", "tenant_id", "updated_at", "user_id"];
    assert_eq!(keys, known);
    assert_eq!(made["user"]["roles"], json!(["user"]));
    let shown = bench.json("users.show", json!({"user_id": "alice"})).await;
    assert_eq!(shown, json!({"user": made["user"]}), "no token, no hash");
    let listed = bench.json("users.list", json!({})).await;
    assert_eq!(listed, json!({"users": [made["user"]]}));

    let patched = bench.json("users.update", json!({"user_id": "alice", "email": "", "roles": ["admin"]})).await;
    assert_eq!((&patched["user"]["email"], &patched["user"]["roles"]), (&json!(""), &json!(["admin"])));
    assert_eq!(patched.get("token"), None);
    assert_ne!(patched["user"]["updated_at"], made["user"]["updated_at"]);
    for rotation in [json!({"user_id": "alice", "rotate_token": true}), json!({"user_id": "alice", "token": ""})] {
        let rotated = bench.json("users.update", rotation).await;
        assert!(rotated["token"].as_str().is_some_and(|new| new.starts_with("agw_") && new != token));
    }
    let chosen = bench.json("users.update", json!({"user_id": "alice", "token": " chosen-by-a-person "})).await;
    assert_eq!(chosen["token"], "chosen-by-a-person");

    let gone = bench.json("users.delete", json!({"user_id": "alice"})).await;
    assert_eq!(gone, json!({"ok": true, "deleted": true, "user_id": "alice", "tenant_id": "default"}));
    let missing = (404, "Gateway user not found".to_owned());
    for name in ["users.show", "users.update", "users.delete"] {
        assert_eq!(bench.refused(name, json!({"user_id": "alice"})).await, missing, "{name}");
    }
}

#[tokio::test]
async fn refusals_are_the_contracts() {
    let bench = Bench::open(USERS).await;
    bench.json("users.create", json!({"user_id": "alice"})).await;
    for (input, status, text) in [
        (json!({"user_id": "alice"}), 400, "Gateway user already exists: default/alice"),
        (json!({"user_id": "..."}), 400, "user_id is required"),
        (json!({"user_id": "b", "email": "x"}), 400, "email must be empty or a valid email address"),
        (
            json!({"user_id": "b", "runtime_id": "alice"}),
            400,
            "Gateway runtime already assigned in tenant default: alice",
        ),
    ] {
        assert_eq!(bench.refused("users.create", input).await, (status, text.to_owned()));
    }
    assert_eq!(bench.refused("users.create", json!({"user_id": "b", "token": "abc"})).await.0, 400);
    assert_eq!(bench.json("users.list", json!({})).await["users"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_last_admin_is_kept_unless_a_static_token_administers() {
    for (set, status) in [(&USERS[..1], Some(409)), (USERS, None)] {
        let bench = Bench::open(set).await;
        bench.json("users.create", json!({"user_id": "root", "roles": ["admin"]})).await;
        let call = Call::local(Principal::local_admin(String::new()));
        let answer = bench.answer("users.delete", call, json!({"user_id": "root"})).await;
        assert_eq!(answer.err().map(|error| error.code.status()), status);
    }
}

#[tokio::test]
async fn roles_are_told_as_sent_and_kept_as_meant() {
    let bench = Bench::open(USERS).await;
    let made = bench.json("users.create", json!({"user_id": "a", "roles": ["x", " ", "x"]})).await;
    assert_eq!(made["user"]["roles"], json!(["x", " ", "x"]));
    assert_eq!(bench.json("users.show", json!({"user_id": "a"})).await["user"]["roles"], json!(["x", "x"]));
    bench.json("users.update", json!({"user_id": "a", "roles": []})).await;
    assert_eq!(bench.json("users.show", json!({"user_id": "a"})).await["user"]["roles"], json!(["user"]));
}

#[tokio::test]
async fn a_disabled_users_plane_is_stopped() {
    let bench = Bench::open(USERS).await;
    bench.json("users.create", json!({"user_id": "alice"})).await;
    let book = bench.services.auth.view().unwrap().book;
    let principal = auth::principal(book.find("default", "alice").unwrap(), String::new());
    let plane = bench.services.plane(&principal).await.unwrap();
    bench.json("users.update", json!({"user_id": "alice", "enabled": false})).await;
    let reopened = bench.services.plane(&principal).await.unwrap();
    assert!(!Arc::ptr_eq(&plane, &reopened), "the plane had been closed");
}
