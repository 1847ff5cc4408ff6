//! Files replaced as a whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::super::Failure;

/// Writes `bytes` to `path`: another process sees the old file or the new one. The permissions of a file that is there
/// stay, and a link stays a link.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = target.with_file_name(name);
    let written = write(&temporary, &target, bytes);
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(|error| failed("write", path, &error))
}

fn write(temporary: &Path, target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(temporary)?;
    file.write_all(bytes)?;
    match fs::metadata(target) {
        Ok(present) => file.set_permissions(present.permissions())?,
        Err(_) => readable(&file)?,
    }
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, target)
}

/// What others can't read would govern nobody but the administrator, whatever the umask.
#[cfg(unix)]
fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &File) -> io::Result<()> {
    Ok(())
}

/// One sentence for what the file system refused.
pub fn failed(action: &str, path: &Path, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; run it as the owner of that folder, or choose another one with --user or --target"
        }
        _ => "",
    };
    Failure::Unusable(format!("can't {action} {}: {error}{advice}", path.display()))
}
