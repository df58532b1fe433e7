//! Errors as clients see them: a stable code, the status it travels with, a sentence for a person, and context that
//! goes to the log only. Branch on the code, never on the text.

use serde::Serialize;
use serde_json::{Value, json};

use crate::Map;

macro_rules! codes {
    ($( $(#[doc = $doc:literal])+ $name:ident = $status:literal $word:literal; )+) => {
        /// What went wrong, as a client may branch on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $( $(#[doc = $doc])+ $name, )+ }

        impl Code {
            /// Every code: the error reference is generated from this list.
            pub const ALL: &'static [Self] = &[$( Self::$name, )+];

            /// The HTTP status the code travels with.
            #[must_use]
            pub const fn status(self) -> u16 { match self { $( Self::$name => $status, )+ } }

            /// The stable word.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $( Self::$name => $word, )+ } }

            /// What it means.
            #[must_use]
            pub const fn doc(self) -> &'static str { match self { $( Self::$name => concat!($($doc, "\n"),+), )+ } }
        }
    };
}

codes! {
    /// The request is malformed in a way the field list cannot express.
    BadRequest = 400 "bad_request";
    /// The body is not decodable.
    BadBody = 400 "bad_body";
    /// A credential is missing or wrong.
    Unauthorized = 401 "unauthorized";
    /// The caller may not do this.
    Forbidden = 403 "forbidden";
    /// The `Origin` header names a page that may not use this gateway.
    OriginRefused = 403 "origin_refused";
    /// The operation is for admins.
    AdminRequired = 403 "admin_required";
    /// A browser session must prove a write with its CSRF token.
    CsrfRequired = 403 "csrf_required";
    /// Nothing is known under that path or id.
    NotFound = 404 "not_found";
    /// The run is not known.
    RunNotFound = 404 "run_not_found";
    /// The bundle, version or flow is not known.
    WorkflowNotFound = 404 "workflow_not_found";
    /// The artifact is not known.
    ArtifactNotFound = 404 "artifact_not_found";
    /// The path exists, not with this method.
    MethodNotAllowed = 405 "method_not_allowed";
    /// What is asked contradicts what is there.
    Conflict = 409 "conflict";
    /// The command names a run that has ended.
    RunTerminal = 409 "run_terminal";
    /// The run is not waiting for an answer.
    RunNotWaiting = 409 "run_not_waiting";
    /// The run is paused.
    RunPaused = 409 "run_paused";
    /// The answer names another wait than the one the run is in.
    WaitKeyMismatch = 409 "wait_key_mismatch";
    /// An approval wait takes `{"approved": true|false}` and nothing else.
    NotAnApproval = 422 "not_an_approval";
    /// The workflow is deprecated.
    WorkflowDeprecated = 409 "workflow_deprecated";
    /// The bundle does not compile; the detail says where.
    WorkflowInvalid = 409 "workflow_invalid";
    /// The state of the run after that record cannot be worked out: its first state was not kept, or it is no run of its own.
    ForkUnavailable = 409 "fork_unavailable";
    /// The run's workflow does not take the way its ledger shows.
    ForkDiverged = 409 "fork_diverged";
    /// The same `Idempotency-Key` came with another request.
    IdempotencyMismatch = 409 "idempotency_mismatch";
    /// The body or file is larger than allowed.
    TooLarge = 413 "too_large";
    /// Fields are missing or of the wrong type; `detail` lists them.
    Validation = 422 "validation";
    /// Too many requests at once.
    Busy = 429 "busy";
    /// Too many wrong credentials from this address.
    LockedOut = 429 "locked_out";
    /// The bundle file is broken or hostile.
    BundleInvalid = 400 "bundle_invalid";
    /// No model is configured for this.
    ModelNotConfigured = 400 "model_not_configured";
    /// The model endpoint answered with an error or not at all.
    ModelFailed = 502 "model_failed";
    /// A model that was asked about a run failed; `detail` says how.
    AskFailed = 400 "ask_failed";
    /// Something inside failed; the log has the context.
    Internal = 500 "internal";
    /// The operation exists in the contract and not here.
    Unsupported = 501 "unsupported";
    /// No credential is configured, so nobody can be let in.
    AuthNotConfigured = 503 "auth_not_configured";
    /// The disk is full or read-only: nothing was changed.
    StorageUnavailable = 503 "storage_unavailable";
    /// The gateway is shutting down.
    ShuttingDown = 503 "shutting_down";
    /// The client did not send its request in time.
    RequestTimeout = 408 "request_timeout";
}

/// One problem of one input field, in the shape clients of the contract read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Issue {
    /// `missing`, `string_type`, `extra_forbidden` …
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where: `["body", "field"]`.
    pub loc: Vec<Value>,
    /// What is wrong.
    pub msg: String,
    /// What was sent; left out for secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    /// Numbers named in `msg`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctx: Option<Value>,
}

/// An error on its way to a client.
#[derive(Clone, Debug)]
pub struct Error {
    /// What to branch on.
    pub code: Code,
    /// What happened, why, and what to do: for the client.
    pub detail: String,
    /// For the log only.
    pub context: Option<String>,
    /// Further members of the body.
    pub extra: Box<Map>,
    /// For [`Code::Validation`]: the list that becomes `detail`.
    pub issues: Vec<Issue>,
    /// Whole seconds for `Retry-After`.
    pub retry_after_s: Option<u64>,
}

impl Error {
    /// An error with a sentence for the client.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            context: None,
            extra: Box::default(),
            issues: Vec::new(),
            retry_after_s: None,
        }
    }

    /// 422 with its list.
    #[must_use]
    pub fn validation(issues: Vec<Issue>) -> Self {
        let mut error = Self::new(Code::Validation, "the request does not match the operation's fields");
        error.issues = issues;
        error
    }

    /// Something inside failed: the client learns no more than that.
    #[must_use]
    pub fn internal(context: impl Into<String>) -> Self {
        Self::new(Code::Internal, "Internal Server Error").context(context)
    }

    /// Adds what only the log may see.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }

    /// Adds a member to the body.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(key.into(), value.into());
        self
    }

    /// Says when to come back.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The body: `{"detail": …, "code": …}` and what was added.
    #[must_use]
    pub fn body(&self) -> Value {
        let detail = if self.issues.is_empty() { json!(self.detail) } else { json!(self.issues) };
        let mut body = Map::new();
        body.insert("detail".into(), detail);
        body.insert("code".into(), self.code.as_str().into());
        for (key, value) in &*self.extra {
            body.insert(key.clone(), value.clone());
        }
        Value::Object(body)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.detail, self.code.as_str())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let mut words: Vec<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
    }
}
