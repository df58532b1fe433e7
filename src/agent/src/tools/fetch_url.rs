//! `fetch_url`: one page of the web as text a model can read.
//!
//! The invariant: every hop of a redirect is checked like the first address, and the connection goes to the very
//! address that was checked. Link-local and metadata addresses are refused always; loopback and private ones unless
//! the operator allows them *and* this call was let through by a person or by the operator's mode.

mod show;

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

use futures_util::{FutureExt, StreamExt};
use model::{Map, Timestamp, Value};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};
use serde_json::json;
use url::{Host, Url};

use super::address::{Reach, reach};
use super::args::{Absent, Kind, Param, text};
use super::{Run, Tool, ToolEnv, ToolPolicy, html};

pub(crate) static TOOL: Tool = Tool {
    name: "fetch_url",
    toolset: "web",
    description: "Fetch a web address and show its content as readable text (HTML, JSON, XML, plain text).",
    when_to_use: "When you know the address. GET and HEAD run at once; other methods ask a person. Pages of this machine and its network are usually out of reach.",
    tags: &["web", "read"],
    params: &[
        Param::new("url", Kind::Text, Absent::Required),
        Param::new("method", Kind::Text, Absent::Text("GET")),
        Param::new("headers", Kind::Object, Absent::Null),
        Param::new("data", Kind::Body, Absent::Null),
        Param::new("timeout", Kind::Number, Absent::Integer(45)),
        Param::new("include_binary_preview", Kind::Boolean, Absent::Boolean(false)),
        Param::new("keep_links", Kind::Boolean, Absent::Boolean(true)),
        Param::new("user_agent", Kind::Text, Absent::Text("AbstractCore-FetchTool/1.0")),
        Param::new("include_full_content", Kind::Boolean, Absent::Boolean(true)),
    ],
    examples: &[
        ("Read a page", r#"{"url": "https://example.com"}"#),
        ("Only the beginning", r#"{"url": "https://example.com/long.html", "include_full_content": false}"#),
    ],
    run: Run::Async(|arguments, env| run(arguments, env).boxed()),
};

const HOPS_MAX: usize = 10;

/// What was received.
pub(crate) struct Fetched {
    url: String,
    final_url: String,
    status: u16,
    reason: String,
    headers: HeaderMap,
    body: Vec<u8>,
    timestamp: String,
}

async fn run(arguments: Map, env: ToolEnv) -> Result<Value, String> {
    let seconds = arguments.get("timeout").and_then(Value::as_f64).filter(|s| *s > 0.0).unwrap_or(45.0).min(3600.0);
    let work = fetch(&arguments, &env);
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = tokio::time::sleep(Duration::from_secs_f64(seconds)) => Err(format!("The address did not answer in full within {seconds} s")),
        () = env.cancel.cancelled() => Err("Cancelled".into()),
    };
    let url = text(&arguments, "url");
    Ok(outcome.map_or_else(
        |why| json!({"success": false, "error": why, "url": url, "timestamp": now(), "rendered": format!("Could not fetch {url}: {why}")}),
        |fetched| show::object(&fetched, &arguments),
    ))
}

async fn fetch(arguments: &Map, env: &ToolEnv) -> Result<Fetched, String> {
    let asked = text(arguments, "url").trim().to_owned();
    let mut url = parse(&asked)?;
    let mut method = method(arguments)?;
    let mut body = arguments.get("data").and_then(Value::as_str).map(str::to_owned);
    let mut headers = headers(arguments)?;
    let mut refreshed = false;
    for _ in 0..=HOPS_MAX {
        let response = send(&url, &method, &headers, body.as_deref(), arguments, env).await?;
        if let Some(next) = redirect(&response, &url)? {
            let status = response.status().as_u16();
            if next.origin() != url.origin() {
                for secret in ["authorization", "cookie", "proxy-authorization"] {
                    headers.remove(secret);
                }
            }
            if status == 303 || (matches!(status, 301 | 302) && method == Method::POST) {
                method = if method == Method::HEAD { Method::HEAD } else { Method::GET };
                body = None;
            }
            url = next;
            continue;
        }
        let fetched = receive(response, &asked, &url, env).await?;
        let target = if refreshed || method != Method::GET { None } else { refresh_target(&fetched, &url) };
        match target {
            Some(next) => {
                refreshed = true;
                url = next;
            }
            None => return Ok(fetched),
        }
    }
    Err(format!("more than {HOPS_MAX} redirects"))
}

fn parse(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("'{text}' is not a URL: {e}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("only http and https addresses can be fetched, not '{}'", url.scheme()));
    }
    Ok(url)
}

fn method(arguments: &Map) -> Result<Method, String> {
    let word = text(arguments, "method").trim().to_ascii_uppercase();
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].contains(&word.as_str());
    if !known {
        return Err(format!("unknown method '{word}'"));
    }
    Method::from_bytes(word.as_bytes()).map_err(|e| e.to_string())
}

fn headers(arguments: &Map) -> Result<HeaderMap, String> {
    let mut out = HeaderMap::new();
    let agent = text(arguments, "user_agent");
    let given = arguments.get("headers").and_then(Value::as_object);
    let default = [("user-agent".to_owned(), json!(agent))];
    for (name, value) in default.iter().map(|(n, v)| (n, v)).chain(given.into_iter().flatten()) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("'{name}' is not a header name"))?;
        // The host decides where the request goes in name-based hosting: it must be the one that was checked.
        if name == "host" || name == "content-length" || name == "transfer-encoding" {
            continue;
        }
        let value =
            HeaderValue::from_str(&value).map_err(|_| format!("header '{name}' has a value that cannot be sent"))?;
        out.insert(name, value);
    }
    Ok(out)
}

async fn send(
    url: &Url,
    method: &Method,
    headers: &HeaderMap,
    body: Option<&str>,
    arguments: &Map,
    env: &ToolEnv,
) -> Result<Response, String> {
    let addresses = checked_addresses(url, env).await?;
    let client = client(url, &addresses, &env.policy)?;
    let mut request = client.request(method.clone(), url.clone()).headers(headers.clone());
    if let Some(body) = body {
        let json = arguments.get("data").and_then(Value::as_str).is_some_and(|d| d.starts_with(['{', '[']));
        if json && !headers.contains_key("content-type") {
            request = request.header("content-type", "application/json");
        }
        request = request.body(body.to_owned());
    }
    request.send().await.map_err(|e| format!("the request failed: {}", chain(&e)))
}

/// An error with its causes, without the URL it repeats.
fn chain(error: &reqwest::Error) -> String {
    let mut parts = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        parts.push(inner.to_string());
        cause = inner.source();
    }
    if parts.is_empty() { error.to_string() } else { parts.join(": ") }
}

/// The addresses behind a URL's host that may be reached; an error when there is none.
async fn checked_addresses(url: &Url, env: &ToolEnv) -> Result<Vec<SocketAddr>, String> {
    let host = url.host().ok_or("the URL has no host")?;
    let port = url.port_or_known_default().unwrap_or(80);
    let found: Vec<IpAddr> = match host {
        Host::Ipv4(v4) => vec![v4.into()],
        Host::Ipv6(v6) => vec![v6.into()],
        Host::Domain(name) if env.policy.use_system_proxy => {
            if literal_reach(url) == Reach::Private {
                allowed(Reach::Private, name, env)?;
            }
            return Ok(Vec::new());
        }
        Host::Domain(name) => {
            let found = tokio::net::lookup_host((name, port)).await;
            found.map_err(|e| format!("the name '{name}' could not be resolved: {e}"))?.map(|a| a.ip()).collect()
        }
    };
    let host = url.host_str().unwrap_or_default();
    let mut refusal = format!("the name '{host}' has no address");
    let mut open = Vec::new();
    for address in found {
        match allowed(reach(address), host, env) {
            Ok(()) => open.push(SocketAddr::new(address, port)),
            Err(why) => refusal = why,
        }
    }
    if open.is_empty() { Err(refusal) } else { Ok(open) }
}

fn allowed(reach: Reach, host: &str, env: &ToolEnv) -> Result<(), String> {
    match reach {
        Reach::Public => Ok(()),
        Reach::Private if env.policy.allow_private_addresses && env.approved => Ok(()),
        Reach::Private if env.policy.allow_private_addresses => Err(format!(
            "Refused: '{host}' leads to a private address, and such a request must be approved by a person; write the address itself into the URL to be asked"
        )),
        Reach::Private => {
            Err(format!("Refused: '{host}' leads to a private or loopback address, which tools may not reach"))
        }
        Reach::Forbidden => Err(format!("Refused: '{host}' leads to a link-local or reserved address")),
    }
}

fn client(url: &Url, addresses: &[SocketAddr], policy: &ToolPolicy) -> Result<reqwest::Client, String> {
    // Somebody else in the process may have chosen a provider already; theirs is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(20))
        .pool_max_idle_per_host(0);
    if !policy.use_system_proxy {
        builder = builder.no_proxy();
    }
    if let Some(Host::Domain(name)) = url.host()
        && !addresses.is_empty()
    {
        builder = builder.resolve_to_addrs(name, addresses);
    }
    builder.build().map_err(|e| format!("no HTTP client: {e}"))
}

fn redirect(response: &Response, base: &Url) -> Result<Option<Url>, String> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get("location").and_then(|l| l.to_str().ok()) else { return Ok(None) };
    let next = base.join(location).map_err(|e| format!("it redirects to '{location}', which is not a URL: {e}"))?;
    parse(next.as_str()).map(Some)
}

async fn receive(response: Response, asked: &str, url: &Url, env: &ToolEnv) -> Result<Fetched, String> {
    let max = env.policy.fetch_bytes_max;
    let too_large = || format!("the content is larger than the limit of {max} bytes");
    if response.content_length().is_some_and(|n| n > max as u64) {
        return Err(too_large());
    }
    let status = response.status();
    let headers = response.headers().clone();
    let mut stream = response.bytes_stream();
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|e| format!("the answer broke off: {}", chain(&e)))?;
        if body.len() + chunk.len() > max {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Fetched {
        url: asked.to_owned(),
        final_url: url.to_string(),
        status: status.as_u16(),
        reason: status.canonical_reason().unwrap_or_default().to_owned(),
        headers,
        body,
        timestamp: now(),
    })
}

fn refresh_target(fetched: &Fetched, base: &Url) -> Option<Url> {
    if fetched.status != 200 || !show::content_type(fetched).contains("html") || fetched.body.len() > 64 * 1024 {
        return None;
    }
    let page = html::read(&String::from_utf8_lossy(&fetched.body), false);
    let next = base.join(&page.refresh?).ok()?;
    (next != *base && parse(next.as_str()).is_ok()).then_some(next)
}

fn now() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(0)).to_string()
}

/// The reach of the host as it is written, without asking anybody.
fn literal_reach(url: &Url) -> Reach {
    match url.host() {
        Some(Host::Ipv4(v4)) => reach(v4.into()),
        Some(Host::Ipv6(v6)) => reach(v6.into()),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let near = name == "localhost"
                || !name.contains('.')
                || [".localhost", ".local", ".internal", ".lan", ".home.arpa"].iter().any(|end| name.ends_with(end));
            if near { Reach::Private } else { Reach::Public }
        }
        None => Reach::Forbidden,
    }
}

/// Whether the call only reads.
pub(crate) fn is_get(arguments: &Map) -> bool {
    let method = arguments.get("method").filter(|v| !v.is_null());
    let reads = method
        .is_none_or(|m| m.as_str().is_some_and(|m| ["GET", "HEAD"].contains(&m.trim().to_ascii_uppercase().as_str())));
    reads && arguments.get("data").is_none_or(Value::is_null)
}

/// Whether the call may run without asking: it only reads, and it goes nowhere a person should know of first.
pub(crate) fn is_harmless(arguments: &Map, policy: &ToolPolicy) -> bool {
    let near = || Url::parse(text(arguments, "url").trim()).is_ok_and(|url| literal_reach(&url) == Reach::Private);
    is_get(arguments) && !(policy.allow_private_addresses && near())
}

#[cfg(test)]
mod tests;
