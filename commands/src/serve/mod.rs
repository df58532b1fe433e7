//! `serve`: the gateway over HTTP, until a signal.
//!
//! May not know: HTTP, which is the server's, and the services behind it. Invariants: a refusal comes before anything is
//! opened; what says that a server lives here is there exactly while it does; SIGINT and SIGTERM both end with 0.

mod admin;
pub(crate) mod checks;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use server::{Listen, Listener, ServeError};
use service::import::Found;
use service::{Open, Services, Settings};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::migrate;
use crate::target::{RuntimeFile, read_runtime_file};

/// Serve the gateway over HTTP until SIGINT or SIGTERM
///
/// The first start makes an administrator and says where its token is.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  ABSTRACTGATEWAY_USER_AUTH=1 abstractgateway serve --host 127.0.0.1")]
pub(crate) struct Args {
    /// The address to listen on
    #[arg(long, default_value = "0.0.0.0")]
    host: String,
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Listen on a socket file instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["host", "port"])]
    unix: Option<PathBuf>,
    /// Do not drive runs in this process
    #[arg(long)]
    no_runner: bool,
    /// Leave the runs alone that the Python gateway kept in files
    #[arg(long)]
    no_import: bool,
    /// Accepted for old scripts, without effect
    #[arg(long, hide = true)]
    reload: bool,
}

impl Args {
    fn listen(&self) -> Listen {
        match &self.unix {
            Some(file) => Listen::Unix(file.clone()),
            None => Listen::Tcp(self.host.clone(), self.port),
        }
    }

    /// Whom the listener reaches, for the checks: a socket file reaches its owner.
    fn reached(&self) -> &str {
        if self.unix.is_some() { "localhost" } else { &self.host }
    }
}

/// Checks, listens, opens, serves, closes.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let mut settings = context.settings.clone();
    settings.runtime.runner &= !args.no_runner;
    settings.runtime.import &= !args.no_import;
    if args.reload {
        context.ui.note("--reload has no effect: this program does not change while it runs");
    }
    let warnings = checks::check(&settings, args.reached())?;
    arm(&settings)?;
    alone(&settings)?;
    // The listener comes first: a port in use is found before a database is opened or an admin is made.
    let listener = server::bind(&args.listen()).await.map_err(|error| not_started(error, &args))?;
    writable(&settings.data_dir)?;
    for line in admin::prepare(&settings, args.reached()).await? {
        context.ui.note(&line);
    }
    for warning in warnings {
        context.ui.warn(&warning);
    }
    // The signals are caught before anything can be half open.
    let mut stop = Box::pin(signals()?);
    tokio::select! {
        imported = import(context, &settings) => imported?,
        // The next start goes on with the import.
        () = &mut stop => return Ok(Exit::Success),
    }
    let services = open(settings.clone()).await?;
    let file = announce(context, &settings, &args, &listener)?;
    let served = server::serve(listener, services.clone(), stop).await;
    if let Some(file) = file {
        file.remove(&settings.data_dir);
    }
    services.close().await;
    served.map_err(|error| not_started(error, &args))?;
    Ok(Exit::Success)
}

/// Has this process die where a proof of durability wants it to.
pub(crate) fn arm(settings: &Settings) -> Result<(), Failure> {
    let death = settings.log.fail_point.trim();
    if !death.is_empty() {
        let refused =
            |why| Failure::new("ABSTRACTGATEWAY_FAIL_POINT names no fail point").why(why).exit(Exit::NotStarted);
        service::fail::arm(death.parse().map_err(refused)?);
    }
    Ok(())
}

/// Refuses beside another server of the same data directory. The lock of the data plane guards it too; this says more.
fn alone(settings: &Settings) -> Result<(), Failure> {
    match read_runtime_file(&settings.data_dir).filter(|_| settings.runtime.runner) {
        None => Ok(()),
        Some(other) => Err(Failure::new(format!("a gateway serves {} already", settings.data_dir.display()))
            .why(format!("process {} listens on {}", other.pid, other.url))
            .help(format!("stop it: kill {}; or take another folder: --data-dir DIR", other.pid))
            .exit(Exit::NotStarted)),
    }
}

/// Refuses a data directory that cannot be made or written to, before anything that is to be kept there fails over it.
fn writable(data_dir: &Path) -> Result<(), Failure> {
    let probe = || -> std::io::Result<()> {
        std::fs::create_dir_all(data_dir)?;
        tempfile::Builder::new().prefix(".serve-").tempfile_in(data_dir)?.close()
    };
    probe().map_err(|e| {
        Failure::new(format!("the data directory {} cannot be written to", data_dir.display()))
            .why(e)
            .help("abstractgateway doctor, or take another folder: --data-dir DIR")
            .exit(Exit::NotStarted)
    })
}

/// Takes over what the Python gateway kept in files, after saying so.
async fn import(context: &Context, settings: &Settings) -> Result<(), Failure> {
    for found in service::import::found(settings)?.into_iter().filter(Found::is_due) {
        if !settings.runtime.import {
            context.ui.warn(&format!(
                "{} holds {} runs in files of the Python gateway; they are not imported, and a later start will not \
                 import them beside a database",
                found.data_dir.display(),
                found.runs
            ));
            continue;
        }
        context.ui.note(&migrate::importing(&found));
        let imported = migrate::take(context, found).await.map_err(|failure| failure.exit(Exit::NotStarted))?;
        context.ui.note(&imported);
    }
    Ok(())
}

async fn open(settings: Settings) -> Result<Arc<Services>, Failure> {
    let runner = settings.runtime.runner;
    let opened = Box::pin(Services::open(settings, Open { runner })).await;
    opened.map_err(|error| Failure::from(error).exit(Exit::NotStarted))
}

/// Leaves word of where the server is, for commands on this machine and for the person at the terminal.
fn announce(
    context: &Context,
    settings: &Settings,
    args: &Args,
    listener: &Listener,
) -> Result<Option<RuntimeFile>, Failure> {
    let Some(address) = listener.address() else {
        context.ui.note(&format!("Serving {} on {}", settings.data_dir.display(), args.listen_text()));
        return Ok(None);
    };
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(ip) if ip.is_unspecified() => "[::1]".to_owned(),
        IpAddr::V6(ip) => format!("[{ip}]"),
        IpAddr::V4(ip) => ip.to_string(),
    };
    let file = RuntimeFile {
        pid: std::process::id().cast_signed(),
        url: format!("http://{host}:{}", address.port()),
        started_at: service::clock::now(),
    };
    file.write(&settings.data_dir)
        .map_err(|e| Failure::new("the data directory cannot be written to").why(e).exit(Exit::NotStarted))?;
    context.ui.note(&format!("Serving {} on {}", settings.data_dir.display(), file.url));
    Ok(Some(file))
}

impl Args {
    fn listen_text(&self) -> String {
        self.unix.as_ref().map_or_else(|| format!("{}:{}", self.host, self.port), |file| file.display().to_string())
    }
}

/// Resolves at the first SIGINT or SIGTERM.
pub(crate) fn signals() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let caught =
        |kind| signal(kind).map_err(|e| Failure::new("signals cannot be caught").why(e).exit(Exit::NotStarted));
    let (mut interrupt, mut terminate) = (caught(SignalKind::interrupt())?, caught(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

fn not_started(error: ServeError, args: &Args) -> Failure {
    let failure = Failure::new(error.to_string()).exit(Exit::NotStarted);
    match (error, &args.unix) {
        (ServeError::InUse { .. }, None) => failure.help("take another one: abstractgateway serve --port 0"),
        (ServeError::InUse { .. }, Some(_)) => failure.help("take another one: abstractgateway serve --unix FILE"),
        (ServeError::Listen { .. }, None) => {
            failure.help("name an address of this machine: abstractgateway serve --host 127.0.0.1")
        }
        (ServeError::Listen { .. }, Some(_)) => failure.help("name a file in a folder that is there and yours"),
        (ServeError::Uploads { .. } | ServeError::Routes(_), _) => failure,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(line: &str) -> Args {
        Line::parse_from(format!("serve {line}").split_whitespace()).args
    }

    #[test]
    fn a_data_directory_that_cannot_be_written_to_stops_the_start() {
        let dir = tempfile::tempdir().unwrap();
        let new = dir.path().join("a/b");
        assert_eq!(writable(&new), Ok(()));
        assert_eq!(std::fs::read_dir(&new).unwrap().count(), 0, "the probe is gone");
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        for place in [&file, &file.join("below"), Path::new("/proc/nothing")] {
            let failure = writable(place).unwrap_err();
            assert_eq!(failure.what, format!("the data directory {} cannot be written to", place.display()));
            assert_eq!((failure.exit, failure.help.is_some()), (Exit::NotStarted, true));
        }
    }

    #[tokio::test]
    async fn a_place_that_cannot_be_listened_on_names_what_helps() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        for (line, help) in [
            (format!("--host 127.0.0.1 --port {port}"), "take another one: abstractgateway serve --port 0"),
            ("--host 192.0.2.1".to_owned(), "name an address of this machine: abstractgateway serve --host 127.0.0.1"),
            ("--unix /nonexistent/socket".to_owned(), "name a file in a folder that is there and yours"),
        ] {
            let args = args(&line);
            let error = server::bind(&args.listen()).await.err().unwrap();
            let failure = not_started(error, &args);
            assert_eq!((failure.help.as_deref(), failure.exit), (Some(help), Exit::NotStarted), "{line}");
        }
    }
}
