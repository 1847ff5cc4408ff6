//! Files: how they are told apart over time.

use std::fs::Metadata;
use std::time::{Duration, Instant, SystemTime};

/// Coarsest clock of file systems in use (FAT counts two seconds): a file that is younger than this
/// when it is read may change again without a new time stamp.
const GRAIN: Duration = Duration::from_secs(2);

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Device and inode; zero where there are none.
    identity: (u64, u64),
    /// Size in bytes.
    pub size: u64,
    modified: Option<SystemTime>,
    /// Whether it is a regular file: reading anything else may never end.
    pub is_file: bool,
}

impl Stamp {
    /// The present state of `path`; none if there is nothing.
    pub fn of(path: &str) -> Option<Self> {
        std::fs::metadata(path).ok().map(|metadata| Self::from(&metadata))
    }

    /// Whether the file is old enough that an equal stamp means equal content.
    pub fn settled(&self) -> bool {
        self.modified.is_some_and(|time| time.elapsed().is_ok_and(|age| age > GRAIN))
    }
}

impl From<&Metadata> for Stamp {
    fn from(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (metadata.dev(), metadata.ino())
        };
        #[cfg(not(unix))]
        let identity = (0, 0);
        Self { identity, size: metadata.len(), modified: metadata.modified().ok(), is_file: metadata.is_file() }
    }
}

/// Microseconds since `started`.
pub fn microseconds(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e6
}

/// Whether something, readable or not, bears the name `path`. Only a plain "no such file" is a no:
/// a contract that can't be looked at must not count as none.
pub fn exists(path: &str) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    match std::fs::symlink_metadata(path) {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), NotFound | NotADirectory),
    }
}
