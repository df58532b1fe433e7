//! Runs that say, ask, wait and listen: everything that happens inside the gateway.

use model::Value;
use serde_json::json;

use super::{PAUSE, Scene, asks, counted, equal, is_ended, said};
use crate::selftest::chaos::witness::{Shown, Violation, of};

/// A long run that says numbers.
pub(super) async fn say(scene: &mut Scene<'_>) -> Result<(), Violation> {
    let times = scene.rng.usize(1..400);
    let run = scene.start("say", json!({"times": times})).await?;
    let (_, records) = scene.end(Shown::new(&run), &run, "completed").await?;
    equal(&run, "what it said", &said(&records), &counted(times))
}

/// The same over a stream, which breaks with every life and is taken up where it broke.
pub(super) async fn follow(scene: &mut Scene<'_>) -> Result<(), Violation> {
    let times = scene.rng.usize(100..600);
    let run = scene.start("say", json!({"times": times})).await?;
    let mut shown = Shown::new(&run);
    while !scene.client.follow(&run, &mut shown).await? {
        tokio::time::sleep(PAUSE).await;
    }
    let (_, records) = scene.end(shown, &run, "completed").await?;
    equal(&run, "what it said", &said(&records), &counted(times))
}

/// A question and its answer.
pub(super) async fn ask(scene: &mut Scene<'_>) -> Result<(), Violation> {
    let run = scene.start("ask", json!({})).await?;
    let mut shown = Shown::new(&run);
    let waiting = scene.until(&mut shown, &run, asks).await?;
    let mark = scene.mark();
    let mut answer = json!({"payload": {"response": mark}});
    if scene.rng.bool() {
        answer["wait_key"] = waiting["waiting"]["wait_key"].clone();
    }
    scene.client.must(&scene.id("answer"), &run, "resume", &answer).await?;
    let (ended, records) = scene.end(shown, &run, "completed").await?;
    equal(&run, "its answer", &ended["output"]["name"], &Value::from(mark))?;
    equal(&run, "answers in its ledger", &of(&records, "resume", "completed").len(), &1)
}

/// A child that asks; its parent ends with the answer.
pub(super) async fn parent(scene: &mut Scene<'_>) -> Result<(), Violation> {
    let run = scene.start("parent", json!({})).await?;
    let mut shown = Shown::new(&run);
    let waiting = scene.until(&mut shown, &run, |run| run["waiting"]["reason"] == "subworkflow").await?;
    let child = waiting["waiting"]["details"]["sub_run_id"].as_str().unwrap_or_default().to_owned();
    let mut child_shown = Shown::new(&child);
    scene.until(&mut child_shown, &child, asks).await?;
    let mark = scene.mark();
    scene.client.must(&scene.id("answer"), &child, "resume", &json!({"payload": {"response": mark}})).await?;
    scene.end(child_shown, &child, "completed").await?;
    let (ended, records) = scene.end(shown, &run, "completed").await?;
    equal(&run, "what its child gave", &ended["output"]["name"], &Value::from(mark))?;
    equal(&run, "children", &scene.children(&run).await?.len(), &1)?;
    equal(&run, "ends of its child in its ledger", &of(&records, "resume", "completed").len(), &1)
}

/// A moment to wait for.
pub(super) async fn wait(scene: &mut Scene<'_>) -> Result<(), Violation> {
    let seconds = scene.rng.f64() * 0.4;
    let run = scene.start("wait", json!({"seconds": seconds})).await?;
    let (_, records) = scene.end(Shown::new(&run), &run, "completed").await?;
    equal(&run, "ends of its wait in its ledger", &of(&records, "resume", "completed").len(), &1)
}

/// A listener that is busy with a model between two words; every word is heard once, in order.
pub(super) async fn listen(scene: &mut Scene<'_>) -> Result<(), Violation> {
    let run = scene.start("listen", json!({})).await?;
    let mut shown = Shown::new(&run);
    scene.until(&mut shown, &run, asks).await?;
    let children = scene.children(&run).await?;
    equal(&run, "listeners", &children.len(), &1)?;
    let listener = children[0]["run_id"].as_str().unwrap_or_default().to_owned();
    let words: Vec<String> = (0..scene.rng.usize(1..6)).map(|i| format!("{} word {i}", scene.mark())).collect();
    for (i, word) in words.iter().enumerate() {
        let event = json!({"name": "word", "session_id": scene.session(), "payload": {"text": word}});
        scene.client.must(&format!("{}-{i}", scene.id("word")), &run, "emit_event", &event).await?;
    }
    let mut heard_shown = Shown::new(&listener);
    while said_so_far(scene, &mut heard_shown, &listener).await? < words.len() {
        tokio::time::sleep(PAUSE).await;
    }
    scene.client.must(&scene.id("enough"), &run, "cancel", &json!({})).await?;
    scene.end(shown, &run, "cancelled").await?;
    let (_, records) = scene.end(heard_shown, &listener, "cancelled").await?;
    let heard: Vec<String> = of(&records, "resume", "completed")
        .iter()
        .map(|r| r["effect"]["payload"]["payload"]["payload"]["text"].as_str().unwrap_or_default().to_owned())
        .collect();
    equal(&listener, "the words it heard", &heard, &words)
}

async fn said_so_far(scene: &Scene<'_>, shown: &mut Shown, listener: &str) -> Result<usize, Violation> {
    shown.look(scene.client).await?;
    let run = scene.client.run(listener).await?;
    if is_ended(&run) {
        return Err(Violation::wrong(listener, format!("the listener ended: {run}")));
    }
    Ok(said(shown.records()).len())
}
