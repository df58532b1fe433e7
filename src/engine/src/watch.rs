//! Telling subscribers that a ledger grew. The value is the ledger's length: a hint to look, not the data.

use std::collections::HashMap;

use model::RunId;
use parking_lot::Mutex;
use tokio::sync::watch;

/// The watches of one engine; a run nobody watches costs nothing.
#[derive(Default)]
pub(crate) struct Watches(Mutex<HashMap<RunId, watch::Sender<u64>>>);

impl Watches {
    /// Follows a run.
    pub(crate) fn subscribe(&self, run_id: &RunId) -> watch::Receiver<u64> {
        let mut map = self.0.lock();
        map.retain(|run, sender| sender.receiver_count() > 0 || run == run_id);
        map.entry(run_id.clone()).or_insert_with(|| watch::channel(0).0).subscribe()
    }

    /// Says that a run changed; its ledger has `len` records when that is known.
    pub(crate) fn publish(&self, run_id: &RunId, len: Option<u64>) {
        let mut map = self.0.lock();
        let Some(sender) = map.get(run_id) else { return };
        if sender.receiver_count() == 0 {
            map.remove(run_id);
            return;
        }
        sender.send_modify(|seen| *seen = len.unwrap_or(*seen));
    }

    /// Makes everybody look.
    pub(crate) fn publish_all(&self) {
        for sender in self.0.lock().values() {
            sender.send_modify(|_| {});
        }
    }
}
