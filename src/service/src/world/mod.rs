//! The engine's door to the world, for one data plane: which workflows there are, what a new run is seeded with, how
//! model calls and tools happen.
//!
//! May not know: HTTP, who asked for the run. The one invariant: `prepare`, `resume_tools` and `seed` wait for nothing;
//! the most they do is look at a few names in the file system.

mod seed;
mod tools;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use engine::{Call, Failure, NewRhythm, Outside, Prepared, Remembered, Resumed, StepIds, Unremembered, Verdict};
use model::workflow::Workflow;
use model::{Effect, EffectKind, Error, Run, Timestamp, Value, Wait};
use parking_lot::RwLock;

use crate::bundles::Library;
use crate::clock;
use crate::dynamic::DynamicFlows;
use crate::memory::graph::Graph;
use crate::memory::{self, Memory};
use crate::models::Models;
pub(crate) use tools::Tools;

/// The workflows of a data plane by id. Those of bundles are replaced whole: a run sees either the old set or the new.
#[derive(Default)]
pub struct Workflows {
    set: RwLock<Arc<HashMap<String, Arc<dyn Workflow>>>>,
    /// Those that come from no bundle.
    dynamic: RwLock<HashMap<String, Arc<dyn Workflow>>>,
}

impl Workflows {
    /// Puts another set in place.
    pub fn replace(&self, set: HashMap<String, Arc<dyn Workflow>>) {
        *self.set.write() = Arc::new(set);
    }

    /// A workflow.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<dyn Workflow>> {
        let bundled = self.set.read().get(id).cloned();
        bundled.or_else(|| self.dynamic.read().get(id).cloned())
    }

    /// Adds one that comes from no bundle, or puts it in the place of its predecessor.
    pub(crate) fn put(&self, workflow: Arc<dyn Workflow>) {
        self.dynamic.write().insert(workflow.id().to_owned(), workflow);
    }

    /// Forgets one that comes from no bundle.
    pub(crate) fn take(&self, id: &str) {
        self.dynamic.write().remove(id);
    }
}

/// The world behind one engine.
pub(crate) struct World {
    pub(crate) workflows: Arc<Workflows>,
    pub(crate) library: Arc<Library>,
    pub(crate) flows: Arc<DynamicFlows>,
    pub(crate) models: Arc<Models>,
    pub(crate) tools: Tools,
    pub(crate) memory: Memory,
    pub(crate) graph: Arc<Graph>,
}

#[async_trait]
impl Outside for World {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn zone(&self) -> (i32, String) {
        clock::zone()
    }

    fn workflow(&self, workflow_id: &str) -> Option<Arc<dyn Workflow>> {
        self.workflows.get(workflow_id).or_else(|| self.flows.find(workflow_id))
    }

    fn seed(&self, run: &mut Run) {
        run.namespace("_runtime");
        let set = self.library.set();
        if !set.calls_models {
            return seed::limit(run, None);
        }
        let configured = self.models.text_default().map(|d| (d.provider, d.model));
        seed::seed(run, configured.or_else(|| set.pinned_model.clone()));
    }

    fn prepare(&self, run: &Run, ids: &StepIds<'_>, effect: &Effect) -> Result<Prepared, String> {
        match effect.kind {
            EffectKind::LlmCall => {
                let effect = self.models.prepare(run, ids, effect, self.now());
                Ok(Prepared { effect, warnings: Vec::new(), verdict: Verdict::Call(None) })
            }
            EffectKind::ToolCalls => self.tools.prepare(run, ids, effect),
            EffectKind::MemoryCompact => Ok(memory::prepare_compaction(run, effect)),
            EffectKind::ModelResidency => {
                Ok(Prepared { effect: effect.clone(), warnings: Vec::new(), verdict: Verdict::Call(None) })
            }
            other => Err(unknown(other)),
        }
    }

    fn resume_tools(&self, _: &Run, wait: &Wait, payload: &Value) -> Result<Resumed, Error> {
        Tools::resume(wait, payload)
    }

    fn is_repeatable(&self, effect: &Effect, batch: Option<&Value>, finished: &BTreeMap<usize, Value>) -> bool {
        match effect.kind {
            EffectKind::LlmCall | EffectKind::MemoryCompact | EffectKind::ModelResidency => true,
            EffectKind::ToolCalls => Tools::is_repeatable(batch, finished),
            _ => false,
        }
    }

    async fn reschedule(&self, workflow_id: &str, rhythm: &NewRhythm) -> Result<(), Error> {
        let (flows, id, rhythm) = (self.flows.clone(), workflow_id.to_owned(), rhythm.clone());
        let written = tokio::task::spawn_blocking(move || flows.set_rhythm(&id, &rhythm)).await;
        written.map_err(|e| Error::internal(e.to_string()))?
    }

    async fn remember(&self, run: &Run, _: &StepIds<'_>, effect: &Effect) -> Result<Remembered, Unremembered> {
        match effect.kind {
            EffectKind::MemoryNote | EffectKind::MemoryQuery | EffectKind::MemoryTag | EffectKind::MemoryRehydrate => {
                self.memory.spans(run, effect).await
            }
            EffectKind::MemoryKgAssert | EffectKind::MemoryKgQuery | EffectKind::MemoryKgResolve => {
                self.graph.remember(run, effect, self.now()).await
            }
            other => Err(Unremembered::Failed(unknown(other))),
        }
    }

    async fn conclude(
        &self,
        run: &Run,
        _: &StepIds<'_>,
        effect: &Effect,
        batch: Option<&Value>,
        outcome: &Value,
    ) -> Result<Remembered, Unremembered> {
        match effect.kind {
            EffectKind::MemoryCompact => self.memory.compact(run, effect, batch, outcome).await,
            other => Err(Unremembered::Failed(unknown(other))),
        }
    }

    async fn call(&self, call: Call) -> Result<Value, Failure> {
        match call.effect.kind {
            EffectKind::LlmCall => self.models.call(call).await,
            EffectKind::ToolCalls => self.tools.call(call).await,
            EffectKind::MemoryCompact => self.memory.summarise(call).await.map_err(Failure::refused),
            EffectKind::ModelResidency => self.models.residency(call).await,
            other => Err(Failure::refused(unknown(other))),
        }
    }
}

fn unknown(kind: EffectKind) -> String {
    format!("No effect handler registered for {}", kind.as_str())
}
