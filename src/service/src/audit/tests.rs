use std::fs;
use std::path::Path;

use super::file::rotated_name;
use super::line::line;
use super::*;
use crate::settings::Settings;

fn entry(request_id: &str) -> Entry {
    Entry {
        ts: Timestamp::parse("2026-11-22T07:31:46.722708+00:00").unwrap(),
        request_id: request_id.into(),
        ip: "1.2.3.4".into(),
        method: "POST".into(),
        path: "/api/gateway/admin/users".into(),
        query: "secret=abc&flag=1".into(),
        status: 200,
        duration_ms: 155,
        auth_required: true,
        auth_token_fp: Some("372f6a601544".into()),
        principal_user_id: Some("local-admin".into()),
        principal_tenant_id: Some("local".into()),
        origin: Some("http://localhost:5".into()),
        user_agent: Some("curl/7.88.1".into()),
        bytes_in: Some(15),
        headers: [
            ("x-client-id", "c1"),
            ("x-client-version", "1.2"),
            ("x-forwarded-for", "1.2.3.4"),
            ("authorization", "Bearer secret"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
        error: None,
    }
}

fn settings(folder: &Path, more: &[(&str, &str)]) -> Settings {
    let data_dir = folder.to_str().unwrap().to_owned();
    Settings::from_env(&|name| match name {
        "ABSTRACTGATEWAY_DATA_DIR" => Some(data_dir.clone()),
        _ => more.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
    })
    .unwrap()
}

#[test]
fn a_line_is_the_contracts() {
    let folder = tempfile::tempdir().unwrap();
    let allowed = settings(folder.path(), &[]).audit.headers;
    assert_eq!(
        line(&entry("f1e95998cdb24f1eb91fd28fe0b08487"), &allowed),
        concat!(
            r#"{"ts":"2026-11-22T07:31:46.722708+00:00","request_id":"f1e95998cdb24f1eb91fd28fe0b08487","ip":"1.2.3.4","#,
            r#""method":"POST","path":"/api/gateway/admin/users","query":"secret=<redacted>&flag=<redacted>","status":200,"#,
            r#""duration_ms":155,"auth_required":true,"auth_token_fp":"372f6a601544","principal_user_id":"local-admin","#,
            r#""principal_tenant_id":"local","origin":"http://localhost:5","user_agent":"curl/7.88.1","bytes_in":15,"#,
            r#""headers":{"x-client-id":"c1","x-client-version":"1.2","x-forwarded-for":"1.2.3.4"}}"#,
            "\n"
        )
    );
}

#[test]
fn what_is_absent_is_left_out_and_values_are_not_told() {
    let bare = Entry {
        query: String::new(),
        auth_token_fp: None,
        principal_user_id: None,
        principal_tenant_id: None,
        origin: None,
        user_agent: None,
        bytes_in: None,
        headers: BTreeMap::new(),
        path: "/é\n".into(),
        error: Some("boom".into()),
        ..entry("r")
    };
    let text = line(&bare, &["x-client-id".into()]);
    assert!(text.ends_with("\"path\":\"/é\\n\",\"query\":\"\",\"status\":200,\"duration_ms\":155,\"auth_required\":true,\"error\":\"boom\"}\n"));
    for (query, expected) in [
        ("", ""),
        ("a", "a=<redacted>"),
        ("a=1=2&&b", "a=<redacted>&b=<redacted>"),
        ("a=1&a=2", "a=<redacted>&a=<redacted>"),
    ] {
        let text = line(&Entry { query: query.into(), ..bare.clone() }, &[]);
        assert!(text.contains(&format!("\"query\":\"{expected}\"")), "{text}");
    }
    let many = Entry { query: vec!["p=1"; 60].join("&"), ..bare };
    assert_eq!(line(&many, &[]).matches("<redacted>").count(), 50);
}

#[tokio::test]
async fn entries_are_appended_in_order_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::open(&settings(folder.path(), &[])).unwrap();
    let empty = log.tail(1024).unwrap();
    assert_eq!((empty.bytes, empty.truncated, empty.content.as_str()), (0, false, ""));
    for i in 0..20 {
        log.record(entry(&format!("request-{i}")));
    }
    log.flush().await;
    let text = fs::read_to_string(folder.path().join("audit_log.jsonl")).unwrap();
    let ids: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<model::Value>(line).unwrap()["request_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, (0..20).map(|i| format!("request-{i}")).collect::<Vec<_>>());
    let all = log.tail(text.len() as u64).unwrap();
    assert_eq!((all.bytes, all.truncated), (text.len() as u64, false));
    let part = log.tail(text.len() as u64 - 1).unwrap();
    assert_eq!((part.bytes, part.truncated, part.content.as_str()), (text.len() as u64 - 1, true, &text[1..]));
}

#[test]
fn dropping_the_log_writes_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::open(&settings(folder.path(), &[])).unwrap();
    for i in 0..100 {
        log.record(entry(&i.to_string()));
    }
    drop(log);
    let text = fs::read_to_string(folder.path().join("audit_log.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 100);
}

#[test]
fn files_are_rotated_by_size_and_the_newest_kept() {
    let length = line(&entry("0"), &["x-client-id".into(), "x-client-version".into(), "x-forwarded-for".into()]).len();
    for (max_bytes, rotations, old, current) in
        [(length, 2, 2, 1), (length, 0, 4, 1), (length + 1, 9, 2, 1), (0, 2, 0, 5), (length * 5 + 1, 2, 0, 5)]
    {
        let folder = tempfile::tempdir().unwrap();
        let (max_bytes, rotations) = (max_bytes.to_string(), rotations.to_string());
        let limits = [
            ("ABSTRACTGATEWAY_AUDIT_LOG_MAX_BYTES", max_bytes.as_str()),
            ("ABSTRACTGATEWAY_AUDIT_LOG_ROTATIONS", rotations.as_str()),
        ];
        let log = Log::open(&settings(folder.path(), &limits)).unwrap();
        for i in 0..5 {
            log.record(entry(&i.to_string()));
        }
        drop(log);
        let files = fs::read_dir(folder.path()).unwrap().count();
        let text = fs::read_to_string(folder.path().join("audit_log.jsonl")).unwrap();
        assert_eq!((files - 1, text.lines().count()), (old, current), "{max_bytes} {rotations}");
        assert!(text.lines().last().unwrap().contains("\"request_id\":\"4\""));
    }
}

#[test]
fn rotated_files_are_named_by_the_moment() {
    let moment = Timestamp::parse("2026-11-22T07:28:58.477972+00:00").unwrap();
    assert_eq!(rotated_name(moment), "audit_log.20261122T072858.477972+0000.jsonl");
}

#[test]
fn switched_off_nothing_is_written() {
    for variable in ["ABSTRACTGATEWAY_AUDIT_LOG", "ABSTRACTGATEWAY_SECURITY"] {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::open(&settings(folder.path(), &[(variable, "0")])).unwrap();
        log.record(entry("r"));
        drop(log);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{variable}");
    }
}
