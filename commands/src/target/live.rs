//! The ledger of a run as it grows: replayed from a cursor, then live, over broken connections.
//!
//! May not know: how records are shown. Invariant: every record comes once and in order, however often the line breaks.

use std::time::Duration;

use futures_util::stream::{BoxStream, StreamExt, try_unfold};
use model::Value;
use model::api::ledger::FollowLedger;
use serde::Deserialize;

use super::events::{Event, Reader};
use super::{Chunks, Target};
use crate::failure::Failure;

/// How often a broken line is mended without a record in between.
const TRIES_MAX: u32 = 6;

/// What comes of a followed ledger.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    /// A record.
    Step(Value),
    /// The run has ended and everything was shown.
    Done,
}

/// Follows the ledger of a run after a cursor.
pub(crate) fn follow(target: &Target, run_id: &str, after: u64) -> BoxStream<'static, Result<Item, Failure>> {
    let line = Line {
        target: target.clone(),
        run_id: run_id.to_owned(),
        cursor: after,
        open: None,
        reader: Reader::default(),
        tries: 0,
        done: false,
    };
    try_unfold(line, |mut line| async move { Ok(line.next().await?.map(|item| (item, line))) }).boxed()
}

struct Line {
    target: Target,
    run_id: String,
    cursor: u64,
    open: Option<Chunks>,
    reader: Reader,
    tries: u32,
    done: bool,
}

#[derive(Deserialize)]
struct Step {
    cursor: u64,
    record: Value,
}

impl Line {
    async fn next(&mut self) -> Result<Option<Item>, Failure> {
        while !self.done {
            if let Some(event) = self.reader.next() {
                if let Some(item) = self.item(&event)? {
                    return Ok(Some(item));
                }
                continue;
            }
            self.more().await?;
        }
        Ok(None)
    }

    /// Reads a chunk, over a new line when the old one broke.
    async fn more(&mut self) -> Result<(), Failure> {
        let Some(open) = &mut self.open else {
            self.reader = Reader::default();
            let after = i64::try_from(self.cursor).unwrap_or(i64::MAX);
            let input = FollowLedger { run_id: self.run_id.clone(), after, heartbeat_s: 5.0, last_event_id: None };
            match self.target.stream(&input).await {
                Ok(open) => self.open = Some(open),
                // A refusal is final, a missing server may come back while we follow.
                Err(failure) if failure.code.is_some() || self.tries == 0 => return Err(failure),
                Err(failure) => self.pause(failure).await?,
            }
            return Ok(());
        };
        match open.next().await {
            Some(Ok(chunk)) if self.reader.push(&chunk) => Ok(()),
            Some(Ok(_)) => Err(Failure::new(format!("{} sent a line without end", self.target.name()))),
            Some(Err(failure)) => self.pause(failure).await,
            None => self.pause(Failure::new(format!("{} ended the stream of the run", self.target.name()))).await,
        }
    }

    async fn pause(&mut self, failure: Failure) -> Result<(), Failure> {
        self.open = None;
        self.tries += 1;
        if self.tries > TRIES_MAX || !self.target.outlives_us() {
            return Err(failure.help(format!("abstractgateway ledger tail {} --after {}", self.run_id, self.cursor)));
        }
        // The first break is mended at once: most are a proxy's idle timeout.
        if self.tries > 1 {
            tokio::time::sleep(Duration::from_millis(125) * 2u32.pow(self.tries - 1)).await;
        }
        Ok(())
    }

    fn item(&mut self, event: &Event) -> Result<Option<Item>, Failure> {
        match event.name.as_str() {
            "step" => {
                let step: Step = serde_json::from_str(&event.data)
                    .map_err(|e| Failure::new("the gateway sent a record that is no record").why(e))?;
                if step.cursor <= self.cursor {
                    return Ok(None);
                }
                self.tries = 0;
                self.cursor = step.cursor;
                Ok(Some(Item::Step(step.record)))
            }
            "done" => {
                self.done = true;
                Ok(Some(Item::Done))
            }
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use serde_json::json;

    use super::super::There;
    use super::*;

    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

    /// A server that answers one connection after the other with the given texts; gives back the request lines.
    fn serve(answers: Vec<String>) -> (Target, std::thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let there = There::new(&format!("http://{}", listener.local_addr().unwrap()), None).unwrap();
        let served = std::thread::spawn(move || {
            let answer_one = |answer: String| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut buffer = [0; 4096];
                let n = stream.read(&mut buffer).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
                let head = String::from_utf8_lossy(&buffer[..n]).into_owned();
                head.lines().next().unwrap_or_default().to_owned()
            };
            answers.into_iter().map(answer_one).collect()
        });
        (Target::There(there), served)
    }

    fn step(cursor: u64) -> String {
        format!("id: {cursor}\nevent: step\ndata: {{\"cursor\": {cursor}, \"record\": {{\"n\": {cursor}}}}}\n\n")
    }

    #[tokio::test]
    async fn a_broken_line_is_mended_without_loss_or_repetition() {
        let first = format!("{HEAD}{}{}event: step\ndata: {{\"cur", step(4), step(5));
        let second = format!("{HEAD}{}: keep-alive\n\n{}event: done\ndata: {{}}\n\n", step(5), step(6));
        let (target, served) = serve(vec![first, second]);
        let items: Vec<Item> = follow(&target, "r", 3).map(Result::unwrap).collect().await;
        let steps = [4, 5, 6].map(|n| Item::Step(json!({ "n": n })));
        assert_eq!(items[..3], steps);
        assert_eq!(items[3..], [Item::Done]);
        let lines = served.join().unwrap();
        assert!(lines[0].contains("after=3&") && lines[1].contains("after=5&"), "{lines:?}");
    }

    #[tokio::test]
    async fn a_refusal_is_final() {
        let body = r#"{"detail":"Run 'r' not found","code":"run_not_found"}"#;
        let (target, _served) = serve(vec![format!(
            "HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )]);
        let failure = follow(&target, "r", 0).next().await.unwrap().unwrap_err();
        assert_eq!(failure.what, "Run 'r' not found");
    }
}
