//! Data planes: one store, one engine, one artifact folder a runtime. A principal is routed to exactly one (contract 01,
//! section 2.8), and no run of one plane is visible in another.
//!
//! May not know: how a principal proved itself, what an operation does. The one invariant: a plane is opened once a
//! process, and by one process at a time.

mod link;
mod lock;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::Engine;
use engine::tasks::{Kind, Tasks};
use model::{Code, Error, Principal};
use store::Store;
use store::artifacts::Artifacts;
use store::sqlite::Sqlite;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use crate::Settings;
use crate::bundles::{Library, Set};
use crate::dynamic::DynamicFlows;
use crate::import::{Found, is_due};
use crate::memory::Memory;
use crate::memory::graph::Graph;
use crate::models::Models;
use crate::runs;
use crate::storage::Gauge;
use crate::workspace::Scope;
use crate::world::{Tools, Workflows, World};
pub(crate) use lock::Lock;

/// Which plane.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The data directory itself.
    Default,
    /// `users/<tenant>/<runtime>` below it.
    User {
        /// The tenant.
        tenant_id: String,
        /// The runtime.
        runtime_id: String,
    },
}

impl Key {
    /// The plane of a user's runtime; names that lead elsewhere are made harmless.
    #[must_use]
    pub fn user(tenant_id: &str, runtime_id: &str) -> Self {
        let safe = |name| crate::auth::safe(name, "default");
        Self::User { tenant_id: safe(tenant_id), runtime_id: safe(runtime_id) }
    }

    /// The plane a principal's requests go to.
    #[must_use]
    pub fn of(principal: &Principal, settings: &Settings, user_auth: bool) -> Self {
        let shared = !user_auth
            || settings.auth.admin_uses_default_runtime
                && principal.tenant_id == "default"
                && principal.user_id == "admin"
                && principal.admin
                && matches!(principal.runtime_id.as_str(), "admin" | "default");
        if shared {
            return Self::Default;
        }
        Self::User { tenant_id: principal.tenant_id.clone(), runtime_id: principal.runtime_id.clone() }
    }

    /// Where its bundles lie. Never inside an installation.
    #[must_use]
    pub fn bundle_dir(&self, settings: &Settings) -> PathBuf {
        match self {
            Self::Default => settings.runtime.flows_dir.clone().unwrap_or_else(|| settings.data_dir.join("flows")),
            Self::User { tenant_id, runtime_id } => settings.plane_dir(tenant_id, runtime_id).join("flows"),
        }
    }

    /// Its database. Only that of the default plane can be elsewhere, and only below its data.
    ///
    /// # Errors
    /// When the configured place is outside the data directory.
    pub fn database(&self, settings: &Settings) -> Result<PathBuf, Error> {
        let data_dir = self.data_dir(settings);
        let set = settings.runtime.db_path.as_ref().filter(|_| *self == Self::Default);
        let Some(set) = set else { return Ok(data_dir.join("gateway.sqlite3")) };
        let path = plain(&settings.current_dir.join(set));
        if path.starts_with(plain(&data_dir)) {
            return Ok(path);
        }
        Err(Error::new(
            Code::StorageUnavailable,
            format!(
                "the database '{}' lies outside the data directory '{}': set ABSTRACTGATEWAY_DB_PATH to a place below it",
                path.display(),
                data_dir.display()
            ),
        ))
    }

    /// Where its data lies.
    #[must_use]
    pub fn data_dir(&self, settings: &Settings) -> PathBuf {
        match self {
            Self::Default => settings.data_dir.clone(),
            Self::User { tenant_id, runtime_id } => settings.plane_dir(tenant_id, runtime_id).join("runtime"),
        }
    }
}

/// One open data plane.
pub struct Plane {
    /// Which.
    pub key: Key,
    /// Where its data lies.
    pub data_dir: PathBuf,
    /// Its database.
    pub store: Arc<dyn Store>,
    /// Its artifacts.
    pub artifacts: Arc<Artifacts>,
    /// What drives its runs.
    pub engine: Engine,
    /// The workflows its runs may use.
    pub workflows: Arc<Workflows>,
    /// The bundles they come from.
    pub(crate) library: Arc<Library>,
    /// The flows of its schedules.
    pub(crate) flows: Arc<DynamicFlows>,
    /// Where its runs may work.
    pub(crate) scope: Arc<Scope>,
    /// The models its callers may ask.
    pub(crate) models: Arc<Models>,
    /// What is free on its disk.
    pub(crate) gauge: Gauge,
    closing: CancellationToken,
    /// What its runs have asserted.
    pub(crate) graph: Arc<Graph>,
    /// The way to other processes on the same plane; none where there cannot be one.
    link: Option<link::Link>,
    tasks: Tasks,
    /// Held by the process that drives the plane's runs.
    lock: Option<Lock>,
}

impl Plane {
    /// Opens a plane and lets its unfinished runs go on.
    ///
    /// # Errors
    /// When another process has it, or its files cannot be used.
    pub async fn open(key: Key, settings: &Settings, runner: bool, wanted: &mpsc::Sender<Key>) -> Result<Self, Error> {
        let data_dir = key.data_dir(settings);
        let (folder, database) = (data_dir.clone(), key.database(settings)?);
        let import = settings.runtime.import;
        let opened = tokio::task::spawn_blocking(move || open_files(&folder, &database, runner, import)).await;
        let (lock, sqlite, artifacts) = opened.map_err(|e| Error::internal(e.to_string()))??;
        let (store, artifacts): (Arc<dyn Store>, _) = (Arc::new(sqlite), Arc::new(artifacts));
        let options = engine::Options {
            runner,
            max_inline_bytes: settings.runtime.max_inline_bytes,
            retry: settings.runtime.retry_policy(),
        };
        let workflows: Arc<Workflows> = Arc::default();
        let library = Arc::new(Library::new(key.bundle_dir(settings)));
        let flows = Arc::new(DynamicFlows::new(&data_dir, workflows.clone()));
        let scope = Arc::new(Scope::of(settings, &data_dir));
        let models = Arc::new(Models::new(settings, &data_dir));
        let graph = Arc::new(Graph::new(store.clone(), &settings.runtime.global_memory_run_id));
        let world = World {
            workflows: workflows.clone(),
            library: library.clone(),
            flows: flows.clone(),
            models: models.clone(),
            tools: Tools::new(settings, scope.clone()),
            memory: Memory::new(
                store.clone(),
                artifacts.clone(),
                models.clone(),
                &settings.runtime.global_memory_run_id,
            ),
            graph: graph.clone(),
        };
        let engine = Engine::new(store.clone(), artifacts.clone(), Arc::new(world), options);
        let tasks = Tasks::default();
        let mut plane = Self {
            key,
            data_dir,
            store,
            artifacts,
            engine,
            workflows,
            library,
            flows,
            scope,
            models,
            gauge: Gauge::default(),
            closing: CancellationToken::new(),
            graph,
            link: None,
            tasks,
            lock,
        };
        // Runs find their workflows when they go on: bundles first.
        plane.reload_bundles().await?;
        plane.link = plane.connect(settings, runner, wanted);
        plane.engine.recover().await?;
        Ok(plane)
    }

    /// Connects with other processes on the plane: the one that drives its runs listens, the others call it.
    fn connect(&self, settings: &Settings, runner: bool, wanted: &mpsc::Sender<Key>) -> Option<link::Link> {
        if !runner {
            let plane = match &self.key {
                Key::Default => None,
                Key::User { tenant_id, runtime_id } => Some((tenant_id.clone(), runtime_id.clone())),
            };
            return Some(link::Link::connect(&self.data_dir, &self.engine, &settings.data_dir, plane));
        }
        let hear = self.ears(wanted.clone());
        match link::Link::listen(&self.data_dir, &self.engine, hear) {
            Ok(link) => Some(link),
            Err(error) => {
                tracing::warn!(error = %error, data_dir = %self.data_dir.display(), "processes that take requests only cannot reach this one");
                None
            }
        }
    }

    /// Does what other processes ask for besides looking at runs.
    fn ears(&self, wanted: mpsc::Sender<Key>) -> link::Hear {
        let (heard, mut words) = mpsc::channel(16);
        let (library, workflows, engine) = (self.library.clone(), self.workflows.clone(), self.engine.clone());
        let flows = self.flows.clone();
        self.tasks.spawn(Kind::Relay, async move {
            while let Some(word) = words.recv().await {
                match word {
                    link::Word::Bundles => {
                        let (library, workflows, flows) = (library.clone(), workflows.clone(), flows.clone());
                        let read = tokio::task::spawn_blocking(move || {
                            flows.load();
                            library.reload(&workflows).map(drop)
                        });
                        let read = read.await;
                        if let Ok(Err(error)) = read {
                            tracing::error!(error = %error, "the bundles another process has changed cannot be read");
                        }
                        engine.workflows_changed();
                    }
                    // Nobody opens planes any more: the process stops.
                    link::Word::Plane(tenant, runtime) => drop(wanted.send(Key::user(&tenant, &runtime)).await),
                    link::Word::Look(_) | link::Word::Changed(_) => {}
                }
            }
        });
        // Who asks too often is heard once.
        Arc::new(move |word| drop(heard.try_send(word)))
    }

    /// Reads bundles and stored schedules again; runs that waited for their workflow look again.
    ///
    /// # Errors
    /// When the folder cannot be read; then everything stays as it was.
    pub(crate) async fn reload_bundles(&self) -> Result<Arc<Set>, Error> {
        let (library, workflows, flows) = (self.library.clone(), self.workflows.clone(), self.flows.clone());
        let set = tokio::task::spawn_blocking(move || {
            flows.load();
            library.reload(&workflows)
        });
        let set = set.await;
        let set = set.map_err(|e| Error::internal(e.to_string()))??;
        self.engine.workflows_changed();
        self.tell_workflows_changed();
        Ok(set)
    }

    /// Whether some process drives the plane's runs.
    pub(crate) async fn is_driven(&self) -> bool {
        match &self.link {
            _ if self.lock.is_some() => true,
            Some(link) => link.is_heard().await,
            None => false,
        }
    }

    /// Tells the process that drives the runs, when that is another one, to read workflows again.
    pub(crate) fn tell_workflows_changed(&self) {
        if let Some(link) = &self.link {
            link.bundles_changed();
        }
    }

    /// Stops its runs at their next boundary and closes its database.
    pub async fn close(&self) {
        self.closing.cancel();
        if let Some(link) = &self.link {
            link.close().await;
        }
        self.engine.close().await;
        if let Err(error) = self.store.close().await {
            tracing::error!(error = %error, data_dir = %self.data_dir.display(), "a database could not be closed cleanly");
        }
    }
}

type Files = (Option<Lock>, Sqlite, Artifacts);

fn open_files(data_dir: &Path, database: &Path, runner: bool, import: bool) -> Result<Files, Error> {
    let unusable = |what: &str, why: String| {
        let text = format!("the data directory '{}' cannot be used: {what}: {why}", data_dir.display());
        Error::new(Code::StorageUnavailable, text)
    };
    store::atomic::create_folder(data_dir).map_err(|e| unusable("it cannot be created", e.to_string()))?;
    let lock = if runner { Some(Lock::take(data_dir)?) } else { None };
    if import && is_due(data_dir, database) {
        Found::at(data_dir.to_owned(), database.to_owned())?.take(lock.as_ref(), &mut |_| {})?;
    }
    let artifacts = Artifacts::open(&data_dir.join("artifacts")).map_err(|e| unusable("artifacts", e.to_string()))?;
    let sqlite = Sqlite::open(database, store::sqlite::Options::default())
        .map_err(|e| unusable(&database.display().to_string(), e.to_string()))?;
    Ok((lock, sqlite, artifacts))
}

/// All open planes of a process.
pub struct Planes {
    open: Mutex<HashMap<Key, Arc<Plane>>>,
    wanted: mpsc::Sender<Key>,
}

impl Default for Planes {
    fn default() -> Self {
        Self::new().0
    }
}

impl Planes {
    /// No plane is open. The receiver gives the planes that other processes want driven here.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Key>) {
        let (wanted, receiver) = mpsc::channel(16);
        (Self { open: Mutex::default(), wanted }, receiver)
    }

    /// The plane under `key`, opened on first use.
    ///
    /// # Errors
    /// As [`Plane::open`].
    pub async fn get(&self, key: Key, settings: &Settings, runner: bool) -> Result<Arc<Plane>, Error> {
        let mut open = self.open.lock().await;
        if let Some(plane) = open.get(&key) {
            return Ok(plane.clone());
        }
        let plane = Arc::new(Plane::open(key.clone(), settings, runner, &self.wanted).await?);
        let days = settings.runtime.run_retention_days;
        if runner && days > 0 {
            let kept = runs::prune::keep(Arc::downgrade(&plane), days, plane.closing.clone());
            plane.tasks.spawn(Kind::Retention, kept);
        }
        open.insert(key, plane.clone());
        Ok(plane)
    }

    /// The plane under `key`, when it is open and nobody is opening another just now. Never waits.
    pub(crate) fn opened(&self, key: &Key) -> Option<Arc<Plane>> {
        self.open.try_lock().ok()?.get(key).cloned()
    }

    /// How many runs are at work; many, while a plane is being opened.
    pub(crate) fn live(&self) -> usize {
        self.open.try_lock().map_or(usize::MAX, |open| open.values().map(|plane| plane.engine.live()).sum())
    }

    /// Every plane that has a database, or runs to be imported into one: the default one, and those of users. What a
    /// start must bring to life.
    ///
    /// # Errors
    /// When the folder of users cannot be read.
    pub fn known(settings: &Settings) -> std::io::Result<Vec<Key>> {
        let has_data = |key: &Key| {
            let (folder, database) = (key.data_dir(settings), key.data_dir(settings).join("gateway.sqlite3"));
            *key == Key::Default || database.is_file() || settings.runtime.import && is_due(&folder, &database)
        };
        Ok(Self::folders(settings)?.into_iter().filter(has_data).collect())
    }

    /// Every plane that has a folder.
    ///
    /// # Errors
    /// When the folder of users cannot be read.
    pub(crate) fn folders(settings: &Settings) -> std::io::Result<Vec<Key>> {
        let mut keys = vec![Key::Default];
        for tenant in folders(&settings.data_dir.join("users"))? {
            for runtime in folders(&tenant)? {
                if let (Some(tenant_id), Some(runtime_id)) = (name(&tenant), name(&runtime)) {
                    keys.push(Key::User { tenant_id, runtime_id });
                }
            }
        }
        Ok(keys)
    }

    /// Stops one plane, when it is open.
    pub async fn stop(&self, key: &Key) {
        let plane = self.open.lock().await.remove(key);
        if let Some(plane) = plane {
            plane.close().await;
        }
    }

    /// Stops all of them.
    pub async fn close(&self) {
        let planes: Vec<_> = self.open.lock().await.drain().map(|(_, plane)| plane).collect();
        for plane in planes {
            plane.close().await;
        }
    }
}

/// Waits until nobody drives the runs of the data directory.
///
/// # Errors
/// When the lock file cannot be used.
pub async fn until_free(settings: &Settings) -> Result<(), Error> {
    let folder = Key::Default.data_dir(settings);
    let waited = tokio::task::spawn_blocking(move || Lock::wait(&folder)).await;
    waited.map_err(|e| Error::internal(e.to_string()))?
}

/// The path without `.` and `..`, without looking at the disk.
fn plain(path: &Path) -> PathBuf {
    use std::path::Component;
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
        plain
    })
}

fn folders(parent: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(parent) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

fn name(path: &Path) -> Option<String> {
    path.file_name()?.to_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_lies_below_its_data() {
        let user = Key::User { tenant_id: "t".into(), runtime_id: "r".into() };
        for (key, set, expected) in [
            (&Key::Default, "", Some("/data/gateway.sqlite3")),
            (&Key::Default, "/data/db/x.sqlite3", Some("/data/db/x.sqlite3")),
            (&Key::Default, "/data/../etc/x.sqlite3", None),
            (&Key::Default, "/database/x.sqlite3", None),
            (&user, "/data/db/x.sqlite3", Some("/data/users/t/r/runtime/gateway.sqlite3")),
        ] {
            let settings = Settings::from_env(&|name| match name {
                "ABSTRACTGATEWAY_DATA_DIR" => Some("/data".to_owned()),
                "ABSTRACTGATEWAY_DB_PATH" => Some(set.to_owned()),
                _ => None,
            });
            let path = key.database(&settings.unwrap()).ok();
            assert_eq!(path, expected.map(PathBuf::from), "{key:?} {set}");
        }
    }
}
