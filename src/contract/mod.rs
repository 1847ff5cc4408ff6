//! The *expected* side: the contract, how it is read and which module it guards.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod checks;
pub mod discovery;
mod environments;
mod fields;
mod file_pattern;
pub mod glob;
mod guard;
#[cfg(test)]
mod hostile_tests;
pub mod loader;
pub mod model;
pub mod names;
mod node;
pub mod path;
pub mod pattern;
pub mod position;
pub mod problem;
#[cfg(test)]
mod random;
#[cfg(test)]
mod refusal_tests;
mod rules;
mod scan;
pub mod schema;
mod step;
pub mod suggest;
mod token;
pub mod trust;
mod values;
pub mod version;
pub mod write;
