//! The loaded bundles of one data plane. Reloading builds the whole set beside the old one and swaps it in, so a run sees
//! either; what fails to load stays out with its reason.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flow::bundle::Bundle;
use flow::{Document, Program};
use model::workflow::Workflow;
use model::{Code, Error, Value};
use parking_lot::RwLock;
use serde_json::json;

use crate::world::Workflows;

/// A bundle file may have so many bytes on disk, whatever the upload limit is.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// A bundle that is there.
pub(crate) struct Loaded {
    /// What it contains.
    pub(crate) bundle: Bundle,
    /// Flows that do not compile: flow, code, text.
    pub(crate) broken: HashMap<String, (String, String)>,
}

impl Loaded {
    /// `bundle_id@version`.
    pub(crate) fn bundle_ref(&self) -> String {
        format!("{}@{}", self.bundle.manifest.bundle_id, self.bundle.manifest.bundle_version)
    }
}

/// What a folder held when it was read.
#[derive(Default)]
pub(crate) struct Set {
    /// Bundles, in the order of their file names.
    pub(crate) bundles: Vec<Loaded>,
    /// What could not be loaded: file or flow, code, error.
    pub(crate) errors: Vec<Value>,
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
        let unusable = |e: std::io::Error| {
            Error::new(
                Code::StorageUnavailable,
                format!("the bundle folder '{}' cannot be read: {e}", self.folder.display()),
            )
        };
        std::fs::create_dir_all(&self.folder).map_err(unusable)?;
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(unusable)? {
            let path = entry.map_err(unusable)?.path();
            let hidden = path.file_name().and_then(|n| n.to_str()).is_none_or(|n| n.starts_with('.'));
            if path.extension().is_some_and(|e| e == "flow") && !hidden {
                files.push(path);
            }
        }
        files.sort();
        let (mut set, mut programs) = (Set::default(), HashMap::new());
        for file in files {
            match read(&file) {
                Ok(bundle) => add(&mut set, &mut programs, &file, bundle),
                Err((code, text)) => set.errors.push(json!({"file": name(&file), "code": code, "error": text})),
            }
        }
        for error in &set.errors {
            tracing::warn!(error = %error, "a bundle, or a flow of it, could not be loaded");
        }
        workflows.replace(programs);
        let set = Arc::new(set);
        *self.set.write() = set.clone();
        Ok(set)
    }

    /// Stores a checked bundle under its own name; gives the file's name when it is there already. Blocking.
    pub(crate) fn install(&self, bundle: &Bundle, bytes: &[u8], overwrite: bool) -> Result<(), Error> {
        let file = format!("{}@{}.flow", bundle.manifest.bundle_id, bundle.manifest.bundle_version);
        let path = self.folder.join(&file);
        if path.exists() && !overwrite {
            return Err(Error::new(Code::BadRequest, format!("Bundle already installed: {file}")));
        }
        let unusable =
            |e: std::io::Error| Error::new(Code::StorageUnavailable, format!("'{file}' cannot be stored: {e}"));
        std::fs::create_dir_all(&self.folder).map_err(unusable)?;
        store::atomic::write_file(&path, bytes, 0o644).map_err(unusable)
    }
}

fn name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

fn read(path: &Path) -> Result<Bundle, (String, String)> {
    let unreadable = |e: std::io::Error| ("unreadable".to_owned(), e.to_string());
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_FILE_BYTES {
        return Err(("too_large".into(), format!("the file has {size} bytes, more than {MAX_FILE_BYTES}")));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    Bundle::read(&bytes).map_err(|e| (e.code.to_owned(), e.text))
}

/// Takes a bundle in: the first file of an id and version wins.
fn add(set: &mut Set, programs: &mut HashMap<String, Arc<dyn Workflow>>, file: &Path, bundle: Bundle) {
    let mut loaded = Loaded { bundle, broken: HashMap::new() };
    let bundle_ref = loaded.bundle_ref();
    if set.bundles.iter().any(|b| b.bundle_ref() == bundle_ref) {
        let text = format!("{bundle_ref} is there already, from another file");
        set.errors.push(json!({"file": name(file), "code": "duplicate", "error": text}));
        return;
    }
    let flows: BTreeSet<String> = loaded.bundle.flows.keys().cloned().collect();
    for (flow_id, raw) in &loaded.bundle.flows {
        match compile(raw, &bundle_ref, flow_id, &flows) {
            Ok(program) => {
                programs.insert(program.id().to_owned(), Arc::new(program));
            }
            Err((code, text)) => {
                let text = format!("Failed compiling VisualFlow '{bundle_ref}:{flow_id}': {text}");
                set.errors.push(json!({"file": name(file), "flow_id": flow_id, "code": code, "error": text}));
                loaded.broken.insert(flow_id.clone(), (code, text));
            }
        }
    }
    set.bundles.push(loaded);
}

/// Compiles a flow of a bundle under its full id.
pub(crate) fn compile(
    raw: &Value,
    bundle_ref: &str,
    flow_id: &str,
    flows: &BTreeSet<String>,
) -> Result<Program, (String, String)> {
    let mut document = Document::read(raw, Some(&format!("{bundle_ref}:{flow_id}")))
        .map_err(|text| ("invalid_flow".to_owned(), text))?;
    document.namespace(bundle_ref, flows);
    Program::compile(&document).map_err(|e| (e.code.to_owned(), e.text))
}
