//! Nodes that direct execution, and the stack of those that are open (contract 04, 13.6 and 15.6). Frames lie in
//! `_temp._control`, so a run that waits inside a loop goes on inside it.

use model::run::object_at;
use model::workflow::{PlanError, StepPlan};
use model::{Map, Run, Value};
use serde_json::json;

use super::inputs::{Payload, Style};
use super::{Step, plan_error};
use crate::compile::{Control, Exits};
use crate::document::{list, text};
use crate::python::{py_float, py_str, truthy};

/// How often `for` and `while` may go round.
const MAX_ITERATIONS: usize = 10_000;

fn state(run: &mut Run) -> &mut Map {
    object_at(run.namespace("_temp"), "_control")
}

/// The innermost open control node.
pub(super) fn top(run: &Run) -> Option<String> {
    run.vars.get("_temp")?.get("_control")?.get("stack")?.as_array()?.last()?.as_str().map(str::to_owned)
}

/// Marks that control comes back to an open node because its branch has ended.
pub(super) fn return_to(run: &mut Run, id: &str) {
    state(run).insert("return_to".into(), id.into());
}

/// Whether control came back to an open node. Otherwise this is a fresh visit: whatever was open from an earlier one,
/// the node itself and all it had opened, is closed.
fn reentered(run: &mut Run, id: &str) -> bool {
    let control = state(run);
    let marked = control.shift_remove("return_to").is_some_and(|m| m.as_str() == Some(id));
    if marked && control.get("frames").and_then(|f| f.get(id)).is_some_and(Value::is_object) {
        return true;
    }
    let Some(stack) = control.get_mut("stack").and_then(Value::as_array_mut) else { return false };
    if let Some(at) = stack.iter().position(|s| s.as_str() == Some(id)) {
        let closed = stack.split_off(at);
        let frames = object_at(control, "frames");
        closed.iter().filter_map(Value::as_str).for_each(|id| drop(frames.shift_remove(id)));
    }
    false
}

/// Opens a node: its branch ends by coming back to it.
fn open(run: &mut Run, id: &str, frame: Map) {
    let control = state(run);
    let stack = control.entry("stack").or_insert_with(|| json!([]));
    if let Some(stack) = stack.as_array_mut() {
        stack.push(id.into());
    }
    object_at(control, "frames").insert(id.to_owned(), Value::Object(frame));
}

fn frame<'r>(run: &'r mut Run, id: &str) -> &'r mut Map {
    object_at(object_at(state(run), "frames"), id)
}

fn close(run: &mut Run, id: &str) {
    let control = state(run);
    if let Some(stack) = control.entry("stack").or_insert_with(|| json!([])).as_array_mut() {
        stack.retain(|s| s.as_str() != Some(id));
    }
    object_at(control, "frames").shift_remove(id);
}

/// Keeps a listening node open: the end of its branch comes back to it.
pub(super) fn open_listener(run: &mut Run, id: &str) {
    let listening = || Map::from_iter([("kind".to_owned(), "listener".into())]);
    if !reentered(run, id) {
        open(run, id, listening());
    }
}

fn number(frame: &Map, key: &str) -> f64 {
    frame.get(key).and_then(Value::as_f64).unwrap_or(0.0)
}

fn count(frame: &Map, key: &str) -> usize {
    frame.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
}

impl Step<'_> {
    pub(super) fn control(&mut self, run: &mut Run, control: Control) -> Result<StepPlan, PlanError> {
        match control {
            Control::If | Control::Switch => Ok(self.branch(run, control)),
            Control::Join => Ok(self.join(run)),
            Control::Sequence | Control::Parallel => Ok(self.sequence(run, control)),
            Control::Loop => self.each(run),
            Control::For => self.count_up(run),
            Control::While => self.repeat(run),
        }
    }

    fn branch(&mut self, run: &mut Run, control: Control) -> StepPlan {
        if let Err(why) = self.receive(run, Style::Function) {
            return self.soft(run, &why);
        }
        let output = match control {
            Control::If => {
                let condition = self.payload.get("condition").is_some_and(truthy);
                json!({"branch": if condition { "true" } else { "false" }, "condition": condition})
            }
            _ => self.switch(),
        };
        self.made(run, output)
    }

    fn switch(&self) -> Value {
        let cases = list(self.node().data.get("switchConfig").and_then(|c| c.get("cases")));
        let value = self.payload.given("value").map(py_str).unwrap_or_default();
        let text = |case: &Value| case.get("value").filter(|v| !v.is_null()).map(py_str);
        match cases.iter().find(|case| text(case).as_ref() == Some(&value)) {
            Some(case) => {
                let id = case.get("id").map(py_str).unwrap_or_default();
                json!({"branch": format!("case:{id}"), "value": value, "matched": text(case)})
            }
            None => json!({"branch": "default", "value": value}),
        }
    }

    /// Notes which way execution came in. The ambient payload and the last handle stay as they are.
    fn join(&mut self, run: &mut Run) -> StepPlan {
        let node = self.node();
        let temp = |key: &str| text(run.vars.get("_temp").and_then(|t| t.get(key)));
        let (from, handle) = (temp("prev_node_id"), temp("prev_exec_handle"));
        let routes = list(node.data.get("_routes"));
        let is =
            |route: &Value, key: &str, text: &Option<String>| route.get(key).and_then(Value::as_str) == text.as_deref();
        let same: Vec<usize> = (0..routes.len()).filter(|i| is(&routes[*i], "source", &from)).collect();
        let exact = same.iter().copied().find(|i| is(&routes[*i], "handle", &handle));
        let which = exact.or_else(|| same.first().copied()).unwrap_or(0);
        let warning = match &from {
            None => Some(format!("#FALLBACK join_exec '{}': prev_node_id missing; defaulting which=0.", node.id)),
            Some(from) if exact.is_none() && same.len() > 1 => Some(format!(
                "#FALLBACK join_exec '{}': multiple incoming routes from '{from}' but prev_exec_handle was missing; \
                 defaulting which={which}.",
                node.id
            )),
            Some(_) => None,
        };
        let mut output = json!({"which": which, "from": from});
        if let Some(handle) = handle {
            output["from_handle"] = handle.into();
        }
        if let Some(warning) = warning {
            run.warn(warning);
        }
        self.remember(run, output);
        match node.exits.next() {
            Some(next) => self.goto(next),
            None => self.finish(run, json!({"success": true})),
        }
    }

    fn sequence(&mut self, run: &mut Run, control: Control) -> StepPlan {
        let node = self.node();
        let Exits::Branches { then, completed } = &node.exits else { return self.over(run, None) };
        if !reentered(run, &node.id) {
            let ids = then.iter().map(|(_, to)| Value::String(self.plan.nodes[*to].id.clone())).collect();
            let mut frame = Map::from_iter([("kind".to_owned(), "sequence".into()), ("idx".to_owned(), 0.into())]);
            frame.insert("then".into(), Value::Array(ids));
            if control == Control::Parallel {
                frame.insert("kind".into(), "parallel".into());
                frame.insert("phase".into(), "branches".into());
                frame
                    .extend(completed.map(|to| ("completed_target".to_owned(), self.plan.nodes[to].id.clone().into())));
            }
            open(run, &node.id, frame);
        }
        let frame = frame(run, &node.id);
        let idx = count(frame, "idx");
        match then.get(idx) {
            Some((handle, next)) => {
                frame.insert("idx".into(), (idx + 1).into());
                Self::left_by(run, handle);
                self.goto(*next)
            }
            None => {
                close(run, &node.id);
                self.over(run, completed.map(|next| (next, "completed")))
            }
        }
    }

    /// A control node is done: on to what follows, else out of the branch it stands in.
    fn over(&mut self, run: &mut Run, next: Option<(usize, &str)>) -> StepPlan {
        match next {
            Some((next, handle)) => {
                Self::left_by(run, handle);
                self.goto(next)
            }
            None => {
                let last = self.ambient(run).clone();
                self.finish(run, json!({"success": true, "result": last}))
            }
        }
    }

    /// Goes round once more: the iteration's values join the ambient payload.
    fn round(&mut self, run: &mut Run, values: Map) -> StepPlan {
        let node = self.node();
        let whole = node.wanted.iter().any(|pin| !values.contains_key(pin));
        let ambient = self.ambient(run);
        if ambient.is_null() {
            *ambient = json!({});
        } else if !ambient.is_object() {
            *ambient = json!({"input": ambient.take()});
        }
        if let Value::Object(ambient) = ambient {
            ambient.extend(values.iter().map(|(k, v)| (k.clone(), v.clone())));
        }
        // Wires may ask a loop for any ambient key; most ask for the iteration's values only.
        let shown = if whole { ambient.clone() } else { Value::Object(values) };
        self.remember(run, shown);
        Self::left_by(run, "loop");
        match node.exits.at("loop") {
            Some(next) => self.goto(next),
            None => {
                return_to(run, &node.id);
                StepPlan::Goto(node.id.clone())
            }
        }
    }

    fn done(&mut self, run: &mut Run) -> StepPlan {
        let node = self.node();
        close(run, &node.id);
        self.over(run, node.exits.at("done").map(|next| (next, "done")))
    }

    fn too_often(&mut self, run: &mut Run, what: &str) -> StepPlan {
        close(run, &self.node().id);
        self.soft(run, &format!("{what} loop exceeded max_iterations={MAX_ITERATIONS}"))
    }

    fn each(&mut self, run: &mut Run) -> Result<StepPlan, PlanError> {
        let id = &self.node().id;
        if !reentered(run, id) {
            self.receive(run, Style::Plain).map_err(plan_error)?;
            let items = match self.payload.get("items").cloned() {
                None | Some(Value::Null) => Vec::new(),
                Some(Value::Array(items)) => items,
                Some(one) => vec![one],
            };
            let mut frame = Map::from_iter([("kind".to_owned(), "loop".into()), ("idx".to_owned(), 0.into())]);
            frame.insert("items".into(), Value::Array(items));
            open(run, id, frame);
        }
        let frame = frame(run, id);
        let idx = count(frame, "idx");
        let items = list(frame.get("items"));
        let Some(item) = items.get(idx).cloned() else { return Ok(self.done(run)) };
        let total = items.len();
        frame.insert("idx".into(), (idx + 1).into());
        let values = [("item", item), ("index", idx.into()), ("total", total.into())];
        Ok(self.round(run, values.map(|(k, v)| (k.to_owned(), v)).into_iter().collect()))
    }

    fn count_up(&mut self, run: &mut Run) -> Result<StepPlan, PlanError> {
        let id = &self.node().id;
        if !reentered(run, id) {
            self.receive(run, Style::Plain).map_err(plan_error)?;
            match counter(&self.payload) {
                Ok(frame) => open(run, id, frame),
                Err(why) => return Ok(self.soft(run, why)),
            }
        }
        let frame = frame(run, id);
        let (i, end, step) = (number(frame, "i"), number(frame, "end"), number(frame, "step"));
        let index = count(frame, "index");
        if !(if step > 0.0 { i < end } else { i > end }) {
            return Ok(self.done(run));
        }
        if index >= MAX_ITERATIONS {
            return Ok(self.too_often(run, "For"));
        }
        // Added up, not multiplied: the contract's values are those of repeated addition.
        frame.insert("i".into(), json!(i + step));
        frame.insert("index".into(), (index + 1).into());
        let total = frame.get("total").cloned().unwrap_or(Value::Null);
        let values = [("i", json!(i)), ("index", index.into()), ("total", total)];
        Ok(self.round(run, values.map(|(k, v)| (k.to_owned(), v)).into_iter().collect()))
    }

    fn repeat(&mut self, run: &mut Run) -> Result<StepPlan, PlanError> {
        let id = &self.node().id;
        if !reentered(run, id) {
            open(run, id, Map::from_iter([("kind".to_owned(), "while".into()), ("iters".to_owned(), 0.into())]));
        }
        self.receive(run, Style::Plain).map_err(plan_error)?;
        if !self.payload.get("condition").is_some_and(truthy) {
            return Ok(self.done(run));
        }
        let frame = frame(run, id);
        let iters = count(frame, "iters");
        if iters >= MAX_ITERATIONS {
            return Ok(self.too_often(run, "While"));
        }
        frame.insert("iters".into(), (iters + 1).into());
        let mut values = Map::from_iter([("index".to_owned(), iters.into())]);
        let ambient = self.ambient(run);
        let item = ambient.get("item").cloned().unwrap_or_else(|| ambient.clone());
        values.insert("item".into(), item);
        Ok(self.round(run, values))
    }
}

/// The frame of a counting loop.
fn counter(payload: &Payload) -> Result<Map, &'static str> {
    let read = |pin: &str| payload.get(pin).and_then(|v| py_float(v).ok()).filter(|n| n.is_finite());
    let (Some(start), Some(end)) = (read("start"), read("end")) else {
        return Err("For loop requires numeric 'start' and 'end'.");
    };
    let step = if payload.given("step").is_some() { read("step").unwrap_or(0.0) } else { 1.0 };
    if step == 0.0 {
        return Err("For loop requires a non-zero 'step'.");
    }
    let total = ((end - start) / step).ceil().max(0.0) as u64;
    let frame = [
        ("kind", json!("for")),
        ("start", json!(start)),
        ("end", json!(end)),
        ("step", json!(step)),
        ("i", json!(start)),
        ("index", json!(0)),
        ("total", json!(total)),
    ];
    Ok(frame.map(|(k, v)| (k.to_owned(), v)).into_iter().collect())
}
