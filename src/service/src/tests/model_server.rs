//! A scripted model server on loopback: it answers each request with the next reply of its script, the last one again when
//! the script is over, and keeps what it was sent.

use std::sync::Arc;

use model::Value;
use parking_lot::Mutex;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// One reply.
#[derive(Clone)]
pub(super) enum Say {
    /// A plain answer.
    Text(&'static str),
    /// Calls: name and arguments.
    Tools(Vec<(&'static str, Value)>),
    /// Nothing, for as long as the client waits.
    Silence,
}

/// The server.
pub(super) struct ModelServer {
    pub(super) base_url: String,
    seen: Arc<Mutex<Vec<Value>>>,
    /// Told when somebody waits for a silent reply.
    pub(super) waiting: Arc<Notify>,
    /// Told when he hung up.
    pub(super) hung_up: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ModelServer {
    #[expect(clippy::disallowed_methods, reason = "the task is owned by the server and aborted with it")]
    pub(super) async fn start(script: Vec<Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (seen, waiting, hung_up) =
            (Arc::<Mutex<Vec<Value>>>::default(), Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (log, arrived, gone) = (seen.clone(), waiting.clone(), hung_up.clone());
        let task = tokio::spawn(async move {
            let mut script = script.into_iter();
            let mut say = Say::Text("");
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let Some(body) = request(&mut stream).await else { continue };
                log.lock().push(body);
                say = script.next().unwrap_or(say);
                match reply(&say) {
                    Some(text) => {
                        let _ = stream.write_all(text.as_bytes()).await;
                        let _ = stream.shutdown().await;
                    }
                    None => {
                        arrived.notify_one();
                        let ended = stream.read(&mut [0; 16]).await;
                        assert!(matches!(ended, Ok(0) | Err(_)), "the client says nothing more, it hangs up");
                        gone.notify_one();
                    }
                }
            }
        });
        Self { base_url, seen, waiting, hung_up, task }
    }

    /// What it was sent so far.
    pub(super) fn bodies(&self) -> Vec<Value> {
        self.seen.lock().clone()
    }
}

fn reply(say: &Say) -> Option<String> {
    let (message, finish) = match say {
        Say::Text(content) => (json!({"role": "assistant", "content": content}), "stop"),
        Say::Tools(calls) => {
            let calls: Vec<Value> = calls
                .iter()
                .enumerate()
                .map(|(i, (name, arguments))| {
                    let function = json!({"name": name, "arguments": arguments.to_string()});
                    json!({"id": format!("c{}", i + 1), "type": "function", "function": function})
                })
                .collect();
            (json!({"role": "assistant", "content": "", "tool_calls": calls}), "tool_calls")
        }
        Say::Silence => return None,
    };
    let body = json!({
        "id": "1", "object": "chat.completion", "model": "upstream",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    })
    .to_string();
    let length = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close");
    Some(format!("{head}\r\n\r\n{body}"))
}

async fn request(stream: &mut TcpStream) -> Option<Value> {
    let mut bytes = Vec::new();
    loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..at]).to_ascii_lowercase();
            let length =
                head.lines().find_map(|l| l.strip_prefix("content-length: ")?.trim().parse().ok()).unwrap_or(0);
            if bytes.len() >= at + 4 + length {
                return serde_json::from_slice(&bytes[at + 4..]).ok();
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&chunk[..n]),
            _ => return None,
        }
    }
}
