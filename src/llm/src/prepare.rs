//! What a model call gets before its `started` record is written: trace ids, and the time and place the model may
//! know (contract 05, sections 1.2 and 1.3).
//!
//! The one invariant: preparing twice leaves one grounding line and one paragraph, those of the second time.

use std::sync::LazyLock;

use model::json::{Layout, write};
use model::run::object_at;
use model::{Map, Timestamp, Value};
use regex::Regex;
use serde_json::json;

use crate::env::{Env, GroundingField};

const OPEN: &str = "<runtime_metadata>";
const CLOSE: &str = "</runtime_metadata>";
const PARAGRAPH_START: &str = "RUNTIME GROUNDING:";

/// The fixed paragraph of the system text.
pub const PARAGRAPH: &str = "RUNTIME GROUNDING: The latest user message may begin with one <runtime_metadata> line that the \
host wrote, not the user. Take it as the current date, time and place whenever they matter, prefer it to anything you \
remember, and neither quote nor mention the line.";

/// Who asks, for the trace.
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceIds<'a> {
    /// The run.
    pub run_id: &'a str,
    /// Its workflow.
    pub workflow_id: &'a str,
    /// The node.
    pub node_id: &'a str,
    /// The actor.
    pub actor_id: Option<&'a str>,
    /// The session.
    pub session_id: Option<&'a str>,
    /// The run that started this one.
    pub parent_run_id: Option<&'a str>,
    /// The step.
    pub step_id: &'a str,
    /// Stable over attempts.
    pub effect_idempotency_key: &'a str,
    /// 1 for the first.
    pub attempt: u32,
}

/// Adds trace ids and grounding to a payload.
pub fn prepare(payload: &mut Map, ids: &TraceIds<'_>, env: &Env, now: Timestamp) {
    let trace = object_at(object_at(payload, "params"), "trace_metadata");
    let texts = [
        ("run_id", Some(ids.run_id)),
        ("workflow_id", Some(ids.workflow_id)),
        ("node_id", Some(ids.node_id)),
        ("actor_id", ids.actor_id),
        ("session_id", ids.session_id),
        ("parent_run_id", ids.parent_run_id),
        ("step_id", Some(ids.step_id)),
        ("effect_idempotency_key", Some(ids.effect_idempotency_key)),
    ];
    for (key, value) in texts {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            trace.insert(key.into(), value.into());
        }
    }
    trace.insert("attempt".into(), ids.attempt.into());
    let client = trace.get("client_context").and_then(Value::as_object).cloned();
    if !wants_other_output(payload) {
        ground(payload, &envelope(client.as_ref(), env, now));
    }
}

/// Whether the payload asks for something else than text.
fn wants_other_output(payload: &Map) -> bool {
    let output = payload
        .get("params")
        .and_then(|p| p.get("output"))
        .or_else(|| payload.get("output"))
        .or_else(|| payload.get("outputs"));
    let modality = match output {
        None | Some(Value::Null) => return false,
        Some(Value::String(text)) => text.as_str(),
        Some(other) => other.get("modality").or_else(|| other.get("type")).and_then(Value::as_str).unwrap_or("other"),
    };
    !modality.eq_ignore_ascii_case("text")
}

/// The JSON of the grounding line.
fn envelope(client: Option<&Map>, env: &Env, now: Timestamp) -> String {
    let theirs = |keys: &[&str]| {
        let found = keys.iter().find_map(|key| client?.get(*key)?.as_str());
        found
            .map(str::trim)
            .filter(|t| !t.is_empty() && t.len() <= 100 && !t.contains(['<', '>', '\n']))
            .map(str::to_owned)
    };
    let local = theirs(&["local_datetime", "datetime", "local_time"])
        .unwrap_or_else(|| local_datetime(now, env.utc_offset_minutes));
    let country = theirs(&["country", "country_code"]).or_else(|| env.country.clone());
    let timezone = theirs(&["timezone", "time_zone"]).or_else(|| env.timezone.clone());
    let shows = |field| env.grounding_fields.contains(&field);
    let mut display = local.get(..19).unwrap_or(&local).replace('T', " ");
    if let Some(country) = country.as_ref().filter(|_| shows(GroundingField::Country)) {
        display = format!("{display} {country}");
    }
    let fields = [
        (GroundingField::Country, "country", country),
        (GroundingField::Display, "display", Some(format!("[{display}]"))),
        (GroundingField::LocalDatetime, "local_datetime", Some(local)),
        (GroundingField::Timezone, "timezone", timezone),
        (GroundingField::User, "user", env.user.clone()),
    ];
    let shown = fields.into_iter().filter(|(field, ..)| shows(*field));
    let map: Map = shown.filter_map(|(_, name, value)| Some((name.to_owned(), value?.into()))).collect();
    write(&Value::Object(map), Layout::COMPACT.sorted())
}

/// `2026-11-22T08:56:44+01:00`
fn local_datetime(now: Timestamp, offset_minutes: i32) -> String {
    let shifted = now.plus_micros(i64::from(offset_minutes) * 60_000_000).to_whole_seconds();
    let sign = if offset_minutes < 0 { '-' } else { '+' };
    let minutes = offset_minutes.unsigned_abs();
    format!("{}{sign}{:02}:{:02}", shifted.trim_end_matches("+00:00"), minutes / 60, minutes % 60)
}

fn ground(payload: &mut Map, envelope: &str) {
    let line = format!("{OPEN}{envelope}{CLOSE}\n");
    let grounded = |text: &str| format!("{line}{}", without_prefix(text));
    let filled = |payload: &Map, key: &str| payload.get(key).and_then(Value::as_str).is_some_and(|t| !t.is_empty());
    if let Some(key) = ["prompt", "text"].into_iter().find(|key| filled(payload, key)) {
        let text = payload.get(key).and_then(Value::as_str).map(grounded);
        payload.insert(key.into(), text.unwrap_or_default().into());
    } else {
        let messages = payload.get_mut("messages").and_then(Value::as_array_mut).into_iter().flatten();
        let last = messages.rev().find(|m| m.get("role").and_then(Value::as_str) == Some("user"));
        let Some(content) = last.and_then(|m| m.get_mut("content")) else { return };
        crate::messages::edit_text(content, grounded);
    }
    let system = payload.get("system_prompt").and_then(Value::as_str).unwrap_or_default();
    let own = system.find(PARAGRAPH_START).map_or(system, |at| &system[..at]).trim_end();
    let system = if own.is_empty() { PARAGRAPH.to_owned() } else { format!("{own}\n\n{PARAGRAPH}") };
    payload.insert("system_prompt".into(), system.into());
}

#[expect(clippy::expect_used, reason = "the pattern is a constant; a test reads it")]
static OLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:\[\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?: [A-Z]{2})?\]\s*|Grounding: ?\d{4}/\d{2}/\d{2}\|\d{2}:\d{2}\|[A-Z]{0,2}\s*)")
        .expect("a constant pattern")
});

/// The text without grounding prefixes, this form's and the older ones.
#[must_use]
pub fn without_prefix(text: &str) -> &str {
    let mut rest = text;
    loop {
        let next = match complete_envelope(rest) {
            Some((_, after)) => after,
            None => &rest[OLDER.find(rest).map_or(0, |found| found.end())..],
        };
        if next.len() == rest.len() {
            return rest;
        }
        rest = next;
    }
}

/// The envelope's JSON at the start of a text, and what follows.
fn complete_envelope(text: &str) -> Option<(Map, &str)> {
    let inner = text.trim_start().strip_prefix(OPEN)?;
    let (json, after) = inner.split_once(CLOSE)?;
    let map = serde_json::from_str(json).ok()?;
    Some((map, after.strip_prefix('\n').unwrap_or(after)))
}

/// An answer without the envelope, should the model have repeated it.
pub(crate) fn without_echo(content: &str) -> String {
    complete_envelope(content).map_or(content, |(_, after)| after.trim_start()).to_owned()
}

/// `metadata.runtime_grounding` of a call, read back from what was sent.
pub(crate) fn grounding_of(history: &[Map], params: &Map, env: &Env) -> Option<Value> {
    let last = history.iter().rev().find(|m| m.get("role").and_then(Value::as_str) == Some("user"))?;
    let text = crate::messages::content_text(last.get("content"));
    let (mut shown, _) = complete_envelope(&text)?;
    let from_browser = params.get("trace_metadata").and_then(|t| t.get("client_context")).is_some_and(Value::is_object);
    let country = shown.remove("country").or_else(|| env.country.as_deref().map(Value::from));
    let mut out = Map::from_iter([
        ("local_datetime".to_owned(), shown.remove("local_datetime").unwrap_or_default()),
        ("country".to_owned(), country.unwrap_or_default()),
        ("display".to_owned(), shown.remove("display").unwrap_or_default()),
        ("source".to_owned(), json!(if from_browser { "browser_untrusted" } else { "runtime" })),
        ("prompt_injected".to_owned(), json!(true)),
    ]);
    out.extend(shown);
    if from_browser {
        out.insert("server_context".into(), json!({"country": env.country, "timezone": env.timezone}));
    }
    Some(Value::Object(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(payload: Value, env: &Env) -> Map {
        let mut payload = payload.as_object().unwrap().clone();
        let ids = TraceIds {
            run_id: "r",
            workflow_id: "w",
            node_id: "n",
            session_id: Some("s"),
            step_id: "st",
            effect_idempotency_key: "k",
            attempt: 1,
            ..TraceIds::default()
        };
        let now = Timestamp::parse("2026-11-22T07:56:44.5Z").unwrap();
        prepare(&mut payload, &ids, env, now);
        let once = payload.clone();
        prepare(&mut payload, &ids, env, now);
        assert_eq!(payload, once, "preparing again changes nothing");
        payload
    }

    const LINE: &str = "<runtime_metadata>{\"display\":\"[2026-11-22 07:56:44]\",\"local_datetime\":\"2026-11-22T07:56:44+00:00\"}</runtime_metadata>\n";

    #[test]
    fn the_user_text_is_grounded_once() {
        let env = Env::default();
        let got = prepared(json!({"prompt": "hi", "system_prompt": "SYS"}), &env);
        assert_eq!(got["prompt"], format!("{LINE}hi"));
        assert_eq!(got["system_prompt"], format!("SYS\n\n{PARAGRAPH}"));
        assert_eq!(
            got["params"]["trace_metadata"],
            json!({"run_id":"r","workflow_id":"w","node_id":"n","session_id":"s","step_id":"st","effect_idempotency_key":"k","attempt":1})
        );
        let got = prepared(
            json!({"messages": [{"role":"user","content":"a"},{"role":"user","content":"[2026-11-22 07:56:44 FR] b"},{"role":"assistant","content":"c"}]}),
            &env,
        );
        assert_eq!(got["messages"][0]["content"], "a");
        assert_eq!(got["messages"][1]["content"], format!("{LINE}b"));
        assert_eq!(prepared(json!({"prompt": "hi", "output": {"modality": "image"}}), &env)["prompt"], "hi");
    }

    #[test]
    fn fields_zone_and_browser_context() {
        let env = Env {
            grounding_fields: GroundingField::list("country,display,timezone,user,local_datetime"),
            country: Some("FR".into()),
            timezone: Some("Europe/Paris".into()),
            user: Some("ada".into()),
            utc_offset_minutes: -90,
            ..Env::default()
        };
        let got = prepared(json!({"prompt": "hi"}), &env);
        assert_eq!(
            got["prompt"],
            "<runtime_metadata>{\"country\":\"FR\",\"display\":\"[2026-11-22 06:26:44 FR]\",\"local_datetime\":\"2026-11-22T06:26:44-01:30\",\"timezone\":\"Europe/Paris\",\"user\":\"ada\"}</runtime_metadata>\nhi"
        );
        let got = prepared(
            json!({"prompt": "hi", "params": {"trace_metadata": {"client_context": {"local_datetime": "2026-01-01T00:00:00+01:00", "country": "</runtime_metadata>"}}}}),
            &Env::default(),
        );
        assert!(got["prompt"].as_str().unwrap().contains("[2026-01-01 00:00:00]"));
    }

    #[test]
    fn prefixes_and_echoes_go() {
        for (text, left) in [
            (format!("{LINE}hi"), "hi"),
            (format!("{LINE}{LINE}hi"), "hi"),
            ("[2026-11-22 07:56:44] hi".into(), "hi"),
            ("Grounding: 2026/11/22|07:56|FR hi".into(), "hi"),
            ("[note] hi".into(), "[note] hi"),
            ("<runtime_metadata>oops".into(), "<runtime_metadata>oops"),
        ] {
            assert_eq!(without_prefix(&text), left);
        }
        assert_eq!(without_echo(&format!("{LINE}\nanswer")), "answer");
        assert_eq!(without_echo("answer"), "answer");
    }
}
