use serde_json::{Value, json};

use super::runs::{ListRuns, StartRun};
use super::sessions::Login;
use super::users::CreateUser;
use super::*;
use crate::error::Error;

fn read<O: Operation>(query: &str, body: &str) -> Result<O, Error> {
    let body = if body.is_empty() { Body::None } else { Body::Json(body.as_bytes().to_vec()) };
    let input = read_input(&O::ROW, &[], query, &|_| None, body)?;
    Ok(serde_json::from_value(Value::Object(input)).expect("a checked input fits its struct"))
}

fn issues<O: Operation>(query: &str, body: &str) -> Vec<(String, Value)> {
    let Err(error) = read::<O>(query, body) else { panic!("expected a refusal of {query} {body}") };
    error.issues.iter().map(|i| (i.kind.to_owned(), json!(i.loc))).collect()
}

#[test]
fn rows_are_unique_and_name_their_path_segments() {
    let rows = rows();
    let mut names: Vec<_> = rows.iter().map(|r| r.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows.len(), "two rows share a name");
    for row in &rows {
        let segments: Vec<_> = row.path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}')).collect();
        let fields: Vec<_> = row.fields.iter().filter(|f| f.place == Place::Path).map(|f| f.name).collect();
        assert_eq!(segments, fields, "{}", row.name);
        assert!(!row.doc.trim().is_empty(), "{} has no doc line", row.name);
        let has_body = row.fields.iter().any(|f| matches!(f.place, Place::Body | Place::File));
        assert!(!has_body || row.body != BodyKind::None, "{} has body fields and no body", row.name);
    }
}

#[test]
fn defaults_fill_what_is_absent() {
    let list: ListRuns = read("", "").unwrap();
    assert_eq!((list.limit, list.root_only, list.include_ledger_len), (50, false, true));
    let start: StartRun = read("", "{}").unwrap();
    assert!(start.input_data.is_empty() && start.bundle_id.is_none());
}

#[test]
fn limits_hold_on_both_sides() {
    for (query, fits) in [("limit=1", true), ("limit=500", true), ("limit=0", false), ("limit=501", false)] {
        assert_eq!(read::<ListRuns>(query, "").is_ok(), fits, "{query}");
    }
    assert_eq!(issues::<ListRuns>("limit=x", ""), [("int_parsing".into(), json!(["query", "limit"]))]);
    assert_eq!(issues::<ListRuns>("root_only=maybe", ""), [("bool_parsing".into(), json!(["query", "root_only"]))]);
}

#[test]
fn body_problems_come_together_in_field_order() {
    assert_eq!(
        issues::<CreateUser>("", r#"{"tenant_id": 5, "roles": "x", "zzz": 1}"#),
        [
            ("missing".into(), json!(["body", "user_id"])),
            ("string_type".into(), json!(["body", "tenant_id"])),
            ("list_type".into(), json!(["body", "roles"])),
            ("extra_forbidden".into(), json!(["body", "zzz"])),
        ]
    );
    assert_eq!(
        issues::<CreateUser>("", r#"{"user_id": ""}"#),
        [("string_too_short".into(), json!(["body", "user_id"]))]
    );
    assert_eq!(issues::<CreateUser>("", ""), [("missing".into(), json!(["body"]))]);
    assert_eq!(issues::<CreateUser>("", "[1]"), [("model_attributes_type".into(), json!(["body"]))]);
    assert_eq!(issues::<CreateUser>("", "{nope")[0].0, "json_invalid");
    assert_eq!(
        issues::<StartRun>("", r#"{"input_data": null}"#),
        [("dict_type".into(), json!(["body", "input_data"]))]
    );
}

#[test]
fn secrets_are_never_echoed() {
    let error = read::<Login>("", r#"{"user_id": "a", "token": 12345}"#).unwrap_err();
    assert!(!error.body().to_string().contains("12345"));
}

#[test]
fn a_body_that_is_not_text_is_refused() {
    let refused = read_input(&StartRun::ROW, &[], "", &|_| None, Body::Json(vec![0xff, 0xfe])).unwrap_err();
    assert_eq!(refused.code, crate::Code::BadBody);
}
