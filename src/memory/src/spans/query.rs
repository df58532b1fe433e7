//! `memory_query`: finds entries by what is known of them and what they say, and shows them.

use model::{Map, Timestamp, Value};
use serde_json::json;

use super::filter::{self, Filter};
use super::level::Level;
use super::request::{self, Scope, executed, given, is_true, text, texts, whole, word};
use super::{Archive, EVIDENCE, Name, Owner, Span, connect, render};

/// A recall as it is asked for, within the bounds of its level.
#[derive(Clone, Debug)]
pub struct Query {
    /// Whose memory is searched.
    pub scope: Scope,
    shows: Shows,
    named: Option<Vec<Value>>,
    filter: Filter,
    limits: Limits,
    connected: bool,
    connect_by: Vec<String>,
    effort: Option<Value>,
    warnings: Vec<String>,
}

/// What the answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    Rendered,
    Meta,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limits {
    spans: i64,
    deep: bool,
    deep_spans: i64,
    deep_messages: i64,
    hops: i64,
    /// Messages shown; -1 shows all.
    messages: i64,
}

impl Query {
    /// Reads the payload.
    ///
    /// # Errors
    /// The text the effect fails with.
    pub fn read(payload: &Map) -> Result<Self, String> {
        let level = Level::read(payload)?;
        let scope = request::scope(payload, "memory_query")?;
        let mode = word(payload, &["return", "return_mode"], "rendered");
        let shows = match mode.as_str() {
            "rendered" => Shows::Rendered,
            "meta" => Shows::Meta,
            "both" => Shows::Both,
            other => return Err(format!("Unknown memory_query return mode: {other}")),
        };
        let filter = read_filter(payload)?;
        let mut query = Self {
            scope,
            shows,
            named: named(payload),
            limits: limits(payload, filter.query.is_some()),
            filter,
            connected: given(payload, &["connected"]).is_some_and(is_true),
            connect_by: match payload.get("connect_by") {
                list @ Some(Value::Array(_)) => texts(list),
                _ => vec!["topic".into(), "person".into()],
            },
            effort: None,
            warnings: Vec::new(),
        };
        if let Some(level) = level {
            query.bound(level, payload);
        }
        if query.scope == Scope::All
            && query.named.iter().flatten().any(|name| matches!(Name::of(name), Some(Name::Number(_))))
        {
            return Err("memory_query scope='all' requires explicit span_ids as artifact ids (no indices)".into());
        }
        Ok(query)
    }

    /// Keeps to what the level allows. What the caller did not say is the level's default, and no warning.
    fn bound(&mut self, level: Level, payload: &Map) {
        let (bounds, limits, warnings) = (level.bounds(), &mut self.limits, &mut self.warnings);
        let said = |name: &str| given(payload, &[name]).is_some();
        let word = level.as_str();
        if !said("limit_spans") {
            limits.spans = bounds.spans.0;
        }
        limits.spans = level.clamp("limit_spans", limits.spans, bounds.spans.1, warnings);
        let (deep_spans, deep_messages) = bounds.deep.unwrap_or((0, 0));
        if limits.deep && bounds.deep.is_none() {
            warnings.push(format!("recall_level={word}: deep scan disabled (not allowed at this level)"));
            limits.deep = false;
        }
        for (name, value, most) in [
            ("deep_limit_spans", &mut limits.deep_spans, deep_spans),
            ("deep_limit_messages_per_span", &mut limits.deep_messages, deep_messages),
        ] {
            *value = if said(name) { level.clamp(name, *value, most, warnings) } else { most.min(*value) };
        }
        if self.connected && bounds.hops.is_none() {
            warnings.push(format!("recall_level={word}: connected expansion disabled (not allowed at this level)"));
            self.connected = false;
        }
        let hops = bounds.hops.unwrap_or(0);
        limits.hops = if said("neighbor_hops") {
            level.clamp("neighbor_hops", limits.hops, hops, warnings)
        } else {
            hops.min(limits.hops)
        };
        limits.messages = match limits.messages {
            _ if !said("max_messages") => bounds.messages.0,
            -1 => {
                let most = bounds.messages.1;
                warnings.push(format!(
                    "recall_level={word}: max_messages=-1 (unbounded) is not allowed; clamped to {most}"
                ));
                most
            }
            some => level.clamp("max_messages", some, bounds.messages.1, warnings),
        };
        self.effort = Some(json!({"recall_level": word, "applied": {
            "limit_spans": limits.spans, "deep": limits.deep, "deep_limit_spans": limits.deep_spans,
            "deep_limit_messages_per_span": limits.deep_messages, "connected": self.connected,
            "neighbor_hops": limits.hops, "max_messages": limits.messages,
        }}));
    }

    /// Finds entries and shows them.
    #[must_use]
    pub fn answer(&self, payload: &Map, owners: &[Owner], archive: &dyn Archive) -> Value {
        let owners: Vec<Owner> = owners.iter().map(recallable).collect();
        let found = self.select(&owners, archive);
        let mut output = String::new();
        if self.shows != Shows::Meta {
            output = render::rendered(&owners, &found, self.limits.messages, archive);
            if !self.warnings.is_empty() {
                let lines: Vec<String> = self.warnings.iter().map(|line| format!("- {line}")).collect();
                output = format!("[recall warnings]\n{}\n\n{output}", lines.join("\n"));
            }
        }
        let meta = if self.shows == Shows::Rendered { Value::Null } else { self.meta(&owners, &found) };
        executed(payload, "recall_memory", &output, Some(meta))
    }

    fn select(&self, owners: &[Owner], archive: &dyn Archive) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut add = |ids: Vec<String>| {
            for id in ids {
                if !found.contains(&id) {
                    found.push(id);
                }
            }
        };
        match (&self.named, owners) {
            (Some(named), [one]) => add(one.resolve(named)),
            (Some(named), _) => add(Owner::default().resolve(named)),
            (None, owners) => owners.iter().for_each(|owner| add(self.select_of(owner, archive))),
        }
        found
    }

    fn select_of(&self, owner: &Owner, archive: &dyn Archive) -> Vec<String> {
        let limit = |limit: i64| usize::try_from(limit).unwrap_or(0);
        let ids = |spans: Vec<&Span>| spans.into_iter().map(|s| s.id().to_owned()).collect::<Vec<_>>();
        let mut found = ids(filter::matching(owner, &self.filter, limit(self.limits.spans), archive));
        let anything = Filter { query: None, ..self.filter.clone() };
        if let Some(query) = self.filter.query.as_deref().filter(|_| self.limits.deep) {
            let candidates = filter::matching(owner, &anything, limit(self.limits.deep_spans), archive);
            let said = |span: &&Span| filter::is_said(span, query, limit(self.limits.deep_messages), archive);
            let deeper = ids(candidates.into_iter().filter(said).collect());
            found.extend(deeper);
            dedup(&mut found);
        }
        if self.connected && !found.is_empty() {
            let candidates = filter::matching(owner, &anything, usize::MAX, archive);
            let most = limit(self.limits.spans).max(found.len());
            found = connect::expanded(&candidates, &found, &self.connect_by, limit(self.limits.hops));
            found.truncate(most);
        }
        found
    }

    fn meta(&self, owners: &[Owner], found: &[String]) -> Value {
        let spans = found.iter().filter_map(|id| owners.iter().find_map(|owner| owner.span(id)));
        let mut meta = json!({"matches": spans.map(shown).collect::<Vec<_>>(), "span_ids": found});
        if let Some(effort) = &self.effort {
            meta["effort"] = effort.clone();
            if !self.warnings.is_empty() {
                meta["warnings"] = json!(self.warnings);
            }
        }
        meta
    }
}

/// What a match shows of an entry.
fn shown(span: &Span) -> Value {
    let mut shown = json!({
        "span_id": span.id(), "kind": span.get("kind"), "created_at": span.get("created_at"),
        "from_timestamp": span.get("from_timestamp"), "to_timestamp": span.get("to_timestamp"),
        "tags": span.get("tags").filter(|tags| tags.is_object()).cloned().unwrap_or_else(|| json!({})),
    });
    for key in ["created_by", "location", "note_preview", "message_count", "summary_message_id"] {
        if let Some(value) = span.get(key) {
            shown[key] = value.clone();
        }
    }
    shown
}

/// The owner without what tools have seen.
fn recallable(owner: &Owner) -> Owner {
    let mut owner = owner.clone();
    owner.spans.retain(|span| span.text("kind") != Some(EVIDENCE));
    owner
}

pub(super) fn dedup(ids: &mut Vec<String>) {
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
}

fn named(payload: &Map) -> Option<Vec<Value>> {
    let list = payload.get("span_ids").filter(|ids| ids.is_array());
    match list.or_else(|| given(payload, &["span_id"]))? {
        Value::Array(items) => Some(items.clone()),
        one => Some(vec![one.clone()]),
    }
}

fn read_filter(payload: &Map) -> Result<Filter, String> {
    let bound = |name: &str| -> Result<Option<Timestamp>, String> {
        let Some(written) = text(payload, &[name]) else { return Ok(None) };
        let moment = request::moment(written);
        moment.map(Some).ok_or_else(|| format!("memory_query {name} is not an ISO timestamp: {written}"))
    };
    let any = matches!(word(payload, &["tags_mode", "tagsMode", "tag_mode"], "all").as_str(), "any" | "or");
    let authors = ["authors", "usernames", "users"].iter().map(|name| texts(payload.get(*name)));
    let locations = ["locations", "location"].iter().map(|name| texts(payload.get(*name)));
    let first =
        |mut lists: Box<dyn Iterator<Item = Vec<String>> + '_>| lists.find(|l| !l.is_empty()).unwrap_or_default();
    Ok(Filter {
        query: text(payload, &["query"]).map(str::to_lowercase),
        since: bound("since")?,
        until: bound("until")?,
        tags: filter::wanted_tags(payload.get("tags")),
        any_tag: any,
        authors: first(Box::new(authors)),
        locations: first(Box::new(locations)),
    })
}

/// The limits as they are written; what is missing, null or 0 is the default.
fn limits(payload: &Map, searches: bool) -> Limits {
    let number = |name: &str, default: i64| whole(payload, name).filter(|n| *n != 0).unwrap_or(default);
    let messages = number("max_messages", -1);
    Limits {
        spans: number("limit_spans", 5).max(1),
        deep: given(payload, &["deep"]).map_or(searches, is_true),
        deep_spans: number("deep_limit_spans", 50).max(1),
        deep_messages: number("deep_limit_messages_per_span", 400).max(1),
        hops: number("neighbor_hops", 1).max(0),
        messages: messages.max(-1),
    }
}
