//! The ledger as server-sent events. A subscriber holds one integer, its cursor; commits wake it, and it reads bounded
//! pages after its own cursor. The channel to the client is bounded, so a slow reader costs nothing but its own time.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use model::api::ledger::FollowLedger;
use model::{Error, RunId};
use tokio::sync::mpsc;

use crate::planes::Plane;
use crate::runs::not_found;
use crate::{Answer, Call, Handle, Services};

const CONTENT_TYPE: &str = "text/event-stream; charset=utf-8";
const PAGE: usize = 200;
const CHUNKS: usize = 4;

impl Handle<FollowLedger> for Services {
    async fn handle(&self, call: Call, input: FollowLedger) -> Result<Answer<()>, Error> {
        let plane = self.plane(&call.principal).await?;
        let run_id = RunId::from(input.run_id.as_str());
        if plane.store.summary(&run_id).await.map_err(engine::store_error)?.is_none() {
            return Err(not_found(&run_id));
        }
        let seen = input.last_event_id.as_deref().and_then(|id| id.trim().parse::<u64>().ok()).unwrap_or(0);
        let after = input.after.unsigned_abs().max(seen);
        let heartbeat = Duration::from_secs_f64(input.heartbeat_s.clamp(0.1, 60.0));
        let (chunks, receiver) = mpsc::channel(CHUNKS);
        self.tasks.spawn(engine::tasks::Kind::Subscriber, follow(plane, run_id, after, heartbeat, chunks));
        Ok(Answer::stream(CONTENT_TYPE, receiver))
    }
}

/// Sends records until the run has ended and everything is sent, or the client is gone.
async fn follow(plane: Arc<Plane>, run_id: RunId, after: u64, heartbeat: Duration, chunks: mpsc::Sender<Bytes>) {
    let mut changes = plane.engine.watch(&run_id);
    let mut cursor = after;
    // An early byte: proxies that hold back headers until then would leave the page blank.
    if chunks.send(Bytes::from_static(b": connected\n\n")).await.is_err() {
        return;
    }
    loop {
        changes.mark_unchanged();
        // The status is read before the records: whatever a run wrote before it ended is then among them.
        // A run that is not there any more was deleted: nothing comes of it.
        let ended = plane.store.summary(&run_id).await.is_ok_and(|found| found.is_none_or(|s| s.status.is_terminal()));
        match drain(&plane, &run_id, &mut cursor, &chunks).await {
            Some(()) if !ended => {}
            Some(()) => {
                let _ = chunks.send(done(&run_id, cursor)).await;
                return;
            }
            None => return,
        }
        loop {
            tokio::select! {
                () = chunks.closed() => return,
                changed = changes.changed() => {
                    if changed.is_err() { return; }
                    break;
                }
                () = tokio::time::sleep(heartbeat) => {
                    if chunks.send(Bytes::from_static(b": keep-alive\n\n")).await.is_err() { return; }
                }
            }
        }
    }
}

/// Sends every record after the cursor; none when the client is gone.
async fn drain(plane: &Plane, run_id: &RunId, cursor: &mut u64, chunks: &mpsc::Sender<Bytes>) -> Option<()> {
    loop {
        let page = match plane.store.ledger(run_id, *cursor, PAGE).await {
            Ok(page) => page,
            Err(error) => {
                tracing::error!(run_id = %run_id, error = %error, "a ledger could not be read; its stream ends");
                return None;
            }
        };
        let full = page.len() == PAGE;
        if page.is_empty() {
            return Some(());
        }
        let mut text = String::with_capacity(page.iter().map(|r| r.len() + 64).sum());
        for record in page {
            *cursor += 1;
            let _ = write!(text, "id: {cursor}\nevent: step\ndata: {{\"cursor\":{cursor},\"record\":{record}}}\n\n");
        }
        chunks.send(Bytes::from(text)).await.ok()?;
        if !full {
            return Some(());
        }
    }
}

fn done(run_id: &RunId, cursor: u64) -> Bytes {
    let data = serde_json::json!({"run_id": run_id, "cursor": cursor, "status": "terminal"});
    Bytes::from(format!("event: done\ndata: {data}\n\n"))
}
