//! The inbox of commands (contract 02, section 8).

use serde::{Deserialize, Serialize};

use super::Method::Post;
use super::{Access, Kind, Operation, Row, body};
use crate::{Map, operation};

/// What became of a submission.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CommandTaken {
    /// True for a new command.
    pub accepted: bool,
    /// True when the id was there already; nothing was done again.
    pub duplicate: bool,
    /// Its position in the inbox.
    pub seq: i64,
}

operation! {
    /// Puts a command in the durable inbox.
    SendCommand = Row::new("commands.send", Post, "/api/gateway/commands", Access::User) => CommandTaken {
        /// The client's id of the command; empty makes one up.
        command_id: String = body(Kind::Text).max(500),
        /// The run; for `emit_event` it may be a session.
        run_id: String = body(Kind::Text).max(500),
        /// `pause`, `resume`, `cancel`, `emit_event`, `update_schedule` or `compact_memory`.
        #[serde(rename = "type")]
        kind: String = body(Kind::Text).wire("type"),
        /// With what.
        payload: Map = body(Kind::Object).or("{}"),
        /// When the client made it.
        ts: Option<String> = body(Kind::Text).optional(),
        /// Who the client is.
        client_id: Option<String> = body(Kind::Text).optional(),
    }
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![SendCommand::ROW]
}
