//! Assertions of the knowledge graph as they are stored and asked for.
//!
//! May not know what a predicate means or who may see what: owner and scope are texts here.

use model::Map;

/// An assertion. Subject, predicate and scope are in lower case already.
#[derive(Clone, Debug, PartialEq)]
pub struct Triple {
    /// Its id: unique in the database.
    pub assertion_id: String,
    /// Of what.
    pub subject: String,
    /// In which respect.
    pub predicate: String,
    /// What; compared whatever its case.
    pub object: String,
    /// `run`, `session`, `global`, or a word of the writer's own.
    pub scope: String,
    /// Whose memory it is.
    pub owner_id: String,
    /// When it was observed, ISO 8601; compared as text.
    pub observed_at: String,
    /// From when it holds.
    pub valid_from: Option<String>,
    /// Until when it holds, this moment excluded.
    pub valid_until: Option<String>,
    /// How sure the writer is.
    pub confidence: Option<f64>,
    /// Where it comes from.
    pub provenance: Map,
    /// What else is said of it.
    pub attributes: Map,
    /// The words it is found by.
    pub text: String,
}

/// An assertion to be stored.
#[derive(Clone, Debug)]
pub struct NewTriple {
    /// What.
    pub triple: Triple,
    /// Keep it beside an equal one of the same owner and scope; otherwise the equal one stays and this one is dropped.
    pub beside_equal: bool,
}

/// What makes two assertions of one owner and scope equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TripleKey {
    /// Whose.
    pub owner_id: String,
    /// Where.
    pub scope: String,
    /// Of what.
    pub subject: String,
    /// In which respect.
    pub predicate: String,
    /// What, in lower case.
    pub object: String,
}

impl Triple {
    /// What makes it equal to another.
    #[must_use]
    pub fn key(&self) -> TripleKey {
        TripleKey {
            owner_id: self.owner_id.clone(),
            scope: self.scope.clone(),
            subject: self.subject.clone(),
            predicate: self.predicate.clone(),
            object: self.object.to_lowercase(),
        }
    }
}

/// Which assertions are wanted. Every filter that is there must hold; texts are compared in lower case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TripleQuery {
    /// Of this.
    pub subject: Option<String>,
    /// In one of these respects; empty: in any.
    pub predicates: Vec<String>,
    /// This.
    pub object: Option<String>,
    /// In this scope.
    pub scope: Option<String>,
    /// Of this owner.
    pub owner_id: Option<String>,
    /// Observed then or later.
    pub since: Option<String>,
    /// Observed then or earlier.
    pub until: Option<String>,
    /// That hold at this moment.
    pub active_at: Option<String>,
    /// With at least one of these words. Then those with most of them come first, and the newest among equals.
    pub words: Vec<String>,
    /// Only words of the object count.
    pub words_of_object: bool,
    /// The oldest first; otherwise the newest. Without meaning beside words.
    pub oldest_first: bool,
    /// At most so many.
    pub limit: usize,
}

impl TripleQuery {
    /// Words of one query, at most; each is looked up by itself, those beyond are not.
    pub const WORDS_MAX: usize = 32;
}

/// An assertion that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundTriple {
    /// It.
    pub triple: Triple,
    /// How many of the words it has, when words were asked for.
    pub words_found: Option<usize>,
}
