//! Whole files, replaced whole: a reader sees the old content or the new one, and what was acknowledged is on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::fail::{self, Point};

/// Replaces a file: temporary file beside it, written, synced, renamed, folder synced. `mode` is the file's permission
/// bits on Unix.
///
/// # Errors
/// The disk's; then the old content is untouched.
pub fn write_file(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("file");
    let temporary = tempfile::Builder::new().prefix(&format!(".{name}.")).suffix(".tmp").tempfile_in(folder)?;
    restrict(temporary.path(), mode)?;
    let mut file = temporary.as_file();
    file.write_all(content)?;
    file.sync_all()?;
    fail::pass(Point::FileWritten);
    temporary.persist(path).map_err(|e| e.error)?;
    fail::pass(Point::FileRenamed);
    sync_folder(folder)
}

/// As [`write_file`], keeping the previous content as `<name>.bak`.
///
/// # Errors
/// The disk's; then the old content is untouched.
pub fn write_file_with_backup(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    match fs::read(path) {
        Ok(previous) => {
            let mut backup = path.as_os_str().to_owned();
            backup.push(".bak");
            write_file(Path::new(&backup), &previous, mode)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    write_file(path, content, mode)
}

/// Makes renames and creations in a folder durable.
///
/// # Errors
/// The disk's.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Creates a folder and what is above it, durably: a file in a folder that has no durable name is lost with it.
///
/// # Errors
/// The disk's.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    create(folder, &fs::DirBuilder::new())
}

/// The same, for its owner only where it is new.
///
/// # Errors
/// The disk's.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    create(folder, &builder)
}

fn create(folder: &Path, builder: &fs::DirBuilder) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    create(parent, builder)?;
    match builder.create(folder) {
        // Somebody else was faster; whether that is durable is not known.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made?,
    }
    sync_folder(parent)
}

/// Opens a file for appending, creating it for its owner only.
///
/// # Errors
/// The disk's.
pub fn append_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_its_predecessor_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.json");
        write_file_with_backup(&path, b"one", 0o600).unwrap();
        write_file_with_backup(&path, b"two", 0o600).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read(folder.path().join("users.json.bak")).unwrap(), b"one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file stays");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_failed_write_leaves_the_old_content() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_file(&folder.path().join("none/x"), b"x", 0o600).is_err());
    }
}
