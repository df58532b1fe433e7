//! Answers to waits: from a person, an event, a moment, a child, or somebody who executes tools for us.

use std::collections::BTreeMap;

use model::{Code, Error, Run, RunStatus, Value, Wait, WaitReason};
use serde_json::json;

use crate::live::{Live, Pending};
use crate::outside::{Outside, Resumed};
use crate::record::{self, Ending};
use crate::step::{announce_end, finish_effect, is_tool_wait};

/// Answers the run's wait. The caller has checked that the run waits and is not paused.
pub(crate) fn answer(live: &mut Live, outside: &dyn Outside, payload: Value) -> Result<(), Error> {
    let Some(wait) = live.run.waiting.clone() else {
        return Err(Error::new(Code::RunNotWaiting, "the run is not waiting for an answer"));
    };
    live.ctx.now = outside.now();
    if wait.mode() == Some("interrupted") {
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
    if wait.mode() == Some("interrupted") {
        return Choice::read(answer).map(|_| ());
    }
    if is_tool_wait(wait) {
        outside.resume_tools(run, wait, answer)?;
    }
    Ok(())
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
    Pending {
        step_id: crate::ids::uuid(&live.ctx),
        key: model::step::idempotency_key(&live.run.run_id, live.state.ordinal),
        attempt: 1,
        effect: model::Effect {
            kind: model::EffectKind::ToolCalls,
            payload: model::Map::from_iter([("tool_calls".to_owned(), calls)]),
            result_key: wait.result_key.clone(),
        },
        batch: None,
        next: wait.resume_to_node.clone(),
        started_at: live.ctx.now,
        answered: None,
        finished: BTreeMap::new(),
        in_flight: false,
        vetted: true,
    }
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

/// A call whose outcome nobody knows: the process died while it was out there, and doing it again may do it twice.
pub(crate) fn interrupt(live: &mut Live) {
    let Some(pending) = live.state.pending.clone() else { return };
    let mut wait = Wait::new(WaitReason::User);
    wait.wait_key = Some(format!("interrupted:{}", pending.key));
    wait.prompt = Some(
        "The gateway stopped while this step was being done; whether it took effect is unknown. Retry it, skip it, or fail the run?"
            .into(),
    );
    wait.choices = Some(vec!["retry".into(), "skip".into(), "fail".into()]);
    wait.allow_free_text = false;
    wait.resume_to_node.clone_from(&pending.next);
    wait.result_key.clone_from(&pending.effect.result_key);
    wait.details = Some(json!({
        "mode": "interrupted", "effect": pending.effect.kind.as_str(), "attempt": pending.attempt,
        "tool_calls": pending.effect.payload.get("tool_calls"), "finished": pending.finished.keys().collect::<Vec<_>>(),
    }));
    let waiting = record::call_ended(&live.run, &pending, &Ending::Waiting(wait.clone()), live.ctx.now);
    live.append(waiting);
    live.run.status = RunStatus::Waiting;
    live.run.waiting = Some(wait);
}

/// What a person decided about an interrupted step.
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
                "an interrupted step takes {\"choice\": \"retry\"}, {\"choice\": \"skip\"} or {\"choice\": \"fail\"}",
            )),
        }
    }
}

fn decide_interrupted(live: &mut Live, wait: &Wait, payload: &Value) -> Result<(), Error> {
    let choice = Choice::read(payload)?;
    let Some(mut pending) = live.state.pending.take() else {
        return Err(Error::new(Code::Conflict, "the interrupted step is not known any more; cancel the run"));
    };
    let resumed = record::resumed(live, wait, payload);
    live.append(resumed);
    live.run.waiting = None;
    match choice {
        Choice::Retry => {
            pending.attempt += 1;
            pending.vetted = true;
            live.state.pending = Some(pending);
            live.run.status = RunStatus::Running;
        }
        Choice::Skip => {
            live.run.status = RunStatus::Running;
            let result = skipped(&pending);
            live.state.pending = Some(pending);
            call_ended(live, Ok(result));
        }
        Choice::Fail => {
            live.state.pending = Some(Pending { answered: None, ..pending });
            call_ended(live, Err("interrupted: the gateway stopped while the step was being done".into()));
        }
    }
    live.dirty = true;
    Ok(())
}

/// The result of a skipped step: what is known stays, the rest failed.
fn skipped(pending: &Pending) -> Value {
    let why = "Skipped: the gateway stopped while this was being done; whether it took effect is unknown";
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
    if let Some(pending) = live.state.pending.take() {
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
    if live.run.control("paused").is_some() {
        let runtime = live.run.namespace("_runtime");
        model::run::object_at(runtime, "control").shift_remove("paused");
    }
    announce_end(live);
}
