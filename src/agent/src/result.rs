//! The result of a tool call as the contract writes it (07, section 2.1).

use std::collections::BTreeMap;

use model::Value;
use serde_json::json;

/// What came of a call, before it is given its ids.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) success: bool,
    pub(crate) output: Value,
    pub(crate) error: Option<String>,
}

impl Outcome {
    pub(crate) fn failed(why: impl Into<String>) -> Self {
        Self { success: false, output: Value::Null, error: Some(why.into()) }
    }

    /// Reads success off what a tool returned: objects say it in `success` or `ok`, texts by how they begin.
    pub(crate) fn of(returned: Result<Value, String>) -> Self {
        let output = match returned {
            Ok(output) => output,
            Err(why) => return Self::failed(unmarked(&why).unwrap_or(&why)),
        };
        match &output {
            Value::String(text) => match unmarked(text) {
                Some(why) => Self::failed(why),
                None => Self { success: true, output, error: None },
            },
            Value::Object(map) if map.get("success") == Some(&json!(false)) || map.get("ok") == Some(&json!(false)) => {
                let why = ["error", "message"].iter().find_map(|k| map.get(*k)?.as_str()).unwrap_or("Tool failed");
                Self { success: false, error: Some(why.to_owned()), output }
            }
            _ => Self { success: true, output, error: None },
        }
    }
}

/// The error text of a text that says it is one.
fn unmarked(text: &str) -> Option<&str> {
    let text = text.trim();
    if let Some(rest) = ["❌", "🚫", "⏰", "Error:"].iter().find_map(|m| text.strip_prefix(m)) {
        let rest = rest.trim_start_matches('\u{fe0f}').trim();
        return Some(unmarked(rest).unwrap_or(rest));
    }
    (text.starts_with("Refused:") || text.starts_with("Error ")).then_some(text)
}

/// One entry of an envelope.
pub(crate) fn entry(call_id: &str, runtime_call_id: &str, name: &str, outcome: &Outcome) -> Value {
    json!({
        "call_id": call_id, "runtime_call_id": runtime_call_id, "name": name, "success": outcome.success,
        "output": outcome.output, "error": outcome.error,
    })
}

/// `{"mode": "executed", "results": …}`
pub(crate) fn envelope(results: &[Value]) -> Value {
    json!({"mode": "executed", "results": results})
}

/// Results in call order: `fixed` ones at their index, the others filled in from `rest`.
pub(crate) fn merged(
    total: usize,
    fixed: &BTreeMap<usize, Value>,
    rest: impl IntoIterator<Item = Value>,
) -> Vec<Value> {
    let mut rest = rest.into_iter();
    let missing = || entry("", "", "", &Outcome::failed("Missing tool result"));
    (0..total).map(|i| fixed.get(&i).cloned().or_else(|| rest.next()).unwrap_or_else(missing)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tool_returns_says_whether_it_worked() {
        let check = |returned: Result<Value, String>, success: bool, error: Option<&str>| {
            let outcome = Outcome::of(returned.clone());
            assert_eq!((outcome.success, outcome.error.as_deref()), (success, error), "{returned:?}");
        };
        check(Ok(json!("fine")), true, None);
        check(Ok(json!("Errors found: 0")), true, None);
        check(Ok(json!("Error: no")), false, Some("no"));
        check(Ok(json!("  ❌ Refused: no")), false, Some("Refused: no"));
        check(Ok(json!("⏰ late")), false, Some("late"));
        check(Ok(json!("Refused: too long")), false, Some("Refused: too long"));
        check(Ok(json!("Error reading file: gone")), false, Some("Error reading file: gone"));
        check(Ok(json!({"success": false, "error": "x"})), false, Some("x"));
        check(Ok(json!({"ok": false, "message": "y"})), false, Some("y"));
        check(Ok(json!({"ok": false})), false, Some("Tool failed"));
        check(Ok(json!({"success": true})), true, None);
        check(Err("boom".into()), false, Some("boom"));
    }
}
