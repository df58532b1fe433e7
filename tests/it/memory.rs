//! Memory over HTTP: the nodes of a flow, an agent's own tools, and the command on a schedule, across a kill.

use serde_json::{Value, json};
use tests::{Bundle, Gateway, Home, Models, Reply, TOKEN, eventually, flow, node, post, put};

use crate::home;

const SHORT: &str = r#"{"summary": "They spoke of krill.", "key_points": ["krill"], "confidence": 0.9}"#;

/// Notes, recalls, labels, compacts and puts back.
fn bundle() -> Bundle {
    let data = |pins: Value| json!({ "pinDefaults": pins });
    let nodes = [
        node("s", "on_flow_start", &[], &["text"], json!({})),
        node(
            "n",
            "memory_note",
            &["content", "scope", "tags"],
            &["note_id"],
            data(json!({"scope": "session", "tags": {"topic": "sea"}})),
        ),
        node(
            "t",
            "memory_tag",
            &["span_id", "tags", "scope"],
            &["success"],
            data(json!({"scope": "session", "tags": {"seen": "yes"}})),
        ),
        node("q", "memory_query", &["query", "scope"], &["results", "rendered"], data(json!({"scope": "session"}))),
        node("c", "memory_compact", &["preserve_recent"], &["span_id"], data(json!({"preserve_recent": 0}))),
        node("r", "memory_rehydrate", &["span_ids"], &["inserted", "skipped"], json!({})),
        node("e", "on_flow_end", &["note", "tagged", "found", "archive", "inserted"], &[], json!({})),
    ];
    let edges = [
        "s>n",
        "n>t",
        "t>q",
        "q>c",
        "c>r",
        "r>e",
        "s.text>n.content",
        "n.note_id>t.span_id",
        "s.text>q.query",
        "c.span_id>r.span_ids",
        "n.note_id>e.note",
        "t.success>e.tagged",
        "q.results>e.found",
        "c.span_id>e.archive",
        "r.inserted>e.inserted",
    ];
    Bundle::new("mem", "1.0.0", &[("all", flow("all", &nodes, &edges)), ("agent", agent())])
}

/// An agent that may use its own tools for memory.
fn agent() -> Value {
    let tools = json!({"agentConfig": {"tools": ["compact_memory", "remember", "recall_memory"]}});
    let nodes = [
        node("s", "on_flow_start", &[], &["prompt"], json!({})),
        node("a", "agent", &["prompt"], &["response", "success"], tools),
        node("e", "on_flow_end", &["response", "success"], &[], json!({})),
    ];
    flow("agent", &nodes, &["s>a", "a>e", "s.prompt>a.prompt", "a.response>e.response", "a.success>e.success"])
}

fn serve(models: &Models, home: &Home) -> Gateway {
    let gateway = home.serve();
    let default = json!({"provider": "openai-compatible", "model": "gpt-4o", "base_url": models.base_url()});
    let set = put("/api/gateway/config/capability-defaults/input/text", &default).token(TOKEN);
    gateway.check(&set, 200, &json!({"ok": true}));
    gateway
}

fn start(gateway: &Gateway, body: &Value) -> String {
    gateway.json(&post("/api/gateway/runs/start", body))["run_id"].as_str().unwrap().to_owned()
}

fn talk() -> Value {
    json!({"messages": [{"role": "user", "content": "what do whales eat?"}, {"role": "assistant", "content": "krill"}]})
}

#[test]
fn a_flow_keeps_finds_compacts_and_puts_back() {
    let models = Models::start(&[Reply::Text(SHORT.into())]);
    let home = home().install(&bundle());
    let gateway = serve(&models, &home);
    let body =
        json!({"bundle_id": "mem", "session_id": "sea", "input_data": {"text": "Whales eat krill", "context": talk()}});
    let run = start(&gateway, &body);
    let output = gateway.until(&run, "completed")["output"].clone();
    let note = output["note"].as_str().unwrap();
    assert_eq!((&output["tagged"], &output["inserted"]), (&json!(true), &json!(2)), "{output}");
    assert_eq!(output["found"][0]["tags"], json!({"topic": "sea", "seen": "yes"}));
    assert_eq!((&output["found"][0]["span_id"], output["found"].as_array().unwrap().len()), (&json!(note), 1));
    let ledger = gateway.ledger(&run);
    let kinds: Vec<&Value> = ledger.iter().map(|r| &r["effect"]["type"]).collect();
    let expected = ["memory_note", "memory_tag", "memory_query", "memory_compact", "memory_rehydrate"];
    for (kind, pair) in expected.iter().zip(kinds.chunks(2)) {
        assert_eq!(pair, [kind, kind]);
    }
    // Another process finds what this one kept.
    gateway.kill();
    let gateway = home.serve();
    let body = json!({"bundle_id": "mem", "session_id": "sea", "input_data": {"text": "krill"}});
    let again = gateway.until(&start(&gateway, &body), "completed")["output"].clone();
    assert_eq!(again["found"].as_array().unwrap().len(), 2);
    assert_eq!((&again["archive"], &again["inserted"]), (&Value::Null, &json!(0)), "{again}");
}

#[test]
fn an_agent_compacts_labels_and_recalls_its_own_conversation() {
    let tool = |id: &str, name: &str, arguments: Value| Reply::Tools(vec![(id.into(), name.into(), arguments)]);
    let models = Models::start(&[
        tool("c1", "compact_memory", json!({"preserve_recent": 0})),
        Reply::Text(SHORT.into()),
        tool("c2", "remember", json!({"span_id": "1", "tags": {"topic": "sea"}})),
        tool("c3", "remember", json!({"span_id": "nowhere", "tags": {"topic": "sea"}})),
        tool("c4", "recall_memory", json!({"tags": {"topic": "sea"}})),
        Reply::Text("Done.".into()),
    ]);
    let home = home().install(&bundle());
    let gateway = serve(&models, &home);
    let run = start(
        &gateway,
        &json!({"bundle_id": "mem", "flow_id": "agent", "input_data": {"prompt": "Remember the krill"}}),
    );
    let done = gateway.until(&run, "completed");
    assert_eq!((&done["output"]["response"], &done["output"]["success"]), (&json!("Done."), &json!(true)));
    let asked = models.requests();
    let told = |at: usize| asked[at]["messages"].to_string();
    assert!(told(1).contains("Remember the krill") && told(2).contains("They spoke of krill."), "{}", told(2));
    assert!(told(2).contains("Compacted 1 messages into span_id="), "the call and its result stay together");
    assert!(told(3).contains("Tagged span_id="), "{}", told(3));
    assert!(told(4).contains("Unknown span_id: nowhere"), "{}", told(4));
    assert!(told(5).contains("tags: topic=sea") && told(5).contains("user: Remember the krill"), "{}", told(5));
}

/// A schedule whose execution waits for a person; gives both runs.
fn waiting_schedule(gateway: &Gateway) -> (String, String) {
    let body = json!({"bundle_id": "it", "flow_id": "ask", "interval": "1h", "input_data": {"context": talk()}});
    let root = gateway.json(&post("/api/gateway/runs/schedule", &body))["run_id"].as_str().unwrap().to_owned();
    let child = eventually("the execution waits", || {
        let child = gateway.run(&root)["waiting"]["details"]["sub_run_id"].as_str()?.to_owned();
        (gateway.run(&child)["status"] == "waiting").then_some(child)
    });
    (root, child)
}

/// The records of compactions, once there are so many.
fn compactions(gateway: &Gateway, run: &str, count: usize) -> Vec<Value> {
    eventually("the compaction is recorded", || {
        let records = gateway.ledger(run).into_iter().filter(|r| r["node_id"] == "compact_memory").collect::<Vec<_>>();
        (records.len() >= count).then_some(records)
    })
}

#[test]
fn a_schedule_is_compacted_once_though_the_process_was_killed_meanwhile() {
    let models = Models::start(&[Reply::Held(SHORT.into()), Reply::Text(SHORT.into())]);
    let home = home();
    let gateway = serve(&models, &home);
    let (root, child) = waiting_schedule(&gateway);
    let before = gateway.run(&child);
    let taken = gateway.command("c-1", &root, "compact_memory", &json!({"preserveRecent": 1, "focus": "krill"}));
    assert_eq!((taken.status, &taken.json()["accepted"]), (200, &json!(true)), "{}", taken.text());
    models.until_asked(1);
    // Other commands are not held up.
    for kind in ["pause", "resume"] {
        assert_eq!(gateway.command(&format!("c-{kind}"), &child, kind, &json!({})).status, 200);
    }
    gateway.kill();
    let gateway = home.serve();
    let records = compactions(&gateway, &child, 3);
    let key = "command:compact_memory:c-1";
    let shown: Vec<_> =
        records.iter().map(|r| (r["status"].as_str().unwrap(), r["attempt"].as_u64().unwrap())).collect();
    assert_eq!(shown, [("started", 1), ("started", 2), ("completed", 2)]);
    assert!(records.iter().all(|r| r["idempotency_key"] == key && r["step_id"] == records[0]["step_id"]));
    let effect = json!({"type": "memory_compact", "payload": {"preserve_recent": 1, "compression_mode": "standard", "focus": "krill"},
        "result_key": "_temp.command.compact_memory"});
    assert_eq!(records[2]["effect"], effect);
    let output = records[2]["result"]["results"][0]["output"].as_str().unwrap();
    assert!(output.starts_with("Compacted 1 messages into span_id="), "{output}");
    let after = gateway.run(&child);
    assert_eq!((&after["status"], &after["waiting"]), (&before["status"], &before["waiting"]));
    let again = gateway.command("c-1", &root, "compact_memory", &json!({}));
    assert_eq!(again.json()["duplicate"], true);
    gateway.answer(&child, "alice");
    assert_eq!(gateway.until(&child, "completed")["output"]["name"], "alice");
    assert_eq!(
        (gateway.ledger(&child).iter().filter(|r| r["node_id"] == "compact_memory").count(), models.requests().len()),
        (3, 2)
    );
}

#[test]
fn a_compaction_that_cannot_be_is_refused_and_one_that_fails_is_shown() {
    let models = Models::start(&[Reply::Error(400, "no such model".into())]);
    let home = home();
    let gateway = serve(&models, &home);
    let (root, child) = waiting_schedule(&gateway);
    let plain = gateway.start("ask", &json!({}));
    for (run, payload, status, code) in [
        (&root, json!({"preserve_recent": -1}), 422, "validation"),
        (&root, json!({"compression_mode": "fierce"}), 422, "validation"),
        (&root, json!({"target_run_id": "nobody"}), 404, "run_not_found"),
        (&root, json!({"targetRunId": plain}), 409, "conflict"),
        (&plain, json!({}), 409, "conflict"),
    ] {
        let refused = gateway.command("x", run, "compact_memory", &payload);
        assert_eq!((refused.status, &refused.json()["code"]), (status, &json!(code)), "{payload}: {}", refused.text());
    }
    assert_eq!(gateway.command("c", &child, "compact_memory", &json!({})).status, 200, "nothing to do is no error");
    let idle = compactions(&gateway, &child, 2);
    assert_eq!(
        idle[1]["result"]["results"][0]["output"],
        "Nothing to compact (non-system messages <= preserve_recent=6)."
    );
    assert_eq!(gateway.command("d", &child, "compact_memory", &json!({"preserve_recent": 0})).status, 200);
    let failed = compactions(&gateway, &child, 4).remove(3);
    assert_eq!(failed["status"], "failed");
    let why = failed["error"].as_str().unwrap();
    assert!(why.starts_with("the conversation could not be summarised: ") && why.contains("no such model"), "{why}");
    assert_eq!(gateway.run(&child)["status"], "waiting");
}
