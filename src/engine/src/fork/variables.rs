//! Variables that somebody wants to be others before a fork goes on.

use model::{Code, Error, Map, Value};

/// Writes the value at a dotted path of objects; objects that are missing on the way are made.
pub(crate) fn write(vars: &mut Map, path: &str, value: Value) -> Result<(), Error> {
    let parts: Vec<&str> = path.split('.').collect();
    if parts.iter().any(|part| part.trim().is_empty()) {
        return Err(refused(path, "it is no dotted path, such as answer or context.task"));
    }
    if path.starts_with('_') {
        return Err(refused(path, "variables whose names begin with _ are the engine's own"));
    }
    let mut map = vars;
    let Some((last, way)) = parts.split_last() else { return Ok(()) };
    for part in way {
        let member = map.entry((*part).to_owned()).or_insert_with(|| Value::Object(Map::new()));
        map = member.as_object_mut().ok_or_else(|| refused(path, &format!("'{part}' is there and no object")))?;
    }
    map.insert((*last).to_owned(), value);
    Ok(())
}

fn refused(path: &str, why: &str) -> Error {
    Error::new(Code::Validation, format!("the variable '{path}' cannot be set: {why}")).with("path", path)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_through_objects_and_to_nothing_of_the_engine() {
        let vars = json!({"a": {"b": 1}, "n": 5, "l": [1]});
        for (path, expected) in [
            ("a", Some(json!({"a": 9, "n": 5, "l": [1]}))),
            ("a.b", Some(json!({"a": {"b": 9}, "n": 5, "l": [1]}))),
            ("a.c.d", Some(json!({"a": {"b": 1, "c": {"d": 9}}, "n": 5, "l": [1]}))),
            ("l", Some(json!({"a": {"b": 1}, "n": 5, "l": 9}))),
            ("n.x", None),
            ("l.0", None),
            ("a.b.c", None),
            ("", None),
            ("a..b", None),
            ("a.", None),
            ("_runtime", None),
            ("_limits.max_tokens", None),
            ("_temp.x", None),
        ] {
            let mut changed = vars.as_object().cloned().unwrap();
            let written = write(&mut changed, path, json!(9));
            assert_eq!(written.is_ok().then(|| Value::Object(changed)), expected, "{path}");
        }
    }
}
