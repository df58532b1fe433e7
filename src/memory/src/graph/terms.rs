//! The words of the graph: which predicates there are, what is meant by their synonyms, and how names of instances are
//! written (contract 07, sections 3.4 and 3.8).

use store::TripleQuery;
use unicode_normalization::UnicodeNormalization;

/// The predicates of the semantics registry, in its order.
pub const PREDICATES: [&str; 44] = [
    "rdf:type",
    "dcterms:hasPart",
    "dcterms:isPartOf",
    "schema:nextItem",
    "schema:previousItem",
    "dcterms:identifier",
    "dcterms:title",
    "schema:name",
    "dcterms:description",
    "dcterms:abstract",
    "dcterms:created",
    "dcterms:modified",
    "dcterms:creator",
    "dcterms:publisher",
    "dcterms:subject",
    "schema:genre",
    "schema:about",
    "schema:mentions",
    "schema:knowsAbout",
    "dcterms:references",
    "schema:sameAs",
    "schema:location",
    "schema:temporalCoverage",
    "schema:participant",
    "schema:organizer",
    "schema:result",
    "schema:instrument",
    "schema:startDate",
    "schema:endDate",
    "skos:definition",
    "skos:prefLabel",
    "skos:altLabel",
    "skos:broader",
    "skos:narrower",
    "skos:related",
    "skos:exactMatch",
    "skos:closeMatch",
    "cito:supports",
    "cito:disagreesWith",
    "cito:usesDataFrom",
    "cito:providesDataFor",
    "cito:extends",
    "cito:discusses",
    "cito:confirms",
];

/// The predicates under which a thing's names stand, in lower case.
pub(super) const LABELS: [&str; 5] =
    ["schema:name", "skos:preflabel", "skos:altlabel", "dcterms:title", "dcterms:identifier"];

/// What writers say, and what is meant; in lower case.
const ALIASES: [(&str, &str); 11] = [
    ("schema:description", "dcterms:description"),
    ("schema:creator", "dcterms:creator"),
    ("schema:awareness", "schema:knowsabout"),
    ("schema:hasparent", "dcterms:ispartof"),
    ("schema:hasmember", "dcterms:haspart"),
    ("schema:recognizedas", "skos:closematch"),
    ("schema:hasmemorysource", "dcterms:references"),
    ("schema:haspart", "dcterms:haspart"),
    ("schema:ispartof", "dcterms:ispartof"),
    ("dcterms:has_part", "dcterms:haspart"),
    ("dcterms:is_part_of", "dcterms:ispartof"),
];

/// A predicate as it is stored: trimmed, in lower case, synonyms replaced.
#[must_use]
pub fn predicate(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let alias = ALIASES.iter().find(|(from, _)| *from == lower);
    alias.map_or(lower, |(_, to)| (*to).to_owned())
}

/// Whether a stored predicate is one of the registry's.
#[must_use]
pub fn is_known(predicate: &str) -> bool {
    PREDICATES.iter().any(|known| known.eq_ignore_ascii_case(predicate))
}

/// A subject or object with the name of an instance (`ex:Person Alice`) in its one spelling (`ex:person-alice`); every
/// other text as it is, trimmed.
#[must_use]
pub fn instance(text: &str) -> String {
    let text = text.trim();
    let local = text.get(..3).filter(|prefix| prefix.eq_ignore_ascii_case("ex:")).map(|_| &text[3..]);
    match local.map(slug) {
        Some(slug) if !slug.is_empty() => format!("ex:{slug}"),
        _ => text.to_owned(),
    }
}

fn slug(text: &str) -> String {
    let folded: String = text.nfkd().filter(char::is_ascii).collect::<String>().to_ascii_lowercase();
    let parts = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

/// The distinct words of a text, in lower case.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if words.len() < TripleQuery::WORDS_MAX && !words.iter().any(|w| w == word) {
            words.push(word.to_owned());
        }
    }
    words
}
