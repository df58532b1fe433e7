//! `users create`.

use model::api::users::{CreateUser, UserReply};

use super::Who;
use crate::context::Context;
use crate::failure::Failure;
use crate::target::Target;
use crate::ui::one_line;

/// Create a user and show its token, once
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  abstractgateway users create ada --email ada@example.com\n  abstractgateway users create ops --role admin --role user"
)]
pub(super) struct Args {
    #[command(flatten)]
    who: Who,
    /// The address of the user
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// A role of the user, such as admin (can be repeated)
    #[arg(long = "role", value_name = "ROLE", default_value = "user")]
    roles: Vec<String>,
    /// The data plane of the user (default: the user's id)
    #[arg(long, value_name = "ID")]
    runtime_id: Option<String>,
    /// Use this token, at least 15 characters (default: a random one)
    #[arg(long, value_name = "TOKEN", hide = true)]
    with_token: Option<String>,
    /// Refuse the token until the user is enabled
    #[arg(long)]
    disabled: bool,
}

pub(super) async fn fetch(context: &Context, target: &Target, args: Args) -> Result<UserReply, Failure> {
    let asked = args.who.user_id.clone();
    let reply = target.call(&operation(args)).await?;
    if let Some(note) = renamed(&asked, &reply.user.user_id) {
        context.ui.note(&note);
    }
    Ok(reply)
}

/// Ids are folders too: the gateway replaces what a folder cannot be called.
fn renamed(asked: &str, made: &str) -> Option<String> {
    (asked != made).then(|| format!("a user cannot be called {}: it is {made}", one_line(asked)))
}

fn operation(args: Args) -> CreateUser {
    CreateUser {
        user_id: args.who.user_id,
        tenant_id: args.who.tenant,
        email: args.email,
        roles: args.roles,
        scopes: Vec::new(),
        enabled: !args.disabled,
        runtime_id: args.runtime_id,
        token: args.with_token,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_name_than_asked_is_told() {
        assert_eq!(renamed("ada", "ada"), None);
        assert_eq!(renamed("b/d", "b_d").as_deref(), Some("a user cannot be called b/d: it is b_d"));
    }
}
