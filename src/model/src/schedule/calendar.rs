//! The times a cron expression names in a time zone, as moments in UTC.
//!
//! The expression is read by `croner` and walked on the wall clock; what the wall clock means is asked of `jiff`, which has the
//! zones in the program and prefers those of the machine. Two rules hold around a change of the clocks. A time the clock
//! leaves out comes at the first moment after the gap. A time the clock shows twice comes the first time only, unless the
//! expression leaves the hour open (`*`, `*/2`): then it means real hours, and each of them counts.
//!
//! May not know: runs, policies, the present moment.

use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use croner::{CivilDateTime, CronDateTime, Resolution};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::Timestamp;

/// An expression in a zone.
#[derive(Clone, Debug)]
pub struct Calendar {
    cron: croner::Cron,
    zone: TimeZone,
    /// Whether every hour is meant, or every so many.
    open_hour: bool,
}

impl Calendar {
    /// Reads a five-field expression (or `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually`) and
    /// the IANA name of a zone.
    ///
    /// # Errors
    /// Why it is none, for people.
    pub fn read(cron: &str, time_zone: &str) -> Result<Self, String> {
        let text = cron.trim();
        let text = if text.eq_ignore_ascii_case("@midnight") { "@daily" } else { text };
        if text.is_empty() {
            return Err("Invalid cron: it is empty (expected like '0 9 * * MON-FRI' or '@daily')".into());
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let parsed = parser.parse(text).map_err(|e| {
            format!("Invalid cron: '{text}' is no expression of minute, hour, day of month, month and day of week: {e}")
        })?;
        let hour = text.split_whitespace().nth(1);
        let open_hour = hour.map_or_else(|| text.eq_ignore_ascii_case("@hourly"), |hour| hour.starts_with('*'));
        Ok(Self { cron: parsed, zone: zone(time_zone)?, open_hour })
    }

    /// The first time after a moment; none when there is none in the years that can be written.
    #[must_use]
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let first = self.next_once(after);
        if !self.open_hour {
            return first;
        }
        let second = self.next_repeated(after, first);
        [first, second].into_iter().flatten().min()
    }

    /// The latest times after one moment up to another, the earliest first, so many at most.
    #[must_use]
    pub fn latest(&self, after: Timestamp, until: Timestamp, count: usize) -> Vec<Timestamp> {
        const HOUR: i64 = 3_600_000_000;
        let mut window = HOUR;
        loop {
            let from = after.max(until.plus_micros(window.saturating_neg()));
            let mut times = Vec::new();
            let mut last = from;
            while let Some(time) = self.next(last).filter(|time| *time <= until) {
                times.push(time);
                last = time;
            }
            if times.len() >= count || from == after {
                return times.split_off(times.len().saturating_sub(count));
            }
            window = window.saturating_mul(4);
        }
    }

    /// A moment as the clocks of the zone show it, with their distance from UTC.
    #[must_use]
    pub fn local(&self, moment: Timestamp) -> String {
        let Ok(at) = jiff::Timestamp::from_microsecond(moment.as_micros()) else { return moment.to_string() };
        let seconds = self.zone.to_offset(at).seconds();
        let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
        format!("{}{sign}{:02}:{:02}", self.zone.to_datetime(at), seconds / 3600, seconds / 60 % 60)
    }

    /// The first time after a moment when repeated times count once.
    fn next_once(&self, after: Timestamp) -> Option<Timestamp> {
        let mut wall = self.wall(after)?;
        loop {
            wall = self.next_wall(wall, false)?;
            let moment = self.moment(wall, false)?;
            // In the second showing of an hour the wall clock names moments that are over.
            if moment > after {
                return Some(moment);
            }
        }
    }

    /// The first time after a moment among those the clock shows for the second time.
    fn next_repeated(&self, after: Timestamp, before: Option<Timestamp>) -> Option<Timestamp> {
        let at = jiff::Timestamp::from_microsecond(after.as_micros()).ok()?;
        let past = self.zone.preceding(at.checked_add(jiff::SignedDuration::from_micros(1)).ok()?).next();
        let coming = self.zone.following(at).next();
        let changes = [past, coming].into_iter().flatten().map(|change| change.timestamp());
        let set_back = |change: jiff::Timestamp| {
            let earlier = change.checked_sub(jiff::SignedDuration::from_micros(1)).ok()?;
            let shift = self.zone.to_offset(earlier).seconds() - self.zone.to_offset(change).seconds();
            (shift > 0).then(|| self.first_repeated(change, shift, after))?
        };
        changes.filter(|c| before.is_none_or(|b| c.as_microsecond() < b.as_micros())).filter_map(set_back).min()
    }

    fn first_repeated(&self, change: jiff::Timestamp, shift: i32, after: Timestamp) -> Option<Timestamp> {
        let begin = self.zone.to_datetime(change);
        let end = begin.checked_add(jiff::SignedDuration::from_secs(i64::from(shift))).ok()?;
        let mut wall = self.next_wall(begin, true)?;
        while wall < end {
            let moment = self.moment(wall, true)?;
            if moment > after {
                return Some(moment);
            }
            wall = self.next_wall(wall, false)?;
        }
        None
    }

    fn wall(&self, moment: Timestamp) -> Option<DateTime> {
        Some(self.zone.to_datetime(jiff::Timestamp::from_microsecond(moment.as_micros()).ok()?))
    }

    fn next_wall(&self, from: DateTime, inclusive: bool) -> Option<DateTime> {
        self.cron.find_next_occurrence(&Wall(from), inclusive).ok().map(|found| found.0)
    }

    /// The moment a wall clock time means.
    fn moment(&self, wall: DateTime, second: bool) -> Option<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(wall);
        let found = match ambiguous.offset() {
            // The clock jumps: the jump itself is the first moment after what it leaves out.
            AmbiguousOffset::Gap { .. } => {
                let before = ambiguous.earlier().ok()?;
                self.zone.following(before.checked_sub(jiff::SignedDuration::from_micros(1)).ok()?).next()?.timestamp()
            }
            AmbiguousOffset::Fold { .. } if second => ambiguous.later().ok()?,
            _ => ambiguous.earlier().ok()?,
        };
        Some(Timestamp::from_micros(found.as_microsecond()))
    }
}

/// A zone by its IANA name.
fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name.trim()).map_err(|_| {
        format!(
            "Invalid time_zone: '{name}' is not the IANA name of a time zone (expected like 'Europe/Paris' or 'UTC')"
        )
    })
}

/// A wall clock without a zone: the expression is walked on it as if the clock never changed.
#[derive(Clone)]
struct Wall(DateTime);

impl CronDateTime for Wall {
    fn to_civil(&self) -> CivilDateTime {
        let (date, time) = (self.0.date(), self.0.time());
        CivilDateTime::new(
            croner::CivilDate::from_parts_unchecked(i32::from(date.year()), date.month() as u32, date.day() as u32),
            croner::CivilTime::from_parts_unchecked(time.hour() as u32, time.minute() as u32, time.second() as u32),
        )
    }

    fn civil_weekday(&self) -> croner::Weekday {
        croner::Weekday::from_days_from_sunday(self.0.weekday().to_sunday_zero_offset() as u32)
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let year = i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?;
        let parts = [civil.month(), civil.day(), civil.hour(), civil.minute(), civil.second()].map(|part| part as i8);
        let [month, day, hour, minute, second] = parts;
        let wall = DateTime::new(year, month, day, hour, minute, second, 0).map_err(|_| CronError::InvalidDate)?;
        Ok(Resolution::Single(Self(wall)))
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(jiff::SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    /// The times of an expression after a moment, as the clocks of the zone show them.
    fn times(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let calendar = Calendar::read(cron, zone).unwrap();
        let mut moment = at(after);
        (0..count)
            .map_while(|_| {
                moment = calendar.next(moment)?;
                Some(calendar.local(moment))
            })
            .collect()
    }

    #[test]
    fn expressions_mean_what_crontab_says() {
        let check = |cron: &str, expected: &[&str]| {
            assert_eq!(times(cron, "UTC", "2026-11-22T07:28:20Z", expected.len()), expected, "{cron}");
        };
        check("0 9 * * MON-FRI", &["2026-11-23T09:00:00+00:00", "2026-11-24T09:00:00+00:00"]);
        check("*/20 7-8 * * *", &["2026-11-22T07:40:00+00:00", "2026-11-22T08:00:00+00:00"]);
        check("0 0 1,15 * *", &["2026-12-01T00:00:00+00:00", "2026-12-15T00:00:00+00:00"]);
        check("0 12 29 2 *", &["2028-02-29T12:00:00+00:00", "2032-02-29T12:00:00+00:00"]);
        check("30 4 1 jan sun", &["2027-01-01T04:30:00+00:00", "2027-01-03T04:30:00+00:00"]);
        check("0 0 * * 7", &["2026-11-29T00:00:00+00:00"]);
        check("28 7 * * *", &["2026-11-23T07:28:00+00:00"]);
        check("29 7 * * *", &["2026-11-22T07:29:00+00:00"]);
        check("@hourly", &["2026-11-22T08:00:00+00:00"]);
        check("@daily", &["2026-11-23T00:00:00+00:00"]);
        check("@midnight", &["2026-11-23T00:00:00+00:00"]);
        check("@weekly", &["2026-11-29T00:00:00+00:00"]);
        check("@monthly", &["2026-12-01T00:00:00+00:00"]);
        check("@yearly", &["2027-01-01T00:00:00+00:00"]);
    }

    #[test]
    fn what_is_no_expression_or_no_zone_is_refused() {
        let long = "* * * * * * *";
        for cron in [
            "",
            " ",
            "often",
            "* * * *",
            "0 * * * * *",
            long,
            "60 * * * *",
            "* 24 * * *",
            "* * 32 * *",
            "* * * 13 *",
            "* * * * 8",
            "5-1 * * * *",
            "*/0 * * * *",
            "@reboot",
            "@never",
            "* * * foo *",
        ] {
            let refused = Calendar::read(cron, "UTC").unwrap_err();
            assert!(refused.starts_with("Invalid cron: "), "{cron}: {refused}");
        }
        for zone in ["", "Europe/Nowhere", "CEST+2", "../etc/passwd"] {
            let refused = Calendar::read("@daily", zone).unwrap_err();
            assert!(refused.starts_with("Invalid time_zone: "), "{zone}: {refused}");
        }
        assert_eq!(Calendar::read("0 0 30 2 *", "UTC").unwrap().next(Timestamp::EPOCH), None);
    }

    #[test]
    fn a_time_the_clock_leaves_out_comes_once_after_the_gap() {
        for (zone, cron, after, expected) in [
            (
                "Europe/Paris",
                "30 2 * * *",
                "2026-03-28T00:00:00Z",
                ["2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"],
            ),
            (
                "America/New_York",
                "30 2 * * *",
                "2026-03-07T05:00:00Z",
                ["2026-03-07T02:30:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"],
            ),
            // All that falls into the gap comes together, once.
            (
                "Europe/Paris",
                "0,30 2-3 * * *",
                "2026-03-28T23:00:00Z",
                ["2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:00:00+02:00"],
            ),
            (
                "Europe/Paris",
                "0 * * * *",
                "2026-03-28T23:59:00Z",
                ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"],
            ),
            // A whole day that Samoa never had.
            (
                "Pacific/Apia",
                "0 9 * * *",
                "2011-12-29T10:30:00Z",
                ["2011-12-29T09:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00"],
            ),
        ] {
            assert_eq!(times(cron, zone, after, 3), expected, "{zone} {cron}");
        }
    }

    #[test]
    fn a_time_the_clock_shows_twice_comes_once() {
        for (zone, cron, after, expected) in [
            (
                "Europe/Paris",
                "30 2 * * *",
                "2026-10-24T12:00:00Z",
                ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"],
            ),
            (
                "America/New_York",
                "30 1 * * *",
                "2026-10-31T12:00:00Z",
                ["2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"],
            ),
            // Asked for within the second showing.
            (
                "America/New_York",
                "0,45 1 * * *",
                "2026-11-01T06:10:00Z",
                ["2026-11-02T01:00:00-05:00", "2026-11-02T01:45:00-05:00"],
            ),
        ] {
            assert_eq!(times(cron, zone, after, 2), expected, "{zone} {cron}");
        }
    }

    #[test]
    fn open_hours_are_real_hours() {
        for (zone, after, cron, expected) in [
            (
                "Europe/Paris",
                "2026-10-24T23:30:00Z",
                "0 * * * *",
                [
                    "2026-10-25T02:00:00+02:00",
                    "2026-10-25T02:00:00+01:00",
                    "2026-10-25T03:00:00+01:00",
                    "2026-10-25T04:00:00+01:00",
                ],
            ),
            (
                "America/New_York",
                "2026-11-01T05:20:00Z",
                "*/30 * * * *",
                [
                    "2026-11-01T01:30:00-04:00",
                    "2026-11-01T01:00:00-05:00",
                    "2026-11-01T01:30:00-05:00",
                    "2026-11-01T02:00:00-05:00",
                ],
            ),
        ] {
            assert_eq!(times(cron, zone, after, 4), expected, "{zone}");
        }
    }

    /// Moments go forward, and asking from any moment between two times gives the second.
    #[test]
    fn times_go_forward_through_every_change() {
        for zone in ["Europe/Paris", "America/New_York", "Australia/Lord_Howe"] {
            for cron in ["*/17 * * * *", "0 */3 * * *", "5,50 1-3 * * *", "@daily"] {
                let calendar = Calendar::read(cron, zone).unwrap();
                let mut last = at("2026-01-01T00:00:00Z");
                while last < at("2026-12-31T00:00:00Z") {
                    let next = calendar.next(last).unwrap();
                    assert!(next > last, "{zone} {cron}: {next} is not after {last}");
                    let between = Timestamp::from_micros(i64::midpoint(last.as_micros(), next.as_micros()));
                    assert_eq!(calendar.next(between), Some(next), "{zone} {cron} from {between}");
                    last = next;
                }
            }
        }
    }

    #[test]
    fn the_latest_times_are_found_from_the_end() {
        let check = |cron: &str, after: &str, until: &str, count: usize, expected: &[&str]| {
            let found = Calendar::read(cron, "UTC").unwrap().latest(at(after), at(until), count);
            let expected: Vec<_> = expected.iter().map(|text| at(text)).collect();
            assert_eq!(found, expected, "{cron} {after} {until}");
        };
        let (begin, noon) = ("2020-01-01T00:00:00Z", "2026-01-01T12:00:00Z");
        check("* * * * *", begin, noon, 2, &["2026-01-01T11:59:00Z", noon]);
        check("@yearly", begin, noon, 2, &["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]);
        check("@yearly", "2025-06-01T00:00:00Z", noon, 5, &["2026-01-01T00:00:00Z"]);
        check("@yearly", "2026-01-01T00:00:00Z", noon, 5, &[]);
        check("@daily", noon, "2026-01-01T00:00:00Z", 5, &[]);
    }
}
