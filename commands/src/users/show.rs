//! `users show`.

use model::api::users::{ShowUser, UserReply};

use super::Who;
use crate::failure::Failure;
use crate::target::Target;

pub(super) async fn fetch(target: &Target, who: Who) -> Result<UserReply, Failure> {
    target.call(&ShowUser { user_id: who.user_id, tenant_id: who.tenant }).await
}
