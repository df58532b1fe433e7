//! Everything about a run in one reply (contract 02, section 4.6; 03, section 14): for clients that show a run again, or
//! keep it.
//!
//! It reads by cursor and by index, in bounded pages: what it costs grows with what it returns. The one invariant: records
//! are passed on as the text they were stored as.

mod brief;
mod said;
mod turns;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::api::ledger::Record;
use model::api::runs::history::{
    History, HistoryRun, HistorySession, Ledgers, RecordAt, RunLedger, ShowHistory, TimelineEntry,
};
use model::{Code, Error, Map, Run, RunId, Timestamp, Value};
use serde::Deserialize;
use store::artifacts::{Artifacts, NewArtifact};

use super::not_found;
use crate::planes::Plane;
use crate::{Answer, Call, Handle, Services, clock};

/// Runs below the one that was asked for, at most.
const DESCENDANTS_MAX: usize = 5000;
/// Artifacts shown of a run or a turn, at most.
const ARTIFACTS_MAX: usize = 500;
/// Records read at once.
pub(super) const PAGE: usize = 500;

impl Handle<ShowHistory> for Services {
    async fn handle(&self, call: Call, input: ShowHistory) -> Result<Answer<History>, Error> {
        let window = window(&input)?;
        let plane = self.plane(&call.principal).await?;
        let run_id = RunId::from(input.run_id.as_str());
        let found = plane.store.run(&run_id).await.map_err(engine::store_error)?;
        let run = found.ok_or_else(|| not_found(&run_id))?.run;
        let (mut ledgers, mut timeline) = (Vec::new(), Vec::new());
        for id in runs_shown(&plane, &run_id, input.include_subruns).await? {
            ledgers.push(ledger(&plane, &id, window, &mut timeline).await?);
        }
        let session = match run.session_id.clone().filter(|_| input.include_session) {
            Some(session_id) => {
                let most = usize::try_from(input.session_turn_limit).unwrap_or(1);
                let turns = turns::until(&plane, &session_id, &run, most).await?;
                Some(HistorySession { session_id, turns })
            }
            None => None,
        };
        let now = clock::now();
        Ok(History {
            version: 1,
            generated_at: now,
            root_run_id: run_id,
            workflow_snapshot: workflow_snapshot(&run),
            input_data: inputs(&plane, &run, self.settings.runtime.max_inline_bytes, now).await?,
            run: shown(run),
            ledgers: Ledgers(ledgers),
            timeline,
            session,
        }
        .into())
    }
}

/// How many of the last records are shown of each ledger; none for all.
fn window(input: &ShowHistory) -> Result<Option<u64>, Error> {
    match input.ledger_mode.trim() {
        "full" => Ok(None),
        "tail" => Ok(Some(input.ledger_max_items.unsigned_abs()).filter(|most| *most > 0)),
        _ => Err(Error::new(Code::BadRequest, "ledger_mode must be 'tail' or 'full'")),
    }
}

async fn runs_shown(plane: &Plane, run_id: &RunId, below: bool) -> Result<Vec<RunId>, Error> {
    if !below {
        return Ok(vec![run_id.clone()]);
    }
    let tree = plane.store.tree(run_id, DESCENDANTS_MAX + 1).await.map_err(engine::store_error)?;
    Ok(tree.into_iter().map(|run| run.run_id).collect())
}

/// The last records of a run's ledger, and a line for each in the timeline.
async fn ledger(
    plane: &Arc<Plane>,
    run_id: &RunId,
    window: Option<u64>,
    timeline: &mut Vec<TimelineEntry>,
) -> Result<RunLedger, Error> {
    let total = plane.store.ledger_len(run_id).await.map_err(engine::store_error)?;
    let before = window.map_or(0, |most| total.saturating_sub(most));
    let (mut items, mut cursor) = (Vec::new(), before);
    // What is appended from here on belongs to the next look: `total` and the items agree.
    while cursor < total {
        let most = usize::try_from(total - cursor).unwrap_or(PAGE).min(PAGE);
        let page = plane.store.ledger(run_id, cursor, most).await.map_err(engine::store_error)?;
        if page.is_empty() {
            break;
        }
        for text in page {
            cursor += 1;
            timeline.push(timeline_entry(run_id, cursor, &text));
            items.extend(Record::stored(text).map(|record| RecordAt { cursor, record }));
        }
    }
    let artifacts = artifacts_of(plane, vec![run_id.clone()]).await?;
    Ok(RunLedger { run_id: run_id.clone(), total, cursor_start: before + 1, cursor_end: cursor, items, artifacts })
}

/// What some runs have stored, oldest first.
async fn artifacts_of(plane: &Plane, run_ids: Vec<RunId>) -> Result<Vec<Map>, Error> {
    let artifacts = plane.artifacts.clone();
    let found = tokio::task::spawn_blocking(move || {
        let mut all = Vec::new();
        for run_id in run_ids {
            all.extend(artifacts.of_run(&run_id, ARTIFACTS_MAX)?);
        }
        Ok(all)
    });
    let mut all = found.await.map_err(|e| Error::internal(e.to_string()))?.map_err(engine::store_error)?;
    all.sort_by(|a, b| (a.created_at, &a.artifact_id).cmp(&(b.created_at, &b.artifact_id)));
    Ok(all.iter().take(ARTIFACTS_MAX).map(brief::artifact).collect())
}

/// What the timeline needs of a record.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    node_id: Option<String>,
    status: Option<String>,
    effect: Option<EffectHead>,
    started_at: Option<String>,
    ended_at: Option<String>,
}

#[derive(Deserialize)]
struct EffectHead {
    #[serde(rename = "type")]
    kind: Option<String>,
}

fn timeline_entry(run_id: &RunId, cursor: u64, record: &str) -> TimelineEntry {
    let head: Head = serde_json::from_str(record).unwrap_or_default();
    let ended_at = head.ended_at.or_else(|| head.started_at.clone());
    let moment = |text: &Option<String>| text.as_deref().and_then(Timestamp::parse);
    let duration_ms = moment(&head.started_at).zip(moment(&ended_at)).map(|(start, end)| {
        let millis = end.millis_since(start).max(0.0);
        (millis * 100.0).round() / 100.0
    });
    TimelineEntry {
        run_id: run_id.clone(),
        cursor,
        node_id: head.node_id,
        status: head.status,
        effect_type: head.effect.and_then(|effect| effect.kind),
        started_at: head.started_at,
        ended_at,
        duration_ms,
    }
}

fn workflow_snapshot(run: &Run) -> Option<Map> {
    let snapshot = run.vars.get("_runtime")?.get("workflow_snapshot")?.as_object()?;
    let keys = ["workflow_id", "format", "sha256", "artifact_id", "created_at"];
    Some(keys.map(|key| (key.to_owned(), snapshot.get(key).cloned().unwrap_or_default())).into_iter().collect())
}

/// The public variables; large values among them become artifacts of the run.
async fn inputs(plane: &Plane, run: &Run, limit: usize, now: Timestamp) -> Result<Map, Error> {
    let public: Map =
        run.vars.iter().filter(|(key, _)| !key.starts_with('_')).map(|(k, v)| (k.clone(), v.clone())).collect();
    let (artifacts, run_id) = (plane.artifacts.clone(), run.run_id.clone());
    let moved = tokio::task::spawn_blocking(move || lighten(&artifacts, &run_id, public, limit, now));
    moved.await.map_err(|e| Error::internal(e.to_string()))?.map_err(engine::store_error)
}

fn lighten(
    artifacts: &Artifacts,
    run_id: &RunId,
    inputs: Map,
    limit: usize,
    now: Timestamp,
) -> Result<Map, store::Error> {
    let mut inputs = Value::Object(inputs);
    store::offload::offload(&mut inputs, limit, false, "input_data", &mut |kind, content, path| {
        let content_type = if kind == "text" { "text/plain" } else { "application/json" };
        let tags = [("source", "run_history_offload"), ("path", path), ("kind", kind)];
        let tags: BTreeMap<_, _> = tags.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let new = NewArtifact { run_id: Some(run_id), content, content_type, tags, now };
        Ok(artifacts.put(&new)?.artifact_id)
    })?;
    match inputs {
        Value::Object(inputs) => Ok(inputs),
        _ => Ok(Map::new()),
    }
}

fn shown(run: Run) -> HistoryRun {
    HistoryRun {
        run_id: run.run_id,
        workflow_id: run.workflow_id,
        status: run.status,
        current_node: run.current_node,
        created_at: run.created_at,
        updated_at: run.updated_at,
        actor_id: run.actor_id,
        session_id: run.session_id,
        parent_run_id: run.parent_run_id,
        error: run.error,
        waiting: run.waiting,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_tail_or_full() {
        let window = |mode: &str, most| {
            window(&ShowHistory {
                run_id: "r".into(),
                include_subruns: true,
                include_session: false,
                session_turn_limit: 1,
                ledger_mode: mode.into(),
                ledger_max_items: most,
            })
            .ok()
        };
        for (mode, most, expected) in
            [("tail", 5, Some(Some(5))), ("tail", 0, Some(None)), ("full", 5, Some(None)), ("Tail", 5, None)]
        {
            assert_eq!(window(mode, most), expected, "{mode} {most}");
        }
    }

    #[test]
    fn a_line_says_when_and_how_long() {
        let line = |text: &str| {
            let line = timeline_entry(&"r".into(), 7, text);
            (line.effect_type, line.ended_at, line.duration_ms)
        };
        let at = "2026-01-01T00:00:00+00:00";
        for (record, expected) in [
            (
                r#"{"effect": {"type": "ask_user"}, "started_at": "2026-01-01T00:00:00+00:00",
                    "ended_at": "2026-01-01T00:00:00.001239+00:00"}"#
                    .to_owned(),
                (Some("ask_user"), Some("2026-01-01T00:00:00.001239+00:00"), Some(1.24)),
            ),
            (format!(r#"{{"effect": null, "started_at": "{at}", "ended_at": null}}"#), (None, Some(at), Some(0.0))),
            ("{}".to_owned(), (None, None, None)),
            ("[".to_owned(), (None, None, None)),
        ] {
            let (kind, ended, duration) = expected;
            assert_eq!(line(&record), (kind.map(str::to_owned), ended.map(str::to_owned), duration), "{record}");
        }
    }

    #[test]
    fn large_inputs_become_artifacts() {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::open(folder.path()).unwrap();
        let inputs = Map::from_iter([("a".to_owned(), "x".repeat(200).into()), ("b".to_owned(), 1.into())]);
        let kept = lighten(&artifacts, &"r".into(), inputs.clone(), 300, Timestamp::EPOCH).unwrap();
        assert_eq!(kept, inputs);
        let moved = lighten(&artifacts, &"r".into(), inputs, 100, Timestamp::EPOCH).unwrap();
        let id = moved["a"]["$artifact"].as_str().unwrap();
        assert_eq!((artifacts.content(id).unwrap().unwrap().len(), &moved["b"]), (200, &Value::from(1)));
    }
}
