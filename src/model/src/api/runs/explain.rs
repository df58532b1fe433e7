//! Why a run that has not ended is where it is, and what it takes to move it.

use serde::{Deserialize, Serialize};

use crate::{RunId, Timestamp};

macro_rules! reasons {
    ($( $(#[doc = $doc:literal])+ $name:ident = $word:literal; )+) => {
        /// What a run waits for, or is doing. Branch on it, never on the message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ExplainCode { $( $(#[doc = $doc])+ $name, )+ }

        impl ExplainCode {
            /// Every one.
            pub const ALL: &'static [Self] = &[$( Self::$name, )+];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $( Self::$name => $word, )+ } }
        }
    };
}

reasons! {
    /// Somebody holds it.
    Paused = "paused";
    /// A person must answer or approve.
    WaitingForPerson = "waiting_for_person";
    /// A step may or may not have happened; a person must decide.
    Interrupted = "interrupted";
    /// A step failed for the last time; a person must decide.
    RetriesExhausted = "retries_exhausted";
    /// An event must be emitted.
    WaitingForEvent = "waiting_for_event";
    /// A moment must come.
    WaitingForTime = "waiting_for_time";
    /// A run it started must end.
    WaitingForChild = "waiting_for_child";
    /// Somebody outside must bring the results of tools.
    WaitingForWorker = "waiting_for_worker";
    /// A model is being asked.
    CallingModel = "calling_model";
    /// Tools are at work.
    CallingTools = "calling_tools";
    /// A call failed and will be made again.
    Retrying = "retrying";
    /// Its workflow is not loaded.
    WorkflowMissing = "workflow_missing";
    /// No process drives runs.
    NoRunner = "no_runner";
    /// Another program drives it, or nobody: it is not this gateway's.
    NotDriven = "not_driven";
    /// Its next step is about to be done.
    Ready = "ready";
}

/// Why a run that has not ended is where it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explain {
    /// What it is.
    pub code: ExplainCode,
    /// The same in a sentence, for a person.
    pub message: String,
    /// Since when.
    pub since: Option<Timestamp>,
    /// When it goes on by itself, where that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wakes_at: Option<String>,
    /// The node.
    pub node: Option<String>,
    /// The effect at work: `llm_call` or `tool_calls`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effect: Option<String>,
    /// The attempt that is at work, or comes next.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<u32>,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
    /// The run it waits for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub child_run_id: Option<RunId>,
    /// What an answer must name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wait_key: Option<String>,
    /// The workflow that is not loaded.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub workflow_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_their_words() {
        for code in ExplainCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
