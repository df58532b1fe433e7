use std::path::Path;
use std::time::Instant;

use futures_util::FutureExt;
use model::Map;
use serde_json::json;

use super::*;

fn call(index: usize, name: &str, arguments: Value) -> PlannedCall {
    PlannedCall {
        index,
        name: name.into(),
        arguments: arguments.as_object().cloned().unwrap(),
        call_id: format!("c{index}"),
        runtime_call_id: format!("rt{index}"),
    }
}

fn batch(calls: Vec<PlannedCall>) -> Batch {
    Batch { total: calls.len(), calls, fixed: BTreeMap::new(), approved: true }
}

fn context() -> ToolContext {
    ToolContext {
        policy: Arc::new(ToolPolicy::default()),
        workspace: None,
        cancel: CancellationToken::new(),
        finished: BTreeMap::new(),
        journal: None,
        host: None,
    }
}

fn alive(marker: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(marker) else { return false };
    let Some(pid) = text.trim().parse().ok().and_then(rustix::process::Pid::from_raw) else { return false };
    let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z ")
}

/// Remembers what it was given, and what stood in a file at that moment.
struct Diary {
    file: std::path::PathBuf,
    kept: std::sync::Mutex<Vec<(usize, String)>>,
}

impl Journal for Diary {
    fn keep(&self, index: usize, _: Value) -> BoxFuture<'_, ()> {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        self.kept.lock().unwrap().push((index, text));
        async {}.boxed()
    }
}

#[tokio::test]
async fn results_keep_the_order_of_the_calls() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.txt");
    let path = file.to_str().unwrap();
    let mut calls = batch(vec![
        call(0, "write_file", json!({"file_path": path, "content": "one\n"})),
        call(1, "read_file", json!({"file_path": path})),
        call(2, "list_files", json!({"directory_path": folder.path()})),
        call(3, "read_file", json!({"file_path": "/nowhere/x"})),
        call(5, "no_such_tool", json!({})),
    ]);
    calls.total = 6;
    calls.fixed.insert(4, json!({"call_id": "fixed"}));
    let envelope = execute(&calls, &context()).await;
    let results = envelope["results"].as_array().unwrap();
    let shown: Vec<_> = results.iter().map(|r| (r["call_id"].as_str().unwrap(), r["success"].as_bool())).collect();
    assert_eq!(
        shown,
        [
            ("c0", Some(true)),
            ("c1", Some(true)),
            ("c2", Some(true)),
            ("c3", Some(false)),
            ("fixed", None),
            ("c5", Some(false))
        ]
    );
    assert!(results[1]["output"].as_str().unwrap().ends_with("1: one"));
    assert_eq!(results[5]["error"], "Tool 'no_such_tool' not found");
}

#[tokio::test]
async fn what_changed_the_world_is_kept_before_anything_else_begins() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.txt");
    let path = file.to_str().unwrap();
    let write = |index: usize, text: &str| call(index, "write_file", json!({"file_path": path, "content": text}));
    let calls = batch(vec![
        write(0, "one"),
        call(1, "read_file", json!({"file_path": path})),
        write(2, "two"),
        write(3, "three"),
    ]);
    let diary = Arc::new(Diary { file: file.clone(), kept: std::sync::Mutex::default() });
    let ctx = ToolContext { journal: Some(diary.clone()), ..context() };
    execute(&calls, &ctx).await;
    let kept = diary.kept.lock().unwrap().clone();
    assert_eq!(kept, [(0, "one".to_owned()), (2, "two".to_owned())], "not what reads, not the last");
}

#[tokio::test]
async fn finished_calls_are_not_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.txt");
    let write = json!({"file_path": file, "content": "x"});
    let calls = batch(vec![call(0, "write_file", write.clone()), call(1, "read_file", json!({"file_path": file}))]);
    let finished = BTreeMap::from([(0, json!({"call_id": "c0", "success": true}))]);
    assert!(!is_repeatable(&calls, &BTreeMap::new()));
    assert!(is_repeatable(&calls, &finished));
    let envelope = execute(&calls, &ToolContext { finished, ..context() }).await;
    assert!(!file.exists());
    assert_eq!(envelope["results"][0], json!({"call_id": "c0", "success": true}));
}

#[tokio::test]
async fn a_call_may_not_take_longer_than_the_policy_says() {
    let policy = ToolPolicy { tool_timeout_s: 0.2, ..ToolPolicy::default() };
    let ctx = ToolContext { policy: Arc::new(policy), ..context() };
    let envelope = execute(&batch(vec![call(0, "execute_command", json!({"command": "sleep 30"}))]), &ctx).await;
    assert_eq!(envelope["results"][0]["error"], "Tool execution timed out after 0.2s");
}

/// Starts a shell whose grandchild writes its id to the marker and sleeps.
fn family(marker: &Path) -> String {
    format!("sh -c 'echo $$ > {}; exec sleep 60' & wait", marker.display())
}

async fn until_alive(marker: &Path) {
    while !alive(marker) {
        tokio::task::yield_now().await;
    }
}

/// The group was sent SIGKILL; the kernel needs a moment.
async fn until_dead(marker: &Path) -> bool {
    let started = Instant::now();
    while alive(marker) && started.elapsed() < Duration::from_secs(5) {
        tokio::task::yield_now().await;
    }
    !alive(marker)
}

#[tokio::test]
async fn a_timeout_kills_the_whole_family() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("pid");
    let command = json!({"command": family(&marker), "timeout": 0.5});
    let envelope = execute(&batch(vec![call(0, "execute_command", command)]), &context()).await;
    let result = &envelope["results"][0];
    assert_eq!(result["error"], "Tool timeout after 0.5s");
    assert_eq!((&result["success"], &result["output"]["timeout_s"]), (&json!(false), &json!(0.5)));
    assert!(marker.exists() && until_dead(&marker).await);
}

#[tokio::test]
async fn cancelling_stops_a_command_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("pid");
    let ctx = context();
    let calls = batch(vec![
        call(0, "execute_command", json!({"command": family(&marker)})),
        call(1, "write_file", json!({"file_path": folder.path().join("x"), "content": ""})),
    ]);
    let stop = async {
        until_alive(&marker).await;
        ctx.cancel.cancel();
        Instant::now()
    };
    let (envelope, stopped) = tokio::join!(execute(&calls, &ctx), stop);
    assert!(stopped.elapsed() < Duration::from_millis(500));
    assert_eq!(envelope["results"][0]["error"], "Cancelled: the command was stopped");
    assert_eq!(envelope["results"][1]["error"], "Cancelled before the tool was started");
    assert!(until_dead(&marker).await);
}

#[tokio::test]
async fn dropping_the_execution_stops_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("pid");
    let (ctx, calls) = (context(), batch(vec![call(0, "execute_command", json!({"command": family(&marker)}))]));
    tokio::select! {
        _ = execute(&calls, &ctx) => panic!("it ended"),
        () = until_alive(&marker) => {}
    }
    assert!(until_dead(&marker).await);
}

#[tokio::test]
async fn what_a_command_leaves_behind_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("pid");
    let leave =
        format!("sh -c 'echo $$ > {0}; exec sleep 60' & while [ ! -s {0} ]; do :; done; echo out", marker.display());
    let envelope = execute(&batch(vec![call(0, "execute_command", json!({"command": leave}))]), &context()).await;
    assert_eq!(envelope["results"][0]["output"]["stdout"], "out\n");
    assert!(until_dead(&marker).await);
}

#[tokio::test]
async fn commands_report_what_happened() {
    let folder = tempfile::tempdir().unwrap();
    let policy = Arc::new(ToolPolicy { command_output_bytes_max: 1000, ..ToolPolicy::default() });
    let ctx = ToolContext { policy, ..context() };
    let run = async |command: &str| {
        let arguments = json!({"command": command, "working_directory": folder.path()});
        execute(&batch(vec![call(0, "execute_command", arguments)]), &ctx).await["results"][0].clone()
    };
    let fine = run("printf hello; printf oops >&2; cat").await;
    assert_eq!((&fine["success"], &fine["error"]), (&json!(true), &Value::Null));
    let output = fine["output"].as_object().unwrap();
    for key in [
        "success",
        "error",
        "command",
        "platform",
        "working_directory",
        "duration_s",
        "return_code",
        "stdout",
        "stderr",
        "stdout_preview",
        "stderr_preview",
        "stdout_truncated",
        "stderr_truncated",
        "rendered",
    ] {
        assert!(output.contains_key(key), "{key}");
    }
    assert_eq!(
        (&output["stdout"], &output["stderr"], &output["return_code"]),
        (&json!("hello"), &json!("oops"), &json!(0))
    );
    let failed = run("exit 3").await;
    assert_eq!(
        (&failed["error"], &failed["output"]["return_code"]),
        (&json!("Command completed with non-zero exit code: 3"), &json!(3))
    );
    assert_eq!(run("kill -TERM $$").await["output"]["return_code"], -15);
    for (bytes, cut) in [(1000, false), (1001, true), (1_000_000, true)] {
        let long = run(&format!("head -c {bytes} /dev/zero | tr '\\0' x")).await;
        assert_eq!(long["output"]["stdout_truncated"], cut, "{bytes}");
        assert!(long["output"]["stdout"].as_str().unwrap().len() <= 1100);
    }
    let guarded = run("rm -rf x").await;
    assert!(guarded["error"].as_str().unwrap().starts_with("Refused:"));
    let sly = json!({"command": "rm -rf x", "allow_dangerous": true});
    let sly = execute(&batch(vec![call(0, "execute_command", sly)]), &ctx).await;
    assert_eq!(sly["results"][0]["success"], false);
}

struct Host;

impl HostTools for Host {
    fn call<'a>(
        &'a self,
        call: &'a PlannedCall,
        _: &'a CancellationToken,
    ) -> Option<BoxFuture<'a, Result<Value, String>>> {
        (call.name == "mine").then(|| async { Ok(json!({"ok": false, "message": "not today"})) }.boxed())
    }
}

#[tokio::test]
async fn the_host_may_bring_tools() {
    let ctx = ToolContext { host: Some(Arc::new(Host)), ..context() };
    let envelope = execute(&batch(vec![call(0, "mine", json!({})), call(1, "other", json!({}))]), &ctx).await;
    assert_eq!(envelope["results"][0]["error"], "not today");
    assert_eq!(envelope["results"][1]["error"], "Tool 'other' not found");
}

#[test]
fn batches_survive_storage() {
    let mut stored = batch(vec![call(0, "read_file", json!({"file_path": "a"}))]);
    stored.fixed.insert(7, json!({"x": 1}));
    let text = serde_json::to_string(&stored).unwrap();
    assert_eq!(serde_json::from_str::<Batch>(&text).unwrap(), stored);
    assert!(is_read_only("fetch_url", &Map::new()));
}

#[tokio::test]
async fn a_command_knows_by_what_it_would_be_known_again() {
    let command = json!({"command": "printf %s \"$ABSTRACTGATEWAY_IDEMPOTENCY_KEY\""});
    let first = call(0, "execute_command", command);
    let key = first.runtime_call_id.clone();
    let envelope = execute(&batch(vec![first]), &context()).await;
    assert_eq!((envelope["results"][0]["output"]["stdout"].as_str(), key.is_empty()), (Some(key.as_str()), false));
}

#[test]
fn what_failed_of_a_batch_are_the_calls_that_were_made() {
    let mut calls = batch(vec![call(0, "a", json!({})), call(2, "b", json!({})), call(3, "c", json!({}))]);
    calls.total = 4;
    let good = json!({"success": true});
    let refused = json!({"success": false, "error": "not allowed"});
    let bad = json!({"success": false, "error": "no disk"});
    let envelope = |results: &[&Value]| json!({"results": results});
    assert_eq!(failed(&calls, &envelope(&[&good, &refused, &good, &good])), None, "a refusal is no failure");
    let found = failed(&calls, &envelope(&[&good, &refused, &bad, &good])).unwrap();
    assert_eq!(found.error, "b: no disk");
    assert_eq!(found.succeeded.keys().copied().collect::<Vec<_>>(), [0, 1, 3]);
    assert_eq!(failed(&calls, &json!({})), None);
}
