//! `users create`.

use model::api::users::{CreateUser, UserReply};

use super::Who;
use crate::failure::Failure;
use crate::target::Target;

/// Create a user and show its token, once
#[derive(clap::Args, Debug)]
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

pub(super) async fn fetch(target: &Target, args: Args) -> Result<UserReply, Failure> {
    let input = CreateUser {
        user_id: args.who.user_id,
        tenant_id: args.who.tenant,
        email: args.email,
        roles: args.roles,
        scopes: Vec::new(),
        enabled: !args.disabled,
        runtime_id: args.runtime_id,
        token: args.with_token,
    };
    target.call(&input).await
}
