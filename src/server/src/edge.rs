//! Where a request meets the network: its id, the client's address behind proxies, CORS. Knows the settings of the HTTP
//! face. The invariant: `X-Forwarded-For` counts only as far as trusted proxies wrote it.

use std::net::IpAddr;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use model::{Code, Error};
use service::Services;
use service::settings::HttpSettings;
use warp::reply::Response;

use crate::answer;
use crate::request::{Peer, Request};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const REQUEST_ID_MOST: usize = 200;

/// The id the client gave, or a new one.
pub(crate) fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).map(str::trim);
    match given {
        Some(id) if !id.is_empty() && id.len() <= REQUEST_ID_MOST => id.to_owned(),
        _ => uuid::Uuid::new_v4().simple().to_string(),
    }
}

/// Whether the client speaks HTTPS. Believed from anybody: it only adds `Secure` to the cookies of whoever claims it.
pub(crate) fn secure(headers: &HeaderMap) -> bool {
    let proto = headers.get(FORWARDED_PROTO).and_then(|value| value.to_str().ok()).unwrap_or_default();
    proto.split(',').next().is_some_and(|first| first.trim().eq_ignore_ascii_case("https"))
}

/// Which peers are proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Default)]
pub(crate) struct Proxies {
    /// Whatever connects to us is a proxy.
    direct: bool,
    /// Every hop is.
    all: bool,
    networks: Vec<(IpAddr, u8)>,
}

impl Proxies {
    pub(crate) fn new(settings: &HttpSettings) -> Self {
        let mut proxies = Self { direct: settings.trust_proxy, ..Self::default() };
        for text in &settings.trusted_proxies {
            match network(text) {
                Some(network) => proxies.networks.push(network),
                None if text.trim() == "*" => proxies.all = true,
                None => tracing::warn!(value = %text, "a trusted proxy is neither an address nor a network; left out"),
            }
        }
        proxies
    }

    fn trusts(&self, ip: IpAddr) -> bool {
        self.all || self.networks.iter().any(|(network, bits)| same_network(*network, ip, *bits))
    }

    /// The right-most address that is not a trusted proxy's.
    pub(crate) fn client(&self, peer: Peer, headers: &HeaderMap) -> Option<IpAddr> {
        let socket = match peer {
            Peer::Tcp(address) => Some(address.ip().to_canonical()),
            Peer::Unix => None,
        };
        if !self.direct && !self.all && !socket.is_some_and(|ip| self.trusts(ip)) {
            return socket;
        }
        let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
        let mut client = socket;
        for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            // What cannot be read was not written by a proxy: the hop after it is the last thing known.
            let Some(ip) = address(hop) else { break };
            client = Some(ip);
            if !self.trusts(ip) {
                break;
            }
        }
        client
    }
}

/// An address as proxies write it: bare, with a port, in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let ip = text.parse::<IpAddr>().ok();
    let ip = ip.or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()));
    let ip = ip.or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok());
    ip.map(|ip| ip.to_canonical())
}

fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (ip, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(ip, bits)| (ip, Some(bits)));
    let ip: IpAddr = if ip.eq_ignore_ascii_case("localhost") { "127.0.0.1".parse().ok()? } else { ip.parse().ok()? };
    let most = if ip.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        Some(bits) => bits.parse().ok().filter(|bits| *bits <= most)?,
        None => most,
    };
    Some((ip, bits))
}

fn same_network(network: IpAddr, ip: IpAddr, bits: u8) -> bool {
    let (a, b, width) = match (network, ip) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return false,
    };
    let shift = width - u32::from(bits);
    a.checked_shr(shift).unwrap_or(0) == b.checked_shr(shift).unwrap_or(0)
}

/// Whether a browser asks which requests a page may make.
pub(crate) fn is_preflight(request: &Request) -> bool {
    request.method == Method::OPTIONS
        && request.origin().is_some()
        && request.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Refuses pages that are not on the allowlist.
pub(crate) fn check_origin(services: &Services, request: &Request) -> Result<(), Error> {
    match request.origin() {
        Some(origin) if !services.auth.origin_allowed(origin, request.host()) => {
            Err(Error::new(Code::OriginRefused, "Forbidden (origin not allowed)"))
        }
        _ => Ok(()),
    }
}

/// The answer to a preflight of an allowed page.
pub(crate) fn preflight(request: &Request) -> Response {
    let mut response = answer::plain(StatusCode::OK, "text/plain; charset=utf-8", "OK");
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    if let Some(asked) = request.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    response
}

/// Names the request on its response and lets allowed pages read it.
pub(crate) fn finish(services: &Services, request: &Request, response: &mut Response) {
    let headers = response.headers_mut();
    if !headers.contains_key(REQUEST_ID)
        && let Ok(id) = HeaderValue::from_str(&request.id)
    {
        headers.insert(REQUEST_ID, id);
    }
    let Some(origin) = request.origin() else { return };
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    if !services.auth.origin_allowed(origin, request.host()) {
        return;
    }
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-request-id"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(direct: bool, trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let networks = trusted.iter().filter_map(|text| network(text)).collect();
        let proxies = Proxies { direct, all: trusted.contains(&"*"), networks };
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let peer = if peer == "unix" { Peer::Unix } else { Peer::Tcp(format!("{peer}:9").parse().unwrap()) };
        proxies.client(peer, &headers).map_or("unknown".into(), |ip| ip.to_string())
    }

    #[test]
    fn the_client_is_the_right_most_untrusted_hop() {
        for (direct, trusted, peer, forwarded, expected) in [
            (false, &[][..], "127.0.0.1", &["6.6.6.6"][..], "127.0.0.1"),
            (false, &["127.0.0.1"], "127.0.0.1", &["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            (false, &["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", &["6.6.6.6, 1.2.3.4, 10.9.9.9"], "1.2.3.4"),
            (false, &["127.0.0.1"], "127.0.0.1", &["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
            (false, &["127.0.0.1"], "127.0.0.1", &[], "127.0.0.1"),
            (false, &["127.0.0.1"], "8.8.8.8", &["1.2.3.4"], "8.8.8.8"),
            (false, &["127.0.0.1"], "127.0.0.1", &["1.2.3.4, garbage"], "127.0.0.1"),
            (false, &["127.0.0.1"], "127.0.0.1", &["1.2.3.4:55"], "1.2.3.4"),
            (false, &["127.0.0.1"], "127.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            (false, &["*"], "127.0.0.1", &["6.6.6.6, 1.2.3.4"], "6.6.6.6"),
            (true, &[], "8.8.8.8", &["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            (true, &["1.2.0.0/16"], "8.8.8.8", &["6.6.6.6, 1.2.3.4"], "6.6.6.6"),
            (true, &[], "unix", &["1.2.3.4"], "1.2.3.4"),
            (false, &[], "unix", &["1.2.3.4"], "unknown"),
            (false, &[], "[::ffff:9.9.9.9]", &[], "9.9.9.9"),
        ] {
            assert_eq!(client(direct, trusted, peer, forwarded), expected, "{trusted:?} {peer} {forwarded:?}");
        }
    }

    #[test]
    fn networks_are_read_or_refused() {
        for (text, there) in
            [("10.0.0.0/8", true), ("::1", true), ("fd00::/8", true), ("10.0.0.0/33", false), ("proxy", false)]
        {
            assert_eq!(network(text).is_some(), there, "{text}");
        }
        assert!(same_network("0.0.0.0".parse().unwrap(), "9.9.9.9".parse().unwrap(), 0));
    }
}
