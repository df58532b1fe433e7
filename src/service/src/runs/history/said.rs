//! What was asked and what was answered, out of variables, outputs and records of many kinds of flow (contract 03, 14.3).
//! Pure.

use model::api::runs::history::{TurnStats, Usage};
use model::{Map, Timestamp, Value};

const OPEN: &str = "<runtime_metadata>";
const CLOSE: &str = "</runtime_metadata>";

/// What was asked, and what the client had put in front of it.
pub(super) fn prompt(vars: &Map) -> (Option<String>, Option<Map>) {
    let context = vars.get("context").and_then(Value::as_object);
    let named = ["prompt", "message", "task"].iter().map(|key| vars.get(*key));
    let named = named.chain(["task", "message"].iter().map(|key| context?.get(*key)));
    if let Some(text) = named.flatten().filter_map(Value::as_str).find(|text| !text.trim().is_empty()) {
        return split(text);
    }
    let messages = context.and_then(|c| c.get("messages")?.as_array()).into_iter().flatten().rev();
    let mut asked = messages.filter(|m| m.get("role").and_then(Value::as_str).map(str::trim) == Some("user"));
    let found = asked.find_map(|m| Some((m, m.get("content")?.as_str().filter(|text| !text.trim().is_empty())?)));
    let Some((message, text)) = found else { return (None, None) };
    let (text, before) = split(text);
    let beside = message.get("runtime_metadata").and_then(Value::as_object);
    let beside = beside.or_else(|| message.get("metadata")?.get("runtime_metadata")?.as_object());
    let Some(beside) = beside else { return (text, before) };
    let mut metadata = before.unwrap_or_default();
    let says = |v: &Value| !v.is_null() && v.as_str().is_none_or(|t| !t.trim().is_empty());
    metadata.extend(beside.iter().filter(|(_, v)| says(v)).map(|(k, v)| (k.clone(), v.clone())));
    (text, Some(metadata).filter(|m| !m.is_empty()))
}

/// Takes the client's metadata off the front of a question.
fn split(text: &str) -> (Option<String>, Option<Map>) {
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let enveloped = text.trim().strip_prefix(OPEN).and_then(|rest| rest.split_once(CLOSE));
    match enveloped {
        Some((metadata, rest)) => (filled(rest), serde_json::from_str(metadata.trim()).ok()),
        None => (filled(text), None),
    }
}

/// The files that came with a question.
pub(super) fn attachments(vars: &Map) -> Vec<Value> {
    let list = vars.get("context").and_then(|c| c.get("attachments")).and_then(Value::as_array);
    list.into_iter().flatten().filter(|a| a.is_object()).cloned().collect()
}

/// An answer and what the flow says of it.
pub(super) type Answer = (String, Option<Map>);

/// The answer in a run's output.
pub(super) fn output_answer(output: &Value) -> Option<Answer> {
    if let Some(text) = textish(output) {
        return Some((text, None));
    }
    let inner = output.get("result").filter(|r| r.is_object()).or_else(|| output.get("output"));
    let places = [Some(output), inner].into_iter().flatten();
    places.into_iter().find_map(|place| {
        let text = texts(place, &["response", "answer", "message", "text", "content"])?;
        let meta = place.get("meta").or_else(|| output.get("meta")).and_then(Value::as_object).cloned();
        Some((text, meta))
    })
}

/// The answer in a record, if it holds one.
pub(super) fn record_answer(record: &Value) -> Option<Answer> {
    let completed = record["status"] == "completed";
    if completed && record["effect"]["type"] == "answer_user" {
        let said = texts(&record["result"], &["message"]);
        let said = said.or_else(|| texts(&record["effect"]["payload"], &["message", "text", "content"]));
        if let Some(text) = said {
            return Some((text, None));
        }
    }
    let output = record.get("result")?.get("output")?;
    match output {
        Value::String(_) => textish(output).map(|text| (text, None)),
        Value::Object(_) => {
            let text = texts(output, &["answer", "response", "message", "text", "content"])?;
            Some((text, output.get("meta").and_then(Value::as_object).cloned()))
        }
        _ => None,
    }
}

fn texts(place: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| textish(place.get(*key)?))
}

/// Text, or something that is as good as text.
fn textish(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return None,
    };
    Some(text).filter(|t| !t.is_empty())
}

/// What the records of a turn add up to.
#[derive(Default)]
pub(super) struct Count {
    stats: TurnStats,
    span: Option<(Timestamp, Timestamp)>,
}

impl Count {
    /// Counts a record.
    pub(super) fn add(&mut self, record: &Value) {
        let moment = |key: &str| record.get(key).and_then(Value::as_str).and_then(Timestamp::parse);
        if let Some(at) = moment("ended_at").or_else(|| moment("started_at")) {
            let (first, last) = self.span.unwrap_or((at, at));
            self.span = Some((first.min(at), last.max(at)));
        }
        if record["status"] != "completed" {
            return;
        }
        match record["effect"]["type"].as_str() {
            Some("llm_call") => {
                self.stats.llm_calls += 1;
                let usage = usage(&record["result"]).unwrap_or_default();
                self.stats.usage.input_tokens += usage.input_tokens;
                self.stats.usage.output_tokens += usage.output_tokens;
                self.stats.usage.total_tokens += usage.total_tokens;
            }
            Some("tool_calls") => {
                let calls = record["effect"]["payload"]["tool_calls"].as_array();
                self.stats.tool_calls += calls.map_or(0, |calls| calls.iter().filter(|c| !c.is_null()).count() as u64);
            }
            _ => {}
        }
    }

    /// The sum.
    pub(super) fn done(mut self) -> TurnStats {
        let micros = self.span.map_or(0, |(first, last)| last.as_micros() - first.as_micros());
        self.stats.duration_ms = micros.unsigned_abs() / 1000;
        let (tokens, millis) = (self.stats.usage.total_tokens, self.stats.duration_ms);
        self.stats.tok_s = (tokens > 0 && millis > 0).then(|| tokens as f64 * 1000.0 / millis as f64);
        self.stats
    }
}

/// The tokens a result speaks of, under the names different servers give them.
fn usage(result: &Value) -> Option<Usage> {
    let within =
        |place: &Value| ["usage", "token_usage", "tokens"].iter().find_map(|key| place.get(*key)?.as_object().cloned());
    let found = within(result).or_else(|| within(result.get("output")?))?;
    let number = |keys: &[&str]| keys.iter().find_map(|key| found.get(*key)?.as_f64()).map(|n| n.max(0.0) as u64);
    let input_tokens = number(&["input_tokens", "prompt_tokens", "prompt", "input", "in"]).unwrap_or(0);
    let output_tokens = number(&["output_tokens", "completion_tokens", "completion", "output", "out"]).unwrap_or(0);
    let total_tokens = number(&["total_tokens", "total"]).unwrap_or(input_tokens + output_tokens);
    Some(Usage { input_tokens, output_tokens, total_tokens })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn questions_are_found_where_flows_put_them() {
        for (vars, text, metadata) in [
            (json!({"prompt": " ", "task": " do ", "context": {"task": "x"}}), Some("do"), json!(null)),
            (json!({"context": {"message": "m"}}), Some("m"), json!(null)),
            (json!({"prompt": "<runtime_metadata>{\"a\": 1}</runtime_metadata>\nhi"}), Some("hi"), json!({"a": 1})),
            (json!({"prompt": "<runtime_metadata>torn</runtime_metadata> hi"}), Some("hi"), json!(null)),
            (json!({"prompt": "<runtime_metadata>{} hi"}), Some("<runtime_metadata>{} hi"), json!(null)),
            (
                json!({"context": {"messages": [{"role": "user", "content": "old"}, {"role": "assistant", "content": "a"},
                    {"role": "user", "content": "new", "metadata": {"runtime_metadata": {"b": 2, "c": "", "d": null}}},
                    {"role": "user", "content": " "}]}}),
                Some("new"),
                json!({"b": 2}),
            ),
            (json!({"context": {"messages": [{"role": "assistant", "content": "a"}, 7]}}), None, json!(null)),
            (json!({"prompt": 7}), None, json!(null)),
        ] {
            let found = prompt(vars.as_object().unwrap());
            assert_eq!((found.0.as_deref(), json!(found.1)), (text, metadata), "{vars}");
        }
    }

    #[test]
    fn answers_are_found_where_flows_put_them() {
        for (output, expected) in [
            (json!({"response": "", "answer": "a", "meta": {"m": 1}}), Some(("a", json!({"m": 1})))),
            (json!({"result": {"text": "t", "meta": {"n": 1}}}), Some(("t", json!({"n": 1})))),
            (json!({"result": "plain", "output": {"content": 5}}), Some(("5", json!(null)))),
            (json!("whole"), Some(("whole", json!(null)))),
            (json!({"$artifact": "x"}), None),
            (json!(null), None),
        ] {
            let found = output_answer(&output).map(|(text, meta)| (text, json!(meta)));
            assert_eq!(found, expected.map(|(text, meta)| (text.to_owned(), meta)), "{output}");
        }
        let said = json!({"type": "answer_user", "payload": {"text": "said"}});
        for (record, expected) in [
            (json!({"status": "completed", "effect": said, "result": {"message": "heard"}}), Some("heard")),
            (json!({"status": "completed", "effect": said, "result": null}), Some("said")),
            (json!({"status": "started", "effect": said}), None),
            (json!({"status": "completed", "effect": null, "result": {"output": {"message": "out"}}}), Some("out")),
            (json!({"status": "completed", "result": {"output": " text "}}), Some("text")),
            (json!({"status": "completed", "result": {"output": {"$artifact": "x"}}}), None),
            (json!({}), None),
        ] {
            assert_eq!(record_answer(&record).map(|a| a.0).as_deref(), expected, "{record}");
        }
    }

    #[test]
    fn stats_count_what_is_completed() {
        let mut count = Count::default();
        let at = |second: u32| format!("2026-01-01T00:00:0{second}+00:00");
        let call = |status: &str, usage: Value, second| json!({"status": status, "effect": {"type": "llm_call"}, "result": {"usage": usage}, "started_at": at(1), "ended_at": at(second)});
        count.add(&call("completed", json!({"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}), 2));
        count.add(&call("completed", json!({"prompt_tokens": 1, "completion_tokens": 4}), 3));
        count.add(&call("failed", json!({"total_tokens": 100}), 3));
        let tools = json!({"type": "tool_calls", "payload": {"tool_calls": [{}, null, {}]}});
        count.add(&json!({"status": "started", "effect": tools, "started_at": at(0), "ended_at": null}));
        count.add(&json!({"status": "completed", "effect": tools, "started_at": at(0), "ended_at": at(4)}));
        let usage = Usage { input_tokens: 4, output_tokens: 6, total_tokens: 10 };
        let expected = TurnStats { duration_ms: 4000, llm_calls: 2, tool_calls: 2, usage, tok_s: Some(2.5) };
        assert_eq!(count.done(), expected);
        assert_eq!(Count::default().done(), TurnStats::default());
    }
}
