//! Child runs (contract 03, section 7). The child and the parent's wait become durable together, so a child is started
//! exactly once. Every mode that waits is the same here: the child has its own owner, never the parent's.

use model::workflow::PlanContext;
use model::{Map, Run, Value, Wait, WaitReason};
use serde_json::json;

use super::{Decided, boolean, envelope, text};

/// A child to be created.
pub(crate) struct Child {
    /// The child; its entry node is filled in by whoever knows the workflow.
    pub run: Run,
    /// What the parent waits for; none when it goes on at once.
    pub wait: Option<Wait>,
    /// How to answer when the child cannot be started and the caller wants a tool result.
    pub wrapped: bool,
    /// The result when the parent does not wait.
    pub result: Value,
}

const WORKSPACE: [&str; 4] =
    ["workspace_root", "workspace_access_mode", "workspace_allowed_paths", "workspace_ignored_paths"];

pub(super) fn decide(run: &Run, payload: &Map, ctx: &PlanContext) -> Decided {
    let wrapped = boolean(payload, &["wrap_as_tool_result"]).unwrap_or(false);
    let Some(workflow_id) = text(payload, &["workflow_id"]) else {
        return refuse(payload, wrapped, "start_subworkflow requires payload.workflow_id".into());
    };
    let mut vars = payload.get("vars").and_then(Value::as_object).cloned().unwrap_or_default();
    for key in WORKSPACE {
        let present = |v: &&Value| !matches!(v, Value::Null) && v.as_str() != Some("");
        if !vars.contains_key(key)
            && let Some(value) = run.vars.get(key).filter(present)
        {
            vars.insert(key.to_owned(), value.clone());
        }
    }
    let run_id = crate::ids::uuid(ctx);
    let mut child = Run::new(run_id.as_str().into(), workflow_id.clone(), String::new(), vars, ctx.now);
    child.actor_id.clone_from(&run.actor_id);
    child.session_id = text(payload, &["session_id", "sessionId"]).or_else(|| run.session_id.clone());
    child.parent_run_id = Some(run.run_id.clone());
    let asynchronous = boolean(payload, &["async"]).unwrap_or(false);
    let waits = !asynchronous || boolean(payload, &["wait"]).unwrap_or(false);
    let wait = waits.then(|| {
        let mut details = Map::new();
        details.insert("sub_run_id".into(), run_id.clone().into());
        details.insert("sub_workflow_id".into(), workflow_id.into());
        details.insert("async".into(), true.into());
        details.insert("include_traces".into(), boolean(payload, &["include_traces"]).unwrap_or(false).into());
        if wrapped {
            details.insert("wrap_as_tool_result".into(), true.into());
            details.insert("tool_name".into(), json!(text(payload, &["tool_name", "toolName"])));
            details.insert("call_id".into(), json!(text(payload, &["call_id", "callId"])));
        }
        if boolean(payload, &["report_end"]).unwrap_or(false) {
            details.insert("report_end".into(), true.into());
        }
        let mut wait = Wait::new(WaitReason::Subworkflow);
        // A child that goes on at that moment is cancelled; the wait itself ends with the child, as ever.
        wait.until = text(payload, &["cancel_at"]).filter(|until| model::Timestamp::parse(until).is_some());
        wait.wait_key = Some(format!("subworkflow:{run_id}"));
        wait.details = Some(Value::Object(details));
        wait
    });
    let result = json!({"sub_run_id": run_id, "async": true});
    Decided::Child(Box::new(Child { run: child, wait, wrapped, result }))
}

/// What happens when a child cannot be started: a failed tool result for callers that asked for one, else a failure.
pub(crate) fn refuse(payload: &Map, wrapped: bool, why: String) -> Decided {
    if wrapped {
        Decided::Done(envelope(payload, "start_subworkflow", "subworkflow", Err(why)))
    } else {
        Decided::Fail(why)
    }
}

/// What a parent receives when its child has ended.
pub(crate) fn outcome(child: &Run, wait: &Wait, traces: Option<Value>) -> Value {
    let mut output = match &child.output {
        Some(Value::Object(output)) => output.clone(),
        other => Map::from_iter([("result".to_owned(), other.clone().unwrap_or(Value::Null))]),
    };
    if child.status != model::RunStatus::Completed {
        output.insert("success".into(), false.into());
        if child.status == model::RunStatus::Cancelled {
            output.insert("cancelled".into(), true.into());
        }
        output.insert("error".into(), json!(child.error));
    }
    let details = wait.details.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
    if boolean(&details, &["wrap_as_tool_result"]).unwrap_or(false) {
        return wrap(&details, child, &output);
    }
    let mut payload = Map::new();
    payload.insert("sub_run_id".into(), json!(child.run_id));
    payload.insert("output".into(), Value::Object(output));
    if boolean(&details, &["report_end"]).unwrap_or(false) {
        payload.insert("ended_at".into(), json!(child.updated_at));
    }
    if let Some(traces) = traces {
        payload.insert("node_traces".into(), traces);
    }
    Value::Object(payload)
}

const REPORT_CHARS: usize = 4000;

fn wrap(details: &Map, child: &Run, output: &Map) -> Value {
    if output.get("success") == Some(&Value::Bool(false)) {
        let why = output.get("error").and_then(Value::as_str).unwrap_or("Subworkflow failed");
        return envelope(details, "start_subworkflow", "subworkflow", Err(why.to_owned()));
    }
    let answer = match output.get("answer") {
        Some(Value::String(answer)) => answer.clone(),
        Some(other) if !other.is_null() => other.to_string(),
        _ => Value::Object(output.clone()).to_string(),
    };
    let mut result = json!({"rendered": answer, "answer": answer, "sub_run_id": child.run_id});
    if let Some(report) = output.get("report").and_then(Value::as_str).filter(|r| r.chars().count() <= REPORT_CHARS) {
        result["report"] = report.into();
    }
    envelope(details, "start_subworkflow", "subworkflow", Ok(result))
}
