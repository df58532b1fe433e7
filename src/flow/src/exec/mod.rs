//! One step of a flow (contract 04, section 13): plans the node a run stands on. Pure: what it changes are the run's
//! variables, what it wants is a [`StepPlan`].
//!
//! Invariants: state lives in the run's variables in the contract's layout, so a stored run goes on after a restart; a
//! pure node is evaluated at most once a step; the ambient payload (`_last_output`) is what the last function-style node
//! made.

mod agent;
mod control;
mod effects;
mod inputs;
mod project;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::HashMap;

use model::run::object_at;
use model::workflow::{PlanContext, PlanError, StepPlan, Workflow};
use model::{Map, Run, Value};
use serde_json::json;

use crate::compile::{CompileError, Kind, Plan, PlanNode, compile};
use crate::document::Document;
use crate::nodes::values::Inputs;

/// A compiled flow as a workflow.
pub struct Program {
    id: String,
    plan: Plan,
}

impl Program {
    /// Compiles a document under its id.
    ///
    /// # Errors
    /// What is wrong with the flow, naming node and type.
    pub fn compile(document: &Document) -> Result<Self, CompileError> {
        Ok(Self { id: document.id().to_owned(), plan: compile(document)? })
    }

    /// The agent nodes: node id, and the id of the loop each one starts.
    pub fn agents(&self) -> impl Iterator<Item = (&str, String)> {
        let agents = self.plan.nodes.iter().filter(|n| matches!(n.kind, Kind::Agent));
        agents.map(|n| (n.id.as_str(), model::id::agent_workflow_id(&self.id, &n.id)))
    }

    /// The data outputs of the start node: the flow's inputs.
    #[must_use]
    pub fn start_pins(&self) -> &[String] {
        self.plan.nodes.iter().find(|n| matches!(n.kind, Kind::Start)).map_or(&[], |n| n.outputs.as_slice())
    }
}

impl Workflow for Program {
    fn id(&self) -> &str {
        &self.id
    }

    fn entry(&self) -> &str {
        &self.plan.nodes[self.plan.entry].id
    }

    fn plan(&self, run: &mut Run, ctx: &PlanContext) -> Result<StepPlan, PlanError> {
        let Some(at) = self.plan.index.get(&run.current_node).copied() else {
            let message = format!("\"Unknown node_id '{}' in workflow '{}'\"", run.current_node, self.id);
            return Err(PlanError { class: "KeyError", message });
        };
        let step = Step { plan: &self.plan, at, workflow_id: &self.id, ctx, cache: HashMap::new() };
        step.run(run)
    }
}

/// One step under way.
struct Step<'a> {
    plan: &'a Plan,
    at: usize,
    workflow_id: &'a str,
    ctx: &'a PlanContext,
    /// Values of pure nodes evaluated in this step.
    cache: HashMap<usize, Value>,
}

impl<'a> Step<'a> {
    fn node(&self) -> &'a PlanNode {
        &self.plan.nodes[self.at]
    }

    fn id_of(&self, index: usize) -> String {
        self.plan.nodes[index].id.clone()
    }

    fn run(mut self, run: &mut Run) -> Result<StepPlan, PlanError> {
        let node = self.node();
        match node.kind {
            Kind::Start => self.start(run),
            Kind::Entry(outputs) => self.entry(run, outputs),
            Kind::End => match self.inputs(run, true) {
                Ok(payload) => Ok(self.end(run, payload)),
                Err(why) => Ok(self.soft(run, &why)),
            },
            Kind::Value(value) => {
                let outcome = self.inputs(run, true).and_then(|payload| {
                    let empty = Map::new();
                    let pins = payload.as_object().unwrap_or(&empty);
                    (value.run)(&Inputs {
                        pins,
                        declared: &node.inputs,
                        data: &node.data,
                        vars: &run.vars,
                        ctx: self.ctx,
                    })
                });
                match outcome {
                    Ok(output) => Ok(self.made(run, output)),
                    Err(why) => Ok(self.soft(run, &why)),
                }
            }
            Kind::Control(control) => self.control(run, control),
            Kind::Variable(variable) => self.variable(run, variable),
            Kind::Effect(effect) => self.effect(run, effect),
            Kind::Agent => self.agent(run),
        }
    }

    fn start(self, run: &mut Run) -> Result<StepPlan, PlanError> {
        let node = self.node();
        let empty = Map::new();
        let defaults = node.defaults().unwrap_or(&empty);
        let mut output = Map::new();
        if node.outputs.is_empty() {
            output.extend(run.vars.iter().filter(|(k, _)| !k.starts_with('_')).map(|(k, v)| (k.clone(), v.clone())));
            for (key, value) in defaults {
                output.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        for pin in &node.outputs {
            let value = run.vars.get(pin).or_else(|| defaults.get(pin)).cloned().unwrap_or(Value::Null);
            output.insert(pin.clone(), value);
        }
        Ok(self.made(run, Value::Object(output)))
    }

    fn entry(self, run: &mut Run, outputs: &[(&str, &str)]) -> Result<StepPlan, PlanError> {
        let channel = self.node().config("eventConfig", "channel").cloned();
        let mut output = Map::new();
        for (pin, default) in outputs {
            let value = run.vars.get(*pin).filter(|v| !v.is_null()).cloned();
            let configured = channel.clone().filter(|_| *pin == "channel");
            let fallback = || serde_json::from_str(default).unwrap_or(Value::Null);
            output.insert((*pin).to_owned(), value.or(configured).unwrap_or_else(fallback));
        }
        Ok(self.made(run, Value::Object(output)))
    }

    /// The end node always ends the run, also inside loops.
    fn end(self, run: &mut Run, payload: Value) -> StepPlan {
        let pins = &self.node().inputs;
        let output = match payload {
            Value::Object(payload) if pins.is_empty() => payload,
            Value::Object(payload) => {
                pins.iter().map(|p| (p.clone(), payload.get(p).cloned().unwrap_or(Value::Null))).collect()
            }
            scalar => {
                let key = if let [only] = pins.as_slice() { only.clone() } else { "response".to_owned() };
                Map::from_iter([(key, scalar)])
            }
        };
        self.remember(run, Value::Object(output.clone()));
        run.vars.insert("_last_output".into(), Value::Object(output.clone()));
        let mut output = output;
        output.entry("success").or_insert(Value::Bool(true));
        StepPlan::Complete(Value::Object(output))
    }

    /// Stores the node's outputs where later nodes find them.
    fn remember(&self, run: &mut Run, output: Value) {
        let id = self.node().id.clone();
        object_at(run.namespace("_temp"), "node_outputs").insert(id, output);
    }

    /// A function-style node is done: its output is remembered and becomes the ambient payload.
    fn made(self, run: &mut Run, output: Value) -> StepPlan {
        self.remember(run, output.clone());
        run.vars.insert("_last_output".into(), output.clone());
        run.namespace("_temp").insert("prev_exec_handle".into(), "exec-out".into());
        match self.node().exits.next() {
            Some(next) => StepPlan::Goto(self.id_of(next)),
            None => self.finish(run, with_success(output)),
        }
    }

    /// Nothing follows: back to the control node that started this branch, or the end of the run.
    fn finish(&self, run: &mut Run, output: Value) -> StepPlan {
        match control::top(run) {
            Some(top) => {
                control::return_to(run, &top);
                StepPlan::Goto(top)
            }
            None => StepPlan::Complete(output),
        }
    }

    /// An error the flow survives as an output (contract 04, 13.3). Inside a branch it ends the branch, and is told.
    fn soft(&self, run: &mut Run, why: &str) -> StepPlan {
        let id = &self.node().id;
        run.vars.insert("_flow_error".into(), why.into());
        run.vars.insert("_flow_error_node".into(), id.as_str().into());
        if control::top(run).is_some() {
            warn(run, format!("#ERROR {id}: {why}"));
        }
        self.finish(run, json!({"error": why, "success": false, "node": id}))
    }
}

/// The output of a terminal function-style node.
fn with_success(output: Value) -> Value {
    match output {
        Value::Object(mut output) => {
            output.entry("success").or_insert(Value::Bool(true));
            Value::Object(output)
        }
        other => json!({"response": other, "success": true}),
    }
}

/// Adds a warning once.
fn warn(run: &mut Run, text: String) {
    let list = run.vars.entry("_flow_warnings").or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut()
        && !list.iter().any(|w| w.as_str() == Some(&text))
        && list.len() < 100
    {
        list.push(text.into());
    }
}
