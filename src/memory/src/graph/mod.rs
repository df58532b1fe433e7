//! The knowledge graph: what may be asserted and in which form, how it is asked for, and how answers become text for a
//! prompt (contract 07, section 3). Everything here is a function from values to values: `service` reads and writes the
//! store between them.
//!
//! May not know runs, ledgers, the clock, or how assertions are stored. The one invariant: whatever is written and
//! whatever is asked for goes through the same normalisation, so what was asserted is found.

pub mod assert;
mod assertion;
mod pack;
pub mod query;
pub mod recall;
pub mod resolve;
pub mod terms;
mod values;

pub use assertion::item;

/// Said wherever a text was matched by its words.
pub const WORDS_ONLY: &str = "query_text was matched by its words: no embedding model serves the knowledge graph, so \
scores count shared words and min_score does not apply";

/// Whose memory each scope of a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owners {
    /// The run itself.
    pub run: String,
    /// Its session.
    pub session: String,
    /// Everybody on the data plane.
    pub global: String,
}

impl Owners {
    /// The owner of a scope; none for a word that is no scope.
    #[must_use]
    pub fn of(&self, scope: &str) -> Option<&str> {
        match scope {
            "run" => Some(&self.run),
            "session" => Some(&self.session),
            "global" => Some(&self.global),
            _ => None,
        }
    }

    /// Where to look for a scope of a request: pairs of scope and owner. `all` is the three; another scope may name its
    /// owner.
    ///
    /// # Errors
    /// A word that is no scope.
    pub fn targets(&self, scope: &str, owner_id: Option<&str>) -> Result<Vec<(String, String)>, String> {
        let pair = |scope: &str, owner: &str| (scope.to_owned(), owner.to_owned());
        if scope == "all" {
            return Ok(vec![pair("run", &self.run), pair("session", &self.session), pair("global", &self.global)]);
        }
        let own = self.of(scope).ok_or_else(|| format!("Unknown memory scope: {scope}"))?;
        Ok(vec![pair(scope, owner_id.unwrap_or(own))])
    }
}

#[cfg(test)]
mod tests;
