//! Server-sent events as they come.

use std::collections::VecDeque;
use std::io::ErrorKind;

use serde_json::Value;

use crate::client::Connection;

/// What a stream says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A comment.
    Comment(String),
    /// An event: its id, its name, its data as sent.
    Event(Option<u64>, String, String),
    /// The end, as it should be.
    End,
    /// The connection broke.
    Broken(ErrorKind),
}

/// An open stream.
#[derive(Debug)]
pub struct Events {
    connection: Connection,
    text: String,
    frames: VecDeque<Frame>,
}

impl Events {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection, text: String::new(), frames: VecDeque::new() }
    }

    /// The next frame. After the end there is only the end.
    pub fn next_frame(&mut self) -> Frame {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return frame;
            }
            match self.connection.read_chunk() {
                Ok(Some(chunk)) => self.take(&chunk),
                Ok(None) => return Frame::End,
                Err(error) => return Frame::Broken(error.kind()),
            }
        }
    }

    fn take(&mut self, chunk: &[u8]) {
        self.text.push_str(&String::from_utf8_lossy(chunk));
        while let Some((frame, rest)) = self.text.split_once("\n\n") {
            let frame = parse(frame);
            self.text = rest.to_owned();
            self.frames.push_back(frame);
        }
    }

    /// The next frame that is no comment.
    pub fn next_event(&mut self) -> Frame {
        loop {
            match self.next_frame() {
                Frame::Comment(_) => {}
                other => return other,
            }
        }
    }

    /// The data of so many steps, as sent.
    ///
    /// # Panics
    /// When the stream says something else before.
    #[track_caller]
    pub fn steps(&mut self, count: usize) -> Vec<String> {
        let step = |frame| match frame {
            Frame::Event(_, name, data) if name == "step" => data,
            other => panic!("a step was expected, not {other:?}"),
        };
        (0..count).map(|_| step(self.next_event())).collect()
    }

    /// Every step until `done`, as sent, and what `done` says.
    ///
    /// # Panics
    /// When the stream ends without `done`, or goes on after it.
    #[track_caller]
    pub fn until_done(&mut self) -> (Vec<String>, Value) {
        let mut steps = Vec::new();
        loop {
            match self.next_event() {
                Frame::Event(_, name, data) if name == "step" => steps.push(data),
                Frame::Event(None, name, data) if name == "done" => {
                    assert_eq!(self.next_frame(), Frame::End, "the stream goes on after `done`");
                    return (steps, serde_json::from_str(&data).unwrap());
                }
                other => panic!("a step or the end was expected, not {other:?} after {} steps", steps.len()),
            }
        }
    }
}

fn parse(text: &str) -> Frame {
    let (mut id, mut name, mut data) = (None, String::new(), String::new());
    for line in text.lines() {
        match line.split_once(": ") {
            Some(("", comment)) => return Frame::Comment(comment.to_owned()),
            Some(("id", value)) => id = value.parse().ok(),
            Some(("event", value)) => value.clone_into(&mut name),
            Some(("data", value)) => value.clone_into(&mut data),
            _ => panic!("not a line of an event: {line:?}"),
        }
    }
    Frame::Event(id, name, data)
}
