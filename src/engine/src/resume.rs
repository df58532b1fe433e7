//! Answers to waits: from a person, an event, a moment, a child, or somebody who executes tools for us.

use std::collections::BTreeMap;

use model::{Code, Error, Run, RunStatus, Value, Wait, WaitReason};
use serde_json::json;

use crate::failure::Failure;
use crate::live::{Live, Pending};
use crate::outside::{Outside, Resumed, StepIds};
use crate::record::{self, Ending};
use crate::step::{announce_end, finish_effect, is_tool_wait, pending};

/// Answers the run's wait. The caller has checked that the run waits and is not paused.
pub(crate) fn answer(live: &mut Live, outside: &dyn Outside, payload: Value) -> Result<(), Error> {
    let Some(wait) = live.run.waiting.clone() else {
        return Err(Error::new(Code::RunNotWaiting, "the run is not waiting for an answer"));
    };
    live.ctx.now = outside.now();
    if asks_what_to_do(&wait) {
        return decide_interrupted(live, &wait, &payload);
    }
    if is_tool_wait(&wait) {
        return match outside.resume_tools(&live.run, &wait, &payload)? {
            Resumed::Execute(batch) => {
                execute(live, wait, batch);
                Ok(())
            }
            Resumed::Result(result) => {
                close_tools(live, &wait, &result);
                settle(live, &wait, result);
                Ok(())
            }
        };
    }
    settle(live, &wait, payload);
    Ok(())
}

/// Whether an answer fits a wait for tools or for a decision about an interrupted call.
pub(crate) fn check_answer(run: &Run, outside: &dyn Outside, wait: &Wait, answer: &Value) -> Result<(), Error> {
    if asks_what_to_do(wait) {
        return Choice::read(answer).map(|_| ());
    }
    if is_tool_wait(wait) {
        outside.resume_tools(run, wait, answer)?;
    }
    Ok(())
}

/// Whether a person decides about a step that did not come to its end.
fn asks_what_to_do(wait: &Wait) -> bool {
    matches!(wait.mode(), Some("interrupted" | "exhausted"))
}

/// Approved tools: they run like any call, and their outcome closes the wait.
fn execute(live: &mut Live, wait: Wait, batch: Value) {
    let asked = live.state.asked.take().unwrap_or_else(|| asked_without_memory(live, &wait));
    live.state.pending = Some(Pending {
        step_id: crate::ids::uuid(&live.ctx),
        batch: Some(batch),
        next: wait.resume_to_node.clone(),
        started_at: live.ctx.now,
        answered: Some(wait),
        finished: BTreeMap::new(),
        failures: 0,
        backoff: None,
        in_flight: false,
        vetted: true,
        ..asked
    });
    live.run.status = RunStatus::Running;
    live.run.waiting = None;
    live.dirty = true;
}

/// A tool wait made by another program: the step is rebuilt from what the wait itself says.
fn asked_without_memory(live: &mut Live, wait: &Wait) -> Pending {
    live.state.ordinal += 1;
    let calls = wait.details.as_ref().and_then(|d| d.get("tool_calls")).cloned().unwrap_or_else(|| json!([]));
    let effect = model::Effect {
        kind: model::EffectKind::ToolCalls,
        payload: model::Map::from_iter([("tool_calls".to_owned(), calls)]),
        result_key: wait.result_key.clone(),
    };
    let key = model::step::idempotency_key(&live.run.run_id, live.state.ordinal);
    let step_id = crate::ids::uuid(&live.ctx);
    let ids = StepIds { step_id: &step_id, key: &key, attempt: 1 };
    pending(&ids, effect, None, wait.resume_to_node.clone(), live.ctx.now)
}

/// The record that closes a tool wait answered without executing anything.
fn close_tools(live: &mut Live, wait: &Wait, result: &Value) {
    let asked = live.state.asked.take().unwrap_or_else(|| asked_without_memory(live, wait));
    let asked = Pending { step_id: crate::ids::uuid(&live.ctx), started_at: live.ctx.now, ..asked };
    let closing = record::call_ended(&live.run, &asked, &Ending::Completed(result.clone()), live.ctx.now);
    live.append(closing);
}

/// Stores the answer where the wait wants it and takes the run on.
pub(crate) fn settle(live: &mut Live, wait: &Wait, payload: Value) {
    let resumed = record::resumed(live, wait, &payload);
    live.append(resumed);
    if let Some(path) = &wait.result_key {
        model::run::write_path(&mut live.run.vars, path, payload.clone());
    }
    live.run.waiting = None;
    match &wait.resume_to_node {
        Some(next) => {
            live.run.status = RunStatus::Running;
            live.run.current_node.clone_from(next);
        }
        None => {
            let output = json!({"success": true, "result": payload});
            let result = json!({
                "completed": true, "via": "resume", "wait_reason": wait.reason.as_str(),
                "wait_key": wait.wait_key, "output": output,
            });
            live.run.status = RunStatus::Completed;
            live.run.output = Some(output);
            let completion = record::completion(live, result);
            live.append(completion);
            announce_end(live);
        }
    }
    live.dirty = true;
}

/// A call that came back.
pub(crate) fn call_ended(live: &mut Live, outcome: Result<Value, String>) {
    let Some(pending) = live.state.pending.take() else { return };
    let ending = match outcome {
        Ok(result) => Ending::Completed(result),
        Err(why) => Ending::Failed(why),
    };
    let closing = record::call_ended(&live.run, &pending, &ending, live.ctx.now);
    live.append(closing);
    match (pending.answered, ending) {
        (Some(wait), Ending::Completed(result)) => settle_kept(live, &wait, result),
        (_, ending) => {
            finish_effect(live, &pending.effect, pending.next, pending.attempt, ending);
        }
    }
}

/// As [`settle`], for a run that somebody may have paused meanwhile.
fn settle_kept(live: &mut Live, wait: &Wait, result: Value) {
    let paused = live.run.waiting.take().filter(Wait::is_pause);
    settle(live, wait, result);
    if let Some(mut pause) = paused.filter(|_| live.run.status == RunStatus::Running) {
        pause.resume_to_node = Some(live.run.current_node.clone());
        live.run.waiting = Some(pause);
        live.run.status = RunStatus::Waiting;
    }
}

/// What a step fails with whose outcome nobody knows.
pub(crate) const INTERRUPTED: &str =
    "interrupted: the gateway stopped while the step was being done; whether it took effect is unknown";

/// A call whose outcome nobody knows: the process died while it was out there, and doing it again may do it twice.
pub(crate) fn interrupt(live: &mut Live) {
    let prompt = "The gateway stopped while this step was being done; whether it took effect is unknown. Retry it, skip it, or fail the run?";
    hold(live, "interrupted", prompt.into(), None);
}

/// A call that failed for the last time, where the flow or the operator wants a person to decide.
pub(crate) fn exhaust(live: &mut Live, failure: Failure) {
    let Some(pending) = live.state.pending.as_mut() else { return };
    crate::retry::keep_successes(pending, failure.partial);
    let times = if pending.attempt == 1 { "once".to_owned() } else { format!("{} times", pending.attempt) };
    let prompt = format!(
        "This step was tried {times} and failed: {} Retry it, skip it, or fail the run?",
        sentence(&failure.text)
    );
    hold(live, "exhausted", prompt, Some(failure.text));
}

fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// Has a person decide about the call that is out; the call stays known.
fn hold(live: &mut Live, mode: &str, prompt: String, error: Option<String>) {
    let Some(pending) = live.state.pending.clone() else { return };
    let mut wait = Wait::new(WaitReason::User);
    // Each attempt is a question of its own: an answer to an earlier one does not count for a later.
    wait.wait_key = Some(format!("{mode}:{}:{}", pending.key, pending.attempt));
    wait.prompt = Some(prompt);
    wait.choices = Some(vec!["retry".into(), "skip".into(), "fail".into()]);
    wait.allow_free_text = false;
    wait.resume_to_node.clone_from(&pending.next);
    wait.result_key.clone_from(&pending.effect.result_key);
    let mut details = json!({
        "mode": mode, "effect": pending.effect.kind.as_str(), "attempt": pending.attempt,
        "tool_calls": pending.effect.payload.get("tool_calls"), "finished": pending.finished.keys().collect::<Vec<_>>(),
    });
    if let Some(error) = &error {
        details["error"] = error.as_str().into();
    }
    wait.details = Some(details);
    let mut waiting = record::call_ended(&live.run, &pending, &Ending::Waiting(wait.clone()), live.ctx.now);
    waiting.error = error;
    live.append(waiting);
    live.run.status = RunStatus::Waiting;
    live.run.waiting = Some(wait);
}

/// What a person decided about a step that was interrupted, or failed for the last time.
#[derive(Clone, Copy)]
enum Choice {
    Retry,
    Skip,
    Fail,
}

impl Choice {
    /// Reads `{"choice": "retry"|"skip"|"fail"}` or `{"response": …}`.
    fn read(answer: &Value) -> Result<Self, Error> {
        let word = ["choice", "response"].iter().find_map(|k| answer.get(*k)?.as_str()).map(str::trim);
        match word {
            Some("retry") => Ok(Self::Retry),
            Some("skip") => Ok(Self::Skip),
            Some("fail") => Ok(Self::Fail),
            _ => Err(Error::new(
                Code::NotAnApproval,
                "a step that was interrupted or has failed takes {\"choice\": \"retry\"}, {\"choice\": \"skip\"} or {\"choice\": \"fail\"}",
            )),
        }
    }
}

fn decide_interrupted(live: &mut Live, wait: &Wait, payload: &Value) -> Result<(), Error> {
    let choice = Choice::read(payload)?;
    let Some(pending) = live.state.pending.take() else {
        return Err(Error::new(Code::Conflict, "the step is not known any more; cancel the run"));
    };
    let resumed = record::resumed(live, wait, payload);
    live.append(resumed);
    live.run.waiting = None;
    match choice {
        Choice::Retry => {
            live.state.pending = Some(pending);
            live.run.status = RunStatus::Running;
            crate::retry::again(live);
        }
        Choice::Skip => {
            live.run.status = RunStatus::Running;
            let result = skipped(&pending, wait.detail("error"));
            live.state.pending = Some(pending);
            call_ended(live, Ok(result));
        }
        Choice::Fail => {
            live.state.pending = Some(Pending { answered: None, ..pending });
            call_ended(live, Err(wait.detail("error").unwrap_or(INTERRUPTED).to_owned()));
        }
    }
    live.dirty = true;
    Ok(())
}

/// The result of a skipped step: what is known stays, the rest failed. A skipped model call has said nothing.
fn skipped(pending: &Pending, error: Option<&str>) -> Value {
    let why = match error {
        Some(error) => format!("Skipped: {error}"),
        None => "Skipped: the gateway stopped while this was being done; whether it took effect is unknown".to_owned(),
    };
    if pending.effect.kind == model::EffectKind::LlmCall {
        return json!({
            "content": "", "reasoning": null, "data": null, "tool_calls": null, "usage": null, "model": null,
            "finish_reason": "skipped", "metadata": {"_skipped": why},
        });
    }
    let calls = pending.effect.payload.get("tool_calls").and_then(Value::as_array).cloned().unwrap_or_default();
    let results: Vec<_> = calls
        .iter()
        .enumerate()
        .map(|(i, call)| {
            pending.finished.get(&i).cloned().unwrap_or_else(|| {
                json!({
                    "call_id": call.get("call_id"), "runtime_call_id": model::step::runtime_call_id(&pending.key, i + 1),
                    "name": call.get("name"), "success": false, "output": null, "error": why,
                })
            })
        })
        .collect();
    json!({"mode": "executed", "results": results})
}

/// The call of a cancelled run: closed, so that no started record stays open.
pub(crate) fn abandon_call(live: &mut Live, why: &str) {
    // Between two attempts the last record is closed already.
    if let Some(pending) = live.state.pending.take().filter(|p| p.backoff.is_none()) {
        let closing = record::call_ended(&live.run, &pending, &Ending::Failed(why.to_owned()), live.ctx.now);
        live.append(closing);
    }
}

/// Ends a run at the wish of somebody.
pub(crate) fn cancel(live: &mut Live, reason: &str) {
    abandon_call(live, reason);
    live.run.status = RunStatus::Cancelled;
    live.run.error = Some(reason.to_owned());
    live.run.waiting = None;
    announce_end(live);
}
