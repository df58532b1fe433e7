//! Listing a hundred thousand runs, counted in steps of SQLite's machine: figures that are the same on every machine.

use std::path::Path;

use rusqlite::{Connection, StatementStatus, params, params_from_iter};

use super::{Options, read, schema};
use crate::RunQuery;
use model::RunStatus;

const RUNS: u32 = 100_000;
const PAGE: usize = 50;
/// What a page may cost that asks for one of status, workflow and session, or for runs that are alive.
const STEPS_MAX: i32 = 20_000;
/// What a page may cost that asks for more of them: one decides the index, and its rows are passed over for the others.
const STEPS_MAX_COMBINED: i32 = 400_000;

/// A database as a busy year leaves it: nine of ten runs are somebody's child, most are over, one session has half of all,
/// one flow nearly all.
fn busy() -> Connection {
    let mut conn = schema::open_writer(Path::new(":memory:"), &Options::default()).unwrap();
    schema::migrate(&mut conn).unwrap();
    let tx = conn.transaction().unwrap();
    {
        let mut insert = tx
            .prepare(
                "INSERT INTO runs(run_id, workflow_id, status, parent_run_id, actor_id, session_id, created_at, updated_at,
                   is_draft, summary_json, run_json) VALUES (?1, ?2, ?3, ?4, 'gateway', ?5, ?6, ?6, ?7, '{}', '{}')",
            )
            .unwrap();
        for n in 0..RUNS {
            let workflow = match n % 1000 {
                0 => "rare@1:f".to_owned(),
                1..10 => format!("__internal{n}__"),
                _ => format!("b@1:{}", n % 50 / 49),
            };
            let status = match n % 500 {
                0 => "running",
                1 => "waiting",
                2 => "failed",
                3 => "cancelled",
                _ => "completed",
            };
            let session = if n % 2 == 0 { "big".to_owned() } else { format!("s{}", n % 997) };
            // Roots are old, so that a list of roots has all children before it.
            let parent = (n >= RUNS / 10).then(|| format!("r{:06}", n % (RUNS / 10)));
            let moment = format!("2026-01-01T00:00:00.{:06}+00:00", n / 3);
            insert
                .execute(params![format!("r{n:06}"), workflow, status, parent, session, moment, n % 20 == 7])
                .unwrap();
        }
    }
    tx.commit().unwrap();
    conn
}

fn steps(conn: &Connection, query: &RunQuery) -> (usize, i32) {
    let (sql, values) = read::list_sql(query);
    let mut find = conn.prepare(&sql).unwrap();
    let found = find.query_map(params_from_iter(values), |_| Ok(())).unwrap().count();
    (found, find.get_status(StatementStatus::VmStep))
}

#[test]
fn every_way_of_listing_costs_a_page_and_not_all_runs() {
    let conn = busy();
    let text = |text: Option<&str>| text.map(str::to_owned);
    let mut dear = Vec::new();
    for status in [None, Some(RunStatus::Running), Some(RunStatus::Failed), Some(RunStatus::Completed)] {
        for workflow in [None, Some("rare@1:f"), Some("b@1:0"), Some("nobody@1:f")] {
            for session in [None, Some("big"), Some("s5"), Some("nobody")] {
                for (root_only, include_drafts) in [(false, false), (false, true), (true, false), (true, true)] {
                    for cursor in [None, Some("2026-01-01T00:00:00.016000+00:00~r048001")] {
                        let query = RunQuery {
                            limit: PAGE,
                            status,
                            workflow_id: text(workflow),
                            session_id: text(session),
                            root_only,
                            include_drafts,
                            cursor: text(cursor),
                            ..RunQuery::default()
                        };
                        let asked = [status.is_some(), workflow.is_some(), session.is_some()];
                        let is_plain = asked.into_iter().filter(|asked| *asked).count() < 2;
                        let alive = status == Some(RunStatus::Running);
                        let max = if is_plain || alive { STEPS_MAX } else { STEPS_MAX_COMBINED };
                        let (found, steps) = steps(&conn, &query);
                        if steps > max {
                            dear.push(format!("{steps} steps for {found} rows: {query:?}"));
                        }
                    }
                }
            }
        }
    }
    assert!(dear.is_empty(), "{} of 512\n{}", dear.len(), dear.join("\n"));
}
