//! One request, from the wire to its answer: the checks in the contract's order (contract 01, 1.2), then the operation.
//! Read [`checked`] from top to bottom. May not know: what an operation does. The invariant: the first check that fails
//! answers, and a write that has begun is finished even when its client hangs up.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use http::{Method, StatusCode};
use model::api::{Access, Body, BodyKind, Limit, PREFIX, Row, Slot, read_input};
use model::{Code, Error, Principal};
use service::{Answer, Bound, Call, Json, Services};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use warp::reply::Response;

use crate::admit::{self, Caller};
use crate::body::Bounds;
use crate::edge::{self, Proxies};
use crate::form::{self, Form};
use crate::request::Request;
use crate::routes::{Found, Routes, Target};
use crate::slots::{Held, Slots};
use crate::trail::Trail;
use crate::uploads::Uploads;
use crate::{answer, pages};

/// What a file upload may be larger than the file: boundaries, headers, text parts.
const FORM_SLACK: u64 = 2 * 1024 * 1024;

/// Everything requests need, made once.
pub(crate) struct Gateway {
    pub(crate) services: Arc<Services>,
    pub(crate) proxies: Proxies,
    routes: Routes,
    slots: Slots,
    uploads: Uploads,
    /// Ends streams.
    stop: CancellationToken,
    /// Writes that have begun.
    writes: TaskTracker,
}

impl Gateway {
    /// The gateway over its services; an error names the route that contradicts another.
    pub(crate) fn new(
        services: Arc<Services>,
        uploads: Uploads,
        stop: CancellationToken,
        writes: TaskTracker,
    ) -> Result<Self, String> {
        let operations = service::operations();
        let rows: Vec<Row> = operations.iter().map(|bound| bound.row).collect();
        let settings = &services.settings;
        Ok(Self {
            proxies: Proxies::new(&settings.http),
            routes: Routes::new(operations, pages::all(&rows))?,
            slots: Slots::new(settings.http.max_concurrency, settings.http.max_sse),
            uploads,
            services,
            stop,
            writes,
        })
    }

    fn bounds(&self, limit: Limit) -> Bounds {
        let http = &self.services.settings.http;
        let upload = |file: u64| {
            let whole = file.saturating_add(FORM_SLACK);
            Some(if http.max_upload_body_bytes > 0 { whole.min(http.max_upload_body_bytes) } else { whole })
        };
        let limit = match limit {
            Limit::Body => Some(http.max_body_bytes).filter(|most| *most > 0),
            Limit::Attachment => upload(http.max_attachment_bytes),
            Limit::Bundle => upload(http.max_bundle_bytes),
        };
        Bounds { limit, pause: Duration::from_millis(http.body_timeout_ms) }
    }
}

/// Answers a request, writes its line in the audit log, names it on its response.
pub(crate) async fn dispatch(gateway: Arc<Gateway>, mut request: Request) -> Response {
    let mut trail = Trail::new();
    let outcome = AssertUnwindSafe(checked(&gateway, &mut request, &mut trail)).catch_unwind().await;
    let outcome = outcome.unwrap_or_else(|_| Err(Error::internal("a handler panicked")));
    let (mut response, error) = match outcome {
        Ok(response) => (response, None),
        Err(error) => {
            log(&request, &error);
            (answer::failure(&error), Some(error.detail))
        }
    };
    if request.is_write() {
        service::fail::pass(service::fail::Point::RequestDone);
    }
    request.body.discard().await;
    edge::finish(&gateway.services, &request, &mut response);
    if is_guarded(&gateway, &request) {
        trail.end(&gateway.services, &request, response.status(), error);
    }
    response
}

/// The checks, then the work.
async fn checked(gateway: &Arc<Gateway>, request: &mut Request, trail: &mut Trail) -> Result<Response, Error> {
    let services = &gateway.services;
    if edge::is_preflight(request) {
        edge::check_origin(services, request)?;
        return Ok(edge::preflight(request));
    }
    let found = gateway.routes.find(&request.method, &request.raw_path);
    let row = match &found {
        Found::Target(Target::Operation(bound), _) => Some(bound.row),
        _ => None,
    };
    let mut caller = Caller::of(Principal::local_admin(String::new()));
    let bounds = gateway.bounds(row.map_or(Limit::Body, |row| row.limit));
    if is_guarded(gateway, request) {
        edge::check_origin(services, request)?;
        let public = row.is_some_and(|row| row.access == Access::Public);
        if request.method == Method::OPTIONS {
            // No page asks this way, and no row answers: the methods of the path are no secret.
        } else if public {
            admit::check_lockout(services, request)?;
        } else {
            let required = admit::required(&services.settings.http, request);
            trail.required(required);
            if required {
                admit::check_configured(services)?;
            }
            let credentials = admit::credentials(&services.settings.http, request);
            caller = admit::authenticate(services, request, &credentials, required).await?;
            trail.caller(&caller.principal);
            admit::check_csrf(services, request, &caller)?;
            admit::check_admin(request, &caller, row.and_then(admin_class))?;
        }
        if request.is_write() {
            request.body.check_declared(bounds)?;
        }
    }
    // The body comes before the place: whoever sends slowly keeps nobody out, and login is open to everybody.
    let received = read_body(gateway, request, row.map_or(BodyKind::None, |row| row.body), bounds).await?;
    let place = match is_guarded(gateway, request) {
        true => Some(gateway.slots.take(row.map_or(Slot::Request, |row| row.slot)).await?),
        false => None,
    };
    let mut response = match found {
        Found::Target(Target::Page(page), _) => page.response(),
        Found::Target(Target::Operation(bound), params) => {
            let answer = operate(gateway, request, bound, params, received, caller).await?;
            if let Some(principal) = &answer.principal {
                trail.caller(principal);
            }
            answer::of(answer, &gateway.stop)
        }
        Found::OtherMethods(allow) => {
            return Err(Error::new(Code::MethodNotAllowed, "Method Not Allowed").with("allow", allow));
        }
        Found::WithoutSlash => answer::redirect(&without_slash(request)),
        Found::Nothing => return Err(Error::new(Code::NotFound, "Not Found")),
    };
    if let Some(place) = place {
        response.extensions_mut().insert(Held::new(place));
    }
    Ok(response)
}

/// Checks the input and does the work.
async fn operate(
    gateway: &Arc<Gateway>,
    request: &mut Request,
    bound: &Bound,
    params: Vec<(String, String)>,
    (body, files): (Body, Form),
    caller: Caller,
) -> Result<Answer<Json>, Error> {
    let header = |name: &str| request.header(name).map(str::to_owned);
    let input = read_input(&bound.row, &params, &request.query, &header, body)?;
    let http = &gateway.services.settings.http;
    let call = Call {
        principal: caller.principal,
        request_id: request.id.clone(),
        client_ip: request.client,
        session_value: admit::sessions(http, request).next(),
        secure: request.secure,
    };
    let work = (bound.run)(gateway.services.clone(), call, input);
    if !request.is_write() {
        return work.await;
    }
    // In a task of its own: the client may hang up, the write goes on, and the server waits for it when it stops.
    let finished = gateway.writes.spawn(async move {
        let answer = AssertUnwindSafe(work).catch_unwind().await;
        drop(files);
        answer
    });
    match finished.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(Error::internal(format!("{} panicked", bound.row.name))),
        Err(error) => Err(Error::internal(error.to_string())),
    }
}

async fn read_body(
    gateway: &Gateway,
    request: &mut Request,
    kind: BodyKind,
    bounds: Bounds,
) -> Result<(Body, Form), Error> {
    match kind {
        BodyKind::None => Ok((Body::None, Form::default())),
        BodyKind::Multipart => {
            let mut form = form::read(request, bounds, gateway.uploads.folder()).await?;
            Ok((Body::Form(std::mem::take(&mut form.members)), form))
        }
        BodyKind::Json | BodyKind::StrictJson => {
            let media_type = request.media_type();
            let bytes = request.body.read(bounds).await?;
            let body = match bytes {
                bytes if bytes.is_empty() => Body::None,
                bytes if is_json(&media_type) => Body::Json(bytes),
                _ => Body::Other,
            };
            Ok((body, Form::default()))
        }
    }
}

/// Whether the security layer looks at a request.
fn is_guarded(gateway: &Gateway, request: &Request) -> bool {
    gateway.services.settings.http.security && request.path.starts_with(PREFIX)
}

fn admin_class(row: Row) -> Option<&'static str> {
    match row.access {
        Access::Admin(class) => Some(class),
        Access::Public | Access::User => None,
    }
}

fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

fn without_slash(request: &Request) -> String {
    let path = request.raw_path.trim_end_matches('/');
    if request.query.is_empty() { path.to_owned() } else { format!("{path}?{}", request.query) }
}

fn log(request: &Request, error: &Error) {
    let (id, method, path) = (&request.id, request.method.as_str(), &request.path);
    let context = error.context.as_deref();
    if StatusCode::from_u16(error.code.status()).is_ok_and(|status| status.is_server_error()) {
        tracing::error!(request_id = %id, method, path, code = error.code.as_str(), error = %error.detail, context, "a request failed");
    } else {
        tracing::debug!(request_id = %id, method, path, code = error.code.as_str(), error = %error.detail, context, "a request was refused");
    }
}
