//! Lines of JSON as other programs leave them: torn, glued together, with bare `NaN`, of any length.
//!
//! May not know: what the objects mean. The invariant: one bad line costs that line and no other.

use std::io::{self, BufRead};

use model::Value;

/// One line of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Its text.
    Text(String),
    /// It is longer than allowed: so many bytes.
    TooLong(usize),
}

/// Calls `each` with every line that is not blank, and its number from 1. Bytes that are no UTF-8 are replaced.
pub(super) fn each<E: From<io::Error>>(
    mut file: impl BufRead,
    bytes_max: usize,
    mut each: impl FnMut(u64, Line) -> Result<(), E>,
) -> Result<(), E> {
    for number in 1.. {
        let Some(line) = next(&mut file, bytes_max)? else { break };
        if !matches!(&line, Line::Text(text) if text.trim().is_empty()) {
            each(number, line)?;
        }
    }
    Ok(())
}

fn next(file: &mut impl BufRead, bytes_max: usize) -> io::Result<Option<Line>> {
    let (mut line, mut bytes) = (Vec::new(), 0);
    loop {
        let chunk = file.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(chunk.len(), |end| end + 1);
        let content = end.unwrap_or(chunk.len());
        bytes += content;
        if bytes <= bytes_max {
            line.extend_from_slice(&chunk[..content]);
        } else {
            line = Vec::new();
        }
        file.consume(taken);
        if end.is_some() {
            return Ok(Some(whole(line, bytes, bytes_max)));
        }
    }
    Ok((bytes > 0).then(|| whole(line, bytes, bytes_max)))
}

fn whole(line: Vec<u8>, bytes: usize, bytes_max: usize) -> Line {
    if bytes > bytes_max {
        return Line::TooLong(bytes);
    }
    Line::Text(String::from_utf8(line).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

/// The JSON objects of a line, as texts of valid JSON, and what is left over that is none.
pub(super) fn objects(line: &str) -> (Vec<String>, Vec<&str>) {
    let (mut found, mut left) = (Vec::new(), Vec::new());
    let mut rest = line.trim();
    while !rest.is_empty() {
        let Some(begin) = rest.find('{') else {
            left.push(rest);
            break;
        };
        let between = rest[..begin].trim();
        if !between.is_empty() {
            left.push(between);
        }
        rest = &rest[begin..];
        let object = length(rest).and_then(|end| Some((end, readable(&rest[..end])?)));
        let Some((end, object)) = object else {
            // Torn, or no JSON: the next object of the line may begin at the next brace that reads as one.
            let next = later_object(rest);
            left.push(rest[..next].trim());
            rest = &rest[next..];
            continue;
        };
        found.push(object);
        rest = rest[end..].trim_start();
    }
    (found, left)
}

/// Where the object that begins the text ends; none when it is torn.
fn length(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth += 1,
            b'}' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// A record torn by a crash has the next one glued to it: that one starts like every record and command does.
fn later_object(text: &str) -> usize {
    const STARTS: [&str; 2] = ["{\"run_id\"", "{\"command_id\""];
    let found = STARTS.iter().filter_map(|start| Some(text.get(1..)?.find(start)? + 1)).min();
    found.unwrap_or(text.len())
}

/// The object as valid JSON: the very text where it is, without bare `NaN` where it is not.
pub(super) fn readable(text: &str) -> Option<String> {
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        return Some(text.to_owned());
    }
    model::json::parse(text).ok().filter(Value::is_object).map(|value| value.to_string())
}
