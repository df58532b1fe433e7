//! The durable inbox: what clients ask of a run (contract 02, section 8).

use serde::{Deserialize, Serialize};

use crate::Map;

/// What a command asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandKind {
    /// Hold the run and its descendants.
    Pause,
    /// Unpause the tree, or answer a wait when the payload has a `payload`.
    Resume,
    /// End the run and its descendants.
    Cancel,
    /// Deliver an event to whoever waits for it.
    EmitEvent,
    /// Change the interval of a recurrent schedule.
    UpdateSchedule,
    /// Summarise the older part of a conversation.
    CompactMemory,
}

impl CommandKind {
    /// Every kind, in the order the contract lists them.
    pub const ALL: [Self; 6] =
        [Self::Pause, Self::Resume, Self::Cancel, Self::EmitEvent, Self::UpdateSchedule, Self::CompactMemory];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::EmitEvent => "emit_event",
            Self::UpdateSchedule => "update_schedule",
            Self::CompactMemory => "compact_memory",
        }
    }

    /// Reads the word on the wire: trimmed, case-sensitive.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text.trim())
    }
}

/// One stored command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// The client's id: the same id is never applied twice in one store.
    pub command_id: String,
    /// The run it is for; for `emit_event` it may be a session id.
    pub run_id: String,
    /// What to do.
    #[serde(rename = "type")]
    pub kind: CommandKind,
    /// With what.
    #[serde(default)]
    pub payload: Map,
    /// As the client sent it, else the moment it was taken.
    pub ts: String,
    /// Who sent it.
    #[serde(default)]
    pub client_id: Option<String>,
    /// Its position in the store's inbox, from 1; 0 before it is stored.
    #[serde(default)]
    pub seq: i64,
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommandOutcome {
    /// Not looked at yet.
    Pending,
    /// Its effect is durable.
    Applied,
    /// It could not be applied; the reason is stored beside it.
    Rejected,
}

impl CommandOutcome {
    /// The word in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applied => "applied",
            Self::Rejected => "rejected",
        }
    }
}
