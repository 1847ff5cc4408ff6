//! The *expected* side: the contract, how it is read and which module it guards.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod file_pattern;
pub mod glob;
pub mod model;
pub mod names;
pub mod path;
pub mod pattern;
pub mod position;
pub mod problem;
pub mod suggest;
pub mod version;
