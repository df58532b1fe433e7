//! `agent_trace_report`: what an agent did, as Markdown, nothing cut off.

use model::json::{self, Layout};
use model::{Map, Value};

use super::Inputs;
use crate::python::{non_blank, py_str};

pub(super) fn agent_trace_report(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok(report(inputs.get("scratchpad")).into())
}

const TITLE: &str = "# Agent Trace Report";

/// The report on a scratchpad.
fn report(scratchpad: Option<&Value>) -> String {
    let Some(Value::Object(pad)) = scratchpad else { return format!("{TITLE}\n\n_No scratchpad provided._\n") };
    let Some(Value::Object(traces)) = pad.get("node_traces") else {
        return format!("{TITLE}\n\n_No node_traces found in scratchpad._\n");
    };
    let steps = steps(traces);
    if steps.is_empty() {
        return format!("{TITLE}\n\n_No trace steps found._\n");
    }
    let mut page = Page(format!("{TITLE}\n"));
    for key in ["sub_run_id", "workflow_id"] {
        page.bullet_code(key, non_blank(pad.get(key)));
    }
    page.line("");
    page.line("## Timeline");
    page.line("");
    for (i, (node, step)) in steps.into_iter().enumerate() {
        page.step(i + 1, node, step);
    }
    format!("{}\n", page.0.trim_end())
}

/// Every step with its node, in order of time.
fn steps(traces: &Map) -> Vec<(&str, &Map)> {
    let mut steps: Vec<(&str, &Map)> = Vec::new();
    for (node, trace) in traces {
        let entries = trace.get("steps").and_then(Value::as_array).into_iter().flatten();
        steps.extend(entries.filter_map(Value::as_object).map(|step| (node.as_str(), step)));
    }
    steps.sort_by_key(|(_, step)| step.get("ts").and_then(Value::as_str).unwrap_or_default());
    steps
}

/// The Markdown written so far.
struct Page(String);

impl Page {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn bullet(&mut self, key: &str, text: &str) {
        self.line(&format!("- **{key}**: {text}"));
    }

    fn bullet_code(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.bullet(key, &format!("`{text}`"));
        }
    }

    /// A fence longer than any run of backticks inside.
    fn fence(&mut self, language: &str, text: &str) {
        let (mut longest, mut run) = (0, 0);
        for c in text.chars() {
            run = if c == '`' { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        let fence = "`".repeat(if longest < 3 { 3 } else { longest + 1 });
        self.line(&format!("{fence}{language}"));
        self.line(text.trim_end_matches('\n'));
        self.line(&fence);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.fence("text", text),
            other => self.fence("json", &json::write(other, Layout::PRETTY)),
        }
    }

    fn step(&mut self, number: usize, node: &str, step: &Map) {
        let effect = step.get("effect").and_then(Value::as_object);
        let kind = non_blank(effect.and_then(|effect| effect.get("type")));
        self.line(&format!("### {number}. `{node}` — `{kind}` ({})", non_blank(step.get("status"))));
        let start = self.0.len();
        if let Some(duration) = step.get("duration_ms").and_then(Value::as_f64) {
            self.bullet("duration_ms", &format!("{duration:.3}"));
        }
        let result = step.get("result").filter(|result| !result.is_null());
        if let Some(error) = step.get("error").filter(|error| !error.is_null() && *error != "") {
            self.gap(start);
            self.line("**Error**");
            self.fence("text", &py_str(error));
            self.line("");
        } else if kind == "llm_call" {
            self.model_call(start, result);
        } else if kind == "tool_calls" {
            self.tool_calls(start, effect, result);
        } else if let Some(result) = result {
            self.gap(start);
            self.line("**Result (raw)**");
            self.value(result);
            self.line("");
        } else if self.0.len() > start {
            self.line("");
        }
    }

    /// A blank line between a heading or its bullets and what follows.
    fn gap(&mut self, start: usize) {
        if self.0.len() == start || !self.0.ends_with("\n\n") {
            self.line("");
        }
    }

    fn model_call(&mut self, start: usize, result: Option<&Value>) {
        let field = |key: &str| result.and_then(|result| result.get(key));
        self.bullet_code("model", non_blank(field("model")));
        self.bullet_code("finish_reason", non_blank(field("finish_reason")));
        let calls = field("tool_calls").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if calls.is_empty() {
            self.line("- **tool_calls_requested**: none");
        } else {
            self.line("- **tool_calls_requested**:");
        }
        for call in calls.iter().filter_map(Value::as_object) {
            self.line(&format!("  - {}", title(call)));
        }
        self.gap(start);
        if let Some(content) = field("content").and_then(Value::as_str).filter(|text| !text.trim().is_empty()) {
            self.line("**Assistant content**");
            self.fence("markdown", content);
            self.line("");
        }
    }

    fn tool_calls(&mut self, start: usize, effect: Option<&Map>, result: Option<&Value>) {
        let asked = effect.and_then(|effect| effect.get("payload")).and_then(|payload| payload.get("tool_calls"));
        let calls = match asked {
            Some(Value::Array(calls)) => calls.as_slice(),
            Some(one @ Value::Object(_)) => std::slice::from_ref(one),
            _ => &[],
        };
        if calls.is_empty() {
            self.line("- **tool_calls**: none");
        }
        self.gap(start);
        let results = result.and_then(|result| result.get("results")).and_then(Value::as_array);
        let results = results.map(Vec::as_slice).unwrap_or_default();
        for call in calls.iter().filter_map(Value::as_object) {
            self.tool_call(call, results);
        }
    }

    fn tool_call(&mut self, call: &Map, results: &[Value]) {
        self.line(&format!("#### Tool: {}", title(call)));
        self.line("");
        self.line("**Arguments**");
        let arguments = call.get("arguments").cloned().unwrap_or_else(|| Map::new().into());
        self.fence("json", &json::write(&arguments, Layout::PRETTY));
        self.line("");
        self.line("**Result**");
        let id = non_blank(call.get("call_id"));
        match results.iter().find(|result| !id.is_empty() && non_blank(result.get("call_id")) == id) {
            None => self.line("_missing tool result in trace entry_"),
            Some(result) => {
                if let Some(success) = result.get("success").and_then(Value::as_bool) {
                    self.bullet("success", if success { "true" } else { "false" });
                }
                if let Some(error) = result.get("error").filter(|error| !error.is_null() && **error != "") {
                    self.bullet("error", &py_str(error));
                }
                self.value(result.get("output").unwrap_or(&Value::Null));
            }
        }
        self.line("");
    }
}

/// A call's name and id.
fn title(call: &Map) -> String {
    let name = non_blank(call.get("name"));
    let name = if name.is_empty() { non_blank(call.get("function").and_then(|f| f.get("name"))) } else { name };
    let name = if name.is_empty() { "tool" } else { name };
    match non_blank(call.get("call_id")) {
        "" => format!("`{name}`"),
        id => format!("`{name}` (call_id={id})"),
    }
}
