use std::net::IpAddr;

use model::Principal;

use crate::Body;
use crate::users::tests::{Bench, USERS};

use super::*;

fn call(ip: Option<&str>) -> Call {
    Call { client_ip: ip.map(|ip| ip.parse::<IpAddr>().unwrap()), ..Call::local(Principal::reader()) }
}

async fn with_alice() -> (Bench, String) {
    let bench = Bench::open(USERS).await;
    let made = bench.json("users.create", json!({"user_id": "alice"})).await;
    let token = made["token"].as_str().unwrap().to_owned();
    (bench, token)
}

fn body(answer: Answer<crate::Json>) -> Value {
    match answer.body {
        Body::Json(json) => json.value().unwrap(),
        _ => panic!("JSON was expected"),
    }
}

#[tokio::test]
async fn a_login_sets_cookies_and_tells_nothing_else() {
    let (bench, token) = with_alice().await;
    for (remember, max_age) in [(false, None), (true, Some(2_592_000))] {
        let input = json!({"user_id": "alice", "token": token, "remember": remember});
        let answer = bench.answer("sessions.login", Call { secure: true, ..call(None) }, input).await.unwrap();
        let told: Vec<_> =
            answer.cookies.iter().map(|c| (c.name.as_str(), c.max_age_s, c.http_only, c.secure)).collect();
        let expected =
            [("abstractgateway_session", max_age, true, true), ("abstractgateway_csrf", max_age, false, true)];
        assert_eq!(told, expected);
        let values: Vec<String> = answer.cookies.iter().map(|c| c.value.clone().unwrap()).collect();
        let reply = body(answer);
        let text = reply.to_string();
        assert!(!text.contains(&values[0]) && !text.contains(&values[1]) && !text.contains(&token));
        assert_eq!(
            reply["auth"],
            json!({"mode": "users", "user_auth_enabled": true, "session": "gateway-browser-session"})
        );
        assert_eq!(reply["routing"], json!({"mode": "per-principal", "one_user_one_runtime": true}));
        assert_eq!(reply["principal"]["user_id"], "alice");
        assert!(reply["session"]["expires_at"].is_string());
    }
}

#[tokio::test]
async fn wrong_logins_are_refused() {
    let (bench, token) = with_alice().await;
    for (user, sent, expected) in [
        ("alice", "wrong", Some("Invalid Gateway user token")),
        ("alice", "a-static-token-1", Some("Invalid Gateway user token")),
        ("bob", token.as_str(), Some("Gateway token resolved to user 'alice', not 'bob'.")),
        (" alice ", token.as_str(), None),
        ("  ", token.as_str(), None),
        ("alice", &format!(" {token} "), None),
    ] {
        let answer = bench.answer("sessions.login", call(None), json!({"user_id": user, "token": sent})).await;
        let refusal = answer.err().map(|error| (error.code, error.detail));
        assert_eq!(refusal, expected.map(|text| (Code::Unauthorized, text.to_owned())), "{user:?}");
    }
}

#[tokio::test]
async fn guessing_locks_the_address_out() {
    let (bench, token) = with_alice().await;
    let (here, there) = (Some("10.0.0.1"), Some("10.0.0.2"));
    let wrong = json!({"user_id": "alice", "token": "wrong"});
    let right = json!({"user_id": "alice", "token": token});
    for expected in [Code::Unauthorized; 4].into_iter().chain([Code::LockedOut; 2]) {
        let error = bench.answer("sessions.login", call(here), wrong.clone()).await.unwrap_err();
        assert_eq!((error.code, error.retry_after_s.is_some()), (expected, expected == Code::LockedOut));
    }
    assert_eq!(bench.answer("sessions.login", call(here), right.clone()).await.unwrap_err().code, Code::LockedOut);
    assert!(bench.answer("sessions.login", call(there), right).await.is_ok());
}

#[tokio::test]
async fn a_login_that_works_forgets_the_wrong_ones() {
    let (bench, token) = with_alice().await;
    let here = Some("10.0.0.1");
    for _ in 0..3 {
        for _ in 0..4 {
            let wrong = json!({"user_id": "alice", "token": "wrong"});
            assert_eq!(bench.answer("sessions.login", call(here), wrong).await.unwrap_err().code, Code::Unauthorized);
        }
        let right = json!({"user_id": "alice", "token": token});
        assert!(bench.answer("sessions.login", call(here), right).await.is_ok());
    }
}

#[tokio::test]
async fn a_logout_ends_the_session_and_clears_the_cookies() {
    let (bench, token) = with_alice().await;
    let login = bench.answer("sessions.login", call(None), json!({"user_id": "alice", "token": token})).await.unwrap();
    let value = login.cookies[0].value.clone();
    for (session_value, deleted) in
        [(None, false), (Some("nonsense".into()), false), (value.clone(), true), (value, false)]
    {
        let answer = bench.answer("sessions.logout", Call { session_value, ..call(None) }, json!({})).await.unwrap();
        let cleared: Vec<_> = answer.cookies.iter().map(|c| (c.name.clone(), c.value.clone())).collect();
        assert_eq!(cleared, [("abstractgateway_session".into(), None), ("abstractgateway_csrf".into(), None)]);
        assert_eq!(body(answer), json!({"ok": true, "deleted": deleted}));
    }
}

#[tokio::test]
async fn me_says_how_callers_are_told_apart() {
    for (set, auth, routing) in [
        (
            &USERS[1..],
            json!({"mode": "legacy-token", "user_auth_enabled": false}),
            json!({"mode": "single-user", "one_user_one_runtime": false}),
        ),
        (
            USERS,
            json!({"mode": "users", "user_auth_enabled": true}),
            json!({"mode": "per-principal", "one_user_one_runtime": true}),
        ),
    ] {
        let bench = Bench::open(set).await;
        let me = bench.json("sessions.me", json!({})).await;
        let principal = Principal::local_admin(String::new());
        assert_eq!(me, json!({"ok": true, "principal": principal, "auth": auth, "routing": routing}));
    }
}
