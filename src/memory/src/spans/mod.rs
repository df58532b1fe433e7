//! Notes and archived conversations: what an effect on them means (contract 03, section 11.1 to 11.5).
//!
//! Pure: it reads what it is given and says what is to be kept; it may not know where entries and bodies lie, nor the
//! clock. The invariants: an entry is known by the id of its artifact; wherever a number stands for an entry, 1 is the
//! newest of its owner.

pub mod compact;
mod connect;
mod filter;
pub mod level;
pub mod messages;
pub mod note;
pub mod query;
pub mod rehydrate;
mod render;
pub mod request;
pub mod summary;
pub mod tag;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use model::{ArtifactMeta, Map, Timestamp, Value};

/// The kind of a note.
pub const NOTE: &str = "memory_note";
/// The kind of an archived conversation.
pub const CONVERSATION: &str = "conversation_span";
/// The kind of what a tool has seen. It is kept beside the others and never recalled.
pub const EVIDENCE: &str = "evidence";
/// The kind of the message that stands for an archived conversation.
pub const SUMMARY: &str = "memory_summary";

/// The bodies entries speak of.
pub trait Archive {
    /// The JSON of an artifact; none when it is not there or is no JSON.
    fn body(&self, id: &str) -> Option<Value>;

    /// What is known of an artifact.
    fn meta(&self, id: &str) -> Option<ArtifactMeta>;
}

/// An entry: an object with the id of its artifact.
#[derive(Clone, Debug, PartialEq)]
pub struct Span(Map);

impl Span {
    /// An entry as it is stored; none when it names no artifact.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        let map = value.as_object()?;
        let named = map.get("artifact_id")?.as_str().is_some_and(|id| !id.trim().is_empty());
        named.then(|| Self(map.clone()))
    }

    /// The id of its artifact.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text("artifact_id").unwrap_or_default()
    }

    /// A member that is a text with something in it.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// A member.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The labels somebody gave it.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        let tags = self.0.get("tags").and_then(Value::as_object);
        tags.into_iter().flatten().filter_map(|(k, v)| Some((k.as_str(), v.as_str()?)))
    }

    /// The entry to store.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }

    fn moment(&self, key: &str) -> Option<Timestamp> {
        request::moment(self.text(key)?)
    }
}

/// Whoever owns entries: a run, or the owner run of a session or of everything.
#[derive(Clone, Debug, Default)]
pub struct Owner {
    /// Its id.
    pub run_id: String,
    /// Its entries, the newest first.
    pub spans: Vec<Span>,
    /// The summaries that stand in its conversation for archived ones.
    pub summaries: HashMap<String, String>,
}

impl Owner {
    /// An owner by its variables and the stored entries, in the order they were kept. Entries in the variables are those a
    /// Python gateway left: they come before ours, each in its stored state where it was changed since.
    #[must_use]
    pub fn new(run_id: &str, vars: &Map, stored: &[Value]) -> Self {
        let mut known: Vec<Span> = Vec::new();
        let left = vars.get("_runtime").and_then(|r| r.get("memory_spans")).and_then(Value::as_array);
        for span in left.into_iter().flatten().chain(stored).filter_map(Span::of) {
            match known.iter_mut().find(|known| known.id() == span.id()) {
                Some(known) => *known = span,
                None => known.push(span),
            }
        }
        known.reverse();
        known.sort_by_key(|span| std::cmp::Reverse(span.moment("created_at")));
        Self { run_id: run_id.to_owned(), spans: known, summaries: summaries(vars) }
    }

    /// The entry of that id.
    #[must_use]
    pub fn span(&self, id: &str) -> Option<&Span> {
        self.spans.iter().find(|span| span.id() == id)
    }

    /// Entries by ids or numbers. An id nobody knows here stays: it may be that of another owner's entry.
    #[must_use]
    pub fn resolve(&self, named: &[Value]) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        let found = named.iter().filter_map(|name| self.resolve_one(name));
        for id in found {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    fn resolve_one(&self, name: &Value) -> Option<String> {
        if let Some(id) = name.as_str().map(str::trim).filter(|id| self.span(id).is_some()) {
            return Some(id.to_owned());
        }
        match Name::of(name)? {
            Name::Id(id) => Some(id),
            Name::Number(number) => Some(self.spans.get(number.checked_sub(1)?)?.id().to_owned()),
        }
    }
}

/// How somebody names an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// By its id.
    Id(String),
    /// By its place: 1 is the newest.
    Number(usize),
}

impl Name {
    /// Reads a name: a text of digits is a number.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_u64().and_then(|n| usize::try_from(n).ok()).map(Self::Number),
            Value::String(text) => match text.trim() {
                "" => None,
                digits if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok().map(Self::Number),
                id => Some(Self::Id(id.to_owned())),
            },
            _ => None,
        }
    }
}

/// The summaries in a conversation by the id of what they stand for.
fn summaries(vars: &Map) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for message in messages::active(vars).iter().filter(|m| messages::role(m) == "system") {
        let meta = message.get("metadata");
        let text = |key: &str| meta.and_then(|m| m.get(key)).and_then(Value::as_str);
        if let Some(id) = text("source_artifact_id").filter(|_| text("kind") == Some(SUMMARY)) {
            found.insert(id.to_owned(), messages::content(message));
        }
    }
    found
}
