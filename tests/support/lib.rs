//! What the end-to-end tests stand on: the program as a process, requests as bytes, bundles, a scripted model server.
//!
//! May not know: any crate of ours. What is tested here is what a client sees. The one invariant: nothing sleeps for a
//! guess; whoever waits, waits for something that happens, and gives up with a sentence.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says by panicking that it failed")]

mod bundle;
mod client;
mod disk;
mod events;
mod gateway;
mod models;
mod python;

pub use bundle::{Bundle, flow, node};
pub use client::{Connection, Request, Response, delete, get, multipart, patch, post, put, request};
pub use disk::{CALLS, Disk};
pub use events::{Events, Frame};
pub use gateway::{ADMIN_TOKEN, Ended, Gateway, Home, TOKEN};
pub use models::{Models, Reply};
pub use python::PythonUser;

use std::time::{Duration, Instant};

use serde_json::Value;

/// The longest anything here is waited for. A bound for broken programs, not a measure of good ones.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Looks until there is something to see.
///
/// # Panics
/// When there is nothing for too long.
#[track_caller]
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What keeps `actual` from having the parts of `expected`: members of an object may be more, everything else is equal.
/// An expected `null` also fits a member that is not there.
///
/// # Errors
/// The place of the first difference, and both sides of it.
pub fn includes(actual: &Value, expected: &Value) -> Result<(), String> {
    differs(actual, expected).map_or(Ok(()), |place| Err(format!("at `{place}`\n  in {actual}\n  wanted {expected}")))
}

fn differs(actual: &Value, expected: &Value) -> Option<String> {
    let below = |key: &str, inner: Option<String>| inner.map(|place| format!("{key}.{place}"));
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            expected.iter().find_map(|(key, part)| below(key, differs(actual.get(key).unwrap_or(&Value::Null), part)))
        }
        (Value::Array(actual), Value::Array(expected)) if actual.len() == expected.len() => {
            let mut pairs = actual.iter().zip(expected).enumerate();
            pairs.find_map(|(i, (actual, part))| below(&i.to_string(), differs(actual, part)))
        }
        _ => (actual != expected).then(String::new),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_are_looked_for_in_objects_only() {
        for (actual, expected, fits) in [
            (json!({"a": 1, "b": 2}), json!({"a": 1}), true),
            (json!({"a": 1}), json!({"a": 2}), false),
            (json!({"a": 1}), json!({"b": null}), true),
            (json!({"a": 1}), json!({"a": null}), false),
            (json!([1, 2]), json!([1]), false),
            (json!([{"a": 1, "b": 2}]), json!([{"a": 1}]), true),
            (json!("x"), json!("x"), true),
        ] {
            assert_eq!(includes(&actual, &expected).is_ok(), fits, "{actual} {expected}");
        }
    }
}
