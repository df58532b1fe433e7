//! The scratch directory and the lives of the gateway in it.
//!
//! May not know: what the clients do. Invariants: at most one life is on; the directory is taken away unless it was asked
//! for or has something to show.

use std::fs::File;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use indicatif::ProgressBar;
use model::Value;
use parking_lot::Mutex;
use serde_json::{Map, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::client::Client;
use super::deaths::{Deaths, End, LONGEST_LIFE};
use super::model::Model;
use super::report::Tally;
use super::witness::{Broken, Violation};
use crate::failure::{Exit, Failure};

/// The bundle of the flows.
pub(super) const BUNDLE: &str = "chaos";
/// The flows, by id.
const FLOWS: [(&str, &str); 7] = [
    ("say", include_str!("flows/say.json")),
    ("ask", include_str!("flows/ask.json")),
    ("model", include_str!("flows/model.json")),
    ("tools", include_str!("flows/tools.json")),
    ("parent", include_str!("flows/parent.json")),
    ("wait", include_str!("flows/wait.json")),
    ("listen", include_str!("flows/listen.json")),
];
/// How long a life may take until it answers.
const BIRTH: Duration = Duration::from_secs(30);
/// How often a life may be refused its port, one after the other, and the time between two tries.
const BIRTHS_REFUSED: u32 = 50;
const REFUSED_PAUSE: Duration = Duration::from_millis(50);
/// How many runs are looked at side by side in the end.
const JUDGES: usize = 8;

/// Everything the proof works with.
#[derive(Debug)]
pub(super) struct Stage {
    folder: PathBuf,
    scratch: Mutex<Option<TempDir>>,
    port: u16,
    token: String,
    pub(super) client: Client,
    pub(super) model: Model,
    /// Whether nobody is killed any more.
    pub(super) calm: watch::Sender<bool>,
    /// Runs that have ended, and how.
    pub(super) ended: Mutex<Vec<Ended>>,
}

/// A run as it was when its story ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) run_id: String,
    pub(super) status: String,
    pub(super) records: usize,
    pub(super) is_root: bool,
}

impl Stage {
    /// Makes the directory, its bundle, and the model server.
    pub(super) async fn set(scratch: Option<&Path>) -> Result<Self, Failure> {
        let (folder, kept) = room(scratch)?;
        let refused = |e: std::io::Error| Failure::new("the scratch directory could not be prepared").why(e);
        std::fs::create_dir_all(folder.join("flows")).map_err(refused)?;
        let bundle = bundle().map_err(refused)?;
        std::fs::write(folder.join(format!("flows/{BUNDLE}@1.0.0.flow")), bundle).map_err(refused)?;
        let port = free_port().map_err(refused)?;
        let token = uuid::Uuid::new_v4().simple().to_string();
        Ok(Self {
            folder,
            scratch: Mutex::new(kept),
            port,
            client: Client::new(port, &token)?,
            token,
            model: Model::start().await?,
            calm: watch::Sender::new(false),
            ended: Mutex::default(),
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps the directory.
    pub(super) fn keep(&self) -> PathBuf {
        self.scratch.lock().take().map_or_else(|| self.folder.clone(), TempDir::keep)
    }

    fn spawn(&self, end: Option<End>) -> Result<Child, Failure> {
        let refused = |e: std::io::Error| Failure::new("the gateway could not be started").why(e);
        let log = File::options().create(true).append(true).open(self.folder.join("gateway.log")).map_err(refused)?;
        let mut command = Command::new(std::env::current_exe().map_err(refused)?);
        command.args(["serve", "--host", "127.0.0.1", "--port", &self.port.to_string()]);
        command.env_clear().envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "TZ"));
        command.env("HOME", &self.folder).current_dir(&self.folder);
        command.env("ABSTRACTGATEWAY_DATA_DIR", self.folder.join("data"));
        command.env("ABSTRACTGATEWAY_FLOWS_DIR", self.folder.join("flows"));
        command.env("ABSTRACTGATEWAY_AUTH_TOKEN", &self.token);
        command.env("OPENAI_BASE_URL", self.model.base_url()).env("OPENAI_API_KEY", "none");
        if let Some(End::At(death)) = end {
            command.env("ABSTRACTGATEWAY_FAIL_POINT", format!("{}:{}", death.point.name(), death.passage));
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).kill_on_drop(true).spawn().map_err(refused)
    }

    /// Looks at all runs once more: they are as they ended, each once, and no ledger was changed.
    pub(super) async fn judge(&self) -> Vec<Violation> {
        let ended = std::mem::take(&mut *self.ended.lock());
        let roots = ended.iter().filter(|run| run.is_root).count();
        let looked = stream::iter(ended).map(|run| self.look_again(run)).buffer_unordered(JUDGES);
        let mut broken: Vec<Violation> = looked.filter_map(|v| async { v.err() }).collect().await;
        match self.count_roots().await {
            Ok(there) if there > roots => broken.push(Violation::repeated(
                "-",
                format!("{roots} runs were asked for, and {there} are there: some were started twice"),
            )),
            Ok(_) => {}
            Err(violation) => broken.push(violation),
        }
        broken
    }

    async fn look_again(&self, run: Ended) -> Result<(), Violation> {
        let now = self.client.run(&run.run_id).await?;
        if now["status"] != run.status.as_str() {
            let what = format!("it had ended as {} and is {}", run.status, now["status"]);
            return Err(Violation::new(Broken::ShownThenGone, &run.run_id, what));
        }
        let verified = self.client.get(&format!("/gateway/runs/{}/ledger/verify", run.run_id)).await.body;
        if verified["ok"] != true || verified["records"] != run.records {
            let what = format!("its ledger of {} records is not sound: {verified}", run.records);
            return Err(Violation::new(Broken::ShownThenGone, &run.run_id, what));
        }
        Ok(())
    }

    async fn count_roots(&self) -> Result<usize, Violation> {
        let (mut count, mut cursor) = (0, String::new());
        loop {
            let page = self.client.get(&format!("/gateway/runs?root_only=true&limit=500{cursor}")).await;
            let Some(items) = page.body["items"].as_array() else {
                return Err(Violation::wrong("-", format!("the list of runs is refused: {}", page.body)));
            };
            count += items.len();
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(count),
            }
        }
    }
}

/// A port for all lives. It is below those that systems hand out, so that nobody else gets it between two lives.
fn free_port() -> std::io::Result<u16> {
    const TRIES: usize = 64;
    let mut refused = std::io::Error::from(std::io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let port = fastrand::u16(18_000..32_000);
        match std::net::TcpListener::bind(("127.0.0.1", port)) {
            Ok(_) => return Ok(port),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

fn room(scratch: Option<&Path>) -> Result<(PathBuf, Option<TempDir>), Failure> {
    let refused = |e: std::io::Error| Failure::new("the scratch directory could not be made").why(e);
    let Some(folder) = scratch else {
        let made = tempfile::Builder::new().prefix("abstractgateway-chaos-").tempdir().map_err(refused)?;
        return Ok((made.path().to_owned(), Some(made)));
    };
    let folder = std::path::absolute(folder).map_err(refused)?;
    std::fs::create_dir_all(&folder).map_err(refused)?;
    if std::fs::read_dir(&folder).map_err(refused)?.next().is_some() {
        return Err(Failure::new(format!("{} is not empty", folder.display()))
            .why("a proof works in a folder of its own")
            .help("name a new folder: --scratch DIR"));
    }
    Ok((folder, None))
}

fn bundle() -> std::io::Result<Vec<u8>> {
    let entrypoints: Vec<Value> =
        FLOWS.iter().map(|(id, _)| json!({"flow_id": id, "name": id, "interfaces": []})).collect();
    let files: Map<String, Value> =
        FLOWS.iter().map(|(id, _)| ((*id).to_owned(), format!("flows/{id}.json").into())).collect();
    let manifest = json!({
        "bundle_format_version": "1", "bundle_id": BUNDLE, "bundle_version": "1.0.0",
        "created_at": "2026-11-01T00:00:00+00:00", "entrypoints": entrypoints, "flows": files, "default_entrypoint": "say",
    });
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("manifest.json", SimpleFileOptions::default())?;
    zip.write_all(manifest.to_string().as_bytes())?;
    for (id, text) in FLOWS {
        zip.start_file(format!("flows/{id}.json"), SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

/// One life after the other.
#[derive(Debug)]
pub(super) struct Lives<'a> {
    stage: &'a Stage,
    deaths: Deaths,
    left: u64,
    bar: ProgressBar,
    tally: Tally,
}

/// The last life.
#[derive(Debug)]
pub(super) struct Survivor(Child);

impl Survivor {
    /// Ends it.
    pub(super) async fn end(&mut self) {
        // A process that is gone already cannot be killed.
        let _ = self.0.kill().await;
    }
}

impl<'a> Lives<'a> {
    pub(super) fn new(stage: &'a Stage, seed: u64, kills: u64, bar: ProgressBar) -> Self {
        Self { stage, deaths: Deaths::new(seed), left: kills, bar, tally: Tally::default() }
    }

    /// Lives and dies as often as was asked, then lives on.
    pub(super) async fn live(mut self) -> Result<(Tally, Survivor), Failure> {
        let ended = self.all().await;
        // Whatever happened: the stories come to an end.
        self.stage.calm.send_replace(true);
        Ok((self.tally, Survivor(ended?)))
    }

    async fn all(&mut self) -> Result<Child, Failure> {
        let mut refused = 0;
        while self.left > 0 {
            let end = self.deaths.next();
            let mut process = self.stage.spawn(Some(end))?;
            if self.come_to(end, &mut process).await? {
                (self.left, refused) = (self.left - 1, 0);
                self.bar.inc(1);
                continue;
            }
            // A child that the last life was just making has its sockets until it is something else.
            refused += 1;
            if refused == BIRTHS_REFUSED {
                return Err(self.not_lived("its port stays in use"));
            }
            tokio::time::sleep(REFUSED_PAUSE).await;
        }
        for _ in 0..BIRTHS_REFUSED {
            let mut process = self.stage.spawn(None)?;
            if self.until_healthy(&mut process).await? {
                return Ok(process);
            }
            tokio::time::sleep(REFUSED_PAUSE).await;
        }
        Err(self.not_lived("its port stays in use"))
    }

    /// Whether there was a life to end.
    async fn come_to(&mut self, end: End, process: &mut Child) -> Result<bool, Failure> {
        match end {
            End::At(death) => match tokio::time::timeout(LONGEST_LIFE, process.wait()).await {
                Ok(Ok(status)) if is_killed(status) => self.tally.at(death.point, true),
                Ok(Ok(status)) if status.code() == Some(Exit::NotStarted as i32) => return Ok(false),
                Ok(status) => return Err(self.not_lived(&format!("{status:?}"))),
                Err(_) => {
                    kill(process).await?;
                    self.tally.at(death.point, false);
                }
            },
            End::After(time) => {
                if !self.until_healthy(process).await? {
                    return Ok(false);
                }
                tokio::time::sleep(time).await;
                kill(process).await?;
                self.tally.moments += 1;
            }
            End::Asked(times) => {
                let asked = tokio::time::timeout(LONGEST_LIFE, self.stage.model.asked_again(times)).await;
                kill(process).await?;
                *(if asked.is_ok() { &mut self.tally.asked } else { &mut self.tally.moments }) += 1;
            }
        }
        Ok(true)
    }

    /// False when it could not take its port.
    async fn until_healthy(&self, process: &mut Child) -> Result<bool, Failure> {
        let deadline = tokio::time::Instant::now() + BIRTH;
        while !self.stage.client.is_healthy().await {
            if let Ok(Some(status)) = process.try_wait() {
                if status.code() == Some(Exit::NotStarted as i32) {
                    return Ok(false);
                }
                return Err(self.not_lived(&status.to_string()));
            }
            if tokio::time::Instant::now() > deadline {
                return Err(self.not_lived("it does not answer"));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(true)
    }

    fn not_lived(&self, why: &str) -> Failure {
        let folder = self.stage.keep();
        Failure::new("the gateway did not start again")
            .why(why)
            .why(format!("its log: {}", folder.join("gateway.log").display()))
    }
}

async fn kill(process: &mut Child) -> Result<(), Failure> {
    process.kill().await.map_err(|e| Failure::new("the gateway could not be killed").why(e))
}

fn is_killed(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        status.signal().is_some()
    }
    #[cfg(not(unix))]
    !status.success()
}
