//! A scripted model server on loopback for this crate's tests: it answers each request with the next reply of its
//! script (the last one again when the script is over) and keeps what it was sent.

use std::sync::Arc;
use std::time::Duration;

use model::{Map, Value};
use parking_lot::Mutex;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::call::{CallContext, llm_call};
use crate::defaults::TextDefault;
use crate::env::Env;
use crate::error::CallError;
use crate::http::{Client, Pace};

/// One scripted reply.
#[derive(Clone)]
pub(crate) enum Say {
    /// A status, extra header lines and a body.
    Raw(u16, &'static str, String),
    /// A stream of these data lines, `[DONE]` included if wanted.
    Stream(Vec<String>),
    /// Headers and the beginning of a body that never ends.
    Hang(&'static str),
}

impl Say {
    pub(crate) fn json(value: &Value) -> Self {
        Self::Raw(200, "", value.to_string())
    }

    /// A plain answer.
    pub(crate) fn text(content: &str) -> Self {
        Self::message(&json!({"role": "assistant", "content": content}), "stop")
    }

    pub(crate) fn message(message: &Value, finish_reason: &str) -> Self {
        Self::json(
            &json!({"id": "1", "object": "chat.completion", "model": "upstream", "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}),
        )
    }

    pub(crate) fn error(status: u16, message: &str) -> Self {
        Self::Raw(status, "", json!({"error": {"message": message}}).to_string())
    }

    pub(crate) fn chunks(chunks: &[Value]) -> Self {
        let mut lines: Vec<String> = chunks.iter().map(ToString::to_string).collect();
        lines.push("[DONE]".into());
        Self::Stream(lines)
    }
}

/// What the server was sent.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: String,
    pub(crate) body: Value,
}

/// The server.
pub(crate) struct Server {
    pub(crate) base_url: String,
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
    /// Turns true when a client hung up on a hanging reply.
    pub(crate) hung_up: Arc<tokio::sync::Notify>,
    /// Told when a hanging reply has begun.
    pub(crate) hanging: Arc<tokio::sync::Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    #[expect(clippy::disallowed_methods, reason = "the task is owned by the server and aborted with it")]
    pub(crate) async fn start(script: Vec<Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (hung_up, hanging) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
        let (log, gone, begun) = (seen.clone(), hung_up.clone(), hanging.clone());
        let task = tokio::spawn(async move {
            let mut script = script.into_iter();
            let mut last = Say::error(500, "the script is empty");
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let Some(request) = read_request(&mut stream).await else { continue };
                log.lock().push(request);
                last = script.next().unwrap_or(last);
                if answer(&mut stream, &last, &begun).await {
                    gone.notify_one();
                }
            }
        });
        Self { base_url, seen, hung_up, hanging, task }
    }

    pub(crate) fn bodies(&self) -> Vec<Value> {
        self.seen.lock().iter().map(|s| s.body.clone()).collect()
    }

    pub(crate) fn default(&self, model: &str) -> TextDefault {
        TextDefault {
            provider: "openai-compatible".into(),
            model: model.into(),
            base_url: Some(self.base_url.clone()),
            options: Map::new(),
        }
    }

    /// Calls `mock-model` on this server with a payload, no wait between attempts taking any time.
    pub(crate) async fn call(&self, payload: &Value) -> Result<Value, CallError> {
        self.call_as(&client(&Arc::default()), "mock-model", payload).await
    }

    pub(crate) async fn call_as(&self, http: &Client, model: &str, payload: &Value) -> Result<Value, CallError> {
        let env = Env::default();
        let default = self.default(model);
        let ctx = CallContext {
            http,
            env: &env,
            default: Some(&default),
            limits: None,
            media: &[],
            cancel: CancellationToken::new(),
            retried: true,
            idempotency_key: None,
        };
        llm_call(&ctx, payload.as_object().unwrap()).await
    }
}

/// A client whose waits pass at once and are written down.
pub(crate) fn client(waits: &Arc<Mutex<Vec<Duration>>>) -> Client {
    let waits = waits.clone();
    Client::new(Pace::new(move |wait| {
        waits.lock().push(wait);
        Box::pin(async {})
    }))
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&chunk[..n]),
            _ => return None,
        }
    };
    let headers = String::from_utf8_lossy(&bytes[..head_end]).to_ascii_lowercase();
    let length = headers.lines().find_map(|l| l.strip_prefix("content-length: ")?.trim().parse().ok()).unwrap_or(0);
    let mut body = bytes[head_end..].to_vec();
    while body.len() < length {
        let mut chunk = [0; 4096];
        let n = stream.read(&mut chunk).await.ok().filter(|n| *n > 0)?;
        body.extend_from_slice(&chunk[..n]);
    }
    let path = headers.split(' ').nth(1).unwrap_or_default().to_owned();
    Some(Seen { path, headers, body: serde_json::from_slice(&body).unwrap_or_default() })
}

/// Sends a reply; true when the client hung up on a hanging one.
async fn answer(stream: &mut TcpStream, say: &Say, begun: &tokio::sync::Notify) -> bool {
    match say {
        Say::Raw(status, extra, body) => {
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n{extra}\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).await;
        }
        Say::Stream(lines) => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(head.as_bytes()).await;
            let text: String = lines.iter().map(|line| format!(": note\r\ndata: {line}\r\n\r\n")).collect();
            // Cut in the middle of a line, perhaps of a character.
            let (first, second) = text.as_bytes().split_at(text.len() / 2);
            let _ = stream.write_all(first).await;
            let _ = stream.flush().await;
            let _ = stream.write_all(second).await;
        }
        Say::Hang(kind) => {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: 1000000\r\n\r\ndata: ");
            let _ = stream.write_all(head.as_bytes()).await;
            begun.notify_one();
            let mut rest = [0; 16];
            return matches!(stream.read(&mut rest).await, Ok(0) | Err(_));
        }
    }
    let _ = stream.shutdown().await;
    false
}
