//! Runs that touch the world: models that are asked, tools that change something.

use std::time::Duration;

use model::Value;
use serde_json::json;

use super::{Scene, asks, equal, is_ended};
use crate::selftest::chaos::witness::{Shown, Violation, of};

/// A tool that was left alone by a dying gateway may still write; after this time it has.
const AFTERMATH: Duration = Duration::from_millis(60);

/// A model is asked again only where the ledger says so, and answers once.
pub(super) async fn model(scene: &mut Scene<'_>) -> Result<(), Violation> {
    let mark = scene.mark();
    let run = scene.start("model", json!({"prompt": mark})).await?;
    let (ended, records) = scene.end(Shown::new(&run), &run, "completed").await?;
    let answer = ended["output"]["answer"].as_str().unwrap_or_default();
    equal(&run, "whether the answer is about the prompt", &answer.contains(&mark), &true)?;
    let (began, asked) = (of(&records, "llm_call", "started").len() as u64, scene.stage.model.asked_about(&mark));
    if asked == 0 || asked > began {
        return Err(Violation::repeated(&run, format!("the model was asked {asked} times, the ledger says {began}")));
    }
    Ok(())
}

/// Two commands that each leave a line. Where a death leaves open what was done, the client looks and decides; nothing is
/// done twice behind its back.
pub(super) async fn tools(scene: &mut Scene<'_>) -> Result<(), Violation> {
    let marks = [1, 2].map(|i| format!("{}-{i}", scene.id("line")));
    let lines = scene.stage.folder().join("lines");
    let call = |i: usize| {
        let command = format!("echo {} >> '{}'", marks[i], lines.display());
        json!({"name": "execute_command", "arguments": {"command": command}, "call_id": (i + 1).to_string()})
    };
    let run = scene.start("tools", json!({"calls": [call(0), call(1)]})).await?;
    let mut shown = Shown::new(&run);
    let asked = scene.until(&mut shown, &run, asks).await?;
    let approval = json!({"wait_key": asked["waiting"]["wait_key"], "payload": {"approved": true}});
    scene.client.must(&scene.id("approve"), &run, "resume", &approval).await?;
    let interrupted = |run: &Value| run["waiting"]["details"]["mode"] == "interrupted";
    let (mut decisions, mut skipped) = (0, false);
    loop {
        let now = scene.until(&mut shown, &run, |run| is_ended(run) || interrupted(run)).await?;
        if is_ended(&now) {
            break;
        }
        tokio::time::sleep(AFTERMATH).await;
        let choice = if is_begun(&now["waiting"]["details"]["finished"], &marks, &lines) { "skip" } else { "retry" };
        skipped |= choice == "skip";
        let id = format!("{}-{decisions}", scene.id("decide"));
        let answer = json!({"wait_key": now["waiting"]["wait_key"], "payload": {"choice": choice}});
        scene.client.must(&id, &run, "resume", &answer).await?;
        decisions += 1;
    }
    let (ended, _) = scene.end(shown, &run, "completed").await?;
    let results = ended["output"]["results"].as_array().cloned().unwrap_or_default();
    equal(&run, "results", &results.len(), &marks.len())?;
    for (mark, result) in marks.iter().zip(&results) {
        match times(&lines, mark) {
            0 if result["success"] == true => return Err(Violation::lost(&run, format!("'{mark}' was not done"))),
            0 | 1 if skipped || result["success"] == true => {}
            0 | 1 => return Err(Violation::wrong(&run, format!("'{mark}' failed: {result}"))),
            n => return Err(Violation::repeated(&run, format!("'{mark}' was done {n} times"))),
        }
    }
    Ok(())
}

/// Whether any call without a result has left its line.
fn is_begun(finished: &Value, marks: &[String], lines: &std::path::Path) -> bool {
    let has_result = |i: usize| finished.as_array().is_some_and(|f| f.iter().any(|v| v.as_u64() == Some(i as u64)));
    marks.iter().enumerate().any(|(i, mark)| !has_result(i) && times(lines, mark) > 0)
}

fn times(lines: &std::path::Path, mark: &str) -> usize {
    std::fs::read_to_string(lines).unwrap_or_default().lines().filter(|line| *line == mark).count()
}
