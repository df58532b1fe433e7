//! The times a plan leads to, as far as they can be known before anything ran.

use flow::schedule::Rhythm;
use model::Timestamp;
use model::schedule::interval_micros;

use super::plan::Plan;

/// The next times of a plan, so many at most.
pub(super) fn of(plan: &Plan, now: Timestamp, count: usize) -> Vec<Timestamp> {
    if let Some(timetable) = &plan.timetable {
        // Times before now that a start in the past means are missed ones.
        let calendar = timetable.calendar();
        return calendar.map_or_else(|_| Vec::new(), |c| timetable.upcoming(&c, now.plus_micros(-1), count));
    }
    let (times, interval) = match &plan.rhythm {
        Rhythm::Once | Rhythm::Cron { .. } => (1, None),
        Rhythm::Times { count, interval } => (*count, interval.as_deref()),
        Rhythm::Forever { interval } => (u64::MAX, Some(interval.as_str())),
    };
    let pause = interval.and_then(interval_micros).unwrap_or(0);
    let count = usize::try_from(times).map_or(count, |times| times.min(count));
    (0..count).map(|n| plan.first.plus_micros(pause.saturating_mul(i64::try_from(n).unwrap_or(i64::MAX)))).collect()
}
