//! A gateway that knows its answers by heart, for tests of what talks to one.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use super::{Target, There};

/// Serves one answer a path for as long as the test runs; other paths are runs nobody knows. A path
/// without query stands for all queries.
pub(crate) fn gateway(answers: Vec<(&'static str, String)>) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let there = There::new(&format!("http://{}", listener.local_addr().unwrap()), None).unwrap();
    let answers = Arc::new(answers);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // A client may open a connection it never uses: none may hold up the others.
            let answers = answers.clone();
            std::thread::spawn(move || answer(stream.unwrap(), &answers));
        }
    });
    Target::There(there)
}

fn answer(mut stream: TcpStream, answers: &[(&'static str, String)]) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(n) if n > 0 => head.extend_from_slice(&buffer[..n]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split_whitespace().nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let found = answers.iter().find(|(known, _)| *known == path);
    let unknown = r#"{"detail":"Run not found","code":"run_not_found"}"#;
    let (status, body) = found.map_or(("404 Not Found", unknown), |(_, body)| ("200 OK", body));
    let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
}

/// A ledger as events; `done` follows when the run has ended.
pub(crate) fn events(records: &[serde_json::Value], done: bool) -> String {
    let steps = records.iter().enumerate().map(|(i, record)| {
        let cursor = i + 1;
        format!("id: {cursor}\nevent: step\ndata: {}\n\n", serde_json::json!({"cursor": cursor, "record": record}))
    });
    let end = if done { "event: done\ndata: {}\n\n" } else { "" };
    steps.collect::<String>() + end
}
