//! Events from outside: no run owns them; delivery and decision are one commit (contract 02, section 8).

use std::sync::Arc;

use model::command::CommandOutcome;
use model::{Command, Error};
use serde_json::json;
use store::fail::{self, Point};
use store::{Commit, Decision, NewDelivery};

use crate::effects::emit_event::{Emission, Own, emission};
use crate::inner::Inner;

/// The event a command carries.
pub(crate) fn read(command: &Command) -> Result<Emission, Error> {
    let own = Own { session: &command.run_id, workflow: "", run: &command.run_id };
    let emitter = json!({"source": "external", "client_id": command.client_id});
    emission(&command.payload, &own, emitter, None)
        .map_err(|why| Error::new(model::Code::Validation, format!("emit_event: {why}")))
}

/// Delivers it to every matching listener.
pub(crate) async fn deliver(inner: &Arc<Inner>, command: &Command) -> Result<(), store::Error> {
    let (outcome, error, deliveries) = match read(command) {
        Err(error) => (CommandOutcome::Rejected, Some(error.detail), Vec::new()),
        Ok(emission) => {
            let reached = inner.waiters.reach(&[&emission.key, &emission.wildcard]);
            let rows = reached
                .into_iter()
                .map(|(run_id, wait_key)| NewDelivery { run_id, wait_key, envelope: emission.envelope.clone() })
                .collect();
            (CommandOutcome::Applied, None, rows)
        }
    };
    let targets: Vec<_> = deliveries.iter().map(|d: &NewDelivery| d.run_id.clone()).collect();
    let decided = vec![Decision { seq: command.seq, outcome, error }];
    fail::pass(Point::EventTaken);
    inner.store.commit(Commit { deliveries, decided, ..Commit::default() }).await?;
    fail::pass(Point::EventDelivered);
    inner.settled(command.seq);
    for run_id in targets {
        inner.wake(&run_id);
    }
    Ok(())
}
