use model::WaitReason;
use serde_json::json;

use super::*;

fn wait(mode: &str, extra: Value) -> Wait {
    let call = |id: &str| json!({"name": "write_file", "arguments": {"file_path": id}, "call_id": id, "runtime_call_id": format!("rt_{id}")});
    let mut details = json!({"mode": mode, "tool_calls": [call("a"), call("b")]});
    details.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap());
    let mut wait = Wait::new(WaitReason::User);
    wait.details = Some(details);
    wait
}

fn blocked() -> Value {
    json!({"original_call_count": 3, "blocked_by_index": {"1": {"call_id": "x", "success": false, "error": "blocked"}}})
}

/// `execute a b`, or the call ids and errors of the result, or `refused`.
fn outcome(wait: &Wait, payload: &Value) -> String {
    match resume_tools(wait, payload) {
        Err(error) => {
            assert_eq!(error.code, Code::NotAnApproval);
            "refused".into()
        }
        Ok(Resumed::Execute(batch)) => {
            assert!(batch.approved);
            let calls: Vec<_> = batch.calls.iter().map(|c| format!("{}@{}", c.call_id, c.index)).collect();
            format!("execute {} of {}", calls.join(" "), batch.total)
        }
        Ok(Resumed::Result(envelope)) => {
            let results = envelope["results"].as_array().unwrap();
            let shown =
                |r: &Value| format!("{}={}", r["call_id"].as_str().unwrap(), r["error"].as_str().unwrap_or("ok"));
            results.iter().map(shown).collect::<Vec<_>>().join(", ")
        }
    }
}

#[test]
fn approvals_take_booleans_only() {
    let check = |payload: Value, expected: &str| {
        assert_eq!(outcome(&wait("approval_required", json!({})), &payload), expected, "{payload}");
    };
    check(json!({"approved": true}), "execute a@0 b@1 of 2");
    check(json!({"approved": true, "note": "x"}), "execute a@0 b@1 of 2");
    check(json!({"approved": false}), "a=Denied by user, b=Denied by user");
    check(json!({"approved": false, "reason": " too risky "}), "a=too risky, b=too risky");
    check(json!({"approved": false, "reason": ""}), "a=Denied by user, b=Denied by user");
    check(json!({"approved_call_ids": ["b"]}), "execute b@1 of 2");
    check(json!({"approved": true, "approved_call_ids": ["rt_a"]}), "execute a@0 of 2");
    check(json!({"approved": true, "approved_call_ids": []}), "a=Denied by user, b=Denied by user");
    for odd in [
        json!({"approved": "false"}),
        json!({"approved": "true"}),
        json!({"approved": 1}),
        json!({"approved": 0}),
        json!({"approved": null}),
        json!({"approved": false, "reason": 3}),
        json!({"approved": false, "approved_call_ids": ["a"]}),
        json!({"approved_call_ids": ["zzz"]}),
        json!({"approved_call_ids": [1]}),
        json!({"approved_call_ids": "a"}),
        json!({"mode": "executed", "results": []}),
        json!({"response": "ok"}),
        json!({}),
        json!(true),
        json!("approved"),
        json!(null),
    ] {
        check(odd, "refused");
    }
}

#[test]
fn refused_calls_keep_their_place() {
    let approval = wait("approval_required", blocked());
    assert_eq!(outcome(&approval, &json!({"approved": true})), "execute a@0 b@2 of 3");
    assert_eq!(outcome(&approval, &json!({"approved": false})), "a=Denied by user, x=blocked, b=Denied by user");
    let Resumed::Execute(batch) = resume_tools(&approval, &json!({"approved_call_ids": ["b"]})).unwrap() else {
        panic!()
    };
    assert_eq!(batch.fixed.keys().copied().collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn workers_bring_results() {
    let check = |extra: Value, payload: Value, expected: &str| {
        assert_eq!(outcome(&wait("delegated", extra), &payload), expected, "{payload}");
    };
    let ok = json!({"success": true, "output": "1"});
    let bad = json!({"success": false, "error": "e"});
    check(json!({}), json!({"mode": "executed", "results": [ok, bad]}), "a=ok, b=e");
    check(json!({}), json!({"mode": "executed", "results": [ok]}), "a=ok, b=Missing tool result");
    check(blocked(), json!({"mode": "executed", "results": [ok, bad]}), "a=ok, x=blocked, b=e");
    check(blocked(), json!({"mode": "executed", "results": [ok, ok, bad]}), "a=ok, x=blocked, b=e");
    check(json!({}), json!({"mode": "executed", "results": [ok, ok, ok]}), "refused");
    check(json!({}), json!({"mode": "executed", "results": ["x"]}), "refused");
    check(json!({}), json!({"results": [ok]}), "refused");
    check(json!({}), json!({"approved": true}), "refused");
}

#[test]
fn other_waits_are_not_for_tools() {
    assert_eq!(outcome(&Wait::new(WaitReason::User), &json!({"approved": true})), "refused");
    assert_eq!(outcome(&wait("interrupted", json!({})), &json!({"approved": true})), "refused");
    let damaged = json!({"original_call_count": 4_000_000_000u64});
    assert_eq!(outcome(&wait("approval_required", damaged), &json!({"approved": false})), "refused");
}
