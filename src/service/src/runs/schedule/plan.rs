//! When and how often (contract 02, section 10): the client's words read once, so that a schedule that was accepted does not
//! fail at its first wait.

use flow::schedule::Rhythm;
use model::api::runs::{PreviewSchedule, ScheduleRun};
use model::schedule::calendar::Calendar;
use model::schedule::interval_micros;
use model::schedule::timetable::{CatchUp, Overlap, Timetable};
use model::{Code, Error, Timestamp};

use crate::clock;

/// A schedule runs its flow so often at most, unless it does so for ever.
const TIMES_MAX: u64 = 10_000;

/// The words that say when, of a schedule or of its preview. Blank ones are absent.
#[derive(Debug, Default)]
pub(super) struct Asked<'a> {
    pub(super) start_at: Option<&'a str>,
    pub(super) interval: Option<&'a str>,
    pub(super) cron: Option<&'a str>,
    pub(super) time_zone: Option<&'a str>,
    pub(super) overlap: Option<&'a str>,
    pub(super) catch_up: Option<&'a str>,
    pub(super) repeat_count: Option<i64>,
    pub(super) repeat_until: Option<&'a str>,
}

fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|t| !t.is_empty())
}

impl<'a> Asked<'a> {
    pub(super) fn of(input: &'a ScheduleRun) -> Self {
        Self {
            start_at: filled(&input.start_at),
            interval: filled(&input.interval),
            cron: filled(&input.cron),
            time_zone: filled(&input.time_zone),
            overlap: filled(&input.overlap),
            catch_up: filled(&input.catch_up),
            repeat_count: input.repeat_count,
            repeat_until: filled(&input.repeat_until),
        }
    }

    pub(super) fn of_preview(input: &'a PreviewSchedule) -> Self {
        Self {
            start_at: filled(&input.start_at),
            interval: filled(&input.interval),
            cron: filled(&input.cron),
            time_zone: filled(&input.time_zone),
            repeat_count: input.repeat_count,
            repeat_until: filled(&input.repeat_until),
            ..Self::default()
        }
    }

    /// Whether it comes round again.
    const fn recurs(&self) -> bool {
        self.interval.is_some() || self.cron.is_some()
    }
}

/// What a client wants.
#[derive(Debug, PartialEq)]
pub(super) struct Plan {
    /// When the first time is, as the schedule's flow says it.
    pub(super) start: String,
    /// The same as the client wrote it; none for now.
    pub(super) start_at: Option<String>,
    /// The same as a moment.
    pub(super) first: Timestamp,
    pub(super) rhythm: Rhythm,
    /// What it follows when its rhythm is that of a cron expression.
    pub(super) timetable: Option<Timetable>,
    /// The end as the client wrote it.
    pub(super) repeat_until: Option<String>,
}

/// Reads it.
///
/// # Errors
/// What contradicts itself, or is no moment, interval, expression, zone or policy.
pub(super) fn read(asked: Asked<'_>, now: Timestamp) -> Result<Plan, Error> {
    contradictions(&asked)?;
    let start_at = asked.start_at.filter(|s| !s.eq_ignore_ascii_case("now"));
    let end = asked.repeat_until.map(|text| {
        Timestamp::parse(text).ok_or_else(|| bad(format!("Invalid repeat_until: '{text}' is not an ISO timestamp")))
    });
    let end = end.transpose()?;
    let first = start_at.map_or(Ok(now), |text| moment(text, now))?;
    if end.is_some_and(|end| end < first) {
        return Err(bad("repeat_until must be >= start_at"));
    }
    let (rhythm, timetable) = match asked.cron {
        Some(cron) => {
            let timetable = timetable(cron, &asked, first, now)?;
            let (cron, time_zone) = (timetable.cron.clone(), timetable.time_zone.clone());
            (Rhythm::Cron { cron, time_zone }, Some(timetable))
        }
        None => (rhythm(&asked, first, end)?, None),
    };
    let text = |text: Option<&str>| text.map(str::to_owned);
    let start = start_at.unwrap_or("0s").to_owned();
    Ok(Plan { start, start_at: text(start_at), first, rhythm, timetable, repeat_until: text(asked.repeat_until) })
}

fn contradictions(asked: &Asked<'_>) -> Result<(), Error> {
    let cron_only = [("time_zone", asked.time_zone), ("overlap", asked.overlap), ("catch_up", asked.catch_up)];
    if asked.cron.is_some() && asked.interval.is_some() {
        return Err(bad("interval cannot be combined with cron"));
    }
    if let Some((name, _)) = cron_only.iter().find(|(_, given)| given.is_some() && asked.cron.is_none()) {
        let why = "an interval counts from the end of an execution, so its executions neither overlap nor are missed";
        return Err(bad(format!("{name} requires cron: {why}")));
    }
    let refused = match asked.repeat_count {
        Some(count) if count < 1 => "repeat_count must be >= 1",
        Some(count) if count > 1 && !asked.recurs() => "repeat_count > 1 requires interval",
        Some(_) if asked.repeat_until.is_some() => "repeat_until cannot be combined with repeat_count",
        _ if asked.repeat_until.is_some() && !asked.recurs() => "repeat_until requires interval",
        _ => return Ok(()),
    };
    Err(bad(refused))
}

fn count_of(asked: &Asked<'_>) -> Result<Option<u64>, Error> {
    let count = asked.repeat_count.map(|n| u64::try_from(n).unwrap_or(0));
    if count.is_some_and(|count| count > TIMES_MAX) {
        return Err(too_many());
    }
    Ok(count)
}

fn too_many() -> Error {
    bad(format!("Failed to build schedule wrapper: repeat_count is too large (max {TIMES_MAX})"))
}

fn rhythm(asked: &Asked<'_>, first: Timestamp, end: Option<Timestamp>) -> Result<Rhythm, Error> {
    let interval = asked.interval.map(str::to_ascii_lowercase);
    let micros = interval.as_deref().map(pause).transpose()?;
    let count = match (end, micros) {
        (Some(end), Some(micros)) => Some(executions(first, end, micros)?),
        _ => count_of(asked)?,
    };
    Ok(match (count, interval) {
        (Some(1), _) => Rhythm::Times { count: 1, interval: None },
        (Some(count), interval) => Rhythm::Times { count, interval },
        (None, Some(interval)) => Rhythm::Forever { interval },
        (None, None) => Rhythm::Once,
    })
}

/// What a schedule with a cron expression follows.
fn timetable(cron: &str, asked: &Asked<'_>, first: Timestamp, now: Timestamp) -> Result<Timetable, Error> {
    let zone = asked.time_zone.map_or_else(clock::zone_name, str::to_owned);
    let calendar = Calendar::read(cron, &zone).map_err(bad)?;
    let mut timetable = Timetable::new(cron.to_owned(), zone, first, now);
    timetable.repeat_count = count_of(asked)?;
    timetable.repeat_until = asked.repeat_until.map(str::to_owned);
    if let Some(word) = asked.overlap {
        let invalid = || bad(format!("Invalid overlap: '{word}' (expected: {})", Overlap::WORDS));
        timetable.overlap = Overlap::parse(word).ok_or_else(invalid)?;
    }
    if let Some(word) = asked.catch_up {
        let invalid = || bad(format!("Invalid catch_up: '{word}' (expected: {})", CatchUp::WORDS));
        timetable.catch_up = CatchUp::parse(word).ok_or_else(invalid)?;
    }
    if timetable.upcoming(&calendar, first.plus_micros(-1), 1).is_empty() {
        let when = if asked.repeat_until.is_some() { "between start_at and repeat_until" } else { "after start_at" };
        return Err(bad(format!("Invalid cron: '{cron}' has no time {when}")));
    }
    Ok(timetable)
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
        read(Asked::of(&input), Timestamp::EPOCH).map_err(|e| e.detail)
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

    #[test]
    fn a_cron_expression_becomes_a_timetable() {
        let check = |given: Value, expected: Value| {
            let timetable = plan(given.clone()).unwrap().timetable.unwrap();
            let mut shown = serde_json::to_value(timetable).unwrap();
            shown.as_object_mut().unwrap().retain(|key, _| expected.get(key).is_some());
            assert_eq!(shown, expected, "{given}");
        };
        check(
            json!({"cron": " 0 9 * * MON-FRI ", "time_zone": "Europe/Paris"}),
            json!({"cron": "0 9 * * MON-FRI", "time_zone": "Europe/Paris", "overlap": "skip", "catch_up": "one",
                "repeat_count": null, "repeat_until": null, "settled_until": "1969-12-31T23:59:59.999999+00:00"}),
        );
        check(
            json!({"cron": "@daily", "overlap": "Cancel", "catch_up": " ALL ", "repeat_count": 1, "start_at": "2h"}),
            json!({"time_zone": clock::zone_name(), "overlap": "cancel", "catch_up": "all", "repeat_count": 1,
                "settled_until": "1970-01-01T01:59:59.999999+00:00"}),
        );
        check(json!({"cron": "@daily", "repeat_count": 10_000}), json!({"repeat_count": 10_000}));
        check(
            json!({"cron": "0 1 * * *", "time_zone": "UTC", "repeat_until": "1970-01-01T01:00:00Z"}),
            json!({"repeat_until": "1970-01-01T01:00:00Z"}),
        );
    }

    #[test]
    fn what_is_no_timetable_is_refused() {
        let why = "an interval counts from the end of an execution, so its executions neither overlap nor are missed";
        let check = |given: Value, expected: &str| assert_eq!(plan(given.clone()).unwrap_err(), expected, "{given}");
        check(json!({"cron": "@daily", "interval": "1h"}), "interval cannot be combined with cron");
        for name in ["time_zone", "overlap", "catch_up"] {
            check(json!({name: "skip", "interval": "1h"}), &format!("{name} requires cron: {why}"));
        }
        check(
            json!({"cron": "@daily", "overlap": "maybe"}),
            "Invalid overlap: 'maybe' (expected: skip|allow|queue|cancel)",
        );
        check(json!({"cron": "@daily", "catch_up": "some"}), "Invalid catch_up: 'some' (expected: one|none|all)");
        check(
            json!({"cron": "@daily", "time_zone": "Mars/Olympus"}),
            "Invalid time_zone: 'Mars/Olympus' is not the IANA name of a time zone (expected like 'Europe/Paris' or 'UTC')",
        );
        check(json!({"cron": "@daily", "repeat_count": 0}), "repeat_count must be >= 1");
        check(
            json!({"cron": "@daily", "repeat_count": 10_001}),
            "Failed to build schedule wrapper: repeat_count is too large (max 10000)",
        );
        check(json!({"cron": "0 0 30 2 *"}), "Invalid cron: '0 0 30 2 *' has no time after start_at");
        check(
            json!({"cron": "0 1 * * *", "time_zone": "UTC", "repeat_until": "1970-01-01T00:59:59Z"}),
            "Invalid cron: '0 1 * * *' has no time between start_at and repeat_until",
        );
        for cron in ["often", "* * * *", "0 * * * * *", "@reboot"] {
            assert!(plan(json!({"cron": cron})).unwrap_err().starts_with("Invalid cron: "), "{cron}");
        }
    }
}
