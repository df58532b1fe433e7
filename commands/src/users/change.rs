//! `users rotate`, `users enable` and `users disable`: what is not named stays.

use model::api::users::{UpdateUser, UserReply};

use super::Who;
use crate::failure::Failure;
use crate::target::Target;

pub(super) async fn rotate(target: &Target, who: Who) -> Result<UserReply, Failure> {
    target.call(&UpdateUser { rotate_token: true, ..nothing(who) }).await
}

pub(super) async fn enable(target: &Target, who: Who, enabled: bool) -> Result<UserReply, Failure> {
    target.call(&UpdateUser { enabled: Some(enabled), ..nothing(who) }).await
}

fn nothing(who: Who) -> UpdateUser {
    UpdateUser {
        user_id: who.user_id,
        tenant_id: who.tenant,
        email: None,
        roles: None,
        scopes: None,
        enabled: None,
        runtime_id: None,
        token: None,
        rotate_token: false,
    }
}
