//! Limits on sizes, places, wrong credentials and patience (contract 01, 1.7, 1.9, 1.10), and clients that go away.

use std::io::ErrorKind;

use serde_json::{Value, json};
use tests::{Connection, Frame, Gateway, Home, Request, TOKEN, eventually, get, multipart, post, request};

use super::{by_admin, detail};
use crate::home;

const COMMANDS: &str = "/api/gateway/commands";
const UPLOAD: &str = "/api/gateway/bundles/upload";
const PING: &str = "/api/gateway/ping";

/// Variables and their values.
type Settings = &'static [(&'static str, &'static str)];

/// A command for a run that is not there, of so many bytes.
fn command_of(bytes: usize) -> Vec<u8> {
    let body = json!({"command_id": "", "run_id": "nobody", "type": "cancel"}).to_string();
    body.into_bytes().into_iter().chain(std::iter::repeat(b' ')).take(bytes).collect()
}

fn too_large(size: usize, limit: usize) -> Value {
    detail(&format!("Payload Too Large ({size} bytes > {limit} bytes)"))
}

#[test]
fn bodies_are_held_to_the_limit_declared_or_not() {
    let gateway = home().set("MAX_BODY_BYTES", "1000").serve();
    let arrived = json!({"detail": "Run 'nobody' not found"});
    let post = || request("POST", COMMANDS).token(TOKEN);
    let (fits, over) = (command_of(1000), command_of(1001));
    for (request, status, parts) in [
        (post().body("application/json", &fits), 404, arrived.clone()),
        (post().body("application/json", &over), 413, too_large(1001, 1000)),
        (post().chunked("application/json", &[&fits]), 404, arrived.clone()),
        (post().chunked("application/json", &[&fits[..500], &fits[500..]]), 404, arrived),
        (post().chunked("application/json", &[&over[..999], &over[999..]]), 413, too_large(1001, 1000)),
    ] {
        gateway.check(&request, status, &parts);
    }
    let unlimited = home().set("MAX_BODY_BYTES", "0").serve();
    unlimited.check(&post().body("application/json", &command_of(400_000)), 404, &json!({}));
}

#[test]
fn uploads_have_limits_of_their_own() {
    const SLACK: usize = 2 * 1024 * 1024;
    let sized = |bytes: usize| {
        let empty = multipart(UPLOAD, &[], "b.flow", b"").bytes();
        let head = empty.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        multipart(UPLOAD, &[], "b.flow", &vec![0; bytes - (empty.len() - head)]).token(TOKEN)
    };
    // What fits arrives, and is no bundle; or is a form that may come with a file that may not.
    let table: [(Settings, usize, u16); 2] = [
        (&[("MAX_BUNDLE_BYTES", "1000")], 1000 + SLACK, 413),
        (&[("MAX_BUNDLE_BYTES", "100000"), ("MAX_UPLOAD_BODY_BYTES", "5000")], 5000, 400),
    ];
    for (settings, limit, at_limit) in table {
        let gateway = settings.iter().fold(home(), |home, (name, value)| home.set(name, value)).serve();
        let arrived = gateway.check(&sized(limit), at_limit, &json!({}));
        assert!(!arrived.text().contains("Payload Too Large"), "{}", arrived.text());
        gateway.check(&sized(limit + 1), 413, &too_large(limit + 1, limit));
    }
}

#[test]
fn a_client_that_asks_before_it_sends_is_answered_before() {
    let gateway = home().set("MAX_BODY_BYTES", "1000").serve();
    for (length, status) in [(1001, 413), (64, 100)] {
        let mut connection = gateway.connect();
        let head = format!(
            "POST {COMMANDS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\nexpect: 100-continue\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        connection.send(head.as_bytes());
        assert_eq!(connection.read_head().unwrap().status, status, "{length}");
    }
}

#[test]
fn places_are_refused_and_given_back() {
    let gateway = home().with_users().set("MAX_CONCURRENCY", "1").serve();
    // Making a user takes the time of a password hash: of many at once, only one finds a place.
    let make = |i: usize| by_admin(post("/api/gateway/admin/users", &json!({"user_id": format!("u{i}")})));
    let answers: Vec<_> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..16)
            .map(|i| {
                scope.spawn({
                    let gateway = &gateway;
                    move || gateway.send_as_is(&make(i))
                })
            })
            .collect();
        asked.into_iter().map(|answer| answer.join().unwrap()).collect()
    });
    let (refused, made): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 429);
    assert!(!refused.is_empty() && !made.is_empty(), "{} of 16 were refused", refused.len());
    for answer in refused {
        assert_eq!(answer.json()["detail"], "Too Many Requests (concurrency limit)");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    assert!(made.iter().all(|answer| answer.status == 200));
    gateway.check(&by_admin(get(PING)), 200, &json!({}));
}

#[test]
fn streams_have_places_of_their_own() {
    let gateway = home().set("MAX_SSE", "1").set("MAX_CONCURRENCY", "1").serve();
    let run = gateway.start("ask", &json!({}));
    let mut first = gateway.follow(&run, 0);
    first.steps(2);
    let second = get(&format!("/api/gateway/runs/{run}/ledger/stream")).token(TOKEN);
    let refused = gateway.check(&second, 429, &detail("Too Many Requests (concurrency limit)"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    gateway.check(&get(PING).token(TOKEN), 200, &json!({}));
    drop(first);
    eventually("the place is given back", || {
        let mut connection = gateway.connect();
        connection.send(&second.bytes());
        (connection.read_head().unwrap().status == 200).then_some(())
    });
}

#[test]
fn a_body_that_does_not_come_holds_no_place() {
    let gateway = home().set("MAX_CONCURRENCY", "1").serve();
    let waiting: Vec<Connection> =
        ["/api/gateway/session/login", COMMANDS, UPLOAD].iter().map(|path| begin(&gateway, &half(path))).collect();
    gateway.check(&get(PING).token(TOKEN), 200, &json!({}));
    drop(waiting);
}

/// The beginning of a request with a body.
fn half(path: &str) -> Vec<u8> {
    let whole = match path {
        UPLOAD => multipart(path, &[], "b.flow", &[0; 5000]),
        _ => request("POST", path).body("application/json", &[b' '; 5000]),
    };
    let bytes = whole.token(TOKEN).bytes();
    bytes[..bytes.len() - 2500].to_vec()
}

fn begin(gateway: &Gateway, bytes: &[u8]) -> Connection {
    let mut connection = gateway.connect();
    assert!(connection.send(bytes));
    connection
}

/// Heads and bodies in all stages of coming; a body of one chunk that promises more.
fn torn() -> Vec<Vec<u8>> {
    let head = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n"
        )
    };
    let chunked =
        |path: &str, body: &str| format!("{}transfer-encoding: chunked\r\n\r\n{body}", head(path)).into_bytes();
    let login = "/api/gateway/session/login";
    vec![
        Vec::new(),
        b"GET /api/gateway/pi".to_vec(),
        b"GET /api/gateway/ping HTTP/1.1\r\nhost: x\r\n".to_vec(),
        head(COMMANDS).into_bytes(),
        chunked(login, ""),
        chunked(login, "5\r\n{\"us"),
        chunked(login, "5\r\n{\"use\r\n"),
        chunked(COMMANDS, "5\r\n{\"use\r\n5"),
        half(COMMANDS),
        half(UPLOAD),
        half(login),
    ]
}

#[test]
fn clients_that_hang_up_leave_nothing_behind() {
    let home = home();
    let gateway = home.serve();
    for bytes in torn() {
        drop(begin(&gateway, &bytes));
        begin(&gateway, &bytes).finish();
    }
    gateway.check(&get(PING).token(TOKEN), 200, &json!({}));
    no_uploads(&home);
    assert_eq!(gateway.stop().code, Some(0));
}

#[test]
fn clients_that_say_nothing_more_are_let_go() {
    let home = home().set("HEADER_TIMEOUT_MS", "200").set("BODY_TIMEOUT_MS", "200").set("MAX_CONNECTIONS", "12");
    let gateway = home.serve();
    let mut hanging: Vec<Connection> = torn().iter().map(|bytes| begin(&gateway, bytes)).collect();
    gateway.check(&get(PING).token(TOKEN), 200, &json!({}));
    for (connection, sent) in hanging.iter_mut().zip(torn()) {
        assert!(connection.is_closed_by_peer(), "{:?}", String::from_utf8_lossy(&sent));
    }
    no_uploads(&home);
    // One that was answered, and then says nothing.
    let mut idle = begin(&gateway, &get(PING).token(TOKEN).bytes());
    assert_eq!(idle.read_response().unwrap().status, 200);
    assert!(idle.is_closed_by_peer());
    assert_eq!(gateway.stop().code, Some(0));
}

fn no_uploads(home: &Home) {
    eventually("no file is left in uploads", || home.uploads().is_empty().then_some(()));
}

#[test]
fn a_late_body_is_answered_with_its_code() {
    let gateway = home().set("BODY_TIMEOUT_MS", "200").serve();
    for path in [COMMANDS, UPLOAD, "/api/gateway/session/login"] {
        let answer = begin(&gateway, &half(path)).read_response().unwrap();
        assert_eq!((answer.status, answer.header("connection")), (408, Some("close")), "{path}");
    }
}

#[test]
fn a_full_house_waits_instead_of_refusing() {
    let gateway = home().set("MAX_CONNECTIONS", "2").serve();
    let hanging = [begin(&gateway, b"GET"), begin(&gateway, b"GET")];
    let mut third = begin(&gateway, &get(PING).token(TOKEN).bytes());
    drop(hanging);
    assert_eq!(third.read_response().unwrap().status, 200);
}

#[test]
fn heads_are_bounded() {
    let gateway = home().serve();
    for (bytes, statuses) in [(10_000, &[200][..]), (200_000, &[431, 413, 400])] {
        let asked = get(PING).token(TOKEN).header("x-long", &"y".repeat(bytes));
        let mut connection = gateway.connect();
        connection.send(&asked.bytes());
        match connection.read_head() {
            Ok(head) => assert!(statuses.contains(&head.status), "{bytes}: {}", head.status),
            // Still sending, it may only see the door close.
            Err(error) => assert!(bytes > 10_000 && error.kind() == ErrorKind::ConnectionReset, "{bytes}: {error}"),
        }
    }
    gateway.check(&get(PING).token(TOKEN), 200, &json!({}));
}

fn wrong(address: &str) -> Request {
    get(PING).token("wrong").header("x-forwarded-for", address)
}

#[test]
fn wrong_tokens_lock_their_address_out() {
    let home = home().set("LOCKOUT_AFTER", "3").set("LOCKOUT_BASE_S", "600").set("LOCKOUT_MAX_S", "900");
    let gateway = home.set("TRUST_PROXY", "1").serve();
    let from = |request: Request| request.header("x-forwarded-for", "10.0.0.1");
    let locked = detail("Too Many Requests (auth lockout)");
    // Whoever shows nothing is not counted.
    for _ in 0..5 {
        gateway.check(&from(get(PING)), 401, &json!({}));
    }
    for _ in 0..2 {
        gateway.check(&wrong("10.0.0.1"), 401, &json!({}));
    }
    for _ in 0..3 {
        let answer = gateway.check(&wrong("10.0.0.1"), 429, &locked);
        let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((590..=900).contains(&seconds), "{seconds}");
    }
    let login = post("/api/gateway/session/login", &json!({"user_id": "x", "token": "y"}));
    for (request, status) in [
        (from(get(PING)), 429),
        (from(login.clone()), 429),
        (wrong("10.0.0.2"), 401),
        (login.header("x-forwarded-for", "10.0.0.3"), 401),
        // A good credential opens the door again, for its address.
        (from(get(PING)).token(TOKEN), 200),
        (from(get(PING)), 401),
        (wrong("10.0.0.1"), 401),
    ] {
        gateway.check(&request, status, &json!({}));
    }
}

#[test]
fn nobody_hides_behind_an_address_of_his_own_making() {
    let counted = home().set("LOCKOUT_AFTER", "3").set("LOCKOUT_BASE_S", "600");
    let gateway = counted.serve();
    for (i, status) in [401, 401, 429, 429].into_iter().enumerate() {
        gateway.check(&wrong(&format!("10.0.0.{i}")), status, &json!({}));
    }
    // A proxy that is trusted says who it is; what stands left of that was written by the client.
    let gateway =
        home().set("LOCKOUT_AFTER", "3").set("LOCKOUT_BASE_S", "600").env("FORWARDED_ALLOW_IPS", "127.0.0.1").serve();
    for (i, status) in [401, 401, 429, 429].into_iter().enumerate() {
        gateway.check(&wrong(&format!("10.0.0.{i}, 10.9.9.9")), status, &json!({}));
    }
    gateway.check(&wrong("10.8.8.8"), 401, &json!({}));
}

#[test]
fn wrong_logins_count_too() {
    let gateway = home().with_users().set("LOCKOUT_AFTER", "3").set("LOCKOUT_BASE_S", "600").serve();
    let login = |token: &str| post("/api/gateway/session/login", &json!({"user_id": "admin", "token": token}));
    for status in [401, 401, 429, 429] {
        gateway.check(&login("wrong"), status, &json!({}));
    }
    gateway.check(&login(tests::ADMIN_TOKEN), 429, &json!({}));
    gateway.check(&by_admin(get(PING)), 200, &json!({}));
    gateway.check(&login(tests::ADMIN_TOKEN), 200, &json!({}));
}

#[test]
fn pipelined_requests_are_answered_in_turn() {
    let gateway = home().serve();
    let two = [get(PING).token(TOKEN).bytes(), get("/api/gateway/nothing").token(TOKEN).bytes()].concat();
    let mut connection = begin(&gateway, &two);
    let statuses = [connection.read_response().unwrap().status, connection.read_response().unwrap().status];
    assert_eq!(statuses, [200, 404]);
}

#[test]
fn a_reader_that_stops_reading_stops_nobody() {
    let gateway = home().serve();
    let run = gateway.start("ask", &json!({}));
    let silent: Vec<_> = (0..8).map(|_| begin(&gateway, &follow(&run))).collect();
    let mut reader = gateway.follow(&run, 0);
    reader.steps(2);
    gateway.answer(&run, "alice");
    let (steps, _) = reader.until_done();
    assert_eq!((steps.len(), reader.next_frame()), (5, Frame::Broken(ErrorKind::UnexpectedEof)));
    drop(silent);
}

fn follow(run: &str) -> Vec<u8> {
    get(&format!("/api/gateway/runs/{run}/ledger/stream?after=0")).token(TOKEN).bytes()
}
