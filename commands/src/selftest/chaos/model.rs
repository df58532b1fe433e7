//! The model server of the proof: it answers every prompt with the prompt, and counts how often it was asked what.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use model::Value;
use parking_lot::Mutex;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::failure::Failure;

/// How long it thinks.
const THOUGHT: Duration = Duration::from_millis(15);
/// The longest request it reads, in bytes.
const REQUEST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The server. It ends with the value.
#[derive(Debug)]
pub(super) struct Model {
    port: u16,
    counts: Arc<Counts>,
    server: tokio::task::AbortHandle,
}

#[derive(Debug)]
struct Counts {
    by_prompt: Mutex<HashMap<String, u64>>,
    total: watch::Sender<u64>,
}

impl Model {
    pub(super) async fn start() -> Result<Self, Failure> {
        let refused = |e| Failure::new("the model server of the proof could not be started").why(e);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(refused)?;
        let port = listener.local_addr().map_err(refused)?.port();
        let counts = Arc::new(Counts { by_prompt: Mutex::default(), total: watch::Sender::new(0) });
        let served = counts.clone();
        let mut connections = tokio::task::JoinSet::new();
        let mut server = tokio::task::JoinSet::new();
        let abort = server.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counts = served.clone();
                connections.spawn(async move { serve(stream, &counts).await });
                while connections.try_join_next().is_some() {}
            }
        });
        server.detach_all();
        Ok(Self { port, counts, server: abort })
    }

    /// The URL the gateway is given.
    pub(super) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// How often it was asked something that contains the text.
    pub(super) fn asked_about(&self, text: &str) -> u64 {
        let counts = self.counts.by_prompt.lock();
        counts.iter().filter(|(prompt, _)| prompt.contains(text)).map(|(_, count)| count).sum()
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> u64 {
        *self.counts.total.borrow()
    }

    /// Ends when it was asked so many times more.
    pub(super) async fn asked_again(&self, times: u64) {
        let wanted = self.asked() + times;
        // The sender lives as long as we do.
        let _ = self.counts.total.subscribe().wait_for(|total| *total >= wanted).await;
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// One connection; a request that is torn ends it.
async fn serve(stream: TcpStream, counts: &Counts) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let body = read(&mut stream).await?;
        let prompt = last_message(&body);
        *counts.by_prompt.lock().entry(prompt.clone()).or_default() += 1;
        counts.total.send_modify(|total| *total += 1);
        tokio::time::sleep(THOUGHT).await;
        stream.write_all(answer(&prompt).as_bytes()).await.ok()?;
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok().filter(|length| *length <= REQUEST_BYTES_MAX)?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    serde_json::from_slice(&body).ok()
}

fn last_message(body: &Value) -> String {
    let last = body["messages"].as_array().and_then(|messages| messages.last());
    last.and_then(|message| message["content"].as_str()).unwrap_or_default().to_owned()
}

fn answer(prompt: &str) -> String {
    let message = json!({"role": "assistant", "content": prompt});
    let body = json!({
        "id": "1", "object": "chat.completion", "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    })
    .to_string();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}
