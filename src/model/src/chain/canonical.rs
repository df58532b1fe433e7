//! The canonical form of a stored text. Numbers go from digits to digits: a parser that is off by the last bit of a
//! float would make a sound record look changed.
//!
//! May not know records. The invariant: two members of one name are an error. JSON readers differ in which of them
//! counts, so a hash over one of them would vouch for the other.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::{python_float, quote};

/// How deep values may nest.
const DEPTH_MAX: usize = 512;

/// The members of an object as they stand, each with its text.
pub(super) struct Members<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        let mut members = deserializer.deserialize_map(Read)?;
        members.sort_by(|a, b| a.0.cmp(&b.0));
        match members.windows(2).find(|two| two[0].0 == two[1].0) {
            Some(two) => Err(serde::de::Error::custom(format!("it has two members '{}'", two[0].0))),
            None => Ok(Self(members)),
        }
    }
}

/// Writes sorted members and the braces round them.
pub(super) fn object<'a>(
    out: &mut String,
    members: impl IntoIterator<Item = (&'a str, &'a str)>,
    depth: usize,
) -> Result<(), String> {
    out.push('{');
    for (i, (key, value)) in members.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        quote(out, key, false);
        out.push(':');
        append(out, value, depth + 1)?;
    }
    out.push('}');
    Ok(())
}

/// Writes the canonical form of a JSON text.
fn append(out: &mut String, text: &str, depth: usize) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err(format!("it nests deeper than {DEPTH_MAX} levels"));
    }
    match text.as_bytes().first() {
        Some(b'{') => {
            let members: Members<'_> = read(text)?;
            object(out, members.0.iter().map(|(key, value)| (key.as_str(), value.get())), depth)?;
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = read(text)?;
            out.push('[');
            for (i, item) in items.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                append(out, item.get(), depth + 1)?;
            }
            out.push(']');
        }
        Some(b'"') => quote(out, &read::<String>(text)?, false),
        Some(b'-' | b'0'..=b'9') => out.push_str(&number(text)?),
        _ => out.push_str(text),
    }
    Ok(())
}

fn number(text: &str) -> Result<String, String> {
    if text.contains(['.', 'e', 'E']) {
        return text.parse().map(python_float).map_err(|_| format!("'{text}' is no number"));
    }
    Ok(if text == "-0" { "0".to_owned() } else { text.to_owned() })
}

pub(super) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|e| e.to_string())
}
