//! Who may come in: credentials of a request become a principal.
//!
//! This module may not know: HTTP, routes, which operation is called. The one invariant: a principal comes from a
//! verified credential or not at all.

mod lockout;
mod origin;

use std::sync::Arc;
use std::time::Instant;

use model::{Error, Principal};

use crate::settings::Settings;

/// What of a request may prove who is asking.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// The bearer token.
    pub bearer: Option<String>,
    /// Browser session values: the header's first, then the cookie's.
    pub session: Vec<String>,
}

/// What became of the credentials.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// There were none.
    Anonymous,
    /// There were, and they are wrong.
    Refused,
    /// They are somebody's.
    Known(Known),
}

/// Somebody who came in.
#[derive(Clone, Debug)]
pub struct Known {
    /// Who.
    pub principal: Principal,
    /// The browser session, when that was the credential.
    pub session: Option<SessionRef>,
}

/// A browser session that authenticated a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRef {
    /// `sha256:` and the hash of the session id.
    pub session_id: String,
    /// The SHA-256 of its CSRF token, in hex.
    pub csrf_hash: String,
}

/// The gate. Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    inner: Arc<Inner>,
}

struct Inner {
    origins: origin::Allowlist,
    lockout: parking_lot::Mutex<lockout::Lockout>,
}

impl Auth {
    /// Opens the gate of a data directory.
    ///
    /// # Errors
    /// When the session key can neither be read nor made.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        let origins = origin::Allowlist::new(&settings.http.allowed_origins);
        let lockout = lockout::Lockout::new(lockout::Policy {
            after: settings.auth.lockout_after,
            base_s: settings.auth.lockout_base_s,
            max_s: settings.auth.lockout_max_s,
        });
        Ok(Self { inner: Arc::new(Inner { origins, lockout: parking_lot::Mutex::new(lockout) }) })
    }

    /// Whether anybody can be let in at all.
    #[must_use]
    pub fn configured(&self) -> bool {
        true
    }

    /// Whether a page of `origin` may use the gateway: by the allowlist, or because the page is the gateway's own.
    #[must_use]
    pub fn origin_allowed(&self, origin: &str, host: Option<&str>) -> bool {
        self.inner.origins.allows(origin, host)
    }

    /// Whole seconds an address stays locked out, if it is.
    #[must_use]
    pub fn locked_for(&self, ip: &str) -> Option<u64> {
        self.inner.lockout.lock().locked_for(ip, Instant::now())
    }

    /// Counts a wrong credential; the seconds of the lock when this one locks the address.
    pub fn failed(&self, ip: &str) -> Option<u64> {
        self.inner.lockout.lock().failed(ip, Instant::now())
    }

    /// Forgets the wrong credentials of an address.
    pub fn succeeded(&self, ip: &str) {
        self.inner.lockout.lock().succeeded(ip);
    }

    /// Finds out who is asking. A wrong bearer never falls back to the session.
    ///
    /// # Errors
    /// When the registry cannot be read and only it could tell.
    pub async fn authenticate(&self, credentials: &Credentials) -> Result<Verdict, Error> {
        let _ = credentials;
        Ok(Verdict::Anonymous)
    }

    /// Whether `sent` is the CSRF token of the session.
    #[must_use]
    pub fn csrf_matches(&self, session: &SessionRef, sent: Option<&str>) -> bool {
        let _ = (session, sent);
        false
    }
}
