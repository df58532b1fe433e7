//! Large values leave records and ended runs for artifacts (contract 02, section 11.5). A live run keeps its values: the
//! run held by the owner is never touched, only the copy that goes to the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Run, StepRecord, Timestamp, Value};
use store::Error;
use store::artifacts::{Artifacts, NewArtifact};
use store::offload::offload;

use crate::inner::Inner;

/// Shrinks what a commit is about to store. Disk work happens off the async threads, and only when something is large.
pub(crate) async fn shrink(inner: &Arc<Inner>, records: &mut Vec<StepRecord>, run: &mut Run) -> Result<(), Error> {
    let limit = inner.options.max_inline_bytes;
    let large = |value: &Value| limit > 0 && at_least(value, limit);
    let ended = run.status.is_terminal();
    let record_is_large = |r: &StepRecord| {
        r.result.as_ref().is_some_and(large) || r.effect.as_ref().is_some_and(|e| e.payload.values().any(large))
    };
    let concerned = records.iter().any(record_is_large)
        || ended && (run.output.as_ref().is_some_and(large) || run.vars.values().any(large));
    if !concerned {
        return Ok(());
    }
    let artifacts = inner.artifacts.clone();
    let now = inner.outside.now();
    let (mut taken, mut copy) = (std::mem::take(records), run.clone());
    let moved = tokio::task::spawn_blocking(move || {
        let sink = Sink { artifacts: &artifacts, now };
        for record in &mut taken {
            sink.record(record, limit)?;
        }
        if ended {
            sink.run(&mut copy, limit)?;
        }
        Ok::<_, Error>((taken, copy))
    });
    (*records, *run) = moved.await.map_err(|e| Error::Unavailable(e.to_string()))??;
    Ok(())
}

/// The same for records that come without a run.
pub(crate) async fn shrink_records(inner: &Arc<Inner>, records: &mut Vec<StepRecord>) -> Result<(), Error> {
    let now = inner.outside.now();
    let mut none = Run::new(String::new().into(), String::new(), String::new(), model::Map::new(), now);
    shrink(inner, records, &mut none).await
}

/// Whether a value has at least so many bytes; stops counting there.
fn at_least(value: &Value, bytes: usize) -> bool {
    fn count(value: &Value, left: &mut usize) -> bool {
        let own = match value {
            Value::String(s) => s.len(),
            Value::Array(items) => return items.iter().any(|i| count(i, left)),
            Value::Object(map) => return map.iter().any(|(k, v)| take(left, k.len() + 3) || count(v, left)),
            _ => 5,
        };
        take(left, own + 1)
    }
    fn take(left: &mut usize, own: usize) -> bool {
        *left = left.saturating_sub(own);
        *left == 0
    }
    let mut left = bytes;
    count(value, &mut left)
}

struct Sink<'a> {
    artifacts: &'a Artifacts,
    now: Timestamp,
}

impl Sink<'_> {
    fn put(&self, run_id: &str, source: &str, kind: &str, bytes: &[u8], path: &str) -> Result<String, Error> {
        let tags = [("source", source), ("path", path), ("kind", kind)];
        let content_type = if kind == "text" { "text/plain" } else { "application/json" };
        let tags = tags.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect::<BTreeMap<_, _>>();
        let new = NewArtifact { run_id: Some(run_id), content: bytes, content_type, tags, now: self.now };
        Ok(self.artifacts.put(&new)?.artifact_id)
    }

    fn record(&self, record: &mut StepRecord, limit: usize) -> Result<(), Error> {
        let run_id = record.run_id.clone();
        if let Some(result) = &mut record.result {
            offload(result, limit, false, "ledger.result", &mut |kind, bytes, path| {
                self.put(&run_id, "ledger_result_offload", kind, bytes, path)
            })?;
        }
        if let Some(effect) = &mut record.effect {
            let source = if effect.kind == model::EffectKind::Resume { "resume" } else { "ledger_effect_offload" };
            for (key, value) in &mut effect.payload {
                offload(value, limit, true, &format!("ledger.effect.payload.{key}"), &mut |kind, bytes, path| {
                    self.put(&run_id, source, kind, bytes, path)
                })?;
            }
        }
        Ok(())
    }

    fn run(&self, run: &mut Run, limit: usize) -> Result<(), Error> {
        let run_id = run.run_id.clone();
        for (key, value) in run.vars.iter_mut().filter(|(key, _)| key.starts_with('_')) {
            offload(value, limit, false, &format!("vars.{key}"), &mut |kind, bytes, path| {
                self.put(&run_id, "run_store_offload", kind, bytes, path)
            })?;
        }
        if let Some(output) = &mut run.output {
            offload(output, limit, true, "output", &mut |kind, bytes, path| {
                self.put(&run_id, "run_output_offload", kind, bytes, path)
            })?;
        }
        Ok(())
    }
}
