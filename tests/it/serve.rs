//! The process: how it starts, what stops it, and with which code it ends (contract 01, 4.1, and what 6.3 asks).

use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use serde_json::{Value, json};
use tests::{Connection, Ended, Frame, Home, PATIENCE, TOKEN, get, multipart};

use crate::home;

const ON_LOOPBACK: [&str; 5] = ["serve", "--host", "127.0.0.1", "--port", "0"];

#[track_caller]
fn refused(home: &Home, args: &[&str], code: i32, says: &[&str]) -> Ended {
    let ended = home.run(args);
    assert_eq!(ended.code, Some(code), "{}", ended.log);
    for part in says {
        assert!(ended.log.contains(part), "{part} is not in {}", ended.log);
    }
    ended
}

#[test]
fn a_gateway_that_cannot_serve_says_why() {
    let open = home().unset("AUTH_TOKEN");
    refused(&open, &ON_LOOPBACK, 1, &["Missing gateway auth token."]);
    let weak = "Refusing to start: weak auth token detected while binding to a non-loopback host.";
    refused(&home().set("AUTH_TOKEN", "changeme"), &["serve", "--host", "0.0.0.0", "--port", "0"], 1, &[weak]);
    refused(&home().set("STORE_BACKEND", "paper"), &ON_LOOPBACK, 3, &["Unsupported store backend: paper."]);
    refused(&home(), &["serve", "--port", "many"], 2, &["many"]);
    for path in ["data", "flows"] {
        let home = home();
        let place = if path == "data" { home.data_dir() } else { home.flows_dir() };
        let _ = std::fs::remove_dir_all(&place);
        std::fs::write(&place, b"a file").unwrap();
        refused(&home, &ON_LOOPBACK, 3, &[&place.display().to_string()]);
    }
}

#[test]
fn a_port_has_one_server() {
    let (first, second) = (home(), home());
    let gateway = first.serve();
    let port = gateway.address.port().to_string();
    let taken = format!("127.0.0.1:{port} is in use");
    refused(&second, &["serve", "--host", "127.0.0.1", "--port", &port], 3, &[&taken]);
    assert!(!second.data_dir().join("gateway.sqlite3").exists(), "a refused start touches nothing");
    gateway.check(&get("/api/health"), 200, &json!({}));
}

#[test]
fn a_data_directory_has_one_server() {
    let home = home();
    let gateway = home.serve();
    refused(&home, &ON_LOOPBACK, 3, &[&format!("http://{}", gateway.address)]);
    // Also when nobody tells where the other one is.
    std::fs::remove_file(home.data_dir().join("server.json")).unwrap();
    refused(&home, &ON_LOOPBACK, 3, &[&home.data_dir().display().to_string()]);
    gateway.check(&get("/api/health"), 200, &json!({}));
    gateway.kill();
    assert_eq!(home.serve().stop().code, Some(0));
}

#[test]
fn what_says_where_the_server_is_lives_as_long_as_it() {
    let home = home();
    let gateway = home.serve();
    let file = home.json_file("server.json");
    assert_eq!(file["url"], format!("http://{}", gateway.address));
    assert_eq!(gateway.stop().code, Some(0));
    assert!(!home.data_dir().join("server.json").exists());
}

#[test]
fn secrets_are_for_the_owner_of_the_files() {
    let home = home().with_users();
    let gateway = home.serve();
    let login = json!({"user_id": "admin", "token": tests::ADMIN_TOKEN});
    gateway.check(&tests::post("/api/gateway/session/login", &login), 200, &json!({}));
    assert_eq!(gateway.stop().code, Some(0));
    for file in ["auth/users.json", "auth/sessions.json", "auth/session_secret", "auth/bootstrap-admin-token"] {
        let mode = std::fs::metadata(home.data_dir().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn a_stop_ends_open_streams_and_the_process() {
    let gateway = home().set("DRAIN_MS", "60000").serve();
    let run = gateway.start("ask", &json!({}));
    let mut events = gateway.follow(&run, 0);
    events.steps(2);
    let mut idle = gateway.connect();
    idle.send(&get("/api/health").bytes());
    assert_eq!(idle.read_response().unwrap().status, 200);
    let (asked, ended) = (Instant::now(), gateway.stop());
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(asked.elapsed() < PATIENCE);
    // A clean end: the client knows that nothing was cut off.
    assert_eq!(events.next_event(), Frame::End);
    assert!(idle.is_closed_by_peer());
}

#[test]
fn a_stop_waits_no_longer_than_it_may() {
    let gateway = home().set("DRAIN_MS", "200").serve();
    let upload = multipart("/api/gateway/bundles/upload", &[], "b.flow", &[0; 5000]).token(TOKEN).bytes();
    let mut stuck = gateway.connect();
    stuck.send(&upload[..3000]);
    gateway.check(&get("/api/health"), 200, &json!({}));
    assert_eq!(gateway.stop().code, Some(0));
    assert!(stuck.is_closed_by_peer());
}

#[test]
fn a_write_that_has_begun_is_finished() {
    let home = home().with_users();
    let gateway = home.serve();
    let ping = get("/api/gateway/ping").token(tests::ADMIN_TOKEN);
    let make = |i: usize| {
        let user = json!({"user_id": format!("bob-{i}")});
        tests::post("/api/gateway/admin/users", &user).token(tests::ADMIN_TOKEN)
    };
    gateway.check(&ping, 200, &json!({}));
    // The bodies are there and the clients gone long before a password hash is made.
    let clients: Vec<Connection> = (0..8)
        .map(|i| {
            let mut client = gateway.connect();
            client.send(&make(i).bytes());
            client
        })
        .collect();
    gateway.check(&ping, 200, &json!({}));
    drop(clients);
    tests::eventually("a user is made", || {
        home.json_file("auth/users.json").to_string().contains("bob-").then_some(())
    });
    assert_eq!(gateway.stop().code, Some(0));
}

#[test]
fn an_interrupt_is_a_stop() {
    let home = home();
    let gateway = home.serve();
    gateway.interrupt();
    assert_eq!(gateway.wait().code, Some(0));
}

#[test]
fn without_a_runner_nothing_moves() {
    let home = home();
    let args = [&ON_LOOPBACK[..], &["--no-runner"]].concat();
    let gateway = home.serve_with(&args);
    let run = gateway.start("timer", &json!({"seconds": 0}));
    let answer = gateway.run(&run);
    assert_ne!(answer["status"], "failed", "{answer}");
    gateway.kill();
    let gateway = home.serve();
    gateway.until(&run, "completed");
}

#[test]
fn a_socket_file_serves_its_owner() {
    let home = home();
    let place = home.data_dir().with_file_name("gateway.sock");
    let mut server = home.command(&["serve", "--unix", &place.display().to_string()]).spawn().unwrap();
    let answer = tests::eventually("the socket answers", || {
        use std::io::{Read, Write};
        let mut stream = std::os::unix::net::UnixStream::connect(&place).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(&get("/api/health").header("connection", "close").bytes()).ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        Some(text)
    });
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(std::fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o600);
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn nobody_is_served_before_everything_is_open() {
    let gateway = home().serve();
    gateway.check(&get("/api/health/ready"), 200, &json!({"ready": true, "status": "ready"}));
    gateway.terminate();
    tests::eventually("nobody listens", || Connection::try_open(gateway.address).is_err().then_some(()));
    assert_eq!(gateway.wait().code, Some(0));
}

/// The log of a healthy gateway has nothing to say but where it is.
#[test]
fn a_healthy_gateway_is_silent() {
    let gateway = home().serve();
    let run = gateway.start("ask", &json!({}));
    gateway.answer(&run, "alice");
    gateway.check(&get("/api/gateway/ping"), 401, &Value::Null);
    let log = gateway.stop().log;
    assert_eq!(log.lines().count(), 1, "{log}");
}
