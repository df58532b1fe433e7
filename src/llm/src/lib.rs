//! Model providers over the wire: which provider and model a call goes to, what its body is, how it is retried and
//! streamed, how tool calls and structured answers are read, and the capability defaults that choose the model.
//!
//! This crate may not know: runs, stores, artifacts, users, the environment. It is handed an [`Env`] and a payload.
//! The one invariant: a key is only ever sent to the URL it is stored with.

pub mod call;
pub mod defaults;
pub mod env;
mod error;
pub mod http;
mod loose;
pub mod media;
mod messages;
pub mod models;
pub mod payload;
pub mod prepare;
pub mod providers;
pub mod redact;
pub mod registry;
mod request;
mod residency;
mod response;
pub mod route;
mod stream;
pub mod structured;
#[cfg(test)]
mod testing;
pub mod thinking;
pub mod tools;

pub use call::{CallContext, llm_call};
pub use defaults::{Defaults, TextDefault};
pub use env::{Connection, Endpoint, Env, Secret};
pub use error::{CallError, ErrorKind};
pub use http::Client;
pub use prepare::{TraceIds, prepare};
pub use residency::residency;
