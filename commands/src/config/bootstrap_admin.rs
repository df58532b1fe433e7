//! `config bootstrap-admin`: the first administrator, for a person who asks for one.
//!
//! May not know: how users are kept. Invariant: a token is shown only when asked for, or when it would be lost.

use std::path::PathBuf;

use model::{Map, Value};
use serde_json::json;
use service::auth::{Auth, BootstrapOutcome, BootstrapPolicy, BootstrapRequest};
use service::settings::Secret;

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::ui::Shown;

/// Make sure there is an administrator, and leave its token in a file
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The tenant of the administrator
    #[arg(long, value_name = "TENANT", default_value = "default")]
    tenant_id: String,
    /// The administrator
    #[arg(long, value_name = "USER", default_value = "admin")]
    user_id: String,
    /// The data plane of a new administrator
    #[arg(long, value_name = "ID")]
    runtime_id: Option<String>,
    /// The address of the administrator
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The token of a new administrator, or of a rotation (default: a random one)
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// Where the token is left (default: auth/bootstrap-admin-token in the data directory)
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Leave the token in no file
    #[arg(long, conflicts_with = "token_file")]
    no_token_file: bool,
    /// Give an existing administrator a new token
    #[arg(long)]
    rotate_token: bool,
    /// Print the token
    #[arg(long)]
    print_token: bool,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let auth = Auth::open(&context.settings)?;
    let outcome = auth.bootstrap(request(context, args)).await?;
    auth.close().await;
    let shown = render(&outcome, args.print_token);
    let text = if args.json { shown.sorted_json() } else { shown.written(context.ui.format) };
    context.ui.data(&text)?;
    Ok(Exit::Success)
}

fn request(context: &Context, args: &Args) -> BootstrapRequest {
    let settings = &context.settings;
    let given = args.token_file.as_ref().map(|file| settings.current_dir.join(file));
    BootstrapRequest {
        policy: BootstrapPolicy::Always,
        tenant_id: args.tenant_id.clone(),
        user_id: args.user_id.clone(),
        runtime_id: args.runtime_id.clone(),
        email: args.email.clone(),
        token: args.token.clone().map(Secret::from).or_else(|| settings.auth.bootstrap_admin_token.clone()),
        token_file: (!args.no_token_file).then(|| given.unwrap_or_else(|| settings.bootstrap_token_file())),
        rotate: args.rotate_token,
    }
}

fn render(outcome: &BootstrapOutcome, print_token: bool) -> Shown {
    let user = &outcome.user;
    let file = outcome.token_file.as_ref().map(|file| file.display().to_string());
    let token = outcome.token.as_ref().map(|token| token.expose().to_owned());
    let mut value = Map::new();
    value.insert("ok".into(), true.into());
    value.insert("changed".into(), outcome.changed.into());
    value.insert("user".into(), json!(user));
    value.insert("token_file".into(), json!(file));
    value.insert("token_available".into(), token.is_some().into());
    value.insert("token_source".into(), json!(outcome.token_source));
    let mut lines = vec![
        "Gateway admin user ready.".to_owned(),
        format!("- tenant: {}", user.tenant_id),
        format!("- user: {}", user.user_id),
        format!("- runtime: {}", user.runtime_id),
        format!("- roles: {}", user.roles.join(", ")),
    ];
    lines.extend(file.as_ref().map(|file| format!("- token_file: {file}")));
    // A new token that is in no file would be gone for ever.
    let would_be_lost = outcome.token_is_new && file.is_none();
    lines.push(match token {
        Some(token) if print_token || would_be_lost => {
            value.insert("token".into(), token.clone().into());
            format!("- token: {token}")
        }
        Some(_) => "- token: available in token_file".to_owned(),
        None => "- token: not available (make a new one with --rotate-token)".to_owned(),
    });
    Shown { value: Value::Object(value), names: vec![user.user_id.clone()], text: lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use service::auth::TokenSource;

    use super::*;

    fn outcome(file: Option<&str>, token: Option<&str>) -> BootstrapOutcome {
        let mut user = crate::users::somebody();
        user.user_id = "admin".into();
        user.roles = vec!["admin".into(), "user".into()];
        user.runtime_id = "default".into();
        BootstrapOutcome {
            changed: true,
            user,
            token_file: file.map(PathBuf::from),
            token: token.map(Secret::from),
            token_is_new: true,
            token_source: TokenSource::Generated,
        }
    }

    #[test]
    fn the_text_is_exact() {
        let head =
            "Gateway admin user ready.\n- tenant: default\n- user: admin\n- runtime: default\n- roles: admin, user";
        let check = |file, token, print, tail: &str| {
            assert_eq!(render(&outcome(file, token), print).text, format!("{head}{tail}"));
        };
        check(Some("/d/t"), Some("agw_x"), false, "\n- token_file: /d/t\n- token: available in token_file");
        check(Some("/d/t"), Some("agw_x"), true, "\n- token_file: /d/t\n- token: agw_x");
        check(None, Some("agw_x"), false, "\n- token: agw_x");
        check(
            Some("/d/t"),
            None,
            true,
            "\n- token_file: /d/t\n- token: not available (make a new one with --rotate-token)",
        );
    }

    #[test]
    fn the_json_has_exactly_the_keys_of_the_contract() {
        let keys = |print| {
            let shown = render(&outcome(Some("/d/t"), Some("agw_x")), print);
            shown.value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(keys(false), "ok changed user token_file token_available token_source");
        assert_eq!(keys(true), "ok changed user token_file token_available token_source token");
        let value = render(&outcome(None, None), true).value;
        assert_eq!((&value["token_file"], &value["token_available"]), (&Value::Null, &json!(false)));
        assert_eq!(value["token_source"], "generated");
    }
}
