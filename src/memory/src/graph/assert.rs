//! `memory_kg_assert`: what is to be kept, checked and normalised before anything is stored (contract 07, section 3.4).

use std::collections::HashSet;

use model::{Map, Timestamp, Value};
use serde_json::json;
use store::{NewTriple, Triple, TripleKey};

use super::assertion::{Defaults, read as read_one};
use super::values::{boolean, given, scope, text, truthy};
use super::{Owners, terms};

/// Assertions one effect may bring.
pub const ASSERTIONS_MAX: usize = 10_000;

const NEEDED: &str = "MEMORY_KG_ASSERT requires payload.assertions (list[object])";
const NAMED_MAX: usize = 12;
const EXPLAINED_MAX: usize = 5;

/// Who asserts, and when.
#[derive(Debug)]
pub struct Writer<'a> {
    /// Whose memory its scopes are.
    pub owners: &'a Owners,
    /// The run.
    pub run_id: &'a str,
    /// Its workflow.
    pub workflow_id: &'a str,
    /// The moment.
    pub now: Timestamp,
}

/// Checked assertions.
#[derive(Debug, PartialEq)]
pub struct Assertions {
    /// They, in order; without ids.
    pub triples: Vec<Triple>,
    /// Whether what is known already is left out.
    pub deduplicate: bool,
}

/// Reads the payload. None: it says there is nothing to assert.
///
/// # Errors
/// The text the effect fails with; then nothing is to be stored.
pub fn read(payload: &Map, writer: &Writer<'_>) -> Result<Option<Assertions>, String> {
    let said = match given(payload, &["assertions", "triples", "items"]) {
        Some(Value::Array(items)) if items.is_empty() => return Ok(None),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_object).collect(),
        Some(Value::Object(one)) => vec![one],
        _ => Vec::new(),
    };
    if said.is_empty() {
        return Err(NEEDED.into());
    }
    if said.len() > ASSERTIONS_MAX {
        return Err(format!("MEMORY_KG_ASSERT takes at most {ASSERTIONS_MAX} assertions; assert them in parts"));
    }
    let custom = given(payload, &["allow_custom_predicates", "allow_custom"]).is_some_and(truthy);
    check_predicates(&said, custom)?;
    let triples = read_all(&said, payload, writer)?;
    let deduplicate = given(payload, &["dedupe", "deduplicate"]).and_then(boolean).unwrap_or(true);
    Ok(Some(Assertions { triples, deduplicate }))
}

fn check_predicates(said: &[&Map], custom: bool) -> Result<(), String> {
    let mut unknown: Vec<String> = Vec::new();
    for assertion in said {
        let given = text(assertion, &["predicate"]);
        let normal = given.as_deref().map(terms::predicate).unwrap_or_default();
        if terms::is_known(&normal) || (custom && normal.starts_with("ex:")) {
            continue;
        }
        let name = given.unwrap_or_else(|| "<missing>".to_owned());
        if !unknown.contains(&name) {
            unknown.push(name);
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let more = if unknown.len() > NAMED_MAX { " …" } else { "" };
    unknown.truncate(NAMED_MAX);
    Err(format!(
        "MEMORY_KG_ASSERT rejected unknown predicates. Got: {}{more}. Use predicates of the semantics registry, or allow \
         custom ones (allow_custom_predicates) and begin them with ex:",
        unknown.join(", ")
    ))
}

fn read_all(said: &[&Map], payload: &Map, writer: &Writer<'_>) -> Result<Vec<Triple>, String> {
    let owner_id = text(payload, &["owner_id"]);
    let mut provenance = Map::new();
    provenance.extend(text(payload, &["span_id"]).map(|id| ("span_id".to_owned(), id.into())));
    provenance.insert("writer_run_id".into(), writer.run_id.into());
    provenance.insert("writer_workflow_id".into(), writer.workflow_id.into());
    let no_attributes = Map::new();
    let defaults = Defaults {
        scope: &scope(payload),
        observed_at: &moment(writer.now),
        provenance: &provenance,
        attributes: payload.get("attributes_defaults").and_then(Value::as_object).unwrap_or(&no_attributes),
    };
    let owner_of = |scope: &str| {
        let own = || writer.owners.of(scope).map(str::to_owned);
        owner_id.clone().or_else(own).ok_or_else(|| format!("Unknown memory scope: {scope}"))
    };
    let (mut triples, mut wrong) = (Vec::with_capacity(said.len()), Vec::new());
    for assertion in said {
        match read_one(assertion, &defaults, owner_of) {
            Ok(triple) => triples.push(triple),
            Err(why) => wrong.push(why),
        }
    }
    if wrong.is_empty() {
        return Ok(triples);
    }
    let more = if wrong.len() > EXPLAINED_MAX { " …" } else { "" };
    wrong.truncate(EXPLAINED_MAX);
    Err(format!("MEMORY_KG_ASSERT contained invalid assertions: {}{more}", wrong.join(" | ")))
}

/// A moment with all its microseconds, so that moments compare as texts.
fn moment(now: Timestamp) -> String {
    let text = now.to_string();
    if text.contains('.') { text } else { text.replacen("+00:00", ".000000+00:00", 1) }
}

impl Assertions {
    /// What must be looked up before they can be stored.
    #[must_use]
    pub fn keys(&self) -> Vec<TripleKey> {
        if self.deduplicate { self.triples.iter().map(Triple::key).collect() } else { Vec::new() }
    }

    /// What is to be stored, given which of [`Self::keys`] are known, and the result of the effect. Of equal assertions
    /// of one effect the first is stored.
    #[must_use]
    pub fn settle(self, known: &[bool], mut new_id: impl FnMut() -> String) -> (Vec<NewTriple>, Value) {
        let attempted = self.triples.len();
        let (mut seen, mut new): (HashSet<TripleKey>, Vec<NewTriple>) = (HashSet::new(), Vec::new());
        for (at, mut triple) in self.triples.into_iter().enumerate() {
            let known = known.get(at).copied().unwrap_or(false);
            if self.deduplicate && (known || !seen.insert(triple.key())) {
                continue;
            }
            triple.assertion_id = new_id();
            new.push(NewTriple { triple, beside_equal: !self.deduplicate });
        }
        let ids: Vec<&str> = new.iter().map(|n| n.triple.assertion_id.as_str()).collect();
        let result = json!({
            "ok": true, "count": new.len(), "assertion_ids": ids, "count_attempted": attempted,
            "skipped_duplicates": attempted - new.len(),
        });
        (new, result)
    }
}

/// The result of an effect that has nothing to assert.
#[must_use]
pub fn nothing() -> Value {
    json!({"ok": true, "count": 0, "assertion_ids": [], "skipped": true})
}
