//! Nodes that direct execution, and the stack of those that are open (contract 04, 13.6 and 15.6). Frames lie in
//! `_temp._control`, so a run that waits inside a loop goes on inside it.

use model::run::object_at;
use model::workflow::{PlanError, StepPlan};
use model::{Map, Run, Value};
use serde_json::json;

use super::{Step, warn, with_success};
use crate::compile::{Control, Exits};
use crate::python::{py_float, py_str, truthy};

/// How often `for` and `while` may go round.
const MAX_ITERATIONS: u64 = 10_000;

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

/// The open frame of a node, when control came back to it; otherwise a fresh visit.
fn reentered(run: &mut Run, id: &str) -> Option<Map> {
    let control = state(run);
    let marked = control.shift_remove("return_to").is_some_and(|m| m.as_str() == Some(id));
    control.get("frames")?.get(id)?.as_object().filter(|_| marked).cloned()
}

fn open(run: &mut Run, id: &str, frame: Value) {
    let control = state(run);
    let stack = control.entry("stack").or_insert_with(|| json!([]));
    if let Some(stack) = stack.as_array_mut()
        && !stack.iter().any(|s| s.as_str() == Some(id))
    {
        stack.push(id.into());
    }
    object_at(control, "frames").insert(id.to_owned(), frame);
}

fn close(run: &mut Run, id: &str) {
    let control = state(run);
    if let Some(stack) = control.get_mut("stack").and_then(Value::as_array_mut) {
        stack.retain(|s| s.as_str() != Some(id));
    }
    object_at(control, "frames").shift_remove(id);
}

fn number(frame: &Map, key: &str) -> f64 {
    frame.get(key).and_then(Value::as_f64).unwrap_or(0.0)
}

impl Step<'_> {
    pub(super) fn control(mut self, run: &mut Run, control: Control) -> Result<StepPlan, PlanError> {
        match control {
            Control::If | Control::Switch => match self.inputs(run, true) {
                Err(why) => Ok(self.soft(run, &why)),
                Ok(payload) => Ok(self.branch(run, control, &payload)),
            },
            Control::Join => Ok(self.join(run)),
            Control::Sequence | Control::Parallel => Ok(self.sequence(run, control)),
            Control::Loop => self.each(run),
            Control::For => self.count(run),
            Control::While => self.repeat(run),
        }
    }

    fn branch(self, run: &mut Run, control: Control, payload: &Value) -> StepPlan {
        let output = match control {
            Control::If => {
                let condition = payload.get("condition").cloned().unwrap_or(Value::Null);
                json!({"branch": if truthy(&condition) { "true" } else { "false" }, "condition": truthy(&condition)})
            }
            _ => self.switch(payload.get("value").cloned().unwrap_or(Value::Null)),
        };
        let handle = output["branch"].as_str().unwrap_or_default().to_owned();
        self.remember(run, output.clone());
        run.vars.insert("_last_output".into(), output.clone());
        run.namespace("_temp").insert("prev_exec_handle".into(), handle.clone().into());
        match self.node().exits.at(&handle) {
            Some(next) => StepPlan::Goto(self.id_of(next)),
            None => self.finish(run, with_success(output)),
        }
    }

    fn switch(&self, value: Value) -> Value {
        let cases = self.node().config("switchConfig", "cases").and_then(Value::as_array).cloned().unwrap_or_default();
        let text = if value.is_null() { String::new() } else { py_str(&value) };
        let matched =
            cases.iter().find(|case| case.get("value").filter(|v| !v.is_null()).is_some_and(|v| py_str(v) == text));
        match matched {
            Some(case) => {
                let id = case.get("id").map(py_str).unwrap_or_default();
                json!({"branch": format!("case:{id}"), "value": value, "matched": case["value"]})
            }
            None => json!({"branch": "default", "value": value}),
        }
    }

    /// Notes which way execution came in.
    fn join(self, run: &mut Run) -> StepPlan {
        let node = self.node();
        let temp = |key: &str| {
            run.vars.get("_temp").and_then(|t| t.get(key)).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (from, handle) = (temp("prev_node_id"), temp("prev_exec_handle"));
        let routes = node.data.get("_routes").and_then(Value::as_array).cloned().unwrap_or_default();
        let is = |r: &Value, key: &str, text: &str| r.get(key).and_then(Value::as_str) == Some(text);
        let exact = routes.iter().position(|r| is(r, "source", &from) && is(r, "handle", &handle));
        let which = exact.or_else(|| {
            let same: Vec<_> = (0..routes.len()).filter(|i| is(&routes[*i], "source", &from)).collect();
            if same.len() > 1 {
                warn(run, format!(
                    "#FALLBACK join_exec '{}': multiple incoming routes from '{from}' but prev_exec_handle was missing; defaulting which={}.",
                    node.id, same[0]
                ));
            }
            same.first().copied()
        });
        if which.is_none() {
            warn(run, format!("#FALLBACK join_exec '{}': prev_node_id missing; defaulting which=0.", node.id));
        }
        self.remember(run, json!({"which": which.unwrap_or(0), "from": from, "from_handle": handle}));
        match node.exits.next() {
            Some(next) => StepPlan::Goto(self.id_of(next)),
            None => self.finish(run, json!({"success": true})),
        }
    }

    fn sequence(self, run: &mut Run, control: Control) -> StepPlan {
        let node = self.node();
        let Exits::Branches { then, completed } = &node.exits else { return self.over(run, None) };
        let frame = reentered(run, &node.id);
        let idx = frame.as_ref().map_or(0, |f| number(f, "idx") as usize + 1);
        if let Some(next) = then.get(idx) {
            let kind = if control == Control::Parallel { "parallel" } else { "sequence" };
            let ids: Vec<_> = then.iter().map(|i| self.id_of(*i)).collect();
            open(run, &node.id, json!({"kind": kind, "phase": "branches", "idx": idx, "then": ids}));
            run.namespace("_temp").insert("prev_exec_handle".into(), format!("then:{idx}").into());
            return StepPlan::Goto(self.id_of(*next));
        }
        close(run, &node.id);
        self.over(run, completed.map(|next| (next, "completed")))
    }

    /// A control node is done: on to what follows, else out of the branch it stands in.
    fn over(&self, run: &mut Run, next: Option<(usize, &str)>) -> StepPlan {
        match next {
            Some((next, handle)) => {
                run.namespace("_temp").insert("prev_exec_handle".into(), handle.into());
                StepPlan::Goto(self.id_of(next))
            }
            None => {
                let last = run.vars.get("_last_output").cloned().unwrap_or(Value::Null);
                self.finish(run, json!({"success": true, "result": last}))
            }
        }
    }

    /// Goes round once more: the iteration's values join the ambient payload.
    fn round(&self, run: &mut Run, frame: Value, values: Value) -> StepPlan {
        let node = self.node();
        open(run, &node.id, frame);
        let mut ambient = match run.vars.get("_last_output").cloned() {
            Some(Value::Object(map)) => map,
            None | Some(Value::Null) => Map::new(),
            Some(scalar) => Map::from_iter([("input".to_owned(), scalar)]),
        };
        if let Value::Object(values) = values {
            ambient.extend(values);
        }
        self.remember(run, Value::Object(ambient.clone()));
        run.vars.insert("_last_output".into(), Value::Object(ambient));
        run.namespace("_temp").insert("prev_exec_handle".into(), "loop".into());
        match node.exits.at("loop") {
            Some(next) => StepPlan::Goto(self.id_of(next)),
            None => {
                return_to(run, &node.id);
                StepPlan::Goto(node.id.clone())
            }
        }
    }

    fn done(&self, run: &mut Run) -> StepPlan {
        let node = self.node();
        close(run, &node.id);
        self.over(run, node.exits.at("done").map(|next| (next, "done")))
    }

    fn each(mut self, run: &mut Run) -> Result<StepPlan, PlanError> {
        let id = self.node().id.clone();
        let (items, idx) = match reentered(run, &id) {
            Some(frame) => {
                let items = frame.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
                (items, number(&frame, "idx") as usize + 1)
            }
            None => {
                let payload = self.inputs(run, false).map_err(PlanError::value)?;
                let items = match payload.get("items").cloned() {
                    None | Some(Value::Null) => Vec::new(),
                    Some(Value::Array(items)) => items,
                    Some(one) => vec![one],
                };
                (items, 0)
            }
        };
        match items.get(idx).cloned() {
            None => Ok(self.done(run)),
            Some(item) => {
                let values = json!({"item": item, "index": idx, "total": items.len()});
                Ok(self.round(run, json!({"kind": "loop", "idx": idx, "items": items}), values))
            }
        }
    }

    fn count(mut self, run: &mut Run) -> Result<StepPlan, PlanError> {
        let id = self.node().id.clone();
        let (start, end, by, index) = match reentered(run, &id) {
            Some(f) => (number(&f, "start"), number(&f, "end"), number(&f, "step"), number(&f, "index") as u64 + 1),
            None => {
                let payload = self.inputs(run, false).map_err(PlanError::value)?;
                let read = |pin: &str| payload.get(pin).and_then(|v| py_float(v).ok());
                let (Some(start), Some(end)) = (read("start"), read("end")) else {
                    return Ok(self.soft(run, "For loop requires numeric 'start' and 'end'."));
                };
                let by = match payload.get("step") {
                    None | Some(Value::Null) => 1.0,
                    Some(step) => py_float(step).unwrap_or(0.0),
                };
                (start, end, by, 0)
            }
        };
        if by == 0.0 || !by.is_finite() || !start.is_finite() || !end.is_finite() {
            close(run, &id);
            return Ok(self.soft(run, "For loop requires a non-zero 'step'."));
        }
        // As a sum, not a product: the contract's values are those of repeated addition.
        let mut i = start;
        for _ in 0..index {
            i += by;
        }
        let inside = if by > 0.0 { i < end } else { i > end };
        if !inside {
            return Ok(self.done(run));
        }
        if index >= MAX_ITERATIONS {
            close(run, &id);
            return Ok(self.soft(run, &format!("For loop exceeded max_iterations={MAX_ITERATIONS}")));
        }
        let total = ((end - start) / by).ceil().max(0.0) as u64;
        let frame =
            json!({"kind": "for", "start": start, "end": end, "step": by, "i": i, "index": index, "total": total});
        Ok(self.round(run, frame, json!({"i": i, "index": index, "total": total})))
    }

    fn repeat(mut self, run: &mut Run) -> Result<StepPlan, PlanError> {
        let id = self.node().id.clone();
        let index = reentered(run, &id).map_or(0, |f| number(&f, "iters") as u64 + 1);
        let payload = self.inputs(run, false).map_err(PlanError::value)?;
        if !payload.get("condition").is_some_and(truthy) {
            return Ok(self.done(run));
        }
        if index >= MAX_ITERATIONS {
            close(run, &id);
            return Ok(self.soft(run, &format!("While loop exceeded max_iterations={MAX_ITERATIONS}")));
        }
        let mut values = json!({"index": index});
        let ambient = run.vars.get("_last_output").cloned().unwrap_or(Value::Null);
        if ambient.get("item").is_none() && index == 0 {
            values["item"] = ambient;
        }
        Ok(self.round(run, json!({"kind": "while", "iters": index}), values))
    }
}

/// Keeps a listening node open: the end of its branch comes back to it.
pub(super) fn open_listener(run: &mut Run, id: &str) {
    open(run, id, json!({"kind": "listener"}));
    state(run).shift_remove("return_to");
}
