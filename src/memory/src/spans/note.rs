//! `memory_note`: keeps a text, with labels and where it comes from.

use std::collections::BTreeMap;

use model::{Map, Timestamp, Value};
use serde_json::json;

use super::request::{Scope, cut, executed, given, is_true, shown, tags, text, word};
use super::{NOTE, Span};

/// Characters of a note its entry shows.
const PREVIEW: usize = 160;

/// A note somebody wants kept.
#[derive(Clone, Debug)]
pub struct Note {
    /// Whose memory it goes to.
    pub scope: Scope,
    /// Whether the conversation shows it from now on.
    pub keep_in_context: bool,
    text: String,
    tags: BTreeMap<String, String>,
    location: Option<String>,
    sources: Sources,
}

#[derive(Clone, Debug)]
struct Sources {
    run_id: Option<String>,
    span_ids: Vec<String>,
    message_ids: Vec<String>,
}

/// Who writes, and when.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'a> {
    /// The run that asks.
    pub run_id: &'a str,
    /// Its actor.
    pub actor_id: Option<&'a str>,
    /// The session.
    pub session_id: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
}

impl Note {
    /// Reads the payload.
    ///
    /// # Errors
    /// The text the effect fails with.
    pub fn read(payload: &Map) -> Result<Self, String> {
        let scope = word(payload, &["scope"], "run");
        let scope = match scope.as_str() {
            "run" => Scope::Run,
            "session" => Scope::Session,
            "global" => Scope::Global,
            other => return Err(format!("Unknown memory scope: {other}")),
        };
        let note = match given(payload, &["note"]) {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        if note.is_empty() {
            return Err("MEMORY_NOTE requires payload.note (non-empty string)".into());
        }
        let sources = payload.get("sources").and_then(Value::as_object);
        let list = |key: &str| ids(sources.and_then(|s| s.get(key)));
        Ok(Self {
            scope,
            keep_in_context: given(payload, &["keep_in_context", "keepInContext"]).is_some_and(is_true),
            text: note,
            tags: tags(payload.get("tags")),
            location: text(payload, &["location"]).map(str::to_owned),
            sources: Sources {
                run_id: sources.and_then(|s| text(s, &["run_id"])).map(str::to_owned),
                span_ids: list("span_ids"),
                message_ids: list("message_ids"),
            },
        })
    }

    /// The artifact's content.
    #[must_use]
    pub fn body(&self, writer: &Writer<'_>) -> Value {
        let mut body = Map::from_iter([
            ("note".to_owned(), self.text.as_str().into()),
            ("sources".to_owned(), self.sources(writer)),
            ("created_at".to_owned(), json!(writer.now)),
        ]);
        let also =
            [("location", self.location.as_deref()), ("actor_id", writer.actor_id), ("session_id", writer.session_id)];
        body.extend(also.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into()))));
        Value::Object(body)
    }

    /// The artifact's labels.
    #[must_use]
    pub fn artifact_tags(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::from([("kind".to_owned(), NOTE.to_owned())]);
        all.extend(self.tags.clone());
        all
    }

    /// The entry.
    #[must_use]
    pub fn span(&self, artifact_id: &str, writer: &Writer<'_>) -> Span {
        let mut span = json!({
            "kind": NOTE, "artifact_id": artifact_id, "created_at": writer.now, "from_timestamp": writer.now,
            "to_timestamp": writer.now, "message_count": 0, "note_preview": cut(&self.text, PREVIEW),
        });
        if let Some(location) = &self.location {
            span["location"] = location.as_str().into();
        }
        if !self.tags.is_empty() {
            span["tags"] = json!(self.tags);
        }
        if !self.sources.span_ids.is_empty() || !self.sources.message_ids.is_empty() {
            span["sources"] = self.sources(writer);
        }
        if let Some(actor) = writer.actor_id {
            span["created_by"] = actor.into();
        }
        let Value::Object(span) = span else { unreachable!("an object literal") };
        Span(span)
    }

    /// What the effect answers. `kept` says what became of the wish to show it.
    #[must_use]
    pub fn answer(&self, payload: &Map, span: &Span, kept: Option<Value>) -> Value {
        let mut meta = json!({
            "span_id": span.id(), "created_at": span.get("created_at"), "note_preview": span.get("note_preview"),
        });
        if let Some(kept) = kept {
            meta["kept_in_context"] = kept;
        }
        let output = format!("Stored memory_note span_id={} tags={}", span.id(), shown(&self.tags));
        executed(payload, "remember_note", &output, Some(meta))
    }

    fn sources(&self, writer: &Writer<'_>) -> Value {
        json!({
            "run_id": self.sources.run_id.as_deref().unwrap_or(writer.run_id),
            "span_ids": self.sources.span_ids, "message_ids": self.sources.message_ids,
        })
    }
}

/// The message a note is shown as.
pub(crate) fn message(artifact_id: &str, body: &Value) -> Option<Value> {
    let note = body.get("note")?.as_str().map(str::trim).filter(|note| !note.is_empty())?;
    Some(json!({
        "role": "system", "content": format!("[MEMORY NOTE]\n{note}"),
        "timestamp": body.get("created_at").and_then(Value::as_str).unwrap_or_default(),
        "metadata": {
            "kind": NOTE, "rehydrated": true, "source_artifact_id": artifact_id,
            "message_id": format!("memory_note:{artifact_id}"),
        },
    }))
}

fn ids(value: Option<&Value>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for item in value.and_then(Value::as_array).into_iter().flatten() {
        let id = match item {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => continue,
        };
        if !id.is_empty() && !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}
