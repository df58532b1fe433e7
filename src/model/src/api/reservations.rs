//! Data planes kept for users who are gone (contract 01, section 2.7). Everything here is for admins.

use serde::{Deserialize, Serialize};

use super::Method::{Get, Post};
use super::users::User;
use super::{Access, BodyKind, Kind, Operation, Row, body, path};
use crate::{Timestamp, operation};

/// A reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// The tenant.
    pub tenant_id: String,
    /// The data plane.
    pub runtime_id: String,
    /// `tenant:user`.
    pub owner_key: String,
    /// The user it is kept for.
    pub owner_user_id: String,
    /// `deleted-user`, `runtime-reassigned`, `runtime-transferred` or `purging`.
    pub reason: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A reservation and its data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReservationRow {
    /// The reservation.
    #[serde(flatten)]
    pub reservation: Reservation,
    /// Whether its folder is there.
    pub data_exists: bool,
    /// Its folder.
    pub data_path: String,
}

/// All reservations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReservationList {
    /// By tenant, then data plane.
    pub runtime_reservations: Vec<ReservationRow>,
}

/// What a transfer answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transferred {
    /// Always true.
    pub ok: bool,
    /// Always true.
    pub transferred: bool,
    /// The new owner.
    pub user: User,
    /// What it was before.
    pub reservation: Reservation,
    /// What the new owner had before.
    pub previous_runtime_id: String,
}

/// What a purge answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Purged {
    /// Always true.
    pub ok: bool,
    /// Whether the reservation is gone.
    pub purged: bool,
    /// Whether data went with it.
    pub deleted_data: bool,
    /// The data plane.
    pub runtime_id: String,
    /// The tenant.
    pub tenant_id: String,
    /// Its folder.
    pub data_path: String,
}

const ADMIN: Access = Access::Admin("admin");

operation! {
    /// Lists data planes kept for users who are gone.
    ListReservations = Row::new("reservations.list", Get, "/api/gateway/admin/runtime-reservations", ADMIN) => ReservationList {}
    /// Gives a kept data plane to an existing user.
    TransferReservation = Row::new("reservations.transfer", Post, "/api/gateway/admin/runtime-reservations/{runtime_id}/transfer", ADMIN)
        .body(BodyKind::StrictJson) => Transferred {
        /// The data plane.
        runtime_id: String = path(),
        /// The tenant.
        tenant_id: String = body(Kind::Text).or("\"default\""),
        /// The new owner.
        target_user_id: String = body(Kind::Text).min(1),
        /// The data plane again, to be sure.
        confirm_runtime_id: String = body(Kind::Text).min(1),
    }
    /// Deletes a kept data plane and everything in it.
    PurgeReservation = Row::new("reservations.purge", Post, "/api/gateway/admin/runtime-reservations/{runtime_id}/purge", ADMIN)
        .body(BodyKind::StrictJson) => Purged {
        /// The data plane.
        runtime_id: String = path(),
        /// The tenant.
        tenant_id: String = body(Kind::Text).or("\"default\""),
        /// The data plane again, to be sure.
        confirm_runtime_id: String = body(Kind::Text).min(1),
        /// Must be true.
        delete_data: bool = body(Kind::Boolean).or("true"),
    }
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![ListReservations::ROW, TransferReservation::ROW, PurgeReservation::ROW]
}
