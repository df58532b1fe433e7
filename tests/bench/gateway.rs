//! The process that is measured: started on an empty data directory, asked for its health, looked at, ended.
//!
//! May not know: what it is asked. Invariant: no process and no file outlives its `Gateway`.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hyper::Method;
use tempfile::TempDir;

use crate::Options;
use crate::client::{Client, Place};

/// How often a starting gateway is asked for its health.
const ASK_EVERY: Duration = Duration::from_millis(1);

/// A running gateway.
pub(crate) struct Gateway {
    /// Where it is.
    pub(crate) place: Place,
    /// How long it took from its start to its first healthy answer.
    pub(crate) start_ms: f64,
    process: Child,
    folder: TempDir,
    program: PathBuf,
}

/// Starts and ends a gateway three times; the median.
pub(crate) async fn start_ms(program: &Path, options: &Options) -> Result<f64> {
    let mut taken = Vec::new();
    for _ in 0..3 {
        taken.push(Gateway::start(program, options).await?.start_ms);
    }
    taken.sort_by(f64::total_cmp);
    Ok(taken[1])
}

impl Gateway {
    /// Starts it and waits until it is healthy.
    pub(crate) async fn start(program: &Path, options: &Options) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let place = Place { address: free_address()?, token: "a-token-for-measuring-only".to_owned() };
        let log = folder.path().join("log");
        let began = Instant::now();
        let process = command(program, folder.path(), &place, options, &log)?
            .spawn()
            .with_context(|| format!("{} cannot be run; build it with: cargo build --release", program.display()))?;
        let mut gateway = Self { place, start_ms: 0.0, process, folder, program: program.to_owned() };
        gateway.healthy(began, Duration::from_secs_f64(options.patience), &log).await?;
        gateway.start_ms = began.elapsed().as_secs_f64() * 1e3;
        Ok(gateway)
    }

    /// Kills it and starts it again on what it has stored.
    pub(crate) async fn start_again(&mut self, options: &Options) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        let log = self.folder.path().join("log");
        let program = self.program.clone();
        let began = Instant::now();
        self.process = command(&program, self.folder.path(), &self.place, options, &log)?.spawn()?;
        self.healthy(began, Duration::from_secs_f64(options.patience), &log).await?;
        self.start_ms = began.elapsed().as_secs_f64() * 1e3;
        Ok(())
    }

    async fn healthy(&mut self, began: Instant, patience: Duration, log: &Path) -> Result<()> {
        loop {
            if let Ok(mut client) = Client::connect(&self.place).await
                && client.fetch(Method::GET, "/api/health", bytes::Bytes::new()).await.is_ok()
            {
                return Ok(());
            }
            let ended = self.process.try_wait()?;
            if ended.is_some() || began.elapsed() > patience {
                bail!("it did not become healthy: {}", std::fs::read_to_string(log).unwrap_or_default());
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// The memory that is really used, in MiB.
    pub(crate) fn rss_mib(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib / 1024.0)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It has nothing to keep, and may not end by itself while streams are open.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(program: &Path, folder: &Path, place: &Place, options: &Options, log: &PathBuf) -> Result<Command> {
    let flows = folder.join("flows");
    std::fs::create_dir_all(&flows)?;
    let mut command = Command::new(program);
    command
        .args(["serve", "--host", "127.0.0.1", "--port", &place.address.port().to_string()])
        .current_dir(folder)
        .env("ABSTRACTGATEWAY_AUTH_TOKEN", &place.token)
        .env("ABSTRACTGATEWAY_USER_AUTH", "0")
        .env("ABSTRACTGATEWAY_DATA_DIR", folder.join("data"))
        .env("ABSTRACTGATEWAY_FLOWS_DIR", flows)
        .env("ABSTRACTGATEWAY_MAX_SSE", (options.subscribers + 8).to_string())
        .env("ABSTRACTCORE_CONFIG_DIR", folder.join("config"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(log)?);
    Ok(command)
}

/// An address nobody listens on now.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
