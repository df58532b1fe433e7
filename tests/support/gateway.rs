//! The program as a process: a home that outlives it, and the process itself, which can be asked, stopped and killed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::bundle::Bundle;
use crate::client::{Connection, Request, Response, get, post};
use crate::events::Events;
use crate::{PATIENCE, eventually, includes};

/// The token of the local admin, where users are off.
pub const TOKEN: &str = "it-static-token-0123456789";
/// The token of `default/admin`, where users are on.
pub const ADMIN_TOKEN: &str = "agw_it-admin-token-0123456789abcdefghijklmnopqr";

/// A data directory and an environment: what survives a process.
#[derive(Debug)]
pub struct Home {
    folder: Arc<TempDir>,
    program: PathBuf,
    env: BTreeMap<String, String>,
}

impl Home {
    /// An empty home with a static token. Wrong tokens lock nobody out: a test that wants that says so.
    ///
    /// # Panics
    /// When there is no room for it.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let home = Self { folder, program: program.into(), env: BTreeMap::new() };
        let (data, flows) = (home.data_dir().display().to_string(), home.flows_dir().display().to_string());
        home.set("DATA_DIR", &data).set("FLOWS_DIR", &flows).set("AUTH_TOKEN", TOKEN).set("LOCKOUT_BASE_S", "0")
    }

    /// The same with users on, and an admin whose token is known.
    #[must_use]
    pub fn with_users(self) -> Self {
        self.set("USER_AUTH", "1").set("BOOTSTRAP_ADMIN_TOKEN", ADMIN_TOKEN)
    }

    /// The same with a variable of ours.
    #[must_use]
    pub fn set(self, name: &str, value: &str) -> Self {
        self.env(&format!("ABSTRACTGATEWAY_{name}"), value)
    }

    /// The same without a variable of ours.
    #[must_use]
    pub fn unset(mut self, name: &str) -> Self {
        self.env.remove(&format!("ABSTRACTGATEWAY_{name}"));
        self
    }

    /// The same with any variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Where the gateway keeps its data.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where the bundles of the default data plane lie.
    #[must_use]
    pub fn flows_dir(&self) -> PathBuf {
        self.folder.path().join("flows")
    }

    /// Puts a file into the data directory.
    ///
    /// # Panics
    /// When that is not possible.
    pub fn put(&self, path: &str, content: &[u8]) {
        let place = self.data_dir().join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, content).unwrap();
    }

    /// A file of the data directory as JSON.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn json_file(&self, path: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.data_dir().join(path)).unwrap()).unwrap()
    }

    /// The names in a folder of the data directory; none when it is not there.
    #[must_use]
    pub fn names_in(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.data_dir().join(folder)) else { return Vec::new() };
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
    }

    /// Lays a bundle into the folder of the default data plane.
    ///
    /// # Panics
    /// When that is not possible.
    #[must_use]
    pub fn install(self, bundle: &Bundle) -> Self {
        std::fs::create_dir_all(self.flows_dir()).unwrap();
        std::fs::write(self.flows_dir().join(bundle.file_name()), bundle.zip()).unwrap();
        self
    }

    /// The files that are arriving, or that a process has left so.
    #[must_use]
    pub fn uploads(&self) -> Vec<String> {
        let folders = self.names_in("uploads").into_iter();
        folders.flat_map(|folder| self.names_in(&format!("uploads/{folder}"))).filter(|name| name != ".lock").collect()
    }

    /// The program with arguments, not started.
    #[must_use]
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(&self.env).env("HOME", self.folder.path());
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    pub fn run(&self, args: &[&str]) -> Ended {
        Process::start(self.command(args)).0.wait()
    }

    /// Serves, and comes back when the program listens.
    ///
    /// # Panics
    /// When the program ends instead.
    #[must_use]
    pub fn serve(&self) -> Gateway {
        self.serve_with(&["serve", "--host", "127.0.0.1", "--port", "0"])
    }

    /// Serves with arguments of the test's own.
    ///
    /// # Panics
    /// When the program ends instead.
    #[must_use]
    pub fn serve_with(&self, args: &[&str]) -> Gateway {
        let (process, address) = Process::start(self.command(args));
        let Ok(address) = address.recv_timeout(PATIENCE) else {
            panic!("the gateway does not serve: {}", process.wait().log)
        };
        Gateway { process: Some(process), address, _folder: Arc::clone(&self.folder) }
    }
}

/// How a process ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    /// What it said on standard error.
    pub log: String,
}

#[derive(Debug)]
struct Process {
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    /// The process, and where it says that it serves.
    fn start(mut command: Command) -> (Self, mpsc::Receiver<SocketAddr>) {
        let mut child = command.spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let (log, (found, address)) = (Arc::default(), mpsc::channel());
        let kept = Arc::clone(&log);
        let reader = Some(std::thread::spawn(move || read_log(stderr, &kept, &found)));
        (Self { child, log, reader }, address)
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn wait(mut self) -> Ended {
        let status = eventually("the end of the process", || self.child.try_wait().unwrap());
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        Ended { code: status.code(), log: self.log.lock().unwrap().clone() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps what a process says, and tells where it serves as soon as it says so.
fn read_log(stderr: ChildStderr, log: &Mutex<String>, found: &mpsc::Sender<SocketAddr>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        if let Some((_, address)) = line.rsplit_once(" on http://").filter(|_| line.starts_with("Serving ")) {
            let _ = found.send(address.parse().unwrap());
        }
        let mut log = log.lock().unwrap();
        log.push_str(&line);
        log.push('\n');
    }
}

/// A gateway that serves.
#[derive(Debug)]
pub struct Gateway {
    process: Option<Process>,
    /// Where it listens.
    pub address: SocketAddr,
    /// Kept as long as somebody works in it.
    _folder: Arc<TempDir>,
}

impl Gateway {
    /// Sends a request; whoever does not say who asks, asks with the static token.
    ///
    /// # Panics
    /// When there is no whole response.
    #[must_use]
    #[track_caller]
    pub fn send(&self, request: &Request) -> Response {
        self.send_as_is(&signed(request))
    }

    /// Sends a request as it is.
    ///
    /// # Panics
    /// When there is no whole response.
    #[must_use]
    #[track_caller]
    pub fn send_as_is(&self, request: &Request) -> Response {
        let mut connection = Connection::open(self.address);
        connection.send(&request.bytes());
        connection.read_response().unwrap_or_else(|error| panic!("{request}: {error}"))
    }

    /// Sends a request as it is, and checks status and parts of the JSON body.
    ///
    /// # Panics
    /// When they differ.
    #[track_caller]
    pub fn check(&self, request: &Request, status: u16, parts: &Value) -> Response {
        let response = self.send_as_is(request);
        assert_eq!(response.status, status, "{request}: {}", response.text());
        if !parts.is_null() {
            includes(&response.json(), parts).unwrap_or_else(|difference| panic!("{request}: {difference}"));
        }
        response
    }

    /// The JSON of a request that succeeds, with the static token.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn json(&self, request: &Request) -> Value {
        self.check(&signed(request), 200, &Value::Null).json()
    }

    /// A connection to it.
    #[must_use]
    pub fn connect(&self) -> Connection {
        Connection::open(self.address)
    }

    /// Opens a stream of events, with the static token.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[track_caller]
    pub fn events(&self, request: &Request) -> Events {
        let mut connection = self.connect();
        connection.send(&signed(request).bytes());
        let head = connection.read_head().unwrap();
        assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream; charset=utf-8")));
        Events::new(connection)
    }

    /// Starts a run; its id.
    ///
    /// # Panics
    /// When that is refused.
    #[track_caller]
    pub fn start(&self, flow: &str, input: &Value) -> String {
        let body = json!({"bundle_id": "it", "flow_id": flow, "input_data": input});
        text(&self.json(&post("/api/gateway/runs/start", &body)), "run_id")
    }

    /// The summary of a run.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn run(&self, run_id: &str) -> Value {
        self.json(&get(&format!("/api/gateway/runs/{run_id}")))
    }

    /// The summary of a run once its status is `status`.
    ///
    /// # Panics
    /// When it comes to another end, or to none.
    #[track_caller]
    pub fn until(&self, run_id: &str, status: &str) -> Value {
        eventually(&format!("run {run_id} is {status}: {}", self.run(run_id)), || {
            let run = self.run(run_id);
            let ended = ["completed", "failed", "cancelled"].contains(&run["status"].as_str().unwrap());
            assert!(!ended || run["status"] == status, "{run}");
            (run["status"] == status).then_some(run)
        })
    }

    /// Every record of a run.
    ///
    /// # Panics
    /// When the run is not there.
    #[track_caller]
    pub fn ledger(&self, run_id: &str) -> Vec<Value> {
        let page = self.json(&get(&format!("/api/gateway/runs/{run_id}/ledger?limit=2000")));
        let items = page["items"].as_array().unwrap().clone();
        assert_eq!(page["next_after"], items.len());
        items
    }

    /// The ledger stream of a run.
    #[must_use]
    #[track_caller]
    pub fn follow(&self, run_id: &str, after: usize) -> Events {
        self.events(&get(&format!("/api/gateway/runs/{run_id}/ledger/stream?after={after}")))
    }

    /// Answers the question a run waits with.
    ///
    /// # Panics
    /// When that is refused.
    #[track_caller]
    pub fn answer(&self, run_id: &str, response: &str) {
        let payload = json!({"payload": {"response": response}});
        let taken = self.command(&format!("answer-{run_id}"), run_id, "resume", &payload);
        assert_eq!(taken.status, 200, "{}", taken.text());
    }

    /// Sends a command, with the static token.
    #[track_caller]
    pub fn command(&self, command_id: &str, run_id: &str, kind: &str, payload: &Value) -> Response {
        let body = json!({"command_id": command_id, "run_id": run_id, "type": kind, "payload": payload});
        self.send(&post("/api/gateway/commands", &body))
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        self.process().signal(Signal::TERM);
    }

    /// Does what Ctrl-C does.
    pub fn interrupt(&self) {
        self.process().signal(Signal::INT);
    }

    /// Ends it without a word, as a power cut does, while others still talk to it.
    pub fn signal_kill(&self) {
        self.process().signal(Signal::KILL);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    pub fn wait(mut self) -> Ended {
        self.process.take().expect("the process is there until the end").wait()
    }

    /// Asks it to stop and waits for the end.
    #[must_use]
    pub fn stop(self) -> Ended {
        self.terminate();
        self.wait()
    }

    /// Ends it without a word, as a power cut does.
    pub fn kill(self) {
        self.signal_kill();
        let _ = self.wait();
    }

    fn process(&self) -> &Process {
        self.process.as_ref().expect("the process is there until the end")
    }
}

fn signed(request: &Request) -> Request {
    if request.has("authorization") { request.clone() } else { request.clone().token(TOKEN) }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}")).to_owned()
}
