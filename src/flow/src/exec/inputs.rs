//! What a node receives: the ambient payload, over it the wired pins, over it the defaults of unwired pins.

use model::{Map, Run, Value};

use super::{Step, project};
use crate::compile::Kind;
use crate::nodes::values::Inputs;

/// How deep pure nodes may feed each other.
const MAX_DEPTH: usize = 200;

impl Step<'_> {
    /// The input object of the step's node; the raw ambient value when the object would be empty. The first
    /// function-style node of a run sees all of its variables.
    pub(super) fn inputs(&mut self, run: &Run, function_style: bool) -> Result<Value, String> {
        let node = self.node();
        let keyed =
            node.data.get("inputKey").and_then(Value::as_str).filter(|k| function_style && !k.trim().is_empty());
        let ambient = match keyed {
            Some(key) => run.vars.get(key).cloned(),
            None => run.vars.get("_last_output").cloned(),
        };
        let ambient = ambient.or_else(|| function_style.then(|| Value::Object(run.vars.clone())));
        let mut object = match &ambient {
            Some(Value::Object(map)) => map.clone(),
            _ => Map::new(),
        };
        self.fill(run, self.at, &mut object, 0)?;
        if object.is_empty() { Ok(ambient.unwrap_or_else(|| Value::Object(object))) } else { Ok(Value::Object(object)) }
    }

    /// Puts wired pins and defaults over `object`.
    fn fill(&mut self, run: &Run, at: usize, object: &mut Map, depth: usize) -> Result<(), String> {
        let plan = self.plan;
        let node = &plan.nodes[at];
        for (pin, source, source_pin) in &node.wires {
            let Some(source) = source else { continue };
            if let Some(value) = self.resolve(run, *source, source_pin, depth)? {
                object.insert(pin.clone(), value);
            }
        }
        for (pin, value) in node.defaults().into_iter().flatten().filter(|(pin, _)| !node.is_wired(pin)) {
            if node.inputs.contains(pin) || !object.contains_key(pin) {
                object.insert(pin.clone(), value.clone());
            }
        }
        Ok(())
    }

    /// The value at a pin of another node; none when it has not run, or has no such pin.
    fn resolve(&mut self, run: &Run, source: usize, pin: &str, depth: usize) -> Result<Option<Value>, String> {
        let node = &self.plan.nodes[source];
        let output = if node.exec { project::outputs(run, node) } else { Some(self.pure(run, source, depth)?) };
        Ok(output.and_then(|output| pick(output, pin)))
    }

    /// Evaluates a pure node, once a step.
    fn pure(&mut self, run: &Run, at: usize, depth: usize) -> Result<Value, String> {
        if let Some(value) = self.cache.get(&at) {
            return Ok(value.clone());
        }
        let node = &self.plan.nodes[at];
        if depth >= MAX_DEPTH {
            return Err(format!("Data edge cycle detected at '{}'", node.id));
        }
        let Kind::Value(value) = node.kind else { return Ok(Value::Null) };
        let mut pins = Map::new();
        self.fill(run, at, &mut pins, depth + 1)?;
        let output = (value.run)(&Inputs {
            pins: &pins,
            declared: &node.inputs,
            data: &node.data,
            vars: &run.vars,
            ctx: self.ctx,
        })?;
        self.cache.insert(at, output.clone());
        Ok(output)
    }
}

/// The pin of an output: its member, or the whole for `result` and `output`.
fn pick(output: Value, pin: &str) -> Option<Value> {
    if let Some(member) = output.as_object().and_then(|o| o.get(pin)) {
        return Some(member.clone());
    }
    matches!(pin, "result" | "output").then_some(output)
}
