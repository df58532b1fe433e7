//! The knowledge graph (contract 07, section 5).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Method::Post;
use super::{Access, Kind, Operation, Row, body};
use crate::operation;

/// Assertions that were found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GraphAnswer {
    /// Always true.
    pub ok: bool,
    /// The scope that was asked.
    pub scope: String,
    /// Whose memory it was; null when it was that of several.
    pub owner_id: Option<String>,
    /// How many there are.
    pub count: usize,
    /// The assertions.
    pub items: Vec<Value>,
    /// What was asked for and not done.
    pub warnings: Option<Vec<String>>,
    /// Where the graph is kept and what it can do.
    pub store: Value,
}

operation! {
    /// Queries the knowledge graph.
    QueryGraph = Row::new("kg.query", Post, "/api/gateway/kg/query", Access::User) => GraphAnswer {
        /// Whose memory: `run`, `session`, `global`, or `all` three.
        scope: String = body(Kind::Text).or("\"session\""),
        /// The run whose memory it is, or that of its session.
        run_id: Option<String> = body(Kind::Text).optional(),
        /// The session whose memory it is.
        session_id: Option<String> = body(Kind::Text).optional(),
        /// The owner of the memory, when it is neither run nor session.
        owner_id: Option<String> = body(Kind::Text).optional(),
        /// Only of this subject.
        subject: Option<String> = body(Kind::Text).optional(),
        /// Only with this predicate.
        predicate: Option<String> = body(Kind::Text).optional(),
        /// Only of this object.
        object: Option<String> = body(Kind::Text).optional(),
        /// Only observed then or later.
        since: Option<String> = body(Kind::Text).optional(),
        /// Only observed then or earlier.
        until: Option<String> = body(Kind::Text).optional(),
        /// Only valid at this moment.
        active_at: Option<String> = body(Kind::Text).optional(),
        /// Similar in meaning: refused while no embedding model serves the graph; see `words`.
        query_text: Option<String> = body(Kind::Text).optional(),
        /// With at least one of these words; those with most of them come first.
        words: Option<String> = body(Kind::Text).optional(),
        /// How similar, at least.
        min_score: Option<f64> = body(Kind::Number).optional(),
        /// Of every owner of the scope.
        all_owners: bool = body(Kind::Boolean).or("false"),
        /// At most so many; 0 or less for as many as one answer may hold.
        limit: i64 = body(Kind::Integer).min(-1).max(10_000).or("500"),
        /// `desc`: the newest first; `asc`: the oldest.
        order: String = body(Kind::Text).or("\"desc\""),
    }
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![QueryGraph::ROW]
}
