//! The route families only admins may enter (contract 01, 1.8). They stand beside the rows, not in them, because they
//! hold for paths no row names: a user who probes `/api/gateway/admin/anything` learns nothing about what is there.

use model::{Code, Error};

/// How a family's paths are recognised, below `/api/gateway`.
enum Match {
    /// The path itself and everything under it.
    Under(&'static str),
    /// The path itself.
    Exactly(&'static str),
    /// `/runs/{run}/artifacts/{artifact}/export`.
    ArtifactExport,
}

struct Family {
    class: &'static str,
    paths: Match,
    writes_only: bool,
}

const fn all(class: &'static str, paths: Match) -> Family {
    Family { class, paths, writes_only: false }
}

const fn writes(class: &'static str, paths: Match) -> Family {
    Family { class, paths, writes_only: true }
}

const FAMILIES: &[Family] = &[
    all("admin", Match::Under("/admin")),
    all("audit", Match::Under("/audit")),
    all("processes", Match::Under("/processes")),
    all("backlog", Match::Under("/backlog")),
    all("triage", Match::Under("/triage")),
    all("reports", Match::Under("/reports")),
    all("email", Match::Under("/email")),
    all("host", Match::Under("/host")),
    all("models", Match::Exactly("/models/loaded")),
    all("models", Match::Exactly("/models/load")),
    all("models", Match::Exactly("/models/unload")),
    all("workspace", Match::Under("/files")),
    all("workspace", Match::Exactly("/artifacts/import")),
    all("workspace", Match::Exactly("/attachments/ingest")),
    all("workspace", Match::ArtifactExport),
    writes("blocs", Match::Under("/blocs")),
    writes("prompt_cache", Match::Under("/prompt_cache")),
];

impl Match {
    fn holds(&self, path: &str) -> bool {
        match self {
            Self::Exactly(whole) => path == *whole,
            Self::Under(prefix) => {
                path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            Self::ArtifactExport => {
                let parts: Vec<&str> = path.split('/').collect();
                matches!(parts[..], ["", "runs", run, "artifacts", artifact, "export"]
                    if !run.is_empty() && !artifact.is_empty())
            }
        }
    }
}

/// The resource class of the family a decoded path belongs to.
pub(crate) fn class(path: &str, write: bool) -> Option<&'static str> {
    let path = path.strip_prefix(model::api::PREFIX)?;
    let path = path.strip_suffix('/').unwrap_or(path);
    FAMILIES.iter().find(|family| (write || !family.writes_only) && family.paths.holds(path)).map(|family| family.class)
}

/// What somebody without the role is told.
pub(crate) fn refusal(class: &str, write: bool) -> Error {
    Error::new(Code::AdminRequired, "Admin principal required")
        .with("reason_code", "admin_required")
        .with("required_role", "admin")
        .with("resource_class", class)
        .with("action", if write { "write" } else { "read" })
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn families_cover_their_paths_and_no_more() {
        for (path, write, expected) in [
            ("/api/gateway/admin", false, Some("admin")),
            ("/api/gateway/admin/", false, Some("admin")),
            ("/api/gateway/admin/nothing/here", true, Some("admin")),
            ("/api/gateway/administrator", false, None),
            ("/api/gateway//admin", false, None),
            ("/api/gateway/audit/tail", false, Some("audit")),
            ("/api/gateway/models/load", true, Some("models")),
            ("/api/gateway/models/load/x", true, None),
            ("/api/gateway/files/skim", false, Some("workspace")),
            ("/api/gateway/artifacts/import", true, Some("workspace")),
            ("/api/gateway/runs/r1/artifacts/a1/export", true, Some("workspace")),
            ("/api/gateway/runs/r1/artifacts/a1/export/", true, Some("workspace")),
            ("/api/gateway/runs//artifacts/a1/export", true, None),
            ("/api/gateway/runs/r1/artifacts/a1/content", false, None),
            ("/api/gateway/blocs", false, None),
            ("/api/gateway/blocs/b", true, Some("blocs")),
            ("/api/gateway/prompt_cache/x", true, Some("prompt_cache")),
            ("/api/gateway/prompt_cache/x", false, None),
            ("/api/gateway/runs", false, None),
            ("/api/triage/action/x", true, None),
        ] {
            assert_eq!(class(path, write), expected, "{path} write={write}");
        }
    }
}
