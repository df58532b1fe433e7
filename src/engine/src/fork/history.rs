//! The records of a run up to a place, with every value that had left them for an artifact back in them.

use model::{ArtifactMeta, Code, Error, RunId, StepRecord, Value};
use store::artifacts::Artifacts;

use crate::inner::Inner;
use crate::store_error;

const PAGE: usize = 1000;
/// Records a fork may have as its history: they are worked through in memory and stored as one commit.
pub(crate) const RECORDS_MAX: u64 = 50_000;

/// What the engine says of artifacts it moved values to.
const SOURCES: [&str; 5] =
    ["ledger_result_offload", "ledger_effect_offload", "resume", "run_store_offload", "run_output_offload"];

/// The place that is asked for: a record of the ledger, its last one when none is named.
pub(crate) fn place(asked: Option<u64>, len: u64) -> Result<u64, Error> {
    let at = asked.unwrap_or(len);
    if at > len {
        let text = format!("the run has {len} ledger records: there is no record {at}. Name one from 0 to {len}");
        return Err(Error::new(Code::Validation, text).with("ledger_len", len));
    }
    if at > RECORDS_MAX {
        let text = format!("a fork begins within the first {RECORDS_MAX} records of a run; record {at} is beyond them");
        return Err(Error::new(Code::ForkUnavailable, text).with("records_max", RECORDS_MAX));
    }
    Ok(at)
}

/// The first `count` records.
pub(crate) async fn read(inner: &Inner, run_id: &RunId, count: u64) -> Result<Vec<StepRecord>, Error> {
    let mut records = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
    while (records.len() as u64) < count {
        let left = usize::try_from(count - records.len() as u64).unwrap_or(PAGE).min(PAGE);
        let page = inner.store.ledger(run_id, records.len() as u64, left).await.map_err(store_error)?;
        if page.is_empty() {
            return Err(Error::internal(format!("the ledger of run {run_id} ends before record {count}")));
        }
        for text in &page {
            records.push(record(text).ok_or_else(|| unreadable(records.len() as u64 + 1))?);
        }
    }
    Ok(records)
}

fn record(text: &str) -> Option<StepRecord> {
    serde_json::from_str(text).ok().or_else(|| serde_json::from_value(model::json::parse(text).ok()?).ok())
}

fn unreadable(cursor: u64) -> Error {
    Error::new(Code::ForkUnavailable, format!("record {cursor} cannot be read; fork before it")).with("cursor", cursor)
}

/// Puts the values back that had left the records. Blocking.
pub(crate) fn restore(records: &mut [StepRecord], artifacts: &Artifacts) -> Result<(), Error> {
    for (at, record) in records.iter_mut().enumerate() {
        let values = record.effect.iter_mut().flat_map(|e| e.payload.values_mut()).chain(record.result.as_mut());
        for value in values {
            put_back(value, artifacts).map_err(|gone| gone.at(at as u64 + 1))?;
        }
    }
    Ok(())
}

/// An artifact that is not there any more.
struct Gone(String);

impl Gone {
    fn at(self, cursor: u64) -> Error {
        let text =
            format!("artifact {} that holds a part of record {cursor} is gone; fork at a record before it", self.0);
        Error::new(Code::ForkUnavailable, text).with("cursor", cursor)
    }
}

fn put_back(value: &mut Value, artifacts: &Artifacts) -> Result<(), Gone> {
    let reference =
        value.get("$artifact").and_then(Value::as_str).filter(|_| value.as_object().is_some_and(|o| o.len() == 1));
    if let Some(id) = reference.map(str::to_owned) {
        // What a flow itself refers to stays a reference.
        let Ok(Some(meta)) = artifacts.meta(&id) else { return Ok(()) };
        if !is_ours(&meta) {
            return Ok(());
        }
        *value = content(&meta, artifacts).ok_or(Gone(id))?;
        if value.is_string() {
            return Ok(());
        }
    }
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| put_back(item, artifacts)),
        Value::Object(members) => members.values_mut().try_for_each(|member| put_back(member, artifacts)),
        _ => Ok(()),
    }
}

fn is_ours(meta: &ArtifactMeta) -> bool {
    meta.tags.get("source").is_some_and(|source| SOURCES.contains(&source.as_str())) && meta.tags.contains_key("kind")
}

fn content(meta: &ArtifactMeta, artifacts: &Artifacts) -> Option<Value> {
    let text = String::from_utf8(artifacts.content(&meta.artifact_id).ok()??).ok()?;
    match meta.tags.get("kind").map(String::as_str) {
        Some("text") => Some(Value::String(text)),
        _ => model::json::parse(&text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_record_that_is_there_and_not_too_far() {
        let code = |asked, len| place(asked, len).map_err(|e| e.code);
        assert_eq!(code(None, 7), Ok(7));
        assert_eq!(code(Some(0), 0), Ok(0));
        assert_eq!(code(Some(7), 7), Ok(7));
        assert_eq!(code(Some(8), 7), Err(Code::Validation));
        assert_eq!(code(Some(RECORDS_MAX), RECORDS_MAX + 1), Ok(RECORDS_MAX));
        assert_eq!(code(None, RECORDS_MAX + 1), Err(Code::ForkUnavailable));
    }
}
