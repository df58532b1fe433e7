//! Why a run that has not ended is where it is. Read from what is stored: the same before and after a restart.
//!
//! May not know: who asks, and with which command a run is moved. The invariant: it costs two small reads, whatever the
//! size of the run.

use model::api::runs::explain::{Explain, ExplainCode};
use model::api::runs::{RunSummary, WaitSummary};
use model::{EffectKind, Timestamp, Value};

use crate::inner::Inner;
use crate::live::{EngineState, Pending};

/// What else decides whether a run moves.
struct Around {
    /// Some process drives the runs of this store.
    driven: bool,
    /// The run's workflow is loaded.
    loaded: bool,
}

/// Explains a run, with what the engine keeps beside it while it is running; none for one that has ended.
pub(crate) fn explain(inner: &Inner, run: &RunSummary, private: Value, driven: bool) -> Option<Explain> {
    if run.status.is_terminal() {
        return None;
    }
    let state: EngineState = serde_json::from_value(private).unwrap_or_default();
    let around = Around { driven, loaded: inner.outside.workflow(&run.workflow_id).is_some() };
    Some(read(run, state.pending.as_ref(), &around))
}

fn read(run: &RunSummary, pending: Option<&Pending>, around: &Around) -> Explain {
    if run.paused {
        let because = run.pause_reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let since = run.paused_at.as_deref().and_then(Timestamp::parse);
        let message = format!("the run is paused{because}");
        return Explain { since: since.or(Some(run.updated_at)), ..because_of(run, ExplainCode::Paused, message) };
    }
    if run.actor_id.as_deref() != Some("gateway") {
        let whose = run.actor_id.as_deref().unwrap_or("nobody");
        return because_of(
            run,
            ExplainCode::NotDriven,
            format!("the run is not driven by this gateway but by {whose}"),
        );
    }
    match &run.waiting {
        Some(wait) => waiting(run, wait, around),
        None => running(run, pending, around),
    }
}

fn because_of(run: &RunSummary, code: ExplainCode, message: String) -> Explain {
    Explain {
        code,
        message,
        since: Some(run.updated_at),
        wakes_at: None,
        node: run.current_node.clone(),
        effect: None,
        attempt: None,
        error: None,
        child_run_id: None,
        wait_key: None,
        workflow_id: None,
    }
}

fn no_runner(run: &RunSummary) -> Explain {
    let message = "no process drives runs here: start abstractgateway serve or abstractgateway runner";
    because_of(run, ExplainCode::NoRunner, message.into())
}

fn waiting(run: &RunSummary, wait: &WaitSummary, around: &Around) -> Explain {
    let detail = |key: &str| wait.details.as_ref()?.get(key)?.as_str();
    let with_key =
        |code, message: String| Explain { wait_key: wait.wait_key.clone(), ..because_of(run, code, message) };
    let key = wait.wait_key.as_deref().unwrap_or("?");
    match wait.reason.as_str() {
        "until" if !around.driven => no_runner(run),
        "until" => {
            let until = wait.until.clone();
            let message = format!("the run waits until {}", until.as_deref().unwrap_or("?"));
            Explain { wakes_at: until, ..because_of(run, ExplainCode::WaitingForTime, message) }
        }
        "event" => {
            let asked =
                wait.prompt.as_ref().map(|prompt| format!(" (a person is asked: {prompt})")).unwrap_or_default();
            with_key(ExplainCode::WaitingForEvent, format!("the run waits for the event {key}{asked}"))
        }
        "subworkflow" => {
            let child = detail("sub_run_id");
            let message = format!("the run waits for the run it started, {}", child.unwrap_or("?"));
            Explain { child_run_id: child.map(Into::into), ..with_key(ExplainCode::WaitingForChild, message) }
        }
        "job" => with_key(ExplainCode::WaitingForWorker, format!("a worker must bring the results of {}", tools(wait))),
        _ => {
            let step = |code| {
                let number = |key: &str| wait.details.as_ref()?.get(key)?.as_u64();
                Explain {
                    effect: detail("effect").map(str::to_owned),
                    attempt: number("attempt").and_then(|n| u32::try_from(n).ok()),
                    error: detail("error").map(str::to_owned),
                    ..with_key(code, wait.prompt.clone().unwrap_or_default())
                }
            };
            match detail("mode") {
                Some("interrupted") => step(ExplainCode::Interrupted),
                Some("exhausted") => step(ExplainCode::RetriesExhausted),
                Some("approval_required") => {
                    with_key(ExplainCode::WaitingForPerson, format!("a person must approve {}", tools(wait)))
                }
                _ => {
                    let asked = wait.prompt.as_deref().unwrap_or("(no question)");
                    with_key(ExplainCode::WaitingForPerson, format!("a person is asked: {asked}"))
                }
            }
        }
    }
}

/// The names of the tools a wait is about.
fn tools(wait: &WaitSummary) -> String {
    let calls = wait.details.as_ref().and_then(|d| d.get("tool_calls")).and_then(Value::as_array);
    let names: Vec<&str> = calls.into_iter().flatten().filter_map(|call| call["name"].as_str()).collect();
    if names.is_empty() { "tool calls".to_owned() } else { format!("calls of {}", names.join(", ")) }
}

fn running(run: &RunSummary, pending: Option<&Pending>, around: &Around) -> Explain {
    if !around.driven {
        return no_runner(run);
    }
    if let Some(pending) = pending {
        return calling(run, pending);
    }
    if !around.loaded {
        let id = run.workflow_id.clone();
        let message = format!("the workflow {id} is not loaded: install its bundle, and the run goes on");
        return Explain { workflow_id: Some(id), ..because_of(run, ExplainCode::WorkflowMissing, message) };
    }
    because_of(run, ExplainCode::Ready, "the next step is about to be done".into())
}

fn calling(run: &RunSummary, pending: &Pending) -> Explain {
    let kind = pending.effect.kind;
    let at_work = |code, attempt, message| Explain {
        effect: Some(kind.as_str().to_owned()),
        attempt: Some(attempt),
        ..because_of(run, code, message)
    };
    if let Some(backoff) = &pending.backoff {
        let (attempt, until) = (pending.attempt + 1, backoff.until.to_string());
        let message =
            format!("attempt {} failed ({}); attempt {attempt} begins at {until}", pending.attempt, backoff.error);
        let error = Some(backoff.error.clone());
        return Explain { error, wakes_at: Some(until), ..at_work(ExplainCode::Retrying, attempt, message) };
    }
    let (code, what) = match kind {
        EffectKind::LlmCall => (ExplainCode::CallingModel, "a model is being asked"),
        _ => (ExplainCode::CallingTools, "tools are at work"),
    };
    let again = if pending.attempt > 1 { format!(", attempt {}", pending.attempt) } else { String::new() };
    Explain { since: Some(pending.started_at), ..at_work(code, pending.attempt, format!("{what}{again}")) }
}

#[cfg(test)]
mod tests {
    use model::{Effect, Map, Run, RunStatus, Wait, WaitReason};
    use serde_json::json;

    use super::*;
    use crate::live::Backoff;

    const HERE: Around = Around { driven: true, loaded: true };
    const ALONE: Around = Around { driven: false, loaded: true };
    const BARE: Around = Around { driven: true, loaded: false };

    fn summary(change: impl FnOnce(&mut Run)) -> RunSummary {
        let mut run = Run::new("r".into(), "b@1:f".into(), "n".into(), Map::new(), Timestamp::EPOCH);
        change(&mut run);
        RunSummary::of(&run)
    }

    fn waiting_for(reason: WaitReason, details: Value) -> RunSummary {
        summary(|run| {
            let mut wait = Wait::new(reason);
            (wait.wait_key, wait.prompt, wait.details) = (Some("k".into()), Some("so?".into()), Some(details));
            wait.until = (reason == WaitReason::Until).then(|| "1970-01-02T00:00:00+00:00".into());
            (run.status, run.waiting) = (RunStatus::Waiting, Some(wait));
        })
    }

    fn call(kind: EffectKind, attempt: u32, backoff: Option<&str>) -> Pending {
        Pending {
            step_id: "s".into(),
            key: "k".into(),
            attempt,
            effect: Effect { kind, payload: Map::new(), result_key: None },
            batch: None,
            next: None,
            started_at: Timestamp::from_micros(5_000_000),
            answered: None,
            finished: std::collections::BTreeMap::new(),
            failures: 0,
            backoff: backoff
                .map(|error| Backoff { until: Timestamp::from_micros(60_000_000), error: error.to_owned() }),
            in_flight: false,
            vetted: false,
        }
    }

    #[test]
    fn every_way_to_stand_still_has_a_code_and_a_sentence() {
        use ExplainCode as C;
        use WaitReason as W;
        let plain = || summary(|_| {});
        let paused = summary(|run| {
            run.vars =
                Map::from_iter([("_runtime".to_owned(), json!({"control": {"paused": true, "pause_reason": "tea"}}))]);
        });
        let foreign = summary(|run| run.actor_id = Some("somebody".into()));
        let approval = json!({"mode": "approval_required", "tool_calls": [{"name": "write_file"}, {"name": "sh"}]});
        let exhausted = json!({"mode": "exhausted", "effect": "llm_call", "attempt": 3, "error": "no"});
        for (run, pending, around, code, message) in [
            (paused, None, &ALONE, C::Paused, "the run is paused: tea"),
            (foreign, None, &HERE, C::NotDriven, "the run is not driven by this gateway but by somebody"),
            (waiting_for(W::User, json!({})), None, &ALONE, C::WaitingForPerson, "a person is asked: so?"),
            (
                waiting_for(W::User, approval),
                None,
                &HERE,
                C::WaitingForPerson,
                "a person must approve calls of write_file, sh",
            ),
            (waiting_for(W::User, json!({"mode": "interrupted"})), None, &HERE, C::Interrupted, "so?"),
            (waiting_for(W::User, exhausted), None, &HERE, C::RetriesExhausted, "so?"),
            (
                waiting_for(W::Event, json!({})),
                None,
                &HERE,
                C::WaitingForEvent,
                "the run waits for the event k (a person is asked: so?)",
            ),
            (
                waiting_for(W::Until, json!({})),
                None,
                &HERE,
                C::WaitingForTime,
                "the run waits until 1970-01-02T00:00:00+00:00",
            ),
            (
                waiting_for(W::Until, json!({})),
                None,
                &ALONE,
                C::NoRunner,
                "no process drives runs here: start abstractgateway serve or abstractgateway runner",
            ),
            (
                waiting_for(W::Subworkflow, json!({"sub_run_id": "c"})),
                None,
                &HERE,
                C::WaitingForChild,
                "the run waits for the run it started, c",
            ),
            (
                waiting_for(W::Job, json!({"mode": "delegated"})),
                None,
                &HERE,
                C::WaitingForWorker,
                "a worker must bring the results of tool calls",
            ),
            (plain(), Some(call(EffectKind::LlmCall, 1, None)), &HERE, C::CallingModel, "a model is being asked"),
            (
                plain(),
                Some(call(EffectKind::ToolCalls, 2, None)),
                &BARE,
                C::CallingTools,
                "tools are at work, attempt 2",
            ),
            (
                plain(),
                Some(call(EffectKind::LlmCall, 1, Some("down"))),
                &HERE,
                C::Retrying,
                "attempt 1 failed (down); attempt 2 begins at 1970-01-01T00:01:00+00:00",
            ),
            (
                plain(),
                Some(call(EffectKind::LlmCall, 1, None)),
                &ALONE,
                C::NoRunner,
                "no process drives runs here: start abstractgateway serve or abstractgateway runner",
            ),
            (
                plain(),
                None,
                &BARE,
                C::WorkflowMissing,
                "the workflow b@1:f is not loaded: install its bundle, and the run goes on",
            ),
            (plain(), None, &HERE, C::Ready, "the next step is about to be done"),
        ] {
            let explained = read(&run, pending.as_ref(), around);
            assert_eq!((explained.code, explained.message.as_str()), (code, message));
            assert_eq!(explained.node.as_deref(), Some("n"));
        }
    }

    #[test]
    fn references_are_members_of_their_own() {
        let shown = |run: &RunSummary, pending: Option<&Pending>, around: &Around| {
            let mut value = serde_json::to_value(read(run, pending, around)).unwrap();
            for key in ["code", "message", "node"] {
                value.as_object_mut().unwrap().shift_remove(key);
            }
            value
        };
        let plain = summary(|_| {});
        let epoch = "1970-01-01T00:00:00+00:00";
        let child = waiting_for(WaitReason::Subworkflow, json!({"sub_run_id": "c"}));
        assert_eq!(shown(&child, None, &HERE), json!({"since": epoch, "child_run_id": "c", "wait_key": "k"}));
        let until = waiting_for(WaitReason::Until, json!({}));
        assert_eq!(shown(&until, None, &HERE), json!({"since": epoch, "wakes_at": "1970-01-02T00:00:00+00:00"}));
        let retrying = json!({
            "since": epoch, "wakes_at": "1970-01-01T00:01:00+00:00", "effect": "llm_call", "attempt": 2, "error": "down",
        });
        assert_eq!(shown(&plain, Some(&call(EffectKind::LlmCall, 1, Some("down"))), &HERE), retrying);
        let calling = json!({"since": "1970-01-01T00:00:05+00:00", "effect": "tool_calls", "attempt": 1});
        assert_eq!(shown(&plain, Some(&call(EffectKind::ToolCalls, 1, None)), &HERE), calling);
        assert_eq!(shown(&plain, None, &BARE), json!({"since": epoch, "workflow_id": "b@1:f"}));
        let details = json!({"mode": "exhausted", "effect": "llm_call", "attempt": 3, "error": "no"});
        let exhausted = waiting_for(WaitReason::User, details);
        let expected = json!({"since": epoch, "wait_key": "k", "effect": "llm_call", "attempt": 3, "error": "no"});
        assert_eq!(shown(&exhausted, None, &HERE), expected);
    }
}
