//! `.flow` bundles and the VisualFlow documents inside them, compiled to programs the engine can step.
//!
//! Pure: no clock, no randomness but what a step is handed, no I/O beyond reading a bundle's bytes. May not know: stores,
//! engines, models, tools. The one invariant: the same run in the same state plans the same step.

pub mod bundle;
pub mod input_schema;
pub mod registry;
pub mod schedule;
pub mod shipped;

mod compile;
mod document;
mod exec;
mod nodes;
mod python;

pub use compile::CompileError;
pub use document::{Document, namespace};
pub use exec::Program;
