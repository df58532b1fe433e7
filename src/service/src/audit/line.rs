//! One entry as one line: compact JSON, keys in the contract's order, values of the query left out. Pure.

use std::collections::BTreeMap;

use model::json::{Layout, write};
use model::{Map, Value};

use super::Entry;

const MOST_PARAMETERS: usize = 50;
const LONGEST_TEXT: usize = 2000;

/// The line of an entry, with its newline. Only headers named in `allowed` are written.
pub(super) fn line(entry: &Entry, allowed: &[String]) -> String {
    let mut row = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            row.insert(key.to_owned(), value);
        }
    };
    let text = |text: &String| Value::String(cut(text));
    put("ts", Some(entry.ts.to_string().into()));
    put("request_id", Some(text(&entry.request_id)));
    put("ip", Some(text(&entry.ip)));
    put("method", Some(text(&entry.method)));
    put("path", Some(text(&entry.path)));
    put("query", Some(names_only(&entry.query).into()));
    put("status", Some(entry.status.into()));
    put("duration_ms", Some(entry.duration_ms.into()));
    put("auth_required", Some(entry.auth_required.into()));
    put("auth_token_fp", entry.auth_token_fp.as_ref().map(text));
    put("principal_user_id", entry.principal_user_id.as_ref().map(text));
    put("principal_tenant_id", entry.principal_tenant_id.as_ref().map(text));
    put("origin", entry.origin.as_ref().map(text));
    put("user_agent", entry.user_agent.as_ref().map(text));
    put("bytes_in", entry.bytes_in.map(Value::from));
    put("headers", headers(&entry.headers, allowed));
    put("error", entry.error.as_ref().map(text));
    write(&Value::Object(row), Layout::COMPACT) + "\n"
}

/// `a=<redacted>&b=<redacted>`: which parameters were sent, not what they said.
fn names_only(query: &str) -> String {
    let names = query.split('&').filter(|pair| !pair.is_empty()).take(MOST_PARAMETERS);
    let names = names.map(|pair| cut(pair.split('=').next().unwrap_or_default()) + "=<redacted>");
    names.collect::<Vec<_>>().join("&")
}

fn headers(sent: &BTreeMap<String, String>, allowed: &[String]) -> Option<Value> {
    let kept: Map =
        allowed.iter().filter_map(|name| Some((name.clone(), Value::String(cut(sent.get(name)?))))).collect();
    (!kept.is_empty()).then_some(Value::Object(kept))
}

/// A text a client chose, held to a length.
fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}
