use model::{Map, Timestamp, Value};
use serde_json::json;
use store::{FoundTriple, Triple};

use super::assert::{ASSERTIONS_MAX, Assertions, Writer};
use super::query::Question;
use super::recall::{Effort, Level};
use super::resolve::Name;
use super::*;

fn owners() -> Owners {
    Owners { run: "r".into(), session: "session_memory_s".into(), global: "global_memory".into() }
}

fn map(value: Value) -> Map {
    value.as_object().unwrap().clone()
}

fn read(payload: Value) -> Result<Option<Assertions>, String> {
    let owners = owners();
    let now = Timestamp::from_micros(1_000_000);
    let writer = Writer { owners: &owners, run_id: "r", workflow_id: "b@1:f", now };
    assert::read(&map(payload), &writer)
}

/// The assertions of a payload.
fn triples(payload: Value) -> Vec<Triple> {
    read(payload).unwrap().unwrap().triples
}

/// One assertion with further members.
fn assertion(more: Value) -> Value {
    let mut all = map(json!({"subject": "ex:A", "predicate": "schema:name", "object": "Alice"}));
    all.extend(map(more));
    Value::Object(all)
}

fn found(line: &str, words_found: Option<usize>) -> FoundTriple {
    let parts: Vec<&str> = line.split(' ').collect();
    let said = json!({"subject": parts[0], "predicate": parts[1], "object": parts[2], "observed_at": parts[3]});
    let triple = triples(json!({ "assertions": said })).remove(0);
    FoundTriple { triple, words_found }
}

#[test]
fn terms_have_one_spelling() {
    for (said, expected) in [
        ("ex:Person Alice", "ex:person-alice"),
        (" EX:Über__café!! ", "ex:uber-cafe"),
        ("ex:???", "ex:???"),
        ("ex:東京", "ex:東京"),
        ("schema:Person", "schema:Person"),
        ("é", "é"),
        ("", ""),
    ] {
        assert_eq!(terms::instance(said), expected);
    }
    for (said, expected) in [
        (" schema:Description", "dcterms:description"),
        ("schema:creator", "dcterms:creator"),
        ("schema:awareness", "schema:knowsabout"),
        ("schema:hasParent", "dcterms:ispartof"),
        ("schema:hasMember", "dcterms:haspart"),
        ("schema:recognizedAs", "skos:closematch"),
        ("schema:hasMemorySource", "dcterms:references"),
        ("dcterms:has_part", "dcterms:haspart"),
        ("Ex:Likes", "ex:likes"),
    ] {
        assert_eq!(terms::predicate(said), expected);
        assert_eq!(terms::is_known(expected), expected != "ex:likes");
    }
    assert_eq!(terms::words("Alice's sea, the SEA"), ["alice", "s", "sea", "the"]);
    let many: Vec<String> = (0..99).map(|n| n.to_string()).collect();
    assert_eq!(terms::words(&many.join(" ")).len(), 32);
}

#[test]
fn an_assertion_gets_what_it_does_not_say() {
    let payload = json!({
        "assertions": [assertion(json!({
            "object": " Alice ", "confidence": "0.9", "valid_until": "2030", "provenance": {"span_id": "own"},
            "attributes": {"literal": true, "evidence_quote": "q", "original_context": "c".repeat(500)},
        }))],
        "scope": " Session ", "span_id": "s1", "attributes_defaults": {"literal": false, "subject_type": "schema:Person"},
    });
    let triple = triples(payload).remove(0);
    assert_eq!((triple.subject.as_str(), triple.object.as_str()), ("ex:a", "Alice"));
    assert_eq!((triple.scope.as_str(), triple.owner_id.as_str()), ("session", "session_memory_s"));
    assert_eq!(triple.observed_at, "1970-01-01T00:00:01.000000+00:00");
    assert_eq!((triple.confidence, triple.valid_until.as_deref()), (Some(0.9), Some("2030")));
    let provenance = json!({"span_id": "own", "writer_run_id": "r", "writer_workflow_id": "b@1:f"});
    assert_eq!(Value::Object(triple.provenance), provenance);
    assert_eq!(
        (&triple.attributes["literal"], &triple.attributes["subject_type"]),
        (&json!(true), &json!("schema:Person"))
    );
    let context = format!("context: {}…", "c".repeat(400));
    let lines: Vec<&str> = triple.text.lines().collect();
    assert_eq!(lines, ["ex:a schema:name Alice", "subject_type: schema:Person", "evidence: q", &context]);
    let plain = triples(json!({"items": assertion(json!({"object": "Paris", "confidence": "high"}))})).remove(0);
    assert_eq!((plain.object.as_str(), plain.owner_id.as_str(), plain.confidence), ("paris", "r", None));
}

#[test]
fn what_may_not_be_asserted_is_refused_whole() {
    let unknown: Vec<Value> = (0..13).map(|n| assertion(json!({"predicate": format!("x:{n}")}))).collect();
    let twelve: Vec<String> = (0..12).map(|n| format!("x:{n}")).collect();
    let long = "x".repeat(16 * 1024);
    for (payload, expected) in [
        (json!({}), "MEMORY_KG_ASSERT requires payload.assertions (list[object])".to_owned()),
        (json!({"assertions": [7]}), "MEMORY_KG_ASSERT requires payload.assertions (list[object])".into()),
        (
            json!({"triples": [assertion(json!({"predicate": "likes"})), {"subject": "a"}, assertion(json!({}))]}),
            "MEMORY_KG_ASSERT rejected unknown predicates. Got: likes, <missing>. ".into(),
        ),
        (
            json!({"assertions": unknown}),
            format!("MEMORY_KG_ASSERT rejected unknown predicates. Got: {} …. ", twelve.join(", ")),
        ),
        (
            json!({"assertions": assertion(json!({"predicate": "ex:likes"}))}),
            "MEMORY_KG_ASSERT rejected unknown".into(),
        ),
        (
            json!({"assertions": [assertion(json!({"subject": " "})), assertion(json!({"object": 7}))]}),
            "MEMORY_KG_ASSERT contained invalid assertions: TripleAssertion.subject must be a non-empty string | \
             TripleAssertion.object must be a non-empty string"
                .into(),
        ),
        (
            json!({"assertions": assertion(json!({"object": format!("{long}x")}))}),
            "MEMORY_KG_ASSERT contained invalid assertions: TripleAssertion.object is longer than 16384".into(),
        ),
        (
            json!({"assertions": assertion(json!({"scope": "team"}))}),
            "MEMORY_KG_ASSERT contained invalid assertions: Unknown memory scope: team".into(),
        ),
        (
            json!({"assertions": vec![assertion(json!({})); ASSERTIONS_MAX + 1]}),
            "MEMORY_KG_ASSERT takes at most 10000".into(),
        ),
    ] {
        let why = read(payload).unwrap_err();
        assert!(why.starts_with(&expected), "{why}");
    }
    assert_eq!(read(json!({"assertions": []})), Ok(None));
    for payload in [
        json!({"assertions": assertion(json!({"object": long}))}),
        json!({"assertions": assertion(json!({"scope": "team", "owner_id": "o"}))}),
        json!({"assertions": assertion(json!({"scope": "team"})), "owner_id": "o"}),
        json!({"assertions": assertion(json!({"predicate": "ex:likes"})), "allow_custom": true}),
        json!({"assertions": vec![assertion(json!({})); ASSERTIONS_MAX]}),
    ] {
        assert!(read(payload).is_ok());
    }
}

#[test]
fn what_is_known_or_said_twice_is_stored_once() {
    let settle = |payload: Value, known: &[bool]| {
        let assertions = read(payload).unwrap().unwrap();
        let keys = assertions.keys().len();
        let mut id = 0;
        let (new, result) = assertions.settle(known, || {
            id += 1;
            id.to_string()
        });
        (keys, new, result)
    };
    let three =
        || json!([assertion(json!({})), assertion(json!({"object": "ALICE"})), assertion(json!({"object": "b"}))]);
    let (keys, new, result) = settle(json!({"assertions": three()}), &[false, false, true]);
    assert_eq!((keys, new.len(), new[0].beside_equal), (3, 1, false));
    let expected =
        json!({"ok": true, "count": 1, "assertion_ids": ["1"], "count_attempted": 3, "skipped_duplicates": 2});
    assert_eq!(result, expected);
    for word in [json!(false), json!("no"), json!("0")] {
        let (keys, new, result) = settle(json!({"assertions": three(), "dedupe": word}), &[]);
        assert_eq!((keys, new.len(), &result["skipped_duplicates"]), (0, 3, &json!(0)));
        assert!(new.iter().all(|n| n.beside_equal));
    }
}

#[test]
fn questions_become_queries_of_the_owners_that_are_meant() {
    let queries = |payload: Value| Question::read(&map(payload)).unwrap().queries(&owners());
    let all = queries(json!({
        "scope": "ALL", "subject": "ex:Person Alice", "predicate": "schema:awareness", "object": " Sea ", "since": "t1",
        "until": "t2", "active_at": "t3", "order": "ASC", "limit": "7",
    }))
    .unwrap();
    let targets: Vec<_> = all.iter().map(|q| (q.scope.as_deref().unwrap(), q.owner_id.as_deref().unwrap())).collect();
    assert_eq!(targets, [("run", "r"), ("session", "session_memory_s"), ("global", "global_memory")]);
    let first = &all[0];
    assert_eq!((first.subject.as_deref(), first.object.as_deref()), (Some("ex:person-alice"), Some("sea")));
    assert_eq!((first.predicates.as_slice(), first.limit), (["schema:knowsabout".to_owned()].as_slice(), 7));
    assert_eq!(
        (first.since.as_deref(), first.until.as_deref(), first.active_at.as_deref()),
        (Some("t1"), Some("t2"), Some("t3"))
    );
    assert!(first.oldest_first && first.words.is_empty());
    let own = queries(json!({"owner_id": "o", "query_text": "the Sea"})).unwrap();
    assert_eq!((own.len(), own[0].owner_id.as_deref(), own[0].words.len()), (1, Some("o"), 2));
    assert_eq!(queries(json!({"query_text": "?!"})), Ok(vec![]), "no word can match");
    assert_eq!(queries(json!({"scope": "team"})), Err("Unknown memory scope: team".into()));
}

#[test]
fn recall_levels_bound_what_is_brought() {
    let effort = |payload: Value| {
        let payload = map(payload);
        Level::read(&payload).map(|level| Effort::read(&payload, level))
    };
    for (payload, limit, budget, warnings) in [
        (json!({}), 100, 0, 0),
        (json!({"limit": 0}), 100, 0, 0),
        (json!({"limit": -3, "max_input_tokens": 0.5}), 1, 0, 0),
        (json!({"limit": 10_001, "max_in_tokens": "250"}), 10_000, 250, 0),
        (json!({"recall_level": " "}), 100, 0, 0),
        (json!({"recall_level": "Urgent"}), 20, 600, 0),
        (json!({"recallLevel": "standard"}), 80, 1200, 0),
        (json!({"recall_level": "deep"}), 200, 2400, 0),
        (json!({"recall_level": "urgent", "limit": 40, "max_input_tokens": 1000}), 40, 1000, 0),
        (json!({"recall_level": "urgent", "limit": 41, "max_input_tokens": 1001}), 40, 1000, 2),
        (json!({"recall_level": "standard", "limit": 200, "max_input_tokens": 3000}), 200, 3000, 0),
        (json!({"recall_level": "standard", "limit": 201, "max_input_tokens": 3001}), 200, 3000, 2),
        (json!({"recall_level": "deep", "limit": 1000, "max_input_tokens": 6000}), 1000, 6000, 0),
        (json!({"recall_level": "deep", "limit": 1001, "max_input_tokens": 6001}), 1000, 6000, 2),
        (json!({"recall_level": "deep", "max_input_tokens": 0}), 200, 0, 0),
    ] {
        let effort = effort(payload.clone()).unwrap();
        assert_eq!((effort.limit, effort.budget, effort.warnings.len()), (limit, budget, warnings), "{payload}");
    }
    assert_eq!(effort(json!({"recall_level": "lazy"})), Err("Unknown recall_level: lazy".into()));
    let clamped = effort(json!({"recall_level": "urgent", "limit": 99})).unwrap();
    assert_eq!(clamped.warnings, ["recall_level=urgent: clamped limit from 99 to 40"]);
    let applied = json!({"limit": 40, "min_score": null, "max_input_tokens": 600});
    assert_eq!(clamped.shown(Level::Urgent), json!({"recall_level": "urgent", "applied": applied}));
}

#[test]
fn answers_are_ordered_bounded_and_packed() {
    let answer = |payload: Value, found: Vec<FoundTriple>| Question::read(&map(payload)).unwrap().answer(found);
    let objects = |answer: &Value| -> Vec<String> {
        answer["items"].as_array().unwrap().iter().map(|i| i["object"].as_str().unwrap().to_owned()).collect()
    };
    let three = || ["a", "c", "b"].map(|o| found(&format!("ex:x schema:name {o} {o}"), None)).to_vec();
    let newest = answer(json!({"limit": 2}), three());
    assert_eq!((objects(&newest), &newest["count"]), (vec!["c".to_owned(), "b".to_owned()], &json!(2)));
    assert!(newest.get("packets").is_none() && newest.get("warnings").is_none() && newest.get("effort").is_none());
    assert_eq!(objects(&answer(json!({"order": "asc"}), three())), ["a", "b", "c"]);
    let ranked = vec![
        found("ex:x schema:name sea 2026-11-22T07:00:00.000000+00:00", Some(1)),
        found("ex:x schema:name blue-sea 2026-11-21T07:00:00.000000+00:00", Some(2)),
    ];
    let packed = answer(json!({"query_text": "blue sea", "scope": "session", "max_input_tokens": 500}), ranked.clone());
    assert_eq!(packed["items"][0]["attributes"]["_retrieval"], json!({"score": 1.0, "metric": "words"}));
    assert_eq!(
        packed["active_memory_text"],
        "## KG ACTIVE MEMORY\n(scope=session; order=similarity-desc; budget=500 max_input_tokens)\n\n\
         - [2026-11-21T07:00:00.000000+00:00] ex:x —schema:name→ blue-sea (score:1.000)\n\
         - [2026-11-22T07:00:00.000000+00:00] ex:x —schema:name→ sea (score:0.500)"
    );
    assert_eq!(
        (&packed["packed_count"], &packed["dropped"], &packed["packets_version"]),
        (&json!(2), &json!(0), &json!(0))
    );
    assert_eq!(packed["warnings"], json!([WORDS_ONLY]));
    let mut before = 0;
    for budget in 1..100u64 {
        let packed = answer(json!({"query_text": "blue sea", "max_input_tokens": budget}), ranked.clone());
        let (kept, dropped) = (packed["packed_count"].as_u64().unwrap(), packed["dropped"].as_u64().unwrap());
        assert!(packed["estimated_tokens"].as_u64().unwrap() <= budget, "{budget}: {packed}");
        assert!(kept >= before && kept + dropped == 2, "{budget}: {packed}");
        before = kept;
    }
    assert_eq!(before, 2);
    let none = answer(json!({"query_text": "blue sea", "max_input_tokens": 10}), ranked);
    assert_eq!(
        (&none["active_memory_text"], &none["estimated_tokens"], &none["dropped"]),
        (&json!(""), &json!(0), &json!(2))
    );
    let level = answer(json!({"recall_level": "deep"}), three());
    assert_eq!(level["effort"]["applied"]["limit"], 200);
    assert!(level["active_memory_text"].as_str().unwrap().contains("order=observed_at-desc; budget=2400"));
}

#[test]
fn names_are_resolved_exactly_then_by_words() {
    let name = |payload: Value| Name::read(&map(payload)).unwrap();
    let own = owners();
    let exact = [found("ex:alice schema:name alice t1", None), found("ex:alice skos:prefLabel alice t3", None)];
    for (payload, without, with) in [
        (json!({}), 1, 0),
        (json!({"recall_level": "standard"}), 1, 0),
        (json!({"recall_level": "urgent"}), 0, 0),
        (json!({"recall_level": "deep"}), 1, 1),
        (json!({"recall_level": "urgent", "include_semantic": true}), 1, 0),
        (json!({"recall_level": "deep", "include_semantic": false}), 0, 0),
    ] {
        let mut full = map(json!({"label": " Alice  Smith "}));
        full.extend(map(payload.clone()));
        let name = name(Value::Object(full));
        assert_eq!(name.exact(&own).unwrap()[0].object.as_deref(), Some("alice smith"));
        assert_eq!((name.alike(&own, &[]).len(), name.alike(&own, &exact).len()), (without, with), "{payload}");
    }
    assert_eq!(name(json!({})).exact(&own), Err("label is required".into()));
    assert_eq!(name(json!({"label": "a", "scope": "team"})).exact(&own), Err("Unknown memory scope: team".into()));
    assert_eq!(name(json!({"label": "a", "scope": "all"})).exact(&own).unwrap().len(), 3);

    // The payload of a flow has a type of its own, which is no type of a thing.
    let flow = name(json!({"type": "memory_kg_resolve", "label": "Alice", "max_candidates": 1}));
    let alike =
        [found("schema:person schema:name alice t9", Some(1)), found("ex:alison schema:name alice t4", Some(1))];
    let candidates = flow.candidates(&exact, &alike);
    let types = vec![vec![found("ex:alice rdf:type schema:Person t1", None)], vec![]];
    let answer = flow.answer(candidates.clone(), &types, true);
    assert_eq!((&answer["count"], &answer["warnings"]), (&json!(1), &json!([WORDS_ONLY])));
    let first = &answer["candidates"][0];
    assert_eq!((&first["id"], &first["score"]), (&json!("ex:alison"), &json!(1.0)), "of equals the newest comes first");
    let typed = name(json!({"label": "alice", "expected_type": "schema:Person"}));
    let answer = typed.answer(typed.candidates(&exact, &[]), &types, false);
    assert_eq!(
        (&answer["candidates"][0]["id"], &answer["candidates"][0]["types"]),
        (&json!("ex:alice"), &json!(["schema:person"]))
    );
    assert_eq!(answer["candidates"][0]["evidence"].as_array().unwrap().len(), 2);
    assert_eq!(answer["raw"], json!({"label": "alice", "expected_type": "schema:person"}));
    let other = name(json!({"label": "alice", "type": "schema:Place"}));
    assert_eq!(other.answer(other.candidates(&exact, &[]), &types, false)["count"], 0);
    let many: Vec<_> = (0..60).map(|n| found(&format!("ex:x{n} schema:name alice t1"), None)).collect();
    for (wanted, shown) in [(json!(0), 1), (json!(50), 50), (json!(51), 50), (json!(null), 5)] {
        let name = name(json!({"label": "alice", "max_candidates": wanted}));
        assert_eq!(name.answer(name.candidates(&many, &[]), &[], false)["count"], shown, "{wanted}");
    }
}
