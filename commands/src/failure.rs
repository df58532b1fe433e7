//! How a command ends when it does not end well: what happened, why, the command that helps, and the exit code.
//!
//! May not know: which command it was, how text reaches the terminal. Invariant: exactly one place maps a code of the
//! contract to advice.

use std::fmt;

use model::Value;

/// The exit codes, as the help of the root command lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Success = 0,
    /// It could not be done.
    Error = 1,
    /// The command line is wrong; clap exits by itself with the same code.
    Usage = 2,
    /// The server could not be started.
    NotStarted = 3,
    /// The followed run failed.
    RunFailed = 4,
    /// The followed run was cancelled.
    RunCancelled = 5,
    /// The followed run waits for a person, and nobody can be asked here.
    RunWaits = 6,
    /// Somebody pressed Ctrl-C.
    Interrupted = 130,
}

/// The table of exit codes for help and manual.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
    0  done; a followed run completed
    1  it could not be done
    2  the command line is wrong
    3  the server could not be started
    4  the followed run failed
    5  the followed run was cancelled
    6  the followed run waits for a person, and nobody can be asked here
  130  interrupted; a run on a server goes on";

/// What the advice says where the id of a run belongs.
const RUN: &str = "RUN";

/// Why a command stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What happened; empty when there is nothing to say.
    pub(crate) what: String,
    /// Why, a line each.
    pub(crate) why: Vec<String>,
    /// The command that helps.
    pub(crate) help: Option<String>,
    /// The stable word of the contract, when the failure came from an operation.
    pub(crate) code: Option<String>,
    /// The exit code.
    pub(crate) exit: Exit,
}

impl Failure {
    /// A failure with exit code 1.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), why: Vec::new(), help: None, code: None, exit: Exit::Error }
    }

    /// Nobody reads our output any more: that is no error.
    pub(crate) fn reader_left() -> Self {
        Self { exit: Exit::Success, ..Self::new("") }
    }

    /// Adds a line of explanation.
    pub(crate) fn why(mut self, why: impl fmt::Display) -> Self {
        self.why.push(why.to_string());
        self
    }

    /// Names the command that helps.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names the command that helps where nothing better is known for a code of the contract.
    pub(crate) fn help_for(self, code: &str, help: &str) -> Self {
        if self.help.is_none() && self.code.as_deref() == Some(code) { self.help(help) } else { self }
    }

    /// Puts the run in the place that the advice leaves for it.
    pub(crate) fn about_run(mut self, run_id: &str) -> Self {
        self.help = self.help.map(|help| help.replace(RUN, run_id));
        self
    }

    /// Somebody pressed Ctrl-C.
    pub(crate) fn interrupted() -> Self {
        Self::new("interrupted").exit(Exit::Interrupted)
    }

    /// Ends the process with another code.
    pub(crate) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// From the body of an error answer: `{"detail": text | list, "code"?, "reason_code"?}`.
    pub(crate) fn from_answer(status: u16, body: &Value) -> Self {
        let word = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        let code = word("code").or_else(|| word("reason_code"));
        let failure = match body.get("detail") {
            Some(Value::String(text)) => Self::new(text.clone()),
            Some(Value::Array(issues)) => {
                let mut failure = Self::new("the gateway refused the input");
                failure.why = issues.iter().map(issue_line).collect();
                failure
            }
            _ => Self::new(format!("the gateway answered with status {status}")),
        };
        let help = advice(code.as_deref().unwrap_or_default(), status);
        Self { code, help: help.map(str::to_owned), ..failure }
    }
}

impl From<model::Error> for Failure {
    fn from(error: model::Error) -> Self {
        let mut failure = Self::from_answer(error.code.status(), &error.body());
        // In process there is no log between the operator and the cause.
        failure.why.extend(error.context);
        failure
    }
}

/// `body.roles: Input should be a valid list`
fn issue_line(issue: &Value) -> String {
    let place: Vec<String> = issue["loc"].as_array().into_iter().flatten().map(plain).collect();
    format!("{}: {}", place.join("."), plain(&issue["msg"]))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn advice(code: &str, status: u16) -> Option<&'static str> {
    Some(match (code, status) {
        ("run_not_found", _) => "abstractgateway runs list",
        ("workflow_not_found", _) => "abstractgateway bundles list",
        ("run_not_waiting" | "run_terminal" | "wait_key_mismatch", _) => "abstractgateway runs show RUN",
        ("run_paused", _) => "abstractgateway runs resume RUN",
        ("model_not_configured", _) => {
            "abstractgateway config set-default input.text --provider PROVIDER --model MODEL"
        }
        ("auth_not_configured", _) => "abstractgateway config bootstrap-admin",
        ("admin_required", _) => "use the token of an admin: --token TOKEN or ABSTRACTGATEWAY_TOKEN",
        ("locked_out", _) | (_, 429) => "wait a little, then try again",
        ("storage_unavailable", _) => "abstractgateway doctor",
        (_, 401) => "give a token: --token TOKEN or ABSTRACTGATEWAY_TOKEN",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use model::error::Code;
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_become_failures() {
        let check = |status, body: Value, what: &str, why: &[&str], help: Option<&str>| {
            let failure = Failure::from_answer(status, &body);
            assert_eq!((failure.what.as_str(), failure.help.as_deref()), (what, help), "{body}");
            assert_eq!(failure.why, why, "{body}");
        };
        check(500, json!({}), "the gateway answered with status 500", &[], None);
        check(500, Value::Null, "the gateway answered with status 500", &[], None);
        check(
            401,
            json!({"detail": "Unauthorized"}),
            "Unauthorized",
            &[],
            Some("give a token: --token TOKEN or ABSTRACTGATEWAY_TOKEN"),
        );
        check(
            403,
            json!({"detail": "Admin principal required", "reason_code": "admin_required"}),
            "Admin principal required",
            &[],
            Some("use the token of an admin: --token TOKEN or ABSTRACTGATEWAY_TOKEN"),
        );
        check(
            404,
            json!({"detail": "Run 'x' not found", "code": "run_not_found"}),
            "Run 'x' not found",
            &[],
            Some("abstractgateway runs list"),
        );
        check(
            422,
            json!({"detail": [{"loc": ["body", "runs", 3], "msg": "Field required"}]}),
            "the gateway refused the input",
            &["body.runs.3: Field required"],
            None,
        );
    }

    #[test]
    fn advice_names_the_run_and_yields_to_better_advice() {
        let ended = Failure::from_answer(409, &json!({"detail": "it has ended", "code": "run_terminal"}));
        assert_eq!(ended.about_run("r1").help.as_deref(), Some("abstractgateway runs show r1"));
        let unknown = || Failure::from_answer(404, &json!({"detail": "no such user", "code": "not_found"}));
        assert_eq!(unknown().help_for("not_found", "look").help.as_deref(), Some("look"));
        assert_eq!(unknown().help_for("conflict", "look").help, None);
        assert_eq!(unknown().help("first").help_for("not_found", "look").help.as_deref(), Some("first"));
    }

    #[test]
    fn in_process_errors_read_like_answers_and_tell_the_context() {
        let failure = Failure::from(model::Error::new(Code::RunNotFound, "Run 'x' not found").context("store: gone"));
        assert_eq!(failure.code.as_deref(), Some("run_not_found"));
        assert_eq!(failure.why, ["store: gone"]);
    }
}
