//! Small flows driven by a tiny engine: what an effect would lead to is written where the real engine writes it.

use model::workflow::{PlanContext, StepPlan, Workflow};
use model::{EffectKind, Map, Run, RunStatus, Timestamp, Value};
use serde_json::json;

use super::Program;
use crate::document::Document;

/// A node: `id:type`, its data pins in and out (`x` exec pins are added for non-values), and further data.
fn node(id: &str, kind: &str, inputs: &[&str], outputs: &[&str], data: Value) -> Value {
    let pin = |p: &&str| json!({"id": p, "type": "any"});
    let mut ins: Vec<Value> = inputs.iter().map(pin).collect();
    let mut outs: Vec<Value> = outputs.iter().map(pin).collect();
    let exec = |id: &str| json!({"id": id, "type": "execution"});
    let pure = matches!(kind, "add" | "concat" | "get_var" | "array_append" | "literal_json");
    if !pure {
        ins.push(exec("exec-in"));
        match kind {
            "sequence" => outs.extend(["then:0", "then:1"].map(exec)),
            "parallel" => outs.extend(["then:0", "then:1", "completed"].map(exec)),
            "loop" | "for" | "while" => outs.extend(["loop", "done"].map(exec)),
            _ => outs.push(exec("exec-out")),
        }
    }
    let mut full = data.as_object().cloned().unwrap_or_default();
    full.insert("inputs".into(), Value::Array(ins));
    full.insert("outputs".into(), Value::Array(outs));
    json!({"id": id, "type": kind, "data": full})
}

/// Edges as `a.handle>b.handle`; `a>b` is a plain execution edge.
fn flow(nodes: &[Value], edges: &[&str]) -> Value {
    let end = |text: &str, default: &str| -> (String, String) {
        text.split_once('.').map_or_else(|| (text.into(), default.into()), |(n, h)| (n.into(), h.into()))
    };
    let edges: Vec<Value> = edges
        .iter()
        .map(|text| {
            let (from, to) = text.split_once('>').unwrap();
            let ((source, sh), (target, th)) = (end(from, "exec-out"), end(to, "exec-in"));
            json!({"source": source, "sourceHandle": sh, "target": target, "targetHandle": th})
        })
        .collect();
    json!({"id": "f", "nodes": nodes, "edges": edges})
}

fn program(flow: &Value) -> Program {
    Program::compile(Document::read(flow, None).unwrap()).unwrap()
}

/// Runs a flow; `answer` gives the result of each effect.
fn run(flow: &Value, vars: Value, answer: impl Fn(&model::Effect) -> Value) -> Run {
    let program = program(flow);
    let vars = vars.as_object().cloned().unwrap_or_default();
    let mut run = Run::new("r".into(), "f".into(), program.entry().into(), vars, Timestamp::EPOCH);
    for step in 0..200_000u32 {
        let ctx = PlanContext::new(Timestamp::EPOCH, u128::from(step));
        match program.plan(&mut run, &ctx) {
            Err(error) => {
                (run.status, run.error) = (RunStatus::Failed, Some(error.to_string()));
                return run;
            }
            Ok(StepPlan::Complete(output)) => {
                (run.status, run.output) = (RunStatus::Completed, Some(output));
                return run;
            }
            Ok(StepPlan::Goto(next)) => {
                let from = run.current_node.clone();
                run.namespace("_temp").insert("prev_node_id".into(), from.into());
                run.current_node = next;
            }
            Ok(StepPlan::Effect { effect, next }) => {
                let result = answer(&effect);
                model::run::write_path(&mut run.vars, effect.result_key.as_deref().unwrap(), result.clone());
                let from = run.current_node.clone();
                run.namespace("_temp").insert("prev_node_id".into(), from.into());
                match next {
                    Some(next) => run.current_node = next,
                    None => {
                        (run.status, run.output) =
                            (RunStatus::Completed, Some(json!({"success": true, "result": result})));
                        return run;
                    }
                }
            }
        }
    }
    panic!("the flow does not end")
}

fn check(nodes: &[Value], edges: &[&str], vars: Value, expected: Value) -> Run {
    let run = run(&flow(nodes, edges), vars, |effect| match effect.kind {
        EffectKind::AskUser => json!({"response": "x", "foo": 2}),
        EffectKind::StartSubworkflow => json!({"sub_run_id": "c", "output": {"a": 5, "success": true}}),
        _ => Value::Object(effect.payload.clone()),
    });
    assert_eq!(run.output.as_ref(), Some(&expected), "{:?} {edges:?}", run.error);
    run
}

fn start(outputs: &[&str]) -> Value {
    node("s", "on_flow_start", &[], outputs, json!({}))
}

fn end(inputs: &[&str]) -> Value {
    node("e", "on_flow_end", inputs, &[], json!({}))
}

fn set(id: &str, name: &str) -> Value {
    node(id, "set_var", &["name", "value"], &["value"], json!({"pinDefaults": {"name": name}}))
}

#[test]
fn inputs_and_outputs_follow_the_pins() {
    let s = node("s", "on_flow_start", &[], &["x", "y"], json!({"pinDefaults": {"y": 5}}));
    let get = node("g", "get_var", &["name"], &["value"], json!({"pinDefaults": {"name": "y"}}));
    check(
        &[s, get, end(&["x", "y", "g"])],
        &["s>e", "s.x>e.x", "g.value>e.g"],
        json!({"x": 1, "extra": 2}),
        json!({"x": 1, "y": 5, "g": null, "success": true}),
    );
    let s = node("s", "on_flow_start", &[], &[], json!({"pinDefaults": {"y": 5}}));
    check(&[s, end(&[])], &["s>e"], json!({"x": 1, "_priv": 2}), json!({"x": 1, "y": 5, "success": true}));
}

#[test]
fn branches_that_lead_nowhere_complete_with_themselves() {
    let check_if = node("i", "if", &["condition"], &[], json!({"pinDefaults": {"condition": true}}));
    check(
        &[start(&["z"]), check_if, end(&[])],
        &["s>i", "i.false>e"],
        json!({"z": 1}),
        json!({"branch": "true", "condition": true, "success": true}),
    );
    let data = json!({"pinDefaults": {"value": "zz"}, "switchConfig": {"cases": [{"id": "1", "value": "a"}]}});
    let switch = node("w", "switch", &["value"], &[], data);
    check(
        &[start(&[]), switch, end(&[])],
        &["s>w", "w.case:1>e"],
        json!({}),
        json!({"branch": "default", "value": "zz", "success": true}),
    );
}

#[test]
fn loops_nest_and_end_at_the_end_node() {
    let items = |id: &str, list: Value| {
        node(id, "loop", &["items"], &["item", "index"], json!({"pinDefaults": {"items": list}}))
    };
    check(
        &[start(&[]), items("L", json!(["a", "b"])), end(&["item"])],
        &["s>L", "L.loop>e", "L.item>e.item"],
        json!({}),
        json!({"item": "a", "success": true}),
    );
    let nodes = [
        start(&[]),
        items("A", json!(["a", "b"])),
        items("B", json!([1, 2])),
        node("c", "concat", &["a", "b"], &["result"], json!({})),
        node("p", "array_append", &["array", "item"], &["result"], json!({})),
        node("g", "get_var", &["name"], &["value"], json!({"pinDefaults": {"name": "acc"}})),
        set("v", "acc"),
        end(&["out"]),
    ];
    let edges = [
        "s>A",
        "A.loop>B",
        "B.loop>v",
        "A.done>e",
        "A.item>c.a",
        "B.item>c.b",
        "c.result>p.item",
        "g.value>p.array",
        "p.result>v.value",
        "g.value>e.out",
    ];
    let run = check(&nodes, &edges, json!({}), json!({"out": ["a 1", "a 2", "b 1", "b 2"], "success": true}));
    assert_eq!(run.vars["_temp"]["_control"], json!({"stack": [], "frames": {}}));
}

#[test]
fn counted_loops_have_the_contracts_numbers() {
    let count = |defaults: Value| {
        node("F", "for", &["start", "end", "step"], &["i", "index", "total"], json!({"pinDefaults": defaults}))
    };
    let ends = ["s>F", "F.done>e", "F.i>e.i", "F.index>e.index", "F.total>e.total"];
    check(
        &[start(&[]), count(json!({"start": "0", "end": 3})), end(&["i", "index", "total"])],
        &ends,
        json!({}),
        json!({"i": 2.0, "index": 2, "total": 3, "success": true}),
    );
    check(
        &[start(&[]), count(json!({"start": 0, "end": 1, "step": 0.3})), end(&["i", "index", "total"])],
        &ends,
        json!({}),
        json!({"i": 0.899_999_999_999_999_9, "index": 3, "total": 4, "success": true}),
    );
    for (defaults, why) in [
        (json!({"start": 0, "end": "x"}), "For loop requires numeric 'start' and 'end'."),
        (json!({"start": 0, "end": 1, "step": 0}), "For loop requires a non-zero 'step'."),
        (json!({"start": 0, "end": 10_001}), "For loop exceeded max_iterations=10000"),
    ] {
        let expected = json!({"error": why, "success": false, "node": "F"});
        check(&[start(&[]), count(defaults), end(&[])], &["s>F", "F.done>e"], json!({}), expected);
    }
    let whole = node("w", "while", &["condition"], &["index"], json!({"pinDefaults": {"condition": true}}));
    let why = json!({"error": "While loop exceeded max_iterations=10000", "success": false, "node": "w"});
    check(&[start(&[]), whole, set("v", "n")], &["s>w", "w.loop>v"], json!({}), why);
}

#[test]
fn sequences_run_in_order_and_then_what_follows() {
    let nodes = [
        start(&[]),
        node("q", "parallel", &[], &[], json!({})),
        node("a", "set_var", &["name", "value"], &[], json!({"pinDefaults": {"name": "x", "value": 1}})),
        node("b", "set_var", &["name", "value"], &[], json!({"pinDefaults": {"name": "x", "value": 2}})),
        node("g", "get_var", &["name"], &["value"], json!({"pinDefaults": {"name": "x"}})),
        end(&["x"]),
    ];
    let edges = ["s>q", "q.then:0>a", "q.then:1>b", "q.completed>e", "g.value>e.x"];
    check(&nodes, &edges, json!({}), json!({"x": 2, "success": true}));
}

#[test]
fn a_node_entered_from_two_places_knows_the_way() {
    let data = json!({"pinDefaults": {"w": "W0"}, "inputRouteOverrides": {
        "v": {"I::false": {"sourceNodeId": "B", "sourceHandle": "value"}},
        "w": {"I::true": {"sourceNodeId": "B", "sourceHandle": "value"}}}});
    let nodes = [
        start(&[]),
        node("A", "literal_json", &[], &["value"], json!({"literalValue": "A"})),
        node("B", "literal_json", &[], &["value"], json!({"literalValue": "B"})),
        node("I", "if", &["condition"], &[], json!({"pinDefaults": {"condition": false}})),
        node("e", "on_flow_end", &["v", "w"], &[], data),
    ];
    let edges = ["s>I", "I.true>e", "I.false>e", "A.value>e.v"];
    let run = check(&nodes, &edges, json!({}), json!({"v": "B", "w": "W0", "success": true}));
    let join = &run.vars["_temp"]["node_outputs"]["__internal_join_exec__e"];
    assert_eq!(join, &json!({"which": 1, "from": "I", "from_handle": "false"}));
}

#[test]
fn effects_show_what_they_ask_and_give_what_they_got() {
    let ask = node(
        "a.b",
        "ask_user",
        &["prompt", "choices"],
        &["response"],
        json!({"pinDefaults": {"prompt": "Q?", "choices": ["x"]}}),
    );
    // An id with a dot keeps its result.
    let nodes = [start(&[]), ask, end(&["response"])];
    let mut document = flow(&nodes, &["s>a", "a>e", "a.response>e.response"]);
    for edge in document["edges"].as_array_mut().unwrap() {
        for key in ["source", "target"] {
            if edge[key] == "a" {
                edge[key] = "a.b".into();
            }
        }
    }
    let run = run(&document, json!({}), |effect| {
        assert_eq!(effect.payload["type"], "ask_user");
        assert_eq!(effect.payload["resume_to_node"], "e");
        json!({"response": "x", "foo": 2})
    });
    assert_eq!(run.output, Some(json!({"response": "x", "success": true})));
    let emit = node(
        "m",
        "emit_event",
        &["payload"],
        &["delivered"],
        json!({"pinDefaults": {"payload": "hello"}, "effectConfig": {"name": "my", "scope": "bogus"}}),
    );
    let run =
        self::run(&flow(&[start(&[]), emit], &["s>m"]), json!({}), |effect| Value::Object(effect.payload.clone()));
    let sent = &run.output.unwrap()["result"];
    assert_eq!(
        (&sent["scope"], &sent["payload"], &sent["event_id"]),
        (&json!("session"), &json!({"value": "hello"}), &json!("r:m:1"))
    );
}

#[test]
fn children_get_their_pins_and_give_their_outputs() {
    let sub = node(
        "b",
        "subflow",
        &["input"],
        &["output", "a"],
        json!({"subflowId": "g", "pinDefaults": {"input": {"a": 5, "zz": 1}}}),
    );
    let document = flow(&[start(&[]), sub, end(&["a", "whole"])], &["s>b", "b>e", "b.a>e.a", "b.child_output>e.whole"]);
    let run = run(&document, json!({}), |effect| {
        assert_eq!(effect.payload["vars"], json!({"a": 5, "zz": 1}));
        json!({"sub_run_id": "c", "output": {"a": 5, "success": true}})
    });
    assert_eq!(run.output, Some(json!({"a": 5, "whole": {"a": 5, "success": true}, "success": true})));
}

#[test]
fn agents_start_their_loop_and_tell_success_from_failure() {
    let agent = node(
        "n",
        "agent",
        &["prompt", "provider", "model"],
        &["response", "success"],
        json!({"pinDefaults": {"prompt": "hi", "provider": "P", "model": "m"}}),
    );
    let document = flow(
        &[start(&[]), agent, end(&["response", "success"])],
        &["s>n", "n>e", "n.response>e.response", "n.success>e.success"],
    );
    let outcome = |output: Value| {
        let run = run(&document, json!({}), |effect| {
            assert_eq!(effect.payload["workflow_id"], "visual_react_agent_f_n");
            assert_eq!(effect.payload["vars"]["_runtime"]["provider"], "p");
            assert_eq!(effect.payload["vars"]["context"]["task"], "hi");
            json!({"sub_run_id": "c", "output": output, "node_traces": {}})
        });
        run.output.unwrap()
    };
    assert_eq!(outcome(json!({"answer": "yes"})), json!({"response": "yes", "success": true}));
    assert_eq!(outcome(json!({"success": false, "error": "boom"})), json!({"response": "boom", "success": false}));
    let bare = node("n", "agent", &["prompt"], &["response", "success"], json!({}));
    let run = run(&flow(&[start(&[]), bare], &["s>n"]), json!({}), |_| json!({}));
    assert_eq!(run.output.unwrap()["success"], false);
}

#[test]
fn failures_are_soft_or_hard_as_the_contract_says() {
    let a = node("a", "add", &["a", "b"], &["result"], json!({}));
    let b = node("b", "add", &["a", "b"], &["result"], json!({}));
    let document = [start(&[]), a, b, end(&["v"])];
    let edges = ["s>e", "a.result>b.a", "b.result>a.a", "a.result>e.v"];
    let run = run(&flow(&document, &edges), json!({}), |_| json!({}));
    let error = run.output.unwrap();
    assert!(error["error"].as_str().unwrap().starts_with("Data edge cycle detected at"), "{error}");
    let nameless = node("m", "emit_event", &[], &[], json!({}));
    let run = self::run(&flow(&[start(&[]), nameless], &["s>m"]), json!({}), |_| json!({}));
    assert_eq!(run.error.as_deref(), Some("ValueError: emit_event node 'm' missing event name"));
}

#[test]
fn memory_nodes_ask_for_their_effects_and_show_their_answers() {
    let envelope =
        |meta: Value| json!({"mode": "executed", "results": [{"success": true, "output": "text", "meta": meta}]});
    let noted = envelope(json!({"span_id": "s1"}));
    let found = envelope(json!({"matches": [{"span_id": "s1"}], "span_ids": ["s1"]}));
    let put_back = json!({"inserted": 2, "skipped": 1, "artifacts": []});
    for (kind, pins, asked, result, shown) in [
        (
            "memory_note",
            json!({"content": "c", "tags": {"a": "b"}, "sources": 5, "location": " ", "scope": "session", "keep_in_context": "yes"}),
            json!({"note": "c", "tags": {"a": "b"}, "scope": "session", "keep_in_context": true}),
            &noted,
            json!({"note_id": "s1", "raw": noted}),
        ),
        ("memory_note", json!({}), json!({"note": "", "tags": {}}), &noted, json!({"note_id": "s1"})),
        (
            "memory_query",
            json!({"query": "q", "limit": "3", "recall_level": "deep", "tags": {"a": 1}, "tags_mode": "any",
                "usernames": ["u", " ", 5], "since": "2020", "scope": "global"}),
            json!({"query": "q", "limit_spans": 3, "return": "both", "recall_level": "deep", "tags": {"a": 1},
                "tags_mode": "any", "usernames": ["u"], "since": "2020", "scope": "global"}),
            &found,
            json!({"results": [{"span_id": "s1"}], "rendered": "text", "span_ids": ["s1"], "raw": found}),
        ),
        ("memory_query", json!({}), json!({"query": "", "limit_spans": 10, "return": "both"}), &found, json!({})),
        (
            "memory_tag",
            json!({"spanId": "s1", "tags": {"a": "b"}, "merge": false}),
            json!({"span_id": "s1", "tags": {"a": "b"}, "merge": false}),
            &found,
            json!({"rendered": "text", "success": true}),
        ),
        (
            "memory_compact",
            json!({"preserve_recent": 0, "compression_mode": "light", "focus": " "}),
            json!({"preserve_recent": 0, "compression_mode": "light"}),
            &noted,
            json!({"span_id": "s1", "raw": noted}),
        ),
        ("memory_compact", json!({}), json!({}), &json!({}), json!({"span_id": null})),
        (
            "memory_rehydrate",
            json!({"span_id": "s1", "placement": "end", "max_messages": 5}),
            json!({"span_ids": ["s1"], "placement": "end", "max_messages": 5}),
            &put_back,
            json!({"inserted": 2, "skipped": 1, "artifacts": [], "raw": put_back}),
        ),
        (
            "memory_rehydrate",
            json!({"placement": "elsewhere"}),
            json!({"span_ids": [], "placement": "after_summary"}),
            &put_back,
            json!({}),
        ),
    ] {
        let names: Vec<&str> = pins.as_object().unwrap().keys().map(String::as_str).collect();
        let memory = node("m", kind, &names, &[], json!({"pinDefaults": pins}));
        let program = program(&flow(&[start(&[]), memory, end(&[])], &["s>m", "m>e"]));
        let mut run = Run::new("r".into(), "f".into(), "m".into(), Map::new(), Timestamp::EPOCH);
        let plan = program.plan(&mut run, &PlanContext::new(Timestamp::EPOCH, 1)).unwrap();
        let StepPlan::Effect { effect, .. } = plan else { panic!("{kind} asks for nothing") };
        let mut payload = effect.payload.clone();
        assert_eq!(
            (payload.shift_remove("type"), payload.shift_remove("resume_to_node")),
            (Some(kind.into()), Some("e".into()))
        );
        assert_eq!((effect.kind.as_str(), json!(payload)), (kind, asked), "{kind} {pins}");
        let at = *program.plan.index.get("m").unwrap();
        model::run::write_path(&mut run.vars, &effect.result_key.unwrap(), result.clone());
        let outputs = super::project::outputs(&run, &program.plan.nodes[at]).unwrap();
        for (pin, value) in shown.as_object().unwrap() {
            assert_eq!(&outputs[pin], value, "{kind} {pin}");
        }
    }
}

#[test]
fn broken_flows_are_refused_by_name() {
    let compile = |flow: Value| Program::compile(Document::read(&flow, None).unwrap()).err().unwrap();
    let unknown = compile(flow(&[start(&[]), node("x", "teleport", &[], &[], json!({}))], &["s>x"]));
    assert_eq!(
        (unknown.code, unknown.text.as_str()),
        ("unknown_node_type", "node 'x': 'teleport' is not a known node type")
    );
    let later = compile(flow(&[start(&[]), node("x", "generate_image", &[], &[], json!({}))], &["s>x"]));
    assert_eq!(later.code, "node_type_unavailable");
    let empty = compile(json!({"id": "f", "nodes": [], "edges": []}));
    assert_eq!(empty.text, "Invalid flow: Flow must have an entry node");
    let weird = compile(flow(&[start(&[]), end(&[])], &["s.weird>e"]));
    assert_eq!(weird.text, "Node 's' has unsupported branching output 'weird'. Branching is not yet supported.");
    let twice = compile(flow(&[start(&["a", "b"]), end(&["v"])], &["s>e", "s.a>e.v", "s.b>e.v"]));
    assert!(twice.text.starts_with("Multiple data edges target the same input pin."));
}

proptest::proptest! {
    #[test]
    fn no_document_panics(text in "[\\x00-\\x7f]{0,200}", kinds in proptest::collection::vec(0usize..12, 0..6)) {
        let names = ["if", "loop", "for", "while", "switch", "sequence", "add", "agent", "subflow", "on_flow_start", "llm_call", "emit_event"];
        let nodes: Vec<Value> = kinds.iter().enumerate().map(|(i, k)| json!({"id": format!("n{i}"), "type": names[*k], "data": {"label": text}})).collect();
        let edges: Vec<Value> = (1..kinds.len()).map(|i| json!({"source": format!("n{}", i - 1), "sourceHandle": "exec-out", "target": format!("n{i}"), "targetHandle": "exec-in"})).collect();
        if let Ok(document) = Document::read(&json!({"id": "f", "nodes": nodes, "edges": edges}), None)
            && let Ok(program) = Program::compile(document)
        {
            let mut run = Run::new("r".into(), "f".into(), program.entry().into(), Map::new(), Timestamp::EPOCH);
            for _ in 0..50 {
                match program.plan(&mut run, &PlanContext::new(Timestamp::EPOCH, 7)) {
                    Ok(StepPlan::Goto(next)) => run.current_node = next,
                    _ => break,
                }
            }
        }
    }
}

#[path = "graph_tests.rs"]
mod graph;
#[test]
fn calls_take_the_retry_policy_of_their_node_along() {
    let policy = json!({"max_attempts": 3, "on_exhausted": "pause"});
    for (kind, configured, expected) in [
        ("llm_call", json!({"effectConfig": {"retry": policy}}), Some(&policy)),
        ("call_tool", json!({"effectConfig": {"retry": policy}}), Some(&policy)),
        ("tool_calls", json!({"effectConfig": {"retry": policy}}), Some(&policy)),
        ("llm_call", json!({"effectConfig": {"retry": null}}), None),
        ("llm_call", json!({}), None),
        ("answer_user", json!({"effectConfig": {"retry": policy}}), None),
    ] {
        let document = flow(&[start(&[]), node("m", kind, &[], &[], configured)], &["s>m"]);
        run(&document, json!({}), |effect| {
            assert_eq!(effect.payload.get("retry"), expected, "{kind}");
            json!({})
        });
    }
}
