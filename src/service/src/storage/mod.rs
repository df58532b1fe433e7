//! Room on the disk: what a plane takes, giving room back, and refusing new work while little is left.
//!
//! May not know: what the room is needed for. The invariant: what has begun goes on; only new work is refused, and before
//! anything of it is stored.

use std::path::Path;
use std::time::{Duration, Instant};

use model::api::storage::{CompactStorage, ShowStorage, Storage};
use model::{Code, Error};
use parking_lot::Mutex;

use crate::planes::Plane;
use crate::{Answer, Call, Handle, Services, Settings};

/// A start must not ask the file system each time.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is free on the disk of a plane, as it was a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Gauge(Mutex<Option<(Instant, u64)>>);

impl Gauge {
    /// Free bytes at `folder`.
    fn free(&self, folder: &Path) -> std::io::Result<u64> {
        let mut last = self.0.lock();
        if let Some((at, free)) = *last
            && at.elapsed() < LOOK_EVERY
        {
            return Ok(free);
        }
        let free = free_bytes(folder)?;
        *last = Some((Instant::now(), free));
        Ok(free)
    }
}

/// Free bytes of the disk a folder is on, for whoever is no superuser.
///
/// # Errors
/// When the file system does not say.
pub fn free_bytes(folder: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Refuses new work while less is free than is to be kept. A disk that cannot be asked refuses nothing: writes to it will
/// say what is wrong.
///
/// # Errors
/// When too little is free; nothing was stored then.
pub(crate) fn check_room(plane: &Plane, settings: &Settings) -> Result<(), Error> {
    let reserve = settings.runtime.disk_reserve_bytes;
    let Ok(free) = plane.gauge.free(&plane.data_dir) else { return Ok(()) };
    if reserve == 0 || free >= reserve {
        return Ok(());
    }
    Err(Error::new(
        Code::StorageUnavailable,
        format!(
            "no new run is taken: {} MiB are free on the disk of the gateway, and {} MiB are kept for the runs that are there. \
             Free room (`abstractgateway runs prune`), or set ABSTRACTGATEWAY_DISK_RESERVE_BYTES",
            free >> 20,
            reserve >> 20
        ),
    ))
}

impl Handle<ShowStorage> for Services {
    async fn handle(&self, call: Call, _: ShowStorage) -> Result<Answer<Storage>, Error> {
        let plane = self.plane(&call.principal).await?;
        Ok(self.storage(&plane).await?.into())
    }
}

impl Handle<CompactStorage> for Services {
    async fn handle(&self, call: Call, _: CompactStorage) -> Result<Answer<Storage>, Error> {
        let plane = self.plane(&call.principal).await?;
        plane.store.compact().await.map_err(engine::store_error)?;
        Ok(self.storage(&plane).await?.into())
    }
}

impl Services {
    async fn storage(&self, plane: &Plane) -> Result<Storage, Error> {
        let room = plane.store.room().await.map_err(engine::store_error)?;
        let unknown = |e: std::io::Error| Error::internal(format!("the disk does not say what is free: {e}"));
        Ok(Storage {
            database_bytes: room.bytes,
            free_bytes: room.free_bytes,
            gives_back: room.gives_back,
            disk_free_bytes: free_bytes(&plane.data_dir).map_err(unknown)?,
            disk_reserve_bytes: self.settings.runtime.disk_reserve_bytes,
            retention_days: self.settings.runtime.run_retention_days,
        })
    }
}
