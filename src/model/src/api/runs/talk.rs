//! Asking a model about a run: summary, chat, kept conversations (contract 02, section 6).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::Method::Post;
use crate::api::{Access, Kind, Row, body, path};
use crate::{RunId, operation};

/// What `runs.summary` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Summary {
    /// True.
    pub ok: bool,
    /// The run.
    pub run_id: RunId,
    /// Who was asked.
    pub provider: String,
    /// Which model.
    pub model: String,
    /// When, to the second.
    pub generated_at: String,
    /// What it said.
    pub summary: String,
}

/// What `runs.chat` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chat {
    /// True.
    pub ok: bool,
    /// The run.
    pub run_id: RunId,
    /// Who was asked.
    pub provider: String,
    /// Which model.
    pub model: String,
    /// When, to the second.
    pub generated_at: String,
    /// What it said.
    pub answer: String,
}

/// What `runs.chat_threads` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChatThread {
    /// True.
    pub ok: bool,
    /// The run.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: String,
    /// The conversation.
    pub thread_id: String,
    /// When it was kept first.
    pub created_at: String,
    /// Whether the same conversation was kept before; then that one is answered.
    pub duplicate: bool,
    /// Its title.
    pub title: Option<String>,
    /// How many messages.
    pub message_count: usize,
    /// Where it lies.
    pub chat_artifact: Value,
}

operation! {
    /// Has a model summarize a run, and puts the summary in its ledger.
    SummarizeRun = Row::new("runs.summary", Post, "/api/gateway/runs/{run_id}/summary", Access::User) => Summary {
        /// The run.
        run_id: String = path(),
        /// Who is asked; the gateway's default when neither this nor the model is given.
        provider: Option<String> = body(Kind::Text).optional(),
        /// Which model.
        model: Option<String> = body(Kind::Text).optional(),
        /// Also about the runs below it.
        include_subruns: bool = body(Kind::Boolean).or("true"),
    }
    /// Has a model answer a question about a run.
    ChatAboutRun = Row::new("runs.chat", Post, "/api/gateway/runs/{run_id}/chat", Access::User) => Chat {
        /// The run.
        run_id: String = path(),
        /// Who is asked; the gateway's default when neither this nor the model is given.
        provider: Option<String> = body(Kind::Text).optional(),
        /// Which model.
        model: Option<String> = body(Kind::Text).optional(),
        /// Also about the runs below it.
        include_subruns: bool = body(Kind::Boolean).or("true"),
        /// The conversation so far, `{role, content}` each; the last one is the question.
        messages: Vec<Value> = body(Kind::List).or("[]"),
        /// Put question and answer in the run's ledger.
        persist: bool = body(Kind::Boolean).or("false"),
    }
    /// Keeps a conversation about a run as an artifact of it.
    KeepChatThread = Row::new("runs.chat_threads", Post, "/api/gateway/runs/{run_id}/chat_threads", Access::User) => ChatThread {
        /// The run.
        run_id: String = path(),
        /// Who was asked; the gateway's default when neither this nor the model is given.
        provider: Option<String> = body(Kind::Text).optional(),
        /// Which model.
        model: Option<String> = body(Kind::Text).optional(),
        /// Whether it was also about the runs below it.
        include_subruns: bool = body(Kind::Boolean).or("true"),
        /// The conversation, `{role, content, ts?}` each.
        messages: Vec<Value> = body(Kind::List).or("[]"),
        /// A title; the first question when absent.
        title: Option<String> = body(Kind::Text).optional(),
    }
}
