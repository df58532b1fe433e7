//! What a schedule with a cron expression does next: run, wait, or end. The whole of its state is members of
//! `_meta.schedule`, so it becomes durable in the same commit as the execution it leads to.
//!
//! A time is the next time until an execution was started for it or it was dropped; then it never comes again. Times that come
//! while the execution before them goes on are a matter of `overlap`, times that come while nothing goes on and nobody looks
//! (the gateway is down, the schedule is paused) a matter of `catch_up`.
//!
//! May not know: the clock (it is handed the moment), the engine.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::calendar::Calendar;
use crate::{Map, Run, Timestamp};

/// So many missed times are made up for, at most: the latest ones.
pub const CATCH_UP_MAX: usize = 100;
/// An execution that can begin so long after its time is on time, not missed.
const ON_TIME_MICROS: i64 = 60_000_000;
/// A clock that goes back by more was wrong before and counts from where it is now. One that goes back by less repeats no
/// time.
const SET_BACK_MICROS: i64 = 3 * 3_600_000_000;

/// What happens at a time when the execution before it goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// Nothing: the time is dropped.
    #[default]
    Skip,
    /// Another execution starts beside it.
    Allow,
    /// One starts when it has ended; more than one time counts as one.
    Queue,
    /// It is cancelled, and one starts when it has ended.
    Cancel,
}

/// What happens to times at which nothing could be started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CatchUp {
    /// One execution stands for all of them.
    #[default]
    One,
    /// They are dropped.
    None,
    /// Each has its execution, up to [`CATCH_UP_MAX`].
    All,
}

impl Overlap {
    /// The words clients may use.
    pub const WORDS: &'static str = "skip|allow|queue|cancel";

    /// A policy by its word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "skip" => Some(Self::Skip),
            "allow" => Some(Self::Allow),
            "queue" => Some(Self::Queue),
            "cancel" => Some(Self::Cancel),
            _ => None,
        }
    }
}

impl CatchUp {
    /// The words clients may use.
    pub const WORDS: &'static str = "one|none|all";

    /// A policy by its word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "one" => Some(Self::One),
            "none" => Some(Self::None),
            "all" => Some(Self::All),
            _ => None,
        }
    }
}

/// The record of a schedule with a cron expression: what was asked, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timetable {
    /// The expression.
    pub cron: String,
    /// The zone it is read in.
    pub time_zone: String,
    /// What happens when an execution takes longer than to the next time.
    #[serde(default)]
    pub overlap: Overlap,
    /// What happens to missed times.
    #[serde(default)]
    pub catch_up: CatchUp,
    /// How many executions there are, in all.
    #[serde(default)]
    pub repeat_count: Option<u64>,
    /// After this moment there is none; as the client wrote it.
    #[serde(default)]
    pub repeat_until: Option<String>,
    /// The next time, for people; none while there is none.
    #[serde(default)]
    pub next_run_at: Option<Timestamp>,
    /// The time of the latest execution.
    #[serde(default)]
    pub last_run_at: Option<Timestamp>,
    /// How many executions were started.
    #[serde(default)]
    pub run_count: u64,
    /// The latest time that was dropped.
    #[serde(default)]
    pub last_skipped_at: Option<Timestamp>,
    /// Times up to here are settled.
    pub settled_until: Timestamp,
    /// When somebody looked last: what a clock that was set back is noticed by.
    pub looked_at: Timestamp,
    /// Missed times up to here are being made up for.
    #[serde(default)]
    pub catching_up_until: Option<Timestamp>,
    /// A next time that was kept when the expression changed.
    #[serde(default)]
    pub kept_next: Option<Timestamp>,
    /// Somebody wants an execution now.
    #[serde(default)]
    pub requested: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// An execution, for this time.
    Run(Timestamp),
    /// Nothing until then.
    Wait(Timestamp),
    /// Nothing any more.
    Over,
}

impl Timetable {
    /// A schedule that was made just now and has no time before `first`.
    #[must_use]
    pub fn new(cron: String, time_zone: String, first: Timestamp, now: Timestamp) -> Self {
        Self {
            cron,
            time_zone,
            overlap: Overlap::default(),
            catch_up: CatchUp::default(),
            repeat_count: None,
            repeat_until: None,
            next_run_at: None,
            last_run_at: None,
            run_count: 0,
            last_skipped_at: None,
            settled_until: first.plus_micros(-1),
            looked_at: now,
            catching_up_until: None,
            kept_next: None,
            requested: false,
        }
    }

    /// That of a schedule; none for runs that have none.
    #[must_use]
    pub fn of(run: &Run) -> Option<Self> {
        let record = super::record(run)?;
        record.get("cron")?.as_str()?;
        serde_json::from_value(Value::Object(record.clone())).ok()
    }

    /// Puts it into the record it was read from.
    pub fn store(&self, record: &mut Map) {
        if let Ok(Value::Object(members)) = serde_json::to_value(self) {
            record.extend(members);
        }
    }

    /// Its times.
    ///
    /// # Errors
    /// When expression or zone are none (a zone may leave the machine).
    pub fn calendar(&self) -> Result<Calendar, String> {
        Calendar::read(&self.cron, &self.time_zone)
    }

    /// The next times from a moment on, as they would be if nothing else happened.
    #[must_use]
    pub fn upcoming(&self, calendar: &Calendar, now: Timestamp, count: usize) -> Vec<Timestamp> {
        let left = self.repeat_count.map_or(u64::MAX, |n| n.saturating_sub(self.run_count));
        let mut last = self.settled_until.max(now);
        (0..count)
            .take_while(|n| (*n as u64) < left)
            .map_while(|_| {
                last = self.after(calendar, last)?;
                Some(last)
            })
            .collect()
    }

    /// Decides. `ended_at` is when the execution ended that the schedule has waited for, if it has.
    pub fn turn(&mut self, calendar: &Calendar, now: Timestamp, ended_at: Option<Timestamp>) -> Turn {
        if was_set_back(self.looked_at, now) {
            self.settled_until = self.settled_until.min(now);
            (self.catching_up_until, self.kept_next) = (None, None);
        }
        self.looked_at = now;
        if self.repeat_count.is_some_and(|count| self.run_count >= count) {
            return self.over();
        }
        if std::mem::take(&mut self.requested) {
            return self.run(calendar, now, now);
        }
        match self.due(calendar, now, ended_at) {
            Some(time) => self.run(calendar, time, now),
            None => match self.after(calendar, self.settled_until) {
                Some(time) => {
                    self.next_run_at = Some(time);
                    Turn::Wait(time)
                }
                None => self.over(),
            },
        }
    }

    /// Another expression or zone. The next time moves, unless it is kept.
    pub fn change(&mut self, cron: String, time_zone: String, calendar: &Calendar, now: Timestamp, keep_next: bool) {
        (self.cron, self.time_zone) = (cron, time_zone);
        self.catching_up_until = None;
        match self.next_run_at.filter(|_| keep_next) {
            Some(next) => {
                self.settled_until = next.plus_micros(-1);
                self.kept_next = Some(next);
            }
            None => {
                self.settled_until = self.settled_until.max(now);
                self.kept_next = None;
                self.next_run_at = self.after(calendar, self.settled_until);
            }
        }
    }

    fn over(&mut self) -> Turn {
        self.next_run_at = None;
        Turn::Over
    }

    fn run(&mut self, calendar: &Calendar, time: Timestamp, now: Timestamp) -> Turn {
        self.run_count += 1;
        self.last_run_at = Some(time);
        self.next_run_at = self.upcoming(calendar, now, 1).first().copied();
        Turn::Run(time)
    }

    /// The time an execution is due for; what is dropped on the way is settled.
    fn due(&mut self, calendar: &Calendar, now: Timestamp, ended_at: Option<Timestamp>) -> Option<Timestamp> {
        if let Some(until) = self.catching_up_until {
            match self.after(calendar, self.settled_until).filter(|time| *time <= until && *time <= now) {
                Some(time) => {
                    self.settle(time);
                    return Some(time);
                }
                None => self.catching_up_until = None,
            }
        }
        let idle_since = ended_at.unwrap_or(self.settled_until).clamp(self.settled_until, now.max(self.settled_until));
        let overlapped = self.times(calendar, self.settled_until, idle_since, 1).pop();
        let missed = self.times(calendar, idle_since, now, CATCH_UP_MAX);
        let last = missed.last().copied().or(overlapped)?;
        let queued = overlapped.filter(|_| matches!(self.overlap, Overlap::Queue | Overlap::Cancel));
        let on_time = missed.last().copied().filter(|t| now.as_micros() - t.as_micros() < ON_TIME_MICROS);
        let chosen = match self.catch_up {
            CatchUp::None => on_time.or(queued),
            CatchUp::One => missed.last().copied().or(queued),
            CatchUp::All => {
                self.catching_up_until = missed.last().copied();
                queued.filter(|_| missed.len() < CATCH_UP_MAX).or(missed.first().copied())
            }
        };
        // What stands for others settles them, too; only when each is made up for do they come one by one.
        self.settle(chosen.filter(|_| self.catch_up == CatchUp::All).unwrap_or(last));
        if chosen.is_none() {
            self.last_skipped_at = Some(last);
        }
        chosen
    }

    fn settle(&mut self, time: Timestamp) {
        self.settled_until = self.settled_until.max(time);
        self.kept_next = self.kept_next.filter(|kept| *kept > time);
    }

    /// The first time after a moment, before the end.
    fn after(&self, calendar: &Calendar, moment: Timestamp) -> Option<Timestamp> {
        let kept = self.kept_next.filter(|kept| *kept > moment);
        let time = kept.or_else(|| calendar.next(moment))?;
        let end = self.repeat_until.as_deref().and_then(Timestamp::parse);
        (end.is_none_or(|end| time <= end)).then_some(time)
    }

    /// The latest times after one moment up to another, before the end.
    fn times(&self, calendar: &Calendar, from: Timestamp, to: Timestamp, count: usize) -> Vec<Timestamp> {
        let end = self.repeat_until.as_deref().and_then(Timestamp::parse);
        let to = end.map_or(to, |end| to.min(end));
        let kept = self.kept_next.filter(|kept| *kept > from && *kept <= to);
        let mut times = calendar.latest(kept.or(self.kept_next).unwrap_or(from).max(from), to, count);
        if let Some(kept) = kept
            && times.len() < count
        {
            times.insert(0, kept);
        }
        times
    }
}

/// Whether a clock that showed one moment and shows another now was set back.
#[must_use]
pub fn was_set_back(before: Timestamp, now: Timestamp) -> bool {
    before.as_micros().saturating_sub(now.as_micros()) > SET_BACK_MICROS
}

/// Whether a schedule waits for a time that was found by a clock which has been set back since: then it must look again.
#[must_use]
pub fn must_look_again(run: &Run, now: Timestamp) -> bool {
    Timetable::of(run).is_some_and(|timetable| was_set_back(timetable.looked_at, now))
}
