//! Moments in UTC, written the way the contract's clients sort them: `2026-11-22T07:28:20.959280+00:00`, the fraction
//! left out when it is zero. Reading accepts `Z`, other offsets, a missing offset (UTC) and a bare date.
//!
//! No clock here: whoever needs "now" is handed it.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The first moment of 1970 in UTC.
    pub const EPOCH: Self = Self(0);

    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds from `earlier` to here, as a fraction; negative when `earlier` is later.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / 1000.0
    }

    /// This moment plus some microseconds, kept within the range of years 1 to 9999.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Reads an ISO 8601 moment. A text without offset is UTC; a bare date is its midnight.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Some(Self(moment.as_microsecond()));
        }
        let civil: DateTime =
            text.parse().ok().or_else(|| text.parse::<jiff::civil::Date>().ok().map(|d| d.at(0, 0, 0, 0)))?;
        Some(Self(TimeZone::UTC.to_timestamp(civil).ok()?.as_microsecond()))
    }

    /// `2026-11-22T07:33:19+00:00`: the whole seconds of this moment.
    #[must_use]
    pub fn to_whole_seconds(self) -> String {
        Self(self.0.div_euclid(1_000_000) * 1_000_000).to_string()
    }

    fn civil(self) -> DateTime {
        let clamped = self.0.clamp(-62_135_596_800_000_000, 253_402_207_200_000_000);
        jiff::Timestamp::from_microsecond(clamped).map(|t| TimeZone::UTC.to_datetime(t)).unwrap_or(DateTime::ZERO)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.civil();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )?;
        let micros = self.0.rem_euclid(1_000_000);
        if micros != 0 {
            write!(f, ".{micros:06}")?;
        }
        f.write_str("+00:00")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected an ISO 8601 moment"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_python_writes_it() {
        for (text, written) in [
            ("2026-11-22T07:28:20.959280+00:00", "2026-11-22T07:28:20.959280+00:00"),
            ("2026-11-22T07:28:20Z", "2026-11-22T07:28:20+00:00"),
            ("2026-11-22T09:28:20+02:00", "2026-11-22T07:28:20+00:00"),
            ("2026-11-22T07:28:20.5", "2026-11-22T07:28:20.500000+00:00"),
            ("2026-11-22", "2026-11-22T00:00:00+00:00"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999+00:00"),
        ] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), written, "{text}");
        }
        assert_eq!(Timestamp::parse("tomorrow"), None);
    }

    #[test]
    fn extreme_values_do_not_panic() {
        for micros in [i64::MIN, i64::MAX, 0] {
            let _ = Timestamp::from_micros(micros).to_string();
        }
    }
}
