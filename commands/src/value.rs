//! Values as they are typed on a command line: `key=value` with JSON or text, JSON objects, files.
//!
//! May not know: what the values are for. Invariant: what is valid JSON is JSON, everything else is text.

use std::io::Read;
use std::path::Path;

use model::{Map, Value};

use crate::failure::Failure;

/// `key=value`: the value as JSON when it is JSON, else as text.
pub(crate) fn pair(text: &str) -> Result<(String, Value), String> {
    let Some((key, value)) = text.split_once('=') else { return Err("expected KEY=VALUE".into()) };
    if key.trim().is_empty() {
        return Err("the key is empty".into());
    }
    Ok((key.trim().to_owned(), json_or_text(value)))
}

/// JSON when it is JSON, else text.
pub(crate) fn json_or_text(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// A JSON object.
pub(crate) fn object(text: &str) -> Result<Map, String> {
    match model::json::parse(text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err("expected a JSON object, such as {\"key\": 1}".into()),
        Err(e) => Err(format!("expected a JSON object: {e}")),
    }
}

/// The JSON object in a file; `-` is stdin.
pub(crate) fn object_file(path: &Path) -> Result<Map, Failure> {
    let unreadable = |e: std::io::Error| Failure::new(format!("{} could not be read", path.display())).why(e);
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(unreadable)?;
        text
    } else {
        std::fs::read_to_string(path).map_err(unreadable)?
    };
    object(&text).map_err(|why| Failure::new(format!("{} cannot be used as input", path.display())).why(why))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pairs_hold_json_or_text() {
        for (text, key, value) in [
            ("a=1", "a", json!(1)),
            ("a=\"1\"", "a", json!("1")),
            ("a=true", "a", json!(true)),
            ("a=hello world", "a", json!("hello world")),
            ("a=b=c", "a", json!("b=c")),
            ("a=", "a", json!("")),
            ("a={\"b\":[1]}", "a", json!({"b": [1]})),
            ("a={broken", "a", json!("{broken")),
            (" a =1", "a", json!(1)),
        ] {
            assert_eq!(pair(text), Ok((key.to_owned(), value)), "{text}");
        }
        for text in ["a", "=1", " =1", ""] {
            assert!(pair(text).is_err(), "{text}");
        }
    }

    #[test]
    fn objects_are_objects() {
        assert_eq!(object("{\"a\": 1}").map(Value::Object), Ok(json!({"a": 1})));
        for text in ["[]", "1", "{", ""] {
            assert!(object(text).is_err(), "{text}");
        }
    }

    #[test]
    fn files_hold_one_object() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "{\"a\": 1}").unwrap();
        assert_eq!(object_file(file.path()).map(Value::Object), Ok(json!({"a": 1})));
        std::fs::write(file.path(), "[1]").unwrap();
        assert!(object_file(file.path()).is_err());
        assert!(object_file(Path::new("/nonexistent/input.json")).is_err());
    }
}
