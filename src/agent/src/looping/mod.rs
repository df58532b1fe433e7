//! The agent loop as a workflow of eight nodes: `init, reason, parse, act, observe, handle_user_response, done,
//! max_iterations`. Only `reason`, `act` and `max_iterations` ask for effects; the others leave no ledger record.
//!
//! It may not know who calls the model or executes tools. The invariant: every tool call the model made gets exactly
//! one tool message with the same id, whatever became of the call.

mod act;
pub(crate) mod builtins;
mod finish;
mod init;
mod observe;
mod parse;
mod prompt;
mod reason;
mod state;
#[cfg(test)]
mod tests;
mod wire;

use model::workflow::{PlanContext, PlanError, StepPlan, Workflow};
use model::{Run, Value};

/// One agent: its workflow id, the tools it knows, and the tools it may use when its starter names none.
#[derive(Clone, Debug)]
pub struct AgentLoop {
    id: String,
    specs: Vec<Value>,
    default_tools: Option<Vec<String>>,
}

impl AgentLoop {
    /// An agent that runs under the workflow id `id`. `specs` are the tool definitions of the host (the shape of
    /// [`crate::specs`]); the loop's own tools (`ask_user`, `delegate_agent` …) are added here.
    #[must_use]
    pub fn new(id: impl Into<String>, specs: Vec<Value>, default_tools: Option<Vec<String>>) -> Self {
        let mut all = specs;
        let known: Vec<_> = all.iter().map(|s| s["name"].clone()).collect();
        all.extend(builtins::specs().into_iter().filter(|s| !known.contains(&s["name"])));
        Self { id: id.into(), specs: all, default_tools }
    }
}

impl Workflow for AgentLoop {
    fn id(&self) -> &str {
        &self.id
    }

    fn entry(&self) -> &str {
        "init"
    }

    fn plan(&self, run: &mut Run, ctx: &PlanContext) -> Result<StepPlan, PlanError> {
        match run.current_node.as_str() {
            "init" => Ok(init::init(self, run, ctx)),
            "reason" => Ok(reason::reason(self, run)),
            "parse" => Ok(parse::parse(run, ctx)),
            "act" => Ok(act::act(self, run, ctx)),
            "observe" => Ok(observe::observe(run, ctx)),
            "handle_user_response" => Ok(observe::user_response(run, ctx)),
            "done" => Ok(finish::done(run, ctx)),
            "max_iterations" => Ok(finish::max_iterations(run, ctx)),
            other => Err(PlanError { class: "KeyError", message: format!("the agent loop has no node '{other}'") }),
        }
    }
}
