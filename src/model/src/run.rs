//! A run and what it waits for (contract 02, section 2; 03, sections 1.2 and 1.3). Reading is tolerant: data written
//! by older programs may lack optional keys.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Map, RunId, Timestamp};

/// Where a run stands. The last three are terminal: a run never leaves them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// It has a next step to do.
    Running,
    /// It waits; `Run::waiting` says for what.
    Waiting,
    /// It ended with an output.
    Completed,
    /// It ended with an error.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl RunStatus {
    /// Every status, in the order the contract lists them.
    pub const ALL: [Self; 5] = [Self::Running, Self::Waiting, Self::Completed, Self::Failed, Self::Cancelled];

    /// True for completed, failed and cancelled.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word on the wire, whatever its case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str().eq_ignore_ascii_case(text.trim()))
    }
}

/// Why a run waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WaitReason {
    /// A named event.
    Event,
    /// A moment.
    Until,
    /// A person: a question, an approval, or a pause.
    User,
    /// Somebody outside who executes tools for us.
    Job,
    /// A child run.
    Subworkflow,
}

impl WaitReason {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Until => "until",
            Self::User => "user",
            Self::Job => "job",
            Self::Subworkflow => "subworkflow",
        }
    }
}

/// What a waiting run waits for. Keys in the contract's order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// The kind of wait.
    pub reason: WaitReason,
    /// What a resume must name; null for waits on a moment.
    #[serde(default)]
    pub wait_key: Option<String>,
    /// The moment, for `Until` only, as it was written.
    #[serde(default)]
    pub until: Option<String>,
    /// Where the run goes on; null means resuming ends the run.
    #[serde(default)]
    pub resume_to_node: Option<String>,
    /// Dotted path in the variables that receives the resume payload.
    #[serde(default)]
    pub result_key: Option<String>,
    /// The question to a person.
    #[serde(default)]
    pub prompt: Option<String>,
    /// Offered answers.
    #[serde(default)]
    pub choices: Option<Vec<Value>>,
    /// Whether an answer outside `choices` is welcome.
    #[serde(default = "yes")]
    pub allow_free_text: bool,
    /// What kind of wait exactly; shape depends on the kind.
    #[serde(default)]
    pub details: Option<Value>,
}

const fn yes() -> bool {
    true
}

impl Wait {
    /// A wait with nothing but its reason.
    #[must_use]
    pub const fn new(reason: WaitReason) -> Self {
        Self {
            reason,
            wait_key: None,
            until: None,
            resume_to_node: None,
            result_key: None,
            prompt: None,
            choices: None,
            allow_free_text: true,
            details: None,
        }
    }

    /// `details.<key>` as text.
    #[must_use]
    pub fn detail(&self, key: &str) -> Option<&str> {
        self.details.as_ref()?.get(key)?.as_str()
    }

    /// `details.mode`: `approval_required`, `delegated`, `interrupted` …
    #[must_use]
    pub fn mode(&self) -> Option<&str> {
        self.detail("mode")
    }

    /// True for the wait that pausing a running run makes.
    #[must_use]
    pub fn is_pause(&self) -> bool {
        self.detail("kind") == Some("pause")
    }
}

/// The durable state of a run: one JSON object, keys in the contract's order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The id.
    pub run_id: RunId,
    /// `bundle@version:flow`, `scheduled:<uuid>`, or a derived id.
    pub workflow_id: String,
    /// Where it stands.
    pub status: RunStatus,
    /// Running: the node to do next. Waiting: the node that waits. Terminal: the last one.
    pub current_node: String,
    /// Everything the workflow knows.
    #[serde(default)]
    pub vars: Map,
    /// Present exactly while `status` is waiting.
    #[serde(default)]
    pub waiting: Option<Wait>,
    /// Set when completed.
    #[serde(default)]
    pub output: Option<Value>,
    /// Failure text, or the reason of a cancellation.
    #[serde(default)]
    pub error: Option<String>,
    /// When it was admitted.
    #[serde(default = "epoch")]
    pub created_at: Timestamp,
    /// When it last changed.
    #[serde(default = "epoch")]
    pub updated_at: Timestamp,
    /// `gateway` for every run the gateway drives.
    #[serde(default)]
    pub actor_id: Option<String>,
    /// The session; a root run without one is its own.
    #[serde(default)]
    pub session_id: Option<String>,
    /// The run that started this one.
    #[serde(default)]
    pub parent_run_id: Option<RunId>,
}

const fn epoch() -> Timestamp {
    Timestamp::EPOCH
}

impl Run {
    /// A running run at its entry node, driven by the gateway.
    #[must_use]
    pub fn new(run_id: RunId, workflow_id: String, entry: String, vars: Map, now: Timestamp) -> Self {
        Self {
            run_id,
            workflow_id,
            status: RunStatus::Running,
            current_node: entry,
            vars,
            waiting: None,
            output: None,
            error: None,
            created_at: now,
            updated_at: now,
            actor_id: Some("gateway".into()),
            session_id: None,
            parent_run_id: None,
        }
    }

    /// True when `_runtime.control.paused` is set.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.control("paused").and_then(Value::as_bool).unwrap_or(false)
    }

    /// `_runtime.control.<key>`.
    #[must_use]
    pub fn control(&self, key: &str) -> Option<&Value> {
        self.vars.get("_runtime")?.get("control")?.get(key)
    }

    /// The namespace `key` of the variables as an object, made when it is missing or of another type.
    pub fn namespace(&mut self, key: &str) -> &mut Map {
        object_at(&mut self.vars, key)
    }

    /// Adds a line to `_flow_warnings`, once; the list is bounded.
    pub fn warn(&mut self, line: String) {
        const LINES_MAX: usize = 100;
        let list = self.vars.entry("_flow_warnings").or_insert_with(|| Value::Array(Vec::new()));
        if let Some(list) = list.as_array_mut()
            && list.len() < LINES_MAX
            && !list.iter().any(|w| w.as_str() == Some(&line))
        {
            list.push(line.into());
        }
    }
}

/// The object at `key`, made (or replaced) when there is none.
pub fn object_at<'a>(map: &'a mut Map, key: &str) -> &'a mut Map {
    if !map.get(key).is_some_and(Value::is_object) {
        map.insert(key.to_owned(), Value::Object(Map::new()));
    }
    match map.get_mut(key) {
        Some(Value::Object(object)) => object,
        _ => unreachable!("the key was just given an object"),
    }
}

/// Writes `value` at a dotted path, making objects on the way.
pub fn write_path(vars: &mut Map, path: &str, value: Value) {
    let mut parts = path.split('.').filter(|p| !p.is_empty()).peekable();
    let mut map = vars;
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            map.insert(part.to_owned(), value);
            return;
        }
        map = object_at(map, part);
    }
}

/// Reads the value at a dotted path of objects.
#[must_use]
pub fn read_path<'a>(vars: &'a Map, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.').filter(|p| !p.is_empty());
    let mut value = vars.get(parts.next()?)?;
    for part in parts {
        value = value.get(part)?;
    }
    Some(value)
}
