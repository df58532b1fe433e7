use super::*;

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn plan(vars: &Value, payload: &Value, mode: ToolMode, pre: &[(usize, Value)]) -> Result<ToolPlan, String> {
    plan_tools(PlanInput {
        vars: vars.as_object().unwrap(),
        payload: payload.as_object().unwrap(),
        key: KEY,
        run_id: "run",
        node_id: "act",
        wait_hex: "beef",
        mode,
        policy: &ToolPolicy::default(),
        pre_results: pre.iter().cloned().collect(),
    })
}

fn errors(envelope: &Value) -> Vec<String> {
    envelope["results"].as_array().unwrap().iter().map(|r| r["error"].as_str().unwrap_or("-").to_owned()).collect()
}

#[test]
fn refused_calls_are_done_at_once() {
    let payload = json!({"allowed_tools": ["read_file", "open_attachment"], "tool_calls": [
        7, {"arguments": {}}, {"name": "write_file", "call_id": "w", "arguments": {"content": "secret"}},
        {"name": "open_attachment", "call_id": "o"}, {"name": "read_file", "arguments": "[1]"},
    ]});
    let plan = plan(&json!({}), &payload, ToolMode::Approval, &[]).unwrap();
    let Verdict::Done(envelope) = plan.verdict else { panic!("{plan:?}") };
    assert_eq!(
        errors(&envelope),
        [
            "Invalid tool call (expected an object)",
            "Tool call missing a valid name",
            "Tool 'write_file' is not allowed for this node",
            "Tool 'open_attachment' is not available here",
            "Invalid tool call (arguments must be a JSON object)",
        ]
    );
    assert_eq!(envelope["results"][0]["call_id"], "");
    assert_eq!(envelope["results"][1]["call_id"], format!("rtcall_{KEY}_2"));
    assert_eq!(
        envelope["results"][2],
        json!({
            "call_id": "w", "runtime_call_id": format!("rtcall_{KEY}_3"), "name": "write_file", "success": false,
            "output": null, "error": "Tool 'write_file' is not allowed for this node",
        })
    );
    assert_eq!(plan.warnings, ["#WARN: TOOL_CALLS missing call_id at node 'act' (count=2)"]);
}

#[test]
fn modes_decide_who_runs_what() {
    let check = |mode: ToolMode, names: &[&str], expected: &str| {
        let calls: Vec<_> =
            names.iter().map(|n| json!({"name": n, "call_id": n, "arguments": {"file_path": "a"}})).collect();
        let plan = plan(&json!({}), &json!({"tool_calls": calls}), mode, &[]).unwrap();
        let verdict = match plan.verdict {
            Verdict::Done(_) => "done".to_owned(),
            Verdict::Execute(batch) => format!("execute approved={}", batch.approved),
            Verdict::Approve(wait) => wait.wait_key.unwrap(),
            Verdict::Delegate(wait) => wait.wait_key.unwrap(),
        };
        assert_eq!(verdict, expected, "{mode:?} {names:?}");
    };
    check(ToolMode::Approval, &["read_file", "list_files"], "execute approved=false");
    check(ToolMode::Approval, &["read_file", "write_file"], "tool_approval:beef");
    check(ToolMode::Approval, &["whatever"], "tool_approval:beef");
    check(ToolMode::Local, &["write_file"], "execute approved=true");
    check(ToolMode::Passthrough, &["read_file"], "tool_approval:beef");
    check(ToolMode::Delegated, &["read_file"], "tool_calls:run:act");
    check(ToolMode::Delegated, &[], "done");
}

#[test]
fn the_approval_wait_is_the_contracts() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let at = |name: &str| root.join(name).to_string_lossy().into_owned();
    let payload = json!({"tool_calls": [
        {"name": "write_file", "call_id": "c1", "arguments": {"File-Path": "a.txt", "content": "hello\n", "junk": 1}},
        {"name": "list_files", "call_id": "c2", "arguments": {}},
    ]});
    let plan = plan(&json!({"workspace_root": root}), &payload, ToolMode::Approval, &[]).unwrap();
    let Verdict::Approve(wait) = plan.verdict else { panic!() };
    let id = |n: usize| format!("rtcall_{KEY}_{n}");
    assert_eq!(
        serde_json::to_value(&wait).unwrap(),
        json!({
            "reason": "user", "wait_key": "tool_approval:beef", "until": null, "resume_to_node": null, "result_key": null,
            "prompt": null, "choices": null, "allow_free_text": true,
            "details": {
                "mode": "approval_required",
                "tool_calls": [
                    {"name": "write_file", "arguments": {"content": "hello\n", "file_path": at("a.txt")}, "call_id": "c1", "runtime_call_id": id(1)},
                    {"name": "list_files", "arguments": {"directory_path": at("")}, "call_id": "c2", "runtime_call_id": id(2)},
                ],
                "executor": {"kind": "tool_approval", "policy": {
                    "auto_approve_tools": crate::AUTO_APPROVED, "require_approval_tools": crate::NEEDS_APPROVAL,
                }},
            },
        })
        .to_string()
        .replace(&format!("{}/\"", root.display()), &format!("{}\"", root.display()))
        .parse::<Value>()
        .unwrap()
    );
    // The ledger keeps what the model wrote.
    assert_eq!(plan.payload["tool_calls"][0]["arguments"], payload["tool_calls"][0]["arguments"]);
    assert_eq!(plan.payload["tool_calls"][0]["runtime_call_id"], id(1));
}

#[test]
fn a_wait_remembers_the_calls_it_does_not_list() {
    let payload = json!({"allowed_tools": ["write_file", "open_attachment"], "tool_calls": [
        {"name": "open_attachment", "call_id": "o", "arguments": {"handle": "x"}},
        {"name": "write_file", "call_id": "w", "arguments": {"file_path": "a", "content": ""}},
        {"name": "read_file", "call_id": "r", "arguments": {"file_path": "secret"}},
    ]});
    assert_eq!(engine_owned(payload.as_object().unwrap()).len(), 1);
    let opened = json!({"call_id": "o", "name": "open_attachment", "success": true, "output": "text", "error": null});
    let plan = plan(&json!({}), &payload, ToolMode::Delegated, &[(0, opened.clone())]).unwrap();
    let Verdict::Delegate(wait) = plan.verdict else { panic!() };
    let details = wait.details.unwrap();
    assert_eq!(wait.reason, WaitReason::Job);
    assert_eq!((&details["mode"], details.get("executor")), (&json!("delegated"), None));
    assert_eq!(details["original_call_count"], 3);
    assert_eq!(details["pre_results_by_index"], json!({"0": opened}));
    assert_eq!(details["blocked_by_index"]["2"]["error"], "Tool 'read_file' is not allowed for this node");
    assert_eq!(details["tool_calls_for_evidence"].as_array().unwrap().len(), 3);
    assert_eq!(details["tool_calls_for_evidence"][2]["arguments"], json!({}));
    assert!(!details.to_string().contains("secret"));
}

#[test]
fn paths_outside_are_refused_under_any_name() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        json!({"file_path": "/etc/passwd"}),
        json!({"FilePath": "/etc/passwd"}),
        json!({"path": "../../etc/passwd"}),
        json!({"arguments": {"file-path": "/etc/passwd"}}),
        json!({"arguments": "{\"path\": \"/etc/passwd\"}", "file_path": "fine"}),
    ] {
        let payload = json!({"tool_calls": [{"name": "read_file", "call_id": "r", "arguments": arguments}]});
        let plan = plan(&json!({"workspace_root": folder.path()}), &payload, ToolMode::Local, &[]).unwrap();
        let refused = match &plan.verdict {
            Verdict::Done(envelope) => errors(envelope)[0].starts_with("Path escapes workspace_root"),
            Verdict::Execute(batch) => batch.calls[0].arguments["file_path"].as_str().unwrap().ends_with("/fine"),
            _ => false,
        };
        assert!(refused, "{arguments}: {plan:?}");
    }
}

#[test]
fn unusable_effects_fail() {
    let check = |vars: Value, payload: Value, expected: &str| {
        assert_eq!(plan(&vars, &payload, ToolMode::Local, &[]).unwrap_err(), expected);
    };
    check(json!({}), json!({}), "tool_calls requires payload.tool_calls (list)");
    check(json!({}), json!({"tool_calls": {}}), "tool_calls requires payload.tool_calls (list)");
    check(
        json!({"workspace_root": "/tmp", "workspace_access_mode": "all"}),
        json!({"tool_calls": []}),
        "Invalid workspace_access_mode: 'all'",
    );
}

#[test]
fn doubled_ids_are_told() {
    let call = |id: &str| json!({"name": "read_file", "call_id": id});
    let plan =
        plan(&json!({}), &json!({"tool_calls": [call("a"), call("a"), call("a"), call("b")]}), ToolMode::Approval, &[]);
    assert_eq!(plan.unwrap().warnings, ["#WARN: TOOL_CALLS duplicate call_id at node 'act' (ids=a)"]);
}
