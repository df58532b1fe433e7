//! Node types.

pub(crate) mod values;
