//! From an operation's row and input to an HTTP request, by the row's fields alone.
//!
//! May not know: any single operation, the network. Invariant: what this writes, `model::api::read_input` reads back as
//! the same input.

use std::path::PathBuf;

use model::api::{BodyKind, Field, Operation, Place, Row, Upload};
use model::{Map, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::failure::{Exit, Failure};

/// What stays as it is in a path segment or a query: RFC 3986's unreserved characters.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request, not yet sent.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    /// `GET` …
    pub(crate) method: &'static str,
    /// Path and query.
    pub(crate) path: String,
    /// Headers of the operation itself.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body.
    pub(crate) body: Content,
}

/// The body of a request.
#[derive(Debug, PartialEq)]
pub(crate) enum Content {
    /// None.
    Empty,
    /// A JSON object.
    Json(Map),
    /// A form with text parts and files.
    Form {
        /// Name and text.
        texts: Vec<(&'static str, String)>,
        /// Name, file name and place.
        files: Vec<(&'static str, String, PathBuf)>,
    },
}

/// The input of an operation as an object of wire names.
pub(crate) fn input_of<O: Operation>(input: &O) -> Result<Map, Failure> {
    match serde_json::to_value(input) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Ok(Map::new()),
        Err(e) => Err(Failure::new(format!("the input of {} cannot be written as JSON", O::ROW.name)).why(e)),
    }
}

/// Lays the input out as the row says. Null is as good as absent.
pub(crate) fn plan(row: &Row, mut input: Map) -> Result<Plan, Failure> {
    let mut path = row.path.to_owned();
    let (mut query, mut headers) = (Vec::new(), Vec::new());
    let (mut body, mut files) = (Vec::new(), Vec::new());
    for field in row.fields {
        let Some(value) = input.remove(field.name).filter(|v| !v.is_null()) else { continue };
        match field.place {
            Place::Path => path = path.replace(&format!("{{{}}}", field.name), &segment(field, &value)?),
            Place::Query => query.extend(pairs(field, &value)),
            Place::Header => headers.push((field.name, plain(&value))),
            Place::Body => body.push((field.name, value)),
            Place::File => files.push(upload(field, value)?),
        }
    }
    if !query.is_empty() {
        path = format!("{path}?{}", query.join("&"));
    }
    let body = match row.body {
        BodyKind::None => Content::Empty,
        BodyKind::Json | BodyKind::StrictJson => {
            Content::Json(body.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
        }
        BodyKind::Multipart => {
            Content::Form { texts: body.into_iter().map(|(name, value)| (name, plain(&value))).collect(), files }
        }
    };
    Ok(Plan { method: row.method.as_str(), path, headers, body })
}

/// What names one thing in a path. These three name the folder of all things, or the one above.
fn segment(field: &Field, value: &Value) -> Result<String, Failure> {
    let text = plain(value);
    if matches!(text.as_str(), "" | "." | "..") {
        return Err(Failure::new(format!("'{text}' is no {}", field.name)).exit(Exit::Usage));
    }
    Ok(escape(&text))
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Text as it is, everything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `name=value`, once for every item of a list.
fn pairs(field: &Field, value: &Value) -> Vec<String> {
    let items = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    items.iter().map(|item| format!("{}={}", escape(field.name), escape(&plain(item)))).collect()
}

fn upload(field: &Field, value: Value) -> Result<(&'static str, String, PathBuf), Failure> {
    let file: Upload =
        serde_json::from_value(value).map_err(|e| Failure::new(format!("{} is not a file", field.name)).why(e))?;
    Ok((field.name, file.file_name, file.path))
}

#[cfg(test)]
mod tests {
    use model::api::Method::{Get, Patch, Post};
    use model::api::{Access, Kind, body, file, header, path, query};
    use serde_json::json;

    use super::*;

    const LIST: Row = Row {
        fields: &[
            path().named("run_id", ""),
            query(Kind::Text).optional().named("status", ""),
            query(Kind::TextList).optional().named("tag", ""),
            query(Kind::Boolean).optional().named("all", ""),
            header("idempotency-key"),
        ],
        ..Row::new("t.list", Get, "/runs/{run_id}/x", Access::User)
    };

    const CHANGE: Row = Row {
        fields: &[
            path().named("id", ""),
            body(Kind::Text).optional().named("email", ""),
            body(Kind::Any).named("type", ""),
        ],
        ..Row::new("t.change", Patch, "/u/{id}", Access::User)
    };

    const SEND: Row = Row {
        fields: &[file().named("file", ""), body(Kind::Boolean).named("overwrite", "")],
        ..Row::new("t.send", Post, "/up", Access::User).body(BodyKind::Multipart)
    };

    fn planned(row: &Row, input: Value) -> Plan {
        let Value::Object(input) = input else { panic!("an input is an object") };
        plan(row, input).unwrap()
    }

    #[test]
    fn a_path_never_leaves_its_place() {
        for (id, planned) in [("a", true), ("...", true), ("a/..", true), ("", false), (".", false), ("..", false)] {
            let input = json!({ "run_id": id }).as_object().cloned().unwrap();
            assert_eq!(plan(&LIST, input).is_ok(), planned, "{id}");
        }
    }

    #[test]
    fn paths_and_queries_are_escaped() {
        let check = |input: Value, expected: &str| assert_eq!(planned(&LIST, input).path, expected);
        check(json!({"run_id": "r1"}), "/runs/r1/x");
        check(json!({"run_id": "a/b ?#%"}), "/runs/a%2Fb%20%3F%23%25/x");
        check(json!({"run_id": "...", "status": null}), "/runs/.../x");
        check(json!({"run_id": "r", "status": "a&b=c+é"}), "/runs/r/x?status=a%26b%3Dc%2B%C3%A9");
        check(json!({"run_id": "r", "tag": ["x", "y"], "all": true}), "/runs/r/x?tag=x&tag=y&all=true");
    }

    #[test]
    fn headers_travel_as_headers() {
        let plan = planned(&LIST, json!({"run_id": "r", "idempotency-key": "k"}));
        assert_eq!((plan.headers, plan.body), (vec![("idempotency-key", "k".to_owned())], Content::Empty));
    }

    #[test]
    fn bodies_hold_body_fields_only_and_no_nulls() {
        let plan = planned(&CHANGE, json!({"id": "u", "email": null, "type": {"a": [1]}}));
        assert_eq!((plan.method, plan.path.as_str()), ("PATCH", "/u/u"));
        let Content::Json(body) = plan.body else { panic!("a JSON body") };
        assert_eq!(Value::Object(body), json!({"type": {"a": [1]}}));
    }

    #[test]
    fn files_travel_in_forms() {
        let file = json!({"file_name": "a.flow", "path": "/tmp/x", "size_bytes": 3});
        let plan = planned(&SEND, json!({"file": file, "overwrite": false}));
        let expected = Content::Form {
            texts: vec![("overwrite", "false".to_owned())],
            files: vec![("file", "a.flow".to_owned(), "/tmp/x".into())],
        };
        assert_eq!(plan.body, expected);
    }

    #[test]
    fn what_is_planned_is_read_back() {
        use model::api::{Body, read_input, runs::ListRuns};
        let input = ListRuns {
            limit: 7,
            status: Some("waiting".into()),
            workflow_id: Some("b@1:f&g".into()),
            session_id: None,
            root_only: true,
            include_ledger_len: false,
            include_metrics: false,
            include_drafts: true,
            cursor: Some("a=b".into()),
        };
        let plan = plan(&ListRuns::ROW, input_of(&input).unwrap()).unwrap();
        let (_, query) = plan.path.split_once('?').unwrap();
        let read = read_input(&ListRuns::ROW, &[], query, &|_| None, Body::None).unwrap();
        let read: ListRuns = serde_json::from_value(Value::Object(read)).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), serde_json::to_value(input).unwrap());
    }

    #[test]
    fn header_fields_keep_their_wire_names() {
        use model::api::runs::StartRun;
        let input = StartRun {
            registry_scope: None,
            bundle_id: None,
            bundle_version: None,
            flow_id: None,
            input_data: Map::new(),
            thinking: None,
            run_lifecycle: None,
            session_id: None,
            idempotency_key: Some("k".into()),
        };
        let plan = plan(&StartRun::ROW, input_of(&input).unwrap()).unwrap();
        assert_eq!(plan.headers, [("idempotency-key", "k".to_owned())]);
        let read: StartRun = serde_json::from_value(json!({"input_data": {}, "idempotency-key": "k"})).unwrap();
        assert_eq!(read.idempotency_key.as_deref(), Some("k"));
    }
}
