use model::workflow::{PlanContext, StepPlan, Workflow};
use model::{EffectKind, Map, Run, RunId, Timestamp, Value};
use serde_json::json;

use super::AgentLoop;

/// An agent run that is fed scripted results.
struct Bench {
    agent: AgentLoop,
    run: Run,
    ctx: PlanContext,
}

/// What the loop asked for last.
enum Asked {
    Effect { kind: EffectKind, payload: Value, node: String },
    Output(Value),
}

impl Asked {
    fn effect(self, kind: EffectKind) -> Value {
        match self {
            Self::Effect { kind: asked, payload, .. } if asked == kind => payload,
            Self::Effect { kind: asked, payload, node } => panic!("{node} asked for {asked:?}: {payload}"),
            Self::Output(output) => panic!("ended: {output}"),
        }
    }

    fn output(self) -> Value {
        match self {
            Self::Output(output) => output,
            Self::Effect { kind, payload, node } => panic!("{node} asked for {kind:?}: {payload}"),
        }
    }
}

fn bench(vars: Value) -> Bench {
    let agent = AgentLoop::new("agent", crate::specs(), None);
    let mut all = json!({
        "context": {"task": "do it", "messages": []}, "scratchpad": {"iteration": 0, "max_iterations": 10},
        "_runtime": {"inbox": [], "provider": "p", "model": "m", "allowed_tools":
            ["list_files", "write_file", "ask_user", "delegate_agent", "inspect_vars", "recall_memory", "nonsense"]},
        "_temp": {}, "_limits": {"max_iterations": 10},
    });
    merge(&mut all, vars);
    let Value::Object(vars) = all else { panic!() };
    let run = Run::new(RunId::from("r"), "agent".into(), agent.entry().into(), vars, Timestamp::EPOCH);
    Bench { agent, run, ctx: PlanContext::new(Timestamp::EPOCH, 7) }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

impl Bench {
    /// Plans until the loop wants something.
    fn go(&mut self) -> Asked {
        for _ in 0..50 {
            match self.agent.plan(&mut self.run, &self.ctx).unwrap() {
                StepPlan::Goto(next) => self.run.current_node = next,
                StepPlan::Complete(output) => return Asked::Output(output),
                StepPlan::Effect { effect, next } => {
                    let node = std::mem::replace(&mut self.run.current_node, next.unwrap());
                    model::run::write_path(&mut self.run.vars, "_temp.where", json!(effect.result_key.unwrap()));
                    return Asked::Effect { kind: effect.kind, payload: effect.payload.into(), node };
                }
            }
        }
        panic!("the loop goes round without an effect");
    }

    /// Answers the effect the loop waits for, and goes on.
    fn answer(&mut self, result: Value) -> Asked {
        let key = self.run.vars["_temp"]["where"].as_str().unwrap().to_owned();
        model::run::write_path(&mut self.run.vars, &key, result);
        self.go()
    }

    fn calls(&mut self, calls: Value) -> Asked {
        self.answer(json!({"content": "", "tool_calls": calls, "finish_reason": "tool_calls"}))
    }

    fn messages(&self) -> Vec<(String, String)> {
        let list = self.run.vars["context"]["messages"].as_array().unwrap();
        list.iter().map(|m| (m["role"].as_str().unwrap().into(), m["content"].as_str().unwrap().into())).collect()
    }

    fn cycles(&self) -> &Vec<Value> {
        self.run.vars["scratchpad"]["cycles"].as_array().unwrap()
    }
}

fn call(name: &str, arguments: Value, id: Value) -> Value {
    json!({"name": name, "arguments": arguments, "call_id": id})
}

fn results(list: &[(&str, &str, bool, &str)]) -> Value {
    let entry = |(id, name, success, text): &(&str, &str, bool, &str)| {
        let (output, error) = if *success { (json!(text), Value::Null) } else { (Value::Null, json!(text)) };
        json!({"call_id": id, "name": name, "success": success, "output": output, "error": error})
    };
    json!({"mode": "executed", "results": list.iter().map(entry).collect::<Vec<_>>()})
}

/// Every assistant call is followed by exactly its tool messages.
fn assert_strict(messages: &Value) {
    let list = messages.as_array().unwrap();
    let mut i = 0;
    while i < list.len() {
        assert_ne!(list[i]["role"], "tool", "a tool message on its own at {i}: {messages}");
        for asked in list[i]["tool_calls"].as_array().into_iter().flatten() {
            i += 1;
            assert_eq!(list[i]["role"], "tool", "{messages}");
            assert_eq!(list[i]["tool_call_id"], asked["id"], "{messages}");
        }
        i += 1;
    }
}

#[test]
fn an_answer_ends_the_run() {
    let mut bench = bench(json!({}));
    let request = bench.go().effect(EffectKind::LlmCall);
    assert_eq!(request["messages"], json!([{"role": "user", "content": "do it"}]));
    assert_eq!((&request["provider"], &request["model"]), (&json!("p"), &json!("m")));
    assert_eq!(request["params"], json!({"temperature": 0.2}));
    let names: Vec<_> = request["tools"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["list_files", "write_file", "ask_user", "delegate_agent", "inspect_vars", "recall_memory"]);
    assert!(request["system_prompt"].as_str().unwrap().starts_with("Iteration: 1/10"));
    let output = bench.answer(json!({"content": "  assistant: it is done  "})).output();
    assert_eq!((&output["answer"], &output["iterations"]), (&json!("it is done"), &json!(1)));
    assert!(output.get("limit_reached").is_none());
    let last = output["messages"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["role"], &last["metadata"]["kind"]), (&json!("assistant"), &json!("final_answer")));
    assert!(last["metadata"]["message_id"].as_str().unwrap().len() == 36);
}

#[test]
fn tools_are_called_and_seen() {
    let mut bench = bench(json!({}));
    bench.go();
    let batch = bench
        .calls(json!([
            call("list_files", json!({}), json!("a")),
            call("list_files", json!({"pattern": "*.x"}), Value::Null)
        ]))
        .effect(EffectKind::ToolCalls);
    assert_eq!(
        batch["tool_calls"],
        json!([
            call("list_files", json!({}), json!("a")),
            call("list_files", json!({"pattern": "*.x"}), json!("call_1_2"))
        ])
    );
    assert!(batch["allowed_tools"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).is_sorted());
    let request = bench
        .answer(results(&[("a", "list_files", true, "x y"), ("call_1_2", "list_files", false, "no")]))
        .effect(EffectKind::LlmCall);
    assert_strict(&request["messages"]);
    assert_eq!(bench.messages()[2], ("tool".into(), "[list_files]: x y".into()));
    assert_eq!(bench.messages()[3], ("tool".into(), "[list_files]: Error: no".into()));
    assert_eq!(bench.cycles()[0]["observations"].as_array().unwrap().len(), 2);
    let output = bench.answer(json!({"content": "done"})).output();
    assert_eq!(output["scratchpad"]["used_tools"], true);
    assert!(output["report"].as_str().unwrap().contains("action: list_files"));
}

#[test]
fn ids_are_unique_in_the_run() {
    let mut bench = bench(json!({}));
    bench.go();
    let one = json!([call("list_files", json!({}), json!("c")), call("list_files", json!({}), json!("c"))]);
    let first = bench.calls(one.clone()).effect(EffectKind::ToolCalls);
    let second = {
        bench.answer(results(&[]));
        bench.calls(one).effect(EffectKind::ToolCalls)
    };
    let ids = |batch: &Value| -> Vec<String> {
        batch["tool_calls"].as_array().unwrap().iter().map(|c| c["call_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&first), ["c", "c_1_2"]);
    assert_eq!(ids(&second), ["c_2_1", "c_2_2"]);
    assert!(bench.messages()[2].1.contains("Missing tool result"), "{:?}", bench.messages());
    assert_strict(&bench.answer(results(&[])).effect(EffectKind::LlmCall)["messages"]);
}

#[test]
fn a_denial_is_a_failed_observation() {
    let mut bench = bench(json!({}));
    bench.go();
    bench.calls(json!([call("write_file", json!({"file_path": "a"}), json!("w"))])).effect(EffectKind::ToolCalls);
    bench.answer(results(&[("w", "write_file", false, "Denied by user")])).effect(EffectKind::LlmCall);
    assert_eq!(bench.messages()[2].1, "[write_file]: Error: Denied by user");
    // A denied call may be made again: it did not succeed.
    bench.calls(json!([call("write_file", json!({"file_path": "a"}), json!("w2"))])).effect(EffectKind::ToolCalls);
}

#[test]
fn a_repeated_change_is_not_made_again() {
    let mut bench = bench(json!({}));
    bench.go();
    let write = |id: &str| json!([call("write_file", json!({"file_path": "a", "content": "x"}), json!(id))]);
    bench.calls(write("1")).effect(EffectKind::ToolCalls);
    bench.answer(results(&[("1", "write_file", true, "ok")])).effect(EffectKind::LlmCall);
    for id in ["2", "3"] {
        let request = bench.calls(write(id)).effect(EffectKind::LlmCall);
        assert_strict(&request["messages"]);
        assert!(request["system_prompt"].as_str().unwrap().contains(super::prompt::REPEATED));
    }
    assert_eq!(bench.run.vars["scratchpad"]["iteration"], 4);
    assert_eq!(bench.cycles()[1]["skipped"], true);
    // Reading twice is fine.
    let read = |id: &str| json!([call("list_files", json!({}), json!(id))]);
    bench.calls(read("4")).effect(EffectKind::ToolCalls);
    bench.answer(results(&[("4", "list_files", true, "ok")]));
    bench.calls(read("5")).effect(EffectKind::ToolCalls);
}

#[test]
fn a_question_gets_its_answer_as_a_tool_message() {
    let mut bench = bench(json!({}));
    bench.go();
    let ask = call("ask_user", json!({"question": "Which?", "choices": ["a", "b"]}), json!("q"));
    let calls = json!([call("list_files", json!({}), json!("l1")), ask, call("list_files", json!({}), json!("l2"))]);
    bench.calls(calls).effect(EffectKind::ToolCalls);
    let question = bench.answer(results(&[("l1", "list_files", true, "one")])).effect(EffectKind::AskUser);
    assert_eq!(question, json!({"prompt": "Which?", "choices": ["a", "b"], "allow_free_text": true}));
    let batch = bench.answer(json!({"response": "b"})).effect(EffectKind::ToolCalls);
    assert_eq!(batch["tool_calls"][0]["call_id"], "l2");
    let request = bench.answer(results(&[("l2", "list_files", true, "two")])).effect(EffectKind::LlmCall);
    assert_strict(&request["messages"]);
    let messages = bench.messages();
    assert!(messages.contains(&("assistant".into(), "[Agent question]: Which?".into())));
    assert!(messages.contains(&("user".into(), "[User response]: b".into())));
    assert!(messages.contains(&("tool".into(), "[ask_user]: b".into())));
    assert_eq!(bench.cycles()[0]["observations"].as_array().unwrap().len(), 3, "all batches of a turn are kept");
}

#[test]
fn answers_come_in_many_shapes() {
    let check = |payload: Value, expected: &str| {
        let mut bench = bench(json!({}));
        bench.go();
        bench.calls(json!([call("ask_user", json!({"question": "?"}), json!("q"))])).effect(EffectKind::AskUser);
        bench.answer(payload.clone()).effect(EffectKind::LlmCall);
        assert_eq!(bench.messages().last().unwrap().1, format!("[User response]: {expected}"), "{payload}");
    };
    check(json!({"response": " yes "}), "yes");
    check(json!("plain"), "plain");
    check(json!({"response": ""}), "(no answer)");
    check(json!({"response": null}), "(no answer)");
    check(json!({"response": 3}), "3");
    check(json!({"text": "t"}), "t");
    check(json!({"a": 1, "b": 2}), "{\"a\":1,\"b\":2}");
}

#[test]
fn replies_without_an_answer_are_asked_for_again() {
    let check = |reply: Value, note: Option<&str>| {
        let mut bench = bench(json!({}));
        bench.go();
        match (bench.answer(reply.clone()), note) {
            (Asked::Output(_), None) => {}
            (Asked::Effect { payload, .. }, Some(note)) => {
                let system = payload["system_prompt"].as_str().unwrap();
                assert!(system.starts_with("Iteration: 2/10") && system.contains(note), "{reply}: {system}");
            }
            (_, expected) => panic!("{reply}: expected {expected:?}"),
        }
    };
    check(json!({"content": "  "}), Some(super::prompt::EMPTY));
    check(json!({"content": "", "tool_calls": [{"name": "x", "arguments": "not json"}]}), Some(super::prompt::EMPTY));
    check(json!({"content": "half", "finish_reason": "length"}), Some(super::prompt::CUT_OFF));
    check(json!({"content": "I will read the file now"}), Some(super::prompt::ANNOUNCED));
    check(json!({"content": "I will read it. Here is the final answer: 4"}), None);
    check(json!({"content": "# Plan\nI will read the file"}), None);
    check(json!({"content": "", "reasoning": "It is four."}), None);
    check(json!({"content": "four"}), None);
}

#[test]
fn announcements_pass_where_nobody_checks() {
    let mut unchecked = bench(json!({"_runtime": {"check_plan": false}}));
    unchecked.go();
    unchecked.answer(json!({"content": "I will read the file now"})).output();
    let mut last = bench(json!({"scratchpad": {"max_iterations": 1}}));
    last.go();
    last.answer(json!({"content": "I will read the file now"})).output();
}

#[test]
fn the_last_turn_is_a_conclusion() {
    let mut bench = bench(json!({"scratchpad": {"max_iterations": 2}}));
    bench.go();
    for turn in 1..=2 {
        bench.calls(json!([call("list_files", json!({}), Value::Null)])).effect(EffectKind::ToolCalls);
        let request = bench.answer(results(&[(&format!("call_{turn}_1"), "list_files", true, "x")]));
        let request = request.effect(EffectKind::LlmCall);
        assert_eq!(request.get("tools").is_none(), turn == 2);
    }
    assert_eq!(bench.run.current_node, "max_iterations");
    let strict = bench.answer(json!({"content": "<tool_call>{}</tool_call>"})).effect(EffectKind::LlmCall);
    assert!(strict["system_prompt"].as_str().unwrap().contains("was not executed"));
    let output = bench.answer(json!({"content": "So: x <tool_call>{}</tool_call>"})).output();
    assert_eq!(
        (&output["answer"], &output["limit_reached"], &output["iterations"]),
        (&json!("So: x"), &json!(true), &json!(2))
    );
}

#[test]
fn a_silent_conclusion_is_made_from_the_record() {
    let mut bench = bench(json!({"scratchpad": {"max_iterations": 1}}));
    bench.go();
    bench.calls(json!([call("list_files", json!({}), json!("l"))]));
    bench.answer(results(&[("l", "list_files", true, "found it")])).effect(EffectKind::LlmCall);
    let output = bench.answer(json!({"content": ""})).output();
    assert!(output["answer"].as_str().unwrap().contains("found it"), "{output}");
}

#[test]
fn settings_of_the_parent_are_honoured() {
    let mut bench = bench(json!({
        "_limits": {"max_input_tokens": 1000, "max_output_tokens": 77},
        "_runtime": {"thinking": true, "seed": 4, "temperature": 0.5, "system_prompt_extra": "Be brief."},
    }));
    let request = bench.go().effect(EffectKind::LlmCall);
    assert_eq!(request["max_input_tokens"], 1000);
    assert_eq!(request["params"], json!({"temperature": 0.5, "seed": 4, "thinking": true, "max_output_tokens": 77}));
    assert!(request["system_prompt"].as_str().unwrap().ends_with("Be brief."));
    assert_eq!(bench.run.vars["_runtime"]["disable_input_trimming"], false);
    assert_eq!(bench.run.vars["_limits"]["max_output_tokens"], 77);
    assert_eq!(bench.run.vars["_limits"]["max_history_messages"], -1);
}

#[test]
fn own_tools_become_effects() {
    let check = |asked: Value, kind: EffectKind, expected: Value| {
        let mut bench = bench(json!({}));
        bench.go();
        assert_eq!(bench.calls(json!([asked])).effect(kind), expected);
    };
    check(
        call("inspect_vars", json!({"path": "a", "owner": "x"}), json!("v")),
        EffectKind::VarsQuery,
        json!({"path": "a", "tool_name": "inspect_vars", "call_id": "v"}),
    );
    check(
        call("recall_memory", json!({"query": "q", "span_id": null}), json!("m")),
        EffectKind::MemoryQuery,
        json!({"query": "q", "tool_name": "recall_memory", "call_id": "m"}),
    );
    let refused = |asked: Value, expected: &str| {
        let mut bench = bench(json!({}));
        bench.go();
        bench.calls(json!([asked])).effect(EffectKind::LlmCall);
        assert_eq!(bench.messages().last().unwrap().1, expected);
    };
    refused(
        call("remember", json!({}), json!("r")),
        "[remember]: Error: Tool 'remember' is not allowed for this agent",
    );
    refused(call("ask_user", json!({}), json!("r")), "[ask_user]: Error: ask_user needs a question");
    refused(
        call("delegate_agent", json!({"task": " "}), json!("r")),
        "[delegate_agent]: Error: delegate_agent needs a task",
    );
}

#[test]
fn a_delegate_gets_no_more_than_its_parent_has() {
    let check = |arguments: Value, expected: &[&str]| {
        let mut bench = bench(json!({"_limits": {"max_output_tokens": 9}, "_runtime": {"thinking": "low"}}));
        bench.go();
        let child = bench.calls(json!([call("delegate_agent", arguments, json!("d"))]));
        let child = child.effect(EffectKind::StartSubworkflow);
        assert_eq!((&child["workflow_id"], &child["wrap_as_tool_result"]), (&json!("agent"), &json!(true)));
        let vars = &child["vars"];
        assert_eq!(vars["context"]["task"], "t\n\nContext:\nc");
        let runtime = &vars["_runtime"];
        assert_eq!((&runtime["provider"], &runtime["model"]), (&json!("p"), &json!("m")));
        assert_eq!(runtime["thinking"], "low");
        assert_eq!(runtime["allowed_tools"], json!(expected));
        assert_eq!(vars["_limits"], json!({"max_iterations": 10, "max_output_tokens": 9}));
    };
    check(json!({"task": "t", "context": "c"}), &["list_files", "write_file", "inspect_vars", "recall_memory"]);
    check(json!({"task": "t", "context": "c", "tools": ["write_file", "execute_command"]}), &["write_file"]);
    check(json!({"task": "t", "context": "c", "tools": []}), &[]);
    let mut deep = bench(json!({"_runtime": {"delegate_depth": 3}}));
    deep.go();
    deep.calls(json!([call("delegate_agent", json!({"task": "t"}), json!("d"))])).effect(EffectKind::LlmCall);
    assert!(deep.messages().last().unwrap().1.contains("further than 3 levels"));
}

#[test]
fn broken_transcripts_are_mended_on_the_wire() {
    let mut bench = bench(json!({"context": {"messages": [
        {"role": "tool", "content": "[x]: orphan", "metadata": {"call_id": "gone"}},
        {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "id": "a", "function": {"name": "x", "arguments": {"b": 1}}}]},
        {"role": "system", "content": "note"},
        {"role": "assistant", "content": " "},
    ]}}));
    let request = bench.go().effect(EffectKind::LlmCall);
    assert_strict(&request["messages"]);
    let roles: Vec<_> = request["messages"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant", "tool", "system", "user"]);
    assert_eq!(request["messages"][1]["tool_calls"][0]["function"]["arguments"], "{\"b\":1}");
}

#[test]
fn without_tools_and_with_media() {
    let mut bench = bench(json!({
        "_runtime": {"allowed_tools": []}, "context": {"attachments": [{"$artifact": "x"}, "a.png", 3, {}]},
    }));
    let request = bench.go().effect(EffectKind::LlmCall);
    assert!(request.get("tools").is_none());
    assert_eq!(request["params"], json!({"temperature": 0.7}));
    assert_eq!(request["media"], json!([{"$artifact": "x"}, "a.png"]));
}

#[test]
fn wrong_types_do_not_stop_the_loop() {
    let agent = AgentLoop::new("agent", Vec::new(), Some(vec!["ask_user".into()]));
    for node in ["init", "reason", "parse", "act", "observe", "handle_user_response", "done", "max_iterations"] {
        for odd in [json!(null), json!(3), json!("x"), json!([1]), json!({"messages": 3, "cycles": "x", "inbox": 1})] {
            let names = ["context", "scratchpad", "_runtime", "_temp", "_limits"];
            let vars: Map = names.into_iter().map(|n| (n.to_owned(), odd.clone())).collect();
            let mut run = Run::new(RunId::from("r"), "agent".into(), node.into(), vars, Timestamp::EPOCH);
            agent.plan(&mut run, &PlanContext::new(Timestamp::EPOCH, 1)).unwrap();
        }
    }
    let mut lost = Run::new(RunId::from("r"), "agent".into(), "elsewhere".into(), Map::new(), Timestamp::EPOCH);
    assert!(agent.plan(&mut lost, &PlanContext::new(Timestamp::EPOCH, 1)).is_err());
}
