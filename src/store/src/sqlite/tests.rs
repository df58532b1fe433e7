use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use model::command::CommandOutcome;
use model::{Command, CommandKind, Map, Run, RunStatus, StepRecord, Timestamp, Wait, WaitReason};
use serde_json::json;

use super::*;
use crate::{Decision, NewDelivery, RunWrite, SpanWrite};

fn open(folder: &Path) -> Sqlite {
    Sqlite::open(&folder.join("gateway.sqlite3"), Options::default()).unwrap()
}

fn run(id: &str, micros: i64) -> Run {
    Run::new(id.into(), "b@1:f".into(), "start".into(), Map::new(), Timestamp::from_micros(micros))
}

fn write(run: Run, expected: i64) -> RunWrite {
    RunWrite { run, private: json!({"ordinal": 7}), expected: Some(expected), only_if_absent: false }
}

fn record(run_id: &str, node: &str) -> StepRecord {
    serde_json::from_value(json!({
        "run_id": run_id, "step_id": "s", "node_id": node, "status": "completed", "started_at": "2026-01-01T00:00:00+00:00"
    }))
    .unwrap()
}

fn command(id: &str, run_id: &str) -> Command {
    Command {
        command_id: id.into(),
        run_id: run_id.into(),
        kind: CommandKind::Cancel,
        payload: Map::new(),
        ts: "now".into(),
        client_id: None,
        seq: 0,
    }
}

#[tokio::test]
async fn origins_are_kept_in_order_and_go_with_their_run() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let origin = |ordinal, state: &str| Origin { run_id: "r".into(), ordinal, state: state.into() };
    let commit = |origins| Commit { origins, ..Commit::default() };
    let start = Commit { runs: vec![write(run("r", 1), 0)], ..commit(vec![origin(0, "{}")]) };
    store.commit(start).await.unwrap();
    store.commit(commit(vec![origin(12, "[]"), origin(3, "1")])).await.unwrap();
    let kept = store.origins(&"r".into()).await.unwrap();
    assert_eq!(kept, [origin(0, "{}"), origin(3, "1"), origin(12, "[]")]);
    assert_eq!(store.origins(&"other".into()).await.unwrap(), []);
    store.delete(vec!["r".into()]).await.unwrap();
    assert_eq!(store.origins(&"r".into()).await.unwrap(), []);
}

#[tokio::test]
async fn a_commit_is_read_back_whole_also_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut waiting = run("r", 5);
    waiting.status = RunStatus::Waiting;
    waiting.waiting = Some(Wait { until: Some("2030-01-01T00:00:00+00:00".into()), ..Wait::new(WaitReason::Until) });
    let commit = Commit {
        runs: vec![write(waiting.clone(), 0)],
        records: vec![record("r", "a"), record("r", "b")],
        deliveries: vec![NewDelivery { run_id: "r".into(), wait_key: "k".into(), envelope: json!({"x": 1}) }],
        ..Commit::default()
    };
    let done = store.commit(commit).await.unwrap();
    assert_eq!((done.cursors, done.versions), (vec![("r".into(), 2)], vec![("r".into(), 1)]));
    store.close().await.unwrap();
    assert!(matches!(store.health().await, Err(Error::Closed)));
    let store = open(folder.path());
    let snapshot = store.run(&"r".into()).await.unwrap().unwrap();
    assert_eq!((snapshot.run, snapshot.private, snapshot.version), (waiting, json!({"ordinal": 7}), 1));
    let unfinished = store.unfinished().await.unwrap();
    assert_eq!(unfinished[0].wait_until.as_deref(), Some("2030-01-01T00:00:00+00:00"));
    let page = store.ledger(&"r".into(), 1, 10).await.unwrap();
    assert!(page.len() == 1 && page[0].contains("\"node_id\":\"b\""));
    let deliveries = store.deliveries(&"r".into()).await.unwrap();
    store.commit(Commit { consumed: vec![deliveries[0].id], ..Commit::default() }).await.unwrap();
    assert!(store.deliveries(&"r".into()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_stale_write_stores_nothing_and_harms_no_neighbour() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    store.commit(Commit { runs: vec![write(run("r", 1), 0)], ..Commit::default() }).await.unwrap();
    let stale = Commit { runs: vec![write(run("r", 2), 0)], records: vec![record("r", "a")], ..Commit::default() };
    let good = Commit { runs: vec![write(run("q", 2), 0)], records: vec![record("q", "a")], ..Commit::default() };
    let (stale, good) = tokio::join!(store.commit(stale), store.commit(good));
    assert!(matches!(stale, Err(Error::Stale(id)) if &*id == "r"));
    assert!(good.is_ok());
    assert_eq!((store.ledger_len(&"r".into()).await.unwrap(), store.ledger_len(&"q".into()).await.unwrap()), (0, 1));
}

#[tokio::test]
async fn concurrent_commits_are_gap_free() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    let writes = (0..64).map(|i| {
        let store = store.clone();
        async move {
            let id = format!("r{}", i % 4);
            let records = vec![record(&id, &format!("n{i}")), record(&id, "x")];
            store.commit(Commit { records, ..Commit::default() }).await
        }
    });
    let mut tasks = tokio::task::JoinSet::new();
    writes.for_each(|w| drop(tasks.spawn(w)));
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    for i in 0..4 {
        assert_eq!(store.ledger(&format!("r{i}").into(), 0, 1000).await.unwrap().len(), 32);
    }
}

#[tokio::test]
async fn commands_are_taken_once_and_decided_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = store.append_command(command("c1", "r")).await.unwrap();
    assert_eq!((first.seq, first.duplicate), (1, false));
    let again = store.append_command(command("c1", "other")).await.unwrap();
    assert_eq!((again.seq, again.duplicate), (1, true));
    assert_eq!(store.pending_commands(Some("r")).await.unwrap().len(), 1);
    let decide = |outcome| Commit { decided: vec![Decision { seq: 1, outcome, error: None }], ..Commit::default() };
    store.commit(decide(CommandOutcome::Applied)).await.unwrap();
    store.commit(decide(CommandOutcome::Rejected)).await.unwrap();
    assert_eq!(store.command("c1").await.unwrap().unwrap().outcome, CommandOutcome::Applied);
    assert!(store.pending_commands(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_start_key_starts_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let start = |id: &str| Commit {
        runs: vec![write(run(id, 1), 0)],
        start_key: Some(StartKey { key: "k".into(), fingerprint: "f".into(), run_id: id.into() }),
        ..Commit::default()
    };
    assert!(store.commit(start("a")).await.unwrap().started_before.is_none());
    assert_eq!(&*store.commit(start("b")).await.unwrap().started_before.unwrap().run_id, "a");
    assert!(store.run(&"b".into()).await.unwrap().is_none());
}

#[tokio::test]
async fn paging_shows_each_run_once_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let runs = (0..23).map(|i| write(run(&format!("r{i:02}"), i / 3), 0)).collect();
    store.commit(Commit { runs, ..Commit::default() }).await.unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let query = RunQuery { limit: 5, cursor, ledger_len: true, metrics: true, ..RunQuery::default() };
        let page = store.list(query).await.unwrap();
        assert!(page.rows.len() <= 5);
        seen.extend(page.rows.iter().map(|r| r.summary.run_id.to_string()));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let mut expected: Vec<_> = (0..23).map(|i| format!("r{i:02}")).collect();
    expected.reverse();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sqlite3");
    drop(Sqlite::open(&path, Options::default()).unwrap());
    let store = Sqlite::open(&path, Options { max_page_count: Some(60), ..Options::default() }).unwrap();
    let mut big = run("big", 1);
    big.vars.insert("x".into(), "x".repeat(4 << 20).into());
    let refused = store
        .commit(Commit { runs: vec![write(big, 0)], records: vec![record("big", "a")], ..Commit::default() })
        .await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert!(store.run(&"big".into()).await.unwrap().is_none());
    store.commit(Commit { runs: vec![write(run("small", 1), 0)], ..Commit::default() }).await.unwrap();
}

#[tokio::test]
async fn a_database_of_the_python_gateway_opens_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sqlite3");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(include_str!("migrations/0001_reference.sql")).unwrap();
    let stored = json!({"run_id": "old", "workflow_id": "b@1:f", "status": "waiting", "current_node": "q",
        "vars": {"_meta": {}}, "waiting": {"reason": "user", "wait_key": "user:old:q"}, "actor_id": "gateway",
        "created_at": "2026-01-01T00:00:00+00:00", "updated_at": "2026-01-01T00:00:00+00:00"});
    let nan = stored.to_string().replace("\"_meta\":{}", "\"n\":NaN");
    let insert = "INSERT INTO runs(run_id, workflow_id, status, wait_reason, actor_id, created_at, updated_at, run_json)
        VALUES (?1, 'b@1:f', 'waiting', 'user', 'gateway', '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00', ?2)";
    conn.execute(insert, ["old", &nan]).unwrap();
    conn.execute(insert, ["torn", "{"]).unwrap();
    conn.execute("INSERT INTO ledger VALUES ('old', 1, '{\"node_id\": NaN}')", []).unwrap();
    conn.execute_batch(
        "INSERT INTO commands(command_id, run_id, type, payload_json, ts) VALUES
           ('c1', 'old', 'pause', '{}', 't'), ('c2', 'old', 'cancel', '{}', 't');
         INSERT INTO command_cursors VALUES ('gateway_runner', 1, 't');",
    )
    .unwrap();
    drop(conn);
    for _ in 0..2 {
        let store = open(folder.path());
        let snapshot = store.run(&"old".into()).await.unwrap().unwrap();
        assert_eq!(snapshot.run.waiting.unwrap().wait_key.as_deref(), Some("user:old:q"));
        assert!(store.run(&"torn".into()).await.unwrap().is_none());
        let listed = store.list(RunQuery { limit: 10, ..RunQuery::default() }).await.unwrap();
        assert_eq!(listed.rows.len(), 1);
        let pending = store.pending_commands(None).await.unwrap();
        assert_eq!(pending.iter().map(|c| c.command_id.as_str()).collect::<Vec<_>>(), ["c2"]);
        assert_eq!(store.ledger(&"old".into(), 0, 5).await.unwrap(), ["{\"node_id\":null}"]);
        store.close().await.unwrap();
    }
}

#[test]
fn a_newer_database_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sqlite3");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refused = Sqlite::open(&path, Options::default()).err();
    assert!(matches!(refused, Some(Error::Newer { found: 99, .. })));
}

#[tokio::test]
async fn many_may_open_a_new_database_together() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            let opened: Vec<_> = (0..8).map(|_| scope.spawn(|| open(folder.path()))).collect();
            opened.into_iter().for_each(|thread| drop(thread.join().unwrap()));
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_stays_bounded_under_constant_readers() {
    const LOG_BYTES: u64 = 512 << 10;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sqlite3");
    let store = Arc::new(Sqlite::open(&path, Options { log_bytes: LOG_BYTES, ..Options::default() }).unwrap());
    store.commit(Commit { records: vec![record("r", "a"); 500], ..Commit::default() }).await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (store, over) = (store.clone(), over.clone());
        readers.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                store.ledger(&"r".into(), 0, 500).await.unwrap();
            }
        });
    }
    let mut largest = 0;
    for i in 0..200 {
        let mut record = record("big", &i.to_string());
        record.result = Some(json!("x".repeat(32 << 10)));
        store.commit(Commit { records: vec![record], ..Commit::default() }).await.unwrap();
        largest = largest.max(std::fs::metadata(folder.path().join("gateway.sqlite3-wal")).unwrap().len());
    }
    over.store(true, Ordering::Relaxed);
    while let Some(done) = readers.join_next().await {
        done.unwrap();
    }
    // Six and a half megabytes went through it; a try or two may have met a reader that took its time.
    assert!(largest < 4 * LOG_BYTES, "{largest}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_read_share_few_connections_and_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sqlite3");
    let store = Arc::new(Sqlite::open(&path, Options { readers: 3, ..Options::default() }).unwrap());
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut asking = tokio::task::JoinSet::new();
    for at in 0..60 {
        let (store, now, most) = (store.clone(), now.clone(), most.clone());
        let reads = async move {
            let query = move |_: &Connection| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(3));
                now.fetch_sub(1, Ordering::SeqCst);
                if at % 5 == 0 { Err(rusqlite::Error::InvalidQuery) } else { Ok(at) }
            };
            store.read(query).await
        };
        // Some leave before they are answered; their queries go on.
        let patience = Duration::from_millis(if at % 7 == 0 { 1 } else { 10_000 });
        asking.spawn(async move { tokio::time::timeout(patience, reads).await });
    }
    let mut answered = 0;
    while let Some(done) = asking.join_next().await {
        answered += usize::from(done.unwrap().is_ok_and(|answer| answer.is_ok()));
    }
    assert!(answered >= 40, "{answered}");
    assert_eq!(most.load(Ordering::SeqCst), 3, "and no fewer");
    assert!((1..=3).contains(&store.readers.idle.lock().len()));
}

#[tokio::test]
async fn a_reader_that_takes_its_time_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sqlite3");
    let store = Sqlite::open(&path, Options { log_bytes: 256 << 10, ..Options::default() }).unwrap();
    store.commit(Commit { records: vec![record("r", "a")], ..Commit::default() }).await.unwrap();
    let reader = Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM ledger").unwrap();
    let len = || std::fs::metadata(folder.path().join("gateway.sqlite3-wal")).unwrap().len();
    let write = async || {
        let mut record = record("r", "b");
        record.result = Some(json!("x".repeat(64 << 10)));
        store.commit(Commit { records: vec![record], ..Commit::default() }).await.unwrap();
    };
    for _ in 0..12 {
        write().await;
    }
    assert!(len() > 512 << 10, "the reader still needs what is in the log: {}", len());
    drop(reader);
    for _ in 0..6 {
        write().await;
    }
    assert!(len() < 512 << 10, "{}", len());
}

fn child(id: &str, parent: &str, micros: i64) -> Run {
    Run { parent_run_id: Some(parent.into()), ..run(id, micros) }
}

#[tokio::test]
async fn a_tree_is_read_level_by_level_and_deleted_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let runs = [run("r", 1), child("b", "r", 3), child("a", "r", 2), child("a1", "a", 9), child("b1", "b", 4)];
    let mut runs: Vec<_> = runs.into_iter().map(|run| write(run, 0)).collect();
    runs.push(write(child("loop", "loop", 1), 0));
    let records = vec![record("r", "x"), record("a1", "x"), record("other", "x")];
    store.commit(Commit { runs, records, ..Commit::default() }).await.unwrap();
    store.append_command(command("c", "b1")).await.unwrap();
    let tree = async |id: &str, limit| -> Vec<String> {
        store.tree(&id.into(), limit).await.unwrap().into_iter().map(|r| r.run_id.to_string()).collect()
    };
    assert_eq!(tree("r", 99).await, ["r", "a", "b", "b1", "a1"]);
    assert_eq!(tree("r", 3).await, ["r", "a", "b"]);
    assert_eq!((tree("loop", 99).await, tree("zzz", 99).await), (vec!["loop".to_owned()], vec![]));
    let ids = tree("r", 99).await.into_iter().map(RunId::from).collect();
    assert_eq!(store.delete(ids).await.unwrap(), Deleted { runs: 5, ledger_records: 2, commands: 1 });
    assert_eq!((tree("r", 99).await, store.ledger_len(&"other".into()).await.unwrap()), (vec![], 1));
    // What an owner still holds of a deleted run is not stored any more.
    let late = Commit { runs: vec![write(run("r", 1), 1)], records: vec![record("r", "late")], ..Commit::default() };
    assert!(matches!(store.commit(late).await, Err(Error::Stale(_))));
    assert_eq!(store.ledger_len(&"r".into()).await.unwrap(), 0);
}

#[tokio::test]
async fn the_turns_of_a_session_go_back_from_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let of = |id: &str, session: &str, micros| Run { session_id: Some(session.into()), ..run(id, micros) };
    let internal = Run { workflow_id: "__session_memory__".into(), ..of("m", "s", 1) };
    let sub = Run { parent_run_id: Some("b".into()), ..of("sub", "s", 2) };
    let runs = [of("a", "s", 1), of("b", "s", 2), of("c", "s", 2), of("d", "s", 3), of("x", "t", 1), internal, sub];
    let runs = runs.into_iter().map(|run| write(run, 0)).collect();
    store.commit(Commit { runs, ..Commit::default() }).await.unwrap();
    for (from, micros, limit, expected) in
        [("d", 3, 9, vec!["d", "c", "b", "a"]), ("b", 2, 9, vec!["b", "a"]), ("d", 3, 2, vec!["d", "c"])]
    {
        let before = SessionPlace { created_at: Timestamp::from_micros(micros).to_string(), run_id: from.into() };
        let roots = store.session_roots("s", before, limit).await.unwrap();
        assert_eq!(roots.iter().map(|r| &*r.run_id).collect::<Vec<_>>(), expected, "{from} {limit}");
    }
}

/// Stores runs with ledgers of some megabytes; gives their ids.
async fn fill(store: &Sqlite) -> Vec<RunId> {
    let ids: Vec<RunId> = (0..8).map(|i| RunId::from(format!("r{i}"))).collect();
    for id in &ids {
        let large = |i| StepRecord { error: Some("x".repeat(200_000)), ..record(id, &format!("s{i}")) };
        let records = (0..4).map(large).collect();
        store.commit(Commit { runs: vec![write(run(id, 1), 0)], records, ..Commit::default() }).await.unwrap();
    }
    ids
}

#[tokio::test]
async fn the_disk_gets_back_what_deleted_runs_took() {
    let folder = tempfile::tempdir().unwrap();
    let len = || std::fs::metadata(folder.path().join("gateway.sqlite3")).unwrap().len();
    let store = open(folder.path());
    assert!(store.room().await.unwrap().gives_back);
    let ids = fill(&store).await;
    store.delete(ids).await.unwrap();
    let until = async {
        while len() > 2 << 20 || store.room().await.unwrap().bytes > 2 << 20 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), until).await.unwrap();
    assert!(store.room().await.unwrap().free_bytes <= 256 * 4096);
    store.commit(Commit { runs: vec![write(run("late", 1), 0)], ..Commit::default() }).await.unwrap();
}

#[tokio::test]
async fn a_database_made_without_the_means_is_written_anew_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.sqlite3");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE t(x); DROP TABLE t; PRAGMA user_version = 0").unwrap();
    let store = open(folder.path());
    assert!(!store.room().await.unwrap().gives_back);
    let mut ids = fill(&store).await;
    let kept = ids.pop().unwrap();
    store.delete(ids).await.unwrap();
    assert!(store.room().await.unwrap().free_bytes > 4 << 20);
    store.compact().await.unwrap();
    let room = store.room().await.unwrap();
    assert!(room.gives_back && room.free_bytes == 0 && room.bytes < 2 << 20, "{room:?}");
    assert_eq!(store.ledger_len(&kept).await.unwrap(), 4);
    assert!(store.verify_ledger(&kept).await.unwrap().ok);
}

#[tokio::test]
async fn entries_of_memory_keep_their_order_and_come_and_go_with_their_commit_and_owner() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let span = |owner: &str, id: &str, text: &str| SpanWrite {
        owner: owner.into(),
        span_id: id.into(),
        span: json!({"artifact_id": id, "note_preview": text}),
    };
    let spans = vec![span("r", "b", "first"), span("r", "a", "second"), span("other", "b", "theirs")];
    store.commit(Commit { runs: vec![write(run("r", 1), 0)], spans, ..Commit::default() }).await.unwrap();
    store.commit(Commit { spans: vec![span("r", "b", "changed")], ..Commit::default() }).await.unwrap();
    let stale = Commit { runs: vec![write(run("r", 1), 7)], spans: vec![span("r", "c", "")], ..Commit::default() };
    assert!(matches!(store.commit(stale).await, Err(Error::Stale(_))));
    let texts = async |owner: &str| -> Vec<String> {
        let spans = store.spans(&owner.into()).await.unwrap();
        spans.iter().map(|s| s["note_preview"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts("r").await, ["changed", "second"]);
    store.delete(vec!["r".into()]).await.unwrap();
    assert_eq!((texts("r").await, texts("other").await), (vec![], vec!["theirs".to_owned()]));
}
