//! The bundles of a data plane: read from its folder, compiled each on its own, listed, shown, uploaded, removed,
//! deprecated (contract 04, sections 3 to 5). A bundle that cannot be read or compiled is reported on itself and blocks
//! nothing else.

mod deprecate;
mod deprecations;
mod library;
mod operations;
mod show;
mod startable;
#[cfg(test)]
mod tests;

pub(crate) use deprecate::refuse_deprecated;
pub(crate) use library::{Library, Loaded, Set};
pub(crate) use startable::{Snapshot, Startable, Stored, snapshot};

use deprecations::Book;
use model::Error;

use crate::planes::Plane;

/// What is deprecated in a plane, now.
async fn deprecated(plane: &Plane) -> Result<Book, Error> {
    // Every start asks, and few planes have any.
    if !deprecations::exist(&plane.data_dir) {
        return Ok(Book::default());
    }
    let data_dir = plane.data_dir.clone();
    let read = tokio::task::spawn_blocking(move || Book::read(&data_dir)).await;
    read.map_err(|e| Error::internal(e.to_string()))
}
