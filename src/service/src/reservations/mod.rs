//! Data planes kept for users who are gone (contract 01, 2.7): listed, given to somebody else, or deleted for good.
//!
//! The one invariant: a plane is stopped before its files are touched, and files outside its folder are never touched.

#[cfg(test)]
mod tests;

use std::path::Path;

use model::api::reservations::{
    ListReservations, PurgeReservation, Purged, ReservationList, ReservationRow, TransferReservation, Transferred,
};
use model::{Code, Error};

use crate::auth::safe;
use crate::{Answer, Call, Handle, Services, planes};

impl Handle<ListReservations> for Services {
    async fn handle(&self, _: Call, _: ListReservations) -> Result<Answer<ReservationList>, Error> {
        let mut kept = self.auth.view()?.book.reservations().to_vec();
        kept.sort_by(|a, b| (&a.tenant_id, &a.runtime_id).cmp(&(&b.tenant_id, &b.runtime_id)));
        let row = |reservation: model::api::reservations::Reservation| {
            let path = self.settings.plane_dir(&reservation.tenant_id, &reservation.runtime_id);
            ReservationRow { data_exists: path.exists(), data_path: path.display().to_string(), reservation }
        };
        Ok(ReservationList { runtime_reservations: kept.into_iter().map(row).collect() }.into())
    }
}

impl Handle<TransferReservation> for Services {
    async fn handle(&self, _: Call, input: TransferReservation) -> Result<Answer<Transferred>, Error> {
        let (tenant_id, runtime_id) = (safe(&input.tenant_id, "default"), safe(&input.runtime_id, ""));
        check_confirmation(&runtime_id, &input.confirm_runtime_id)?;
        let before = self.auth.view()?.book.find(&tenant_id, &input.target_user_id).cloned();
        let (tenant, runtime, target) = (tenant_id.clone(), runtime_id.clone(), input.target_user_id);
        let edit = move |book: &mut crate::auth::registry::Book, now| book.transfer(&tenant, &runtime, &target, now);
        let (user, reservation, previous_runtime_id) = self.auth.edit(edit).await?;
        if let Some(before) = before {
            self.stop_plane_of(&before).await;
        }
        self.planes.stop(&planes::Key::User { tenant_id, runtime_id }).await;
        Ok(Transferred { ok: true, transferred: true, user, reservation, previous_runtime_id }.into())
    }
}

impl Handle<PurgeReservation> for Services {
    async fn handle(&self, _: Call, input: PurgeReservation) -> Result<Answer<Purged>, Error> {
        let (tenant_id, runtime_id) = (safe(&input.tenant_id, "default"), safe(&input.runtime_id, ""));
        check_confirmation(&runtime_id, &input.confirm_runtime_id)?;
        if !input.delete_data {
            return Err(Error::new(Code::BadRequest, "delete_data must be true to purge a retained runtime"));
        }
        let folder = self.settings.plane_dir(&tenant_id, &runtime_id);
        let (tenant, runtime, checked) = (tenant_id.clone(), runtime_id.clone(), folder.clone());
        self.auth
            .edit(move |book, now| {
                let reservation = book.begin_purge(&tenant, &runtime, now)?;
                check_folder(&checked)?;
                Ok(reservation)
            })
            .await?;
        self.planes.stop(&planes::Key::User { tenant_id: tenant_id.clone(), runtime_id: runtime_id.clone() }).await;
        let doomed = folder.clone();
        let deleted_data = tokio::task::spawn_blocking(move || delete(&doomed))
            .await
            .map_err(|e| Error::internal(e.to_string()))?
            .map_err(|e| {
                let text = format!("the retained runtime could not be deleted completely: {e}; purge it again");
                Error::new(Code::StorageUnavailable, text)
            })?;
        let (tenant, runtime) = (tenant_id.clone(), runtime_id.clone());
        let purged = self.auth.edit(move |book, _| Ok(book.release(&tenant, &runtime))).await?;
        tracing::info!(tenant_id, runtime_id, deleted_data, "retained runtime purged");
        let data_path = folder.display().to_string();
        Ok(Purged { ok: true, purged, deleted_data, runtime_id, tenant_id, data_path }.into())
    }
}

fn check_confirmation(runtime_id: &str, confirmed: &str) -> Result<(), Error> {
    match safe(confirmed, "") == runtime_id && !runtime_id.is_empty() {
        true => Ok(()),
        false => Err(Error::new(Code::BadRequest, "confirm_runtime_id must match the retained runtime id")),
    }
}

/// A folder may be missing. It may not be a link, nor lie in one: deleting would then reach elsewhere.
fn check_folder(folder: &Path) -> Result<(), Error> {
    for part in folder.parent().into_iter().chain([folder]) {
        if let Ok(meta) = part.symlink_metadata()
            && !meta.is_dir()
        {
            let text = format!("Retained runtime path is not a directory: {}", folder.display());
            return Err(Error::new(Code::Conflict, text));
        }
    }
    Ok(())
}

fn delete(folder: &Path) -> std::io::Result<bool> {
    match std::fs::remove_dir_all(folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
