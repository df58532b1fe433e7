//! Runs: start, look, list (contract 02, section 4).

pub mod explain;
pub mod fork;
pub mod history;
pub mod prune;
pub mod purge;
pub mod talk;
pub mod workspace;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Method::{Get, Post};
use super::{Access, Kind, Operation, Row, body, header, path, query};
use crate::{Map, Run, RunId, RunStatus, Timestamp, Wait, operation};
use fork::ForkOrigin;

/// What `runs.start` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunStarted {
    /// The new run.
    pub run_id: RunId,
}

/// What `runs.schedule_preview` answers (additive).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SchedulePreview {
    /// The zone of the local times.
    pub time_zone: String,
    /// Whether these are the times; with an interval each is the earliest one, because executions take time, too.
    pub exact: bool,
    /// The times, the earliest first.
    pub items: Vec<ScheduledTime>,
}

/// A time of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledTime {
    /// In UTC.
    pub at: Timestamp,
    /// As the clocks of the zone show it, with their distance from UTC.
    pub local: String,
}

/// The wait of a run as summaries show it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WaitSummary {
    /// `event`, `until`, `user`, `job` or `subworkflow`.
    pub reason: String,
    /// What a resume must name.
    pub wait_key: Option<String>,
    /// The moment, for `until`.
    pub until: Option<String>,
    /// The question.
    pub prompt: Option<String>,
    /// Offered answers.
    pub choices: Option<Vec<Value>>,
    /// Whether other answers are welcome.
    pub allow_free_text: bool,
    /// What kind of wait exactly.
    pub details: Option<Value>,
}

/// A run as `GET /runs/{id}` shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunSummary {
    /// The id.
    pub run_id: RunId,
    /// `bundle@version:flow`.
    pub workflow_id: String,
    /// Where it stands.
    pub status: RunStatus,
    /// At which node.
    pub current_node: Option<String>,
    /// When it was admitted.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// `gateway`.
    pub actor_id: Option<String>,
    /// The session.
    pub session_id: Option<String>,
    /// The run that started it.
    pub parent_run_id: Option<RunId>,
    /// Failure text or cancel reason.
    pub error: Option<String>,
    /// Texts the flow and the engine want seen.
    pub flow_warnings: Option<Vec<String>>,
    /// Held by somebody.
    pub paused: bool,
    /// Why.
    pub pause_reason: Option<String>,
    /// Since when.
    pub paused_at: Option<String>,
    /// Until when.
    pub resumed_at: Option<String>,
    /// What it waits for.
    pub waiting: Option<WaitSummary>,
    /// Whether it is a schedule.
    pub is_scheduled: bool,
    /// The schedule.
    pub schedule: Option<Value>,
    /// Token figures.
    pub limits: Option<Value>,
    /// What the client said about the run's purpose.
    pub run_lifecycle: Option<Value>,
    /// Whether that purpose is a draft test.
    pub is_draft: bool,
    /// The output of a completed run (additive).
    pub output: Option<Value>,
    /// The run and the record it was forked from (additive).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub forked_from: Option<ForkOrigin>,
    /// Why a run that has not ended is where it is; only where a single run is shown (additive).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub explain: Option<explain::Explain>,
}

/// A row of `GET /runs`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunRow {
    /// The summary, without `output` and `flow_warnings`.
    #[serde(flatten)]
    pub summary: Map,
}

/// What `runs.list` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunList {
    /// Newest first.
    pub items: Vec<RunRow>,
    /// Where the next page starts, when there is one (additive).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_cursor: Option<String>,
}

/// What `runs.input_data` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunInput {
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: String,
    /// The bundle, for bundle flows.
    pub bundle_id: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bundle_version: Option<String>,
    /// The flow.
    pub flow_id: Option<String>,
    /// The start node's data pins.
    pub pin_ids: Vec<String>,
    /// Their values.
    pub input_data: Map,
    /// The workspace keys of the run.
    pub workspace: Map,
}

operation! {
    /// Starts a durable run of a flow.
    StartRun = Row::new("runs.start", Post, "/api/gateway/runs/start", Access::User) => RunStarted {
        /// `private` (the default) or a catalog scope.
        registry_scope: Option<String> = body(Kind::Text).optional(),
        /// The bundle, perhaps with `@version`.
        bundle_id: Option<String> = body(Kind::Text).optional(),
        /// The bundle's version; the latest published one when absent.
        bundle_version: Option<String> = body(Kind::Text).optional(),
        /// `flow`, `bundle:flow` or `bundle@version:flow`; the default entrypoint when absent.
        flow_id: Option<String> = body(Kind::Text).optional(),
        /// The flow's inputs.
        input_data: Map = body(Kind::Object).or("{}"),
        /// How hard models should think: a boolean or a level.
        thinking: Option<Value> = body(Kind::Any).optional(),
        /// What the run is for.
        run_lifecycle: Option<Map> = body(Kind::Object).optional(),
        /// The session the run belongs to; its own when absent.
        session_id: Option<String> = body(Kind::Text).optional(),
        /// The same key with the same body starts the run once (additive).
        #[serde(rename = "idempotency-key")]
        idempotency_key: Option<String> = header("idempotency-key").max(200),
    }
    /// Starts a flow later, or again and again. Every execution is a run of its own, a child of the schedule.
    ScheduleRun = Row::new("runs.schedule", Post, "/api/gateway/runs/schedule", Access::User) => RunStarted {
        /// `private` (the default) or a catalog scope.
        registry_scope: Option<String> = body(Kind::Text).optional(),
        /// The bundle, perhaps with `@version`.
        bundle_id: String = body(Kind::Text),
        /// The bundle's version; the latest published one when absent. It stays the version of the schedule.
        bundle_version: Option<String> = body(Kind::Text).optional(),
        /// `flow`, `bundle:flow` or `bundle@version:flow`.
        flow_id: String = body(Kind::Text),
        /// The flow's inputs, the same for every execution.
        input_data: Map = body(Kind::Object).or("{}"),
        /// The first time: `now` (the default), a moment, or a time from now such as `10m`.
        start_at: Option<String> = body(Kind::Text).optional(),
        /// The pause between the end of one execution and the start of the next, such as `20m`; without a count or an end
        /// it repeats until it is cancelled.
        interval: Option<String> = body(Kind::Text).optional(),
        /// The times, as a cron expression of five fields or `@daily` and the like; instead of an interval (additive).
        cron: Option<String> = body(Kind::Text).optional(),
        /// The IANA name of the zone the expression is read in; the gateway's when absent (additive).
        time_zone: Option<String> = body(Kind::Text).optional(),
        /// For cron, when the execution before goes on: `skip` (the default), `allow`, `queue` or `cancel` (additive).
        overlap: Option<String> = body(Kind::Text).optional(),
        /// For cron, when times were missed: `one` execution for all (the default), `none`, or `all`, at most 100 (additive).
        catch_up: Option<String> = body(Kind::Text).optional(),
        /// How often, at most 10000 times.
        repeat_count: Option<i64> = body(Kind::Integer).optional(),
        /// A moment after which no execution starts; instead of a count.
        repeat_until: Option<String> = body(Kind::Text).optional(),
        /// Whether all executions share the schedule's session; otherwise each has its own.
        share_context: bool = body(Kind::Boolean).or("true"),
        /// The session the schedule belongs to; its own when absent.
        session_id: Option<String> = body(Kind::Text).optional(),
        /// The same key with the same body makes one schedule (additive).
        #[serde(rename = "idempotency-key")]
        idempotency_key: Option<String> = header("idempotency-key").max(200),
    }
    /// Shows when a schedule would run, without making it.
    PreviewSchedule = Row::new("runs.schedule_preview", Post, "/api/gateway/runs/schedule/preview", Access::User) => SchedulePreview {
        /// How many times.
        count: i64 = body(Kind::Integer).or("5").min(1).max(100),
        /// The first time, as for a schedule.
        start_at: Option<String> = body(Kind::Text).optional(),
        /// The pause between two executions.
        interval: Option<String> = body(Kind::Text).optional(),
        /// The times, as a cron expression.
        cron: Option<String> = body(Kind::Text).optional(),
        /// The zone it is read in.
        time_zone: Option<String> = body(Kind::Text).optional(),
        /// How often.
        repeat_count: Option<i64> = body(Kind::Integer).optional(),
        /// A moment after which no execution starts.
        repeat_until: Option<String> = body(Kind::Text).optional(),
    }
    /// Shows a run.
    ShowRun = Row::new("runs.show", Get, "/api/gateway/runs/{run_id}", Access::User) => RunSummary {
        /// The run.
        run_id: String = path(),
    }
    /// Lists runs, the most recently changed first.
    ListRuns = Row::new("runs.list", Get, "/api/gateway/runs", Access::User) => RunList {
        /// How many.
        limit: i64 = query(Kind::Integer).or("50").min(1).max(500),
        /// Only runs in this status.
        status: Option<String> = query(Kind::Text).optional(),
        /// Only runs of exactly this workflow.
        workflow_id: Option<String> = query(Kind::Text).optional(),
        /// Only runs of this session.
        session_id: Option<String> = query(Kind::Text).optional(),
        /// Only runs without a parent.
        root_only: bool = query(Kind::Boolean).or("false"),
        /// Add `ledger_len`.
        include_ledger_len: bool = query(Kind::Boolean).or("true"),
        /// Add `steps`, `llm_calls`, `tool_calls`, `tokens_total`.
        include_metrics: bool = query(Kind::Boolean).or("false"),
        /// Also draft tests.
        include_drafts: bool = query(Kind::Boolean).or("false"),
        /// Where the last page ended (additive).
        cursor: Option<String> = query(Kind::Text).optional(),
    }
    /// Shows the inputs a run was started with, ready to start it again.
    ShowRunInput = Row::new("runs.input_data", Get, "/api/gateway/runs/{run_id}/input_data", Access::User) => RunInput {
        /// The run.
        run_id: String = path(),
    }
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![
        StartRun::ROW,
        ScheduleRun::ROW,
        PreviewSchedule::ROW,
        ShowRun::ROW,
        ListRuns::ROW,
        ShowRunInput::ROW,
        fork::ForkRun::ROW,
        history::ShowHistory::ROW,
        prune::PruneRuns::ROW,
        purge::PurgeDrafts::ROW,
        talk::SummarizeRun::ROW,
        talk::ChatAboutRun::ROW,
        talk::KeepChatThread::ROW,
        workspace::OpenWorkspace::ROW,
    ]
}

impl RunSummary {
    /// The summary of a run's present state.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let text = |key: &str| run.control(key).and_then(Value::as_str).map(str::to_owned);
        let schedule = schedule(run);
        let lifecycle = run.vars.get("_run_lifecycle").filter(|l| l.is_object()).cloned();
        let is_draft = lifecycle.as_ref().and_then(|l| l.get("purpose")).and_then(Value::as_str) == Some("draft_test");
        Self {
            run_id: run.run_id.clone(),
            workflow_id: run.workflow_id.clone(),
            status: run.status,
            current_node: Some(run.current_node.clone()),
            created_at: run.created_at,
            updated_at: run.updated_at,
            actor_id: run.actor_id.clone(),
            session_id: run.session_id.clone(),
            parent_run_id: run.parent_run_id.clone(),
            error: run.error.clone(),
            flow_warnings: warnings(run),
            paused: run.is_paused(),
            pause_reason: text("pause_reason"),
            paused_at: text("paused_at"),
            resumed_at: text("resumed_at"),
            waiting: run.waiting.as_ref().map(WaitSummary::of),
            is_scheduled: schedule.is_some() || run.workflow_id.starts_with("scheduled:"),
            schedule,
            limits: limits(run),
            run_lifecycle: lifecycle,
            is_draft,
            output: run.output.clone(),
            forked_from: run.vars.get("_meta").and_then(|meta| ForkOrigin::deserialize(meta.get("forked_from")?).ok()),
            explain: None,
        }
    }
}

impl WaitSummary {
    /// Of a wait.
    #[must_use]
    pub fn of(wait: &Wait) -> Self {
        Self {
            reason: wait.reason.as_str().to_owned(),
            wait_key: wait.wait_key.clone(),
            until: wait.until.clone(),
            prompt: wait.prompt.clone(),
            choices: wait.choices.clone(),
            allow_free_text: wait.allow_free_text,
            details: wait.details.clone(),
        }
    }
}

fn warnings(run: &Run) -> Option<Vec<String>> {
    let list = run.vars.get("_flow_warnings")?.as_array()?;
    let texts: Vec<_> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    (!texts.is_empty()).then_some(texts)
}

fn schedule(run: &Run) -> Option<Value> {
    let schedule = run.vars.get("_meta")?.get("schedule")?;
    if schedule.get("kind")?.as_str()? != "scheduled_run" {
        return None;
    }
    let keys = [
        "kind",
        "interval",
        "repeat_count",
        "repeat_until",
        "start_at",
        "share_context",
        "target_workflow_id",
        "target_bundle_ref",
        "target_flow_id",
        "created_at",
        "updated_at",
    ];
    let cron =
        ["cron", "time_zone", "overlap", "catch_up", "next_run_at", "last_run_at", "run_count", "last_skipped_at"];
    let cron = cron.into_iter().filter(|_| schedule.get("cron").is_some());
    let shown = keys.into_iter().chain(cron).map(|k| (k.to_owned(), schedule.get(k).cloned().unwrap_or(Value::Null)));
    Some(Value::Object(shown.collect()))
}

fn limits(run: &Run) -> Option<Value> {
    let limits = run.vars.get("_limits")?.as_object()?;
    let number = |key: &str| limits.get(key).and_then(Value::as_f64);
    let used = number("estimated_tokens_used").unwrap_or(0.0);
    let budget = number("max_input_tokens").or_else(|| number("max_tokens")).filter(|b| *b > 0.0);
    let shown = |key: &str| limits.get(key).cloned().unwrap_or(Value::Null);
    Some(serde_json::json!({"tokens": {
        "estimated_used": limits.get("estimated_tokens_used").cloned().unwrap_or_else(|| 0.into()),
        "max_tokens": shown("max_tokens"),
        "max_input_tokens": shown("max_input_tokens"),
        "pct": budget.map(|b| used / b),
        "warn_tokens_pct": shown("warn_tokens_pct"),
    }}))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_summary_tells_paused_limits_and_warnings() {
        let vars = json!({
            "_runtime": {"control": {"paused": true, "pause_reason": "coffee"}},
            "_limits": {"estimated_tokens_used": 50, "max_tokens": 200, "warn_tokens_pct": 80},
            "_flow_warnings": ["w"],
            "_run_lifecycle": {"purpose": "draft_test"}
        });
        let Value::Object(vars) = vars else { unreachable!() };
        let run = Run::new("r".into(), "b@1:f".into(), "start".into(), vars, Timestamp::EPOCH);
        let summary = RunSummary::of(&run);
        assert!(summary.paused && summary.is_draft && !summary.is_scheduled);
        assert_eq!(summary.flow_warnings, Some(vec!["w".to_owned()]));
        assert_eq!(summary.limits.unwrap()["tokens"]["pct"], json!(0.25));
    }
}
