//! Nodes that only compute a value: math, text, logic, arrays, objects, JSON. Each is one function from its resolved
//! inputs to a value; the executor decides whether it runs as a pure node or as an exec node.

use model::workflow::PlanContext;
use model::{Map, Value};

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
