//! A model server on loopback that speaks the OpenAI protocol and does what its script says.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

use serde_json::{Value, json};

use crate::{PATIENCE, eventually};

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers with a text.
    Text(String),
    /// Asks for tools: id, name, arguments.
    Tools(Vec<(String, String, Value)>),
    /// Answers with a status and an error text.
    Error(u16, String),
    /// Answers with a text once it is let go.
    Held(String),
}

/// The server.
#[derive(Debug)]
pub struct Models {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    script: Mutex<VecDeque<Reply>>,
    requests: Mutex<Vec<Value>>,
    keys: Mutex<Vec<String>>,
    hung_up: Mutex<usize>,
    let_go: Mutex<bool>,
    told: Condvar,
}

impl Models {
    /// Starts; a request after the end of the script gets an error.
    ///
    /// # Panics
    /// When there is no port.
    #[must_use]
    pub fn start(script: &[Reply]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { script: Mutex::new(script.iter().cloned().collect()), ..Shared::default() });
        let served = Arc::clone(&shared);
        // It ends with the process of the tests: an accept cannot be called off.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&served);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, shared }
    }

    /// The URL clients are given.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The bodies it was sent.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn requests(&self) -> Vec<Value> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Waits for so many requests.
    #[track_caller]
    pub fn until_asked(&self, count: usize) {
        eventually("the model is asked", || (self.requests().len() >= count).then_some(()));
    }

    /// The idempotency keys it was sent, one a request; empty where there was none.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.shared.keys.lock().unwrap().clone()
    }

    /// Waits for so many clients that hung up while they were held.
    ///
    /// # Panics
    /// Never.
    #[track_caller]
    pub fn until_hung_up(&self, count: usize) {
        eventually("the client hangs up", || (*self.shared.hung_up.lock().unwrap() >= count).then_some(()));
    }

    /// Lets go whoever is held, and will be.
    ///
    /// # Panics
    /// Never.
    pub fn let_go(&self) {
        *self.shared.let_go.lock().unwrap() = true;
        self.shared.told.notify_all();
    }
}

/// One connection: a request and its reply.
fn serve(stream: TcpStream, shared: &Arc<Shared>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (key, body) = read_request(&mut reader)?;
    shared.keys.lock().unwrap().push(key);
    shared.requests.lock().unwrap().push(body);
    let next = shared.script.lock().unwrap().pop_front();
    let reply = next.unwrap_or_else(|| Reply::Error(500, "the script is over".into()));
    if matches!(reply, Reply::Held(_)) {
        watch(reader.get_ref().try_clone().ok()?, shared);
        let let_go = shared.let_go.lock().unwrap();
        drop(shared.told.wait_timeout_while(let_go, PATIENCE, |let_go| !*let_go).unwrap());
    }
    let (status, body) = render(&reply);
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    reader.get_mut().write_all(format!("{head}{body}").as_bytes()).ok()
}

/// Notes when the client of a held request hangs up.
fn watch(mut stream: TcpStream, shared: &Arc<Shared>) {
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        let ended = stream.read(&mut [0]);
        if !matches!(ended, Ok(1..)) && !*shared.let_go.lock().unwrap() {
            *shared.hung_up.lock().unwrap() += 1;
        }
    });
}

/// The idempotency key and the body of a request.
fn read_request(reader: &mut BufReader<TcpStream>) -> Option<(String, Value)> {
    let (mut length, mut key) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if let Some(value) = line.strip_prefix("idempotency-key:") {
            value.trim().clone_into(&mut key);
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((key, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

fn render(reply: &Reply) -> (u16, String) {
    let message = |message: Value, reason: &str| {
        let choice = json!({"index": 0, "message": message, "finish_reason": reason});
        let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15});
        json!({"id": "1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage})
    };
    match reply {
        Reply::Text(text) | Reply::Held(text) => {
            (200, message(json!({"role": "assistant", "content": text}), "stop").to_string())
        }
        Reply::Tools(calls) => {
            let call = |(id, name, arguments): &(String, String, Value)| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments.to_string()}});
            let calls: Vec<Value> = calls.iter().map(call).collect();
            let asked = json!({"role": "assistant", "content": null, "tool_calls": calls});
            (200, message(asked, "tool_calls").to_string())
        }
        Reply::Error(status, text) => (*status, json!({"error": {"message": text}}).to_string()),
    }
}
