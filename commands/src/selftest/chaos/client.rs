//! A client that outlives the gateway: a request is sent again until a life of the gateway answers it.
//!
//! Everything it sends may be sent twice: starts carry an idempotency key, commands an id.

use std::time::Duration;

use model::Value;
use reqwest::Method;
use serde_json::json;

use super::witness::{Shown, Violation};
use crate::target::{Reader, prepare_tls};

/// How long it waits between two tries.
const PAUSE: Duration = Duration::from_millis(10);
/// How long it waits for an answer. A gateway that takes longer than that is stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// The client.
#[derive(Clone, Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Client {
    pub(super) fn new(port: u16, token: &str) -> Result<Self, crate::failure::Failure> {
        prepare_tls();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
        let http = http.map_err(|e| crate::failure::Failure::new("a client could not be made").why(e))?;
        Ok(Self { http, base: format!("http://127.0.0.1:{port}/api"), token: token.to_owned() })
    }

    /// Whether a life is on and well.
    pub(super) async fn is_healthy(&self) -> bool {
        let asked = self.http.get(format!("{}/health", self.base)).send().await;
        asked.is_ok_and(|reply| reply.status().is_success())
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, None, None).await
    }

    /// Starts a run, once, however often that takes.
    pub(super) async fn start(&self, path: &str, key: &str, body: &Value) -> Result<String, Violation> {
        let reply = self.ask(Method::POST, path, Some(body), Some(key)).await;
        match reply.body["run_id"].as_str() {
            Some(run_id) if reply.status == 200 => Ok(run_id.to_owned()),
            _ => Err(Violation::wrong("-", format!("a start was refused with {}: {}", reply.status, reply.body))),
        }
    }

    /// Sends a command, once, however often that takes.
    pub(super) async fn command(&self, id: &str, run_id: &str, kind: &str, payload: &Value) -> Reply {
        let body = json!({"command_id": id, "run_id": run_id, "type": kind, "payload": payload});
        self.ask(Method::POST, "/gateway/commands", Some(&body), None).await
    }

    /// The same, for a command that must be taken.
    pub(super) async fn must(&self, id: &str, run_id: &str, kind: &str, payload: &Value) -> Result<(), Violation> {
        let reply = self.command(id, run_id, kind, payload).await;
        if reply.status == 200 {
            return Ok(());
        }
        Err(Violation::wrong(run_id, format!("{kind} was refused with {}: {}", reply.status, reply.body)))
    }

    /// The summary of a run that was acknowledged.
    pub(super) async fn run(&self, run_id: &str) -> Result<Value, Violation> {
        let reply = self.get(&format!("/gateway/runs/{run_id}")).await;
        match reply.status {
            200 => Ok(reply.body),
            404 => Err(Violation::lost(run_id, "the run was acknowledged and is not there")),
            status => Err(Violation::wrong(run_id, format!("its summary is refused with {status}: {}", reply.body))),
        }
    }

    /// Follows a run over a stream until it ends or breaks; whether the run has ended.
    pub(super) async fn follow(&self, run_id: &str, shown: &mut Shown) -> Result<bool, Violation> {
        let url = format!("{}/gateway/runs/{run_id}/ledger/stream?after={}", self.base, shown.len());
        let Ok(mut response) = self.http.get(url).bearer_auth(&self.token).send().await else { return Ok(false) };
        match response.status().as_u16() {
            200 => {}
            404 => return Err(Violation::lost(run_id, "the run was acknowledged and is not there")),
            _ => return Ok(false),
        }
        let mut events = Reader::default();
        while let Ok(Some(chunk)) = response.chunk().await {
            events.push(&chunk);
            while let Some(event) = events.next() {
                let Ok(data) = serde_json::from_str::<Value>(&event.data) else { continue };
                match event.name.as_str() {
                    "step" => shown.streamed(data["cursor"].as_u64().unwrap_or(0), data["record"].clone()),
                    "done" => return Ok(true),
                    _ => {}
                }
            }
        }
        Ok(false)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>, key: Option<&str>) -> Reply {
        loop {
            let mut request =
                self.http.request(method.clone(), format!("{}{path}", self.base)).bearer_auth(&self.token);
            if let Some(body) = body {
                request = request.json(body);
            }
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
            if let Some(reply) = answered(request).await {
                return reply;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// The whole answer; none when the connection broke or the gateway is not ready.
async fn answered(request: reqwest::RequestBuilder) -> Option<Reply> {
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let body = response.bytes().await.ok()?;
    let body = serde_json::from_slice(&body).ok()?;
    (!matches!(status, 429 | 503)).then_some(Reply { status, body })
}
