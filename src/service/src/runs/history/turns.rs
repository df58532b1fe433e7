//! The turns of a session: its root runs as questions and answers (contract 03, 14.2).
//!
//! Runs are read one after the other, newest first, and only what a turn shows is kept of each.

use model::api::runs::history::{Turn, TurnKind};
use model::{Error, Run, RunId, Value};
use store::SessionPlace;

use super::said::{self, Count};
use super::{DESCENDANTS_MAX, PAGE, artifacts_of};
use crate::planes::Plane;

/// How many runs are looked at for each turn that is asked for: conversations may lie behind other runs.
const LOOKS_PER_TURN: usize = 4;
/// Records an answer is looked for in, at most.
const ANSWER_RECORDS_MAX: u64 = 2000;

/// The last `most` turns up to `run`, oldest first. Where there are conversations, they are the turns.
pub(super) async fn until(plane: &Plane, session_id: &str, run: &Run, most: usize) -> Result<Vec<Turn>, Error> {
    let from = SessionPlace { created_at: run.created_at.to_string(), run_id: run.run_id.clone() };
    let places = plane.store.session_roots(session_id, from, most * LOOKS_PER_TURN);
    let places = places.await.map_err(engine::store_error)?;
    let (mut chats, mut others) = (Vec::new(), Vec::new());
    for place in places {
        if chats.len() == most {
            break;
        }
        let found = plane.store.run(&place.run_id).await.map_err(engine::store_error)?;
        let Some(run) = found.map(|snapshot| snapshot.run) else { continue };
        match kind(&run) {
            TurnKind::Chat => chats.push(turn(run)),
            _ if chats.is_empty() && others.len() < most => others.push(turn(run)),
            _ => {}
        }
    }
    let mut turns = if chats.is_empty() { others } else { chats };
    turns.reverse();
    for turn in &mut turns {
        complete(plane, turn).await?;
    }
    Ok(turns)
}

fn kind(run: &Run) -> TurnKind {
    let schedule = run.vars.get("_meta").and_then(|meta| meta.get("schedule"));
    if run.workflow_id.starts_with("scheduled:") || schedule.is_some_and(|s| !s.is_null()) {
        return TurnKind::Scheduled;
    }
    let messages = run.vars.get("context").and_then(|context| context.get("messages"));
    if messages.is_some_and(Value::is_array) { TurnKind::Chat } else { TurnKind::Run }
}

/// What the run's own state says.
fn turn(run: Run) -> Turn {
    let (prompt, prompt_metadata) = said::prompt(&run.vars);
    let (answer, answer_meta) = run.output.as_ref().and_then(said::output_answer).unzip();
    Turn {
        kind: kind(&run),
        prompt,
        prompt_metadata,
        attachments: said::attachments(&run.vars),
        answer,
        answer_meta: answer_meta.flatten(),
        stats: Default::default(),
        artifacts: Vec::new(),
        run_id: run.run_id,
        workflow_id: run.workflow_id,
        status: run.status,
        created_at: run.created_at,
        updated_at: run.updated_at,
    }
}

/// Adds what only the ledgers and the artifacts know.
async fn complete(plane: &Plane, turn: &mut Turn) -> Result<(), Error> {
    if turn.answer.is_none() {
        let (answer, meta) = answer(plane, &turn.run_id).await?.unzip();
        (turn.answer, turn.answer_meta) = (answer, meta.flatten());
    }
    let tree = plane.store.tree(&turn.run_id, DESCENDANTS_MAX + 1).await.map_err(engine::store_error)?;
    let run_ids: Vec<RunId> = tree.into_iter().map(|run| run.run_id).collect();
    let mut count = Count::default();
    for run_id in &run_ids {
        let mut after = 0;
        loop {
            let page = plane.store.ledger(run_id, after, PAGE).await.map_err(engine::store_error)?;
            page.iter().filter_map(|text| serde_json::from_str(text).ok()).for_each(|record| count.add(&record));
            after += page.len() as u64;
            if page.len() < PAGE {
                break;
            }
        }
    }
    turn.stats = count.done();
    turn.artifacts = artifacts_of(plane, run_ids).await?;
    Ok(())
}

/// The last thing a ledger says that is an answer.
async fn answer(plane: &Plane, run_id: &RunId) -> Result<Option<said::Answer>, Error> {
    let total = plane.store.ledger_len(run_id).await.map_err(engine::store_error)?;
    let first = total.saturating_sub(ANSWER_RECORDS_MAX);
    let mut end = total;
    while end > first {
        let start = end.saturating_sub(PAGE as u64).max(first);
        let most = usize::try_from(end - start).unwrap_or(PAGE);
        let page = plane.store.ledger(run_id, start, most).await.map_err(engine::store_error)?;
        let mut records = page.iter().rev().filter_map(|text| serde_json::from_str(text).ok());
        if let Some(answer) = records.find_map(|record: Value| said::record_answer(&record)) {
            return Ok(Some(answer));
        }
        end = start;
    }
    Ok(None)
}
