//! The first admin (contract 01, 2.5): made when there is none, its token left in a file only the owner reads.
//!
//! The one invariant: no two users ever share a token, and an admin somebody disabled on purpose stays disabled while
//! there is another one.

use std::path::{Path, PathBuf};

use model::api::users::User;
use model::{Code, Error};
use serde::Serialize;

use super::registry::{Change, NewUser, Proof, UserRow, key_of, safe};
use super::{Auth, check_length, prove, token};
use crate::private_file;
use crate::settings::{Secret, Settings};

/// When to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootstrapPolicy {
    /// Only when no admin can come in: at the start of a server.
    WhenNoAdmin,
    /// In any case: a person asked for it.
    Always,
}

/// What to make sure of.
#[derive(Clone, Debug)]
pub struct BootstrapRequest {
    /// When to act.
    pub policy: BootstrapPolicy,
    /// The tenant; usually `default`.
    pub tenant_id: String,
    /// The user; usually `admin`.
    pub user_id: String,
    /// The data plane of a new user; `default` for `default/admin`, else the user id.
    pub runtime_id: Option<String>,
    /// An address to set.
    pub email: Option<String>,
    /// The token of a new user, or of a rotation.
    pub token: Option<Secret>,
    /// Where the token is left; none writes no file.
    pub token_file: Option<PathBuf>,
    /// Give an existing user a new token.
    pub rotate: bool,
}

impl BootstrapRequest {
    /// What a server asks at its start; none when the environment forbids it.
    #[must_use]
    pub fn at_start(settings: &Settings) -> Option<Self> {
        (settings.auth.bootstrap_admin && settings.auth.auto_bootstrap_admin).then(|| Self {
            policy: BootstrapPolicy::WhenNoAdmin,
            tenant_id: "default".into(),
            user_id: "admin".into(),
            runtime_id: None,
            email: None,
            token: settings.auth.bootstrap_admin_token.clone(),
            token_file: Some(settings.bootstrap_token_file()),
            rotate: false,
        })
    }
}

/// Where the token at hand came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenSource {
    /// Made just now.
    Generated,
    /// Found in the token file.
    TokenFile,
    /// Given by the environment or the command line.
    Env,
    /// There is none at hand.
    None,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct BootstrapOutcome {
    /// Whether the registry changed.
    pub changed: bool,
    /// The admin.
    pub user: User,
    /// The file with the token, when one is used.
    pub token_file: Option<PathBuf>,
    /// The token, when it is at hand.
    pub token: Option<Secret>,
    /// Whether the token was issued just now: the one time it may be shown unasked.
    pub token_is_new: bool,
    /// Where the token came from.
    pub token_source: TokenSource,
}

impl Auth {
    /// Makes sure that there is an admin.
    ///
    /// # Errors
    /// When the registry cannot be read or written, the address or token is not acceptable, or the token is somebody
    /// else's.
    pub async fn bootstrap(&self, request: BootstrapRequest) -> Result<BootstrapOutcome, Error> {
        self.blocking(move |auth| Bootstrap { auth, request: &request }.run()).await
    }
}

struct Bootstrap<'a> {
    auth: &'a Auth,
    request: &'a BootstrapRequest,
}

impl Bootstrap<'_> {
    fn run(&self) -> Result<BootstrapOutcome, Error> {
        let request = self.request;
        let view = self.auth.view()?;
        let existing = view.book.find(&request.tenant_id, &request.user_id);
        if request.policy == BootstrapPolicy::WhenNoAdmin && view.book.has_working_admin() {
            let admin = existing.filter(|row| row.is_working_admin());
            let admin = admin.or_else(|| view.book.users().iter().find(|row| row.is_working_admin()));
            if let Some(row) = admin {
                return Ok(self.with_token_at_hand(row, false));
            }
        }
        match existing {
            None => self.create(),
            Some(row) => self.restore(row),
        }
    }

    fn create(&self) -> Result<BootstrapOutcome, Error> {
        let request = self.request;
        let (tenant_id, user_id) = (safe(&request.tenant_id, "default"), safe(&request.user_id, ""));
        let own_runtime =
            if (tenant_id.as_str(), user_id.as_str()) == ("default", "admin") { "default" } else { &user_id };
        let (secret, source, file) = self.new_token(&format!("{tenant_id}:{user_id}"))?;
        let new = NewUser {
            email: request.email.clone().unwrap_or_default(),
            roles: vec!["admin".into(), "user".into()],
            scopes: Vec::new(),
            enabled: true,
            runtime_id: request.runtime_id.clone().unwrap_or_else(|| own_runtime.to_owned()),
            proof: self.leave(&secret, file.as_deref())?,
            tenant_id,
            user_id,
        };
        let user = self.auth.inner.registry.edit(move |book, now| book.create(new, now))?;
        Ok(issued(user, secret, source, file))
    }

    fn restore(&self, row: &UserRow) -> Result<BootstrapOutcome, Error> {
        let request = self.request;
        let mut roles = row.user.roles.clone();
        for role in ["admin", "user"] {
            if !roles.iter().any(|known| known == role) {
                roles.push(role.into());
            }
        }
        let email = request.email.clone().filter(|email| email.trim() != row.user.email);
        let rotate = request.rotate || row.token_hash.is_empty();
        if !rotate && row.user.enabled && roles == row.user.roles && email.is_none() {
            return Ok(self.with_token_at_hand(row, false));
        }
        let mut change = Change { email, roles: Some(roles), enabled: Some(true), ..Change::default() };
        let new = if rotate {
            let issued = self.new_token(&key_of(&row.user))?;
            change.proof = Some(self.leave(&issued.0, issued.2.as_deref())?);
            Some(issued)
        } else {
            None
        };
        let (tenant_id, user_id) = (row.user.tenant_id.clone(), row.user.user_id.clone());
        let user =
            self.auth.inner.registry.edit(move |book, now| book.update(&tenant_id, &user_id, change, false, now))?;
        Ok(match new {
            Some((secret, source, file)) => issued(user, secret, source, file),
            None => self.with_token_at_hand(&UserRow { user, ..row.clone() }, true),
        })
    }

    /// A token for the user `key`, where it came from, and the file it belongs in. A token file that holds somebody
    /// else's token is left alone: the new one goes beside it.
    fn new_token(&self, key: &str) -> Result<(Secret, TokenSource, Option<PathBuf>), Error> {
        let in_file = self.token_in_file()?;
        let book = self.auth.view()?.book;
        let elsewhere = in_file.as_ref().is_some_and(|secret| {
            let others = || book.users().iter().filter(|row| key_of(&row.user) != key);
            book.token_taken(&token::fingerprint(secret.expose()), key)
                || others()
                    .any(|row| row.token_fingerprint.is_empty() && token::verify(secret.expose(), &row.token_hash))
        });
        let file = self.request.token_file.clone().map(|file| match elsewhere {
            true => beside(&file, key),
            false => file,
        });
        if let Some(secret) = &self.request.token {
            check_length(secret)?;
            return Ok((secret.clone(), TokenSource::Env, file));
        }
        match in_file {
            Some(secret) if !elsewhere && !self.request.rotate => Ok((secret, TokenSource::TokenFile, file)),
            _ => Ok((token::generate("agw_")?, TokenSource::Generated, file)),
        }
    }

    /// Leaves the token in its file, before the registry knows it: a token nobody can read would lock everybody out.
    fn leave(&self, secret: &Secret, file: Option<&Path>) -> Result<Proof, Error> {
        let tenant_and_user =
            format!("{}:{}", safe(&self.request.tenant_id, "default"), safe(&self.request.user_id, ""));
        if self.auth.view()?.book.token_taken(&token::fingerprint(secret.expose()), &tenant_and_user) {
            return Err(Error::new(Code::BadRequest, "token is already in use by another user; choose another"));
        }
        if let Some(file) = file {
            private_file::write(file, &format!("{}\n", secret.expose())).map_err(|e| {
                let text = format!("the admin token file '{}' cannot be written: {e}", file.display());
                Error::new(Code::StorageUnavailable, text)
            })?;
        }
        prove(secret)
    }

    fn token_in_file(&self) -> Result<Option<Secret>, Error> {
        let Some(file) = &self.request.token_file else { return Ok(None) };
        let text = private_file::read(file).map_err(|e| {
            let text = format!("the admin token file '{}' cannot be read: {e}", file.display());
            Error::new(Code::StorageUnavailable, text)
        })?;
        Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).map(Secret::from))
    }

    /// The outcome when no token was issued: the one in the file counts when it is this user's.
    fn with_token_at_hand(&self, row: &UserRow, changed: bool) -> BootstrapOutcome {
        let key = key_of(&row.user);
        let files = self.request.token_file.iter().flat_map(|file| [file.clone(), beside(file, &key)]);
        let found = files.into_iter().find_map(|file| {
            let text = private_file::read(&file).ok()??.trim().to_owned();
            token::verify(&text, &row.token_hash).then(|| (file, Secret::from(text)))
        });
        let token_source = if found.is_some() { TokenSource::TokenFile } else { TokenSource::None };
        let (file, token) = found.unzip();
        BootstrapOutcome {
            changed,
            user: row.user.clone(),
            token_file: file.or_else(|| self.request.token_file.clone()),
            token,
            token_is_new: false,
            token_source,
        }
    }
}

fn issued(user: User, secret: Secret, token_source: TokenSource, token_file: Option<PathBuf>) -> BootstrapOutcome {
    let token_is_new = token_source != TokenSource::TokenFile;
    BootstrapOutcome { changed: true, user, token_file, token: Some(secret), token_is_new, token_source }
}

/// The token file of another user than the first admin.
fn beside(file: &Path, key: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{}", key.replace(':', ".")));
    PathBuf::from(name)
}
