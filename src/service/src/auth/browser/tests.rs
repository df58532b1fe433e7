use std::fs;
use std::path::Path;

use model::principal::Source;

use super::*;

fn settings(folder: &Path, more: &[(&str, &str)]) -> Settings {
    let data_dir = folder.to_str().unwrap().to_owned();
    Settings::from_env(&|name| match name {
        "ABSTRACTGATEWAY_DATA_DIR" => Some(data_dir.clone()),
        _ => more.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
    })
    .unwrap()
}

fn row(user: &str, now: Timestamp, ttl_s: i64) -> SessionRow {
    SessionRow {
        session_id: String::new(),
        user_id: user.into(),
        tenant_id: "default".into(),
        runtime_id: user.into(),
        roles: vec!["user".into()],
        scopes: Vec::new(),
        source: Source::UserRegistry,
        token_fingerprint: "t".into(),
        credential_fingerprint: "c".into(),
        csrf_hash: String::new(),
        created_at: now,
        expires_at: now.plus_micros(ttl_s * 1_000_000),
        last_seen_at: now,
    }
}

#[test]
fn sessions_outlive_the_process_and_end_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), &[]);
    let now = clock::now();
    let sessions = Sessions::open(&settings).unwrap();
    let opened = sessions.create(row("alice", now, 60)).unwrap();
    let value = opened.value.expose();
    assert!(opened.csrf.expose().starts_with("agcsrf_"));
    let again = Sessions::open(&settings).unwrap();
    let (hash, found) = again.find(value, now).unwrap();
    assert_eq!((found.user_id.as_str(), found.csrf_hash), ("alice", token::sha256_hex(opened.csrf.expose())));
    assert_eq!(found.session_id, format!("sha256:{hash}"));
    assert!(again.end(value).unwrap());
    assert!(!again.end(value).unwrap());
    assert_eq!(sessions.find(value, now), None, "the other process sees it");
    assert_eq!(Sessions::open(&settings).unwrap().find(value, now), None);
}

#[test]
fn the_file_holds_nothing_that_could_be_sent() {
    let folder = tempfile::tempdir().unwrap();
    let sessions = Sessions::open(&settings(folder.path(), &[])).unwrap();
    let opened = sessions.create(row("alice", clock::now(), 60)).unwrap();
    let text = fs::read_to_string(folder.path().join("auth/sessions.json")).unwrap();
    let sid = opened.value.expose().trim_start_matches("agws_").split('.').next().unwrap().to_owned();
    assert!(!text.contains(&sid) && !text.contains(opened.csrf.expose()));
}

#[test]
fn cookies_of_older_programs_keep_working() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), &[("ABSTRACTGATEWAY_SESSION_SECRET", "secret")]);
    fs::create_dir_all(folder.path().join("auth")).unwrap();
    let sid = "ZA87eHzNzqOlXbbsqlsjAcJaYCVfmMmhUVeMZFdgq8M";
    let now = clock::now();
    let old = SessionRow { session_id: sid.into(), csrf_hash: "x".into(), ..row("alice", now, 60) };
    let file = json!({"sessions": [old.write(), 7, {"session_id": ""}], "updated_at": now, "version": 1});
    fs::write(folder.path().join("auth/sessions.json"), file.to_string()).unwrap();
    let sessions = Sessions::open(&settings).unwrap();
    let signed = row::sign(b"secret", sid);
    assert_eq!(sessions.find(&signed, now).unwrap().1, old);
    assert_eq!(sessions.find(sid, now), None);
    assert!(sessions.touch(&sessions.find(&signed, now).unwrap().0, now.plus_micros(60_000_000)));
    sessions.save().unwrap();
    let old = SessionRow { last_seen_at: now.plus_micros(60_000_000), ..old };
    assert_eq!(Sessions::open(&settings).unwrap().find(&signed, now).unwrap().1, old);
}

#[test]
fn sessions_end_at_their_time() {
    let folder = tempfile::tempdir().unwrap();
    let sessions = Sessions::open(&settings(folder.path(), &[])).unwrap();
    let now = clock::now();
    let value = sessions.create(row("alice", now, 60)).unwrap().value;
    for (seconds, there) in [(0, true), (59, true), (60, false), (61, false)] {
        assert_eq!(sessions.find(value.expose(), now.plus_micros(seconds * 1_000_000)).is_some(), there, "{seconds}");
    }
}

#[test]
fn use_is_written_once_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let sessions = Sessions::open(&settings(folder.path(), &[])).unwrap();
    let now = clock::now();
    let value = sessions.create(row("alice", now, 6000)).unwrap().value;
    let (hash, _) = sessions.find(value.expose(), now).unwrap();
    let later = |seconds: i64| now.plus_micros(seconds * 1_000_000);
    assert!(!sessions.touch(&hash, later(59)));
    assert!(sessions.touch(&hash, later(61)));
    assert!(!sessions.touch(&hash, later(62)));
    assert!(!sessions.touch("unknown", later(62)));
    sessions.save().unwrap();
    let text = fs::read_to_string(folder.path().join("auth/sessions.json")).unwrap();
    assert!(text.contains(&later(61).to_string()));
}

#[test]
fn nothing_to_save_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let sessions = Sessions::open(&settings(folder.path(), &[])).unwrap();
    sessions.save().unwrap();
    assert!(!folder.path().join("auth/sessions.json").exists());
}

#[test]
fn the_oldest_go_beyond_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let sessions = Sessions::open(&settings(folder.path(), &[("ABSTRACTGATEWAY_MAX_SESSIONS", "10")])).unwrap();
    let now = clock::now();
    let values: Vec<_> = (0..11).map(|i| sessions.create(row("u", now.plus_micros(i), 60)).unwrap().value).collect();
    let known = |value: &Secret| sessions.find(value.expose(), now).is_some();
    assert_eq!(values.iter().map(known).collect::<Vec<_>>(), [vec![false], vec![true; 10]].concat());
}

#[test]
fn the_key_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), &[]);
    let first = key(&settings).unwrap();
    assert_eq!(first.len(), 64);
    assert_eq!(key(&settings).unwrap(), first);
    assert_eq!(fs::read_to_string(settings.session_secret_file()).unwrap(), format!("{first}\n"));
}

#[test]
fn a_broken_file_means_no_sessions() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("auth")).unwrap();
    for nonsense in ["", "{", "[]", "{\"sessions\": 7}", "{\"sessions\": [{}]}"] {
        fs::write(folder.path().join("auth/sessions.json"), nonsense).unwrap();
        let sessions = Sessions::open(&settings(folder.path(), &[])).unwrap();
        let now = clock::now();
        let value = sessions.create(row("alice", now, 60)).unwrap().value;
        assert!(sessions.find(value.expose(), now).is_some(), "{nonsense}");
    }
}
