//! Why a model call failed: a kind to branch on and the text that ends up in `run.error`.
//!
//! The one invariant: the text holds no key; whoever builds one passes what came from outside through `redact`.

use model::Code;

/// What a caller may branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The payload is wrong.
    Input,
    /// No provider and model could be found for the call.
    NotConfigured,
    /// The provider exists in the contract and not here.
    Unsupported,
    /// The server answered with an error status.
    Refused,
    /// The server could not be reached.
    Unreachable,
    /// It took too long.
    Timeout,
    /// What it answered is not what the protocol says.
    BadAnswer,
    /// The answer was cut off at its token budget.
    Truncated,
    /// The answer does not fit the schema.
    Schema,
    /// Somebody gave the call up.
    Cancelled,
}

/// A failed call.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// What to branch on.
    pub kind: ErrorKind,
    /// What happened, for a person.
    pub message: String,
    /// The status the server answered with.
    pub status: Option<u16>,
    /// How long the server asks to be left alone.
    pub retry_after: Option<std::time::Duration>,
}

impl CallError {
    /// An error of a kind.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), status: None, retry_after: None }
    }

    /// A wrong payload.
    #[must_use]
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, message)
    }

    /// The call was given up.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "the model call was cancelled")
    }

    /// The stable code it travels with.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self.kind {
            ErrorKind::Input => Code::BadRequest,
            ErrorKind::NotConfigured => Code::ModelNotConfigured,
            ErrorKind::Unsupported => Code::Unsupported,
            _ => Code::ModelFailed,
        }
    }
}
