//! The pages of the server's own: the API's description and its reference page. Everything a page is made of is in the
//! binary; no page asks another host for anything.

use http::{HeaderValue, StatusCode, header};
use model::api::Row;
use warp::reply::Response;

use crate::{answer, openapi};

const DOCS: &str = include_str!("../../../templates/docs.html");
const DOCS_SCRIPT: &str = include_str!("../../../templates/docs.js");
const SWAGGER_STYLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css"));
const SWAGGER_SCRIPT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js"));

/// A page and where it is.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) path: &'static str,
    content: Content,
}

#[derive(Clone)]
enum Content {
    Html(&'static str),
    File(&'static str, &'static [u8]),
    Json(bytes::Bytes),
    Elsewhere(&'static str),
}

/// Every page; the description is of `rows`.
pub(crate) fn all(rows: &[Row]) -> Vec<Page> {
    let description = serde_json::to_vec(&openapi::document(rows)).unwrap_or_default();
    let page = |path, content| Page { path, content };
    vec![
        page("/", Content::Elsewhere("/docs")),
        page("/docs", Content::Html(DOCS)),
        page("/redoc", Content::Elsewhere("/docs")),
        page("/docs/docs.js", Content::File("text/javascript; charset=utf-8", DOCS_SCRIPT.as_bytes())),
        page("/docs/swagger-ui.css", Content::File("text/css; charset=utf-8", SWAGGER_STYLE)),
        page("/docs/swagger-ui-bundle.js", Content::File("text/javascript; charset=utf-8", SWAGGER_SCRIPT)),
        page("/openapi.json", Content::Json(description.into())),
    ]
}

impl Page {
    pub(crate) fn response(&self) -> Response {
        match &self.content {
            Content::Html(text) => answer::html(*text),
            Content::Json(bytes) => answer::plain(StatusCode::OK, "application/json", bytes.clone()),
            Content::Elsewhere(to) => answer::redirect(to),
            Content::File(content_type, bytes) => {
                let mut response = answer::plain(StatusCode::OK, content_type, *bytes);
                let kept = HeaderValue::from_static("public, max-age=3600");
                response.headers_mut().insert(header::CACHE_CONTROL, kept);
                answer::guard_page(response.headers_mut());
                response
            }
        }
    }
}
