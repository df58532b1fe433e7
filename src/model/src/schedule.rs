//! What makes a run a schedule (contract 02, section 10): its record in `_meta.schedule`, and how intervals are written.
//!
//! The one invariant: everybody who asks whether a run is a schedule, or how long an interval is, asks here.

pub mod calendar;
pub mod timetable;

use serde_json::Value;

use crate::{Map, Run};

/// `_meta.schedule.kind`.
pub const KIND: &str = "scheduled_run";
/// How the workflow ids of schedules begin.
pub const PREFIX: &str = "scheduled:";
/// The node a schedule waits at between two executions. Stored flows and clients know it by this name.
pub const WAIT_INTERVAL: &str = "wait_interval";

/// The record of a schedule; none for other runs.
#[must_use]
pub fn record(run: &Run) -> Option<&Map> {
    let record = run.vars.get("_meta")?.get("schedule")?.as_object()?;
    (record.get("kind").and_then(Value::as_str) == Some(KIND)).then_some(record)
}

/// The interval of a schedule that comes round again; none for one-shot schedules and other runs.
#[must_use]
pub fn interval(run: &Run) -> Option<&str> {
    record(run)?.get("interval")?.as_str().map(str::trim).filter(|i| !i.is_empty())
}

/// `30s`, `1.5h`, `250ms`, `2 d` in microseconds.
#[must_use]
pub fn interval_micros(text: &str) -> Option<i64> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let factor = match unit {
        "ms" => 1e3,
        "s" => 1e6,
        "m" => 60e6,
        "h" => 3600e6,
        "d" => 86_400e6,
        _ => return None,
    };
    let number = number.trim_end();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let plain = number.split_once('.').map_or_else(|| digits(number), |(whole, part)| digits(whole) && digits(part));
    plain.then(|| number.parse::<f64>().ok()).flatten().map(|n| (n * factor) as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Timestamp;

    #[test]
    fn intervals_are_a_number_and_a_unit() {
        for (text, micros) in [
            ("250ms", Some(250_000)),
            ("0s", Some(0)),
            (" 20m ", Some(1_200_000_000)),
            ("1.5h", Some(5_400_000_000)),
            ("2 d", Some(172_800_000_000)),
            ("99999999999999999999d", Some(i64::MAX)),
            ("", None),
            ("s", None),
            ("5", None),
            ("5w", None),
            ("1.h", None),
            (".5h", None),
            ("1.2.3s", None),
            ("-1s", None),
            ("1e3s", None),
            ("1h30m", None),
            ("2026-11-22T00:00:00Z", None),
        ] {
            assert_eq!(interval_micros(text), micros, "{text}");
        }
    }

    #[test]
    fn a_schedule_says_so_in_its_record() {
        for (vars, expected) in [
            (json!({"_meta": {"schedule": {"kind": "scheduled_run", "interval": "1h"}}}), Some("1h")),
            (json!({"_meta": {"schedule": {"kind": "scheduled_run", "interval": null}}}), None),
            (json!({"_meta": {"schedule": {"kind": "other", "interval": "1h"}}}), None),
            (json!({"_meta": 5}), None),
        ] {
            let vars = vars.as_object().cloned().unwrap();
            let run = Run::new("r".into(), "scheduled:1".into(), "start".into(), vars, Timestamp::EPOCH);
            assert_eq!(interval(&run), expected);
        }
    }
}
