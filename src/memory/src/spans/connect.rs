//! What stands near the entries that were found: their neighbours in time, and those that share a label.

use super::Span;
use super::query::dedup;

/// The found entries, each followed by its neighbours.
pub(super) fn expanded(candidates: &[&Span], found: &[String], keys: &[String], hops: usize) -> Vec<String> {
    let mut in_time = candidates.to_vec();
    in_time.sort_by_key(|span| {
        let created = span.moment("created_at");
        (span.moment("from_timestamp").or(created), created)
    });
    let mut ids = Vec::new();
    for id in found {
        ids.push(id.clone());
        let Some(at) = in_time.iter().position(|span| span.id() == id) else { continue };
        for hop in 1..=hops {
            let near = [at.checked_sub(hop), at.checked_add(hop)];
            ids.extend(near.into_iter().flatten().filter_map(|i| Some(in_time.get(i)?.id().to_owned())));
        }
        for (key, value) in in_time[at].tags().filter(|(key, value)| !value.is_empty() && keys.iter().any(|k| k == key))
        {
            let shares = |span: &&&Span| span.tags().any(|tag| tag == (key, value));
            ids.extend(in_time.iter().filter(shares).map(|span| span.id().to_owned()));
        }
    }
    dedup(&mut ids);
    ids
}
