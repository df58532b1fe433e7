//! The browser session operations.

use model::Error;
use model::api::sessions::{LoggedOut, Login, Logout, Me, WhoAmI};

use crate::{Answer, Call, Handle, Services};

impl Handle<WhoAmI> for Services {
    async fn handle(&self, _: Call, _: WhoAmI) -> Result<Answer<Me>, Error> {
        Err(Error::internal("not yet"))
    }
}
impl Handle<Login> for Services {
    async fn handle(&self, _: Call, _: Login) -> Result<Answer<Me>, Error> {
        Err(Error::internal("not yet"))
    }
}
impl Handle<Logout> for Services {
    async fn handle(&self, _: Call, _: Logout) -> Result<Answer<LoggedOut>, Error> {
        Err(Error::internal("not yet"))
    }
}
