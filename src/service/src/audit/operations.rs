//! The audit operations.

use model::Error;
use model::api::audit::{AuditTail, TailAudit};

use crate::{Answer, Call, Handle, Services};

impl Handle<TailAudit> for Services {
    async fn handle(&self, _: Call, _: TailAudit) -> Result<Answer<AuditTail>, Error> {
        Err(Error::internal("not yet"))
    }
}
