//! Server-sent events from bytes.
//!
//! May not know: where the bytes come from, what the events mean. Invariant: how the bytes are cut into chunks makes no
//! difference.

use std::collections::VecDeque;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// `step`, `done` …; `message` when the server named none.
    pub(crate) name: String,
    /// The data lines, joined.
    pub(crate) data: String,
}

/// The largest line that is read: a record is at most a few megabytes.
const LINE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Collects chunks and gives events.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pending: Vec<u8>,
    event: Event,
    ready: VecDeque<Event>,
}

impl Reader {
    /// Takes a chunk; false when a line is longer than anything a gateway sends.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> bool {
        for byte in chunk {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.pending);
                self.line(String::from_utf8_lossy(&line).trim_end_matches('\r'));
            } else {
                self.pending.push(*byte);
            }
        }
        self.pending.len() <= LINE_BYTES_MAX
    }

    /// The next whole event.
    pub(crate) fn next(&mut self) -> Option<Event> {
        self.ready.pop_front()
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() {
            let mut event = std::mem::take(&mut self.event);
            if event.data.is_empty() {
                return;
            }
            event.data.pop();
            if event.name.is_empty() {
                "message".clone_into(&mut event.name);
            }
            self.ready.push_back(event);
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => {
                self.event.data.push_str(value);
                self.event.data.push('\n');
            }
            // Comments keep the line alive; the cursor is in the data.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunks: &[&[u8]]) -> Vec<(String, String)> {
        let mut reader = Reader::default();
        for chunk in chunks {
            assert!(reader.push(chunk));
        }
        std::iter::from_fn(|| reader.next()).map(|e| (e.name, e.data)).collect()
    }

    #[test]
    fn events_are_read_however_they_are_cut() {
        let text = "id: 1\nevent: step\ndata: {\"é\":1}\n\n: keep-alive\n\nevent: done\r\ndata: a\r\ndata: b\r\n\r\ndata:x\n\n";
        let expected =
            [("step", "{\"é\":1}"), ("done", "a\nb"), ("message", "x")].map(|(n, d)| (n.to_owned(), d.to_owned()));
        assert_eq!(read(&[text.as_bytes()]), expected);
        for cut in 0..text.len() {
            let (a, b) = text.as_bytes().split_at(cut);
            assert_eq!(read(&[a, b]), expected, "cut at {cut}");
        }
    }

    #[test]
    fn half_an_event_is_none() {
        assert_eq!(read(&[b"event: step\ndata: 1\n"]), []);
        assert_eq!(read(&[b"event: step\n\n"]), []);
    }
}
