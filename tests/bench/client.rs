//! One kept connection to a gateway: a request, its answer, the next.
//!
//! May not know: what is measured. Invariant: an answer that is no success is an error that names its request.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Where a gateway listens, and how one comes in.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

/// A connection.
pub(crate) struct Client {
    place: Place,
    sender: SendRequest<Full<Bytes>>,
    /// Drives the connection, and ends with it.
    _line: JoinSet<()>,
}

impl Client {
    /// Connects.
    pub(crate) async fn connect(place: &Place) -> Result<Self> {
        let stream = TcpStream::connect(place.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        let mut line = JoinSet::new();
        line.spawn(async move {
            // How it ended shows at the next request.
            let _ = connection.await;
        });
        Ok(Self { place: place.clone(), sender, _line: line })
    }

    /// Reads a JSON answer.
    pub(crate) async fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<T> {
        let body = self.fetch(Method::GET, path, Bytes::new()).await?;
        serde_json::from_slice(&body).with_context(|| path.to_owned())
    }

    /// Sends JSON and reads a JSON answer.
    pub(crate) async fn post<T: DeserializeOwned>(&mut self, path: &str, body: &Value) -> Result<T> {
        let body = self.fetch(Method::POST, path, body.to_string().into()).await?;
        serde_json::from_slice(&body).with_context(|| path.to_owned())
    }

    /// Sends a file as the part `file` of a form.
    pub(crate) async fn upload(&mut self, path: &str, file_name: &str, bytes: &[u8]) -> Result<()> {
        const LINE: &str = "--a-line-that-is-in-no-archive";
        let head = format!("{LINE}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\r\n");
        let body = [head.as_bytes(), bytes, format!("\r\n{LINE}--\r\n").as_bytes()].concat();
        let kind = format!("multipart/form-data; boundary={}", &LINE[2..]);
        let answer = self.send(Method::POST, path, &kind, body.into()).await?;
        answer.into_body().collect().await?;
        Ok(())
    }

    /// Asks and reads the answer to its end.
    pub(crate) async fn fetch(&mut self, method: Method, path: &str, body: Bytes) -> Result<Bytes> {
        let answer = self.open(method, path, body).await?;
        Ok(answer.into_body().collect().await?.to_bytes())
    }

    /// Asks and gives the answer while it comes.
    pub(crate) async fn open(&mut self, method: Method, path: &str, body: Bytes) -> Result<Response<Incoming>> {
        self.send(method, path, "application/json", body).await
    }

    async fn send(&mut self, method: Method, path: &str, kind: &str, body: Bytes) -> Result<Response<Incoming>> {
        if self.sender.is_closed() {
            *self = Self::connect(&self.place).await?;
        }
        let request = Request::builder()
            .method(&method)
            .uri(path)
            .header("host", self.place.address.to_string())
            .header("authorization", format!("Bearer {}", self.place.token))
            .header("content-type", kind)
            .body(Full::new(body))?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await.with_context(|| format!("{method} {path}"))?;
        if !answer.status().is_success() {
            let status = answer.status();
            let text = answer.into_body().collect().await?.to_bytes();
            bail!("{method} {path} answered {status}: {}", String::from_utf8_lossy(&text));
        }
        Ok(answer)
    }
}
