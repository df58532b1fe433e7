use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::*;

fn read(set: &[(&str, &str)]) -> Settings {
    let map: HashMap<String, String> = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Settings::from_env(&|name| map.get(name).cloned()).unwrap()
}

#[test]
fn truths_follow_their_dialect() {
    for (word, b1, b2, b3, b4) in [
        ("", None, None, None, None),
        ("  ", None, None, None, None),
        (" TRUE ", Some(true), Some(true), Some(true), Some(true)),
        ("on", Some(true), Some(true), Some(true), Some(true)),
        ("0", Some(false), Some(false), Some(false), Some(false)),
        ("Off", Some(false), Some(false), Some(false), Some(false)),
        ("y", None, Some(true), Some(false), Some(true)),
        ("n", None, Some(false), Some(false), Some(false)),
        ("maybe", None, None, Some(false), Some(false)),
    ] {
        for (words, expected) in [(Words::B1, b1), (Words::B2, b2), (Words::B3, b3), (Words::B4, b4)] {
            assert_eq!(words.read(word), expected, "{words:?} {word:?}");
        }
    }
}

#[test]
fn older_names_count_when_newer_ones_are_blank() {
    let security = |set: &[(&str, &str)]| read(set).http.security;
    assert!(security(&[]));
    assert!(!security(&[("ABSTRACTGATEWAY_SECURITY", "0")]));
    assert!(!security(&[("ABSTRACTFLOW_GATEWAY_SECURITY", "0")]));
    assert!(!security(&[("ABSTRACTGATEWAY_SECURITY", " "), ("ABSTRACTFLOW_GATEWAY_SECURITY", "0")]));
    assert!(security(&[("ABSTRACTGATEWAY_SECURITY", "1"), ("ABSTRACTFLOW_GATEWAY_SECURITY", "0")]));
    assert!(security(&[("ABSTRACTGATEWAY_SECURITY", "nonsense")]));
}

#[test]
fn numbers_stay_in_their_range_and_nonsense_is_the_default() {
    let check = |name: &str, of: fn(&Settings) -> i64, cases: &[(&str, i64)]| {
        for (value, expected) in cases {
            assert_eq!(of(&read(&[(name, value)])), *expected, "{name} {value:?}");
        }
    };
    let body = |s: &Settings| i64::try_from(s.http.max_body_bytes).unwrap();
    check(
        "ABSTRACTGATEWAY_MAX_BODY_BYTES",
        body,
        &[("", 256_000), ("0", 0), ("x", 256_000), ("1.5", 256_000), ("-1", 0)],
    );
    let attachment = |s: &Settings| i64::try_from(s.http.max_attachment_bytes).unwrap();
    let default = 26_214_400;
    check(
        "ABSTRACTGATEWAY_MAX_ATTACHMENT_BYTES",
        attachment,
        &[("0", default), ("-5", default), ("1", 1), ("x", default)],
    );
    let ttl = |s: &Settings| s.auth.session_ttl_s;
    check("ABSTRACTGATEWAY_SESSION_TTL_S", ttl, &[("59", 60), ("60", 60), ("604800", 604_800), ("604801", 604_800)]);
    let remember = |s: &Settings| s.auth.remember_session_ttl_s;
    check("ABSTRACTGATEWAY_REMEMBER_SESSION_TTL_S", remember, &[("", 2_592_000), ("1", 60), ("7776001", 7_776_000)]);
    let most = |s: &Settings| i64::try_from(s.auth.max_sessions).unwrap();
    check("ABSTRACTGATEWAY_MAX_SESSIONS", most, &[("9", 10), ("10000", 10_000), ("10001", 10_000)]);
    let rotations = |s: &Settings| i64::try_from(s.audit.rotations).unwrap();
    check("ABSTRACTGATEWAY_AUDIT_LOG_ROTATIONS", rotations, &[("-1", 0), ("200", 200), ("201", 200), ("", 10)]);
    let after = |s: &Settings| i64::from(s.auth.lockout_after);
    check("ABSTRACTGATEWAY_LOCKOUT_AFTER", after, &[("0", 1), ("7", 7), ("x", 5)]);
    let slots = |s: &Settings| i64::try_from(s.http.max_concurrency).unwrap();
    check("ABSTRACTGATEWAY_MAX_CONCURRENCY", slots, &[("0", 1), ("", 64)]);
}

#[test]
fn fractions_stay_in_their_range() {
    for (value, expected) in
        [("", 30.0), ("0", 30.0), ("-1", 30.0), ("0.5", 1.0), ("61", 60.0), ("nan", 30.0), ("12.5", 12.5)]
    {
        let settings = read(&[("ABSTRACTCORE_PROVIDER_MODELS_TIMEOUT_S", value)]);
        assert!((settings.models.list_timeout_s - expected).abs() < 1e-9, "{value}");
    }
    for (value, expected) in [("0", 0.0), ("-1", 0.0), ("0.25", 0.25), ("x", 1.0)] {
        let settings = read(&[("ABSTRACTGATEWAY_LOCKOUT_BASE_S", value)]);
        assert!((settings.auth.lockout_base_s - expected).abs() < 1e-9, "{value}");
    }
}

#[test]
fn static_tokens_are_gathered_from_both_lists() {
    let tokens = |set: &[(&str, &str)]| -> Vec<String> {
        read(set).auth.static_tokens.iter().map(|token| token.expose().to_owned()).collect()
    };
    assert_eq!(
        tokens(&[("ABSTRACTGATEWAY_AUTH_TOKEN", "a, b"), ("ABSTRACTGATEWAY_AUTH_TOKENS", "c,,d")]),
        ["a", "b", "c", "d"]
    );
    assert_eq!(tokens(&[("ABSTRACTFLOW_GATEWAY_AUTH_TOKEN", "a"), ("ABSTRACTGATEWAY_AUTH_TOKENS", "b")]), ["a", "b"]);
    assert_eq!(tokens(&[("ABSTRACTFLOW_GATEWAY_AUTH_TOKEN", "a"), ("ABSTRACTGATEWAY_AUTH_TOKEN", "b")]), ["b"]);
    assert!(tokens(&[("ABSTRACTGATEWAY_AUTH_TOKEN", " , ")]).is_empty());
}

#[test]
fn user_auth_is_decided_by_the_first_who_speaks() {
    use UserAuth::{Off, On, WhenRegistryExists};
    for (set, expected) in [
        (&[][..], Off),
        (&[("ABSTRACTGATEWAY_USER_AUTH", "1")], On),
        (&[("ABSTRACTGATEWAY_USER_AUTH", "y")], Off),
        (&[("ABSTRACTGATEWAY_USER_AUTH", "nonsense"), ("ABSTRACTGATEWAY_AUTH_MODE", "users")], Off),
        (&[("ABSTRACTGATEWAY_USER_AUTH", " "), ("ABSTRACTGATEWAY_MULTI_USER", "on")], On),
        (&[("ABSTRACTFLOW_GATEWAY_USER_AUTH", "yes")], On),
        (&[("ABSTRACTGATEWAY_AUTH_MODE", "Multi-User")], On),
        (&[("ABSTRACTGATEWAY_AUTH_MODE", "hosted")], On),
        (&[("ABSTRACTGATEWAY_AUTH_MODE", "legacy"), ("ABSTRACTGATEWAY_USER_AUTH_AUTO", "1")], Off),
        (&[("ABSTRACTGATEWAY_AUTH_MODE", "other"), ("ABSTRACTGATEWAY_USER_AUTH_AUTO", "1")], WhenRegistryExists),
        (&[("ABSTRACTGATEWAY_USER_AUTH_AUTO", "1")], WhenRegistryExists),
    ] {
        assert_eq!(read(set).user_auth(), expected, "{set:?}");
    }
}

#[test]
fn paths_are_absolute_and_follow_the_data_directory() {
    let settings =
        read(&[("HOME", "/home/a"), ("ABSTRACTGATEWAY_DATA_DIR", "~/data"), ("ABSTRACTGATEWAY_FLOWS_DIR", "~")]);
    assert_eq!(settings.data_dir, PathBuf::from("/home/a/data"));
    assert_eq!(settings.runtime.flows_dir, Some("/home/a".into()));
    assert_eq!(settings.users_file(), PathBuf::from("/home/a/data/auth/users.json"));
    assert_eq!(settings.plane_dir("t", "r"), PathBuf::from("/home/a/data/users/t/r"));
    assert_eq!(settings.core_config_file(), Some("/home/a/.abstractcore/config/abstractcore.json".into()));
    let here = std::env::current_dir().unwrap();
    assert_eq!(read(&[]).data_dir, here.join("runtime"));
    assert_eq!(read(&[("ABSTRACTFLOW_RUNTIME_DIR", "./x")]).data_dir, here.join("x"));
    assert_eq!(read(&[("ABSTRACTGATEWAY_USERS_FILE", "u.json")]).users_file(), here.join("u.json"));
    let mut moved = read(&[]);
    moved.data_dir = "/elsewhere".into();
    assert_eq!(moved.sessions_file(), PathBuf::from("/elsewhere/auth/sessions.json"));
}

#[test]
fn origins_may_be_denied_altogether() {
    assert_eq!(read(&[]).http.allowed_origins, ["http://localhost:*", "http://127.0.0.1:*"]);
    assert!(read(&[("ABSTRACTGATEWAY_ALLOWED_ORIGINS", ",")]).http.allowed_origins.is_empty());
}

#[test]
fn names_of_headers_are_in_lower_case() {
    let settings =
        read(&[("ABSTRACTGATEWAY_SESSION_HEADER", "X-My"), ("ABSTRACTGATEWAY_AUDIT_LOG_HEADERS", "X-A, x-b")]);
    assert_eq!(settings.http.session_header, "x-my");
    assert_eq!(settings.audit.headers, ["x-a", "x-b"]);
}

#[test]
fn secrets_do_not_show() {
    let settings = read(&[("OPENAI_API_KEY", "sk-hidden"), ("ABSTRACTGATEWAY_AUTH_TOKEN", "hidden-token")]);
    assert!(!format!("{settings:?}").contains("hidden"));
}

#[test]
fn every_row_is_described_and_named_once() {
    let rows = Settings::describe();
    let mut names = BTreeSet::new();
    for row in &rows {
        assert!(!row.doc.is_empty() && !row.field.is_empty() && !row.names.is_empty(), "{row:?}");
        assert!(row.doc.ends_with('.'), "{row:?}");
        for name in row.names {
            assert!(names.insert(*name), "{name} fills two fields");
        }
    }
    assert!(rows.len() > 100);
}
