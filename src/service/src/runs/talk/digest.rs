//! A run tree as a text a model can take in: bounded in runs, records and characters, whatever the run has grown to.

use std::collections::BTreeMap;

use model::{Error, Map, Run, RunId, Value};
use serde_json::json;

use crate::planes::Plane;

/// Runs of the tree, at most.
const RUNS_MAX: usize = 2000;
/// Runs whose records are looked at, at most.
const RUNS_READ_MAX: usize = 60;
/// Records of an excerpt: all up to here, else the first and the last ones.
const EXCERPT_MAX: usize = 120;
const EXCERPT_FIRST: usize = 30;
const EXCERPT_LAST: usize = EXCERPT_MAX - EXCERPT_FIRST;
/// Characters of the whole.
const CHARS_MAX: usize = 180_000;
/// Characters of one value in it.
const VALUE_CHARS_MAX: usize = 1500;

/// The digest.
pub(super) struct Digest {
    pub(super) text: String,
    /// How many records each ledger had when it was looked at.
    pub(super) lens: BTreeMap<String, u64>,
}

/// Puts it together; `in_full` also shows what each step was given.
pub(super) async fn of(plane: &Plane, root: &Run, below: bool, in_full: bool) -> Result<Digest, Error> {
    let most = if below { RUNS_MAX } else { 1 };
    let tree = plane.store.tree(&root.run_id, most).await.map_err(engine::store_error)?;
    let (mut lens, mut statuses, mut per_run) = (BTreeMap::new(), BTreeMap::<&str, u64>::new(), Vec::new());
    for (i, run) in tree.iter().enumerate() {
        let len = plane.store.ledger_len(&run.run_id).await.map_err(engine::store_error)?;
        lens.insert(run.run_id.to_string(), len);
        *statuses.entry(run.status.as_str()).or_default() += 1;
        if i < RUNS_READ_MAX {
            per_run.extend(one(plane, &run.run_id, len, in_full).await?);
        }
    }
    let public = root.vars.iter().filter(|(key, _)| !key.starts_with('_'));
    let public: Map = public.map(|(key, value)| (key.clone(), short(value))).collect();
    let records = lens.values().sum::<u64>();
    let mut digest = json!({
        "run_id": root.run_id, "workflow_id": root.workflow_id, "status": root.status, "prompt": public,
        "overall": {"runs": tree.len(), "statuses": statuses, "records": records, "error": root.error},
    });
    if in_full {
        digest["ledger_len_by_run"] = json!(lens);
    }
    digest["per_run"] = per_run.into();
    Ok(Digest { text: digest.to_string().chars().take(CHARS_MAX).collect(), lens })
}

/// One run of the tree.
async fn one(plane: &Plane, run_id: &RunId, len: u64, in_full: bool) -> Result<Option<Value>, Error> {
    let found = plane.store.summary(run_id).await.map_err(engine::store_error)?;
    let Some(run) = found else { return Ok(None) };
    let wait = run.waiting.as_ref().map(|w| json!({"reason": w.reason, "prompt": w.prompt, "until": w.until}));
    let steps: Vec<Value> = excerpt(plane, run_id, len).await?.iter().filter_map(|text| line(text, in_full)).collect();
    Ok(Some(json!({
        "run_id": run_id, "workflow_id": run.workflow_id, "status": run.status, "records": len, "waiting": wait,
        "error": run.error, "output": run.output.as_ref().map(short), "steps": steps,
    })))
}

/// All records of a short ledger; of a long one its beginning and its end.
async fn excerpt(plane: &Plane, run_id: &RunId, len: u64) -> Result<Vec<String>, Error> {
    let read = async |after, most| plane.store.ledger(run_id, after, most).await.map_err(engine::store_error);
    if len <= EXCERPT_MAX as u64 {
        return read(0, EXCERPT_MAX).await;
    }
    let mut records = read(0, EXCERPT_FIRST).await?;
    records.extend(read(len - EXCERPT_LAST as u64, EXCERPT_LAST).await?);
    Ok(records)
}

/// A record in few words. What was only begun is left out: its outcome says the same and more.
fn line(record: &str, in_full: bool) -> Option<Value> {
    let record: Value = serde_json::from_str(record).ok()?;
    if record["status"] == "started" || record["node_id"] == "observer" {
        return None;
    }
    let mut line = json!({
        "node": record["node_id"], "status": record["status"], "effect": record["effect"]["type"],
        "at": record["ended_at"], "result": short(&record["result"]), "error": record["error"],
    });
    if in_full {
        line["asked"] = short(&record["effect"]["payload"]);
    }
    Some(line)
}

/// A value, or its beginning when it is long.
fn short(value: &Value) -> Value {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_outcome() {
        for (record, expected) in [
            (json!({"status": "started", "node_id": "a"}), None),
            (json!({"status": "completed", "node_id": "observer"}), None),
            (json!({"status": "completed", "node_id": "a", "result": {"x": 1}}), Some(json!({"x": 1}))),
        ] {
            assert_eq!(line(&record.to_string(), true).map(|l| l["result"].clone()), expected, "{record}");
        }
        assert_eq!(line("{", false), None);
    }

    #[test]
    fn values_are_cut_on_characters() {
        let text = |n: usize| Value::from("é".repeat(n));
        assert_eq!(short(&text(VALUE_CHARS_MAX)), text(VALUE_CHARS_MAX));
        assert_eq!(short(&text(VALUE_CHARS_MAX + 1)).as_str().unwrap().chars().count(), VALUE_CHARS_MAX + 1);
        assert!(short(&json!({"a": "x".repeat(VALUE_CHARS_MAX)})).is_string());
    }
}
