//! HTTP and nothing else: the accept loop, the checks before an operation, dispatch, bodies, streams, pages, OpenAPI.
//!
//! warp carries the server as one catch-all filter; every request goes through `dispatch`, where the order of checks
//! can be read from top to bottom. This crate may not know: the store, the engine, models, what an operation does. The
//! one invariant: no operation runs before every check of its row has passed, and every response names its request.

mod admit;
mod answer;
mod body;
mod dispatch;
mod edge;
mod family;
mod form;
mod openapi;
mod pages;
mod request;
mod routes;
mod serve;
mod slots;
mod trail;
mod uploads;

#[cfg(test)]
mod tests;

pub use openapi::{CONTRACT_VERSION, document};
pub use serve::{Listen, Listener, ServeError, bind, serve};
