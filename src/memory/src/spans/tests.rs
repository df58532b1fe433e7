//! What effects on notes and archived conversations come to.

use std::collections::HashMap;

use model::{ArtifactMeta, Map, Timestamp, Value};
use serde_json::json;

use super::compact::{Archivist, Compaction, Outdated};
use super::note::{Note, Writer};
use super::query::Query;
use super::rehydrate::{Rehydration, keep_note};
use super::summary::{Summary, parts, question};
use super::tag::Tagging;
use super::{Archive, Owner, messages};

/// Bodies and labels by id.
#[derive(Default)]
struct Shelf {
    bodies: HashMap<String, Value>,
    tags: HashMap<String, Value>,
}

impl Archive for Shelf {
    fn body(&self, id: &str) -> Option<Value> {
        self.bodies.get(id).cloned()
    }

    fn meta(&self, id: &str) -> Option<ArtifactMeta> {
        let tags = self.tags.get(id)?;
        let meta = json!({"artifact_id": id, "created_at": "2026-01-01T00:00:00Z", "tags": tags, "content_type": "application/json"});
        serde_json::from_value(meta).ok()
    }
}

fn map(value: Value) -> Map {
    value.as_object().cloned().unwrap()
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn day(day: u32) -> String {
    format!("2026-11-{day:02}T10:00:00+00:00")
}

/// Four entries: two conversations, a note, and what a tool saw.
fn memory() -> (Owner, Shelf) {
    let span = |id: &str, d: u32, more: Value| {
        let mut span =
            json!({"artifact_id": id, "created_at": day(d), "from_timestamp": day(d), "to_timestamp": day(d + 1)});
        span.as_object_mut().unwrap().extend(map(more));
        span
    };
    let vars = json!({
        "context": {"messages": [
            {"role": "system", "content": "All about whales", "metadata": {"kind": "memory_summary", "source_artifact_id": "talk1"}},
        ]},
        "_runtime": {"memory_spans": [
            span("talk1", 1, json!({"kind": "conversation_span", "message_count": 2, "created_by": "Ann", "tags": {"topic": "sea"}})),
            span("seen", 2, json!({"kind": "evidence", "tags": {"topic": "sea"}})),
        ]},
    });
    let stored = [
        span(
            "note1",
            5,
            json!({"kind": "memory_note", "created_by": "bob", "location": "Paris", "tags": {"topic": "sea", "person": "Eve"}}),
        ),
        span(
            "talk2",
            9,
            json!({"kind": "conversation_span", "message_count": 3, "focus": "budget", "tags": {"location": "paris"}}),
        ),
    ];
    let said = |texts: &[&str]| -> Value {
        texts.iter().map(|t| json!({"role": "user", "content": t, "timestamp": "T", "metadata": {"message_id": format!("m-{t}")}})).collect()
    };
    let shelf = Shelf {
        bodies: HashMap::from([
            ("talk1".to_owned(), json!({"messages": said(&["krill", "Deep Water"])})),
            (
                "note1".to_owned(),
                json!({"note": "Call Eve", "created_at": day(5), "sources": {"run_id": "r9", "span_ids": ["talk1"], "message_ids": []}}),
            ),
            ("talk2".to_owned(), json!({"messages": said(&["a", "b", "c"])})),
        ]),
        tags: HashMap::from([("note1".to_owned(), json!({"kind": "memory_note", "topic": "people"}))]),
    };
    (Owner::new("r", &map(vars), &stored), shelf)
}

fn ids_of(payload: Value) -> Vec<String> {
    let (owner, shelf) = memory();
    let mut payload = map(payload);
    payload.insert("return".into(), "meta".into());
    let answer = Query::read(&payload).unwrap().answer(&payload, &[owner], &shelf);
    let ids = answer["results"][0]["meta"]["span_ids"].as_array().unwrap();
    ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn entries_match_by_what_is_known_of_them() {
    for (payload, expected) in [
        (json!({}), "talk2 note1 talk1"),
        (json!({"limit_spans": 2}), "talk2 note1"),
        (json!({"limit_spans": 0}), "talk2 note1 talk1"),
        // The summary, the note's text and what it comes from, labels, focus, author, place.
        (json!({"query": "WHALES", "deep": false}), "note1 talk1"),
        (json!({"query": "call eve"}), "note1"),
        (json!({"query": "people"}), "note1"),
        (json!({"query": "budget"}), "talk2"),
        (json!({"query": "ann"}), "talk1"),
        (json!({"query": "nothing like it"}), ""),
        // What was said, only in a deep search.
        (json!({"query": "deep water"}), "talk1"),
        (json!({"query": "deep water", "deep": false}), ""),
        (json!({"query": "deep water", "deep_limit_messages_per_span": 1}), ""),
        (json!({"query": "deep water", "deep_limit_spans": 2}), ""),
        // Time: both ends belong to it.
        (json!({"since": "2026-11-06T10:00:00Z"}), "talk2 note1"),
        (json!({"since": "2026-11-06T10:00:00.000001Z"}), "talk2"),
        (json!({"until": "2026-11-05T11:00:00+01:00"}), "note1 talk1"),
        (json!({"until": "2026-11-05"}), "talk1"),
        (json!({"since": "2026", "until": "2026-11-01T10:00:00"}), "talk1"),
        // Labels: those of the artifact come first, without case.
        (json!({"tags": {"Topic": "SEA"}}), "talk1"),
        (json!({"tags": {"topic": ["sea", "people"]}}), "note1 talk1"),
        (json!({"tags": {"topic": "people", "person": "eve"}}), "note1"),
        (json!({"tags": {"topic": "sea", "person": "eve"}}), ""),
        (json!({"tags": {"topic": "sea", "person": "eve"}, "tags_mode": "any"}), "note1 talk1"),
        (json!({"tags": {"topic": "sea", "person": "eve"}, "tagsMode": "OR"}), "note1 talk1"),
        (json!({"tags": {"kind": "memory_note"}}), "talk2 note1 talk1"),
        (json!({"tags": {"focus": "Budget"}}), "talk2"),
        // Authors and places.
        (json!({"authors": ["BOB"]}), "note1"),
        (json!({"usernames": "ann"}), "talk1"),
        (json!({"users": ["nobody"]}), ""),
        (json!({"locations": ["paris"]}), "talk2 note1"),
        // By id or number; what tools saw is not counted, and 1 is the newest.
        (json!({"span_id": "talk1"}), "talk1"),
        (json!({"span_ids": ["talk1", 1, "2", 9, "talk1", "elsewhere"]}), "talk1 talk2 note1 elsewhere"),
        (json!({"span_id": 0}), ""),
        // Neighbours in time and by label.
        (json!({"query": "budget", "connected": true, "limit_spans": 1}), "talk2"),
        (json!({"query": "budget", "connected": true, "limit_spans": 9}), "talk2 note1"),
        (json!({"query": "ann", "connected": true, "neighbor_hops": 0, "limit_spans": 1}), "talk1"),
        (json!({"query": "ann", "connected": true, "neighbor_hops": 2}), "talk1 note1 talk2"),
        (json!({"query": "ann", "connected": true, "connect_by": []}), "talk1 note1"),
    ] {
        assert_eq!(ids_of(payload.clone()).join(" "), expected, "{payload}");
    }
}

#[test]
fn a_query_that_cannot_be_read_says_why() {
    for (payload, expected) in [
        (json!({"scope": "x"}), "Unknown memory_query scope: x"),
        (json!({"return": "x"}), "Unknown memory_query return mode: x"),
        (json!({"recall_level": "x"}), "Unknown recall_level: x"),
        (json!({"recall_level": true}), "recall_level must be a string"),
        (json!({"since": "soon"}), "memory_query since is not an ISO timestamp: soon"),
        (
            json!({"scope": "all", "span_id": "1"}),
            "memory_query scope='all' requires explicit span_ids as artifact ids (no indices)",
        ),
    ] {
        assert_eq!(Query::read(&map(payload.clone())).unwrap_err(), expected, "{payload}");
    }
}

#[test]
fn a_recall_is_rendered_for_a_model() {
    let (owner, shelf) = memory();
    let payload = map(json!({"return": "both", "max_messages": 2, "call_id": "c7"}));
    let answer = Query::read(&payload).unwrap().answer(&payload, &[owner], &shelf);
    let result = &answer["results"][0];
    assert_eq!((&result["name"], &result["call_id"]), (&json!("recall_memory"), &json!("c7")));
    let expected = "From memory:

[1] span_id=talk2 kind=conversation_span msgs=3 created_at=2026-11-09T10:00:00+00:00
    time_range: 2026-11-09T10:00:00+00:00 .. 2026-11-10T10:00:00+00:00
    tags: location=paris
    - T user: a
    - T user: b
    (1 more messages left out by max_messages=2)

[2] span_id=note1 kind=memory_note msgs= created_at=2026-11-05T10:00:00+00:00
    time_range: 2026-11-05T10:00:00+00:00 .. 2026-11-06T10:00:00+00:00
    created_by: bob
    location: Paris
    tags: person=Eve, topic=sea

[3] span_id=talk1 kind=conversation_span msgs=2 created_at=2026-11-01T10:00:00+00:00
    time_range: 2026-11-01T10:00:00+00:00 .. 2026-11-02T10:00:00+00:00
    created_by: Ann
    tags: topic=sea
    summary: All about whales";
    assert_eq!(result["output"], expected);
    let matches = &result["meta"]["matches"];
    assert_eq!((&matches[1]["span_id"], &matches[1]["location"]), (&json!("note1"), &json!("Paris")));
    let nothing = map(json!({"query": "zzz"}));
    let (owner, shelf) = memory();
    let answer = Query::read(&nothing).unwrap().answer(&nothing, std::slice::from_ref(&owner), &shelf);
    assert_eq!(answer["results"][0]["output"], "No matching memory spans.");
    assert_eq!(answer["results"][0]["meta"], Value::Null);
    let note = map(json!({"span_id": "note1"}));
    let text = Query::read(&note).unwrap().answer(&note, &[owner], &shelf);
    let text = text["results"][0]["output"].as_str().unwrap();
    assert!(text.ends_with("    note: Call Eve\n    sources.run_id: r9\n    sources.span_ids: talk1"), "{text}");
}

#[test]
fn recall_levels_bound_a_query_and_say_so() {
    let applied = |level: &str, more: Value| {
        let mut payload = map(more);
        payload.extend(map(json!({"recall_level": level, "return": "both"})));
        let (owner, shelf) = memory();
        let answer = Query::read(&payload).unwrap().answer(&payload, &[owner], &shelf);
        let meta = answer["results"][0]["meta"].clone();
        let a = &meta["effort"]["applied"];
        let numbers =
            ["limit_spans", "deep_limit_spans", "deep_limit_messages_per_span", "neighbor_hops", "max_messages"];
        let numbers: Vec<i64> = numbers.iter().map(|key| a[key].as_i64().unwrap()).collect();
        let told = meta["warnings"].as_array().map_or(0, Vec::len);
        let output = answer["results"][0]["output"].as_str().unwrap();
        assert_eq!(output.starts_with("[recall warnings]\n- recall_level="), told > 0, "{output}");
        (numbers, a["deep"] == true, a["connected"] == true, told)
    };
    let all = json!({"query": "q", "connected": true, "limit_spans": 99, "deep_limit_spans": 999,
        "deep_limit_messages_per_span": 9999, "neighbor_hops": 9, "max_messages": 9999});
    for (level, more, expected) in [
        ("urgent", json!({}), (vec![2, 0, 0, 0, 30], false, false, 0)),
        ("standard", json!({}), (vec![5, 25, 200, 1, 80], false, false, 0)),
        ("deep", json!({"query": "q", "connected": true}), (vec![8, 50, 400, 1, 200], true, true, 0)),
        ("urgent", all.clone(), (vec![3, 0, 0, 0, 60], false, false, 7)),
        ("standard", all.clone(), (vec![8, 25, 200, 1, 150], true, true, 5)),
        ("deep", all, (vec![20, 100, 400, 2, 600], true, true, 5)),
        ("urgent", json!({"limit_spans": 3, "max_messages": 60}), (vec![3, 0, 0, 0, 60], false, false, 0)),
        ("urgent", json!({"limit_spans": 4, "max_messages": 61}), (vec![3, 0, 0, 0, 60], false, false, 2)),
        ("standard", json!({"max_messages": -1}), (vec![5, 25, 200, 1, 150], false, false, 1)),
    ] {
        assert_eq!(applied(level, more.clone()), expected, "{level} {more}");
    }
}

#[test]
fn a_note_is_kept_with_its_labels_and_sources() {
    let writer = Writer { run_id: "r", actor_id: Some("gateway"), session_id: Some("s"), now: at(0) };
    let payload = map(json!({
        "note": format!("  {}  ", "x".repeat(161)), "tags": {"topic": "sea", "kind": "other", "n": 5, "": "x"},
        "location": " Paris ", "sources": {"span_ids": ["a", "a", 7, ""], "message_ids": []}, "scope": "SESSION",
        "keepInContext": "yes",
    }));
    let note = Note::read(&payload).unwrap();
    assert!(note.keep_in_context && note.scope.as_str() == "session");
    let body = note.body(&writer);
    let expected = json!({"note": "x".repeat(161), "sources": {"run_id": "r", "span_ids": ["a", "7"], "message_ids": []},
        "created_at": at(0), "location": "Paris", "actor_id": "gateway", "session_id": "s"});
    assert_eq!(body, expected);
    assert_eq!(json!(note.artifact_tags()), json!({"kind": "memory_note", "topic": "sea"}));
    let span = note.span("art", &writer);
    let preview = format!("{}… (truncated)", "x".repeat(147));
    assert_eq!((span.text("note_preview"), preview.chars().count()), (Some(preview.as_str()), 160));
    let answer = note.answer(&payload, &span, None);
    assert_eq!(answer["results"][0]["output"], "Stored memory_note span_id=art tags={\"topic\": \"sea\"}");
    assert_eq!(answer["results"][0]["meta"], json!({"span_id": "art", "created_at": at(0), "note_preview": preview}));
    let short = Note::read(&map(json!({"note": "x".repeat(160)}))).unwrap().span("b", &writer);
    assert_eq!(short.text("note_preview").unwrap().len(), 160);
    let plain = json!({"kind": "memory_note", "artifact_id": "b", "created_at": at(0), "from_timestamp": at(0),
        "to_timestamp": at(0), "message_count": 0, "note_preview": "x".repeat(160), "created_by": "gateway"});
    assert_eq!(short.into_value(), plain);
    for (payload, expected) in [
        (json!({"note": "  "}), "MEMORY_NOTE requires payload.note (non-empty string)"),
        (json!({"note": "x", "scope": "all"}), "Unknown memory scope: all"),
    ] {
        assert_eq!(Note::read(&map(payload)).unwrap_err(), expected);
    }
}

#[test]
fn labels_go_on_the_entry_and_numbers_count_from_the_newest() {
    let (owner, _) = memory();
    let tag = |payload: Value| {
        let payload = map(payload);
        let tagging = Tagging::read(&payload)?;
        let tagged = tagging.apply(std::slice::from_ref(&owner), Some("gateway"), at(0))?;
        let answer = tagging.answer(&payload, &tagged);
        let span = tagged[0].span.clone();
        assert_eq!((span.text("tagged_by"), span.get("tagged_at")), (Some("gateway"), Some(&json!(at(0)))));
        Ok::<_, String>((answer["results"][0]["output"].as_str().unwrap().to_owned(), span))
    };
    for (payload, expected) in [
        (
            json!({"span_id": "talk1", "tags": {"person": "Eve"}}),
            "Tagged span_id=talk1 scope=run runs=[r] tags={\"person\": \"Eve\", \"topic\": \"sea\"}",
        ),
        (
            json!({"span_id": "talk1", "tags": {"person": "Eve"}, "merge": false}),
            "Tagged span_id=talk1 scope=run runs=[r] tags={\"person\": \"Eve\"}",
        ),
        (
            json!({"span_id": 1, "tags": {"a": "b"}, "merge": false}),
            "Tagged span_id=talk2 scope=run runs=[r] tags={\"a\": \"b\"}",
        ),
        (
            json!({"span_id": "4", "tags": {"a": "b"}, "merge": false}),
            "Tagged span_id=talk1 scope=run runs=[r] tags={\"a\": \"b\"}",
        ),
    ] {
        let (output, span) = tag(payload.clone()).unwrap();
        assert_eq!(output, expected, "{payload}");
        assert!(span.text("kind").is_some(), "what else is known of it stays");
    }
    for (payload, expected) in [
        (json!({"tags": {"a": "b"}}), "MEMORY_TAG requires payload.span_id"),
        (json!({"span_id": "talk1"}), "MEMORY_TAG requires payload.tags as a non-empty dict[str,str]"),
        (
            json!({"span_id": "talk1", "tags": {"kind": "x", "n": 5}}),
            "MEMORY_TAG requires at least one non-empty string tag",
        ),
        (json!({"span_id": "zzz", "tags": {"a": "b"}}), "Unknown span_id: zzz"),
        (json!({"span_id": 5, "tags": {"a": "b"}}), "Unknown span index: 5"),
        (json!({"span_id": 0, "tags": {"a": "b"}}), "Unknown span index: 0"),
        (json!({"span_id": "x", "tags": {"a": "b"}, "scope": "here"}), "Unknown memory_tag scope: here"),
        (
            json!({"span_id": "1", "tags": {"a": "b"}, "scope": "all"}),
            "memory_tag scope='all' requires span_id as artifact id (no indices)",
        ),
    ] {
        assert_eq!(tag(payload.clone()).unwrap_err(), expected, "{payload}");
    }
}

#[test]
fn a_changed_entry_of_the_python_gateway_keeps_its_place() {
    let (before, _) = memory();
    let vars = map(
        json!({"_runtime": {"memory_spans": [{"artifact_id": "old", "created_at": "2026-01-01T00:00:00Z"}, {"no": 1}, 5]}}),
    );
    let changed = json!({"artifact_id": "old", "created_at": "2026-01-01T00:00:00Z", "tags": {"a": "b"}});
    let owner =
        Owner::new("r", &vars, &[changed, json!({"artifact_id": "new", "created_at": "2026-01-01T00:00:00+00:00"})]);
    let ids: Vec<&str> = owner.spans.iter().map(|s| s.id()).collect();
    assert_eq!(ids, ["new", "old"], "of two that are as old, the one kept later is newer");
    assert_eq!(owner.spans[1].tags().collect::<Vec<_>>(), [("a", "b")]);
    assert_eq!(before.spans.iter().map(|s| s.id()).collect::<Vec<_>>(), ["talk2", "note1", "seen", "talk1"]);
}

/// The conversation as `id` or text of each message.
fn talk(vars: &Map) -> String {
    let name = |m: &Value| messages::id(m).map_or_else(|| messages::content(m), str::to_owned);
    messages::active(vars).iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn archived_messages_go_back_where_they_are_wanted_and_once() {
    let start = json!({"context": {"messages": [
        {"role": "system", "content": "S"},
        {"role": "system", "content": "Σ", "metadata": {"kind": "memory_summary", "source_artifact_id": "talk1"}},
        {"role": "system", "content": "P"},
        {"role": "user", "content": "b", "metadata": {"message_id": "m-b"}},
    ]}});
    for (payload, conversation, counts) in [
        (json!({"span_ids": ["talk1"]}), "S Σ m-krill m-Deep Water P m-b", (2, 0)),
        (json!({"span_id": "talk2"}), "S Σ P m-a m-c m-b", (2, 1)),
        (json!({"span_id": "talk2", "dedup_by": "none"}), "S Σ P m-a m-b m-c m-b", (3, 0)),
        (json!({"span_ids": ["talk1"], "placement": "after_system"}), "S Σ P m-krill m-Deep Water m-b", (2, 0)),
        (json!({"span_ids": ["note1", "seen"], "placement": "end"}), "S Σ P m-b memory_note:note1", (1, 0)),
        (json!({"span_ids": ["talk1", "talk2"], "max_messages": 2}), "S Σ m-krill m-Deep Water P m-b", (2, 0)),
        (json!({"span_ids": ["talk1", "talk2"], "max_messages": 3}), "S Σ m-a m-krill m-Deep Water P m-b", (3, 1)),
        (json!({"span_ids": ["talk1"], "max_messages": 0}), "S Σ P m-b", (0, 0)),
        (
            json!({"span_ids": ["talk1"], "recall_level": "urgent", "max_messages": 0}),
            "S Σ m-krill m-Deep Water P m-b",
            (2, 0),
        ),
        (json!({"span_ids": [1, "9"], "placement": "end"}), "S Σ P m-b m-a m-c", (2, 1)),
        (json!({"span_ids": []}), "S Σ P m-b", (0, 0)),
        (json!({"span_ids": ["lost"]}), "S Σ P m-b", (0, 0)),
    ] {
        let (owner, shelf) = memory();
        let mut vars = map(start.clone());
        let result = Rehydration::read(&map(payload.clone())).unwrap().apply(&owner, &mut vars, &shelf);
        assert_eq!(talk(&vars), conversation, "{payload}");
        assert_eq!((result["inserted"].as_i64().unwrap(), result["skipped"].as_i64().unwrap()), counts, "{payload}");
        let again = Rehydration::read(&map(json!({"span_ids": ["talk1"]}))).unwrap();
        let _ = again.apply(&owner, &mut vars, &shelf);
        assert_eq!(again.apply(&owner, &mut vars, &shelf)["inserted"], 0, "a second time nothing is put back");
    }
    let why = Rehydration::read(&Map::new()).unwrap_err();
    assert_eq!(why, "MEMORY_REHYDRATE requires payload.span_ids (or legacy span_id)");
}

#[test]
fn a_rehydration_tells_what_became_of_each_entry() {
    let (owner, shelf) = memory();
    let mut vars = Map::new();
    let payload =
        map(json!({"span_ids": ["seen", "note1", "lost", "talk2"], "max_messages": 2, "recall_level": "deep"}));
    let result = Rehydration::read(&payload).unwrap().apply(&owner, &mut vars, &shelf);
    let one = |id: &str, inserted: u32, error: Value, kind: Value, preview: Value| json!({"span_id": id, "inserted": inserted, "skipped": 0, "error": error, "kind": kind, "preview": preview});
    let expected = json!([
        one("note1", 1, Value::Null, json!("memory_note"), json!("[MEMORY NOTE]\nCall Eve")),
        one("lost", 0, json!("missing_messages"), Value::Null, Value::Null),
        one("talk2", 1, Value::Null, json!("conversation_span"), json!("user: a")),
        {"span_id": "seen", "inserted": 0, "skipped": 0, "error": null, "kind": "evidence"},
    ]);
    assert_eq!(result["artifacts"], expected);
    assert_eq!(result["effort"], json!({"recall_level": "deep", "applied": {"max_messages": 2}}));
    let marked = messages::active(&vars).iter().find(|m| messages::id(m) == Some("m-a")).unwrap();
    assert_eq!(marked["metadata"], json!({"message_id": "m-a", "rehydrated": true, "source_artifact_id": "talk2"}));
    for (level, asked, applied, told) in [
        ("urgent", Value::Null, 30, 0),
        ("urgent", json!(60), 60, 0),
        ("urgent", json!(61), 60, 1),
        ("standard", json!(201), 200, 1),
        ("deep", json!(800), 800, 0),
        ("deep", json!(-1), 200, 1),
    ] {
        let payload = map(json!({"span_ids": ["talk1"], "recall_level": level, "max_messages": asked}));
        let result = Rehydration::read(&payload).unwrap().apply(&owner, &mut Map::new(), &shelf);
        assert_eq!(result["effort"]["applied"]["max_messages"], applied, "{level} {asked}");
        assert_eq!(result["warnings"].as_array().map_or(0, Vec::len), told, "{level} {asked}");
    }
}

#[test]
fn a_kept_note_is_shown_once() {
    let (mut vars, body) = (Map::new(), json!({"note": "Call Eve", "created_at": "T"}));
    assert_eq!((keep_note(&mut vars, "n", &body), keep_note(&mut vars, "n", &body)), (1, 0));
    let expected = json!([{"role": "system", "content": "[MEMORY NOTE]\nCall Eve", "timestamp": "T", "metadata":
        {"kind": "memory_note", "rehydrated": true, "source_artifact_id": "n", "message_id": "memory_note:n"}}]);
    assert_eq!(json!(messages::active(&vars)), expected);
}

fn said(list: &[&str]) -> Map {
    let message = |text: &&str| {
        let (role, rest) = text.split_once(':').unwrap();
        let mut message = json!({"role": role, "content": rest, "metadata": {"message_id": rest}});
        if role == "calls" {
            message["role"] = "assistant".into();
            message["tool_calls"] =
                rest.split('+').map(|id| json!({"id": id, "function": {"name": "t", "arguments": "{}"}})).collect();
        }
        if role == "tool" {
            message["metadata"]["call_id"] = rest.into();
            message["metadata"]["message_id"] = format!("r{rest}").into();
        }
        message
    };
    map(json!({"context": {"messages": list.iter().map(message).collect::<Vec<_>>()}}))
}

fn summary() -> Summary {
    Summary { text: "In short.".into(), key_points: vec!["p".into()], confidence: Some(0.5) }
}

fn compact(vars: &mut Map, asked: &Compaction) -> Result<usize, String> {
    let cut = asked.cut(vars, at(0), &mut || "new".into())?;
    let by = Archivist { actor_id: None, message_id: "Σ", now: at(0) };
    cut.apply(vars, asked, "arc", &summary(), &by).map_err(|_| "outdated".to_owned())?;
    Ok(cut.older.len())
}

#[test]
fn the_older_part_is_archived_and_the_recent_part_and_instructions_stay() {
    let plain = ["system:S", "user:1", "assistant:2", "system:T", "user:3", "assistant:4"];
    let tools = ["user:1", "calls:a+b", "tool:a", "tool:b", "assistant:2", "user:3"];
    let open = ["user:1", "assistant:2", "calls:a+b", "tool:a"];
    let nothing = |n: usize| Err(format!("Nothing to compact (non-system messages <= preserve_recent={n})."));
    for (list, preserve, expected, older) in [
        (plain.as_slice(), 0, "S T Σ", Ok(4)),
        (&plain, 1, "S T Σ 4", Ok(3)),
        (&plain, 3, "S T Σ 2 3 4", Ok(1)),
        (&plain, 4, "S 1 2 T 3 4", nothing(4)),
        (&plain, 6, "S 1 2 T 3 4", nothing(6)),
        // A result is never without its call, wherever the cut would fall.
        (&tools, 1, "Σ 3", Ok(5)),
        (&tools, 2, "Σ 2 3", Ok(4)),
        (&tools, 3, "Σ a+b ra rb 2 3", Ok(1)),
        (&tools, 4, "Σ a+b ra rb 2 3", Ok(1)),
        // A call whose result is still to come stays.
        (&open, 0, "Σ a+b ra", Ok(2)),
        (&open, 3, "Σ 2 a+b ra", Ok(1)),
        (&["system:S"], 0, "S", nothing(0)),
        (&[], 6, "", Err("No messages to compact.".to_owned())),
    ] {
        let mut vars = said(list);
        let asked = Compaction::read(&map(json!({"preserve_recent": preserve})));
        assert_eq!(compact(&mut vars, &asked), older, "{list:?} {preserve}");
        assert_eq!(talk(&vars), expected, "{list:?} {preserve}");
    }
}

#[test]
fn what_was_said_meanwhile_stays_and_another_conversation_is_not_cut() {
    let asked = Compaction::read(&map(json!({"preserve_recent": 0})));
    let vars = said(&["user:1", "assistant:2"]);
    let cut = asked.cut(&vars, at(0), &mut String::new).unwrap();
    let by = Archivist { actor_id: None, message_id: "Σ", now: at(0) };
    for (list, expected) in [
        (&["user:1", "assistant:2", "user:3"][..], Ok("Σ 3")),
        (&["system:S", "user:1", "assistant:2"], Ok("S Σ")),
        (&["user:1", "assistant:other"], Err(Outdated)),
        (&["user:1"], Err(Outdated)),
    ] {
        let mut now = said(list);
        let applied = cut.apply(&mut now, &asked, "arc", &summary(), &by);
        assert_eq!(applied.map(|_| talk(&now)), expected.map(str::to_owned), "{list:?}");
    }
}

#[test]
fn an_archive_says_what_it_holds_and_the_summary_where_it_is() {
    let mut vars = map(
        json!({"context": {"messages": [{"content": "hi"}, {"role": "assistant", "content": null, "timestamp": "T2"}, 5]}}),
    );
    let payload = map(json!({"preserve_recent": "0", "compression_mode": "HEAVY", "focus": " sea ", "call_id": "c"}));
    let asked = Compaction::read(&payload);
    let mut ids = ["m1", "m2"].into_iter();
    let cut = asked.cut(&vars, at(0), &mut || ids.next().unwrap().to_owned()).unwrap();
    let about = json!({"from_timestamp": at(0), "to_timestamp": "T2", "from_message_id": "m1", "to_message_id": "m2", "message_count": 2});
    let body = cut.body(at(5));
    assert_eq!(
        (&body["span"], &body["created_at"], &body["messages"][0]["role"]),
        (&about, &json!(at(5)), &json!("user"))
    );
    let tags =
        json!({"kind": "conversation_span", "compression_mode": "heavy", "preserve_recent": "0", "focus": "sea"});
    assert_eq!(json!(asked.artifact_tags()), tags);
    let by = Archivist { actor_id: Some("gateway"), message_id: "msg_1", now: at(5) };
    let span = cut.apply(&mut vars, &asked, "arc", &summary(), &by).unwrap();
    let mut expected = json!({"kind": "conversation_span", "artifact_id": "arc", "created_at": at(5), "summary_message_id": "msg_1",
        "compression_mode": "heavy", "focus": "sea", "created_by": "gateway"});
    expected.as_object_mut().unwrap().extend(map(about));
    assert_eq!(span.into_value(), expected);
    let left = &messages::active(&vars)[0];
    assert_eq!(left["content"], "[CONVERSATION HISTORY SUMMARY span_id=arc]: In short.");
    let metadata = json!({"message_id": "msg_1", "kind": "memory_summary", "compression_mode": "heavy", "preserve_recent": 0,
        "source_artifact_id": "arc", "source_message_count": 2, "source_from_timestamp": at(0), "source_to_timestamp": "T2",
        "source_from_message_id": "m1", "source_to_message_id": "m2", "focus": "sea"});
    assert_eq!(left["metadata"], metadata);
    let result = asked.answer(&payload, &cut, "arc", &by, &summary())["results"][0].clone();
    assert_eq!(
        (&result["output"], &result["call_id"]),
        (&json!("Compacted 2 messages into span_id=arc."), &json!("c"))
    );
    let meta = json!({"llm_run_id": null, "span_id": "arc", "summary_message_id": "msg_1", "preserve_recent": 0,
        "compression_mode": "heavy", "focus": "sea", "key_points": ["p"], "confidence": 0.5});
    assert_eq!(result["meta"], meta);
}

#[test]
fn a_compaction_is_read_loosely() {
    for (payload, recent, mode) in [
        (json!({}), 6, "standard"),
        (json!({"preserve_recent": null, "compression_mode": "fierce"}), 6, "standard"),
        (json!({"preserve_recent": -3, "compression_mode": "Light"}), 0, "light"),
        (json!({"preserveRecent": 2, "compressionMode": "heavy"}), 2, "heavy"),
    ] {
        let asked = Compaction::read(&map(payload.clone()));
        assert_eq!((asked.preserve_recent, asked.mode.as_str()), (recent, mode), "{payload}");
    }
}

#[test]
fn a_summary_is_read_from_whatever_a_model_answers() {
    let read = |answer: &str| Summary::read(answer).map(|s| (s.text, s.key_points.len(), s.confidence));
    for (answer, expected) in [
        (r#"{"summary": " s ", "key_points": ["a", 5, null], "confidence": 0.9}"#, Ok(("s".to_owned(), 2, Some(0.9)))),
        ("Here:\n```json\n{\"summary\": \"s\"}\n```", Ok(("s".to_owned(), 0, None))),
        (r#"{"summary": ""}"#, Ok((r#"{"summary": ""}"#.to_owned(), 0, None))),
        (" plain {text} ", Ok(("plain {text}".to_owned(), 0, None))),
        ("  ", Err("the model gave no summary".to_owned())),
    ] {
        assert_eq!(read(answer), expected, "{answer}");
    }
}

#[test]
fn a_long_conversation_is_summarised_in_parts() {
    let vars = said(&["user:äbc", "calls:x"]);
    let older = messages::active(&vars);
    let whole = "user: äbc\nassistant: x [calls t {}]\n";
    for (most, count) in
        [(whole.chars().count(), 1), (whole.chars().count() - 1, 2), (10, 4), (0, whole.chars().count())]
    {
        let parts = parts(older, most);
        assert_eq!((parts.len(), parts.concat().as_str()), (count, whole), "{most}");
    }
    let asked = Compaction::read(&map(json!({"focus": "the sea"})));
    let question = question(&asked, Some("so far"), "user: x");
    for part in ["the sea", "so far", "user: x"] {
        assert!(question.contains(part), "{question}");
    }
}
