//! The flow behind a schedule (contract 02, section 10; 04, section 18): a small document that waits and starts another
//! flow, again and again. It is stored and compiled like any other, so a schedule needs nothing of the engine that flows do
//! not have; files of the Python gateway hold the same documents.
//!
//! May not know: runs, clocks, where documents are stored. The one invariant: the ids of the nodes are the contract's,
//! because stored runs stand on them.

use model::Value;
use model::schedule::WAIT_INTERVAL;
use serde_json::json;

pub mod timetable;

#[cfg(test)]
mod tests;

/// How often the target runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// Once.
    Once,
    /// So many times.
    Times {
        /// How many, at least one.
        count: u64,
        /// The pause between the end of one and the start of the next; none for a single one.
        interval: Option<String>,
    },
    /// Until somebody cancels it.
    Forever {
        /// The pause between the end of one and the start of the next.
        interval: String,
    },
    /// At the times of a cron expression.
    Cron {
        /// The expression.
        cron: String,
        /// The IANA name of the zone it is read in.
        time_zone: String,
    },
}

/// What a schedule does.
#[derive(Clone, Debug)]
pub struct Wrapper<'a> {
    /// The id of the schedule's own flow.
    pub id: &'a str,
    /// The workflow it starts.
    pub target: &'a str,
    /// When the first time is: an interval from the start, or a moment.
    pub start: &'a str,
    /// How often.
    pub rhythm: Rhythm,
    /// Whether every execution has a session of its own.
    pub isolated: bool,
}

impl Wrapper<'_> {
    /// The document.
    #[must_use]
    pub fn document(&self) -> Value {
        if let Rhythm::Cron { cron, time_zone } = &self.rhythm {
            return timetable::document(self, cron, time_zone);
        }
        let mut drawing = Drawing::default();
        drawing.node(0, "start", "on_flow_start", "Start", &[], &["exec-out"], json!({}));
        let (waits, suffix) = match &self.rhythm {
            Rhythm::Once | Rhythm::Cron { .. } => (self.once(&mut drawing), Suffix::Fixed),
            Rhythm::Times { count, interval } => (self.times(&mut drawing, *count, interval.as_deref()), Suffix::Index),
            Rhythm::Forever { interval } => (self.forever(&mut drawing, interval), Suffix::Moment),
        };
        let first = if self.isolated { "set_child_sid" } else { "run_target" };
        waits.iter().for_each(|wait| drawing.then(wait, "exec-out", first));
        if self.isolated {
            sessions(&mut drawing, suffix);
        }
        drawing.wire("start.vars", "run_target.vars");
        json!({
            "id": self.id, "name": "scheduled", "nodes": drawing.nodes, "edges": drawing.edges, "entryNode": "start",
        })
    }

    fn once(&self, drawing: &mut Drawing) -> Vec<&'static str> {
        drawing.wait(1, "wait_start", "Wait for the start", self.start);
        self.target(drawing, &["exec-out"]);
        drawing.node(4, "end", "on_flow_end", "End", &["exec-in"], &[], json!({}));
        drawing.then("start", "exec-out", "wait_start");
        drawing.then("run_target", "exec-out", "end");
        vec!["wait_start"]
    }

    fn forever(&self, drawing: &mut Drawing, interval: &str) -> Vec<&'static str> {
        drawing.wait(1, "wait_start", "Wait for the start", self.start);
        self.target(drawing, &["exec-out"]);
        drawing.wait(4, WAIT_INTERVAL, "Wait for the next time", interval);
        drawing.then("start", "exec-out", "wait_start");
        drawing.then("run_target", "exec-out", WAIT_INTERVAL);
        vec!["wait_start", WAIT_INTERVAL]
    }

    fn times(&self, drawing: &mut Drawing, count: u64, interval: Option<&str>) -> Vec<&'static str> {
        let counter = json!({"pinDefaults": {"start": 0, "end": count, "step": 1}});
        let (ins, outs) =
            (["exec-in", "start:number", "end:number", "step:number"], ["loop!", "done!", "index:number"]);
        drawing.node(1, "repeat", "for", "Repeat", &ins, &outs, counter);
        let zero = json!({"pinDefaults": {"b": 0, "op": "=="}});
        let (ins, outs) = (["a:number", "b:number", "op:string"], ["result:boolean"]);
        drawing.node(2, "is_first", "compare", "First time?", &ins, &outs, zero);
        let (ins, outs) = (["exec-in", "condition:boolean"], ["true!", "false!"]);
        drawing.node(2, "pick_wait", "if", "Which wait", &ins, &outs, json!({}));
        drawing.wait(3, "wait_start", "Wait for the start", self.start);
        drawing.wait(3, WAIT_INTERVAL, "Wait for the next time", interval.unwrap_or("1h"));
        self.target(drawing, &[]);
        drawing.node(6, "end", "on_flow_end", "End", &["exec-in"], &[], json!({}));
        drawing.then("start", "exec-out", "repeat");
        drawing.then("repeat", "loop", "pick_wait");
        drawing.then("pick_wait", "true", "wait_start");
        drawing.then("pick_wait", "false", WAIT_INTERVAL);
        drawing.then("repeat", "done", "end");
        drawing.wire("repeat.index", "is_first.a");
        drawing.wire("is_first.result", "pick_wait.condition");
        vec!["wait_start", WAIT_INTERVAL]
    }

    fn target(&self, drawing: &mut Drawing, outputs: &[&str]) {
        let subflow = json!({ "subflowId": self.target });
        drawing.node(5, "run_target", "subflow", "Run the workflow", &["exec-in"], outputs, subflow);
    }
}

/// What tells the session of one execution from that of another.
#[derive(Clone, Copy)]
enum Suffix {
    Fixed,
    Index,
    Moment,
}

/// A session of its own for every execution: the schedule's prefix, a colon, and the suffix.
fn sessions(drawing: &mut Drawing, suffix: Suffix) {
    let (texts, result) = (["a:string", "b:string"], ["result:string"]);
    let last = match suffix {
        Suffix::Fixed => json!({"pinDefaults": {"b": "0"}}),
        Suffix::Index | Suffix::Moment => json!({}),
    };
    drawing.node(3, "prefix_colon", "concat", "Prefix", &texts, &result, json!({"pinDefaults": {"b": ":"}}));
    drawing.node(4, "child_sid", "concat", "Session", &texts, &result, last);
    let (ins, outs) = (["exec-in", "name:string", "value:string"], ["exec-out", "value:string"]);
    let name = json!({"pinDefaults": {"name": "child_session_id"}});
    drawing.node(4, "set_child_sid", "set_var", "Name the session", &ins, &outs, name);
    match suffix {
        Suffix::Fixed => {}
        Suffix::Index => {
            let minified = json!({"pinDefaults": {"mode": "minified"}});
            drawing.node(2, "idx_str", "stringify_json", "Index", &["value:any"], &result, minified);
            drawing.wire("repeat.index", "idx_str.value");
            drawing.wire("idx_str.result", "child_sid.b");
        }
        Suffix::Moment => {
            drawing.node(2, "dt", "system_datetime", "Now", &[], &["iso:string"], json!({}));
            drawing.wire("dt.iso", "child_sid.b");
        }
    }
    drawing.then("set_child_sid", "exec-out", "run_target");
    drawing.wire("start.session_prefix", "prefix_colon.a");
    drawing.wire("prefix_colon.result", "child_sid.a");
    drawing.wire("child_sid.result", "set_child_sid.value");
    drawing.wire("set_child_sid.value", "run_target.child_session_id");
}

/// A document under construction.
#[derive(Default)]
struct Drawing {
    nodes: Vec<Value>,
    edges: Vec<Value>,
}

impl Drawing {
    /// Adds a node in a column. A pin is `id:type`; `exec-in`, `exec-out` and those with `!` carry execution.
    #[expect(clippy::too_many_arguments, reason = "a row of a table, read from left to right")]
    fn node(&mut self, column: u32, id: &str, kind: &str, label: &str, ins: &[&str], outs: &[&str], more: Value) {
        let pin = |pin: &&str| match (pin.split_once(':'), pin.strip_suffix('!')) {
            (Some((id, kind)), _) => json!({"id": id, "label": id, "type": kind}),
            (None, Some(id)) => json!({"id": id, "label": id, "type": "execution"}),
            (None, None) => json!({"id": pin, "label": "", "type": "execution"}),
        };
        let row = self.nodes.iter().filter(|n| n["position"]["x"] == f64::from(column * 220)).count();
        let mut data = json!({"nodeType": kind, "label": label});
        if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
            data.extend(more);
            data.insert("inputs".into(), ins.iter().map(pin).collect());
            data.insert("outputs".into(), outs.iter().map(pin).collect());
        }
        let position = json!({"x": f64::from(column * 220), "y": row as f64 * 110.0});
        self.nodes.push(json!({"id": id, "type": kind, "position": position, "data": data}));
    }

    fn wait(&mut self, column: u32, id: &str, label: &str, schedule: &str) {
        let config = json!({"eventConfig": {"schedule": schedule, "recurrent": false}});
        self.node(column, id, "on_schedule", label, &["exec-in"], &["exec-out"], config);
    }

    /// Execution goes from one node to another.
    fn then(&mut self, source: &str, handle: &str, target: &str) {
        self.edge(source, handle, target, "exec-in");
    }

    /// A value goes from `node.pin` to `node.pin`.
    fn wire(&mut self, from: &str, to: &str) {
        if let (Some((source, out)), Some((target, into))) = (from.split_once('.'), to.split_once('.')) {
            self.edge(source, out, target, into);
        }
    }

    fn edge(&mut self, source: &str, out: &str, target: &str, into: &str) {
        self.edges.push(json!({
            "id": format!("e{}", self.edges.len() + 1),
            "source": source, "sourceHandle": out, "target": target, "targetHandle": into,
        }));
    }
}

/// Puts another interval into the document of a schedule; false when it has no node that waits for one.
pub fn set_interval(document: &mut Value, interval: &str) -> bool {
    let Some(nodes) = document.get_mut("nodes").and_then(Value::as_array_mut) else { return false };
    let Some(wait) = nodes.iter_mut().find(|n| n.get("id").and_then(Value::as_str) == Some(WAIT_INTERVAL)) else {
        return false;
    };
    let Some(wait) = wait.as_object_mut() else { return false };
    let config = model::run::object_at(model::run::object_at(wait, "data"), "eventConfig");
    config.insert("schedule".into(), interval.into());
    true
}
