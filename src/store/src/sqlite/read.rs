//! The queries. A row that cannot be decoded is passed over, never fatal: one bad row must not hide its neighbours.

use model::api::runs::RunSummary;
use model::command::CommandOutcome;
use model::{Command, RunId, RunStatus, Value, WaitReason};
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter, types::Value as Sql};

use super::encode::{COMMAND_COLUMNS, counts_of_text, decode_command, decode_run, decode_value, readable_record};
use crate::{
    CommandState, Delivery, Metrics, Origin, RunListed, RunPage, RunQuery, SessionPlace, Snapshot, TreeRun, Unfinished,
};

pub(crate) fn run(conn: &Connection, run_id: &RunId) -> rusqlite::Result<Option<Snapshot>> {
    let mut find = conn.prepare_cached("SELECT version, private_json, run_json FROM runs WHERE run_id = ?1")?;
    let found: Option<(i64, Option<String>, String)> =
        find.query_row([run_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    let Some((version, private, stored)) = found else { return Ok(None) };
    let Some(run) = decode_run(&stored) else {
        tracing::warn!(run_id = %run_id, "a stored run cannot be read and is left aside");
        return Ok(None);
    };
    let private = private.and_then(|p| decode_value(&p).ok()).unwrap_or(Value::Null);
    Ok(Some(Snapshot { run, private, version }))
}

pub(crate) fn summary(conn: &Connection, run_id: &RunId) -> rusqlite::Result<Option<RunSummary>> {
    let mut find = conn.prepare_cached("SELECT summary_json, output_json FROM runs WHERE run_id = ?1")?;
    let found: Option<(Option<String>, Option<String>)> =
        find.query_row([run_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.and_then(|(summary, output)| {
        let mut summary: RunSummary = serde_json::from_str(&summary?).ok()?;
        summary.output = output.and_then(|o| decode_value(&o).ok());
        Some(summary)
    }))
}

/// One read transaction, so that both are of one moment.
pub(crate) fn standing(conn: &Connection, run_id: &RunId) -> rusqlite::Result<Option<(RunSummary, Value)>> {
    let moment = conn.unchecked_transaction()?;
    let Some(summary) = summary(&moment, run_id)? else { return Ok(None) };
    let is_running = summary.status == RunStatus::Running;
    let private = if is_running { private(&moment, run_id)? } else { None };
    Ok(Some((summary, private.unwrap_or_default())))
}

pub(crate) fn children(conn: &Connection, run_id: &RunId) -> rusqlite::Result<Vec<RunId>> {
    let mut find =
        conn.prepare_cached("SELECT run_id FROM runs WHERE parent_run_id = ?1 ORDER BY created_at, run_id")?;
    find.query_map([run_id.as_str()], |row| row.get::<_, String>(0).map(RunId::from))?.collect()
}

/// Level by level. A run that is its own ancestor (only a damaged database has one) is met once.
const TREE: &str = "WITH RECURSIVE tree(run_id, depth, created_at) AS (
    SELECT run_id, 0, created_at FROM runs WHERE run_id = ?1
    UNION SELECT r.run_id, tree.depth + 1, r.created_at FROM tree JOIN runs r ON r.parent_run_id = tree.run_id
    ORDER BY 2, 3, 1 LIMIT ?2)
  SELECT tree.run_id, (SELECT status FROM runs WHERE run_id = tree.run_id) FROM tree
  ORDER BY tree.depth, tree.created_at, tree.run_id";

pub(crate) fn tree(conn: &Connection, run_id: &RunId, limit: usize) -> rusqlite::Result<Vec<TreeRun>> {
    let mut find = conn.prepare_cached(TREE)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = find.query_map(rusqlite::params![run_id.as_str(), limit], |row| {
        let status: String = row.get(1)?;
        let status = RunStatus::parse(&status).unwrap_or(RunStatus::Running);
        Ok(TreeRun { run_id: RunId::from(row.get::<_, String>(0)?), status })
    })?;
    let mut seen = std::collections::HashSet::new();
    rows.filter(|row| row.as_ref().map_or(true, |row| seen.insert(row.run_id.clone()))).collect()
}

/// The index has the same condition and the same order.
const SESSION_ROOTS: &str = "SELECT created_at, run_id FROM runs
  WHERE session_id = ?1 AND parent_run_id IS NULL AND (created_at, run_id) <= (?2, ?3)
    AND workflow_id NOT LIKE '\\_\\_%' ESCAPE '\\'
  ORDER BY created_at DESC, run_id DESC LIMIT ?4";

pub(crate) fn session_roots(
    conn: &Connection,
    session_id: &str,
    before: &SessionPlace,
    limit: usize,
) -> rusqlite::Result<Vec<SessionPlace>> {
    let mut find = conn.prepare_cached(SESSION_ROOTS)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = rusqlite::params![session_id, before.created_at, before.run_id.as_str(), limit];
    find.query_map(values, |row| {
        Ok(SessionPlace { created_at: row.get(0)?, run_id: RunId::from(row.get::<_, String>(1)?) })
    })?
    .collect()
}

pub(crate) fn private(conn: &Connection, run_id: &RunId) -> rusqlite::Result<Option<Value>> {
    let mut find = conn.prepare_cached("SELECT private_json FROM runs WHERE run_id = ?1")?;
    let found: Option<Option<String>> = find.query_row([run_id.as_str()], |row| row.get(0)).optional()?;
    Ok(found.flatten().and_then(|private| decode_value(&private).ok()))
}

pub(crate) fn unfinished(conn: &Connection) -> rusqlite::Result<Vec<Unfinished>> {
    let mut find = conn.prepare_cached(
        "SELECT run_id, workflow_id, status, wait_reason, wait_key, wait_until, paused FROM runs
         WHERE status IN ('running', 'waiting') AND actor_id = 'gateway' ORDER BY updated_at",
    )?;
    find.query_map([], |row| {
        let status: String = row.get(2)?;
        let reason: Option<String> = row.get(3)?;
        let reasons =
            [WaitReason::Event, WaitReason::Until, WaitReason::User, WaitReason::Job, WaitReason::Subworkflow];
        Ok(Unfinished {
            run_id: RunId::from(row.get::<_, String>(0)?),
            workflow_id: row.get(1)?,
            status: RunStatus::parse(&status).unwrap_or(RunStatus::Running),
            wait_reason: reasons.into_iter().find(|r| Some(r.as_str()) == reason.as_deref()),
            wait_key: row.get(4)?,
            wait_until: row.get(5)?,
            paused: row.get(6)?,
        })
    })?
    .collect()
}

pub(crate) fn ledger(conn: &Connection, run_id: &RunId, after: u64, limit: usize) -> rusqlite::Result<Vec<String>> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut find =
        conn.prepare_cached("SELECT record_json FROM ledger WHERE run_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3")?;
    find.query_map(rusqlite::params![run_id.as_str(), after, limit], |row| Ok(readable_record(run_id, row.get(0)?)))?
        .collect()
}

pub(crate) fn ledger_len(conn: &Connection, run_id: &RunId) -> rusqlite::Result<u64> {
    let mut find = conn.prepare_cached("SELECT last_seq FROM ledger_heads WHERE run_id = ?1")?;
    let len: Option<i64> = find.query_row([run_id.as_str()], |row| row.get(0)).optional()?;
    Ok(len.unwrap_or(0).unsigned_abs())
}

/// The index has the same order.
const SPANS: &str = "SELECT span_json FROM spans WHERE owner_run_id = ?1 ORDER BY seq";

pub(crate) fn spans(conn: &Connection, owner: &RunId) -> rusqlite::Result<Vec<Value>> {
    let mut find = conn.prepare_cached(SPANS)?;
    let rows = find.query_map([owner.as_str()], |row| row.get::<_, String>(0))?;
    rows.filter_map(|row| row.map(|text| decode_value(&text).ok()).transpose()).collect()
}

pub(crate) fn origins(conn: &Connection, run_id: &RunId) -> rusqlite::Result<Vec<Origin>> {
    let mut find =
        conn.prepare_cached("SELECT ordinal, state_json FROM run_origins WHERE run_id = ?1 ORDER BY ordinal")?;
    let origin = |row: &Row<'_>| {
        let ordinal: i64 = row.get(0)?;
        Ok(Origin { run_id: run_id.clone(), ordinal: ordinal.unsigned_abs(), state: row.get(1)? })
    };
    find.query_map([run_id.as_str()], origin)?.collect()
}

pub(crate) fn pending_commands(conn: &Connection, run_id: Option<&str>) -> rusqlite::Result<Vec<Command>> {
    let only = if run_id.is_some() { "AND run_id = ?1" } else { "" };
    let sql = format!("SELECT {COMMAND_COLUMNS} FROM commands WHERE outcome = 'pending' {only} ORDER BY seq");
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params_from_iter(run_id), decode_command)?;
    rows.filter_map(Result::transpose).collect()
}

pub(crate) fn command(conn: &Connection, command_id: &str) -> rusqlite::Result<Option<CommandState>> {
    let sql = format!("SELECT {COMMAND_COLUMNS}, outcome, error FROM commands WHERE command_id = ?1");
    let mut find = conn.prepare_cached(&sql)?;
    let state = |row: &Row<'_>| {
        let outcome: String = row.get(7)?;
        let outcome = match outcome.as_str() {
            "applied" => CommandOutcome::Applied,
            "rejected" => CommandOutcome::Rejected,
            _ => CommandOutcome::Pending,
        };
        let error = row.get(8)?;
        Ok(decode_command(row)?.map(|command| CommandState { command, outcome, error }))
    };
    Ok(find.query_row([command_id], state).optional()?.flatten())
}

pub(crate) fn deliveries(conn: &Connection, run_id: &RunId) -> rusqlite::Result<Vec<Delivery>> {
    let mut find =
        conn.prepare_cached("SELECT id, wait_key, envelope_json FROM deliveries WHERE run_id = ?1 ORDER BY id")?;
    find.query_map([run_id.as_str()], |row| {
        let envelope: String = row.get(2)?;
        Ok(Delivery {
            id: row.get(0)?,
            wait_key: row.get(1)?,
            envelope: decode_value(&envelope).unwrap_or(Value::Null),
        })
    })?
    .collect()
}

/// Summaries, most recently updated first; the cursor is the last row's moment and id.
pub(crate) fn list(conn: &Connection, query: &RunQuery) -> rusqlite::Result<RunPage> {
    let (sql, values) = list_sql(query);
    let mut find = conn.prepare_cached(&sql)?;
    let rows: Vec<(String, Option<String>, String)> = find
        .query_map(params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let full = rows.len() > query.limit;
    let shown = &rows[..rows.len().min(query.limit)];
    let next_cursor = shown.last().filter(|_| full).map(|(id, _, updated)| format!("{updated}~{id}"));
    let mut page = RunPage { rows: Vec::with_capacity(shown.len()), next_cursor };
    for (run_id, summary, _) in shown {
        let Some(summary) = summary.as_ref().and_then(|s| serde_json::from_str(s).ok()) else { continue };
        let run_id = RunId::from(run_id.as_str());
        page.rows.push(RunListed {
            summary,
            ledger_len: if query.ledger_len { Some(ledger_len(conn, &run_id)?) } else { None },
            metrics: if query.metrics { metrics(conn, &run_id)? } else { None },
        });
    }
    Ok(page)
}

pub(crate) fn list_sql(query: &RunQuery) -> (String, Vec<Sql>) {
    let mut wheres = vec!["summary_json IS NOT NULL".to_owned()];
    let mut values: Vec<Sql> = Vec::new();
    let mut and = |clause: &str, value: String| {
        values.push(value.into());
        wheres.push(clause.replace('#', &format!("?{}", values.len())));
    };
    if let Some(status) = query.status {
        // Nearly all runs are completed: an index by status leads to them one by one, past those that are hidden.
        let clause = if status == RunStatus::Completed { "+status = #" } else { "status = #" };
        and(clause, status.as_str().to_owned());
    }
    // Few runs are alive: they are found by their status, whatever else is asked for.
    let alive = matches!(query.status, Some(RunStatus::Running | RunStatus::Waiting));
    if let Some(workflow) = &query.workflow_id {
        and(if alive { "+workflow_id = #" } else { "workflow_id = #" }, workflow.clone());
    }
    if let Some(session) = &query.session_id {
        and(if alive { "+session_id = #" } else { "session_id = #" }, session.clone());
    }
    if let Some((updated, id)) = query.cursor.as_deref().and_then(|c| c.split_once('~')) {
        and("updated_at <= #", updated.to_owned());
        values.push(updated.to_owned().into());
        values.push(id.to_owned().into());
        let n = values.len();
        wheres.push(format!("(updated_at < ?{} OR run_id < ?{n})", n - 1));
    }
    if query.workflow_id.is_none() {
        wheres.push("workflow_id NOT LIKE '\\_\\_%' ESCAPE '\\'".to_owned());
    }
    if query.root_only {
        wheres.push("parent_run_id IS NULL".to_owned());
    }
    if let Some(moment) = query.ended_before {
        values.push(moment.to_string().into());
        wheres.push(format!("parent_run_id IS NULL AND updated_at < ?{}", values.len()));
        wheres.push("status IN ('completed', 'failed', 'cancelled')".to_owned());
    }
    if query.only_drafts {
        wheres.push("is_draft = 1 AND parent_run_id IS NULL".to_owned());
    } else if !query.include_drafts {
        wheres.push("is_draft = 0".to_owned());
    }
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX - 1) + 1;
    // These are listed to be deleted: those that have waited longest come first.
    let order = if query.only_drafts || query.ended_before.is_some() {
        "updated_at, run_id"
    } else {
        "updated_at DESC, run_id DESC"
    };
    let sql = format!(
        "SELECT run_id, summary_json, updated_at FROM runs WHERE {} ORDER BY {order} LIMIT {limit}",
        wheres.join(" AND ")
    );
    (sql, values)
}

/// The counts of a run; from its head where they are kept, else by reading its ledger once.
fn metrics(conn: &Connection, run_id: &RunId) -> rusqlite::Result<Option<Metrics>> {
    let mut find =
        conn.prepare_cached("SELECT steps, llm_calls, tool_calls, tokens_total FROM ledger_heads WHERE run_id = ?1")?;
    let kept: Option<Option<Metrics>> = find
        .query_row([run_id.as_str()], |row| {
            let steps: Option<i64> = row.get(0)?;
            let Some(steps) = steps else { return Ok(None) };
            let count = |i| row.get::<_, Option<i64>>(i).map(|n| n.unwrap_or(0).unsigned_abs());
            Ok(Some(Metrics {
                steps: steps.unsigned_abs(),
                llm_calls: count(1)?,
                tool_calls: count(2)?,
                tokens_total: count(3)?,
            }))
        })
        .optional()?;
    let counted = match kept {
        None => return Ok(None),
        Some(Some(metrics)) => metrics,
        Some(None) => {
            let mut total = Metrics::default();
            for record in ledger(conn, run_id, 0, usize::MAX)? {
                let one = counts_of_text(&record);
                total.steps += one.steps;
                total.llm_calls += one.llm_calls;
                total.tool_calls += one.tool_calls;
                total.tokens_total += one.tokens_total;
            }
            total
        }
    };
    Ok((counted.steps > 0).then_some(counted))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Options, schema};
    use super::*;

    fn plan(conn: &Connection, sql: &str, values: Vec<Sql>) -> Vec<String> {
        let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        explain.query_map(params_from_iter(values), |row| row.get(3)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn no_list_reads_and_sorts_all_runs() {
        let mut conn = schema::open_writer(Path::new(":memory:"), &Options::default()).unwrap();
        schema::migrate(&mut conn).unwrap();
        let all = RunQuery { limit: 50, ..RunQuery::default() };
        let text = |text: &str| Some(text.to_owned());
        for (query, index) in [
            (all.clone(), "idx_runs_updated"),
            (RunQuery { root_only: true, ..all.clone() }, "idx_runs_roots"),
            (RunQuery { root_only: true, cursor: text("t~r"), ..all.clone() }, "idx_runs_roots"),
            (RunQuery { root_only: true, session_id: text("s"), ..all.clone() }, "idx_runs_roots_session"),
            (RunQuery { session_id: text("s"), ..all.clone() }, "idx_runs_session"),
            (RunQuery { root_only: true, workflow_id: text("w"), ..all.clone() }, "idx_runs_roots_workflow"),
            (RunQuery { workflow_id: text("w"), ..all.clone() }, "idx_runs_workflow_updated"),
            (RunQuery { root_only: true, status: Some(RunStatus::Completed), ..all.clone() }, "idx_runs_roots"),
            (RunQuery { root_only: true, status: Some(RunStatus::Failed), ..all.clone() }, "idx_runs_status_updated"),
            (RunQuery { only_drafts: true, ..all }, "idx_runs_drafts"),
        ] {
            let (sql, values) = list_sql(&query);
            let plan = plan(&conn, &sql, values);
            assert!(plan[0].contains(index), "{query:?}: {plan:?}");
            assert!(!plan.contains(&"USE TEMP B-TREE FOR ORDER BY".to_owned()), "{query:?}: {plan:?}");
        }
        let children = "SELECT run_id FROM runs WHERE parent_run_id = ?1 ORDER BY created_at, run_id";
        assert!(plan(&conn, children, vec!["r".to_owned().into()])[0].contains("idx_runs_parent"));
        let four = ["s", "t", "r", "9"].map(|v| v.to_owned().into()).to_vec();
        let session = plan(&conn, SESSION_ROOTS, four);
        assert!(session.len() == 1 && session[0].contains("idx_runs_session_roots"), "{session:?}");
        let spans = plan(&conn, SPANS, vec!["r".to_owned().into()]);
        assert!(spans.len() == 1 && spans[0].contains("idx_spans_owner"), "{spans:?}");
        let tree = plan(&conn, TREE, vec!["r".to_owned().into(), Sql::from(9)]);
        assert!(tree.iter().any(|step| step.contains("idx_runs_parent")), "{tree:?}");
        assert!(!tree.iter().any(|step| step.contains("SCAN r")), "{tree:?}");
    }
}
