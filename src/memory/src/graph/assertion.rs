//! One assertion: read from what a flow says, and shown as clients read it (contract 07, section 3.1).

use model::{Map, Value};
use serde_json::json;
use store::{FoundTriple, Triple};

use super::terms;
use super::values::{number, text, truthy};

/// Characters a subject, predicate or object may have.
pub(super) const TERM_CHARS_MAX: usize = 16 * 1024;

const CONTEXT_CHARS: usize = 400;

/// What an assertion gets that does not say it itself.
pub(super) struct Defaults<'a> {
    pub scope: &'a str,
    pub observed_at: &'a str,
    pub provenance: &'a Map,
    pub attributes: &'a Map,
}

/// Reads an assertion; `owner_of` gives the owner of its scope.
pub(super) fn read(
    said: &Map,
    defaults: &Defaults<'_>,
    owner_of: impl Fn(&str) -> Result<String, String>,
) -> Result<Triple, String> {
    let term = |key: &str| {
        let term = text(said, &[key]).ok_or_else(|| format!("TripleAssertion.{key} must be a non-empty string"))?;
        if term.chars().count() > TERM_CHARS_MAX {
            return Err(format!("TripleAssertion.{key} is longer than {TERM_CHARS_MAX} characters"));
        }
        Ok(term)
    };
    let (subject, predicate, object) = (term("subject")?, term("predicate")?, term("object")?);
    let map = |key: &str| said.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
    let (mut provenance, mut attributes) = (map("provenance"), map("attributes"));
    let fill = |into: &mut Map, from: &Map| {
        for (key, value) in from {
            into.entry(key.clone()).or_insert_with(|| value.clone());
        }
    };
    fill(&mut provenance, defaults.provenance);
    fill(&mut attributes, defaults.attributes);
    let object = terms::instance(&object);
    let literal = attributes.get("literal").is_some_and(truthy);
    let scope = text(said, &["scope"]).map_or_else(|| defaults.scope.to_owned(), |scope| scope.to_lowercase());
    let owner_id = text(said, &["owner_id"]).map_or_else(|| owner_of(&scope), Ok)?;
    let mut triple = Triple {
        assertion_id: String::new(),
        subject: terms::instance(&subject).to_lowercase(),
        predicate: terms::predicate(&predicate),
        object: if literal { object } else { object.to_lowercase() },
        scope,
        owner_id,
        observed_at: text(said, &["observed_at"]).unwrap_or_else(|| defaults.observed_at.to_owned()),
        valid_from: text(said, &["valid_from"]),
        valid_until: text(said, &["valid_until"]),
        confidence: said.get("confidence").and_then(number).filter(|c| c.is_finite()),
        provenance,
        attributes,
        text: String::new(),
    };
    triple.text = canonical(&triple);
    Ok(triple)
}

/// The text an assertion is found by.
fn canonical(triple: &Triple) -> String {
    let mut lines = vec![format!("{} {} {}", triple.subject, triple.predicate, triple.object)];
    let says = |key: &str| text(&triple.attributes, &[key]);
    lines.extend(says("subject_type").map(|t| format!("subject_type: {t}")));
    lines.extend(says("object_type").map(|t| format!("object_type: {t}")));
    lines.extend(says("evidence_quote").map(|t| format!("evidence: {t}")));
    lines.extend(says("original_context").map(|t| format!("context: {}", shortened(&t))));
    lines.join("\n")
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(CONTEXT_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A found assertion as clients read it: members that are null are left out. One that was matched by words shows how
/// well: `words` is how many were looked for.
#[must_use]
pub fn item(found: &FoundTriple, words: usize) -> Value {
    let triple = &found.triple;
    let mut item = Map::from_iter([
        ("subject".to_owned(), triple.subject.as_str().into()),
        ("predicate".to_owned(), triple.predicate.as_str().into()),
        ("object".to_owned(), triple.object.as_str().into()),
        ("scope".to_owned(), triple.scope.as_str().into()),
        ("owner_id".to_owned(), triple.owner_id.as_str().into()),
        ("observed_at".to_owned(), triple.observed_at.as_str().into()),
    ]);
    let validity = [("valid_from", &triple.valid_from), ("valid_until", &triple.valid_until)];
    item.extend(validity.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.as_deref()?.into()))));
    item.extend(triple.confidence.map(|c| ("confidence".to_owned(), json!(c))));
    let mut attributes = triple.attributes.clone();
    if let Some(score) = score(found, words) {
        attributes.insert("_retrieval".into(), json!({"score": score, "metric": "words"}));
    }
    item.insert("provenance".into(), Value::Object(triple.provenance.clone()));
    item.insert("attributes".into(), Value::Object(attributes));
    Value::Object(item)
}

/// The share of the words that were found.
pub(super) fn score(found: &FoundTriple, words: usize) -> Option<f64> {
    let found = found.words_found?;
    Some(found as f64 / words.max(1) as f64)
}
