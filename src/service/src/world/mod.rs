//! The engine's door to the world, for one data plane: which workflows there are, what a new run is seeded with, how
//! model calls and tools happen.
//!
//! May not know: HTTP, who asked for the run. The one invariant: `prepare` and `resume_tools` do no I/O.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use engine::{Call, Outside, Prepared, Resumed, StepIds, Verdict};
use model::workflow::Workflow;
use model::{Code, Effect, EffectKind, Error, Map, Run, Timestamp, Value, Wait};
use parking_lot::RwLock;

use crate::clock;
use crate::models::Models;

/// The workflows of a data plane by id. Replaced whole when bundles change: a run sees either the old set or the new.
#[derive(Default)]
pub struct Workflows {
    set: RwLock<Arc<HashMap<String, Arc<dyn Workflow>>>>,
}

impl Workflows {
    /// Puts another set in place.
    pub fn replace(&self, set: HashMap<String, Arc<dyn Workflow>>) {
        *self.set.write() = Arc::new(set);
    }

    /// A workflow.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<dyn Workflow>> {
        self.set.read().get(id).cloned()
    }
}

/// The world behind one engine.
pub(crate) struct World {
    workflows: Arc<Workflows>,
    models: Models,
}

impl World {
    pub(crate) fn new(workflows: Arc<Workflows>, models: Models) -> Self {
        Self { workflows, models }
    }
}

/// `_limits` of a run nobody gave limits (contract 03, 2.3).
fn default_limits() -> Map {
    let limits = serde_json::json!({
        "max_iterations": 50, "current_iteration": 0, "max_tokens": 32768, "max_output_tokens": null,
        "max_input_tokens": null, "estimated_tokens_used": 0, "max_history_messages": -1,
        "warn_iterations_pct": 80, "warn_tokens_pct": 80,
    });
    match limits {
        Value::Object(limits) => limits,
        _ => Map::new(),
    }
}

#[async_trait]
impl Outside for World {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn workflow(&self, workflow_id: &str) -> Option<Arc<dyn Workflow>> {
        self.workflows.get(workflow_id)
    }

    fn seed(&self, run: &mut Run) {
        if !run.vars.get("_limits").is_some_and(Value::is_object) {
            run.vars.insert("_limits".into(), Value::Object(default_limits()));
        }
        run.namespace("_runtime");
    }

    fn prepare(&self, run: &Run, ids: &StepIds<'_>, effect: &Effect) -> Result<Prepared, String> {
        if effect.kind == EffectKind::LlmCall {
            let effect = self.models.prepare(run, ids, effect, self.now());
            return Ok(Prepared { effect, warnings: Vec::new(), verdict: Verdict::Call(None) });
        }
        Err(format!("No effect handler registered for {}", effect.kind.as_str()))
    }

    fn resume_tools(&self, run: &Run, _: &Wait, _: &Value) -> Result<Resumed, Error> {
        Err(Error::new(Code::Unsupported, format!("run '{}' waits for tools this gateway cannot execute", run.run_id)))
    }

    fn is_repeatable(&self, effect: &Effect, _: Option<&Value>, _: &BTreeMap<usize, Value>) -> bool {
        effect.kind == EffectKind::LlmCall
    }

    async fn call(&self, call: Call) -> Result<Value, String> {
        if call.effect.kind == EffectKind::LlmCall {
            return self.models.call(call).await;
        }
        Err(format!("No effect handler registered for {}", call.effect.kind.as_str()))
    }
}
