//! When a failed request is tried again, and how long to wait before.
//!
//! The one invariant: a refusal that would be repeated word for word (400, 401, 403, 404 …) is never tried again.

use std::time::{Duration, SystemTime};

/// How an attempt went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// An error status.
    Status(u16),
    /// Nobody listens there.
    Refused,
    /// The connection broke or could not be made for another reason.
    Broken,
    /// It took too long.
    TimedOut,
    /// The answer is not what the protocol says.
    Garbled,
}

/// The longest wait a server may ask for; a longer one fails the call and the error says so.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(120);

const BACKOFF_BASE: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// How many attempts a failure of this kind is worth in total.
#[must_use]
pub const fn attempts_max(failure: Failure) -> u32 {
    match failure {
        Failure::Status(429) | Failure::Broken | Failure::Garbled => 3,
        Failure::Status(408 | 409 | 425 | 500..=599) | Failure::Refused | Failure::TimedOut => 2,
        Failure::Status(_) => 1,
    }
}

/// How long to wait before attempt `attempt + 1`; none when it is not worth it. `fraction` is random in `[0, 1)`.
#[must_use]
pub fn delay(failure: Failure, attempt: u32, retry_after: Option<Duration>, fraction: f64) -> Option<Duration> {
    if attempt >= attempts_max(failure) {
        return None;
    }
    if let Some(wanted) = retry_after {
        return (wanted <= RETRY_AFTER_MAX).then_some(wanted);
    }
    let ceiling = BACKOFF_BASE.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(BACKOFF_MAX);
    Some(ceiling.mul_f64(fraction.clamp(0.0, 1.0)))
}

/// Reads `Retry-After`: seconds, or an HTTP date (a past one means now).
#[must_use]
pub fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let moment = httpdate::parse_http_date(header).ok()?;
    Some(moment.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_failures_are_worth_another_try() {
        for (failure, attempts) in [
            (Failure::Status(400), 1),
            (Failure::Status(401), 1),
            (Failure::Status(403), 1),
            (Failure::Status(404), 1),
            (Failure::Status(422), 1),
            (Failure::Status(429), 3),
            (Failure::Status(500), 2),
            (Failure::Status(503), 2),
            (Failure::Refused, 2),
            (Failure::TimedOut, 2),
            (Failure::Broken, 3),
            (Failure::Garbled, 3),
        ] {
            assert_eq!(attempts_max(failure), attempts, "{failure:?}");
            assert!(delay(failure, attempts, None, 0.5).is_none(), "{failure:?}");
            assert!(attempts == 1 || delay(failure, attempts - 1, None, 0.5).is_some(), "{failure:?}");
        }
    }

    #[test]
    fn waits_are_jittered_capped_and_led_by_the_server() {
        let s = Duration::from_secs;
        assert_eq!(delay(Failure::Broken, 1, None, 0.5), Some(Duration::from_millis(500)));
        assert_eq!(delay(Failure::Broken, 2, None, 0.5), Some(s(1)));
        assert_eq!(delay(Failure::Status(429), 1, Some(s(7)), 0.5), Some(s(7)));
        assert_eq!(delay(Failure::Status(429), 1, Some(RETRY_AFTER_MAX), 0.5), Some(RETRY_AFTER_MAX));
        assert_eq!(delay(Failure::Status(429), 1, Some(RETRY_AFTER_MAX + s(1)), 0.5), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (header, seconds) in [
            ("2", Some(2.0)),
            (" 0.5 ", Some(0.5)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10.0)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", Some(0.0)),
            ("-1", None),
            ("soon", None),
            ("1e300", None),
        ] {
            assert_eq!(retry_after(header, now).map(|d| d.as_secs_f64()), seconds, "{header}");
        }
    }
}
