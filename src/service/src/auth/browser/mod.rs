//! Browser sessions: in memory, in `sessions.json`, and signed with a key of their own (contract 01, 2.6).
//!
//! This module may not know: users. Who a session belongs to, and whether that still holds, is decided by the caller.
//! The one invariant: a removed session does not come back, not even after a restart.

mod row;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;

use model::json::{Layout, write};
use model::{Code, Error, Timestamp, Value};
use parking_lot::Mutex;
use serde_json::json;
use zeroize::Zeroizing;

pub(crate) use row::SessionRow;

use super::token;
use crate::clock;
use crate::private_file::{self, Stamp};
use crate::settings::{Secret, Settings};

const MINUTE: i64 = 60_000_000;

/// What the browser gets, once.
pub(crate) struct Opened {
    /// The session cookie's value.
    pub(crate) value: Secret,
    /// The CSRF cookie's value.
    pub(crate) csrf: Secret,
}

/// All browser sessions.
pub(crate) struct Sessions {
    path: PathBuf,
    most: usize,
    secret: Zeroizing<Vec<u8>>,
    state: Mutex<State>,
    writing: Mutex<()>,
}

#[derive(Default)]
struct State {
    stamp: Option<Stamp>,
    rows: HashMap<String, SessionRow>,
    saved_at: Option<Timestamp>,
    /// Whether a moment of use is only remembered.
    unsaved: bool,
}

impl Sessions {
    /// Opens the sessions of a data directory; makes the key on first use.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Error> {
        let sessions = Self {
            path: settings.sessions_file(),
            most: settings.auth.max_sessions,
            secret: Zeroizing::new(key(settings)?.into_bytes()),
            state: Mutex::default(),
            writing: Mutex::new(()),
        };
        sessions.state.lock().reload_if_changed(&sessions.path);
        Ok(sessions)
    }

    /// The session behind a cookie value, by the hash of its id; none when it is not signed by us, unknown or expired.
    pub(crate) fn find(&self, value: &str, now: Timestamp) -> Option<(String, SessionRow)> {
        let hash = token::sha256_hex(row::open(&self.secret, value)?);
        let mut state = self.state.lock();
        state.reload_if_changed(&self.path);
        let row = state.rows.get(&hash).filter(|row| row.expires_at > now)?.clone();
        Some((hash, row))
    }

    /// Remembers that a session was used. True when it is time to [`Self::save`].
    pub(crate) fn touch(&self, hash: &str, now: Timestamp) -> bool {
        let mut state = self.state.lock();
        let Some(row) = state.rows.get_mut(hash) else { return false };
        if now.as_micros() - row.last_seen_at.as_micros() < MINUTE {
            return false;
        }
        row.last_seen_at = now;
        state.unsaved = true;
        state.saved_at.is_none_or(|saved| now.as_micros() - saved.as_micros() >= MINUTE)
    }

    /// Opens a session for a row whose `session_id` and `csrf_hash` are made here. Blocks: not for the async threads.
    pub(crate) fn create(&self, mut row: SessionRow) -> Result<Opened, Error> {
        let sid = token::generate("")?;
        let csrf = token::generate("agcsrf_")?;
        row.session_id = row::stored_id(sid.expose());
        row.csrf_hash = token::sha256_hex(csrf.expose());
        self.change(|rows| rows.insert(row.hash(), row))?;
        Ok(Opened { value: Secret::from(row::sign(&self.secret, sid.expose())), csrf })
    }

    /// Ends the session behind a cookie value; whether there was one. Blocks: not for the async threads.
    pub(crate) fn end(&self, value: &str) -> Result<bool, Error> {
        match row::open(&self.secret, value) {
            Some(sid) => self.remove(&token::sha256_hex(sid)),
            None => Ok(false),
        }
    }

    /// Ends a session by the hash of its id; whether there was one. Blocks: not for the async threads.
    pub(crate) fn remove(&self, hash: &str) -> Result<bool, Error> {
        if !self.state.lock().rows.contains_key(hash) {
            return Ok(false);
        }
        self.change(|rows| rows.remove(hash)).map(|removed| removed.is_some())
    }

    /// Writes what was only remembered. Blocks: not for the async threads.
    pub(crate) fn save(&self) -> Result<(), Error> {
        if self.state.lock().unsaved { self.change(|_| ()) } else { Ok(()) }
    }

    fn change<T>(&self, edit: impl FnOnce(&mut HashMap<String, SessionRow>) -> T) -> Result<T, Error> {
        let _one_at_a_time = self.writing.lock();
        let _one_process = private_file::lock(&self.path).map_err(|e| unwritable(&e))?;
        let now = clock::now();
        let (result, text) = {
            let mut state = self.state.lock();
            state.reload_if_changed(&self.path);
            let result = edit(&mut state.rows);
            state.trim(self.most, now);
            (result, state.text(now))
        };
        private_file::write(&self.path, &text).map_err(|e| unwritable(&e))?;
        let mut state = self.state.lock();
        state.stamp = Stamp::of(&self.path);
        state.saved_at = Some(now);
        state.unsaved = false;
        Ok(result)
    }
}

impl State {
    /// Takes over what another process wrote, but for moments of use that are later here.
    fn reload_if_changed(&mut self, path: &std::path::Path) {
        let stamp = Stamp::of(path);
        if self.stamp == stamp {
            return;
        }
        self.stamp = stamp;
        let text = match private_file::read(path) {
            Ok(text) => text.unwrap_or_default(),
            Err(error) => {
                tracing::error!(path = %path.display(), error = %error, "browser sessions cannot be read");
                String::new()
            }
        };
        let mut rows = read(&text);
        for (hash, row) in &mut rows {
            if let Some(known) = self.rows.get(hash) {
                row.last_seen_at = row.last_seen_at.max(known.last_seen_at);
            }
        }
        self.rows = rows;
    }

    /// Drops what has expired and, beyond the limit, what was used longest ago.
    fn trim(&mut self, most: usize, now: Timestamp) {
        self.rows.retain(|_, row| row.expires_at > now);
        if self.rows.len() > most {
            let mut by_use: Vec<(Timestamp, String)> =
                self.rows.iter().map(|(hash, row)| (row.last_seen_at, hash.clone())).collect();
            by_use.sort();
            for (_, hash) in &by_use[..by_use.len() - most] {
                self.rows.remove(hash);
            }
        }
    }

    fn text(&self, now: Timestamp) -> String {
        let mut rows: Vec<&SessionRow> = self.rows.values().collect();
        rows.sort_by(|a, b| (b.last_seen_at, &b.session_id).cmp(&(a.last_seen_at, &a.session_id)));
        let rows: Value = rows.into_iter().map(SessionRow::write).collect();
        write(&json!({"sessions": rows, "updated_at": now, "version": 1}), Layout::PRETTY.sorted()) + "\n"
    }
}

fn read(text: &str) -> HashMap<String, SessionRow> {
    if text.is_empty() {
        return HashMap::new();
    }
    let rows = match model::json::parse(text) {
        Ok(value) => value.get("sessions").and_then(Value::as_array).cloned().unwrap_or_default(),
        Err(error) => {
            tracing::error!(error = %error, "the file of browser sessions is not JSON; all sessions are ended");
            Vec::new()
        }
    };
    rows.iter().filter_map(SessionRow::read).map(|row| (row.hash(), row)).collect()
}

/// The key: from the environment, from its file, or new in that file. Where no file can be written, sessions end with
/// the process.
fn key(settings: &Settings) -> Result<String, Error> {
    if let Some(secret) = &settings.auth.session_secret {
        return Ok(secret.expose().to_owned());
    }
    let path = settings.session_secret_file();
    let known = |path: &std::path::Path| match private_file::read(path) {
        Ok(text) => Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())),
        Err(error) => Err(error),
    };
    if let Ok(Some(key)) = known(&path) {
        return Ok(key);
    }
    let new = token::generate_key()?;
    let made = private_file::lock(&path).and_then(|_held| match known(&path)? {
        Some(key) => Ok(key),
        None => private_file::write(&path, &format!("{new}\n")).map(|()| new.clone()),
    });
    Ok(made.unwrap_or_else(|error| {
        tracing::warn!(path = %path.display(), error = %error, "the session key cannot be kept; sessions end with this process");
        new
    }))
}

fn unwritable(error: &std::io::Error) -> Error {
    Error::new(Code::StorageUnavailable, format!("browser sessions cannot be written: {error}"))
}
