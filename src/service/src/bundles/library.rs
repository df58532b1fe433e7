//! The loaded bundles of one data plane: those of its folder, and the shipped one beside them. Reloading builds the whole
//! set beside the old one and swaps it in, so a run sees either; what fails to load stays out with its reason.
//!
//! May not know: who asks, what a bundle is started for. The one invariant: only the folder is ever written; a bundle in it
//! stands before the shipped one of the same id and version.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flow::bundle::{Bundle, Manifest, Opened};
use flow::shipped;
use model::{Code, Error, Value};
use parking_lot::RwLock;
use serde_json::json;

use super::startable::{self, Programs, Source, Startable};
use crate::world::Workflows;

/// A bundle file may have so many bytes on disk, whatever the upload limit is.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Where a bundle came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The plane's folder.
    Folder,
    /// The gateway itself: it cannot be changed or removed.
    Shipped,
}

/// A bundle that is there.
pub(crate) struct Loaded {
    /// Where it came from.
    pub(crate) origin: Origin,
    /// What it contains.
    pub(crate) bundle: Bundle,
    /// Flows that do not compile: flow, code, text.
    pub(crate) broken: HashMap<String, (String, String)>,
    /// Flows that do, and what starting them needs.
    pub(crate) startable: HashMap<String, Startable>,
}

impl Loaded {
    /// `bundle_id@version`.
    pub(crate) fn bundle_ref(&self) -> String {
        format!("{}@{}", self.bundle.manifest.bundle_id, self.bundle.manifest.bundle_version)
    }
}

/// What there was when the folder was read.
#[derive(Default)]
pub(crate) struct Set {
    /// Bundles, in the order of their file names; the shipped one is last.
    pub(crate) bundles: Vec<Loaded>,
    /// What could not be loaded: file or flow, code, error.
    pub(crate) errors: Vec<Value>,
    /// Whether any flow calls a model.
    pub(crate) calls_models: bool,
    /// The first provider and model a flow names: the default of a gateway that has none.
    pub(crate) pinned_model: Option<(String, String)>,
}

impl Set {
    /// What the bundles say of themselves.
    pub(crate) fn manifests(&self) -> Vec<&Manifest> {
        self.bundles.iter().map(|b| &b.bundle.manifest).collect()
    }

    /// Whether a flow of any bundle names a workflow.
    pub(crate) fn names(&self, workflow_id: &str) -> bool {
        let mut flows = self.bundles.iter().flat_map(|loaded| loaded.bundle.flows.values());
        flows.any(|flow| flow.text().contains(workflow_id))
    }

    /// The bundle behind a manifest of this set.
    pub(crate) fn get(&self, bundle_id: &str, version: &str) -> Option<&Loaded> {
        self.bundles.iter().find(|b| {
            let manifest = &b.bundle.manifest;
            manifest.bundle_id == bundle_id && manifest.bundle_version == version
        })
    }

    /// The bundle a request without one means: the only one of the folder, or the shipped one where the folder is empty.
    pub(crate) fn default_bundle_id(&self) -> Option<&str> {
        let only = |origin: Option<Origin>| {
            let mut ids = self.bundles.iter().filter(|b| origin.is_none_or(|o| b.origin == o));
            let first = ids.next()?.bundle.manifest.bundle_id.as_str();
            Some((first, ids.all(|b| b.bundle.manifest.bundle_id == first)))
        };
        let (id, alone) = only(Some(Origin::Folder)).or_else(|| only(None))?;
        alone.then_some(id)
    }
}

/// The bundles of one data plane.
pub(crate) struct Library {
    folder: PathBuf,
    set: RwLock<Arc<Set>>,
}

impl Library {
    /// A library over a folder; nothing is loaded yet.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, set: RwLock::default() }
    }

    /// What is loaded.
    pub(crate) fn set(&self) -> Arc<Set> {
        self.set.read().clone()
    }

    /// Reads the folder again and puts its workflows in place. Blocking.
    ///
    /// # Errors
    /// When the folder itself cannot be read.
    pub(crate) fn reload(&self, workflows: &Workflows) -> Result<Arc<Set>, Error> {
        let (mut set, mut programs) = (Set::default(), HashMap::new());
        for file in self.files()? {
            match read(&file) {
                Ok(opened) => add(&mut set, &mut programs, &name(&file), Origin::Folder, opened),
                Err((code, text)) => set.errors.push(json!({"file": name(&file), "code": code, "error": text})),
            }
        }
        add_shipped(&mut set, &mut programs);
        for error in &set.errors {
            tracing::warn!(error = %error, "a bundle, or a flow of it, could not be loaded");
        }
        workflows.replace(programs);
        let set = Arc::new(set);
        *self.set.write() = set.clone();
        crate::spare::give_back();
        Ok(set)
    }

    /// The bundle files of the folder, in order. Blocking.
    fn files(&self) -> Result<Vec<PathBuf>, Error> {
        let unusable = |e: std::io::Error| {
            Error::new(
                Code::StorageUnavailable,
                format!("the bundle folder '{}' cannot be read: {e}", self.folder.display()),
            )
        };
        store::atomic::create_folder(&self.folder).map_err(unusable)?;
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(unusable)? {
            let path = entry.map_err(unusable)?.path();
            let hidden = path.file_name().and_then(|n| n.to_str()).is_none_or(|n| n.starts_with('.'));
            if path.extension().is_some_and(|e| e == "flow") && !hidden {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// Stores a checked bundle under its own name. Blocking.
    ///
    /// # Errors
    /// When it is there already and must not be replaced, or cannot be written.
    pub(crate) fn install(&self, bundle: &Bundle, bytes: &[u8], overwrite: bool) -> Result<(), Error> {
        let manifest = &bundle.manifest;
        let file = format!("{}@{}.flow", manifest.bundle_id, manifest.bundle_version);
        let path = self.folder.join(&file);
        let is_shipped = is_shipped(&manifest.bundle_id, Some(&manifest.bundle_version)) && !path.exists();
        if (path.exists() || is_shipped) && !overwrite {
            return Err(Error::new(Code::BadRequest, format!("Bundle already installed: {file}")));
        }
        if is_shipped {
            return Err(read_only(&manifest.bundle_id, "replaced: publish yours under another version"));
        }
        let unusable =
            |e: std::io::Error| Error::new(Code::StorageUnavailable, format!("'{file}' cannot be stored: {e}"));
        store::atomic::create_folder(&self.folder).map_err(unusable)?;
        store::atomic::write_file(&path, bytes, 0o644).map_err(unusable)
    }

    /// Removes every file of a bundle, or of one version of it, and counts them. Goes by what lies in the folder, so what
    /// could not be loaded can be removed. Blocking.
    ///
    /// # Errors
    /// When there is no such file, or only the shipped bundle is meant, or a file cannot be removed.
    pub(crate) fn remove(&self, bundle_id: &str, version: Option<&str>) -> Result<usize, Error> {
        let mut removed = 0;
        for file in self.files()? {
            if !is_of(&file, bundle_id, version) {
                continue;
            }
            std::fs::remove_file(&file).map_err(|e| {
                Error::new(Code::StorageUnavailable, format!("'{}' cannot be removed: {e}", name(&file)))
            })?;
            removed += 1;
        }
        if removed > 0 {
            store::atomic::sync_folder(&self.folder).map_err(|e| {
                Error::new(Code::StorageUnavailable, format!("the removal cannot be made durable: {e}"))
            })?;
            return Ok(removed);
        }
        if is_shipped(bundle_id, version) {
            return Err(read_only(bundle_id, "removed: deprecate it to hide it"));
        }
        let bundle_ref = version.map_or_else(|| bundle_id.to_owned(), |v| format!("{bundle_id}@{v}"));
        Err(Error::new(Code::WorkflowNotFound, format!("Bundle '{bundle_ref}' not found")))
    }
}

fn is_shipped(bundle_id: &str, version: Option<&str>) -> bool {
    bundle_id == shipped::BASIC_AGENT && version.is_none_or(|v| v == shipped::BASIC_AGENT_VERSION)
}

fn read_only(bundle_id: &str, what: &str) -> Error {
    let bundle_ref = format!("{bundle_id}@{}", shipped::BASIC_AGENT_VERSION);
    Error::new(Code::Conflict, format!("Bundle '{bundle_ref}' comes with the gateway and cannot be {what}"))
}

/// Whether a file holds a bundle; one that cannot be read is known by its name.
fn is_of(file: &Path, bundle_id: &str, version: Option<&str>) -> bool {
    let stem = || file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let (id, of) = match read(file) {
        Ok(Opened { bundle, .. }) => (bundle.manifest.bundle_id, Some(bundle.manifest.bundle_version)),
        Err(_) => match stem().split_once('@') {
            Some((id, of)) => (id.to_owned(), Some(of.to_owned())),
            None => (stem(), None),
        },
    };
    id == bundle_id && version.is_none_or(|version| of.as_deref() == Some(version))
}

fn name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

fn read(path: &Path) -> Result<Opened, (String, String)> {
    let unreadable = |e: std::io::Error| ("unreadable".to_owned(), e.to_string());
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_FILE_BYTES {
        return Err(("too_large".into(), format!("the file has {size} bytes, more than {MAX_FILE_BYTES}")));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    Bundle::open(&bytes).map_err(|e| (e.code.to_owned(), e.text))
}

/// Takes the shipped bundle in, unless the folder has its own of that id and version.
fn add_shipped(set: &mut Set, programs: &mut Programs) {
    if set.get(shipped::BASIC_AGENT, shipped::BASIC_AGENT_VERSION).is_some() {
        return;
    }
    match shipped::basic_agent() {
        Ok(opened) => add(set, programs, "(shipped)", Origin::Shipped, opened),
        Err(e) => set.errors.push(json!({"file": "(shipped)", "code": e.code, "error": e.text})),
    }
}

/// Takes a bundle in: the first file of an id and version wins.
fn add(set: &mut Set, programs: &mut Programs, file: &str, origin: Origin, opened: Opened) {
    let Opened { bundle, flows: raws } = opened;
    let mut loaded = Loaded { origin, bundle, broken: HashMap::new(), startable: HashMap::new() };
    let bundle_ref = loaded.bundle_ref();
    if set.bundles.iter().any(|b| b.bundle_ref() == bundle_ref) {
        let text = format!("{bundle_ref} is there already, from another file");
        set.errors.push(json!({"file": file, "code": "duplicate", "error": text}));
        return;
    }
    let flows: BTreeSet<String> = loaded.bundle.flows.keys().cloned().collect();
    for (flow_id, raw) in raws {
        set.calls_models |= flow::input_schema::calls_models(&raw);
        set.pinned_model = set.pinned_model.take().or_else(|| flow::input_schema::default_model(&raw));
        let source = Source { raw, bundle_ref: &bundle_ref, flow_id: &flow_id, flows: &flows };
        match startable::register(source, programs) {
            Ok(startable) => {
                loaded.startable.insert(flow_id.clone(), startable);
            }
            Err((code, text)) => {
                let text = format!("Failed compiling VisualFlow '{bundle_ref}:{flow_id}': {text}");
                set.errors.push(json!({"file": file, "flow_id": flow_id, "code": code, "error": text}));
                loaded.broken.insert(flow_id.clone(), (code, text));
            }
        }
    }
    set.bundles.push(loaded);
}
