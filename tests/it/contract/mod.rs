//! The contract, a file a noun.

mod audit;
mod auth;
mod bundles;
mod commands;
mod cors;
mod history;
mod input;
mod kg;
mod ledger;
mod limits;
mod models;
mod openapi;
mod purge;
mod reservations;
mod runs;
mod sessions;
mod users;
mod wire;
mod workspace;

use serde_json::{Value, json};
use tests::{ADMIN_TOKEN, Gateway, Request, post};

/// A request by the admin of a gateway with users.
fn by_admin(request: Request) -> Request {
    request.token(ADMIN_TOKEN)
}

/// Makes a user, and gives the token.
#[track_caller]
fn make_user(gateway: &Gateway, user: &Value) -> String {
    let made = gateway.check(&by_admin(post("/api/gateway/admin/users", user)), 200, &json!({}));
    made.json()["token"].as_str().unwrap().to_owned()
}

/// A sentence as `detail`, and nothing else asked of the body.
fn detail(text: &str) -> Value {
    json!({ "detail": text })
}
