//! Artifacts as a history shows them: what is known of each, cut to a bounded size.

use model::{ArtifactMeta, Map, Value};
use serde_json::json;

const CHARS_MAX: usize = 2000;
const ITEMS_MAX: usize = 40;
const KEYS_MAX: usize = 80;
const DEPTH_MAX: usize = 5;
/// Stands where something was cut.
const CUT: &str = "#TRUNCATION";

/// An artifact without its bytes.
pub(super) fn artifact(meta: &ArtifactMeta) -> Map {
    let rest = |key: &str| meta.rest.get(key).map_or_else(|| json!({}), |value| cut(value, DEPTH_MAX));
    Map::from_iter([
        ("artifact_id".to_owned(), json!(meta.artifact_id)),
        ("blob_id".to_owned(), json!(meta.blob_id)),
        ("run_id".to_owned(), json!(meta.run_id)),
        ("content_type".to_owned(), json!(meta.content_type)),
        ("size_bytes".to_owned(), json!(meta.size_bytes)),
        ("created_at".to_owned(), json!(meta.created_at)),
        ("tags".to_owned(), cut(&json!(meta.tags), DEPTH_MAX)),
        ("descriptor".to_owned(), rest("descriptor")),
        ("metadata".to_owned(), rest("metadata")),
        ("access".to_owned(), rest("access")),
    ])
}

fn cut(value: &Value, depth: usize) -> Value {
    match value {
        Value::String(text) => match text.char_indices().nth(CHARS_MAX) {
            Some((end, _)) => format!("{}{CUT}", &text[..end]).into(),
            None => value.clone(),
        },
        Value::Array(_) | Value::Object(_) if depth == 0 => CUT.into(),
        Value::Array(items) => {
            let mut kept: Vec<Value> = items.iter().take(ITEMS_MAX).map(|item| cut(item, depth - 1)).collect();
            if items.len() > ITEMS_MAX {
                kept.push(json!({"truncated_items": items.len() - ITEMS_MAX}));
            }
            kept.into()
        }
        Value::Object(map) => {
            let mut kept: Map = map.iter().take(KEYS_MAX).map(|(k, v)| (k.clone(), cut(v, depth - 1))).collect();
            if map.len() > KEYS_MAX {
                kept.insert("truncated_keys".into(), (map.len() - KEYS_MAX).into());
            }
            kept.into()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_every_bound() {
        let text = |n: usize| Value::from("é".repeat(n));
        assert_eq!(cut(&text(2000), 5), text(2000));
        assert_eq!(cut(&text(2001), 5).as_str().unwrap().chars().count(), 2000 + CUT.len());
        let list = |n: usize| Value::from(vec![1; n]);
        assert_eq!(cut(&list(40), 5), list(40));
        assert_eq!(cut(&list(43), 5)[40], json!({"truncated_items": 3}));
        let map = |n: usize| (0..n).map(|i| (i.to_string(), json!(i))).collect::<Map>();
        assert_eq!(cut(&map(80).into(), 5), Value::from(map(80)));
        let many = cut(&map(82).into(), 5);
        assert_eq!((many.as_object().unwrap().len(), &many["truncated_keys"]), (81, &json!(2)));
        assert_eq!(cut(&json!([[[[[1]]]]]), 5), json!([[[[[1]]]]]));
        assert_eq!(cut(&json!([[[[[[]]]]]]), 5), json!([[[[[CUT]]]]]));
    }
}
