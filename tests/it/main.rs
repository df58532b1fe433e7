//! End-to-end tests: the program as its clients see it, over HTTP, and across its deaths.
//!
//! May not know: any crate of ours but `tests`. A test here starts a gateway of its own on a folder of its own.

#![expect(clippy::unwrap_used, reason = "a test says by panicking that it failed")]

mod agents;
mod backup;
mod chaos;
mod contract;
mod control;
mod crash;
mod explain;
mod flows;
mod fork;
mod import;
mod layout;
mod memory;
mod power;
mod retries;
mod schedules;
mod serve;
mod split;
mod talk;

use tests::Home;

/// A home for a gateway with a static token and the bundle of `flows`.
fn home() -> Home {
    Home::new(env!("CARGO_BIN_EXE_abstractgateway")).install(&flows::bundle())
}
