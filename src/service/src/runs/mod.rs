//! The run operations: starting, looking, listing, inputs (contract 02, section 4).

mod fork;
mod history;
mod input;
mod open;
pub(crate) mod prune;
mod purge;
mod schedule;
mod start;
mod talk;

pub(crate) use start::session_owner;

use model::api::runs::{ListRuns, RunList, RunRow, RunSummary, ShowRun};
use model::{Code, Error, RunId, RunStatus, Value};
use store::{RunListed, RunQuery};

use crate::{Answer, Call, Handle, Services};

/// The refusal for an unknown run. A run of another plane is simply not known here.
pub(crate) fn not_found(run_id: &str) -> Error {
    Error::new(Code::RunNotFound, format!("Run '{run_id}' not found"))
}

impl Handle<ShowRun> for Services {
    async fn handle(&self, call: Call, input: ShowRun) -> Result<Answer<RunSummary>, Error> {
        let plane = self.plane(&call.principal).await?;
        let standing = plane.store.standing(&RunId::from(input.run_id.as_str())).await.map_err(engine::store_error)?;
        let (mut summary, private) = standing.ok_or_else(|| not_found(&input.run_id))?;
        if !summary.status.is_terminal() {
            summary.explain = plane.engine.explain(&summary, private, plane.is_driven().await);
        }
        Ok(summary.into())
    }
}

impl Handle<ListRuns> for Services {
    async fn handle(&self, call: Call, input: ListRuns) -> Result<Answer<RunList>, Error> {
        let query = query(input)?;
        let plane = self.plane(&call.principal).await?;
        let page = plane.store.list(query.clone()).await.map_err(engine::store_error)?;
        let items = page.rows.into_iter().map(|row| list_row(row, query.metrics)).collect();
        Ok(RunList { items, next_cursor: page.next_cursor }.into())
    }
}

fn query(input: ListRuns) -> Result<RunQuery, Error> {
    let status = match input.status.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
        None => None,
        Some(word) => Some(RunStatus::parse(word).ok_or_else(|| {
            Error::new(Code::BadRequest, "Invalid status (expected: running|waiting|completed|failed|cancelled)")
        })?),
    };
    let filled = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    let cursor = filled(input.cursor);
    // The first page in place of the next would be read for ever.
    if cursor.as_ref().is_some_and(|cursor| !cursor.contains('~')) {
        return Err(Error::new(Code::BadRequest, "Invalid cursor (expected: the next_cursor of an earlier page)"));
    }
    Ok(RunQuery {
        limit: usize::try_from(input.limit).unwrap_or(50),
        status,
        workflow_id: filled(input.workflow_id),
        session_id: filled(input.session_id),
        root_only: input.root_only,
        include_drafts: input.include_drafts,
        only_drafts: false,
        ended_before: None,
        ledger_len: input.include_ledger_len,
        metrics: input.include_metrics,
        cursor,
    })
}

/// A row as the contract shows it: the summary, then the counts that were asked for.
fn list_row(listed: RunListed, metrics: bool) -> RunRow {
    let Ok(Value::Object(mut row)) = serde_json::to_value(&listed.summary) else {
        return RunRow { summary: model::Map::new() };
    };
    row.shift_remove("output");
    row.shift_remove("flow_warnings");
    if metrics {
        let counts = listed.metrics;
        let count = |of: fn(&store::Metrics) -> u64| counts.as_ref().map_or(Value::Null, |m| of(m).into());
        row.insert("steps".into(), count(|m| m.steps));
        row.insert("llm_calls".into(), count(|m| m.llm_calls));
        row.insert("tool_calls".into(), count(|m| m.tool_calls));
        row.insert("tokens_total".into(), count(|m| m.tokens_total));
    }
    if let Some(len) = listed.ledger_len {
        row.insert("ledger_len".into(), len.into());
    }
    RunRow { summary: row }
}

#[cfg(test)]
mod tests {
    use model::{Map, Run, Timestamp};

    use super::*;

    #[test]
    fn a_cursor_is_one_that_was_given() {
        let refused = |cursor: Option<&str>| {
            let input = ListRuns {
                limit: 50,
                status: None,
                workflow_id: None,
                session_id: None,
                root_only: true,
                include_ledger_len: false,
                include_metrics: false,
                include_drafts: false,
                cursor: cursor.map(str::to_owned),
            };
            query(input).err().map(|e| e.code)
        };
        assert_eq!(refused(None), None);
        assert_eq!(refused(Some(" ")), None);
        assert_eq!(refused(Some("2026-11-25T14:32:24.279860+00:00~r1")), None);
        assert_eq!(refused(Some("nonsense")), Some(Code::BadRequest));
    }

    #[test]
    fn a_row_has_counts_only_when_asked() {
        let run = Run::new("r".into(), "b@1:f".into(), "start".into(), Map::new(), Timestamp::EPOCH);
        let listed = |ledger_len| RunListed { summary: RunSummary::of(&run), ledger_len, metrics: None };
        let row = list_row(listed(None), false).summary;
        assert!(!row.contains_key("output") && !row.contains_key("ledger_len") && !row.contains_key("steps"));
        let row = list_row(listed(Some(3)), true).summary;
        assert_eq!((row["ledger_len"].as_u64(), &row["steps"]), (Some(3), &Value::Null));
    }
}
