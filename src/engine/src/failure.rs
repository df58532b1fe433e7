//! Why a call failed: a class to decide by, and the text that ends up in the ledger and in `run.error`.
//!
//! May not know: providers, tools, statuses of HTTP. The one invariant: whether a call is made again is decided by the
//! class, never by the text.

use std::collections::BTreeMap;
use std::time::Duration;

use model::Value;

/// What kind of failure it was, in the words of a retry policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureClass {
    /// The other side could not be reached, or the connection broke.
    Transport,
    /// It took too long.
    Timeout,
    /// The other side asks to come less often.
    RateLimited,
    /// The other side failed by itself, or answered with what is no answer.
    ServerError,
    /// The answer is not what was asked for: cut off, or of another form.
    InvalidResponse,
    /// The call as it is will never be accepted.
    Refused,
    /// A tool could not be used, or ended with an error.
    Tool,
    /// Somebody gave the call up. Never tried again.
    Cancelled,
}

impl FailureClass {
    /// Those a policy may name.
    pub const NAMED: [Self; 7] = [
        Self::Transport,
        Self::Timeout,
        Self::RateLimited,
        Self::ServerError,
        Self::InvalidResponse,
        Self::Refused,
        Self::Tool,
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::InvalidResponse => "invalid_response",
            Self::Refused => "refused",
            Self::Tool => "tool",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a word a policy may hold.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|class| class.as_str().eq_ignore_ascii_case(word.trim()))
    }
}

/// A failed call.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What to decide by.
    pub class: FailureClass,
    /// What happened, for a person.
    pub text: String,
    /// How long the other side asks to be left alone.
    pub retry_after: Option<Duration>,
    /// What was done all the same, for a batch in which single calls failed.
    pub partial: Option<Partial>,
}

/// A batch that was executed, though not every call of it succeeded.
#[derive(Clone, Debug)]
pub struct Partial {
    /// The results of the calls that succeeded, by index: those are not made again.
    pub succeeded: BTreeMap<usize, Value>,
    /// The result of the effect when nobody tries again.
    pub result: Value,
}

impl Failure {
    /// A failure of a class.
    #[must_use]
    pub fn new(class: FailureClass, text: impl Into<String>) -> Self {
        Self { class, text: text.into(), retry_after: None, partial: None }
    }

    /// A call that will never be accepted as it is.
    #[must_use]
    pub fn refused(text: impl Into<String>) -> Self {
        Self::new(FailureClass::Refused, text)
    }
}
