//! When a call that failed is made again: the policy of an effect, and the backoff between two attempts. The backoff is
//! part of the run's durable state; the timers wake the run when it is over.
//!
//! May not know: what a call is about. The invariants: an attempt that failed is in the ledger before the next begins; a
//! call that may have changed the world is repeated only where the flow says so; nothing sleeps.

use std::time::Duration;

use model::{Map, Timestamp, Value};

use crate::failure::{Failure, FailureClass, Partial};
use crate::live::{Backoff, Live, Pending};
use crate::outside::{Outside, StepIds};
use crate::record::{self, Ending};
use crate::resume;
use crate::step::Next;

/// The most attempts a policy may ask for.
pub(crate) const ATTEMPTS_MAX: u32 = 100;
/// The longest backoff a policy may ask for, in seconds.
pub(crate) const BACKOFF_S_MAX: f64 = 86_400.0;
/// The longest time the other side may ask to be left alone: a longer one is no reason to wait.
pub(crate) const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// What happens when no attempt is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnExhausted {
    /// The run fails.
    Fail,
    /// The run waits for a person.
    Pause,
}

/// What happens to a step whose outcome nobody knows and that may have changed the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnInterrupted {
    /// The run waits for a person.
    Wait,
    /// It is done again.
    Retry,
    /// The run fails.
    Fail,
}

/// How often a call is made, and what comes after the last.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Attempts in total; 1 is no retry.
    pub max_attempts: u32,
    /// The time before the second attempt; each further one is twice as long.
    pub initial_backoff: Duration,
    /// The longest time between two attempts.
    pub max_backoff: Duration,
    /// The failures that are worth another attempt.
    pub retry_on: Vec<FailureClass>,
    /// What happens when no attempt is left, or the failure is not worth another.
    pub on_exhausted: OnExhausted,
    /// Whether a call that may have changed the world is made again as well.
    pub non_idempotent: bool,
    /// What happens to such a call when it was out while the process died.
    pub on_interrupted: OnInterrupted,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        use FailureClass::{RateLimited, ServerError, Timeout, Transport};
        Self {
            max_attempts: 1,
            initial_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_mins(1),
            retry_on: vec![Transport, Timeout, RateLimited, ServerError],
            on_exhausted: OnExhausted::Fail,
            non_idempotent: false,
            on_interrupted: OnInterrupted::Wait,
        }
    }
}

impl RetryPolicy {
    /// The policy of an effect: what its `payload.retry` says, and for the rest `defaults`.
    ///
    /// # Errors
    /// The text the effect fails with: which member is wrong, and what it may be.
    pub fn of(payload: &Map, defaults: &Self) -> Result<Self, String> {
        let mut policy = defaults.clone();
        let members = match payload.get("retry") {
            None | Some(Value::Null) => return Ok(policy),
            Some(Value::Object(members)) => members,
            Some(_) => return Err("retry must be an object such as {\"max_attempts\": 3}".into()),
        };
        for (name, value) in members {
            policy.take(name, value).map_err(|wanted| format!("retry.{name} must be {wanted}"))?;
        }
        if policy.initial_backoff > policy.max_backoff && !members.contains_key("max_backoff_s") {
            policy.max_backoff = policy.initial_backoff;
        }
        Ok(policy)
    }

    /// Takes a member over, or says what it must be.
    fn take(&mut self, name: &str, value: &Value) -> Result<(), String> {
        let word = value.as_str().map(str::trim).unwrap_or_default();
        match name {
            "max_attempts" => self.max_attempts = attempts(value)?,
            "initial_backoff_s" => self.initial_backoff = seconds(value)?,
            "max_backoff_s" => self.max_backoff = seconds(value)?,
            "retry_on" => self.retry_on = classes(value)?,
            "on_exhausted" => self.on_exhausted = OnExhausted::parse(word).ok_or("'fail' or 'pause'")?,
            "non_idempotent" => self.non_idempotent = value.as_bool().ok_or("true or false")?,
            "on_interrupted" => {
                self.on_interrupted = OnInterrupted::parse(word).ok_or("'wait', 'retry' or 'fail'")?;
            }
            _ => {
                return Err(
                    "left out: known are max_attempts, initial_backoff_s, max_backoff_s, retry_on, on_exhausted, \
                     non_idempotent and on_interrupted"
                        .into(),
                );
            }
        }
        Ok(())
    }

    /// The policy of a call that is out. It was checked when the call began.
    pub(crate) fn in_force(payload: &Map, defaults: &Self) -> Self {
        Self::of(payload, defaults).unwrap_or_else(|_| defaults.clone())
    }

    /// Whether failures of single requests are its business: then nobody below sends a request again.
    pub(crate) fn covers_requests(&self) -> bool {
        use FailureClass::{RateLimited, ServerError, Timeout, Transport};
        let of_requests = |class: &FailureClass| matches!(class, Transport | Timeout | RateLimited | ServerError);
        self.max_attempts > 1 && self.retry_on.iter().any(of_requests)
    }

    /// How long to wait after so many attempts have failed; none when that was the last.
    #[must_use]
    pub fn delay(&self, failures: u32, retry_after: Option<Duration>) -> Option<Duration> {
        if failures >= self.max_attempts || retry_after.is_some_and(|wait| wait > RETRY_AFTER_MAX) {
            return None;
        }
        let doubled = self.initial_backoff.saturating_mul(1u32 << failures.saturating_sub(1).min(31));
        let backoff = doubled.min(self.max_backoff);
        Some(retry_after.map_or(backoff, |wait| wait.max(backoff)))
    }
}

impl OnExhausted {
    /// Reads the word of a policy or a setting.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "fail" => Some(Self::Fail),
            "pause" => Some(Self::Pause),
            _ => None,
        }
    }
}

impl OnInterrupted {
    /// Reads the word of a policy or a setting.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "wait" => Some(Self::Wait),
            "retry" => Some(Self::Retry),
            "fail" => Some(Self::Fail),
            _ => None,
        }
    }
}

fn attempts(value: &Value) -> Result<u32, String> {
    let whole = value.as_u64().or_else(|| value.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0).map(|n| n as u64));
    let count = whole.and_then(|n| u32::try_from(n).ok()).filter(|n| (1..=ATTEMPTS_MAX).contains(n));
    count.ok_or_else(|| format!("a whole number from 1 to {ATTEMPTS_MAX}"))
}

fn seconds(value: &Value) -> Result<Duration, String> {
    let seconds = value.as_f64().filter(|s| (0.0..=BACKOFF_S_MAX).contains(s));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| format!("a number of seconds from 0 to {BACKOFF_S_MAX}"))
}

fn classes(value: &Value) -> Result<Vec<FailureClass>, String> {
    let words = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    let read = words.and_then(|words| words.into_iter().map(FailureClass::parse).collect::<Option<Vec<_>>>());
    read.ok_or_else(|| format!("a list of {}", FailureClass::NAMED.map(FailureClass::as_str).join(", ")))
}

/// A call that came back: its outcome stands, or it is made again later, or a person decides.
pub(crate) fn call_ended(
    live: &mut Live,
    outside: &dyn Outside,
    defaults: &RetryPolicy,
    outcome: Result<Value, Failure>,
) {
    let failure = match outcome {
        Ok(result) => return resume::call_ended(live, Ok(result)),
        Err(failure) => failure,
    };
    let Some(pending) = live.state.pending.as_mut() else { return };
    pending.failures += 1;
    let policy = RetryPolicy::in_force(&pending.effect.payload, defaults);
    let is_wanted = policy.retry_on.contains(&failure.class);
    let finished = failure.partial.as_ref().map_or(&pending.finished, |p| &p.succeeded);
    let may_repeat = policy.non_idempotent || outside.is_repeatable(&pending.effect, pending.batch.as_ref(), finished);
    let delay = policy.delay(pending.failures, failure.retry_after).filter(|_| is_wanted && may_repeat);
    // What single tools said is for the flow to read, unless its policy is about tools.
    let is_final = failure.class != FailureClass::Cancelled && (failure.partial.is_none() || is_wanted);
    match delay {
        Some(delay) => back_off(live, failure, delay),
        None if is_final && policy.on_exhausted == OnExhausted::Pause => resume::exhaust(live, failure),
        None => resume::call_ended(live, failure.partial.map(|p| p.result).ok_or(failure.text)),
    }
}

/// Writes the attempt down and has the run woken for the next.
fn back_off(live: &mut Live, failure: Failure, delay: Duration) {
    let now = live.ctx.now;
    let Some(pending) = live.state.pending.as_mut() else { return };
    let failed = record::call_ended(&live.run, pending, &Ending::Failed(failure.text.clone()), now);
    keep_successes(pending, failure.partial);
    let micros = i64::try_from(delay.as_micros()).unwrap_or(i64::MAX);
    pending.backoff = Some(Backoff { until: now.plus_micros(micros), error: failure.text });
    pending.in_flight = false;
    live.append(failed);
}

/// What is left of a batch are the calls that failed.
pub(crate) fn keep_successes(pending: &mut Pending, partial: Option<Partial>) {
    if let Some(partial) = partial {
        pending.finished = partial.succeeded;
    }
}

/// What a run with a pending call does next: the call, its next attempt, or nothing until the backoff is over.
pub(crate) fn pending(live: &mut Live, now: Timestamp) -> Next {
    match live.state.pending.as_ref().and_then(|p| p.backoff.as_ref()) {
        None => Next::Call,
        Some(backoff) if backoff.until > now => Next::Backoff,
        Some(_) => {
            live.ctx.now = now;
            again(live);
            Next::Call
        }
    }
}

/// Begins another attempt, with records of its own. Where an answer led to the call, its outcome is the only record.
pub(crate) fn again(live: &mut Live) {
    let step_id = crate::ids::uuid(&live.ctx);
    let Some(pending) = live.state.pending.as_mut() else { return };
    pending.step_id = step_id;
    repeat(live);
}

/// Begins another attempt under the same records: the last one was never closed.
pub(crate) fn repeat(live: &mut Live) {
    let now = live.ctx.now;
    let Some(pending) = live.state.pending.as_mut() else { return };
    pending.attempt += 1;
    pending.vetted = true;
    pending.backoff = None;
    pending.started_at = now;
    let trace = pending.effect.payload.get_mut("params").and_then(|params| params.get_mut("trace_metadata"));
    if let Some(Value::Object(trace)) = trace {
        trace.insert("step_id".into(), pending.step_id.as_str().into());
        trace.insert("attempt".into(), pending.attempt.into());
    }
    live.dirty = true;
    if pending.answered.is_none() {
        let ids = StepIds { step_id: &pending.step_id, key: &pending.key, attempt: pending.attempt };
        let started = record::started(&live.run, &ids, &pending.effect, now);
        live.append(started);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(retry: Value) -> Result<RetryPolicy, String> {
        RetryPolicy::of(&Map::from_iter([("retry".to_owned(), retry)]), &RetryPolicy::default())
    }

    #[test]
    fn what_a_flow_leaves_out_is_the_operators() {
        assert_eq!(RetryPolicy::of(&Map::new(), &RetryPolicy::default()), Ok(RetryPolicy::default()));
        assert_eq!(read(Value::Null), Ok(RetryPolicy::default()));
        let policy = read(json!({"max_attempts": 3, "retry_on": ["timeout", "tool"], "on_exhausted": "pause"}));
        let expected = RetryPolicy {
            max_attempts: 3,
            retry_on: vec![FailureClass::Timeout, FailureClass::Tool],
            on_exhausted: OnExhausted::Pause,
            ..RetryPolicy::default()
        };
        assert_eq!(policy, Ok(expected));
        let long = read(json!({"initial_backoff_s": 300})).unwrap();
        assert_eq!(long.max_backoff, Duration::from_mins(5), "a backoff of its own is not cut by the operator's");
    }

    #[test]
    fn who_retries_requests_is_the_only_one() {
        for (retry, covers) in [
            (Value::Null, false),
            (json!({"max_attempts": 2}), true),
            (json!({"max_attempts": 2, "retry_on": ["timeout"]}), true),
            (json!({"max_attempts": 2, "retry_on": ["tool", "invalid_response"]}), false),
        ] {
            assert_eq!(read(retry.clone()).unwrap().covers_requests(), covers, "{retry}");
        }
    }

    #[test]
    fn limits_hold_on_both_sides() {
        for (retry, fits) in [
            (json!({"max_attempts": 0}), false),
            (json!({"max_attempts": 1}), true),
            (json!({"max_attempts": 2.0}), true),
            (json!({"max_attempts": 2.5}), false),
            (json!({"max_attempts": ATTEMPTS_MAX}), true),
            (json!({"max_attempts": ATTEMPTS_MAX + 1}), false),
            (json!({"max_attempts": "3"}), false),
            (json!({"initial_backoff_s": -0.1}), false),
            (json!({"initial_backoff_s": 0}), true),
            (json!({"max_backoff_s": BACKOFF_S_MAX}), true),
            (json!({"max_backoff_s": BACKOFF_S_MAX + 1.0}), false),
            (json!({"retry_on": []}), true),
            (json!({"retry_on": ["rate_limited"]}), true),
            (json!({"retry_on": ["cancelled"]}), false),
            (json!({"retry_on": "timeout"}), false),
            (json!({"on_exhausted": "pause"}), true),
            (json!({"on_exhausted": "explode"}), false),
            (json!({"on_interrupted": "retry"}), true),
            (json!({"on_interrupted": "maybe"}), false),
            (json!({"non_idempotent": true}), true),
            (json!({"non_idempotent": 1}), false),
            (json!({"attempts": 3}), false),
            (json!(3), false),
        ] {
            let policy = read(retry.clone());
            assert_eq!(policy.is_ok(), fits, "{retry}");
            assert!(policy.err().is_none_or(|why| why.starts_with("retry") && why.contains(" must be ")), "{retry}");
        }
    }

    #[test]
    fn backoffs_double_up_to_their_cap_and_heed_the_other_side() {
        let s = Duration::from_secs;
        let policy = read(json!({"max_attempts": 100, "initial_backoff_s": 2, "max_backoff_s": 10})).unwrap();
        for (attempt, expected) in [(1, 2), (2, 4), (3, 8), (4, 10), (64, 10), (99, 10)] {
            assert_eq!(policy.delay(attempt, None), Some(s(expected)), "{attempt}");
        }
        assert_eq!(policy.delay(100, None), None);
        assert_eq!(policy.delay(1, Some(s(1))), Some(s(2)));
        assert_eq!(policy.delay(1, Some(s(30))), Some(s(30)));
        assert_eq!(policy.delay(1, Some(RETRY_AFTER_MAX)), Some(RETRY_AFTER_MAX));
        assert_eq!(policy.delay(1, Some(RETRY_AFTER_MAX + s(1))), None);
        assert_eq!(RetryPolicy::default().delay(1, None), None);
    }
}
