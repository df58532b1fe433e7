//! Nodes of the knowledge graph: what they ask for, what they show, and what becomes of active memory.

use super::*;

/// Runs one node of a kind on its pins' values; the payload it asks with, and the outputs it shows.
fn asked(kind: &str, pins: Value, result: &Value, outputs: &[&str]) -> (Value, Value) {
    let names: Vec<&str> = pins.as_object().unwrap().keys().map(String::as_str).collect();
    let one = node("n", kind, &names, outputs, json!({"pinDefaults": pins}));
    let wires: Vec<String> = outputs.iter().map(|pin| format!("n.{pin}>e.{pin}")).collect();
    let mut edges = vec!["s>n", "n>e"];
    edges.extend(wires.iter().map(String::as_str));
    let payload = std::cell::RefCell::new(Value::Null);
    let run = run(&flow(&[start(&[]), one, end(outputs)], &edges), json!({}), |effect| {
        *payload.borrow_mut() = Value::Object(effect.payload.clone());
        result.clone()
    });
    (payload.into_inner(), run.output.unwrap())
}

#[test]
fn assert_nodes_ask_with_a_list_and_show_ids() {
    let fact = json!({"subject": "ex:a", "predicate": "schema:name", "object": "A"});
    let pins = json!({
        "assertions": fact, "scope": " session ", "owner_id": "", "span_id": "s", "attributes_defaults": {},
        "allow_custom_predicates": "yes",
    });
    let result = json!({"ok": true, "count": 1, "assertion_ids": ["1"]});
    let (payload, shown) = asked("memory_kg_assert", pins, &result, &["assertion_ids", "count", "ok", "raw"]);
    let expected = json!({
        "type": "memory_kg_assert", "assertions": [fact], "scope": "session", "span_id": "s", "resume_to_node": "e",
    });
    assert_eq!(payload, expected);
    let expected = json!({"assertion_ids": ["1"], "count": 1, "ok": true, "raw": result, "success": true});
    assert_eq!(shown, expected);
    let pins = json!({"items": [fact, 7], "allow_custom_predicates": true, "attributes_defaults": {"a": 1}});
    let (payload, _) = asked("memory_kg_assert", pins, &result, &[]);
    assert_eq!((&payload["assertions"], &payload["allow_custom_predicates"]), (&json!([fact]), &json!(true)));
    assert_eq!(payload["attributes_defaults"], json!({"a": 1}));
}

#[test]
fn query_nodes_ask_with_what_is_said_and_show_packets_when_there_are() {
    let pins = json!({
        "subject": " ex:a ", "predicate": "", "query_text": "sea", "scope": "all", "order": "asc", "model": "m",
        "max_in_tokens": "250.7", "min_score": "0.5", "limit": 3.0, "recall_level": "deep",
    });
    let result =
        json!({"ok": true, "count": 0, "items": [], "packets": [], "active_memory_text": "t", "warnings": ["w"]});
    let (payload, shown) =
        asked("memory_kg_query", pins, &result, &["items", "active_memory_text", "warnings", "dropped"]);
    let expected = json!({
        "type": "memory_kg_query", "subject": "ex:a", "recall_level": "deep", "scope": "all", "query_text": "sea",
        "order": "asc", "model": "m", "max_input_tokens": 250, "min_score": 0.5, "limit": 3, "resume_to_node": "e",
    });
    assert_eq!(payload, expected);
    let expected = json!({"items": [], "active_memory_text": "t", "warnings": ["w"], "dropped": null, "success": true});
    assert_eq!(shown, expected);
}

#[test]
fn resolve_nodes_take_only_real_booleans() {
    let pins = json!({"label": "Alice", "expected_type": "schema:Person", "include_semantic": "true", "limit": "7"});
    let result = json!({"ok": true, "count": 1, "candidates": [{"id": "ex:a"}]});
    let (payload, shown) = asked("memory_kg_resolve", pins, &result, &["candidates", "count"]);
    let expected = json!({
        "type": "memory_kg_resolve", "label": "Alice", "expected_type": "schema:Person", "max_candidates": 7,
        "resume_to_node": "e",
    });
    assert_eq!(payload, expected);
    assert_eq!((&shown["candidates"][0]["id"], &shown["count"]), (&json!("ex:a"), &json!(1)));
}

#[test]
fn residency_nodes_list_unless_told_otherwise() {
    let failed = json!({"ok": false, "error": "e", "warnings": ["e"]});
    let (payload, shown) =
        asked("model_residency", json!({}), &failed, &["success", "models", "error", "warnings", "unloaded"]);
    assert_eq!(payload, json!({"type": "model_residency", "operation": "list_loaded", "resume_to_node": "e"}));
    let expected = json!({"success": false, "models": [], "error": "e", "warnings": ["e"], "unloaded": null});
    assert_eq!(shown, expected);
    let pins = json!({
        "operation": "load", "task": "chat", "provider": "ollama", "model": "m", "timeout": "2", "pin": "no", "required": 1,
    });
    let loaded = json!({"ok": true, "runtime": {"model": "m"}});
    let (payload, shown) = asked("model_residency", pins, &loaded, &["success", "affected_models"]);
    let expected = json!({
        "type": "model_residency", "operation": "load", "task": "chat", "provider": "ollama", "model": "m",
        "timeout_s": 2.0, "pin": false, "required": true, "resume_to_node": "e",
    });
    assert_eq!(payload, expected);
    assert_eq!(shown, json!({"success": true, "affected_models": [{"model": "m"}]}));
}

/// Composes active memory from a result; the run afterwards.
fn composed(result: Value, pins: Value, memory: Value) -> Run {
    let mut pins = pins.as_object().unwrap().clone();
    pins.insert("kg_result".into(), result);
    let names: Vec<&str> = pins.keys().map(String::as_str).collect();
    let one = node("n", "memact_compose", &names, &["ok"], json!({"pinDefaults": pins}));
    let vars = json!({"_runtime": {"active_memory": memory}});
    run(&flow(&[start(&[]), one], &["s>n"]), vars, |_| json!({}))
}

#[test]
fn facts_replace_earlier_facts_in_active_memory() {
    let packet = |object: &str| json!({"statement": format!("ex:a —schema:name→ {object}"), "span_id": "s1"});
    let memory = json!({
        "current_context": [
            {"id": "ctx_1", "text": "kg: ex:a —schema:name→ old"}, {"id": "ctx_2", "text": "stays"}, "said plainly", 7,
        ],
        "limits": {"current_context": 4, "current_tasks": 0}, "persona": "me",
    });
    let result = json!({"ok": true, "count": 2, "packets": [packet("A"), packet("B"), packet("b"), packet("C")]});
    let run = composed(result, json!({"stimulus": "who?", "max_items": "3"}), memory);
    let output = run.output.unwrap();
    let kept = &run.vars["_runtime"]["active_memory"];
    assert_eq!(&output["active_memory"], kept);
    let texts: Vec<&str> =
        kept["current_context"].as_array().unwrap().iter().map(|r| r["text"].as_str().unwrap()).collect();
    let expected =
        ["KG: ex:a —schema:name→ B (span:s1)", "KG: ex:a —schema:name→ A (span:s1)", "stays", "said plainly"];
    assert_eq!(texts, expected);
    let first = &kept["current_context"][0];
    assert!(first["id"].as_str().unwrap().starts_with("ctx_"));
    assert_eq!(
        (&first["ts"], &first["created_at"]),
        (&json!("70/01/01 00:00:00"), &json!("1970-01-01T00:00:00+00:00"))
    );
    assert_eq!((&kept["limits"]["current_context"], &kept["limits"]["current_tasks"]), (&json!(4), &json!(8)));
    let trace = &output["trace"];
    assert_eq!(trace["applied"]["applied"]["current_context"], json!({"added": 2, "removed": 1, "trimmed": 0}));
    assert_eq!((&trace["packet_source"], &trace["stimulus"]), (&json!("kg_result.packets"), &json!("who?")));
    assert_eq!(output["delta"]["current_context"]["removed"], json!(["kg: ex:a —schema:name→ old"]));
    let blocks = output["memact_blocks"].as_array().unwrap();
    assert_eq!((blocks.len(), &blocks[1]["content"], &blocks[3]["content"]), (8, &json!("me"), &json!("(empty)")));
    assert!(
        output["memact_system_prompt"].as_str().unwrap().contains("## CURRENT CONTEXT\n- [70/01/01 00:00:00] KG: ex:a")
    );
    assert_eq!(run.vars["_last_output"]["ok"], true);
}

#[test]
fn items_serve_where_there_are_no_packets_and_lists_stay_within_their_limit() {
    let item = |n: u32| {
        json!({
            "subject": "ex:a", "predicate": "schema:name", "object": n.to_string(),
            "provenance": {"writer_workflow_id": "w"},
        })
    };
    let items: Vec<Value> = (0..61).map(item).collect();
    let output = composed(json!({ "items": items }), json!({"marker": "F:"}), json!({})).output.unwrap();
    assert_eq!(output["trace"]["packet_source"], "packetize_assertions(items)");
    assert_eq!(
        output["trace"]["applied"]["applied"]["current_context"],
        json!({"added": 61, "removed": 0, "trimmed": 1})
    );
    let context = output["active_memory"]["current_context"].as_array().unwrap();
    assert_eq!((context.len(), &context[0]["text"]), (60, &json!("F: ex:a —schema:name→ 60 (wf:w)")));
    let refused = composed(json!("no result"), json!({}), json!({})).output.unwrap();
    assert_eq!((&refused["ok"], &refused["memact_blocks"]), (&json!(false), &json!([])));
    assert!(refused["error"].as_str().unwrap().starts_with("memact_compose requires a dict kg_result"));
}
