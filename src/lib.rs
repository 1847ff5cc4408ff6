//! `importspy_hook`: contracts for Python imports.
//!
//! The pure core knows nothing of Python's C API and does no I/O. `hook` is the only glue.

pub mod bounded;
pub mod check;
pub mod cli;
pub mod compare;
pub mod contract;
pub mod observed;
pub mod report;
pub mod text;
pub mod value;

#[cfg(feature = "python")]
mod hook;
