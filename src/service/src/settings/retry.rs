//! The retry policy of an operator, in the engine's types. A word nobody understands is left out, or the default.

use std::time::Duration;

use engine::{FailureClass, OnExhausted, OnInterrupted, RetryPolicy};

use super::RuntimeSettings;

impl RuntimeSettings {
    /// How often calls are made whose flow does not say it.
    #[must_use]
    pub fn retry_policy(&self) -> RetryPolicy {
        let default = RetryPolicy::default();
        RetryPolicy {
            max_attempts: self.retry_max_attempts,
            initial_backoff: Duration::from_secs_f64(self.retry_initial_backoff_s),
            max_backoff: Duration::from_secs_f64(self.retry_max_backoff_s),
            retry_on: self.retry_on.iter().filter_map(|word| FailureClass::parse(word)).collect(),
            on_exhausted: OnExhausted::parse(self.retry_on_exhausted.trim()).unwrap_or(default.on_exhausted),
            on_interrupted: OnInterrupted::parse(self.interrupted.trim()).unwrap_or(default.on_interrupted),
            ..default
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    fn policy(env: &[(&str, &str)]) -> RetryPolicy {
        let lookup = |name: &str| {
            let given = name.strip_prefix("ABSTRACTGATEWAY_")?;
            env.iter().find(|(name, _)| *name == given).map(|(_, value)| (*value).to_owned())
        };
        Settings::from_env(&lookup).unwrap().runtime.retry_policy()
    }

    #[test]
    fn without_settings_nothing_is_retried() {
        assert_eq!(policy(&[]), RetryPolicy::default());
        assert_eq!(policy(&[]).max_attempts, 1);
    }

    #[test]
    fn an_operator_says_what_is_retried() {
        let said = policy(&[
            ("RETRY_MAX_ATTEMPTS", "4"),
            ("RETRY_INITIAL_BACKOFF_S", "0.5"),
            ("RETRY_MAX_BACKOFF_S", "8"),
            ("RETRY_ON", "Timeout, nonsense, tool"),
            ("RETRY_ON_EXHAUSTED", "Pause"),
            ("INTERRUPTED", "fail"),
        ]);
        let expected = RetryPolicy {
            max_attempts: 4,
            initial_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(8),
            retry_on: vec![FailureClass::Timeout, FailureClass::Tool],
            on_exhausted: OnExhausted::Pause,
            non_idempotent: false,
            on_interrupted: OnInterrupted::Fail,
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn what_nobody_understands_is_the_default_and_numbers_stay_in_their_range() {
        let said = policy(&[("RETRY_ON_EXHAUSTED", "x"), ("INTERRUPTED", "x"), ("RETRY_MAX_ATTEMPTS", "101")]);
        assert_eq!(said, RetryPolicy { max_attempts: 100, ..RetryPolicy::default() });
        assert_eq!(policy(&[("RETRY_MAX_ATTEMPTS", "0"), ("RETRY_MAX_BACKOFF_S", "-1")]).max_attempts, 1);
    }
}
