//! Whole reports, as they are read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod hostile;
mod json;
pub(crate) mod sample;
mod text;
mod volume;
