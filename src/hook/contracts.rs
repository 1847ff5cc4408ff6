//! Contracts as read: once for each state of their file.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use importspy_hook::contract::loader::{self, Loaded};
use importspy_hook::contract::problem::Problem;

use super::files::{self, Stamp};
use super::once::intern;
use super::python;

/// One more than the largest contract, in bytes: enough to see that it is too large.
const READ_AT_MOST: u64 = 1024 * 1024 + 1;

/// Where a contract is.
#[derive(Debug)]
pub enum Place {
    /// On the file system.
    Disk {
        /// Its path.
        path: String,
    },
    /// Behind a loader (a zip).
    Loader {
        /// Its path, as the loader understands it.
        path: String,
        /// The loader.
        loader: Py<PyAny>,
    },
}

impl Place {
    /// Its path.
    pub fn path(&self) -> &str {
        match self {
            Self::Disk { path } | Self::Loader { path, .. } => path,
        }
    }
}

/// What reading a contract gave.
#[derive(Clone)]
pub enum Reading {
    /// It can be used.
    Fit(Arc<Loaded>),
    /// It can't; with its text, if it has any.
    Unfit(Arc<Problem>, Option<Arc<str>>),
    /// It is no longer there.
    Gone,
}

struct Kept {
    /// None if it was too young when it was read: the file may have changed since without a new stamp.
    stamp: Option<Stamp>,
    bytes: Vec<u8>,
    reading: Reading,
}

/// Parsed contracts by path. Every contract in use stays: there are as many as files.
#[derive(Default)]
pub struct Contracts {
    kept: Mutex<HashMap<String, Kept>>,
}

impl Contracts {
    /// Forgets everything.
    pub fn clear(&self) {
        self.kept.lock().clear();
    }

    /// The contract at `place`, as it is now, and the stamp of its file, if an equal one proves that it
    /// is what it was.
    pub fn read(&self, py: Python<'_>, place: &Place) -> (Reading, Option<Stamp>) {
        let path = place.path();
        let (size, stamp) = match place {
            Place::Disk { .. } => {
                let Some(stamp) = Stamp::of(path) else { return (unreadable_or_gone(path), None) };
                if !stamp.is_file {
                    return (unfit("it is not a regular file"), None);
                }
                if let Some(kept) = self.kept.lock().get(path).filter(|kept| kept.stamp == Some(stamp)) {
                    return (kept.reading.clone(), Some(stamp));
                }
                (stamp.size, Some(stamp).filter(Stamp::settled))
            }
            Place::Loader { .. } => (0, None),
        };
        let bytes = match bytes(py, place, size) {
            Ok(bytes) => bytes,
            Err(reason) => return (unfit(&reason), None),
        };
        if let Some(kept) = self.kept.lock().get_mut(path).filter(|kept| kept.bytes == bytes) {
            kept.stamp = stamp;
            return (kept.reading.clone(), stamp);
        }
        let started = std::time::Instant::now();
        let reading = match loader::load(&bytes) {
            Ok(loaded) => Reading::Fit(Arc::new(loaded)),
            Err(problem) => {
                let text = std::str::from_utf8(&bytes).ok().map(|text| text.trim_start_matches('\u{feff}').into());
                Reading::Unfit(Arc::new(problem), text)
            }
        };
        tracing::debug!(
            target: "importspy_hook::parsing",
            contract = path, bytes = bytes.len(), fit = matches!(reading, Reading::Fit(_)),
            microseconds = files::microseconds(started),
            "contract parsed"
        );
        self.kept.lock().insert(path.to_owned(), Kept { stamp, bytes, reading: reading.clone() });
        (reading, stamp)
    }
}

fn unfit(reason: &str) -> Reading {
    Reading::Unfit(Arc::new(Problem::unreadable(reason)), None)
}

/// What is wrong with a contract that somebody has named and that is not there.
pub fn missing() -> Problem {
    Problem {
        message: "there is no such contract".to_owned(),
        span: None,
        path: None,
        help: Some(
            "a relative path is taken from the folder of the module that names it, else from the working folder"
                .to_owned(),
        ),
    }
}

fn unreadable_or_gone(path: &str) -> Reading {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Reading::Gone,
        Err(error) => unfit(&error.to_string()),
        Ok(_) => unfit("it is a link to nothing"),
    }
}

/// The bytes of a contract of about `size` bytes.
fn bytes(py: Python<'_>, place: &Place, size: u64) -> Result<Vec<u8>, String> {
    match place {
        Place::Disk { path } => {
            // One more, for the read that finds the end.
            let room = size.saturating_add(1).min(READ_AT_MOST);
            let mut bytes = Vec::with_capacity(usize::try_from(room).unwrap_or(0));
            File::open(path)
                .and_then(|file| file.take(READ_AT_MOST).read_to_end(&mut bytes))
                .map_err(|error| error.to_string())?;
            Ok(bytes)
        }
        Place::Loader { path, loader } => {
            let loader = loader.bind(py);
            let get = python::attribute(loader, intern!(py, "get_data")).ok_or("its loader has no get_data")?;
            let data = get.call1((path.as_str(),)).map_err(|error| error.to_string())?;
            let data = data.cast_into::<PyBytes>().map_err(|_| "its loader gives no bytes".to_owned())?;
            Ok(data.as_bytes().to_vec())
        }
    }
}
