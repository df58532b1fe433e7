//! A ledger record as one readable line: time, node, effect, status, and in a few words what it was about.
//!
//! May not know: where the line goes. Invariant: a line never breaks and never moves the cursor, whatever a model wrote.

use model::Value;

use crate::ui::{clip, one_line};

/// Characters of the short text.
const TEXT_MAX: usize = 100;

/// The line of a record; `depth` is how many runs stand above its run.
pub(crate) fn line(record: &Value, depth: usize) -> String {
    let text = |key: &str| record[key].as_str().unwrap_or("-");
    let line = format!(
        "{}  {}{}  {}  {}  {}",
        time(record),
        "> ".repeat(depth),
        one_line(text("node_id")),
        one_line(record["effect"]["type"].as_str().unwrap_or("-")),
        one_line(text("status")),
        clip(&about(record), TEXT_MAX)
    );
    line.trim_end().to_owned()
}

/// `07:28:54`: the wall clock of the record, in UTC as the ledger writes it.
fn time(record: &Value) -> &str {
    let moment = record["ended_at"].as_str().or_else(|| record["started_at"].as_str()).unwrap_or_default();
    moment.get(11..19).unwrap_or("--:--:--")
}

fn about(record: &Value) -> String {
    if let Some(error) = record["error"].as_str() {
        return error.to_owned();
    }
    let (payload, result) = (&record["effect"]["payload"], &record["result"]);
    let wait = &result["wait"];
    let kind = record["effect"]["type"].as_str().unwrap_or_default();
    match (kind, record["status"].as_str().unwrap_or_default()) {
        ("", "completed") if result["completed"] == true => format!("output {}", brief(&result["output"])),
        ("llm_call", "completed") => answer(result),
        ("llm_call", _) => words([&payload["provider"], &payload["model"]]),
        ("tool_calls", "completed") => tool_results(result),
        ("tool_calls", "waiting") => format!("{} {}", reason(wait), tool_calls(&wait["details"]["tool_calls"])),
        ("tool_calls", _) => tool_calls(&payload["tool_calls"]),
        ("ask_user", _) => words([&payload["prompt"]]),
        ("answer_user", _) => words([&payload["message"]]),
        ("emit_event", _) => words([&payload["name"], &payload["payload"]["text"]]),
        ("start_subworkflow", "completed") => words([&payload["workflow_id"], &result["sub_run_id"]]),
        ("start_subworkflow", "waiting") => words([&payload["workflow_id"], &wait["details"]["sub_run_id"]]),
        ("start_subworkflow", _) => words([&payload["workflow_id"]]),
        ("wait_event", "waiting") => words([&wait["wait_key"]]),
        ("wait_until", "waiting") => words([&wait["until"]]),
        ("resume", _) => brief(&payload["payload"]),
        (_, "waiting") => words([&wait["reason"], &wait["wait_key"]]),
        _ => String::new(),
    }
}

/// The texts among the values, one space apart.
fn words<const N: usize>(values: [&Value; N]) -> String {
    values.into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

fn brief(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn reason(wait: &Value) -> &str {
    match wait["details"]["mode"].as_str() {
        Some("approval_required") => "needs approval:",
        Some(mode) => mode,
        None => wait["reason"].as_str().unwrap_or_default(),
    }
}

fn answer(result: &Value) -> String {
    let content = words([&result["content"]]);
    let calls = tool_calls(&result["tool_calls"]);
    let tokens = result["usage"]["total_tokens"].as_u64().map(|n| format!("({n} tokens)")).unwrap_or_default();
    [clip(&content, TEXT_MAX - 30), calls, tokens].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `read_file(path="a"), shell(…)`
pub(crate) fn tool_calls(calls: &Value) -> String {
    let shown: Vec<String> = calls.as_array().into_iter().flatten().map(tool_call).collect();
    shown.join(", ")
}

/// `read_file(path="a")`
fn tool_call(call: &Value) -> String {
    let name = call["name"].as_str().or_else(|| call["function"]["name"].as_str()).unwrap_or("?");
    let arguments: Vec<String> = match &call["arguments"] {
        Value::Object(map) => map.iter().map(|(key, value)| format!("{key}={value}")).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    };
    format!("{name}({})", arguments.join(", "))
}

/// `read_file ok, shell failed: no such file`
fn tool_results(result: &Value) -> String {
    let one = |r: &Value| {
        let name = r["name"].as_str().unwrap_or("?");
        if r["success"] == true { format!("{name} ok") } else { format!("{name} failed: {}", brief(&r["error"])) }
    };
    result["results"].as_array().into_iter().flatten().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(effect: &str, status: &str, payload: Value, result: Value, expected: &str) {
        let effect = if effect.is_empty() { Value::Null } else { json!({"type": effect, "payload": payload}) };
        let record = json!({
            "node_id": "n", "status": status, "effect": effect, "result": result, "error": null,
            "started_at": "2026-11-22T07:28:20.963974+00:00", "ended_at": null
        });
        assert_eq!(line(&record, 0), expected);
    }

    #[test]
    fn records_become_lines() {
        let none = || Value::Null;
        check(
            "",
            "completed",
            none(),
            json!({"completed": true, "output": {"a": 1}}),
            "07:28:20  n  -  completed  output {\"a\":1}",
        );
        check(
            "ask_user",
            "started",
            json!({"prompt": "who are\n you ?"}),
            none(),
            "07:28:20  n  ask_user  started  who are you ?",
        );
        check("answer_user", "completed", json!({"message": "hi"}), none(), "07:28:20  n  answer_user  completed  hi");
        check(
            "llm_call",
            "started",
            json!({"provider": "p", "model": "m"}),
            none(),
            "07:28:20  n  llm_call  started  p m",
        );
        check(
            "llm_call",
            "completed",
            none(),
            json!({"content": "yes", "usage": {"total_tokens": 7}, "tool_calls": [{"name": "ls", "arguments": {"path": "."}}]}),
            "07:28:20  n  llm_call  completed  yes ls(path=\".\") (7 tokens)",
        );
        check(
            "tool_calls",
            "waiting",
            none(),
            json!({"wait": {"details": {"mode": "approval_required", "tool_calls": [{"name": "sh", "arguments": {"c": "ls"}}]}}}),
            "07:28:20  n  tool_calls  waiting  needs approval: sh(c=\"ls\")",
        );
        check(
            "tool_calls",
            "completed",
            none(),
            json!({"results": [{"name": "a", "success": true}, {"name": "b", "success": false, "error": "no"}]}),
            "07:28:20  n  tool_calls  completed  a ok, b failed: no",
        );
        check(
            "emit_event",
            "completed",
            json!({"name": "abstract.status", "payload": {"text": "completed"}}),
            none(),
            "07:28:20  n  emit_event  completed  abstract.status completed",
        );
        check(
            "start_subworkflow",
            "waiting",
            json!({"workflow_id": "b@1:c"}),
            json!({"wait": {"details": {"sub_run_id": "r2"}}}),
            "07:28:20  n  start_subworkflow  waiting  b@1:c r2",
        );
        check(
            "resume",
            "completed",
            json!({"payload": {"response": "a"}}),
            none(),
            "07:28:20  n  resume  completed  {\"response\":\"a\"}",
        );
        check("vars_query", "completed", none(), none(), "07:28:20  n  vars_query  completed");
    }

    #[test]
    fn strange_records_do_not_hurt() {
        assert_eq!(line(&json!({}), 0), "--:--:--  -  -  -");
        assert_eq!(line(&json!(3), 1), "--:--:--  > -  -  -");
        let record = json!({"node_id": "a\x1b[2Jb", "status": "failed", "error": "x\ny", "started_at": "é"});
        assert_eq!(line(&record, 0), "--:--:--  a\u{fffd}[2Jb  -  failed  x y");
        let long = json!({"node_id": "n", "status": "failed", "error": "x".repeat(500)});
        assert!(line(&long, 0).chars().count() < 140);
    }
}
