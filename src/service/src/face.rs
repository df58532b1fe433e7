//! What a face (HTTP server, CLI, test) hands to an operation and gets back. No HTTP types: a face translates.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use model::api::{Operation, Row};
use model::{Error, Map, Principal, Value};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::Services;

/// Who calls, and what of the transport an operation may need to know.
#[derive(Clone, Debug)]
pub struct Call {
    /// The caller.
    pub principal: Principal,
    /// Echoed as `x-request-id`.
    pub request_id: String,
    /// The client's address, when there is a network between us.
    pub client_ip: Option<IpAddr>,
    /// The browser session value that came with the request (header or cookie), whether or not it authenticated it.
    pub session_value: Option<String>,
    /// Whether the client speaks HTTPS to us or to a trusted proxy: cookies get `Secure`.
    pub secure: bool,
}

impl Call {
    /// A call from this process itself, with all rights.
    #[must_use]
    pub fn local(principal: Principal) -> Self {
        Self { principal, request_id: String::new(), client_ip: None, session_value: None, secure: false }
    }
}

/// What an operation answers.
#[derive(Debug)]
pub struct Answer<T> {
    /// The HTTP status; 200 for nearly everything.
    pub status: u16,
    /// The body.
    pub body: Body<T>,
    /// Cookies to set.
    pub cookies: Vec<Cookie>,
    /// Whom the caller turned out to be, when the operation found that out: for the audit log.
    pub principal: Option<Principal>,
}

/// A body.
#[derive(Debug)]
pub enum Body<T> {
    /// A value, to be serialised.
    Json(T),
    /// Server-sent events or other bytes as they come. The channel is bounded: a slow reader slows its own producer.
    Stream {
        /// `text/event-stream; charset=utf-8` …
        content_type: &'static str,
        /// The chunks. Closing it ends the body.
        chunks: mpsc::Receiver<Bytes>,
    },
    /// A page.
    Html(String),
    /// Elsewhere.
    Redirect(String),
}

/// A cookie to set; `value: None` removes it.
#[derive(Clone, Debug)]
pub struct Cookie {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Option<String>,
    /// Seconds it lives; a session cookie without.
    pub max_age_s: Option<i64>,
    /// Out of reach of scripts.
    pub http_only: bool,
    /// Only over HTTPS.
    pub secure: bool,
}

impl<T> From<T> for Answer<T> {
    fn from(reply: T) -> Self {
        Self { status: 200, body: Body::Json(reply), cookies: Vec::new(), principal: None }
    }
}

impl<T> Answer<T> {
    /// An answer whose body is a stream.
    #[must_use]
    pub fn stream(content_type: &'static str, chunks: mpsc::Receiver<Bytes>) -> Self {
        Self { status: 200, body: Body::Stream { content_type, chunks }, cookies: Vec::new(), principal: None }
    }

    /// The same with another status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same, saying who the caller turned out to be.
    #[must_use]
    pub fn by(mut self, principal: Principal) -> Self {
        self.principal = Some(principal);
        self
    }

    /// The same with a cookie more.
    #[must_use]
    pub fn cookie(mut self, cookie: Cookie) -> Self {
        self.cookies.push(cookie);
        self
    }
}

/// The one method behind an operation.
pub trait Handle<O: Operation> {
    /// Does it.
    fn handle(&self, call: Call, input: O) -> impl Future<Output = Result<Answer<O::Reply>, Error>> + Send;
}

/// A reply as JSON text: written once, whatever face it goes to.
#[derive(Clone, Debug)]
pub struct Json(Vec<u8>);

impl Json {
    fn of(reply: &impl Serialize) -> serde_json::Result<Self> {
        serde_json::to_vec(reply).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The value it says, for faces that show it to a person.
    ///
    /// # Errors
    /// Never for a reply of an operation.
    pub fn value(&self) -> Result<Value, Error> {
        serde_json::from_slice(&self.0).map_err(|e| Error::internal(format!("a reply is not JSON: {e}")))
    }
}

/// A bound method, whatever its operation: from the checked input to the answer as JSON.
pub type Run = fn(Arc<Services>, Call, Map) -> BoxFuture<'static, Result<Answer<Json>, Error>>;

/// An operation bound to its method: what a face dispatches to.
#[derive(Clone, Copy)]
pub struct Bound {
    /// The row.
    pub row: Row,
    /// Takes the checked input (wire names) and runs the method.
    pub run: Run,
}

/// Binds operation `O` to `Services`.
#[must_use]
pub fn bound<O: Operation>() -> Bound
where
    Services: Handle<O>,
{
    Bound {
        row: O::ROW,
        run: |services, call, input| {
            Box::pin(async move {
                let input: O = serde_json::from_value(Value::Object(input))
                    .map_err(|e| Error::internal(format!("{} input does not fit its struct: {e}", O::ROW.name)))?;
                let answer = Handle::<O>::handle(&*services, call, input).await?;
                let body = match answer.body {
                    Body::Json(reply) => Body::Json(
                        Json::of(&reply)
                            .map_err(|e| Error::internal(format!("{} reply cannot be serialised: {e}", O::ROW.name)))?,
                    ),
                    Body::Stream { content_type, chunks } => Body::Stream { content_type, chunks },
                    Body::Html(page) => Body::Html(page),
                    Body::Redirect(to) => Body::Redirect(to),
                };
                Ok(Answer { status: answer.status, body, cookies: answer.cookies, principal: answer.principal })
            })
        },
    }
}
