//! The hash chain of a ledger (contract 03, 1.5): each record carries the hash of the one before it and its own, so that
//! a record that was changed, taken out, put in or moved no longer fits.
//!
//! A hash is SHA-256 over the record as canonical JSON (sorted keys, no spaces, non-ASCII kept), with `prev_hash` set and
//! without `record_hash` and `signature`. May not know where records are stored. The invariant: what [`Unlinked`] writes
//! and what [`Verifier`] reads hash to the same digits, in every program that follows the contract.
//!
//! The chain makes a change evident to whoever knows an earlier head; it cannot stop somebody who may write the database
//! from computing all of it anew.

mod canonical;
#[cfg(test)]
mod tests;
mod verify;

use sha2::{Digest, Sha256};

use crate::json::{Layout, append, append_object, quote};
use crate::{StepRecord, Value};

pub use verify::{Head, PROBLEMS_MAX, Verifier};

const CANONICAL: Layout = Layout::COMPACT.sorted();

/// A record that waits for its predecessor's hash. All of the work but one hash of the last bytes is done: the one
/// writer of a database, which alone knows the predecessor, has little left to do.
#[derive(Clone, Debug)]
pub struct Unlinked {
    text: String,
    before: Sha256,
    after: String,
}

/// A record in its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// What is stored.
    pub text: String,
    /// Its hash: the next record's `prev_hash`.
    pub hash: String,
}

impl Unlinked {
    /// Prepares a record. Hashes it carries already count for nothing.
    ///
    /// # Errors
    /// When the record cannot be written as JSON.
    pub fn of(record: &mut StepRecord) -> Result<Self, serde_json::Error> {
        (record.prev_hash, record.record_hash, record.signature) = (None, None, None);
        let mut text = serde_json::to_string(record)?;
        // The chain's members stand at the end, in the contract's order.
        text.truncate(text.len().saturating_sub(UNSET.len()));
        let (before, after) = canonical_halves(record);
        Ok(Self { text, before: Sha256::new_with_prefix(before), after })
    }

    /// How many bytes will be stored, about.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len() + 2 * 66 + UNSET.len()
    }

    /// Never: a record has its members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Joins the record to its predecessor.
    #[must_use]
    pub fn link(&self, prev_hash: Option<&str>) -> Linked {
        let prev = prev_hash.map_or_else(|| "null".to_owned(), |hash| format!("\"{hash}\""));
        let hash = hex::encode(self.before.clone().chain_update(&prev).chain_update(&self.after).finalize());
        let mut text = String::with_capacity(self.len());
        text.push_str(&self.text);
        text.extend(["\"prev_hash\":", &prev, ",\"record_hash\":\"", &hash, "\",\"signature\":null}"]);
        Linked { text, hash }
    }
}

/// The end of every record that is not yet in a chain.
const UNSET: &str = "\"prev_hash\":null,\"record_hash\":null,\"signature\":null}";

/// The canonical form up to the value of `prev_hash`, and from there to the end.
fn canonical_halves(record: &StepRecord) -> (String, String) {
    let mut before = Members::begin('{');
    before.text("actor_id", record.actor_id.as_deref());
    before.raw("attempt", &record.attempt.to_string());
    before.key("effect");
    match &record.effect {
        Some(effect) => {
            before.out.push_str("{\"payload\":");
            append_object(&mut before.out, &effect.payload, CANONICAL);
            before.text("result_key", effect.result_key.as_deref());
            before.text("type", Some(effect.kind.as_str()));
            before.out.push('}');
        }
        None => before.out.push_str("null"),
    }
    before.text("ended_at", record.ended_at.map(|moment| moment.to_string()).as_deref());
    before.text("error", record.error.as_deref());
    before.text("idempotency_key", record.idempotency_key.as_deref());
    before.text("node_id", Some(&record.node_id));
    before.key("prev_hash");
    let mut after = Members::begin(',');
    after.key("result");
    append(&mut after.out, record.result.as_ref().unwrap_or(&Value::Null), CANONICAL);
    after.text("run_id", Some(&record.run_id));
    after.text("session_id", record.session_id.as_deref());
    after.text("started_at", Some(&record.started_at.to_string()));
    after.text("status", Some(record.status.as_str()));
    after.text("step_id", Some(&record.step_id));
    after.out.push('}');
    (before.out, after.out)
}

/// Members of an object, written one after the other.
struct Members {
    out: String,
}

impl Members {
    fn begin(with: char) -> Self {
        Self { out: with.to_string() }
    }

    fn key(&mut self, key: &str) {
        if !self.out.ends_with('{') && self.out != "," {
            self.out.push(',');
        }
        self.out.extend(["\"", key, "\":"]);
    }

    fn raw(&mut self, key: &str, value: &str) {
        self.key(key);
        self.out.push_str(value);
    }

    fn text(&mut self, key: &str, value: Option<&str>) {
        self.key(key);
        match value {
            Some(text) => quote(&mut self.out, text, false),
            None => self.out.push_str("null"),
        }
    }
}
