//! What a run is for, in the client's words: known keys only, trimmed and cut (contract 02, 2.5).

use model::{Map, Value};

const TEXTS: [&str; 8] =
    ["source", "purpose", "visibility", "run_mode", "editor_session_id", "flow_id", "bundle_id", "bundle_version"];

/// Puts what the client says of the run's purpose into `_run_lifecycle`.
pub(in crate::runs) fn put(vars: &mut Map, given: Option<Map>) {
    let own = vars.shift_remove("_run_lifecycle").and_then(|l| l.as_object().cloned());
    let Some(given) = given.or(own) else { return };
    let text = |v: &Value| v.as_str().map(|t| t.trim().chars().take(240).collect::<String>()).filter(|t| !t.is_empty());
    let mut clean = Map::new();
    for key in TEXTS {
        clean.extend(given.get(key).and_then(text).map(|t| (key.to_owned(), t.into())));
    }
    let mut retention = Map::new();
    for key in ["mode", "expires_at"] {
        retention
            .extend(given.get("retention").and_then(|r| r.get(key)).and_then(text).map(|t| (key.to_owned(), t.into())));
    }
    let ttl = given.get("retention").and_then(|r| r.get("ttl_s"));
    let ttl = ttl.and_then(|t| t.as_i64().or_else(|| t.as_str()?.trim().parse().ok())).filter(|t| *t > 0);
    retention.extend(ttl.map(|t| ("ttl_s".to_owned(), t.into())));
    if !retention.is_empty() {
        clean.insert("retention".into(), Value::Object(retention));
    }
    if !clean.is_empty() {
        vars.insert("_run_lifecycle".into(), Value::Object(clean));
    }
}

/// Whether the run tests a draft.
pub(in crate::runs) fn is_draft_test(vars: &Map) -> bool {
    vars.get("_run_lifecycle").and_then(|l| l.get("purpose")).and_then(Value::as_str) == Some("draft_test")
}
