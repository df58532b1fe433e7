//! Is it there, is it ready.

use serde::{Deserialize, Serialize};

use super::Method::Get;
use super::{Access, Operation, Row};
use crate::{Timestamp, operation};

/// The body of `/api/health`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Healthy {
    /// `healthy`.
    pub status: String,
    /// `abstractgateway`.
    pub service: String,
}

/// The body of `/api/health/ready`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ready {
    /// Whether new work is taken.
    pub ready: bool,
    /// `ready`, `starting`, `storage_unavailable` or `shutting_down`.
    pub status: String,
    /// What stands in the way, one sentence each.
    pub problems: Vec<String>,
}

/// The body of `/ping`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pong {
    /// Always true.
    pub ok: bool,
    /// `healthy`.
    pub status: String,
    /// `abstractgateway`.
    pub service: String,
    /// Now.
    pub time: Timestamp,
}

operation! {
    /// Says that the process is alive.
    Health = Row::new("health.live", Get, "/api/health", Access::Public) => Healthy {}
    /// Says whether the gateway takes new work; answers 503 when it does not.
    Readiness = Row::new("health.ready", Get, "/api/health/ready", Access::Public) => Ready {}
    /// Says that the caller's credential is good.
    Ping = Row::new("health.ping", Get, "/api/gateway/ping", Access::User) => Pong {}
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![Health::ROW, Readiness::ROW, Ping::ROW]
}
