//! Keeping a conversation about a run: an artifact of the run and an event in its ledger (contract 02, section 6).
//!
//! The one invariant: the same conversation of a run is kept once. Its id is made of everything but the moments we give
//! it, so a second time finds the first one by it, and completes what a crash has left undone.

use std::collections::BTreeMap;

use model::api::runs::talk::{ChatThread, KeepChatThread};
use model::json::{Layout, canonical, write};
use model::{ArtifactMeta, Code, Error, Map, Run, Timestamp, Value};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use store::artifacts::NewArtifact;

use super::{Who, note, run_of};
use crate::planes::Plane;
use crate::{Answer, Call, Handle, Services, clock};

const SCHEMA: &str = "abstract.chat.thread.v0";
const CONTENT_TYPE: &str = "application/json; charset=utf-8";
const TITLE_CHARS_MAX: usize = 80;
const TAG_CHARS_MAX: usize = 140;
/// Records read at once while the event of a thread is looked for.
const PAGE: usize = 500;

impl Handle<KeepChatThread> for Services {
    async fn handle(&self, call: Call, input: KeepChatThread) -> Result<Answer<ChatThread>, Error> {
        let plane = self.plane(&call.principal).await?;
        let run = run_of(&plane, &input.run_id).await?;
        let who = Who::choose(&plane, input.provider.as_deref(), input.model.as_deref(), "run chat threads")?;
        let thread = Thread::read(&input, who, &run)?;
        let kept = find(&plane, &run, &thread.id).await?;
        let duplicate = kept.is_some();
        let kept = match kept {
            Some(kept) => kept,
            None => store(&plane, &run, &thread, self.settings.limits.max_chat_thread_bytes).await?,
        };
        let reply = thread.reply(&run, &kept, duplicate);
        let key = format!("observer:chat_thread:{}", thread.id);
        if !duplicate || !is_noted(&plane, &run, &key).await? {
            let event = json!({
                "thread_id": thread.id, "created_at": reply.created_at, "workflow_id": run.workflow_id,
                "run_id": run.run_id, "provider": thread.who.provider, "model": thread.who.model,
                "include_subruns": thread.include_subruns, "title": thread.title,
                "message_count": thread.messages.len(), "chat_artifact": reply.chat_artifact,
            });
            note(&plane, &run.run_id, "abstract.chat.thread", event, key).await?;
        }
        Ok(reply.into())
    }
}

/// A conversation as it is kept.
struct Thread {
    id: String,
    who: Who,
    include_subruns: bool,
    title: Option<String>,
    messages: Vec<Value>,
}

impl Thread {
    fn read(input: &KeepChatThread, who: Who, run: &Run) -> Result<Self, Error> {
        let messages: Vec<Value> = input.messages.iter().filter_map(said).collect();
        if messages.is_empty() {
            return Err(Error::new(Code::BadRequest, "messages must hold at least one message with content"));
        }
        let given = input.title.as_deref().map(one_line).filter(|t| !t.is_empty());
        let title = given.or_else(|| first_question(&messages));
        let include_subruns = input.include_subruns;
        let same = json!([run.run_id, who.provider, who.model, include_subruns, title, messages]);
        let id = hex::encode(Sha256::digest(canonical(&same)))[..32].to_owned();
        Ok(Self { id, who, include_subruns, title, messages })
    }

    fn document(&self, run: &Run, created_at: &str) -> Vec<u8> {
        let document = json!({
            "schema": SCHEMA, "thread_id": self.id, "created_at": created_at, "workflow_id": run.workflow_id,
            "run_id": run.run_id, "provider": self.who.provider, "model": self.who.model,
            "include_subruns": self.include_subruns, "title": self.title, "messages": self.messages,
        });
        write(&document, Layout::PRETTY).into_bytes()
    }

    fn tags(&self, run: &Run, created_at: &str, content: &[u8]) -> BTreeMap<String, String> {
        let subruns = self.include_subruns.to_string();
        let (count, sha256) = (self.messages.len().to_string(), model::artifact::blob_id(content));
        let mut tags = BTreeMap::from_iter(
            [
                ("kind", "chat_thread"),
                ("target", "observer"),
                ("thread_id", &self.id),
                ("workflow_id", &run.workflow_id),
                ("source_run_id", &run.run_id),
                ("created_at", created_at),
                ("provider", &self.who.provider),
                ("model", &self.who.model),
                ("include_subruns", &subruns),
                ("message_count", &count),
                ("sha256", &sha256),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned())),
        );
        let cut = |title: &String| title.chars().take(TAG_CHARS_MAX).collect::<String>();
        tags.extend(self.title.as_ref().map(|title| ("title".to_owned(), cut(title))));
        tags.extend(run.session_id.clone().map(|session| ("session_id".to_owned(), session)));
        tags
    }

    fn reply(&self, run: &Run, kept: &ArtifactMeta, duplicate: bool) -> ChatThread {
        let tag = |key: &str| kept.tags.get(key).cloned().unwrap_or_default();
        ChatThread {
            ok: true,
            run_id: run.run_id.clone(),
            workflow_id: run.workflow_id.clone(),
            thread_id: self.id.clone(),
            created_at: tag("created_at"),
            duplicate,
            title: self.title.clone(),
            message_count: self.messages.len(),
            chat_artifact: json!({
                "$artifact": kept.artifact_id, "content_type": kept.content_type, "filename": "chat_thread.json",
                "sha256": tag("sha256"), "size_bytes": kept.size_bytes,
            }),
        }
    }
}

/// A message with content: role, content and moment; other members are dropped.
fn said(message: &Value) -> Option<Value> {
    let content = message.get("content")?.as_str().filter(|text| !text.trim().is_empty())?;
    let role = message.get("role").and_then(Value::as_str).map(str::trim).filter(|r| !r.is_empty()).unwrap_or("user");
    let mut kept = Map::from_iter([("role".to_owned(), role.into()), ("content".to_owned(), content.into())]);
    kept.extend(message.get("ts").filter(|ts| !ts.is_null()).map(|ts| ("ts".to_owned(), ts.clone())));
    Some(Value::Object(kept))
}

fn first_question(messages: &[Value]) -> Option<String> {
    let first = messages.iter().find(|m| m["role"] == "user")?;
    Some(one_line(first["content"].as_str()?).chars().take(TITLE_CHARS_MAX).collect())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same conversation, kept before.
async fn find(plane: &Plane, run: &Run, thread_id: &str) -> Result<Option<ArtifactMeta>, Error> {
    let (artifacts, run_id, thread_id) = (plane.artifacts.clone(), run.run_id.clone(), thread_id.to_owned());
    let found = tokio::task::spawn_blocking(move || {
        let all = artifacts.of_run(&run_id, usize::MAX)?;
        Ok(all.into_iter().find(|meta| {
            let is = |key: &str, value: &str| meta.tags.get(key).is_some_and(|tag| tag == value);
            is("kind", "chat_thread") && is("thread_id", &thread_id)
        }))
    });
    found.await.map_err(|e| Error::internal(e.to_string()))?.map_err(engine::store_error)
}

async fn store(plane: &Plane, run: &Run, thread: &Thread, most: u64) -> Result<ArtifactMeta, Error> {
    let now: Timestamp = clock::now();
    let created_at = now.to_whole_seconds();
    let content = thread.document(run, &created_at);
    if content.len() as u64 > most {
        let text = format!("Chat thread too large ({} bytes > {most} bytes)", content.len());
        return Err(Error::new(Code::TooLarge, text));
    }
    let tags = thread.tags(run, &created_at, &content);
    let (artifacts, run_id) = (plane.artifacts.clone(), run.run_id.clone());
    let stored = tokio::task::spawn_blocking(move || {
        artifacts.put(&NewArtifact { run_id: Some(&run_id), content: &content, content_type: CONTENT_TYPE, tags, now })
    });
    stored.await.map_err(|e| Error::internal(e.to_string()))?.map_err(engine::store_error)
}

/// Whether the ledger knows of the thread: a crash may have come between the artifact and its event.
async fn is_noted(plane: &Plane, run: &Run, key: &str) -> Result<bool, Error> {
    let mut after = 0;
    loop {
        let page = plane.store.ledger(&run.run_id, after, PAGE).await.map_err(engine::store_error)?;
        if page.iter().any(|record| record.contains(key)) {
            return Ok(true);
        }
        after += page.len() as u64;
        if page.len() < PAGE {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_titles_are_tidied() {
        let long = "word ".repeat(40);
        for (messages, kept, title) in [
            (json!([{"content": " a\nb ", "x": 1}]), json!([{"role": "user", "content": " a\nb "}]), Some("a b")),
            (
                json!([{"role": "assistant", "content": "a", "ts": 5}, {"content": " "}, 7]),
                json!([{"role": "assistant", "content": "a", "ts": 5}]),
                None,
            ),
        ] {
            let said: Vec<Value> = messages.as_array().unwrap().iter().filter_map(said).collect();
            assert_eq!((json!(said), first_question(&said).as_deref()), (kept, title), "{messages}");
        }
        let question = first_question(&[json!({"role": "user", "content": long})]);
        assert_eq!(question.unwrap().chars().count(), TITLE_CHARS_MAX);
    }
}
