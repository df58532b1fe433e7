//! What goes back over the wire: answers, errors and cookies as HTTP. Knows HTTP and what a face gets from an operation;
//! nothing of the request. The invariant: an error's context never leaves the process, and a stream ends when the server
//! is told to stop.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::StreamExt;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use model::{Code, Error, Value};
use service::{Answer, Body, Cookie, Json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use warp::reply::{Reply, Response};

const JSON: &str = "application/json";
const ERROR_JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
/// Pages of ours run their own scripts and talk to us, nothing else, and nobody frames them.
const PAGE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// An operation's answer.
pub(crate) fn of(answer: Answer<Json>, stop: &CancellationToken) -> Response {
    let mut response = match answer.body {
        Body::Json(json) => plain(StatusCode::OK, JSON, json.into_bytes()),
        Body::Stream { content_type, chunks } => stream(content_type, chunks, stop.clone()),
        Body::Html(page) => html(page),
        Body::Redirect(to) => redirect(&to),
    };
    if answer.status != 200 {
        *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    }
    for cookie in &answer.cookies {
        if let Ok(line) = HeaderValue::from_str(&cookie_line(cookie)) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
    }
    response
}

/// An error, and what the log is to know of it.
pub(crate) fn failure(error: &Error) -> Response {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(&error.body()).unwrap_or_default();
    let mut response = plain(status, ERROR_JSON, body);
    let headers = response.headers_mut();
    if let Some(seconds) = error.retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    match error.code {
        Code::Unauthorized => put(headers, header::WWW_AUTHENTICATE, "Bearer"),
        Code::MethodNotAllowed => {
            put(headers, header::ALLOW, error.extra.get("allow").and_then(Value::as_str).unwrap_or_default());
        }
        // The rest of the body is not wanted: the connection ends with this answer.
        Code::TooLarge | Code::RequestTimeout => put(headers, header::CONNECTION, "close"),
        _ => {}
    }
    response
}

/// Bytes with their media type.
pub(crate) fn plain(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(body.into().into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A page.
pub(crate) fn html(page: impl Into<Bytes>) -> Response {
    let mut response = plain(StatusCode::OK, HTML, page);
    guard_page(response.headers_mut());
    response
}

/// What a browser is told about everything a page is made of.
pub(crate) fn guard_page(headers: &mut HeaderMap) {
    put(headers, header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(headers, header::X_FRAME_OPTIONS, "DENY");
    put(headers, header::REFERRER_POLICY, "no-referrer");
}

/// Elsewhere, with the same method and body.
pub(crate) fn redirect(to: &str) -> Response {
    let mut response = Response::new(Bytes::new().into());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    put(response.headers_mut(), header::LOCATION, to);
    response
}

/// Chunks as they come. The channel is bounded, so a slow reader slows its producer and costs no memory.
fn stream(content_type: &'static str, chunks: mpsc::Receiver<Bytes>, stop: CancellationToken) -> Response {
    let chunks = futures_util::stream::unfold(chunks, |mut chunks| async move {
        chunks.recv().await.map(|chunk| (Ok::<_, Infallible>(chunk), chunks))
    });
    let mut response = warp::reply::stream(chunks.take_until(stop.cancelled_owned())).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    put(headers, header::CACHE_CONTROL, "no-cache");
    // Proxies that gather what they pass on would hold events back.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn cookie_line(cookie: &Cookie) -> String {
    let mut line = match &cookie.value {
        Some(value) => format!("{}={value}", cookie.name),
        None => format!("{}=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0", cookie.name),
    };
    if cookie.http_only {
        line.push_str("; HttpOnly");
    }
    if let Some(seconds) = cookie.max_age_s.filter(|_| cookie.value.is_some()) {
        line.push_str(&format!("; Max-Age={seconds}"));
    }
    line.push_str("; Path=/; SameSite=lax");
    if cookie.secure {
        line.push_str("; Secure");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_have_the_contracts_attributes() {
        let cookie = |value: Option<&str>, max_age_s, http_only, secure| {
            cookie_line(&Cookie { name: "s".into(), value: value.map(str::to_owned), max_age_s, http_only, secure })
        };
        assert_eq!(cookie(Some("v"), None, true, false), "s=v; HttpOnly; Path=/; SameSite=lax");
        assert_eq!(cookie(Some("v"), Some(60), false, true), "s=v; Max-Age=60; Path=/; SameSite=lax; Secure");
        assert_eq!(
            cookie(None, Some(60), false, false),
            "s=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=lax"
        );
    }

    #[test]
    fn errors_carry_their_headers_and_not_their_context() {
        let response = failure(&Error::new(Code::Unauthorized, "Unauthorized").context("the secret"));
        assert_eq!(
            (response.status().as_u16(), &response.headers()["www-authenticate"]),
            (401, &"Bearer".parse().unwrap())
        );
        let response = failure(&Error::new(Code::LockedOut, "x").retry_after(7));
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (429, &"7".parse().unwrap()));
        assert!(!failure(&Error::new(Code::NotFound, "x")).headers().contains_key("retry-after"));
    }
}
