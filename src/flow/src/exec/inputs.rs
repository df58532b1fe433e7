//! What a node receives: the ambient payload, over it the wired pins, over it the defaults of unwired pins (contract 04,
//! 13.1), and the pure nodes that feed them (13.2).
//!
//! The ambient payload may be large (an agent's whole history), so it is lent, not copied: for the time of the step it
//! lies in [`Payload`], and [`Step::give_back`] returns it unless the node made a new one.

use std::collections::HashSet;

use model::{Map, Run, Value};

use super::{Step, project};
use crate::compile::Kind;
use crate::nodes::values::Inputs;

/// The variable that holds the ambient payload.
const AMBIENT: &str = "_last_output";

/// Where the ambient part of a node's input comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// The variable `inputKey` names, else the ambient payload, else (the first node of a run) all variables.
    Function,
    /// The ambient payload or nothing.
    Plain,
}

/// What a node receives.
#[derive(Default)]
pub(super) struct Payload {
    /// Wired pins and applied defaults.
    pub(super) pins: Map,
    ambient: Value,
    /// There is an ambient value at all.
    present: bool,
    /// It is taken out of the run's variables.
    lent: bool,
}

impl Payload {
    /// A pin, or the ambient key of that name.
    pub(super) fn get(&self, pin: &str) -> Option<&Value> {
        self.pins.get(pin).or_else(|| self.ambient.get(pin))
    }

    /// [`Self::get`] without null.
    pub(super) fn given(&self, pin: &str) -> Option<&Value> {
        self.get(pin).filter(|value| !value.is_null())
    }

    /// The first of some names that is neither absent nor null.
    pub(super) fn any(&self, pins: &[&str]) -> Option<&Value> {
        pins.iter().find_map(|pin| self.given(pin))
    }

    /// The raw ambient value, when it is no object and no pin is there.
    pub(super) fn scalar(&self) -> Option<&Value> {
        (self.pins.is_empty() && !self.ambient.is_object() && self.present).then_some(&self.ambient)
    }

    /// Ambient keys and pins together.
    pub(super) fn whole(&self) -> Map {
        let mut whole = self.ambient.as_object().cloned().unwrap_or_default();
        whole.extend(self.pins.iter().map(|(k, v)| (k.clone(), v.clone())));
        whole
    }
}

impl Step<'_> {
    /// Resolves what the step's node receives into `self.payload`.
    ///
    /// # Errors
    /// The text of the first pure node that fails.
    pub(super) fn receive(&mut self, run: &mut Run, style: Style) -> Result<(), String> {
        let mut pins = Map::new();
        self.wired(run, self.at, &mut pins)?;
        let node = self.node();
        let keyed = (style == Style::Function).then(|| crate::document::text(node.data.get("inputKey"))).flatten();
        let (ambient, lent) = match (keyed, run.vars.get_mut(AMBIENT)) {
            (Some(key), _) => (run.vars.get(&key).cloned(), false),
            (None, Some(ambient)) => (Some(std::mem::take(ambient)), true),
            (None, None) => ((style == Style::Function).then(|| Value::Object(run.vars.clone())), false),
        };
        let (present, ambient) = (ambient.is_some(), ambient.unwrap_or(Value::Null));
        for fallback in &node.fallbacks {
            if fallback.declared || !(pins.contains_key(&fallback.pin) || ambient.get(&fallback.pin).is_some()) {
                pins.insert(fallback.pin.clone(), fallback.value.clone());
            }
        }
        self.payload = Payload { pins, ambient, present, lent };
        Ok(())
    }

    /// [`Self::receive`], where what cannot be resolved is absent.
    pub(super) fn receive_leniently(&mut self, run: &mut Run) {
        if self.receive(run, Style::Plain).is_err() {
            self.payload = Payload::default();
        }
    }

    /// Puts the ambient payload back where it was taken.
    pub(super) fn give_back(&mut self, run: &mut Run) {
        if std::mem::take(&mut self.payload.lent)
            && let Some(place) = run.vars.get_mut(AMBIENT)
        {
            *place = std::mem::take(&mut self.payload.ambient);
        }
    }

    /// Makes a value the ambient payload.
    pub(super) fn set_ambient(&mut self, run: &mut Run, value: Value) {
        self.payload.lent = false;
        run.vars.insert(AMBIENT.to_owned(), value);
    }

    /// Changes the ambient payload in place.
    pub(super) fn ambient<'r>(&mut self, run: &'r mut Run) -> &'r mut Value {
        self.give_back(run);
        run.vars.entry(AMBIENT).or_insert(Value::Null)
    }

    /// Puts the values of wired pins into `pins`; a pin whose source has not run, or has no such pin, is left alone.
    fn wired(&mut self, run: &Run, at: usize, pins: &mut Map) -> Result<(), String> {
        let plan = self.plan;
        for wire in &plan.nodes[at].wires {
            let Some(source) = wire.source else { continue };
            let node = &plan.nodes[source];
            if !node.exec {
                self.pull(run, source)?;
            } else if let Kind::Effect(_) = node.kind
                && !self.seen.contains_key(&source)
            {
                self.seen.extend(project::outputs(run, node).map(|outputs| (source, outputs)));
            }
            let output = self.seen.get(&source).or_else(|| project::remembered(run, node));
            pins.extend(output.and_then(|o| pick(o, &wire.handle)).map(|v| (wire.pin.clone(), v.clone())));
        }
        Ok(())
    }

    /// Evaluates a pure node and what feeds it, each once a step. Not recursive: chains may be as long as a document.
    fn pull(&mut self, run: &Run, root: usize) -> Result<(), String> {
        if self.seen.contains_key(&root) {
            return Ok(());
        }
        let plan = self.plan;
        let (mut open, mut entered) = (vec![root], HashSet::from([root]));
        while let Some(at) = open.last().copied() {
            let sources = plan.nodes[at].wires.iter().filter_map(|w| w.source);
            let missing = sources.into_iter().find(|s| !plan.nodes[*s].exec && !self.seen.contains_key(s));
            match missing {
                Some(next) if entered.insert(next) => open.push(next),
                Some(next) => return Err(format!("Data edge cycle detected at '{}'", plan.nodes[next].id)),
                None => {
                    let output = self.evaluate(run, at)?;
                    self.seen.insert(at, output);
                    open.pop();
                }
            }
        }
        Ok(())
    }

    /// Evaluates a pure node whose sources are evaluated.
    fn evaluate(&mut self, run: &Run, at: usize) -> Result<Value, String> {
        let node = &self.plan.nodes[at];
        let Kind::Value(value) = node.kind else { return Ok(Value::Null) };
        let mut pins = Map::new();
        self.wired(run, at, &mut pins)?;
        pins.extend(node.fallbacks.iter().map(|f| (f.pin.clone(), f.value.clone())));
        (value.run)(&Inputs { pins: &pins, declared: &node.inputs, data: &node.data, vars: &run.vars, ctx: self.ctx })
    }
}

/// The pin of an output: its member, or the whole for `result` and `output`.
fn pick<'v>(output: &'v Value, pin: &str) -> Option<&'v Value> {
    output.as_object().and_then(|o| o.get(pin)).or_else(|| matches!(pin, "result" | "output").then_some(output))
}
