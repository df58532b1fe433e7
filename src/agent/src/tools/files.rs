//! What file tools share: opening a file that was permitted, writing one in a single move, numbers with commas.
//!
//! The invariant: a path is asked for again (`Workspace::recheck`) right before the file is opened, and the last step
//! never follows a link.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::ToolEnv;
use super::ignored::IgnoreRules;
use crate::workspace::real_path;

/// The largest file tools hold in memory.
pub(crate) const FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// The place a permitted path leads to now.
pub(crate) fn place(env: &ToolEnv, path: &str) -> Result<PathBuf, String> {
    let path = std::path::absolute(path).map_err(|e| format!("Path '{path}' cannot be used: {e}"))?;
    match &env.workspace {
        Some(workspace) => workspace.recheck(&path),
        None => Ok(real_path(&path)),
    }
}

/// Whether the ignore rules keep tools away from the path.
pub(crate) fn is_ignored(path: &Path) -> bool {
    IgnoreRules::near(path).covers(path, path.is_dir())
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC;
    options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    options
}

/// Opens a regular file for reading; a link, a pipe or a device is refused.
pub(crate) fn open(path: &Path) -> Result<File, String> {
    let file = options().read(true).open(path).map_err(|e| describe(&e))?;
    let regular = file.metadata().is_ok_and(|m| m.is_file());
    if regular { Ok(file) } else { Err("it is not a regular file".into()) }
}

/// A whole text file.
pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|e| describe(&e))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(format!("it is larger than {} MiB", FILE_BYTES_MAX / 1024 / 1024));
    }
    if bytes.contains(&0) {
        return Err("it is a binary file".into());
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".into())
}

/// Replaces or makes a file in one move: readers see the old content or the new one. The mode of an existing file
/// is kept.
pub(crate) fn write_whole(env: &ToolEnv, path: &Path, parts: &[&[u8]]) -> Result<(), String> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err("it is not a file path".into());
    };
    let old = std::fs::symlink_metadata(path).ok();
    if old.as_ref().is_some_and(|m| !m.is_file()) {
        return Err("it is not a regular file".into());
    }
    let draft = parent.join(format!(
        ".{}.{}.tmp",
        name.to_string_lossy().chars().take(60).collect::<String>(),
        uuid::Uuid::new_v4().simple()
    ));
    let written = (|| {
        let mut file = options().write(true).create_new(true).open(&draft)?;
        for part in parts {
            file.write_all(part)?;
        }
        if let Some(old) = &old {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()
    })()
    .map_err(|e| describe(&e));
    let moved =
        written.and_then(|()| env.check()).and_then(|()| std::fs::rename(&draft, path).map_err(|e| describe(&e)));
    if moved.is_err() {
        // The draft is ours alone; if it cannot be removed either, the first error says more.
        let _ = std::fs::remove_file(&draft);
    }
    moved
}

/// An I/O error as a person would say it.
pub(crate) fn describe(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        std::io::ErrorKind::IsADirectory => "it is a directory".into(),
        _ => error.to_string(),
    }
}

/// `1,234`
pub(crate) fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Lines `first..` of a text, each with its right-aligned number.
pub(crate) fn numbered<'a>(lines: impl Iterator<Item = &'a str>, first: usize, width: usize) -> String {
    let lines = lines.enumerate().map(|(i, line)| format!("{:>width$}: {line}", first + i));
    lines.collect::<Vec<_>>().join("\n")
}
