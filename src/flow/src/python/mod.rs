//! Python's conversions over JSON values: what `str()`, `float()`, `==`, `str.format` and friends make of them. Flows
//! were written against an engine in Python and lean on these everywhere.
//!
//! Integers are Python ints, other numbers are floats. Nothing here panics on any value, and recursion is bounded by
//! [`MAX_DEPTH`]. This module may not know nodes, pins or runs.

mod compare;
mod format;
mod format_spec;
mod literal;
mod number;
mod path;
mod slice;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use compare::{boolish, py_eq, py_ordering, truthy};
pub(crate) use format::format;
pub(crate) use literal::parse_literal;
pub(crate) use number::{float_loose, int_loose, number_value, py_float, py_int, round_half_even};
#[cfg(test)]
pub(crate) use path::var_path;
pub(crate) use path::{dot_path, tok_path};
pub(crate) use slice::slice_text;
pub(crate) use text::{is_space, lower, non_blank, py_repr, py_str, py_type_name, repr_text, strip, upper};

/// Levels of nesting the conversions follow; JSON readers of the house stop at 128.
pub(crate) const MAX_DEPTH: usize = 128;

/// Bytes a text made by a conversion or a node may have.
pub(crate) const MAX_TEXT_BYTES: usize = 64 * 1024 * 1024;

/// The error for a text over [`MAX_TEXT_BYTES`].
pub(crate) fn too_long() -> String {
    format!("result text is longer than {MAX_TEXT_BYTES} bytes")
}
