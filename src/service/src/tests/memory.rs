//! Effects of memory over a real store: whose memory it is, what is kept with which commit, and what a model is asked.

use super::agents::gateway;
use super::model_server::Say;
use super::*;

/// Does the effects in `steps` one after the other and ends with their results, or asks a person when a step is null.
struct Steps;

impl Workflow for Steps {
    fn id(&self) -> &'static str {
        "steps@1:main"
    }

    fn entry(&self) -> &'static str {
        "0"
    }

    fn plan(&self, run: &mut Run, _: &PlanContext) -> Result<StepPlan, PlanError> {
        let at: usize = run.current_node.parse().map_err(|_| PlanError::value("no number"))?;
        let Some(step) = run.vars["steps"].get(at).cloned() else {
            return Ok(StepPlan::Complete(run.vars.get("out").cloned().unwrap_or_default()));
        };
        let ask = json!({"type": "ask_user", "payload": {"prompt": "?"}});
        let mut effect: Effect = serde_json::from_value(if step.is_null() { ask } else { step })
            .map_err(|e| PlanError::value(e.to_string()))?;
        effect.result_key = Some(format!("out.{at}"));
        Ok(StepPlan::Effect { effect, next: Some((at + 1).to_string()) })
    }
}

fn effect(kind: &str, payload: Value) -> Value {
    json!({"type": kind, "payload": payload})
}

fn note(text: &str, scope: &str) -> Value {
    effect("memory_note", json!({"note": text, "scope": scope}))
}

fn query(scope: &str) -> Value {
    effect("memory_query", json!({"scope": scope, "return": "both", "limit_spans": 99}))
}

/// The notes a query has found, sorted.
fn notes(result: &Value) -> Vec<&str> {
    let matches = result["results"][0]["meta"]["matches"].as_array().unwrap();
    let mut notes: Vec<&str> = matches.iter().filter_map(|m| m["note_preview"].as_str()).collect();
    notes.sort_unstable();
    notes
}

impl Bench {
    async fn remembering(&self) -> Arc<crate::planes::Plane> {
        let plane = self.services.plane(&Principal::local_admin(String::new())).await.unwrap();
        let steps: Arc<dyn Workflow> = Arc::new(Steps);
        plane.workflows.replace(HashMap::from([("steps@1:main".to_owned(), steps)]));
        plane
    }

    async fn begin(&self, run_id: &str, session: Option<&str>, vars: Value, steps: Value) {
        let plane = self.remembering().await;
        let mut vars = vars.as_object().cloned().unwrap();
        vars.insert("steps".into(), steps);
        let mut run = Run::new(RunId::from(run_id), "steps@1:main".into(), "0".into(), vars, crate::clock::now());
        run.session_id = session.map(str::to_owned);
        let admission = engine::Admission { run, listeners: vec![], session_owner: None, start_key: None };
        plane.engine.start(admission).await.unwrap();
    }

    /// Runs the steps to their end; gives the run.
    async fn remember(&self, run_id: &str, session: Option<&str>, vars: Value, steps: Value) -> Run {
        self.begin(run_id, session, vars, steps).await;
        let ended = |s: &Value| matches!(s["status"].as_str(), Some("completed" | "failed"));
        self.until(run_id, ended).await;
        self.stored(run_id).await.unwrap()
    }

    async fn stored(&self, run_id: &str) -> Option<Run> {
        let plane = self.remembering().await;
        plane.store.run(&RunId::from(run_id)).await.unwrap().map(|found| found.run)
    }
}

fn out(run: &Run, at: usize) -> &Value {
    let output = run.output.as_ref().unwrap_or_else(|| panic!("{:?}", run.error));
    &output[at.to_string().as_str()]
}

#[tokio::test]
async fn each_scope_is_a_memory_of_its_own_and_owners_are_made_when_they_are_needed() {
    let bench = Bench::open().await;
    let asked = json!([query("run"), query("session"), query("global"), query("all")]);
    let before = bench.remember("r0", Some("s:1"), json!({}), asked.clone()).await;
    assert!(notes(out(&before, 3)).is_empty());
    let owner = model::id::session_owner_run_id("s:1");
    assert!(bench.stored(&owner).await.is_none(), "looking makes nobody");
    let kept = json!([note("mine", "run"), note("ours", "session"), note("everybody's", "global"), query("all")]);
    let first = bench.remember("r1", Some("s:1"), json!({}), kept).await;
    assert_eq!(notes(out(&first, 3)), ["everybody's", "mine", "ours"]);
    for (run_id, session, expected) in [
        ("r2", Some("s:1"), ["", "ours", "everybody's", "everybody's ours"]),
        ("r3", Some("s:2"), ["", "", "everybody's", "everybody's"]),
        ("r4", None, ["", "", "everybody's", "everybody's"]),
    ] {
        let run = bench.remember(run_id, session, json!({}), asked.clone()).await;
        let found: Vec<String> = (0..4).map(|at| notes(out(&run, at)).join(" ")).collect();
        assert_eq!(found, expected, "{run_id}");
    }
    let owner = bench.stored(&owner).await.unwrap();
    assert_eq!((owner.workflow_id.as_str(), owner.current_node.as_str()), ("__session_memory__", "done"));
    assert_eq!((owner.session_id.as_deref(), owner.output), (Some("s:1"), Some(json!({"messages": []}))));
    let everybody = bench.stored("global_memory").await.unwrap();
    assert_eq!((everybody.workflow_id.as_str(), everybody.session_id), ("__global_memory__", None));
    assert_eq!(everybody.vars["_runtime"], json!({"memory_spans": []}));
    let plane = bench.remembering().await;
    let id = out(&first, 1)["results"][0]["meta"]["span_id"].as_str().unwrap();
    let (meta, content) = (plane.artifacts.meta(id).unwrap().unwrap(), plane.artifacts.content(id).unwrap().unwrap());
    assert_eq!((meta.run_id.as_deref(), &meta.tags["kind"]), (Some(&*owner.run_id), &"memory_note".to_owned()));
    let content: Value = serde_json::from_slice(&content).unwrap();
    assert_eq!(
        (&content["note"], &content["session_id"], &content["sources"]["run_id"]),
        (&json!("ours"), &json!("s:1"), &json!("r1"))
    );
}

#[tokio::test]
async fn the_root_of_a_tree_stands_in_for_a_session() {
    let bench = Bench::open().await;
    bench.begin("root", None, json!({}), json!([null])).await;
    let plane = bench.remembering().await;
    let vars = json!({"steps": [note("below", "session")]}).as_object().cloned().unwrap();
    let mut run = Run::new("child".into(), "steps@1:main".into(), "0".into(), vars, crate::clock::now());
    run.parent_run_id = Some("root".into());
    let admission = engine::Admission { run, listeners: vec![], session_owner: None, start_key: None };
    plane.engine.start(admission).await.unwrap();
    bench.until("child", |s| s["status"] == "completed").await;
    let spans = plane.store.spans(&"root".into()).await.unwrap();
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0]["note_preview"], "below");
}

#[tokio::test]
async fn notes_of_many_runs_at_once_are_all_kept() {
    const RUNS: usize = 24;
    let bench = Bench::open().await;
    for n in 0..RUNS {
        let steps = json!([note(&format!("a{n:02}"), "session"), note(&format!("b{n:02}"), "session")]);
        bench.begin(&format!("r{n}"), Some("s"), json!({}), steps).await;
    }
    for n in 0..RUNS {
        bench.until(&format!("r{n}"), |s| s["status"] == "completed").await;
    }
    let run = bench.remember("q", Some("s"), json!({}), json!([query("session")])).await;
    let mut expected: Vec<String> = (0..RUNS).flat_map(|n| [format!("a{n:02}"), format!("b{n:02}")]).collect();
    expected.sort_unstable();
    assert_eq!(notes(out(&run, 0)), expected);
}

#[tokio::test]
async fn a_note_can_be_labelled_shown_and_put_back() {
    let bench = Bench::open().await;
    let steps = json!([
        effect("memory_note", json!({"note": "Call Eve", "keep_in_context": true, "tags": {"topic": "people"}})),
        effect("memory_tag", json!({"span_id": 1, "tags": {"person": "Eve"}})),
        effect("memory_query", json!({"tags": {"person": "eve"}})),
        effect("memory_rehydrate", json!({"span_ids": ["1"]})),
        effect("memory_note", json!({"note": "again", "keep_in_context": true})),
    ]);
    let run = bench.remember("r", None, json!({}), steps).await;
    assert_eq!(out(&run, 0)["results"][0]["meta"]["kept_in_context"], json!({"inserted": 1, "skipped": 0}));
    let text = out(&run, 2)["results"][0]["output"].as_str().unwrap();
    assert!(text.contains("tags: person=Eve, topic=people") && text.contains("note: Call Eve"), "{text}");
    assert_eq!((&out(&run, 3)["inserted"], &out(&run, 3)["skipped"]), (&json!(0), &json!(1)));
    let said = run.vars["context"]["messages"].as_array().unwrap();
    assert_eq!((said.len(), &said[0]["content"]), (2, &json!("[MEMORY NOTE]\nCall Eve")));
    let plane = bench.remembering().await;
    assert_eq!(plane.store.spans(&run.run_id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_the_python_gateway_has_left_is_found_labelled_and_not_rewritten() {
    let bench = Bench::open().await;
    let plane = bench.remembering().await;
    let mut owner = crate::runs::session_owner("s", Timestamp::EPOCH);
    let old = json!({"kind": "memory_note", "artifact_id": "old", "created_at": "2026-01-01T00:00:00Z", "note_preview": "left"});
    owner.vars["_runtime"]["memory_spans"] = json!([old]);
    let write = store::RunWrite { run: owner.clone(), private: Value::Null, expected: None, only_if_absent: false };
    plane.store.commit(store::Commit { runs: vec![write], ..store::Commit::default() }).await.unwrap();
    let steps = json!([
        note("new", "session"),
        effect("memory_tag", json!({"span_id": "2", "tags": {"a": "b"}, "scope": "session"})),
        effect("memory_query", json!({"scope": "session", "return": "both", "tags": {"a": "b"}})),
        query("session"),
    ]);
    let run = bench.remember("r", Some("s"), json!({}), steps).await;
    assert_eq!((notes(out(&run, 2)), notes(out(&run, 3))), (vec!["left"], vec!["left", "new"]));
    let found = plane.store.run(&owner.run_id).await.unwrap().unwrap();
    assert_eq!((found.version, found.run), (1, owner), "the owner is not written again");
}

#[tokio::test]
async fn a_wrong_effect_fails_its_run_unless_a_model_asked_for_it() {
    let bench = Bench::open().await;
    for (n, (kind, payload, why)) in [
        ("memory_note", json!({}), "MEMORY_NOTE requires payload.note (non-empty string)"),
        ("memory_note", json!({"note": "x", "target_run_id": "nobody"}), "Unknown target_run_id: nobody"),
        ("memory_query", json!({"scope": "x"}), "Unknown memory_query scope: x"),
        ("memory_tag", json!({"span_id": "x", "tags": {"a": "b"}}), "Unknown span_id: x"),
        ("memory_rehydrate", json!({}), "MEMORY_REHYDRATE requires payload.span_ids (or legacy span_id)"),
    ]
    .into_iter()
    .enumerate()
    {
        let run = bench.remember(&format!("f{n}"), None, json!({}), json!([effect(kind, payload.clone())])).await;
        assert_eq!(run.error, Some(format!("Effect failed after 1 attempts: {why}")), "{kind}");
        let mut told = payload;
        told["call_id"] = "c1".into();
        let run = bench.remember(&format!("m{n}"), None, json!({}), json!([effect(kind, told)])).await;
        let result = &out(&run, 0)["results"][0];
        let read = (&result["call_id"], &result["success"], &result["error"]);
        assert_eq!(read, (&json!("c1"), &json!(false), &json!(why)), "{kind}");
    }
}

fn conversation(count: usize) -> Value {
    let said: Vec<Value> = (0..count)
        .map(|n| json!({"role": if n % 2 == 0 { "user" } else { "assistant" }, "content": format!("line {n}")}))
        .collect();
    json!({"context": {"messages": said}})
}

const SHORT: &str = r#"{"summary": "They counted.", "key_points": ["lines"], "confidence": 0.8}"#;

#[tokio::test]
async fn a_compacted_conversation_is_summarised_archived_found_and_put_back() {
    let (bench, server) = gateway(vec![Say::Text(SHORT)], &[]).await;
    let steps = json!([
        effect("memory_compact", json!({"preserve_recent": 2, "focus": "numbers"})),
        effect("memory_query", json!({"query": "line 3", "return": "both"})),
        effect("memory_query", json!({"query": "they counted"})),
        effect("memory_rehydrate", json!({"span_ids": [1], "max_messages": 1})),
        effect("memory_compact", json!({"preserve_recent": 9})),
    ]);
    let run = bench.remember("r", None, conversation(6), steps).await;
    let meta = &out(&run, 0)["results"][0]["meta"];
    let id = meta["span_id"].as_str().unwrap();
    assert_eq!(out(&run, 0)["results"][0]["output"], format!("Compacted 4 messages into span_id={id}."));
    assert_eq!(
        (&meta["key_points"], &meta["confidence"], &meta["llm_run_id"]),
        (&json!(["lines"]), &json!(0.8), &Value::Null)
    );
    assert_eq!(out(&run, 1)["results"][0]["meta"]["span_ids"], json!([id]));
    assert!(out(&run, 2)["results"][0]["output"].as_str().unwrap().contains("They counted."));
    assert_eq!(out(&run, 3)["inserted"], 1);
    let idle = "Nothing to compact (non-system messages <= preserve_recent=9).";
    assert_eq!(out(&run, 4)["results"][0]["output"], idle);
    let said: Vec<&str> =
        run.vars["context"]["messages"].as_array().unwrap().iter().map(|m| m["content"].as_str().unwrap()).collect();
    assert_eq!(said[1..], ["line 0", "line 4", "line 5"]);
    assert_eq!(said[0], format!("[CONVERSATION HISTORY SUMMARY span_id={id}]: They counted."));
    let asked = server.bodies();
    assert_eq!(asked.len(), 1, "an idle compaction asks nobody");
    let prompt = asked[0]["messages"].to_string();
    assert!(prompt.contains("numbers") && prompt.contains("line 3") && !prompt.contains("line 4"), "{prompt}");
}

#[tokio::test]
async fn a_conversation_longer_than_the_window_is_summarised_in_parts() {
    let (bench, server) = gateway(vec![Say::Text("first"), Say::Text("second"), Say::Text("all of it")], &[]).await;
    let long = json!({"context": {"messages": [{"role": "user", "content": "x".repeat(9_000)}]}, "_limits": {"max_tokens": 100}});
    let run = bench.remember("r", None, long, json!([effect("memory_compact", json!({"preserve_recent": 0}))])).await;
    let left = run.vars["context"]["messages"][0]["content"].as_str().unwrap();
    assert!(left.ends_with(": all of it"), "{left}");
    let asked = server.bodies();
    assert_eq!(asked.len(), 3);
    assert!(asked[2]["messages"].to_string().contains("second"));
}

#[tokio::test]
async fn a_model_that_says_nothing_leaves_the_conversation_alone() {
    let (bench, _server) = gateway(vec![Say::Text("  ")], &[]).await;
    let steps = json!([effect("memory_compact", json!({"preserve_recent": 0}))]);
    let run = bench.remember("r", None, conversation(2), steps).await;
    let why = "Effect failed after 1 attempts: the conversation could not be summarised: the model gave no summary";
    assert_eq!((run.error.as_deref(), &run.vars["context"]), (Some(why), &conversation(2)["context"]));
    let plane = bench.remembering().await;
    assert!(plane.store.spans(&run.run_id).await.unwrap().is_empty());
}

#[tokio::test]
async fn another_run_is_changed_only_when_it_has_ended() {
    let (bench, server) = gateway(vec![Say::Text(SHORT)], &[]).await;
    bench.remember("ended", None, conversation(3), json!([note("n", "run")])).await;
    bench.begin("active", None, conversation(3), json!([null])).await;
    let at = |kind: &str, target: &str| {
        effect(
            kind,
            json!({"target_run_id": target, "preserve_recent": 1, "span_ids": [1], "note": "x", "keep_in_context": true}),
        )
    };
    let steps = json!([
        at("memory_rehydrate", "ended"),
        at("memory_compact", "ended"),
        at("memory_note", "ended"),
        at("memory_note", "active")
    ]);
    let run = bench.remember("r", None, json!({}), steps).await;
    assert_eq!(out(&run, 0)["inserted"], 1);
    assert!(out(&run, 1)["results"][0]["output"].as_str().unwrap().starts_with("Compacted 2 messages"));
    assert_eq!(out(&run, 2)["results"][0]["meta"]["kept_in_context"]["inserted"], 1);
    assert!(out(&run, 3)["results"][0]["meta"]["kept_in_context"]["error"].is_string());
    let ended = bench.stored("ended").await.unwrap();
    let said: Vec<&str> =
        ended.vars["context"]["messages"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap()).collect();
    assert_eq!(said, ["system", "system", "user", "system"]);
    assert_eq!(bench.stored("active").await.unwrap().vars["context"], conversation(3)["context"]);
    for kind in ["memory_rehydrate", "memory_compact"] {
        let run = bench.remember(&format!("no-{kind}"), None, json!({}), json!([at(kind, "active")])).await;
        assert!(run.error.as_deref().unwrap().contains("run 'active' is active"), "{:?}", run.error);
    }
    let run = bench.remember("lost", None, json!({}), json!([at("memory_compact", "nobody")])).await;
    assert_eq!(run.error.as_deref(), Some("Effect failed after 1 attempts: Unknown target_run_id: nobody"));
    assert_eq!(server.bodies().len(), 1);
}
