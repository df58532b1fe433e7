//! Effects of memory in the flow of a run.

use super::*;

#[tokio::test]
async fn an_effect_of_memory_changes_the_run_and_a_refused_one_fails_it() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(folder.path());
    let id = bench.start("notes", "r").await;
    let run = bench.status(&id, RunStatus::Failed).await;
    assert_eq!(run.vars["note"], "n");
    assert!(run.vars["a"]["kept_as"].is_string());
    assert_eq!(run.error.as_deref(), Some("Effect failed after 1 attempts: there is no such note"));
    let expected = [
        "start started memory_note",
        "start completed memory_note",
        "more started memory_query",
        "more failed memory_query",
        "more completed emit_event",
    ];
    assert_eq!(bench.ledger(&id).await, expected);
}
