//! Server-sent events out of a byte stream. Tolerant of CRLF, lone CR, comments, chunks cut anywhere (inside a
//! character, too) and a last event without its blank line.
//!
//! The one invariant: an event is handed out once, complete, in order.

/// Collects bytes and hands out the `data` of complete events.
#[derive(Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: String,
    has_data: bool,
    after_cr: bool,
}

impl Events {
    /// Takes bytes; returns the data of every event they complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        for &byte in bytes {
            let follows_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if follows_cr => {}
                b'\n' | b'\r' => out.extend(self.end_line()),
                _ => self.line.push(byte),
            }
        }
        out
    }

    /// What is left when the stream ends without a blank line.
    pub(super) fn finish(&mut self) -> Option<String> {
        let early = if self.line.is_empty() { None } else { self.end_line() };
        early.or_else(|| self.dispatch())
    }

    /// How many bytes are held back.
    #[must_use]
    pub(super) const fn held(&self) -> usize {
        self.line.len() + self.data.len()
    }

    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return self.dispatch();
        }
        let line = String::from_utf8_lossy(&line);
        if let Some(data) = line.strip_prefix("data:") {
            if self.has_data {
                self.data.push('\n');
            }
            self.has_data = true;
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
        }
        None
    }

    fn dispatch(&mut self) -> Option<String> {
        std::mem::take(&mut self.has_data).then(|| std::mem::take(&mut self.data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &[&str]) {
        for size in [1, 2, 3, 7, input.len().max(1)] {
            let mut events = Events::default();
            let mut got: Vec<String> = input.as_bytes().chunks(size).flat_map(|c| events.push(c)).collect();
            got.extend(events.finish());
            assert_eq!(got, expected, "{input:?} in chunks of {size}");
        }
    }

    #[test]
    fn events_are_read_however_they_are_cut() {
        check("data: a\n\ndata: b\n\n", &["a", "b"]);
        check("data: a\r\n\r\ndata:b\r\n\r\n", &["a", "b"]);
        check("data: a\r\rdata: b\r\r", &["a", "b"]);
        check(": ping\n\ndata: é☃\n\n", &["é☃"]);
        check("event: x\ndata: 1\ndata: 2\nid: 3\n\n", &["1\n2"]);
        check("data: [DONE]", &["[DONE]"]);
        check("data:\n\n", &[""]);
        check("", &[]);
        check("\n\n\n", &[]);
    }
}
