//! Users of the registry (contract 01, 2.7). Every rule about them stands in `auth::registry`; here requests become
//! changes, tokens are issued, and data planes of users who lose them are stopped.
//!
//! The one invariant: a token leaves the process in the answer that issued it, and never again.

#[cfg(test)]
pub(crate) mod tests;

use model::api::users::{
    CreateUser, DeleteUser, ListUsers, ShowUser, UpdateUser, User, UserDeleted, UserList, UserReply,
};
use model::{Error, Principal};

use crate::auth::registry::{Change, NewUser, UserRow, no_such_user};
use crate::{Answer, Call, Handle, Services, auth, planes};

impl Handle<ListUsers> for Services {
    async fn handle(&self, _: Call, _: ListUsers) -> Result<Answer<UserList>, Error> {
        let mut users: Vec<User> = self.auth.view()?.book.users().iter().map(|row| row.user.clone()).collect();
        users.sort_by(|a, b| (&a.tenant_id, &a.user_id).cmp(&(&b.tenant_id, &b.user_id)));
        Ok(UserList { users }.into())
    }
}

impl Handle<CreateUser> for Services {
    async fn handle(&self, _: Call, input: CreateUser) -> Result<Answer<UserReply>, Error> {
        let (secret, proof) = self.auth.issue(input.token.as_deref()).await?;
        let new = NewUser {
            user_id: input.user_id,
            tenant_id: input.tenant_id,
            email: input.email.unwrap_or_default(),
            roles: input.roles,
            scopes: input.scopes,
            enabled: input.enabled,
            runtime_id: input.runtime_id.unwrap_or_default(),
            proof,
        };
        let user = self.auth.edit(move |book, now| book.create(new, now)).await?;
        tracing::info!(user_id = user.user_id, tenant_id = user.tenant_id, "user created");
        Ok(UserReply { user, token: Some(secret.expose().to_owned()) }.into())
    }
}

impl Handle<ShowUser> for Services {
    async fn handle(&self, _: Call, input: ShowUser) -> Result<Answer<UserReply>, Error> {
        let book = self.auth.view()?.book;
        let row = book.find(&input.tenant_id, &input.user_id).ok_or_else(no_such_user)?;
        Ok(UserReply { user: row.user.clone(), token: None }.into())
    }
}

impl Handle<UpdateUser> for Services {
    async fn handle(&self, _: Call, input: UpdateUser) -> Result<Answer<UserReply>, Error> {
        let book = self.auth.view()?.book;
        let before = book.find(&input.tenant_id, &input.user_id).ok_or_else(no_such_user)?.clone();
        let issued = match input.rotate_token || input.token.is_some() {
            true => Some(self.auth.issue(input.token.as_deref()).await?),
            false => None,
        };
        let (secret, proof) = issued.unzip();
        let change = Change {
            email: input.email,
            roles: input.roles,
            scopes: input.scopes,
            enabled: input.enabled,
            runtime_id: input.runtime_id,
            proof,
        };
        let (tenant_id, user_id, guard) = (input.tenant_id, input.user_id, self.auth.guards_last_admin());
        let edit = move |book: &mut auth::registry::Book, now| book.update(&tenant_id, &user_id, change, guard, now);
        let user = self.auth.edit(edit).await?;
        if !user.enabled || user.runtime_id != before.user.runtime_id {
            self.stop_plane_of(&before).await;
        }
        Ok(UserReply { user, token: secret.map(|secret| secret.expose().to_owned()) }.into())
    }
}

impl Handle<DeleteUser> for Services {
    async fn handle(&self, _: Call, input: DeleteUser) -> Result<Answer<UserDeleted>, Error> {
        let book = self.auth.view()?.book;
        let before = book.find(&input.tenant_id, &input.user_id).ok_or_else(no_such_user)?.clone();
        let (tenant_id, user_id, guard) =
            (input.tenant_id.clone(), input.user_id.clone(), self.auth.guards_last_admin());
        self.auth.edit(move |book, now| book.delete(&tenant_id, &user_id, guard, now)).await?;
        self.stop_plane_of(&before).await;
        tracing::info!(user_id = before.user.user_id, tenant_id = before.user.tenant_id, "user deleted");
        Ok(UserDeleted { ok: true, deleted: true, user_id: input.user_id, tenant_id: input.tenant_id }.into())
    }
}

impl Services {
    /// Stops the data plane of a user who no longer has it. The shared default plane goes on.
    pub(crate) async fn stop_plane_of(&self, row: &UserRow) {
        let principal: Principal = auth::principal(row, String::new());
        let key = planes::Key::of(&principal, &self.settings, self.auth.user_auth_enabled());
        if key != planes::Key::Default {
            self.planes.stop(&key).await;
        }
    }
}
