//! Who is asking, and may they: the modes of contract 01, 1.3, the credentials of 1.4, CSRF. Verifying is the service's;
//! here is what a verdict means for this request. A credential that is presented is always honoured.

use http::header::AUTHORIZATION;
use model::{Code, Error, Principal};
use service::auth::{Credentials, SessionRef, Verdict, locked_out};
use service::{Services, settings::HttpSettings};

use crate::family;
use crate::request::Request;

/// Whoever passed.
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    /// The browser session that proved it.
    pub(crate) session: Option<SessionRef>,
}

impl Caller {
    pub(crate) fn of(principal: Principal) -> Self {
        Self { principal, session: None }
    }
}

/// The credentials of a request.
pub(crate) fn credentials(http: &HttpSettings, request: &Request) -> Credentials {
    Credentials { bearer: bearer(request).map(str::to_owned), session: sessions(http, request).collect() }
}

/// The browser session values of a request: the header's first, then the cookie's.
pub(crate) fn sessions(http: &HttpSettings, request: &Request) -> impl Iterator<Item = String> {
    let header = request.header(http.session_header.as_str()).map(|value| value.trim().to_owned());
    header.filter(|value| !value.is_empty()).into_iter().chain(request.cookie(&http.session_cookie))
}

/// The bearer token, when there is one: any other scheme says nothing.
pub(crate) fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header(AUTHORIZATION)?.trim_start().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Whether this request needs a credential in the mode the gateway is in.
pub(crate) fn required(http: &HttpSettings, request: &Request) -> bool {
    if request.is_write() {
        return http.protect_write;
    }
    let local = request.client.is_some_and(|ip| ip.is_loopback());
    http.protect_read && !(http.dev_read_no_auth && local)
}

/// Refuses addresses that sent too many wrong credentials.
pub(crate) fn check_lockout(services: &Services, request: &Request) -> Result<(), Error> {
    match services.auth.locked_for(&request.client_name()) {
        Some(seconds) => Err(locked_out(seconds)),
        None => Ok(()),
    }
}

/// Turns credentials into a caller, or refuses them.
///
/// A valid credential passes even from an address that is locked out: one wrong script must not lock everybody behind
/// the same address. Only wrong bearers are counted (login counts its own): a browser that polls with a session that
/// has ended would otherwise lock its user out of the login page.
pub(crate) async fn authenticate(
    services: &Services,
    request: &Request,
    credentials: &Credentials,
    required: bool,
) -> Result<Caller, Error> {
    let auth = &services.auth;
    let refused = match auth.authenticate(credentials).await? {
        Verdict::Known(known) => {
            auth.succeeded(&request.client_name());
            return Ok(Caller { principal: known.principal, session: known.session });
        }
        Verdict::Refused => true,
        Verdict::Anonymous => false,
    };
    let newly_locked = if refused && credentials.bearer.is_some() {
        let already = auth.locked_for(&request.client_name());
        already.or_else(|| auth.failed(&request.client_name()))
    } else {
        None
    };
    if !required {
        let anybody = if request.is_write() { Principal::local_admin(String::new()) } else { Principal::reader() };
        return Ok(Caller::of(anybody));
    }
    if let Some(seconds) = newly_locked.or_else(|| auth.locked_for(&request.client_name())) {
        return Err(locked_out(seconds));
    }
    Err(Error::new(Code::Unauthorized, "Unauthorized"))
}

/// Refuses when a credential is needed and none could ever be right.
pub(crate) fn check_configured(services: &Services) -> Result<(), Error> {
    if services.auth.configured() {
        return Ok(());
    }
    Err(Error::new(Code::AuthNotConfigured, "Gateway auth required but no token configured"))
}

/// A browser session proves its writes with the CSRF token.
pub(crate) fn check_csrf(services: &Services, request: &Request, caller: &Caller) -> Result<(), Error> {
    let Some(session) = caller.session.as_ref().filter(|_| request.is_write()) else { return Ok(()) };
    let sent = request.header(services.settings.http.csrf_header.as_str());
    if services.auth.csrf_matches(session, sent) {
        return Ok(());
    }
    Err(Error::new(Code::CsrfRequired, "Gateway browser session CSRF token missing or invalid")
        .with("reason_code", "csrf_required"))
}

/// Keeps everybody but admins out of what is theirs: the families, and rows that say so.
pub(crate) fn check_admin(request: &Request, caller: &Caller, row: Option<&'static str>) -> Result<(), Error> {
    let write = request.is_write();
    match family::class(&request.path, write).or(row) {
        Some(class) if !caller.principal.admin => Err(family::refusal(class, write)),
        _ => Ok(()),
    }
}
