//! The users of the gateway.

mod change;
mod create;
mod delete;
mod list;
mod show;

use clap::Subcommand;
use model::api::users::{User, UserReply};

use crate::cli::Reach;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::{self, Work};
use crate::ui::{Shown, details};

/// Manage the users of the gateway
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List all users
    List,
    /// Show a user
    Show(Who),
    /// Create a user and show its token, once
    Create(create::Args),
    /// Give a user a new token and show it, once; the old one ends
    Rotate(Who),
    /// Refuse a user's token until it is enabled again
    Disable(Who),
    /// Accept a user's token again
    Enable(Who),
    /// Delete a user; its data stays reserved for it
    Delete(delete::Args),
}

/// Which user
#[derive(clap::Args, Clone, Debug)]
struct Who {
    /// The user
    user_id: String,
    /// The tenant of the user
    #[arg(long, value_name = "TENANT", default_value = "default")]
    tenant: String,
}

/// Runs a verb.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let work = if matches!(args.verb, Verb::Create(_)) { Work::Change } else { Work::Look };
    target::with(context, &args.reach, work, async |target| {
        let shown = match args.verb {
            Verb::List => list::render(&list::fetch(target).await?),
            Verb::Show(who) => render(&show::fetch(target, who).await?),
            Verb::Create(args) => render(&create::fetch(context, target, args).await?),
            Verb::Rotate(who) => render(&change::rotate(target, who).await?),
            Verb::Disable(who) => render(&change::enable(target, who, false).await?),
            Verb::Enable(who) => render(&change::enable(target, who, true).await?),
            Verb::Delete(args) => delete::run(context, target, args).await?,
        };
        context.ui.show(&shown)?;
        Ok(Exit::Success)
    })
    .await
    .map_err(|failure| failure.help_for("not_found", "abstractgateway users list"))
}

/// A user, and its token when one was issued just now.
fn render(reply: &UserReply) -> Shown {
    let mut text = user_text(&reply.user);
    if let Some(token) = &reply.token {
        text.push_str(&format!("\n\nToken, shown this once: {token}"));
    }
    Shown::new(reply, vec![reply.user.user_id.clone()], text)
}

fn user_text(user: &User) -> String {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    details(&[
        ("user", Some(user.user_id.clone())),
        ("tenant", Some(user.tenant_id.clone())),
        ("email", some(&user.email)),
        ("roles", some(&user.roles.join(", "))),
        ("scopes", some(&user.scopes.join(", "))),
        ("state", Some(state(user).to_owned())),
        ("runtime", Some(user.runtime_id.clone())),
        ("created", Some(user.created_at.to_whole_seconds())),
        ("updated", Some(user.updated_at.to_whole_seconds())),
    ])
}

fn state(user: &User) -> &'static str {
    if user.enabled { "enabled" } else { "disabled" }
}

#[cfg(test)]
pub(crate) fn somebody() -> User {
    User {
        user_id: "ada".into(),
        tenant_id: "default".into(),
        email: String::new(),
        roles: vec!["user".into()],
        scopes: vec![],
        enabled: true,
        runtime_id: "ada".into(),
        created_at: model::Timestamp::EPOCH,
        updated_at: model::Timestamp::EPOCH,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_shown_with_its_user() {
        let mut reply = UserReply { user: somebody(), token: None };
        let expected = "user     ada\ntenant   default\nroles    user\nstate    enabled\nruntime  ada\n\
                        created  1970-01-01T00:00:00+00:00\nupdated  1970-01-01T00:00:00+00:00";
        assert_eq!(render(&reply).text, expected);
        reply.token = Some("agw_x".into());
        let shown = render(&reply);
        assert_eq!(shown.text, format!("{expected}\n\nToken, shown this once: agw_x"));
        assert_eq!((shown.value["token"].as_str(), shown.names), (Some("agw_x"), vec!["ada".to_owned()]));
    }
}
