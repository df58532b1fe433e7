//! What was fetched, as the tool's result: the raw text, a normalised one, and one rendered for the model.

use model::json::{Layout, write};
use model::{Map, Value};
use serde_json::json;

use super::Fetched;
use crate::tools::args::flag;
use crate::tools::files::with_commas;
use crate::tools::html;

const PREVIEW_CHARS: usize = 2000;
const DATA_PREVIEW_CHARS: usize = 1500;
const SHOWN_HEADERS: [&str; 6] = ["content-type", "content-length", "last-modified", "etag", "cache-control", "server"];

pub(crate) fn content_type(fetched: &Fetched) -> String {
    let value = fetched.headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
    value.to_ascii_lowercase()
}

/// The result object.
pub(crate) fn object(fetched: &Fetched, arguments: &Map) -> Value {
    let success = fetched.status < 400;
    let kind = content_type(fetched);
    let raw = raw_text(fetched, &kind);
    let (analysis, normalized) = match &raw {
        Some(raw) => analysed(raw, &kind, arguments),
        None => (binary(fetched, &kind, flag(arguments, "include_binary_preview")), String::new()),
    };
    let error = (!success).then(|| format!("HTTP Error {}: {}", fetched.status, fetched.reason));
    let mut rendered = header(fetched, &kind);
    if let Some(error) = &error {
        rendered.push_str(&format!("\n{error}"));
    }
    rendered.push_str(&format!("\n\n{analysis}"));
    json!({
        "success": success, "error": error, "url": fetched.url, "final_url": fetched.final_url,
        "timestamp": fetched.timestamp, "status_code": fetched.status, "reason": fetched.reason, "content_type": kind,
        "size_bytes": fetched.body.len(), "raw_text": raw.unwrap_or_default(), "normalized_text": normalized,
        "rendered": rendered.trim_end(),
    })
}

fn header(fetched: &Fetched, kind: &str) -> String {
    let mut out = format!("URL: {}", fetched.url);
    if fetched.final_url != fetched.url {
        out.push_str(&format!("\nFinal URL: {}", fetched.final_url));
    }
    out.push_str(&format!("\nTimestamp: {}\nStatus: {} {}", fetched.timestamp, fetched.status, fetched.reason));
    let kind = if kind.is_empty() { "unknown" } else { kind };
    out.push_str(&format!("\nContent type: {kind}\nSize: {} bytes", with_commas(fetched.body.len() as u64)));
    for name in SHOWN_HEADERS.iter().skip(2) {
        if let Some(value) = fetched.headers.get(*name).and_then(|v| v.to_str().ok()) {
            out.push_str(&format!("\n{name}: {value}"));
        }
    }
    out
}

/// The body as text, or nothing when it is none.
fn raw_text(fetched: &Fetched, kind: &str) -> Option<String> {
    let texty = kind.starts_with("text/")
        || ["json", "xml", "javascript", "yaml", "x-www-form", "html"].iter().any(|w| kind.contains(w));
    let known_binary = ["image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "octet-stream"]
        .iter()
        .any(|w| kind.contains(w));
    if kind.contains("svg") || texty {
        return Some(decoded(&fetched.body, kind));
    }
    let clean = !fetched.body.contains(&0) && std::str::from_utf8(&fetched.body).is_ok();
    (clean && !known_binary).then(|| decoded(&fetched.body, kind))
}

/// UTF-8, or Latin-1 when the page says so.
fn decoded(bytes: &[u8], kind: &str) -> String {
    let latin = ["iso-8859-1", "latin1", "windows-1252", "us-ascii"].iter().any(|c| kind.contains(c));
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) if latin => bytes.iter().map(|b| char::from(*b)).collect(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// What is shown of a text, and its normalised form.
fn analysed(raw: &str, kind: &str, arguments: &Map) -> (String, String) {
    let full = flag(arguments, "include_full_content");
    let start = raw.trim_start().get(..64).unwrap_or(raw.trim_start()).to_ascii_lowercase();
    if kind.contains("html") || start.starts_with("<!doctype html") || start.starts_with("<html") {
        let page = html::read(raw, flag(arguments, "keep_links"));
        return (shown_page(&page, full), page.markdown);
    }
    if kind.contains("json") || (kind.is_empty() && start.starts_with(['{', '['])) {
        return match model::json::parse(raw) {
            Ok(value) => {
                let pretty = write(&value, Layout::PRETTY);
                (format!("JSON: {}\n\n{}", structure(&value), cut(&pretty, DATA_PREVIEW_CHARS, full)), pretty)
            }
            Err(e) => {
                (format!("JSON that cannot be parsed ({e}):\n\n{}", cut(raw, DATA_PREVIEW_CHARS, full)), raw.to_owned())
            }
        };
    }
    let limit = if kind.contains("xml") { DATA_PREVIEW_CHARS } else { PREVIEW_CHARS };
    let name = if kind.contains("xml") { "XML" } else { "Text" };
    let text = raw.trim();
    (format!("{name} ({} lines):\n\n{}", text.lines().count(), cut(text, limit, full)), text.to_owned())
}

fn shown_page(page: &html::Page, full: bool) -> String {
    let mut out = String::new();
    for (name, text) in [("Title", &page.title), ("Description", &page.description)] {
        if !text.is_empty() {
            out.push_str(&format!("{name}: {text}\n"));
        }
    }
    if !page.links.is_empty() {
        out.push_str("Links:\n");
        for (label, href) in &page.links {
            let label: String = label.chars().take(100).collect();
            out.push_str(&format!("  - {label}: {href}\n"));
        }
    }
    out.push_str(&format!("\nContent:\n{}", cut(&page.markdown, PREVIEW_CHARS, full)));
    out
}

fn structure(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let keys: Vec<_> = map.keys().take(20).map(String::as_str).collect();
            let more = if map.len() > keys.len() { ", …" } else { "" };
            format!("object with {} keys ({}{more})", map.len(), keys.join(", "))
        }
        Value::Array(items) => format!("list of {} items", items.len()),
        _ => "a single value".into(),
    }
}

fn cut(text: &str, max: usize, full: bool) -> String {
    match text.char_indices().nth(max) {
        Some((at, _)) if !full => {
            let total = text.chars().count();
            format!("{}\n… (preview: {max} of {total} characters; include_full_content shows all)", &text[..at])
        }
        _ => text.to_owned(),
    }
}

fn binary(fetched: &Fetched, kind: &str, preview: bool) -> String {
    let what = match kind.split('/').next().unwrap_or_default() {
        "image" => "An image",
        "audio" => "A sound file",
        "video" => "A video",
        _ if kind.contains("pdf") => "A PDF document",
        _ => "Binary content",
    };
    let mut out = format!("{what} of {} bytes; it cannot be shown as text.", with_commas(fetched.body.len() as u64));
    if preview {
        let head = hex::encode(&fetched.body[..fetched.body.len().min(64)]);
        out.push_str(&format!("\nFirst bytes: {head}"));
    }
    out
}
