//! How the process that drives the runs of a data plane and those that take requests for it tell each other to look: a
//! socket file in the plane's folder, a line a word. The one that drives listens.
//!
//! May not know: what a look finds. The invariant: a word that is lost is made up for, because whoever connects looks at
//! everything; so nothing here waits, counts or repeats.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::tasks::{Kind, Tasks};
use engine::{Engine, Relay};
use model::RunId;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

/// The socket file.
const FILE: &str = "runner.sock";
/// Words on their way; who falls behind looks at everything instead.
const WORDS: usize = 4096;
/// Between two tries to reach a process that drives runs, growing from the first to the second.
const PAUSE: (Duration, Duration) = (Duration::from_millis(25), Duration::from_secs(1));
/// The longest line: a run id and a word.
const LINE_BYTES_MAX: u64 = 4096;
/// Stands for every run.
const ALL: &str = "*";

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A run, or [`ALL`], may have something to do.
    Look(String),
    /// A run, or [`ALL`], has changed.
    Changed(String),
    /// The bundle folder has changed.
    Bundles,
    /// A data plane of a user is wanted: tenant and runtime.
    Plane(String, String),
}

impl Word {
    fn line(&self) -> String {
        match self {
            Self::Look(run) => format!("look {run}\n"),
            Self::Changed(run) => format!("changed {run}\n"),
            Self::Bundles => "bundles\n".to_owned(),
            Self::Plane(tenant, runtime) => format!("plane {tenant} {runtime}\n"),
        }
    }

    /// Reads a line; none for words of other versions.
    fn read(line: &str) -> Option<Self> {
        let (word, rest) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        match word {
            "look" if !rest.is_empty() => Some(Self::Look(rest.to_owned())),
            "changed" if !rest.is_empty() => Some(Self::Changed(rest.to_owned())),
            "bundles" => Some(Self::Bundles),
            "plane" => rest.split_once(' ').map(|(tenant, runtime)| Self::Plane(tenant.into(), runtime.into())),
            _ => None,
        }
    }
}

/// What the process that drives runs does with words that are not for its engine.
pub(super) type Hear = Arc<dyn Fn(Word) + Send + Sync>;

/// The link of one data plane.
pub(super) struct Link {
    tasks: Tasks,
    ended: CancellationToken,
    said: Arc<Said>,
    folder: PathBuf,
}

/// What this process says.
struct Said {
    /// To those that take requests.
    changes: broadcast::Sender<Word>,
    /// To the one that drives runs.
    looks: mpsc::Sender<Word>,
    /// Whether it listens.
    heard: AtomicBool,
}

impl Relay for Said {
    fn look(&self, run_id: &str) -> bool {
        // A full channel is emptied by a process that is busy; connecting again looks at everything.
        self.heard.load(Ordering::Acquire) && self.looks.try_send(Word::Look(run_id.to_owned())).is_ok()
    }

    fn changed(&self, run_id: &RunId) {
        // Nobody else takes requests: nobody to tell.
        let _ = self.changes.send(Word::Changed(run_id.to_string()));
    }
}

impl Link {
    /// Listens, as the process that drives the runs of the plane in `folder`.
    pub(super) fn listen(folder: &Path, engine: &Engine, hear: Hear) -> std::io::Result<Self> {
        let (link, _) = Self::new(folder, engine);
        let listener = bind(folder)?;
        let (engine, said, ended) = (engine.clone(), link.said.clone(), link.ended.clone());
        let tasks = Arc::new(Tasks::default());
        link.tasks.spawn(Kind::Relay, async move {
            loop {
                let accepted = tokio::select! {
                    () = ended.cancelled() => break,
                    accepted = listener.accept() => accepted,
                };
                let Ok((stream, _)) = accepted else {
                    tokio::time::sleep(PAUSE.1).await;
                    continue;
                };
                let served = serve(stream, engine.clone(), hear.clone(), said.changes.subscribe(), ended.clone());
                tasks.spawn(Kind::Relay, served);
            }
            tasks.close_and_wait().await;
        });
        Ok(link)
    }

    /// Connects, as a process that takes requests for the plane in `folder`. `root` is the data directory, whose driver
    /// opens `plane` when nobody drives it yet.
    pub(super) fn connect(folder: &Path, engine: &Engine, root: &Path, plane: Option<(String, String)>) -> Self {
        let (link, looks) = Self::new(folder, engine);
        let client = Client {
            folder: folder.to_owned(),
            root: root.to_owned(),
            plane: plane.map(|(tenant, runtime)| Word::Plane(tenant, runtime)),
            engine: engine.clone(),
            said: link.said.clone(),
            ended: link.ended.clone(),
        };
        link.tasks.spawn(Kind::Relay, client.run(looks));
        link
    }

    fn new(folder: &Path, engine: &Engine) -> (Self, mpsc::Receiver<Word>) {
        let (looks, receiver) = mpsc::channel(WORDS);
        let said = Arc::new(Said { changes: broadcast::channel(WORDS).0, looks, heard: AtomicBool::new(false) });
        engine.connect(said.clone());
        (Self { tasks: Tasks::default(), ended: CancellationToken::new(), said, folder: folder.to_owned() }, receiver)
    }

    /// Whether some process listens, be it that this one is not connected with it yet.
    pub(super) async fn is_heard(&self) -> bool {
        self.said.heard.load(Ordering::Acquire) || dial(&self.folder).await.is_ok()
    }

    /// Tells the process that drives runs that the bundle folder has changed.
    pub(super) fn bundles_changed(&self) {
        if self.said.heard.load(Ordering::Acquire) {
            // When it does not get through, it connects again and reads the folder then.
            let _ = self.said.looks.try_send(Word::Bundles);
        }
    }

    /// Hangs up.
    pub(super) async fn close(&self) {
        self.ended.cancel();
        self.tasks.close_and_wait().await;
    }
}

/// The way to a folder's socket. Addresses of sockets are short, paths need not be: then the way leads over an open folder.
fn address(folder: &Path) -> std::io::Result<(PathBuf, Option<std::fs::File>)> {
    use std::os::fd::AsRawFd as _;
    let path = folder.join(FILE);
    if path.as_os_str().len() < 100 {
        return Ok((path, None));
    }
    let open = std::fs::File::open(folder)?;
    Ok((PathBuf::from(format!("/proc/self/fd/{}/{FILE}", open.as_raw_fd())), Some(open)))
}

/// The lock of the plane is ours, so a file that is there was left by a process that died.
fn bind(folder: &Path) -> std::io::Result<UnixListener> {
    let (path, _open) = address(folder)?;
    match std::fs::remove_file(folder.join(FILE)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn dial(folder: &Path) -> std::io::Result<UnixStream> {
    let (path, _open) = address(folder)?;
    UnixStream::connect(path).await
}

/// The next word; none when the other side has hung up.
async fn next(lines: &mut (impl AsyncBufRead + Unpin)) -> Option<Option<Word>> {
    use tokio::io::AsyncReadExt as _;
    let mut line = String::new();
    let read = lines.take(LINE_BYTES_MAX).read_line(&mut line).await.ok()?;
    (read > 0 && line.ends_with('\n')).then(|| Word::read(&line))
}

/// Serves one process that takes requests.
async fn serve(
    stream: UnixStream,
    engine: Engine,
    hear: Hear,
    mut changes: broadcast::Receiver<Word>,
    ended: CancellationToken,
) {
    let (read, mut write): (OwnedReadHalf, OwnedWriteHalf) = stream.into_split();
    let mut lines = BufReader::new(read);
    let tell = async {
        loop {
            let word = match changes.recv().await {
                Ok(word) => word,
                Err(broadcast::error::RecvError::Lagged(_)) => Word::Changed(ALL.to_owned()),
                Err(broadcast::error::RecvError::Closed) => return,
            };
            if write.write_all(word.line().as_bytes()).await.is_err() {
                return;
            }
        }
    };
    let listen = async {
        while let Some(word) = next(&mut lines).await {
            match word {
                Some(Word::Look(run)) if run == ALL => engine.look_everywhere(),
                Some(Word::Look(run)) => engine.look(RunId::from(run.as_str())),
                Some(other) => hear(other),
                None => {}
            }
        }
    };
    tokio::select! {
        () = ended.cancelled() => {}
        () = tell => {}
        () = listen => {}
    }
}

/// A process that takes requests, and looks for the one that drives runs.
struct Client {
    folder: PathBuf,
    root: PathBuf,
    plane: Option<Word>,
    engine: Engine,
    said: Arc<Said>,
    ended: CancellationToken,
}

impl Client {
    async fn run(self, mut looks: mpsc::Receiver<Word>) {
        let mut pause = PAUSE.0;
        while !self.ended.is_cancelled() {
            if let Ok(stream) = dial(&self.folder).await {
                pause = PAUSE.0;
                tokio::select! {
                    () = self.ended.cancelled() => return,
                    () = self.talk(stream, &mut looks) => {}
                }
                self.said.heard.store(false, Ordering::Release);
                continue;
            }
            self.want_plane().await;
            tokio::select! {
                () = self.ended.cancelled() => return,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(PAUSE.1),
            }
        }
    }

    /// Asks the process that drives the runs of the data directory to drive those of this plane too.
    async fn want_plane(&self) {
        let Some(plane) = &self.plane else { return };
        if let Ok(mut stream) = dial(&self.root).await {
            // Nobody hears it: the next try asks again.
            let _ = stream.write_all(plane.line().as_bytes()).await;
        }
    }

    async fn talk(&self, stream: UnixStream, looks: &mut mpsc::Receiver<Word>) {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read);
        while looks.try_recv().is_ok() {}
        self.said.heard.store(true, Ordering::Release);
        // What was said while nobody heard, and what was not heard while nobody listened.
        for word in [Word::Bundles, Word::Look(ALL.to_owned())] {
            if write.write_all(word.line().as_bytes()).await.is_err() {
                return;
            }
        }
        self.engine.changed(None);
        let tell = async {
            while let Some(word) = looks.recv().await {
                if write.write_all(word.line().as_bytes()).await.is_err() {
                    return;
                }
            }
        };
        let listen = async {
            while let Some(word) = next(&mut lines).await {
                match word {
                    Some(Word::Changed(run)) if run == ALL => self.engine.changed(None),
                    Some(Word::Changed(run)) => self.engine.changed(Some(&RunId::from(run.as_str()))),
                    _ => {}
                }
            }
        };
        tokio::select! {
            () = tell => {}
            () = listen => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_said() {
        for word in [
            Word::Look("r".into()),
            Word::Look(ALL.into()),
            Word::Changed("session_memory_x".into()),
            Word::Bundles,
            Word::Plane("default".into(), "ada".into()),
        ] {
            assert_eq!(Word::read(&word.line()), Some(word));
        }
        for line in ["", "look", "look \n", "plane a", "hello world\n"] {
            assert_eq!(Word::read(line), None, "{line}");
        }
    }

    #[tokio::test]
    async fn a_socket_may_lie_deep() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("d".repeat(120));
        std::fs::create_dir(&deep).unwrap();
        for place in [folder.path(), &deep] {
            for _ in 0..2 {
                let listener = bind(place).unwrap();
                let (dialled, accepted) = tokio::join!(dial(place), listener.accept());
                assert!(dialled.is_ok() && accepted.is_ok());
            }
        }
    }
}
