//! Identifiers. Cheap to clone, compared as text, never validated here: the contract has run ids that are not UUIDs
//! (`session_memory_<id>`, `global_memory`).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The id of a run: usually a lowercase UUID with hyphens.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(Arc<str>);

impl RunId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RunId {
    fn from(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

impl From<String> for RunId {
    fn from(text: String) -> Self {
        Self(Arc::from(text))
    }
}

impl std::ops::Deref for RunId {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for RunId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Serialize for RunId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// Makes a text safe to stand inside a derived workflow id: every run of characters outside `[A-Za-z0-9_-]`
/// becomes one `_`; an empty text becomes `unknown` (contract 04, section 1).
#[must_use]
pub fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.trim().chars() {
        if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
            out.push(c);
            gap = false;
        } else if !gap {
            out.push('_');
            gap = true;
        }
    }
    if out.is_empty() { "unknown".into() } else { out }
}

/// The workflow id of the loop behind an agent node.
#[must_use]
pub fn agent_workflow_id(flow_workflow_id: &str, node_id: &str) -> String {
    format!("visual_react_agent_{}_{}", slug(flow_workflow_id), slug(node_id))
}

/// The workflow id of the listener behind an `on_event` node.
#[must_use]
pub fn listener_workflow_id(flow_workflow_id: &str, node_id: &str) -> String {
    format!("{LISTENER}{}_{}", slug(flow_workflow_id), slug(node_id))
}

/// How the workflow id of a listener begins.
const LISTENER: &str = "visual_event_listener_";

/// Whether a workflow listens for events again and again: while it is busy, events wait in its mailbox.
#[must_use]
pub fn is_listener(workflow_id: &str) -> bool {
    workflow_id.starts_with(LISTENER)
}

/// The run that owns a session's memory and attachments (contract 02, 4.1.3).
#[must_use]
pub fn session_owner_run_id(session_id: &str) -> String {
    use sha2::{Digest, Sha256};
    let plain = !session_id.is_empty() && session_id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if plain {
        return format!("session_memory_{session_id}");
    }
    let digest = hex::encode(Sha256::digest(session_id.as_bytes()));
    format!("session_memory_sha_{}", &digest[..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_follow_the_contract() {
        for (input, expected) in [
            ("basic-agent@0.0.1:81795ea9", "basic-agent_0_0_1_81795ea9"),
            ("  a b  ", "a_b"),
            ("", "unknown"),
            ("é", "_"),
        ] {
            assert_eq!(slug(input), expected);
        }
        assert_eq!(
            agent_workflow_id("basic-agent@0.0.1:81795ea9", "node-2"),
            "visual_react_agent_basic-agent_0_0_1_81795ea9_node-2"
        );
    }

    #[test]
    fn session_owner_is_hashed_only_when_unsafe() {
        assert_eq!(session_owner_run_id("sess-A"), "session_memory_sess-A");
        assert_eq!(session_owner_run_id("telegram:123"), "session_memory_sha_71883adaf494c8424f4b0aa0e180ef7f");
    }
}
