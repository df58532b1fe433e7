//! Records are chained as they are stored, and whoever changes the file behind the store's back is found out.

use std::path::Path;

use model::StepRecord;
use model::api::ledger::ProblemKind::{self, Changed, Head, Misplaced, Missing, Truncated, Unchained, Unexpected};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::offline::Offline;
use super::{Options, Sqlite};
use crate::{Commit, Store as _};

fn record(run_id: &str, node: &str) -> StepRecord {
    serde_json::from_value(json!({
        "run_id": run_id, "step_id": "s", "node_id": node, "status": "completed", "started_at": "2026-01-01T00:00:00+00:00"
    }))
    .unwrap()
}

fn records(names: &[&str]) -> Commit {
    let records = names.iter().map(|name| record(&name[..1], name)).collect();
    Commit { records, ..Commit::default() }
}

fn open(folder: &Path) -> Sqlite {
    Sqlite::open(&folder.join("gateway.sqlite3"), Options::default()).unwrap()
}

fn found(folder: &Path, run: &str) -> Vec<(u64, ProblemKind)> {
    let report = Offline::open(&folder.join("gateway.sqlite3")).unwrap().verify_ledger(run).unwrap();
    assert_eq!(report.ok, report.problems.is_empty());
    report.problems.iter().map(|p| (p.cursor, p.kind)).collect()
}

#[tokio::test]
async fn records_are_chained_a_run_across_commits_and_starts() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.commit(records(&["a1", "a2", "b1", "a3"])).await.unwrap();
    store.commit(records(&["b2"])).await.unwrap();
    store.close().await.unwrap();
    let store = open(folder.path());
    store.commit(records(&["a4"])).await.unwrap();
    for (run, len) in [("a", 4), ("b", 2)] {
        let ledger = store.ledger(&run.into(), 0, 10).await.unwrap();
        let ledger: Vec<Value> = ledger.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        assert_eq!((ledger.len(), &ledger[0]["prev_hash"]), (len, &Value::Null));
        assert!(ledger.windows(2).all(|two| two[1]["prev_hash"] == two[0]["record_hash"]));
        // Read only, while the store is open: the server may be running.
        assert_eq!(found(folder.path(), run), []);
        let report = store.verify_ledger(&run.into()).await.unwrap();
        assert_eq!((report.ok, report.records, report.chained_from), (true, len as u64, Some(1)));
        assert_eq!(report.head_hash.as_deref(), ledger[len - 1]["record_hash"].as_str());
    }
}

#[tokio::test]
async fn a_change_of_the_file_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.commit(records(&["a1", "a2", "a3", "a4", "b1", "b2"])).await.unwrap();
    store.close().await.unwrap();
    let path = folder.path().join("gateway.sqlite3");
    let whole = std::fs::read(&path).unwrap();
    let cases: &[(&str, &[(u64, ProblemKind)])] = &[
        ("UPDATE ledger SET record_json = replace(record_json, '\"a2\"', '\"a9\"') WHERE seq = 2", &[(2, Changed)]),
        ("UPDATE ledger SET record_json = CAST(x'FF' AS BLOB) WHERE run_id = 'a' AND seq = 4", &[
            (4, ProblemKind::Unreadable),
            (4, Head),
        ]),
        ("DELETE FROM ledger WHERE run_id = 'a' AND seq = 2", &[(2, Missing)]),
        ("DELETE FROM ledger WHERE run_id = 'a' AND seq IN (1, 2)", &[(1, Missing)]),
        ("DELETE FROM ledger WHERE run_id = 'a' AND seq = 4", &[(4, Truncated)]),
        ("DELETE FROM ledger WHERE run_id = 'a'", &[(1, Truncated)]),
        ("DELETE FROM ledger WHERE run_id = 'a' AND seq = 4; UPDATE ledger_heads SET last_seq = 3 WHERE run_id = 'a'", &[
            (3, Head),
        ]),
        ("UPDATE ledger SET seq = 9 WHERE run_id = 'a' AND seq = 2; UPDATE ledger SET seq = 2 WHERE run_id = 'a' AND seq = 3;
          UPDATE ledger SET seq = 3 WHERE run_id = 'a' AND seq = 9", &[(2, Misplaced), (3, Misplaced), (4, Misplaced)]),
        ("INSERT INTO ledger SELECT run_id, 5, record_json FROM ledger WHERE run_id = 'a' AND seq = 4", &[
            (5, Misplaced),
            (5, Unexpected),
        ]),
        ("UPDATE ledger SET record_json = (SELECT record_json FROM ledger WHERE run_id = 'b' AND seq = 1)
          WHERE run_id = 'a' AND seq = 1", &[(1, Misplaced), (2, Misplaced)]),
        ("UPDATE ledger SET record_json = json_set(record_json, '$.record_hash', NULL) WHERE run_id = 'a' AND seq = 3", &[
            (3, Unchained),
            (4, Misplaced),
        ]),
        ("DELETE FROM ledger_heads WHERE run_id = 'a'", &[(4, Head)]),
    ];
    for (sql, expected) in cases {
        std::fs::write(&path, &whole).unwrap();
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(sql).unwrap();
        drop(conn);
        assert_eq!(found(folder.path(), "a"), *expected, "{sql}");
        assert_eq!(found(folder.path(), "b"), [], "{sql}");
    }
}

#[tokio::test]
async fn the_chain_of_an_old_ledger_begins_with_our_first_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sqlite3");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(include_str!("migrations/0001_reference.sql")).unwrap();
    conn.execute_batch(
        "INSERT INTO ledger VALUES ('a', 1, '{\"run_id\": \"a\", \"x\": NaN, \"record_hash\": null}'),
           ('a', 2, '{\"run_id\": \"a\", \"record_hash\": null}');
         INSERT INTO ledger_heads VALUES ('a', 2);",
    )
    .unwrap();
    drop(conn);
    // Also as it was left by the Python gateway: looking migrates nothing.
    let database = Offline::open(&path).unwrap();
    let report = database.verify_ledger("a").unwrap();
    assert_eq!((report.ok, report.unchained, report.chained_from), (true, 2, None));
    assert_eq!((database.schema_version().unwrap(), database.runs().unwrap()), (0, vec!["a".to_owned()]));
    drop(database);
    let store = open(folder.path());
    store.commit(records(&["a3", "a4"])).await.unwrap();
    store.commit(records(&["a5"])).await.unwrap();
    let report = store.verify_ledger(&"a".into()).await.unwrap();
    assert_eq!((report.ok, report.records, report.unchained, report.chained_from), (true, 5, 2, Some(3)));
    store.close().await.unwrap();
    Connection::open(&path).unwrap().execute("UPDATE ledger SET record_json = '{}' WHERE seq = 3", []).unwrap();
    assert_eq!(found(folder.path(), "a"), [(3, Unchained), (4, Misplaced)]);
}

#[tokio::test]
async fn looking_leaves_nothing_behind_and_needs_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b?%.sqlite3");
    assert!(Offline::open(&path).is_err());
    Sqlite::open(&path, Options::default()).unwrap().close().await.unwrap();
    let database = Offline::open_still(&path).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(database.has_ledgers().unwrap() && database.damage().unwrap().is_empty());
    assert_eq!(database.schema_version().unwrap(), super::offline::SCHEMA_VERSION);
    let copy = folder.path().join("copy");
    database.copy_to(&copy).unwrap();
    assert!(database.copy_to(&copy).is_err());
    assert!(super::offline::is_database(&copy).unwrap());
    std::fs::write(&path, b"SQLite format 3\0 and no more").unwrap();
    assert!(matches!(Offline::open(&path).err(), Some(crate::Error::Corrupt(_))));
}
