//! `memory_compact`: archives the older part of a conversation and leaves a summary in its place.
//!
//! In three moves, because a model writes the summary: [`Compaction::cut`] says what is archived, [`Cut::body`] what the
//! archive holds, [`Cut::apply`] changes the conversation. The invariant: what is archived and what stays are together all
//! that was said; a call for tools never parts from its results.

use std::collections::{BTreeMap, HashSet};

use model::{Map, Timestamp, Value};
use serde_json::json;

use super::request::{executed, text, whole};
use super::summary::Summary;
use super::{CONVERSATION, SUMMARY, Span, messages};

/// Messages that stay when nobody says how many.
const PRESERVE_RECENT: usize = 6;

/// A compaction as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compaction {
    /// How many of the latest messages stay, besides system messages.
    pub preserve_recent: usize,
    /// How short the summary is.
    pub mode: Mode,
    /// What it is to keep in view.
    pub focus: Option<String>,
}

/// How much a summary leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Little.
    Light,
    /// The usual.
    Standard,
    /// All but the essence.
    Heavy,
}

impl Mode {
    /// The word callers use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Standard => "standard",
            Self::Heavy => "heavy",
        }
    }
}

/// What a compaction archives.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// The messages, each with an id and a time.
    pub older: Vec<Value>,
}

/// The conversation is not the one that was cut: somebody changed it meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outdated;

/// Who compacts, and when.
#[derive(Clone, Copy, Debug)]
pub struct Archivist<'a> {
    /// The actor.
    pub actor_id: Option<&'a str>,
    /// The id of the message that holds the summary.
    pub message_id: &'a str,
    /// Now.
    pub now: Timestamp,
}

impl Compaction {
    /// Reads the payload. What cannot be read is the default; `preserve_recent: 0` keeps nothing.
    #[must_use]
    pub fn read(payload: &Map) -> Self {
        let recent = ["preserve_recent", "preserveRecent"].iter().find_map(|name| whole(payload, name));
        let mode = text(payload, &["compression_mode", "compressionMode"]).unwrap_or_default().to_lowercase();
        Self {
            preserve_recent: recent.map_or(PRESERVE_RECENT, |n| usize::try_from(n).unwrap_or(0)),
            mode: match mode.as_str() {
                "light" => Mode::Light,
                "heavy" => Mode::Heavy,
                _ => Mode::Standard,
            },
            focus: text(payload, &["focus"]).map(str::to_owned),
        }
    }

    /// What is to be archived.
    ///
    /// # Errors
    /// Why there is nothing, as the effect answers it.
    pub fn cut(&self, vars: &Map, now: Timestamp, new_id: &mut dyn FnMut() -> String) -> Result<Cut, String> {
        let all: Vec<Value> = messages::active(vars).iter().filter_map(|m| messages::normal(m, now, new_id)).collect();
        if all.is_empty() {
            return Err("No messages to compact.".into());
        }
        let said: Vec<Value> = all.into_iter().filter(|m| messages::role(m) != "system").collect();
        let older = said[..boundary(&said, self.preserve_recent)].to_vec();
        if older.is_empty() {
            let kept = self.preserve_recent;
            return Err(format!("Nothing to compact (non-system messages <= preserve_recent={kept})."));
        }
        Ok(Cut { older })
    }

    /// The archive's labels.
    #[must_use]
    pub fn artifact_tags(&self) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::from([
            ("kind".to_owned(), CONVERSATION.to_owned()),
            ("compression_mode".to_owned(), self.mode.as_str().to_owned()),
            ("preserve_recent".to_owned(), self.preserve_recent.to_string()),
        ]);
        tags.extend(self.focus.clone().map(|focus| ("focus".to_owned(), focus)));
        tags
    }

    /// What the effect answers after it has archived.
    #[must_use]
    pub fn answer(&self, payload: &Map, cut: &Cut, archive_id: &str, by: &Archivist<'_>, summary: &Summary) -> Value {
        let meta = json!({
            "llm_run_id": null, "span_id": archive_id, "summary_message_id": by.message_id,
            "preserve_recent": self.preserve_recent, "compression_mode": self.mode.as_str(), "focus": self.focus,
            "key_points": summary.key_points, "confidence": summary.confidence,
        });
        let output = format!("Compacted {} messages into span_id={archive_id}.", cut.older.len());
        executed(payload, "compact_memory", &output, Some(meta))
    }

    /// What the effect answers when there was nothing to do.
    #[must_use]
    pub fn idle(payload: &Map, why: &str) -> Value {
        executed(payload, "compact_memory", why, None)
    }
}

impl Cut {
    /// The archive's content.
    #[must_use]
    pub fn body(&self, now: Timestamp) -> Value {
        json!({"messages": self.older, "span": self.about(), "created_at": now})
    }

    fn about(&self) -> Value {
        let time = |message: Option<&Value>| message.and_then(|m| m.get("timestamp")).cloned();
        let (first, last) = (self.older.first(), self.older.last());
        json!({
            "from_timestamp": time(first), "to_timestamp": time(last),
            "from_message_id": first.and_then(messages::id), "to_message_id": last.and_then(messages::id),
            "message_count": self.older.len(),
        })
    }

    /// Puts the summary in the place of what was cut; gives the entry. What was said since stays.
    ///
    /// # Errors
    /// The conversation does not begin with what was cut any more.
    pub fn apply(
        &self,
        vars: &mut Map,
        asked: &Compaction,
        archive_id: &str,
        summary: &Summary,
        by: &Archivist<'_>,
    ) -> Result<Span, Outdated> {
        let active = messages::active(vars);
        let (system, said): (Vec<&Value>, Vec<&Value>) =
            active.iter().filter(|m| m.is_object()).partition(|m| messages::role(m) == "system");
        let same = |(old, now): (&Value, &&Value)| {
            messages::role(old) == messages::role(now)
                && messages::content(old) == messages::content(now)
                && messages::id(now).is_none_or(|id| messages::id(old) == Some(id))
        };
        if said.len() < self.older.len() || !self.older.iter().zip(&said).all(same) {
            return Err(Outdated);
        }
        let kept = said[self.older.len()..].iter();
        let summarised = self.summary_message(asked, archive_id, summary, by);
        let all = system.into_iter().cloned().chain([summarised]).chain(kept.map(|m| (*m).clone())).collect();
        messages::replace(vars, all);
        Ok(self.span(asked, archive_id, by))
    }

    fn summary_message(&self, asked: &Compaction, archive_id: &str, summary: &Summary, by: &Archivist<'_>) -> Value {
        let about = self.about();
        let mut metadata = json!({
            "message_id": by.message_id, "kind": SUMMARY, "compression_mode": asked.mode.as_str(),
            "preserve_recent": asked.preserve_recent, "source_artifact_id": archive_id,
            "source_message_count": about["message_count"],
            "source_from_timestamp": about["from_timestamp"], "source_to_timestamp": about["to_timestamp"],
            "source_from_message_id": about["from_message_id"], "source_to_message_id": about["to_message_id"],
        });
        if let Some(focus) = &asked.focus {
            metadata["focus"] = focus.as_str().into();
        }
        json!({
            "role": "system", "content": format!("[CONVERSATION HISTORY SUMMARY span_id={archive_id}]: {}", summary.text),
            "timestamp": by.now, "metadata": metadata,
        })
    }

    fn span(&self, asked: &Compaction, archive_id: &str, by: &Archivist<'_>) -> Span {
        let mut span = Map::from_iter([
            ("kind".to_owned(), CONVERSATION.into()),
            ("artifact_id".to_owned(), archive_id.into()),
            ("created_at".to_owned(), json!(by.now)),
            ("summary_message_id".to_owned(), by.message_id.into()),
        ]);
        if let Value::Object(about) = self.about() {
            span.extend(about);
        }
        span.insert("compression_mode".into(), asked.mode.as_str().into());
        span.insert("focus".into(), json!(asked.focus));
        span.extend(by.actor_id.map(|actor| ("created_by".to_owned(), actor.into())));
        Span(span)
    }
}

/// How many messages are older. A result stays with the call it answers, and a call that is not answered yet stays.
fn boundary(said: &[Value], preserve_recent: usize) -> usize {
    let mut boundary = said.len().saturating_sub(preserve_recent);
    if let Some(open) = open_call(said) {
        boundary = boundary.min(open);
    }
    while boundary > 0 && said.get(boundary).is_some_and(|m| messages::role(m) == "tool") {
        boundary -= 1;
    }
    boundary
}

/// The latest message that calls tools, when a result is still to come.
fn open_call(said: &[Value]) -> Option<usize> {
    let calls =
        |message: &Value| message.get("tool_calls").and_then(Value::as_array).filter(|c| !c.is_empty()).cloned();
    let (at, calls) = said.iter().enumerate().rev().find_map(|(i, m)| Some((i, calls(m)?)))?;
    let answered: HashSet<&str> = said[at..]
        .iter()
        .filter(|m| messages::role(m) == "tool")
        .filter_map(|m| m.get("tool_call_id").or_else(|| m.get("metadata")?.get("call_id"))?.as_str())
        .collect();
    let open = |call: &Value| call.get("id").and_then(Value::as_str).is_some_and(|id| !answered.contains(id));
    calls.iter().any(open).then_some(at)
}
