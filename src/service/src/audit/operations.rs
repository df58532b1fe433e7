//! The end of the log, the same for every admin.

use model::api::audit::{AuditTail, TailAudit};
use model::{Code, Error};

use crate::{Answer, Call, Handle, Services};

impl Handle<TailAudit> for Services {
    async fn handle(&self, _: Call, input: TailAudit) -> Result<Answer<AuditTail>, Error> {
        self.audit.flush().await;
        let max_bytes = u64::try_from(input.max_bytes).unwrap_or_default();
        let tail = self.audit.tail(max_bytes);
        Ok(tail.map_err(|e| Error::new(Code::Internal, format!("Failed to read audit log: {e}")))?.into())
    }
}
