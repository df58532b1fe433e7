//! Artifacts a run's input refers to: they exist, and the run may see them (contract 02, 4.1, step 11; 06, 3.4).

use std::sync::Arc;

use model::{ArtifactMeta, Code, Error, Map, Value};
use store::artifacts::Artifacts;

/// One reference.
#[derive(Debug, PartialEq)]
struct Reference {
    path: String,
    id: String,
    run_id: Option<String>,
}

/// Refuses input that refers to artifacts the run may not see. Input without references costs no disk access.
///
/// # Errors
/// The first reference that does not hold.
pub(in crate::runs) async fn check(
    artifacts: &Arc<Artifacts>,
    vars: &Map,
    session_id: Option<&str>,
) -> Result<(), Error> {
    let mut found = Vec::new();
    members(vars, "$", &mut found);
    if found.is_empty() {
        return Ok(());
    }
    let (artifacts, session) = (artifacts.clone(), session_id.map(str::to_owned));
    let checked = tokio::task::spawn_blocking(move || {
        for reference in &found {
            if !model::artifact::is_valid_id(&reference.id) {
                return Err(Error::new(Code::BadRequest, format!("Invalid artifact id: '{}'", reference.id)));
            }
            let meta = artifacts.meta(&reference.id).map_err(engine::store_error)?;
            let unknown = || Error::new(Code::ArtifactNotFound, format!("Artifact '{}' not found", reference.id));
            visible(reference, &meta.ok_or_else(unknown)?, session.as_deref())?;
        }
        Ok(())
    });
    checked.await.map_err(|e| Error::internal(e.to_string()))?
}

fn visible(reference: &Reference, meta: &ArtifactMeta, session_id: Option<&str>) -> Result<(), Error> {
    let path = &reference.path;
    let named = reference.run_id.is_some();
    if named && reference.run_id != meta.run_id {
        return Err(Error::new(Code::BadRequest, format!("Artifact ref at {path} has mismatched run_id")));
    }
    let Some(session) = session_id else {
        let text = format!("Artifact ref at {path} requires run_id or a run session_id");
        return if named { Ok(()) } else { Err(Error::new(Code::BadRequest, text)) };
    };
    let owned = meta.run_id.as_deref() == Some(&*model::id::session_owner_run_id(session));
    let tagged = meta.tags.get("session_id").is_some_and(|s| s == session);
    if owned || tagged || named {
        return Ok(());
    }
    Err(Error::new(Code::ArtifactNotFound, format!("Artifact ref at {path} is not visible to session")))
}

fn references(value: &Value, path: &str, found: &mut Vec<Reference>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| references(item, &format!("{path}[{i}]"), found));
        }
        Value::Object(map) => members(map, path, found),
        _ => {}
    }
}

fn members(map: &Map, path: &str, found: &mut Vec<Reference>) {
    let text = |keys: [&str; 2]| {
        let texts = keys.into_iter().filter_map(|key| map.get(key)?.as_str()).map(str::trim);
        texts.filter(|t| !t.is_empty()).map(str::to_owned).next()
    };
    if let Some(id) = text(["$artifact", "artifact_id"]) {
        found.push(Reference { path: path.to_owned(), id, run_id: text(["run_id", "artifact_run_id"]) });
    }
    map.iter().for_each(|(key, member)| references(member, &format!("{path}.{key}"), found));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use store::artifacts::NewArtifact;

    use super::*;

    #[tokio::test]
    async fn only_visible_artifacts_may_be_named() {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Arc::new(Artifacts::open(folder.path()).unwrap());
        let put = |run: &str, session: Option<&str>| {
            let tags = session.map(|s| ("session_id".to_owned(), s.to_owned())).into_iter().collect::<BTreeMap<_, _>>();
            let now = model::Timestamp::EPOCH;
            let new = NewArtifact { run_id: Some(run), content: b"x", content_type: "text/plain", tags, now };
            artifacts.put(&new).unwrap().artifact_id
        };
        let (owned, tagged, other) = (put("session_memory_s", None), put("r1", Some("s")), put("r2", None));
        for (input, session, expected) in [
            (json!({"a": 1}), None, Ok(())),
            (json!({"a": [{"$artifact": owned}]}), Some("s"), Ok(())),
            (json!({"a": {"artifact_id": tagged}}), Some("s"), Ok(())),
            (json!({"a": {"$artifact": other, "run_id": "r2"}}), Some("s"), Ok(())),
            (json!({"a": {"$artifact": other, "artifact_run_id": "r2"}}), None, Ok(())),
            (
                json!({"a": {"$artifact": other}}),
                Some("s"),
                Err((Code::ArtifactNotFound, "Artifact ref at $.a is not visible to session")),
            ),
            (
                json!({"a": [{"$artifact": other}]}),
                None,
                Err((Code::BadRequest, "Artifact ref at $.a[0] requires run_id or a run session_id")),
            ),
            (
                json!({"a": {"$artifact": other, "run_id": "r1"}}),
                Some("s"),
                Err((Code::BadRequest, "Artifact ref at $.a has mismatched run_id")),
            ),
            (json!({"$artifact": "none"}), Some("s"), Err((Code::ArtifactNotFound, "Artifact 'none' not found"))),
            (json!({"$artifact": "../x"}), Some("s"), Err((Code::BadRequest, "Invalid artifact id: '../x'"))),
        ] {
            let got = check(&artifacts, input.as_object().unwrap(), session).await;
            let expected = expected.map_err(|(code, text)| (code, text.to_owned()));
            assert_eq!(got.map_err(|e| (e.code, e.detail)), expected, "{input} {session:?}");
        }
    }
}
