//! Files: how they are told apart over time.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use pyo3::Python;

use importspy_hook::bounded::Bounded;

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
    /// When anything about the file changed last, in seconds and nanoseconds: unlike the time of the
    /// last modification, it can't be set back. Zero where there is none.
    changed: (i64, i64),
    /// Whether it is a regular file: reading anything else may never end.
    pub is_file: bool,
}

impl Stamp {
    /// The present state of `path`; none if there is nothing.
    pub fn of(path: &str) -> Option<Self> {
        std::fs::metadata(path).ok().map(|metadata| Self::from(&metadata))
    }

    /// Whether anything about the file has changed since `time`.
    pub fn is_after(&self, time: SystemTime) -> bool {
        let (seconds, nanoseconds) = self.changed;
        let changed = u64::try_from(seconds).ok().zip(u32::try_from(nanoseconds).ok());
        let changed =
            changed.map(|(seconds, nanoseconds)| SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds));
        changed.is_some_and(|changed| changed > time) || self.modified.is_some_and(|modified| modified > time)
    }

    /// Whether the file is old enough that an equal stamp means equal content.
    pub fn settled(&self) -> bool {
        self.settled_at(SystemTime::now())
    }

    /// Whether it was old enough for that at `time`: then nothing has changed from `time` until the stamp was taken.
    pub fn settled_at(&self, time: SystemTime) -> bool {
        let changed = Duration::from_secs(u64::try_from(self.changed.0).unwrap_or(0));
        let old = |change: SystemTime| time.duration_since(change).is_ok_and(|age| age > GRAIN);
        self.modified.is_some_and(old) && old(SystemTime::UNIX_EPOCH + changed)
    }
}

impl From<&Metadata> for Stamp {
    fn from(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let (identity, changed) = {
            use std::os::unix::fs::MetadataExt;
            ((metadata.dev(), metadata.ino()), (metadata.ctime(), metadata.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let (identity, changed) = ((0, 0), (0, 0));
        Self {
            identity,
            size: metadata.len(),
            modified: metadata.modified().ok(),
            changed,
            is_file: metadata.is_file(),
        }
    }
}

/// What Python's finders ask of a path.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Whether it is a regular file.
    pub is_file: bool,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// When it was changed last, as `os.stat` tells it.
    pub modified: f64,
}

/// Whether what changed last at `modified`, in seconds since 1970, was not changed lately: then what was read of it since
/// shows its last change.
pub fn is_settled(modified: f64) -> bool {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    modified > 0.0 && now.is_ok_and(|now| now.as_secs_f64() - modified > GRAIN.as_secs_f64())
}

/// What is at `path`, links followed; none if there is nothing to be seen. Other threads go on meanwhile.
pub fn kind(py: Python<'_>, path: &str) -> Option<Kind> {
    let metadata = py.detach(|| std::fs::metadata(path)).ok()?;
    Some(Kind { is_file: metadata.is_file(), is_folder: metadata.is_dir(), modified: modified(&metadata) })
}

#[cfg(unix)]
#[allow(clippy::cast_precision_loss, reason = "as Python computes it")]
fn modified(metadata: &Metadata) -> f64 {
    use std::os::unix::fs::MetadataExt;
    metadata.mtime() as f64 + 1e-9 * metadata.mtime_nsec() as f64
}

#[cfg(not(unix))]
fn modified(_metadata: &Metadata) -> f64 {
    f64::NAN
}

/// Microseconds since `started`.
pub fn microseconds(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e6
}

/// Whether something, readable or not, bears the name `path`. Only a plain "no such file" is a no:
/// a contract that can't be looked at must not count as none.
pub fn exists(path: impl AsRef<Path>) -> bool {
    use ErrorKind::{NotADirectory, NotFound};
    match std::fs::symlink_metadata(path) {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), NotFound | NotADirectory),
    }
}

/// Whether nothing in `folder` can be reached: its permissions, or a path that no file can have, forbid it.
pub fn is_closed(folder: &str) -> bool {
    let inside = std::fs::symlink_metadata(format!("{folder}/."));
    inside.is_err_and(|error| matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::InvalidInput))
}

/// Whether two paths lead to the same file.
pub fn same(one: &str, other: &str) -> bool {
    let real = |path: &str| std::fs::canonicalize(path).ok();
    one == other || real(one).is_some_and(|one| Some(one) == real(other))
}

/// Paths after links are resolved, remembered: asking costs a call for each folder on the way.
pub struct RealPaths {
    known: Bounded<String, String>,
}

/// Paths that are remembered.
const REMEMBERED: usize = 4096;
/// Paths of more parts are left to the system.
const PARTS: usize = 64;

impl Default for RealPaths {
    fn default() -> Self {
        Self { known: Bounded::new(REMEMBERED) }
    }
}

impl RealPaths {
    /// `path` with its links resolved; itself if there is no such file.
    pub fn of(&self, path: &str) -> String {
        if let Some(real) = self.known.get(path) {
            return real;
        }
        let real = self.below_known(path).or_else(|| canonical(path)).unwrap_or_else(|| path.to_owned());
        self.remember(path, &real);
        real
    }

    /// The same by way of the folders that are known already: most paths share them.
    fn below_known(&self, path: &str) -> Option<String> {
        if cfg!(not(unix)) || !path.starts_with('/') {
            return None;
        }
        let mut ends: Vec<usize> = path.match_indices('/').skip(1).map(|(at, _)| at).take(PARTS).collect();
        ends.push(path.len());
        let (mut real, mut from) = (String::new(), 0);
        if let Some((end, folder)) = ends.iter().rev().find_map(|end| Some((*end, self.known.get(&path[..*end])?))) {
            (real, from) = (folder, end);
        }
        for end in ends {
            if end <= from {
                continue;
            }
            let part = &path[from..end];
            if matches!(part, "/" | "/." | "/..") || part[1..].contains('/') {
                return None;
            }
            if real == "/" {
                real.clear();
            }
            real.push_str(part);
            match std::fs::read_link(&real) {
                Ok(_) => real = canonical(&real)?,
                // There is something, and it is no link.
                Err(error) if error.kind() == ErrorKind::InvalidInput => {}
                Err(_) => return None,
            }
            from = end;
            self.remember(&path[..end], &real);
        }
        Some(real)
    }

    fn remember(&self, path: &str, real: &str) {
        self.known.put(path.to_owned(), real.to_owned());
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.known.clear();
    }
}

fn canonical(path: &str) -> Option<String> {
    std::fs::canonicalize(path).ok().map(|real| real.to_string_lossy().into_owned())
}
