//! The file behind the log: appended by a thread of its own, rotated by size (contract 01, 1.11).
//!
//! The one invariant: a caller never waits for the disk, and entries stand in the order they were recorded.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use model::api::audit::AuditTail;
use model::{Error, Timestamp};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::Entry;
use super::line::line;
use crate::clock;
use crate::settings::Settings;

const MOST_WAITING: usize = 4096;

enum Order {
    Append(Box<Entry>),
    Flush(oneshot::Sender<()>),
}

/// The audit log. Dropping it writes what is still waiting.
pub struct Log {
    path: PathBuf,
    orders: Option<SyncSender<Order>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Log {
    /// Opens the log of a data directory. Switched off, it takes entries and forgets them.
    ///
    /// # Errors
    /// When its thread cannot be started.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        let path = settings.audit_file();
        if !settings.audit_enabled() {
            return Ok(Self { path, orders: None, writer: Mutex::default() });
        }
        let appender = Appender {
            path: path.clone(),
            max_bytes: settings.audit.max_bytes,
            rotations: settings.audit.rotations,
            headers: settings.audit.headers.clone(),
            file: None,
            failed: false,
        };
        let (orders, waiting) = sync_channel(MOST_WAITING);
        let thread = std::thread::Builder::new().name("audit".into()).spawn(move || appender.run(&waiting));
        let thread = thread.map_err(|e| Error::internal(format!("the audit thread cannot be started: {e}")))?;
        Ok(Self { path, orders: Some(orders), writer: Mutex::new(Some(thread)) })
    }

    /// Appends an entry, without waiting for the disk. When the disk has not kept up with thousands of entries, the
    /// entry goes to the process log instead.
    pub fn record(&self, entry: Entry) {
        let Some(orders) = &self.orders else { return };
        if let Err(TrySendError::Full(Order::Append(lost)) | TrySendError::Disconnected(Order::Append(lost))) =
            orders.try_send(Order::Append(Box::new(entry)))
        {
            tracing::error!(
                request_id = lost.request_id, method = lost.method, path = lost.path, status = lost.status,
                user_id = ?lost.principal_user_id, "an audit entry could not be written"
            );
        }
    }

    /// Waits until everything recorded so far is in the file.
    pub async fn flush(&self) {
        let Some(orders) = &self.orders else { return };
        let (done, written) = oneshot::channel();
        if orders.try_send(Order::Flush(done)).is_ok() {
            let _ = written.await;
        }
    }

    /// The last bytes of the file.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn tail(&self, max_bytes: u64) -> std::io::Result<AuditTail> {
        tail(&self.path, max_bytes)
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.writer.lock().take() {
            let _ = thread.join();
        }
    }
}

fn tail(path: &Path, max_bytes: u64) -> std::io::Result<AuditTail> {
    let nothing = AuditTail { ok: true, bytes: 0, truncated: false, content: String::new() };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(nothing),
        Err(error) => return Err(error),
    };
    let size = file.metadata()?.len();
    let start = size.saturating_sub(max_bytes);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(max_bytes).read_to_end(&mut bytes)?;
    let content = String::from_utf8_lossy(&bytes).into_owned();
    Ok(AuditTail { bytes: bytes.len() as u64, truncated: start > 0, content, ..nothing })
}

struct Appender {
    path: PathBuf,
    max_bytes: u64,
    rotations: usize,
    headers: Vec<String>,
    file: Option<File>,
    failed: bool,
}

impl Appender {
    fn run(mut self, waiting: &Receiver<Order>) {
        while let Ok(order) = waiting.recv() {
            match order {
                Order::Append(entry) => self.append(&entry),
                Order::Flush(done) => {
                    let _ = done.send(());
                }
            }
        }
        if let Some(file) = &self.file {
            let _ = file.sync_all();
        }
    }

    /// Appends; a failure is logged once, until it works again.
    fn append(&mut self, entry: &Entry) {
        match self.try_append(entry) {
            Ok(()) => self.failed = false,
            Err(error) => {
                self.file = None;
                if !std::mem::replace(&mut self.failed, true) {
                    tracing::error!(path = %self.path.display(), error = %error, "the audit log cannot be written");
                }
            }
        }
    }

    fn try_append(&mut self, entry: &Entry) -> std::io::Result<()> {
        self.rotate_if_full()?;
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(open_to_append(&self.path)?),
        };
        file.write_all(line(entry, &self.headers).as_bytes())
    }

    fn rotate_if_full(&mut self) -> std::io::Result<()> {
        // Looked up by path each time: somebody else may have rotated or removed the file.
        let size = match fs::metadata(&self.path) {
            Ok(meta) => meta.len(),
            Err(_) => {
                self.file = None;
                return Ok(());
            }
        };
        if self.max_bytes == 0 || size < self.max_bytes {
            return Ok(());
        }
        self.file = None;
        fs::rename(&self.path, self.path.with_file_name(rotated_name(clock::now())))?;
        self.remove_old()
    }

    fn remove_old(&self) -> std::io::Result<()> {
        if self.rotations == 0 {
            return Ok(());
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut old: Vec<PathBuf> = fs::read_dir(folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| is_rotated(path))
            .collect();
        old.sort();
        let beyond = old.len().saturating_sub(self.rotations);
        for path in &old[..beyond] {
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

fn open_to_append(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::options().create(true).append(true).mode(0o600).open(path)
}

/// `audit_log.20261122T072858.477972+0000.jsonl`
pub(super) fn rotated_name(now: Timestamp) -> String {
    format!("audit_log.{}.jsonl", now.to_string().replace([':', '-'], ""))
}

fn is_rotated(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.strip_prefix("audit_log.").is_some_and(|rest| rest.len() > "jsonl".len() && rest.ends_with(".jsonl"))
}
