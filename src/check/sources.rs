//! Sources of a tree and of what it imports: read, decoded, parsed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use crate::observed::decode::{self, Decoded, MAX_SOURCE};
use crate::observed::extract::{About, Unparsable, extract};
use crate::observed::model::Module;
use crate::observed::platform::Platform;
use crate::text::line_column;

use super::survey::Reason;

/// Reads a source into `bytes`, which are cleared first.
pub(super) fn read(path: &Path, bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.clear();
    let mut file = File::open(path)?;
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    bytes.reserve(usize::try_from(data.len()).unwrap_or_default().min(MAX_SOURCE) + 1);
    // One more than is accepted: enough to see that it is too large.
    file.by_ref().take(MAX_SOURCE as u64 + 1).read_to_end(bytes)?;
    if bytes.len() > MAX_SOURCE {
        return Err(io::Error::other(format!("it is over {} MiB", MAX_SOURCE >> 20)));
    }
    Ok(())
}

/// The text of a source; or why there is none, as a clause, with the line at fault.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Broken> {
    match decode::decode(bytes) {
        Ok(Decoded::Text(text)) => Ok(text),
        Ok(Decoded::NeedsCodec { encoding }) => Err(Broken {
            kind: Reason::Unreadable,
            reason: format!("its source is in the encoding `{encoding}`, which only Python can decode"),
            line: None,
        }),
        Err(error) => {
            let line = |offset: usize| bytes[..offset.min(bytes.len())].split(|byte| *byte == b'\n').count();
            let reason = does_not_parse(&error.message);
            Err(Broken { kind: Reason::Unparsable, reason, line: error.offset.map(line) })
        }
    }
}

/// Why a source is of no use.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    /// Whether Python could run it, though nobody here can read it.
    pub kind: Reason,
    /// In words, as a clause.
    pub reason: String,
    /// The line, from 1.
    pub line: Option<usize>,
}

impl Broken {
    /// A syntax error in `text`.
    pub fn syntax(text: &str, error: &Unparsable) -> Self {
        let line = error.offset.map(|offset| line_column(text, offset).line);
        Self { kind: Reason::Unparsable, reason: does_not_parse(&error.message), line }
    }
}

fn does_not_parse(message: &str) -> String {
    format!("its source does not parse: {message}")
}

type Parsed = Option<Arc<Module>>;

/// What modules declare that somebody imports from, each parsed once.
#[derive(Default)]
pub(super) struct Sources {
    parsed: Mutex<HashMap<PathBuf, Arc<OnceLock<Parsed>>>>,
}

impl Sources {
    /// What the source at `path` declares, as `module`; none if it can't be told.
    pub fn of(&self, path: &Path, module: &str, is_package: bool, platform: &Platform) -> Parsed {
        let cell = Arc::clone(self.parsed.lock().entry(path.to_owned()).or_default());
        let parse = || {
            let mut bytes = Vec::new();
            read(path, &mut bytes).ok()?;
            let text = decode(&bytes).ok()?;
            let package = if is_package { module } else { module.rsplit_once('.').map_or("", |(package, _)| package) };
            let about = About { platform, module: Some(module), package: Some(package) };
            extract(&text, &about).ok().map(Arc::new)
        };
        cell.get_or_init(parse).clone()
    }
}
