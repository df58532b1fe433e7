//! The two concurrency counters: one for requests that answer at once, one for those that stay open (contract 01,
//! 1.10). A place is held until the response body is finished, and given back by being dropped.

use std::sync::Arc;
use std::time::Duration;

use model::api::Slot;
use model::{Code, Error};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A place that travels with its response, and is given back with the end of the body.
#[derive(Clone)]
pub(crate) struct Held {
    _place: Arc<OwnedSemaphorePermit>,
}

impl Held {
    pub(crate) fn new(place: OwnedSemaphorePermit) -> Self {
        Self { _place: Arc::new(place) }
    }
}

/// How long a request may wait for a place: long enough for one that is just being given back, too short to queue.
const PATIENCE: Duration = Duration::from_millis(10);

pub(crate) struct Slots {
    requests: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

impl Slots {
    pub(crate) fn new(requests: usize, streams: usize) -> Self {
        let counter = |places: usize| Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        Self { requests: counter(requests), streams: counter(streams) }
    }

    /// A place, or the refusal.
    pub(crate) async fn take(&self, slot: Slot) -> Result<OwnedSemaphorePermit, Error> {
        let counter = match slot {
            Slot::Request => &self.requests,
            Slot::Stream => &self.streams,
        };
        if let Ok(place) = Arc::clone(counter).try_acquire_owned() {
            return Ok(place);
        }
        match tokio::time::timeout(PATIENCE, Arc::clone(counter).acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Error::new(Code::Busy, "Too Many Requests (concurrency limit)").retry_after(1)),
        }
    }
}
