//! `memory_kg_resolve`: which things of the graph go by a name (contract 07, section 3.4). Asked in three rounds: the
//! exact name, where that is allowed or needed the words of the name, and the types of what was found.

use model::packet::collapsed;
use model::{Map, Value};
use serde_json::json;
use store::{FoundTriple, TripleQuery};

use super::assertion::{item, score};
use super::recall::Level;
use super::values::{given, scope, text, whole};
use super::{Owners, WORDS_ONLY, terms};

const TYPE: &str = "rdf:type";
const EVIDENCE_MAX: usize = 3;
const CANDIDATES_MAX: usize = 50;
const TYPES_MAX: usize = 50;

/// When the words of a name count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ByWords {
    Never,
    WithoutExact,
    Always,
}

/// A name to resolve.
#[derive(Clone, Debug)]
pub struct Name {
    label: String,
    expected_type: Option<String>,
    scope: String,
    owner_id: Option<String>,
    candidates_max: usize,
    by_words: ByWords,
    words: Vec<String>,
}

/// A thing that may be meant.
#[derive(Clone, Debug)]
pub struct Candidate {
    id: String,
    label: String,
    scope: String,
    owner_id: String,
    score: f64,
    observed_at: String,
    evidence: Vec<Value>,
}

impl Name {
    /// Reads a payload.
    ///
    /// # Errors
    /// The text the effect fails with.
    pub fn read(payload: &Map) -> Result<Self, String> {
        let level = Level::read(payload)?;
        let (usual, by_level) = match level {
            Some(Level::Urgent) => (3, ByWords::Never),
            Some(Level::Deep) => (10, ByWords::Always),
            Some(Level::Standard) | None => (5, ByWords::WithoutExact),
        };
        let by_words = match given(payload, &["include_semantic", "includeSemantic"]) {
            Some(Value::Bool(true)) => ByWords::WithoutExact,
            Some(Value::Bool(false)) => ByWords::Never,
            _ => by_level,
        };
        let label = text(payload, &["label", "query", "query_text"]).unwrap_or_default();
        // A flow's payload carries the effect's own name as its type: that is no type of a thing.
        let expected = text(payload, &["expected_type", "expectedType"])
            .or_else(|| text(payload, &["type"]).filter(|own| own != "memory_kg_resolve"));
        let wanted = given(payload, &["max_candidates", "maxCandidates", "limit"]);
        Ok(Self {
            words: terms::words(&label),
            label: collapsed(&label).to_lowercase(),
            expected_type: expected.map(|t| t.to_lowercase()),
            scope: scope(payload),
            owner_id: text(payload, &["owner_id"]),
            candidates_max: wanted.and_then(|n| whole(n, 1, CANDIDATES_MAX)).unwrap_or(usual),
            by_words,
        })
    }

    /// The first round: who is called exactly so.
    ///
    /// # Errors
    /// What the effect is answered with instead.
    pub fn exact(&self, owners: &Owners) -> Result<Vec<TripleQuery>, String> {
        if self.label.is_empty() {
            return Err("label is required".into());
        }
        let query = TripleQuery { object: Some(self.label.clone()), ..self.labels() };
        self.for_owners(owners, &query)
    }

    /// The second round: who is called something alike; empty when that is not asked for.
    #[must_use]
    pub fn alike(&self, owners: &Owners, exact: &[FoundTriple]) -> Vec<TripleQuery> {
        let wanted = match self.by_words {
            ByWords::Never => false,
            ByWords::WithoutExact => exact.is_empty(),
            ByWords::Always => true,
        };
        if !wanted || self.words.is_empty() {
            return Vec::new();
        }
        let query = TripleQuery { words: self.words.clone(), words_of_object: true, ..self.labels() };
        // A scope that is none was refused in the first round.
        self.for_owners(owners, &query).unwrap_or_default()
    }

    fn labels(&self) -> TripleQuery {
        TripleQuery {
            predicates: terms::LABELS.map(str::to_owned).to_vec(),
            limit: (self.candidates_max * 10).clamp(10, 200),
            ..TripleQuery::default()
        }
    }

    fn for_owners(&self, owners: &Owners, query: &TripleQuery) -> Result<Vec<TripleQuery>, String> {
        let of = |(scope, owner): (String, String)| TripleQuery {
            scope: Some(scope),
            owner_id: Some(owner),
            ..query.clone()
        };
        Ok(owners.targets(&self.scope, self.owner_id.as_deref())?.into_iter().map(of).collect())
    }

    /// Those that may be meant, the best first: twice as many as are shown, for their types may rule them out.
    #[must_use]
    pub fn candidates(&self, exact: &[FoundTriple], alike: &[FoundTriple]) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = Vec::new();
        for found in exact.iter().chain(alike).filter(|f| f.triple.subject.starts_with("ex:")) {
            let triple = &found.triple;
            let score = score(found, self.words.len()).unwrap_or(1.0);
            let same =
                |c: &&mut Candidate| c.id == triple.subject && c.owner_id == triple.owner_id && c.scope == triple.scope;
            let Some(known) = candidates.iter_mut().find(same) else {
                candidates.push(Candidate {
                    id: triple.subject.clone(),
                    label: triple.object.clone(),
                    scope: triple.scope.clone(),
                    owner_id: triple.owner_id.clone(),
                    score,
                    observed_at: triple.observed_at.clone(),
                    evidence: vec![item(found, self.words.len())],
                });
                continue;
            };
            known.score = known.score.max(score);
            known.observed_at = known.observed_at.clone().max(triple.observed_at.clone());
            if known.evidence.len() < EVIDENCE_MAX {
                known.evidence.push(item(found, self.words.len()));
            }
        }
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| b.observed_at.cmp(&a.observed_at)));
        candidates.truncate(self.candidates_max * 2);
        candidates
    }

    /// The result of the effect. `types` has what [`Candidate::types`] found, for each candidate.
    #[must_use]
    pub fn answer(&self, candidates: Vec<Candidate>, types: &[Vec<FoundTriple>], by_words: bool) -> Value {
        let mut shown: Vec<Value> = Vec::new();
        for (at, candidate) in candidates.into_iter().enumerate() {
            let mut own: Vec<String> = Vec::new();
            for found in types.get(at).into_iter().flatten() {
                let name = found.triple.object.to_lowercase();
                if !own.contains(&name) {
                    own.push(name);
                }
            }
            let fits = self.expected_type.as_ref().is_none_or(|expected| own.contains(expected));
            if fits && shown.len() < self.candidates_max {
                shown.push(json!({
                    "id": candidate.id, "label": candidate.label, "types": own, "scope": candidate.scope,
                    "owner_id": candidate.owner_id, "score": candidate.score, "evidence": candidate.evidence,
                }));
            }
        }
        let raw = json!({"label": self.label, "expected_type": self.expected_type});
        let mut result = json!({"ok": true, "count": shown.len(), "candidates": shown, "raw": raw});
        if by_words {
            result["warnings"] = json!([WORDS_ONLY]);
        }
        result
    }
}

impl Candidate {
    /// The question for its types.
    #[must_use]
    pub fn types(&self) -> TripleQuery {
        TripleQuery {
            subject: Some(self.id.clone()),
            predicates: vec![TYPE.to_owned()],
            scope: Some(self.scope.clone()),
            owner_id: Some(self.owner_id.clone()),
            limit: TYPES_MAX,
            ..TripleQuery::default()
        }
    }
}

/// The result of a name that cannot be looked for.
#[must_use]
pub fn refused(why: &str) -> Value {
    json!({"ok": false, "count": 0, "candidates": [], "error": why})
}
