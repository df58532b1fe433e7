//! Workflows that come from no bundle: the flows behind schedules, a file each in the plane's `dynamic_flows` (contract 04,
//! sections 7 and 18). Files of the Python gateway are read as they are.
//!
//! May not know: runs, who asks. The one invariant: what the registry has is whole on the disk: the file comes first.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::NewRhythm;
use flow::schedule::timetable::compile;
use model::workflow::Workflow;
use model::{Code, Error, Value};
use parking_lot::Mutex;

use crate::world::Workflows;

/// A document may have so many bytes; those of schedules have a few thousand.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// The dynamic workflows of one data plane.
pub(crate) struct DynamicFlows {
    folder: PathBuf,
    workflows: Arc<Workflows>,
    /// Held while files and registry change together.
    changing: Mutex<()>,
}

impl DynamicFlows {
    /// Those whose files lie in a plane's data; nothing is loaded yet.
    pub(crate) fn new(data_dir: &Path, workflows: Arc<Workflows>) -> Self {
        Self { folder: data_dir.join("dynamic_flows"), workflows, changing: Mutex::default() }
    }

    /// Puts every stored workflow into the registry. A file that cannot be read is told in the log and blocks nothing.
    /// Blocking.
    pub(crate) fn load(&self) {
        let _changing = self.changing.lock();
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return,
            Err(e) => {
                tracing::error!(folder = %self.folder.display(), error = %e, "stored schedules cannot be listed");
                return;
            }
        };
        for file in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            let hidden = file.file_name().and_then(|n| n.to_str()).is_none_or(|n| n.starts_with('.'));
            if hidden || file.extension().is_none_or(|e| e != "json") {
                continue;
            }
            match read(&file).and_then(|raw| compile(&raw.unwrap_or_default())) {
                Ok(program) => self.workflows.put(program),
                Err(error) => {
                    tracing::error!(file = %file.display(), error = %error, "a stored schedule cannot be loaded");
                }
            }
        }
    }

    /// The workflow of a schedule that another process has stored since the last look; it is in the registry from then on.
    /// Reads one small file, once a schedule: everything else is answered without the disk.
    pub(crate) fn find(&self, workflow_id: &str) -> Option<Arc<dyn Workflow>> {
        if !workflow_id.starts_with(model::schedule::PREFIX) {
            return None;
        }
        let _changing = self.changing.lock();
        let program = compile(&self.read(workflow_id).ok()??).ok().filter(|p| p.id() == workflow_id)?;
        self.workflows.put(program.clone());
        Some(program)
    }

    /// Stores a document and puts its workflow into the registry. Blocking.
    ///
    /// # Errors
    /// When it does not compile, or the disk refuses; then nothing changed.
    pub(crate) fn save(&self, document: &Value) -> Result<Arc<dyn Workflow>, Error> {
        let _changing = self.changing.lock();
        self.store(document)
    }

    fn store(&self, document: &Value) -> Result<Arc<dyn Workflow>, Error> {
        let program = compile(document).map_err(|e| Error::new(Code::WorkflowInvalid, e))?;
        let path = self.file(program.id());
        let text = model::json::write(document, model::json::Layout::PRETTY);
        let stored = self.folder_on_disk().and_then(|()| store::atomic::write_file(&path, text.as_bytes(), 0o600));
        stored.map_err(|e| {
            let text = format!("the flow of a schedule cannot be stored in '{}': {e}", self.folder.display());
            Error::new(Code::StorageUnavailable, text)
        })?;
        self.workflows.put(program.clone());
        Ok(program)
    }

    fn folder_on_disk(&self) -> std::io::Result<()> {
        if self.folder.is_dir() {
            return Ok(());
        }
        store::atomic::create_private_folder(&self.folder)?;
        self.folder.parent().map_or(Ok(()), store::atomic::sync_folder)
    }

    /// Takes a workflow away whose run did not come to be. Blocking.
    pub(crate) fn remove(&self, workflow_id: &str) {
        let _changing = self.changing.lock();
        self.workflows.take(workflow_id);
        if let Err(error) = std::fs::remove_file(self.file(workflow_id)) {
            tracing::warn!(workflow_id, error = %error, "the flow of a schedule that was not started could not be removed");
        }
    }

    /// Takes away the workflow of a schedule whose run is to go, and says whether it was stored. One that cannot be deleted is
    /// logged and left. Blocking.
    pub(crate) fn delete(&self, workflow_id: &str) -> bool {
        let _changing = self.changing.lock();
        self.workflows.take(workflow_id);
        match std::fs::remove_file(self.file(workflow_id)) {
            Ok(()) => true,
            Err(error) => {
                if error.kind() != std::io::ErrorKind::NotFound {
                    tracing::warn!(workflow_id, %error, "the flow of a purged schedule could not be deleted");
                }
                false
            }
        }
    }

    /// Whether a stored document names the workflow of another one. A file that cannot be read may. Blocking.
    pub(crate) fn others_name(&self, workflow_id: &str) -> bool {
        let own = self.file(workflow_id);
        let files =
            std::fs::read_dir(&self.folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        let mut others = files.filter(|file| file.is_file() && *file != own);
        others.any(|file| std::fs::read(&file).map_or(true, |text| memmem(&text, workflow_id.as_bytes())))
    }

    /// The stored document of a workflow; none when there is no such file. Blocking.
    ///
    /// # Errors
    /// When the file is no document.
    pub(crate) fn read(&self, workflow_id: &str) -> Result<Option<Value>, Error> {
        let failed = |e| Error::new(Code::Internal, format!("Failed to read dynamic flow: {e}"));
        match read(&self.file(workflow_id)).map_err(failed)? {
            Some(raw) if !raw.is_object() => Err(Error::new(Code::Internal, "Dynamic flow JSON is invalid")),
            read => Ok(read),
        }
    }

    /// Writes another rhythm into a schedule's document. Doing it twice is doing it once. Blocking.
    ///
    /// # Errors
    /// When the document is not there or of another kind of schedule, or the disk refuses; then nothing changed.
    pub(crate) fn set_rhythm(&self, workflow_id: &str, rhythm: &NewRhythm) -> Result<(), Error> {
        let _changing = self.changing.lock();
        let Some(mut document) = self.read(workflow_id)? else {
            let text = format!("the flow of schedule '{workflow_id}' is not stored: its times cannot be changed");
            return Err(Error::new(Code::WorkflowNotFound, text));
        };
        let (set, missing) = match rhythm {
            NewRhythm::Interval(interval) => {
                (flow::schedule::set_interval(&mut document, interval), "has no node that waits for an interval")
            }
            NewRhythm::Cron { cron, time_zone } => {
                (flow::schedule::timetable::set_cron(&mut document, cron, time_zone), "follows no cron expression")
            }
        };
        if !set {
            return Err(Error::new(Code::Conflict, format!("the flow of schedule '{workflow_id}' {missing}")));
        }
        self.store(&document).map(drop)
    }

    fn file(&self, workflow_id: &str) -> PathBuf {
        self.folder.join(format!("{}.json", file_stem(workflow_id)))
    }
}

fn memmem(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part == word)
}

fn read(file: &Path) -> Result<Option<Value>, String> {
    use std::io::ErrorKind::{InvalidFilename, NotFound};
    let size = match std::fs::metadata(file) {
        Ok(meta) => meta.len(),
        Err(e) if matches!(e.kind(), NotFound | InvalidFilename) => return Ok(None),
        Err(e) => return Err(e.to_string()),
    };
    if size > MAX_FILE_BYTES {
        return Err(format!("the file has {size} bytes, more than {MAX_FILE_BYTES}"));
    }
    let text = std::fs::read_to_string(file).map_err(|e| e.to_string())?;
    model::json::parse(&text).map(Some).map_err(|e| e.to_string())
}

/// The file name of a dynamic workflow: runs of what is not `[A-Za-z0-9._-]` become one `_`.
fn file_stem(workflow_id: &str) -> String {
    let mut stem = String::new();
    for c in workflow_id.chars() {
        let fits = c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if fits {
            stem.push(c);
        } else if !stem.ends_with('\u{0}') {
            stem.push('\u{0}');
        }
    }
    stem.replace('\u{0}', "_")
}

#[cfg(test)]
mod tests {
    use flow::schedule::{Rhythm, Wrapper};
    use serde_json::json;

    use super::*;

    fn document(id: &str) -> Value {
        let rhythm = Rhythm::Forever { interval: "1h".into() };
        Wrapper { id, target: "b@1:f", start: "0s", rhythm, isolated: true }.document()
    }

    #[test]
    fn files_have_safe_names() {
        for (id, expected) in
            [("scheduled:5224a3ca-1", "scheduled_5224a3ca-1"), ("a:/..//b", "a_.._b"), ("_x_", "_x_"), ("é:ü", "_")]
        {
            assert_eq!(file_stem(id), expected);
        }
    }

    #[test]
    fn what_is_saved_is_there_again_and_what_is_removed_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let flows = DynamicFlows::new(folder.path(), Arc::default());
        flows.load();
        flows.save(&document("scheduled:1")).unwrap();
        flows.save(&document("scheduled:2")).unwrap();
        flows.set_rhythm("scheduled:1", &NewRhythm::Interval("2h".into())).unwrap();
        flows.remove("scheduled:2");
        let text = std::fs::read_to_string(folder.path().join("dynamic_flows/scheduled_1.json")).unwrap();
        assert!(text.starts_with("{\n  \"id\": \"scheduled:1\",\n  \"name\": \"scheduled\","), "{text}");
        // Files of others do not keep ours from being loaded.
        for (name, content) in [("broken.json", "{"), ("empty.json", "{}"), ("notes.txt", "x"), (".hidden.json", "{")] {
            std::fs::write(folder.path().join("dynamic_flows").join(name), content).unwrap();
        }
        let workflows: Arc<Workflows> = Arc::default();
        let again = DynamicFlows::new(folder.path(), workflows.clone());
        again.load();
        assert!(workflows.get("scheduled:1").is_some() && workflows.get("scheduled:2").is_none());
        let stored = again.read("scheduled:1").unwrap().unwrap();
        let wait = stored["nodes"].as_array().unwrap().iter().find(|n| n["id"] == "wait_interval").unwrap();
        assert_eq!(wait["data"]["eventConfig"], json!({"schedule": "2h", "recurrent": false}));
        assert_eq!(again.read("scheduled:2").unwrap(), None);
        let refused = |id: &str, rhythm: NewRhythm| again.set_rhythm(id, &rhythm).unwrap_err().code;
        assert_eq!(refused("scheduled:2", NewRhythm::Interval("2h".into())), Code::WorkflowNotFound);
        let cron = NewRhythm::Cron { cron: "@daily".into(), time_zone: "UTC".into() };
        assert_eq!(refused("scheduled:1", cron), Code::Conflict);
        assert_eq!(again.read("broken").unwrap_err().code, Code::Internal);
        // What another process stores is found when it is needed.
        flows.save(&document("scheduled:3")).unwrap();
        assert!(workflows.get("scheduled:3").is_none());
        assert!(again.find("scheduled:3").is_some() && workflows.get("scheduled:3").is_some());
        assert!(again.find("scheduled:4").is_none() && again.find("broken").is_none());
    }
}
