//! The knowledge graph of one data plane: its effects, between the rules of `memory::graph` and the store.
//!
//! May not know what a predicate means or how a question is answered. The invariant: an effect that fails has nothing to
//! store, and what another data plane knows is in another database.

use std::collections::HashSet;
use std::sync::Arc;

use engine::{Remembered, Unremembered};
use memory::graph::Owners;
use memory::graph::assert::{self, Writer};
use memory::graph::query::{self, Question};
use memory::graph::resolve::{self, Name};
use model::id::session_owner_run_id;
use model::{Effect, EffectKind, Map, Run, RunId, Timestamp, Value};
use store::{Commit, FoundTriple, Store, TripleQuery};

/// The graph of a data plane.
pub(crate) struct Graph {
    store: Arc<dyn Store>,
    global_owner: String,
}

impl Graph {
    /// `global_owner` is whose memory the global scope is; a name that no run could have is as good as none.
    pub(crate) fn new(store: Arc<dyn Store>, global_owner: &str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let usable = !global_owner.is_empty() && global_owner.chars().all(plain);
        Self { store, global_owner: if usable { global_owner } else { "global_memory" }.to_owned() }
    }

    /// Whose memory the global scope is.
    pub(crate) fn global_owner(&self) -> &str {
        &self.global_owner
    }

    /// Decides an effect of the graph.
    pub(crate) async fn remember(
        &self,
        run: &Run,
        effect: &Effect,
        now: Timestamp,
    ) -> Result<Remembered, Unremembered> {
        let payload = &effect.payload;
        match effect.kind {
            EffectKind::MemoryKgAssert => self.assert(run, payload, now).await,
            EffectKind::MemoryKgResolve => self.resolve(run, payload).await.map(only_told),
            _ => self.query(run, payload).await.map(only_told),
        }
    }

    async fn assert(&self, run: &Run, payload: &Map, now: Timestamp) -> Result<Remembered, Unremembered> {
        let owners = self.owners(run).await.map_err(Unremembered::Store)?;
        let writer = Writer { owners: &owners, run_id: &run.run_id, workflow_id: &run.workflow_id, now };
        let Some(assertions) = assert::read(payload, &writer).map_err(Unremembered::Failed)? else {
            return Ok(only_told(assert::nothing()));
        };
        let known = self.store.known_triples(assertions.keys()).await.map_err(Unremembered::Store)?;
        let (triples, result) = assertions.settle(&known, || uuid::Uuid::new_v4().to_string());
        Ok(Remembered { result, vars: None, commit: Commit { triples, ..Commit::default() } })
    }

    async fn query(&self, run: &Run, payload: &Map) -> Result<Value, Unremembered> {
        let question = Question::read(payload).map_err(Unremembered::Failed)?;
        let owners = self.owners(run).await.map_err(Unremembered::Store)?;
        match question.queries(&owners) {
            Err(why) => Ok(query::refused(&why)),
            Ok(queries) => Ok(question.answer(self.ask(queries).await?)),
        }
    }

    async fn resolve(&self, run: &Run, payload: &Map) -> Result<Value, Unremembered> {
        let name = Name::read(payload).map_err(Unremembered::Failed)?;
        let owners = self.owners(run).await.map_err(Unremembered::Store)?;
        let exact = match name.exact(&owners) {
            Err(why) => return Ok(resolve::refused(&why)),
            Ok(queries) => self.ask(queries).await?,
        };
        let by_words = name.alike(&owners, &exact);
        let matched = !by_words.is_empty();
        let alike = self.ask(by_words).await?;
        let candidates = name.candidates(&exact, &alike);
        let mut types = Vec::with_capacity(candidates.len());
        for candidate in &candidates {
            types.push(self.ask(vec![candidate.types()]).await?);
        }
        Ok(name.answer(candidates, &types, matched))
    }

    async fn ask(&self, queries: Vec<TripleQuery>) -> Result<Vec<FoundTriple>, Unremembered> {
        let mut found = Vec::new();
        for query in queries {
            found.append(&mut self.store.triples(query).await.map_err(Unremembered::Store)?);
        }
        Ok(found)
    }

    /// Whose memory the scopes of a run are. A run without session shares that of its root.
    pub(crate) async fn owners(&self, run: &Run) -> Result<Owners, store::Error> {
        let session = run.session_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        let session = match session {
            Some(id) => session_owner_run_id(id),
            None => self.root(run).await?.as_str().to_owned(),
        };
        Ok(Owners { run: run.run_id.as_str().to_owned(), session, global: self.global_owner.clone() })
    }

    /// The run at the top of the tree; a parent that is not there any more, or its own child, ends the way.
    async fn root(&self, run: &Run) -> Result<RunId, store::Error> {
        let (mut at, mut parent) = (run.run_id.clone(), run.parent_run_id.clone());
        let mut seen = HashSet::from([at.clone()]);
        while let Some(next) = parent.filter(|next| seen.insert(next.clone())) {
            let Some(summary) = self.store.summary(&next).await? else { break };
            (at, parent) = (next, summary.parent_run_id);
        }
        Ok(at)
    }
}

/// A result beside which nothing is stored.
fn only_told(result: Value) -> Remembered {
    Remembered { result, vars: None, commit: Commit::default() }
}
