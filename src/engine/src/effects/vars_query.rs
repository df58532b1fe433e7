//! Looking into the run's own variables by path (contract 03, section 6.1). Other runs are out of reach.

use model::json::{Layout, write};
use model::{Map, Run, Value};
use serde_json::json;

use super::{Decided, boolean, envelope, text};

pub(super) fn decide(run: &Run, payload: &Map) -> Decided {
    let path = text(payload, &["path", "var_path"]).unwrap_or_else(|| "scratchpad".into());
    let target = text(payload, &["target_run_id"]);
    let found = match target {
        Some(other) if other != run.run_id.as_str() => Err(format!("Unknown target_run_id: {other}")),
        _ => look(&run.vars, &path).map(|value| {
            let keys_only = boolean(payload, &["keys_only"]).unwrap_or(false);
            Value::String(write(&describe(&path, value, keys_only), Layout::PRETTY.sorted()))
        }),
    };
    Decided::Done(envelope(payload, "inspect_vars", "vars", found))
}

fn describe(path: &str, value: &Value, keys_only: bool) -> Value {
    let kind = kind(value);
    match value {
        Value::Object(map) if keys_only => {
            let mut keys: Vec<_> = map.keys().collect();
            keys.sort();
            json!({"path": path, "type": kind, "keys": keys})
        }
        Value::Array(items) if keys_only => json!({"path": path, "type": kind, "length": items.len()}),
        other => json!({"path": path, "type": kind, "value": other}),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

fn parts(path: &str) -> Vec<String> {
    if let Some(pointer) = path.strip_prefix('/') {
        return pointer.split('/').map(|p| p.replace("~1", "/").replace("~0", "~")).collect();
    }
    path.split(['.', '[', ']']).filter(|p| !p.is_empty()).map(str::to_owned).collect()
}

fn look<'a>(vars: &'a Map, path: &str) -> Result<&'a Value, String> {
    let parts = parts(path);
    let (first, rest) = parts.split_first().ok_or("empty path")?;
    let mut value = vars.get(first).ok_or_else(|| format!("Missing key '{first}' at (root)"))?;
    let mut walked = first.clone();
    for part in rest {
        value = match value {
            Value::Object(map) => map.get(part).ok_or_else(|| format!("Missing key '{part}' at {walked}"))?,
            Value::Array(items) => {
                let index: usize = part.parse().map_err(|_| format!("Expected object at {walked} but found list"))?;
                items
                    .get(index)
                    .ok_or_else(|| format!("Index {index} out of range at {walked} (len={})", items.len()))?
            }
            other if part.parse::<usize>().is_ok() => {
                return Err(format!("Expected list at {walked} but found {}", kind(other)));
            }
            other => return Err(format!("Expected object at {walked} but found {}", kind(other))),
        };
        walked = format!("{walked}.{part}");
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_their_errors() {
        let vars = json!({"a": {"b": [1, {"c": "x"}]}, "n": 5});
        let Value::Object(vars) = vars else { unreachable!() };
        for (path, expected) in [
            ("a.b[1].c", Ok(json!("x"))),
            ("/a/b/0", Ok(json!(1))),
            ("a.zz", Err("Missing key 'zz' at a")),
            ("a.b.5", Err("Index 5 out of range at a.b (len=2)")),
            ("n.0", Err("Expected list at n but found int")),
        ] {
            assert_eq!(look(&vars, path).cloned(), expected.map_err(str::to_owned), "{path}");
        }
    }
}
