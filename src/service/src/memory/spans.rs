//! Notes, recalls, labels, rehydration: the effects that need no model.

use ::memory::spans::note::{Note, Writer};
use ::memory::spans::query::Query;
use ::memory::spans::rehydrate::{Rehydration, keep_note};
use ::memory::spans::request::{refused, text};
use ::memory::spans::tag::Tagging;
use engine::{Remembered, Unremembered};
use model::{Effect, EffectKind, Map, Run, Value};
use serde_json::json;
use store::{Commit, SpanWrite};

use super::{Files, Memory, changed};
use crate::clock;

impl Memory {
    /// Decides an effect on notes and archived conversations.
    pub(crate) async fn spans(&self, run: &Run, effect: &Effect) -> Result<Remembered, Unremembered> {
        let payload = &effect.payload;
        let decided = match effect.kind {
            EffectKind::MemoryNote => self.note(run, payload).await,
            EffectKind::MemoryQuery => self.query(run, payload).await,
            EffectKind::MemoryTag => self.tag(run, payload).await,
            EffectKind::MemoryRehydrate => self.rehydrate(run, payload).await,
            other => Err(Unremembered::Failed(format!("No effect handler registered for {}", other.as_str()))),
        };
        match (decided, text(payload, &["call_id"])) {
            // A model asked: it is told what was wrong, and the run goes on.
            (Err(Unremembered::Failed(why)), Some(_)) => Ok(unchanged(refused(payload, effect.kind.as_str(), &why))),
            (decided, _) => decided,
        }
    }

    async fn note(&self, run: &Run, payload: &Map) -> Result<Remembered, Unremembered> {
        let now = clock::now();
        let note = Note::read(payload).map_err(Unremembered::Failed)?;
        let other = self.other(run, payload).await?;
        let base = other.as_ref().map_or(run, |other| &other.run);
        let mut owners = self.owners(base, note.scope, now).await?;
        let Some(owner) = owners.pop() else { return Err(Unremembered::Failed("nobody owns the note".into())) };
        let session_id = owner.run.session_id.as_deref().or(run.session_id.as_deref());
        let writer = Writer { run_id: &run.run_id, actor_id: run.actor_id.as_deref(), session_id, now };
        let body = note.body(&writer);
        let id = self.put(&owner.run.run_id, &body, note.artifact_tags(), now).await?;
        let span = note.span(&id, &writer);
        let (mut vars, mut kept, mut commit) = (None, None, Commit::default());
        match other {
            _ if !note.keep_in_context => {}
            None => {
                let mut own = run.vars.clone();
                kept = Some(counted(keep_note(&mut own, &id, &body)));
                vars = Some(own);
            }
            Some(mut other) if other.run.status.is_terminal() => {
                kept = Some(counted(keep_note(&mut other.run.vars, &id, &body)));
                commit = changed(other);
            }
            Some(other) => {
                let why = format!("run '{}' is active; only it can show the note", other.run.run_id);
                kept = Some(json!({"inserted": 0, "skipped": 0, "error": why}));
            }
        }
        commit.runs.extend(owner.making());
        let result = note.answer(payload, &span, kept);
        commit.spans.push(SpanWrite { owner: owner.run.run_id, span_id: id, span: span.into_value() });
        Ok(Remembered { result, vars, commit })
    }

    async fn query(&self, run: &Run, payload: &Map) -> Result<Remembered, Unremembered> {
        let query = Query::read(payload).map_err(Unremembered::Failed)?;
        let found = self.owners(run, query.scope, clock::now()).await?;
        let (owners, payload) = (self.with_spans(&found).await?, payload.clone());
        let result = self.on_disk(move |artifacts| query.answer(&payload, &owners, &Files(artifacts))).await?;
        Ok(unchanged(result))
    }

    async fn tag(&self, run: &Run, payload: &Map) -> Result<Remembered, Unremembered> {
        let now = clock::now();
        let tagging = Tagging::read(payload).map_err(Unremembered::Failed)?;
        let other = self.other(run, payload).await?;
        let found = self.owners(other.as_ref().map_or(run, |other| &other.run), tagging.scope, now).await?;
        let owners = self.with_spans(&found).await?;
        let tagged = tagging.apply(&owners, run.actor_id.as_deref(), now).map_err(Unremembered::Failed)?;
        let result = tagging.answer(payload, &tagged);
        let spans = tagged
            .into_iter()
            .map(|t| SpanWrite {
                owner: t.owner.as_str().into(),
                span_id: t.span.id().to_owned(),
                span: t.span.into_value(),
            })
            .collect();
        Ok(Remembered { result, vars: None, commit: Commit { spans, ..Commit::default() } })
    }

    async fn rehydrate(&self, run: &Run, payload: &Map) -> Result<Remembered, Unremembered> {
        let wanted = Rehydration::read(payload).map_err(Unremembered::Failed)?;
        let other = self.other(run, payload).await?;
        if let Some(other) = other.as_ref().filter(|other| !other.run.status.is_terminal()) {
            return Err(Unremembered::Failed(format!(
                "run '{}' is active: what it remembers can be put back by a memory_rehydrate step of its own, or once it has ended",
                other.run.run_id
            )));
        }
        let target = other.as_ref().map_or(run, |other| &other.run);
        let (owner, mut vars) = (self.owner(target).await?, target.vars.clone());
        let work = move |artifacts: &_| (wanted.apply(&owner, &mut vars, &Files(artifacts)), vars);
        let (result, vars) = self.on_disk(work).await?;
        Ok(match other {
            None => Remembered { result, vars: Some(vars), commit: Commit::default() },
            Some(mut other) => {
                other.run.vars = vars;
                Remembered { result, vars: None, commit: changed(other) }
            }
        })
    }
}

fn unchanged(result: Value) -> Remembered {
    Remembered { result, vars: None, commit: Commit::default() }
}

fn counted(inserted: usize) -> Value {
    json!({"inserted": inserted, "skipped": 1 - inserted})
}
