//! A request as the checks see it: everything read off the wire once, before anything is decided. Knows HTTP; knows
//! nothing of operations. The path is decoded exactly once.

use std::net::{IpAddr, SocketAddr};

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;

use crate::body::Incoming;

/// Who is at the other end of the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// A TCP client.
    Tcp(SocketAddr),
    /// Somebody on this machine who may open our socket file.
    Unix,
}

/// One request.
pub(crate) struct Request {
    pub(crate) method: Method,
    /// As sent, still encoded.
    pub(crate) raw_path: String,
    /// Decoded once; what families, audit and the guard look at.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Incoming,
    /// Echoed on the response.
    pub(crate) id: String,
    /// The client, seen through trusted proxies only; none when the client has no address.
    pub(crate) client: Option<IpAddr>,
    /// Whether the client speaks HTTPS.
    pub(crate) secure: bool,
}

impl Request {
    /// A header as text.
    pub(crate) fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The `Origin` header; an empty one says nothing.
    pub(crate) fn origin(&self) -> Option<&str> {
        // A value that is not text cannot be on any list, and must not pass for an absent one.
        let origin = self.headers.get(ORIGIN)?.to_str().unwrap_or("invalid").trim();
        (!origin.is_empty()).then_some(origin)
    }

    /// The host the client believes it talks to.
    pub(crate) fn host(&self) -> Option<&str> {
        self.header(HOST)
    }

    /// The media type without parameters, in lower case.
    pub(crate) fn media_type(&self) -> String {
        let value = self.header(CONTENT_TYPE).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Whether the method may change something.
    pub(crate) fn is_write(&self) -> bool {
        is_write(&self.method)
    }

    /// The client's address as lockout and audit name it.
    pub(crate) fn client_name(&self) -> String {
        self.client.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string())
    }

    /// A cookie's value.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.headers
            .get_all(http::header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| key.trim() == name)
            .map(|(_, value)| value.trim().trim_matches('"').to_owned())
            .filter(|value| !value.is_empty())
    }
}

/// Whether a method may change something.
pub(crate) fn is_write(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE)
}

/// A path with its percent escapes resolved.
pub(crate) fn decode(raw: &str) -> String {
    percent_decode_str(raw).decode_utf8_lossy().into_owned()
}
