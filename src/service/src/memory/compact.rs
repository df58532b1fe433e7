//! `memory_compact`: what is cut is decided first, then a model is asked for the summary, then the change is made.
//!
//! The invariant: until the summary is there nothing has changed; when it is, archive, entry and conversation change in one
//! commit.

use ::memory::spans::compact::{Archivist, Compaction, Cut};
use ::memory::spans::summary::{self, Summary};
use engine::{Call, CallRun, Prepared, Remembered, Unremembered, Verdict};
use model::{Effect, Map, Run, RunId, Value};
use serde_json::json;
use store::{Commit, SpanWrite};

use super::{Memory, changed, other_id};
use crate::clock;
use crate::models::Models;

/// Tokens a model is believed to take when nobody says.
const WINDOW: u64 = 32_768;
/// Characters of one question, at least.
const PART_MIN: usize = 4_000;

/// Decides what a compaction is about. The conversation of another run is read when the call is out.
pub(crate) fn prepare(run: &Run, effect: &Effect) -> Prepared {
    let effect = effect.clone();
    let verdict = if other_id(&run.run_id, &effect.payload).is_some() {
        Verdict::Call(None)
    } else {
        match cut(&effect.payload, &run.vars) {
            Ok(cut) => Verdict::Call(Some(json!({"older": cut.older}))),
            Err(idle) => Verdict::Done(Compaction::idle(&effect.payload, &idle)),
        }
    };
    Prepared { effect, warnings: Vec::new(), verdict }
}

fn cut(payload: &Map, vars: &Map) -> Result<Cut, String> {
    Compaction::read(payload).cut(vars, clock::now(), &mut message_id)
}

fn message_id() -> String {
    format!("msg_{}", uuid::Uuid::new_v4().simple())
}

impl Memory {
    /// Has the summary written.
    pub(crate) async fn summarise(&self, call: Call) -> Result<Value, String> {
        let payload = &call.effect.payload;
        let older = call.batch.as_ref().and_then(|batch| batch.get("older")).and_then(Value::as_array).cloned();
        let cut = match (older, other_id(&call.run.run_id, payload)) {
            (Some(older), _) => Cut { older },
            (None, Some(target)) => match cut(payload, &self.ended(target).await?.vars) {
                Ok(cut) => cut,
                Err(idle) => return Ok(json!({ "idle": idle })),
            },
            (None, None) => return Err("what was to be summarised is not known any more".into()),
        };
        let asked = Compaction::read(payload);
        let summary = tokio::select! {
            () = call.cancel.cancelled() => Err("cancelled".to_owned()),
            summary = written(&self.models, &call.run, &asked, &cut) => summary,
        };
        let summary = summary.map_err(|why| format!("the conversation could not be summarised: {why}"))?;
        Ok(json!({"summary": summary.to_value(), "older": cut.older}))
    }

    /// Another run whose conversation may be changed from outside: one that has ended.
    async fn ended(&self, id: &str) -> Result<Run, String> {
        let found = self.store.run(&RunId::from(id)).await.map_err(|e| e.to_string())?;
        let run = found.ok_or_else(|| format!("Unknown target_run_id: {id}"))?.run;
        if run.status.is_terminal() { Ok(run) } else { Err(active(id)) }
    }

    /// Changes the conversation when the summary is there.
    pub(crate) async fn compact(
        &self,
        run: &Run,
        effect: &Effect,
        batch: Option<&Value>,
        outcome: &Value,
    ) -> Result<Remembered, Unremembered> {
        let payload = &effect.payload;
        if let Some(idle) = outcome.get("idle").and_then(Value::as_str) {
            let result = Compaction::idle(payload, idle);
            return Ok(Remembered { result, vars: None, commit: Commit::default() });
        }
        let (older, written) = (batch.unwrap_or(outcome).get("older"), outcome.get("summary"));
        let (Some(older), Some(written)) = (older.and_then(Value::as_array).cloned(), written) else {
            return Err(Unremembered::Failed("the summary cannot be read".into()));
        };
        let summary = Summary::read(&written.to_string()).map_err(Unremembered::Failed)?;
        let other = self.other(run, payload).await?;
        if let Some(other) = other.as_ref().filter(|other| !other.run.status.is_terminal()) {
            return Err(Unremembered::Failed(active(&other.run.run_id)));
        }
        let (cut, asked, now) = (Cut { older }, Compaction::read(payload), clock::now());
        let target = other.as_ref().map_or(run, |other| &other.run);
        let id = self.put(&target.run_id, &cut.body(now), asked.artifact_tags(), now).await?;
        let message_id = message_id();
        let by = Archivist { actor_id: run.actor_id.as_deref(), message_id: &message_id, now };
        let mut vars = target.vars.clone();
        let span = cut.apply(&mut vars, &asked, &id, &summary, &by).map_err(|_| Unremembered::Outdated)?;
        let result = asked.answer(payload, &cut, &id, &by, &summary);
        let span = SpanWrite { owner: target.run_id.clone(), span_id: id.clone(), span: span.into_value() };
        let (vars, mut commit) = match other {
            None => (Some(vars), Commit::default()),
            Some(mut other) => {
                other.run.vars = vars;
                (None, changed(other))
            }
        };
        commit.spans.push(span);
        Ok(Remembered { result, vars, commit })
    }
}

fn active(id: &str) -> String {
    format!("run '{id}' is active: compact its conversation with the command compact_memory, or once it has ended")
}

/// The summary of what is cut, by the run's model, else the configured default; in parts when it is long.
async fn written(models: &Models, run: &CallRun, asked: &Compaction, cut: &Cut) -> Result<Summary, String> {
    let mut summary: Option<Summary> = None;
    for part in summary::parts(&cut.older, part_max(&run.vars)) {
        let before = summary.as_ref().map(|summary| summary.text.as_str());
        let payload = question(&run.vars, summary::question(asked, before, &part));
        let answer = models.ask(&payload).await.map_err(|e| e.message)?;
        summary = Some(Summary::read(answer.get("content").and_then(Value::as_str).unwrap_or_default())?);
    }
    summary.ok_or_else(|| "there is nothing to summarise".into())
}

/// Characters of one question: some three a token, with room for the answer.
fn part_max(vars: &Map) -> usize {
    let limits = vars.get("_limits");
    let limit = |key: &str| limits.and_then(|limits| limits.get(key)).and_then(Value::as_u64).filter(|n| *n > 0);
    let window = limit("max_input_tokens").or_else(|| limit("max_tokens")).unwrap_or(WINDOW);
    usize::try_from(window.saturating_mul(3) / 2).unwrap_or(usize::MAX).max(PART_MIN)
}

fn question(vars: &Map, prompt: String) -> Map {
    let mut payload = Map::from_iter([
        ("prompt".to_owned(), prompt.into()),
        ("system_prompt".to_owned(), summary::ROLE.into()),
        ("params".to_owned(), json!({"temperature": 0.2})),
    ]);
    let runtime = vars.get("_runtime");
    let named = ["provider", "model"].map(|key| (key, runtime.and_then(|r| r.get(key)).and_then(Value::as_str)));
    payload.extend(named.into_iter().filter_map(|(key, name)| Some((key.to_owned(), name?.into()))));
    payload
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_as_long_as_the_model_can_take() {
        for (limits, expected) in [
            (json!({}), 49_152),
            (json!({"max_tokens": 100_000}), 150_000),
            (json!({"max_tokens": 100_000, "max_input_tokens": 10_000}), 15_000),
            (json!({"max_tokens": 0, "max_input_tokens": null}), 49_152),
            (json!({"max_tokens": 10}), 4_000),
        ] {
            let vars = Map::from_iter([("_limits".to_owned(), limits.clone())]);
            assert_eq!(part_max(&vars), expected, "{limits}");
        }
    }
}
