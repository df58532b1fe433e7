//! The knowledge graph: flows that write and read it, and questions from outside (contract 07, section 3 and 5).

use serde_json::{Value, json};
use tests::{Bundle, Gateway, Home, TOKEN, eventually, flow, node, post};

use super::{detail, make_user};
use crate::home;

const QUERY: &str = "/api/gateway/kg/query";

/// Asserts `facts`, then asks for what its session knows and for who is called `label`.
fn facts() -> Value {
    let scope = || json!({"pinDefaults": {"scope": "session"}});
    let nodes = [
        node("s", "on_flow_start", &[], &["facts", "text", "label"], json!({})),
        node("a", "memory_kg_assert", &["assertions", "scope"], &["count", "raw"], scope()),
        node("q", "memory_kg_query", &["query_text", "scope", "max_input_tokens"], &["items", "active_memory_text"], {
            json!({"pinDefaults": {"scope": "session", "max_input_tokens": 500}})
        }),
        node("r", "memory_kg_resolve", &["label", "expected_type", "scope"], &["candidates"], {
            json!({"pinDefaults": {"scope": "session", "expected_type": "schema:Person"}})
        }),
        node("e", "on_flow_end", &["written", "known", "text", "who"], &[], json!({})),
    ];
    let edges = [
        "s>a",
        "a>q",
        "q>r",
        "r>e",
        "s.facts>a.assertions",
        "s.text>q.query_text",
        "s.label>r.label",
        "a.raw>e.written",
        "q.items>e.known",
        "q.active_memory_text>e.text",
        "r.candidates>e.who",
    ];
    flow("facts", &nodes, &edges)
}

/// Asserts `facts` one by one.
fn one_by_one() -> Value {
    let mut each = node("l", "loop", &["items"], &["item"], json!({}));
    let exits = ["loop", "done"].map(|id| json!({"id": id, "type": "execution"}));
    each["data"]["outputs"].as_array_mut().unwrap().splice(0..1, exits);
    let nodes = [
        node("s", "on_flow_start", &[], &["facts"], json!({})),
        each,
        node("a", "memory_kg_assert", &["assertions", "scope"], &[], json!({"pinDefaults": {"scope": "session"}})),
        node("e", "on_flow_end", &[], &[], json!({})),
    ];
    flow("one_by_one", &nodes, &["s>l", "l.loop>a", "l.done>e", "s.facts>l.items", "l.item>a.assertions"])
}

/// Asks a server that cannot say for the models it holds.
fn residency(id: &str, required: bool) -> Value {
    let pins = json!({"pinDefaults": {"provider": "openai-compatible", "required": required}});
    let nodes = [
        node("s", "on_flow_start", &[], &[], json!({})),
        node("m", "model_residency", &["provider", "required"], &["success", "error"], pins),
        node("e", "on_flow_end", &["fine", "why"], &[], json!({})),
    ];
    flow(id, &nodes, &["s>m", "m>e", "m.success>e.fine", "m.error>e.why"])
}

fn bundle() -> Bundle {
    let flows = [
        ("facts", facts()),
        ("one_by_one", one_by_one()),
        ("residency", residency("residency", false)),
        ("residency_required", residency("residency_required", true)),
    ];
    Bundle::new("kg", "1.0.0", &flows)
}

fn fact(subject: &str, predicate: &str, object: &str) -> Value {
    json!({"subject": subject, "predicate": predicate, "object": object})
}

fn people() -> Value {
    json!([
        fact("ex:Person Alice", "schema:name", "Alice Miller"),
        fact("ex:person_alice", "rdf:type", "schema:Person"),
        fact("ex:person-alice", "schema:awareness", "ex:Deep Sea"),
        fact("ex:Person Alice", "schema:name", "alice miller"),
    ])
}

/// Starts a flow in a session.
#[track_caller]
fn start(gateway: &Gateway, token: &str, session: &str, flow: &str, input: &Value) -> String {
    let body = json!({"bundle_id": "kg", "flow_id": flow, "session_id": session, "input_data": input});
    let started = gateway.json(&post("/api/gateway/runs/start", &body).token(token));
    started["run_id"].as_str().unwrap().to_owned()
}

/// What a completed run of the local admin came to.
#[track_caller]
fn output(gateway: &Gateway, session: &str, flow: &str, input: &Value) -> Value {
    let run = start(gateway, TOKEN, session, flow, input);
    gateway.until(&run, "completed")["output"].clone()
}

#[track_caller]
fn ask(gateway: &Gateway, token: &str, question: &Value) -> Value {
    gateway.json(&post(QUERY, question).token(token))
}

fn home_with_facts() -> Home {
    home().install(&bundle())
}

#[test]
fn what_a_flow_asserts_is_known_to_its_session_also_after_a_kill() {
    let home = home_with_facts();
    let gateway = home.serve();
    let input = json!({"facts": people(), "text": "the deep sea", "label": " ALICE  miller"});
    let first = output(&gateway, "work", "facts", &input);
    let written = json!({"ok": true, "count": 3, "count_attempted": 4, "skipped_duplicates": 1});
    for (key, value) in written.as_object().unwrap() {
        assert_eq!(&first["written"][key], value, "{first}");
    }
    let known = first["known"].as_array().unwrap();
    assert_eq!(known.len(), 1, "{first}");
    assert_eq!((&known[0]["predicate"], &known[0]["object"]), (&json!("schema:knowsabout"), &json!("ex:deep-sea")));
    assert_eq!(known[0]["owner_id"], "session_memory_work");
    assert!(first["text"].as_str().unwrap().contains("ex:person-alice —schema:knowsabout→ ex:deep-sea (score:0.667)"));
    let who = &first["who"][0];
    assert_eq!((&who["id"], &who["score"]), (&json!("ex:person-alice"), &json!(1.0)), "{first}");
    assert_eq!(who["types"], json!(["schema:person"]));
    let question = json!({"session_id": "work", "limit": 0});
    let before = ask(&gateway, TOKEN, &question);
    gateway.kill();
    let gateway = home.serve();
    assert_eq!(ask(&gateway, TOKEN, &question), before);
    let mut again = output(&gateway, "work", "facts", &input);
    assert_eq!(again["written"]["skipped_duplicates"], 4);
    again["written"] = first["written"].clone();
    assert_eq!(again, first);
    let elsewhere =
        output(&gateway, "play", "facts", &json!({"facts": [], "text": "the deep sea", "label": "alice miller"}));
    assert_eq!((&elsewhere["known"], &elsewhere["who"]), (&json!([]), &json!([])));
    assert_eq!(elsewhere["written"]["skipped"], true);
}

#[test]
fn an_assertion_and_its_record_are_stored_together_or_not_at_all() {
    let home = home_with_facts();
    let gateway = home.serve();
    let facts: Vec<Value> = (0..150).map(|n| fact("ex:counter", "schema:result", &n.to_string())).collect();
    let run = start(&gateway, TOKEN, "work", "one_by_one", &json!({ "facts": facts }));
    let written = |gateway: &Gateway| -> u64 {
        let ledger = gateway.ledger(&run);
        let done = ledger.iter().filter(|r| r["effect"]["type"] == "memory_kg_assert" && r["status"] == "completed");
        done.map(|record| record["result"]["count"].as_u64().unwrap()).sum()
    };
    let question = json!({"session_id": "work", "limit": 0});
    let mut gateway = gateway;
    for so_many in [5, 60] {
        eventually("some facts are written", || (written(&gateway) >= so_many).then_some(()));
        gateway.kill();
        // Nobody drives the run: what is there is what the kill has left.
        let looking = home.serve_with(&["serve", "--host", "127.0.0.1", "--port", "0", "--no-runner"]);
        let (records, known) = (written(&looking), ask(&looking, TOKEN, &question)["count"].as_u64().unwrap());
        assert_eq!(records, known);
        looking.kill();
        gateway = home.serve();
    }
    gateway.until(&run, "completed");
    assert_eq!((written(&gateway), &ask(&gateway, TOKEN, &question)["count"]), (150, &json!(150)));
}

#[test]
fn a_fact_that_may_not_be_asserted_fails_the_run_and_writes_nothing() {
    let gateway = home_with_facts().serve();
    let facts = json!([fact("ex:a", "schema:name", "a"), fact("ex:a", "likes", "b")]);
    let run = start(&gateway, TOKEN, "work", "facts", &json!({"facts": facts, "text": "", "label": "a"}));
    let why = gateway.until(&run, "failed")["error"].as_str().unwrap().to_owned();
    assert!(why.contains("MEMORY_KG_ASSERT rejected unknown predicates. Got: likes. "), "{why}");
    assert_eq!(ask(&gateway, TOKEN, &json!({"session_id": "work"}))["count"], 0);
}

#[test]
fn two_users_do_not_see_each_others_facts() {
    let home = home().with_users();
    for user in ["alice", "bob"] {
        home.put(&format!("users/default/{user}/flows/kg.flow"), &bundle().zip());
    }
    let gateway = home.serve();
    let [alice, bob] = ["alice", "bob"].map(|user| make_user(&gateway, &json!({"user_id": user})));
    let input = json!({"facts": people(), "text": "", "label": "alice miller"});
    start(&gateway, &alice, "shared", "facts", &input);
    let question = json!({"scope": "session", "session_id": "shared"});
    eventually("alice's facts are written", || (ask(&gateway, &alice, &question)["count"] == 3).then_some(()));
    for question in [
        question,
        json!({"scope": "all", "all_owners": true}),
        json!({"scope": "session", "owner_id": "session_memory_shared"}),
        json!({"scope": "session", "session_id": "shared", "words": "alice"}),
    ] {
        assert!(ask(&gateway, &alice, &question)["count"].as_u64() > Some(0), "{question}");
        assert_eq!(ask(&gateway, &bob, &question)["count"], 0, "{question}");
    }
}

#[test]
fn questions_are_answered_or_refused_as_the_contract_says() {
    let gateway = home_with_facts().serve();
    let input = json!({"facts": people(), "text": "", "label": "alice miller"});
    let run = start(&gateway, TOKEN, "work", "facts", &input);
    gateway.until(&run, "completed");
    let owner = "session_memory_work";
    let answer = ask(&gateway, TOKEN, &json!({"session_id": " work "}));
    assert_eq!(
        (&answer["ok"], &answer["scope"], &answer["owner_id"]),
        (&json!(true), &json!("session"), &json!(owner))
    );
    assert_eq!((&answer["warnings"], &answer["store"]["backend"]), (&Value::Null, &json!("sqlite")));
    assert_eq!(answer["store"]["capabilities"]["semantic_query"], false);
    assert!(answer["items"][0].get("assertion_id").is_none());
    for (question, count, warnings) in [
        (json!({"run_id": run}), 3, 0),
        (json!({"scope": "all", "run_id": run}), 3, 0),
        (json!({"scope": "ALL", "session_id": "work"}), 3, 1),
        (json!({"scope": "all", "session_id": "work", "run_id": "nobody"}), 3, 2),
        (json!({"scope": "session", "all_owners": true}), 3, 0),
        (json!({"scope": "run", "run_id": "nobody"}), 0, 0),
        (json!({"scope": "global"}), 0, 0),
        (json!({"owner_id": owner, "limit": 1}), 1, 0),
        (json!({"owner_id": owner, "limit": -1}), 3, 0),
        (json!({"owner_id": owner, "subject": " EX:person-alice ", "predicate": "RDF:type"}), 1, 0),
        (json!({"owner_id": owner, "object": "ALICE miller"}), 1, 0),
        (json!({"owner_id": owner, "since": "2000", "until": "2001"}), 0, 0),
        (json!({"owner_id": owner, "words": "miller sea"}), 2, 0),
        (json!({"owner_id": owner, "words": "?"}), 0, 0),
    ] {
        let answer = ask(&gateway, TOKEN, &question);
        let told = answer["warnings"].as_array().map_or(0, Vec::len);
        assert_eq!((&answer["count"], told), (&json!(count), warnings), "{question}: {answer}");
    }
    for (question, status, text) in [
        (json!({"scope": "team"}), 400, "scope must be one of run|session|global|all"),
        (json!({"scope": "all", "owner_id": "o"}), 400, "owner_id is not supported when scope=all"),
        (json!({"owner_id": "o", "all_owners": true}), 400, "all_owners cannot be combined with owner_id"),
        (json!({"scope": "run"}), 400, "run_id is required for scope=run (or provide owner_id)"),
        (json!({}), 400, "run_id or session_id is required for scope=session (or provide owner_id)"),
        (json!({"scope": "all"}), 400, "run_id or session_id is required when scope=all (or set all_owners=true)"),
        (json!({"run_id": "nobody"}), 404, "Run 'nobody' not found"),
        (json!({"scope": "all", "run_id": "nobody"}), 404, "Run 'nobody' not found"),
    ] {
        gateway.check(&post(QUERY, &question).token(TOKEN), status, &detail(text));
    }
    let semantic = json!({"owner_id": "o", "query_text": "sea"});
    let refused = gateway.check(&post(QUERY, &semantic).token(TOKEN), 400, &json!({})).json();
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .starts_with("Semantic KG query is not available for memory backend 'sqlite'.")
    );
    for limit in [-2, 10_001] {
        gateway.check(&post(QUERY, &json!({"owner_id": "o", "limit": limit})).token(TOKEN), 422, &json!({}));
    }
}

#[test]
fn a_server_that_cannot_say_what_it_holds_is_no_success() {
    let gateway = home_with_facts().serve();
    let soft = output(&gateway, "work", "residency", &json!({}));
    assert_eq!(soft["fine"], false);
    assert!(soft["why"].as_str().unwrap().contains("neither says which models are loaded"), "{soft}");
    let run = start(&gateway, TOKEN, "work", "residency_required", &json!({}));
    let hard = gateway.until(&run, "failed");
    assert!(hard["error"].as_str().unwrap().contains("neither says which models are loaded"), "{hard}");
}
