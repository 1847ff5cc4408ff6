//! The first line of each file of ours: it says whose the file is, and whether somebody changed it.

use crate::text::digest;

use super::super::Mode;

/// How our marks begin; both in whole files and in blocks.
pub const SIGN: &str = "importspy_hook activation ";

/// Whose a file or a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Ours, as written; with the mode, if it is a caller that names one.
    Intact(Option<Mode>),
    /// Ours, but changed by somebody.
    Edited,
    /// Not ours.
    Foreign,
}

/// A file of ours with the content `body`.
pub fn file(body: &str) -> Vec<u8> {
    format!("# {SIGN}{:016x}; `importspy-hook disable` removes this file\n{body}", digest(body)).into_bytes()
}

/// Whose a file is.
pub fn of_file(bytes: &[u8]) -> Mark {
    let Ok(text) = std::str::from_utf8(bytes) else { return Mark::Foreign };
    let Some((first, body)) = text.split_once('\n') else { return Mark::Foreign };
    match first.strip_prefix("# ").and_then(|rest| rest.strip_prefix(SIGN)) {
        Some(rest) => judged(rest, body),
        None => Mark::Foreign,
    }
}

/// Whether `body` is what `written`, which begins with its digest, was written for.
pub fn judged(written: &str, body: &str) -> Mark {
    if written.get(..16) == Some(format!("{:016x}", digest(body)).as_str()) {
        Mark::Intact(mode(body))
    } else {
        Mark::Edited
    }
}

fn mode(body: &str) -> Option<Mode> {
    let call = body.trim_end().replace("(__file__)", "()");
    [Mode::Enforce, Mode::Report]
        .into_iter()
        .find(|mode| call.ends_with(&format!(".{}()", mode.as_str())) || call.ends_with(&format!(":{}", mode.as_str())))
}
