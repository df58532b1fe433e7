//! Between the types of the contract and the columns of the tables.
//!
//! May not know connections. The invariant: whatever is written here is read back equal, and what other programs wrote
//! (bare `NaN`, missing keys, odd moments) is read when it means anything at all. Encoding happens on the caller's
//! side, so that the one writer thread only binds values and joins records to their chain.

use model::api::runs::RunSummary;
use model::chain::Unlinked;
use model::{Command, CommandKind, EffectKind, Run, RunId, StepRecord, StepStatus, Value, WaitReason, json};
use serde::Serialize;

use super::triples::EncodedTriple;
use crate::{Commit, Decision, Error, Metrics, Origin, StartKey};

/// A run as columns.
pub(crate) struct EncodedRun {
    pub(crate) run_id: RunId,
    pub(crate) workflow_id: String,
    pub(crate) status: &'static str,
    pub(crate) wait_reason: Option<&'static str>,
    pub(crate) wait_until: Option<String>,
    pub(crate) wait_key: Option<String>,
    pub(crate) parent_run_id: Option<String>,
    pub(crate) actor_id: Option<String>,
    pub(crate) session_id: Option<String>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    pub(crate) paused: bool,
    pub(crate) is_draft: bool,
    pub(crate) summary_json: Option<String>,
    pub(crate) output_json: Option<String>,
}

impl EncodedRun {
    /// The columns of a run besides its JSON.
    pub(crate) fn of(run: &Run) -> Self {
        let mut summary = RunSummary::of(run);
        let output = summary.output.take();
        let wait = run.waiting.as_ref();
        Self {
            run_id: run.run_id.clone(),
            workflow_id: run.workflow_id.clone(),
            status: run.status.as_str(),
            wait_reason: wait.map(|w| w.reason.as_str()),
            wait_until: wait.filter(|w| w.reason == WaitReason::Until).and_then(|w| filled(w.until.as_deref())),
            wait_key: wait.and_then(|w| filled(w.wait_key.as_deref())),
            parent_run_id: filled(run.parent_run_id.as_deref()),
            actor_id: filled(run.actor_id.as_deref()),
            session_id: filled(run.session_id.as_deref()),
            created_at: run.created_at.to_string(),
            updated_at: run.updated_at.to_string(),
            paused: summary.paused,
            is_draft: summary.is_draft,
            summary_json: serde_json::to_string(&summary).ok(),
            output_json: output.map(|o| o.to_string()),
        }
    }
}

/// Empty texts are stored as NULL, as the Python gateway does.
fn filled(text: Option<&str>) -> Option<String> {
    text.filter(|t| !t.is_empty()).map(str::to_owned)
}

/// One run of a commit.
pub(crate) struct EncodedWrite {
    pub(crate) columns: EncodedRun,
    pub(crate) run_json: String,
    pub(crate) private_json: Option<String>,
    pub(crate) expected: Option<i64>,
    pub(crate) only_if_absent: bool,
}

/// One ledger record of a commit.
pub(crate) struct EncodedRecord {
    pub(crate) run_id: RunId,
    pub(crate) unlinked: Unlinked,
    pub(crate) counts: Metrics,
}

/// One event of a commit.
pub(crate) struct EncodedDelivery {
    pub(crate) run_id: RunId,
    pub(crate) wait_key: String,
    pub(crate) envelope_json: String,
}

/// One entry of memory of a commit.
pub(crate) struct EncodedSpan {
    pub(crate) owner: RunId,
    pub(crate) span_id: String,
    pub(crate) span_json: String,
}

/// A command as columns.
pub(crate) struct EncodedCommand {
    pub(crate) command: Command,
    pub(crate) payload_json: String,
}

impl EncodedCommand {
    pub(crate) fn of(command: Command) -> Result<Self, Error> {
        let payload_json = text(&command.payload)?;
        Ok(Self { command, payload_json })
    }
}

/// A commit, ready to be bound.
pub(crate) struct EncodedCommit {
    pub(crate) runs: Vec<EncodedWrite>,
    pub(crate) records: Vec<EncodedRecord>,
    pub(crate) deliveries: Vec<EncodedDelivery>,
    pub(crate) consumed: Vec<i64>,
    pub(crate) decided: Vec<Decision>,
    pub(crate) commands: Vec<EncodedCommand>,
    pub(crate) spans: Vec<EncodedSpan>,
    pub(crate) start_key: Option<StartKey>,
    pub(crate) triples: Vec<EncodedTriple>,
    pub(crate) origins: Vec<Origin>,
}

impl EncodedCommit {
    pub(crate) fn of(commit: Commit) -> Result<Self, Error> {
        let runs = commit.runs.into_iter().map(|write| {
            Ok(EncodedWrite {
                columns: EncodedRun::of(&write.run),
                run_json: text(&write.run)?,
                private_json: if write.private.is_null() { None } else { Some(text(&write.private)?) },
                expected: write.expected,
                only_if_absent: write.only_if_absent,
            })
        });
        let records = commit.records.into_iter().map(|mut record| {
            let unlinked = Unlinked::of(&mut record).map_err(unwritable)?;
            Ok(EncodedRecord { unlinked, counts: counts(&record), run_id: record.run_id })
        });
        let deliveries = commit
            .deliveries
            .into_iter()
            .map(|d| Ok(EncodedDelivery { run_id: d.run_id, wait_key: d.wait_key, envelope_json: text(&d.envelope)? }));
        let spans = commit
            .spans
            .into_iter()
            .map(|s| Ok(EncodedSpan { owner: s.owner, span_id: s.span_id, span_json: text(&s.span)? }));
        Ok(Self {
            spans: spans.collect::<Result<_, Error>>()?,
            runs: runs.collect::<Result<_, Error>>()?,
            records: records.collect::<Result<_, Error>>()?,
            deliveries: deliveries.collect::<Result<_, Error>>()?,
            consumed: commit.consumed,
            decided: commit.decided,
            commands: commit.commands.into_iter().map(EncodedCommand::of).collect::<Result<_, Error>>()?,
            start_key: commit.start_key,
            triples: commit.triples.into_iter().map(EncodedTriple::of).collect::<Result<_, Error>>()?,
            origins: commit.origins,
        })
    }

    /// Roughly how many bytes it will write.
    pub(crate) fn bytes(&self) -> usize {
        let runs = self.runs.iter().map(|w| w.run_json.len() + w.private_json.as_ref().map_or(0, String::len));
        let spans = self.spans.iter().map(|s| s.span_json.len()).sum::<usize>();
        let triples = self.triples.iter().map(EncodedTriple::bytes).sum::<usize>();
        let records = self.records.iter().map(|r| r.unlinked.len()).sum::<usize>();
        let origins = self.origins.iter().map(|origin| origin.state.len());
        runs.chain(origins).sum::<usize>() + records + spans + triples
    }
}

pub(crate) fn text(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(unwritable)
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::Corrupt(format!("a value cannot be written as JSON: {error}"))
}

/// What one record adds to its run's counts (contract 02, 4.3).
pub(crate) fn counts(record: &StepRecord) -> Metrics {
    if record.status != StepStatus::Completed {
        return Metrics::default();
    }
    let kind = record.effect.as_ref().map(|e| e.kind);
    let calls = record.effect.as_ref().filter(|e| e.kind == EffectKind::ToolCalls);
    let tool_calls = calls.and_then(|e| e.payload.get("tool_calls")).and_then(Value::as_array).map_or(0, Vec::len);
    let tokens = record.result.as_ref().and_then(|r| r.get("usage")?.get("total_tokens")?.as_u64());
    Metrics {
        steps: 1,
        llm_calls: u64::from(kind == Some(EffectKind::LlmCall)),
        tool_calls: tool_calls as u64,
        tokens_total: tokens.unwrap_or(0),
    }
}

/// [`counts`] of a stored record.
pub(crate) fn counts_of_text(record: &str) -> Metrics {
    let read = serde_json::from_str(record).ok();
    let read = read.or_else(|| serde_json::from_value(json::parse(record).ok()?).ok());
    read.map(|r| counts(&r)).unwrap_or_default()
}

/// Reads a stored run; `None` when it means nothing.
pub(crate) fn decode_run(stored: &str) -> Option<Run> {
    if let Ok(run) = serde_json::from_str(stored) {
        return Some(run);
    }
    let mut value = json::parse(stored).ok()?;
    let object = value.as_object_mut()?;
    for key in ["created_at", "updated_at"] {
        let moment = object.get(key).and_then(Value::as_str).and_then(model::Timestamp::parse);
        if moment.is_none() {
            object.remove(key);
        }
    }
    if !object.get("vars").is_some_and(Value::is_object) {
        object.remove("vars");
    }
    serde_json::from_value(value).ok()
}

/// Reads a stored value.
pub(crate) fn decode_value(stored: &str) -> Result<Value, Error> {
    json::parse(stored).map_err(|e| Error::Corrupt(e.to_string()))
}

/// The columns [`decode_command`] reads, in its order.
pub(crate) const COMMAND_COLUMNS: &str = "seq, command_id, run_id, type, payload_json, ts, client_id";

/// Reads a stored command; `None` when this program does not know its kind.
pub(crate) fn decode_command(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Command>> {
    let (seq, kind, payload): (i64, String, String) = (row.get(0)?, row.get(3)?, row.get(4)?);
    let Some(kind) = CommandKind::parse(&kind) else {
        tracing::warn!(seq, kind, "a stored command of unknown kind is left aside");
        return Ok(None);
    };
    let payload = match json::parse(&payload) {
        Ok(Value::Object(payload)) => payload,
        _ => model::Map::new(),
    };
    let (command_id, run_id) = (row.get(1)?, row.get(2)?);
    Ok(Some(Command { command_id, run_id, kind, payload, ts: row.get(5)?, client_id: row.get(6)?, seq }))
}

/// A ledger record as a client may read it: always valid JSON. The Python gateway wrote bare `NaN`; a record that
/// cannot be read at all keeps its place, since cursors count records.
pub(crate) fn readable_record(run_id: &str, stored: String) -> String {
    let whole = stored.starts_with('{') && stored.ends_with('}');
    let suspicious = !whole || stored.contains("NaN") || stored.contains("Infinity");
    if !suspicious || serde_json::from_str::<serde::de::IgnoredAny>(&stored).is_ok() {
        return stored;
    }
    match json::parse(&stored) {
        Ok(value) if value.is_object() => value.to_string(),
        _ => serde_json::json!({
            "run_id": run_id, "step_id": "", "node_id": "", "status": "failed", "effect": null, "result": null,
            "error": "the stored record cannot be read", "started_at": model::Timestamp::EPOCH, "ended_at": null,
            "actor_id": null, "session_id": null, "attempt": 1, "idempotency_key": null,
            "prev_hash": null, "record_hash": null, "signature": null
        })
        .to_string(),
    }
}
