use std::path::Path;

use serde_json::json;

use super::super::{Options, Sqlite, schema};
use super::*;
use crate::{Commit, Store};

fn open(folder: &Path) -> Sqlite {
    Sqlite::open(&folder.join("gateway.sqlite3"), Options::default()).unwrap()
}

/// `owner subject predicate object at`, scope `session`.
fn triple(id: &str, line: &str) -> Triple {
    let parts: Vec<&str> = line.split(' ').collect();
    let [owner, subject, predicate, object, at] = parts[..] else { unreachable!() };
    Triple {
        assertion_id: id.into(),
        subject: subject.into(),
        predicate: predicate.into(),
        object: object.into(),
        scope: "session".into(),
        owner_id: owner.into(),
        observed_at: at.into(),
        valid_from: None,
        valid_until: None,
        confidence: Some(0.5),
        provenance: Map::from_iter([("writer_run_id".into(), json!("r"))]),
        attributes: Map::new(),
        text: format!("{subject} {predicate} {object}"),
    }
}

fn once(triple: Triple) -> NewTriple {
    NewTriple { triple, beside_equal: false }
}

async fn store(store: &Sqlite, triples: Vec<NewTriple>) {
    store.commit(Commit { triples, ..Commit::default() }).await.unwrap();
}

/// The ids a query finds.
async fn ids(store: &Sqlite, query: TripleQuery) -> Vec<String> {
    let limit = if query.limit == 0 { 100 } else { query.limit };
    let found = store.triples(TripleQuery { limit, ..query }).await.unwrap();
    found.into_iter().map(|f| f.triple.assertion_id).collect()
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn an_assertion_is_read_back_whole_also_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path());
    let mut written = triple("1", "o ex:a schema:name Alice t1");
    (written.valid_from, written.valid_until) = (text("2026"), text("2027"));
    store(&database, vec![once(written.clone())]).await;
    database.close().await.unwrap();
    let database = open(folder.path());
    let found = database.triples(TripleQuery { limit: 9, ..TripleQuery::default() }).await.unwrap();
    assert_eq!(found, [FoundTriple { triple: written, words_found: None }]);
}

#[tokio::test]
async fn equal_assertions_of_one_owner_are_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path());
    let line = "o ex:a schema:name Alice t1";
    let twin = NewTriple { triple: triple("5", line), beside_equal: true };
    store(&database, vec![once(triple("1", line)), once(triple("2", "o ex:a schema:name ALICE t2"))]).await;
    store(&database, vec![once(triple("3", line)), once(triple("4", "p ex:a schema:name Alice t1")), twin]).await;
    let of = |owner: &str| TripleQuery { owner_id: text(owner), ..TripleQuery::default() };
    assert_eq!(ids(&database, of("o")).await, ["5", "1"]);
    assert_eq!(ids(&database, of("p")).await, ["4"]);
    let mut other = triple("6", line).key();
    assert_eq!(database.known_triples(vec![other.clone()]).await.unwrap(), [true]);
    other.scope = "run".into();
    assert_eq!(database.known_triples(vec![other]).await.unwrap(), [false]);
}

#[tokio::test]
async fn a_refused_commit_stores_no_assertion() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path());
    let run = model::Run::new("r".into(), "w".into(), "n".into(), Map::new(), model::Timestamp::EPOCH);
    let write = crate::RunWrite { run, private: json!({}), expected: Some(7), only_if_absent: false };
    let triples = vec![once(triple("1", "o ex:a schema:name Alice t1"))];
    assert!(database.commit(Commit { runs: vec![write], triples, ..Commit::default() }).await.is_err());
    assert!(ids(&database, TripleQuery::default()).await.is_empty());
}

#[tokio::test]
async fn queries_filter_order_and_stop() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path());
    let mut bounded = triple("4", "p ex:c rdf:type schema:person t4");
    (bounded.valid_from, bounded.valid_until) = (text("t2"), text("t5"));
    let lines = ["o ex:a schema:name Alice t1", "o ex:a rdf:type schema:person t3", "o ex:b schema:name Bob t2"];
    let mut all: Vec<_> = lines.iter().zip(["1", "2", "3"]).map(|(line, id)| once(triple(id, line))).collect();
    all.push(once(bounded));
    store(&database, all).await;
    let none = TripleQuery::default;
    for (query, expected) in [
        (none(), "4 2 3 1"),
        (TripleQuery { oldest_first: true, ..none() }, "1 3 2 4"),
        (TripleQuery { limit: 2, ..none() }, "4 2"),
        (TripleQuery { subject: text("ex:a"), ..none() }, "2 1"),
        (TripleQuery { predicates: vec!["schema:name".into()], ..none() }, "3 1"),
        (TripleQuery { predicates: vec!["schema:name".into(), "rdf:type".into()], ..none() }, "4 2 3 1"),
        (TripleQuery { object: text("alice"), ..none() }, "1"),
        (TripleQuery { owner_id: text("o"), scope: text("session"), ..none() }, "2 3 1"),
        (TripleQuery { owner_id: text("o"), scope: text("run"), ..none() }, ""),
        (TripleQuery { since: text("t2"), until: text("t3"), ..none() }, "2 3"),
        (TripleQuery { active_at: text("t1"), subject: text("ex:c"), ..none() }, ""),
        (TripleQuery { active_at: text("t2"), subject: text("ex:c"), ..none() }, "4"),
        (TripleQuery { active_at: text("t5"), subject: text("ex:c"), ..none() }, ""),
        (TripleQuery { words: vec!["alice".into(), "name".into()], ..none() }, "1 3"),
        (TripleQuery { words: vec!["person".into()], owner_id: text("p"), ..none() }, "4"),
        (TripleQuery { words: vec!["\" OR *".into()], ..none() }, ""),
        (TripleQuery { words: vec!["name".into(), "bob".into()], words_of_object: true, ..none() }, "3"),
    ] {
        assert_eq!(ids(&database, query.clone()).await.join(" "), expected, "{query:?}");
    }
    let words = TripleQuery { words: vec!["alice".into(), "name".into()], limit: 9, ..none() };
    let found = database.triples(words).await.unwrap();
    assert_eq!(found.iter().map(|f| f.words_found).collect::<Vec<_>>(), [Some(2), Some(1)]);
}

#[tokio::test]
async fn deleting_a_run_deletes_what_only_it_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(folder.path());
    let own = Triple { scope: "run".into(), ..triple("1", "r ex:a schema:name Alice t1") };
    store(&database, vec![once(own), once(triple("2", "r ex:a schema:name Alice t1"))]).await;
    database.delete(vec!["r".into()]).await.unwrap();
    assert_eq!(ids(&database, TripleQuery { words: vec!["alice".into()], ..TripleQuery::default() }).await, ["2"]);
}

#[test]
fn every_query_goes_through_an_index() {
    let mut conn = schema::open_writer(Path::new(":memory:"), &Options::default()).unwrap();
    schema::migrate(&mut conn).unwrap();
    let plan = |sql: &str, values: Vec<Sql>| -> Vec<String> {
        let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        explain.query_map(params_from_iter(values), |row| row.get(3)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let none = || TripleQuery { limit: 9, ..TripleQuery::default() };
    let owned = || TripleQuery { owner_id: text("o"), scope: text("run"), ..none() };
    for (wanted, index, sorts) in [
        (none(), "idx_triples_observed", false),
        (TripleQuery { since: text("t"), ..none() }, "idx_triples_observed", false),
        (TripleQuery { scope: text("run"), ..none() }, "idx_triples_scope", false),
        (owned(), "idx_triples_owner", false),
        (TripleQuery { oldest_first: true, ..owned() }, "idx_triples_owner", false),
        (TripleQuery { subject: text("s"), ..none() }, "idx_triples_subject", true),
        (TripleQuery { predicates: vec!["p".into()], ..none() }, "idx_triples_predicate", false),
        (TripleQuery { object: text("o"), ..none() }, "idx_triples_object", true),
        (TripleQuery { subject: text("s"), ..owned() }, "idx_triples_subject", false),
        (TripleQuery { object: text("s"), ..owned() }, "idx_triples_object", false),
        (TripleQuery { subject: text("s"), predicates: vec!["p".into()], ..owned() }, "idx_triples_subject", false),
    ] {
        let (sql, values) = sql(&wanted);
        let steps = plan(&sql, values);
        assert!(steps[0].contains(index), "{wanted:?}: {steps:?}");
        assert_eq!(steps.iter().any(|s| s.contains("ORDER BY")), sorts, "{wanted:?}: {steps:?}");
    }
    let (words, values) = sql(&TripleQuery { words: vec!["w".into()], ..owned() });
    let steps = plan(&words, values);
    assert!(steps.iter().any(|s| s.contains("VIRTUAL TABLE")), "{steps:?}");
    assert!(steps.iter().any(|s| s.contains("SEARCH t USING INTEGER PRIMARY KEY")), "{steps:?}");
    let five = ["o", "s", "a", "b", "c"].map(|v| v.to_owned().into()).to_vec();
    assert!(plan(KNOWN, five).iter().any(|s| s.contains("COVERING INDEX idx_triples_once")));
}
