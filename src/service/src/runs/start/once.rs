//! What makes a repeated request the same start: the client's key, and a hash of the request it came with.

use model::api::runs::RunStarted;
use model::{Code, Error, RunId};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::StartKey;

use crate::Answer;
use crate::planes::Plane;

/// A key and its request.
#[derive(Clone)]
pub(in crate::runs) struct Once {
    key: String,
    fingerprint: String,
}

impl Once {
    /// Of a request, when it has a key.
    pub(in crate::runs) fn read<T: Serialize>(input: &T, key: Option<&str>) -> Result<Option<Self>, Error> {
        let Some(key) = key.map(str::trim).filter(|k| !k.is_empty()) else { return Ok(None) };
        let body = serde_json::to_value(input).map_err(|e| Error::internal(e.to_string()))?;
        let fingerprint = hex::encode(Sha256::digest(model::json::canonical(&body)));
        Ok(Some(Self { key: key.to_owned(), fingerprint }))
    }

    /// The answer of the request that came before under this key, if one did.
    ///
    /// # Errors
    /// When that was another request.
    pub(in crate::runs) async fn before(&self, plane: &Plane) -> Result<Option<Answer<RunStarted>>, Error> {
        Ok(self.run_before(plane).await?.map(|run_id| RunStarted { run_id }.into()))
    }

    /// The run that was started before under this key, if one was.
    ///
    /// # Errors
    /// When that was another request.
    pub(in crate::runs) async fn run_before(&self, plane: &Plane) -> Result<Option<RunId>, Error> {
        let before = plane.store.start_key(&self.key).await.map_err(engine::store_error)?;
        before.map(|before| self.same_run(before.run_id, &before.fingerprint)).transpose()
    }

    /// The run an equal key had started, if the request is the same.
    pub(super) fn same(&self, run_id: RunId, before: &str) -> Result<Answer<RunStarted>, Error> {
        self.same_run(run_id, before).map(|run_id| RunStarted { run_id }.into())
    }

    /// The same, and only its id.
    pub(in crate::runs) fn same_run(&self, run_id: RunId, before: &str) -> Result<RunId, Error> {
        if before == self.fingerprint {
            return Ok(run_id);
        }
        Err(Error::new(
            Code::IdempotencyMismatch,
            "this Idempotency-Key came before with another request: use a new key for a new run",
        ))
    }

    /// As the store keeps it.
    pub(in crate::runs) fn of_run(&self, run_id: &RunId) -> StartKey {
        StartKey { key: self.key.clone(), fingerprint: self.fingerprint.clone(), run_id: run_id.clone() }
    }
}
