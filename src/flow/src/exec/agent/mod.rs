//! The agent node (contract 07, sections 1.2 to 1.5 and 1.13 to 1.18): starts the agent loop as a child run, shows what
//! came of it, and lets a model put the answer in a schema when one is asked for.
//!
//! Its state lies in `_temp.agent.<node>`: `phase` is `subworkflow` while the child runs, `structured` while the answer is
//! being converted, `done` afterwards. What the child left (its traces above all) is dropped from there as soon as the
//! outputs are made of it.

mod outcome;
mod start;

use model::run::object_at;
use model::workflow::StepPlan;
use model::{Effect, EffectKind, Map, Run, Value};
use serde_json::json;

use super::{Step, llm, project};
use crate::python::truthy;
use outcome::Outcome;

impl Step<'_> {
    pub(super) fn agent(&mut self, run: &mut Run) -> StepPlan {
        let bucket = self.bucket(run);
        match bucket.get("phase").and_then(Value::as_str) {
            Some("subworkflow") => self.child_done(run),
            Some("structured") => self.structured_done(run),
            _ => {
                *bucket = Map::new();
                self.receive_leniently(run);
                self.start_child(run)
            }
        }
    }

    /// The node's own state.
    fn bucket<'r>(&self, run: &'r mut Run) -> &'r mut Map {
        object_at(object_at(run.namespace("_temp"), "agent"), &project::slot(&self.node().id))
    }

    /// An effect whose result comes back to this node.
    fn ask(&self, kind: EffectKind, payload: Map, member: &str) -> StepPlan {
        let id = &self.node().id;
        let result_key = Some(format!("_temp.agent.{}.{member}", project::slot(id)));
        StepPlan::Effect { effect: Effect { kind, payload, result_key }, next: Some(id.clone()) }
    }

    fn child_done(&mut self, run: &mut Run) -> StepPlan {
        let bucket = std::mem::take(self.bucket(run));
        let outcome = Outcome::read(&bucket);
        let inputs = bucket.get("resolved_inputs").and_then(Value::as_object).cloned().unwrap_or_default();
        if outcome.success && inputs.get("response_schema").is_some_and(Value::is_object) {
            let payload = conversion(&self.node().id, &inputs, &outcome.answer);
            let mut bucket = bucket;
            bucket.insert("phase".into(), "structured".into());
            *self.bucket(run) = bucket;
            return self.ask(EffectKind::LlmCall, payload, "structured");
        }
        self.agent_done(run, outcome, None)
    }

    fn structured_done(&mut self, run: &mut Run) -> StepPlan {
        let bucket = std::mem::take(self.bucket(run));
        let result = bucket.get("structured");
        let parsed = || serde_json::from_str(result?.get("content")?.as_str()?).ok();
        let data = result.and_then(|r| r.get("data")).filter(|d| d.is_object()).cloned().or_else(parsed);
        let outcome = Outcome::read(&bucket);
        self.agent_done(run, outcome, Some(data.filter(|d| !d.is_null()).unwrap_or_else(|| json!({}))))
    }

    fn agent_done(&mut self, run: &mut Run, outcome: Outcome, data: Option<Value>) -> StepPlan {
        let node = self.node();
        let bucket = self.bucket(run);
        bucket.insert("phase".into(), "done".into());
        bucket.insert("sub_run_id".into(), outcome.sub_run_id.clone());
        if outcome.use_context {
            outcome.append_turn(run, &node.id, self.ctx.now);
        }
        if let Some(error) = outcome.error.as_ref().filter(|_| !outcome.success) {
            run.vars.insert("_flow_error".into(), error.as_str().into());
            run.vars.insert("_flow_error_node".into(), node.id.as_str().into());
        }
        let (shown, beside) = outcome.outputs(node, data);
        let mut remembered = shown.clone();
        if !node.wants(&["scratchpad", "output"]) {
            remembered.shift_remove("scratchpad");
        }
        remembered.extend(beside);
        self.remember(run, Value::Object(remembered));
        match node.exits.next() {
            Some(next) => {
                self.set_ambient(run, Value::Object(shown));
                self.goto(next)
            }
            None => {
                self.set_ambient(run, Value::Object(shown.clone()));
                self.finish(run, Value::Object(shown))
            }
        }
    }

    fn agent_unconfigured(&mut self, run: &mut Run, provider: &str, model: &str) -> StepPlan {
        run.vars.insert("_flow_error".into(), "Agent node missing provider/model configuration".into());
        run.vars.insert("_flow_error_node".into(), self.node().id.as_str().into());
        let known = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
        let meta = json!({"schema": "abstractcode.agent.v1.meta", "version": 1, "provider": known(provider), "model": known(model)});
        let output = json!({
            "response": UNCONFIGURED, "success": false, "meta": meta,
            "scratchpad": {"messages": [], "node_traces": {}, "steps": [], "tool_calls": [], "tool_results": []},
            "tool_calls": [], "tool_results": [],
        });
        self.made(run, output)
    }
}

/// The answer of an agent without a model: the words clients know, and what helps.
const UNCONFIGURED: &str = "Agent configuration error: missing provider/model. Set one for all flows: \
     abstractgateway config set-default input.text --provider PROVIDER --model MODEL";

/// The model call that puts an answer in a schema.
fn conversion(node_id: &str, inputs: &Map, answer: &str) -> Map {
    let text = |key: &str| inputs.get(key).and_then(Value::as_str).unwrap_or_default();
    let prompt = format!(
        "Express the answer below as one JSON object that fits the given schema. Add nothing that the answer does not \
         say.\n\nTask:\n{}\n\nAnswer:\n{answer}",
        text("prompt")
    );
    super::context::object([
        ("messages", Some(json!([{"role": "user", "content": prompt}]))),
        ("system_prompt", Some(text("system").into())),
        ("provider", inputs.get("provider").cloned()),
        ("model", inputs.get("model").cloned()),
        ("response_schema", inputs.get("response_schema").cloned()),
        ("response_schema_name", Some(format!("Agent_{node_id}").into())),
        ("params", inputs.get("params").cloned()),
    ])
}

/// The schema a node's answer is put in: the pin's, else that of `agentConfig.outputSchema` when it is enabled.
fn response_schema(node: &crate::compile::PlanNode, payload: &super::inputs::Payload) -> Option<Value> {
    let own = || {
        let config = node.config("agentConfig", "outputSchema").filter(|s| s.get("enabled").is_some_and(truthy))?;
        llm::schema(config.get("jsonSchema"))
    };
    llm::schema(payload.any(&["resp_schema", "response_schema"])).or_else(own)
}
