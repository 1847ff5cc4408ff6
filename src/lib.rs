//! `importspy_hook`: contracts for Python imports.
//!
//! This is the pure core: it knows nothing of Python's C API and does no I/O. The extension in `src/hook` is the only glue.

pub mod bounded;
pub mod check;
pub mod cli;
pub mod compare;
pub mod contract;
pub mod observed;
pub mod report;
pub mod text;
pub mod value;
