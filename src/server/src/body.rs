//! Request bodies, read under a limit. The limit is enforced while reading, with or without `Content-Length`; a client
//! that pauses too long or goes away ends the reading with an error, and nothing here ever waits for it again.

use std::pin::Pin;
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use model::{Code, Error};

/// How much of a body that nobody wants is read, so that the client gets to read the answer instead of a reset.
const DISCARDED_MOST: u64 = 4 * 1024 * 1024;
/// How long that may take.
const DISCARDING_MOST: Duration = Duration::from_secs(2);

/// The body of a request on its way in.
pub(crate) struct Incoming {
    chunks: Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send + Sync>>,
    /// What `Content-Length` says, when it is a number.
    pub(crate) declared: Option<u64>,
    present: bool,
    /// The client waits for our word before it sends.
    expects: bool,
    started: bool,
    ended: bool,
    received: u64,
}

/// What reading is held to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The most bytes; none is no limit.
    pub(crate) limit: Option<u64>,
    /// The longest pause between two pieces.
    pub(crate) pause: Duration,
}

impl Incoming {
    pub(crate) fn new<S, B>(headers: &HeaderMap, chunks: S) -> Self
    where
        S: Stream<Item = Result<B, warp::Error>> + Send + Sync + 'static,
        B: Buf,
    {
        let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        Self {
            chunks: Box::pin(chunks.map(|chunk| chunk.map(|mut chunk| chunk.copy_to_bytes(chunk.remaining())))),
            declared,
            present: headers.contains_key(TRANSFER_ENCODING) || declared.is_some_and(|length| length > 0),
            expects: headers.contains_key(EXPECT),
            started: false,
            ended: false,
            received: 0,
        }
    }

    /// Refuses a body that says itself that it is too large.
    pub(crate) fn check_declared(&self, bounds: Bounds) -> Result<(), Error> {
        match (self.declared, bounds.limit) {
            (Some(length), Some(limit)) if length > limit => Err(too_large(length, limit)),
            _ => Ok(()),
        }
    }

    /// The next piece; none at the end.
    pub(crate) async fn next(&mut self, bounds: Bounds) -> Result<Option<Bytes>, Error> {
        if !self.present || self.ended {
            return Ok(None);
        }
        self.started = true;
        let piece = tokio::time::timeout(bounds.pause, self.chunks.next()).await;
        match piece {
            Err(_) => {
                self.ended = true;
                Err(Error::new(Code::RequestTimeout, "the request body did not arrive in time"))
            }
            Ok(Some(Ok(chunk))) => {
                self.received = self.received.saturating_add(chunk.len() as u64);
                match bounds.limit {
                    Some(limit) if self.received > limit => Err(too_large(self.received, limit)),
                    _ => Ok(Some(chunk)),
                }
            }
            Ok(Some(Err(error))) => {
                self.ended = true;
                Err(incomplete().context(error.to_string()))
            }
            Ok(None) => {
                self.ended = true;
                let short = self.declared.is_some_and(|length| self.received < length);
                if short { Err(incomplete()) } else { Ok(None) }
            }
        }
    }

    /// The whole body in memory.
    pub(crate) async fn read(&mut self, bounds: Bounds) -> Result<Vec<u8>, Error> {
        let expected = self.declared.unwrap_or(0).min(bounds.limit.unwrap_or(u64::MAX)).min(DISCARDED_MOST);
        let mut whole = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
        while let Some(chunk) = self.next(bounds).await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole)
    }

    /// The pieces as a stream, ending after the first error.
    pub(crate) fn pieces(&mut self, bounds: Bounds) -> impl Stream<Item = Result<Bytes, Error>> + Send + '_ {
        futures_util::stream::unfold(Some(self), move |body| async move {
            let body = body?;
            match body.next(bounds).await {
                Ok(Some(chunk)) => Some((Ok(chunk), Some(body))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    /// Reads what is left, within bounds, when the answer is ready before the body is read. Without it the connection
    /// would be reset while the client still sends, and the client might never see the answer.
    pub(crate) async fn discard(&mut self) {
        if !self.present || self.ended || (self.expects && !self.started) {
            return;
        }
        if self.declared.is_some_and(|length| length.saturating_sub(self.received) > DISCARDED_MOST) {
            return;
        }
        let bounds = Bounds { limit: Some(self.received.saturating_add(DISCARDED_MOST)), pause: DISCARDING_MOST };
        let reading = async { while let Ok(Some(_)) = self.next(bounds).await {} };
        // Too slow or too long: the connection is closed instead, which is all there is to do about it.
        let _ = tokio::time::timeout(DISCARDING_MOST, reading).await;
    }
}

fn too_large(size: u64, limit: u64) -> Error {
    Error::new(Code::TooLarge, format!("Payload Too Large ({size} bytes > {limit} bytes)"))
}

fn incomplete() -> Error {
    Error::new(Code::BadBody, "There was an error parsing the body")
}
