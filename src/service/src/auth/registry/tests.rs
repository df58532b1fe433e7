use std::fs;
use std::path::Path;
use std::sync::Arc;

use model::Value;
use serde_json::json;

use super::super::token;
use super::*;

fn proof(token: &str) -> Proof {
    Proof { hash: token::hash_with(token, b"salt", 1), fingerprint: token::fingerprint(token) }
}

fn new(user_id: &str) -> NewUser {
    NewUser {
        user_id: user_id.into(),
        tenant_id: "default".into(),
        email: String::new(),
        roles: vec!["user".into()],
        scopes: Vec::new(),
        enabled: true,
        runtime_id: String::new(),
        proof: proof(user_id),
    }
}

fn admin(user_id: &str) -> NewUser {
    NewUser { roles: vec!["admin".into()], ..new(user_id) }
}

const NOW: Timestamp = Timestamp::from_micros(1_000_000);

fn text<T: std::fmt::Debug>(result: Result<T, Error>) -> (u16, String) {
    let error = result.unwrap_err();
    (error.code.status(), error.detail)
}

#[test]
fn users_are_made_once_with_their_own_plane() {
    let mut book = Book::default();
    let user = book.create(new(" b o/b!! "), NOW).unwrap();
    assert_eq!(
        (user.user_id.as_str(), user.runtime_id.as_str(), user.tenant_id.as_str()),
        ("b_o_b", "b_o_b", "default")
    );
    let refused = |book: &mut Book, new: NewUser| text(book.create(new, NOW));
    assert_eq!(refused(&mut book, new("b_o_b")), (400, "Gateway user already exists: default/b_o_b".into()));
    assert_eq!(refused(&mut book, new("...")), (400, "user_id is required".into()));
    let wrong = NewUser { email: "x".into(), ..new("c") };
    assert_eq!(refused(&mut book, wrong), (400, "email must be empty or a valid email address".into()));
    let taken = NewUser { runtime_id: "b_o_b".into(), ..new("c") };
    assert_eq!(refused(&mut book, taken), (400, "Gateway runtime already assigned in tenant default: b_o_b".into()));
    let elsewhere = NewUser { tenant_id: "other".into(), runtime_id: "b_o_b".into(), ..new("c") };
    assert!(book.create(elsewhere, NOW).is_ok());
    let same_token = NewUser { proof: proof("c"), ..new("d") };
    assert_eq!(refused(&mut book, same_token).0, 400);
}

#[test]
fn planes_of_the_gone_are_kept_for_them() {
    let mut book = Book::default();
    book.create(new("alice"), NOW).unwrap();
    book.delete("default", "alice", true, NOW).unwrap();
    assert_eq!(book.reservations()[0].reason, "deleted-user");
    let squatter = NewUser { runtime_id: "alice".into(), ..new("bob") };
    assert_eq!(
        text(book.create(squatter, NOW)),
        (400, "Gateway runtime already assigned or retained in tenant default: alice".into())
    );
    book.create(new("alice"), NOW).unwrap();
    assert!(book.reservations().is_empty());
    let moved = Change { runtime_id: Some("other".into()), ..Change::default() };
    book.update("default", "alice", moved, true, NOW).unwrap();
    let kept = &book.reservations()[0];
    assert_eq!((kept.runtime_id.as_str(), kept.reason.as_str()), ("alice", "runtime-reassigned"));
    let back = Change { runtime_id: Some("alice".into()), ..Change::default() };
    book.update("default", "alice", back, true, NOW).unwrap();
    assert_eq!(book.reservations().iter().map(|r| r.runtime_id.as_str()).collect::<Vec<_>>(), ["other"]);
}

#[test]
fn a_transfer_swaps_planes() {
    let mut book = Book::default();
    book.create(new("alice"), NOW).unwrap();
    book.create(new("bob"), NOW).unwrap();
    assert_eq!(
        text(book.transfer("default", "alice", "bob", NOW)),
        (404, "Gateway runtime reservation not found: default/alice".into())
    );
    book.delete("default", "alice", true, NOW).unwrap();
    assert_eq!(
        text(book.transfer("default", "alice", "eve", NOW)),
        (404, "Gateway user not found: default/eve".into())
    );
    let (user, reservation, previous) = book.transfer("default", "alice", "bob", NOW).unwrap();
    assert_eq!(
        (user.runtime_id.as_str(), reservation.owner_key.as_str(), previous.as_str()),
        ("alice", "default:alice", "bob")
    );
    let kept = &book.reservations()[0];
    assert_eq!((kept.runtime_id.as_str(), kept.reason.as_str()), ("bob", "runtime-transferred"));
    assert_eq!(book.reservations().len(), 1);
}

#[test]
fn a_purge_blocks_everything_until_it_is_done() {
    let mut book = Book::default();
    book.create(new("alice"), NOW).unwrap();
    book.create(new("bob"), NOW).unwrap();
    book.delete("default", "alice", true, NOW).unwrap();
    assert_eq!(book.begin_purge("default", "alice", NOW).unwrap().reason, "purging");
    assert!(book.begin_purge("default", "alice", NOW).is_ok(), "an interrupted purge is repeated");
    let busy = (400, "Gateway runtime purge is already in progress: default/alice".to_owned());
    assert_eq!(text(book.transfer("default", "alice", "bob", NOW)), busy);
    assert_eq!(text(book.create(new("alice"), NOW)), busy);
    assert!(book.release("default", "alice"));
    assert!(!book.release("default", "alice"));
    assert_eq!(text(book.begin_purge("default", "alice", NOW)).0, 404);
}

#[test]
fn a_plane_in_use_is_not_purged() {
    let rows = json!({"users": [{"user_id": "a", "runtime_id": "r"}],
        "runtime_reservations": [{"tenant_id": "default", "runtime_id": "r", "owner_key": "default:b"}]});
    let mut book = Book::read(&rows.to_string()).unwrap();
    assert_eq!(
        text(book.begin_purge("default", "r", NOW)),
        (409, "Gateway runtime is assigned to active user default/a".into())
    );
}

#[test]
fn the_last_admin_stays() {
    let off = || Change { enabled: Some(false), ..Change::default() };
    let demoted = || Change { roles: Some(vec!["user".into()]), ..Change::default() };
    let mut book = Book::default();
    book.create(admin("root"), NOW).unwrap();
    book.create(new("user"), NOW).unwrap();
    assert_eq!(text(book.update("default", "root", off(), true, NOW)).0, 409);
    assert_eq!(text(book.update("default", "root", demoted(), true, NOW)).0, 409);
    assert_eq!(text(book.delete("default", "root", true, NOW)).0, 409);
    book.create(admin("second"), NOW).unwrap();
    book.update("default", "root", off(), true, NOW).unwrap();
    assert_eq!(text(book.delete("default", "second", true, NOW)).0, 409);
    book.delete("default", "root", true, NOW).unwrap();
    book.delete("default", "second", false, NOW).unwrap();
    assert!(!book.has_working_admin());
}

fn sample() -> Value {
    json!({
      "runtime_reservations": [
        {"created_at":"2026-11-22T07:31:13.676469+00:00","owner_key":"default:admin","owner_user_id":"admin",
         "reason":"runtime-transferred","runtime_id":"default","tenant_id":"default","updated_at":"2026-11-22T07:31:13.676469+00:00"}
      ],
      "updated_at": "2026-11-22T07:31:13.676515+00:00",
      "users": [
        {"created_at":"2026-11-22T07:26:09.251879+00:00","email":"","enabled":true,"roles":["admin","user"],
         "runtime_id":"default","scopes":[],"tenant_id":"default","token_fingerprint":"941b3657833a",
         "token_hash":"pbkdf2_sha256$260000$511ec6d868c0d083d90da9ac3f3f4a49$de6957e006af5fa5111f9b25db91d88c30405c9cac1420e30444178065a235e6",
         "updated_at":"2026-11-22T07:26:09.251879+00:00","user_id":"admin"}
      ],
      "version": 2
    })
}

#[test]
fn the_contracts_sample_survives_a_rewrite() {
    let text =
        Book::read(&sample().to_string()).unwrap().write(Timestamp::parse("2026-11-22T07:31:13.676515+00:00").unwrap());
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), sample());
    assert!(text.starts_with("{\n  \"runtime_reservations\": [\n    {\n      \"created_at\""), "{text}");
    assert!(text.ends_with("\n}\n"));
}

#[test]
fn what_is_not_understood_is_kept() {
    let mut rows = sample();
    let bad = [json!({"user_id": ""}), json!({"user_id": "x", "email": "nonsense"}), json!(7)];
    rows["users"].as_array_mut().unwrap().extend(bad.clone());
    rows["runtime_reservations"].as_array_mut().unwrap().push(json!({"tenant_id": "t"}));
    rows["future"] = json!([1]);
    let book = Book::read(&rows.to_string()).unwrap();
    assert_eq!((book.users().len(), book.reservations().len()), (1, 1));
    let written: Value = serde_json::from_str(&book.write(NOW)).unwrap();
    assert_eq!(written["users"].as_array().unwrap()[1..], bad);
    assert_eq!(written["runtime_reservations"][1], json!({"tenant_id": "t"}));
    assert_eq!(written["future"], json!([1]));
    for nonsense in ["", "[]", "{", "null"] {
        assert!(Book::read(nonsense).is_err(), "{nonsense}");
    }
}

fn registry(folder: &Path) -> Registry {
    Registry::open(folder.join("auth/users.json"))
}

#[test]
fn changes_by_others_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (registry(folder.path()), registry(folder.path()));
    assert!(one.view().unwrap().book.users().is_empty());
    assert!(!one.exists());
    one.edit(|book, now| book.create(new("alice"), now)).unwrap();
    let seen = two.view().unwrap();
    assert_eq!((seen.book.users().len(), two.exists()), (1, true));
    two.edit(|book, now| book.create(new("bob"), now)).unwrap();
    let again = one.view().unwrap();
    assert_eq!(again.book.users().len(), 2);
    assert!(again.generation > 1);
    assert_eq!(one.view().unwrap().generation, again.generation);
}

#[test]
fn nothing_is_lost_between_many_writers() {
    let folder = tempfile::tempdir().unwrap();
    let registries = [Arc::new(registry(folder.path())), Arc::new(registry(folder.path()))];
    std::thread::scope(|scope| {
        for writer in 0..6 {
            let registry = registries[writer % 2].clone();
            scope.spawn(move || {
                for i in 0..5 {
                    registry.edit(|book, now| book.create(new(&format!("u{writer}-{i}")), now)).unwrap();
                }
            });
        }
    });
    for registry in &registries {
        assert_eq!(registry.view().unwrap().book.users().len(), 30);
    }
}

#[test]
fn an_edit_that_fails_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path());
    registry.edit(|book, now| book.create(new("alice"), now)).unwrap();
    let before = fs::read_to_string(folder.path().join("auth/users.json")).unwrap();
    let failed = registry.edit(|book, now| {
        book.create(new("bob"), now)?;
        book.create(new("bob"), now)
    });
    assert_eq!(text(failed).0, 400);
    assert_eq!(fs::read_to_string(folder.path().join("auth/users.json")).unwrap(), before);
    assert_eq!(registry.view().unwrap().book.users().len(), 1);
}

#[test]
fn a_broken_file_neither_disables_everybody_nor_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth/users.json");
    let running = registry(folder.path());
    running.edit(|book, now| book.create(new("alice"), now)).unwrap();
    running.edit(|book, now| book.create(new("bob"), now)).unwrap();
    fs::write(&path, "{\"users\": [").unwrap();
    assert_eq!(running.view().unwrap().book.users().len(), 2);
    assert_eq!(text(running.edit(|book, now| book.create(new("carol"), now))).0, 500);
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\"users\": [");
    assert_eq!(text(registry(folder.path()).view().map(|_| ())).0, 500);
    fs::copy(folder.path().join("auth/users.json.bak"), &path).unwrap();
    assert_eq!(
        running.view().unwrap().book.users().len(),
        1,
        "the previous copy holds what stood before the last change"
    );
    running.edit(|book, now| book.create(new("carol"), now)).unwrap();
}
