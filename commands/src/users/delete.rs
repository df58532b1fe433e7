//! `users delete`.

use model::api::users::{DeleteUser, UserDeleted};

use super::{Who, render as render_user, show};
use crate::context::Context;
use crate::failure::Failure;
use crate::target::Target;
use crate::ui::Shown;

/// Delete a user; its data stays reserved for it
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    who: Who,
    /// Show whom it would delete, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Shown, Failure> {
    let found = show::fetch(target, args.who.clone()).await?;
    if args.dry_run {
        context.ui.note("nothing was deleted; without --dry-run this user would be:");
        return Ok(render_user(&found));
    }
    context.ui.confirm(&format!("Delete user {} of tenant {}?", args.who.user_id, args.who.tenant))?;
    let deleted = target.call(&DeleteUser { user_id: args.who.user_id, tenant_id: args.who.tenant }).await?;
    Ok(render(&deleted))
}

fn render(deleted: &UserDeleted) -> Shown {
    let text = format!("deleted user {} of tenant {}", deleted.user_id, deleted.tenant_id);
    Shown::new(deleted, vec![deleted.user_id.clone()], text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deletion_names_the_user() {
        let deleted = UserDeleted { ok: true, deleted: true, user_id: "ada".into(), tenant_id: "default".into() };
        assert_eq!(render(&deleted).text, "deleted user ada of tenant default");
    }
}
