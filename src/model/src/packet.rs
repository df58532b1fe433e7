//! Memory packets: assertions of the knowledge graph in the short form that prompts and active memory are made of
//! (contract 07, section 3.6).

use std::collections::HashSet;

use serde_json::json;

use crate::{Map, Value};

/// The version of the form.
pub const VERSION: i64 = 0;

/// The packets of a list of assertions, in its order; what lacks subject, predicate or object is left out, and of equal
/// assertions of one moment the first stays.
#[must_use]
pub fn packets(assertions: &[Value]) -> Vec<Value> {
    let mut seen = HashSet::new();
    assertions.iter().filter_map(|assertion| packet(assertion.as_object()?, &mut seen)).map(Value::Object).collect()
}

fn packet(assertion: &Map, seen: &mut HashSet<[String; 4]>) -> Option<Map> {
    let of = |map: &Map, key: &str| map.get(key).and_then(Value::as_str).map(collapsed).filter(|t| !t.is_empty());
    let inner = |key: &str| assertion.get(key).and_then(Value::as_object);
    let [subject, predicate, object] = ["subject", "predicate", "object"].map(|key| of(assertion, key));
    let (subject, predicate, object) = (subject?, predicate?, object?);
    let observed_at = of(assertion, "observed_at");
    let key = [&subject, &predicate, &object].map(|text| text.to_lowercase());
    let [a, b, c] = key;
    if !seen.insert([a, b, c, observed_at.clone().unwrap_or_default()]) {
        return None;
    }
    let mut packet = Map::from_iter([
        ("version".to_owned(), VERSION.into()),
        ("statement".to_owned(), statement(&subject, &predicate, &object).into()),
        ("subject".to_owned(), subject.into()),
        ("predicate".to_owned(), predicate.into()),
        ("object".to_owned(), object.into()),
    ]);
    let mut add = |key: &str, value: Option<String>| packet.extend(value.map(|v| (key.to_owned(), v.into())));
    add("observed_at", observed_at);
    add("scope", of(assertion, "scope"));
    add("owner_id", of(assertion, "owner_id"));
    for key in ["span_id", "writer_run_id", "writer_workflow_id"] {
        add(key, inner("provenance").and_then(|provenance| of(provenance, key)));
    }
    let score = inner("attributes").and_then(|a| a.get("_retrieval")?.get("score")?.as_f64());
    packet.extend(score.map(|score| ("retrieval_score".to_owned(), json!(score))));
    Some(packet)
}

/// An assertion in one line.
#[must_use]
pub fn statement(subject: &str, predicate: &str, object: &str) -> String {
    format!("{subject} —{predicate}→ {object}")
}

/// The text with every run of white space as one space, and none around it.
#[must_use]
pub fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assertions_become_packets_once() {
        let first = json!({
            "subject": "ex:a", "predicate": "schema:knowsabout", "object": " the\n sea ", "observed_at": "t1", "scope": "run",
            "owner_id": "r", "provenance": {"span_id": "s", "writer_run_id": "r", "writer_workflow_id": " "},
            "attributes": {"_retrieval": {"score": 0.5}},
        });
        let mut again = first.clone();
        again["object"] = "THE SEA".into();
        let mut later = first.clone();
        later["observed_at"] = "t2".into();
        let made = packets(&[first, again, json!({"subject": "ex:a"}), json!(7), later]);
        assert_eq!(made.len(), 2);
        let expected = json!({
            "version": 0, "statement": "ex:a —schema:knowsabout→ the sea", "subject": "ex:a",
            "predicate": "schema:knowsabout", "object": "the sea", "observed_at": "t1", "scope": "run", "owner_id": "r",
            "span_id": "s", "writer_run_id": "r", "retrieval_score": 0.5,
        });
        assert_eq!(made[0], expected);
        assert_eq!(made[1]["observed_at"], "t2");
    }
}
