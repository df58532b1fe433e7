//! Nodes that only compute a value: math, text, logic, arrays, objects, JSON. Each is one function from its resolved
//! inputs to a value; the executor decides whether it runs as a pure node or as an exec node.
//!
//! This module may not know the ambient payload, wires or steps. Its invariant: no function panics on any input, and
//! none builds a value nested deeper than [`MAX_LEVELS`] or a text longer than the conversions allow.

mod agent_data;
mod arrays;
mod constants;
mod json_text;
mod logic;
mod math;
mod objects;
mod random;
mod schema;
mod table;
mod template;
mod text;
mod time;
mod tools;
mod trace_report;
mod variables;

#[cfg(test)]
mod tests;

pub(crate) use table::{ValueNode, find_node};
#[cfg(test)]
use table::{find, table};

use model::workflow::PlanContext;
use model::{Map, Value};

use crate::python::py_str;

/// Levels of lists and objects a built value may have. Readers of JSON stop at 128, and the value will lie some
/// levels down in the run's variables.
const MAX_LEVELS: usize = 100;

/// What a value node sees.
pub(crate) struct Inputs<'a> {
    /// Resolved inputs by pin id: wired pins that resolved and defaults of unwired pins, in wiring-then-default order.
    pub pins: &'a Map,
    /// Ids of the declared data input pins, in declared order.
    pub declared: &'a [String],
    /// The node's `data` object: configs, `literalValue` and so on.
    pub data: &'a Map,
    /// The run's variables, read only.
    pub vars: &'a Map,
    /// Time and randomness.
    pub ctx: &'a PlanContext,
}

/// A value node: the error is the text a client sees.
pub(crate) type ValueFn = fn(&Inputs<'_>) -> Result<Value, String>;

impl<'a> Inputs<'a> {
    /// The pin's value, null included; none if it is absent.
    fn get(&self, pin: &str) -> Option<&'a Value> {
        self.pins.get(pin)
    }

    /// The pin's value if it is neither absent nor null.
    fn given(&self, pin: &str) -> Option<&'a Value> {
        self.get(pin).filter(|value| !value.is_null())
    }

    /// The pin as text: `default` if absent, `None` if null.
    fn text(&self, pin: &str, default: &str) -> String {
        self.get(pin).map_or_else(|| default.to_owned(), py_str)
    }

    /// The pin as text, empty if absent or null.
    fn text_or_empty(&self, pin: &str) -> String {
        self.given(pin).map(py_str).unwrap_or_default()
    }

    /// The node's `literalValue`.
    fn literal(&self) -> Option<&'a Value> {
        self.data.get("literalValue")
    }

    /// The values of the present pins in declared order; `a` and `b` if none are declared.
    fn in_order(&self) -> impl Iterator<Item = &'a Value> {
        let names: Vec<&str> =
            if self.declared.is_empty() { vec!["a", "b"] } else { self.declared.iter().map(String::as_str).collect() };
        names.into_iter().filter_map(|name| self.get(name))
    }
}

/// A list as it is, null and nothing as an empty one, anything else as its only item.
fn as_list(value: Option<&Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(other) => vec![other.clone()],
    }
}

/// Lets a built value pass unless it is nested too deeply.
fn bounded(value: Value) -> Result<Value, String> {
    if deeper_than(&value, MAX_LEVELS) {
        return Err(format!("value is nested deeper than {MAX_LEVELS} levels"));
    }
    Ok(value)
}

fn deeper_than(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|item| deeper_than(item, levels - 1)),
        Value::Object(map) => levels == 0 || map.values().any(|item| deeper_than(item, levels - 1)),
        _ => false,
    }
}
