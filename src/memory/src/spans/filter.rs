//! Which entries of an owner a recall is about. Matching is by substring and without case; meaning is not looked for.

use std::collections::{BTreeMap, HashMap};

use model::{ArtifactMeta, Timestamp, Value};

use super::{Archive, NOTE, Owner, Span, messages};

/// What an entry must be like.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// What it, or its body, says; in lower case.
    pub(super) query: Option<String>,
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    /// Labels by key, each with the values that will do; in lower case.
    pub(super) tags: BTreeMap<String, Vec<String>>,
    /// One label will do.
    pub(super) any_tag: bool,
    pub(super) authors: Vec<String>,
    pub(super) locations: Vec<String>,
}

/// Labels as a caller wants them. `kind` is not asked for this way.
pub(super) fn wanted_tags(value: Option<&Value>) -> BTreeMap<String, Vec<String>> {
    let mut wanted = BTreeMap::new();
    for (key, value) in value.and_then(Value::as_object).into_iter().flatten() {
        let values: Vec<String> = super::request::texts(Some(value)).iter().map(|v| v.to_lowercase()).collect();
        let key = key.trim().to_lowercase();
        if !key.is_empty() && key != "kind" && !values.is_empty() {
            wanted.insert(key, values);
        }
    }
    wanted
}

/// The entries that match, the newest first.
pub(super) fn matching<'o>(owner: &'o Owner, filter: &Filter, limit: usize, archive: &dyn Archive) -> Vec<&'o Span> {
    let fits = |span: &&Span| fits(span, owner, filter, archive);
    owner.spans.iter().filter(fits).take(limit).collect()
}

fn fits(span: &Span, owner: &Owner, filter: &Filter, archive: &dyn Archive) -> bool {
    if !in_time(span, filter) || !by_one_of(span, &filter.authors) || !at_one_of(span, &filter.locations) {
        return false;
    }
    if filter.tags.is_empty() && filter.query.is_none() {
        return true;
    }
    let meta = archive.meta(span.id());
    if !is_labelled(span, meta.as_ref(), filter) {
        return false;
    }
    filter.query.as_deref().is_none_or(|query| haystack(span, owner, meta.as_ref(), archive).contains(query))
}

/// Whether it and the asked time have a moment in common. What has no time is in no time.
fn in_time(span: &Span, filter: &Filter) -> bool {
    if filter.since.is_none() && filter.until.is_none() {
        return true;
    }
    let (Some(from), Some(to)) = (span.moment("from_timestamp"), span.moment("to_timestamp")) else { return false };
    filter.since.is_none_or(|since| to >= since) && filter.until.is_none_or(|until| from <= until)
}

fn by_one_of(span: &Span, authors: &[String]) -> bool {
    authors.is_empty() || span.text("created_by").is_some_and(|by| is_one_of(by, authors))
}

fn at_one_of(span: &Span, locations: &[String]) -> bool {
    let labelled = || span.tags().find(|(key, _)| *key == "location").map(|(_, at)| at.trim());
    locations.is_empty() || span.text("location").or_else(labelled).is_some_and(|at| is_one_of(at, locations))
}

fn is_one_of(text: &str, texts: &[String]) -> bool {
    let text = text.to_lowercase();
    texts.iter().any(|other| other.to_lowercase() == text)
}

/// Labels of the artifact come before those of the entry; its own nature comes last.
fn is_labelled(span: &Span, meta: Option<&ArtifactMeta>, filter: &Filter) -> bool {
    if filter.tags.is_empty() {
        return true;
    }
    let mut labels: HashMap<String, String> = HashMap::new();
    let of_artifact = meta.into_iter().flat_map(|m| m.tags.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    let own = ["kind", "compression_mode", "focus"].into_iter().filter_map(|key| Some((key, span.text(key)?)));
    for (key, value) in of_artifact.chain(span.tags()).chain(own) {
        let (key, value) = (key.trim().to_lowercase(), value.trim().to_lowercase());
        if !key.is_empty() && !value.is_empty() {
            labels.entry(key).or_insert(value);
        }
    }
    let has = |(key, values): (&String, &Vec<String>)| labels.get(key).is_some_and(|label| values.contains(label));
    if filter.any_tag { filter.tags.iter().any(has) } else { filter.tags.iter().all(has) }
}

/// Everything that is known of an entry, in lower case.
fn haystack(span: &Span, owner: &Owner, meta: Option<&ArtifactMeta>, archive: &dyn Archive) -> String {
    let mut parts: Vec<String> = owner.summaries.get(span.id()).cloned().into_iter().collect();
    if span.text("kind") == Some(NOTE) {
        parts.extend(noted(span, owner, archive));
    }
    let own = ["kind", "compression_mode", "focus", "from_timestamp", "to_timestamp", "created_by", "location"];
    parts.extend(own.iter().filter_map(|key| span.text(key).map(str::to_owned)));
    parts.extend(span.tags().flat_map(|(key, value)| [key.to_owned(), value.to_owned()]));
    if let Some(meta) = meta {
        parts.push(meta.content_type.clone());
        parts.extend(meta.tags.iter().flat_map(|(key, value)| [key.clone(), value.clone()]));
    }
    parts.join(" ").to_lowercase()
}

/// The text of a note, and the summaries of the conversations it comes from.
fn noted(span: &Span, owner: &Owner, archive: &dyn Archive) -> Vec<String> {
    let Some(body) = archive.body(span.id()) else { return Vec::new() };
    let text = body.get("note").and_then(Value::as_str).map(str::to_owned);
    let sources = body.get("sources").and_then(|s| s.get("span_ids")).and_then(Value::as_array);
    let summaries = sources.into_iter().flatten().filter_map(|id| owner.summaries.get(id.as_str()?.trim()).cloned());
    text.into_iter().chain(summaries).collect()
}

/// Whether one of the first archived messages says it.
pub(super) fn is_said(span: &Span, query: &str, messages_max: usize, archive: &dyn Archive) -> bool {
    let body = archive.body(span.id());
    let said = body.as_ref().and_then(|b| b.get("messages")).and_then(Value::as_array);
    said.into_iter().flatten().take(messages_max).any(|m| messages::content(m).to_lowercase().contains(query))
}
