//! The agent loop, the tools it may call, and the approvals between the two.
//!
//! [`AgentLoop`] is a pure `Workflow`: it plans one step from a run's variables and touches nothing else. Tools are
//! planned (`plan_tools`: allowlist, workspace paths, who must agree), perhaps answered by a person (`resume_tools`),
//! and executed (`execute`).
//!
//! This crate may not know: the store, the engine, HTTP of our own, users. The invariant: no tool call is executed
//! that was not planned, and a planned call's arguments are exactly what a person saw when asked.

mod execute;
mod looping;
mod mode;
mod plan;
mod result;
mod resume;
pub mod tools;
pub mod workspace;

pub use execute::{Failed, HostTools, Journal, ToolContext, execute, failed, is_repeatable};
pub use looping::AgentLoop;
pub use looping::builtins::specs as builtin_specs;
pub use mode::{AUTO_APPROVED, NEEDS_APPROVAL, ToolMode};
pub use plan::{Batch, PlanInput, PlannedCall, ToolPlan, Verdict, engine_owned, plan_tools};
pub use resume::{Resumed, resume_tools};
pub use tools::{ToolPolicy, is_read_only, specs};
pub use workspace::{AccessMode, Workspace};
