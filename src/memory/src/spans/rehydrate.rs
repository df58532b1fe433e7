//! `memory_rehydrate`: puts archived messages and notes back into a conversation, each message once.

use std::collections::HashSet;

use model::run::object_at;
use model::{Map, Value};
use serde_json::json;

use super::level::Level;
use super::request::{cut, given, whole, word};
use super::{Archive, CONVERSATION, NOTE, Owner, SUMMARY, messages, note};

/// Characters of the preview of what was put back.
const PREVIEW: usize = 360;
/// Messages of that preview.
const PREVIEW_MESSAGES: usize = 3;

/// What somebody wants back.
#[derive(Clone, Debug)]
pub struct Rehydration {
    named: Vec<Value>,
    placement: Placement,
    dedup: bool,
    /// Messages put back, at most.
    limit: Option<usize>,
    effort: Option<Value>,
    warnings: Vec<String>,
}

/// Where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Behind the summary that stands for it, else behind the instructions.
    AfterSummary,
    /// Behind the leading system messages.
    AfterSystem,
    /// At the end.
    End,
}

/// What was put back of one entry.
struct Put {
    inserted: usize,
    skipped: usize,
    error: Option<&'static str>,
    preview: String,
}

impl Put {
    const fn nothing(error: Option<&'static str>) -> Self {
        Self { inserted: 0, skipped: 0, error, preview: String::new() }
    }
}

impl Rehydration {
    /// Reads the payload.
    ///
    /// # Errors
    /// The text the effect fails with.
    pub fn read(payload: &Map) -> Result<Self, String> {
        let level = Level::read(payload)?;
        let named = match given(payload, &["span_ids", "span_id"]) {
            None => return Err("MEMORY_REHYDRATE requires payload.span_ids (or legacy span_id)".into()),
            Some(Value::Array(items)) => items.clone(),
            Some(one) => vec![one.clone()],
        };
        let placement = match word(payload, &["placement"], "after_summary").as_str() {
            "end" => Placement::End,
            "after_system" => Placement::AfterSystem,
            _ => Placement::AfterSummary,
        };
        let dedup = word(payload, &["dedup_by"], "message_id") == "message_id";
        let asked = whole(payload, "max_messages");
        let mut wanted = Self {
            named,
            placement,
            dedup,
            limit: asked.and_then(|n| usize::try_from(n).ok()),
            effort: None,
            warnings: Vec::new(),
        };
        if let Some(level) = level {
            wanted.bound(level, asked);
        }
        Ok(wanted)
    }

    fn bound(&mut self, level: Level, asked: Option<i64>) {
        let (default, most) = level.bounds().rehydrated;
        let mut limit = asked.unwrap_or(default);
        if limit < 1 {
            let word = level.as_str();
            self.warnings.push(format!("recall_level={word}: max_messages must be >=1; using {default}"));
            limit = default;
        }
        limit = level.clamp("max_messages", limit, most, &mut self.warnings);
        self.limit = usize::try_from(limit).ok();
        self.effort = Some(json!({"recall_level": level.as_str(), "applied": {"max_messages": limit}}));
    }

    /// Puts the entries back into the conversation in `vars`; gives what the effect answers. `owner` is the run whose
    /// conversation it is.
    #[must_use]
    pub fn apply(&self, owner: &Owner, vars: &mut Map, archive: &dyn Archive) -> Value {
        let ids = owner.resolve(&self.named);
        if ids.is_empty() {
            return json!({"inserted": 0, "skipped": 0, "artifacts": []});
        }
        let kind = |id: &str| owner.span(id).and_then(|span| span.text("kind"));
        let (wanted, others): (Vec<&String>, Vec<_>) =
            ids.iter().partition(|id| kind(id).is_none_or(|kind| kind == CONVERSATION || kind == NOTE));
        let (mut inserted, mut skipped, mut artifacts) = (0, 0, Vec::new());
        for id in wanted {
            let put = self.put(id, vars, self.limit.map(|limit| limit - inserted), archive);
            inserted += put.inserted;
            skipped += put.skipped;
            artifacts.push(json!({
                "span_id": id, "inserted": put.inserted, "skipped": put.skipped, "error": put.error, "kind": kind(id),
                "preview": if put.preview.is_empty() { Value::Null } else { put.preview.into() },
            }));
        }
        let other = |id: &String| json!({"span_id": id, "inserted": 0, "skipped": 0, "error": null, "kind": kind(id)});
        artifacts.extend(others.into_iter().map(other));
        let warnings = if self.warnings.is_empty() { Value::Null } else { json!(self.warnings) };
        json!({
            "inserted": inserted, "skipped": skipped, "artifacts": artifacts, "effort": self.effort, "warnings": warnings,
        })
    }

    fn put(&self, id: &str, vars: &mut Map, left: Option<usize>, archive: &dyn Archive) -> Put {
        if left == Some(0) {
            return Put::nothing(Some("max_messages"));
        }
        let Some(archived) = archive.body(id).and_then(|body| archived(id, &body)) else {
            return Put::nothing(Some("missing_messages"));
        };
        let mut active = messages::active(vars).to_vec();
        let mut known: HashSet<String> = active.iter().filter_map(messages::id).map(str::to_owned).collect();
        let before = archived.len();
        let mut fresh: Vec<Value> = archived
            .into_iter()
            .filter(|m| !self.dedup || messages::id(m).is_none_or(|id| known.insert(id.to_owned())))
            .collect();
        let skipped = before - fresh.len();
        fresh.truncate(left.unwrap_or(usize::MAX));
        let (at, inserted, preview) = (place(&active, id, self.placement), fresh.len(), preview(&fresh));
        active.splice(at..at, fresh);
        messages::replace(vars, active);
        Put { inserted, skipped, error: None, preview }
    }
}

/// Puts a note at the end of a conversation; tells how many messages that made: one, or none when it was there.
#[must_use]
pub fn keep_note(vars: &mut Map, artifact_id: &str, body: &Value) -> usize {
    let Some(message) = note::message(artifact_id, body) else { return 0 };
    let mut active = messages::active(vars).to_vec();
    if active.iter().any(|m| messages::id(m) == messages::id(&message)) {
        return 0;
    }
    active.push(message);
    messages::replace(vars, active);
    1
}

/// The messages of an archive, marked as put back.
fn archived(id: &str, body: &Value) -> Option<Vec<Value>> {
    let Some(said) = body.get("messages").and_then(Value::as_array) else {
        return note::message(id, body).map(|message| vec![message]);
    };
    let marked = said.iter().filter_map(Value::as_object).map(|message| {
        let mut message = message.clone();
        let meta = object_at(&mut message, "metadata");
        meta.entry("rehydrated").or_insert(Value::Bool(true));
        meta.entry("source_artifact_id").or_insert_with(|| id.into());
        Value::Object(message)
    });
    Some(marked.collect())
}

fn place(active: &[Value], id: &str, placement: Placement) -> usize {
    let behind_system = || active.iter().take_while(|m| messages::role(m) == "system").count();
    let stands_for = |message: &Value| {
        let meta = |key: &str| message.get("metadata").and_then(|m| m.get(key)).and_then(Value::as_str);
        messages::role(message) == "system" && meta("kind") == Some(SUMMARY) && meta("source_artifact_id") == Some(id)
    };
    match placement {
        Placement::End => active.len(),
        Placement::AfterSystem => behind_system(),
        Placement::AfterSummary => active.iter().position(stands_for).map_or_else(behind_system, |at| at + 1),
    }
}

fn preview(fresh: &[Value]) -> String {
    let lines: Vec<String> = fresh
        .iter()
        .take(PREVIEW_MESSAGES)
        .filter_map(|message| {
            let content = messages::content(message).trim().to_owned();
            match content.as_str() {
                "" => None,
                note if note.starts_with("[MEMORY NOTE]") => Some(content),
                said => Some(format!("{}: {said}", messages::role(message))),
            }
        })
        .collect();
    cut(&lines.join("\n"), PREVIEW)
}
