//! The in-process services, one folder per noun. Everything a face can do is a method here: HTTP, CLI and tests call the
//! same operation rows, each bound to one [`Handle`] of [`Services`].
//!
//! This crate may not know: HTTP, warp, terminals, clap. It wires store, flow, engine, llm and agent together. The one
//! invariant: a rule of the product stands here, never in a face.

mod bind;
mod face;

pub mod auth;
pub mod settings;
pub mod users;
pub mod sessions;
pub mod reservations;
pub mod audit;
pub mod health;

pub use bind::operations;
pub use face::{Answer, Body, Bound, Call, Cookie, Handle, bound};
pub use settings::Settings;

/// Everything the gateway can do. One per process, shared by all faces.
pub struct Services {
    /// The settings, read once.
    pub settings: Settings,
    /// Who may come in: users, sessions, lockout, limits.
    pub auth: auth::Auth,
    /// The audit log.
    pub audit: audit::Log,
}
