//! Whose token is it: the slow hash runs off the async threads, a few at a time, and never twice for the same answer.
//!
//! A stored fingerprint names the candidates, so a token nobody has costs no hash at all. Answers are kept under a keyed
//! hash together with the registry's generation: disabling, rotating or deleting a user acts at once. The one invariant:
//! no token is kept in memory.

use std::collections::HashMap;
use std::sync::Arc;

use model::Error;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::registry::{UserRow, View, key_of};
use super::token;

const MOST_ANSWERS: usize = 8192;
const HASHES_AT_ONCE: usize = 2;

#[derive(Clone)]
struct Answer {
    generation: u64,
    user_key: Option<String>,
}

/// Remembers whose tokens were presented.
pub(super) struct Verifier {
    key: [u8; 32],
    answers: Mutex<HashMap<[u8; 32], Answer>>,
    hashes: Arc<Semaphore>,
}

impl Verifier {
    pub(super) fn new() -> Result<Self, Error> {
        let hashes = Arc::new(Semaphore::new(HASHES_AT_ONCE));
        Ok(Self { key: token::random()?, answers: Mutex::default(), hashes })
    }

    /// The enabled user with this token, the first in the order of the file.
    pub(super) async fn user(&self, view: &View, presented: &str) -> Result<Option<UserRow>, Error> {
        let candidates = candidates(view, presented);
        if candidates.is_empty() {
            return Ok(None);
        }
        let id = token::keyed(&self.key, presented);
        if let Some(answer) = self.remembered(&id, view.generation) {
            return Ok(pick(candidates, answer));
        }
        let Ok(permit) = self.hashes.clone().acquire_owned().await else { return Ok(None) };
        // Another request with the same token may have found out meanwhile.
        if let Some(answer) = self.remembered(&id, view.generation) {
            return Ok(pick(candidates, answer));
        }
        let presented = presented.to_owned();
        let verify = move || {
            let _held_to_the_end = permit;
            candidates.into_iter().find(|row| token::verify(&presented, &row.token_hash))
        };
        let found = tokio::task::spawn_blocking(verify).await.map_err(|e| Error::internal(e.to_string()))?;
        let user_key = found.as_ref().map(|row| key_of(&row.user));
        self.remember(id, Answer { generation: view.generation, user_key });
        Ok(found)
    }

    fn remembered(&self, id: &[u8; 32], generation: u64) -> Option<Option<String>> {
        let answers = self.answers.lock();
        answers.get(id).filter(|answer| answer.generation == generation).map(|answer| answer.user_key.clone())
    }

    fn remember(&self, id: [u8; 32], answer: Answer) {
        let mut answers = self.answers.lock();
        if answers.len() >= MOST_ANSWERS {
            answers.retain(|_, kept| kept.generation == answer.generation && kept.user_key.is_some());
        }
        if answers.len() >= MOST_ANSWERS {
            answers.clear();
        }
        answers.insert(id, answer);
    }
}

fn candidates(view: &View, presented: &str) -> Vec<UserRow> {
    let fingerprint = token::fingerprint(presented);
    let may_be = |row: &&UserRow| {
        let told = row.token_fingerprint.is_empty() || row.token_fingerprint == fingerprint;
        row.user.enabled && !row.token_hash.is_empty() && told
    };
    view.book.users().iter().filter(may_be).cloned().collect()
}

fn pick(candidates: Vec<UserRow>, user_key: Option<String>) -> Option<UserRow> {
    let user_key = user_key?;
    candidates.into_iter().find(|row| key_of(&row.user) == user_key)
}

#[cfg(test)]
mod tests {
    use super::super::registry::Book;
    use super::*;

    fn row(user: &str, token: &str, told: bool, enabled: bool) -> serde_json::Value {
        let fingerprint = if told { token::fingerprint(token) } else { String::new() };
        serde_json::json!({
            "user_id": user, "enabled": enabled, "token_fingerprint": fingerprint,
            "token_hash": token::hash_with(token, b"salt", 2),
        })
    }

    fn view(generation: u64, rows: &[serde_json::Value]) -> View {
        let text = serde_json::json!({"version": 2, "users": rows}).to_string();
        View { book: Arc::new(Book::read(&text).unwrap()), generation }
    }

    async fn check(verifier: &Verifier, view: &View, token: &str, expected: Option<&str>) {
        for _ in 0..2 {
            let found = verifier.user(view, token).await.unwrap();
            assert_eq!(found.map(|row| row.user.user_id).as_deref(), expected, "{token}");
        }
    }

    #[tokio::test]
    async fn tokens_lead_to_their_users() {
        let verifier = Verifier::new().unwrap();
        let rows = [row("a", "ta", true, true), row("b", "tb", false, true), row("c", "tc", true, false)];
        let first = view(1, &rows);
        check(&verifier, &first, "ta", Some("a")).await;
        check(&verifier, &first, "tb", Some("b")).await;
        check(&verifier, &first, "tc", None).await;
        check(&verifier, &first, "td", None).await;
        let twice = view(2, &[row("x", "same", true, true), row("y", "same", true, true)]);
        check(&verifier, &twice, "same", Some("x")).await;
    }

    #[tokio::test]
    async fn a_change_of_the_registry_acts_at_once() {
        let verifier = Verifier::new().unwrap();
        check(&verifier, &view(1, &[row("a", "ta", true, true)]), "ta", Some("a")).await;
        check(&verifier, &view(2, &[row("a", "ta", true, false)]), "ta", None).await;
        check(&verifier, &view(3, &[row("a", "other", true, true)]), "ta", None).await;
        check(&verifier, &view(4, &[]), "ta", None).await;
        check(&verifier, &view(5, &[row("a", "ta", false, true)]), "ta", Some("a")).await;
    }

    #[tokio::test]
    async fn answers_are_bounded_and_a_token_nobody_has_leaves_none() {
        let verifier = Verifier::new().unwrap();
        let known = view(1, &[row("a", "ta", true, true)]);
        for i in 0..100 {
            check(&verifier, &known, &format!("bad{i}"), None).await;
        }
        assert_eq!(verifier.answers.lock().len(), 0);
        for i in 0..=MOST_ANSWERS {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&i.to_be_bytes());
            verifier.remember(id, Answer { generation: 1, user_key: Some("default:a".into()) });
            assert!(verifier.answers.lock().len() <= MOST_ANSWERS);
        }
    }
}
