//! The reservation operations.

use model::Error;
use model::api::reservations::{
    ListReservations, PurgeReservation, Purged, ReservationList, TransferReservation, Transferred,
};

use crate::{Answer, Call, Handle, Services};

impl Handle<ListReservations> for Services {
    async fn handle(&self, _: Call, _: ListReservations) -> Result<Answer<ReservationList>, Error> {
        Err(Error::internal("not yet"))
    }
}
impl Handle<TransferReservation> for Services {
    async fn handle(&self, _: Call, _: TransferReservation) -> Result<Answer<Transferred>, Error> {
        Err(Error::internal("not yet"))
    }
}
impl Handle<PurgeReservation> for Services {
    async fn handle(&self, _: Call, _: PurgeReservation) -> Result<Answer<Purged>, Error> {
        Err(Error::internal("not yet"))
    }
}
