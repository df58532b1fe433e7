//! One step: from a run to what is appended, changed and asked of the world. Pure but for the random ids and the moment
//! that the context carries: no I/O, no lock held, nothing spawned.

use std::panic::{AssertUnwindSafe, catch_unwind};

use model::workflow::{PlanError, StepPlan, Workflow};
use model::{Effect, EffectKind, RunStatus, Value, Wait, WaitReason};
use serde_json::json;
use store::{NewDelivery, RunWrite};

use crate::effects::start_subworkflow::{Child, refuse};
use crate::effects::{self, Decided};
use crate::live::{Live, Pending};
use crate::origin;
use crate::outside::{Outside, Prepared, StepIds, Verdict};
use crate::record::{self, Ending};
use crate::retry::{self, RetryPolicy};
use crate::waiters::Waiters;

/// What a step may look at besides its run.
pub(crate) struct World<'a> {
    pub outside: &'a dyn Outside,
    pub waiters: &'a Waiters,
    /// The policy of calls that have none of their own.
    pub retry: &'a RetryPolicy,
}

/// What comes after a step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another step.
    More,
    /// A call must leave (or is out there): see `Live::state.pending`.
    Call,
    /// An effect of memory is at hand: see `Live::recall`.
    Memory,
    /// A call must be made again, later: the timers wake the run.
    Backoff,
    /// Nothing to do until something happens.
    Idle,
    /// The workflow is not loaded.
    Stranded,
}

/// Does the next step of a run.
pub(crate) fn advance(live: &mut Live, world: &World<'_>) -> Next {
    if live.run.status != RunStatus::Running {
        return Next::Idle;
    }
    if live.state.pending.is_some() {
        return retry::pending(live, world.outside.now());
    }
    if live.recall.is_some() {
        return Next::Memory;
    }
    let Some(workflow) = world.outside.workflow(&live.run.workflow_id) else {
        return Next::Stranded;
    };
    if std::mem::take(&mut live.renew) {
        live.ctx.now = world.outside.now();
    }
    live.steps += 1;
    live.dirty = true;
    match plan(live, workflow.as_ref()) {
        Err(error) => {
            fail_planning(live, &error);
            Next::Idle
        }
        Ok(StepPlan::Goto(next)) => {
            go_to(live, next);
            Next::More
        }
        Ok(StepPlan::Complete(output)) => {
            let result = json!({"completed": true, "output": output});
            live.run.status = RunStatus::Completed;
            live.run.output = Some(output);
            let completion = record::completion(live, result);
            live.append(completion);
            announce_end(live);
            Next::Idle
        }
        Ok(StepPlan::Effect { effect, next }) => start_effect(live, world, effect, next),
    }
}

/// Plans the current node. A panic in a node is a bug of ours, and the run's failure, not the process's.
pub(crate) fn plan(live: &mut Live, workflow: &dyn Workflow) -> Result<StepPlan, PlanError> {
    live.state.planned += 1;
    live.reseed(0);
    let (run, ctx) = (&mut live.run, &live.ctx);
    catch_unwind(AssertUnwindSafe(|| workflow.plan(run, ctx))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        tracing::error!(run_id = %live.run.run_id, node = %live.run.current_node, panic = %text, "a node panicked");
        Err(PlanError { class: "RuntimeError", message: format!("the node failed inside the gateway: {text}") })
    })
}

fn start_effect(live: &mut Live, world: &World<'_>, effect: Effect, next: Option<String>) -> Next {
    live.state.ordinal += 1;
    let key = model::step::idempotency_key(&live.run.run_id, live.state.ordinal);
    let step_id = crate::ids::uuid(&live.ctx);
    let ids = StepIds { step_id: &step_id, key: &key, attempt: 1 };
    let mut effect = effect;
    let decided = match effects::decide(&live.run, &effect, next.as_deref(), &live.ctx) {
        Decided::Outside => match prepare(live, world, &ids, &effect) {
            Err(why) => Decided::Fail(why),
            Ok(prepared) => {
                effect = prepared.effect;
                prepared.warnings.into_iter().for_each(|line| live.run.warn(line));
                match prepared.verdict {
                    Verdict::Done(result) => Decided::Done(result),
                    Verdict::Wait(wait) => Decided::Wait(bound_for(wait, &effect, next.as_deref())),
                    Verdict::Call(batch) => return leave(live, &ids, effect, batch, next),
                }
            }
        },
        Decided::Memory => {
            live.recall = Some(pending(&ids, effect, None, next, live.ctx.now));
            return Next::Memory;
        }
        decided => decided,
    };
    let start = record::started(&live.run, &ids, &effect, live.ctx.now);
    live.append(start.clone());
    let ending = match decided {
        Decided::Done(result) => Ending::Completed(result),
        Decided::Fail(why) => Ending::Failed(why),
        Decided::Wait(wait) => Ending::Waiting(wait),
        Decided::Emit(emission) => {
            let reached = world.waiters.reach(&[&emission.key, &emission.wildcard]);
            let runs: Vec<_> = reached.iter().map(|(run, _)| run.clone()).collect();
            for (run_id, wait_key) in reached {
                live.wake.push(run_id.clone());
                live.draft.deliveries.push(NewDelivery { run_id, wait_key, envelope: emission.envelope.clone() });
            }
            Ending::Completed(emission.result(&runs))
        }
        Decided::Child(child) => start_child(live, world, &effect, *child),
        Decided::Outside | Decided::Memory => unreachable!("decided above"),
    };
    if let Ending::Waiting(_) = ending {
        live.state.pending = None;
    }
    let closing = record::ended(start, &ending, live.ctx.now);
    live.append(closing);
    if let Ending::Waiting(wait) = &ending
        && is_tool_wait(wait)
    {
        live.state.asked = Some(pending(&ids, effect.clone(), None, next.clone(), live.ctx.now));
    }
    finish_effect(live, &effect, next, 1, ending)
}

/// How the call happens. A retry policy nobody can follow fails the effect before anything is done.
fn prepare(live: &Live, world: &World<'_>, ids: &StepIds<'_>, effect: &Effect) -> Result<Prepared, String> {
    RetryPolicy::of(&effect.payload, world.retry)?;
    world.outside.prepare(&live.run, ids, effect)
}

/// The call is recorded as started; it leaves when that is durable.
fn leave(live: &mut Live, ids: &StepIds<'_>, effect: Effect, batch: Option<Value>, next: Option<String>) -> Next {
    let start = record::started(&live.run, ids, &effect, live.ctx.now);
    live.append(start);
    live.state.pending = Some(pending(ids, effect, batch, next, live.ctx.now));
    Next::Call
}

/// Whether answering a wait concerns a batch of tools.
pub(crate) fn is_tool_wait(wait: &Wait) -> bool {
    matches!(wait.mode(), Some("approval_required" | "delegated"))
}

fn bound_for(mut wait: Wait, effect: &Effect, next: Option<&str>) -> Wait {
    let named = effects::text(&effect.payload, &["resume_to_node"]);
    wait.resume_to_node = wait.resume_to_node.or(named).or_else(|| next.map(str::to_owned));
    wait.result_key = wait.result_key.or_else(|| effect.result_key.clone());
    wait
}

pub(crate) fn pending(
    ids: &StepIds<'_>,
    effect: Effect,
    batch: Option<Value>,
    next: Option<String>,
    now: model::Timestamp,
) -> Pending {
    Pending {
        step_id: ids.step_id.to_owned(),
        key: ids.key.to_owned(),
        attempt: ids.attempt,
        effect,
        batch,
        next,
        started_at: now,
        answered: None,
        finished: std::collections::BTreeMap::new(),
        failures: 0,
        backoff: None,
        in_flight: false,
        vetted: true,
    }
}

fn start_child(live: &mut Live, world: &World<'_>, effect: &Effect, child: Child) -> Ending {
    let Child { run: mut child_run, wait, wrapped, result } = child;
    let Some(workflow) = world.outside.workflow(&child_run.workflow_id) else {
        let why = format!("Workflow '{}' not found in registry", child_run.workflow_id);
        return match refuse(&effect.payload, wrapped, why) {
            Decided::Done(result) => Ending::Completed(result),
            Decided::Fail(why) => Ending::Failed(why),
            _ => unreachable!("a refusal is done or failed"),
        };
    };
    workflow.entry().clone_into(&mut child_run.current_node);
    world.outside.seed(&mut child_run);
    live.wake.push(child_run.run_id.clone());
    let seed = live.ctx.random() | 1;
    live.draft.origins.push(origin::first(&child_run, seed));
    let private = json!({ "seed": seed });
    live.draft.runs.push(RunWrite { run: child_run, private, expected: Some(0), only_if_absent: false });
    wait.map_or(Ending::Completed(result), Ending::Waiting)
}

/// Takes the run on from an effect that has ended.
pub(crate) fn finish_effect(
    live: &mut Live,
    effect: &Effect,
    next: Option<String>,
    attempt: u32,
    ending: Ending,
) -> Next {
    live.dirty = true;
    match ending {
        Ending::Failed(why) => {
            live.run.status = RunStatus::Failed;
            live.run.waiting = None;
            live.run.error = Some(format!("Effect failed after {attempt} attempts: {why}"));
            announce_end(live);
            Next::Idle
        }
        Ending::Waiting(wait) => {
            mark_transition(live, wait.resume_to_node.clone());
            live.run.status = RunStatus::Waiting;
            if wait.reason == WaitReason::Event && model::id::is_listener(&live.run.workflow_id) {
                live.state.subscribed = wait.wait_key.iter().cloned().collect();
            }
            live.run.waiting = Some(wait);
            Next::Idle
        }
        Ending::Completed(result) => {
            if effect.kind == EffectKind::LlmCall {
                live.reseed(1);
                effects::llm_call::settle(&mut live.run, &effect.payload, &result, &live.ctx);
            }
            if let Some(path) = &effect.result_key
                && !result.is_null()
            {
                model::run::write_path(&mut live.run.vars, path, result.clone());
            }
            match next {
                Some(next) => {
                    go_to(live, next);
                    Next::More
                }
                None => {
                    complete_with(live, &result);
                    Next::Idle
                }
            }
        }
    }
}

/// Ends the run with the result of its last effect.
pub(crate) fn complete_with(live: &mut Live, result: &Value) {
    live.run.status = RunStatus::Completed;
    live.run.waiting = None;
    live.run.output = Some(json!({"success": true, "result": result}));
    announce_end(live);
}

/// Moves to another node. A paused run stays paused, there.
pub(crate) fn go_to(live: &mut Live, next: String) {
    mark_transition(live, Some(next.clone()));
    if let Some(wait) = live.run.waiting.as_mut().filter(|w| w.is_pause()) {
        wait.resume_to_node = Some(next.clone());
    }
    live.run.current_node = next;
    live.dirty = true;
}

fn mark_transition(live: &mut Live, next: Option<String>) {
    let from = live.run.current_node.clone();
    let temp = live.run.namespace("_temp");
    temp.insert("prev_node_id".into(), from.into());
    temp.insert("prev_next_node".into(), json!(next));
}

/// Appends the terminal status event.
pub(crate) fn announce_end(live: &mut Live) {
    let event = record::terminal_status(live);
    live.append(event);
    // What has ended is not held any more, be it that the call that was out ended it.
    if live.run.control("paused").is_some() {
        let runtime = live.run.namespace("_runtime");
        model::run::object_at(runtime, "control").shift_remove("paused");
    }
    live.state.subscribed.clear();
    live.state.asked = None;
}

/// Ends a run whose step could not be planned: one failed record, no status event (contract 02, section 3.1).
fn fail_planning(live: &mut Live, error: &PlanError) {
    let text = error.to_string();
    let failure = record::plan_failure(live, &text);
    live.append(failure);
    live.run.status = RunStatus::Failed;
    live.run.error = Some(text);
    live.state.subscribed.clear();
}
