//! The operations as a face calls them: row, checked input, answer.

mod agents;
mod fork;
mod history;
mod memory;
mod model_server;
mod purge;
mod schedules;
mod starts;
mod storage;
mod talk;

use std::collections::HashMap;
use std::sync::Arc;

use model::workflow::{PlanContext, PlanError, StepPlan, Workflow};
use model::{Code, Effect, Error, Map, Principal, Run, RunId, Timestamp, Value};
use serde_json::json;

use crate::{Body, Call, Open, Services, Settings, operations};

/// Asks a person, then completes with the answer.
struct Ask;

impl Workflow for Ask {
    fn id(&self) -> &'static str {
        "ask@1:main"
    }

    fn entry(&self) -> &'static str {
        "ask"
    }

    fn plan(&self, run: &mut Run, _: &PlanContext) -> Result<StepPlan, PlanError> {
        if run.current_node == "end" {
            return Ok(StepPlan::Complete(run.vars["answer"]["response"].clone()));
        }
        let effect: Effect =
            serde_json::from_value(json!({"type": "ask_user", "payload": {"prompt": "?"}, "result_key": "answer"}))
                .map_err(|e| PlanError::value(e.to_string()))?;
        Ok(StepPlan::Effect { effect, next: Some("end".into()) })
    }
}

/// Open services on a data directory of their own.
pub(crate) struct Bench {
    pub(crate) services: Arc<Services>,
    folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn open() -> Self {
        Self::with(&[]).await
    }

    /// The same with further environment variables.
    pub(crate) async fn with(env: &[(&str, &str)]) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), env).await
    }

    /// The same on a folder that may hold data.
    async fn open_in(folder: tempfile::TempDir, env: &[(&str, &str)]) -> Self {
        let data_dir = folder.path().to_str().unwrap().to_owned();
        let lookup = |name: &str| match name {
            "ABSTRACTGATEWAY_DATA_DIR" => Some(data_dir.clone()),
            other => env.iter().find(|(n, _)| *n == other).map(|(_, value)| (*value).to_owned()),
        };
        let settings = Settings::from_env(&lookup).unwrap();
        let services = Services::open(settings, Open { runner: true }).await.unwrap();
        Self { services, folder }
    }

    /// The run's summary once it is as wanted; looks again whenever its ledger grows.
    async fn until(&self, run_id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let plane = self.services.plane(&Principal::local_admin(String::new())).await.unwrap();
        let mut changes = plane.engine.watch(&RunId::from(run_id));
        loop {
            changes.mark_unchanged();
            let shown = self.json("runs.show", json!({"run_id": run_id})).await.unwrap();
            if wanted(&shown) {
                return shown;
            }
            let change = tokio::time::timeout(std::time::Duration::from_secs(20), changes.changed()).await;
            assert!(change.is_ok(), "the run stays as it is: {shown:#}");
        }
    }

    /// The run's variables.
    async fn vars(&self, run_id: &str) -> Map {
        let plane = self.services.plane(&Principal::local_admin(String::new())).await.unwrap();
        plane.store.run(&RunId::from(run_id)).await.unwrap().unwrap().run.vars
    }

    pub(crate) async fn answer(&self, name: &str, input: Value) -> Result<crate::Answer<crate::Json>, Error> {
        self.answer_to(Principal::local_admin(String::new()), name, input).await
    }

    async fn answer_to(
        &self,
        principal: Principal,
        name: &str,
        input: Value,
    ) -> Result<crate::Answer<crate::Json>, Error> {
        let bound = operations().into_iter().find(|b| b.row.name == name).unwrap();
        let Value::Object(mut full) = input else { unreachable!() };
        for field in bound.row.fields {
            if let Some(default) = field.default.filter(|_| !full.contains_key(field.name)) {
                full.insert(field.name.into(), serde_json::from_str(default).unwrap());
            }
        }
        (bound.run)(self.services.clone(), Call::local(principal), full).await
    }

    pub(crate) async fn json(&self, name: &str, input: Value) -> Result<Value, Error> {
        self.json_to(Principal::local_admin(String::new()), name, input).await
    }

    /// What somebody else than the local admin is answered.
    pub(crate) async fn json_to(&self, principal: Principal, name: &str, input: Value) -> Result<Value, Error> {
        match self.answer_to(principal, name, input).await?.body {
            Body::Json(json) => json.value(),
            other => panic!("{name} answered {other:?}"),
        }
    }

    async fn start(&self, run_id: &str) {
        let plane = self.services.plane(&Principal::local_admin(String::new())).await.unwrap();
        let ask: Arc<dyn Workflow> = Arc::new(Ask);
        plane.workflows.replace(HashMap::from([("ask@1:main".to_owned(), ask)]));
        let run = Run::new(RunId::from(run_id), "ask@1:main".into(), "ask".into(), Map::new(), Timestamp::EPOCH);
        let admission = engine::Admission { run, listeners: vec![], session_owner: None, start_key: None };
        plane.engine.start(admission).await.unwrap();
    }
}

#[test]
fn every_row_is_bound_once() {
    let names = |mut names: Vec<&'static str>| {
        names.sort_unstable();
        names
    };
    let rows = names(model::api::rows().iter().map(|row| row.name).collect());
    let bound = names(operations().iter().map(|bound| bound.row.name).collect());
    assert_eq!(rows, bound);
}

#[tokio::test]
async fn a_run_is_shown_listed_answered_and_read() {
    let bench = Bench::open().await;
    bench.start("r").await;
    let shown = bench.json("runs.show", json!({"run_id": "r"})).await.unwrap();
    assert_eq!((&shown["status"], &shown["waiting"]["wait_key"]), (&json!("waiting"), &json!("user:r:ask")));
    let listed = bench.json("runs.list", json!({"status": "WAITING"})).await.unwrap();
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["ledger_len"]), (1, &json!(2)));
    let command = json!({"command_id": "c", "run_id": "r", "type": "resume", "payload": {"payload": {"response": 7}}});
    let taken = bench.json("commands.send", command.clone()).await.unwrap();
    assert_eq!(taken, json!({"accepted": true, "duplicate": false, "seq": 1}));
    assert_eq!(bench.json("runs.show", json!({"run_id": "r"})).await.unwrap()["output"], json!(7));
    assert_eq!(bench.json("commands.send", command).await.unwrap()["duplicate"], true);
    let page = bench.json("ledger.read", json!({"run_id": "r", "after": 3})).await.unwrap();
    assert_eq!((page["items"].as_array().unwrap().len(), &page["next_after"]), (2, &json!(5)));
    let batch = json!({"runs": [{"run_id": "r"}, {"run_id": "zzz"}], "limit": 2});
    let pages = bench.json("ledger.batch", batch).await.unwrap();
    assert_eq!(pages["runs"].as_object().unwrap().keys().collect::<Vec<_>>(), ["r"]);
    assert_eq!(pages["runs"]["r"]["next_after"], 2);
}

#[tokio::test]
async fn a_stream_replays_follows_and_ends_with_done() {
    let bench = Bench::open().await;
    bench.start("r").await;
    let Body::Stream { mut chunks, .. } = bench.answer("ledger.follow", json!({"run_id": "r"})).await.unwrap().body
    else {
        panic!("a stream was expected")
    };
    let command = json!({"command_id": "c", "run_id": "r", "type": "resume", "payload": {"payload": {"response": 7}}});
    bench.json("commands.send", command).await.unwrap();
    let mut text = String::new();
    while let Some(chunk) = chunks.recv().await {
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let ids: Vec<_> = text.lines().filter_map(|l| l.strip_prefix("id: ")).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5"]);
    assert!(text.ends_with("event: done\ndata: {\"run_id\":\"r\",\"cursor\":5,\"status\":\"terminal\"}\n\n"), "{text}");
    let resumed = json!({"run_id": "r", "last-event-id": "4"});
    let Body::Stream { mut chunks, .. } = bench.answer("ledger.follow", resumed).await.unwrap().body else {
        panic!("a stream was expected")
    };
    let mut text = String::new();
    while let Some(chunk) = chunks.recv().await {
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert_eq!(text.matches("event: step").count(), 1, "{text}");
}

#[tokio::test]
async fn unknown_runs_and_words_are_refused_with_a_code() {
    let bench = Bench::open().await;
    for (name, input, code) in [
        ("runs.show", json!({"run_id": "zzz"}), Code::RunNotFound),
        ("runs.list", json!({"status": "asleep"}), Code::BadRequest),
        ("ledger.read", json!({"run_id": "zzz"}), Code::RunNotFound),
        ("ledger.follow", json!({"run_id": "zzz"}), Code::RunNotFound),
        ("ledger.batch", json!({"runs": [5]}), Code::Validation),
        ("commands.send", json!({"command_id": "", "run_id": "zzz", "type": "cancel"}), Code::RunNotFound),
        ("commands.send", json!({"command_id": "", "run_id": "zzz", "type": "explode"}), Code::BadRequest),
    ] {
        assert_eq!(bench.answer(name, input.clone()).await.unwrap_err().code, code, "{name} {input}");
    }
}

#[tokio::test]
async fn a_second_gateway_on_the_same_data_is_refused() {
    let bench = Bench::open().await;
    let again = Services::open(bench.services.settings.clone(), Open { runner: true }).await;
    assert_eq!(again.err().unwrap().code, Code::Conflict);
    bench.services.close().await;
}

#[tokio::test]
async fn every_plane_with_a_database_is_brought_to_life() {
    let bench = Bench::open().await;
    let dir = bench.services.settings.plane_dir("default", "alice").join("runtime");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("gateway.sqlite3"), b"").unwrap();
    let known = crate::planes::Planes::known(&bench.services.settings).unwrap();
    assert_eq!(known.len(), 2);
}

/// The bundle `b@1` of one flow, `f`.
pub(crate) fn bundle(nodes: Value, edges: Value) -> Vec<u8> {
    let raw = json!({"id": "f", "nodes": nodes, "edges": edges});
    let entrypoint = flow::bundle::Entrypoint {
        flow_id: "f".into(),
        name: None,
        description: String::new(),
        interfaces: Vec::new(),
    };
    let manifest = flow::bundle::Manifest {
        bundle_id: "b".into(),
        bundle_version: "1".into(),
        created_at: String::new(),
        entrypoints: vec![entrypoint],
        default_entrypoint: None,
        flows: [("f".to_owned(), "flows/f.json".to_owned())].into(),
        metadata: Map::new(),
    };
    flow::bundle::Bundle { manifest, flows: [("f".to_owned(), flow::bundle::Authored::of(&raw))].into() }
        .pack()
        .unwrap()
}

/// An execution pin, then text pins.
pub(crate) fn pins(ids: &[&str], exec: &str) -> Value {
    let mut pins = vec![json!({"id": exec, "type": "execution"})];
    pins.extend(ids.iter().map(|id| json!({"id": id, "type": "string"})));
    Value::Array(pins)
}

/// The bundle `b@1`: start, ask, end.
pub(crate) fn ask_flow() -> Vec<u8> {
    let nodes = json!([
        {"id": "s", "type": "on_flow_start", "data": {"outputs": pins(&["prompt"], "exec-out")}},
        {"id": "q", "type": "ask_user", "data": {"inputs": pins(&["prompt"], "exec-in"), "outputs": pins(&["response"], "exec-out")}},
        {"id": "e", "type": "on_flow_end", "data": {"inputs": pins(&["response"], "exec-in")}},
    ]);
    let edge = |s: &str, sh: &str, t: &str, th: &str| json!({"source": s, "sourceHandle": sh, "target": t, "targetHandle": th});
    let edges = json!([
        edge("s", "exec-out", "q", "exec-in"),
        edge("q", "exec-out", "e", "exec-in"),
        edge("s", "prompt", "q", "prompt"),
        edge("q", "response", "e", "response"),
    ]);
    bundle(nodes, edges)
}

impl Bench {
    pub(crate) async fn upload(&self, bytes: &[u8]) -> Result<Value, Error> {
        let path = self.services.settings.data_dir.join("upload.flow");
        std::fs::write(&path, bytes).unwrap();
        let file = json!({"file_name": "b.flow", "path": path, "size_bytes": bytes.len()});
        self.json("bundles.upload", json!({"file": file, "overwrite": true})).await
    }
}

#[tokio::test]
async fn an_uploaded_bundle_runs() {
    let bench = Bench::open().await;
    let uploaded = bench.upload(&ask_flow()).await.unwrap();
    assert_eq!((&uploaded["bundle_ref"], &uploaded["gateway_reloaded"]), (&json!("b@1"), &json!(true)));
    let listed = bench.json("bundles.list", json!({})).await.unwrap();
    assert_eq!(listed["items"][0]["entrypoints"][0]["workflow_id"], "b@1:f");
    let start = json!({"bundle_id": "b", "input_data": {"prompt": "who?"}, "idempotency-key": "k"});
    let run = bench.json("runs.start", start.clone()).await.unwrap()["run_id"].clone();
    assert_eq!(bench.json("runs.start", start).await.unwrap()["run_id"], run, "the same key is the same run");
    let other = json!({"bundle_id": "b", "input_data": {"prompt": "other"}, "idempotency-key": "k"});
    assert_eq!(bench.answer("runs.start", other).await.unwrap_err().code, Code::IdempotencyMismatch);
    let shown = bench.json("runs.show", json!({"run_id": run})).await.unwrap();
    assert_eq!((&shown["workflow_id"], &shown["waiting"]["prompt"]), (&json!("b@1:f"), &json!("who?")));
    let command =
        json!({"command_id": "c", "run_id": run, "type": "resume", "payload": {"payload": {"response": "me"}}});
    bench.json("commands.send", command).await.unwrap();
    let shown = bench.json("runs.show", json!({"run_id": run})).await.unwrap();
    assert_eq!(shown["output"], json!({"response": "me", "success": true}));
}

#[tokio::test]
async fn a_broken_bundle_is_reported_and_blocks_nothing() {
    let bench = Bench::open().await;
    bench.upload(&ask_flow()).await.unwrap();
    assert_eq!(bench.upload(b"not a zip").await.unwrap_err().code, Code::BundleInvalid);
    let flows = bench.services.settings.data_dir.join("flows");
    std::fs::write(flows.join("torn.flow"), b"PK").unwrap();
    let broken = bundle(json!([{"id": "x", "type": "teleport", "data": {}}]), json!([]));
    std::fs::write(flows.join("b@2.flow"), broken).unwrap();
    let reloaded = bench.json("bundles.reload", json!({})).await.unwrap();
    let codes: Vec<_> = reloaded["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["duplicate", "not_a_zip"]);
    bench.json("runs.start", json!({"bundle_id": "b"})).await.unwrap();
    for (input, code) in [
        (json!({"bundle_id": "zz"}), Code::WorkflowNotFound),
        (json!({}), Code::BadRequest),
        (json!({"bundle_id": "b", "registry_scope": "weird"}), Code::BadRequest),
        (json!({"bundle_id": "b", "registry_scope": "tenant"}), Code::Unsupported),
    ] {
        assert_eq!(bench.answer("runs.start", input).await.unwrap_err().code, code);
    }
}
