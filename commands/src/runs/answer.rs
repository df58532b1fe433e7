//! What a run asks a person, and how an answer travels back.
//!
//! May not know: how a run goes on. Invariant: an approval is only ever answered with yes or no.

use model::api::runs::WaitSummary;
use model::{Map, Value};
use serde_json::json;

use crate::failure::Failure;
use crate::ledger::line::tool_calls;
use crate::ui::{Ui, sentence};

/// Whether a person is asked: a question, an approval, an event that carries a prompt. A pause is no question.
pub(super) fn waits_for_person(wait: &WaitSummary) -> bool {
    let is_pause = detail(wait, "kind") == Some("pause");
    (wait.reason == "user" && !is_pause) || (wait.reason == "event" && wait.prompt.is_some())
}

/// Whether the run waits for leave to call tools.
pub(super) fn is_approval(wait: &WaitSummary) -> bool {
    detail(wait, "mode") == Some("approval_required")
}

fn detail<'a>(wait: &'a WaitSummary, key: &str) -> Option<&'a str> {
    wait.details.as_ref()?.get(key)?.as_str()
}

/// The question, with the offered answers or the calls to be approved.
pub(super) fn question(wait: &WaitSummary) -> String {
    let prompt = wait.prompt.clone().unwrap_or_default();
    if is_approval(wait) {
        let calls = wait.details.as_ref().map(|d| tool_calls(&d["tool_calls"])).unwrap_or_default();
        return sentence(&format!("leave to call {calls}"));
    }
    let choices: Vec<String> = wait.choices.iter().flatten().map(choice_text).collect();
    let text = if choices.is_empty() { prompt } else { format!("{prompt} ({})", choices.join(", ")) };
    sentence(&text)
}

/// An offered answer: a text, or an object with a label.
fn choice_text(choice: &Value) -> String {
    let label = choice.as_str().or_else(|| ["label", "text", "value"].iter().find_map(|key| choice[*key].as_str()));
    label.map_or_else(|| choice.to_string(), str::to_owned)
}

/// What an answer in words sends: the `response` every question reads.
pub(super) fn words(text: &str) -> Map {
    object(&json!({ "response": text }))
}

/// What yes or no sends.
pub(super) fn decision(approved: bool, reason: Option<&str>) -> Map {
    let mut map = object(&json!({ "approved": approved }));
    if let Some(reason) = reason.filter(|r| !approved && !r.trim().is_empty()) {
        map.insert("reason".into(), reason.trim().into());
    }
    map
}

fn object(value: &Value) -> Map {
    value.as_object().cloned().unwrap_or_default()
}

/// The payload of the resume command: the answer, and the wait it is meant for.
pub(super) fn resume_payload(wait_key: Option<&str>, answer: Map) -> Map {
    let mut payload = Map::new();
    if let Some(key) = wait_key {
        payload.insert("wait_key".into(), key.into());
    }
    payload.insert("payload".into(), Value::Object(answer));
    payload
}

/// Asks the person at the terminal.
pub(super) fn ask(ui: &Ui, wait: &WaitSummary) -> Result<Map, Failure> {
    if is_approval(wait) {
        return ask_approval(ui, wait);
    }
    let prompt = sentence(wait.prompt.as_deref().unwrap_or("answer"));
    let mut choices: Vec<String> = wait.choices.iter().flatten().map(|c| sentence(&choice_text(c))).collect();
    if choices.is_empty() {
        return Ok(words(&ui.ask_text(&prompt)?));
    }
    let offered = choices.len();
    if wait.allow_free_text {
        choices.push("something else".into());
    }
    let chosen = ui.ask_choice(&prompt, &choices)?;
    if chosen == offered {
        return Ok(words(&ui.ask_text("answer")?));
    }
    Ok(words(&choices[chosen]))
}

fn ask_approval(ui: &Ui, wait: &WaitSummary) -> Result<Map, Failure> {
    ui.note("the run wants to call:");
    let calls = wait.details.as_ref().and_then(|d| d["tool_calls"].as_array()).cloned().unwrap_or_default();
    for call in calls {
        ui.note(&format!("  {}", sentence(&tool_calls(&Value::Array(vec![call])))));
    }
    if ui.ask_yes_no("Allow it?")? {
        return Ok(decision(true, None));
    }
    Ok(decision(false, Some(&ui.ask_text("why not (may stay empty)")?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(value: Value) -> WaitSummary {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn questions_approvals_and_pauses_are_told_apart() {
        let check = |value: Value, person: bool, approval: bool| {
            let wait = wait(value.clone());
            assert_eq!((waits_for_person(&wait), is_approval(&wait)), (person, approval), "{value}");
        };
        check(json!({"reason": "user", "allow_free_text": true}), true, false);
        check(json!({"reason": "user", "allow_free_text": false, "details": {"kind": "pause"}}), false, false);
        check(json!({"reason": "user", "allow_free_text": true, "details": {"mode": "approval_required"}}), true, true);
        check(json!({"reason": "event", "allow_free_text": true}), false, false);
        check(json!({"reason": "event", "allow_free_text": true, "prompt": "well?"}), true, false);
        check(json!({"reason": "job", "allow_free_text": true}), false, false);
    }

    #[test]
    fn questions_name_what_is_offered() {
        let calls =
            json!({"mode": "approval_required", "tool_calls": [{"name": "sh", "arguments": {"c": "ls\x1b[2J"}}]});
        let approval = wait(json!({"reason": "user", "allow_free_text": true, "details": calls}));
        assert_eq!(question(&approval), "leave to call sh(c=\"ls\\u001b[2J\")");
        let choices = wait(
            json!({"reason": "user", "allow_free_text": true, "prompt": "so?", "choices": ["a", {"label": "b"}, 3]}),
        );
        assert_eq!(question(&choices), "so? (a, b, 3)");
    }

    #[test]
    fn answers_travel_as_the_contract_says() {
        let check = |map: Map, expected: Value| assert_eq!(Value::Object(map), expected);
        check(words("hi"), json!({"response": "hi"}));
        check(decision(true, Some("x")), json!({"approved": true}));
        check(decision(false, Some(" no ")), json!({"approved": false, "reason": "no"}));
        check(decision(false, Some(" ")), json!({"approved": false}));
        check(resume_payload(Some("k"), words("a")), json!({"wait_key": "k", "payload": {"response": "a"}}));
        check(resume_payload(None, Map::new()), json!({"payload": {}}));
    }
}
