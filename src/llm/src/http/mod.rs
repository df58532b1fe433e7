//! The one way out: sends a request, retries by one policy, reads a bounded answer or event stream, and drops the
//! request the moment the call is given up. Every provider goes through here.
//!
//! It may not know what a body means. The one invariant: no redirect is followed and no proxy is used for loopback,
//! so a key reaches the URL it was meant for and no other.

pub mod retry;
mod sse;

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use model::Value;
use parking_lot::Mutex;
use retry::Failure;
use tokio_util::sync::CancellationToken;

use crate::env::Secret;
use crate::error::{CallError, ErrorKind};
use crate::redact;
use crate::request::Quirks;

const ERROR_BYTES_MAX: usize = 64 << 10;
const ERROR_CHARS_MAX: usize = 2000;
const QUIRKS_MAX: usize = 512;

type Sleep = dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

/// How waits between attempts pass. Tests replace it, so that no time does.
#[derive(Clone)]
pub struct Pace {
    sleep: Arc<Sleep>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { sleep: Arc::new(|wait| Box::pin(tokio::time::sleep(wait))) }
    }
}

impl Pace {
    /// A pace with its own way of waiting.
    pub fn new(sleep: impl Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + 'static) -> Self {
        Self { sleep: Arc::new(sleep) }
    }
}

/// What kind of place a URL names. Only TLS needs trust roots, so a machine without any can still call its own servers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Plain HTTP on this machine: no proxy, no roots.
    Loopback,
    /// Plain HTTP elsewhere: no roots.
    Plain,
    /// TLS.
    Tls,
}

/// The HTTP side of all model calls; one per process, shared.
pub struct Client {
    /// One per [`Reach`], made when first needed.
    inner: [OnceLock<Result<reqwest::Client, String>>; 3],
    pace: Pace,
    quirks: Mutex<HashMap<(String, String), Quirks>>,
}

impl Default for Client {
    fn default() -> Self {
        Self::new(Pace::default())
    }
}

/// One request.
pub(crate) struct Ask<'a> {
    /// Where to.
    pub(crate) url: &'a str,
    /// The JSON body; none makes it a GET.
    pub(crate) body: Option<&'a Value>,
    /// Headers with secrets in them.
    pub(crate) headers: &'a [(&'static str, Secret)],
    /// How errors name the server.
    pub(crate) label: &'a str,
    /// The whole attempt.
    pub(crate) timeout: Option<Duration>,
    /// The silence allowed within an event stream.
    pub(crate) idle_timeout: Option<Duration>,
    /// The largest answer.
    pub(crate) bytes_max: usize,
    /// False: one attempt only.
    pub(crate) retried: bool,
}

/// What came back.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A JSON document.
    Json(Value),
    /// The data of every event with the time since the request, up to and without `[DONE]`.
    Events(Vec<(Duration, String)>),
}

struct Failed {
    failure: Failure,
    error: CallError,
}

impl Client {
    /// A client that waits between attempts as `pace` says.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        Self { inner: Default::default(), pace, quirks: Mutex::new(HashMap::new()) }
    }

    /// What was learned of a model on a server.
    pub(crate) fn quirks(&self, base_url: &str, model: &str) -> Quirks {
        self.quirks.lock().get(&(base_url.to_owned(), model.to_owned())).cloned().unwrap_or_default()
    }

    /// Remembers it, for at most [`QUIRKS_MAX`] models.
    pub(crate) fn remember(&self, base_url: &str, model: &str, quirks: Quirks) {
        let mut known = self.quirks.lock();
        if known.len() >= QUIRKS_MAX {
            known.clear();
        }
        known.insert((base_url.to_owned(), model.to_owned()), quirks);
    }

    /// Sends until it works, is not worth another try, or is given up.
    pub(crate) async fn send(&self, ask: &Ask<'_>, cancel: &CancellationToken) -> Result<Answer, CallError> {
        let mut attempt = 1;
        loop {
            let failed = tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(CallError::cancelled()),
                outcome = Box::pin(self.attempt(ask)) => match outcome {
                    Ok(answer) => return Ok(answer),
                    Err(failed) => failed,
                },
            };
            let wait = retry::delay(failed.failure, attempt, failed.error.retry_after, random_fraction());
            let Some(wait) = wait.filter(|_| ask.retried) else { return Err(failed.error) };
            tracing::warn!(attempt, wait_ms = wait.as_millis(), error = %failed.error, "model request failed, trying again");
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(CallError::cancelled()),
                () = (self.pace.sleep)(wait) => {}
            }
            attempt += 1;
        }
    }

    async fn attempt(&self, ask: &Ask<'_>) -> Result<Answer, Failed> {
        let reading = self.exchange(ask);
        match ask.timeout {
            None => reading.await,
            Some(limit) => match tokio::time::timeout(limit, reading).await {
                Ok(outcome) => outcome,
                Err(_) => Err(timed_out(
                    ask,
                    limit,
                    "configured timeout; set timeout=None or default_timeout=0 for unlimited",
                )),
            },
        }
    }

    async fn exchange(&self, ask: &Ask<'_>) -> Result<Answer, Failed> {
        let begun = Instant::now();
        let client = self.client_for(ask)?;
        let mut request = match ask.body {
            Some(body) => client.post(ask.url).json(body),
            None => client.get(ask.url),
        };
        for (name, value) in ask.headers {
            let mut value = reqwest::header::HeaderValue::from_str(value.reveal()).map_err(|_| {
                fail(
                    Failure::Status(400),
                    ErrorKind::Input,
                    format!("the key for {} holds characters a header may not hold", redact::url(ask.url)),
                )
            })?;
            value.set_sensitive(true);
            request = request.header(*name, value);
        }
        let response = request.send().await.map_err(|error| transport(ask, &error))?;
        let status = response.status().as_u16();
        if !(200..300).contains(&status) {
            return Err(refused(ask, response).await);
        }
        let kind = response.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
        if kind.to_ascii_lowercase().starts_with("text/event-stream") {
            return read_events(ask, response, begun).await;
        }
        let bytes = read_bytes(ask, response).await?;
        // Some servers stream without saying so.
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(value) = model::json::parse(&text) {
            return Ok(Answer::Json(value));
        }
        if text.trim_start().starts_with("data:") {
            let mut events = sse::Events::default();
            let mut data = events.push(&bytes);
            data.extend(events.finish());
            let took = begun.elapsed();
            return Ok(Answer::Events(
                data.into_iter().take_while(|d| d.trim() != "[DONE]").map(|d| (took, d)).collect(),
            ));
        }
        let shown: String = text.chars().take(200).collect();
        let message = format!("{} API error: the answer is not JSON: {}", ask.label, hide(ask, &shown));
        Err(fail(Failure::Garbled, ErrorKind::BadAnswer, message))
    }

    fn client_for(&self, ask: &Ask<'_>) -> Result<&reqwest::Client, Failed> {
        let reach = reach(ask.url);
        let made = self.inner[reach as usize].get_or_init(|| build(reach));
        made.as_ref().map_err(|error| {
            let message = format!("{} API error: cannot set up HTTP: {error}", ask.label);
            fail(Failure::Status(0), ErrorKind::Unreachable, message)
        })
    }
}

fn reach(url: &str) -> Reach {
    match url::Url::parse(url) {
        Ok(url) if url.scheme() == "http" && is_loopback(&url) => Reach::Loopback,
        Ok(url) if url.scheme() == "http" => Reach::Plain,
        _ => Reach::Tls,
    }
}

fn build(reach: Reach) -> Result<reqwest::Client, String> {
    // The second call of a process finds a provider installed; either way there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(20))
        .user_agent("abstractgateway");
    if reach == Reach::Loopback {
        builder = builder.no_proxy();
    }
    if reach != Reach::Tls {
        builder = builder.tls_certs_only(std::iter::empty());
    }
    builder.build().map_err(|error| chain(&error))
}

/// Whether a URL names this machine.
pub(crate) fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn random_fraction() -> f64 {
    let bits = uuid::Uuid::new_v4().as_u128() as u32;
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

fn fail(failure: Failure, kind: ErrorKind, message: String) -> Failed {
    let status = if let Failure::Status(status @ 100..) = failure { Some(status) } else { None };
    Failed { failure, error: CallError { status, ..CallError::new(kind, message) } }
}

fn timed_out(ask: &Ask<'_>, limit: Duration, why: &str) -> Failed {
    let seconds = model::json::python_float(limit.as_secs_f64());
    fail(Failure::TimedOut, ErrorKind::Timeout, format!("{} API error: timed out after {seconds}s ({why})", ask.label))
}

fn hide(ask: &Ask<'_>, text: &str) -> String {
    let bare = ask.headers.iter().map(|(_, value)| Secret::new(value.reveal().trim_start_matches("Bearer ")));
    redact::text(text, bare.collect::<Vec<_>>().iter())
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let inner = source.to_string();
        if !text.contains(&inner) {
            text.push_str(": ");
            text.push_str(&inner);
        }
        next = source.source();
    }
    text
}

fn is_refused(error: &reqwest::Error) -> bool {
    let mut next = std::error::Error::source(error);
    while let Some(source) = next {
        if let Some(io) = source.downcast_ref::<std::io::Error>()
            && io.kind() == std::io::ErrorKind::ConnectionRefused
        {
            return true;
        }
        next = source.source();
    }
    false
}

fn transport(ask: &Ask<'_>, error: &reqwest::Error) -> Failed {
    let shown = redact::url(ask.url);
    if is_refused(error) {
        let message = format!(
            "{} API error: connection refused: nothing listens at {shown}; start the server or correct the base URL",
            ask.label
        );
        return fail(Failure::Refused, ErrorKind::Unreachable, message);
    }
    if error.is_builder() {
        return fail(
            Failure::Status(0),
            ErrorKind::Input,
            format!("{} API error: not a usable URL: {shown}", ask.label),
        );
    }
    // reqwest prints the URL it was given, credentials included.
    let text = chain(error).replace(ask.url, &shown);
    let message = format!("{} API error: {} [{shown}]", ask.label, hide(ask, &text));
    let failure = if error.is_timeout() { Failure::TimedOut } else { Failure::Broken };
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Unreachable };
    fail(failure, kind, message)
}

async fn refused(ask: &Ask<'_>, mut response: reqwest::Response) -> Failed {
    let status = response.status().as_u16();
    let header = response.headers().get("retry-after").and_then(|v| v.to_str().ok());
    let retry_after = header.and_then(|h| retry::retry_after(h, SystemTime::now()));
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > ERROR_BYTES_MAX {
            break;
        }
    }
    let said = error_text(&String::from_utf8_lossy(&bytes));
    let mut message = format!("{} API error ({status}): {}", ask.label, hide(ask, &said));
    if status >= 500 || status == 404 {
        message.push_str(&format!(" [{}]", redact::url(ask.url)));
    }
    if let Some(wait) = retry_after.filter(|w| *w > retry::RETRY_AFTER_MAX) {
        message.push_str(&format!(" (the server asks to come back in {} s)", wait.as_secs()));
    }
    if (status == 401 || status == 403)
        && !ask.headers.iter().any(|(name, _)| name.ends_with("authorization") || name.ends_with("key"))
    {
        message.push_str(" (no key is stored for this URL)");
    }
    let mut failed = fail(Failure::Status(status), ErrorKind::Refused, message);
    failed.error.retry_after = retry_after;
    failed
}

/// The sentence inside an error body: `error.message`, `error`, `message`, `detail`, or the text itself.
pub(crate) fn error_text(body: &str) -> String {
    let parsed: Option<Value> = serde_json::from_str(body).ok();
    let said = parsed.as_ref().and_then(|value| {
        let inner = value.get("error").unwrap_or(value);
        let found = [inner.get("message"), value.get("message"), value.get("detail")].into_iter().flatten().next();
        match found.unwrap_or(inner) {
            Value::String(text) => Some(text.clone()),
            Value::Object(_) if found.is_none() && value.get("error").is_none() => None,
            other => Some(other.to_string()),
        }
    });
    let text = said.unwrap_or_else(|| body.trim().to_owned());
    let text = if text.is_empty() { "no details given".to_owned() } else { text };
    text.chars().take(ERROR_CHARS_MAX).collect()
}

async fn read_bytes(ask: &Ask<'_>, mut response: reqwest::Response) -> Result<Vec<u8>, Failed> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| transport(ask, &error))? {
        if bytes.len() + chunk.len() > ask.bytes_max {
            return Err(too_large(ask));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn read_events(ask: &Ask<'_>, mut response: reqwest::Response, begun: Instant) -> Result<Answer, Failed> {
    let (mut events, mut out, mut size) = (sse::Events::default(), Vec::new(), 0);
    loop {
        let next = response.chunk();
        let chunk = match ask.idle_timeout {
            None => next.await,
            Some(limit) => match tokio::time::timeout(limit, next).await {
                Ok(chunk) => chunk,
                Err(_) => return Err(timed_out(ask, limit, "the stream fell silent")),
            },
        };
        let chunk = chunk.map_err(|error| transport(ask, &error))?;
        let ended = chunk.is_none();
        let data = match chunk {
            Some(chunk) => events.push(&chunk),
            None => events.finish().into_iter().collect(),
        };
        for data in data {
            if data.trim() == "[DONE]" {
                return Ok(Answer::Events(out));
            }
            size += data.len();
            out.push((begun.elapsed(), data));
        }
        if size + events.held() > ask.bytes_max {
            return Err(too_large(ask));
        }
        if ended {
            return Ok(Answer::Events(out));
        }
    }
}

fn too_large(ask: &Ask<'_>) -> Failed {
    let message = format!("{} API error: the answer is larger than {} bytes", ask.label, ask.bytes_max);
    fail(Failure::Status(0), ErrorKind::BadAnswer, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_place_can_be_reached() {
        for (url, expected) in [
            ("http://localhost:1/v1", Reach::Loopback),
            ("http://127.9.9.9/v1", Reach::Loopback),
            ("http://[::1]:8/v1", Reach::Loopback),
            ("http://gpu.lan/v1", Reach::Plain),
            ("http://localhost.evil.com/v1", Reach::Plain),
            ("https://localhost/v1", Reach::Tls),
            ("https://api.openai.com/v1", Reach::Tls),
        ] {
            assert!(reach(url) == expected, "{url}");
        }
        assert!(build(Reach::Loopback).is_ok() && build(Reach::Plain).is_ok());
    }

    #[test]
    fn error_bodies_give_their_sentence() {
        for (body, text) in [
            (r#"{"error":{"message":"slow down","type":"x"}}"#, "slow down"),
            (r#"{"error":"nope"}"#, "nope"),
            (r#"{"detail":"Not Found"}"#, "Not Found"),
            (r#"{"detail":[{"msg":"bad"}]}"#, r#"[{"msg":"bad"}]"#),
            (r#"{"message":"m"}"#, "m"),
            ("<html>oops</html>", "<html>oops</html>"),
            ("", "no details given"),
            (r#"{"x":1}"#, r#"{"x":1}"#),
        ] {
            assert_eq!(error_text(body), text);
        }
    }
}
