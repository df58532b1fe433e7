//! What the audit log learns of a request (contract 01, 1.11). Which values may be written is the audit service's rule;
//! here they are gathered. Knows nothing of operations.

use std::time::Instant;

use http::StatusCode;
use http::header::USER_AGENT;
use model::Principal;
use service::Services;
use service::audit::Entry;

use crate::admit::bearer;
use crate::family;
use crate::request::Request;

/// Gathers while a request goes on.
pub(crate) struct Trail {
    started: Instant,
    auth_required: bool,
    caller: Option<(String, String)>,
}

impl Trail {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), auth_required: false, caller: None }
    }

    /// Says whether a credential was needed.
    pub(crate) fn required(&mut self, required: bool) {
        self.auth_required = required;
    }

    /// Says who it was.
    pub(crate) fn caller(&mut self, principal: &Principal) {
        self.caller = Some((principal.user_id.clone(), principal.tenant_id.clone()));
    }

    /// Writes the line of a request that may have changed something, or that looked at users or at the log itself.
    pub(crate) fn end(self, services: &Services, request: &Request, status: StatusCode, error: Option<String>) {
        let looked = matches!(family::class(&request.path, false), Some("admin" | "audit"));
        if !request.is_write() && !looked {
            return;
        }
        let text = |name: &str| request.header(name).map(str::to_owned);
        let (user, tenant) = self.caller.unzip();
        services.audit.record(Entry {
            ts: service::clock::now(),
            request_id: request.id.clone(),
            ip: request.client_name(),
            method: request.method.to_string(),
            path: request.path.clone(),
            query: request.query.clone(),
            status: status.as_u16(),
            duration_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            auth_required: self.auth_required,
            auth_token_fp: bearer(request).map(service::auth::fingerprint),
            principal_user_id: user,
            principal_tenant_id: tenant,
            origin: request.origin().map(str::to_owned),
            user_agent: text(USER_AGENT.as_str()),
            bytes_in: request.body.declared,
            headers: request
                .headers
                .iter()
                .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
                .collect(),
            error: error.filter(|_| status.is_server_error()),
        });
    }
}
