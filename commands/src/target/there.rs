//! The same operations over HTTP, on a server that runs somewhere.
//!
//! May not know: any single operation: everything comes from its row. Invariant: the token goes to the given server
//! only, in one header, and is never printed.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use model::api::Row;
use model::{Map, Value};
use reqwest::multipart::{Form, Part};

use super::plan::{Content, Plan, plan};
use crate::failure::Failure;

/// A chunk of a stream, or why there are no more.
pub(crate) type Chunks = BoxStream<'static, Result<Bytes, Failure>>;

/// An error answer may not flood the terminal or the memory.
const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;

/// How often a patient client tries a connection again, with pauses that double: six seconds in all.
const TRIES_MORE: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A server.
#[derive(Clone, Debug)]
pub(crate) struct There {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    /// How often a connection that cannot be made is tried again.
    tries_more: u32,
}

impl There {
    /// A client of the server at `base`, such as `http://127.0.0.1:8080`.
    pub(crate) fn new(base: &str, token: Option<String>) -> Result<Self, Failure> {
        prepare_tls();
        let base = base.trim().trim_end_matches('/');
        let base = if base.contains("://") { base.to_owned() } else { format!("http://{base}") };
        let usable = reqwest::Url::parse(&base).is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
        if !usable {
            return Err(Failure::new(format!("{base} is not the address of a gateway"))
                .help("give an address such as --url http://127.0.0.1:8080"));
        }
        let http = reqwest::Client::builder()
            .user_agent(concat!("abstractgateway/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| Failure::new("the HTTP client could not be made").why(cause(&e)))?;
        Ok(Self { http, base, token: token.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()), tries_more: 0 })
    }

    /// The same, waiting some seconds for a gateway that is being started again.
    pub(crate) fn patient(&self) -> Self {
        Self { tries_more: TRIES_MORE, ..self.clone() }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> &str {
        &self.base
    }

    /// Sends an operation and reads its JSON answer.
    pub(crate) async fn call(&self, row: &Row, input: Map) -> Result<Value, Failure> {
        let response = self.send(row, plan(row, input)?).await?;
        let body = read_body(response).await?;
        model::json::parse(&body).map_err(|e| {
            Failure::new(format!("{} did not answer with JSON", self.base))
                .why(e)
                .help("is this a gateway? check --url")
        })
    }

    /// Sends an operation and gives its answer as it comes.
    pub(crate) async fn stream(&self, row: &Row, input: Map) -> Result<Chunks, Failure> {
        let response = self.send(row, plan(row, input)?).await?;
        let base = self.base.clone();
        Ok(response.bytes_stream().map(move |chunk| chunk.map_err(|e| broken(&base, &e))).boxed())
    }

    /// Whether a gateway answers there, within a second.
    pub(crate) async fn is_alive(&self) -> bool {
        let request = self.http.get(format!("{}/api/health", self.base)).timeout(Duration::from_secs(1));
        request.send().await.is_ok_and(|r| r.status().is_success())
    }

    async fn send(&self, row: &Row, plan: Plan) -> Result<reqwest::Response, Failure> {
        let url = format!("{}{}", self.base, plan.path);
        let method = reqwest::Method::from_bytes(plan.method.as_bytes())
            .map_err(|e| Failure::new(format!("{} is no HTTP method", plan.method)).why(e))?;
        let mut request = self.http.request(method, url).header("accept", "application/json, text/event-stream");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in plan.headers {
            request = request.header(name, value);
        }
        request = match plan.body {
            Content::Empty => request,
            Content::Json(body) => request.json(&body),
            Content::Form { texts, files } => request.multipart(form(texts, files).await?),
        };
        let response = self.connected(request).await.map_err(|e| broken(&self.base, &e))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if let Some(place) = moved(&response) {
            return Err(Failure::new(format!("the gateway is not at {}", self.base))
                .why(format!("it sends to {place}, and a token is shown to no address but the one that was named"))
                .help("name that address: --url URL"));
        }
        let body = read_body(response).await.unwrap_or_default();
        let failure = Failure::from_answer(status.as_u16(), &model::json::parse(&body).unwrap_or(Value::Null));
        Err(if is_no_operation(status.as_u16(), &failure) { self.unknown_operation(row) } else { failure })
    }

    /// Sends a request. Only what never left is sent again: nothing is done twice.
    async fn connected(&self, request: reqwest::RequestBuilder) -> reqwest::Result<reqwest::Response> {
        for tried in 0..self.tries_more {
            let Some(copy) = request.try_clone() else { break };
            match copy.send().await {
                Err(error) if error.is_connect() => tokio::time::sleep(FIRST_PAUSE * 2u32.pow(tried)).await,
                other => return other,
            }
        }
        request.send().await
    }

    fn unknown_operation(&self, row: &Row) -> Failure {
        let failure = Failure::new(format!("the gateway at {} does not know {}", self.base, row.name))
            .why(format!("{} {} is not found there", row.method.as_str(), row.path))
            .help("check --url; a gateway of another version may not have it");
        Failure { code: Some(UNKNOWN_OPERATION.to_owned()), ..failure }
    }
}

/// Where a redirection leads.
fn moved(response: &reqwest::Response) -> Option<String> {
    let place = response.headers().get("location").filter(|_| response.status().is_redirection())?;
    Some(place.to_str().ok()?.to_owned())
}

/// What a failure carries when the gateway has no such path: this program's word, no gateway sends it.
pub(crate) const UNKNOWN_OPERATION: &str = "unknown_operation";

/// Gateways of every make answer an unknown path with these two words and no more.
fn is_no_operation(status: u16, failure: &Failure) -> bool {
    status == 404 && failure.what == "Not Found"
}

/// Chooses the cryptography of TLS for this process. A second choice, as in tests, changes nothing.
pub(crate) fn prepare_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

async fn form(
    texts: Vec<(&'static str, String)>,
    files: Vec<(&'static str, String, std::path::PathBuf)>,
) -> Result<Form, Failure> {
    let mut form = Form::new();
    for (name, text) in texts {
        form = form.text(name, text);
    }
    for (name, file_name, path) in files {
        let bytes = tokio::fs::read(&path)
            .await
            .map_err(|e| Failure::new(format!("{} could not be read", path.display())).why(e))?;
        form = form.part(name, Part::bytes(bytes).file_name(file_name));
    }
    Ok(form)
}

async fn read_body(response: reqwest::Response) -> Result<String, Failure> {
    let url = response.url().origin().ascii_serialization();
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk.map_err(|e| broken(&url, &e))?);
        if body.len() > ANSWER_BYTES_MAX {
            return Err(Failure::new(format!("the answer of {url} is larger than {ANSWER_BYTES_MAX} bytes")));
        }
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

fn broken(base: &str, error: &reqwest::Error) -> Failure {
    if error.is_connect() {
        return Failure::new(format!("no gateway answers at {base}"))
            .why(cause(error))
            .help("abstractgateway serve, or check --url");
    }
    Failure::new(format!("the connection to {base} broke")).why(cause(error))
}

/// The innermost reason, which is the one a person understands.
fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    last.to_string()
}

#[cfg(test)]
#[path = "there_tests.rs"]
mod tests;
