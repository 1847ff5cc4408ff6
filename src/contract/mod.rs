//! The *expected* side: the contract, how it is read and which module it guards.

pub mod model;
pub mod path;
pub mod glob;
pub mod pattern;
pub mod version;
pub mod position;
pub mod problem;
