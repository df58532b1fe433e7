//! The user operations.

use model::Error;
use model::api::users::{CreateUser, DeleteUser, ListUsers, ShowUser, UpdateUser, UserDeleted, UserList, UserReply};

use crate::{Answer, Call, Handle, Services};

impl Handle<ListUsers> for Services {
    async fn handle(&self, _: Call, _: ListUsers) -> Result<Answer<UserList>, Error> {
        Err(Error::internal("not yet"))
    }
}
impl Handle<CreateUser> for Services {
    async fn handle(&self, _: Call, _: CreateUser) -> Result<Answer<UserReply>, Error> {
        Err(Error::internal("not yet"))
    }
}
impl Handle<ShowUser> for Services {
    async fn handle(&self, _: Call, _: ShowUser) -> Result<Answer<UserReply>, Error> {
        Err(Error::internal("not yet"))
    }
}
impl Handle<UpdateUser> for Services {
    async fn handle(&self, _: Call, _: UpdateUser) -> Result<Answer<UserReply>, Error> {
        Err(Error::internal("not yet"))
    }
}
impl Handle<DeleteUser> for Services {
    async fn handle(&self, _: Call, _: DeleteUser) -> Result<Answer<UserDeleted>, Error> {
        Err(Error::internal("not yet"))
    }
}
