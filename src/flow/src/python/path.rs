//! The three path grammars of flows: dotted, tokened (`a.b[1].c`) and variable paths.

use model::Value;

/// A step of a tokened path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PathToken<'a> {
    /// A key of an object, or digits that index a list.
    Key(&'a str),
    /// `[n]`: a position in a list, never a key.
    Index(usize),
}

/// Follows a path split on `.`: objects by key, lists by digits that are in range.
pub(crate) fn dot_path<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |at, part| match at {
        Value::Object(map) => map.get(part),
        Value::Array(items) => items.get(digits(part)?),
        _ => None,
    })
}

/// Follows a tokened path; an empty one leads nowhere.
pub(crate) fn tok_path<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let tokens = path_tokens(path);
    if tokens.is_empty() {
        return None;
    }
    tokens.into_iter().try_fold(value, |at, token| match (at, token) {
        (Value::Object(map), PathToken::Key(key)) => map.get(key),
        (Value::Array(items), PathToken::Key(key)) => items.get(digits(key)?),
        (Value::Array(items), PathToken::Index(index)) => items.get(index),
        _ => None,
    })
}

fn digits(text: &str) -> Option<usize> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// The tokens of a path: runs without `.`, `[` and `]`, and `[digits]`; other brackets and dots are skipped.
pub(super) fn path_tokens(path: &str) -> Vec<PathToken<'_>> {
    let mut tokens = Vec::new();
    let mut rest = path;
    while let Some(first) = rest.chars().next() {
        if !matches!(first, '.' | '[' | ']') {
            let end = rest.find(['.', '[', ']']).unwrap_or(rest.len());
            tokens.push(PathToken::Key(&rest[..end]));
            rest = &rest[end..];
            continue;
        }
        rest = &rest[1..];
        if first == '['
            && let Some((inside, after)) = rest.split_once(']')
            && !inside.is_empty()
            && let Some(index) = digits(inside)
        {
            tokens.push(PathToken::Index(index));
            rest = after;
        }
    }
    tokens
}

#[cfg(test)]
/// The parts of a variable path: split on `.`, empty parts dropped.
pub(crate) fn var_path(path: &str) -> Vec<&str> {
    path.split('.').filter(|part| !part.is_empty()).collect()
}
