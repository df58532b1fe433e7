//! `memory_kg_query`: a question to the graph, and the answer made of what was found (contract 07, sections 3.3 to 3.6).

use std::cmp::Ordering;

use model::{Map, Value, packet};
use serde_json::json;
use store::{FoundTriple, TripleQuery};

use super::assertion::item;
use super::recall::{Effort, Level};
use super::values::{scope, text};
use super::{Owners, WORDS_ONLY, pack, terms};

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    scope: String,
    owner_id: Option<String>,
    filters: TripleQuery,
    by_words: bool,
    level: Option<Level>,
    effort: Effort,
    model: Option<String>,
}

impl Question {
    /// Reads a payload.
    ///
    /// # Errors
    /// The text the effect fails with.
    pub fn read(payload: &Map) -> Result<Self, String> {
        let level = Level::read(payload)?;
        let effort = Effort::read(payload, level);
        let term = |key: &str| text(payload, &[key]).map(|term| terms::instance(&term).to_lowercase());
        let wanted = text(payload, &["query_text"]);
        let filters = TripleQuery {
            subject: term("subject"),
            predicates: text(payload, &["predicate"]).map(|p| terms::predicate(&p)).into_iter().collect(),
            object: term("object"),
            since: text(payload, &["since"]),
            until: text(payload, &["until"]),
            active_at: text(payload, &["active_at"]),
            words: wanted.as_deref().map(terms::words).unwrap_or_default(),
            oldest_first: text(payload, &["order"]).is_some_and(|order| order.eq_ignore_ascii_case("asc")),
            limit: effort.limit,
            ..TripleQuery::default()
        };
        Ok(Self {
            scope: scope(payload),
            owner_id: text(payload, &["owner_id"]),
            filters,
            by_words: wanted.is_some(),
            level,
            effort,
            model: text(payload, &["model"]),
        })
    }

    /// What to ask the store, one query an owner.
    ///
    /// # Errors
    /// What the question is answered with instead.
    pub fn queries(&self, owners: &Owners) -> Result<Vec<TripleQuery>, String> {
        let targets = owners.targets(&self.scope, self.owner_id.as_deref())?;
        if self.by_words && self.filters.words.is_empty() {
            return Ok(Vec::new());
        }
        let of = |(scope, owner): (String, String)| TripleQuery {
            scope: Some(scope),
            owner_id: Some(owner),
            ..self.filters.clone()
        };
        Ok(targets.into_iter().map(of).collect())
    }

    /// The result of the effect.
    #[must_use]
    pub fn answer(&self, mut found: Vec<FoundTriple>) -> Value {
        found.sort_by(|a, b| self.order(a, b));
        found.truncate(self.effort.limit);
        let items: Vec<Value> = found.iter().map(|f| item(f, self.filters.words.len())).collect();
        let mut result = Map::from_iter([("ok".to_owned(), true.into()), ("count".to_owned(), items.len().into())]);
        result.extend(self.level.map(|level| ("effort".to_owned(), self.effort.shown(level))));
        if self.effort.budget > 0 {
            self.pack(&items, &mut result);
        }
        let mut warnings = self.effort.warnings.clone();
        warnings.extend(self.by_words.then(|| WORDS_ONLY.to_owned()));
        if !warnings.is_empty() {
            result.insert("warnings".into(), json!(warnings));
        }
        result.insert("items".into(), Value::Array(items));
        Value::Object(result)
    }

    fn order(&self, a: &FoundTriple, b: &FoundTriple) -> Ordering {
        let newest = || b.triple.observed_at.cmp(&a.triple.observed_at);
        if self.by_words {
            return b.words_found.cmp(&a.words_found).then_with(newest);
        }
        if self.filters.oldest_first { newest().reverse() } else { newest() }
    }

    fn pack(&self, items: &[Value], result: &mut Map) {
        let mut packets = packet::packets(items);
        let packed = pack::pack(&packets, &self.scope, self.by_words, self.effort.budget, self.model.as_deref());
        let dropped = packets.len() - packed.kept;
        packets.truncate(packed.kept);
        result.insert("packets_version".into(), packet::VERSION.into());
        result.insert("packets".into(), Value::Array(packets));
        result.insert("packed_count".into(), packed.kept.into());
        result.insert("active_memory_text".into(), packed.text.into());
        result.insert("estimated_tokens".into(), packed.tokens.into());
        result.insert("dropped".into(), dropped.into());
    }
}

/// The result of a question that cannot be asked.
#[must_use]
pub fn refused(why: &str) -> Value {
    json!({"ok": false, "count": 0, "items": [], "error": why})
}
