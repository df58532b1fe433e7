//! What clients were told and shown, and whether it is there.
//!
//! May not know: what a story is about. Invariant: a judgement names the run and what is wrong with it, so that it can be
//! looked at in the scratch directory.

use std::collections::HashMap;

use model::Value;
use serde::Serialize;

use super::client::Client;

/// How many records a page has.
const PAGE: usize = 500;

/// A broken promise.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Violation {
    pub(super) kind: Broken,
    pub(super) run_id: String,
    pub(super) what: String,
}

/// Which promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Broken {
    /// It was acknowledged and is not there.
    Lost,
    /// It was done more than once.
    Repeated,
    /// It was shown and is not there any more, or is something else.
    ShownThenGone,
    /// It does not move.
    Stuck,
    /// It is not what it must be.
    Wrong,
}

impl Violation {
    pub(super) fn new(kind: Broken, run_id: &str, what: impl Into<String>) -> Self {
        Self { kind, run_id: run_id.to_owned(), what: what.into() }
    }

    pub(super) fn lost(run_id: &str, what: impl Into<String>) -> Self {
        Self::new(Broken::Lost, run_id, what)
    }

    pub(super) fn repeated(run_id: &str, what: impl Into<String>) -> Self {
        Self::new(Broken::Repeated, run_id, what)
    }

    pub(super) fn wrong(run_id: &str, what: impl Into<String>) -> Self {
        Self::new(Broken::Wrong, run_id, what)
    }
}

/// A ledger as far as it was shown.
#[derive(Debug)]
pub(super) struct Shown {
    run_id: String,
    records: Vec<Value>,
}

impl Shown {
    pub(super) fn new(run_id: &str) -> Self {
        Self { run_id: run_id.to_owned(), records: Vec::new() }
    }

    /// How much was shown.
    pub(super) const fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn records(&self) -> &[Value] {
        &self.records
    }

    /// Looks at what is new.
    pub(super) async fn look(&mut self, client: &Client) -> Result<(), Violation> {
        loop {
            let page = page(client, &self.run_id, self.records.len()).await?;
            let whole = page.len() < PAGE;
            self.records.extend(page);
            if whole {
                return Ok(());
            }
        }
    }

    /// Takes down a record that came over a stream.
    pub(super) fn streamed(&mut self, cursor: u64, record: Value) {
        if usize::try_from(cursor) == Ok(self.records.len() + 1) {
            self.records.push(record);
        }
    }

    /// Reads everything afresh and compares it with what was shown.
    pub(super) async fn compare(self, client: &Client) -> Result<Vec<Value>, Violation> {
        let mut fresh = Self::new(&self.run_id);
        fresh.look(client).await?;
        let differs = (0..self.records.len()).find(|place| fresh.records.get(*place) != self.records.get(*place));
        match differs {
            None => Ok(fresh.records),
            Some(place) => Err(Violation::new(
                Broken::ShownThenGone,
                &self.run_id,
                format!(
                    "record {} was shown as {} and is now {}",
                    place + 1,
                    self.records[place],
                    fresh.records.get(place).map_or_else(|| "missing".to_owned(), Value::to_string)
                ),
            )),
        }
    }
}

async fn page(client: &Client, run_id: &str, after: usize) -> Result<Vec<Value>, Violation> {
    let reply = client.get(&format!("/gateway/runs/{run_id}/ledger?after={after}&limit={PAGE}")).await;
    match reply.body["items"].as_array() {
        Some(items) if reply.status == 200 => Ok(items.clone()),
        _ => Err(Violation::lost(run_id, format!("its ledger is refused with {}: {}", reply.status, reply.body))),
    }
}

/// Whether the ledger of a run that has ended is a whole one.
pub(super) fn judge(run_id: &str, records: &[Value], status: &str) -> Result<(), Violation> {
    let key = format!("system:terminal_status:{status}");
    let ends = records.iter().filter(|record| is_end(record)).count();
    match (ends, records.last()) {
        (1, Some(last)) if last["idempotency_key"] == key.as_str() => {}
        (0, _) => return Err(Violation::lost(run_id, format!("it is {status}, and its ledger has no end"))),
        (1, _) => return Err(Violation::wrong(run_id, format!("it is {status}, and its last record is another"))),
        (n, _) => return Err(Violation::repeated(run_id, format!("its ledger ends {n} times"))),
    }
    judge_steps(run_id, records)?;
    judge_answers(run_id, records)
}

fn is_end(record: &Value) -> bool {
    record["idempotency_key"].as_str().is_some_and(|key| key.starts_with("system:terminal_status:"))
}

/// Every step that began has an outcome, and none has two.
fn judge_steps(run_id: &str, records: &[Value]) -> Result<(), Violation> {
    let mut outcomes: HashMap<&str, (bool, usize, usize)> = HashMap::new();
    for record in records {
        let step = outcomes.entry(record["step_id"].as_str().unwrap_or_default()).or_default();
        match record["status"].as_str() {
            Some("started") => step.0 = true,
            Some("waiting") => step.1 += 1,
            _ => step.2 += 1,
        }
    }
    for (step, (began, waits, ends)) in outcomes {
        if began && waits + ends == 0 {
            return Err(Violation::lost(run_id, format!("step {step} began and has no outcome")));
        }
        if ends > 1 {
            return Err(Violation::repeated(run_id, format!("step {step} has {ends} outcomes")));
        }
    }
    Ok(())
}

/// No wait is answered more often than it was waited.
fn judge_answers(run_id: &str, records: &[Value]) -> Result<(), Violation> {
    let mut waits: HashMap<&str, i64> = HashMap::new();
    for record in records {
        if record["status"] == "waiting" {
            *waits.entry(record["result"]["wait"]["wait_key"].as_str().unwrap_or_default()).or_default() += 1;
        } else if record["effect"]["type"] == "resume" {
            let key = record["effect"]["payload"]["wait_key"].as_str().unwrap_or_default();
            let left = waits.entry(key).or_default();
            *left -= 1;
            if *left < 0 {
                return Err(Violation::repeated(run_id, format!("the wait '{key}' is answered twice")));
            }
        }
    }
    Ok(())
}

/// The records of a kind of effect in a status.
pub(super) fn of<'a>(records: &'a [Value], kind: &str, status: &str) -> Vec<&'a Value> {
    records.iter().filter(|r| r["effect"]["type"] == kind && r["status"] == status).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(step: &str, kind: &str, status: &str) -> Value {
        json!({"step_id": step, "status": status, "effect": {"type": kind, "payload": {"wait_key": "k"}}, "result": {"wait": {"wait_key": "k"}}})
    }

    fn end(status: &str) -> Value {
        json!({"step_id": "end", "status": "completed", "idempotency_key": format!("system:terminal_status:{status}")})
    }

    #[track_caller]
    fn check(records: &[Value], broken: Option<Broken>) {
        assert_eq!(judge("r", records, "completed").err().map(|v| v.kind), broken, "{records:?}");
    }

    #[test]
    fn a_whole_ledger_passes_and_each_flaw_is_named() {
        let asked = [
            record("a", "ask_user", "started"),
            record("a", "ask_user", "waiting"),
            record("b", "resume", "completed"),
        ];
        let with = |more: &[Value]| [&asked[..], more].concat();
        check(&with(&[end("completed")]), None);
        check(&with(&[]), Some(Broken::Lost));
        check(&with(&[end("failed")]), Some(Broken::Wrong));
        check(&with(&[end("completed"), record("c", "x", "completed")]), Some(Broken::Wrong));
        check(&with(&[end("completed"), end("completed")]), Some(Broken::Repeated));
        check(&with(&[record("b", "resume", "completed"), end("completed")]), Some(Broken::Repeated));
        check(&with(&[record("c", "llm_call", "started"), end("completed")]), Some(Broken::Lost));
        let twice = ["started", "completed", "completed"].map(|status| record("c", "llm_call", status));
        check(&with(&[&twice[..], &[end("completed")]].concat()), Some(Broken::Repeated));
        let again = ["started", "waiting", "started", "completed"].map(|status| record("c", "tool_calls", status));
        check(&with(&[&again[..], &[end("completed")]].concat()), None);
    }
}
