//! Who may come in: credentials of a request become a principal (contract 01, 1.3 to 1.7 and part 2).
//!
//! This module may not know: HTTP, routes, which operation is called. The one invariant: a principal comes from a
//! verified credential or not at all.

mod bootstrap;
mod browser;
mod lockout;
mod origin;
pub(crate) mod registry;
#[cfg(test)]
mod tests;
mod token;
mod verify;

use std::sync::Arc;
use std::time::Instant;

use model::principal::Source;
use model::{Code, Error, Principal, Timestamp};

pub use bootstrap::{BootstrapOutcome, BootstrapPolicy, BootstrapRequest, TokenSource};
pub(crate) use browser::Opened;
use browser::{SessionRow, Sessions};
pub use registry::safe;
use registry::{Book, Proof, Registry, UserRow, View};
pub use token::{SHORTEST_TOKEN, fingerprint};

use crate::clock;
use crate::settings::{Secret, Settings, UserAuth};

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
    settings: Settings,
    origins: origin::Allowlist,
    lockout: parking_lot::Mutex<lockout::Lockout>,
    registry: Registry,
    verifier: verify::Verifier,
    sessions: Sessions,
}

impl Auth {
    /// Opens the gate of a data directory. A registry that cannot be read is no error here: static tokens still work.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        let policy = lockout::Policy {
            after: settings.auth.lockout_after,
            base_s: settings.auth.lockout_base_s,
            max_s: settings.auth.lockout_max_s,
        };
        let inner = Inner {
            origins: origin::Allowlist::new(&settings.http.allowed_origins),
            lockout: parking_lot::Mutex::new(lockout::Lockout::new(policy)),
            registry: Registry::open(settings.users_file()),
            verifier: verify::Verifier::new()?,
            sessions: Sessions::open(settings)?,
            settings: settings.clone(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether anybody can be let in at all.
    #[must_use]
    pub fn configured(&self) -> bool {
        self.has_static_tokens() || self.user_auth_enabled()
    }

    /// Whether users of the registry may come in with their tokens.
    #[must_use]
    pub fn user_auth_enabled(&self) -> bool {
        match self.inner.settings.user_auth() {
            UserAuth::On => true,
            UserAuth::Off => false,
            UserAuth::WhenRegistryExists => self.inner.registry.exists(),
        }
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
    /// When a browser session cannot be judged because the registry cannot be read.
    pub async fn authenticate(&self, credentials: &Credentials) -> Result<Verdict, Error> {
        let bearer = credentials.bearer.as_deref().map(str::trim).filter(|token| !token.is_empty());
        if let Some(token) = bearer {
            let principal = self.by_token(token).await;
            return Ok(
                principal.map_or(Verdict::Refused, |principal| Verdict::Known(Known { principal, session: None }))
            );
        }
        let mut verdict = Verdict::Anonymous;
        for value in credentials.session.iter().map(|value| value.trim()).filter(|value| !value.is_empty()) {
            match self.by_session(value, clock::now()).await? {
                Some(known) => return Ok(Verdict::Known(known)),
                None => verdict = Verdict::Refused,
            }
        }
        Ok(verdict)
    }

    /// Whether `sent` is the CSRF token of the session.
    #[must_use]
    pub fn csrf_matches(&self, session: &SessionRef, sent: Option<&str>) -> bool {
        let Some(sent) = sent.map(str::trim).filter(|sent| !sent.is_empty()) else { return false };
        token::same(&token::sha256_hex(sent), &session.csrf_hash)
    }

    /// Writes what was only remembered: when sessions were last used. For the end of the process.
    pub async fn close(&self) {
        if let Err(error) = self.blocking(|auth| auth.inner.sessions.save()).await {
            tracing::warn!(error = %error, "the last use of browser sessions could not be written");
        }
    }

    /// The registry user with this token, whatever the mode.
    pub(crate) async fn user_by_token(&self, token: &str) -> Result<Option<UserRow>, Error> {
        let view = self.view()?;
        self.inner.verifier.user(&view, token.trim()).await
    }

    /// Opens a browser session for a user that proved itself, and says when it ends.
    pub(crate) async fn open_session(&self, row: &UserRow, ttl_s: i64) -> Result<(Opened, Timestamp), Error> {
        let now = clock::now();
        let expires_at = now.plus_micros(ttl_s.saturating_mul(1_000_000));
        let session = SessionRow {
            session_id: String::new(),
            csrf_hash: String::new(),
            user_id: row.user.user_id.clone(),
            tenant_id: row.user.tenant_id.clone(),
            runtime_id: row.user.runtime_id.clone(),
            roles: row.user.roles.clone(),
            scopes: row.user.scopes.clone(),
            source: Source::UserRegistry,
            token_fingerprint: row.token_fingerprint.clone(),
            credential_fingerprint: fingerprint(&row.token_hash),
            created_at: now,
            expires_at,
            last_seen_at: now,
        };
        let opened = self.blocking(move |auth| auth.inner.sessions.create(session)).await?;
        Ok((opened, expires_at))
    }

    /// Ends the session behind a cookie value; whether there was one.
    pub(crate) async fn end_session(&self, value: String) -> Result<bool, Error> {
        self.blocking(move |auth| auth.inner.sessions.end(&value)).await
    }

    /// The registry as it is now.
    pub(crate) fn view(&self) -> Result<View, Error> {
        self.inner.registry.view()
    }

    /// Changes the registry durably, off the async threads.
    pub(crate) async fn edit<T: Send + 'static>(
        &self,
        edit: impl FnOnce(&mut Book, Timestamp) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.blocking(move |auth| auth.inner.registry.edit(edit)).await
    }

    /// A token to give out, and what to store of it. Callers may choose one, if it is long enough.
    pub(crate) async fn issue(&self, chosen: Option<&str>) -> Result<(Secret, Proof), Error> {
        let secret = match chosen.map(str::trim).filter(|token| !token.is_empty()) {
            Some(token) => Secret::from(token),
            None => token::generate("agw_")?,
        };
        check_length(&secret)?;
        self.blocking(move |_| Ok((secret.clone(), prove(&secret)?))).await
    }

    /// Whether the last admin of the registry must be kept: without it, nobody could administer.
    pub(crate) fn guards_last_admin(&self) -> bool {
        !self.has_static_tokens()
    }

    fn has_static_tokens(&self) -> bool {
        !self.inner.settings.auth.static_tokens.is_empty()
    }

    async fn by_token(&self, token: &str) -> Option<Principal> {
        if self.user_auth_enabled() {
            match self.user_by_token(token).await {
                Ok(Some(row)) => return Some(principal(&row, fingerprint(token))),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(error = %error, context = ?error.context, "user tokens cannot be checked");
                }
            }
        }
        // Every token is compared, so that the time tells nothing about which one matched.
        let tokens = self.inner.settings.auth.static_tokens.iter();
        let known = tokens.fold(false, |known, static_token| token::same(token, static_token.expose()) | known);
        known.then(|| Principal::local_admin(fingerprint(token)))
    }

    async fn by_session(&self, value: &str, now: Timestamp) -> Result<Option<Known>, Error> {
        let Some((hash, row)) = self.inner.sessions.find(value, now) else { return Ok(None) };
        let Some(principal) = self.owner(&row)? else {
            let gone = hash.clone();
            self.blocking(move |auth| auth.inner.sessions.remove(&gone)).await?;
            return Ok(None);
        };
        if self.inner.sessions.touch(&hash, now)
            && let Err(error) = self.blocking(|auth| auth.inner.sessions.save()).await
        {
            tracing::warn!(error = %error, "the last use of browser sessions could not be written");
        }
        let session = SessionRef { session_id: format!("sha256:{hash}"), csrf_hash: row.csrf_hash };
        Ok(Some(Known { principal, session: Some(session) }))
    }

    /// Whose session it is, if that still holds: the user is there, enabled, and has the token it had.
    fn owner(&self, row: &SessionRow) -> Result<Option<Principal>, Error> {
        match row.source {
            Source::UserRegistry => {
                let view = self.view()?;
                let user = view.book.find(&row.tenant_id, &row.user_id);
                let holds = |user: &&UserRow| {
                    user.user.enabled && token::same(&fingerprint(&user.token_hash), &row.credential_fingerprint)
                };
                Ok(user.filter(holds).map(|user| principal(user, row.token_fingerprint.clone())))
            }
            Source::LegacyToken => {
                let tokens = &self.inner.settings.auth.static_tokens;
                let known = tokens.iter().any(|token| fingerprint(token.expose()) == row.token_fingerprint);
                Ok(known.then(|| Principal::local_admin(row.token_fingerprint.clone())))
            }
            Source::LoopbackDevRead => Ok(None),
        }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let auth = self.clone();
        tokio::task::spawn_blocking(move || work(&auth)).await.map_err(|e| Error::internal(e.to_string()))?
    }
}

/// What an address that is locked out is told.
#[must_use]
pub fn locked_out(seconds: u64) -> Error {
    Error::new(Code::LockedOut, "Too Many Requests (auth lockout)").retry_after(seconds)
}

/// The principal of a registry user.
pub(crate) fn principal(row: &UserRow, token_fingerprint: String) -> Principal {
    let user = &row.user;
    Principal {
        user_id: user.user_id.clone(),
        tenant_id: user.tenant_id.clone(),
        roles: user.roles.clone(),
        scopes: user.scopes.clone(),
        token_fingerprint,
        runtime_id: user.runtime_id.clone(),
        source: Source::UserRegistry,
        admin: user.roles.iter().any(|role| role == "admin"),
    }
}

fn check_length(token: &Secret) -> Result<(), Error> {
    if token.expose().chars().count() < SHORTEST_TOKEN {
        let text = format!("token must have at least {SHORTEST_TOKEN} characters; leave it out to have one generated");
        return Err(Error::new(Code::BadRequest, text));
    }
    Ok(())
}

/// What to store of a token. Takes tens of milliseconds: not for the async threads.
fn prove(token: &Secret) -> Result<Proof, Error> {
    Ok(Proof { hash: token::hash(token.expose())?, fingerprint: fingerprint(token.expose()) })
}
