//! What a step does and what the ledger says about it (contract 02, section 2.3; 03, sections 1.4 and 1.5).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Map, RunId, Timestamp};

/// The kinds of effect a workflow may ask for, and the pseudo kind `resume` that only the ledger knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the contract's words; their meaning stands in contract 03, section 6")]
pub enum EffectKind {
    WaitEvent,
    WaitUntil,
    AskUser,
    AnswerUser,
    EmitEvent,
    LlmCall,
    ModelResidency,
    ToolCalls,
    MemoryQuery,
    MemoryTag,
    MemoryCompact,
    MemoryNote,
    MemoryRehydrate,
    MemoryKgAssert,
    MemoryKgQuery,
    MemoryKgResolve,
    VarsQuery,
    StartSubworkflow,
    Resume,
}

impl EffectKind {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WaitEvent => "wait_event",
            Self::WaitUntil => "wait_until",
            Self::AskUser => "ask_user",
            Self::AnswerUser => "answer_user",
            Self::EmitEvent => "emit_event",
            Self::LlmCall => "llm_call",
            Self::ModelResidency => "model_residency",
            Self::ToolCalls => "tool_calls",
            Self::MemoryQuery => "memory_query",
            Self::MemoryTag => "memory_tag",
            Self::MemoryCompact => "memory_compact",
            Self::MemoryNote => "memory_note",
            Self::MemoryRehydrate => "memory_rehydrate",
            Self::MemoryKgAssert => "memory_kg_assert",
            Self::MemoryKgQuery => "memory_kg_query",
            Self::MemoryKgResolve => "memory_kg_resolve",
            Self::VarsQuery => "vars_query",
            Self::StartSubworkflow => "start_subworkflow",
            Self::Resume => "resume",
        }
    }
}

/// One thing a step asks the engine, or the world, to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// What to do.
    #[serde(rename = "type")]
    pub kind: EffectKind,
    /// With what.
    #[serde(default)]
    pub payload: Map,
    /// Dotted path in the variables that receives the result.
    #[serde(default)]
    pub result_key: Option<String>,
}

/// What a ledger record says of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepStatus {
    /// The effect is about to leave; a second record with the same `step_id` closes it.
    Started,
    /// It is done.
    Completed,
    /// It waits.
    Waiting,
    /// It failed.
    Failed,
}

impl StepStatus {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Completed => "completed",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
        }
    }
}

/// One append-only ledger record, keys in the contract's order. Its cursor is its 1-based position in the run's ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The run.
    pub run_id: RunId,
    /// A UUID per step; the started record and its closing record share it.
    pub step_id: String,
    /// The node.
    pub node_id: String,
    /// What happened.
    pub status: StepStatus,
    /// The effect, or null for completions and engine failures.
    #[serde(default)]
    pub effect: Option<Effect>,
    /// What came of it.
    #[serde(default)]
    pub result: Option<Value>,
    /// The bare error text.
    #[serde(default)]
    pub error: Option<String>,
    /// When the step started; the closing record repeats it.
    pub started_at: Timestamp,
    /// When it ended; null on started records.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// Copied from the run.
    #[serde(default)]
    pub actor_id: Option<String>,
    /// Copied from the run.
    #[serde(default)]
    pub session_id: Option<String>,
    /// 1 for the first try.
    #[serde(default = "one")]
    pub attempt: u32,
    /// 32 hex digits for effects, `system:…` and the like for engine records, null for resumes and completions.
    #[serde(default)]
    pub idempotency_key: Option<String>,
    /// The hash chain; null until the chain starts.
    #[serde(default)]
    pub prev_hash: Option<String>,
    /// The hash of this record.
    #[serde(default)]
    pub record_hash: Option<String>,
    /// Reserved.
    #[serde(default)]
    pub signature: Option<String>,
}

const fn one() -> u32 {
    1
}

/// The identity of a step: its run and its ordinal in that run, never the hash of its payload. A loop that sends the
/// same payload three times is three steps; a recovered step is the same step with a higher attempt.
#[must_use]
pub fn idempotency_key(run_id: &str, ordinal: u64) -> String {
    let mut hash = Sha256::new();
    hash.update(run_id.as_bytes());
    hash.update([0]);
    hash.update(ordinal.to_be_bytes());
    hex::encode(hash.finalize())[..32].to_owned()
}

/// The id under which tool call number `index` (1-based) of a step is known to tools and evidence.
#[must_use]
pub fn runtime_call_id(idempotency_key: &str, index: usize) -> String {
    format!("rtcall_{idempotency_key}_{index}")
}
