//! The first administrator at the start of a server, and what is said of it (contract 01, sections 2.5 and 4.1).
//!
//! May not know: how users are kept. Invariant: a token is printed once, when it is new, and only where nobody but the
//! operator of this machine is likely to read it.

use service::Settings;
use service::auth::{Auth, BootstrapOutcome, BootstrapRequest};

use super::checks::{is_loopback, users_on};
use crate::failure::Failure;

/// Makes sure that an administrator can come in; the lines to say.
pub(super) async fn prepare(settings: &Settings, host: &str) -> Result<Vec<String>, Failure> {
    if !users_on(settings) {
        return Ok(Vec::new());
    }
    let Some(request) = BootstrapRequest::at_start(settings) else {
        return Ok(vec!["Gateway user auth: enabled; admin auto-bootstrap disabled by env.".to_owned()]);
    };
    let auth = Auth::open(settings)?;
    let outcome = auth.bootstrap(request).await?;
    auth.close().await;
    let show_token = is_loopback(host) || settings.auth.bootstrap_print_token;
    Ok(lines(&outcome, show_token))
}

fn lines(outcome: &BootstrapOutcome, show_token: bool) -> Vec<String> {
    let user = &outcome.user;
    let mut lines = vec![
        "Gateway user auth: enabled.".to_owned(),
        format!("Gateway admin user: {}/{} (runtime: {})", user.tenant_id, user.user_id, user.runtime_id),
    ];
    let Some(token) = &outcome.token else { return lines };
    let file = outcome.token_file.as_ref().map(|file| file.display().to_string());
    lines.extend(file.as_ref().map(|file| format!("Gateway admin token file: {file}")));
    match file {
        Some(file) if !(outcome.token_is_new && show_token) => {
            lines.push(format!("Gateway admin token: read with `cat {file}`"));
        }
        _ => lines.push(format!("Gateway admin token: {}", token.expose())),
    }
    lines
}

#[cfg(test)]
mod tests {
    use service::auth::TokenSource;

    use super::*;

    #[test]
    fn a_token_is_printed_once_and_at_home() {
        let outcome = |is_new: bool, token: Option<&str>| BootstrapOutcome {
            changed: is_new,
            user: crate::users::somebody(),
            token_file: Some("/d/t".into()),
            token: token.map(Into::into),
            token_is_new: is_new,
            token_source: TokenSource::Generated,
        };
        let check = |is_new, token, show, expected: &[&str]| {
            let head = ["Gateway user auth: enabled.", "Gateway admin user: default/ada (runtime: ada)"];
            assert_eq!(lines(&outcome(is_new, token), show), [&head, expected].concat());
        };
        let file = "Gateway admin token file: /d/t";
        let read = "Gateway admin token: read with `cat /d/t`";
        check(true, Some("agw_x"), true, &[file, "Gateway admin token: agw_x"]);
        check(true, Some("agw_x"), false, &[file, read]);
        check(false, Some("agw_x"), true, &[file, read]);
        check(false, None, true, &[]);
    }
}
