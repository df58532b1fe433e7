//! The ledger operations: pages, batches, verification, and the stream that replays first and then follows commits.

mod follow;
pub mod offline;

use std::collections::BTreeMap;

use model::api::ledger::{
    LedgerCursor, LedgerPage, LedgerPages, LedgerVerified, ReadLedger, ReadLedgers, Record, VerifyLedger,
};
use model::{Error, RunId};
use store::Store;

use crate::runs::not_found;
use crate::{Answer, Call, Handle, Services};

impl Handle<ReadLedger> for Services {
    async fn handle(&self, call: Call, input: ReadLedger) -> Result<Answer<LedgerPage>, Error> {
        let plane = self.plane(&call.principal).await?;
        let run_id = RunId::from(input.run_id.as_str());
        let (after, limit) = (input.after.unsigned_abs(), usize::try_from(input.limit).unwrap_or(200));
        let page = page(&*plane.store, &run_id, after, limit).await?;
        page.map(Answer::from).ok_or_else(|| not_found(&run_id))
    }
}

impl Handle<ReadLedgers> for Services {
    async fn handle(&self, call: Call, input: ReadLedgers) -> Result<Answer<LedgerPages>, Error> {
        let plane = self.plane(&call.principal).await?;
        let limit = usize::try_from(input.limit).unwrap_or(200);
        let mut runs = BTreeMap::new();
        for wanted in input.runs {
            let cursor: LedgerCursor = serde_json::from_value(wanted).map_err(|e| {
                let text = format!("each of runs must be {{\"run_id\": text, \"after\": whole number}}: {e}");
                Error::new(model::Code::Validation, text)
            })?;
            let run_id = RunId::from(cursor.run_id.as_str());
            if let Some(page) = page(&*plane.store, &run_id, cursor.after, limit).await? {
                runs.insert(cursor.run_id, page);
            }
        }
        Ok(LedgerPages { runs }.into())
    }
}

impl Handle<VerifyLedger> for Services {
    async fn handle(&self, call: Call, input: VerifyLedger) -> Result<Answer<LedgerVerified>, Error> {
        let plane = self.plane(&call.principal).await?;
        let run_id = RunId::from(input.run_id.as_str());
        if plane.store.summary(&run_id).await.map_err(engine::store_error)?.is_none() {
            return Err(not_found(&run_id));
        }
        Ok(plane.store.verify_ledger(&run_id).await.map_err(engine::store_error)?.into())
    }
}

/// A page of a known run. An empty page asks whether the run exists at all.
async fn page(store: &dyn Store, run_id: &RunId, after: u64, limit: usize) -> Result<Option<LedgerPage>, Error> {
    let texts = store.ledger(run_id, after, limit).await.map_err(engine::store_error)?;
    if texts.is_empty() && store.summary(run_id).await.map_err(engine::store_error)?.is_none() {
        return Ok(None);
    }
    let next_after = after + texts.len() as u64;
    let items = texts.into_iter().filter_map(Record::stored).collect();
    Ok(Some(LedgerPage { items, next_after }))
}
