//! The registry in memory, and every rule about users, data planes and reservations (contract 01, 2.2 and 2.7). Pure.
//!
//! The one invariant: a data plane has one user, or one reservation that keeps it for its former user.

use model::api::reservations::Reservation;
use model::api::users::User;
use model::json::{Layout, write};
use model::{Code, Error, Map, Timestamp, Value};
use serde_json::json;

use super::row::{UserRow, email, read_reservation, safe};

/// What the file holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    users: Vec<UserRow>,
    reservations: Vec<Reservation>,
    unread_users: Vec<Value>,
    unread_reservations: Vec<Value>,
    rest: Map,
}

/// A token, hashed: the slow part is done before the registry is locked.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    /// The hash to store.
    pub(crate) hash: String,
    /// The fingerprint to store.
    pub(crate) fingerprint: String,
}

/// A user to make.
#[derive(Clone, Debug)]
pub(crate) struct NewUser {
    pub(crate) user_id: String,
    pub(crate) tenant_id: String,
    pub(crate) email: String,
    pub(crate) roles: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) enabled: bool,
    pub(crate) runtime_id: String,
    pub(crate) proof: Proof,
}

/// What to change of a user; none stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    pub(crate) email: Option<String>,
    pub(crate) roles: Option<Vec<String>>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) enabled: Option<bool>,
    pub(crate) runtime_id: Option<String>,
    pub(crate) proof: Option<Proof>,
}

impl Book {
    /// Reads the file's text. Rows nobody understands are logged, kept, and skipped.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let value: Value = model::json::parse(text).map_err(|e| e.to_string())?;
        let Value::Object(mut root) = value else { return Err("the file is not a JSON object".into()) };
        let mut book = Self::default();
        for row in items(root.remove("users")) {
            match row.as_object().map(UserRow::read) {
                Some(Ok(user)) => book.put(user),
                Some(Err(why)) => {
                    tracing::error!(user_id = ?row.get("user_id"), why, "a user of the registry is skipped");
                    book.unread_users.push(row);
                }
                None => book.unread_users.push(row),
            }
        }
        for row in items(root.remove("runtime_reservations")) {
            match row.as_object().and_then(read_reservation) {
                Some(reservation) => book.put_reservation(reservation),
                None => book.unread_reservations.push(row),
            }
        }
        root.retain(|key, _| key != "version" && key != "updated_at");
        book.rest = root;
        Ok(book)
    }

    /// The file's text.
    pub(crate) fn write(&self, now: Timestamp) -> String {
        let mut users: Vec<&UserRow> = self.users.iter().collect();
        users.sort_by_key(|row| (&row.user.tenant_id, &row.user.user_id));
        let mut reservations: Vec<&Reservation> = self.reservations.iter().collect();
        reservations.sort_by_key(|r| (&r.tenant_id, &r.runtime_id));
        let users = users.into_iter().map(UserRow::write).chain(self.unread_users.iter().cloned());
        let reservations = reservations.into_iter().map(|r| json!(r)).chain(self.unread_reservations.iter().cloned());
        let mut root = self.rest.clone();
        root.insert("runtime_reservations".into(), reservations.collect());
        root.insert("updated_at".into(), json!(now));
        root.insert("users".into(), users.collect());
        root.insert("version".into(), json!(2));
        write(&Value::Object(root), Layout::PRETTY.sorted()) + "\n"
    }

    /// All users, in the order of the file.
    pub(crate) fn users(&self) -> &[UserRow] {
        &self.users
    }

    /// All reservations.
    pub(crate) fn reservations(&self) -> &[Reservation] {
        &self.reservations
    }

    /// A user; the ids need not be safe yet.
    pub(crate) fn find(&self, tenant_id: &str, user_id: &str) -> Option<&UserRow> {
        let (tenant_id, user_id) = (safe(tenant_id, "default"), safe(user_id, ""));
        self.users.iter().find(|row| row.user.tenant_id == tenant_id && row.user.user_id == user_id)
    }

    /// Whether an admin can come in with a token.
    pub(crate) fn has_working_admin(&self) -> bool {
        self.users.iter().any(UserRow::is_working_admin)
    }

    /// Whether another user than `key` has a token with this fingerprint.
    pub(crate) fn token_taken(&self, fingerprint: &str, key: &str) -> bool {
        self.users.iter().any(|row| row.token_fingerprint == fingerprint && key_of(&row.user) != key)
    }

    /// Makes a user.
    pub(crate) fn create(&mut self, new: NewUser, now: Timestamp) -> Result<User, Error> {
        let user_id = safe(&new.user_id, "");
        if user_id.is_empty() {
            return Err(bad("user_id is required"));
        }
        let user = User {
            tenant_id: safe(&new.tenant_id, "default"),
            email: email(&new.email).map_err(bad)?,
            roles: new.roles,
            scopes: new.scopes,
            enabled: new.enabled,
            runtime_id: safe(&new.runtime_id, &user_id),
            created_at: now,
            updated_at: now,
            user_id,
        };
        if self.find(&user.tenant_id, &user.user_id).is_some() {
            return Err(bad(format!("Gateway user already exists: {}/{}", user.tenant_id, user.user_id)));
        }
        self.take_plane(&user)?;
        self.check_token(&new.proof, &user)?;
        self.users.push(UserRow {
            user: user.clone(),
            token_hash: new.proof.hash,
            token_fingerprint: new.proof.fingerprint,
            rest: Map::new(),
        });
        Ok(user)
    }

    /// Changes a user. With `guard`, the last admin stays one.
    pub(crate) fn update(
        &mut self,
        tenant_id: &str,
        user_id: &str,
        change: Change,
        guard: bool,
        now: Timestamp,
    ) -> Result<User, Error> {
        let Some(old) = self.find(tenant_id, user_id).cloned() else { return Err(no_such_user()) };
        let mut row = old.clone();
        row.user.updated_at = now;
        if let Some(text) = change.email {
            row.user.email = email(&text).map_err(bad)?;
        }
        row.user.roles = change.roles.unwrap_or(row.user.roles);
        row.user.scopes = change.scopes.unwrap_or(row.user.scopes);
        row.user.enabled = change.enabled.unwrap_or(row.user.enabled);
        if let Some(runtime_id) = change.runtime_id.filter(|id| !id.trim().is_empty()) {
            row.user.runtime_id = safe(&runtime_id, &row.user.user_id);
        }
        if let Some(proof) = change.proof {
            self.check_token(&proof, &row.user)?;
            row.token_hash = proof.hash;
            row.token_fingerprint = proof.fingerprint;
        }
        if guard && old.is_working_admin() && !row.is_working_admin() {
            self.check_another_admin(&old)?;
        }
        if row.user.runtime_id != old.user.runtime_id {
            self.take_plane(&row.user)?;
            self.reserve(&old.user, "runtime-reassigned", now);
        }
        let user = row.user.clone();
        self.put(row);
        Ok(user)
    }

    /// Removes a user and keeps its data plane for it. With `guard`, the last admin stays.
    pub(crate) fn delete(
        &mut self,
        tenant_id: &str,
        user_id: &str,
        guard: bool,
        now: Timestamp,
    ) -> Result<User, Error> {
        let Some(old) = self.find(tenant_id, user_id).cloned() else { return Err(no_such_user()) };
        if guard && old.is_working_admin() {
            self.check_another_admin(&old)?;
        }
        self.users.retain(|row| key_of(&row.user) != key_of(&old.user));
        self.reserve(&old.user, "deleted-user", now);
        Ok(old.user)
    }

    /// Gives a kept data plane to a user: the user, the reservation as it was, and the data plane the user had.
    pub(crate) fn transfer(
        &mut self,
        tenant_id: &str,
        runtime_id: &str,
        target_user_id: &str,
        now: Timestamp,
    ) -> Result<(User, Reservation, String), Error> {
        let (tenant_id, runtime_id) = (safe(tenant_id, "default"), safe(runtime_id, ""));
        let reservation = self.reservation(&tenant_id, &runtime_id)?.clone();
        if reservation.reason == "purging" {
            return Err(bad(format!("Gateway runtime purge is already in progress: {tenant_id}/{runtime_id}")));
        }
        let Some(old) = self.find(&tenant_id, target_user_id).cloned() else {
            let target = safe(target_user_id, "");
            return Err(Error::new(Code::NotFound, format!("Gateway user not found: {tenant_id}/{target}")));
        };
        let mut row = old.clone();
        row.user.runtime_id.clone_from(&runtime_id);
        row.user.updated_at = now;
        self.check_unassigned(&row.user)?;
        self.release(&tenant_id, &runtime_id);
        if old.user.runtime_id != runtime_id {
            self.reserve(&old.user, "runtime-transferred", now);
        }
        let user = row.user.clone();
        self.put(row);
        Ok((user, reservation, old.user.runtime_id))
    }

    /// Marks a kept data plane as being deleted, so that an interrupted purge can only be repeated.
    pub(crate) fn begin_purge(
        &mut self,
        tenant_id: &str,
        runtime_id: &str,
        now: Timestamp,
    ) -> Result<Reservation, Error> {
        let (tenant_id, runtime_id) = (safe(tenant_id, "default"), safe(runtime_id, ""));
        let mut reservation = self.reservation(&tenant_id, &runtime_id)?.clone();
        let in_use = self.users.iter().find(|row| row.user.tenant_id == tenant_id && row.user.runtime_id == runtime_id);
        if let Some(row) = in_use {
            let text = format!("Gateway runtime is assigned to active user {tenant_id}/{}", row.user.user_id);
            return Err(Error::new(Code::Conflict, text));
        }
        reservation.reason = "purging".into();
        reservation.updated_at = now;
        self.put_reservation(reservation.clone());
        Ok(reservation)
    }

    /// Removes a reservation; whether there was one.
    pub(crate) fn release(&mut self, tenant_id: &str, runtime_id: &str) -> bool {
        let before = self.reservations.len();
        self.reservations.retain(|r| !(r.tenant_id == tenant_id && r.runtime_id == runtime_id));
        self.reservations.len() < before
    }

    fn reservation(&self, tenant_id: &str, runtime_id: &str) -> Result<&Reservation, Error> {
        let found = self.reservations.iter().find(|r| r.tenant_id == tenant_id && r.runtime_id == runtime_id);
        found.ok_or_else(|| {
            let text = format!("Gateway runtime reservation not found: {tenant_id}/{runtime_id}");
            Error::new(Code::NotFound, text)
        })
    }

    /// Claims the data plane a user names, and with it the reservation that kept it for that user.
    fn take_plane(&mut self, user: &User) -> Result<(), Error> {
        self.check_unassigned(user)?;
        let (tenant_id, runtime_id) = (&user.tenant_id, &user.runtime_id);
        let kept = self.reservations.iter().find(|r| &r.tenant_id == tenant_id && &r.runtime_id == runtime_id);
        match kept {
            Some(r) if r.owner_key != key_of(user) => {
                Err(bad(format!("Gateway runtime already assigned or retained in tenant {tenant_id}: {runtime_id}")))
            }
            Some(r) if r.reason == "purging" => {
                Err(bad(format!("Gateway runtime purge is already in progress: {tenant_id}/{runtime_id}")))
            }
            _ => {
                self.release(tenant_id, runtime_id);
                Ok(())
            }
        }
    }

    fn check_unassigned(&self, user: &User) -> Result<(), Error> {
        let (tenant_id, runtime_id) = (&user.tenant_id, &user.runtime_id);
        let taken = self.users.iter().map(|row| &row.user).any(|other| {
            &other.tenant_id == tenant_id && &other.runtime_id == runtime_id && other.user_id != user.user_id
        });
        match taken {
            true => Err(bad(format!("Gateway runtime already assigned in tenant {tenant_id}: {runtime_id}"))),
            false => Ok(()),
        }
    }

    /// One token, one user: else the answer to "who is it" would depend on the order of the file.
    fn check_token(&self, proof: &Proof, user: &User) -> Result<(), Error> {
        match self.token_taken(&proof.fingerprint, &key_of(user)) {
            true => Err(bad("token is already in use by another user; choose another or let one be generated")),
            false => Ok(()),
        }
    }

    fn check_another_admin(&self, leaving: &UserRow) -> Result<(), Error> {
        let key = key_of(&leaving.user);
        match self.users.iter().any(|row| row.is_working_admin() && key_of(&row.user) != key) {
            true => Ok(()),
            false => {
                let text = "this is the last enabled admin: make another user admin first";
                Err(Error::new(Code::Conflict, text).with("reason_code", "last_admin"))
            }
        }
    }

    fn reserve(&mut self, user: &User, reason: &str, now: Timestamp) {
        self.put_reservation(Reservation {
            tenant_id: user.tenant_id.clone(),
            runtime_id: user.runtime_id.clone(),
            owner_key: key_of(user),
            owner_user_id: user.user_id.clone(),
            reason: reason.into(),
            created_at: now,
            updated_at: now,
        });
    }

    fn put(&mut self, row: UserRow) {
        match self.users.iter_mut().find(|old| key_of(&old.user) == key_of(&row.user)) {
            Some(old) => *old = row,
            None => self.users.push(row),
        }
    }

    fn put_reservation(&mut self, new: Reservation) {
        match self.reservations.iter_mut().find(|r| r.tenant_id == new.tenant_id && r.runtime_id == new.runtime_id) {
            Some(old) => *old = new,
            None => self.reservations.push(new),
        }
    }
}

/// `tenant:user`.
pub(crate) fn key_of(user: &User) -> String {
    format!("{}:{}", user.tenant_id, user.user_id)
}

/// 404 as clients know it.
pub(crate) fn no_such_user() -> Error {
    Error::new(Code::NotFound, "Gateway user not found")
}

fn bad(text: impl Into<String>) -> Error {
    Error::new(Code::BadRequest, text)
}

fn items(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}
