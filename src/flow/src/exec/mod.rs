//! One step of a flow (contract 04, section 13): plans the node a run stands on. Pure: what it changes are the run's
//! variables, what it wants is a [`StepPlan`].
//!
//! Invariants: state lives in the run's variables in the contract's layout, so a stored run goes on after a restart; a
//! pure node is evaluated at most once a step; a step costs what its own node and the values it pulls cost, whatever the
//! size of the flow; the ambient payload (`_last_output`) is what the last function-style node made.

mod agent;
mod context;
mod control;
mod effects;
mod graph;
mod inputs;
mod llm;
mod memact;
mod memory;
mod project;
mod subflow;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::HashMap;

use model::run::{object_at, write_path};
use model::workflow::{PlanContext, PlanError, StepPlan, Workflow};
use model::{Map, Run, Value};
use serde_json::json;

use crate::compile::{CompileError, EffectNode, Exits, Kind, Plan, PlanNode, compile};
use crate::document::Document;
use crate::nodes::values::Inputs;
use inputs::{Payload, Style};

/// A compiled flow as a workflow.
pub struct Program {
    id: String,
    /// The flow this program belongs to: its own id, except for listeners.
    flow_id: String,
    plan: Plan,
}

impl Program {
    /// Compiles a document under its id.
    ///
    /// # Errors
    /// What is wrong with the flow, naming node and type.
    pub fn compile(document: Document<'_>) -> Result<Self, CompileError> {
        let id = document.id().to_owned();
        Ok(Self { flow_id: id.clone(), id, plan: compile(document)? })
    }

    /// The listeners of a flow: a program for every `on_event` node that starts there, with the node's id
    /// (contract 04, 17.4). A root run of the flow has one child run of each.
    ///
    /// # Errors
    /// What is wrong with the part of the flow behind such a node.
    pub fn listeners(document: &Document<'_>) -> Result<Vec<(String, Self)>, CompileError> {
        let mut listeners = Vec::new();
        for node in document.nodes.iter().filter(|n| n.kind == "on_event") {
            let mut own = document.clone();
            own.entry = Some(node.id.clone());
            let plan = compile(own)?;
            if plan.nodes[plan.entry].id == node.id {
                let id = model::id::listener_workflow_id(document.id(), &node.id);
                listeners.push((node.id.clone(), Self { id, flow_id: document.id().to_owned(), plan }));
            }
        }
        Ok(listeners)
    }

    /// The agent nodes a run can reach: node id, and the id of the loop each one starts.
    pub fn agents(&self) -> impl Iterator<Item = (&str, String)> {
        let agents = self.plan.index.values().map(|at| &self.plan.nodes[*at]).filter(|n| matches!(n.kind, Kind::Agent));
        agents.map(|n| (n.id.as_str(), model::id::agent_workflow_id(&self.flow_id, &n.id)))
    }

    /// `agentConfig` of an agent node.
    #[must_use]
    pub fn agent_config(&self, node_id: &str) -> Option<&Map> {
        self.plan.nodes[*self.plan.index.get(node_id)?].data.get("agentConfig")?.as_object()
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
        let mut step = Step {
            plan: &self.plan,
            at,
            flow_id: &self.flow_id,
            ctx,
            seen: HashMap::new(),
            payload: Payload::default(),
        };
        step.copy_outputs(run);
        let planned = step.run(run);
        step.give_back(run);
        planned
    }
}

/// One step under way.
struct Step<'a> {
    plan: &'a Plan,
    at: usize,
    flow_id: &'a str,
    ctx: &'a PlanContext,
    /// Outputs of other nodes looked at in this step: evaluated pure nodes and projected effect results.
    seen: HashMap<usize, Value>,
    /// What the node receives, once it was asked for.
    payload: Payload,
}

impl<'a> Step<'a> {
    fn node(&self) -> &'a PlanNode {
        &self.plan.nodes[self.at]
    }

    fn goto(&self, to: usize) -> StepPlan {
        StepPlan::Goto(self.plan.nodes[to].id.clone())
    }

    fn run(&mut self, run: &mut Run) -> Result<StepPlan, PlanError> {
        let node = self.node();
        match node.kind {
            Kind::Start => Ok(self.start(run)),
            Kind::Entry(outputs) => Ok(self.entry(run, outputs)),
            Kind::End => Ok(self.end(run)),
            Kind::Value(_) => Ok(self.value(run)),
            Kind::Control(control) => self.control(run, control),
            Kind::Variable(variable) => self.variable(run, variable),
            Kind::Effect(effect) => self.effect(run, effect),
            Kind::MemAct => self.compose(run),
            Kind::Agent => Ok(self.agent(run)),
            Kind::Unknown(_) => Err(PlanError::value(format!("node '{}' cannot run", node.id))),
        }
    }

    /// `outputKey`: effect nodes that have run copy their outputs to a variable before every later step.
    fn copy_outputs(&self, run: &mut Run) {
        for (at, path) in &self.plan.copies {
            if let Some(outputs) = project::outputs(run, &self.plan.nodes[*at]) {
                write_path(&mut run.vars, path, outputs);
            }
        }
    }

    fn start(&mut self, run: &mut Run) -> StepPlan {
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
        self.made(run, Value::Object(output))
    }

    fn entry(&mut self, run: &mut Run, outputs: &[(&str, &str)]) -> StepPlan {
        let channel = self.node().config("eventConfig", "channel").cloned();
        let mut output = Map::new();
        for (pin, default) in outputs {
            let value = run.vars.get(*pin).filter(|v| !v.is_null()).cloned();
            let configured = channel.clone().filter(|_| *pin == "channel");
            let fallback = || serde_json::from_str(default).unwrap_or(Value::Null);
            output.insert((*pin).to_owned(), value.or(configured).unwrap_or_else(fallback));
        }
        self.made(run, Value::Object(output))
    }

    /// The end node always ends the run, also inside loops.
    fn end(&mut self, run: &mut Run) -> StepPlan {
        if let Err(why) = self.receive(run, Style::Function) {
            return self.soft(run, &why);
        }
        let pins = &self.node().inputs;
        let mut output = match self.payload.scalar() {
            Some(scalar) => {
                let key = if let [only] = pins.as_slice() { only.clone() } else { "response".to_owned() };
                Map::from_iter([(key, scalar.clone())])
            }
            None if pins.is_empty() => self.payload.whole(),
            None => pins.iter().map(|p| (p.clone(), self.payload.get(p).cloned().unwrap_or(Value::Null))).collect(),
        };
        self.remember(run, Value::Object(output.clone()));
        self.set_ambient(run, Value::Object(output.clone()));
        output.entry("success").or_insert(Value::Bool(true));
        StepPlan::Complete(Value::Object(output))
    }

    /// A node that computes, on the execution path.
    fn value(&mut self, run: &mut Run) -> StepPlan {
        let node = self.node();
        let Kind::Value(value) = node.kind else { return self.soft(run, "this node computes nothing") };
        let outcome = self.receive(run, Style::Function).and_then(|()| {
            let pins = self.payload.whole();
            let inputs =
                Inputs { pins: &pins, declared: &node.inputs, data: &node.data, vars: &run.vars, ctx: self.ctx };
            (value.run)(&inputs)
        });
        match outcome {
            Ok(output) => self.made(run, output),
            Err(why) => self.soft(run, &why),
        }
    }

    /// Stores the node's outputs where later nodes find them.
    fn remember(&self, run: &mut Run, output: Value) {
        object_at(run.namespace("_temp"), "node_outputs").insert(self.node().id.clone(), output);
    }

    fn left_by(run: &mut Run, handle: &str) {
        run.namespace("_temp").insert("prev_exec_handle".into(), handle.into());
    }

    /// A function-style node is done: its output is remembered, becomes the ambient payload, and may choose the way.
    fn made(&mut self, run: &mut Run, output: Value) -> StepPlan {
        let node = self.node();
        if let Exits::Handles(_) = node.exits {
            let Some(branch) = output.get("branch").and_then(Value::as_str) else {
                return self.soft(run, "Branching node did not return a string 'branch' value");
            };
            if node.exits.at(branch).is_none() && !is_branch(branch) {
                return self.soft(run, &format!("Unknown branch '{branch}'"));
            }
        }
        let branch = output.get("branch").and_then(Value::as_str).filter(|_| !matches!(node.exits, Exits::Linear(_)));
        let next = branch.map_or_else(|| node.exits.next(), |branch| node.exits.at(branch));
        Self::left_by(run, branch.unwrap_or("exec-out"));
        self.remember(run, output.clone());
        match next {
            Some(next) => {
                self.set_ambient(run, output);
                self.goto(next)
            }
            None => {
                self.set_ambient(run, output.clone());
                self.finish(run, with_success(output))
            }
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
            run.warn(format!("#ERROR {id}: {why}"));
        }
        self.finish(run, json!({"error": why, "success": false, "node": id}))
    }
}

fn is_branch(handle: &str) -> bool {
    matches!(handle, "true" | "false" | "default") || handle.starts_with("case:")
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

/// A plan error with the class a Python client would see: conversions of the wrong type are `TypeError`, a missing key of
/// a template is a `KeyError`.
fn plan_error(why: String) -> PlanError {
    let wrong_type =
        ["float() argument", "int() argument"].iter().any(|p| why.starts_with(p)) || why.contains("object is not");
    let key = why.len() > 1 && why.starts_with('\'') && why.ends_with('\'');
    let class = match () {
        () if wrong_type => "TypeError",
        () if key => "KeyError",
        () => "ValueError",
    };
    PlanError { class, message: why }
}

/// Levels of lists and objects a stored value may have: readers of JSON stop at 128.
const MAX_LEVELS: usize = 100;

/// Refuses a value that could not be read back from the store.
fn shallow(value: &Value) -> Result<(), String> {
    fn deeper(value: &Value, levels: usize) -> bool {
        match value {
            Value::Array(items) => levels == 0 || items.iter().any(|item| deeper(item, levels - 1)),
            Value::Object(map) => levels == 0 || map.values().any(|item| deeper(item, levels - 1)),
            _ => false,
        }
    }
    if deeper(value, MAX_LEVELS) { Err(format!("value is nested deeper than {MAX_LEVELS} levels")) } else { Ok(()) }
}

/// The kinds of effect nodes that put outputs beside what their effect results in.
const fn keeps_outputs(kind: EffectNode) -> bool {
    matches!(kind, EffectNode::AskUser | EffectNode::WaitEvent | EffectNode::OnSchedule | EffectNode::LlmCall)
}
