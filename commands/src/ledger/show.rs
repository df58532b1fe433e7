//! `ledger show`: all records so far.

use model::Value;
use model::api::ledger::{LedgerPage, ReadLedger, Record};

use super::line::line;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::ui::Shown;

/// Print the records of a run so far
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The run
    run_id: String,
    /// Leave out so many records (default: none)
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    after: u64,
    /// Print at most so many records (default: all)
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

const PAGE: i64 = 1000;

pub(super) async fn run(context: &Context, target: &Target, args: &Args) -> Result<Exit, Failure> {
    let page = read_all(target, &args.run_id, args.after, args.limit.unwrap_or(usize::MAX)).await?;
    context.ui.show(&render(&page))?;
    Ok(Exit::Success)
}

/// The records of a run after a cursor, page by page, at most so many.
pub(super) async fn read_all(target: &Target, run_id: &str, after: u64, wanted: usize) -> Result<LedgerPage, Failure> {
    let mut all = LedgerPage { items: Vec::new(), next_after: after };
    while all.items.len() < wanted {
        let missing = i64::try_from(wanted - all.items.len()).unwrap_or(PAGE);
        let limit = missing.min(PAGE);
        let after = i64::try_from(all.next_after).unwrap_or(i64::MAX);
        let page = target.call(&ReadLedger { run_id: run_id.to_owned(), after, limit }).await?;
        let read = page.items.len();
        all.items.extend(page.items);
        all.next_after = page.next_after;
        if i64::try_from(read).unwrap_or(0) < limit {
            break;
        }
    }
    Ok(all)
}

fn render(page: &LedgerPage) -> Shown {
    let records: Vec<Value> = page.items.iter().map(Record::value).collect();
    let lines: Vec<String> = records.iter().map(|record| line(record, 0)).collect();
    let names = records.iter().filter_map(|r| Some(r["step_id"].as_str()?.to_owned())).collect();
    let text = if lines.is_empty() { "no records".to_owned() } else { lines.join("\n") };
    Shown::new(page, names, text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_is_a_line_a_record() {
        let record = json!({"step_id": "s", "node_id": "n", "status": "started", "started_at": "2026-11-22T07:28:54Z"});
        let record = Record::stored(record.to_string()).unwrap();
        let shown = render(&LedgerPage { items: vec![record.clone(), record], next_after: 2 });
        assert_eq!(shown.text, "07:28:54  n  -  started\n07:28:54  n  -  started");
        assert_eq!(shown.names, ["s", "s"]);
        assert_eq!(render(&LedgerPage { items: vec![], next_after: 0 }).text, "no records");
    }
}
