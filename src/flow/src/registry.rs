//! Which version, which flow: the pure rules over loaded bundles (contract 04, sections 3.2 and 3.3).

use crate::bundle::Manifest;

/// What a start means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A flow of a bundle.
    Flow {
        /// The bundle.
        bundle_id: String,
        /// Its version.
        bundle_version: String,
        /// The flow.
        flow_id: String,
        /// `bundle@version:flow`.
        workflow_id: String,
    },
    /// A workflow by its literal id.
    Dynamic(String),
}

/// Whether something is missing or contradictory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartErrorKind {
    /// There is no such bundle, version or flow.
    NotFound,
    /// The request contradicts itself or leaves a choice.
    BadRequest,
}

/// Why a start means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError {
    /// Which kind.
    pub kind: StartErrorKind,
    /// What a client reads.
    pub text: String,
}

/// `id@version` in its parts; `id@` is `id`.
#[must_use]
pub fn split_ref(text: &str) -> (&str, Option<&str>) {
    let (id, version) = text.split_once('@').map_or((text, None), |(id, v)| (id, Some(v)));
    (id.trim(), version.map(str::trim).filter(|v| !v.is_empty()))
}

/// Whether a version is of the draft channel.
#[must_use]
pub fn is_draft(version: &str) -> bool {
    version.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("draft."))
}

/// The latest of `(version, created_at)`: drafts only when there is nothing else; by number when all are dotted digits,
/// else by age.
#[must_use]
pub fn latest<'a>(versions: &[(&'a str, &str)]) -> Option<&'a str> {
    let published: Vec<_> = versions.iter().filter(|(v, _)| !is_draft(v)).collect();
    let candidates = if published.is_empty() { versions.iter().collect() } else { published };
    let numbers: Vec<Option<[u64; 3]>> = candidates.iter().map(|(v, _)| semver(v)).collect();
    if numbers.iter().all(Option::is_some) {
        return candidates.iter().zip(numbers).max_by_key(|(_, n)| *n).map(|((v, _), _)| *v);
    }
    candidates.iter().max_by_key(|(v, created)| (*created, *v)).map(|(v, _)| *v)
}

fn semver(version: &str) -> Option<[u64; 3]> {
    let mut parts = [0; 3];
    for (i, part) in version.split('.').enumerate() {
        let number = part.parse().ok().filter(|_| part.chars().all(|c| c.is_ascii_digit()))?;
        if let Some(slot) = parts.get_mut(i) {
            *slot = number;
        }
    }
    Some(parts)
}

fn not_found<T>(text: String) -> Result<T, StartError> {
    Err(StartError { kind: StartErrorKind::NotFound, text })
}

fn bad<T>(text: impl Into<String>) -> Result<T, StartError> {
    Err(StartError { kind: StartErrorKind::BadRequest, text: text.into() })
}

/// What a start request means.
///
/// # Errors
/// The contract's text for what is missing or contradictory.
pub fn resolve_start(
    bundles: &[&Manifest],
    bundle_id: Option<&str>,
    bundle_version: Option<&str>,
    flow_id: Option<&str>,
) -> Result<Target, StartError> {
    let (mut bundle, mut version) = match bundle_id.map(split_ref) {
        Some((id, version)) => (Some(id), version),
        None => (None, None),
    };
    if let Some(asked) = bundle_version {
        if version.is_some_and(|v| v != asked) {
            return bad("bundle_version conflicts with bundle_id (bundle_id already includes '@version')");
        }
        version = Some(asked);
    }
    let mut flow = flow_id;
    if let Some((prefix, rest)) = flow_id.and_then(|f| f.split_once(':')) {
        let (id, of) = split_ref(prefix);
        if !bundles.iter().any(|m| m.bundle_id == id) {
            let text = format!(
                "flow_id '{prefix}:{rest}' is already namespaced, but bundle_id/bundle_version was also provided"
            );
            let literal = Target::Dynamic(format!("{prefix}:{rest}"));
            return if bundle.is_some() || version.is_some() { bad(text) } else { Ok(literal) };
        }
        if bundle.is_some_and(|b| b != id) {
            return bad("flow_id bundle prefix does not match bundle_id");
        }
        if of.is_some() && version.is_some() && of != version {
            return bad("flow_id version does not match bundle_version");
        }
        (bundle, version, flow) = (Some(id), of.or(version), Some(rest));
    }
    let mut ids: Vec<&str> = bundles.iter().map(|m| m.bundle_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let bundle = match (bundle, ids.as_slice(), flow) {
        (Some(bundle), _, _) => bundle,
        (None, [only], _) => only,
        (None, _, Some(_)) => {
            return bad("bundle_id is required when multiple bundles are loaded (or pass flow_id as 'bundle:flow')");
        }
        (None, _, None) => {
            return bad(
                "flow_id is required when multiple bundles are loaded; provide bundle_id (or pass flow_id as 'bundle:flow')",
            );
        }
    };
    pick(bundles, bundle, version, flow)
}

/// The version of a bundle that is meant: the named one, else the latest.
///
/// # Errors
/// When it is not there.
pub fn pick_version<'a>(
    bundles: &[&'a Manifest],
    bundle: &str,
    version: Option<&str>,
) -> Result<&'a Manifest, StartError> {
    let versions: Vec<&'a Manifest> = bundles.iter().copied().filter(|m| m.bundle_id == bundle).collect();
    let dated: Vec<(&str, &str)> =
        versions.iter().map(|m| (m.bundle_version.as_str(), m.created_at.as_str())).collect();
    let Some(newest) = latest(&dated) else { return not_found(format!("Bundle '{bundle}' not found")) };
    let wanted = version.unwrap_or(newest);
    let found = versions.into_iter().find(|m| m.bundle_version == wanted);
    found.map_or_else(|| not_found(format!("Bundle '{bundle}@{wanted}' not found")), Ok)
}

/// The bundle a request for one means (contract 04, 4.2). `bundle_id` may have `@version`.
///
/// # Errors
/// The contract's text for what is missing or contradictory.
pub fn resolve_bundle<'a>(
    bundles: &[&'a Manifest],
    bundle_id: &str,
    bundle_version: Option<&str>,
) -> Result<&'a Manifest, StartError> {
    let (id, of) = split_ref(bundle_id);
    if differ(of, bundle_version) {
        return bad("bundle_version conflicts with bundle_id (bundle_id already includes '@version')");
    }
    pick_version(bundles, id, of.or(bundle_version))
}

/// The flow of a bundle a request for one means (contract 04, 4.3). Both ids may name a version, `flow_id` its bundle.
///
/// # Errors
/// The contract's text for what is missing or contradictory.
pub fn resolve_flow<'a, 'f>(
    bundles: &[&'a Manifest],
    bundle_id: &str,
    bundle_version: Option<&str>,
    flow_id: &'f str,
) -> Result<(&'a Manifest, &'f str), StartError> {
    let (id, of) = split_ref(bundle_id);
    let (prefix_version, flow) = match flow_id.split_once(':') {
        None => (None, flow_id.trim()),
        Some((prefix, flow)) if !prefix.is_empty() && !flow.is_empty() => {
            let (prefix_id, prefix_version) = split_ref(prefix);
            if prefix_id != id {
                return bad("flow_id bundle prefix does not match bundle_id");
            }
            (prefix_version, flow.trim())
        }
        Some(_) => return bad("Invalid flow_id"),
    };
    if differ(prefix_version, bundle_version) {
        return bad("flow_id version does not match bundle_version");
    }
    if differ(prefix_version, of) {
        return bad("flow_id version does not match bundle_id");
    }
    if differ(of, bundle_version) {
        return bad("bundle_id version does not match bundle_version");
    }
    let manifest = pick_version(bundles, id, prefix_version.or(bundle_version).or(of))?;
    if !manifest.flows.contains_key(flow) {
        return not_found(format!("Flow '{flow}' not found in bundle '{id}@{}'", manifest.bundle_version));
    }
    Ok((manifest, flow))
}

fn differ(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

fn pick(bundles: &[&Manifest], bundle: &str, version: Option<&str>, flow: Option<&str>) -> Result<Target, StartError> {
    let manifest = pick_version(bundles, bundle, version)?;
    let wanted = &manifest.bundle_version;
    let flow = match (flow, manifest.entrypoints.as_slice(), &manifest.default_entrypoint) {
        (Some(flow), _, _) => flow.to_owned(),
        (None, [only], _) => only.flow_id.clone(),
        (None, _, Some(default)) => default.clone(),
        (None, many, None) => {
            return bad(format!(
                "Bundle '{bundle}@{wanted}' has {} entrypoints; specify flow_id to select which entrypoint to start (or set \
                 manifest.default_entrypoint)",
                many.len()
            ));
        }
    };
    let workflow_id = format!("{bundle}@{wanted}:{flow}");
    if !manifest.flows.contains_key(&flow) {
        return not_found(format!("Workflow '{workflow_id}' not found"));
    }
    Ok(Target::Flow { bundle_id: bundle.to_owned(), bundle_version: wanted.clone(), flow_id: flow, workflow_id })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::bundle::Entrypoint;

    fn manifest(id: &str, version: &str, flows: &[&str]) -> Manifest {
        let entry = |flow: &&str| Entrypoint {
            flow_id: (*flow).to_owned(),
            name: None,
            description: String::new(),
            interfaces: Vec::new(),
        };
        Manifest {
            bundle_id: id.into(),
            bundle_version: version.into(),
            created_at: String::new(),
            entrypoints: flows.iter().map(entry).collect(),
            default_entrypoint: None,
            flows: flows.iter().map(|f| ((*f).to_owned(), format!("flows/{f}.json"))).collect::<BTreeMap<_, _>>(),
            metadata: serde_json::Map::new(),
        }
    }

    #[test]
    fn the_latest_is_the_highest_published() {
        for (versions, expected) in [
            (vec![("0.9", ""), ("0.10", ""), ("draft.1", "")], "0.10"),
            (vec![("draft.1", "1"), ("draft.2", "0")], "draft.1"),
            (vec![("v1", "2026"), ("2.0", "2025")], "v1"),
        ] {
            assert_eq!(latest(&versions), Some(expected));
        }
        assert_eq!(latest(&[]), None);
    }

    #[test]
    fn starts_resolve_as_the_table_says() {
        let (a1, a2, b) = (manifest("a", "1", &["f"]), manifest("a", "2", &["f"]), manifest("b", "1", &["f", "g"]));
        let all = [&a1, &a2, &b];
        let check = |bundle: Option<&str>, version: Option<&str>, flow: Option<&str>, expected: &str| {
            let shown = match resolve_start(&all, bundle, version, flow) {
                Ok(Target::Flow { workflow_id, .. }) => workflow_id,
                Ok(Target::Dynamic(id)) => format!("={id}"),
                Err(e) => format!("{:?} {}", e.kind, e.text),
            };
            assert!(shown.starts_with(expected), "{shown} is not {expected}");
        };
        check(Some("a"), None, None, "a@2:f");
        check(Some("a@1"), None, None, "a@1:f");
        check(Some("a@1"), Some("2"), None, "BadRequest bundle_version conflicts");
        check(Some("b"), None, None, "BadRequest Bundle 'b@1' has 2 entrypoints");
        check(None, None, Some("b:g"), "b@1:g");
        check(Some("a"), None, Some("b:g"), "BadRequest flow_id bundle prefix");
        check(None, None, Some("scheduled:1"), "=scheduled:1");
        check(Some("a"), None, Some("scheduled:1"), "BadRequest flow_id 'scheduled:1' is already");
        check(None, None, Some("f"), "BadRequest bundle_id is required");
        check(Some("zz"), None, None, "NotFound Bundle 'zz' not found");
        check(Some("a"), Some("9"), None, "NotFound Bundle 'a@9' not found");
        check(Some("a"), None, Some("zz"), "NotFound Workflow 'a@2:zz' not found");
    }

    #[test]
    fn bundles_and_flows_resolve_as_the_table_says() {
        let (a1, a2) = (manifest("a", "1", &["f"]), manifest("a", "2", &["f", "g"]));
        let all = [&a1, &a2];
        let refused = |e: StartError| format!("{:?} {}", e.kind, e.text);
        for (bundle, version, expected) in [
            ("a", None, "a@2"),
            ("a@1", None, "a@1"),
            ("a@1", Some("1"), "a@1"),
            ("a", Some("1"), "a@1"),
            ("a@", None, "a@2"),
            (
                "a@1",
                Some("2"),
                "BadRequest bundle_version conflicts with bundle_id (bundle_id already includes '@version')",
            ),
            ("x", None, "NotFound Bundle 'x' not found"),
            ("a@9", None, "NotFound Bundle 'a@9' not found"),
        ] {
            let shown = resolve_bundle(&all, bundle, version)
                .map_or_else(refused, |m| format!("{}@{}", m.bundle_id, m.bundle_version));
            assert_eq!(shown, expected, "{bundle} {version:?}");
        }
        for (bundle, version, flow, expected) in [
            ("a", None, "g", "a@2:g"),
            ("a", None, "a@1:f", "a@1:f"),
            ("a@1", None, "a:f", "a@1:f"),
            ("a", Some("1"), "f", "a@1:f"),
            ("a", None, "b:f", "BadRequest flow_id bundle prefix does not match bundle_id"),
            ("a", Some("2"), "a@1:f", "BadRequest flow_id version does not match bundle_version"),
            ("a@2", None, "a@1:f", "BadRequest flow_id version does not match bundle_id"),
            ("a@2", Some("1"), "f", "BadRequest bundle_id version does not match bundle_version"),
            ("a", None, ":f", "BadRequest Invalid flow_id"),
            ("a@1", None, "g", "NotFound Flow 'g' not found in bundle 'a@1'"),
            ("x", None, "g", "NotFound Bundle 'x' not found"),
        ] {
            let shown = resolve_flow(&all, bundle, version, flow)
                .map_or_else(refused, |(m, flow)| format!("{}@{}:{flow}", m.bundle_id, m.bundle_version));
            assert_eq!(shown, expected, "{bundle} {version:?} {flow}");
        }
    }
}
