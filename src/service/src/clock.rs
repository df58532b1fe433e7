//! The one clock of the services.

use std::time::{SystemTime, UNIX_EPOCH};

use model::Timestamp;

/// Now, to the microsecond.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Minutes the local zone is east of UTC now, and its name.
#[must_use]
pub fn zone() -> (i32, String) {
    let zone = jiff::tz::TimeZone::system();
    let offset = zone.to_offset(jiff::Timestamp::now());
    let name = zone.iana_name().map_or_else(|| offset.to_string(), str::to_owned);
    (offset.seconds() / 60, if name == "Etc/UTC" || name == "+00" { "UTC".to_owned() } else { name })
}

/// The IANA name of the local zone; `UTC` when the machine does not say.
#[must_use]
pub fn zone_name() -> String {
    let name = zone().1;
    if jiff::tz::TimeZone::get(&name).is_ok() { name } else { "UTC".to_owned() }
}
