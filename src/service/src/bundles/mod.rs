//! The bundles of a data plane: read from its folder, compiled each on its own, listed, uploaded (contract 04, sections 3
//! and 4). A bundle that cannot be read or compiled is reported on itself and blocks nothing else.

mod library;
mod operations;

pub(crate) use library::{Library, Set};
