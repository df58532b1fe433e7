//! Moving large values out of JSON (contract 02, section 11.5): depth first, a text leaf over the limit becomes a text
//! artifact; an object or list that is still over it becomes a JSON artifact. Existing references are left alone.

use model::json::{Layout, write};
use model::{Value, artifact};

use crate::Error;

/// Stores what is moved out: kind (`text` or `json`), bytes, path; gives the artifact's id.
pub type Sink<'a> = dyn FnMut(&'static str, &[u8], &str) -> Result<String, Error> + 'a;

/// Replaces what is over `limit` bytes inside `value`; the value itself only when `root` allows it.
///
/// # Errors
/// The sink's.
pub fn offload(value: &mut Value, limit: usize, root: bool, path: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
    if limit == 0 || size(value) <= limit || is_reference(value) {
        return Ok(());
    }
    match value {
        Value::Object(map) => {
            for (key, item) in map.iter_mut() {
                offload(item, limit, true, &format!("{path}.{key}"), sink)?;
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter_mut().enumerate() {
                offload(item, limit, true, &format!("{path}.{i}"), sink)?;
            }
        }
        _ => {}
    }
    if !root {
        return Ok(());
    }
    let id = match &*value {
        Value::String(text) => sink("text", text.as_bytes(), path)?,
        other if size(other) > limit => sink("json", write(other, Layout::COMPACT).as_bytes(), path)?,
        _ => return Ok(()),
    };
    *value = artifact::reference(&id);
    Ok(())
}

fn is_reference(value: &Value) -> bool {
    value.get("$artifact").is_some()
}

/// Bytes of a value: of the text itself, or of compact JSON. Counted, not printed.
fn size(value: &Value) -> usize {
    match value {
        Value::Null => 4,
        Value::Bool(b) => 5 - usize::from(*b),
        Value::Number(n) => n.to_string().len(),
        Value::String(s) => s.len(),
        Value::Array(items) => 2 + items.iter().map(|i| nested(i) + 1).sum::<usize>().saturating_sub(1),
        Value::Object(map) => 2 + map.iter().map(|(k, v)| k.len() + 3 + nested(v) + 1).sum::<usize>().saturating_sub(1),
    }
}

fn nested(value: &Value) -> usize {
    size(value) + if value.is_string() { 2 } else { 0 }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(mut value: Value, limit: usize, root: bool) -> (Value, Vec<(String, String)>) {
        let mut moved = Vec::new();
        offload(&mut value, limit, root, "output", &mut |kind, _, path| {
            moved.push((kind.to_owned(), path.to_owned()));
            Ok(format!("a{}", moved.len()))
        })
        .unwrap();
        (value, moved)
    }

    #[test]
    fn both_sides_of_the_limit() {
        assert_eq!(run(json!({"t": "12345"}), 13, true).1, []);
        let (value, moved) = run(json!({"t": "x".repeat(50), "k": 1}), 40, true);
        assert_eq!(value, json!({"t": {"$artifact": "a1"}, "k": 1}));
        assert_eq!(moved, [("text".into(), "output.t".into())]);
    }

    #[test]
    fn containers_follow_their_leaves_and_roots_only_where_allowed() {
        let many = json!({"l": (0..20).collect::<Vec<_>>()});
        assert_eq!(run(many.clone(), 30, true).0, json!({"l": {"$artifact": "a1"}}));
        let wide: Value = (0..20).map(|i| (format!("k{i}"), json!(i))).collect::<model::Map>().into();
        assert_eq!(run(wide.clone(), 20, true).0, json!({"$artifact": "a1"}));
        assert_eq!(run(wide.clone(), 20, false).0, wide);
        assert_eq!(run(json!({"$artifact": "x".repeat(99)}), 20, true).1, []);
        assert_eq!(run(many.clone(), 0, true).0, many);
    }
}
