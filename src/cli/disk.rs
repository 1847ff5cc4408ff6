//! Files replaced as a whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::Failure;

/// Who may read a file that is new. One that is there keeps its permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Whoever the umask lets.
    Usual,
    /// Everybody, whatever the umask.
    Everybody,
}

/// What stands in the file at `path`. A pipe or a device would keep the command waiting, or never end.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let data = fs::metadata(path)?;
    if data.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !data.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    fs::read(path)
}

/// Writes `bytes` to `path`: another process sees the old file or the new one. A link stays a link, and what is no file
/// (a pipe, a terminal, `/dev/null`) is written to as it is.
pub fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|present| !present.is_file() && !present.is_dir()) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = target.with_file_name(name);
    let written = write(&temporary, &target, bytes, readers);
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write(temporary: &Path, target: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    if target.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(temporary)?;
    file.write_all(bytes)?;
    match fs::metadata(target) {
        Ok(present) => file.set_permissions(present.permissions())?,
        Err(_) if readers == Readers::Everybody => readable(&file)?,
        Err(_) => {}
    }
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, target)
}

#[cfg(unix)]
fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &File) -> io::Result<()> {
    Ok(())
}

/// Whether both lead to one file that is there, by whatever names and links.
pub fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other || is_linked(&one, &other),
        _ => false,
    }
}

#[cfg(unix)]
fn is_linked(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |path: &Path| fs::metadata(path).ok().map(|data| (data.dev(), data.ino()));
    identity(one).is_some_and(|one| identity(other) == Some(one))
}

#[cfg(not(unix))]
fn is_linked(_: &Path, _: &Path) -> bool {
    false
}

/// One sentence for what the file system refused.
pub fn failed(action: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::Unusable(format!("can't {action} {}: {error}", path.display()))
}
