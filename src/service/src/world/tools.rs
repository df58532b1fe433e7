//! Tools for one data plane: who may let them run, where they may work, and how the engine's words and the agent's meet.
//!
//! May not know: models, the store. The one invariant: every plan and every execution sees the workspace of its run as the
//! operator allows it ([`Scope::of_run`]), whatever the run's variables say.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent::{Batch, Journal, PlanInput, ToolContext, ToolMode, ToolPolicy, Workspace};
use engine::{Call, Failure, FailureClass, Finished, Partial, Prepared, Resumed, StepIds, Verdict};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use model::{Effect, Error, Run, Value, Wait};
use tokio::sync::{mpsc, oneshot};

use crate::Settings;
use crate::workspace::Scope;

/// What tools of a plane need.
pub(crate) struct Tools {
    mode: ToolMode,
    policy: Arc<ToolPolicy>,
    scope: Arc<Scope>,
}

impl Tools {
    pub(crate) fn new(settings: &Settings, scope: Arc<Scope>) -> Self {
        let policy =
            ToolPolicy { base_dir: scope.root().to_owned(), home: settings.home.clone(), ..ToolPolicy::default() };
        Self { mode: ToolMode::parse(&settings.workflows.tool_mode), policy: Arc::new(policy), scope }
    }

    /// Decides how a batch of calls happens.
    pub(crate) fn prepare(&self, run: &Run, ids: &StepIds<'_>, effect: &Effect) -> Result<Prepared, String> {
        let plan = agent::plan_tools(PlanInput {
            vars: &self.scope.of_run(&run.run_id, &run.vars),
            payload: &effect.payload,
            key: ids.key,
            run_id: &run.run_id,
            node_id: &run.current_node,
            wait_hex: &uuid::Uuid::new_v4().simple().to_string(),
            mode: self.mode,
            policy: &self.policy,
            pre_results: BTreeMap::new(),
        })?;
        let verdict = match plan.verdict {
            agent::Verdict::Done(result) => Verdict::Done(result),
            agent::Verdict::Execute(batch) => Verdict::Call(Some(stored(&batch).map_err(|e| e.to_string())?)),
            agent::Verdict::Approve(wait) | agent::Verdict::Delegate(wait) => Verdict::Wait(wait),
        };
        let effect = Effect { kind: effect.kind, payload: plan.payload, result_key: effect.result_key.clone() };
        Ok(Prepared { effect, warnings: plan.warnings, verdict })
    }

    /// Decides what the answer to a tool wait means.
    pub(crate) fn resume(wait: &Wait, payload: &Value) -> Result<Resumed, Error> {
        Ok(match agent::resume_tools(wait, payload)? {
            agent::Resumed::Execute(batch) => {
                Resumed::Execute(stored(&batch).map_err(|e| Error::internal(e.to_string()))?)
            }
            agent::Resumed::Result(result) => Resumed::Result(result),
        })
    }

    /// Whether what is left of a batch may be done again without asking. A batch that cannot be read may not.
    pub(crate) fn is_repeatable(batch: Option<&Value>, finished: &BTreeMap<usize, Value>) -> bool {
        batch.and_then(|b| read(b).ok()).is_some_and(|batch| agent::is_repeatable(&batch, finished))
    }

    /// Executes a batch.
    pub(crate) async fn call(&self, call: Call) -> Result<Value, Failure> {
        let lost = || Failure::refused("the calls to execute are not known any more; cancel the run");
        let batch = read(call.batch.as_ref().ok_or_else(lost)?)
            .map_err(|e| Failure::refused(format!("the calls to execute cannot be read: {e}")))?;
        let (scope, policy, run) = (self.scope.clone(), self.policy.clone(), call.run);
        let found = tokio::task::spawn_blocking(move || {
            let vars = scope.of_run(&run.run_id, &run.vars);
            Workspace::from_vars(&vars, &policy.base_dir, policy.home.as_deref())
        });
        let broken = |why: String| Failure::new(FailureClass::Tool, why);
        let workspace = found.await.map_err(|e| broken(e.to_string()))?.map_err(broken)?;
        let ctx = ToolContext {
            policy: self.policy.clone(),
            workspace: workspace.map(Arc::new),
            cancel: call.cancel,
            finished: call.finished,
            journal: Some(Arc::new(Kept(call.journal))),
            host: None,
        };
        let result = agent::execute(&batch, &ctx).await;
        match agent::failed(&batch, &result) {
            None => Ok(result),
            Some(agent::Failed { succeeded, error }) => {
                Err(Failure { partial: Some(Partial { succeeded, result }), ..broken(error) })
            }
        }
    }
}

/// Results go to the run's owner, who stores them.
struct Kept(mpsc::Sender<Finished>);

impl Journal for Kept {
    fn keep(&self, index: usize, result: Value) -> BoxFuture<'_, ()> {
        async move {
            let (stored, durable) = oneshot::channel();
            // An owner that is gone stores nothing more; the outcome of the batch still goes to whoever takes it.
            if self.0.send(Finished { index, result, stored }).await.is_ok() {
                let _ = durable.await;
            }
        }
        .boxed()
    }
}

fn stored(batch: &Batch) -> Result<Value, serde_json::Error> {
    serde_json::to_value(batch)
}

fn read(batch: &Value) -> Result<Batch, serde_json::Error> {
    serde_json::from_value(batch.clone())
}
