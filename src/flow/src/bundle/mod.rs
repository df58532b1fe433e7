//! The `.flow` format: a ZIP with `manifest.json` and flow documents (contract 04, section 2).
//!
//! Reads bytes, knows no files. The invariant: a hostile archive costs no more than the limits below, whatever its headers
//! claim.

mod manifest;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

pub use manifest::{Entrypoint, Manifest};
use model::json::{Layout, write};
use serde_json::Value;

/// What an archive may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes one member may unpack to.
    pub member_bytes: u64,
    /// Bytes all read members may unpack to.
    pub total_bytes: u64,
    /// Members an archive may have.
    pub members: usize,
    /// How many times its packed size a member may unpack to; small members may always.
    pub ratio: u64,
}

impl Limits {
    /// What every gateway allows.
    pub const DEFAULT: Self = Self { member_bytes: 32 << 20, total_bytes: 256 << 20, members: 4096, ratio: 500 };

    /// Members that unpack to no more than this are not asked for their ratio: repetitive JSON packs well.
    const RATIO_FREE_BYTES: u64 = 1 << 20;
}

/// Why a bundle cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct BundleError {
    /// `not_a_zip`, `bad_manifest`, `missing_member`, `too_large`, `hostile` or `bad_flow`.
    pub code: &'static str,
    /// What a client reads.
    pub text: String,
}

fn fail<T>(code: &'static str, text: impl Into<String>) -> Result<T, BundleError> {
    Err(BundleError { code, text: text.into() })
}

/// A flow as it was authored, kept as text: as a value it would take ten times the memory, and it is seldom looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authored(Box<str>);

impl Authored {
    /// Keeps a flow.
    #[must_use]
    pub fn of(flow: &Value) -> Self {
        Self(flow.to_string().into())
    }

    /// The flow as compact JSON.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The flow.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

/// A bundle.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Its flows as they were authored, by flow id.
    pub flows: BTreeMap<String, Authored>,
}

/// A bundle just read, with its flows as values: whoever loads it needs them once.
#[derive(Debug)]
pub struct Opened {
    /// The bundle.
    pub bundle: Bundle,
    /// Its flows, by flow id.
    pub flows: BTreeMap<String, Value>,
}

impl Opened {
    /// A bundle of these flows.
    #[must_use]
    pub fn new(manifest: Manifest, flows: BTreeMap<String, Value>) -> Self {
        let authored = flows.iter().map(|(id, flow)| (id.clone(), Authored::of(flow))).collect();
        Self { bundle: Bundle { manifest, flows: authored }, flows }
    }
}

type Archive<'a> = zip::ZipArchive<Cursor<&'a [u8]>>;

impl Bundle {
    /// Reads an archive.
    ///
    /// # Errors
    /// What is wrong with it, in the contract's words.
    pub fn read(bytes: &[u8]) -> Result<Self, BundleError> {
        Self::read_within(bytes, &Limits::DEFAULT)
    }

    /// Reads an archive that may cost so much.
    ///
    /// # Errors
    /// What is wrong with it, in the contract's words.
    pub fn read_within(bytes: &[u8], limits: &Limits) -> Result<Self, BundleError> {
        Ok(Self::open_within(bytes, limits)?.bundle)
    }

    /// Reads an archive and keeps its flows as values beside it.
    ///
    /// # Errors
    /// What is wrong with it, in the contract's words.
    pub fn open(bytes: &[u8]) -> Result<Opened, BundleError> {
        Self::open_within(bytes, &Limits::DEFAULT)
    }

    fn open_within(bytes: &[u8], limits: &Limits) -> Result<Opened, BundleError> {
        let Ok(mut archive) = Archive::new(Cursor::new(bytes)) else {
            return fail("not_a_zip", "File is not a zip file");
        };
        if archive.len() > limits.members {
            let text = format!("the bundle has {} members, more than {}", archive.len(), limits.members);
            return fail("too_large", text);
        }
        if archive.has_duplicate_names() {
            return fail("hostile", "the bundle names a member twice");
        }
        let mut left = limits.total_bytes;
        let manifest = member(&mut archive, "manifest.json", limits, &mut left)?;
        let Some(manifest) = manifest else { return fail("bad_manifest", "manifest.json not found in bundle") };
        let manifest = Manifest::read(&json(&manifest, "manifest.json")?)
            .map_err(|text| BundleError { code: "bad_manifest", text })?;
        let mut flows = BTreeMap::new();
        for (flow_id, path) in &manifest.flows {
            let Some(bytes) = member(&mut archive, path, limits, &mut left)? else {
                return fail("missing_member", format!("Bundle file not found: {path}"));
            };
            let flow = json(&bytes, path)?;
            if !flow.is_object() {
                let text = format!(
                    "VisualFlow JSON for '{}@{}:{flow_id}' must be an object",
                    manifest.bundle_id, manifest.bundle_version
                );
                return fail("bad_flow", text);
            }
            flows.insert(flow_id.clone(), flow);
        }
        if flows.is_empty() {
            let text = format!(
                "Bundle '{}@{}' has no flows (manifest.flows is empty)",
                manifest.bundle_id, manifest.bundle_version
            );
            return fail("bad_manifest", text);
        }
        Ok(Opened::new(manifest, flows))
    }

    /// Writes it as an archive.
    ///
    /// # Errors
    /// When a value is too large for the format.
    pub fn pack(&self) -> Result<Vec<u8>, BundleError> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        let mut add = |name: &str, text: String| {
            zip.start_file(name, options).map_err(|e| e.to_string())?;
            zip.write_all(text.as_bytes()).map_err(|e| e.to_string())
        };
        let packed = add("manifest.json", write(&self.manifest.to_json(), Layout::PRETTY)).and_then(|()| {
            self.flows.iter().try_for_each(|(id, flow)| {
                add(self.manifest.flows.get(id).map_or(id.as_str(), String::as_str), flow.0.to_string())
            })
        });
        packed.map_err(|text| BundleError { code: "too_large", text })?;
        let done = zip.finish().map_err(|e| BundleError { code: "too_large", text: e.to_string() })?;
        Ok(done.into_inner())
    }
}

/// A member's bytes, counted while unpacking: headers may lie.
fn member(
    archive: &mut Archive<'_>,
    name: &str,
    limits: &Limits,
    left: &mut u64,
) -> Result<Option<Vec<u8>>, BundleError> {
    let broken = |error: String| BundleError { code: "hostile", text: format!("'{name}' cannot be unpacked: {error}") };
    let file = match archive.by_name(name) {
        Ok(file) => file,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(broken(error.to_string())),
    };
    if file.encrypted() || file.is_symlink() {
        return fail("hostile", format!("'{name}' is encrypted or a link; bundles hold plain files"));
    }
    let by_ratio = file.compressed_size().saturating_mul(limits.ratio).max(Limits::RATIO_FREE_BYTES);
    let limit = limits.member_bytes.min(*left).min(by_ratio);
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|e| broken(e.to_string()))?;
    let size = bytes.len() as u64;
    if size > limit {
        return fail("too_large", format!("'{name}' unpacks to more than {limit} bytes"));
    }
    *left -= size;
    Ok(Some(bytes))
}

fn json(bytes: &[u8], name: &str) -> Result<Value, BundleError> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return fail("bad_flow", format!("'{name}' is not UTF-8 text"));
    };
    model::json::parse(text.trim_start_matches('\u{feff}'))
        .or_else(|e| fail("bad_flow", format!("'{name}' is not JSON: {e}")))
}

/// Checks the id of a bundle that is to be installed.
///
/// # Errors
/// The contract's text, with a suggestion.
pub fn check_id(id: &str) -> Result<(), String> {
    let safe = sanitise(id, false);
    if safe == id {
        return Ok(());
    }
    Err(format!("Bundle id '{id}' contains unsafe characters. Publish with a safe bundle_id (suggested: '{safe}')."))
}

/// Checks the version of a bundle that is to be installed.
///
/// # Errors
/// The contract's text, with a suggestion.
pub fn check_version(version: &str) -> Result<(), String> {
    let safe = sanitise(version, true);
    if safe == version {
        return Ok(());
    }
    Err(format!(
        "Bundle version '{version}' contains unsafe characters. Publish with a safe bundle_version (suggested: '{safe}')."
    ))
}

/// Runs of characters outside `[A-Za-z0-9_-]` (and `.` in versions) become one `-`; none stands at an end.
#[must_use]
pub fn sanitise(text: &str, dots: bool) -> String {
    let mut out = String::new();
    for c in text.trim().chars() {
        let fits = c.is_ascii_alphanumeric() || c == '_' || (dots && c == '.');
        match (fits, out.ends_with('-')) {
            (true, _) => out.push(c),
            (false, false) => out.push('-'),
            (false, true) => {}
        }
    }
    out.trim_matches('-').to_owned()
}
