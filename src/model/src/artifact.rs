//! Stored bytes and how JSON refers to them (contract 02, section 11.4; 03, section 13).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Map, Timestamp};

/// What is known of a stored artifact; the file `artifacts/refs/<id>.meta`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArtifactMeta {
    /// 32 hex digits, or a legacy id matching `[A-Za-z0-9_-]+`.
    pub artifact_id: String,
    /// SHA-256 of the content, in hex.
    #[serde(default)]
    pub blob_id: Option<String>,
    /// The media type.
    #[serde(default = "octets")]
    pub content_type: String,
    /// Length of the content in bytes.
    #[serde(default)]
    pub size_bytes: u64,
    /// When it was stored.
    pub created_at: Timestamp,
    /// The run it belongs to.
    #[serde(default)]
    pub run_id: Option<String>,
    /// Text labels.
    #[serde(default)]
    pub tags: std::collections::BTreeMap<String, String>,
    /// Everything else of the file, kept as it is.
    #[serde(flatten)]
    pub rest: Map,
}

fn octets() -> String {
    "application/octet-stream".into()
}

/// The id of `content` stored for a run: the same bytes in the same run have the same id.
#[must_use]
pub fn artifact_id(run_id: Option<&str>, content: &[u8]) -> String {
    let mut hash = Sha256::new();
    if let Some(run_id) = run_id {
        hash.update(run_id.as_bytes());
        hash.update([0]);
    }
    hash.update(content);
    hex::encode(hash.finalize())[..32].to_owned()
}

/// The id of the bytes themselves.
#[must_use]
pub fn blob_id(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// Whether `id` may name an artifact (and so a file).
#[must_use]
pub fn is_valid_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 200 && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// `{"$artifact": id}`.
#[must_use]
pub fn reference(artifact_id: &str) -> Value {
    json!({ "$artifact": artifact_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_match_the_contract_vectors() {
        assert_eq!(artifact_id(Some("run-1"), b"hello"), "17006668178249981c831cfb063b0735");
        assert_eq!(artifact_id(None, b"hello"), "2cf24dba5fb0a30e26e83b2ac5b9e29e");
    }
}
