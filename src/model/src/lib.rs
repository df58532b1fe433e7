//! The words of the contract as plain types: run, wait, step record, effect, command, principal, artifact
//! reference; the operation rows that HTTP, CLI and OpenAPI share; the error codes; Python-compatible JSON.
//!
//! This crate may not know: files, sockets, threads, the clock, randomness, any other crate of the house.
//! The one invariant: what serde writes for a type here is what a client of the contract reads, field for field.

pub mod api;
pub mod artifact;
pub mod chain;
pub mod command;
pub mod error;
pub mod id;
pub mod json;
pub mod packet;
pub mod principal;
pub mod redact;
pub mod run;
pub mod schedule;
pub mod step;
pub mod time;
pub mod workflow;

pub use artifact::ArtifactMeta;
pub use command::{Command, CommandKind};
pub use error::{Code, Error};
pub use id::RunId;
pub use principal::Principal;
pub use run::{Run, RunStatus, Wait, WaitReason};
pub use step::{Effect, EffectKind, StepRecord, StepStatus};
pub use time::Timestamp;

/// A JSON object that keeps the order of its keys.
pub type Map = serde_json::Map<String, Value>;

pub use serde_json::Value;
