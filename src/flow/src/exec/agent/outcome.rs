//! What came of the agent loop: the node's outputs, and the turn it leaves in the conversation (contract 07, 1.13, 1.14
//! and 1.18).

use model::json::Layout;
use model::{Map, Run, Timestamp, Value};
use serde_json::json;

use crate::compile::PlanNode;
use crate::python::py_str;

/// Tool observations a turn leaves in the conversation.
const MAX_OBSERVATIONS: usize = 20;
/// Characters of one observation.
const MAX_OBSERVATION_CHARS: usize = 2000;

/// A finished child, read from the node's state.
pub(super) struct Outcome {
    pub(super) success: bool,
    pub(super) answer: String,
    pub(super) error: Option<String>,
    pub(super) use_context: bool,
    pub(super) sub_run_id: Value,
    workflow_id: Value,
    inputs: Map,
    output: Map,
    traces: Value,
    steps: Vec<Value>,
    calls: Vec<Value>,
    results: Vec<Value>,
}

impl Outcome {
    /// Reads the state of a node whose child has ended. A child that left nothing has failed.
    pub(super) fn read(bucket: &Map) -> Self {
        let sub = bucket.get("sub");
        let member = |key: &str| sub.and_then(|s| s.get(key)).cloned().unwrap_or(Value::Null);
        let output = member("output").as_object().cloned().unwrap_or_default();
        let inputs = bucket.get("resolved_inputs").and_then(Value::as_object).cloned().unwrap_or_default();
        let failed = output.get("success") == Some(&Value::Bool(false)) || output.is_empty();
        let error = output.get("error").filter(|e| !e.is_null()).map(py_str);
        let error = failed.then(|| error.unwrap_or_else(|| "the agent ended without an answer".into()));
        let answer = output.get("answer").filter(|a| !a.is_null()).map(py_str);
        let traces =
            sub.and_then(|s| s.get("node_traces")).filter(|t| t.is_object()).cloned().unwrap_or_else(|| json!({}));
        let steps = steps(&traces);
        let (calls, results) = tools(&steps);
        Self {
            success: !failed,
            answer: answer.filter(|a| !failed || !a.is_empty()).or_else(|| error.clone()).unwrap_or_default(),
            error,
            use_context: inputs.get("use_context") == Some(&Value::Bool(true)),
            sub_run_id: member("sub_run_id"),
            workflow_id: bucket.get("workflow_id").cloned().unwrap_or(Value::Null),
            inputs,
            output,
            traces,
            steps,
            calls,
            results,
        }
    }

    /// The node's output object, and the pins that only wires see.
    pub(super) fn outputs(self, node: &PlanNode, data: Option<Value>) -> (Map, Map) {
        let input = |key: &str| self.inputs.get(key).cloned().unwrap_or(Value::Null);
        let mut meta = json!({
            "schema": "abstractcode.agent.v1.meta", "version": 1,
            "output_mode": if data.is_some() { "structured" } else { "unstructured" },
            "provider": input("provider"), "model": input("model"), "sub_run_id": self.sub_run_id,
            "iterations": self.output.get("iterations"), "tool_calls": self.calls.len(), "tool_results": self.results.len(),
        });
        if let Some(error) = self.error.filter(|_| !self.success) {
            meta["error"] = error.into();
        }
        let response = data.as_ref().map(|d| model::json::write(d, Layout::COMPACT)).unwrap_or(self.answer);
        let mut beside = Map::new();
        if node.wants(&["result"]) {
            // Older documents take this apart by path: in structured mode the data itself, else the answer in its frame.
            let plain =
                || json!({"result": response, "success": self.success, "iterations": self.output.get("iterations")});
            beside.insert("result".into(), data.clone().unwrap_or_else(plain));
        }
        if node.wants(&["tool_calls"]) {
            beside.insert("tool_calls".into(), Value::Array(self.calls.clone()));
        }
        if node.wants(&["tool_results"]) {
            beside.insert("tool_results".into(), Value::Array(self.results.clone()));
        }
        let mut scratchpad = Map::from_iter([
            ("sub_run_id".to_owned(), self.sub_run_id),
            ("workflow_id".to_owned(), self.workflow_id),
            ("task".to_owned(), self.inputs.get("prompt").cloned().unwrap_or(Value::Null)),
            ("messages".to_owned(), self.output.get("messages").cloned().unwrap_or_else(|| json!([]))),
            ("node_traces".to_owned(), self.traces),
            ("steps".to_owned(), Value::Array(self.steps)),
        ]);
        scratchpad.extend(self.inputs.get("context_extra").map(|extra| ("context_extra".to_owned(), extra.clone())));
        scratchpad.insert("tool_calls".into(), Value::Array(self.calls));
        scratchpad.insert("tool_results".into(), Value::Array(self.results));
        let mut shown = Map::from_iter([("response".to_owned(), response.into())]);
        shown.extend(data.map(|data| ("data".to_owned(), data)));
        shown.insert("success".into(), self.success.into());
        shown.insert("meta".into(), meta);
        shown.insert("scratchpad".into(), Value::Object(scratchpad));
        (shown, beside)
    }

    /// Appends task, tool observations and answer to the run's conversation, once a child.
    pub(super) fn append_turn(&self, run: &mut Run, node_id: &str, now: Timestamp) {
        let sub = self.sub_run_id.as_str().unwrap_or_default();
        let prefix = format!("agent:{sub}:{node_id}");
        let context = run.namespace("context");
        if !context.get("messages").is_some_and(Value::is_array) {
            context.insert("messages".into(), json!([]));
        }
        let Some(messages) = context.get_mut("messages").and_then(Value::as_array_mut) else { return };
        let task_id = format!("{prefix}:task");
        if messages.iter().any(|m| m["metadata"]["message_id"] == task_id.as_str()) {
            return;
        }
        let turn = |role: &str, content: &str, id: String| {
            json!({"role": role, "content": content, "timestamp": now,
                "metadata": {"kind": "agent_turn", "node_id": node_id, "message_id": id, "sub_run_id": sub}})
        };
        let task = self.inputs.get("prompt").and_then(Value::as_str).unwrap_or_default();
        messages.push(turn("user", task, task_id));
        for (i, result) in self.results.iter().take(MAX_OBSERVATIONS).enumerate() {
            let call_id = result.get("call_id").filter(|id| !id.is_null()).map_or_else(|| i.to_string(), py_str);
            let call = self.calls.iter().find(|c| c.get("call_id").map(py_str).as_ref() == Some(&call_id));
            messages.push(json!({"role": "assistant", "content": observation(result, call), "timestamp": now,
                "metadata": {"kind": "tool_observation", "node_id": node_id, "message_id": format!("{prefix}:tool:{call_id}"),
                    "tool_name": result.get("name"), "success": result.get("success"), "call_id": call_id, "sub_run_id": sub}}));
        }
        let omitted = self.results.len().saturating_sub(MAX_OBSERVATIONS);
        if omitted > 0 {
            let text = format!("({omitted} more tool results are left out)");
            messages.push(turn("assistant", &text, format!("{prefix}:tool:omitted")));
        }
        messages.push(turn("assistant", &self.answer, format!("{prefix}:answer")));
    }
}

fn observation(result: &Value, call: Option<&Value>) -> String {
    let name = result.get("name").and_then(Value::as_str).unwrap_or("tool");
    let failed = result.get("success") == Some(&Value::Bool(false));
    let body = match (failed, result.get("output")) {
        (true, None | Some(Value::Null)) => result.get("error").map(py_str).unwrap_or_default(),
        (_, Some(Value::String(text))) => text.clone(),
        (_, Some(output)) => output.get("rendered").map_or_else(|| output.to_string(), py_str),
        (false, None) => String::new(),
    };
    let arguments = call.and_then(|c| c.get("arguments")).and_then(Value::as_object).filter(|a| !a.is_empty());
    let arguments = arguments.map(|a| format!("args={}\n", Value::Object(a.clone())));
    let text = format!("[{name}]: {}{body}", arguments.unwrap_or_default());
    let total = text.chars().count();
    if total <= MAX_OBSERVATION_CHARS {
        return text;
    }
    let kept: String = text.chars().take(MAX_OBSERVATION_CHARS).collect();
    format!("{kept}… (cut, {total} characters in all)")
}

/// All trace steps in the order of their moments.
fn steps(traces: &Value) -> Vec<Value> {
    let mut steps: Vec<Value> = traces
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, trace)| crate::document::list(trace.get("steps")).iter().cloned())
        .collect();
    steps.sort_by(|a, b| a["ts"].as_str().cmp(&b["ts"].as_str()));
    steps
}

/// The tool calls of a child, and their results.
fn tools(steps: &[Value]) -> (Vec<Value>, Vec<Value>) {
    let list = |value: &Value| crate::document::list(Some(value)).to_vec();
    let steps = || steps.iter().filter(|s| s["effect"]["type"] == "tool_calls");
    let calls = steps().flat_map(|s| list(&s["effect"]["payload"]["tool_calls"])).collect();
    let results = steps().flat_map(|s| list(&s["result"]["results"])).collect();
    (calls, results)
}
