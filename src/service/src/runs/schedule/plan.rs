//! When and how often (contract 02, section 10): the client's words read once, so that a schedule that was accepted does not
//! fail at its first wait.

use flow::schedule::Rhythm;
use model::api::runs::ScheduleRun;
use model::schedule::interval_micros;
use model::{Code, Error, Timestamp};

/// A schedule runs its flow so often at most, unless it does so for ever.
const TIMES_MAX: u64 = 10_000;

/// What a client wants.
#[derive(Debug, PartialEq)]
pub(super) struct Plan {
    /// When the first time is, as the schedule's flow says it.
    pub(super) start: String,
    /// The same as the client wrote it; none for now.
    pub(super) start_at: Option<String>,
    pub(super) rhythm: Rhythm,
    /// The end as the client wrote it.
    pub(super) repeat_until: Option<String>,
}

/// Reads it.
///
/// # Errors
/// What contradicts itself, or is neither moment nor interval.
pub(super) fn read(input: &ScheduleRun, now: Timestamp) -> Result<Plan, Error> {
    let filled = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let (start_at, until) = (filled(&input.start_at), filled(&input.repeat_until));
    let interval = filled(&input.interval).map(|i| i.to_ascii_lowercase());
    contradictions(input.repeat_count, interval.is_some(), until.is_some())?;
    let start_at = start_at.filter(|s| !s.eq_ignore_ascii_case("now"));
    let end = until.as_deref().map(|text| {
        Timestamp::parse(text).ok_or_else(|| bad(format!("Invalid repeat_until: '{text}' is not an ISO timestamp")))
    });
    let end = end.transpose()?;
    let first = start_at.as_deref().map_or(Ok(now), |text| moment(text, now))?;
    if end.is_some_and(|end| end < first) {
        return Err(bad("repeat_until must be >= start_at"));
    }
    let micros = interval.as_deref().map(pause).transpose()?;
    let count = match (end, micros) {
        (Some(end), Some(micros)) => Some(executions(first, end, micros)?),
        _ => input.repeat_count.map(|n| u64::try_from(n).unwrap_or(0)),
    };
    let rhythm = match (count, interval) {
        (Some(count), _) if count > TIMES_MAX => {
            let text = format!("Failed to build schedule wrapper: repeat_count is too large (max {TIMES_MAX})");
            return Err(bad(text));
        }
        (Some(1), _) => Rhythm::Times { count: 1, interval: None },
        (Some(count), interval) => Rhythm::Times { count, interval },
        (None, Some(interval)) => Rhythm::Forever { interval },
        (None, None) => Rhythm::Once,
    };
    let start = start_at.clone().unwrap_or_else(|| "0s".to_owned());
    Ok(Plan { start, start_at, rhythm, repeat_until: until })
}

fn contradictions(count: Option<i64>, has_interval: bool, has_end: bool) -> Result<(), Error> {
    let refused = match count {
        Some(count) if count < 1 => "repeat_count must be >= 1",
        Some(count) if count > 1 && !has_interval => "repeat_count > 1 requires interval",
        Some(_) if has_end => "repeat_until cannot be combined with repeat_count",
        _ if has_end && !has_interval => "repeat_until requires interval",
        _ => return Ok(()),
    };
    Err(bad(refused))
}

/// A moment, or a time from now.
fn moment(text: &str, now: Timestamp) -> Result<Timestamp, Error> {
    let moment = interval_micros(text).map(|micros| now.plus_micros(micros)).or_else(|| Timestamp::parse(text));
    moment.ok_or_else(|| {
        bad(format!(
            "Invalid start_at: '{text}' is neither 'now', nor a time from now like '10m', nor an ISO timestamp"
        ))
    })
}

/// The pause between two executions. None at all would keep the gateway busy for ever.
fn pause(text: &str) -> Result<i64, Error> {
    match interval_micros(text) {
        Some(micros) if micros > 0 => Ok(micros),
        Some(_) => Err(bad("Invalid interval: it must be longer than zero")),
        None => Err(bad("Invalid interval: invalid interval (expected like '15m', '1h', '2d')")),
    }
}

/// The first one at the start, and one an interval until the end.
fn executions(first: Timestamp, end: Timestamp, micros: i64) -> Result<u64, Error> {
    let span = end.as_micros().saturating_sub(first.as_micros()).max(0);
    let count = 1 + u64::try_from(span / micros).unwrap_or(0);
    if count > TIMES_MAX {
        return Err(bad(format!("repeat_until implies too many executions (max {TIMES_MAX})")));
    }
    Ok(count)
}

fn bad(text: impl Into<String>) -> Error {
    Error::new(Code::BadRequest, text)
}

#[cfg(test)]
mod tests {
    use model::{Map, Value};
    use serde_json::json;

    use super::*;

    fn plan(given: Value) -> Result<Plan, String> {
        let mut input = json!({"bundle_id": "b", "flow_id": "f", "input_data": Map::new(), "share_context": true});
        input.as_object_mut().unwrap().extend(given.as_object().cloned().unwrap());
        let input: ScheduleRun = serde_json::from_value(input).unwrap();
        read(&input, Timestamp::EPOCH).map_err(|e| e.detail)
    }

    #[test]
    fn what_can_be_meant_is_understood() {
        let times = |count, interval: Option<&str>| Rhythm::Times { count, interval: interval.map(str::to_owned) };
        let forever = |interval: &str| Rhythm::Forever { interval: interval.into() };
        for (given, start, rhythm) in [
            (json!({}), "0s", Rhythm::Once),
            (json!({"start_at": " NOW ", "interval": " "}), "0s", Rhythm::Once),
            (json!({"start_at": "10m"}), "10m", Rhythm::Once),
            (json!({"start_at": "1969-01-01T00:00:00Z"}), "1969-01-01T00:00:00Z", Rhythm::Once),
            (json!({"interval": "0.5s"}), "0s", forever("0.5s")),
            (json!({"interval": "15 M"}), "0s", forever("15 m")),
            (json!({"repeat_count": 1}), "0s", times(1, None)),
            (json!({"repeat_count": 1, "interval": "1h"}), "0s", times(1, None)),
            (json!({"repeat_count": 10000, "interval": "1h"}), "0s", times(10_000, Some("1h"))),
            (json!({"repeat_until": "1970-01-01T00:00:00Z", "interval": "1h"}), "0s", times(1, None)),
            (json!({"repeat_until": "1970-01-01T02:59:59", "interval": "1h"}), "0s", times(3, Some("1h"))),
            (json!({"repeat_until": "1970-01-01T03:00:00Z", "interval": "1h"}), "0s", times(4, Some("1h"))),
            (
                json!({"repeat_until": "1970-01-01T03:00:00Z", "interval": "1h", "start_at": "2h"}),
                "2h",
                times(2, Some("1h")),
            ),
        ] {
            let plan = plan(given.clone()).unwrap();
            assert_eq!((plan.start.as_str(), plan.rhythm), (start, rhythm), "{given}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused_in_the_contracts_words() {
        let interval = "Invalid interval: invalid interval (expected like '15m', '1h', '2d')";
        for (given, expected) in [
            (json!({"repeat_count": 0}), "repeat_count must be >= 1"),
            (json!({"repeat_count": -3, "interval": "1h"}), "repeat_count must be >= 1"),
            (json!({"repeat_count": 2}), "repeat_count > 1 requires interval"),
            (
                json!({"repeat_count": 2, "interval": "1h", "repeat_until": "2026-01-01"}),
                "repeat_until cannot be combined with repeat_count",
            ),
            (json!({"repeat_until": "2026-01-01"}), "repeat_until requires interval"),
            (json!({"repeat_until": "soon", "interval": "1h"}), "Invalid repeat_until: 'soon' is not an ISO timestamp"),
            (json!({"repeat_until": "1969-12-31", "interval": "1h"}), "repeat_until must be >= start_at"),
            (
                json!({"start_at": "2h", "repeat_until": "1970-01-01T01:00:00Z", "interval": "1h"}),
                "repeat_until must be >= start_at",
            ),
            (json!({"interval": "often"}), interval),
            (json!({"interval": "2026-01-01T00:00:00Z"}), interval),
            (
                json!({"interval": "1h", "repeat_until": "3000-01-01", "start_at": "1h30m"}),
                "Invalid start_at: '1h30m' is neither 'now', nor a time from now like '10m', nor an ISO timestamp",
            ),
            (json!({"interval": "0s"}), "Invalid interval: it must be longer than zero"),
            (json!({"interval": "0.0000001ms"}), "Invalid interval: it must be longer than zero"),
            (
                json!({"interval": "1s", "repeat_until": "1970-01-01T02:46:40Z"}),
                "repeat_until implies too many executions (max 10000)",
            ),
            (
                json!({"interval": "1s", "repeat_count": 10001}),
                "Failed to build schedule wrapper: repeat_count is too large (max 10000)",
            ),
        ] {
            assert_eq!(plan(given.clone()).unwrap_err(), expected, "{given}");
        }
        assert!(plan(json!({"interval": "1s", "repeat_until": "1970-01-01T02:46:39Z"})).is_ok());
    }
}
