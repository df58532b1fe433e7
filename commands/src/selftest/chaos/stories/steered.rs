//! Runs that are cancelled, paused and scheduled.

use std::time::Duration;

use serde_json::json;

use super::{PAUSE, Scene, counted, equal, is_ended, said};
use crate::selftest::chaos::stage::BUNDLE;
use crate::selftest::chaos::witness::{Shown, Violation};

/// A run that would never end is cancelled, in whatever it is at.
pub(super) async fn cancel(scene: &mut Scene<'_>) -> Result<(), Violation> {
    let run = match scene.rng.u8(0..3) {
        0 => scene.start("ask", json!({})).await?,
        1 => scene.start("wait", json!({"seconds": 3600})).await?,
        _ => scene.start("parent", json!({})).await?,
    };
    tokio::time::sleep(Duration::from_millis(scene.rng.u64(0..40))).await;
    scene.client.must(&scene.id("cancel"), &run, "cancel", &json!({"reason": "enough"})).await?;
    let (ended, _) = scene.end(Shown::new(&run), &run, "cancelled").await?;
    equal(&run, "why it was cancelled", &ended["error"], &json!("enough"))?;
    for child in scene.children(&run).await? {
        let child = child["run_id"].as_str().unwrap_or_default().to_owned();
        scene.end(Shown::new(&child), &child, "cancelled").await?;
    }
    Ok(())
}

/// A busy run is paused: it takes no step until it is told to, and then all of them.
pub(super) async fn pause(scene: &mut Scene<'_>) -> Result<(), Violation> {
    let times = scene.rng.usize(1000..2500);
    let run = scene.start("say", json!({"times": times})).await?;
    let mut shown = Shown::new(&run);
    let paused = scene.client.command(&scene.id("pause"), &run, "pause", &json!({})).await;
    if paused.status == 200 {
        let now = scene.until(&mut shown, &run, |run| is_ended(run) || run["paused"] == true).await?;
        if !is_ended(&now) {
            stand_still(scene, &mut shown, &run).await?;
            scene.client.must(&scene.id("go"), &run, "resume", &json!({})).await?;
        }
    } else if paused.body["code"] != "run_terminal" {
        return Err(Violation::wrong(&run, format!("pause was refused with {}: {}", paused.status, paused.body)));
    }
    let (_, records) = scene.end(shown, &run, "completed").await?;
    equal(&run, "what it said", &said(&records), &counted(times))
}

async fn stand_still(scene: &mut Scene<'_>, shown: &mut Shown, run: &str) -> Result<(), Violation> {
    shown.look(scene.client).await?;
    let before = shown.len();
    for _ in 0..scene.rng.u8(1..12) {
        tokio::time::sleep(PAUSE).await;
        shown.look(scene.client).await?;
        let now = scene.client.run(run).await?;
        if now["paused"] != true || shown.len() != before {
            let what = format!("it was paused at {before} records and moved to {}: {now}", shown.len());
            return Err(Violation::wrong(run, what));
        }
    }
    Ok(())
}

/// A schedule has as many executions as were asked for.
pub(super) async fn schedule(scene: &mut Scene<'_>) -> Result<(), Violation> {
    let body = json!({
        "bundle_id": BUNDLE, "flow_id": "wait", "input_data": {"seconds": 0}, "interval": "0.1s", "repeat_count": 3,
        "session_id": scene.session(),
    });
    let run = scene.client.start("/gateway/runs/schedule", &scene.id("schedule"), &body).await?;
    scene.end(Shown::new(&run), &run, "completed").await?;
    let children = scene.children(&run).await?;
    for child in &children {
        let child = child["run_id"].as_str().unwrap_or_default().to_owned();
        scene.end(Shown::new(&child), &child, "completed").await?;
    }
    match children.len() {
        3 => Ok(()),
        n if n > 3 => Err(Violation::repeated(&run, format!("it has {n} executions instead of 3"))),
        n => Err(Violation::lost(&run, format!("it has {n} executions instead of 3"))),
    }
}
