//! What the engine asks of a workflow: a pure function from a run to the next step. Flows and agent loops both answer
//! it; the engine does not know which is which.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::{Effect, Run, Timestamp};

/// A program of nodes. `plan` is pure: no I/O, no clock, no randomness but what the context hands over.
pub trait Workflow: Send + Sync {
    /// The id runs carry as `workflow_id`.
    fn id(&self) -> &str;

    /// The node a new run starts at.
    fn entry(&self) -> &str;

    /// Plans the node the run stands on. It may change `run.vars`; nothing else of the run.
    ///
    /// # Errors
    /// A plan that cannot be made ends the run as failed with `<class>: <message>`.
    fn plan(&self, run: &mut Run, ctx: &PlanContext) -> Result<StepPlan, PlanError>;
}

/// What a node wants to happen.
#[derive(Clone, Debug, PartialEq)]
pub enum StepPlan {
    /// Nothing but to go on at another node. No ledger record.
    Goto(String),
    /// End the run with an output.
    Complete(Value),
    /// Do something, then go on at `next`; without a `next` the run ends with the result.
    Effect {
        /// What to do.
        effect: Effect,
        /// Where to go on.
        next: Option<String>,
    },
}

/// A plan that could not be made. `class` is the name a Python client would see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    /// `ValueError`, `KeyError`, `TypeError` …
    pub class: &'static str,
    /// What was wrong.
    pub message: String,
}

impl PlanError {
    /// A `ValueError`.
    #[must_use]
    pub fn value(message: impl Into<String>) -> Self {
        Self { class: "ValueError", message: message.into() }
    }
}

impl std::fmt::Display for PlanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.class, self.message)
    }
}

/// What the outside world looks like to one planning step.
pub struct PlanContext {
    /// The moment of the step.
    pub now: Timestamp,
    /// Local offset from UTC in minutes, and the zone's name, for `system_datetime`.
    pub utc_offset_minutes: i32,
    /// The zone's name.
    pub timezone: String,
    state: AtomicU64,
    gamma: u64,
}

impl PlanContext {
    /// A context at `now`; `seed` decides every random value of the step.
    #[must_use]
    pub const fn new(now: Timestamp, seed: u128) -> Self {
        let (state, gamma) = (AtomicU64::new(seed as u64), (seed >> 64) as u64 | 1);
        Self { now, utc_offset_minutes: 0, timezone: String::new(), state, gamma }
    }

    /// Begins another sequence of random values, decided by `seed`: the same seed gives the same values.
    pub const fn reseed(&mut self, seed: u128) {
        (self.state, self.gamma) = (AtomicU64::new(seed as u64), (seed >> 64) as u64 | 1);
    }

    /// 64 random bits (SplitMix64 with its own increment: fast, good enough for ids and dice, not for secrets).
    pub fn random(&self) -> u64 {
        let mut z = self.state.fetch_add(self.gamma, Ordering::Relaxed).wrapping_add(self.gamma);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A random fraction in `[0, 1)`.
    pub fn random_fraction(&self) -> f64 {
        (self.random() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// 32 random hex digits.
    pub fn random_hex(&self) -> String {
        format!("{:016x}{:016x}", self.random(), self.random())
    }
}
