//! `memory_tag`: labels an entry that is there. The artifact stays as it is.

use std::collections::BTreeMap;

use model::{Map, Timestamp, Value};
use serde_json::json;

use super::request::{self, Scope, executed, given, is_true, shown};
use super::{Name, Owner, Span};

/// Labels somebody wants on an entry.
#[derive(Clone, Debug)]
pub struct Tagging {
    /// Whose memory is looked at.
    pub scope: Scope,
    name: Name,
    /// The name as it was written: an id may consist of digits.
    written: Value,
    tags: BTreeMap<String, String>,
    merge: bool,
}

/// An entry that was labelled.
#[derive(Clone, Debug)]
pub struct Tagged {
    /// Its owner.
    pub owner: String,
    /// Its new state.
    pub span: Span,
}

impl Tagging {
    /// Reads the payload.
    ///
    /// # Errors
    /// The text the effect fails with.
    pub fn read(payload: &Map) -> Result<Self, String> {
        let scope = request::scope(payload, "memory_tag")?;
        let written = given(payload, &["span_id"]).ok_or("MEMORY_TAG requires payload.span_id")?.clone();
        if payload.get("tags").and_then(Value::as_object).is_none_or(Map::is_empty) {
            return Err("MEMORY_TAG requires payload.tags as a non-empty dict[str,str]".into());
        }
        let tags = request::tags(payload.get("tags"));
        if tags.is_empty() {
            return Err("MEMORY_TAG requires at least one non-empty string tag".into());
        }
        let name = Name::of(&written).ok_or("MEMORY_TAG requires span_id as a non-empty text or a positive number")?;
        if scope == Scope::All && matches!(name, Name::Number(_)) {
            return Err("memory_tag scope='all' requires span_id as artifact id (no indices)".into());
        }
        let merge = given(payload, &["merge"]).is_none_or(is_true);
        Ok(Self { scope, name, written, tags, merge })
    }

    /// Labels the entry with every owner that has it.
    ///
    /// # Errors
    /// The text the effect fails with when nobody has it.
    pub fn apply(&self, owners: &[Owner], actor_id: Option<&str>, now: Timestamp) -> Result<Vec<Tagged>, String> {
        let found = owners.iter().filter_map(|owner| {
            let id = owner.resolve_one(&self.written)?;
            Some(Tagged { owner: owner.run_id.clone(), span: self.labelled(owner.span(&id)?, actor_id, now) })
        });
        let found: Vec<Tagged> = found.collect();
        match (&self.name, found.is_empty()) {
            (_, false) => Ok(found),
            (Name::Id(id), true) => Err(format!("Unknown span_id: {id}")),
            (Name::Number(number), true) => Err(format!("Unknown span index: {number}")),
        }
    }

    fn labelled(&self, span: &Span, actor_id: Option<&str>, now: Timestamp) -> Span {
        let mut map = span.0.clone();
        let before = map.get("tags").and_then(Value::as_object).filter(|_| self.merge);
        let mut tags = before.cloned().unwrap_or_default();
        tags.extend(self.tags.iter().map(|(key, value)| (key.clone(), value.as_str().into())));
        map.insert("tags".into(), Value::Object(tags));
        map.insert("tagged_at".into(), json!(now));
        if let Some(actor) = actor_id {
            map.insert("tagged_by".into(), actor.into());
        }
        Span(map)
    }

    /// What the effect answers.
    #[must_use]
    pub fn answer(&self, payload: &Map, tagged: &[Tagged]) -> Value {
        let (id, tags) = tagged.first().map_or(("", BTreeMap::new()), |first| {
            (first.span.id(), first.span.tags().map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
        });
        let runs = tagged.iter().map(|t| t.owner.as_str()).collect::<Vec<_>>().join(",");
        let output = format!("Tagged span_id={id} scope={} runs=[{runs}] tags={}", self.scope.as_str(), shown(&tags));
        let applied = |t: &Tagged| json!({"run_id": t.owner, "artifact_id": t.span.id(), "tags": t.span.get("tags")});
        let meta = json!({"applied": tagged.iter().map(applied).collect::<Vec<_>>()});
        executed(payload, "remember", &output, Some(meta))
    }
}
